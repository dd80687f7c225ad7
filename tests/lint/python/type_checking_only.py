# expect: none
from __future__ import annotations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests


async def show(r: requests.Response):
    return r.json(), r.status_code, r.text
