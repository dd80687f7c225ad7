# expect: 10 blocking-in-coroutine
# expect: 11 blocking-in-coroutine
# also-ok: 12 blocking-in-coroutine
import paramiko


async def remote(host, cmd):
    c = paramiko.SSHClient()
    c.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    c.connect(host)
    _, out, _ = c.exec_command(cmd)
    return out.read()
