# expect: none
import time
import pytest


@pytest.fixture
async def server():
    time.sleep(0.1)
    yield 1
