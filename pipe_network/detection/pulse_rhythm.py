"""What the pulses of a coarse register tell of a flow that never stops, weighed against draws alone.

A register of 10 L that counts a leak of 4 L/h moves every two and a half hours at the latest, earlier where somebody
draws. So a leak shows in how regular the pulses of quiet hours are, long before rests of hours become improbable. What
the register holds beyond its last step is unknown; it is carried along as a distribution, to which each half hour adds
the leak and a compound Poisson sum of draws, and which each shown step cuts.

References
----------
S. Buchberger, G. Wells, Intensity, duration, and frequency of residential water demands, J. Water Resources Planning
and Management 122(1) (1996): draws as a Poisson process of rectangular pulses.
W. Feller, An Introduction to Probability Theory and Its Applications, vol. 2 (1971), II.7: the density of a compound
Poisson sum of exponential draws by a Bessel function.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAW_M3: Final = 0.007
"""A cistern, a wash: what is drawn at a time."""
NIGHT_H: Final = 6
NIGHT_RATIO: Final = 0.13
"""Draws in the small hours over their mean of the day; residential rhythms have 0.07 to 0.12 there."""
DAY_RATIO: Final = (24.0 - NIGHT_H * NIGHT_RATIO) / (24.0 - NIGHT_H)
_STEP_S: Final = 1800.0
_CELLS: Final = 16
"""Parts of a register's step in which its hidden rest is told apart."""
_RATES: Final = np.array([0.6, 1.0, 1.7, 2.8])
"""A home may draw so many times what it drew before: guests, a holiday at home, a sick child that is up at night."""
_RATE_LOGS: Final = np.log(np.array([0.25, 0.4, 0.25, 0.1]))
_ODD_RATIO: Final = 1e-4
"""Share of half hours of which neither draws nor a leak are the whole story."""
_GAP_S: Final = 3 * _STEP_S


def rhythm_ratio(hours: Ints) -> Floats:
    """Draws at hours of the local day over their mean.

    Examples
    --------
    >>> rhythm_ratio(np.array([3, 12])).round(2).tolist()
    [0.13, 1.29]
    """
    return np.where(hours < NIGHT_H, NIGHT_RATIO, DAY_RATIO)


def expected_rests(since_h: float, until_h: float, *, rest_h: float, daily_m3: float, step_m3: float) -> float:
    """How many rests of that length a home without a leak would have had between two instants, by local hours.

    Examples
    --------
    >>> round(expected_rests(12.0, 84.0, rest_h=3.0, daily_m3=0.3, step_m3=0.01), 1)
    2.7
    """
    hours = np.arange(np.floor(since_h), np.floor(until_h - rest_h) + 1)
    if len(hours) == 0:
        return 0.0
    per_h = daily_m3 / 24.0 / max(DRAW_M3, step_m3)
    day = np.concatenate([[0.0], np.cumsum(rhythm_ratio(np.arange(72) % 24))]) * per_h
    first = hours % 24
    begun = rhythm_ratio(first.astype(np.int64)) * per_h
    none = np.exp(day[first.astype(np.int64)] - np.interp(first + rest_h, np.arange(73.0), day))
    return float((begun * none).sum())


def leak_log_ratios(
    times_s: Floats, register_m3: Floats, flows_m3_per_s: Floats, *, since_s: float, midnight_s: float, daily_m3: float,
    step_m3: float,
) -> Floats:  # fmt: skip
    """(q,) log-likelihood of each constant flow since an instant, relative to draws alone.

    Parameters
    ----------
    times_s, register_m3 : (n,) readings of a register, ascending in time
    flows_m3_per_s : (q,)
    midnight_s : any local midnight, on the times' clock
    daily_m3 : what the home drew in a day, as far as that is known
    step_m3 : of the register

    Examples
    --------
    >>> t = np.arange(0.0, 2 * 86400, 300)
    >>> dripping = np.floor(t / 3600 * 4 / 10) / 100  # 4 L/h by a register of 10 L, and nobody at home
    >>> ratios = leak_log_ratios(t, dripping, np.array([4e-3, 12e-3]) / 3600, since_s=0.0, midnight_s=0.0,
    ...                          daily_m3=0.2, step_m3=0.01)
    >>> bool(ratios[0] > 20), bool(ratios[1] < 0)
    (True, True)
    """
    flows = np.concatenate([[0.0], flows_m3_per_s])
    kept = np.unique(np.searchsorted(times_s, np.arange(since_s, times_s[-1] + 1.0, _STEP_S), side="right") - 1)
    kept = kept[kept >= 0]
    times_s, register_m3 = times_s[kept], register_m3[kept]
    lasted_s = np.diff(times_s)
    pulses = np.maximum(0, np.rint(np.diff(register_m3) / step_m3)).astype(np.int64)
    hours = ((times_s[:-1] + lasted_s / 2 - midnight_s) // 3600 % 24).astype(np.int64)
    cell_m3 = step_m3 / _CELLS
    behind = np.full((len(_RATES), len(flows), _CELLS), 1.0 / _CELLS)
    logs = np.zeros((len(_RATES), len(flows)))
    longest = (int(pulses.max(initial=0)) + 2) * _CELLS
    known: dict[tuple[bool, int], Floats] = {}
    across = np.arange(_CELLS)[None, :] - np.arange(_CELLS)[:, None]
    for k in range(len(pulses)):
        if lasted_s[k] > _GAP_S:  # what happened in an outage is not known, nor what is left of the last step
            behind[:] = 1.0 / _CELLS
            continue
        key = (bool(hours[k] < NIGHT_H), int(lasted_s[k] // 300))
        if key not in known:
            mean = _RATES * daily_m3 / DRAW_M3 * float(rhythm_ratio(hours[k])) * lasted_s[k] / 86_400.0
            known[key] = _drawn(mean, DRAW_M3 / cell_m3, longest)
        shift = flows * lasted_s[k] / cell_m3
        whole = np.floor(shift)
        part = (shift - whole)[:, None, None]
        at = pulses[k] * _CELLS + across - whole.astype(np.int64)[:, None, None]
        # what is drawn is never less than nothing
        drawn = known[key]
        moved = (1 - part) * _taken(drawn, at) + part * _taken(drawn, at - 1)
        ahead = np.matmul(behind[:, :, None, :], moved)[:, :, 0, :]
        odd = _ODD_RATIO / (1.0 + float(pulses[k]))
        chance = (1 - _ODD_RATIO) * ahead.sum(axis=2) + odd
        behind = ((1 - _ODD_RATIO) * ahead + odd / _CELLS) / chance[:, :, None]
        logs += np.log(chance)
    total = np.logaddexp.reduce(logs + _RATE_LOGS[:, None], axis=0)
    ratios: Floats = total[1:] - total[0]
    return ratios


def _taken(drawn: Floats, at: Ints) -> Floats:
    """(r, q, c, c) mass at those numbers of cells; nothing below none."""
    inside = np.clip(at, 0, drawn.shape[1] - 1)
    return np.where((at >= 0) & (at < drawn.shape[1]), drawn[:, inside], 0.0)


def _drawn(means: Floats, draw_cells: float, count: int) -> Floats:
    """(r, count) mass of what is drawn, by cells: none at all, or a Poisson number of exponential draws."""
    from scipy.special import i1e  # noqa: PLC0415 - --help need not wait for it

    x = (np.arange(1, count) - 0.5)[None, :]
    mean = means[:, None]
    z = 2.0 * np.sqrt(mean * x / draw_cells)
    between = np.exp(z - mean - x / draw_cells) * np.sqrt(mean / (draw_cells * x)) * i1e(z)
    mass = np.zeros((len(means), count))
    mass[:, 0] = np.exp(-means)
    # what lies between two cells is shared by both
    mass[:, 1:] += 0.5 * between
    mass[:, :-1] += 0.5 * between
    return mass
