"""What hides what on a site: walls with their real openings, slabs, roofs, stairs, trees, fences, parked vehicles.

Windows and glass doors hide nothing, railings and fences are seen through, the leaf of a door hides what is behind it
as long as it is closed. A typical storey is made once and set where it stands.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import shapely
import shapely.affinity
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geometry.meshes import Mesh, crown, merged, mesh, no_mesh, prism, sheet
from twin.fabric.flights import steps
from twin.fabric.plans import StoreyPlan, corner_of, storey_plan
from twin.fabric.walls import EXTERIOR_M, Room, plan
from twin.index import PlacedOpening, PlacedStorey, SiteIndex, to_shapely
from twin.model.base import fill_template
from twin.model.buildings import Building, Storey

Floats = NDArray[np.float64]
Point3 = tuple[float, float, float]
OccluderKind = Literal["wall", "slab", "roof", "obstacle", "stair", "door", "ramp", "tree", "ground", "vehicle"]

_SLAB_M: Final = 0.14
_PARAPET_M: Final = 1.2
_CUT_M: Final = 0.3
_LEAF: Final = np.array([(0, 1, 2), (0, 2, 3)], dtype=np.int32)
_KNEE_M: Final = 0.5
"""What is indoors so high above open ground stands on it; what ends below lies under it."""
_CROWN_FROM_RATIO: Final = 0.35
"""Where a tree's crown begins, of its height; a person is seen below it."""
_CROWN_RADIUS_RATIO: Final = 0.3
_TREE_M: Final = 6.0
_VEHICLE_M: Final = (0.3, 1.5)
_LORRY_M: Final = (0.5, 3.6)
_GROUND_M: Final = -0.01
_AROUND_M: Final = 60.0
_LEAST_M: Final = 1e-3
_STEP_M: Final = 0.3
"""An opening whose sill is no higher is walked through."""


@dataclass(frozen=True, slots=True)
class Occluder:
    """Something that hides: what it is, and its id or that of what it belongs to."""

    kind: OccluderKind
    id: str


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """An upright body: an area from a bottom to a top. [m]"""

    of: Occluder
    area: BaseGeometry
    bottom_m: float
    top_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Bodies:
    """Solids with the boxes around them, to ask fast which of them a point lies in.

    Attributes
    ----------
    lows_m, highs_m : (n, 3) corners of the boxes
    """

    solids: tuple[Solid, ...]
    lows_m: Floats
    highs_m: Floats

    def around(self, point_m: Point3) -> Iterator[Solid]:
        """Those that a point lies in, not merely on a face of."""
        within = ((self.lows_m < point_m) & (point_m < self.highs_m)).all(axis=1)
        for k in np.flatnonzero(within).tolist():
            if shapely.contains_xy(self.solids[k].area, *point_m[:2]):
                yield self.solids[k]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Occluders:
    """All that hides on a site.

    Attributes
    ----------
    mesh : what always stands; owners are rows of `owners`
    doors : leaf of each door by its opening's id, which hides while closed; owners are rows of `owners` too
    taken : by storey the area of its floor where nobody can stand: walls without their doorways, columns
    walls : by storey the area of its walls, doorways included
    indoors : what storeys, and buildings without any, take of the open air
    bodies : by storey, relative to its building's corner and its floor; roofs by building, in the site frame
    """

    mesh: Mesh
    owners: tuple[Occluder, ...]
    doors: Mapping[str, Mesh]
    taken: Mapping[str, BaseGeometry]
    walls: Mapping[str, BaseGeometry]
    indoors: tuple[Solid, ...]
    bodies: Mapping[str, Bodies]

    def taken_at(self, storey: str | None, elevation_m: float) -> BaseGeometry:
        """The area of a floor where nobody can stand; of the open ground where there is no storey."""
        if storey is not None:
            return self.taken.get(storey, shapely.Polygon())
        at_m = elevation_m + _KNEE_M
        return shapely.union_all([solid.area for solid in self.indoors if solid.bottom_m <= at_m < solid.top_m])


class _Owners:
    """Gives each occluder its row."""

    def __init__(self) -> None:
        self.rows: dict[Occluder, int] = {}

    def row(self, kind: OccluderKind, of: str) -> int:
        return self.rows.setdefault(Occluder(kind, of), len(self.rows))


def occluders(index: SiteIndex) -> Occluders:
    """What hides on a site, in the site frame."""
    owners = _Owners()
    drawn: dict[str, _Storey] = {}
    of_template: dict[int, _Storey] = {}
    for building in index.site.buildings:
        for template in building.storeys:
            found, wells = storey_plan(building, template), _wells(building, template)
            key = f"{found.key} {wells.wkb_hex}"
            if key not in drawn:
                drawn[key] = _storey(found, wells)
            of_template[id(template)] = drawn[key]
    parts: list[Mesh] = []
    taken, walls, bodies, indoors = {}, {}, {}, []
    for storey in index.storeys.values():
        corner = (*corner_of(storey.building), storey.elevation_m)
        taken[storey.id] = shapely.affinity.translate(of_template[id(storey.template)].taken, *corner[:2])
        walls[storey.id] = shapely.affinity.translate(of_template[id(storey.template)].walls, *corner[:2])
        covered = shapely.affinity.translate(of_template[id(storey.template)].covered, *corner[:2])
        top_m = storey.elevation_m + storey.template.height_m
        indoors.append(Solid(Occluder("wall", storey.id), covered, storey.elevation_m, top_m))
        bodies[storey.id] = of_template[id(storey.template)].bodies
        for kind, part in of_template[id(storey.template)].meshes.items():
            parts.append(part.moved(corner).owned_by(owners.row(kind, storey.id)))
    for building in index.site.buildings:
        placed = [s for s in index.storeys.values() if s.building is building]
        bodies[building.id] = _bodies(_roofs(placed, of_template) if placed else [_block(building)])
        if not placed:
            indoors.append(_block(building))
        for solid in bodies[building.id].solids:
            row = owners.row(solid.of.kind, solid.of.id)
            parts.append(_raised(solid.area, solid.bottom_m, solid.top_m).owned_by(row))
        parts += _ramps(building, owners)
    parts += _grounds(index, owners)
    doors = _doors(index, owners)
    return Occluders(merged(parts), tuple(owners.rows), doors, taken, walls, tuple(indoors), bodies)


def vehicle(area: BaseGeometry, *, elevation_m: float = 0.0, is_lorry: bool = False, owner: int = 0) -> Mesh:
    """A vehicle on a parking space or wherever it stands: a block a little smaller than its place."""
    bottom_m, top_m = _LORRY_M if is_lorry else _VEHICLE_M
    body = area.buffer(-0.3, join_style="mitre")
    return prism(
        body if not body.is_empty else area, bottom_m=elevation_m + bottom_m, top_m=elevation_m + top_m, owner=owner
    )


def solid_around(of: Occluders, index: SiteIndex, point_m: Point3) -> Occluder | None:
    """What a point lies in, such as a camera that was drawn within a wall, a ceiling, or below the ground."""
    x, y, z = point_m
    is_indoors = False
    for storey in index.storeys.values():
        if not -_SLAB_M <= z - storey.elevation_m <= storey.template.height_m:
            continue
        west_m, south_m = corner_of(storey.building)
        for solid in of.bodies[storey.id].around((x - west_m, y - south_m, z - storey.elevation_m)):
            return Occluder(solid.of.kind, storey.id)
        here = z < _GROUND_M and shapely.contains_xy(to_shapely(storey.template.polygon), x, y)
        is_indoors = is_indoors or bool(here)
    for building in index.buildings:
        for roof in of.bodies[building].around(point_m):
            return roof.of
    is_buried = z < _GROUND_M and not is_indoors and shapely.contains_xy(_ground(index, with_feet=True), x, y)
    return Occluder("ground", index.site.id) if is_buried else None


def closed_doors(of: Occluders, open_ids: Iterable[str] = ()) -> Mesh:
    """The leaves of all doors but the open ones."""
    free = frozenset(open_ids)
    return merged(leaf for opening, leaf in of.doors.items() if opening not in free)


@dataclass(frozen=True, slots=True, eq=False)
class _Storey:
    """A storey's parts relative to the building's corner and its own floor.

    Attributes
    ----------
    covered : area under its ceiling
    taken : area of its floor where nobody can stand
    walls : area of its walls, doorways included
    """

    meshes: Mapping[OccluderKind, Mesh]
    bodies: Bodies
    covered: BaseGeometry
    taken: BaseGeometry
    walls: BaseGeometry


def _storey(found: StoreyPlan, wells: BaseGeometry) -> _Storey:
    walls = plan(found.rooms or (Room(found.outline, "other", None),))  # without spaces its outer walls still stand
    height_m = found.storey_height_m
    cuts = [hole.cut(_CUT_M) for hole in found.holes]
    all_cuts = shapely.union_all(cuts) if cuts else shapely.Polygon()
    parapet = walls.parapets.buffer(EXTERIOR_M / 2, cap_style="square", join_style="mitre")
    shafts = [s.shape for s in found.spaces if s.use in {"lift_shaft", "shaft"}]
    slab = shapely.union_all([walls.enclosed, walls.open_air, found.outline]) - shapely.union_all([wells, *shafts])
    shapes: list[tuple[OccluderKind, BaseGeometry, float, float]] = [
        ("wall", walls.walls - all_cuts, 0.0, height_m),
        ("wall", parapet - all_cuts, 0.0, _PARAPET_M),
        ("slab", slab, -_SLAB_M, 0.0),
        *(("obstacle", shape, 0.0, tall_m) for shape, tall_m in found.obstacles),
    ]
    for hole, cut in zip(found.holes, cuts, strict=True):
        piece = walls.walls & cut
        shapes += [("wall", piece, 0.0, hole.sill_m), ("wall", piece, hole.sill_m + hole.head_m, height_m)]
    for flights in found.stairs:
        shapes += [("stair", step.shape, step.bottom_m, step.top_m) for step in steps(flights, height_m)]
    solids = tuple(Solid(Occluder(kind, ""), area, bottom_m, top_m) for kind, area, bottom_m, top_m in shapes)
    meshes = {
        kind: merged(_raised(solid.area, solid.bottom_m, solid.top_m) for solid in solids if solid.of.kind == kind)
        for kind in dict.fromkeys(solid.of.kind for solid in solids)
    }
    doorways = [cut for hole, cut in zip(found.holes, cuts, strict=True) if hole.sill_m < _STEP_M]
    taken = shapely.union_all([walls.walls, parapet, *(shape for shape, _ in found.obstacles)])
    taken = taken - shapely.union_all(doorways) if doorways else taken
    return _Storey(
        {k: part for k, part in meshes.items() if len(part.triangles)},
        _bodies(solids),
        walls.enclosed,
        taken,
        walls.walls,
    )


def _bodies(solids: Iterable[Solid]) -> Bodies:
    made = tuple(solid for solid in solids if not solid.area.is_empty)
    boxes = np.array([[*s.area.bounds, s.bottom_m, s.top_m] for s in made]).reshape(-1, 6)
    return Bodies(made, boxes[:, [0, 1, 4]], boxes[:, [2, 3, 5]])


def _wells(building: Building, template: Storey) -> BaseGeometry:
    """Where stairs come up through the storey's floor, relative to the building's corner."""
    shapes = {fill_template(s.id, template.first): s.polygon for s in template.spaces}
    corner = corner_of(building)
    found = [
        shapely.affinity.translate(to_shapely(shapes[space]), -corner[0], -corner[1])
        for stair in building.stairs
        if stair.first < template.last <= stair.last and (space := fill_template(stair.space, template.first)) in shapes
    ]
    return shapely.union_all(found) if found else shapely.Polygon()


def _roofs(placed: Sequence[PlacedStorey], of_template: Mapping[int, _Storey]) -> Iterator[Solid]:
    """Roofs where no storey stands on another."""
    upwards = sorted(placed, key=lambda s: s.elevation_m)
    for storey, above in zip(upwards, (*upwards[1:], None), strict=True):
        exposed = of_template[id(storey.template)].covered
        if above is not None:
            exposed = exposed - of_template[id(above.template)].covered.buffer(0.15, join_style="mitre")
        top_m = storey.elevation_m + storey.template.height_m
        area = shapely.affinity.translate(exposed, *corner_of(storey.building))
        yield Solid(Occluder("roof", storey.building.id), area, top_m - _SLAB_M, top_m)


def _block(building: Building) -> Solid:
    """A building of which no more than its outline is known, such as one of a map: it hides as a whole."""
    base_m = building.base_elevation_m
    return Solid(Occluder("wall", building.id), to_shapely(building.footprint), base_m, base_m + building.height_m)


def _doors(index: SiteIndex, owners: _Owners) -> dict[str, Mesh]:
    """The leaves of doors, shutters and gates; those of glass hide nothing."""
    found: dict[str, tuple[float, ...]] = {}
    for opening in index.openings.values():
        template = opening.template
        if template.kind in {"window", "passage"} or _is_balcony(opening, index):
            continue
        bottom_m = opening.storey.elevation_m + template.sill_m
        top_m = bottom_m + min(template.height_m, opening.storey.template.height_m - template.sill_m)
        if top_m > bottom_m and template.line[0] != template.line[1]:
            found[opening.id] = (*template.line[0], *template.line[1], bottom_m, top_m)
    if not found:
        return {}
    x0, y0, x1, y1, low, high = np.array([*found.values()]).T
    corners_m = np.stack(
        [np.column_stack(c) for c in ((x0, y0, low), (x1, y1, low), (x1, y1, high), (x0, y0, high))], axis=1
    )
    rows = np.repeat([owners.row("door", opening) for opening in found], 2).astype(np.int32)
    return {opening: Mesh(corners_m[k], _LEAF, rows[2 * k : 2 * k + 2]) for k, opening in enumerate(found)}


def _is_balcony(opening: PlacedOpening, index: SiteIndex) -> bool:
    return any(c in index.spaces and index.spaces[c].template.use == "balcony" for c in opening.connects)


def _ramps(building: Building, owners: _Owners) -> Iterator[Mesh]:
    """The carriageways of ramps, as sloping sheets."""
    for ramp in building.ramps:
        row = owners.row("ramp", ramp.id)
        points = np.array(ramp.axis.points)
        for a, b in itertools.pairwise(points):
            along = b[:2] - a[:2]
            length_m = float(np.hypot(*along))
            if length_m < _LEAST_M:
                continue
            side = np.array([-along[1], along[0], 0.0]) / length_m * ramp.width_m / 2
            yield mesh([a - side, b - side, b + side, a + side], [(0, 1, 2), (0, 2, 3)], owner=row)


def _grounds(index: SiteIndex, owners: _Owners) -> Iterator[Mesh]:
    """Trees, walls around the site, and the ground itself, which hides what is below it."""
    for feature in index.site.grounds:
        if feature.use == "tree" and isinstance(feature.geometry, tuple):
            tall_m = feature.height_m or _TREE_M
            yield crown(
                feature.geometry,
                radius_m=tall_m * _CROWN_RADIUS_RATIO,
                bottom_m=feature.elevation_m + tall_m * _CROWN_FROM_RATIO,
                top_m=feature.elevation_m + tall_m,
                owner=owners.row("tree", feature.id),
            )
    ground = _ground(index)
    if not ground.is_empty:
        yield sheet(ground, z_m=_GROUND_M, owner=owners.row("ground", index.site.id))


def _ground(index: SiteIndex, *, with_feet: bool = False) -> BaseGeometry:
    """The area of the ground around the buildings, open where ramps go down; with what is under them, or without."""
    feet = [to_shapely(b.footprint) for b in index.site.buildings]
    if not feet:
        return shapely.Polygon()
    lines = [ramp for b in index.site.buildings for ramp in b.ramps]
    mouths = [
        shapely.LineString([p[:2] for p in ramp.axis.points]).buffer(ramp.width_m / 2, cap_style="flat")
        for ramp in lines
    ]
    standing = [to_shapely(b.footprint) for b in index.site.buildings if b.use != "garage" and not with_feet]
    around = shapely.box(*shapely.total_bounds(np.array(feet, dtype=object))).buffer(_AROUND_M)
    return around - shapely.union_all([*standing, *mouths])


def _raised(area: BaseGeometry, bottom_m: float, top_m: float) -> Mesh:
    return prism(area, bottom_m=bottom_m, top_m=top_m) if top_m - bottom_m > _LEAST_M else no_mesh()
