"""Registers of volume read at odd times, as volumes between even instants with what is not known of them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_SPREAD_RATIO: Final = 0.6
"""How far inside a gap the passed volume may be from an even course: at half of it, 0.3 of what passed in the gap.
Draws come in pulses, and a gap is rarely all pulse or none."""
_REACH_S: Final = 600.0
"""So far beyond the last reading an edge may lie and still be known."""
_STEP_READINGS: Final = 600
_COARSE: Final = 6
"""Every so many readings are enough to see how a tank goes up and down."""


@dataclass(frozen=True, slots=True, eq=False)
class Passed:
    """What passed a meter between instants.

    Attributes
    ----------
    volumes_m3 : (t,) between two edges; NaN where the register does not reach
    edge_variances : (t + 1,) of the register at the edges [m6]
    edge_flows_m3_per_s : (t + 1,) at the edges, which a wrong clock turns into volume; 0 where unknown
    """

    volumes_m3: Floats
    edge_variances: Floats
    edge_flows_m3_per_s: Floats


def register_step_m3(register_m3: Floats) -> float:
    """The least step of a register, as its last readings show it; 0 where it did not move in them.

    Examples
    --------
    >>> register_step_m3(np.array([1.0, 1.0, 1.01, 1.03]))
    0.01
    """
    last = register_m3[-_STEP_READINGS:]
    steps = np.abs(last[1:] - last[:-1])
    steps = steps[steps > 1e-7]
    return round(float(steps.min()), 6) if len(steps) else 0.0


def without_jumps(times_s: Floats, register_m3: Floats, *, most_m3_per_s: float) -> tuple[Floats, int]:
    """The register with leaps taken out that no flow explains, such as a new meter's first reading, and their count.

    Examples
    --------
    >>> without_jumps(np.array([0.0, 60.0, 120.0]), np.array([5.0, 5.1, 0.0]), most_m3_per_s=0.01)
    (array([5. , 5.1, 5.1]), 1)
    """
    gained = register_m3[1:] - register_m3[:-1]
    leap = np.abs(gained) > most_m3_per_s * (times_s[1:] - times_s[:-1]) + 0.02
    if not leap.any():
        return register_m3, 0
    total: Floats = register_m3[0] + np.concatenate([[0.0], np.cumsum(np.where(leap, 0.0, gained))])
    return total, int(leap.sum())


def passed(times_s: Floats, register_m3: Floats, edges_s: Floats) -> Passed:
    """Volumes between edges, by the register on both sides of each; in a gap they are the less known the wider it is.

    Parameters
    ----------
    times_s, register_m3 : (n,) readings, ascending in time; what a tank holds is as good as a register
    edges_s : (t + 1,) ascending

    Examples
    --------
    >>> p = passed(np.array([0.0, 1800.0, 3600.0, 7200.0]), np.array([0.0, 1.0, 2.0, 2.5]), np.array([0.0, 3600, 7200]))
    >>> p.volumes_m3.tolist()
    [2.0, 0.5]
    """
    t = len(edges_s)
    if len(times_s) < 2:
        return Passed(np.full(t - 1, np.nan), np.zeros(t), np.zeros(t))
    # plain minima and slices: np.clip and np.diff cost more than the work on some hundred edges of each of many meters
    right = np.minimum(np.maximum(times_s.searchsorted(edges_s), 1), len(times_s) - 1)
    left_s, right_s = times_s[right - 1], times_s[right]
    left_m3, right_m3 = register_m3[right - 1], register_m3[right]
    gap_s = right_s - left_s
    share = np.minimum(np.maximum((edges_s - left_s) / gap_s, 0.0), 1.0)
    at_edge = left_m3 + share * (right_m3 - left_m3)
    # a reading a few minutes off the window's ends still speaks for them
    reach_s = np.minimum(gap_s, _REACH_S)
    outside = (edges_s < times_s[0] - reach_s) | (edges_s > times_s[-1] + reach_s)
    # over a reading more on both sides: a single step of a register is no flow yet
    first, last = np.maximum(right - 2, 0), np.minimum(right + 1, len(times_s) - 1)
    flows = np.where(outside, 0.0, (register_m3[last] - register_m3[first]) / (times_s[last] - times_s[first]))
    lag_s = np.maximum(edges_s - times_s[-1], 0.0) + np.maximum(times_s[0] - edges_s, 0.0)
    step_m3 = register_step_m3(register_m3)
    # a tank may have filled and emptied in a gap at the ends of which it stands equally high
    seldom = register_m3[::_COARSE]
    moved = float(np.abs(seldom[1:] - seldom[:-1]).sum()) / float(times_s[-1] - times_s[0])
    most = np.maximum(np.abs(right_m3 - left_m3), moved * gap_s)
    spread = _SPREAD_RATIO * most * np.sqrt(share * (1.0 - share))
    shown = np.where(outside, np.nan, at_edge)
    return Passed(shown[1:] - shown[:-1], step_m3**2 / 12.0 + spread**2 + (flows * lag_s) ** 2, flows)
