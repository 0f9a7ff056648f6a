"""Recorded readings become messages again: each with its own time, in the batch form of the site's bindings."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from geometry.errors import GeometryError
from geometry.units import CONVERSIONS, UNITS, conversion
from live_bindings.errors import RecordingError
from live_bindings.recordings import Column
from twin.errors import UnknownIdError
from twin.index import ChannelRow, SiteIndex

GATEWAY: Final = "replay"
SKIP: Final = "-"
"""Stands for no channel: the column is left out."""
READINGS_A_MESSAGE: Final = 500
"""A message of some 20 kB: large enough that acknowledgements cost little, small enough for any broker."""
_PART: Final = re.compile(r"\{\w+#?\}")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a column goes, and how its numbers become the channel's SI unit."""

    column: str
    row: ChannelRow
    scale: float
    offset: float


@dataclass(frozen=True, slots=True)
class Batch:
    """One message: its time is that of its last reading. [s]"""

    time_s: float
    topic: str
    payload: bytes
    readings: int


def batch_topic(index: SiteIndex) -> str:
    """The topic of the site's first batch binding, its named parts filled in.

    Raises
    ------
    RecordingError
        If no binding of the site takes batches.
    """
    for binding in index.site.bindings:
        if binding.payload == "batch":
            return _PART.sub(GATEWAY, binding.topic)
    raise RecordingError(
        f"no binding of site {index.site.id} takes batches; add to bindings.yaml one with "
        f"topic: {index.site.id}/{{gateway}}/batch, payload: batch"
    )


def targets(
    index: SiteIndex,
    columns: Sequence[str],
    *,
    mapping: Mapping[str, str] | None = None,
    units: Sequence[str] = (),
    tell: Callable[[str], None] | None = None,
) -> tuple[Target, ...]:
    """The channel of each column.

    Parameters
    ----------
    index : the site's index.
    columns : names of the columns.
    mapping : column to ``device:channel``, ``device`` (its primary channel) or ``-`` (leave it out), optionally with
        ``@unit``. A column without one is the device of that id, serial or channel id.
    units : units of the values; each column takes the first that its channel can be converted from.
    tell : is told of columns that fit no channel, which then are left out unless the mapping names them; without it
        they are an error.

    Raises
    ------
    RecordingError
        If columns fit no channel or several, all of them named at once, or a column of the mapping is not there, or a
        unit is none.
    """
    asked = dict(mapping or {})
    absent = [c for c in asked if c not in columns]
    if absent:
        raise RecordingError(f"no column {', '.join(absent)} in the recording; it has {', '.join(columns)}")
    found: list[Target] = []
    faults: list[str] = []
    strangers: list[tuple[str, Exception]] = []
    for column in columns:
        word, _, unit = asked.get(column, column).partition("@")
        if word == SKIP:
            continue
        try:
            row = _channel(index, word or column)
            scale, offset = _unit(row, [unit] if unit else units, asked_for=bool(unit))
        except (UnknownIdError, GeometryError) as error:
            if tell is None or column in asked:
                faults.append(f"{column}: {error}")
            else:
                strangers.append((column, error))
            continue
        found.append(Target(column, row, scale, offset))
    if faults:
        raise RecordingError(
            "columns that fit no channel:\n  " + "\n  ".join(faults)
            + "\ngive --map column=device:channel, or --map column=- to leave one out"
        )  # fmt: skip
    if tell is not None and strangers:
        tell(_left_out(strangers))
    refuse_unknown_units(units)
    taken = [t.row.id for t in found]
    twice = sorted({c for c in taken if taken.count(c) > 1})
    if twice:
        raise RecordingError(f"two columns go to {', '.join(twice)}; give --map column=device:channel for one of them")
    return tuple(found)


def _left_out(strangers: Sequence[tuple[str, Exception]]) -> str:
    names = ", ".join(column for column, _ in strangers[:5]) + (" ..." if len(strangers) > 5 else "")
    return (
        f"left out, as {'it fits' if len(strangers) == 1 else f'these {len(strangers)} fit'} no channel: {names} "
        f"({strangers[0][1]}); --map column=device:channel says where a column belongs"
    )


def refuse_unknown_units(units: Iterable[str]) -> None:
    """A unit that fits no column is no fault, as several are given for many files at once; one that is none is.

    Raises
    ------
    RecordingError
        If there is no such unit; the message has those there are.
    """
    known = {*UNITS, *(source for source, _ in CONVERSIONS)}
    for unit in units:
        if unit not in known:
            raise RecordingError(f"there is no unit {unit!r}; known are {', '.join(sorted(known))}")


def _channel(index: SiteIndex, word: str) -> ChannelRow:
    if word in index.rows:
        return index.channels[index.rows[word]]
    device, _, channel = word.partition(":")
    if device in index.devices and channel:
        return index.channels[index.row(word)]
    own = [device] if device in index.devices else [
        d.id for d in index.devices.values() if word.lower() in {d.serial.lower(), d.id.rpartition("-")[2]}
    ]  # fmt: skip
    if len(own) != 1:
        raise UnknownIdError("device" if not own else f"single device (but {', '.join(own[:4])})", word, index.devices)
    kind = index.kinds[index.devices[own[0]].kind]
    primary = kind.primary or next((c.id for c in kind.channels), "")
    return index.channels[index.row(f"{own[0]}:{primary}")]


def _unit(row: ChannelRow, units: Iterable[str], *, asked_for: bool) -> tuple[float, float]:
    for unit in units:
        try:
            return conversion(unit, row.channel.unit)
        except GeometryError:
            if asked_for:
                raise
    return 1.0, 0.0


def select(columns: Iterable[Column], *, start_s: float | None, end_s: float | None) -> tuple[Column, ...]:
    """The columns within ``start <= time < end``; none means without bound."""
    made = []
    for column in columns:
        low = 0 if start_s is None else int(np.searchsorted(column.times_s, start_s, "left"))
        high = len(column.times_s) if end_s is None else int(np.searchsorted(column.times_s, end_s, "left"))
        made.append(Column(column.name, column.times_s[low:high], column.values[low:high]))
    return tuple(made)


@dataclass(frozen=True)
class Tape:
    """All readings of a recording in the order of their time, ready to be sent."""

    topic: str
    targets: tuple[Target, ...]
    times_s: NDArray[np.float64]
    which: NDArray[np.int32]
    values: NDArray[np.float64]
    """In the SI unit of each channel."""

    def __len__(self) -> int:
        return len(self.times_s)

    def batch(self, first: int, last: int) -> Batch:
        """Readings `first` to `last` (not included) as one message."""
        names = [(t.row.device.id, t.row.channel.id) for t in self.targets]
        readings = [
            [*names[k], value, time]
            for k, value, time in zip(
                self.which[first:last].tolist(),
                self.values[first:last].tolist(),
                self.times_s[first:last].tolist(),
                strict=True,
            )
        ]
        payload = msgspec.json.encode({"t": readings[-1][3], "r": readings})
        return Batch(float(self.times_s[last - 1]), self.topic, payload, last - first)

    def batches(self) -> Iterator[Batch]:
        """All of it in messages as large as they may be: for replay as fast as it goes."""
        for first in range(0, len(self), READINGS_A_MESSAGE):
            yield self.batch(first, min(first + READINGS_A_MESSAGE, len(self)))

    def until(self, first: int, time_s: float) -> int:
        """Where the readings after `time_s` begin, counted from `first` on, at most one message further."""
        end = int(np.searchsorted(self.times_s, time_s, "right"))
        return max(first, min(end, first + READINGS_A_MESSAGE))


def tape(topic: str, columns: Mapping[str, Column], chosen: Sequence[Target], *, shift_s: float = 0.0) -> Tape:
    """The readings of the chosen columns on one tape.

    Parameters
    ----------
    topic : where they are published.
    columns : by name.
    chosen : which columns, and where to.
    shift_s : added to every time.
    """
    parts = [(columns[t.column], k, t) for k, t in enumerate(chosen)]
    times = np.concatenate([c.times_s for c, _, _ in parts] or [np.empty(0)]) + shift_s
    which = np.concatenate([np.full(len(c.times_s), k, dtype=np.int32) for c, k, _ in parts] or [np.empty(0, np.int32)])
    values = np.concatenate([c.values * t.scale + t.offset for c, _, t in parts] or [np.empty(0)])
    order = np.argsort(times, kind="stable")
    return Tape(topic, tuple(chosen), times[order], which[order], values[order])
