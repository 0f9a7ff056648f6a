"""How detectors stand in a room: what one protects, how many are needed, what parts it, how far along a corridor."""

import itertools
import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.ops import polygonize

from twin.coverage.settings import Settings

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

Senses = Literal["smoke", "heat"]
_TOUCH_M: Final = 1e-6
_ON_EDGE_M: Final = 0.05
"""A detector drawn this far outside of its room hangs at its wall."""


@dataclass(frozen=True, slots=True)
class Protection:
    """What one detector protects.

    Attributes
    ----------
    row : of the table it is from
    """

    area_m2: float
    radius_m: float
    row: str


def protection(
    values: Settings, senses: Senses, *, area_m2: float, height_m: float, slope_deg: float = 0.0
) -> Protection | None:
    """What one detector protects in a room; none where the room is too high for detectors of the kind.

    Parameters
    ----------
    area_m2 : of the floor
    height_m : clear
    slope_deg : of the ceiling

    References
    ----------
    GB 50116-2013, table 6.2.2.
    """
    for row in values.rows(f"detection.{senses}."):
        c = values.row(row)
        if "radius_m" not in c:
            continue
        fits_area = c["area_above_m2"] < area_m2 <= c["area_to_m2"]
        fits_height = c["height_above_m"] < height_m <= c["height_to_m"]
        if fits_area and fits_height and c["slope_above_deg"] < slope_deg <= c["slope_to_deg"]:
            return Protection(c["area_m2"], c["radius_m"], row)
    return None


def number_needed(area_m2: float, protected_m2: float, *, correction_ratio: float = 1.0) -> int:
    """Least number of detectors for a room by its area: N = S / (K A), rounded up.

    References
    ----------
    GB 50116-2013, 6.2.2, equation 6.2.2.

    Examples
    --------
    >>> number_needed(120, 60), number_needed(121, 60), number_needed(121, 60, correction_ratio=0.7)
    (2, 3, 3)
    """
    return max(1, math.ceil(area_m2 / (correction_ratio * protected_m2) - 1e-9))


def corridor_size_m(outline: shapely.Polygon) -> tuple[float, float]:
    """Width and length of a corridor, straight or bent: those of the strip of its area and edge.

    Exact for any corridor of one width that bends at right angles.

    Examples
    --------
    >>> corridor_size_m(shapely.box(0, 0, 20, 2))
    (2.0, 20.0)
    >>> bent = shapely.box(0, 0, 20, 2) | shapely.box(18, 0, 20, 12)
    >>> corridor_size_m(bent)
    (2.0, 30.0)
    """
    half = outline.exterior.length / 2
    root = math.sqrt(max(0.0, half**2 - 4 * outline.area))
    return round((half - root) / 2, 9), round((half + root) / 2, 9)


def parted(
    outline: shapely.Polygon, beams: ArrayLike, depths_m: ArrayLike, *, deep_m: float
) -> tuple[shapely.Polygon, ...]:
    """The parts of a room that beams deeper than some depth make of its ceiling.

    Parameters
    ----------
    beams : (n, 2, 2) axis of each, wall to wall. [m]
    depths_m : (n,) below the ceiling

    Examples
    --------
    >>> room = shapely.box(0, 0, 12, 6)
    >>> [p.area for p in parted(room, [[(4, 0), (4, 6)], [(8, 0), (8, 6)]], [0.7, 0.5], deep_m=0.6)]
    [24.0, 48.0]
    """
    axes = np.asarray(beams, dtype=np.float64).reshape(-1, 2, 2)
    deep = axes[np.asarray(depths_m, dtype=np.float64) > deep_m]
    if not len(deep):
        return (outline,)
    lines = shapely.union_all([outline.boundary, *(_lengthened(axis) for axis in deep)])
    faces = [face for face in polygonize(lines) if outline.covers(face.representative_point())]
    return tuple(sorted(faces, key=lambda face: (face.bounds, face.area)))


def _lengthened(axis: Floats) -> shapely.LineString:
    """A beam's axis, a little beyond its ends so that it surely meets the walls it rests on."""
    along = axis[1] - axis[0]
    step = along / max(float(np.hypot(*along)), _TOUCH_M) * 0.3
    return shapely.LineString([axis[0] - step, axis[1] + step])


def in_sight(
    outline: shapely.Polygon, points_m: ArrayLike, from_m: ArrayLike, *, partitions: shapely.Geometry | None = None
) -> Flags:
    """(n,) whether points of a room are straight ahead of a place in it, no wall nor partition between.

    Parameters
    ----------
    points_m : (n, 2)
    from_m : (2,); a little outside counts as at the wall
    """
    points = np.asarray(points_m, dtype=np.float64).reshape(-1, 2)
    whole = outline if partitions is None else outline - partitions
    if whole.equals(outline) and outline.convex_hull.area - outline.area < 1e-6:
        return np.ones(len(points), dtype=bool)
    place = np.asarray(from_m, dtype=np.float64)
    lines = shapely.linestrings(np.stack((np.broadcast_to(place, points.shape), points), axis=1))
    room = whole.buffer(_ON_EDGE_M, join_style="mitre")
    shapely.prepare(room)
    return np.asarray(shapely.covers(room, lines), dtype=bool)


def lengths_within_m(outline: shapely.Polygon, points_m: ArrayLike, from_m: ArrayLike) -> Floats:
    """(n,) shortest ways within a room from a place to points, around its corners.

    Parameters
    ----------
    points_m : (n, 2)
    from_m : (2,)
    """
    points, place = np.asarray(points_m, dtype=np.float64).reshape(-1, 2), np.asarray(from_m, dtype=np.float64)
    straight = np.linalg.norm(points - place, axis=1)
    length = np.where(in_sight(outline, points, place), straight, np.inf)
    corners = _inner_corners(outline)
    if not len(corners) or np.isfinite(length).all():
        return length
    reach = np.where(in_sight(outline, corners, place), np.linalg.norm(corners - place, axis=1), np.inf)
    between = np.full((len(corners), len(corners)), np.inf)
    for k, corner in enumerate(corners):
        sees = in_sight(outline, corners, corner)
        between[k, sees] = np.linalg.norm(corners[sees] - corner, axis=1)
    for _ in corners:  # as many bends as there are corners
        reach = np.minimum(reach, (reach[:, None] + between).min(axis=0))
    for corner, so_far in zip(corners, reach, strict=True):
        sees = in_sight(outline, points, corner)
        length[sees] = np.minimum(length[sees], so_far + np.linalg.norm(points[sees] - corner, axis=1))
    return length


def _inner_corners(outline: shapely.Polygon) -> Floats:
    """(k, 2) the corners that stick into a room."""
    found = []
    for k, ring in enumerate((outline.exterior, *outline.interiors)):
        points = np.asarray(ring.coords)[:-1, :2]
        is_left = ring.is_ccw == (k == 0)  # the room lies to the left of its outer ring, and to the right of a hole's
        for a, b, c in zip(np.roll(points, 1, axis=0), points, np.roll(points, -1, axis=0), strict=True):
            turn = (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
            if turn and (turn < 0) == is_left:
                found.append(b)
    return np.array(found).reshape(-1, 2)


def along_m(outline: shapely.Polygon, points_m: ArrayLike, from_m: ArrayLike) -> Floats:
    """(n,) how far points lie along a corridor from a place in it, whichever side of it they lie on.

    In a straight corridor that is measured on its axis; in a bent one from the shortest way, half the width aside.

    Examples
    --------
    >>> along_m(shapely.box(0, 0, 20, 2), [[19, 2]], [4, 0.5]).tolist()
    [15.0]
    """
    points, place = np.asarray(points_m, dtype=np.float64).reshape(-1, 2), np.asarray(from_m, dtype=np.float64)
    if outline.convex_hull.area - outline.area < 1e-6:
        corners = shapely.get_coordinates(outline.minimum_rotated_rectangle)[:3]
        edges = np.diff(corners, axis=0)
        sizes = np.linalg.norm(edges, axis=1)
        axis = edges[int(sizes.argmax())] / sizes.max()
        straight: Floats = np.abs((points - place) @ axis)
        return straight
    aside = corridor_size_m(outline)[0] / 2
    way = lengths_within_m(outline, points, place)
    return np.sqrt(np.maximum(way**2 - aside**2, 0.0))


def spacing_m(outline: shapely.Polygon, detectors_m: ArrayLike) -> tuple[float, float]:
    """Widest gap between neighbours along a corridor, and from an end to the nearest detector.

    Parameters
    ----------
    detectors_m : (d, 2)

    Examples
    --------
    >>> spacing_m(shapely.box(0, 0, 30, 2), [(6, 1), (21, 1)])
    (15.0, 9.0)
    """
    places = np.asarray(detectors_m, dtype=np.float64).reshape(-1, 2)
    if not len(places):
        return math.inf, math.inf
    apart = np.array([along_m(outline, places, place) for place in places])
    widest = max((apart[a, b] for a, b in _tree(apart)), default=0.0)
    corners = np.asarray(outline.exterior.coords)[:-1, :2]
    away = np.min([along_m(outline, corners, place) for place in places], axis=0)
    return float(widest), float(away.max(initial=0.0))


def _tree(apart: Floats) -> list[tuple[int, int]]:
    """The pairs of neighbours: the shortest connections that hold all together."""
    joined, pairs = {0}, []
    while len(joined) < len(apart):
        a, b = min(
            itertools.product(sorted(joined), sorted(set(range(len(apart))) - joined)), key=lambda pair: apart[pair]
        )
        joined.add(b)
        pairs.append((a, b))
    return pairs
