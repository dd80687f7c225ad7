# expect: none
import time
import requests


async def test_it(server):
    time.sleep(0.5)
    assert requests.get("http://localhost").ok
