"""The demo as its first user meets it: time to life, what moves, how soon an incident shows, memory."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np

from viewer.bench.figures import MB, Figure, Goal
from viewer.bench.live import LiveSite, Watcher, running, watching

DEVICES_GOAL: Final = 1500
CHANGING_GOAL: Final = 50
CHANGING_WINDOW_S: Final = 10.0
INCIDENT_GOAL_S: Final = 2.0
MEMORY_GOAL_MB: Final = 400.0
INCIDENTS: Final = ("camera_dies", "intruder", "lane_blocked", "bin_full")
"""Those whose target is the device that shows them, and shows nothing else at such a moment."""
WARM_UP_S: Final = 300.0
"""The first minutes fill caches and buffers; memory is judged after them."""
SAMPLE_S: Final = 5.0


def measure(*, quick: bool, tell: Callable[[str], None], minutes: float | None = None) -> Iterator[Figure]:
    """Figures of a demo in a temporary folder with one page open.

    Parameters
    ----------
    minutes
        How long its memory is watched; growth is told from ten minutes on, since the first five are left out.
    """
    watched_s = 60.0 * (minutes if minutes is not None else 0.1 if quick else 2.0)
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-") as folder:
        tell("starting the demo")
        started_s = time.perf_counter()
        with running(Path(folder) / "data", "demo", "--no-browser") as demo:
            yield Figure("started and healthy", "s", time.perf_counter() - started_s)
            site = demo.get("sites")["items"][0]["id"]
            with watching(demo, site) as watcher:
                yield from _life(watcher, tell)
                yield from _incidents(demo, site, watcher, tell)
                yield from _memory(demo, watcher, watched_s, tell)


def _life(watcher: Watcher, tell: Callable[[str], None]) -> Iterator[Figure]:
    yield Figure("devices bound", "", len(watcher.devices), Goal(">=", DEVICES_GOAL))
    tell("waiting for the devices")
    started_s = time.monotonic()
    while watcher.good_devices() < DEVICES_GOAL and time.monotonic() - started_s < 60.0:
        watcher.take(1.0)
    yield Figure(f"first {DEVICES_GOAL} devices good", "s", time.monotonic() - started_s)
    tell(f"watching for {CHANGING_WINDOW_S:g} s")
    changed = watcher.changed_devices(CHANGING_WINDOW_S)
    yield Figure("devices good", "", watcher.good_devices(), Goal(">=", DEVICES_GOAL))
    yield Figure(f"devices changing in {CHANGING_WINDOW_S:g} s", "", len(changed), Goal(">=", CHANGING_GOAL))


def _incidents(demo: LiveSite, site: str, watcher: Watcher, tell: Callable[[str], None]) -> Iterator[Figure]:
    tell("starting incidents")
    demo.wait_for(lambda: bool(demo.get(f"sites/{site}/simulator")["catalog"]), 30.0, "hearing of the simulator")
    catalog = {entry["kind"]: entry["examples"] for entry in demo.get(f"sites/{site}/simulator")["catalog"]}
    took_s = []
    for kind in INCIDENTS:
        command: dict[str, object] = {"incident": kind, "target": catalog[kind][0], "actor": "bench"}
        watcher.changed_devices(0.2)  # what is on its way already belongs to before
        started_s = time.monotonic()
        demo.post(f"sites/{site}/simulator/commands", {"action": "start", **command})
        answered_s = time.monotonic() - started_s
        changed_s = watcher.first_change_s(catalog[kind][0], timeout_s=10.0)
        took_s.append(np.inf if changed_s is None else answered_s + changed_s)
        demo.post(f"sites/{site}/simulator/commands", {"action": "stop", **command})
    yield Figure("incident to frame, median", "s", float(np.median(took_s)))
    yield Figure("incident to frame, slowest", "s", max(took_s), Goal("<=", INCIDENT_GOAL_S))


def _memory(demo: LiveSite, watcher: Watcher, watched_s: float, tell: Callable[[str], None]) -> Iterator[Figure]:
    times_s: list[float] = []
    held_mb: list[float] = []
    started_s = time.monotonic()
    while not times_s or times_s[-1] < watched_s:
        times_s.append(time.monotonic() - started_s)
        held_mb.append(demo.memory_bytes() / MB)
        tell(f"memory after {times_s[-1] / 60:.1f} min: {held_mb[-1]:.0f} MB")
        watcher.changed_devices(SAMPLE_S)  # the page stays open and reads
    yield Figure(f"most memory in {times_s[-1] / 60:.1f} min", "MB", max(held_mb), Goal("<", MEMORY_GOAL_MB))
    late = np.array(times_s) >= WARM_UP_S
    if times_s[-1] >= 2 * WARM_UP_S:
        slope = float(np.polyfit(np.array(times_s)[late], np.array(held_mb)[late], 1)[0])
        window_min = (times_s[-1] - WARM_UP_S) / 60
        yield Figure(f"growth, from the last {window_min:.0f} min", "MB/h", slope * 3600)
