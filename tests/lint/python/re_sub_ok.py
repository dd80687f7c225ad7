# expect: none
import re

RX = re.compile(r"\d+")


async def clean(s):
    return RX.sub("", s), "x".join(sorted(set(s)))
