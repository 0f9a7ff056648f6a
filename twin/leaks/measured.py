"""What the meters and tanks of a network say hour by hour, and which of them are not believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from pipe_network.balance import MeterTree
from pipe_network.registers import Floats, Passed, passed, register_step_m3, without_jumps
from twin.leaks.lived_time import LivedTime, lived_time
from twin.leaks.model import Meter, NetworkModel
from twin.leaks.window import Window

HOUR_S: Final = 3600.0
_SILENT_S: Final = 3 * HOUR_S
_STUCK_H: Final = 4
_STUCK_M3: Final = 0.5
_CLASS_RATIO: Final = 0.04
_SKEW_H: Final = 0.15
_LEVEL_SD_M: Final = 0.008
"""Resolution and ripple of a level sensor in a tank that is being filled."""
_COMPRESSED: Final = 1.5
_LEAST_FLOWS: Final = 10

MeterFaultKind = Literal["stuck", "silent", "backwards", "jumped", "drifting"]


@dataclass(frozen=True, slots=True)
class MeterFault:
    """A meter that is not believed, from when on."""

    device: str
    fault: MeterFaultKind
    since_s: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A network's meters and tanks by hours.

    Attributes
    ----------
    edges_s : (t + 1,) full hours
    volumes_m3, edge_variances, edge_flows_m3_per_s : (meters, t), (meters, t + 1), (meters, t + 1), in `meters`' order
    stored_m3, store_variances : by tank, (t,) gained and (t + 1,) at the edges
    registers, levels_m3 : by meter and by tank, what was read; a level as what the tank then holds
    """

    edges_s: Floats
    meters: tuple[str, ...]
    volumes_m3: Floats
    edge_variances: Floats
    edge_flows_m3_per_s: Floats
    stored_m3: Mapping[str, Floats]
    store_variances: Mapping[str, Floats]
    registers: Mapping[str, tuple[Floats, Floats]]
    levels_m3: Mapping[str, tuple[Floats, Floats]]
    faults: tuple[MeterFault, ...] = ()
    row_of: Mapping[str, int] = field(default_factory=dict)


def register(window: Window, meter: Meter) -> tuple[tuple[Floats, Floats], int]:
    """A meter's register over the window, and how many leaps were taken out; from its flow where it has no register."""
    times_s, values = window.reading(meter.volume)
    if len(times_s) >= 2:
        cleaned, leaps = without_jumps(times_s, values, most_m3_per_s=2.0 * meter.most_m3_per_s)
        return (times_s, cleaned), leaps
    times_s, flows = window.reading(meter.flow)
    if len(times_s) < 2:
        return (times_s, flows), 0
    gained = 0.5 * (flows[1:] + flows[:-1]) * np.diff(times_s)
    return (times_s, np.concatenate([[0.0], np.cumsum(gained)])), 0


def compression_ratio(model: NetworkModel, window: Window) -> float:
    """How much faster than its time stamps the estate lives: what registers gained over what their flows make.

    It is 1 on any real estate; a simulated one may run through a day in minutes.
    """
    found: list[float] = []
    for meter in model.meters.values():
        if model.tree is None or meter.device in model.tree.outlets or meter.volume is None:
            continue
        (times_s, volumes), (flow_s, flows) = window.reading(meter.volume), window.reading(meter.flow)
        if len(times_s) < 3 or len(flow_s) < _LEAST_FLOWS:
            continue
        # over the time in which both were read: a past may have registers only
        start_s, end_s = max(times_s[0], flow_s[0]), min(times_s[-1], flow_s[-1])
        together = (flow_s >= start_s) & (flow_s <= end_s)
        if together.sum() < _LEAST_FLOWS:
            continue
        gained = float(np.interp(end_s, times_s, volumes) - np.interp(start_s, times_s, volumes))
        made = float(flows[together].mean() * (end_s - start_s))
        if gained > 0 and made > 0:
            found.append(gained / made)
    ratio = float(np.median(found)) if found else 1.0
    return ratio if ratio > _COMPRESSED else 1.0


def estates_time(model: NetworkModel, window: Window) -> LivedTime:
    """The estate's own clock: by its simulator's word, or else by what its registers and flows show."""
    return lived_time(window, uniform_ratio=1.0 if len(window.pace[0]) else compression_ratio(model, window))


def measure(model: NetworkModel, window: Window) -> Measured:
    """The hours of a network's meters and tanks."""
    first, last = np.ceil(window.start_s / HOUR_S), np.floor(window.end_s / HOUR_S)
    edges_s = np.arange(first, max(last, first) + 1) * HOUR_S
    names = tuple(model.meters)
    t = len(edges_s) - 1
    volumes, variances, flows = np.full((len(names), t), np.nan), *(np.zeros((len(names), t + 1)) for _ in "12")
    registers: dict[str, tuple[Floats, Floats]] = {}
    faults: list[MeterFault] = []
    for k, name in enumerate(names):
        meter = model.meters[name]
        read, leaps = register(window, meter)
        registers[name] = read
        each = passed(*read, edges_s)
        volumes[k], variances[k], flows[k] = each.volumes_m3, each.edge_variances, each.edge_flows_m3_per_s
        fault = _fault(meter, read, each, window.end_s)
        if fault is not None:
            faults.append(fault)
            volumes[k] = _forget(volumes[k], edges_s, fault)
        elif leaps:
            faults.append(MeterFault(name, "jumped", None))
    stored: dict[str, Floats] = {}
    store_variances: dict[str, Floats] = {}
    levels_m3: dict[str, tuple[Floats, Floats]] = {}
    for store in model.stores.values():
        times_s, levels = window.reading(store.row)
        levels_m3[store.node] = (times_s, levels * store.area_m2)
        held = passed(*levels_m3[store.node], edges_s)
        stored[store.node] = held.volumes_m3
        store_variances[store.node] = held.edge_variances + (_LEVEL_SD_M * store.area_m2) ** 2
    row_of = {name: k for k, name in enumerate(names)}
    return Measured(edges_s, names, volumes, variances, flows, stored, store_variances, registers, levels_m3,
                    tuple(faults), row_of)  # fmt: skip


def _forget(volumes_m3: Floats, edges_s: Floats, fault: MeterFault) -> Floats:
    """Hours from a fault on are not known."""
    if fault.since_s is None:
        return np.full_like(volumes_m3, np.nan)
    return np.where(edges_s[1:] > fault.since_s, np.nan, volumes_m3)


def _fault(meter: Meter, read: tuple[Floats, Floats], each: Passed, end_s: float) -> MeterFault | None:
    times_s, values = read
    if len(times_s) == 0 or times_s[-1] < end_s - max(_SILENT_S, 6 * meter.interval_s):
        return MeterFault(meter.device, "silent", float(times_s[-1]) if len(times_s) else None)
    day = each.volumes_m3[-24:]
    known = day[np.isfinite(day)]
    if len(known) < _STUCK_H:
        return None
    step_m3 = register_step_m3(values)
    # a little water may go to and fro between tanks; a meter that loses more than it gains is hung the wrong way
    if known.sum() < -3 * step_m3 - 0.02 and known.sum() < -0.3 * np.abs(known).sum():
        return MeterFault(meter.device, "backwards", turned_at_s(times_s, values))
    return None


def turned_at_s(times_s: Floats, values: Floats) -> float:
    """When a register began to run back for good, or ran back first where it has gone ahead since. [s]

    Examples
    --------
    >>> turned_at_s(np.arange(5.0), np.array([1.0, 2.0, 3.0, 2.0, 1.0]))
    2.0
    >>> turned_at_s(np.arange(5.0), np.array([3.0, 2.0, 1.0, 1.0, 1.5]))
    0.0
    """
    steps = np.diff(values)
    back, ahead = np.flatnonzero(steps < 0), np.flatnonzero(steps > 0)
    if len(back) == 0:
        return float(times_s[0])
    since = back[back > ahead[-1]] if len(ahead) else back
    return float(times_s[since[0] if len(since) else back[0]])


def stuck_meters(model: NetworkModel, measured: Measured) -> tuple[MeterFault, ...]:
    """Meters between districts that stand still while the others around say that water passes."""
    tree = model.tree
    if tree is None:
        return ()
    faulty = {f.device for f in measured.faults if f.fault == "backwards"}
    found: list[MeterFault] = []
    for column, name in enumerate(tree.meters):
        if name in tree.outlets or name in faulty:
            continue
        volumes = measured.volumes_m3[measured.row_of[name]]
        moving = np.flatnonzero(np.isfinite(volumes) & (np.abs(volumes) > 1e-9))
        still_h = len(volumes) - 1 - (int(moving[-1]) if len(moving) else -1)
        if int(np.isfinite(volumes[len(volumes) - still_h :]).sum()) < _STUCK_H:
            continue
        beside = [int(r) for r in np.flatnonzero(tree.signs[:, column])]
        if any(_implied_m3(tree, measured, row, column, still_h) > _STUCK_M3 for row in beside):
            found.append(MeterFault(name, "stuck", float(measured.edges_s[-1] - still_h * HOUR_S)))
    return tuple(found)


def _implied_m3(tree: MeterTree, measured: Measured, row: int, column: int, hours: int) -> float:
    """What passed a meter in the last hours if its district balances; 0 where that cannot be said."""
    district = tree.districts[row]
    if district.has_source or district.unmetered:
        return 0.0
    rest, moved = np.zeros(hours), np.zeros(hours)
    for other, sign in tree.boundary(row):
        if other == column:
            continue
        part = measured.volumes_m3[measured.row_of[tree.meters[other]]][-hours:]
        if tree.meters[other] in tree.outlets:
            part = np.nan_to_num(part)  # one flat more or less decides nothing
        rest += sign * part
        moved += np.abs(part)
    for tank in district.tanks:
        rest -= measured.stored_m3.get(tank, np.full(len(measured.edges_s) - 1, np.nan))[-hours:]
    # hours in which the meter itself said nothing do not show that it stands still
    rest = np.where(np.isfinite(measured.volumes_m3[measured.row_of[tree.meters[column]]][-hours:]), rest, np.nan)
    known = np.isfinite(rest)
    if known.sum() < _STUCK_H:
        return 0.0
    implied = -float(tree.signs[row, column]) * float(rest[known].sum())
    # class errors, and clocks that put some minutes of the largest flow into other hours
    doubt = _CLASS_RATIO * float(moved[known].sum()) + _SKEW_H * float(moved[known].max())
    return max(0.0, implied - doubt)
