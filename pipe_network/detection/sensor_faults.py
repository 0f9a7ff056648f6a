"""What is wrong with an instrument: stuck, silent, late, jumped, drifting from its peers, or counting backwards.

Evidence from such a series is left out; a sensor that drifts is no leak. Each fault comes with since when.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.noise import DAY_S

Floats = NDArray[np.float64]
FaultKind = Literal["stuck", "drifting", "silent", "jumped", "backwards", "late"]

_LEAST_ROWS: Final = 24
_EXPLAINING: Final = 3
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
    size : how far off it is, in the unit of the series: what it drifted, jumped or ran back; else 0
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


def backward_registers(times_s: Floats, registers: Floats, *, least: float = 0.0) -> tuple[SensorFault, ...]:
    """Registers that count backwards: a meter the wrong way round, or water that flows back through it.

    A register that falls to about nothing and counts on from there was exchanged or has wrapped round; that is no
    fault.

    Parameters
    ----------
    registers : (t, k) NaN where missing
    least : falls of no more than this are rounding

    Examples
    --------
    >>> counts = np.array([[5.0], [6.0], [5.5], [5.0], [4.5]])
    >>> [(f.kind, f.since_s, f.size) for f in backward_registers(np.arange(5.0), counts)]
    [('backwards', 1.0, 1.5)]
    >>> backward_registers(np.arange(4.0), np.array([[90.0], [91.0], [0.0], [1.0]]))
    ()
    """
    found = []
    for column in range(registers.shape[1]):
        present = np.flatnonzero(np.isfinite(registers[:, column]))
        series = registers[present, column]
        steps = np.diff(series)
        is_reset = (steps < 0) & (series[1:] <= 0.05 * series[:-1])
        back = np.flatnonzero((steps < -least) & ~is_reset)
        if len(back):
            run_back = float(-steps[back].sum())
            found.append(SensorFault(column, "backwards", float(times_s[present[back[0]]]), run_back))
    return tuple(found)


def late_series(
    arrived_s: Floats, measured_s: Floats, columns: NDArray[np.intp], *, allowed_s: float
) -> tuple[SensorFault, ...]:
    """Series whose readings come late, since the first of the last run of late ones.

    Parameters
    ----------
    arrived_s, measured_s : (r,) of each reading, in the order of arrival [s]
    columns : (r,) the series it belongs to

    Examples
    --------
    >>> measured_s = np.arange(6) * 60.0
    >>> arrived_s = measured_s + np.array([1, 1, 1, 900, 900, 900.0])
    >>> [(f.kind, f.since_s) for f in late_series(arrived_s, measured_s, np.zeros(6, int), allowed_s=300)]
    [('late', 180.0)]
    """
    found = []
    for column in np.unique(columns):
        mine = columns == column
        late = arrived_s[mine] - measured_s[mine] > allowed_s
        # one late packet is the air's fault; three in a row are the device's
        if len(late) >= 3 and late[-3:].all():
            on_time = np.flatnonzero(~late)
            first = int(on_time[-1]) + 1 if len(on_time) else 0
            since_s = float(measured_s[mine][first])
            found.append(SensorFault(int(column), "late", since_s, float(np.max(arrived_s[mine] - measured_s[mine]))))
    return tuple(found)


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
    for _ in range(max(1, k // 3)):
        # the worst first: while it counts as a peer, the others seem to part from it
        left = _unexplained(moved, healthy, effects)
        spread = 1.4826 * np.nanmedian(np.abs(np.diff(left, axis=0)), axis=0) / np.sqrt(2)
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


def _unexplained(moved: Floats, healthy: NDArray[np.bool_], effects: Floats | None) -> Floats:
    """Each series less what the healthy others say it should have done."""
    left = np.full_like(moved, np.nan)
    filled = np.where(np.isfinite(moved), moved, 0.0)
    for column in range(moved.shape[1]):
        peers = np.flatnonzero(healthy & (np.arange(moved.shape[1]) != column))
        left[:, column] = moved[:, column] - _expected(filled[:, peers], column, peers, effects)
    return left


def _expected(peers_moved: Floats, column: int, peers: NDArray[np.intp], effects: Floats | None) -> Floats:
    if effects is None:
        # offsets of sensors do not matter here, and a median forgives a second faulty one
        return np.asarray(np.median(peers_moved, axis=1))
    # what explains the peers, one leak after the other: few, or anything could be explained
    bases = np.concatenate([np.ones((1, effects.shape[1])), effects])
    lengths = np.maximum(np.linalg.norm(bases[:, peers], axis=1), 1e-12)
    chosen: list[int] = []
    left, expected = peers_moved, np.zeros(len(peers_moved))
    for _ in range(_EXPLAINING):
        alike = ((left @ bases[:, peers].T) ** 2).sum(axis=0) / lengths**2
        best = int(np.argmax(alike))
        if best in chosen or alike[best] < _WORTH_RATIO * (left**2).sum():
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


def untrusted(faults: Sequence[SensorFault], times_s: Floats, columns: int) -> NDArray[np.bool_]:
    """(t, k) where a value must not be used as evidence.

    Examples
    --------
    >>> untrusted([SensorFault(1, "stuck", 2.0, 0.0)], np.arange(4.0), 2).tolist()
    [[False, False], [False, False], [False, True], [False, True]]
    """
    result = np.zeros((len(times_s), columns), bool)
    for fault in faults:
        result[times_s >= fault.since_s, fault.column] = True
    return result
