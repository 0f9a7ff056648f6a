"""Readings survive a server that is killed in the middle of its work, again and again."""

import contextlib
import json
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from live_bindings.broker import start_broker
from live_bindings.history.sqlite import SqliteSeries
from live_bindings.mqtt import Publisher

pytestmark = [pytest.mark.broker, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
SERVER = """
import asyncio, sys
from pathlib import Path
from live_bindings.runtime import Runtime
from tests.live_bindings.small_estate import small_estate

async def main() -> None:
    runtime = Runtime(small_estate(), Path(sys.argv[1]), sys.argv[2])
    await runtime.start()
    await runtime.wait_ready()
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def server(folder: Path, url: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(folder), url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def test_a_server_killed_again_and_again_loses_no_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin") is None:
        pytest.skip("mosquitto is not installed")
    monkeypatch.setenv("PLUMBLINE_BROKER", "mosquitto")
    kills, batches, each = 4, 1200, 5
    at_s = round(time.time()) - 10_000
    with start_broker(tmp_path) as broker:
        process = server(tmp_path, broker.url)
        sent = threading.Event()

        def publish() -> None:
            with Publisher(broker.url, max_under_way=200) as publisher:
                for i in range(batches):
                    r = [["p-0", "pressure", 1e5, at_s + i * each + k, i * each + k] for k in range(each)]
                    publisher.publish("estate/g/batch", json.dumps({"r": r}).encode())
                    time.sleep(0.003)  # a gateway's pace, so that the kills fall into the middle of it
            sent.set()

        gateway = threading.Thread(target=publish)
        gateway.start()
        for _ in range(kills):
            sent.wait(0.4)
            end(process)
            process = server(tmp_path, broker.url)
        gateway.join()
        wanted = list(range(batches * each))
        try:
            until = time.monotonic() + 30
            with contextlib.closing(SqliteSeries(tmp_path / "history.db")) as reader:
                while reader.count() < len(wanted) and time.monotonic() < until:
                    sent.wait(0.05)
                stored = reader.window("p-0:pressure", at_s - 1, at_s + 1e6).sequences.tolist()
        finally:
            end(process)
    assert sent.is_set()
    assert stored == wanted
