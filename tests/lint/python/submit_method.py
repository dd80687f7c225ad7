# expect: 20 compute-in-threads-gil
from concurrent.futures import ThreadPoolExecutor


class Mandel:
    def row(self, y):
        out = []
        for x in range(800):
            z = 0j
            c = complex(x / 400 - 1, y / 400 - 1)
            n = 0
            while abs(z) < 2 and n < 200:
                z = z * z + c
                n += 1
            out.append(n)
        return out

    def render(self):
        with ThreadPoolExecutor(max_workers=8) as pool:
            futs = [pool.submit(self.row, y) for y in range(800)]
            return [f.result() for f in futs]
