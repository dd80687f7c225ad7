# expect: none
import asyncio
import argparse
import requests


async def worker(cfg):
    await asyncio.sleep(cfg["s"])


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--config")
    cfg = requests.get("http://cfg").json()
    asyncio.run(worker(cfg))


if __name__ == "__main__":
    main()
