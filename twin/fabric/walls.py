"""The walls of a storey, found from its spaces: they stand where a space ends.

Neighbouring spaces share the axis of their wall as an edge. All edges are cut where they meet, and each piece is
judged by what lies on its two sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

EXTERIOR_M: Final = 0.24
PARTY_M: Final = 0.20
INTERIOR_M: Final = 0.12
_GRID_M: Final = 0.001
_BESIDE_M: Final = 0.05
_BEHIND_M: Final = 0.45
"""Models made from real walls leave their thickness free between two spaces; nobody lives in a gap this narrow."""

OPEN_USES: Final = frozenset({"parking_space", "driveway", "ramp"})
"""Spaces that are marked on a floor, not walled."""

XY = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Room:
    """A space as the walls see it."""

    shape: shapely.Polygon
    use: str
    home: str | None
    """What it is part of: walls between two homes are thicker."""
    open_air: bool = False
    """A balcony or roof: it has a railing or parapet where it meets the open."""


@dataclass(frozen=True, slots=True)
class Hole:
    """An opening as the walls see it."""

    line: tuple[XY, XY]
    kind: str
    sill_m: float
    head_m: float
    outside: bool
    fire: bool
    lift: bool = False
    glazed: bool = False
    """A door of glass, to a balcony."""

    def cut(self, depth_m: float) -> shapely.Polygon:
        """The area it takes of a wall up to `depth_m` thick on each side."""
        return shapely.LineString(self.line).buffer(depth_m, cap_style="flat")


@dataclass(frozen=True, slots=True)
class WallPlan:
    """Walls in plan.

    Attributes
    ----------
    walls : area of all walls
    railings, parapets : lines where balconies and roofs meet the open
    enclosed : area under a ceiling, walls' outer half included
    open_air : area of balconies and roofs
    """

    walls: BaseGeometry
    railings: BaseGeometry
    parapets: BaseGeometry
    enclosed: BaseGeometry
    open_air: BaseGeometry


def plan(rooms: Sequence[Room]) -> WallPlan:
    """The walls between and around rooms.

    Examples
    --------
    >>> left = Room(shapely.box(0, 0, 4, 3), "bedroom", None)
    >>> right = Room(shapely.box(4, 0, 8, 3), "bedroom", None)
    >>> round(float(plan([left, right]).walls.area), 2)
    5.59
    """
    walled = [r for r in rooms if r.use not in OPEN_USES]
    nothing = shapely.MultiPolygon()
    shapes = shapely.set_precision(np.array([r.shape for r in walled], dtype=object), _GRID_M)
    there = ~shapely.is_empty(shapes)  # a sliver is none any more
    walled, shapes = [r for r, is_there in zip(walled, there, strict=True) if is_there], shapes[there]
    if not walled:
        return WallPlan(nothing, shapely.MultiLineString(), shapely.MultiLineString(), nothing, nothing)
    closed = shapely.union_all([s for s, r in zip(shapes, walled, strict=True) if not r.open_air])
    under_sky = shapely.union_all([s for s, r in zip(shapes, walled, strict=True) if r.open_air])
    pieces = _pieces(shapes)
    kinds = _judge(pieces, shapes, walled)
    lines = np.array([shapely.LineString(p) for p in pieces], dtype=object)
    walls = [
        shapely.union_all(
            shapely.buffer(shapely.line_merge(shapely.union_all(lines[kinds == kind])), thickness_m / 2,
                           cap_style="square", join_style="mitre")
        )
        for kind, thickness_m in (("exterior", EXTERIOR_M), ("party", PARTY_M), ("interior", INTERIOR_M))
        if np.any(kinds == kind)
    ]  # fmt: skip
    return WallPlan(
        walls=shapely.union_all(walls) if walls else nothing,
        railings=shapely.line_merge(shapely.union_all(lines[kinds == "railing"])),
        parapets=shapely.line_merge(shapely.union_all(lines[kinds == "parapet"])),
        enclosed=closed.buffer(EXTERIOR_M / 2, join_style="mitre"),
        open_air=under_sky,
    )


def _pieces(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """(n, 2, 2) the edges of all shapes, cut where they meet, each once."""
    noded = shapely.union_all(shapely.boundary(shapes))
    parts = [np.asarray(part.coords)[:, :2] for part in shapely.get_parts(noded)]
    pieces = [np.stack((p[:-1], p[1:]), axis=1) for p in parts if len(p) > 1]
    found = np.concatenate(pieces) if pieces else np.zeros((0, 2, 2))
    real: NDArray[np.bool_] = np.linalg.norm(found[:, 1] - found[:, 0], axis=1) > 2 * _GRID_M
    return np.asarray(found[real], dtype=np.float64)


def _judge(pieces: NDArray[np.float64], shapes: NDArray[np.object_], rooms: Sequence[Room]) -> NDArray[np.str_]:
    """(n,) what each piece is, by the rooms on its two sides."""
    along = pieces[:, 1] - pieces[:, 0]
    normal = np.column_stack((-along[:, 1], along[:, 0])) / np.linalg.norm(along, axis=1, keepdims=True)
    middle = pieces.mean(axis=1)
    tree = shapely.STRtree(shapes)
    sides = [_room_at(tree, shapes, middle + sign * normal * _BESIDE_M) for sign in (1, -1)]
    for side, sign in zip(sides, (1, -1), strict=True):
        gap = side < 0
        side[gap] = _room_at(tree, shapes, middle[gap] + sign * normal[gap] * _BEHIND_M)
    return np.array([_kind(rooms, int(a), int(b)) for a, b in zip(*sides, strict=True)], dtype=np.str_)


def _room_at(tree: shapely.STRtree, shapes: NDArray[np.object_], points: NDArray[np.float64]) -> NDArray[np.int64]:
    """(n,) the smallest room at each point, -1 in the open: a flat's room rather than the flat."""
    found = np.full(len(points), -1, dtype=np.int64)
    if len(points) == 0:
        return found
    at, room = tree.query(shapely.points(points), predicate="intersects")
    order = np.argsort(-shapely.area(shapes[room]), kind="stable")
    found[at[order]] = room[order]
    return found


def _kind(rooms: Sequence[Room], a: int, b: int) -> str:
    if a == b:
        return "none"
    if a < 0 or b < 0:
        room = rooms[max(a, b)]
        if not room.open_air:
            return "exterior"
        return "railing" if room.use == "balcony" else "parapet"
    one, other = rooms[a], rooms[b]
    if one.open_air and other.open_air:
        return "none" if one.use == other.use == "roof" else "interior"
    if one.open_air or other.open_air:
        return "exterior"
    return "party" if one.home != other.home else "interior"
