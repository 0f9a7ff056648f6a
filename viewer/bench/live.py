"""A live site in a process of its own, and one page's view of it: its index, its feed, its memory."""

import contextlib
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil
from numpy.typing import NDArray
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from live_bindings.feed import FrameKind, decode
from viewer.errors import ViewerError

START_S: Final = 60.0
END_S: Final = 30.0


class LiveSiteError(ViewerError, RuntimeError):
    """A site that did not come to life, or did not answer."""


@dataclass(frozen=True)
class LiveSite:
    """A running `plumbline demo` or `plumbline serve`.

    Attributes
    ----------
    url : its address, with the slash at the end
    """

    url: str
    process: psutil.Process

    def get(self, path: str) -> Any:  # noqa: ANN401 - whatever JSON the interface answers
        """What the interface answers under ``/api/``."""
        with urllib.request.urlopen(f"{self.url}api/{path}", timeout=END_S) as answer:  # noqa: S310 - our own server
            return json.load(answer)

    def post(self, path: str, body: dict[str, object]) -> Any:  # noqa: ANN401 - whatever JSON the interface answers
        """What the interface answers to a command."""
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.url}api/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=END_S) as answer:  # noqa: S310 - our own server
            return json.load(answer)

    def memory_bytes(self) -> int:
        """Resident memory of the server, the broker and the simulator together. [byte]"""
        total = 0
        for process in (self.process, *self.process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):  # ended between being listed and being asked
                total += process.memory_info().rss
        return total

    def wait_for(self, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
        """Wait until a condition holds.

        Raises
        ------
        LiveSiteError
            If it does not in time.
        """
        until_s = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > until_s:
                raise LiveSiteError(f"the site at {self.url}: {what} took longer than {timeout_s:g} s")
            time.sleep(0.05)


@contextlib.contextmanager
def running(data_folder: Path, *arguments: str) -> Iterator[LiveSite]:
    """A site that answers and has its broker, until the end of the block.

    Parameters
    ----------
    data_folder
        Made if it is not there; what the process tells goes to ``bench.log`` in it.
    arguments
        Of `plumbline`, such as ``demo --no-browser``.

    Raises
    ------
    LiveSiteError
        If it does not come to life; its messages are in the error.
    """
    data_folder.mkdir(parents=True, exist_ok=True)
    log = data_folder / "bench.log"
    command = [sys.executable, "-m", "viewer", *arguments, "--port", "0", "--data", str(data_folder)]
    with (
        log.open("w") as messages,
        subprocess.Popen(  # noqa: S603 - our own program with arguments as a list
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=messages, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None  # noqa: S101 - asked for above
            said = process.stdout.readline()
            address = re.search(r"http://\S+/", said)
            if address is None:
                raise LiveSiteError(f"plumbline {' '.join(arguments)} did not start: {said}{log.read_text()[-2000:]}")
            live = LiveSite(address.group(), psutil.Process(process.pid))
            live.wait_for(lambda: bool(live.get("health")["status"] == "ok"), START_S, "being healthy")
            yield live
        finally:
            process.terminate()
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()


@dataclass
class Watcher:
    """What one page knows of the latest values. A resource: see `watching`."""

    index: dict[str, Any]
    connection: Connection
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]
    alarms: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare which device each row belongs to."""
        first = np.array(self.index["devices"]["first_row"], dtype=np.int64)
        self.device_of_row = np.searchsorted(first, np.arange(len(self.values)), side="right") - 1
        self.devices: list[str] = self.index["devices"]["id"]

    def take(self, timeout_s: float) -> NDArray[np.int64]:
        """Rows whose value the next message changed; none after `timeout_s` or for a message of another kind."""
        try:
            message = self.connection.recv(timeout=timeout_s)
        except TimeoutError:
            return np.empty(0, np.int64)
        if isinstance(message, str):
            told = json.loads(message)
            if told["type"] == "alarm":
                self.alarms[told["alarm"]["id"]] = told["alarm"]
            return np.empty(0, np.int64)
        frame = decode(message)
        rows = frame.rows.astype(np.int64)
        new = frame.values.astype(np.float64)
        same = (self.values[rows] == new) | (np.isnan(self.values[rows]) & np.isnan(new))
        self.values[rows], self.quality[rows] = new, frame.quality
        return rows[~same] if frame.kind is FrameKind.DELTA else np.empty(0, np.int64)

    def good_devices(self) -> int:
        """Devices of which at least one channel is good now."""
        return len(np.unique(self.device_of_row[self.quality == 0]))

    def changed_devices(self, window_s: float) -> set[str]:
        """Devices of which a value changes within the time from now on."""
        until_s, changed = time.monotonic() + window_s, set[int]()
        while (left_s := until_s - time.monotonic()) > 0:
            changed.update(self.device_of_row[self.take(left_s)].tolist())
        return {self.devices[k] for k in changed}

    def first_change_s(self, device: str, timeout_s: float) -> float | None:
        """Time from now until a frame changes a value of that device; none if it takes longer."""
        started_s = time.monotonic()
        wanted = self.devices.index(device)
        while (left_s := started_s + timeout_s - time.monotonic()) > 0:
            if wanted in self.device_of_row[self.take(left_s)]:
                return time.monotonic() - started_s
        return None


@contextlib.contextmanager
def watching(live: LiveSite, site: str) -> Iterator[Watcher]:
    """One page's feed of a site, from a snapshot on."""
    index = live.get(f"sites/{site}/index")
    channels = [len(kind["channels"]) for kind in index["kinds"]]
    rows = sum(channels[k] for k in index["devices"]["kind"])
    address = f"{live.url.replace('http', 'ws', 1)}api/sites/{site}/feed"
    with connect(address, origin=live.url.rstrip("/"), max_size=None) as connection:  # type: ignore[arg-type]  # a str
        yield Watcher(index, connection, np.full(rows, np.nan), np.full(rows, 4, np.uint8))
