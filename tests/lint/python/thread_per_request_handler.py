# expect: none
# also-ok: 16 thread-per-task
import threading
import smtplib
from flask import Flask, request

app = Flask(__name__)


def mail(to):
    smtplib.SMTP("localhost").sendmail("a", to, "x")


@app.post("/signup")
def signup():
    threading.Thread(target=mail, args=(request.form["to"],)).start()
    return "ok"
