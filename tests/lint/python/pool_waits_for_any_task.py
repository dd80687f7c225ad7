# expect: 13 pool-waits-on-itself
# also-ok: 12 create-then-wait
# also-ok: 13 create-then-wait
import subprocess
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(4)


def link(name):
    def work():
        compiled = pool.submit(subprocess.run, ["cc", "-c", name])
        compiled.result()
        return subprocess.run(["ld", name])

    return pool.submit(work)
