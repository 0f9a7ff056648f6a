"""What planners check: ways out of every storey against rules, on the graph that is derived from the drawing.

Where a rule's class hangs on a building's height, that is the height of the building above its base. A flat's door lies
between two exits where the ways to both part within a metre of it, else in a dead end.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import shapely

from geometry.graph_fields import Fields
from twin.evacuation.checked import Checked, EgressFinding, Floats
from twin.evacuation.free_ways import arc_seconds, safe_spots, ways_to
from twin.evacuation.public_rooms import public_rooms
from twin.evacuation.rules import EgressFacts, EgressRule
from twin.fabric.flats import flat_of
from twin.fabric.site_graph import SiteGraph
from twin.index import PlacedStorey, to_shapely
from twin.model.base import fill_template
from twin.model.buildings import Building

_STAYED_IN: Final = frozenset({
    "living_room", "bedroom", "kitchen", "office", "shop", "kindergarten", "classroom", "activity_room", "care_station",
    "service_centre", "monitoring_centre", "gatehouse", "hall",
})  # fmt: skip
"""Uses of spaces that people stay in."""
_PUBLIC: Final = frozenset({"service_centre", "shop", "kindergarten", "classroom", "activity_room", "care_station"})


def audit(
    site: SiteGraph,
    rules: Mapping[str, EgressRule],
    *,
    step_free: SiteGraph | None = None,
    facts: EgressFacts | None = None,
) -> tuple[EgressFinding, ...]:
    """All rules at all places, in the order of buildings.

    Parameters
    ----------
    step_free : the graph for a wheelchair's width; none leaves step-free access unchecked
    facts : what the site states of sprinklers and galleries; none is neither anywhere

    Raises
    ------
    EvacuationError
        If the facts name what is not there.
    """
    of = _Checked(site, rules, facts or EgressFacts())
    found = [*of.ways_out()]
    for building in site.index.site.buildings:
        found += [*of.stairs(building), *of.storeys(building)]
    found += public_rooms(of)
    if step_free is not None:
        found += _step_free(step_free, rules["step-free"])
    return tuple(found)


class _Checked(Checked):
    """Homes, and what is asked of all buildings."""

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
        exits = {storey.id: self.exits(storey) for storey in storeys}
        flats = {
            storey.id: [space.id for space in self.spaces_on.get(storey.id, ()) if space.template.use == "flat"]
            for storey in storeys
        }
        doors = {self.door_of[flat] for some in flats.values() for flat in some if flat in self.door_of}
        rows = sorted(doors | {row for some in exits.values() for door in some.values() for row in door})
        lengths = dict(zip(rows, self.lengths(rows), strict=True))
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

    def _of_flat(
        self, flat: str, exits: Mapping[str, tuple[int, ...]], lengths: Mapping[int, Floats]
    ) -> Iterator[EgressFinding]:
        """How far a flat's door is from an exit, and its rooms from the door."""
        row = self.door_of[flat]
        length_m, to, is_between = self.nearest(row, exits, lengths)
        door, storey = self.graph.spots[row].id, self.index.spaces[flat].storey
        rule = "travel-between" if is_between else "travel-dead-end"
        most_m = self.allowed_m(rule, storey, door, to, is_between=is_between)
        yield self.told(rule, flat, length_m, door, *(() if to is None else (to,)), needed=most_m)
        inside = [float(lengths[row][room]) for room in self.rooms_of.get(flat, ())]
        farthest_m = max((m for m in inside if math.isfinite(m)), default=0.0)
        yield self.told("travel-inside", flat, farthest_m, door, needed=self.with_sprinklers_m("travel-inside", storey))

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
