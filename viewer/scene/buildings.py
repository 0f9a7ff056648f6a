"""Buildings in the scene: each different storey drawn once and placed where it stands."""

import itertools
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import shapely
import shapely.affinity
from shapely.geometry.base import BaseGeometry

from twin.fabric.plans import StoreyPlan, corner_of, storey_plan
from twin.fabric.walls import WallPlan
from twin.fabric.walls import plan as wall_plan
from twin.index import PlacedStorey, SiteIndex, to_shapely
from twin.model.base import fill_template
from twin.model.buildings import Building
from viewer.scene import palette
from viewer.scene.gltf import Floats, GlbWriter, Instances, Surface
from viewer.scene.interiors import draw_interior
from viewer.scene.objects import ObjectTable
from viewer.scene.shells import draw_edges, draw_roof, draw_shell
from viewer.scene.surfaces import Drawing

_GROUND_M = 0.0
_CORNERS = 4
_SHADE = int(palette.Matter.SHADE)
_SHADE_DARK = 105
_SHARED_FROM = 3
"""A storey that stands at least so often is instanced; rarer shells are merged into one mesh, which draws faster."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """A storey where it stands."""

    place_m: tuple[float, float, float]
    row: int


@dataclass
class _Sheet:
    """A storey's drawing and where it stands."""

    plan: StoreyPlan
    walls: WallPlan
    standing: list[_Standing] = field(default_factory=list)


@dataclass
class _Merged:
    """Surfaces of storeys that stand only once or twice, in the site frame."""

    parts: list[tuple[Surface, _Standing]] = field(default_factory=list)

    def surface(self) -> Surface | None:
        """All of them as one."""
        if not self.parts:
            return None
        counts = np.cumsum([0] + [len(s.positions_m) for s, _ in self.parts])
        return Surface(
            positions_m=np.vstack([s.positions_m + np.array(at.place_m, np.float32) for s, at in self.parts]),
            colours=np.vstack([s.colours for s, _ in self.parts]),
            objects=np.concatenate([s.objects + at.row for s, at in self.parts]),
            indices=np.concatenate(
                [s.indices + np.uint32(k) for (s, _), k in zip(self.parts, counts[:-1], strict=True)]
            ),
            lines=self.parts[0][0].lines,
        )


def add_buildings(index: SiteIndex, writer: GlbWriter, table: ObjectTable) -> None:
    """Add every building: shells for afar, interiors for near, roofs, ramps, the shadow at its foot."""
    placed: dict[str, list[PlacedStorey]] = defaultdict(list)
    for storey in index.storeys.values():
        placed[storey.building.id].append(storey)
    sheets: dict[str, _Sheet] = {}
    roofs, ramps = Drawing(), Drawing()
    for building in index.site.buildings:
        row = table.add("building", building.id)
        rows = _list_storeys(building, row, placed[building.id], sheets, table)
        if placed[building.id]:
            _roofs(building, placed[building.id], rows, sheets, roofs)
        else:
            _block(building, row, roofs)
        ramps.object_row = row
        _ramps(building, ramps)
    writer.add("roofs", roofs.surface(), {"role": "roofs"})
    writer.add("ramps", ramps.surface(), {"role": "ramps"})
    merged: dict[tuple[str, bool], _Merged] = defaultdict(_Merged)
    for key, sheet in sheets.items():
        _add_sheet(key, sheet, writer, merged)
    for (role, underground), parts in merged.items():
        surface = parts.surface()
        if surface is not None:
            writer.add(f"{role}-single", surface, {"role": role, "underground": underground})
    writer.add("shade", _shade(index).surface(), {"role": "shade"})


def _list_storeys(
    building: Building, row: int, placed: list[PlacedStorey], sheets: dict[str, _Sheet], table: ObjectTable
) -> dict[str, tuple[int, str]]:
    """Give storeys and spaces their rows; row and drawing's key of each storey id."""
    keys = {}
    for template in building.storeys:
        plan = storey_plan(building, template)
        keys[id(template)] = plan.key
        if plan.key not in sheets:
            sheets[plan.key] = _Sheet(plan, wall_plan(plan.rooms))
    x_m, y_m = corner_of(building)
    rows = {}
    for storey in placed:
        key = keys[id(storey.template)]
        storey_row = table.add("storey", storey.id, row)
        inner = {s.id: storey_row + k for k, s in enumerate(storey.template.spaces, 1)}
        for space in storey.template.spaces:
            table.add("space", fill_template(space.id, storey.number), inner.get(space.parent or "", storey_row))
        sheets[key].standing.append(_Standing((x_m, y_m, storey.elevation_m), storey_row))
        rows[storey.id] = (storey_row, key)
    return rows


def _add_sheet(key: str, sheet: _Sheet, writer: GlbWriter, merged: dict[tuple[str, bool], _Merged]) -> None:
    """Draw a storey and add it, instanced or to the merged ones."""
    plan, walls = sheet.plan, sheet.walls
    interior, shell, edges = Drawing(), Drawing(), Drawing(lines=True)
    draw_interior(plan, walls, interior)
    draw_shell(plan, walls, shell)
    draw_edges(plan, walls, edges)
    instances = _instances(sheet.standing)
    extras = {"underground": plan.underground, "height_m": plan.storey_height_m}
    writer.add(f"interior-{key}", interior.surface(), {"role": "interior", **extras}, instances)
    for role, drawing in (("shell", shell), ("edges", edges)):
        surface = drawing.surface()
        if len(sheet.standing) >= _SHARED_FROM:
            writer.add(f"{role}-{key}", surface, {"role": role, **extras}, instances)
        elif len(surface.indices):
            merged[role, plan.underground].parts.extend((surface, at) for at in sheet.standing)


def _instances(standing: list[_Standing]) -> Instances:
    places: Floats = np.array([s.place_m for s in standing], dtype=np.float32)
    return Instances(places, np.array([s.row for s in standing], dtype=np.float32))


def _roofs(
    building: Building, placed: list[PlacedStorey], rows: dict[str, tuple[int, str]], sheets: dict[str, _Sheet],
    drawing: Drawing,
) -> None:  # fmt: skip
    """Roofs where no storey stands on another."""
    corner = corner_of(building)
    upwards = sorted(placed, key=lambda s: s.elevation_m)
    for storey, above in zip(upwards, (*upwards[1:], None), strict=True):
        row, key = rows[storey.id]
        sheet = sheets[key]
        if sheet.plan.underground:
            continue
        exposed = sheet.walls.enclosed
        if above is not None:
            upper = sheets[rows[above.id][1]]
            exposed = exposed - upper.plan.outline.buffer(0.15, join_style="mitre")
        drawing.object_row = row
        moved = shapely.affinity.translate(exposed, *corner)
        draw_roof(moved, storey.elevation_m + storey.template.height_m, drawing)


def _block(building: Building, row: int, drawing: Drawing) -> None:
    """A building of which no more than its outline is known, as one whole."""
    drawing.object_row = row
    base_m = building.base_elevation_m
    drawing.prism(to_shapely(building.footprint), base_m, base_m + building.height_m, palette.FACADE, palette.ROOF)


def _ramps(building: Building, drawing: Drawing) -> None:
    for ramp in building.ramps:
        points = np.array(ramp.axis.points)
        for a, b in itertools.pairwise(points):
            along = b[:2] - a[:2]
            length_m = float(np.hypot(*along))
            if length_m < 1e-3:
                continue
            side = np.array([-along[1], along[0], 0.0]) / length_m * ramp.width_m / 2
            corners = [tuple(map(float, p)) for p in (a - side, b - side, b + side, a + side)]
            left, right = (corners[3], corners[2]), (corners[0], corners[1])
            drawing.quad([(c[0], c[1], c[2]) for c in corners], palette.GROUNDS["ramp_mouth"])
            for foot, head in (left, right):  # walls hold the ground beside it
                if min(foot[2], head[2]) < _GROUND_M:
                    top = ((head[0], head[1], _GROUND_M), (foot[0], foot[1], _GROUND_M))
                    bottom = ((foot[0], foot[1], foot[2]), (head[0], head[1], head[2]))
                    drawing.quad((*bottom, *top), palette.WALL)


def _shade(index: SiteIndex) -> Drawing:
    """Soft shadows around the feet of buildings: rings that fade outwards, drawn over the ground."""
    drawing = Drawing()
    for building in index.site.buildings:
        if building.use == "garage" or building.base_elevation_m + building.height_m <= 1.0:
            continue
        foot = shapely.Polygon(building.footprint.outer).buffer(0)
        reach_m = min(9.0, 1.5 + building.height_m * 0.16)
        z_m = building.base_elevation_m + 0.16
        inner, dark = foot.buffer(0.2, quad_segs=_CORNERS), _SHADE_DARK
        for share_ratio in (0.12, 0.3, 0.6, 1.0):
            outer = foot.buffer(reach_m * share_ratio, quad_segs=_CORNERS)
            light = round(_SHADE_DARK * (1 - share_ratio) ** 2)
            colours = ((dark, 0, 0, _SHADE), (light, 0, 0, _SHADE))
            if not (_is_simple(inner, outer) and drawing.fade(inner, outer, colours, z_m)):
                drawing.area(outer - inner, z_m, ((dark + light) // 2, 0, 0, _SHADE))
            inner, dark = outer, light
    return drawing


def _is_simple(*shapes: BaseGeometry) -> bool:
    return all(isinstance(shape, shapely.Polygon) and not shape.interiors for shape in shapes)
