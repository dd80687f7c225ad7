# expect: 18 sleep-polling
# also-ok: 17 sleep-polling
import threading
import time

done = False


def worker():
    global done
    time.sleep(2)
    done = True


def main():
    threading.Thread(target=worker).start()
    while not done:
        time.sleep(0.01)
