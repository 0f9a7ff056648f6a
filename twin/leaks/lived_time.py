"""The time an estate has lived, where a simulator runs it faster than its readings are stamped.

Devices of an accelerated estate stamp readings with the clock on the wall, so that a page about it stays "now". What a
leak loses in an hour can only be told on the estate's own clock. The simulator says how fast it runs, and that is kept
with the readings (`PACE`); so an hour lived in a minute is an hour again, however often the speed was changed, and what
came before stays as it was. A real estate has no such readings, and its clock is its stamps.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from twin.leaks.window import Floats, Window

PACE: Final = "simulator:pace"
"""Under this name a history keeps how many times faster than its stamps the estate lives, as its simulator says."""
HELD_S: Final = 30.0
"""So long a simulator is believed to go on as it said; after that it is taken to have stopped."""


@dataclass(frozen=True, slots=True, eq=False)
class LivedTime:
    """One clock against the other: both ascending, linear between, and side by side outside.

    Attributes
    ----------
    stamped_s, lived_s : (n,) epoch [s]

    Examples
    --------
    >>> lived = LivedTime(np.array([0.0, 90.0, 100.0]), np.array([-590.0, -500.0, 100.0]))
    >>> lived.of(np.array([-10.0, 90.0, 95.0])).tolist(), float(lived.stamp_of(-200.0))
    ([-600.0, -500.0, -200.0], 95.0)
    """

    stamped_s: Floats
    lived_s: Floats

    @property
    def is_as_stamped(self) -> bool:
        """Whether the estate lives by its stamps, as every real one does."""
        return bool(np.array_equal(self.stamped_s, self.lived_s))

    def of(self, stamped_s: Floats | float) -> Floats:
        """The estate's own time at stamped times."""
        return _through(self.stamped_s, self.lived_s, stamped_s)

    def stamp_of(self, lived_s: Floats | float) -> Floats:
        """What the clock on the wall said at the estate's own times."""
        return _through(self.lived_s, self.stamped_s, lived_s)

    def pace(self, start_s: float, end_s: float) -> float:
        """How many times faster than stamped the estate lived between two stamped instants."""
        if end_s <= start_s or self.is_as_stamped:
            return 1.0
        return float(self.of(end_s) - self.of(start_s)) / (end_s - start_s)


def _through(from_s: Floats, to_s: Floats, times_s: Floats | float) -> Floats:
    """Linear between the knots; outside them both clocks go alike."""
    inside = np.interp(times_s, from_s, to_s)
    before = np.minimum(np.asarray(times_s) - from_s[0], 0.0)
    after = np.maximum(np.asarray(times_s) - from_s[-1], 0.0)
    return np.asarray(inside + before + after)


def lived_time(window: Window, *, uniform_ratio: float = 1.0) -> LivedTime:
    """The estate's own clock over a window: its simulator's, which begins with the clock on the wall.

    Parameters
    ----------
    uniform_ratio : for readings without a simulator's word: how much faster all of them were lived than stamped

    Examples
    --------
    >>> window = Window(0.0, 100.0, pace=(np.array([80.0, 90.0]), np.array([60.0, 10.0])))
    >>> lived_time(window).of(np.array([70.0, 80.0, 90.0, 100.0])).tolist()
    [70.0, 80.0, 680.0, 780.0]
    """
    start_s, end_s = window.start_s, max(window.end_s, window.start_s)
    said_s, paces = window.pace
    keep = (said_s >= start_s) & (said_s <= end_s) & (paces > 0)
    if not keep.any():
        return LivedTime(np.array([start_s, end_s]), np.array([end_s - (end_s - start_s) * uniform_ratio, end_s]))
    said_s, paces = said_s[keep], paces[keep]
    until_s = np.minimum(said_s + HELD_S, np.append(said_s[1:], end_s))
    edges_s = np.concatenate([[start_s], np.column_stack([said_s, until_s]).ravel(), [end_s]])
    # by turns: nobody says anything, a simulator does
    rates = np.ones(len(edges_s) - 1)
    rates[1::2] = paces
    lengths_s = np.diff(edges_s)
    lived_s = np.append(0.0, np.cumsum(rates * lengths_s))
    begun = int(np.flatnonzero(np.append(np.inf, np.diff(said_s)) > HELD_S)[-1])
    lived_s += said_s[begun] - lived_s[1 + 2 * begun]
    knots = np.append(np.flatnonzero(lengths_s > 0), len(edges_s) - 1)
    return LivedTime(edges_s[knots], lived_s[knots])


def as_lived(window: Window, time: LivedTime) -> Window:
    """The window on the estate's own clock; as long as before, so what began before it is left out."""
    if time.is_as_stamped:
        return window
    series = {row: (time.of(times_s), values) for row, (times_s, values) in window.series.items()}
    end_s = float(time.of(window.end_s))
    return Window(end_s - (window.end_s - window.start_s), end_s, series)
