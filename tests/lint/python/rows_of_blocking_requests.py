# expect: 13 serial-await
# expect: 22 serial-await
# expect: 26 serial-await
import time
from concurrent.futures import ThreadPoolExecutor

import requests


def pages(urls):
    out = []
    for url in urls:
        out.append(requests.get(url, timeout=5).text)
    return out


def weather(city):
    return requests.get(f"https://weather.example/{city}", timeout=5).json()


def report(cities):
    return {city: weather(city) for city in cities}


def dashboard(user):
    profile = requests.get(f"https://users.example/{user}", timeout=5)
    orders = requests.get(f"https://orders.example/{user}", timeout=5)
    return profile.json(), orders.json()


def dependent(user):
    profile = requests.get(f"https://users.example/{user}", timeout=5)
    return requests.get(profile.json()["team"], timeout=5)


def first(mirrors):
    for mirror in mirrors:
        answer = requests.get(mirror, timeout=5)
        if answer.ok:
            return answer
    return None


def polite(urls):
    for url in urls:
        requests.get(url, timeout=5)
        time.sleep(1)


def page_after_page(url):
    while url:
        answer = requests.get(url, timeout=5).json()
        yield from answer["items"]
        url = answer["next"]


def several(urls):
    return [requests.get(u, timeout=5).status_code for u in urls]


def spread(groups):
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(several, groups))


def orders_of(users):
    for user in users:
        requests.post("https://orders.example", json=user, timeout=5)
