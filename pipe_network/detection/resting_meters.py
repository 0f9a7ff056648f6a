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
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.pulse_rhythm import DRAW_M3, NIGHT_RATIO, expected_rests, leak_log_ratios

Floats = NDArray[np.float64]

_RESTS_H: Final = (0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0)
_RESTS_S: Final = np.array(_RESTS_H) * 3600.0
_NIGHT_H: Final = 6.0
_LEAST_DAILY_M3: Final = 0.04
_LOOKS_A_DAY: Final = 2.0
"""How often in a day a home has a new chance to look like a leak: whatever rests begins anew after each rest."""
_COARSE_M3: Final = 0.004
"""From this step on the pulses themselves are weighed; finer registers show rests well enough."""
_UNSURE_S: Final = 6 * 3600.0
_UNSURE_RATIO: Final = 0.2
_ODD_STEP: Final = 0.05
_SCREEN_RESTS: Final = 2.0
_LEAST_S: Final = 86_400.0
_SEARCHED: Final = 9
_CHANCES_KEPT: Final = 16_384
"""Steps of registers are read from readings and hardly repeat to the last digit: without an end they would pile up."""
_MOST_PULSES: Final = 25.0
_LEAST_NIGHTS: Final = 0.8
_OBSERVED_S: Final = 1800.0
"""Readings farther apart leave what is between them unobserved."""
_SPANS_S: Final = (3600.0, 2 * 3600.0, 3 * 3600.0, 6 * 3600.0)


def sure_nats(meters: int, *, false_alarms_per_month: float) -> float:
    """The evidence to ask of each of so many meters for so few false alarms of all of them together.

    Examples
    --------
    >>> round(sure_nats(438, false_alarms_per_month=0.1), 1), round(sure_nats(1, false_alarms_per_month=0.1), 1)
    (12.5, 6.4)
    """
    return math.log(max(1, meters) * 30.0 * _LOOKS_A_DAY / false_alarms_per_month)


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
    times_s: Floats, register_m3: Floats, *, now_s: float, midnight_s: float = 0.0, sure_nats: float = 12.5
) -> NeverAtRest | None:
    """What always flows through a meter; none while it rests as it should, or no whole night was watched.

    Parameters
    ----------
    times_s, register_m3 : (n,) readings of a register, ascending in time
    midnight_s : any local midnight, on the times' clock; the six hours after it are the quiet ones
    sure_nats : how improbable it must be where nothing leaks, see `sure_nats`

    Examples
    --------
    >>> t = np.arange(0.0, 3 * 86400, 300)
    >>> dripping = never_at_rest(t, np.floor(t / 3600 * 5) / 1000, now_s=t[-1])  # 5 L/h, counted by the litre
    >>> round(dripping.flow_m3_per_s * 3.6e6, 1)
    5.1
    >>> never_at_rest(t, np.floor(t / 86400) / 1000, now_s=t[-1]) is None
    True
    """
    end = int(times_s.searchsorted(now_s, "right"))
    times_s, register_m3 = times_s[:end], register_m3[:end]
    if len(times_s) < 12 or times_s[-1] - times_s[0] < 86_400.0:
        return None
    gained_m3 = register_m3[1:] - register_m3[:-1]
    moved = np.flatnonzero(gained_m3 > 1e-7)
    if len(moved) < 12:
        return None
    # a rest: from the reading that first shows a value to the last that shows it
    begins = np.concatenate([times_s[:1], times_s[moved + 1]])
    ends = np.concatenate([times_s[moved], times_s[-1:]])
    step_m3 = float(np.abs(gained_m3[np.abs(gained_m3) > 1e-7]).min())
    # the last rest of at least each length: the longest so far, seen from the end
    longest = np.maximum.accumulate((ends - begins)[::-1])
    behind = longest.searchsorted(_RESTS_S)
    ended_s = np.where(behind < len(ends), ends[len(ends) - 1 - np.minimum(behind, len(ends) - 1)], times_s[0])
    # nearly every meter has rested lately: with no more whole nights since than there can be it is not worth a look
    is_coarse = step_m3 >= _COARSE_M3
    may_be = ((times_s[-1] - ended_s) / 86_400.0 + 1.0) * _a_night_nats(step_m3) >= sure_nats
    if not is_coarse and not may_be.any():
        return None
    gaps = times_s[1:] - times_s[:-1]
    observed = np.concatenate([[0.0], np.cumsum(np.where(gaps <= _OBSERVED_S, gaps, 0.0))])
    watched = observed[-1] - np.interp(ended_s, times_s, observed)
    for k in np.flatnonzero(may_be).tolist():
        rest_h, since, watched_s = _RESTS_H[k], float(ended_s[k]), float(watched[k])
        if since >= times_s[-1]:
            continue
        nights = _nights(times_s, observed, since, midnight_s)
        # even if next to all of it were a leak
        if nights < _LEAST_NIGHTS or nights * float(_a_night_nats(step_m3)[k]) < sure_nats:
            continue
        used_m3 = float(np.interp(times_s[-1], times_s, register_m3) - np.interp(since, times_s, register_m3))
        total_m3 = used_m3 / (times_s[-1] - since) * 86_400.0
        # the last rest may have ended with a draw hours before the leak began
        surely = since + min(_UNSURE_S, _UNSURE_RATIO * (float(times_s[-1]) - since))
        flow, low, high = _always_m3_per_s(times_s, register_m3, surely)
        daily_m3 = round(total_m3 - 86_400.0 * flow, 2)
        chance_nats = -nights * log_restless(max(daily_m3, _LEAST_DAILY_M3), rest_h=rest_h, step_m3=step_m3)
        if chance_nats >= sure_nats:
            return NeverAtRest(flow, low, high, since, min(float(ended_s[-1]), since), watched_s, chance_nats)
    if not is_coarse:
        return None
    return _by_pulses(times_s, register_m3, (ended_s, watched), midnight_s=midnight_s, sure_nats=sure_nats)


@lru_cache(maxsize=_CHANCES_KEPT)
def _a_night_nats(step_m3: float) -> Floats:
    """(rests,) what a night without a rest of each length says at most: in a home that draws next to nothing."""
    return np.array([-log_restless(_LEAST_DAILY_M3, rest_h=rest_h, step_m3=step_m3) for rest_h in _RESTS_H])


def _by_pulses(
    times_s: Floats, register_m3: Floats, rests: tuple[Floats, Floats], *, midnight_s: float, sure_nats: float
) -> NeverAtRest | None:
    """What a coarse register's pulses tell, since the ends of rests after which others were to be expected."""
    step_m3 = _step_m3(register_m3)
    steps = np.diff(register_m3) / step_m3
    if np.abs(steps - np.rint(steps)).max() > _ODD_STEP:
        return None  # the least draw was no step of the register, which therefore is a finer one
    end_s = float(times_s[-1])
    total_m3 = float(register_m3[-1] - register_m3[0]) / (end_s - float(times_s[0])) * 86_400.0
    tried: dict[float, tuple[float, float, float, float]] = {}
    for rest_h, since, watched_s in zip(_RESTS_H, rests[0].tolist(), rests[1].tolist(), strict=True):
        if watched_s < _LEAST_S or since in tried:
            continue
        before_s = since - float(times_s[0])
        used_m3 = float(np.interp(since, times_s, register_m3)) - float(register_m3[0])
        daily_m3 = max(_LEAST_DAILY_M3, used_m3 / before_s * 86_400.0 if before_s >= 2 * _LEAST_S else total_m3)
        since_h, end_h = (since - midnight_s) / 3600.0, (end_s - midnight_s) / 3600.0
        awaited = expected_rests(since_h, end_h, rest_h=rest_h, daily_m3=daily_m3, step_m3=step_m3)
        awaited *= watched_s / (end_s - since)
        if awaited >= _SCREEN_RESTS:
            tried[since] = (awaited, rest_h, daily_m3, watched_s)
    for since, (_, rest_h, daily_m3, watched_s) in sorted(tried.items(), key=lambda item: -item[1][0])[:2]:
        flows = np.geomspace(0.12 * step_m3, 1.3 * step_m3 / rest_h, _SEARCHED) / 3600.0
        logs = leak_log_ratios(
            times_s, register_m3, flows, since_s=since, midnight_s=midnight_s, daily_m3=daily_m3, step_m3=step_m3
        )
        nats = float(np.logaddexp.reduce(logs)) - math.log(len(logs))
        if nats < sure_nats:
            continue
        reached = np.cumsum(np.exp(logs - logs.max()))
        low, flow, high = (float(flows[np.searchsorted(reached, p * reached[-1])]) for p in (0.05, 0.5, 0.95))
        between = float(flows[1] / flows[0]) ** 0.5  # each flow stands for those around it
        return NeverAtRest(flow, low / between, high * between, since, min(float(rests[0][-1]), since), watched_s, nats)
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


@lru_cache(maxsize=_CHANCES_KEPT)
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
    pulses = daily_m3 * NIGHT_RATIO / 24.0 / max(DRAW_M3, step_m3)
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
