"""Meters that never rest: behind a flat's meter nothing flows for hours of every night, unless something leaks.

A register that stands still rests. What counts is how long ago the last rest of some length was, in time that was
really observed: an outage hides rests, so it is no evidence. A pulse meter of 10 L rests 5 h between two pulses of a
leak of 2 L/h; so the smaller the leak is against the meter's step, the more nights it takes to be sure.

References
----------
S. Buchberger, G. Wells, Intensity, duration, and frequency of residential water demands, J. Water Resources Planning
and Management 122(1) (1996): draws come as a Poisson process; between them a home's flow is zero.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_REQUIRED: Final = ((1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (4.5, 6.0))
"""Hours of rest, and for how many observed days none may have been that long. A household of five draws some 0.3 times
an hour in the small hours; a night without one hour of rest is then rarer than one in a thousand, without two hours
about one in thirty, so the longer rest needs more nights to be missed in."""
_OBSERVED_S: Final = 1800.0
"""Readings farther apart leave what is between them unobserved."""
_SPANS_S: Final = (3600.0, 2 * 3600.0, 3 * 3600.0, 6 * 3600.0)


@dataclass(frozen=True, slots=True)
class NeverAtRest:
    """A meter behind which water flows all the time.

    Attributes
    ----------
    flow_m3_per_s : what always flows, with the ends of its interval
    since_s, since_low_s : the last rest ended then; before `since_low_s` it surely rested
    observed_s : for how long it has been watched without a rest
    """

    flow_m3_per_s: float
    low_m3_per_s: float
    high_m3_per_s: float
    since_s: float
    since_low_s: float
    observed_s: float


def never_at_rest(
    times_s: Floats, register_m3: Floats, *, now_s: float, seldom_ratio: float = 1.0
) -> NeverAtRest | None:
    """What always flows through a meter; none while it rests as it should, or has not been watched for a day.

    Parameters
    ----------
    times_s, register_m3 : (n,) readings of a register, ascending in time
    seldom_ratio : how many times the usual evidence is asked for, where rests are rarer (a building, not a flat)

    Examples
    --------
    >>> t = np.arange(0.0, 3 * 86400, 300)
    >>> dripping = never_at_rest(t, np.floor(t / 3600 * 5) / 1000, now_s=t[-1])  # 5 L/h, counted by the litre
    >>> round(dripping.flow_m3_per_s * 3.6e6, 1)
    5.1
    >>> never_at_rest(t, np.floor(t / 86400) / 1000, now_s=t[-1]) is None
    True
    """
    keep = times_s <= now_s
    times_s, register_m3 = times_s[keep], register_m3[keep]
    if len(times_s) < 12 or times_s[-1] - times_s[0] < 86_400.0:
        return None
    moved = np.flatnonzero(np.diff(register_m3) > 1e-7)
    if len(moved) < 12:
        return None
    # a rest: from the reading that first shows a value to the last that shows it
    begins = np.concatenate([times_s[:1], times_s[moved + 1]])
    ends = np.concatenate([times_s[moved], times_s[-1:]])
    lengths = ends - begins
    gaps = np.diff(times_s)
    observed = np.concatenate([[0.0], np.cumsum(np.where(gaps <= _OBSERVED_S, gaps, 0.0))])
    since = None
    for rest_h, days in _REQUIRED:
        long = np.flatnonzero(lengths >= rest_h * 3600.0)
        last = float(ends[long[-1]]) if len(long) else float(times_s[0])
        watched_s = float(observed[-1] - np.interp(last, times_s, observed))
        if watched_s >= days * seldom_ratio * 86_400.0 and last < times_s[-1]:
            since = last
            break
    if since is None:
        return None
    flow, low, high = _always_m3_per_s(times_s, register_m3, since)
    last_sure = np.flatnonzero(lengths >= _REQUIRED[-1][0] * 3600.0)
    sure_s = float(ends[last_sure[-1]]) if len(last_sure) else float(times_s[0])
    return NeverAtRest(
        flow, low, high, since, min(sure_s, since), float(observed[-1] - np.interp(since, times_s, observed))
    )


def _always_m3_per_s(times_s: Floats, register_m3: Floats, since_s: float) -> tuple[float, float, float]:
    """The flow that the quietest spans have in common, with its interval."""
    steps = np.abs(np.diff(register_m3))
    step_m3 = float(steps[steps > 1e-7].min())
    grid = np.arange(since_s, times_s[-1], 900.0)
    shown = np.interp(grid, times_s, register_m3)
    flow, low, high = np.inf, 0.0, np.inf
    for span_s in _SPANS_S:
        n = int(span_s // 900.0)
        if len(shown) <= n:
            break
        least = float((shown[n:] - shown[:-n]).min())
        flow = min(flow, (least + 0.5 * step_m3) / span_s)
        high = min(high, (least + step_m3) / span_s)
        low = max(low, (least - step_m3) / span_s)
    # draws of the night are in it as well; what is left without them is not less than nothing
    return float(flow), float(max(0.0, min(low, flow))), float(max(high, flow))
