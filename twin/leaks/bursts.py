"""Bursts: more water is missing within a quarter of an hour than any draw or clock explains."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from pipe_network.balance import MeterTree
from pipe_network.balance_changes import Balance, Change
from pipe_network.registers import Floats, passed
from twin.index import SiteIndex
from twin.leaks.burst_places import burst_place
from twin.leaks.districts import DistrictBalance
from twin.leaks.findings import When, district_candidates, district_leak
from twin.leaks.measured import Measured
from twin.leaks.model import NetworkModel
from twin.leaks.result import Leak
from twin.leaks.window import Window

_STEP_S: Final = 600.0
_BACK_STEPS: Final = 144
_LEAST_M3_PER_S: Final = 8.0 / 3600
"""Below it a hose, a tank cart or a hydrant test may be what is missing."""
_WORST_RATIO: Final = 1.5
_FRESH_S: Final = 1800.0
_CLASS_RATIO: Final = 0.05


def burst_leaks(
    index: SiteIndex, model: NetworkModel, tree: MeterTree, measured: Measured, *, window: Window
) -> Iterator[Leak]:
    """A leak for each district that loses more in the last minutes than it ever seemed to, twice in a row.

    Parameters
    ----------
    window : the same readings as `measured`; pressures in it tell where in the district the burst is
    """
    end_s = window.end_s
    for row, district in enumerate(tree.districts):
        if district.has_source or district.unmetered:
            continue
        mains = [(tree.meters[c], s) for c, s in tree.boundary(row) if tree.meters[c] not in tree.outlets]
        read = [measured.registers[m][0] for m, _ in mains]
        # what a tank gained is part of the balance: without its last level the last minutes are not known
        read += [measured.levels_m3[t][0] for t in district.tanks if t in measured.levels_m3]
        lasts = [times_s[-1] for times_s in read if len(times_s)]
        if not mains or len(lasts) < len(read) or end_s - min(lasts) > _FRESH_S:
            continue
        edges_s = min(lasts) - _STEP_S * np.arange(_BACK_STEPS, -1, -1.0)
        missing = _missing_m3_per_s(tree, measured, row, mains, edges_s)
        begun = _begun(missing)
        if begun is None:
            continue
        recent, before = missing[begun:], missing[:begun][np.isfinite(missing[:begun])]
        worst = float(before.max()) if len(before) else 0.0
        usual = float(np.median(before)) if len(before) else 0.0
        size = float(recent.mean()) - max(0.0, usual)
        passing = _passing_m3_per_s(measured, mains, edges_s[-3:])
        if float(recent.min()) < max(_LEAST_M3_PER_S, _WORST_RATIO * worst, _CLASS_RATIO * passing):
            continue
        yield _burst(index, model, tree, row, window, (float(edges_s[begun]), size))


def _begun(missing_m3_per_s: Floats) -> int | None:
    """Since which step so much has been missing in every one up to now; none where it is not two at least."""
    last = missing_m3_per_s[-2:]
    if not np.isfinite(last).all() or float(last.min()) < _LEAST_M3_PER_S:
        return None
    low = np.flatnonzero(~(missing_m3_per_s > 0.5 * float(last.min())))
    return int(low[-1]) + 1 if len(low) else 0


def _missing_m3_per_s(
    tree: MeterTree, measured: Measured, row: int, mains: list[tuple[str, float]], edges_s: Floats
) -> Floats:
    total = np.zeros(len(edges_s) - 1)
    for meter, sign in mains:
        total += sign * passed(*measured.registers[meter], edges_s).volumes_m3
    hours = np.clip(np.searchsorted(measured.edges_s, edges_s[:-1]) - 1, 0, max(0, len(measured.edges_s) - 2))
    if (total[-2:] > _LEAST_M3_PER_S * _STEP_S).all():
        ends = [measured.row_of[tree.meters[c]] for c, _ in tree.boundary(row) if tree.meters[c] in tree.outlets]
        if ends and len(measured.edges_s) > 1:
            drawn = np.nan_to_num(measured.volumes_m3[ends]).sum(axis=0)
            total -= drawn[hours] * _STEP_S / 3600.0
    for tank in tree.districts[row].tanks:
        stored = measured.stored_m3.get(tank)
        if stored is None:
            return np.full(len(total), np.nan)
        if len(measured.edges_s) > 1:
            fine = measured.levels_m3.get(tank)
            total -= passed(*fine, edges_s).volumes_m3 if fine is not None else stored[hours] * _STEP_S / 3600.0
    missing: Floats = total / _STEP_S
    return missing


def _passing_m3_per_s(measured: Measured, mains: list[tuple[str, float]], edges_s: Floats) -> float:
    """What comes in now; its class error alone may look like a loss."""
    flows = [np.abs(passed(*measured.registers[m], edges_s).volumes_m3).max() / _STEP_S for m, s in mains if s > 0]
    return float(sum(flows))


def _burst(
    index: SiteIndex, model: NetworkModel, tree: MeterTree, row: int, window: Window, found: tuple[float, float]
) -> Leak:
    onset_s, size = found
    district = tree.districts[row]
    spread = 0.1 * size
    t = 24  # hours stand in here for the minutes that told of it
    nothing = np.zeros(t)
    balance = Balance(3600.0, nothing, nothing, np.zeros(t + 1), np.zeros((t, 1)), np.ones(1))
    judged = DistrictBalance(row, district, balance, nothing, None, (), (), None, size, spread, 0.0, 0)
    change = Change((size / spread) ** 2 / 2, t - 1, t - 1, t - 1, 0, size, spread, np.array([size / spread**2]),
                    np.array([spread**-2]), np.ones(t))  # fmt: skip
    when = When(onset_s, onset_s - _STEP_S, onset_s + _STEP_S, "burst")
    now_s = onset_s + 2 * _STEP_S
    located = burst_place(
        index, model, window, district_candidates(model, judged), began_s=(when.low_s, when.high_s), size_m3_per_s=size
    )
    return district_leak(index, model, judged, change, when, now_s=now_s, located=located)
