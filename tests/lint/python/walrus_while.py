# expect: 5 file-io-in-async
# expect: 7 file-io-in-async
# also-ok: 9 file-io-in-async
async def read_all(sock_path):
    f = open(sock_path, "rb")
    total = 0
    while chunk := f.read(65536):
        total += len(chunk)
    f.close()
    return total
