"""The window of readings that an answer on leaks rests on: from the history, kept warm, or from recordings.

However readings came, late, twice or out of order, the same readings make the same window: times to the millisecond,
ascending, one value a time, and of several at one time the one with the highest sequence number.
"""

import threading
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from live_bindings.history import series
from live_bindings.history.series import SeriesStore
from live_bindings.recordings import Column
from live_bindings.replay import Target
from twin.index import SiteIndex
from twin.leaks.lived_time import PACE
from twin.leaks.window import Reading, Window
from twin.state import Quality, Readings

_AFTER_S: Final = 0.001
"""Times are kept to the millisecond and a range of the history ends before its end."""
_NONE: Final = np.inf


def reading_of(found: series.Window) -> Reading:
    """Times and values of a channel that can be believed, one value a time.

    Examples
    --------
    >>> times_s, sequences = np.array([1.0, 1.0, 2.0]), np.array([1, 2, 1])
    >>> quality = np.array([0, 0, 3], np.uint8)
    >>> reading_of(series.Window(times_s, np.array([5.0, 6.0, 7.0]), quality, sequences))[1].tolist()
    [6.0]
    """
    usable = (found.quality < Quality.BAD) & np.isfinite(found.values)
    times_s, values = found.times_s[usable], found.values[usable]
    last = np.append(times_s[1:] != times_s[:-1], np.ones(min(len(times_s), 1), np.bool_))
    return times_s[last], values[last]


class WarmWindow:
    """Readings of channels, read from the history once and then only where something new came.

    `note` may be called from the writer's thread, `window` from one other.
    """

    def __init__(self, index: SiteIndex) -> None:
        """Begin cold: the first window is read whole."""
        self._index = index
        self._lock = threading.Lock()
        self._dirty_from_s: NDArray[np.float64] = np.full(len(index.channels), -_NONE)
        self._kept: dict[int, Reading] = {}

    def note(self, readings: Readings) -> None:
        """Remember from when on each row has readings that are not in the window yet."""
        with self._lock:
            np.minimum.at(self._dirty_from_s, readings.rows, readings.times_s)

    def window(self, history: SeriesStore, rows: Iterable[int], *, start_s: float, end_s: float) -> Window:
        """The readings of some rows between two instants; the same rows every time, and never an earlier start."""
        rows = tuple(rows)
        with self._lock:
            dirty_from_s = self._dirty_from_s
            self._dirty_from_s = np.full(len(dirty_from_s), _NONE)
        done: set[int] = set()
        try:
            for row in rows:
                self._refresh(history, row, max(start_s, float(dirty_from_s[row])), start_s)
                done.add(row)
        finally:
            left = [row for row in rows if row not in done]
            if left:  # the history could not be read: the same is asked for again next time
                with self._lock:
                    self._dirty_from_s[left] = np.minimum(self._dirty_from_s[left], dirty_from_s[left])
        return Window(start_s, end_s, dict(self._kept), pace_of(history, start_s, end_s))

    def _refresh(self, history: SeriesStore, row: int, from_s: float, start_s: float) -> None:
        times_s, values = self._kept.get(row, (np.empty(0), np.empty(0)))
        first = int(np.searchsorted(times_s, start_s))
        if from_s < _NONE:
            kept = slice(first, max(first, int(np.searchsorted(times_s, from_s))))
            # what a device dates into the future waits in the window until its time has come
            new = reading_of(history.window(self._index.channels[row].id, from_s, 1e12))
            self._kept[row] = (np.append(times_s[kept], new[0]), np.append(values[kept], new[1]))
        elif first:
            self._kept[row] = (times_s[first:], values[first:])


def window_of(history: SeriesStore, index: SiteIndex, rows: Iterable[int], start_s: float, end_s: float) -> Window:
    """The readings of some rows between two instants, from the history."""
    return Window(
        start_s,
        end_s,
        {row: reading_of(history.window(index.channels[row].id, start_s, end_s + _AFTER_S)) for row in rows},
        pace_of(history, start_s, end_s),
    )


def pace_of(history: SeriesStore, start_s: float, end_s: float) -> Reading:
    """What a simulator said of how fast the estate lives; empty where none is."""
    return reading_of(history.window(PACE, start_s, end_s + _AFTER_S))


def window_of_columns(
    columns: Mapping[str, Column], chosen: Iterable[Target], *, start_s: float, end_s: float
) -> Window:
    """The readings of recordings between two instants.

    Parameters
    ----------
    columns : by name
    chosen : which columns, and where they go; several for one channel are put together
    """
    parts: dict[int, list[Reading]] = {}
    for target in chosen:
        column = columns[target.column]
        times_s = np.round(column.times_s * 1000.0) / 1000.0
        parts.setdefault(target.row.row, []).append((times_s, column.values * target.scale + target.offset))
    return Window(start_s, end_s, {row: _joined(each, start_s, end_s) for row, each in parts.items()})


def _joined(parts: list[Reading], start_s: float, end_s: float) -> Reading:
    times_s = np.concatenate([t for t, _ in parts])
    values = np.concatenate([v for _, v in parts])
    keep = (times_s >= start_s) & (times_s <= end_s) & np.isfinite(values)
    # a repeated reading without a sequence number is the first one again, as the history takes it
    unique_s, at = np.unique(times_s[keep], return_index=True)
    return unique_s, values[keep][at]
