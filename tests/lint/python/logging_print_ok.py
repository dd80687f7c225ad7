# expect: none
import logging
import json

log = logging.getLogger(__name__)


async def h(x):
    log.info("x %s", x)
    print(x)
    return json.dumps(x), json.loads("{}")
