"""Where pipes can run: the towers with their shafts and storeys, the plant rooms, and the streets between."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import shapely

from twin.model.base import Line, fill_template
from twin.model.buildings import Building, SpaceUse
from twin.model.site import Site

XY = tuple[float, float]
_EDGE_M: Final = 9.0
"""From the outermost towers to the street around them."""
_SAME_ROW_M: Final = 15.0


@dataclass(frozen=True, slots=True)
class LivingStorey:
    """A storey with flats: its number, floor and the flats by number."""

    number: int
    elevation_m: float
    flats: tuple[tuple[str, XY], ...]
    """Space id and a point of each flat."""
    shaft: str | None


@dataclass(frozen=True, slots=True)
class Tower:
    """A residential building as a plumber sees it."""

    number: int
    shaft: XY
    storeys: tuple[LivingStorey, ...]
    roof_elevation_m: float
    tank_room: str | None

    @property
    def id(self) -> str:
        """Short name for ids of nodes and links."""
        return f"T{self.number}"


@dataclass(frozen=True, slots=True)
class Room:
    """A plant room: where its equipment stands."""

    space: str | None
    point: XY
    elevation_m: float


@dataclass(frozen=True)
class GroundPlan:
    """The towers, the rooms and the lines of the streets."""

    towers: tuple[Tower, ...]
    others: tuple[tuple[str, XY], ...]
    """Buildings that are no homes: id and middle."""
    rooms: Mapping[str, Room]
    west_m: float
    east_m: float
    rows_m: tuple[float, ...]
    """Northings of the streets along the rows, from south to north."""
    entry: XY
    """Where the city's pipes meet the boundary."""


@dataclass(frozen=True)
class Lay:
    """A trench plan: points, stretches between them, and the point each tap hangs on."""

    points: dict[str, XY]
    stretches: tuple[tuple[str, str], ...]
    taps: dict[str, str]


def _inside(polygon_points: Iterable[XY]) -> XY:
    point = shapely.Polygon(list(polygon_points)).representative_point()
    return point.x, point.y


def _tower(number: int, building: Building) -> Tower | None:
    storeys: list[LivingStorey] = []
    shaft_at: XY | None = None
    tank_room: str | None = None
    for storey in building.storeys:
        flats = [(s.id, _inside(s.polygon.outer)) for s in storey.spaces if s.use == "flat"]
        shaft = next((s for s in storey.spaces if s.use == "shaft" and s.id.endswith("shaft-water")), None)
        tank_room = next((fill_template(s.id, storey.first) for s in storey.spaces if s.use == "tank_room"), tank_room)
        if not flats:
            continue
        shaft_at = shaft_at or (_inside(shaft.polygon.outer) if shaft else _inside(storey.polygon.outer))
        storeys += [
            LivingStorey(
                n, storey.elevation_m + k * storey.height_m, tuple((fill_template(f, n), at) for f, at in flats),
                fill_template(shaft.id, n) if shaft else None,
            )
            for k, n in enumerate(storey.numbers)
        ]  # fmt: skip
    if not storeys or shaft_at is None:
        return None
    storeys.sort(key=lambda s: s.elevation_m)
    top = max(s.elevation_m + s.height_m * len(s.numbers) for s in building.storeys if any(
        p.use == "flat" for p in s.spaces))  # fmt: skip
    return Tower(number, shaft_at, tuple(storeys), round(top, 3), tank_room)


def _room(site: Site, use: SpaceUse, otherwise: XY) -> Room:
    # a tower has a small valve room of the same use; the plant's own comes first
    for building in sorted(site.buildings, key=lambda b: b.use == "residential"):
        for storey in building.storeys:
            for space in storey.spaces:
                if space.use == use:
                    return Room(fill_template(space.id, storey.first), _inside(space.polygon.outer), storey.elevation_m)
    return Room(None, otherwise, -4.2)


def _ring(site: Site, homes: list[Building]) -> tuple[float, float, float, float]:
    """West, south, east, north of the ring road; without one, of a line around the towers."""
    for feature in site.grounds:
        points = feature.geometry.points if feature.use == "road" and isinstance(feature.geometry, Line) else ()
        if len(points) > 4 and points[0] == points[-1]:
            xs, ys = [p[0] for p in points], [p[1] for p in points]
            return min(xs), min(ys), max(xs), max(ys)
    x0, y0, x1, y1 = shapely.union_all([shapely.Polygon(b.footprint.outer) for b in homes]).bounds
    return x0 - _EDGE_M, y0 - _EDGE_M, x1 + _EDGE_M, y1 + _EDGE_M


def _level(geometry: object) -> float | None:
    """Northing of a line that runs from east to west."""
    if isinstance(geometry, Line) and abs(geometry.points[0][1] - geometry.points[-1][1]) < 0.5:
        return geometry.points[0][1]
    return None


def ground_plan(site: Site) -> GroundPlan:
    """The streets and shafts of a site.

    Raises
    ------
    ValueError
        If no building of the site has flats.
    """
    homes = [b for b in site.buildings if b.use == "residential"]
    towers = tuple(t for k, b in enumerate(homes, 1) if (t := _tower(k, b)) is not None)
    if not towers:
        raise ValueError(f"site {site.id} has no residential building with flats; networks need homes to serve")
    west, south_m, east, north_m = _ring(site, homes)
    middles = sorted(_inside(b.footprint.outer)[1] for b in homes)
    lanes = [_level(g.geometry) for g in site.grounds if g.use == "fire_lane"]
    lines = [south_m]
    for a, b in pairwise(middles):
        if b - a > _SAME_ROW_M:
            lines.append(next((y for y in lanes if y is not None and a < y < b), (a + b) / 2))
    lines.append(north_m)
    boundary = next((g.geometry for g in site.grounds if g.use == "site_boundary"), None)
    ring = getattr(boundary, "outer", None)
    south = min(p[1] for p in ring) if ring else lines[0] - 30.0
    uses: tuple[SpaceUse, ...] = ("water_pump_room", "fire_pump_room", "data_room")
    rooms: dict[str, Room] = {
        str(use): _room(site, use, (west + 6.0 + 8.0 * k, lines[0] - 8.0)) for k, use in enumerate(uses)
    }
    others = tuple(
        (b.id, _inside(b.footprint.outer)) for b in site.buildings if b.use not in {"residential", "garage", "plant"}
    )
    return GroundPlan(towers, others, rooms, west, east, tuple(lines), ((west + east) / 2, south))


def lay(plan: GroundPlan, taps: Mapping[str, XY], *, shift_m: float, looped: bool) -> Lay:
    """Trenches along the streets with a point opposite each tap: a mesh when `looped`, else a comb from the west.

    Parameters
    ----------
    plan : the ground plan.
    taps : what hangs on the trench, by name. [m, site frame]
    shift_m : how far beside the street's line, so that pipes lie next to each other.
    looped : whether the east side is joined too.
    """
    west, east = plan.west_m - shift_m, plan.east_m + shift_m
    rows = [y + (shift_m if k else -shift_m) for k, y in enumerate(plan.rows_m)]
    on_row: dict[int, dict[float, list[str]]] = {k: {} for k in range(len(rows))}
    on_side: dict[str, dict[float, list[str]]] = {"W": {}, "E": {}}
    for name, (x, y) in taps.items():
        inside_y = rows[0] < y < rows[-1]
        sides = [("W", abs(x - west))] + ([("E", abs(x - east))] if looped else []) if inside_y else []
        row = min(range(len(rows)), key=lambda k: abs(rows[k] - y))
        side = min(sides, key=lambda s: s[1], default=("W", float("inf")))
        if side[1] < abs(rows[row] - y):
            on_side[side[0]].setdefault(round(y, 1), []).append(name)
        else:
            on_row[row].setdefault(round(min(max(x, west + 1), east - 1), 1), []).append(name)
    points: dict[str, XY] = {}
    stretches: list[tuple[str, str]] = []
    at: dict[str, str] = {}

    def chain(stations: list[tuple[str, XY, list[str]]]) -> None:
        for point, xy, names in stations:
            points[point] = xy
            at.update(dict.fromkeys(names, point))
        stretches.extend((a[0], b[0]) for a, b in pairwise(stations))

    for k, y in enumerate(rows):
        inner = [(f"R{k}.{i}", (x, y), names) for i, (x, names) in enumerate(sorted(on_row[k].items()), 1)]
        ends: list[tuple[str, XY, list[str]]] = [(f"E{k}", (east, y), [])] if looped else []
        if inner or ends:
            chain([(f"W{k}", (west, y), []), *inner, *ends])
        else:
            points[f"W{k}"] = (west, y)
    for side, x in (("W", west), *((("E", east),) if looped else ())):
        for k, (y0, y1) in enumerate(pairwise(rows)):
            between = sorted((y, names) for y, names in on_side[side].items() if y0 < y < y1)
            inner = [(f"{side}{k}.{i}", (x, y), names) for i, (y, names) in enumerate(between, 1)]
            chain([(f"{side}{k}", (x, y0), []), *inner, (f"{side}{k + 1}", (x, y1), [])])
    return Lay(points, tuple(stretches), at)
