# expect: 8 blocking-in-coroutine
# expect: 9 blocking-in-coroutine
# expect: 10 blocking-in-coroutine
from ftplib import FTP


async def fetch(host, name, out):
    ftp = FTP(host)
    ftp.login()
    ftp.retrbinary(f"RETR {name}", out.write)
