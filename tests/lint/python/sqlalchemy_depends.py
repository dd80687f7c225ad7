# expect: 22 blocking-in-coroutine
# expect: 27 blocking-in-coroutine
from fastapi import Depends, FastAPI
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine("postgresql://")
SessionLocal = sessionmaker(bind=engine)
app = FastAPI()


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


@app.get("/users")
async def users(db: Session = Depends(get_db)):
    return db.execute(select(User)).scalars().all()


@app.get("/n")
async def n(db: Session = Depends(get_db)):
    return db.query(User).filter(User.active).count()
