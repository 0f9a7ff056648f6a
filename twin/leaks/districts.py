"""The balance of every district of a network, and since when it has been off."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from pipe_network.balance import MeteredDistrict, MeterTree
from pipe_network.balance_changes import Balance, Change, Spell, Weighed, change, spells, weigh
from pipe_network.registers import Floats
from twin.leaks.measured import HOUR_S, Measured

_CLASS_SD_RATIO: Final = 0.0115
"""Class 2 (ISO 4064-1): anywhere within 2 %."""
_SKEW_SD_S: Final = 175.0
"""Clocks anywhere within five minutes."""
_START_LOSS_M3_PER_S: Final = 1.0e-3 / 3600
"""What an end meter may let through below its starting flow."""
_MAIN_START_M3_PER_S: Final = 20.0e-3 / 3600
_FLOOR_M3: Final = 0.004
_LEAST_NATS: Final = 14.0
"""A change must be e^14 times likelier than none: several hundred hours of some twenty districts are tried every hour,
and one false alarm a month is allowed to all of them together."""
_LEAST_HOURS: Final = 24
_MEAN_SHARE: Final = 0.4
_BLOCK_H: Final = 3
_RHYTHM_LASTS_RATIO: Final = 0.8
_GUESSED_SHARE: Final = 0.4
_DOUBTS: Final = 1.6
_GROWTH_H: Final = 24


@dataclass(frozen=True, slots=True, eq=False)
class DistrictBalance:
    """A district and what its hours say.

    Attributes
    ----------
    inflow_m3 : (t,) by its meters
    ongoing : leaks that last, with the course of each, the clearest first
    leakage_m3_per_s, leakage_sd_m3_per_s : what it loses now
    allowance_m3_per_s : what meters below their starting flow may explain
    hours_known : hours with a balance
    """

    row: int
    district: MeteredDistrict
    balance: Balance
    inflow_m3: Floats
    weighed: Weighed | None
    ended: tuple[Spell, ...]
    ongoing: tuple[Change, ...]
    falling: Change | None
    leakage_m3_per_s: float
    leakage_sd_m3_per_s: float
    allowance_m3_per_s: float
    hours_known: int


@dataclass(slots=True)
class _Sum:
    """A district's balance while it is added up."""

    balance: Floats
    inflow: Floats
    white: Floats
    edge: Floats
    columns: list[Floats]
    spreads: list[float]

    def add_mains_inplace(self, measured: Measured, names: Sequence[tuple[str, float]]) -> None:
        for name, sign in names:
            k = measured.row_of[name]
            volumes, flows = measured.volumes_m3[k], measured.edge_flows_m3_per_s[k]
            self.balance += sign * volumes
            if sign > 0:
                self.inflow += volumes
            self.edge += measured.edge_variances[k]
            self.columns += [np.nan_to_num(sign * volumes), sign * np.diff(flows)]
            self.spreads += [_CLASS_SD_RATIO, _SKEW_SD_S]

    def add_ends_inplace(self, measured: Measured, names: Sequence[str]) -> None:
        if not names:
            return
        rows = [measured.row_of[name] for name in names]
        filled, doubt = _replaced(measured.volumes_m3[rows])
        total = filled.sum(axis=0)
        self.balance -= total
        self.white += doubt.sum(axis=0)
        self.edge += measured.edge_variances[rows].sum(axis=0)
        self.columns += [total, np.diff(measured.edge_flows_m3_per_s[rows].sum(axis=0))]
        self.spreads += [_CLASS_SD_RATIO / len(rows) ** 0.5 + 0.002, _SKEW_SD_S / len(rows) ** 0.5]

    def add_tanks_inplace(self, measured: Measured, tanks: Sequence[str]) -> None:
        for tank in tanks:
            stored = measured.stored_m3.get(tank)
            # a tank without a level sensor takes and gives unseen: the hours are then worth nothing
            self.balance -= np.full(len(self.balance), np.nan) if stored is None else stored
            self.edge += measured.store_variances.get(tank, 0.0)


def balance_of(tree: MeterTree, row: int, measured: Measured, zone: ZoneInfo) -> tuple[Balance, Floats, float]:
    """The balance of one district with its unknowns, its inflow, and the loss below starting flows. [m3/s]"""
    district = tree.districts[row]
    t = len(measured.edges_s) - 1
    boundary = [(tree.meters[column], sign) for column, sign in tree.boundary(row)]
    mains = [(name, sign) for name, sign in boundary if name not in tree.outlets]
    ends = [name for name, _ in boundary if name in tree.outlets]
    made = _Sum(np.zeros(t), np.zeros(t), np.zeros(t), np.zeros(t + 1), [], [])
    made.add_mains_inplace(measured, mains)
    made.add_ends_inplace(measured, ends)
    made.add_tanks_inplace(measured, district.tanks)
    allowance = len(ends) * _START_LOSS_M3_PER_S + len(mains) * _MAIN_START_M3_PER_S
    known = made.inflow[np.isfinite(made.inflow)]
    mean, spread = (float(known.mean()), float(known.std())) if len(known) else (0.0, 0.0)
    made.columns.append(np.full(t, HOUR_S))
    made.spreads.append(allowance + (0.3 * abs(mean) / HOUR_S if district.unmetered else 0.0))
    if district.unmetered and t:
        rhythm = _rhythm(measured.edges_s, zone)
        made.columns += list(rhythm.T)
        made.spreads += [max(0.02, 2.0 * spread + abs(mean))] * rhythm.shape[1]
    columns = np.array(made.columns).T.reshape(t, -1)
    balance = Balance(HOUR_S, made.balance, made.white, made.edge, columns, np.array(made.spreads))
    return balance, made.inflow, allowance


def _replaced(volumes_m3: Floats) -> tuple[Floats, Floats]:
    """(ends, t) hours of end meters with the missing ones at the meter's own mean, and the variance this costs."""
    missing = ~np.isfinite(volumes_m3)
    if not missing.any():
        return volumes_m3, np.zeros_like(volumes_m3)
    count = np.maximum((~missing).sum(axis=1), 1)
    shown = np.where(missing, 0.0, volumes_m3)
    mean = shown.sum(axis=1) / count
    variance = (shown**2).sum(axis=1) / count - mean**2
    # a meter that never spoke is taken for an ordinary home
    never = (~missing).sum(axis=1) == 0
    mean, variance = np.where(never, 0.013, mean), np.where(never, 0.03**2, variance)
    doubt = np.where(missing, variance[:, None] + 0.01**2, 0.0)
    return np.where(missing, mean[:, None], volumes_m3), doubt


def _rhythm(edges_s: Floats, zone: ZoneInfo) -> Floats:
    """(t, 24) which hour of the local day each hour is."""
    offset = dt.datetime.fromtimestamp(float(edges_s[0]), dt.UTC).astimezone(zone).utcoffset() or dt.timedelta()
    hours = ((edges_s[:-1] + offset.total_seconds()) // HOUR_S).astype(np.int64) % 24
    return np.eye(24)[hours]


def _without_rhythm(balance: Balance, measured: Measured, zone: ZoneInfo) -> Floats:
    """The balance less the usual of its hour of the day."""
    y = balance.balance_m3
    hours = _rhythm(measured.edges_s, zone)
    usual = np.zeros(24)
    for hour in range(24):
        of_hour = y[(hours[:, hour] > 0) & np.isfinite(y)]
        usual[hour] = float(np.median(of_hour)) if len(of_hour) else 0.0
    return y - hours @ usual


def judge(tree: MeterTree, row: int, measured: Measured, zone: ZoneInfo) -> DistrictBalance:
    """One district's balance, weighed, with the leaks that last."""
    balance, inflow, allowance = balance_of(tree, row, measured, zone)
    calm = _without_rhythm(balance, measured, zone) if tree.districts[row].unmetered else None
    weighed = weigh(balance, floor_m3=_FLOOR_M3, calm_m3=calm)
    t = len(balance.balance_m3)
    known = int(weighed.known.sum())
    hours = _rhythm(measured.edges_s, zone).argmax(axis=1) if t else np.zeros(0)
    ended: list[Spell] = []
    ongoing: list[Change] = []
    falling: Change | None = None
    if known >= _LEAST_HOURS:
        # where consumers have no meter a weekend's rhythm ends no leak
        ratio = _RHYTHM_LASTS_RATIO if tree.districts[row].unmetered else 1.0
        found = spells(weighed, least_nats=_LEAST_NATS, lasts_ratio=ratio)
        # what nobody has measured since may still last
        last_known = int(np.flatnonzero(weighed.known)[-1])
        lasting = [s for s in found if s.end > last_known]
        ended = [s for s in found if s.end <= last_known]
        if found:
            # the noise was learnt with the leak in it; without it the rest is judged anew
            course = sum((_course(s, t) for s in found), np.zeros(t))
            weighed = weigh(balance, floor_m3=_FLOOR_M3, without_m3=course, calm_m3=calm)
            for group in _growths(lasting):
                others = sum((_course(s, t) for s in found if s not in group), np.zeros(t))
                alone = _like(balance, weighed, others)
                each = change(alone)
                if each.gain_nats >= _LEAST_NATS and _lasts(balance, weighed, each, others, hours):
                    ongoing.append(each)
        falling = _falling(weighed)
    size = sum(each.size_m3_per_s for each in ongoing)
    start = _constant(balance)
    constant, spread = float(weighed.unknowns[start]), float(weighed.unknowns_sd[start])
    spread = float(np.hypot(spread, ongoing[0].size_sd_m3_per_s)) if ongoing else spread
    return DistrictBalance(row, tree.districts[row], balance, inflow, weighed, tuple(ended), tuple(ongoing), falling,
                           constant + size, spread, allowance, known)  # fmt: skip


def _growths(lasting: Sequence[Spell]) -> list[list[Spell]]:
    """Spells that begin within a day of each other as one: a leak that grows looks like one upon another."""
    groups: list[list[Spell]] = []
    for spell in sorted(lasting, key=lambda s: s.begin):
        if groups and spell.begin - groups[-1][-1].begin <= _GROWTH_H:
            groups[-1].append(spell)
        else:
            groups.append([spell])
    return groups


def _constant(balance: Balance) -> int:
    """Which column is the constant."""
    return int(np.flatnonzero((balance.columns == HOUR_S).all(axis=0))[0]) if len(balance.columns) else 0


def _course(spell: Spell, t: int) -> Floats:
    steps = np.arange(t)
    return np.where((steps >= spell.begin) & (steps < spell.end), spell.size_m3_per_s * HOUR_S, 0.0)


def _like(balance: Balance, calm: Weighed, without_m3: Floats) -> Weighed:
    """The same precision on the balance with other leaks taken off."""
    y = np.where(calm.known, balance.balance_m3 - without_m3, 0.0)
    score = calm.precision @ y
    return Weighed(balance, calm.precision, score, calm.residual_m3, calm.known, calm.unknowns, calm.unknowns_sd,
                   calm.white_m6, calm.sums)  # fmt: skip


def _lasts(balance: Balance, calm: Weighed, found: Change, others_m3: Floats, hours: Floats) -> bool:
    """Whether the excess is there at every time of the day since its onset, as a leak's is; a hose or a shift pauses.

    Where the noise of a part of the day is too large to tell, longer parts are compared; if these are too noisy as
    well, nothing is claimed.
    """
    excess = balance.balance_m3 - others_m3 - balance.columns @ calm.unknowns
    use = (found.shape > 0.5) & calm.known
    edge = 2 * float(np.median(balance.edge_m6))
    # an hour whose reading is only guessed within a gap neither has an excess nor lacks it
    guessed = balance.edge_m6[:-1] + balance.edge_m6[1:] > 9.0 * edge
    if (use & guessed).sum() < _GUESSED_SHARE * use.sum():
        use &= ~guessed
    if use.sum() < 2 * _BLOCK_H:
        return False
    for length_h in (4, 8):
        parts = hours[use] // length_h
        count = np.bincount(parts)
        there = count >= _BLOCK_H
        mean = np.bincount(parts, weights=excess[use])[there] / count[there] / HOUR_S
        size = found.size_m3_per_s * np.bincount(parts, weights=found.shape[use])[there] / count[there]
        days = np.maximum(1.0, count[there] / length_h)
        doubt = np.sqrt(calm.white_m6 / count[there] + edge * days / count[there] ** 2) / HOUR_S
        if len(mean) and (_MEAN_SHARE * size > _DOUBTS * doubt).all():
            return bool((mean > _MEAN_SHARE * size - _DOUBTS * doubt).all())
    return False


def _falling(weighed: Weighed) -> Change | None:
    """A lasting lack of loss, as where a meter upstream counts too little."""
    turned = Weighed(weighed.balance, weighed.precision, -weighed.score, weighed.residual_m3, weighed.known,
                     weighed.unknowns, weighed.unknowns_sd, weighed.white_m6, weighed.sums)  # fmt: skip
    found = change(turned)
    return found if found.gain_nats >= _LEAST_NATS else None


def judge_all(tree: MeterTree, measured: Measured, zone: ZoneInfo) -> Sequence[DistrictBalance]:
    """Every district that can be balanced."""
    if len(measured.edges_s) < 2:
        return ()
    rows = [k for k, d in enumerate(tree.districts) if not d.has_source and tree.signs[k].any()]
    return tuple(judge(tree, k, measured, zone) for k in rows)
