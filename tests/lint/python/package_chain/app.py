# expect: 10 blocking-in-coroutine
# expect: 15 blocking-in-coroutine
from typing import TYPE_CHECKING

import package_chain
from package_chain import token

if TYPE_CHECKING:
    from .store import Store
async def direct(): return package_chain.token()


async def late(store: "Store"):
    store.peek()
    store.load(token)
    return store
