# expect: 5 serial-await
async def load_users(client, ids):
    users = []
    for one in ids:
        users.append(await client.get_user(one))
    return users


async def change_users(client, ids):
    for one in ids:
        await client.disable_user(one)


async def pages(client, token):
    out = []
    while token:
        page = await client.list_users(token)
        out.extend(page.items)
        token = page.next
    return out
