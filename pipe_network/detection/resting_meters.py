"""Meters that never rest: behind a flat's meter nothing flows for hours of every night, unless something leaks.

A register that stands still rests. What counts is how long ago the last rest of some length was, in time that was
really observed: an outage hides rests, so it is no evidence. A pulse meter of 10 L rests 5 h between two pulses of a
leak of 2 L/h; so the smaller the leak is against the meter's step, the more nights it takes to be sure.

References
----------
S. Buchberger, G. Wells, Intensity, duration, and frequency of residential water demands, J. Water Resources Planning
and Management 122(1) (1996): draws come as a Poisson process; between them a home's flow is zero.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RESTS_H: Final = (0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0)
_NIGHT_H: Final = 6.0
_NIGHT_RATIO: Final = 0.13
"""Draws in the small hours over their mean of the day; residential rhythms have 0.07 to 0.12 there."""
_DRAW_M3: Final = 0.007
"""A cistern, a wash: what is drawn at a time."""
_LEAST_DAILY_M3: Final = 0.04
_SURE_NATS: Final = 10.5
"""e^-10.5 a home and a night: in 500 homes less than one false word in a month, most from the few large households."""
_MOST_PULSES: Final = 25.0
_LEAST_NIGHTS: Final = 0.8
_BACK_S: Final = 10 * 86_400.0
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
    weight_nats : how improbable this is where nothing leaks
    """

    flow_m3_per_s: float
    low_m3_per_s: float
    high_m3_per_s: float
    since_s: float
    since_low_s: float
    observed_s: float
    weight_nats: float


def never_at_rest(
    times_s: Floats, register_m3: Floats, *, now_s: float, midnight_s: float = 0.0, seldom_ratio: float = 1.0
) -> NeverAtRest | None:
    """What always flows through a meter; none while it rests as it should, or no whole night was watched.

    Parameters
    ----------
    times_s, register_m3 : (n,) readings of a register, ascending in time
    midnight_s : any local midnight, on the times' clock; the six hours after it are the quiet ones
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
    first = int(np.searchsorted(times_s, now_s - _BACK_S))
    times_s, register_m3 = times_s[first:], register_m3[first:]
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
    step_m3 = _step_m3(register_m3)
    # the last rest of at least each length: the longest so far, seen from the end
    longest = np.maximum.accumulate(lengths[::-1])
    behind = np.searchsorted(longest, np.array(_RESTS_H) * 3600.0)
    ended_s = np.where(behind < len(ends), ends[len(ends) - 1 - np.minimum(behind, len(ends) - 1)], times_s[0])
    watched = observed[-1] - np.interp(ended_s, times_s, observed)
    for rest_h, since, watched_s in zip(_RESTS_H, ended_s.tolist(), watched.tolist(), strict=True):
        if since >= times_s[-1]:
            continue
        nights = _nights(times_s, observed, since, midnight_s)
        if nights < _LEAST_NIGHTS:
            continue
        used_m3 = float(np.interp(times_s[-1], times_s, register_m3) - np.interp(since, times_s, register_m3))
        total_m3 = used_m3 / (times_s[-1] - since) * 86_400.0
        # even if next to all of it were a leak
        if -nights * log_restless(_LEAST_DAILY_M3, rest_h=rest_h, step_m3=step_m3) < _SURE_NATS * seldom_ratio:
            continue
        flow, low, high = _always_m3_per_s(times_s, register_m3, since)
        daily_m3 = round(total_m3 - 86_400.0 * flow, 2)
        chance_nats = -nights * log_restless(max(daily_m3, _LEAST_DAILY_M3), rest_h=rest_h, step_m3=step_m3)
        if chance_nats >= _SURE_NATS * seldom_ratio:
            return NeverAtRest(flow, low, high, since, min(float(ended_s[-1]), since), watched_s, chance_nats)
    return None


def _nights(times_s: Floats, observed_s: Floats, since_s: float, midnight_s: float) -> float:
    """How many whole nights were watched since an instant; a night half seen counts half."""
    first = math.ceil((since_s - midnight_s) / 86_400.0)
    last = math.floor((times_s[-1] - _NIGHT_H * 3600.0 - midnight_s) / 86_400.0)
    if last < first:
        return 0.0
    begins = midnight_s + 86_400.0 * np.arange(first, last + 1)
    seen = np.interp(begins + _NIGHT_H * 3600.0, times_s, observed_s) - np.interp(begins, times_s, observed_s)
    return float(seen.sum()) / (_NIGHT_H * 3600.0)


@cache
def log_restless(daily_m3: float, *, rest_h: float, step_m3: float) -> float:
    """Log-probability that a night passes without a rest of that length although nothing leaks.

    With draws as a Poisson process the spacings of n draws in the night are those of n uniform points; the longest of
    them is shorter than a share x with the probability sum over k of (-1)^k C(n + 1, k) (1 - k x)^n (Feller, An
    Introduction to Probability Theory, vol. 2, I.9).

    Examples
    --------
    >>> round(log_restless(0.3, rest_h=3.0, step_m3=0.001), 1), round(log_restless(0.3, rest_h=1.0, step_m3=0.001), 1)
    (-1.9, -14.2)
    """
    pulses = daily_m3 * _NIGHT_RATIO / 24.0 / max(_DRAW_M3, step_m3)
    mean = pulses * _NIGHT_H
    if mean > _MOST_PULSES:  # so much is drawn that nobody expects a rest
        return 0.0
    share = rest_h / _NIGHT_H
    total = 1e-12
    for n in range(int(mean + 6.0 * math.sqrt(mean) + 8)):
        weight = math.exp(n * math.log(mean) - mean - math.lgamma(n + 1))
        terms = ((-1) ** k * math.comb(n + 1, k) * (1 - k * share) ** n for k in range(n + 2) if k * share < 1)
        total += weight * min(1.0, max(0.0, math.fsum(terms)))
    return math.log(min(1.0, total))


def _step_m3(register_m3: Floats) -> float:
    steps = np.abs(np.diff(register_m3))
    return float(steps[steps > 1e-7].min())


def _always_m3_per_s(times_s: Floats, register_m3: Floats, since_s: float) -> tuple[float, float, float]:
    """The flow that the quietest spans have in common, with its interval."""
    step_m3 = _step_m3(register_m3)
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
