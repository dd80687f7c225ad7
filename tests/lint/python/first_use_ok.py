# expect: none
# What is read at the first use only belongs to the start of the program.
import functools
import json

_settings = None
_table = None


class Registry:
    _rows = None

    @classmethod
    def rows(cls):
        if cls._rows is None:
            with open("rows.json") as file:
                cls._rows = json.load(file)
        return cls._rows


def settings():
    global _settings
    if _settings is None:
        with open("settings.json") as file:
            _settings = json.load(file)
    return _settings


def table():
    global _table
    if _table is not None:
        return _table
    with open("table.json") as file:
        _table = json.load(file)
    return _table


@functools.lru_cache
def limits():
    with open("limits.json") as file:
        return json.load(file)


async def answer(request):
    return settings()["name"], table()[request], limits()["most"], Registry.rows()
