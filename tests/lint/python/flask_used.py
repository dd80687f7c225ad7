# expect: none
import requests
import time
from flask import Flask

app = Flask(__name__)


@app.route("/")
def home():
    time.sleep(0.1)
    return requests.get("http://x").text
