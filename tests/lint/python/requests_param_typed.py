# expect: 11 blocking-in-coroutine
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from requests import Session


async def push(session: Session, payload: dict) -> int:
    resp = session.post("https://x.example/in", json=payload)
    return resp.status_code
