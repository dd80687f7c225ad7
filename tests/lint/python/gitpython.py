# expect: 15 blocking-in-coroutine
# expect: 16 file-io-in-async
# also-ok: 14 file-io-in-async
import asyncio

import git


class Checkout:
    def __init__(self, path):
        self.repo = git.Repo(path)

    async def pull(self):
        branch = self.repo.active_branch.name
        self.repo.remotes.origin.fetch(depth=1)
        changed = self.repo.commit(branch) != self.repo.commit(f"origin/{branch}")
        if changed:
            await asyncio.to_thread(self.repo.git.reset, f"origin/{branch}", hard=True)
