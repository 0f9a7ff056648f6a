"""What the estate is doing: the latest value, time and quality of every channel, in columns.

A reading that is older than what is there never overwrites it; staleness is a function of the time now.
"""

import threading
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

STALE_AFTER_INTERVALS = 3.0
"""A channel that missed three of its reports is stale: one may be lost, two may be late."""


class Quality(IntEnum):
    """Quality of a value: OPC UA's classes, plus stale. `NEVER` is a channel that has not reported yet."""

    GOOD = 0
    UNCERTAIN = 1
    STALE = 2
    BAD = 3
    NEVER = 4


@dataclass(frozen=True, slots=True)
class Readings:
    """A batch of readings in columns, all of length n; values are SI.

    Attributes
    ----------
    rows : (n,) int32, row of the site index
    times_s : (n,) float64, epoch [s]
    values : (n,) float64
    quality : (n,) uint8, `Quality`
    """

    rows: NDArray[np.int32]
    times_s: NDArray[np.float64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.rows)


def no_readings() -> Readings:
    """A batch with nothing in it."""
    return Readings(
        rows=np.empty(0, np.int32),
        times_s=np.empty(0, np.float64),
        values=np.empty(0, np.float64),
        quality=np.empty(0, np.uint8),
    )


class State:
    """The latest reading of every channel, in columns keyed by the rows of one site index.

    It is prepared state with one owner: `apply` changes the columns in place, everything else only reads them.
    What has to outlive the next batch, or reads from another thread, takes a `snapshot`: the two exclude each other.

    Attributes
    ----------
    values : (n,) float64, SI; NaN where nothing was reported
    times_s : (n,) float64, epoch of the reading; minus infinity where nothing was reported [s]
    quality : (n,) uint8, `Quality` as received; staleness is added by `quality_at`
    intervals_s : (n,) float64, how often each channel reports [s]
    """

    __slots__ = ("_lock", "intervals_s", "quality", "times_s", "values")

    def __init__(self, intervals_s: NDArray[np.float64]) -> None:
        n = len(intervals_s)
        self._lock = threading.Lock()
        self.intervals_s = intervals_s
        self.values = np.full(n, np.nan)
        self.times_s = np.full(n, -np.inf)
        self.quality = np.full(n, Quality.NEVER, dtype=np.uint8)

    def __len__(self) -> int:
        return len(self.values)

    def apply(self, readings: Readings) -> NDArray[np.int32]:
        """Rows that have a newer reading now, ascending and each once.

        Within the batch the latest time wins, and of equal times the one that came last. A reading older than
        what is there is left out; one of equal time replaces it (two changes within a gateway's clock tick).

        Examples
        --------
        >>> state = State(np.array([60.0, 60.0]))
        >>> rows, times_s, values = np.array([1, 1], np.int32), np.array([20.0, 10.0]), np.array([2.0, 1.0])
        >>> state.apply(Readings(rows, times_s, values, np.zeros(2, np.uint8))), state.values
        (array([1], dtype=int32), array([nan,  2.]))
        """
        if len(readings) == 0:
            return np.empty(0, np.int32)
        order = np.lexsort((readings.times_s, readings.rows))  # stable: of equal times the last to come stays last
        rows = readings.rows[order]
        last = np.flatnonzero(np.append(rows[1:] != rows[:-1], True))
        winners = order[last]
        winners = winners[readings.times_s[winners] >= self.times_s[readings.rows[winners]]]
        changed = readings.rows[winners]
        with self._lock:
            self.values[changed] = readings.values[winners]
            self.times_s[changed] = readings.times_s[winners]
            self.quality[changed] = readings.quality[winners]
        return changed.astype(np.int32, copy=False)

    def quality_at(self, now_s: float) -> NDArray[np.uint8]:
        """(n,) `Quality` of every channel at a moment: stale after three of its intervals without a reading.

        Silence says more than the last word: a bad reading turns stale like a good one.
        """
        overdue = now_s - self.times_s > STALE_AFTER_INTERVALS * self.intervals_s
        return np.where(overdue & (self.quality != Quality.NEVER), np.uint8(Quality.STALE), self.quality)

    def snapshot(self, now_s: float) -> "StateSnapshot":
        """A copy of the columns at a moment, staleness included, that no later batch changes."""
        with self._lock:
            return StateSnapshot(now_s, self.values.copy(), self.times_s.copy(), self.quality_at(now_s))


@dataclass(frozen=True, slots=True)
class StateSnapshot:
    """The state at one moment; columns as in `State`, quality with staleness.

    Attributes
    ----------
    now_s : float, the moment, epoch [s]
    values : (n,) float64, SI
    times_s : (n,) float64, epoch [s]
    quality : (n,) uint8, `Quality`
    """

    now_s: float
    values: NDArray[np.float64]
    times_s: NDArray[np.float64]
    quality: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.values)
