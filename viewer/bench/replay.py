"""Recorded readings through the whole house: published, stored, counted, charted."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from live_bindings.broker import start_broker
from viewer.bench.figures import MB, Figure, Goal
from viewer.bench.live import LiveSite, running
from viewer.errors import MissingPartError

FIRST_S: Final = 1_546_293_600.0
"""2019-01-01 at L-Town (Asia/Nicosia), where the recording begins."""
DAY_S: Final = 86_400.0
POINTS: Final = 600
REPEATS: Final = 5
ZOOMS_S: Final = {"1 h": 3600.0, "1 d": DAY_S, "7 d": 7 * DAY_S}


def shared_data() -> Path:
    """Folder of the public data sets: ``PLUMBLINE_SHARED_DATA``, else beside the project.

    Raises
    ------
    MissingPartError
        If L-Town is not there.
    """
    beside = Path(__file__).parents[3] / "shared" / "data"
    folder = Path(os.environ.get("PLUMBLINE_SHARED_DATA", beside))
    if not (folder / "networks" / "L-TOWN.inp").is_file():
        raise MissingPartError(
            f"no networks/L-TOWN.inp in {folder}; name the folder of the public data sets in PLUMBLINE_SHARED_DATA"
        )
    return folder


def measure(*, quick: bool, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Figures of January 2019 of L-Town (`quick`) or of the whole year, at four channels a reading each 5 minutes."""
    data = shared_data()
    days = 31 if quick else 365
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-") as made:
        folder = Path(made)
        tell("importing L-Town")
        _plumbline("import", "inp", data / "networks" / "L-TOWN.inp", folder / "l-town", "--time-zone", "Asia/Nicosia")
        arguments = ["serve", str(folder / "l-town"), "--broker"]
        with start_broker(folder / "broker") as broker, running(folder / "data", *arguments, broker.url) as live:
            tell(f"replaying {days} days")
            started_s = time.perf_counter()
            flows = [data / "flows" / f"ltown-2019-{name}.csv.gz" for name in ("inflow", "tank-level")]
            end = "2019-02-01" if quick else "2020-01-01"
            told = _plumbline(
                "replay",
                folder / "l-town",
                *flows,
                "--end",
                end,
                "--unit",
                "m3_per_h",
                "--broker",
                broker.url,
                "--json",
            )
            published: dict[str, int] = json.loads(told)["channels"]
            total = sum(published.values())
            live.wait_for(lambda: bool(_ingest(live)["stored"] >= total), 600.0, "storing what was published")
            took_s = time.perf_counter() - started_s
            yield Figure("readings published", "", total)
            yield Figure("published and stored", "s", took_s)
            yield Figure("readings a second", "1/s", total / took_s)
            yield from _kept(live, published, days)
            yield from _charts(live, next(iter(published)), days, tell)
            stored = sum(p.stat().st_size for p in (folder / "data").glob("history.db*"))
            yield Figure("history a reading", "byte", stored / total)
            yield Figure("memory of server", "MB", live.memory_bytes() / MB)


def _plumbline(*arguments: str | Path) -> str:
    """What one of our commands prints."""
    command = [sys.executable, "-m", "viewer", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603 - our own


def _ingest(live: LiveSite) -> dict[str, Any]:
    counters: dict[str, Any] = live.get("sites/l-town/ingest")
    return counters


def _series(live: LiveSite, channel: str, start_s: float, end_s: float) -> dict[str, Any]:
    start, end = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t)) for t in (start_s, end_s))
    path = f"sites/l-town/channels/{quote(channel)}/series?start={start}&end={end}&points={POINTS}"
    series: dict[str, Any] = live.get(path)
    return series


def _kept(live: LiveSite, published: dict[str, int], days: int) -> Iterator[Figure]:
    """What the chart of each channel counts, over the whole recording, beside what was published."""
    end_s = FIRST_S + days * DAY_S
    kept = {c: sum(_series(live, c, FIRST_S, end_s)["count"]) for c in published}
    yield Figure("least stored of a channel", "", min(kept.values()), Goal(">=", days * 288))
    yield Figure("published, not stored", "", sum(published[c] - kept[c] for c in published), Goal("<=", 0))
    counters = _ingest(live)
    yield Figure("readings rejected", "", counters["rejected"] + counters["unknown_topic"], Goal("<=", 0))


def _charts(live: LiveSite, channel: str, days: int, tell: Callable[[str], None]) -> Iterator[Figure]:
    tell("drawing charts")
    middle_s = FIRST_S + days * DAY_S / 2
    for name, span_s in {**ZOOMS_S, f"{days} d": days * DAY_S}.items():
        took_ms = []
        for _ in range(REPEATS):
            started_s = time.perf_counter()
            _series(live, channel, middle_s - span_s / 2, middle_s + span_s / 2)
            took_ms.append((time.perf_counter() - started_s) * 1000)
        yield Figure(f"chart of {name}", "ms", statistics.median(took_ms))
