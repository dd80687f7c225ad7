# expect: 11 dropped-awaitable
class Repo:
    async def flush(self): ...


class Service:
    def __init__(self, repo: Repo):
        self.repo = repo

    async def close(self):
        self.repo.flush()
