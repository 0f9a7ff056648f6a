"""Rings in the plane: area, orientation, and why one is not usable.

A ring is (n, 2) points, not closed; an outer ring runs counter-clockwise.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

Point = tuple[float, float]


def signed_area_m2(ring_m: ArrayLike) -> float:
    """The area within a ring: positive if it runs counter-clockwise. [m2]

    Parameters
    ----------
    ring_m : (n, 2), not closed. [m]

    Examples
    --------
    >>> signed_area_m2([(0, 0), (2, 0), (2, 3), (0, 3)])
    6.0
    """
    points = np.asarray(ring_m, dtype=np.float64).reshape(-1, 2)
    points = points - points[0]  # far from the origin the products would swallow the millimetres
    x, y = points[:, 0], points[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def is_counter_clockwise(ring_m: ArrayLike) -> bool:
    """Whether a ring runs counter-clockwise, as an outer ring does."""
    return signed_area_m2(ring_m) > 0


def oriented(ring_m: Sequence[Point], *, counter_clockwise: bool = True) -> tuple[Point, ...]:
    """The ring running the way wanted.

    Examples
    --------
    >>> oriented([(0, 0), (0, 1), (1, 1)])
    ((1, 1), (0, 1), (0, 0))
    """
    same = is_counter_clockwise(ring_m) == counter_clockwise
    return tuple(ring_m) if same else tuple(reversed(ring_m))


def fault(polygon: shapely.Polygon) -> tuple[str, Point] | None:
    """Why a polygon cannot be used, in words, and where; none if it can.

    Examples
    --------
    >>> fault(shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]))
    ('its outline crosses itself', (1.0, 1.0))
    """
    if polygon.is_valid:
        corner = polygon.exterior.coords[0][:2] if not polygon.is_empty else (0.0, 0.0)
        return ("it has no area", (corner[0], corner[1])) if polygon.area <= 0 else None
    reason = shapely.is_valid_reason(polygon)
    words, _, rest = reason.partition("[")
    numbers = rest.rstrip("]").split()
    where = (float(numbers[0]), float(numbers[1])) if len(numbers) >= 2 else (0.0, 0.0)
    return _REASONS.get(words.strip(), words.strip().lower()), where


def usable(polygon: shapely.Polygon) -> shapely.Polygon:
    """The polygon, or what can be reckoned with in its place where `fault` finds one.

    Of an outline that crosses itself that is the largest of its parts; one without area is a strip of a millimetre.

    Examples
    --------
    >>> usable(shapely.Polygon([(0, 0), (3, 3), (3, 0), (0, 1)])).area  # the smaller part has 0.375 m2
    3.375
    """
    if polygon.is_valid and polygon.area > 0:
        return polygon
    made = shapely.make_valid(polygon)
    parts = shapely.get_parts(made)
    areas = [part for whole in parts for part in shapely.get_parts(whole) if isinstance(part, shapely.Polygon)]
    largest = max(areas, key=shapely.area, default=None)
    if largest is not None and largest.area > 0:
        return largest
    strip = made.buffer(_HALF_STRIP_M, quad_segs=1)
    return strip if isinstance(strip, shapely.Polygon) else strip.envelope


_HALF_STRIP_M = 0.0005
_REASONS = {
    "Self-intersection": "its outline crosses itself",
    "Ring Self-intersection": "its outline touches itself",
    "Hole lies outside shell": "a hole lies outside of it",
    "Holes are nested": "a hole lies in another",
    "Interior is disconnected": "its holes cut it in two",
    "Duplicate Rings": "it has the same ring twice",
    "Too few points in geometry component": "it has fewer than three different points",
}


def shared_area_m2(a: NDArray[np.object_], b: NDArray[np.object_]) -> NDArray[np.float64]:
    """(n,) the area that each pair of polygons has in common. [m2]

    Parameters
    ----------
    a, b : (n,), valid polygons
    """
    return np.asarray(shapely.area(shapely.intersection(a, b)), dtype=np.float64)


Shapes = ArrayLike | shapely.Geometry | None
"""One geometry or an array of them."""


def distance_m(a: Shapes, b: Shapes) -> NDArray[np.float64]:
    """The distances between geometries, nan where one is none. [m]

    Parameters
    ----------
    a, b : geometries, broadcast against each other

    Examples
    --------
    >>> distance_m([shapely.Point(0, 0), None], shapely.Point(3, 4)).tolist()
    [5.0, nan]
    """
    # GEOS leaves the processor's flags for division by zero set on slim triangles; the distances are right
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        found = shapely.distance(np.asarray(a, dtype=object), np.asarray(b, dtype=object))
    return np.asarray(found, dtype=np.float64)
