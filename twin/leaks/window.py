"""The readings that an answer rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Reading = tuple[Floats, Floats]
_NOTHING: Reading = (np.empty(0), np.empty(0))


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Readings of channels between two instants.

    Attributes
    ----------
    start_s, end_s : epoch [s]
    series : row of the site index to (times, values): epoch ascending [s], SI values; NaN and gaps are missing readings
    pace : when a simulator said how many times faster than its stamps the estate lives; empty for a real one
    """

    start_s: float
    end_s: float
    series: Mapping[int, Reading] = field(default_factory=dict)
    pace: Reading = _NOTHING

    def reading(self, row: int | None) -> Reading:
        """Times and finite values of a channel up to the window's end; empty where nothing came.

        Examples
        --------
        >>> window = Window(0.0, 100.0, {3: (np.array([10.0, 20.0]), np.array([1.0, np.nan]))})
        >>> window.reading(3)[0].tolist(), window.reading(4)[0].tolist()
        ([10.0], [])
        """
        if row is None or row not in self.series:
            return _NOTHING
        times_s, values = self.series[row]
        keep = np.isfinite(values) & (times_s >= self.start_s) & (times_s <= self.end_s)
        if len(times_s) > 1:
            # of readings at one time the last one counts
            keep[:-1] &= times_s[1:] > times_s[:-1]
        return (times_s, values) if keep.all() else (times_s[keep], values[keep])

    def until(self, end_s: float) -> "Window":
        """The same window as it was known at an earlier moment."""
        return Window(self.start_s, min(end_s, self.end_s), self.series, self.pace)
