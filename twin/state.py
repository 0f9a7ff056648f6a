"""What the estate is doing: the latest value, time and quality of every channel, in columns.

A reading that is older than what is there never overwrites it; staleness is a function of the time now.
"""

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
