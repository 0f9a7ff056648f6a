"""Generated days before a demonstration: written to its history as readings are, and kept in mind as generated."""

import contextlib
import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from live_bindings.errors import HistoryError
from live_bindings.history.series import Entries
from live_bindings.history.sqlite import TAIL_ROWS, SqliteSeries
from sample_sites.leak_trials.past import generated_past
from twin.index import SiteIndex
from twin.leaks.result import Unanswered, Words
from twin.leaks.window import Window
from twin.state import Quality
from viewer.errors import ViewerError

_MARK: Final = "generated-past.json"


class HasHistoryError(ViewerError, ValueError):
    """A data folder with readings of its own, before which nothing is to be made up."""


@dataclass(frozen=True, slots=True)
class GeneratedPast:
    """Until when a history is generated, and the pipe that leaks in it."""

    until: dt.datetime
    leaking: str | None

    def note(self) -> Unanswered:
        """What the pages say of it."""
        until = f"{self.until:%Y-%m-%d %H:%M}Z"
        return Unanswered(
            what=Words(zh=f"{until} 之前真实发生了什么", en=f"What really happened before {until}"),
            why=Words(
                zh="之前的用水读数由 EPANET 模拟生成，仅供演示，并非实测。",
                en="The water readings before were generated with EPANET for this demonstration; nobody measured them.",
            ),
            mend=Words(zh="接入真实水表后即为实测。", en="Bind real meters; what they say is measured."),
        )


def read_mark(data: Path) -> GeneratedPast | None:
    """What a data folder says of its generated past; none if it has none."""
    file = data / _MARK
    if not file.is_file():
        return None
    said = json.loads(file.read_text(encoding="utf-8"))
    return GeneratedPast(dt.datetime.fromisoformat(said["until"]), said["leaking"])


def write_past(index: SiteIndex, data: Path, *, end_s: float, days: float, seed: int) -> int:
    """Generate days of readings into the history of a data folder; says how many.

    Raises
    ------
    HasHistoryError
        If the folder holds readings already.
    """
    data.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(SqliteSeries(data / "history.db")) as history:
        if history.count():
            raise HasHistoryError(f"{data} holds readings; give another --data folder for a generated past")
        past = generated_past(index, end_s=end_s, days=days, seed=seed)
        if past is None:
            return 0
        count = _append(history, index, past.window)
    until = dt.datetime.fromtimestamp(past.window.end_s, dt.UTC)
    mark = json.dumps({"until": until.isoformat(), "leaking": past.leaking})
    (data / _MARK).write_text(mark, encoding="utf-8")
    return count


def _append(history: SqliteSeries, index: SiteIndex, window: Window) -> int:
    parts = [(r, times_s, values) for r, (times_s, values) in window.series.items()]
    rows = np.concatenate([np.full(len(times_s), r) for r, times_s, _ in parts])
    times_s, values = (np.concatenate([p[k] for p in parts]) for k in (1, 2))
    order = np.argsort(times_s, kind="stable")
    numbers = history.numbers([c.id for c in index.channels])[rows]
    for part in np.array_split(order, max(1, len(order) // TAIL_ROWS)):
        n = len(part)
        quality, none = np.full(n, Quality.UNCERTAIN, np.uint8), np.zeros(n, np.int64)
        history.append(Entries(numbers[part], times_s[part], values[part], quality, none))
        if history.fold_due():
            history.fold()
    history.fold()
    return len(order)


def last_registers(index: SiteIndex, data: Path) -> dict[str, float]:
    """What water meters and levels in tanks showed last, so that a simulator goes on from there."""
    file = data / "history.db"
    if not file.is_file():
        return {}
    names = [c.id for c in index.channels if c.kind.system == "water" and c.channel.id in {"volume", "level"}]
    try:
        with contextlib.closing(SqliteSeries(file)) as history:
            values = history.latest(names).values
    except HistoryError:
        return {}
    return {name: float(v) for name, v in zip(names, values, strict=True) if np.isfinite(v)}
