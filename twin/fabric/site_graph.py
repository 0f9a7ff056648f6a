"""The graph of all ways on foot of a site: its rooms, doors, stairs, lifts, ramps and open ground, derived as drawn.

A room here is what one walks about in without passing a door: a corridor, a flat's open kitchen and living room, a
whole garage. Storeys that are drawn alike share what is worked out of their rooms.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
import shapely.affinity
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geometry.meshes import polygons_of
from geometry.walk_graph import Cell, Link, Point3, Spot, WalkGraph, walk_graph
from geometry.walking import Floor, WalkingError, floor
from twin.fabric.plans import StoreyPlan, corner_of, storey_plan
from twin.fabric.walkways import (
    OPEN_GROUND,
    Door,
    Doors,
    NoWay,
    Segment,
    doors_of,
    drawing_key,
    open_ground,
    ramp_end,
    stair_length_m,
    stair_spot,
    storey_area,
)
from twin.index import PlacedStorey, SiteIndex, to_shapely
from twin.model.base import Line, fill_template
from twin.model.base import Polygon as ModelPolygon
from twin.model.buildings import OUTSIDE, Lift

OUTDOORS: Final = "outdoors"
"""Id of the open ground's cell."""
_CUT_M: Final = 1e-4
_BESIDE_M: Final = 5e-3
_PAST_M: Final = 0.02
"""A room reaches so far through its doors that their middles lie within it."""
_LEAST_M2: Final = 0.01
_WIDE_M: Final = 1.5
"""Wider openings are passed at several spots, so that ways through them need not bend to their middle."""


@dataclass(frozen=True, slots=True, eq=False)
class SiteGraph:
    """A site's graph. Make one with `site_graph`.

    Attributes
    ----------
    cell_of : row of the cell that each space lies in; a space nobody can walk in has none
    place_of : row of each space's own spot
    buildings : (cells,) the building each cell is in, nothing for the open ground
    faults : what cannot be walked as it is drawn
    """

    index: SiteIndex
    graph: WalkGraph
    cell_of: Mapping[str, int]
    place_of: Mapping[str, int]
    buildings: tuple[str, ...]
    clearance_m: float
    faults: tuple[NoWay, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Room:
    """A room of a drawing, relative to its building's corner.

    Attributes
    ----------
    spaces : numbers of the drawing's spaces in it, the largest first, each with a point
    doors : numbers of the drawing's doors that lead into it
    """

    floor: Floor | WalkingError
    spaces: tuple[tuple[int, tuple[float, float]], ...]
    doors: frozenset[int]


def site_graph(index: SiteIndex, *, clearance_m: float = 0.0) -> SiteGraph:
    """The graph of a site, with all doors as ways; which are open is for who asks to say.

    Parameters
    ----------
    clearance_m : kept from walls, half the width of who goes there: doors that are narrower lead nowhere
    """
    made = _Made(index, clearance_m)
    for storey in index.storeys.values():
        made.add_storey(storey)
    made.add_ground()
    links = [*made.stairs(), *made.lifts(), *made.ramps()]
    graph = walk_graph(made.cells, made.spots, links)
    return SiteGraph(
        index, graph, made.cell_of, made.place_of, tuple(made.buildings), clearance_m, tuple(made.faults)
    )  # fmt: skip


def parts(site: SiteGraph) -> NDArray[np.int64]:
    """(spots,) which spots change together: those of one building, those of the open ground."""
    graph = site.graph
    number = {building: k for k, building in enumerate(dict.fromkeys(site.buildings))}
    found: NDArray[np.int64] = np.array(
        [number[site.buildings[spot.cells[0]]] if spot.cells else -1 for spot in graph.spots], dtype=np.int64
    )
    while True:  # a lift's car is with the doors it stops at
        lost = np.flatnonzero((found[graph.tails] < 0) & (found[graph.heads] >= 0))
        if not len(lost):
            return found.clip(0)
        found[graph.tails[lost]] = found[graph.heads[lost]]


class _Made:
    """A graph being made."""

    def __init__(self, index: SiteIndex, clearance_m: float) -> None:
        self.index, self.clearance_m = index, clearance_m
        self.doors: Doors = doors_of(index, ())
        self.cells: list[Cell] = []
        self.buildings: list[str] = []
        self.spots: list[Spot] = []
        self.cell_of: dict[str, int] = {}
        self.place_of: dict[str, int] = {}
        self.faults: list[NoWay] = []
        self._drawn: dict[tuple[object, ...], tuple[_Room, ...]] = {}
        self._plans: dict[int, StoreyPlan] = {}
        self._sides: dict[str, list[int]] = {}
        self._ends: dict[tuple[int, str], tuple[float, float]] = {}

    def add_storey(self, storey: PlacedStorey) -> None:
        """The rooms of a storey, and the doors between them."""
        if id(storey.template) not in self._plans:
            self._plans[id(storey.template)] = storey_plan(storey.building, storey.template)
        found = self._plans[id(storey.template)]
        key = drawing_key(storey, self.doors, found)
        mine = [*self.doors.inner[storey.id], *self.doors.outer[storey.id]]
        if key not in self._drawn:
            self._drawn[key] = _rooms(storey_area(storey, found, self.doors), _lines(mine, storey), found,
                                      clearance_m=self.clearance_m)  # fmt: skip
        shift = np.array(corner_of(storey.building))
        ids = [fill_template(space.id, storey.number) for space in storey.template.spaces]
        for room in self._drawn[key]:
            name = ids[room.spaces[0][0]] if room.spaces else f"{storey.id}/{len(self.cells)}"
            over = self._walked(room.floor, name)
            row = len(self.cells)
            self.cells.append(Cell(name, over, shift, storey.elevation_m))
            self.buildings.append(storey.building.id)
            for number, (x, y) in room.spaces:
                self.cell_of[ids[number]] = row
                point = (x + float(shift[0]), y + float(shift[1]), storey.elevation_m)
                if found.spaces[number].is_leaf:
                    self.place_of[ids[number]] = len(self.spots)
                    self.spots.append(Spot(ids[number], "place", (row, row), point, is_end=True))
            for number in room.doors:
                self._sides.setdefault(mine[number].id, []).append(row)
        for door in self.doors.inner[storey.id]:
            self._add_door(door.id, door.line, self._sides.get(door.id, ()), storey.elevation_m, kind="door")

    def add_ground(self) -> None:
        """The open ground with what leads there, gates and assembly points."""
        area = open_ground(self.index, self.doors, ())
        row = len(self.cells)
        try:
            over: Floor | WalkingError = floor(area, clearance_m=self.clearance_m)
        except WalkingError as error:
            over = error
        self.cells.append(Cell(OUTDOORS, self._walked(over, OUTDOORS), np.zeros(2), 0.0))
        self.buildings.append("")
        for door in self.doors.links:
            sides = list(self._sides.get(door.id, ()))
            is_exit = OPEN_GROUND in door.sides
            kind = "exit" if is_exit else "door"
            storey = next(side for side in door.sides if side != OPEN_GROUND)
            if is_exit:
                sides.append(row)
            self._add_door(door.id, door.line, sides, self.index.storeys[storey].elevation_m, kind=kind)
        for feature in self.index.site.grounds:
            if feature.use in {"assembly_point", "gate", "vehicle_gate"}:
                x, y = _middle(feature.geometry)
                point = (x, y, feature.elevation_m)
                kind = "assembly" if feature.use == "assembly_point" else "gate"
                width_m = feature.width_m or np.inf
                self.spots.append(Spot(feature.id, kind, (row, row), point, width_m, is_end=True))

    def _add_door(self, name: str, line: Segment, sides: Sequence[int], z_m: float, *, kind: str) -> None:
        if not sides:
            self.faults.append(NoWay(name, f"opening {name} leads into no floor that one can walk on"))
            return
        if len(sides) == 1 and not self._on_ramp(name):
            self.faults.append(NoWay(name, f"opening {name} leads from {self.cells[sides[0]].id} to nowhere one can "
                                           "walk: it stands before an obstacle, or another room's wall"))  # fmt: skip
        (x0, y0), (x1, y1) = line
        width_m = math.hypot(x1 - x0, y1 - y0)
        parts = max(1, math.ceil(width_m / _WIDE_M))
        for k in range(parts):
            share = (k + 0.5) / parts
            point = (x0 + share * (x1 - x0), y0 + share * (y1 - y0), z_m)
            self.spots.append(Spot(name, kind, (sides[0], sides[-1]), point, width_m))

    def _on_ramp(self, opening: str) -> bool:
        """Whether an opening leads to a ramp, which is a link and no room."""
        beside = [self.index.spaces[end] for end in self.index.openings[opening].connects if end in self.index.spaces]
        return any(space.template.use == "ramp" for space in beside)

    def _walked(self, made: Floor | WalkingError, name: str) -> Floor | None:
        if isinstance(made, Floor):
            return made
        self.faults.append(NoWay(name, f"nobody can walk in {name}: {made}"))
        return None

    def _add_spot(self, spot: Spot) -> int:
        self.spots.append(spot)
        return len(self.spots) - 1

    def stairs(self) -> Iterator[Link]:
        """Flights from storey to storey."""
        by_number = {(s.building.id, s.number): s for s in self.index.storeys.values()}
        for building in self.index.site.buildings:
            for stair in building.stairs:
                numbers = range(stair.first, stair.last + 1)
                at = [by_number[building.id, n] for n in numbers if (building.id, n) in by_number]
                there = [s for s in at if fill_template(stair.space, s.number) in self.cell_of]
                rows = []
                for storey in there:
                    x, y = stair_spot(self.index, stair, storey, self._ends)
                    cell = self.cell_of[fill_template(stair.space, storey.number)]
                    point = (x, y, storey.elevation_m)
                    rows.append(self._add_spot(Spot(stair.id, "stair", (cell, cell), point, stair.width_m)))
                for (low, a), (high, b) in itertools.pairwise(zip(there, rows, strict=True)):
                    rise_m = high.elevation_m - low.elevation_m
                    yield Link((a, b), stair.id, "stair", stair_length_m(stair, rise_m), rise_m)

    def lifts(self) -> Iterator[Link]:
        """Rides from stop to stop, and getting into the car."""
        into = _lift_doors(self.index)
        by_number = {(s.building.id, s.number): s for s in self.index.storeys.values()}
        for building in self.index.site.buildings:
            for lift in building.lifts:
                stops = self._stops(lift, building.id, into, by_number)
                for _, door, car in stops:
                    yield Link((door, car), lift.id, "lift_door", 0.0, 0.0)
                for (low, _, a), (high, _, b) in itertools.pairwise(stops):
                    rise_m = high.elevation_m - low.elevation_m
                    yield Link((a, b), lift.id, "lift", rise_m, rise_m)

    def _stops(
        self, lift: Lift, building: str, into: Mapping[str, tuple[str, Segment]],
        by_number: Mapping[tuple[str, int], PlacedStorey],
    ) -> list[tuple[PlacedStorey, int, int]]:  # fmt: skip
        """Each storey with rows of the spots before the lift's door and in its car."""
        found = []
        for number in range(lift.first, lift.last + 1):
            storey = by_number.get((building, number))
            shaft = fill_template(lift.space, number)
            if storey is None or shaft not in into or into[shaft][0] not in self.cell_of:
                continue
            room, line = into[shaft]
            cell = self.cell_of[room]
            (x0, y0), (x1, y1) = line
            point: Point3 = ((x0 + x1) / 2, (y0 + y1) / 2, storey.elevation_m)
            before = self._add_spot(Spot(lift.id, "lift_door", (cell, cell), point, lift.door_width_m))
            # the car is in no room: it is reached by the link through its door alone
            found.append((storey, before, self._add_spot(Spot(lift.id, "lift", (), point, lift.door_width_m))))
        return found

    def ramps(self) -> Iterator[Link]:
        """Ramps between storeys and the open."""
        ground = len(self.cells) - 1
        for building in self.index.site.buildings:
            for ramp in building.ramps:
                points = np.array(ramp.axis.points)
                low, high = (points[0], points[-1]) if points[0][2] <= points[-1][2] else (points[-1], points[0])
                sides = sorted((ramp_end(self.index, building, end)[1], end) for end in ramp.connects)
                rows = []
                for (_, end), (x, y, z) in zip(sides, (low.tolist(), high.tolist()), strict=True):
                    cell = ground if end == OUTSIDE else self.cell_of.get(end, -1)
                    if cell >= 0:
                        point = (x, y, z)
                        rows.append(self._add_spot(Spot(ramp.id, "ramp", (cell, cell), point, ramp.width_m)))
                if len(rows) == 2:
                    length_m = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
                    yield Link((rows[0], rows[1]), ramp.id, "ramp", length_m, float(high[2] - low[2]))


def _rooms(
    area: BaseGeometry, lines: Sequence[shapely.LineString], found: StoreyPlan, *, clearance_m: float
) -> tuple[_Room, ...]:
    """A storey's floor parted at its doors."""
    longer = [shapely.affinity.scale(line, *(1 + 0.02 / max(line.length, 0.02),) * 2) for line in lines]
    cut = shapely.union_all([line.buffer(_CUT_M, cap_style="flat") for line in longer])
    parts = [part for part in polygons_of(area - cut) if part.area > _LEAST_M2]
    spaces: list[list[tuple[float, int, tuple[float, float]]]] = [[] for _ in parts]
    tree = shapely.STRtree(parts)
    for number, space in enumerate(found.spaces):
        near = tree.query(space.shape)
        shares = shapely.intersection(np.array([parts[k] for k in near], dtype=object), space.shape)
        if len(near) and (sizes := shapely.area(shares)).max() > _LEAST_M2:
            most = int(sizes.argmax())
            inside = shapely.point_on_surface(shares[most])
            spaces[near[most]].append((float(sizes[most]), number, (inside.x, inside.y)))
    doors: list[set[int]] = [set() for _ in parts]
    for number, line in enumerate(lines):
        for point in _beside(line):
            for k in tree.query(shapely.Point(point), predicate="intersects"):
                doors[k].add(number)
    made = []
    for part, within, through in zip(parts, spaces, doors, strict=True):
        reach_m = clearance_m + _PAST_M
        whole = shapely.union_all([part, *(lines[k].buffer(reach_m, cap_style="flat") for k in sorted(through))])
        order = sorted(within, reverse=True)
        made.append(_Room(_floor(whole, clearance_m), tuple((n, at) for _, n, at in order), frozenset(through)))
    return tuple(made)


def _floor(area: BaseGeometry, clearance_m: float) -> Floor | WalkingError:
    try:
        return floor(area, clearance_m=clearance_m)
    except WalkingError as error:
        return error


def _lines(doors: Sequence[Door], storey: PlacedStorey) -> list[shapely.LineString]:
    """Doors relative to the building's corner."""
    x, y = corner_of(storey.building)
    return [shapely.affinity.translate(shapely.LineString(door.line), -x, -y) for door in doors]


def _beside(line: shapely.LineString) -> list[tuple[float, float]]:
    """A point on either side of the middle of a door."""
    (x0, y0), (x1, y1) = line.coords
    length_m = max(math.hypot(x1 - x0, y1 - y0), 1e-9)
    nx, ny = (y0 - y1) / length_m * _BESIDE_M, (x1 - x0) / length_m * _BESIDE_M
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return [(x + nx, y + ny), (x - nx, y - ny)]


def _lift_doors(index: SiteIndex) -> dict[str, tuple[str, Segment]]:
    """By shaft the room before its door, and the door's line."""
    found: dict[str, tuple[str, Segment]] = {}
    for opening in index.openings.values():
        for shaft, room in itertools.permutations(opening.connects, 2):
            if shaft in index.spaces and index.spaces[shaft].template.use == "lift_shaft" and room != OUTSIDE:
                found[shaft] = room, opening.template.line
    return found


def _middle(geometry: ModelPolygon | Line | tuple[float, float]) -> tuple[float, float]:
    if isinstance(geometry, ModelPolygon):
        inside = to_shapely(geometry).representative_point()
    elif isinstance(geometry, Line):
        inside = shapely.LineString(geometry.points).interpolate(0.5, normalized=True)
    else:
        return float(geometry[0]), float(geometry[1])
    return inside.x, inside.y
