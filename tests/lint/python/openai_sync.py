# expect: 8 blocking-in-coroutine
from openai import OpenAI

client = OpenAI()


async def summarize(text):
    r = client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}])
    return r.choices[0].message.content
