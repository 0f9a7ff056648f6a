"""The demo as a person starts and stops it: one process to start, nothing left behind."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
WAIT_S = 60.0

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@dataclass(frozen=True)
class Demo:
    process: subprocess.Popen[str]
    address: str

    def get(self, path: str) -> dict[str, object]:
        with urllib.request.urlopen(f"{self.address}api/{path}", timeout=10) as answer:  # noqa: S310 - our own
            return dict(json.load(answer))

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@contextmanager
def demo(data: Path, *arguments: str) -> Iterator[Demo]:
    command = [sys.executable, "-m", "viewer", "demo", "--no-browser", "--port", "0", "--data", str(data), *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert " is live at http://127.0.0.1:" in line, line
            yield Demo(process, line.split()[-1])
        finally:
            process.terminate()
            process.wait(WAIT_S)


def wait_for_readings(running: Demo, at_least: int) -> None:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        stored = running.get("sites/riverside/ingest")["stored"]
        assert isinstance(stored, int)
        if stored >= at_least:
            return
        time.sleep(0.1)
    pytest.fail(f"fewer than {at_least} readings within {WAIT_S:g} s")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups as terminals here have")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_the_demo_lives_and_leaves_no_process_behind(tmp_path: Path, name: str) -> None:
    with demo(tmp_path) as running:
        wait_for_readings(running, 1000)
        ingest = running.get("sites/riverside/ingest")
        assert (ingest["rejected"], ingest["unknown_topic"]) == (0, 0)
        assert running.get("sites/riverside/simulator")["running"] is True
        family = running.family()
        assert len(family) >= 1
        os.killpg(running.process.pid, signal.Signals[name])  # as a terminal does: to all that run in it
        assert running.process.wait(WAIT_S) == 0
        assert running.process.stderr is not None
        assert "WARNING" not in running.process.stderr.read()  # all ended in order
        gone, alive = psutil.wait_procs(family, timeout=WAIT_S)
        assert alive == []
        assert len(gone) == len(family)


def test_a_second_start_goes_on_with_the_same_data(tmp_path: Path) -> None:
    with demo(tmp_path) as running:
        wait_for_readings(running, 500)
    with demo(tmp_path) as running:
        history = running.get("health")["history"]
        assert isinstance(history, dict)
        assert history["readings"] >= 500


def test_two_at_once_on_the_same_data_are_refused(tmp_path: Path) -> None:
    with demo(tmp_path) as running:
        command = [sys.executable, "-m", "viewer", "demo", "--no-browser", "--port", "0", "--data", str(tmp_path)]
        second = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=WAIT_S)
        assert second.returncode == 3
        assert "another process" in second.stderr
        assert "Traceback" not in second.stderr
        assert running.get("health")["status"] == "ok"


def test_a_killed_demo_takes_its_simulator_with_it(tmp_path: Path) -> None:
    with demo(tmp_path) as running:
        simulators = [p for p in running.family() if "simulate" in p.cmdline()]
        assert len(simulators) == 1
        running.process.kill()
        _gone, alive = psutil.wait_procs(simulators, timeout=WAIT_S)
        assert alive == []
    for left in psutil.process_iter(["cmdline"]):  # its broker has no standard input to watch; end it here
        if str(tmp_path) in " ".join(left.info["cmdline"] or []):
            left.terminate()
            left.wait(WAIT_S)
