"""What planners check: ways out of every storey against rules, on the graph that is derived from the drawing.

Where a rule's class hangs on a building's height, that is the height of the building above its base. A flat's door lies
between two exits where the ways to both part within a metre of it, else in a dead end.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geometry.graph_fields import Fields
from twin.evacuation.free_ways import arc_seconds, safe_spots, ways_to
from twin.evacuation.rules import EgressRule
from twin.fabric.flats import flat_of
from twin.fabric.site_graph import SiteGraph
from twin.index import PlacedOpening, PlacedSpace, PlacedStorey, to_shapely
from twin.model.base import fill_template
from twin.model.buildings import Building

Floats = NDArray[np.float64]

_DEAD_END_M: Final = 1.0
_FAR_M: Final = 500.0
_STAYED_IN: Final = frozenset({
    "living_room", "bedroom", "kitchen", "office", "shop", "kindergarten", "classroom", "activity_room", "care_station",
    "service_centre", "monitoring_centre", "gatehouse", "hall",
})  # fmt: skip
"""Uses of spaces that people stay in."""
_PUBLIC: Final = frozenset({"service_centre", "shop", "kindergarten", "classroom", "activity_room", "care_station"})


@dataclass(frozen=True, slots=True)
class EgressFinding:
    """One rule at one place.

    Attributes
    ----------
    rule : its id; place : of a building, storey, space, stair or door
    reached : what is there, infinite where there is no way
    objects : doors and stairs it hangs on
    """

    rule: str
    place: str
    needed: float
    reached: float
    unit: str
    is_met: bool
    objects: tuple[str, ...] = ()


def audit(
    site: SiteGraph, rules: Mapping[str, EgressRule], *, step_free: SiteGraph | None = None
) -> tuple[EgressFinding, ...]:
    """All rules at all places, in the order of buildings.

    Parameters
    ----------
    step_free : the graph for a wheelchair's width; none leaves step-free access unchecked
    """
    of = _Checked(site, rules)
    found = [*of.ways_out()]
    for building in site.index.site.buildings:
        found += [*of.stairs(building), *of.storeys(building)]
    if step_free is not None:
        found += _step_free(step_free, rules["step-free"])
    return tuple(found)


class _Checked:
    """A site that is being checked."""

    def __init__(self, site: SiteGraph, rules: Mapping[str, EgressRule]) -> None:
        self.site, self.rules, self.graph = site, rules, site.graph
        self.index = site.index
        self.spaces_on: dict[str, list[PlacedSpace]] = {}
        self.openings_on: dict[str, list[PlacedOpening]] = {}
        self.door_of: dict[str, int] = {}
        self.rooms_of: dict[str, list[int]] = {}
        for space in self.index.spaces.values():
            self.spaces_on.setdefault(space.storey.id, []).append(space)
            flat = flat_of(self.index, space.id)
            if flat is not None and space.id in site.place_of:
                self.rooms_of.setdefault(flat, []).append(site.place_of[space.id])
        for opening in self.index.openings.values():
            self._sort(opening)

    def _sort(self, opening: PlacedOpening) -> None:
        """An opening by the storeys it is on, and as the door of a flat."""
        spaces = self.index.spaces
        sides = [side for side in opening.connects if side in spaces]
        for storey in dict.fromkeys(spaces[side].storey.id for side in sides):
            self.openings_on.setdefault(storey, []).append(opening)
        rows = self.graph.rows.get(opening.id, ())
        flats = [flat_of(self.index, side) for side in opening.connects]
        if rows and flats[0] != flats[1] and opening.template.kind != "window":
            for flat in flats:
                if flat is not None:
                    self.door_of.setdefault(flat, rows[0])

    def told(self, rule: str, place: str, reached: float, *objects: str) -> EgressFinding:
        """A finding."""
        asked = self.rules[rule]
        return EgressFinding(rule, place, asked.value, float(reached), asked.unit, asked.holds(reached), objects)

    def ways_out(self) -> Iterator[EgressFinding]:
        """Whether one can leave the spaces that people stay in."""
        ways = ways_to(self.graph, arc_seconds(self.site), safe_spots(self.site))
        parents = frozenset(space.parent for space in self.index.spaces.values() if space.parent is not None)
        for space in self.index.spaces.values():
            row = self.site.place_of.get(space.id)
            if space.template.use in _STAYED_IN and (row is not None or space.id not in parents):
                is_out = row is not None and math.isfinite(ways.seconds[row])
                yield self.told("has-way-out", space.id, float(is_out))

    def stairs(self, building: Building) -> Iterator[EgressFinding]:
        """Widths, steps and types of a building's stairs."""
        classes = self.rules
        for stair in building.stairs:
            yield self.told("stair-width", stair.id, stair.width_m)
            yield self.told("stair-tread", stair.id, stair.tread_m)
            yield self.told("stair-riser", stair.id, stair.riser_m)
            if building.use != "residential" or building.height_m <= classes["enclosed-above"].value:
                continue
            is_enclosed = all(
                opening.template.kind != "passage"
                for storey in self.index.storeys.values()
                if storey.building.id == building.id
                for opening in self.openings_on.get(storey.id, ())
                if fill_template(stair.space, storey.number) in opening.connects
            )
            is_enough = is_enclosed and (building.height_m <= classes["smoke-proof-above"].value or stair.pressurised)
            yield self.told("stair-type", stair.id, float(is_enough))

    def storeys(self, building: Building) -> Iterator[EgressFinding]:
        """Exits, distances and widths of a building's storeys."""
        storeys = [storey for storey in self.index.storeys.values() if storey.building.id == building.id]
        exits = {storey.id: self._exits(storey) for storey in storeys}
        flats = {
            storey.id: [space.id for space in self.spaces_on.get(storey.id, ()) if space.template.use == "flat"]
            for storey in storeys
        }
        doors = {self.door_of[flat] for some in flats.values() for flat in some if flat in self.door_of}
        rows = sorted(doors | {row for some in exits.values() for door in some.values() for row in door})
        lengths = dict(zip(rows, self._lengths(rows), strict=True))
        for storey in storeys:
            yield from self._widths(storey, flats[storey.id])
            if flats[storey.id]:
                farthest_m = 0.0
                for flat in flats[storey.id]:
                    if flat in self.door_of:
                        found = list(self._of_flat(flat, exits[storey.id], lengths))
                        farthest_m = max(farthest_m, found[0].reached if math.isfinite(found[0].reached) else 0.0)
                        yield from found
                yield from self._number(storey, building, exits[storey.id], farthest_m)

    def _lengths(self, rows: Sequence[int]) -> Floats:
        """(rows, spots) how far it is from doors to everything on the same storey. [m]"""
        from scipy.sparse import csr_array  # noqa: PLC0415 - a quarter of a second, only for who walks
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

        count = len(self.graph.spots)
        if not len(rows):
            return np.empty((0, count))
        is_end = np.array([spot.is_end for spot in self.graph.spots], dtype=bool)
        used = (self.graph.links_of < 0) & ~is_end[self.graph.tails]
        ends = self.graph.tails[used], self.graph.heads[used]
        ways = csr_array((self.graph.lengths_m[used], ends), shape=(count, count))
        found: Floats = dijkstra(ways, indices=rows, limit=_FAR_M)
        return found

    def _of_flat(
        self, flat: str, exits: Mapping[str, tuple[int, ...]], lengths: Mapping[int, Floats]
    ) -> Iterator[EgressFinding]:
        """How far a flat's door is from an exit, and its rooms from the door."""
        row = self.door_of[flat]
        away = sorted((min(float(lengths[row][end]) for end in ends), name) for name, ends in exits.items())
        near = [(length_m, name) for length_m, name in away if math.isfinite(length_m)]
        is_between = any(
            (a_m + b_m - float(lengths[exits[a][0]][exits[b][0]])) / 2 <= _DEAD_END_M
            for (a_m, a), (b_m, b) in itertools.combinations(near, 2)
        )
        door = self.graph.spots[row].id
        rule = "travel-between" if is_between else "travel-dead-end"
        yield self.told(rule, flat, near[0][0] if near else math.inf, door, *(name for _, name in near[:1]))
        inside = [float(lengths[row][room]) for room in self.rooms_of.get(flat, ())]
        yield self.told("travel-inside", flat, max((m for m in inside if math.isfinite(m)), default=0.0), door)

    def _number(
        self, storey: PlacedStorey, building: Building, exits: Mapping[str, tuple[int, ...]], farthest_m: float
    ) -> Iterator[EgressFinding]:
        """Whether there are enough ways down, and far enough from each other."""
        classes = self.rules
        area_m2 = float(to_shapely(storey.template.polygon).area)
        is_high = building.height_m > classes["two-stairs-above"].value
        is_wide = building.height_m > classes["two-stairs-wide-above"].value and (
            area_m2 > classes["wide-storey"].value or farthest_m > 10.0
        )
        if building.use == "residential" and (is_high or is_wide):
            yield self.told("stairs-enough", storey.id, len(exits), *exits)
        points = [self.graph.points_m[list(rows)].mean(axis=0) for rows in exits.values()]
        if len(points) > 1:
            apart_m = min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(points, 2))
            yield self.told("exits-apart", storey.id, apart_m, *exits)

    def _exits(self, storey: PlacedStorey) -> dict[str, tuple[int, ...]]:
        """Doors of a storey that lead to stairs or into the open."""
        spaces = self.index.spaces
        found: dict[str, tuple[int, ...]] = {}
        for opening in self.openings_on.get(storey.id, ()):
            rows = self.graph.rows.get(opening.id, ())
            kinds = {spaces[side].template.use for side in opening.connects if side in spaces}
            if rows and (self.graph.spots[rows[0]].kind == "exit" or ("stair" in kinds and kinds != {"stair"})):
                found[opening.id] = rows
        return found

    def _widths(self, storey: PlacedStorey, flats: Sequence[str]) -> Iterator[EgressFinding]:
        for space in self.spaces_on.get(storey.id, ()):
            if space.template.use == "corridor":
                yield self.told("corridor-width", space.id, _narrowest_m(to_shapely(space.template.polygon)))
        for opening in self.openings_on.get(storey.id, ()):
            rows = self.graph.rows.get(opening.id, ())
            if flats and rows and self.graph.spots[rows[0]].kind == "exit":
                yield self.told("exit-width", opening.id, self.graph.spots[rows[0]].width_m)
        for flat in flats:
            if flat in self.door_of:
                spot = self.graph.spots[self.door_of[flat]]
                yield self.told("door-width", spot.id, spot.width_m)


def _narrowest_m(polygon: shapely.Polygon) -> float:
    """How wide a corridor is where it is narrowest: as far as it can shrink from both sides and stay in one piece."""
    low, high = 0.0, float(math.sqrt(polygon.area))
    while high - low > 5e-3:
        half = (low + high) / 2
        shrunk = polygon.buffer(-half / 2, join_style="mitre")
        if shrunk.is_empty or shrunk.geom_type != "Polygon":
            high = half
        else:
            low = half
    return round(low, 2)


def _step_free(site: SiteGraph, rule: EgressRule) -> Iterator[EgressFinding]:
    """Flats and public rooms that no wheelchair gets to from outdoors: by lifts and ramps, not by stairs."""
    graph, index = site.graph, site.index
    seconds = np.maximum(graph.lengths_m, 1e-6)
    linked = np.flatnonzero(graph.links_of >= 0)
    steps = [graph.links[row].kind == "stair" for row in graph.links_of[linked].tolist()]
    seconds[linked[np.array(steps, dtype=bool)]] = np.inf
    tight = np.array([spot.width_m < 2 * site.clearance_m for spot in graph.spots], dtype=bool)
    seconds[tight[graph.tails] | tight[graph.heads]] = np.inf
    exits = [row for row, spot in enumerate(graph.spots) if spot.kind in {"exit", "assembly"} and not tight[row]]
    is_end = np.array([spot.is_end for spot in graph.spots], dtype=bool)
    reached = Fields(graph.tails, graph.heads, seconds, exits, count=len(graph.spots), is_end=is_end).seconds_to
    rooms_of: dict[str, list[str]] = {}
    for name in index.spaces:
        flat = flat_of(index, name)
        if flat is not None:
            rooms_of.setdefault(flat, []).append(name)
    for space in index.spaces.values():
        if space.template.use == "flat":
            rooms = rooms_of.get(space.id, [])
        elif space.template.use in _PUBLIC:
            rooms = [space.id]
        else:
            continue
        rows = [site.place_of[room] for room in rooms if room in site.place_of]
        is_free = any(math.isfinite(reached[row]) for row in rows)
        yield EgressFinding("step-free", space.id, rule.value, float(is_free), rule.unit, rule.holds(float(is_free)))
