"""A site's graph prepared for searching: one for each clearance, and the seconds of each profile on it."""

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geometry.taut_lines import Gate, JoinedFloors
from geometry.walk_graph import WalkGraph, legs_in
from twin.fabric.site_graph import SiteGraph, site_graph
from twin.fabric.walkways import doors_of
from twin.index import SiteIndex
from twin.wayfinding.access import Access, Flags
from twin.wayfinding.ends import End
from twin.wayfinding.profiles import Profile
from twin.wayfinding.seconds import arc_seconds, unlocking_s
from twin.wayfinding.vehicles import vehicle_graph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_KEPT: Final = 16


@dataclass(frozen=True, slots=True)
class Found:
    """Shortest ways from one end to all spots.

    Attributes
    ----------
    seconds : (spots,) infinite where no way leads
    before : (spots,) the spot before each on its way, -1 where that is the end itself
    """

    seconds: Floats
    before: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """What a profile's ways cost at a moment.

    Attributes
    ----------
    seconds : (arcs,) infinite where nobody passes
    is_shut : (spots,) where nobody passes
    locks_s : (spots,) what unlocking takes; it is in the seconds of all arcs that lead there
    """

    seconds: Floats
    is_shut: Flags
    locks_s: Floats


@dataclass(frozen=True, eq=False)
class Network:
    """A graph of one clearance, prepared. Make one with `Wayfinder.network`."""

    of: SiteGraph
    access: Access
    floors: JoinedFloors = field(default_factory=JoinedFloors)
    _costs: "OrderedDict[object, Costs]" = field(default_factory=OrderedDict)

    @property
    def graph(self) -> WalkGraph:
        """Its spots and arcs."""
        return self.of.graph

    @cached_property
    def order(self) -> Ints:
        """(arcs,) by tails."""
        return np.argsort(self.graph.tails, kind="stable").astype(np.int64)

    @cached_property
    def starts(self) -> Ints:
        """(spots + 1,) where the arcs of each tail begin in `order`."""
        counts = np.bincount(self.graph.tails, minlength=len(self.graph.spots))
        return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)

    @cached_property
    def gates(self) -> dict[str, Gate]:
        """Clear widths of doors by id."""
        found = doors_of(self.of.index, ())
        every = [*found.links, *(door for doors in found.inner.values() for door in doors)]
        return {door.id: door.line for door in every}

    @cached_property
    def storeys(self) -> tuple[str | None, ...]:
        """Storey of each cell; none in the open."""
        index, cells = self.of.index, self.graph.cells
        found: list[str | None] = [None] * len(cells)
        for space, row in self.of.cell_of.items():
            found[row] = index.spaces[space].storey.id
        for spot in self.graph.spots:
            if spot.id in index.openings:
                for row in spot.cells:
                    if found[row] is None and row != len(cells) - 1:
                        found[row] = index.openings[spot.id].storey.id
        return tuple(found)

    @cached_property
    def rooms(self) -> dict[int, tuple[str, ...]]:
        """Spaces of each cell."""
        found: dict[int, list[str]] = {}
        for space, row in self.of.cell_of.items():
            found.setdefault(row, []).append(space)
        return {row: tuple(spaces) for row, spaces in found.items()}

    def costs(
        self, profile: Profile, ends: Sequence[End] = (), *, closed: Collection[str] = (), is_released: bool = False
    ) -> Costs:
        """What ways cost who goes from and to some ends, whose flats they are let into."""
        key = profile.key, frozenset(closed), is_released
        base = self._costs.get(key)
        if base is None:
            base = self._made(profile, closed, is_released=is_released)
            self._costs[key] = base
            while len(self._costs) > _KEPT:
                self._costs.popitem(last=False)
        if is_released or "private" in profile.opens:
            return base
        return Costs(np.where(self.is_private_to(ends), np.inf, base.seconds), base.is_shut, base.locks_s)

    def _made(self, profile: Profile, closed: Collection[str], *, is_released: bool) -> Costs:
        shut = self.access.shut(profile, closed=closed, is_released=is_released)
        locks_s = np.zeros(len(shut)) if is_released else unlocking_s(self.of, profile)
        seconds = arc_seconds(self.of, profile, shut=shut, locks_s=locks_s)
        # a room that is closed is left and gone to, not gone through
        rooms = [self.of.cell_of[name] for name in closed if name in self.of.cell_of]
        seconds[np.isin(self.graph.cells_of, rooms)] = np.inf
        return Costs(seconds, shut, locks_s)

    def is_private_to(self, ends: Sequence[End]) -> Flags:
        """(arcs,) which lead through flats that are not those of the ends."""
        may = frozenset[str]().union(*(end.flats for end in ends))
        mine = np.array([flat in may for flat in self.access.flats], dtype=bool)
        barred: Flags = np.append(self.access.is_private & ~mine, [False])[self.graph.cells_of]  # the last: links
        return barred

    def from_end(self, end: End, costs: Costs, profile: Profile, *, is_backwards: bool = False) -> Found:
        """Shortest ways from an end to all spots.

        Parameters
        ----------
        is_backwards : from all spots to the end instead; `Found.before` is then the spot after each
        """
        from scipy.sparse import csr_array  # noqa: PLC0415 - a quarter of a second, only for who walks
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

        count, graph = len(self.graph.spots), self.graph
        tails, heads = (graph.heads, graph.tails) if is_backwards else (graph.tails, graph.heads)
        order = np.argsort(tails, kind="stable") if is_backwards else self.order
        kept = order[np.isfinite(costs.seconds[order])]
        first, cost = self.first(end, costs, profile)
        if not is_backwards:
            cost = cost + costs.locks_s[first]
        into = np.concatenate((heads[kept], first)).astype(np.int32)
        counts = np.bincount(tails[kept], minlength=count)
        starts = np.concatenate(([0], np.cumsum(np.append(counts, len(first))))).astype(np.int32)
        # a leg of no length is none to the solver
        weights = np.maximum(np.concatenate((costs.seconds[kept], cost)), 1e-9)
        matrix: Any = csr_array((weights, into, starts), shape=(count + 1, count + 1))
        found, before = dijkstra(matrix, indices=count, return_predecessors=True)
        before = np.where((before < 0) | (before >= count), -1, before)[:count].astype(np.int64)
        return Found(found[:count], before)

    def first(self, end: End, costs: Costs, profile: Profile) -> tuple[Ints, Floats]:
        """Rows of spots that are in the rooms of an end and that one passes, and what it takes to get there."""
        best: dict[int, float] = {}
        for cell, point in end.spots:
            members = [r for r in self.graph.spots_in[cell] if not (self.graph.spots[r].is_end or costs.is_shut[r])]
            lengths = legs_in(self.graph.cells[cell], point, [self.graph.spots[row] for row in members])
            for row, length_m in zip(members, lengths.tolist(), strict=True):
                if np.isfinite(length_m):
                    best[row] = min(length_m / profile["level_m_per_s"], best.get(row, np.inf))
        return np.array(list(best), dtype=np.int64), np.array(list(best.values()))

    def arc(self, tail: int, head: int, seconds: Floats) -> int:
        """The quickest arc from one spot to another."""
        mine = self.order[self.starts[tail] : self.starts[tail + 1]]
        mine = mine[self.graph.heads[mine] == head]
        return int(mine[seconds[mine].argmin()])


class Wayfinder:
    """All that ways on a site are found with: each part is prepared when first asked for, then kept."""

    def __init__(self, index: SiteIndex) -> None:
        self.index = index
        self._networks: dict[tuple[float, bool], Network] = {}
        self._lock = threading.Lock()

    def network(self, profile: Profile) -> Network:
        """The graph that a profile moves on."""
        return self.network_of(profile.clearance_m, is_vehicle=profile.is_vehicle)

    def network_of(self, clearance_m: float, *, is_vehicle: bool = False) -> Network:
        """The graph of a clearance."""
        key = clearance_m, is_vehicle
        with self._lock:  # who asks while it is made waits for it
            if key not in self._networks:
                made = site_graph(self.index, clearance_m=clearance_m)
                of = vehicle_graph(made) if is_vehicle else made
                self._networks[key] = Network(of, Access(of))
            return self._networks[key]
