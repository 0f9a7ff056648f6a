"""Steps, ramps and recoveries in series: since when, how large, how sure.

A value is a level, plus noise; a level stays until it steps, or grows as an incipient leak does (by its slope and
curvature), or falls back when a leak is repaired. At each time the onsets and kinds of change that would explain the
surprises best are weighed against "nothing has changed"; what is said at a time uses values up to that time only.
"""

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.changes import Change, ChangeKind, Course, Search, Signs
from pipe_network.detection.explanations import AnyDirection, KnownEffects, Weigher
from pipe_network.detection.innovations import Courses
from pipe_network.detection.noise import Noise, estimate_noise
from pipe_network.detection.pursuit import Pursuit
from pipe_network.errors import PipeNetworkError

__all__ = ["Change", "ChangeKind", "Course", "Search", "Signs", "UnevenTimesError", "find_changes", "follow"]

Floats = NDArray[np.float64]

_TYPICAL = 10.0
"""Where nothing is known of leaks: their spread, in standard deviations of a day's mean."""


class UnevenTimesError(PipeNetworkError, ValueError):
    """Times that are not equally spaced and increasing."""

    def __init__(self, row: int) -> None:
        self.row = row
        super().__init__(
            f"times must increase by equal steps, but do not at row {row}; put them on a grid, NaN in gaps"
        )


def find_changes(
    times_s: Floats,
    values: Floats,
    *,
    noise: Noise | None = None,
    rising_ratio: Floats | None = None,
    signs: Signs | None = None,
    search: Search | None = None,
) -> tuple[Change, ...]:
    """Changes of the level of one or several series, in the order they are told.

    Channels are taken to be independent: decorrelate them before. A change may show in all
    of them, each by a size of its own.

    Parameters
    ----------
    times_s : (t,) equally spaced [s]
    values : (t,) or (t, k), NaN where missing
    noise : of each channel; without it, estimated from all the values
    rising_ratio : (k,) how a leak shows: +1 where it raises values, -1 where it lowers them, 0 where either; decides
        what is a leak and what a recovery. Without it, +1.
    signs : what leaks at known places do to the channels, in the place of `rising_ratio`: then only changes that a leak
        can make are leaks, all others are a `shift`

    Raises
    ------
    UnevenTimesError
        If the times are not a grid.

    Examples
    --------
    >>> times_s = np.arange(24 * 20) * 3600.0
    >>> values = np.random.default_rng(1).normal(0.0, 1.0, len(times_s)) + 2.0 * (times_s > 10 * 86400)
    >>> [c] = find_changes(times_s, values)
    >>> c.kind, round(c.onset_s / 86400), bool(1.0 < c.size[0] < 3.0), c.found_s < 12 * 86400
    ('step', 10, True, True)
    """
    return follow(times_s, values, noise=noise, rising_ratio=rising_ratio, signs=signs, search=search).changes


def follow(
    times_s: Floats,
    values: Floats,
    *,
    noise: Noise | None = None,
    courses: Courses | None = None,
    rising_ratio: Floats | None = None,
    signs: Signs | None = None,
    search: Search | None = None,
) -> Course:
    """As `find_changes`, with known courses that the values follow besides, and with what is known at each time."""
    times_s, values = np.asarray(times_s, float), np.asarray(values, float)
    values = values[:, None] if values.ndim == 1 else values
    steps_s = np.diff(times_s)
    if len(steps_s) and (steps_s[0] <= 0 or np.abs(steps_s - steps_s[0]).max() > 1e-3 * steps_s[0]):
        raise UnevenTimesError(int(np.argmax(np.abs(steps_s - steps_s[0]))) + 1)
    k = values.shape[1]
    none = np.zeros((k, 0))
    courses = courses or Courses(np.zeros((len(values), k, 0)), none, none, none, none, np.ones_like(values))
    noise = noise or estimate_noise(times_s, values)
    step_s = float(steps_s[0]) if len(steps_s) else 3600.0
    if signs is None:
        rising = np.ones(k) if rising_ratio is None else np.asarray(rising_ratio, float)
        spreads = np.maximum(_TYPICAL * noise.over_a_day(step_s), 1e-12)
        weigher: Weigher = AnyDirection(spreads, rising)
    else:
        weigher = KnownEffects(signs)
    return Pursuit(times_s, step_s, values, noise, courses, weigher, search or Search()).run()
