# expect: 7 blocking-in-coroutine
from kafka import KafkaConsumer


async def consume():
    c = KafkaConsumer("t", bootstrap_servers="localhost")
    for m in c:
        await handle(m)


async def handle(m):
    return m
