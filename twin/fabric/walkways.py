"""Where people can walk on a site: floors without their walls, doors between them, stairs, ramps, the open ground.

Storeys that are drawn alike share one floor. Doors between two spaces of a storey are gaps in its walls; doors that
lead elsewhere, stairs and ramps are passages. People walk over lawns; they do not cross water, fences or buildings.

Lifts are no ways here: what must be reached in an emergency is reached on foot.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
import shapely.affinity
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geometry.polygons import distance_m
from geometry.walk_network import Passage, SetFloor, WalkNetwork, walk_network
from geometry.walking import Floor, WalkingError, floor
from twin.fabric.plans import StoreyPlan, corner_of, storey_plan
from twin.fabric.walls import plan
from twin.index import PlacedOpening, PlacedStorey, SiteIndex, to_shapely
from twin.model.base import Line, fill_template
from twin.model.base import Polygon as ModelPolygon
from twin.model.buildings import OUTSIDE, Building, Ramp, Stair
from twin.model.devices import Device

OPEN_GROUND: Final = ""
"""The floor in the open, where a storey's id would stand."""

_LED_THROUGH: Final = frozenset({"door", "passage", "shutter", "gate"})
_NOT_WALKED: Final = frozenset({"lift_shaft", "shaft"})
_NOT_OUT: Final = frozenset({"balcony", "ramp", "roof"})
"""Spaces whose openings into the open are no ways out: one does not leave by a balcony, and a ramp is a way itself."""
_HALF_WALL_M: Final = 0.13
_SILL_M: Final = 0.3
_INSET_M: Final = 0.05
_RISERS: Final = 18
"""Most risers of one flight. GB 50352-2019 6.8.5 (recalled)."""
_WELL_M: Final = 0.1
_BODY_M: Final = (0.2, 1.8)
"""Where above the ground a storey stands in the way of people."""
_FENCE_M: Final = 0.05
_AROUND_M: Final = 30.0
_LEAST_M: Final = 1e-3

XY = tuple[float, float]
Segment = tuple[XY, XY]


@dataclass(frozen=True, slots=True)
class NoWay:
    """What cannot be walked as it is drawn: the object's id, and why."""

    id: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class Walkways:
    """All ways on foot on a site. Make one with `walkways`.

    Attributes
    ----------
    rows : row of the network's floor by storey id; `OPEN_GROUND` is the open
    faults : storeys that have no floor to walk on
    """

    index: SiteIndex
    network: WalkNetwork
    rows: Mapping[str, int]
    faults: tuple[NoWay, ...] = ()

    def spot(self, device: Device) -> tuple[int, XY] | None:
        """Row of the floor that a device is reached from, and the point before it; none where no floor is."""
        x, y, z = self.index.device_point(device)
        if device.space is not None and device.space in self.index.spaces:
            space = self.index.spaces[device.space]
            row = self.rows.get(space.storey.id)
            if row is None:
                return None
            placed = self.network.floors[row]
            room = shapely.affinity.translate(to_shapely(space.template.polygon), *(-placed.shift_m))
            at, off_m = placed.floor.onto(placed.own([(x, y)]), within=room)
            if np.isfinite(off_m[0]):
                return row, (float(at[0, 0] + placed.shift_m[0]), float(at[0, 1] + placed.shift_m[1]))
            return row, (x, y)
        storey = self._storey_at(x, y, z)
        if storey != OPEN_GROUND and storey not in self.rows:
            return None
        row = self.rows.get(storey)
        return None if row is None else (row, (x, y))

    def _storey_at(self, x: float, y: float, z: float) -> str:
        level = (s for s in self.index.storeys.values() if 0 <= z - s.elevation_m + _BODY_M[0] < s.template.height_m)
        around = (s.id for s in level if shapely.intersects_xy(to_shapely(s.template.polygon), x, y))
        return next(around, OPEN_GROUND)


@dataclass(frozen=True, slots=True)
class Door:
    """An opening one walks through: its clear width in the site's coordinates, and what is on its two sides."""

    id: str
    line: Segment
    sides: tuple[str, str]


@dataclass(slots=True)
class Doors:
    """Openings one walks through.

    Attributes
    ----------
    inner : by storey, those between two of its spaces, which are the sides
    outer : by storey, those that lead elsewhere; the sides are the space here, twice
    links : the same, the sides are storeys
    """

    inner: dict[str, list[Door]] = field(default_factory=lambda: defaultdict(list))
    outer: dict[str, list[Door]] = field(default_factory=lambda: defaultdict(list))
    links: list[Door] = field(default_factory=list)


def walkways(index: SiteIndex, *, closed: Collection[str] = (), clearance_m: float = 0.0) -> Walkways:
    """All ways on foot on a site.

    Parameters
    ----------
    closed : ids of openings and gates that nobody gets through; all others are open to who needs to pass
    clearance_m : kept from all walls
    """
    doors = doors_of(index, closed)
    floors: list[SetFloor] = []
    rows: dict[str, int] = {}
    faults: list[NoWay] = []
    drawn: dict[tuple[object, ...], Floor | WalkingError] = {}
    plans: dict[int, StoreyPlan] = {}
    for storey in index.storeys.values():
        if id(storey.template) not in plans:
            plans[id(storey.template)] = storey_plan(storey.building, storey.template)
        found, key = plans[id(storey.template)], drawing_key(storey, doors, plans[id(storey.template)])
        if key not in drawn:
            drawn[key] = _floor(storey_area(storey, found, doors), clearance_m)
        made = drawn[key]
        if isinstance(made, WalkingError):
            faults.append(NoWay(storey.id, f"nobody can walk on storey {storey.id}: {made}"))
            continue
        rows[storey.id] = len(floors)
        floors.append(SetFloor(made, np.array(corner_of(storey.building))))
    ground = _floor(open_ground(index, doors, closed), clearance_m)
    if isinstance(ground, Floor):
        rows[OPEN_GROUND] = len(floors)
        floors.append(SetFloor(ground, np.zeros(2)))
    passages = [*_door_passages(doors, rows), *_stairs(index, rows), *_ramps(index, rows)]
    return Walkways(index, walk_network(floors, passages), rows, tuple(faults))


def stair_length_m(stair: Stair, rise_m: float) -> float:
    """Length of the way up a stair, along its steps in the middle of its flights.

    Each riser takes the diagonal of a step; between flights one crosses a landing, and where the stair turns, half of
    that at either end.

    Examples
    --------
    >>> stair = Stair(id="s", space="s", first=1, last=2, width_m=1.2, tread_m=0.28, riser_m=0.15)
    >>> round(stair_length_m(stair, 3.0), 3)  # 20 x the diagonal of 0.28 and 0.15, and 2 x 1.3 for turning
    8.953
    """
    risers = max(1, round(rise_m / stair.riser_m))
    turns = stair.kind == "dogleg"
    flights = max(2 if turns else 1, math.ceil(risers / _RISERS))
    going_m = risers * math.hypot(stair.tread_m, rise_m / risers)
    landing_m = stair.width_m + _WELL_M if turns else stair.width_m
    return going_m + (flights - 1 + (1 if turns else 0)) * landing_m


def doors_of(index: SiteIndex, closed: Collection[str]) -> Doors:
    """All openings that one walks through, but the closed ones."""
    found = Doors()
    known = frozenset(index.spaces) | {OUTSIDE}
    for opening in index.openings.values():
        template = opening.template
        if opening.id in closed or template.kind not in _LED_THROUGH or template.sill_m > _SILL_M:
            continue
        line = _clear(opening)
        a, b = opening.connects
        if line is None or a not in known or b not in known:
            continue
        spaces = [index.spaces[c] for c in (a, b) if c != OUTSIDE]
        if any(space.template.use in _NOT_WALKED for space in spaces) or not spaces:
            continue
        if len(spaces) == 1 and spaces[0].template.use in _NOT_OUT:
            continue
        if len(spaces) == 2 and spaces[0].storey.id == spaces[1].storey.id:
            found.inner[spaces[0].storey.id].append(Door(opening.id, line, (a, b)))
            continue
        one, other = (OPEN_GROUND if c == OUTSIDE else index.spaces[c].storey.id for c in (a, b))
        for space in spaces:
            found.outer[space.storey.id].append(Door(opening.id, line, (space.id, space.id)))
        found.links.append(Door(opening.id, line, (one, other)))
    return found


def _clear(opening: PlacedOpening) -> Segment | None:
    """The clear width of an opening, in the middle of its line."""
    (x0, y0), (x1, y1) = opening.template.line
    length_m = math.hypot(x1 - x0, y1 - y0)
    if length_m < _LEAST_M:
        return None
    off = max(0.0, 1 - (opening.template.width_m or length_m) / length_m) / 2
    return (x0 + off * (x1 - x0), y0 + off * (y1 - y0)), (x1 - off * (x1 - x0), y1 - off * (y1 - y0))


def drawing_key(storey: PlacedStorey, doors: Doors, found: StoreyPlan) -> tuple[object, ...]:
    """What a storey's floor depends on, the same for storeys that are alike."""
    x, y = corner_of(storey.building)
    segments = (*(d.line for d in doors.inner[storey.id]), *(d.line for d in doors.outer[storey.id]))
    lines = (tuple(round(c, 3) for px, py in line for c in (px - x, py - y)) for line in segments)
    ways = tuple(ramp.axis.points for ramp in storey.building.ramps)
    return (found.key, *lines, storey.building.id if ways else None)


def _floor(area: BaseGeometry, clearance_m: float) -> Floor | WalkingError:
    try:
        return floor(area, clearance_m=clearance_m)
    except WalkingError as error:
        return error


def storey_area(storey: PlacedStorey, found: StoreyPlan, doors: Doors) -> BaseGeometry:
    """Where one can walk on a storey, relative to its building's corner."""
    corner = corner_of(storey.building)
    shapes = dict(zip((s.id for s in storey.template.spaces), (s.shape for s in found.spaces), strict=True))
    of_space = {fill_template(k, storey.number): shape for k, shape in shapes.items()}
    barred = [
        s.shape for s in found.spaces if s.use in _NOT_WALKED or (s.use == "ramp" and _is_ramped(s.shape, storey))
    ]
    blocked = shapely.union_all([*barred, *(shape for shape, _ in found.obstacles)])
    inside = shapely.union_all([s.shape for s in found.spaces])
    gaps: list[BaseGeometry] = []
    for door in doors.inner[storey.id]:
        cut = shapely.affinity.translate(shapely.LineString(door.line), -corner[0], -corner[1])
        away_m = max(float(distance_m(of_space[side], cut)) for side in door.sides)
        gaps.append(cut.buffer(away_m + _HALF_WALL_M, cap_style="flat"))
    for door in doors.outer[storey.id]:
        cut = shapely.affinity.translate(shapely.LineString(door.line), -corner[0], -corner[1])
        gaps.append(_inwards(cut, of_space[door.sides[0]]))
    walls = plan(found.rooms).walls
    return shapely.union_all([inside - walls, *gaps]) - blocked


def _is_ramped(shape: BaseGeometry, storey: PlacedStorey) -> bool:
    """Whether a ramp of the building runs over a space: one walks on the ramp then."""
    x, y = corner_of(storey.building)
    return any(
        shapely.LineString([(p[0] - x, p[1] - y) for p in ramp.axis.points]).intersection(shape).length > 1.0
        for ramp in storey.building.ramps
    )


def _inwards(line: shapely.LineString, room: BaseGeometry) -> BaseGeometry:
    """The half of a wall's gap that lies on a room's side."""
    depth_m = float(distance_m(room, line)) + _HALF_WALL_M
    (x0, y0), (x1, y1) = line.coords
    length_m = math.hypot(x1 - x0, y1 - y0)
    nx, ny = -(y1 - y0) / length_m * depth_m, (x1 - x0) / length_m * depth_m
    sides = [
        shapely.Polygon([(x0, y0), (x1, y1), (x1 + s * nx, y1 + s * ny), (x0 + s * nx, y0 + s * ny)]) for s in (1, -1)
    ]
    return max(sides, key=lambda side: float(shapely.area(shapely.intersection(side.buffer(_LEAST_M), room))))


def open_ground(index: SiteIndex, doors: Doors, closed: Collection[str]) -> BaseGeometry:
    """Where one can walk in the open: the site without buildings, fences, water and the cuts of ramps."""
    grounds = [g for g in index.site.grounds if g.id not in closed or g.use == "perimeter"]
    areas, lines = defaultdict(list), defaultdict(list)
    for feature in grounds:
        if isinstance(feature.geometry, ModelPolygon):
            areas[feature.use].append(to_shapely(feature.geometry))
        elif isinstance(feature.geometry, Line):
            lines[feature.use].append(shapely.LineString(feature.geometry.points))
    points = [shapely.Point(g.geometry) for g in grounds if not isinstance(g.geometry, ModelPolygon | Line)]
    site: BaseGeometry = shapely.union_all(areas["site_boundary"])
    if site.is_empty:
        all_there = [*(to_shapely(b.footprint) for b in index.site.buildings), *itertools.chain(*lines.values())]
        hull = shapely.union_all([*all_there, *points, *itertools.chain(*areas.values())]).convex_hull
        site = hull.buffer(_AROUND_M)
    outwards = {storey for door in doors.links if OPEN_GROUND in door.sides for storey in door.sides}
    standing = [
        to_shapely(storey.template.polygon)
        for storey in index.storeys.values()
        if storey.id in outwards
        or (storey.elevation_m < _BODY_M[1] and storey.elevation_m + storey.template.height_m > _BODY_M[0])
    ]
    ramps = [ramp_strip(ramp) for b in index.site.buildings for ramp in b.ramps]
    gates = shapely.union_all(
        [line.buffer(4 * _FENCE_M, cap_style="flat") for line in lines["gate"] + lines["vehicle_gate"]]
    )
    fences = shapely.union_all([line.buffer(_FENCE_M, cap_style="square") for line in lines["perimeter"]]) - gates
    return site - shapely.union_all([*standing, *ramps, *areas["water"], fences])


def ramp_strip(ramp: Ramp) -> BaseGeometry:
    """The area a ramp takes in plan."""
    return shapely.LineString([p[:2] for p in ramp.axis.points]).buffer(ramp.width_m / 2, cap_style="flat")


def _door_passages(doors: Doors, rows: Mapping[str, int]) -> Iterator[Passage]:
    """Doors that lead to another floor, each at its two jambs and in the middle."""
    for door in doors.links:
        (x0, y0), (x1, y1) = door.line
        a, b = door.sides
        if a not in rows or b not in rows:
            continue
        inset = min(_INSET_M / math.hypot(x1 - x0, y1 - y0), 0.25)
        for share in (inset, 0.5, 1 - inset):
            point = (x0 + share * (x1 - x0), y0 + share * (y1 - y0))
            yield Passage((rows[a], rows[b]), (point, point), 0.0, door.id)


def _stairs(index: SiteIndex, rows: Mapping[str, int]) -> Iterator[Passage]:
    by_number = {(s.building.id, s.number): s for s in index.storeys.values()}
    spots: dict[tuple[int, str], XY] = {}
    for building in index.site.buildings:
        for stair in building.stairs:
            storeys = [
                by_number[building.id, n] for n in range(stair.first, stair.last + 1) if (building.id, n) in by_number
            ]
            there = [s for s in storeys if fill_template(stair.space, s.number) in index.spaces and s.id in rows]
            for low, high in itertools.pairwise(there):
                ends = [stair_spot(index, stair, storey, spots) for storey in (low, high)]
                length_m = stair_length_m(stair, high.elevation_m - low.elevation_m)
                yield Passage((rows[low.id], rows[high.id]), (ends[0], ends[1]), length_m, stair.id)


def stair_spot(index: SiteIndex, stair: Stair, storey: PlacedStorey, known: dict[tuple[int, str], XY]) -> XY:
    """Where a stair's flights begin on a storey: half a flight's width behind its door."""
    key = id(storey.template), stair.id
    if key not in known:
        space = index.spaces[fill_template(stair.space, storey.number)]
        room = to_shapely(space.template.polygon)
        inside = room.representative_point()
        spot = inside
        for opening in storey.template.openings:
            if space.template.id in opening.connects and opening.kind in _LED_THROUGH:
                door = shapely.LineString(opening.line)
                landing = _inwards(door, room) if door.length > _LEAST_M else None
                if landing is not None:
                    at, back = door.centroid, landing.centroid
                    far_m = max(at.distance(back), _LEAST_M)
                    ahead = (stair.width_m / 2 + _HALF_WALL_M) / far_m
                    spot = shapely.Point(at.x + ahead * (back.x - at.x), at.y + ahead * (back.y - at.y))
                    break
        known[key] = (spot.x, spot.y) if room.contains(spot) else (inside.x, inside.y)
    return known[key]


def _ramps(index: SiteIndex, rows: Mapping[str, int]) -> Iterator[Passage]:
    for building in index.site.buildings:
        for ramp in building.ramps:
            sides = [ramp_end(index, building, end) for end in ramp.connects]
            if any(storey not in rows for storey, _ in sides):
                continue
            points: NDArray[np.float64] = np.array(ramp.axis.points)
            ends = [points[0], points[-1]]
            given = sum(abs(end[2] - z) for end, (_, z) in zip(ends, sides, strict=True))
            turned = sum(abs(end[2] - z) for end, (_, z) in zip(ends[::-1], sides, strict=True))
            if turned < given:
                ends = ends[::-1]
            length_m = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
            a, b = ((float(end[0]), float(end[1])) for end in ends)
            yield Passage((rows[sides[0][0]], rows[sides[1][0]]), (a, b), length_m, ramp.id)


def ramp_end(index: SiteIndex, building: Building, end: str) -> tuple[str, float]:
    """The floor at an end of a ramp, and its height."""
    if end == OUTSIDE:
        return OPEN_GROUND, max(building.base_elevation_m, 0.0)
    if end not in index.spaces:
        return "?", 0.0
    storey = index.spaces[end].storey
    return storey.id, storey.elevation_m
