# expect: 13 unpicklable-process-task
from concurrent.futures import ProcessPoolExecutor
import sqlite3


def q(conn, sql):
    return conn.execute(sql).fetchall()


if __name__ == "__main__":
    conn = sqlite3.connect("x.db")
    with ProcessPoolExecutor() as ex:
        job = ex.submit(q, conn, "select 1")
        print("meanwhile")
        print(job.result())
