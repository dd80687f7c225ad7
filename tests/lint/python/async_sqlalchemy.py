# expect: none
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

engine = create_async_engine("sqlite+aiosqlite://")
Session = async_sessionmaker(engine)


async def q(model):
    async with Session() as s:
        res = await s.execute(select(model))
        rows = res.scalars().all()
        s.add(model())
        await s.commit()
        return rows


async def q2(session: AsyncSession, model):
    return (await session.scalars(select(model))).first()
