# expect: none
import requests


def get_json(url):
    return requests.get(url, timeout=3).json()
