"""What is missing in a district hour by hour and night by night, beside what it usually is; and where its inflow goes.

Nothing is judged here: these are the numbers the judgement was made of, for people to see.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipe_network.balance import MeterTree
from twin.leaks.districts import DistrictBalance
from twin.leaks.measured import HOUR_S, Measured
from twin.leaks.window import Floats

_DECIMALS: Final = 9
_SMOOTHED_H: Final = 6
"""Clocks and pulses move water between neighbouring hours; over six of them that evens out."""
_DAY_H: Final = 24
_LEAST_NIGHTS: Final = 3
_NIGHT_HOURS: Final = range(1, 5)
"""Least draw of a place where people live, in local time (IWA: minimum night flow, 2 to 4 o'clock)."""
_BAND: Final = (0.05, 0.95)
_NIGHT_BAND: Final = (0.0, 1.0)
"""Of a few nights there are no percents: the least and the most."""


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """A number by time and the band in which it was while nothing was known to leak; none where that is not known."""

    time_s: tuple[float, ...]
    """Middles of equal steps, epoch. [s]"""
    value_m3_per_s: tuple[float | None, ...]
    low_m3_per_s: float | None = None
    high_m3_per_s: float | None = None


class BalanceCourse(msgspec.Struct, frozen=True, kw_only=True):
    """A district's balance over the window.

    Attributes
    ----------
    district : id
    missing : inflow less what leaves, is drawn and stored, less what meters' errors explain; mean of six hours
    nights : mean inflow from 1 to 5 o'clock, each night
    """

    district: str
    missing: Course
    nights: Course


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """Where a district's inflow of the last day went, as measured. [m3/s]

    Attributes
    ----------
    parent : row of the district it is fed from; none where its water comes from the network's sources
    passed_m3_per_s : through meters to other districts
    drawn_m3_per_s : through the meters of flats and other ends
    stored_m3_per_s : gained by tanks
    """

    parent: int | None
    passed_m3_per_s: float | None
    drawn_m3_per_s: float | None
    stored_m3_per_s: float | None


def missing_m3_per_s(each: DistrictBalance) -> Floats:
    """(t,) what is missing each hour once meters' errors and the rhythm of unmetered ends are taken off."""
    if each.weighed is None:
        return np.full(len(each.balance.balance_m3), np.nan)
    explained = each.balance.columns @ each.weighed.unknowns
    return (each.balance.balance_m3 - explained) / HOUR_S


def balance_course(
    each: DistrictBalance, district: str, measured: Measured, zone: ZoneInfo, *, onset: int | None,
    stamped: Callable[[Floats], Floats],
) -> BalanceCourse:  # fmt: skip
    """A district's balance for people to see.

    Parameters
    ----------
    onset : hour from which on something leaks; the bands are of the time before; none if nothing does
    stamped : instants of the hours as the readings were stamped
    """
    hours_s = measured.edges_s[:-1]
    smooth = _smoothed(missing_m3_per_s(each))
    middles_s = hours_s + HOUR_S * (1 - _SMOOTHED_H / 2)
    low, high = _band(smooth[:onset], _BAND, least=_DAY_H)
    times_s, nights = _nights(each.inflow_m3 / HOUR_S, hours_s, zone)
    usual = nights if onset is None else nights[times_s < hours_s[onset]] if onset < len(hours_s) else nights
    night_low, night_high = _band(usual, _NIGHT_BAND, least=_LEAST_NIGHTS)
    # before the first reading there is nothing to see
    first = int(np.argmax(np.isfinite(smooth))) if np.isfinite(smooth).any() else len(smooth)
    return BalanceCourse(
        district=district,
        missing=Course(time_s=_stamped(middles_s[first:], stamped), value_m3_per_s=_known(smooth[first:]),
                       low_m3_per_s=low, high_m3_per_s=high),
        nights=Course(time_s=_stamped(times_s, stamped), value_m3_per_s=_known(nights), low_m3_per_s=night_low,
                      high_m3_per_s=night_high),
    )  # fmt: skip


def shares(tree: MeterTree, each: DistrictBalance, measured: Measured) -> Shares:
    """Where a district's inflow of the last day went."""
    out: list[str] = []
    drawn: list[str] = []
    parent: int | None = None
    for column, sign in tree.boundary(each.row):
        name = tree.meters[column]
        if name in tree.outlets:
            drawn.append(name)
        elif sign < 0:
            out.append(name)
        elif parent is None:
            others = np.flatnonzero(tree.signs[:, column] < 0)
            parent = int(others[0]) if len(others) else None
    stored = [measured.stored_m3[t] for t in each.district.tanks if t in measured.stored_m3]
    return Shares(
        parent=parent,
        passed_m3_per_s=_last_day([measured.volumes_m3[measured.row_of[n]] for n in out]),
        drawn_m3_per_s=_last_day([measured.volumes_m3[measured.row_of[n]] for n in drawn]),
        stored_m3_per_s=_last_day(stored) if len(stored) == len(each.district.tanks) else None,
    )


def _last_day(volumes_m3: Sequence[Floats]) -> float | None:
    """Mean flow of the last day of several meters together; one without a reading all day makes it unknown."""
    total = 0.0
    for volume in volumes_m3:
        day = volume[-_DAY_H:]
        day = day[np.isfinite(day)]
        if len(day) == 0:
            return None
        total += float(day.mean())
    return total / HOUR_S


def _smoothed(values: Floats) -> Floats:
    """(t,) mean of the last hours up to each; unknown where most of them are."""
    known = np.isfinite(values)
    count = np.convolve(known, np.ones(_SMOOTHED_H))[: len(values)]
    total = np.convolve(np.where(known, values, 0.0), np.ones(_SMOOTHED_H))[: len(values)]
    return np.where(count * 2 > _SMOOTHED_H, total / np.maximum(count, 1), np.nan)


def _nights(flows_m3_per_s: Floats, hours_s: Floats, zone: ZoneInfo) -> tuple[Floats, Floats]:
    """Middle and mean flow of each night that has all its hours."""
    rows = _night_rows(tuple(hours_s.tolist()), zone)
    flows = flows_m3_per_s[rows]
    whole = np.isfinite(flows).all(axis=1)
    return hours_s[rows[whole]].mean(axis=1) + HOUR_S / 2, flows[whole].mean(axis=1)


@lru_cache(maxsize=4)
def _night_rows(hours_s: tuple[float, ...], zone: ZoneInfo) -> NDArray[np.int64]:
    """(n, 4) rows of the quiet hours of each night that lies within the hours."""
    by_night: dict[dt.date, list[int]] = {}
    for k, start_s in enumerate(hours_s):
        local = dt.datetime.fromtimestamp(start_s, zone)
        if local.hour in _NIGHT_HOURS:
            by_night.setdefault(local.date(), []).append(k)
    whole = [rows for rows in by_night.values() if len(rows) == len(_NIGHT_HOURS)]
    return np.array(whole, dtype=np.int64).reshape(-1, len(_NIGHT_HOURS))


def _band(values: Floats, ends: tuple[float, float], *, least: int) -> tuple[float | None, float | None]:
    known = values[np.isfinite(values)]
    if len(known) < least:
        return None, None
    low, high = np.quantile(known, ends)
    return round(float(low), _DECIMALS), round(float(high), _DECIMALS)


def _known(values: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(v) else v for v in np.round(values, _DECIMALS).tolist())


def _stamped(times_s: Floats, stamped: Callable[[Floats], Floats]) -> tuple[float, ...]:
    return tuple(np.round(stamped(times_s), 1).tolist())
