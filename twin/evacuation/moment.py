"""The whole answer at a moment: what is in the way, every space's way out, and the refuge of those without.

`moment` is pure: what is prepared of a site, its state, what people say, and the moment before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

from twin.errors import UnknownIdError
from twin.evacuation.hazard_rules import HazardRules, OutputRule, hazard_rules
from twin.evacuation.hazards import HazardMap, Hazards, Report, cell_of, hazard_map, hazards
from twin.evacuation.refuges import Refuge, refuges
from twin.evacuation.signals import Memory, hear, reset, signals, storey_of, watchers
from twin.evacuation.ways_out import EscapeGraph, Solver, WayOut, WaysOut, escape_graph, ways_out
from twin.fabric.site_graph import SiteGraph, site_graph
from twin.index import PlacedStorey, SiteIndex
from twin.model.devices import Device
from twin.state import StateSnapshot


@dataclass(frozen=True, eq=False)
class Prepared:
    """A site prepared for its moments. Make one with `prepare`."""

    graph: EscapeGraph
    map: HazardMap

    @property
    def index(self) -> SiteIndex:
        """The site's index."""
        return self.graph.site.index

    @property
    def rules(self) -> HazardRules:
        """By which alarms change ways."""
        return self.map.rules

    @cached_property
    def outputs(self) -> tuple[tuple[Device, OutputRule, PlacedStorey], ...]:
        """Devices that should do something in a fire of their building, what, and their storey."""
        index = self.index
        rules = {kind.id: self.rules.output_of(kind) for kind in index.kinds.values()}
        found = []
        for device in index.site.devices:
            rule = rules[device.kind]
            storey = None if rule is None else storey_of(index, device)
            if rule is not None and storey is not None:
                found.append((device, rule, storey))
        return tuple(found)

    @cached_property
    def told_rooms(self) -> Mapping[str, tuple[tuple[int, str], ...]]:
        """By building, the spots that people set off from, and their storeys; rooms, not what groups them."""
        index = self.index
        groups = {space.parent for space in index.spaces.values()}
        found: dict[str, list[tuple[int, str]]] = {}
        for space, row in self.graph.starting.items():
            storey = index.spaces[space].storey
            if space not in groups:
                found.setdefault(storey.building.id, []).append((row, storey.id))
        return {building: tuple(rows) for building, rows in found.items()}


@dataclass(frozen=True, slots=True)
class Said:
    """What people say beside devices.

    Attributes
    ----------
    shut : doors, stairs, lifts and gates that nobody can use
    burning : spaces on fire
    confirmed : devices whose alarm somebody has seen to be true, and when; epoch [s]
    """

    shut: Mapping[str, Report] = field(default_factory=dict)
    burning: Mapping[str, Report] = field(default_factory=dict)
    confirmed: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Moment:
    """What holds at a moment. Make one with `moment`."""

    at_s: float
    hazards: Hazards
    ways: WaysOut
    memory: Memory
    said: Said

    @cached_property
    def refuges(self) -> tuple[Refuge, ...]:
        """Where those go who have no way out."""
        return refuges(self.ways, self.hazards)

    @cached_property
    def all(self) -> tuple[WayOut, ...]:
        """The way out of every space that has one."""
        return self.ways.all(self.hazards)

    @property
    def cut_off(self) -> tuple[Refuge, ...]:
        """Those who have no way out because of what is in the way, not as it is drawn."""
        return tuple(refuge for refuge in self.refuges if not refuge.is_usual)

    @cached_property
    def signature(self) -> tuple[object, ...]:
        """The same for two moments that tell people the same."""
        return tuple((h.id, h.kind, h.standing, h.is_confirmed, h.closes) for h in self.hazards.found), self.hazards.key


def prepare(index: SiteIndex, rules: HazardRules | None = None, *, site: SiteGraph | None = None) -> Prepared:
    """A site prepared; takes seconds where the graph of its ways is not at hand.

    Parameters
    ----------
    rules : those that come with the product if none
    site : the graph of ways, if it is made already
    """
    made = site_graph(index) if site is None else site
    of = Prepared(escape_graph(made), hazard_map(watchers(made, rules or hazard_rules())))
    # what the first alarm would wait for
    _ = of.outputs, of.told_rooms, of.graph.usual.exits
    return of


def moment(
    of: Prepared, state: StateSnapshot, before: Moment | None = None, *, said: Said | None = None,
    heard: Memory = MappingProxyType({}), solver: Solver | None = None,
) -> Moment:  # fmt: skip
    """What holds in a state.

    Parameters
    ----------
    before : the moment until now: what was heard then, and the ways that are kept if others are hardly better
    said : what people say; none as before
    heard : detectors that gave alarm before the first moment; what the site has not is left out
    solver : of the same site, for who asks again and again

    Raises
    ------
    UnknownIdError
        If what people name is not in this site.
    EvacuationError
        If nobody can walk in a space that burns.
    """
    told = said or (before.said if before is not None else Said())
    _check(of, told)
    first = {device: was for device, was in heard.items() if device in of.map.watchers.numbers}
    memory = hear(of.map.watchers, state, before.memory if before is not None else first)
    if before is None:  # what went before is not known: whoever confirmed an alarm confirmed this one
        memory |= {d: replace(memory[d], since_s=min(memory[d].since_s, at_s)) for d, at_s in told.confirmed.items()
                   if d in memory}  # fmt: skip
    # what is over is not confirmed for the next time
    sure = [d for d, at_s in told.confirmed.items() if d in memory and at_s >= memory[d].since_s]
    found = hazards(
        of.map, state, signals(of.map.watchers, state, memory), reported=told.shut, burning=told.burning,
        by_hand=sure,
    )  # fmt: skip
    if before is not None and before.hazards.key == found.key:
        return Moment(state.now_s, found, before.ways, memory, told)
    ways = ways_out(
        of.graph, found, None if before is None else before.ways, margin_ratio=of.rules["margin_ratio"],
        solver=solver,
    )  # fmt: skip
    return Moment(state.now_s, found, ways, memory, told)


def after_reset(before: Moment, devices: frozenset[str] | None, now_s: float) -> Moment:
    """The moment after somebody reset detectors, or all."""
    return replace(before, memory=reset(before.memory, devices, now_s))


def _check(of: Prepared, said: Said) -> None:
    graph = of.graph.site.graph
    for name in said.shut:
        if name not in graph.rows:
            known = [spot.id for spot in graph.spots if not (spot.is_end and spot.kind == "place")]
            raise UnknownIdError("door, stair, lift or gate", name, known)
    for space in said.burning:
        cell_of(of.graph.site, space)
    for device in said.confirmed:
        if device not in of.map.watchers.numbers:
            raise UnknownIdError("detector", device, of.map.watchers.numbers)
