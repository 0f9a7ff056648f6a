"""The course of a channel that is evidence, beside what it would be without the leak."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from twin.index import SiteIndex
from twin.leaks.result import EvidenceLine, Leak
from twin.leaks.window import Floats, Window

HOUR_S: Final = 3600.0
_SHORT_S: Final = 300.0
_SHORT_BELOW_S: Final = 86_400.0
_SHOWN_BEFORE_S: Final = 4 * 86_400.0
"""Enough of the days before to see the rhythm; more makes the leak a thin edge of the plot."""
_LEAST_HOURS: Final = 24


class EvidenceSeries(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that is evidence, beside what it would be without the leak; nulls where that is not known."""

    channel: str
    unit: str
    time_s: tuple[float, ...]
    """Starts of equal steps, epoch. [s]"""
    observed: tuple[float | None, ...]
    expected: tuple[float | None, ...]


class EvidenceDetail(EvidenceLine, frozen=True, kw_only=True):
    """An observation with the course of its channel, if it has one."""

    series: EvidenceSeries | None = None


def evidence_details(index: SiteIndex, window: Window, leak: Leak, zone: ZoneInfo) -> tuple[EvidenceDetail, ...]:
    """Each line of a leak's evidence with the course of its channel.

    What is expected is the median of the same hour of the day before the onset, where a day of it is known; else the
    median before the onset.
    """
    lines = []
    for line in leak.evidence:
        row = _row(index, line.channel)
        series = None if row is None else _series(index, window, row, leak.onset_at.timestamp(), zone)
        lines.append(
            EvidenceDetail(
                kind=line.kind, text=line.text, channel=line.channel, weight_nats=line.weight_nats, series=series
            )
        )
    return tuple(lines)


def _row(index: SiteIndex, channel: str | None) -> int | None:
    """The row of a channel, or of what a meter counts where only the meter is named."""
    names = () if channel is None else (channel, f"{channel}:volume", f"{channel}:flow")
    return next((index.rows[name] for name in names if name in index.rows), None)


def evidence_rows(index: SiteIndex, leak: Leak) -> tuple[int, ...]:
    """The rows whose readings `evidence_details` shows."""
    found = (_row(index, line.channel) for line in leak.evidence)
    return tuple(row for row in found if row is not None)


def _series(index: SiteIndex, window: Window, row: int, onset_s: float, zone: ZoneInfo) -> EvidenceSeries | None:
    times_s, values = window.reading(row)
    if len(times_s) < 2:
        return None
    channel = index.channels[row].channel
    step_s = HOUR_S if times_s[-1] - times_s[0] >= _SHORT_BELOW_S else _SHORT_S
    first = np.floor(times_s[0] / step_s)
    edges_s = np.arange(first, np.floor(times_s[-1] / step_s) + 2) * step_s
    is_register = channel.unit == "m3"
    observed = (_passed if is_register else _means)(times_s, values, edges_s)
    starts_s = edges_s[:-1]
    expected = _expected(starts_s, observed, onset_s, step_s, zone)
    shown = starts_s >= min(onset_s, starts_s[-1]) - _SHOWN_BEFORE_S
    return EvidenceSeries(
        channel=index.channels[row].id,
        unit="m3_per_s" if is_register else channel.unit,
        time_s=tuple(starts_s[shown].tolist()),
        observed=_known(observed[shown]),
        expected=_known(expected[shown]),
    )


def _known(values: Floats) -> tuple[float | None, ...]:
    return tuple(v if np.isfinite(v) else None for v in values.tolist())


def _passed(times_s: Floats, values: Floats, edges_s: Floats) -> Floats:
    """Mean flow of each step of a register; not known where it did not report on both sides."""
    read = np.interp(edges_s, times_s, values, left=np.nan, right=np.nan)
    return np.asarray(np.diff(read) / np.diff(edges_s), dtype=np.float64)


def _means(times_s: Floats, values: Floats, edges_s: Floats) -> Floats:
    bins = np.searchsorted(edges_s, times_s, "right") - 1
    count = np.bincount(bins, minlength=len(edges_s) - 1)
    total = np.bincount(bins, weights=values, minlength=len(edges_s) - 1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan), dtype=np.float64)


def _expected(starts_s: Floats, observed: Floats, onset_s: float, step_s: float, zone: ZoneInfo) -> Floats:
    before = (starts_s + step_s <= onset_s) & np.isfinite(observed)
    if not before.any():
        return np.full_like(observed, np.nan)
    expected = np.full_like(observed, float(np.median(observed[before])))
    if before.sum() * step_s < _LEAST_HOURS * HOUR_S:
        return expected
    hours = np.array([dt.datetime.fromtimestamp(s, zone).hour for s in starts_s])
    for hour in range(24):
        own = before & (hours == hour)
        if own.any():
            expected[hours == hour] = float(np.median(observed[own]))
    return expected
