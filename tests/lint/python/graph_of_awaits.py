# expect: none
import asyncio


async def lock_order(db, account, amount):
    await db.begin()
    await db.withdraw(account, amount)
    await db.deposit("bank", amount)
    await db.commit()


async def steps(page):
    await page.goto("http://x")
    await page.fill("#a", "b")
    await page.click("#go")
