"""What is in the way at a moment: rooms of smoke, heat, gas and water, doors, stairs and lifts that are shut, and why.

`hazards` is pure: a site's graph, a state, and what was heard before. One detector alone makes a fire suspected: ways
round it are weighed. Two of a building close to each other, or a detector and a manual call point, confirm it: rooms
are left but hardly gone through, smoke spreads to rooms beside that no detector watches, and what is measured to be
unbearable closes a room to all but those in it.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from twin.errors import EvacuationError, UnknownIdError
from twin.evacuation.hazard_rules import HazardRules
from twin.evacuation.sfpe import smoke_factor
from twin.evacuation.signals import NOWHERE, Signal, Watchers
from twin.fabric.site_graph import SiteGraph
from twin.model.base import Text
from twin.state import Quality, StateSnapshot

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
HazardKind = Literal[
    "smoke", "heat", "call", "electrical", "gas", "water", "fire_lane", "lift", "shutter", "barrier", "reader",
    "fire", "spread", "reported",
]  # fmt: skip
HazardStanding = Literal["suspected", "confirmed", "latched", "clearing", "known", "fault", "threatened"]
_ORIGINS: Final = frozenset({"smoke", "heat", "electrical", "fire"})
"""What tells where it burns; a manual call point tells only that somebody saw it."""
_FIRES: Final = _ORIGINS | {"call"}
_ALARMED: Final = frozenset({"suspected", "confirmed", "latched"})
_DB: Final = float(np.log(10.0) / 10.0)
"""Extinction in 1/m of an obscuration of 1 dB/m."""
_SILENT: Final = Text()
_NOTHING: Final = MappingProxyType[str, "Report"]({})


@dataclass(frozen=True, slots=True)
class Hazard:
    """One thing that is in the way, or may be.

    Attributes
    ----------
    id : of the device that tells, else of what is shut
    standing : ``latched`` and ``clearing`` are no alarms any more, ``fault`` never was one
    is_confirmed : whether more than this device tells of it
    cell : row of the room it is in, or `NOWHERE`
    since_s : epoch [s]
    measured : SI, by the device
    closes : whether nobody goes through
    factor_ratio : what is left of the speed in the room where ways are weighed
    objects : ids of the openings, lifts or stairs it shuts
    """

    id: str
    kind: HazardKind
    standing: HazardStanding
    is_confirmed: bool
    cell: int
    since_s: float
    measured: float | None = None
    closes: bool = False
    factor_ratio: float = 1.0
    objects: tuple[str, ...] = ()
    text: Text = _SILENT


@dataclass(frozen=True, slots=True)
class Report:
    """What people say of a door, stair, lift or gate that nobody can use."""

    since_s: float
    text: Text = _SILENT


@dataclass(frozen=True, eq=False)
class Hazards:
    """All that is in the way at a moment, and what it does to the graph.

    Attributes
    ----------
    factors : (cells,) what is left of the speed
    is_closed : (cells,) whether only those who are in it walk there, to leave it
    is_shut : (spots,) where nobody passes
    delays_s : (spots,) what passing costs
    of_cells, of_spots : rows in `found` of what is to blame, by row
    """

    found: tuple[Hazard, ...]
    factors: Floats
    is_closed: Flags
    is_shut: Flags
    delays_s: Floats
    of_cells: Mapping[int, tuple[int, ...]]
    of_spots: Mapping[int, tuple[int, ...]]

    @property
    def is_fire(self) -> bool:
        """Whether a fire is confirmed."""
        return any(h.is_confirmed and h.kind in _FIRES for h in self.found)

    @property
    def is_alarm(self) -> bool:
        """Whether a fire is at least suspected."""
        return any(h.standing in _ALARMED and h.kind in _FIRES for h in self.found)

    @cached_property
    def key(self) -> tuple[bytes, ...]:
        """The same for two moments whose ways are the same."""
        return self.factors.tobytes(), self.is_closed.tobytes(), self.is_shut.tobytes(), self.delays_s.tobytes()


@dataclass(frozen=True, eq=False)
class HazardMap:
    """A site prepared for hazards. Make one with `hazard_map`.

    Attributes
    ----------
    beside : by cell, the cells that smoke gets to and how long that takes
    """

    watchers: Watchers
    beside: Mapping[int, tuple[tuple[int, float], ...]]

    @property
    def site(self) -> SiteGraph:
        """The graph."""
        return self.watchers.site

    @property
    def rules(self) -> HazardRules:
        """The rules."""
        return self.watchers.rules


def hazard_map(of: Watchers) -> HazardMap:
    """A site with the ways that smoke takes: through doors by their rating, and up stairs."""
    graph, openings, rules = of.site.graph, of.site.index.openings, of.rules
    soonest: dict[tuple[int, int], float] = {}
    outdoors = len(graph.cells) - 1

    def add(a: int, b: int, seconds: float) -> None:
        if a != b and outdoors not in (a, b):
            soonest[a, b] = min(seconds, soonest.get((a, b), np.inf))

    for spot in graph.spots:
        if len(spot.cells) != 2 or spot.id not in openings:
            continue
        opening = openings[spot.id].template
        takes_s = rules["opening_s"]
        if opening.kind != "passage":
            takes_s = max(rules["door_s"], rules["rated_door_ratio"] * opening.fire_rating_s)
        add(*spot.cells, takes_s)
        add(*spot.cells[::-1], takes_s)
    for link in graph.links:
        low, high = (graph.spots[row].cells for row in link.spots)
        if link.kind == "stair" and low and high:
            add(low[0], high[0], rules["opening_s"])
    beside: dict[int, list[tuple[int, float]]] = {}
    for (a, b), seconds in soonest.items():
        beside.setdefault(a, []).append((b, seconds))
    return HazardMap(of, {cell: tuple(there) for cell, there in beside.items()})


def confirmed(of: HazardMap, told: Sequence[Signal], *, by_hand: Collection[str] = ()) -> frozenset[str]:
    """Devices whose fire more than they tell of: enough others of the building near by, or somebody who has seen it."""
    rules = of.rules
    fires = [s for s in told if s.watcher.rule.is_fire and s.standing in {"alarm", "latched"}]
    sure = {s.watcher.device for s in fires if s.watcher.device in by_hand}
    for signal in fires:
        near = [other for other in fires if _is_near(signal, other, int(rules["confirming_storeys"]))]
        if len(near) >= rules["confirming_devices"]:
            sure.add(signal.watcher.device)
    return frozenset(sure)


def _is_near(one: Signal, other: Signal, storeys: int) -> bool:
    a, b = one.watcher, other.watcher
    if a.level is None or b.level is None:
        return a.level == b.level and a.cell == b.cell
    return a.building == b.building and abs(a.level - b.level) <= storeys


def hazards(
    of: HazardMap, state: StateSnapshot, told: Sequence[Signal], *,
    reported: Mapping[str, Report] = _NOTHING, burning: Mapping[str, Report] = _NOTHING, by_hand: Collection[str] = (),
) -> Hazards:  # fmt: skip
    """What is in the way.

    Parameters
    ----------
    told : as `twin.evacuation.signals.signals` gives it for the same state
    reported : doors, stairs, lifts and gates that people say are shut, and what they say
    burning : spaces that people say are on fire
    by_hand : devices whose alarm somebody has confirmed

    Raises
    ------
    EvacuationError
        If nobody can walk in a space that burns.
    """
    sure = confirmed(of, told, by_hand=by_hand)
    found = [_of_signal(of, signal, is_sure=signal.watcher.device in sure) for signal in told]
    found += [Hazard(space, "fire", "confirmed", is_confirmed=True, cell=cell_of(of.site, space), since_s=said.since_s,
                     closes=True, factor_ratio=of.rules["confirmed_factor"], text=said.text)
              for space, said in burning.items()]  # fmt: skip
    found += _spread(of, found, told, state)
    found += [Hazard(name, "reported", "known", is_confirmed=True, cell=NOWHERE, since_s=said.since_s, closes=True,
                     objects=(name,), text=said.text) for name, said in reported.items()]  # fmt: skip
    is_fire = any(h.is_confirmed and h.kind in _FIRES for h in found)
    found += _unreleased(of, found, state)
    return _laid(of, found, is_fire=is_fire)


def cell_of(site: SiteGraph, space: str) -> int:
    """Row of the room that a space lies in.

    Raises
    ------
    UnknownIdError
        If the site has no such space.
    EvacuationError
        If nobody can walk in it.
    """
    if space not in site.index.spaces:
        raise UnknownIdError("space", space, site.index.spaces)
    if space not in site.cell_of:
        raise EvacuationError(f"nobody can walk in space {space}: name the room beside it")
    return site.cell_of[space]


def _of_signal(of: HazardMap, signal: Signal, *, is_sure: bool) -> Hazard:
    watcher, rules = signal.watcher, of.rules
    standing: HazardStanding = "fault"
    closes, factor, objects = False, 1.0, watcher.tied
    if signal.standing != "fault":
        standing = {"latched": "latched", "clearing": "clearing"}.get(signal.standing, "known")  # type: ignore[assignment] # a literal
        match watcher.kind:
            case "smoke" | "heat" | "electrical":
                if signal.standing == "alarm":
                    standing = "confirmed" if is_sure else "suspected"
                closes, factor = _by_fire(rules, signal, is_sure=is_sure)
            case "call":
                if signal.standing == "alarm":
                    standing = "confirmed" if is_sure else "suspected"
            case "gas":
                factor = rules["gas_factor"]
                closes = (signal.measured or 0.0) >= rules["gas_closes_ppm"]
            case "water":
                factor = rules["wet_factor"]
            case _:
                pass
    factor += (1.0 - factor) * (1.0 - signal.left_ratio)
    return Hazard(watcher.device, watcher.kind, standing, is_sure or not watcher.rule.is_fire, watcher.cell,
                  signal.since_s, signal.measured, closes, factor, objects)  # fmt: skip


def _by_fire(rules: HazardRules, signal: Signal, *, is_sure: bool) -> tuple[bool, float]:
    """Whether smoke or heat closes a room, and what it leaves of the speed."""
    factor = rules["confirmed_factor" if is_sure else "suspected_factor"]
    if signal.measured is None:
        return False, factor
    if signal.watcher.kind == "smoke":
        extinction_per_m = _DB * signal.measured
        return is_sure and extinction_per_m >= rules["smoke_closes_per_m"], factor * float(
            smoke_factor(extinction_per_m)
        )
    if signal.watcher.kind == "heat":
        return is_sure and signal.measured >= rules["heat_closes_degc"], factor
    return False, factor


def _spread(of: HazardMap, found: Iterable[Hazard], told: Sequence[Signal], state: StateSnapshot) -> list[Hazard]:
    """Rooms that confirmed smoke has had the time to get to, where no working detector says that it has not."""
    lit = {h.cell: h for h in found if h.is_confirmed and h.kind in _ORIGINS and h.standing in {"confirmed", "latched"}}
    if not lit:
        return []
    telling = {s.watcher.device for s in told}
    is_good = np.isin(state.quality[of.watchers.state_rows], (Quality.GOOD, Quality.UNCERTAIN))
    watched = {
        w.cell
        for w, hears in zip(of.watchers.all, is_good.tolist(), strict=True)
        if hears and w.kind == "smoke" and w.device not in telling
    }
    soonest = {cell: h.since_s for cell, h in lit.items()}
    heap = [(since_s, cell) for cell, since_s in soonest.items()]
    heapq.heapify(heap)
    came: list[Hazard] = []
    began_s = min(soonest.values())
    while heap:
        at_s, cell = heapq.heappop(heap)
        if at_s > soonest[cell]:
            continue
        if cell not in lit:
            came.append(Hazard(of.site.graph.cells[cell].id, "spread", "threatened", is_confirmed=True, cell=cell,
                               since_s=at_s, factor_ratio=of.rules["threatened_factor"]))  # fmt: skip
        for there, takes_s in of.beside.get(cell, ()):
            arrives_s = at_s + takes_s
            in_time = arrives_s <= min(state.now_s, began_s + of.rules["spread_within_s"])
            if in_time and there not in watched and arrives_s < soonest.get(there, np.inf):
                soonest[there] = arrives_s
                heapq.heappush(heap, (arrives_s, there))
    return came


def _unreleased(of: HazardMap, fires: Sequence[Hazard], state: StateSnapshot) -> list[Hazard]:
    """Locked doors of burning buildings whose reader has not said that it is released."""
    openings = of.site.index.openings
    burning = burning_buildings(of, fires)
    found = []
    for watcher in of.watchers.all:
        if watcher.building not in burning or watcher.kind != "reader" or watcher.release_row == NOWHERE:
            continue
        is_told = state.quality[watcher.release_row] in (Quality.GOOD, Quality.UNCERTAIN)
        is_released = is_told and state.values[watcher.release_row] == 1
        locked = tuple(name for name in watcher.tied if name in openings and openings[name].template.locked)
        if locked and not is_released:
            found.append(Hazard(watcher.device, "reader", "known", is_confirmed=True, cell=NOWHERE,
                                since_s=float(state.times_s[watcher.row]), objects=locked))  # fmt: skip
    return found


def burning_buildings(of: HazardMap, found: Iterable[Hazard]) -> frozenset[str]:
    """Buildings with a confirmed fire."""
    return frozenset(_buildings_of(of, (h for h in found if h.is_confirmed)))


def alarmed_since(of: HazardMap, found: Iterable[Hazard]) -> dict[str, float]:
    """Buildings in which something tells of a fire, suspected or sure, and since when; epoch [s].

    People set off when they hear the alarm, not when it is confirmed.
    """
    return _buildings_of(of, (h for h in found if h.is_confirmed or h.standing in _ALARMED))


def _buildings_of(of: HazardMap, found: Iterable[Hazard]) -> dict[str, float]:
    since_s: dict[str, float] = {}
    for hazard in found:
        if hazard.kind not in _FIRES:
            continue
        is_seen = hazard.kind == "fire"
        building = of.site.index.spaces[hazard.id].storey.building.id if is_seen else of.watchers[hazard.id].building
        if building is not None:
            since_s[building] = min(since_s.get(building, hazard.since_s), hazard.since_s)
    return since_s


def _laid(of: HazardMap, found: Sequence[Hazard], *, is_fire: bool) -> Hazards:
    """What hazards do to cells and spots."""
    graph, rules = of.site.graph, of.rules
    factors = np.ones(len(graph.cells))
    is_closed = np.zeros(len(graph.cells), dtype=bool)
    is_shut = np.zeros(len(graph.spots), dtype=bool)
    delays_s = np.zeros(len(graph.spots))
    of_cells: dict[int, list[int]] = {}
    of_spots: dict[int, list[int]] = {}
    for number, hazard in enumerate(found):
        factor = hazard.factor_ratio
        if is_fire and hazard.standing == "fault" and hazard.kind in _ORIGINS:
            factor = rules["unwatched_factor"]
        if hazard.cell != NOWHERE and hazard.cell != len(graph.cells) - 1 and (factor < 1 or hazard.closes):
            factors[hazard.cell] = min(factors[hazard.cell], factor)
            is_closed[hazard.cell] |= hazard.closes
            of_cells.setdefault(hazard.cell, []).append(number)
        shuts, delay_s = _at_openings(of, hazard)
        if shuts or delay_s > 0:
            for name in hazard.objects:
                for row in graph.rows.get(name, ()):
                    is_shut[row] |= shuts
                    delays_s[row] = max(delays_s[row], delay_s)
                    of_spots.setdefault(row, []).append(number)
    return Hazards(
        tuple(found), factors, is_closed, is_shut, delays_s,
        {cell: tuple(rows) for cell, rows in of_cells.items()}, {spot: tuple(rows) for spot, rows in of_spots.items()},
    )  # fmt: skip


def _at_openings(of: HazardMap, hazard: Hazard) -> tuple[bool, float]:
    """Whether a hazard shuts its openings, and else what passing them costs. [s]"""
    if hazard.kind == "reported":
        return True, 0.0
    if hazard.standing == "fault":
        return hazard.kind == "lift", 0.0
    if hazard.kind in {"lift", "shutter"}:
        return True, 0.0
    return False, of.rules["unreleased_s"] if hazard.kind == "reader" else 0.0
