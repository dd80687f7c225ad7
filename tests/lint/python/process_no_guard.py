# expect: 12 missing-main-guard
# also-ok: 11 missing-main-guard
import multiprocessing as mp


def work(q):
    q.put(sum(i for i in range(10**6)))


q = mp.Queue()
p = mp.Process(target=work, args=(q,))
p.start()
print(q.get())
p.join()
