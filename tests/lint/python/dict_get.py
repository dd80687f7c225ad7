# expect: none
async def h(cache: dict, session, settings):
    v = cache.get("k")
    w = settings.get("w")
    cache.update(x=1)
    session["user"] = v
    return v, w, session.get("user")
