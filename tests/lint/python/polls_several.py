# expect: 9 sleep-polling
# One look at several states is a look; work on each of them is not.
import time


def wait_all(threads):
    while any(thread.is_alive() for thread in threads):
        # The place is that of the sleep.
        time.sleep(0.1)


def sweep(jobs):
    while any(job.advance() for job in jobs):
        time.sleep(0.1)
