# expect: none
import requests

from .registry import job, logged


@job("report")
def report(day):
    return requests.get(f"https://reports.example.com/{day}", timeout=3).text


@logged
def quick(day):
    return day + 1


@logged
def slow(day):
    return requests.get(f"https://reports.example.com/{day}", timeout=3).text
