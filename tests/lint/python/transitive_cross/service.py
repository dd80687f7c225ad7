# expect: none
from . import net


def user(uid):
    return net.get_json(f"http://u/{uid}")


class Service:
    def account(self, uid):
        return user(uid)
