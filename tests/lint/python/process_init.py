# expect: none
from concurrent.futures import ProcessPoolExecutor

_model = None


def init(path):
    global _model
    _model = [float(x) for x in open(path)]


def predict(x):
    s = 0.0
    for w in _model:
        s += w * x
    return s


if __name__ == "__main__":
    with ProcessPoolExecutor(initializer=init, initargs=("w.txt",)) as ex:
        print(list(ex.map(predict, range(1000), chunksize=50)))
