# expect: 6 blocking-in-coroutine
import dns.resolver


async def mx(domain):
    return [str(r.exchange) for r in dns.resolver.resolve(domain, "MX")]
