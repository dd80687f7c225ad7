# expect: 8 blocking-in-coroutine
from elasticsearch import Elasticsearch

es = Elasticsearch("http://localhost:9200")


async def search(q):
    res = es.search(index="docs", query={"match": {"t": q}})
    return res["hits"]
