"""`plumbline replay` as a person meets it."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from live_bindings.broker import start_broker
from live_bindings.mqtt import Consumer, parse_address
from twin.importers.inp import import_inp
from twin.site_folder import write

ROOT = Path(__file__).parents[3]
NET = """\
[JUNCTIONS]
n1 10 3.6
[RESERVOIRS]
r 50
[PIPES]
p227 r n1 100 150 130
[OPTIONS]
UNITS CMH
[COORDINATES]
n1 100 0
r 0 0
"""
ROWS = "".join(f"2019-01-01 {k // 12:02d}:{k % 12 * 5:02d}:00;{k},5\n" for k in range(288))


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "viewer", *map(str, arguments)], cwd=ROOT, check=False, capture_output=True, text=True
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(import_inp(NET, site_id="harbour").site, tmp_path / "harbour")
    (tmp_path / "flow.csv").write_text(f"Timestamp;p227\n{ROWS}", encoding="utf-8")
    return tmp_path


@pytest.mark.broker
@pytest.mark.parametrize("speed", ["max", "86400"])
def test_every_reading_reaches_who_listens(folder: Path, speed: str) -> None:
    with start_broker(folder / "broker") as broker:
        consumer = Consumer(parse_address(broker.url), client_id="listener", filters=["harbour/#"])
        consumer.start()
        try:
            consumer.wait_ready(10)
            done = run("replay", folder / "harbour", folder / "flow.csv", "--broker", broker.url, "--unit", "m3_per_h",
                       "--speed", speed, "--start", "2019-01-01T12:00", "--json")  # fmt: skip
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout)["channels"] == {"fm-p227:flow": 144}
            readings: list[list[object]] = []
            while len(readings) < 144:
                message = consumer.queue.get(timeout=10)
                readings += msgspec.json.decode(message.payload)["r"]
                consumer.acknowledge([message])
        finally:
            consumer.stop()
    assert readings[0][:2] == ["fm-p227", "flow"]
    assert [r[2] for r in readings] == pytest.approx([(k + 0.5) / 3600 for k in range(144, 288)])
    assert readings[0][3] == 1546300800 + 12 * 3600


def test_wrong_use_is_explained(folder: Path) -> None:
    harbour, flow = folder / "harbour", folder / "flow.csv"
    (folder / "bad.csv").write_text("time,a\nnever,1\n", encoding="utf-8")
    for arguments, code, says in (
        ((harbour, flow, "--speed", "fast"), 2, "--speed"),
        ((harbour, flow, "--map", "p227"), 2, "--map"),
        ((harbour, flow, "--map", "p227=ghost"), 3, "ghost"),
        ((harbour, flow, "--start", "2020-01-01"), 2, "no readings"),
        ((harbour, flow, "--end", "soon"), 2, "no time"),
        ((harbour, folder / "bad.csv"), 3, "line 2"),
        ((harbour, folder / "absent.csv"), 3, "absent.csv"),
        ((harbour, flow, "--broker", "tcp:nowhere"), 3, "broker address"),
    ):
        done = run("replay", *arguments)
        assert (done.returncode, says in done.stderr) == (code, True), (arguments, done.stderr)
        assert "Traceback" not in done.stderr
