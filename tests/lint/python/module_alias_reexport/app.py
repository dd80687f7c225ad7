# expect: 6 blocking-in-coroutine
import module_alias_reexport as pkg


async def serve():
    pkg.wait_a_bit()
