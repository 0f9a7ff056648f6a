"""A storey as it is drawn: its spaces and openings relative to the building's corner, in millimetres exactly.

Two storeys are the same drawing if their plans have the same `key`; towers built alike share their drawings.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import shapely

from geometry.polygons import usable
from twin.fabric.walls import OPEN_USES, Hole, Room
from twin.model.base import Point, Polygon, fill_template
from twin.model.buildings import OUTSIDE, Building, Storey

_UNDERGROUND_M: Final = 0.6
"""A storey whose ceiling is no more than this above the ground is under it."""

Corner = tuple[float, float]


@dataclass(frozen=True, slots=True)
class SpacePlan:
    """A space of the drawing."""

    shape: shapely.Polygon
    use: str
    is_leaf: bool


@dataclass(frozen=True, slots=True)
class Flights:
    """A stair on one storey: the flights from here to the next one."""

    shape: shapely.Polygon
    kind: str
    width_m: float
    riser_m: float
    entry: Corner | None
    space_row: int


@dataclass(frozen=True)
class StoreyPlan:
    """A storey's drawing."""

    key: str
    outline: shapely.Polygon
    storey_height_m: float
    clear_height_m: float
    underground: bool
    spaces: tuple[SpacePlan, ...]
    rooms: tuple[Room, ...]
    holes: tuple[Hole, ...]
    obstacles: tuple[tuple[shapely.Polygon, float], ...]
    stairs: tuple[Flights, ...] = field(default=())


def corner_of(building: Building) -> Corner:
    """The corner that a building's drawings are relative to."""
    xs, ys = zip(*building.footprint.outer, strict=True)
    return min(xs), min(ys)


def storey_plan(building: Building, storey: Storey) -> StoreyPlan:
    """The drawing of a storey, the same for all numbers it stands for."""
    corner = corner_of(building)
    parents = {s.parent for s in storey.spaces if s.parent and s.use not in OPEN_USES}
    glazed = _glazed_balconies(storey)
    shapes = [_shape(s.polygon, corner) for s in storey.spaces]
    spaces = tuple(SpacePlan(shape, s.use, s.id not in parents) for s, shape in zip(storey.spaces, shapes, strict=True))
    rooms = tuple(
        Room(shape, s.use, s.parent or s.id, open_air=s.use == "roof" or (s.use == "balcony" and s.id not in glazed))
        for s, shape in zip(storey.spaces, shapes, strict=True)
    )
    clear_m = min((s.height_m for s in storey.spaces if s.height_m), default=storey.height_m - 0.12)
    clear_m = min(clear_m, storey.height_m - 0.1)
    holes = _holes(storey, corner, storey.height_m)
    obstacles = tuple((_shape(o.polygon, corner), min(o.height_m or clear_m, clear_m)) for o in storey.obstacles)
    stairs = tuple(_flights(building, storey, corner))
    underground = storey.elevation_m + storey.height_m <= max(building.base_elevation_m, 0.0) + _UNDERGROUND_M
    outline = _shape(storey.polygon, corner)
    key = _key(
        outline.wkb_hex, storey.height_m, clear_m, underground,
        [(s.shape.wkb_hex, s.use, s.is_leaf) for s in spaces], [(r.home is None, r.open_air) for r in rooms],
        [(h.line, h.kind, h.sill_m, h.head_m, h.outside, h.fire, h.lift, h.glazed) for h in holes],
        [(o.wkb_hex, tall) for o, tall in obstacles],
        [(f.shape.wkb_hex, f.kind, f.width_m, f.riser_m, f.entry, f.space_row) for f in stairs],
    )  # fmt: skip
    return StoreyPlan(key, outline, storey.height_m, clear_m, underground, spaces, rooms, holes, obstacles, stairs)


def _key(*parts: Any) -> str:  # noqa: ANN401 - anything JSON can say
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _glazed_balconies(storey: Storey) -> set[str]:
    """Balconies closed with windows, which are rooms like others."""
    balconies = {s.id for s in storey.spaces if s.use == "balcony"}
    return {
        end for o in storey.openings if o.kind == "window" and OUTSIDE in o.connects for end in o.connects
    } & balconies  # fmt: skip


def _move(points: Sequence[Point], corner: Corner) -> list[Point]:
    # rounded, so that two towers at different places give the same numbers
    return [(round(x - corner[0], 3) + 0.0, round(y - corner[1], 3) + 0.0) for x, y in points]


def _shape(polygon: Polygon, corner: Corner) -> shapely.Polygon:
    return usable(shapely.Polygon(_move(polygon.outer, corner), [_move(h, corner) for h in polygon.holes]))


def _holes(storey: Storey, corner: Corner, height_m: float) -> tuple[Hole, ...]:
    uses = {s.id: s.use for s in storey.spaces}
    holes = []
    for o in storey.openings:
        a, b = _move(o.line, corner)
        if a == b or o.sill_m >= height_m:
            continue
        ends = [uses.get(c) for c in o.connects]
        holes.append(
            Hole((a, b), o.kind, o.sill_m, min(o.height_m, height_m - o.sill_m), OUTSIDE in o.connects,
                 o.fire_rating_s > 0, "lift_shaft" in ends, "balcony" in ends)
        )  # fmt: skip
    return tuple(holes)


def _flights(building: Building, storey: Storey, corner: Corner) -> list[Flights]:
    rows = {fill_template(s.id, storey.first): k for k, s in enumerate(storey.spaces)}
    found = []
    for stair in building.stairs:
        row = rows.get(fill_template(stair.space, storey.first))
        if row is None or not stair.first <= storey.first or not storey.last < stair.last:
            continue
        shape = _shape(storey.spaces[row].polygon, corner)
        entry = _entry(storey, storey.spaces[row].id, corner)
        found.append(Flights(shape, stair.kind, stair.width_m, stair.riser_m, entry, row + 1))
    return found


def _entry(storey: Storey, space: str, corner: Corner) -> Corner | None:
    """The middle of the door by which one comes to a stair."""
    for o in storey.openings:
        if o.kind in {"door", "passage"} and space in o.connects:
            (x0, y0), (x1, y1) = _move(o.line, corner)
            return (x0 + x1) / 2, (y0 + y1) / 2
    return None
