"""A channel at a zoom: readings and hourly statistics folded into buckets. Pure."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from live_bindings.history.chunks import Columns
from live_bindings.history.series import Buckets
from twin.state import Quality

HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Parts:
    """Pieces of a series, each with its count and extremes: one reading, or one whole hour.

    Attributes
    ----------
    times_s : (n,) float64, a time within the piece (of an hour: its start) [s]
    count : (n,) int64
    min, max, sum : (n,) float64
    """

    times_s: NDArray[np.float64]
    count: NDArray[np.int64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    sum: NDArray[np.float64]


def parts_of(columns: Columns) -> Parts:
    """Each reading that is not bad as a piece of its own."""
    kept = columns.take(columns.quality != Quality.BAD)
    n = len(kept)
    return Parts(kept.times_ms / 1000.0, np.ones(n, np.int64), kept.values, kept.values, kept.values)


def join(parts: list[Parts]) -> Parts:
    """The pieces together."""
    return Parts(
        np.concatenate([p.times_s for p in parts]),
        np.concatenate([p.count for p in parts]),
        np.concatenate([p.min for p in parts]),
        np.concatenate([p.max for p in parts]),
        np.concatenate([p.sum for p in parts]),
    )


def step_for(span_s: float, points: int) -> float:
    """Length of a bucket; from an hour on, whole hours, so that hourly statistics fit in. [s]

    Examples
    --------
    >>> step_for(86400.0, 24), step_for(365 * 86400.0, 1000), step_for(100.0, 1000)
    (3600.0, 32400.0, 0.1)
    """
    step_s = span_s / points
    return math.ceil(step_s / HOUR_S) * HOUR_S if step_s >= HOUR_S else step_s


def fold(parts: Parts, *, start_s: float, step_s: float) -> Buckets:
    """The pieces folded into buckets of `step_s`, the first of which begins at `start_s`."""
    filled = parts.count > 0
    place = np.floor((parts.times_s[filled] - start_s) / step_s).astype(np.int64)
    order = np.argsort(place, kind="stable")
    place = place[order]
    if len(place) == 0:
        nothing = np.empty(0)
        return Buckets(step_s, nothing, nothing, nothing, nothing, np.empty(0, np.int64))
    starts = np.flatnonzero(np.concatenate(([True], np.diff(place) > 0)))
    count = np.add.reduceat(parts.count[filled][order], starts)
    return Buckets(
        step_s=step_s,
        times_s=start_s + place[starts].astype(np.float64) * step_s,
        mean=np.add.reduceat(parts.sum[filled][order], starts) / count,
        min=np.minimum.reduceat(parts.min[filled][order], starts),
        max=np.maximum.reduceat(parts.max[filled][order], starts),
        count=count,
    )


def raw(columns: Columns) -> Buckets:
    """Each reading that is not bad as an entry of its own."""
    kept = columns.take(columns.quality != Quality.BAD)
    return Buckets(0.0, kept.times_ms / 1000.0, kept.values, kept.values, kept.values, np.ones(len(kept), np.int64))
