"""Floors made up for measuring ways on, and the exact shortest ways over them, by other means than the product's.

The reference is the textbook's visibility graph, in double precision and without any margin: every pair of corners that
jut into the floor is asked of shapely whether the floor covers the line between them.

References
----------
de Berg et al., Computational Geometry, 3rd edition (2008), chapter 15: shortest paths and visibility graphs.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geometry.meshes import polygons_of
from twin.fabric.plans import corner_of, storey_plan
from twin.fabric.walkways import doors_of, storey_area
from twin.index import SiteIndex, build
from twin.model.base import Polygon, Text
from twin.model.buildings import Building, Obstacle, Opening, Space, Storey
from twin.model.site import Origin, Site

Floats = NDArray[np.float64]
COLUMNS: Final = 40
"""Of an obstacle-heavy hall."""
_MITRE: Final = 5.0
_ROUNDING_M: Final = 1e-7
STOREY: Final = "h/f1"
_ORIGIN: Final = Origin(lon_deg=121.4, lat_deg=31.2)


def rooms(rng: np.random.Generator, *, across: int = 6, deep: int = 4) -> SiteIndex:
    """A storey of many rooms, each with doors into most of its neighbours, wherever they happen to be."""
    xs = np.concatenate(([0.0], np.cumsum(rng.uniform(3, 9, across)))).round(3).tolist()
    ys = np.concatenate(([0.0], np.cumsum(rng.uniform(3, 9, deep)))).round(3).tolist()
    spaces, doors = [], []
    for i in range(across):
        for j in range(deep):
            spaces.append(_space(f"r{i}-{j}", (xs[i], ys[j], xs[i + 1], ys[j + 1])))
            if i < across - 1 and rng.random() < 0.85:
                doors.append(_door(rng, (xs[i + 1], ys[j]), (xs[i + 1], ys[j + 1]), (f"r{i}-{j}", f"r{i + 1}-{j}")))
            if j < deep - 1 and rng.random() < 0.85:
                doors.append(_door(rng, (xs[i], ys[j + 1]), (xs[i + 1], ys[j + 1]), (f"r{i}-{j}", f"r{i}-{j + 1}")))
    return one_storey(spaces, doors)


def halls(rng: np.random.Generator, *, across: int = 1) -> SiteIndex:
    """Halls in a row, 40 columns and counters in each, with two doors between neighbours."""
    width_m, depth_m = 30.0, 20.0
    spaces, doors, obstacles = [], [], []
    for i in range(across):
        x0, x1 = i * width_m, (i + 1) * width_m
        spaces.append(_space(f"r{i}-0", (x0, 0.0, x1, depth_m)))
        if i < across - 1:
            for low, high in ((0.0, depth_m / 2), (depth_m / 2, depth_m)):
                doors.append(_door(rng, (x1, low), (x1, high), (f"r{i}-0", f"r{i + 1}-0")))
        for _ in range(COLUMNS):
            x, y = rng.uniform((x0 + 1.5, 1.5), (x1 - 1.5, depth_m - 1.5))
            length, breadth = rng.uniform(0.3, 3.0), rng.uniform(0.3, 1.0)
            obstacles.append(_turned(rng.uniform(0, np.pi), (x, y), (length, breadth)))
    return one_storey(spaces, doors, obstacles)


def free_floor(index: SiteIndex, clearance_m: float) -> BaseGeometry:
    """Where the middle of somebody so wide may be on the storey, in the site's coordinates."""
    storey = index.storeys[STOREY]
    plan = storey_plan(storey.building, storey.template)
    area = storey_area(storey, plan, doors_of(index, ()))
    moved = shapely.transform(area, _moved(np.array(corner_of(storey.building))))
    return shapely.buffer(moved, -clearance_m, join_style="mitre", mitre_limit=_MITRE)


def spots_on(floor: BaseGeometry, count: int, rng: np.random.Generator) -> Floats:
    """(count, 2) points on a floor, anywhere alike."""
    x0, y0, x1, y1 = floor.bounds
    found = np.empty((0, 2))
    shapely.prepare(floor)
    while len(found) < count:
        points = rng.uniform((x0, y0), (x1, y1), (4 * count, 2))
        found = np.vstack((found, points[shapely.contains_xy(floor, *points.T)]))
    return found[:count]


def exact_lengths_m(floor: BaseGeometry, points_m: Floats) -> Floats:
    """(n, n) shortest ways over a floor, infinite where there is none."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - a quarter of a second, only for who measures ways
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

    nodes = np.vstack((*(_jutting(polygon) for polygon in polygons_of(floor)), points_m))
    one, other = np.triu_indices(len(nodes), k=1)
    covering = shapely.buffer(floor, _ROUNDING_M)
    shapely.prepare(covering)
    seen = shapely.covers(covering, shapely.linestrings(np.stack((nodes[one], nodes[other]), axis=1)))
    one, other = one[seen], other[seen]
    lengths = np.maximum(np.hypot(*(nodes[one] - nodes[other]).T), 1e-12)
    graph: Any = csr_array((lengths, (one, other)), shape=(len(nodes), len(nodes)))
    first = len(nodes) - len(points_m)
    found: Floats = dijkstra(graph, directed=False, indices=np.arange(first, len(nodes)))[:, first:]
    return found


def _jutting(polygon: shapely.Polygon) -> Floats:
    """(c, 2) corners that jut into a floor; holes run the other way round."""
    whole = shapely.orient_polygons(shapely.simplify(polygon, 0.0))
    found = []
    for ring in (whole.exterior, *whole.interiors):
        line = shapely.get_coordinates(ring)[:-1]
        into, out = line - np.roll(line, 1, axis=0), np.roll(line, -1, axis=0) - line
        found.append(line[into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0] < 0])
    return np.vstack(found)


def _moved(by_m: Floats) -> Any:  # noqa: ANN401 - what shapely calls
    def move(points: Floats) -> Floats:
        return points + by_m

    return move


def _box(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return Polygon(outer=((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def _space(name: str, corners: tuple[float, float, float, float]) -> Space:
    return Space(id=f"{STOREY}/{name}", use="office", polygon=_box(*corners))


def _door(
    rng: np.random.Generator, low: tuple[float, float], high: tuple[float, float], sides: tuple[str, str]
) -> Opening:
    """A door of some width somewhere in a wall."""
    start, end = np.array(low), np.array(high)
    length_m = float(np.hypot(*(end - start)))
    width_m = min(float(rng.choice([0.9, 1.0, 1.2, 1.8, 3.0])), length_m - 1.2)
    at_m = rng.uniform(0.6, length_m - width_m - 0.6 + 1e-9)
    along = (end - start) / length_m
    line = [tuple((start + along * d).round(4).tolist()) for d in (at_m, at_m + width_m)]
    name = "--".join(side.replace("r", "d", 1) for side in sides)
    return Opening.model_validate({
        "id": f"{STOREY}/{name}-{low[1]:g}", "kind": "door", "line": line,
        "connects": tuple(f"{STOREY}/{side}" for side in sides),
    })  # fmt: skip


def _turned(angle_rad: float, at_m: tuple[float, float], size_m: tuple[float, float]) -> Polygon:
    """A box that stands at any angle."""
    half = np.array(size_m) / 2
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    points = corners @ np.array([[cos, sin], [-sin, cos]]) + np.array(at_m)
    return Polygon(outer=tuple((float(x), float(y)) for x, y in points))


def one_storey(spaces: Sequence[Space], doors: Sequence[Opening], obstacles: Sequence[Polygon] = ()) -> SiteIndex:
    """A site of one storey."""
    xs, ys = zip(*(point for space in spaces for point in space.polygon.outer), strict=True)
    outline = _box(min(xs), min(ys), max(xs), max(ys))
    storey = Storey(
        id=STOREY, first=1, last=1, elevation_m=0.0, height_m=3.0, polygon=outline, spaces=tuple(spaces),
        openings=tuple(doors),
        obstacles=tuple(Obstacle(id=f"{STOREY}/o{k}", polygon=shape) for k, shape in enumerate(obstacles)),
    )  # fmt: skip
    house = Building(id="h", use="other", footprint=outline, height_m=3.0, storeys=(storey,))
    return build(Site(id="s", name=Text(en="S"), origin=_ORIGIN, buildings=(house,)))
