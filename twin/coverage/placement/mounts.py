"""Where a camera could hang to see a place: walls, corners and ceilings of its rooms, fronts and poles in the open."""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
import shapely
import yaml
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from twin.coverage.places import Place
from twin.coverage.prepared import Prepared
from twin.fabric.occluders import solid_around
from twin.fabric.walls import OPEN_USES
from twin.index import PlacedSpace, PlacedStorey, SiteIndex, to_shapely
from twin.model.base import Line, Polygon
from twin.model.grounds import GroundFeature

MountKind = Literal["wall", "corner", "ceiling", "front", "pole", "post"]
"""In a room: on a wall, in a corner, under the ceiling; in the open: on a front, on a new pole, on one that stands."""

Floats = NDArray[np.float64]
Rules = Mapping[str, float]

_SPREAD_DEG: Final = 75.0
_STRAIGHT_DEG: Final = 20.0
_LEAST_M: Final = 0.3
_FREE_M: Final = 0.4
"""So far before a camera nothing may stand."""
_NOT_BUILT: Final = frozenset({"garage"})
_WAYS: Final = frozenset({"road", "fire_lane", "fire_operation_area", "parking_space", "water", "ramp_mouth"})
"""Where no pole can stand."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A place for a camera.

    Attributes
    ----------
    facing_deg : away from the wall; none where it can look all around
    spread_deg : how far to either side it can look
    space : it hangs in; none in the open
    """

    position_m: tuple[float, float, float]
    kind: MountKind
    facing_deg: float | None = None
    spread_deg: float = 180.0
    space: str | None = None


@cache
def mount_rules() -> Rules:
    """Heights, offsets and spacings of mounts by name; pass others where a site has other habits."""
    text = files("twin.coverage").joinpath("values/mounts.yaml").read_text(encoding="utf-8")
    return MappingProxyType({row["id"]: float(row["value"]) for row in yaml.safe_load(text)["mounts"]})


def mounts(
    prepared: Prepared, places: Iterable[tuple[Place, float]], *, rules: Rules | None = None
) -> tuple[Mount, ...]:  # fmt: skip
    """Where cameras for some places could hang; each spot once, those with something right before them left out.

    Parameters
    ----------
    places : each with how far from it a camera is still of use [m]
    """
    habits = mount_rules() if rules is None else rules
    index = prepared.index
    found: dict[tuple[int, ...], Mount] = {}
    outdoors = [(place, reach_m) for place, reach_m in places if place.storey is None]
    rooms = [(place, reach_m) for place, reach_m in places if place.storey is not None]
    on_storey = _spaces_by_storey(index)
    for place, reach_m in rooms:
        storey = index.storeys[place.storey or ""]
        taken = prepared.occluders.taken.get(storey.id)
        for mount in _indoors(place, storey, on_storey.get(storey.id, []), taken, habits):
            if _is_near(mount, place, reach_m):
                found.setdefault(_key(mount), mount)
    if outdoors:
        built = shapely.union_all([to_shapely(b.footprint) for b in index.site.buildings if b.use not in _NOT_BUILT])
        for mount in _outdoors(outdoors, index, built, habits):
            found.setdefault(_key(mount), mount)
    return _free(tuple(found.values()), prepared)


def _key(mount: Mount) -> tuple[int, ...]:
    return tuple(round(2 * value) for value in mount.position_m)


def _is_near(mount: Mount, place: Place, reach_m: float) -> bool:
    return bool(shapely.distance(shapely.Point(mount.position_m[:2]), place.area) <= reach_m)


def _free(found: Sequence[Mount], prepared: Prepared) -> tuple[Mount, ...]:
    """Mounts that nothing stands right before, nor around."""
    if not found:
        return ()
    origins, ways, of = [], [], []
    for k, mount in enumerate(found):
        for bearing_deg in (mount.facing_deg,) if mount.facing_deg is not None else (0.0, 90.0, 180.0, 270.0):
            turn = math.radians(bearing_deg)
            origins.append(mount.position_m)
            ways.append((math.sin(turn), math.cos(turn), 0.0))
            of.append(k)
    away_m, _, _ = prepared.scene.first_hits(np.array(origins), np.array(ways))
    shut = {of[k] for k in np.flatnonzero(away_m < _FREE_M)}
    return tuple(
        mount for k, mount in enumerate(found)
        if k not in shut and solid_around(prepared.occluders, prepared.index, mount.position_m) is None
    )  # fmt: skip


def _spaces_by_storey(index: SiteIndex) -> dict[str, list[PlacedSpace]]:
    parents = {space.parent for space in index.spaces.values() if space.template.use not in OPEN_USES}
    found: dict[str, list[PlacedSpace]] = {}
    for space in index.spaces.values():
        if space.id not in parents:
            found.setdefault(space.storey.id, []).append(space)
    return found


def _indoors(
    place: Place, storey: PlacedStorey, spaces: Sequence[PlacedSpace], taken: BaseGeometry | None, rules: Rules
) -> Iterator[Mount]:
    """On walls, in corners and under ceilings of the rooms a place lies in."""
    for walled, space in _rooms(place, storey, spaces):
        area = walled - taken if taken is not None else walled
        clear_m = space.height_m if space is not None else storey.template.height_m
        is_open = space is not None and space.template.use == "roof"
        most_m = math.inf if is_open else clear_m - rules["under_ceiling_m"]
        wall_z_m = round(storey.elevation_m + min(rules["wall_height_m"], most_m), 3)
        inner = area.buffer(-rules["wall_offset_m"], join_style="mitre")
        name = space.id if space is not None else None
        for ring in _rings(inner):
            yield from _along(ring, wall_z_m, rules["wall_spacing_m"], "wall", name)
        if not is_open:
            z_m = round(storey.elevation_m + min(rules["ceiling_height_m"], most_m), 3)
            for x, y in _grid(inner, rules["ceiling_spacing_m"]):
                yield Mount((round(x, 3), round(y, 3), z_m), "ceiling", space=name)


def _rooms(
    place: Place, storey: PlacedStorey, spaces: Sequence[PlacedSpace]
) -> Iterator[tuple[BaseGeometry, PlacedSpace | None]]:
    """The rooms a place lies in, with the walls that really stand: lanes and bays of a garage are one room."""
    shapes = [(to_shapely(space.template.polygon), space) for space in spaces]
    touched = [(shape, space) for shape, space in shapes if (shape & place.area).area > 1e-6]
    if not touched:
        yield place.area & to_shapely(storey.template.polygon), None
        return
    marked = [space for _, space in touched if space.template.use in OPEN_USES]
    if marked:
        hall = shapely.union_all([shape for shape, space in shapes if space.template.use in OPEN_USES])
        for part in shapely.get_parts(hall.buffer(0.05).buffer(-0.05)):
            if (part & place.area).area > 1e-6:
                yield part, marked[0]
    for shape, space in touched:
        if space.template.use not in OPEN_USES:
            yield shape, space


def _outdoors(
    places: Sequence[tuple[Place, float]], index: SiteIndex, built: BaseGeometry, rules: Rules
) -> Iterator[Mount]:
    """On fronts of buildings, on poles that stand, and on new ones beside the places and before faces."""
    fronts = built.buffer(rules["front_offset_m"], join_style="mitre")
    ways = shapely.union_all([_area(f) for f in index.site.grounds if f.use in _WAYS])
    kept_free = shapely.union_all([built.buffer(rules["pole_aside_m"]), ways])
    posts = list(_posts(index))
    for place, reach_m in places:
        floor_m = place.elevation_m
        near = place.area.buffer(reach_m)
        for ring in _rings(fronts):
            line = shapely.LineString([*ring, ring[0]])
            if line.intersects(near):
                for mount in _along(ring[::-1], floor_m + rules["front_height_m"], rules["front_spacing_m"], "front"):
                    if _is_near(mount, place, reach_m):
                        yield mount
        z_m = floor_m + rules["pole_height_m"]
        for x, y in posts:
            if shapely.distance(shapely.Point(x, y), place.area) <= reach_m:
                yield Mount((x, y, z_m), "post")
        for x, y in _pole_spots(place, rules):
            if not kept_free.contains(shapely.Point(x, y)):
                yield Mount((x, y, z_m), "pole")


def _pole_spots(place: Place, rules: Rules) -> Iterator[tuple[float, float]]:
    """Beside a place all around; where faces are asked for, before them too."""
    beside = place.area.buffer(rules["pole_aside_m"], join_style="mitre")
    for ring in _rings(beside):
        for mount in _along(ring, 0.0, rules["pole_spacing_m"], "pole"):
            yield mount.position_m[:2]
    if place.facing_deg is not None:
        middle = place.area.centroid
        for turn_deg, far in itertools.product((-35, -15, 0, 15, 35), (1.0, 1.6, 2.4)):
            turn = math.radians(place.facing_deg + turn_deg)
            ahead_m = far * rules["face_distance_m"]
            yield middle.x + ahead_m * math.sin(turn), middle.y + ahead_m * math.cos(turn)


def _posts(index: SiteIndex) -> Iterator[tuple[float, float]]:
    """Lamp posts in the open, that a camera can be put on."""
    for device in index.site.devices:
        if device.space is None and index.kinds[device.kind].reaches == "light":
            x, y, _ = index.device_point(device)
            yield x, y


def _area(feature: GroundFeature) -> BaseGeometry:
    if isinstance(feature.geometry, Polygon):
        return to_shapely(feature.geometry)
    if isinstance(feature.geometry, Line) and feature.width_m:
        return shapely.LineString([p[:2] for p in feature.geometry.points]).buffer(feature.width_m / 2)
    return shapely.Polygon()


def _rings(area: BaseGeometry) -> Iterator[Floats]:
    """(n, 2) outlines and those of holes, the area to their left, the last point not the first again."""
    for part in shapely.get_parts(area.simplify(0.02)):
        if isinstance(part, shapely.Polygon) and part.area > _LEAST_M**2:
            turned = shapely.geometry.polygon.orient(part)
            for ring in (turned.exterior, *turned.interiors):
                yield shapely.get_coordinates(ring)[:-1]


def _along(
    ring: Floats, z_m: float, spacing_m: float, kind: MountKind, space: str | None = None
) -> Iterator[Mount]:  # fmt: skip
    """At corners, looking between their walls, and along walls, looking away from them: to the left of the ring."""
    corner: MountKind = "corner" if kind == "wall" else kind
    for before, at, after in zip(np.roll(ring, 1, axis=0), ring, np.roll(ring, -1, axis=0), strict=True):
        come, go = at - before, after - at
        length_m = float(np.hypot(*go))
        turn_deg = math.degrees(math.atan2(come[0] * go[1] - come[1] * go[0], float(come @ go)))
        if abs(turn_deg) > _STRAIGHT_DEG:
            into = _left(come / max(float(np.hypot(*come)), 1e-9)) + _left(go / max(length_m, 1e-9))
            yield Mount((*_xy(at), z_m), corner, _bearing_deg(into), max(30.0, 90.0 - turn_deg / 2 - 10.0), space)
        pieces = math.floor(length_m / spacing_m)
        for k in range(pieces):
            spot = at + (k + 0.5) / pieces * go
            yield Mount((*_xy(spot), z_m), kind, _bearing_deg(_left(go)), _SPREAD_DEG, space)


def _grid(area: BaseGeometry, spacing_m: float) -> Iterator[tuple[float, float]]:
    """Spots evenly over an area; at least one."""
    for part in shapely.get_parts(area):
        x0, y0, x1, y1 = part.bounds
        columns, rows = max(1, round((x1 - x0) / spacing_m)), max(1, round((y1 - y0) / spacing_m))
        x, y = np.meshgrid(x0 + (np.arange(columns) + 0.5) * (x1 - x0) / columns,
                           y0 + (np.arange(rows) + 0.5) * (y1 - y0) / rows)  # fmt: skip
        inside = shapely.contains_xy(part, x, y)
        if inside.any():
            yield from zip(x[inside].tolist(), y[inside].tolist(), strict=True)
        else:
            spot = part.representative_point()
            yield spot.x, spot.y


def _left(way: Floats) -> Floats:
    return np.array([-way[1], way[0]])


def _xy(point: Floats) -> tuple[float, float]:
    return round(float(point[0]), 3), round(float(point[1]), 3)


def _bearing_deg(way: Floats) -> float:
    return math.degrees(math.atan2(way[0], way[1])) % 360
