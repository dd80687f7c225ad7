# expect: 14 blocking-in-coroutine, 15 blocking-in-coroutine, 16 blocking-in-coroutine, 21 blocking-in-coroutine, 22 blocking-in-coroutine, 29 blocking-in-coroutine, 34 blocking-in-coroutine
import ssl
import socket

import click
import psutil
import requests_cache
import zmq
from kubernetes import client as kube
from slack_sdk import WebClient


async def deploy(channel, pods: kube.CoreV1Api, slack: WebClient):
    names = pods.list_namespaced_pod("web")
    slack.chat_postMessage(channel=channel, text=str(names))
    load = psutil.cpu_percent(interval=1)
    return psutil.cpu_percent(), psutil.cpu_percent(interval=None), load


async def ask(question):
    if click.confirm(question):
        return requests_cache.CachedSession().get("https://example.com/yes")
    return None


async def reply(context: zmq.Context):
    sock = context.socket(zmq.REP)
    sock.recv(zmq.NOBLOCK)
    return sock.recv()


async def secure(context: ssl.SSLContext, sock: socket.socket, listening: socket.socket):
    context.wrap_socket(listening, server_side=True)
    return context.wrap_socket(sock, server_hostname="example.com")
