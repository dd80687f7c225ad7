# expect: 11 blocking-in-coroutine
# expect: 12 blocking-in-coroutine
import smtplib
from email.message import EmailMessage


async def notify(to, body):
    m = EmailMessage()
    m["To"] = to
    m.set_content(body)
    with smtplib.SMTP("localhost") as s:
        s.send_message(m)
