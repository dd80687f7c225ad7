# expect: 22 blocking-in-coroutine
import asyncio
import smtplib


def send(to):
    with smtplib.SMTP("localhost") as smtp:
        smtp.sendmail("a@example.com", to, "x")


class Jobs:
    def __init__(self):
        self.queue = asyncio.Queue()

    async def put(self, users):
        for user in users:
            await self.queue.put((send, user))

    async def work(self):
        while True:
            function, argument = await self.queue.get()
            function(argument)

    async def work_elsewhere(self):
        while True:
            function, argument = await self.queue.get()
            await asyncio.to_thread(function, argument)
