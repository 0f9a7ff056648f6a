"""The grounds between the buildings: roads, green, markings, fences, gates, trees.

Areas are cut out of each other by rank, so that no two lie in the same plane and flicker.
"""

import math
from typing import Final

import numpy as np
import shapely
import shapely.affinity
import shapely.ops
from shapely.geometry.base import BaseGeometry

from twin.index import SiteIndex
from twin.model.base import Line, Polygon
from twin.model.buildings import Building
from twin.model.grounds import GroundFeature
from viewer.documents.pipes import Pipes
from viewer.scene import palette
from viewer.scene.gltf import GlbWriter, Instances
from viewer.scene.objects import ObjectTable
from viewer.scene.palette import Colour
from viewer.scene.surfaces import Drawing

_RANK: Final[dict[str, int]] = {
    "site_boundary": 0, "green": 1, "other": 2, "plaza": 2, "path": 3, "sports": 4, "fitness": 4, "playground": 4,
    "water": 4, "road": 5, "fire_lane": 5, "ramp_mouth": 6, "parking_space": 6, "charging_area": 6,
    "bicycle_parking": 6, "bin_point": 6,
}  # fmt: skip
"""What is cut out of what: the higher rank lies where both are."""

_MARKED: Final = frozenset({"parking_space", "charging_area", "sports", "bicycle_parking"})
_RAISED_M: Final = {"green": 0.1, "plaza": 0.05, "path": 0.05, "playground": 0.06, "fitness": 0.06}
_POST_EVERY_M: Final = 3.0
_MOST_POSTS: Final = 1500
_AROUND_M: Final = 60.0


def add_grounds(index: SiteIndex, writer: GlbWriter, table: ObjectTable) -> None:
    """Add every ground feature, the land around the site, and the trees."""
    features = index.site.grounds
    rows = [table.add("ground", feature.id) for feature in features]
    ground, furniture = Drawing(), Drawing()
    ground.object_row = -1
    if index.site.buildings:
        _land(index, ground)
        _areas(features, rows, _sunken(index.site.buildings), ground)
    else:  # a network alone follows its own terrain: a flat ground would cut through it
        _backdrop(index, ground)
    fence_m = sum(_length_m(f) for f in features if f.use == "perimeter")
    every_m = max(_POST_EVERY_M, fence_m / _MOST_POSTS)
    for feature, row in zip(features, rows, strict=True):
        furniture.object_row = row
        _furnish(feature, every_m, furniture)
    writer.add("ground", ground.surface(), {"role": "ground"})
    writer.add("furniture", furniture.surface(), {"role": "furniture"})
    trees = [
        (f, row) for f, row in zip(features, rows, strict=True) if f.use == "tree" and isinstance(f.geometry, tuple)
    ]
    for kind, colour in enumerate(palette.CROWNS):
        _trees(trees[kind :: len(palette.CROWNS)], kind, colour, writer)


def shape_of(feature: GroundFeature) -> BaseGeometry:
    """The area a feature covers, empty for a bare line; a point has the size of what stands there."""
    geometry = feature.geometry
    if isinstance(geometry, Polygon):
        return shapely.Polygon(geometry.outer, geometry.holes).buffer(0)
    if isinstance(geometry, Line):
        if feature.width_m is None:
            return shapely.Polygon()
        line = shapely.LineString(geometry.points)
        return line.buffer(feature.width_m / 2, cap_style="flat", join_style="mitre")
    radius_m = 0.4 if feature.use == "manhole" else 1.2
    return shapely.Point(geometry).buffer(radius_m, quad_segs=3)


def _length_m(feature: GroundFeature) -> float:
    geometry = feature.geometry
    if isinstance(geometry, Polygon):
        return float(shapely.LinearRing(geometry.outer).length)
    return float(shapely.LineString(geometry.points).length) if isinstance(geometry, Line) else 0.0


def _sunken(buildings: tuple[Building, ...]) -> BaseGeometry:
    """Where ramps go down through the ground."""
    mouths = [
        shapely.LineString([p[:2] for p in ramp.axis.points]).buffer(ramp.width_m / 2, cap_style="flat")
        for building in buildings
        for ramp in building.ramps
        if min(p[2] for p in ramp.axis.points) < -1.0
    ]
    return shapely.union_all(mouths) if mouths else shapely.Polygon()


def _land(index: SiteIndex, drawing: Drawing) -> None:
    """A plate under everything, a little larger than the site."""
    shapes = [shape_of(f) for f in index.site.grounds] + [
        shapely.Polygon(b.footprint.outer) for b in index.site.buildings
    ]
    real = [s for s in shapes if not s.is_empty]
    if not real:
        return
    bounds = shapely.total_bounds(np.array(real, dtype=object))
    x0, y0, x1, y1 = (float(v) for v in bounds)
    plate = shapely.box(x0, y0, x1, y1).buffer(_AROUND_M, quad_segs=8)
    hole = _sunken(index.site.buildings)
    drawing.area(plate - hole, -0.06, palette.SURROUNDINGS)


def _backdrop(index: SiteIndex, drawing: Drawing) -> None:
    """A plate below the lowest thing of a site without buildings."""
    places = [(x, y, z) for node in Pipes(index).nodes.values() for x, y, z in [node.point_m]]
    places += [index.device_point(device) for device in index.site.devices]
    if not places:
        return
    points = np.array(places, dtype=np.float64)
    (x0, y0), (x1, y1) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    around_m = max(_AROUND_M, 0.06 * float(max(x1 - x0, y1 - y0)))
    drawing.area(shapely.box(x0, y0, x1, y1).buffer(around_m), float(points[:, 2].min()) - 4.0, palette.SURROUNDINGS)


def _areas(features: tuple[GroundFeature, ...], rows: list[int], hole: BaseGeometry, drawing: Drawing) -> None:
    flat = [(f, row, shape_of(f)) for f, row in zip(features, rows, strict=True) if f.use in _RANK]
    by_rank = {rank: [s for f, _, s in flat if _RANK[f.use] == rank] for rank in set(_RANK.values())}
    above: BaseGeometry = hole
    covers = {}
    for rank in sorted(by_rank, reverse=True):
        covers[rank] = above
        if rank > 0 and by_rank[rank]:
            above = shapely.union_all([above, *by_rank[rank]])
    for cover in covers.values():
        shapely.prepare(cover)
    for feature, row, shape in flat:
        drawing.object_row = row
        cover = covers[_RANK[feature.use]]
        seen = shape - cover if shape.intersects(cover) else shape
        base_m = feature.elevation_m
        colour = palette.GROUNDS[feature.use]
        raised_m = _RAISED_M.get(feature.use, 0.0)
        if raised_m:
            drawing.prism(seen, base_m - 0.05, base_m + raised_m, palette.KERB, colour)
        elif feature.use == "water":
            drawing.area(seen, base_m - 0.03, colour)
        else:
            drawing.area(seen, base_m - (0.03 if feature.use == "site_boundary" else 0.0), colour)
        if feature.use in _MARKED:
            edge = shape.boundary.buffer(0.06, cap_style="flat", join_style="mitre") & seen
            drawing.area(edge, base_m + 0.02, palette.MARKING)
    for feature, row in zip(features, rows, strict=True):
        drawing.object_row = row
        _marks(feature, drawing)


def _marks(feature: GroundFeature, drawing: Drawing) -> None:
    """What is painted on the ground."""
    z_m = feature.elevation_m + 0.14
    shape = shape_of(feature)
    if feature.use == "fire_lane":
        edge = shape.boundary.buffer(0.12, cap_style="flat") & shape
        drawing.area(edge, z_m, palette.FIRE_MARK)
    elif feature.use == "fire_operation_area":
        drawing.area((shape.boundary.buffer(0.14) & shape) | _hatch(shape), z_m + 0.01, palette.FIRE_AREA_MARK)
    elif feature.use == "assembly_point":
        ring = shape - shape.buffer(-0.25)
        drawing.area(ring, z_m, palette.SIGN)
    elif feature.use == "road" and isinstance(feature.geometry, Line):
        middle = shapely.LineString(feature.geometry.points)
        for start_m in np.arange(2.0, middle.length - 3.0, 7.0):
            dash = shapely.ops.substring(middle, start_m, start_m + 3.0)
            drawing.area(dash.buffer(0.07, cap_style="flat"), feature.elevation_m + 0.02, palette.MARKING)
    elif feature.use in {"manhole", "pipe_trench"}:
        drawing.area(shape, z_m - 0.02, palette.GROUNDS[feature.use])


def _hatch(shape: BaseGeometry) -> BaseGeometry:
    """Slanting stripes over a shape."""
    if shape.is_empty:
        return shape
    x0, y0, x1, y1 = shape.bounds
    tall_m = y1 - y0
    stripes = [
        shapely.LineString(((x, y0), (x + tall_m, y1))).buffer(0.08, cap_style="flat")
        for x in np.arange(x0 - tall_m, x1, 2.5)
    ]
    return shapely.union_all(stripes) & shape


def _furnish(feature: GroundFeature, every_m: float, drawing: Drawing) -> None:
    """What stands on the ground."""
    geometry = feature.geometry
    base_m = feature.elevation_m
    if feature.use == "perimeter":
        points = (*geometry.outer, geometry.outer[0]) if isinstance(geometry, Polygon) else ()
        points = geometry.points if isinstance(geometry, Line) else points
        if points:
            _fence(shapely.LineString(points), base_m, feature.height_m or 2.2, every_m, drawing)
    elif feature.use in {"gate", "vehicle_gate"}:
        _gate(feature, base_m, drawing)
    elif feature.use == "assembly_point":
        middle = shape_of(feature).representative_point()
        drawing.prism(middle.buffer(0.06, quad_segs=1), base_m, base_m + 3.0, palette.FENCE, palette.FENCE)
        board = shapely.box(middle.x - 0.6, middle.y - 0.04, middle.x + 0.6, middle.y + 0.04)
        drawing.prism(board, base_m + 2.1, base_m + 3.1, palette.SIGN, palette.SIGN)
    elif feature.use == "bin_point":
        middle = shape_of(feature).representative_point()
        for k, tint in enumerate(("#4f8a5b", "#3f74b5", "#b0483e", "#6d6f73")):
            x = middle.x + (k - 1.5) * 0.75
            can = shapely.box(x - 0.3, middle.y - 0.3, x + 0.3, middle.y + 0.3)
            drawing.prism(can, base_m, base_m + 1.05, palette.colour(tint), palette.EDGE)


def _fence(line: shapely.LineString, base_m: float, height_m: float, every_m: float, drawing: Drawing) -> None:
    """Posts and two rails."""
    posts = max(1, math.ceil(line.length / every_m))
    for k in range(posts + 1):
        point = line.interpolate(line.length * k / posts)
        post = shapely.box(point.x - 0.05, point.y - 0.05, point.x + 0.05, point.y + 0.05)
        drawing.prism(post, base_m, base_m + height_m, palette.FENCE, palette.FENCE)
    for at_ratio in (0.12, 0.92):
        rail = line.buffer(0.03, cap_style="flat", join_style="mitre")
        z_m = base_m + height_m * at_ratio
        drawing.prism(rail, z_m - 0.04, z_m, palette.FENCE, palette.FENCE)


def _gate(feature: GroundFeature, base_m: float, drawing: Drawing) -> None:
    """Two posts, and the boom of a vehicle gate."""
    geometry = feature.geometry
    if isinstance(geometry, Line):
        (x0, y0), (x1, y1) = geometry.points[0], geometry.points[-1]
    else:
        middle = shape_of(feature).representative_point()
        half_m = (feature.width_m or 3.0) / 2
        (x0, y0), (x1, y1) = (middle.x - half_m, middle.y), (middle.x + half_m, middle.y)
    for x, y in ((x0, y0), (x1, y1)):
        post = shapely.box(x - 0.25, y - 0.25, x + 0.25, y + 0.25)
        drawing.prism(post, base_m, base_m + (feature.height_m or 2.4), palette.PLINTH, palette.ROOF)
    if feature.use == "vehicle_gate":
        boom = shapely.LineString(((x0, y0), (x1, y1))).buffer(0.06, cap_style="flat")
        drawing.prism(boom, base_m + 0.95, base_m + 1.08, palette.FIRE_AREA_MARK, palette.MARKING)


def _trees(trees: list[tuple[GroundFeature, int]], kind: int, crown: Colour, writer: GlbWriter) -> None:
    """A kind of tree, drawn one metre high and instanced."""
    if not trees:
        return
    drawing = Drawing()
    trunk = shapely.Point(0, 0).buffer(0.022, quad_segs=1)
    drawing.sides(trunk, 0.0, 0.42, palette.TRUNK)
    _crown(drawing, crown, sides=6 if kind == 0 else 5)
    places, sizes, turns = [], [], []
    for feature, row in trees:
        x, y = feature.geometry if isinstance(feature.geometry, tuple) else (0.0, 0.0)
        tall_m = feature.height_m or 6.0
        places.append((x, y, feature.elevation_m))
        girth_ratio = 0.85 + 0.3 * ((row * 7919) % 97) / 97  # no two the same, and the same each time
        sizes.append((tall_m * girth_ratio, tall_m * girth_ratio, tall_m))
        half_rad = ((row * 104729) % 360) * math.pi / 360
        turns.append((0.0, 0.0, math.sin(half_rad), math.cos(half_rad)))
    rows = np.array([row for _, row in trees], dtype=np.float32)
    instances = Instances(np.array(places, np.float32), rows, np.array(turns, np.float32), np.array(sizes, np.float32))
    writer.add(f"tree-{kind}", drawing.surface(), {"role": "tree"}, instances)


def _crown(drawing: Drawing, colour: Colour, *, sides: int) -> None:
    """A faceted crown: three rings of corners between two poles."""
    heights_m, radii_m = (0.28, 0.46, 0.72, 0.92), (0.14, 0.33, 0.29, 0.12)
    angles = np.arange(sides) * math.tau / sides
    for k in range(3):
        twist = k * math.pi / sides
        for a, b in zip(angles, np.roll(angles, -1), strict=True):
            low = [(radii_m[k] * math.cos(t + twist), radii_m[k] * math.sin(t + twist), heights_m[k]) for t in (a, b)]
            up = [
                (radii_m[k + 1] * math.cos(t + twist), radii_m[k + 1] * math.sin(t + twist), heights_m[k + 1])
                for t in (a, b)
            ]
            drawing.quad((low[0], low[1], up[1], up[0]), colour)
    lid = shapely.Polygon([(radii_m[3] * math.cos(t + math.tau / sides), radii_m[3] * math.sin(t + math.tau / sides))
                           for t in angles])  # fmt: skip
    drawing.area(lid, heights_m[3], colour)
    base = shapely.Polygon([(radii_m[0] * math.cos(t), radii_m[0] * math.sin(t)) for t in angles])
    drawing.area(base, heights_m[0], colour, faces_down=True)
