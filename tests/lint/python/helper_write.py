# expect: 16 file-io-in-async
import json
from pathlib import Path


class State:
    def __init__(self, path: Path):
        self.path = path
        self.data = {}

    def _persist(self):
        self.path.write_text(json.dumps(self.data))

    async def set(self, k, v):
        self.data[k] = v
        self._persist()
