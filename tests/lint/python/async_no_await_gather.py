# expect: 6 async-without-await
# also-ok: 11 unbounded-fan-out
import asyncio


async def parse(doc):
    return [w.lower() for w in doc.split()]


async def parse_all(docs):
    return await asyncio.gather(*(parse(d) for d in docs))
