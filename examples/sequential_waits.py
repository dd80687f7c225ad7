#!/usr/bin/env python3
"""Builds a page from five services, asking them one after the other.

concadvise profile -- python3 examples/sequential_waits.py
  io-bound / timer (a sleep stands for the services' answers): the waits never overlap, nothing is computed meanwhile.
  Advice: threads or async; five waits of 0.4 s side by side take about 0.4 s instead of 2 s.
"""
import time

SERVICES = {"user": 0.4, "orders": 0.4, "stock": 0.4, "prices": 0.4, "reviews": 0.4}


def ask(service):
    """Waits as long as the service takes to answer."""
    time.sleep(SERVICES[service])
    return f"{service}: ok"


def build_page():
    return "\n".join(ask(service) for service in SERVICES)


if __name__ == "__main__":
    print(build_page())
