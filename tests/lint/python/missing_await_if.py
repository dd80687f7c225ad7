# expect: 7 dropped-awaitable
async def is_admin(user):
    return await user.has("admin")


async def delete(user, item):
    if is_admin(user):
        await item.delete()
