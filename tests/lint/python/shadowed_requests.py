# expect: none
class FakeRequests:
    async def get(self, url):
        return {"url": url}


requests = FakeRequests()


async def go(url):
    return await requests.get(url)
