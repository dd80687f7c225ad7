# expect: 8 blocking-in-coroutine, 16 blocking-in-coroutine
from . import jobs
from .registry import JOBS


async def run(name, day):
    function = JOBS[name]
    return function(day)


async def one_of_the_logged(day):
    return jobs.quick(day)


async def the_other(day):
    return jobs.slow(day)
