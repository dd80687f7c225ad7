import requests


def fetch_token():
    return requests.get("https://login.example/token").text
