"""The rhythm of demand: what a week of consumption looks like, learnt from a site's own history or known beforehand."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.noise import DAY_S, ShortHistoryError

Floats = NDArray[np.float64]

WEEK_S: Final = 7 * DAY_S
NIGHT_USE_RATIO: Final = 0.1
"""Consumption at the quietest hour, as a share of the mean: 1.7 l/h of a household's 17 l/h (UK Water Industry,
Managing Leakage, Report E, 1994). What flows at night besides is leakage."""
_LEAST_PRESENT_RATIO: Final = 0.5
_OUTLYING: Final = 4.0
_WEEKS_BACK: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """A week of consumption, of mean 1, by the local clock.

    Attributes
    ----------
    weekly_ratio, spread_ratio : (w,) course from the beginning of the clock's week, and how far a single week strays
    weeks_count : from how many weeks it was learnt; 0 if it was known
    """

    weekly_ratio: Floats
    spread_ratio: Floats
    weeks_count: int

    def at(self, clock_s: Floats) -> Floats:
        """(t,) the rhythm at times of the local clock: a change to summer time shifts people, not the sun.

        Examples
        --------
        >>> two_halves = Rhythm(np.array([0.5, 1.5]), np.zeros(2), 0)
        >>> two_halves.at(np.array([0.0, 4 * 86400.0, 8 * 86400.0])).tolist()
        [0.5, 1.5, 0.5]
        """
        rows = np.floor(np.mod(clock_s, WEEK_S) / WEEK_S * len(self.weekly_ratio) + 1e-6).astype(int)
        result: Floats = self.weekly_ratio[np.minimum(rows, len(self.weekly_ratio) - 1)]
        return result


def known_rhythm(weekly: Floats) -> Rhythm:
    """A rhythm that is known, such as the patterns of a network's model.

    Examples
    --------
    >>> known_rhythm(np.array([2.0, 6.0])).weekly_ratio.tolist()
    [0.5, 1.5]
    """
    return Rhythm(np.asarray(weekly, float) / np.mean(weekly), np.zeros(len(weekly)), 0)


def learn_rhythm(clock_s: Floats, inflow_m3_per_s: Floats, *, night_use_ratio: float = NIGHT_USE_RATIO) -> Rhythm:
    """The rhythm of a site, from its own inflow; days out of the ordinary hardly count.

    A constant leakage cannot be told from constant consumption by looking at the inflow; that the quietest hour has
    only so little consumption is what settles it.

    Parameters
    ----------
    clock_s : (t,) local clock, equally spaced but for summer time [s]
    inflow_m3_per_s : (t,) NaN where missing
    night_use_ratio : consumption at the quietest hour, as a share of the mean

    Raises
    ------
    ShortHistoryError
        If there is less than a week.

    Examples
    --------
    >>> hours = np.arange(24 * 28.0)
    >>> use = 10 - 9 * np.cos(2 * np.pi * hours / 24)
    >>> rhythm = learn_rhythm(hours * 3600, use + 5)  # five leak
    >>> bool(np.allclose(rhythm.at(hours * 3600), use / 10, atol=0.02))
    True
    """
    step_s = float(np.median(np.diff(clock_s)))
    rows = round(WEEK_S / step_s)
    slots = np.floor(np.mod(clock_s, WEEK_S) / step_s + 1e-6).astype(int) % rows
    weeks = np.floor(clock_s / WEEK_S).astype(int)
    table = np.full((weeks[-1] - weeks[0] + 1, rows), np.nan)
    table[weeks - weeks[0], slots] = inflow_m3_per_s
    present: NDArray[np.bool_] = np.isfinite(table)
    if present.sum() < rows * 0.9 or not present.any(axis=0).all():
        raise ShortHistoryError(int(present.sum()), rows)
    # seasons and growth scale a day; they must not pass for its shape
    scale = np.array([np.nanmedian(week) if np.isfinite(week).any() else np.nan for week in table])
    relative = table / scale[:, None]
    middle = np.nanmedian(relative, axis=0)
    spread = 1.4826 * np.nanmedian(np.abs(relative - middle), axis=0)
    smooth = _smooth(middle, max(1, round(1800.0 / step_s)))
    # of the quietest hour and of the mean, the same base is leakage; of the use on top, the night has its share
    base = (smooth.min() - night_use_ratio * smooth.mean()) / (1 - night_use_ratio)
    use = smooth - max(base, 0.0)
    return Rhythm(use / use.mean(), spread / use.mean(), int(np.isfinite(scale).sum()))


def _smooth(weekly: Floats, half: int) -> Floats:
    width = 2 * half + 1 if half > 1 else 1
    padded = np.concatenate([weekly[-width:], weekly, weekly[:width]])
    result: Floats = np.convolve(padded, np.ones(width) / width, mode="same")[width:-width]
    return result


def refined_course(clock_s: Floats, values: Floats, course: Floats) -> Floats:
    """(t,) what a known course is off by, week for week from the weeks before it only; in the unit of the values.

    The correction has no part of the course itself nor of a constant, so neither consumption nor leakage goes into it.

    Parameters
    ----------
    clock_s : (t,) local clock, equally spaced [s]
    values : (t,) NaN where missing
    course : (t,) the rhythm as known

    Examples
    --------
    >>> hours = np.arange(24 * 7 * 4.0)
    >>> known, off = 2 + np.cos(2 * np.pi * hours / 24), 0.2 * np.sin(2 * np.pi * hours / 12)
    >>> correction = refined_course(hours * 3600, 3 * (known + off) + 7, known)
    >>> bool(np.allclose(correction[-168:], 3 / 4 * 3 * off[-168:], atol=1e-6)), bool(correction[:168].any())
    (True, False)
    """
    rows = round(WEEK_S / float(np.median(np.diff(clock_s))))
    weeks = -(-len(values) // rows)
    left = np.full((weeks, rows), np.nan)
    corrections = np.zeros((weeks, rows))
    for week in range(weeks):
        here = slice(week * rows, min((week + 1) * rows, len(values)))
        before: Floats = left[max(0, week - _WEEKS_BACK) : week]
        if len(before) and np.isfinite(before).any(axis=0).all():
            learnt = np.nanmedian(before, axis=0)
            # one week is as much noise as rhythm: what it says counts by half, what eight say nearly whole
            corrections[week] = _less(learnt, course[here.start - rows : here.start]) * len(before) / (len(before) + 1)
        if here.stop - here.start == rows:
            left[week] = _residual(values[here], course[here])
    return corrections.reshape(-1)[: len(values)]


def _residual(values: Floats, course: Floats) -> Floats:
    """What is left of a week once its own constant and its own factor of the course are taken off, robustly."""
    used = np.isfinite(values)
    result = np.full(len(values), np.nan)
    if used.mean() < _LEAST_PRESENT_RATIO:
        return result
    basis = np.stack([np.ones(len(course)), course], axis=1)
    for _ in range(3):
        fitted, *_ = np.linalg.lstsq(basis[used], values[used], rcond=None)
        result = values - basis @ fitted
        spread = 1.4826 * float(np.nanmedian(np.abs(result)))
        used = np.isfinite(values) & (np.abs(np.nan_to_num(result)) <= max(_OUTLYING * spread, 1e-300))
    return result


def _less(learnt: Floats, course: Floats) -> Floats:
    basis = np.stack([np.ones(len(course)), course], axis=1)
    fitted, *_ = np.linalg.lstsq(basis, learnt, rcond=None)
    result: Floats = learnt - basis @ fitted
    return result
