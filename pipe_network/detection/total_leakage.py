"""Total leakage of metered zones: inflow is consumption, which has a rhythm, and leakage, which has none.

``inflow = factor * rhythm + leakage``, the factor moving with season and weather, the leakage by steps and ramps; a
filter follows both (`pipe_network.detection.innovations`), which is a regression that never ends. Where several inlets
feed a zone, how they share its inflow is a channel of its own: noise of demand hardly shows in it, a leak does.

References
----------
A. Lambert, Accounting for losses: the bursts and background concept, J. CIWEM 8, 1994, on night flow as a measure of
leakage; the regression on a whole day's rhythm scatters less (see `plumbline bench leaks`).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.change_points import follow
from pipe_network.detection.changes import Change, Search, Signs
from pipe_network.detection.innovations import Courses
from pipe_network.detection.noise import DAY_S, Noise, ShortHistoryError, estimate_noise
from pipe_network.detection.rhythm import refined_course

Floats = NDArray[np.float64]

_FACTOR_WANDER: Final = 0.006
"""Consumption drifts by so much in a day, and comes back from a day's weather of `_FACTOR_DAILY` by itself."""
_FACTOR_DAILY: Final = 0.015
_FACTOR_SPREAD: Final = 0.3
_NEW_USE: Final = 0.1
"""A new consumer, a holiday or the end of one changes the use by so much."""
_SHARE_SPREAD: Final = 0.1
_SHARE_WANDER: Final = 0.003
_SHARES: Final = (-0.9, -0.7, -0.5, -0.3, -0.1, 0.1, 0.3, 0.5, 0.7, 0.9)
"""A leak draws from one inlet more than from another by so much of its size, which depends on where it is."""
_NOISE_RATIOS: Final = (0.3, 3.0)
"""No hour is trusted more, or less, than that: a fortnight does not show how it is at its worst."""
_SIZE_RATIO: Final = 0.05
"""Leaks expected, as a share of the mean inflow."""


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """A zone whose inflow is metered.

    Attributes
    ----------
    inflow_m3_per_s : (t,) what flows in, less what flows on into other zones and what its tanks gain
    rhythm_ratio : (t,) course of consumption, in any scale
    """

    id: str
    inflow_m3_per_s: Floats
    rhythm_ratio: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Sharing:
    """How inlets share the inflow of the first zone.

    Attributes
    ----------
    inlets_m3_per_s : (t, n) each of them, two at least
    drivers_m3_per_s : (t, d) flows that change how the inlets share, such as a pump's within the zone
    """

    inlets_m3_per_s: Floats
    drivers_m3_per_s: Floats


@dataclass(frozen=True, slots=True, eq=False)
class ZoneWatch:
    """What the inflows say; causal but for what is called hindsight.

    Attributes
    ----------
    leakage_m3_per_s, spread_m3_per_s : (t, z) leakage of each zone as known at the time, and its standard deviation
    evening_m3_per_s : (t, z) leakage of a day as known at its end
    hindsight_m3_per_s : (t, z) leakage once all the values are known
    consumption_m3_per_s : (t, z)
    changes : of all zones; the sizes are those of the zones, then of the shares [m3/s]
    noise : of the channels, zones first
    """

    leakage_m3_per_s: Floats
    spread_m3_per_s: Floats
    evening_m3_per_s: Floats
    hindsight_m3_per_s: Floats
    consumption_m3_per_s: Floats
    changes: tuple[Change, ...]
    noise: Noise


def storage_gain_m3_per_s(levels_m: Floats, area_m2: float, step_s: float) -> Floats:
    """(t,) what a tank takes in over each step, of which its level at the beginning is known.

    Examples
    --------
    >>> storage_gain_m3_per_s(np.array([1.0, 1.5, 1.5]), 200.0, 100.0).tolist()
    [1.0, 0.0, 0.0]
    """
    result: Floats = np.diff(levels_m, append=levels_m[-1:]) * area_m2 / step_s
    return result


def watch_zones(
    times_s: Floats,
    zones: Sequence[Zone],
    *,
    sharing: Sharing | None = None,
    learning_s: float = 14 * DAY_S,
    search: Search | None = None,
) -> ZoneWatch:
    """Leakage of zones over time and the changes in it; what holds at a time is from the values until then.

    Only noise is learnt from the first `learning_s`, so what is found in that time could have been told at its end.

    Raises
    ------
    ShortHistoryError
        If there are less than three days.

    Examples
    --------
    >>> hours = np.arange(24 * 60.0)
    >>> rhythm = 1 - 0.8 * np.cos(2 * np.pi * hours / 24)
    >>> noise = np.random.default_rng(0).normal(0, 2, len(hours))
    >>> inflow = (100 * rhythm + 20 + 15 * (hours > 24 * 40) + noise) / 3600
    >>> watch = watch_zones(hours * 3600, [Zone("a", inflow, rhythm)])
    >>> [c.kind for c in watch.changes], bool(abs(watch.leakage_m3_per_s[-1, 0] * 3600 - 35) < 3)
    (['step'], True)
    """
    step_s = float(times_s[1] - times_s[0])
    first = slice(0, max(1, min(len(times_s), round(learning_s / step_s))))
    if first.stop * step_s < 3 * DAY_S:
        raise ShortHistoryError(first.stop, round(3 * DAY_S / step_s))
    channels = [_zone_channel(times_s, zone, first) for zone in zones]
    channels += _share_channels(times_s, sharing, first) if sharing else []
    size = _SIZE_RATIO * sum(float(np.nanmean(zone.inflow_m3_per_s[first])) for zone in zones)
    found = follow(
        times_s,
        np.stack([c.values for c in channels], axis=1),
        noise=_together([c.noise for c in channels]),
        courses=_courses(channels),
        signs=_signs(channels, len(zones), size),
        search=search,
    )
    z = len(zones)
    learnt_s = float(times_s[first.stop - 1])
    use = np.stack([c.courses[:, 0] for c in channels[:z]], axis=1) * found.factors[:, :z, :2].sum(axis=2)
    return ZoneWatch(
        leakage_m3_per_s=found.levels[:, :z],
        spread_m3_per_s=found.level_spreads[:, :z],
        evening_m3_per_s=found.evening_levels[:, :z],
        hindsight_m3_per_s=found.hindsight_levels[:, :z],
        consumption_m3_per_s=use,
        changes=tuple(replace(c, found_s=max(c.found_s, learnt_s)) for c in found.changes),
        noise=_together([c.noise for c in channels]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Channel:
    values: Floats
    courses: Floats
    factor: Floats
    spread: Floats
    wander: Floats
    memory_s: Floats
    noise: Noise
    noise_ratio: Floats


def _zone_channel(times_s: Floats, zone: Zone, first: slice) -> _Channel:
    course = zone.rhythm_ratio / np.mean(zone.rhythm_ratio[first])
    values = zone.inflow_m3_per_s - refined_course(times_s, zone.inflow_m3_per_s, course)
    factor, noise, noise_ratio = _learn(times_s[first], values[first], course[first, None], course)
    use = abs(float(factor[0]))
    # two factors of one rhythm: one drifts with the season, one comes and goes with the weather
    return _Channel(
        values=values,
        courses=np.stack([course, course], axis=1),
        factor=np.array([factor[0], 0.0]),
        spread=np.array([_FACTOR_SPREAD, _FACTOR_DAILY]) * use,
        wander=np.array([_FACTOR_WANDER, _FACTOR_DAILY * np.sqrt(2)]) * use,
        memory_s=np.array([np.inf, DAY_S]),
        noise=noise,
        noise_ratio=noise_ratio,
    )


def _share_channels(times_s: Floats, sharing: Sharing, first: slice) -> list[_Channel]:
    """For each inlet but the last: how much more it gives than the mean of those after it."""
    inlets = sharing.inlets_m3_per_s
    total = inlets.sum(axis=1)
    mean = float(np.nanmean(total[first]))
    off = np.nan_to_num(total / mean - 1.0)
    courses = np.column_stack([off, off**2, np.nan_to_num(sharing.drivers_m3_per_s / mean)])
    channels = []
    for k in range(inlets.shape[1] - 1):
        values = inlets[:, k] - inlets[:, k + 1 :].mean(axis=1)
        factor, noise, noise_ratio = _learn(times_s[first], values[first], courses[first], off + 1.0)
        width = np.full(courses.shape[1], mean)
        endless = np.full(courses.shape[1], np.inf)
        channels.append(
            _Channel(values, courses, factor, _SHARE_SPREAD * width, _SHARE_WANDER * width, endless, noise, noise_ratio)
        )
    return channels


def _learn(times_s: Floats, values: Floats, courses: Floats, use_ratio: Floats) -> tuple[Floats, Noise, Floats]:
    """Factors of the courses, the noise besides them, and how strong it is by the use at each time of the record."""
    basis = np.column_stack([np.ones(len(values)), courses])
    used = np.isfinite(values)
    if used.sum() < 48:
        raise ShortHistoryError(int(used.sum()), 48)
    left = values
    factor = np.zeros(basis.shape[1])
    for _ in range(3):
        factor, *_ = np.linalg.lstsq(basis[used], values[used], rcond=None)
        left = values - basis @ factor
        spread = 1.4826 * float(np.nanmedian(np.abs(left)))
        used = np.isfinite(values) & (np.abs(np.nan_to_num(left)) <= max(4 * spread, 1e-300))
    noise_ratio = _noise_ratio(left, use_ratio)
    return factor[1:], estimate_noise(times_s, (left / noise_ratio[: len(left)])[:, None]), noise_ratio


def _noise_ratio(left: Floats, use_ratio: Floats) -> Floats:
    """(t,) how strong the noise is: part of it is always there, part grows with the use."""
    use = use_ratio[: len(left)]
    edges = np.quantile(use, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    bands = [(use >= a) & (use <= b) & np.isfinite(left) for a, b in itertools.pairwise(edges)]
    spreads = np.array([np.median(left[band] ** 2) if band.sum() > 8 else np.nan for band in bands])
    known = np.isfinite(spreads)
    if known.sum() < 3 or not np.nanmax(spreads) > 0:
        return np.ones(len(use_ratio))
    by_use = np.array([np.mean(use[band] ** 2) for band, ok in zip(bands, known, strict=True) if ok])
    basis = np.stack([np.ones(len(by_use)), by_use], axis=1)
    # in relative terms, so that the quiet hours weigh as much as the busy ones
    fitted, *_ = np.linalg.lstsq(basis / spreads[known][:, None], np.ones(len(by_use)), rcond=None)
    variance = np.maximum(fitted[0], 0.0) + np.maximum(fitted[1], 0.0) * use_ratio**2
    strength = np.sqrt(variance / max(float(np.mean(variance[: len(left)])), 1e-300))
    result: Floats = np.clip(np.nan_to_num(strength, nan=1.0), *_NOISE_RATIOS)
    return result


def _together(noises: Sequence[Noise]) -> Noise:
    return Noise(*(np.concatenate([getattr(n, name) for n in noises]) for name in Noise.__dataclass_fields__))


def _courses(channels: Sequence[_Channel]) -> Courses:
    width = max(c.courses.shape[1] for c in channels)

    def filled(row: Floats, with_what: float) -> Floats:
        missing = [(0, 0)] * (row.ndim - 1) + [(0, width - row.shape[-1])]
        return np.pad(row, missing, constant_values=with_what)

    return Courses(
        values=np.stack([filled(c.courses, 0.0) for c in channels], axis=1),
        factor=np.stack([filled(c.factor, 0.0) for c in channels]),
        factor_spread=np.stack([filled(c.spread, 0.0) for c in channels]),
        factor_wander=np.stack([filled(c.wander, 0.0) for c in channels]),
        factor_memory_s=np.stack([filled(c.memory_s, np.inf) for c in channels]),
        noise_ratio=np.stack([c.noise_ratio for c in channels], axis=1),
    )


def _signs(channels: Sequence[_Channel], zones: int, size: float) -> Signs:
    """A leak raises the inflow of its zone; in the first zone it changes the shares too; a share alone is no leak."""
    shares = len(channels) - zones
    leaks: list[list[float]] = []
    corners = np.array(np.meshgrid(*[_SHARES] * shares)).reshape(shares, -1).T if shares else np.zeros((1, 0))
    leaks += [[1.0] + [0.0] * (zones - 1) + list(corner) for corner in corners]
    # each zone is as likely to leak as the others, however many shares the first has
    for zone in range(1, zones):
        leaks += [[float(k == zone) for k in range(zones)] + [0.0] * shares] * len(corners)
    others = [[float(k == zones + s) for k in range(zones + shares)] for s in range(shares)]
    uses = np.array([_NEW_USE * abs(c.factor[0]) if k < zones else 0.0 for k, c in enumerate(channels)])
    return Signs(size, np.array(leaks), np.array(others).reshape(len(others), zones + shares), uses)
