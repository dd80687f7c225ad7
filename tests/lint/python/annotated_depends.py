# expect: 20 blocking-in-coroutine
# expect: 26 blocking-in-coroutine
# expect: 27 blocking-in-coroutine
from typing import Annotated
from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

router = APIRouter()


def get_session():
    yield None


SessionDep = Annotated[Session, Depends(get_session)]


@router.get("/x/{i}")
async def read(i: int, session: SessionDep):
    return session.get(Item, i)


@router.post("/x")
async def create(item: dict, session: SessionDep):
    session.add(item)
    session.commit()
    session.refresh(item)
