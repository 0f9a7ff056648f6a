"""A network of the site prepared for questions: parsed, cut into segments, run once, with who hangs on which node."""

import logging
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

import networkx as nx
import numpy as np

from pipe_network.consequence import Course, course
from pipe_network.errors import InpError, PipeNetworkError
from pipe_network.inp import parse
from pipe_network.isolation import Segments, network_sources, segments
from pipe_network.model import Network, Reservoir
from twin.errors import PipeQuestionError, UnknownIdError
from twin.index import SiteIndex
from twin.leaks.places import node_buildings
from twin.model.networks import LinkTie, NodeTie, SiteNetwork
from twin.model.registers import Household
from twin.pipes.requirements import requirements
from twin.pipes.result import PointM
from twin.state import Quality, StateSnapshot

logger = logging.getLogger(__name__)

ValveState = Literal["open", "closed", "stuck", "unknown"]
HOMES: Final = frozenset({"flat", "shop"})
CRITICAL_FLATS: Final = 10.0
"""How many flats a kindergarten or a fire pump room weighs when two sets of valves are compared: a choice of ours."""
_FAULT_WORDS: Final = ("fault", "jam", "stuck")


@dataclass(frozen=True)
class ServedNetwork:
    """A network and what hangs on it. Make one with `serve`."""

    index: SiteIndex = field(repr=False)
    site_network: SiteNetwork = field(repr=False)
    network: Network = field(repr=False)

    @property
    def id(self) -> str:
        """Its id on the site."""
        return self.site_network.id

    def tie(self, link: str) -> LinkTie:
        """What a link is on the estate."""
        return self.site_network.links.get(link, LinkTie())

    def node_tie(self, node: str) -> NodeTie:
        """What a node is on the estate."""
        return self.site_network.nodes.get(node, NodeTie())

    def full(self, element: str) -> str:
        """The id of a link or node on the site."""
        return f"{self.id}/{element}"

    @cached_property
    def valves(self) -> tuple[str, ...]:
        """Its isolation valves."""
        return tuple(k for k in self.network.links if self.tie(k).asset == "isolation_valve")

    @cached_property
    def segments(self) -> Segments:
        """Its parts between isolation valves."""
        return segments(self.network, self.valves)

    @cached_property
    def usual(self) -> Course | None:
        """A usual day of it, run by EPANET; none where EPANET cannot run it."""
        try:
            return course(self.network)
        except PipeNetworkError as error:
            logger.warning("network %s does not run, its flows are not known: %s", self.id, error)
            return None

    @cached_property
    def _buildings(self) -> Mapping[str, str]:
        return node_buildings(self.index, self.network)

    @cached_property
    def homes_of(self) -> Mapping[str, tuple[str, ...]]:
        """Node to the flats and shops whose water it gives; a tap that names no space serves its whole building."""
        spaces = self.index.spaces
        found: dict[str, tuple[str, ...]] = {}
        whole: list[str] = []
        for node, tie in self.site_network.nodes.items():
            if node not in self.network.nodes or tie.asset not in {"tap", "meter", None}:
                continue
            if tie.space in spaces and spaces[tie.space].template.use in HOMES:
                found[node] = (tie.space,)
            elif tie.space is None and tie.asset == "tap":
                whole.append(node)
        served = {s for homes in found.values() for s in homes}
        inside: dict[str, list[str]] = {}
        for space in spaces.values():
            if space.template.use in HOMES and space.id not in served:
                inside.setdefault(space.storey.building.id, []).append(space.id)
        found.update((n, tuple(inside[b])) for n in whole if (b := self._buildings.get(n)) in inside)
        return found

    @cached_property
    def households(self) -> Mapping[str, tuple[Household, ...]]:
        """Flat to who lives in it."""
        found: dict[str, tuple[Household, ...]] = {}
        for household in self.index.site.households:
            found[household.space] = (*found.get(household.space, ()), household)
        return found

    @cached_property
    def critical_of(self) -> Mapping[str, tuple[str, ...]]:
        """Node to the critical spaces that have their water from it.

        A tap that names no space gives water to the building it stands in.
        """
        critical = requirements().critical
        inside: dict[str, list[str]] = {}
        for space in self.index.spaces.values():
            if space.template.use in critical:
                inside.setdefault(space.storey.building.id, []).append(space.id)
        if not inside:
            return {}
        found: dict[str, tuple[str, ...]] = {}
        for node, tie in self.site_network.nodes.items():
            tied = self.index.spaces.get(tie.space or "")
            if tied is not None and tied.template.use in critical:
                found[node] = (tied.id,)
            elif tied is None and tie.asset == "tap":
                found[node] = tuple(inside.get(self._buildings.get(node, ""), ()))
        return found

    @cached_property
    def hydrants(self) -> tuple[str, ...]:
        """Nodes that are hydrants."""
        return tuple(n for n, t in self.site_network.nodes.items() if t.asset == "hydrant" and n in self.network.nodes)

    @cached_property
    def needed_m(self) -> Mapping[str, float]:
        """Pressure head that taps and hydrants need, by node."""
        needs, spaces = requirements(), self.index.spaces
        found = {n: max(needs.tap(spaces[s].template.use).needed_m for s in homes)
                 for n, homes in self.homes_of.items()}  # fmt: skip
        found.update((n, needs.hydrants["outdoor"].needed_m) for n in self.hydrants)
        return found

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """What losing a node's water is worth in flats: critical places and hydrants weigh too."""
        found = {n: float(len(homes)) for n, homes in self.homes_of.items()}
        for node, tie in self.site_network.nodes.items():
            if tie.asset in {"tap", "hydrant"}:
                found[node] = max(found.get(node, 0.0), 1.0)
            if self.critical_of.get(node):
                found[node] = found.get(node, 0.0) + CRITICAL_FLATS
        return {n: weight for n, weight in found.items() if n in self.network.nodes}

    def out_of_reach(self, closed: Collection[str]) -> set[str]:
        """Flats that no reservoir reaches with some links closed: what tanks hold is all they have."""
        fed = self.reached([r.id for r in self.network.reservoirs], closed)
        return {s for n, homes in self.homes_of.items() if n not in fed for s in homes}

    def reached(self, sources: Iterable[str], closed: Collection[str]) -> set[str]:
        """Nodes that hang together with some sources while some links are closed."""
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(self.network.nodes)
        graph.add_edges_from((k.start, k.end) for k in self.network.links.values() if k.id not in closed)
        return set[str]().union(*(nx.node_connected_component(graph, s) for s in sources))

    def point_m(self, link: str) -> PointM | None:
        """The middle of a link in the site frame, where its network has coordinates."""
        found = self.network.links[link]
        # a reservoir's elevation is its water surface: a link beside it lies as low as its other end
        ends = [self.network.nodes[n] for n in (found.start, found.end)]
        heights_m = [n.elevation_m for n in ends if not isinstance(n, Reservoir)] or [n.elevation_m for n in ends]
        path = self.network.path(found)
        if not path:
            return None
        x_m, y_m = np.mean([path[0], path[-1]], axis=0)
        return round(float(x_m), 3), round(float(y_m), 3), round(sum(heights_m) / len(heights_m), 3)

    def valve_states(self, latest: StateSnapshot | None) -> dict[str, ValveState]:
        """What is known of each isolation valve: by its device, where one reports and its word is fresh."""
        return {v: self._valve_state(self.tie(v).device, latest) for v in self.valves}

    def _valve_state(self, device: str | None, latest: StateSnapshot | None) -> ValveState:
        if device is None or latest is None or device not in self.index.devices:
            return "unknown"
        known = {Quality.GOOD, Quality.UNCERTAIN}
        for channel in ("state", "position"):
            row = self.index.rows.get(f"{device}:{channel}")
            if row is None or latest.quality[row] not in known or not math.isfinite(latest.values[row]):
                continue
            value = float(latest.values[row])
            if channel == "position":
                return "closed" if value <= 0.0 else "open"
            word = self.index.channels[row].channel.states.get(round(value))
            name = word.en.lower() if word is not None else ""
            if any(fault in name for fault in _FAULT_WORDS):
                return "stuck"
            if name in {"closed", "open"}:
                return "closed" if name == "closed" else "open"
        return "unknown"

    def tank_levels_m(self, latest: StateSnapshot) -> dict[str, float]:
        """Levels of the tanks whose sensor's word is fresh."""
        found: dict[str, float] = {}
        for tank in self.network.tanks:
            row = self.index.rows.get(f"{self.node_tie(tank.id).device}:level")
            if row is None or latest.quality[row] not in {Quality.GOOD, Quality.UNCERTAIN}:
                continue
            if math.isfinite(latest.values[row]):
                found[tank.id] = float(latest.values[row])
        return found

    def shut(self, states: Mapping[str, ValveState]) -> tuple[str, ...]:
        """Valves that let nothing pass now: reported closed, or closed by the model where nothing reports."""
        return tuple(
            v for v in self.valves
            if states.get(v) == "closed" or (states.get(v, "unknown") == "unknown" and not self.tie(v).normally_open)
        )  # fmt: skip

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """What feeds it; of a drain, the outfalls it runs to are none."""
        outfalls = {n for n, t in self.site_network.nodes.items() if t.asset == "outfall"}
        return tuple(n for n in network_sources(self.network) if n not in outfalls)

    def fullest(self, elements: Iterable[str]) -> tuple[str, ...]:
        """Ids of several elements on the site."""
        return tuple(map(self.full, elements))


def serve(index: SiteIndex, network_id: str) -> ServedNetwork:
    """A network of the site, prepared.

    Raises
    ------
    UnknownIdError
        If the site has no such network.
    PipeQuestionError
        If its file cannot be used.
    """
    for site_network in index.site.networks:
        if site_network.id == network_id:
            try:
                return ServedNetwork(index, site_network, parse(site_network.inp))
            except InpError as error:
                raise PipeQuestionError(f"network {network_id!r} cannot be used: {error}") from error
    raise UnknownIdError("network", network_id, [n.id for n in index.site.networks])
