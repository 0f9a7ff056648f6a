"""What is wrong with an instrument: stuck, silent, jumped, or drifting from its peers.

Evidence from such a series is left out; a sensor that drifts is no leak. Each fault comes with since when.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.noise import DAY_S

Floats = NDArray[np.float64]
FaultKind = Literal["stuck", "drifting", "silent", "jumped"]

_LEAST_ROWS: Final = 24
_EXPLAINING: Final = 3
_AS_GOOD_RATIO: Final = 0.95
_REACHED_RATIO: Final = 0.05
"""Of the greatest effect of a leak; sensors it moves less lie in other zones."""
"""So many leaks and common errors may explain what the peers did."""
_JUMP_RATIO: Final = 0.7
_WORTH_RATIO: Final = 0.4
"""Each must explain so much of what is left, or it explains noise."""


@dataclass(frozen=True, slots=True)
class SensorFault:
    """One fault of one series.

    Attributes
    ----------
    column : of the series among those that were given
    since_s : the first time that cannot be trusted [s]
    size : how far off it is, in the unit of the series: what it drifted or jumped; else 0
    """

    column: int
    kind: FaultKind
    since_s: float
    size: float


def series_faults(
    times_s: Floats,
    values: Floats,
    *,
    now_s: float,
    silent_s: float = 6 * 3600.0,
    stuck_s: float = DAY_S,
    resting_value: float | None = None,
) -> tuple[SensorFault, ...]:
    """Series that are silent or stuck: what each of them shows by itself.

    Parameters
    ----------
    times_s : (t,) increasing [s]
    values : (t, k) NaN where missing
    now_s : a series is silent if its last value is older than `silent_s` by then
    stuck_s : a value that has not moved for so long is stuck, if the series used to move
    resting_value : value at which a series may stay as long as it likes, such as the flow of a meter at rest

    Examples
    --------
    >>> times_s = np.arange(96) * 3600.0
    >>> level = np.where(times_s < 48 * 3600, np.sin(times_s / 9000), 0.5)
    >>> [(f.kind, f.since_s / 3600) for f in series_faults(times_s, level[:, None], now_s=95 * 3600.0)]
    [('stuck', 48.0)]
    """
    found = []
    for column in range(values.shape[1]):
        series = values[:, column]
        present = np.flatnonzero(np.isfinite(series))
        if not len(present):
            found.append(SensorFault(column, "silent", float(times_s[0]), 0.0))
            continue
        last_s = float(times_s[present[-1]])
        if now_s - last_s > silent_s:
            found.append(SensorFault(column, "silent", last_s, 0.0))
        since_s = _stuck_since_s(times_s[present], series[present], stuck_s, resting_value)
        if since_s is not None:
            found.append(SensorFault(column, "stuck", since_s, 0.0))
    return tuple(found)


def _stuck_since_s(times_s: Floats, series: Floats, stuck_s: float, resting: float | None) -> float | None:
    """When the last value was taken on that has stood for too long; a series that always stands is not stuck."""
    moves = np.flatnonzero(np.diff(series) != 0)
    if not len(moves) or (resting is not None and series[-1] == resting):
        return None
    since = int(moves[-1]) + 1
    stood_s = float(times_s[-1] - times_s[since])
    # a register of coarse pulses stands for long between two of them; it is stuck if it never stood so long
    usual_s = float(np.max(np.diff(times_s[moves], prepend=times_s[0]))) if len(moves) > 1 else 0.0
    return float(times_s[since]) if stood_s >= max(stuck_s, 3 * usual_s) else None


def drifting_series(
    times_s: Floats, residuals: Floats, *, effects: Floats | None = None, least: float = 0.0, certainty: float = 6.0
) -> tuple[SensorFault, ...]:
    """Sensors that part from their peers, slowly or at once, where all others stay.

    What no leak does is to move one sensor alone. A day's mean of each residual is explained by whatever all the others
    have in common, and what is left is followed.

    Parameters
    ----------
    times_s : (t,) equally spaced [s]
    residuals : (t, k) observed less expected, or any series that differ by constants; three at least
    effects : (j, k) what leaks do to the sensors; without it, sensors are expected to do what most of them do
    least : departures smaller than this are not told, in the unit of the residuals
    certainty : departures of fewer standard deviations of a day are not told

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> times_s = np.arange(24 * 40) * 3600.0
    >>> heads = rng.normal(0, 0.05, (len(times_s), 1)) + rng.normal(0, 0.02, (len(times_s), 6))
    >>> heads[:, 2] += np.clip(times_s / 86400 - 20, 0, None) * 0.02
    >>> [(f.column, f.kind, 18 < f.since_s / 86400 < 24) for f in drifting_series(times_s, heads)]
    [(2, 'drifting', True)]
    """
    days, means = _daily(times_s, residuals)
    k = means.shape[1]
    if k < 3 or len(days) < 10:
        return ()
    moved = means - np.nanmedian(means[: max(5, len(days) // 4)], axis=0)
    found: list[SensorFault] = []
    healthy = np.ones(k, bool)
    bases = None if effects is None else _with_zones(effects)
    for _ in range(max(1, k // 3)):
        # the worst first: while it counts as a peer, the others seem to part from it
        left = _unexplained(moved, healthy, bases)
        # of second differences, in which a drift through most of the record does not show
        spread = 1.4826 * np.nanmedian(np.abs(np.diff(left, n=2, axis=0)), axis=0) / np.sqrt(6)
        floor = float(np.median(spread[healthy]))
        tail = np.nanmedian(left[-3:], axis=0)
        off = np.where(healthy, np.abs(tail) / np.maximum(spread, max(floor, 1e-12)), 0.0)
        worst = int(np.argmax(off))
        if off[worst] < certainty or abs(tail[worst]) <= least:
            break
        healthy[worst] = False
        limit = max(3 * float(spread[worst]), 0.1 * abs(float(tail[worst])))
        found.append(_departure(worst, days, left[:, worst], limit))
    return tuple(sorted(found, key=lambda f: f.column))


def _daily(times_s: Floats, values: Floats) -> tuple[Floats, Floats]:
    day = np.floor((times_s - times_s[0]) / DAY_S).astype(int)
    means = np.full((day[-1] + 1, values.shape[1]), np.nan)
    for d in range(len(means)):
        rows = values[day == d]
        enough = np.isfinite(rows).sum(axis=0) * 3 >= max(len(rows), _LEAST_ROWS // 8)
        if enough.any():
            means[d, enough] = np.nanmean(rows[:, enough], axis=0)
    kept = np.isfinite(means).any(axis=1)
    return times_s[0] + np.flatnonzero(kept) * DAY_S, means[kept]


def _unexplained(moved: Floats, healthy: NDArray[np.bool_], bases: Floats | None) -> Floats:
    """Each series less what the healthy others say it should have done."""
    left = np.full_like(moved, np.nan)
    filled = np.where(np.isfinite(moved), moved, 0.0)
    for column in range(moved.shape[1]):
        peers = np.flatnonzero(healthy & (np.arange(moved.shape[1]) != column))
        # offsets of sensors do not matter here, and a median forgives a second faulty one
        expected = (
            np.median(filled[:, peers], axis=1) if bases is None else _explained(filled, column, peers, bases=bases)
        )
        left[:, column] = moved[:, column] - expected
    return left


def _with_zones(effects: Floats) -> Floats:
    """What leaks do to the sensors, and what moves all of them or all of a zone alike, such as a pump at its limit."""
    reached = effects < _REACHED_RATIO * effects.min(axis=1, keepdims=True, initial=-1e-12)
    zones = np.unique(reached, axis=0).astype(np.float64)
    return np.concatenate([np.ones((1, effects.shape[1])), zones[zones.sum(axis=1) > 1], effects])


def _explained(moved: Floats, column: int, peers: NDArray[np.intp], *, bases: Floats) -> Floats:
    """What a series should have done if few leaks, one after the other, moved its peers as they did.

    Of leaks that explain the peers alike, the one that explains the series too is taken: it may have been that one.
    """
    peers_moved, own = moved[:, peers], moved[:, column]
    lengths = np.maximum(np.linalg.norm(bases[:, peers], axis=1), 1e-12)
    chosen: list[int] = []
    left, expected = peers_moved, np.zeros(len(peers_moved))
    for _ in range(_EXPLAINING):
        along = left @ bases[:, peers].T
        alike = (along**2).sum(axis=0) / lengths**2
        alike[chosen] = 0.0
        near = np.flatnonzero(alike >= _AS_GOOD_RATIO * alike.max(initial=0.0))
        missed = (own - expected)[:, None] - along[:, near] / lengths[near] ** 2 * bases[near, column]
        best = int(near[np.argmin((missed**2).sum(axis=0))])
        if alike[best] <= _WORTH_RATIO * (left**2).sum():
            break
        chosen.append(best)
        sizes, *_ = np.linalg.lstsq(bases[chosen][:, peers].T, peers_moved.T, rcond=None)
        left = peers_moved - sizes.T @ bases[chosen][:, peers]
        expected = sizes.T @ bases[chosen, column]
    return expected


def _departure(column: int, days: Floats, left: Floats, limit: float) -> SensorFault:
    away = np.abs(np.nan_to_num(left)) > limit
    inside = np.flatnonzero(~away)
    first = int(inside[-1]) + 1 if len(inside) else 0
    first = min(first, len(days) - 1)
    size = float(np.nanmedian(left[-3:]))
    # at once, or over days: most of the way within two days means that it jumped
    moves = np.abs(np.nan_to_num(left[2:] - left[:-2]))
    fastest = int(np.argmax(moves))
    if moves[fastest] <= _JUMP_RATIO * abs(size):
        return SensorFault(column, "drifting", float(days[first]), size)
    halfway = abs(float(left[fastest + 1] - left[fastest])) > 0.2 * abs(size)
    return SensorFault(column, "jumped", float(days[fastest + (1 if halfway else 2)]), size)
