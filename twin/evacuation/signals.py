"""What devices tell of dangers: which are in alarm, were so and are not reset, fade after a reset, or are at fault.

What a detector said is remembered by `hear`: one that goes back by itself stays latched, one that falls silent in alarm
has likely burnt and stays so until somebody resets it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.evacuation.hazard_rules import HazardRules, SignalKind, SignalRule
from twin.fabric.site_graph import SiteGraph
from twin.index import PlacedStorey, SiteIndex, to_shapely
from twin.model.base import fill_template
from twin.model.devices import Channel, Device, DeviceKind
from twin.state import Quality, StateSnapshot

Ints = NDArray[np.int64]
Standing = Literal["alarm", "latched", "clearing", "fault"]
NOWHERE: Final = -1
_LATCHING: Final = frozenset({"smoke", "heat", "call", "electrical", "gas"})
_TIED: Final[Mapping[str, frozenset[str]]] = {
    "shutter": frozenset({"shutter", "door", "gate"}), "barrier": frozenset({"gate"}), "reader": frozenset({"door"}),
}  # fmt: skip
_ABOVE_FLOOR_M: Final = 0.5
"""A device may be drawn so far below the floor it stands on."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """A device that tells of a danger.

    Attributes
    ----------
    cell : row of the graph's cell it is in, or `NOWHERE`
    tied : ids of the door, gate or lift it tells of
    row, measure_row, release_row : of its channels, `NOWHERE` where it has none
    alarms, faults : values of its state
    level : of its storey within the building, from below; none outdoors
    """

    device: str
    rule: SignalRule
    cell: int
    tied: tuple[str, ...]
    row: int
    measure_row: int
    release_row: int
    alarms: frozenset[float]
    faults: frozenset[float]
    building: str | None
    level: int | None

    @property
    def kind(self) -> SignalKind:
        """What it tells of."""
        return self.rule.signal


@dataclass(frozen=True, eq=False)
class Watchers:
    """All of a site. Make them with `watchers`."""

    site: SiteGraph
    rules: HazardRules
    all: tuple[Watcher, ...]

    def __getitem__(self, device: str) -> Watcher:
        return self.all[self.numbers[device]]

    @cached_property
    def state_rows(self) -> Ints:
        """(watchers,) row of each one's state."""
        return np.array([w.row for w in self.all], dtype=np.int64)

    @cached_property
    def telling(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(watchers, k) values of alarm and of fault; NaN where there are fewer."""
        alarms, faults = ([sorted(getattr(w, name)) for w in self.all] for name in ("alarms", "faults"))
        return _table(alarms), _table(faults)

    def alarmed(self, state: StateSnapshot) -> NDArray[np.bool_]:
        """(watchers,) which say that there is danger, or said so before they fell silent."""
        quality = state.quality[self.state_rows]
        says = (state.values[self.state_rows][:, None] == self.telling[0]).any(axis=1)
        said: NDArray[np.bool_] = says & (quality != Quality.NEVER) & (quality != Quality.BAD)
        return said

    def at_fault(self, state: StateSnapshot) -> NDArray[np.bool_]:
        """(watchers,) which say that they do not work, or are silent."""
        quality = state.quality[self.state_rows]
        says = (state.values[self.state_rows][:, None] == self.telling[1]).any(axis=1)
        found: NDArray[np.bool_] = np.isin(quality, (Quality.BAD, Quality.STALE)) | (says & (quality != Quality.NEVER))
        return found

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """Row of each device in `all`."""
        return {watcher.device: number for number, watcher in enumerate(self.all)}


@dataclass(frozen=True, slots=True)
class Heard:
    """What is remembered of a device that was in alarm: since when, when last, and when it was reset after that."""

    since_s: float
    last_s: float
    reset_s: float | None = None


Memory = Mapping[str, Heard]


@dataclass(frozen=True, slots=True)
class Signal:
    """What a device tells at a moment.

    Attributes
    ----------
    left_ratio : of its effect; falls to 0 while it clears
    measured : SI, where it measures and the reading is good
    """

    watcher: Watcher
    standing: Standing
    since_s: float
    left_ratio: float = 1.0
    measured: float | None = None


def watchers(site: SiteGraph, rules: HazardRules) -> Watchers:
    """The devices of a site that tell of dangers, each in its room."""
    index = site.index
    levels = _levels(index)
    lifts = {fill_template(lift.space, number): lift.id for building in index.site.buildings for lift in building.lifts
             for number in range(lift.first, lift.last + 1)}  # fmt: skip
    found = []
    for device in index.site.devices:
        kind = index.kinds[device.kind]
        rule = rules.signal_of(kind)
        if rule is None or not kind.channels:
            continue
        first = index.first_row[device.id]
        channel = _state_of(kind)
        storey = storey_of(index, device)
        tied: tuple[str, ...]
        if rule.signal == "lift":
            tied = (lifts[device.space],) if device.space in lifts else ()
        else:
            tied = _tied(site, device, storey, rule, rules["tied_within_m"])
        rows = {c.id: first + k for k, c in enumerate(kind.channels)}
        measure = next((c.id for c in kind.channels if rule.measure is not None and c.unit == rule.measure), None)
        alarms, faults = _values(channel, rule)
        found.append(Watcher(
            device.id, rule, _cell_of(site, device, storey), tied, rows[channel.id],
            NOWHERE if measure is None else rows[measure], rows.get(rule.release or "", NOWHERE), alarms, faults,
            None if storey is None else storey.building.id, None if storey is None else levels[storey.id],
        ))  # fmt: skip
    return Watchers(site, rules, tuple(found))


def _state_of(kind: DeviceKind) -> Channel:
    """The channel by which devices of a kind tell of danger: one with values of alarm, else the primary one."""
    primary = next((c for c in kind.channels if c.id == kind.primary), kind.channels[0])
    return next((c for c in kind.channels if c.alarm_states), primary)


def rows_that_matter(index: SiteIndex, rules: HazardRules) -> tuple[Ints, Ints]:
    """Rows of the states of all devices that tell of dangers, and of all channels that ways out hang on."""
    states, every = [], []
    for device in index.site.devices:
        kind = index.kinds[device.kind]
        rule = rules.signal_of(kind) if kind.channels else None
        if rule is None:
            continue
        first, state = index.first_row[device.id], _state_of(kind).id
        for row, channel in enumerate(kind.channels, first):
            if channel.id == state:
                states.append(row)
            if channel.id in (state, rule.release) or (rule.measure is not None and channel.unit == rule.measure):
                every.append(row)
    return np.array(states, dtype=np.int64), np.array(every, dtype=np.int64)


def _values(channel: Channel, rule: SignalRule) -> tuple[frozenset[float], frozenset[float]]:
    """Values of alarm and of fault: kinds list faults among the values that raise an alarm, and name them so."""
    if rule.in_use:
        return frozenset(float(v) for v in channel.states) - {float(v) for v in rule.in_use}, frozenset()
    if rule.closing:
        return frozenset(float(v) for v in rule.closing), frozenset()
    faults = {float(v) for v in channel.down_states}
    faults |= {float(v) for v, t in channel.states.items() if "fault" in t.en.lower() or "故障" in t.zh}
    return frozenset(float(v) for v in channel.alarm_states) - faults, frozenset(faults)


def _levels(index: SiteIndex) -> dict[str, int]:
    """Number of each storey in its building, from the lowest."""
    stacked: dict[str, list[PlacedStorey]] = {}
    for storey in index.storeys.values():
        stacked.setdefault(storey.building.id, []).append(storey)
    return {
        storey.id: level
        for storeys in stacked.values()
        for level, storey in enumerate(sorted(storeys, key=lambda s: s.elevation_m))
    }


def storey_of(index: SiteIndex, device: Device) -> PlacedStorey | None:
    """The storey a device is on; none outdoors."""
    if device.space in index.spaces:
        return index.spaces[device.space].storey
    if device.x_m is None:
        return None
    x, y, z = index.device_point(device)
    for storey in index.storeys.values():
        above_m = z - storey.elevation_m
        within = -_ABOVE_FLOOR_M <= above_m < storey.template.height_m - _ABOVE_FLOOR_M
        if within and to_shapely(storey.template.polygon).covers(shapely.Point(x, y)):
            return storey
    return None


def _cell_of(site: SiteGraph, device: Device, storey: PlacedStorey | None) -> int:
    if (device.space or "") in site.cell_of:
        return site.cell_of[device.space or ""]
    if storey is None:
        return len(site.graph.cells) - 1
    x, y, _ = site.index.device_point(device)
    inside = [
        (to_shapely(space.template.polygon).area, site.cell_of[space.id])
        for space in site.index.spaces.values()
        if space.storey is storey and space.id in site.cell_of
        and to_shapely(space.template.polygon).covers(shapely.Point(x, y))
    ]  # fmt: skip
    return min(inside)[1] if inside else NOWHERE


def _tied(
    site: SiteGraph, device: Device, storey: PlacedStorey | None, rule: SignalRule, within_m: float
) -> tuple[str, ...]:
    """The opening or gate a device belongs to: the nearest of its sort."""
    sorts = _TIED.get(rule.signal)
    if sorts is None:
        return ()
    index, graph = site.index, site.graph
    x, y, _ = index.device_point(device)
    here = shapely.Point(x, y)
    near = []
    for opening in index.openings.values():
        of_storey = storey is None or opening.storey is storey
        if of_storey and opening.template.kind in sorts and opening.id in graph.rows:
            near.append((shapely.LineString(opening.template.line).distance(here), opening.id))
    if storey is None:
        near += [(float(np.hypot(s.point_m[0] - x, s.point_m[1] - y)), s.id) for s in graph.spots if s.kind == "gate"]
    away_m, name = min(near, default=(np.inf, ""))
    return (name,) if away_m <= within_m else ()


def _table(values: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    made = np.full((len(values), max((len(v) for v in values), default=0)), np.nan)
    for row, those in enumerate(values):
        made[row, : len(those)] = those
    return made


def hear(of: Watchers, state: StateSnapshot, memory: Memory) -> dict[str, Heard]:
    """What to remember after a state; who was in alarm and is neither latched nor clearing any more is forgotten."""
    is_alarm, is_fault = of.alarmed(state), of.at_fault(state)
    heard = {}
    for number in np.flatnonzero(is_alarm).tolist():
        watcher = of.all[number]
        if watcher.kind in _LATCHING:
            known = memory.get(watcher.device)
            at_s = min(float(state.times_s[watcher.row]), state.now_s)
            since_s = at_s if known is None or known.reset_s is not None else known.since_s
            heard[watcher.device] = Heard(since_s, state.now_s)
    for device, known in memory.items():
        if device in heard or (known.reset_s is not None and _left(of.rules, known.reset_s, state.now_s) <= 0):
            continue
        # of its own accord it is latched for a while, then it clears as if reset
        over_s = known.last_s + of.rules["latched_for_s"]
        is_over = known.reset_s is None and not is_fault[of.numbers[device]] and state.now_s >= over_s
        heard[device] = replace(known, reset_s=over_s) if is_over else known
    return heard


def reset(memory: Memory, devices: Collection[str] | None, now_s: float) -> dict[str, Heard]:
    """What is remembered after somebody resets devices, or all; who is still in alarm raises it again at once."""
    return {
        device: replace(heard, reset_s=now_s)
        if heard.reset_s is None and (devices is None or device in devices)
        else heard
        for device, heard in memory.items()
    }


def _left(rules: HazardRules, reset_s: float, now_s: float) -> float:
    return max(0.0, 1.0 - (now_s - reset_s) / rules["clears_in_s"])


def signals(of: Watchers, state: StateSnapshot, memory: Memory) -> tuple[Signal, ...]:
    """What all devices tell; `memory` as `hear` gave it for the same state."""
    is_alarm, is_fault = of.alarmed(state), of.at_fault(state)
    telling = is_alarm | is_fault
    telling[[of.numbers[device] for device in memory]] = True
    found = (_told(of, of.all[n], state, memory, is_alarm=bool(is_alarm[n])) for n in np.flatnonzero(telling).tolist())
    return tuple(signal for signal in found if signal is not None)


def _told(of: Watchers, watcher: Watcher, state: StateSnapshot, memory: Memory, *, is_alarm: bool) -> Signal | None:
    """What a device tells that is in alarm, was so, or is at fault."""
    at_s = float(state.times_s[watcher.row])
    if watcher.kind not in _LATCHING:
        return Signal(watcher, "alarm" if is_alarm else "fault", at_s)
    heard = memory.get(watcher.device)
    if heard is None:
        return Signal(watcher, "fault", at_s)
    measured = _measured(watcher, state)
    if is_alarm:
        return Signal(watcher, "alarm", heard.since_s, measured=measured)
    if heard.reset_s is None:
        return Signal(watcher, "latched", heard.since_s, measured=measured)
    left = _left(of.rules, heard.reset_s, state.now_s)
    return Signal(watcher, "clearing", heard.since_s, left, measured) if left > 0 else None


def _measured(watcher: Watcher, state: StateSnapshot) -> float | None:
    row = watcher.measure_row
    if row == NOWHERE or state.quality[row] not in (Quality.GOOD, Quality.UNCERTAIN):
        return None
    return float(state.values[row])
