# expect: none
import io
import json


async def csvtext(rows):
    buf = io.StringIO()
    for r in rows:
        buf.write(json.dumps(r))
    raw = io.BytesIO(b"x").read()
    return buf.getvalue(), raw
