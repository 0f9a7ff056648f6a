"""Plans of the grounds and of storeys with what is covered: walls, cells by level, cameras' fields, gaps, devices."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geometry.culling import Eye
from geometry.lenses import Fisheye, horizontal_fov_deg, reach_m
from twin.coverage.cameras import FARTHEST_M
from twin.coverage.check import CameraCoverage
from twin.coverage.kinds import KindAnswer
from twin.coverage.prepared import Prepared
from twin.coverage.result import Gap, PlaceResult
from twin.index import SiteIndex, to_shapely
from twin.model.base import Line, Polygon
from twin.model.devices import Device
from twin.model.grounds import GroundFeature
from viewer.documents.png import png
from viewer.reports.alike import by_floor, devices_of, is_same, looks, storey_of, storeys_text, weakest
from viewer.reports.heat import heat, steps_of
from viewer.reports.key import shades
from viewer.reports.sheet import Bounds, Sheet
from viewer.reports.words import Language, named, word

_DRAWN_PX_PER_M: Final = 25.0
"""How far a field is drawn: to where a person is still detected (IEC 62676-4:2015)."""
_FAN_STEP_DEG: Final = 1.5
_STEEP_DEG: Final = 60.0
"""A camera tilted more looks around itself rather than ahead."""
_SMALL_M: Final = 42.0
"""Storeys no larger share the breadth of a page with another."""
_GROUND_CSS: Final = {
    "road": "road", "fire_lane": "road", "fire_operation_area": "road", "path": "path", "plaza": "path",
    "parking_space": "bay", "green": "green", "playground": "path", "fitness": "path", "sports": "path",
    "water": "water", "bicycle_parking": "bay", "charging_area": "bay", "ramp_mouth": "road",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """A drawing with what is written under it.

    Attributes
    ----------
    storey : none for the grounds
    same : names of storeys with the same answer, in a few words
    is_weakest : those differ in what little matters, and the weakest is drawn
    is_small : two of it stand side by side
    """

    storey: str | None
    title: str
    svg: str
    scale: int
    is_small: bool
    same: str = ""
    is_weakest: bool = False


@dataclass(frozen=True, slots=True)
class Numbers:
    """What stands beside devices and gaps on the plans and in the tables; gaps by their identity."""

    devices: Mapping[str, int]
    gaps: Mapping[int, int]


def plans(
    kind: str, answer: KindAnswer, prepared: Prepared, numbers: Numbers, *, language: Language
) -> tuple[Plan, ...]:  # fmt: skip
    """The plans of the grounds and of each storey with a requirement; of storeys alike the weakest is drawn."""
    index = prepared.index
    places = by_floor(answer)
    devices: dict[str | None, list[Device]] = defaultdict(list)
    for device in devices_of(index, kind):
        devices[storey_of(index, device)].append(device)
    groups: dict[object, list[str | None]] = {}
    alike = looks(kind, answer, index)
    for floor in sorted(places, key=lambda f: _order(index, f)):
        groups.setdefault(alike[floor], []).append(floor)
    made = []
    for floors in groups.values():
        floor = weakest(floors, places)
        drawing = _Drawing(answer, prepared, numbers, language)
        plan = drawing.plan(floor, places[floor], devices[floor])
        others = [f for f in floors if f != floor]
        same = all(is_same(places[floor], places[f]) for f in others)
        made.append(replace(plan, same=storeys_text(others, index, language), is_weakest=not same))
    return tuple(made)


def _order(index: SiteIndex, floor: str | None) -> int:
    if floor is None:
        return -1
    return list(index.storeys).index(floor) if floor in index.storeys else len(index.storeys)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What plans of one kind are drawn from."""

    answer: KindAnswer
    prepared: Prepared
    numbers: Numbers
    language: Language

    def plan(self, floor: str | None, places: Sequence[PlaceResult], devices: Sequence[Device]) -> Plan:
        index = self.prepared.index
        storey = index.storeys.get(floor) if floor else None
        bounds = self._bounds(floor, places)
        is_small = storey is not None and max(bounds[2] - bounds[0], bounds[3] - bounds[1]) <= _SMALL_M
        high_mm = 95.0 if is_small else (225.0 if storey is None else 150.0)
        sheet = Sheet(bounds, width_mm=87.0 if is_small else 178.0, height_mm=high_mm)
        if storey is None:
            self._grounds(sheet)
            title = word("grounds", self.language)
        else:
            self._storey(sheet, storey.id)
            building = named(storey.building.name, self.language, storey.building.id)
            title = f"{building} · {named(storey.name, self.language, str(storey.number))}"
        self._cover(sheet, places)
        self._fields(sheet, devices)
        for place in places:
            for gap in place.gaps:
                self._gap(sheet, gap)
        self._devices(sheet, devices)
        svg = sheet.svg(title=title, north=word("north", self.language), key=shades(places[0], self.language))
        return Plan(floor, title, svg, sheet.scale, is_small=is_small)

    def _bounds(self, floor: str | None, places: Sequence[PlaceResult]) -> Bounds:
        index = self.prepared.index
        shapes: list[BaseGeometry]
        if floor in index.storeys:
            shapes = [to_shapely(index.storeys[floor].template.polygon)]
        else:
            shapes = [to_shapely(building.footprint) for building in index.site.buildings]
            shapes += [area for g in index.site.grounds if (area := _area(g)) is not None and g.use == "site_boundary"]
        shapes += [area for place in places if (area := self._extent(place)) is not None]
        x0, y0, x1, y1 = (float(v) for v in shapely.total_bounds(shapes))
        return x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)

    def _extent(self, place: PlaceResult) -> BaseGeometry | None:
        if place.line is not None:
            return place.line
        made = self.answer.made_of.get((place.place_id, place.requirement.id))
        return None if made is None or made.place.area.is_empty else made.place.area

    def _grounds(self, sheet: Sheet) -> None:
        site = self.prepared.index.site
        for feature in site.grounds:
            css, area = _GROUND_CSS.get(feature.use), _area(feature)
            if css is not None and area is not None:
                sheet.shape(area, css)
        for feature in site.grounds:
            if feature.use in {"site_boundary", "perimeter"} and (area := _area(feature)) is not None:
                sheet.shape(area.boundary if isinstance(area, shapely.Polygon) else area, "boundary")
        for building in site.buildings:
            foot = to_shapely(building.footprint)
            is_above = any(storey.elevation_m >= -0.6 for storey in building.storeys) or not building.storeys
            sheet.shape(foot, "house" if is_above else "buried")
            if is_above:
                sheet.text_within(foot, named(building.name, self.language, building.id), css="house-name")

    def _storey(self, sheet: Sheet, floor: str) -> None:
        index = self.prepared.index
        storey = index.storeys[floor]
        sheet.shape(to_shapely(storey.template.polygon), "floor")
        sheet.shape(self.prepared.occluders.taken_at(floor, storey.elevation_m), "wall")
        for opening in storey.template.openings:
            sheet.shape(shapely.LineString(opening.line), "window" if opening.kind == "window" else "door")

    def _cover(self, sheet: Sheet, places: Sequence[PlaceResult]) -> None:
        """Cells by level, large places under small ones; lines as guarded or not."""
        for place in sorted(places, key=lambda p: -p.area_m2):
            made = self.answer.made_of.get((place.place_id, place.requirement.id))
            steps = steps_of(place.requirement)
            if place.line is not None:
                sheet.shape(place.line, "guarded")
                for gap in place.gaps:
                    sheet.shape(gap.area, "unguarded")
            elif made is not None and steps is not None:
                grid = made.grids[0]
                rows, columns = grid.inside.shape
                x0, y0 = (float(v) - grid.step_m / 2 for v in grid.corner_m)
                picture = png(heat(grid, place, steps))
                sheet.picture(picture, (x0, y0, x0 + columns * grid.step_m, y0 + rows * grid.step_m))
                sheet.shape(made.place.area, "place")

    def _fields(self, sheet: Sheet, devices: Sequence[Device]) -> None:
        if not isinstance(self.answer, CameraCoverage):
            return
        shown = {device.id for device in devices}
        for camera in self.answer.cameras:
            if camera.id in shown:
                for eye in camera.eyes:
                    sheet.fan(
                        field_m(self.prepared, eye), "down field" if camera.id in self.answer.offline else "field"
                    )

    def _gap(self, sheet: Sheet, gap: Gap) -> None:
        number = self.numbers.gaps.get(id(gap))
        if gap.length_m is None:
            sheet.shape(gap.area, "gap")
        if number is not None:
            at = gap.area.representative_point()
            sheet.dot(at.x, at.y, radius_mm=1.7, css="gap-dot")
            sheet.text(at.x, at.y, str(number), css="gap-number", down_mm=0.72)

    def _devices(self, sheet: Sheet, devices: Sequence[Device]) -> None:
        is_camera = isinstance(self.answer, CameraCoverage)
        for device in devices:
            x, y, _ = self.prepared.index.device_point(device)
            css = "device off" if device.id in self.answer.offline else "device"
            sheet.dot(x, y, radius_mm=0.8 if is_camera else 0.6, css=css)
            if is_camera and device.id in self.numbers.devices:
                said = str(self.numbers.devices[device.id])
                sheet.text(x, y, said, css="device-number", right_mm=1.0, down_mm=-0.7)


def field_m(prepared: Prepared, eye: Eye) -> list[tuple[float, float]]:
    """The ring of what an eye has free before it at its own height, to where it still detects a person. [m]"""
    pose, lens = eye.pose, eye.lens
    looks_around = isinstance(lens, Fisheye) or abs(pose.tilt_deg) > _STEEP_DEG
    wide_deg = 360.0 if looks_around else min(360.0, horizontal_fov_deg(lens))
    steps = max(2, round(wide_deg / _FAN_STEP_DEG) + 1)
    bearings = np.radians(pose.bearing_deg + np.linspace(-wide_deg / 2, wide_deg / 2, steps))
    ways = np.column_stack((np.sin(bearings), np.cos(bearings), np.zeros(steps)))
    far_m = min(reach_m(lens, _DRAWN_PX_PER_M), FARTHEST_M)
    if looks_around:
        far_m = min(far_m, 2 * max(pose.position_m[2], 1.0)) if not isinstance(lens, Fisheye) else far_m
    else:
        far_m *= math.cos(math.radians(pose.tilt_deg))
    free_m, _, _ = prepared.scene.first_hits(np.repeat([pose.position_m], steps, axis=0), ways)
    ends = np.asarray(pose.position_m)[:2] + ways[:, :2] * np.minimum(free_m, far_m)[:, None]
    ring = [(float(x), float(y)) for x, y in ends]
    return ring if wide_deg >= 360.0 else [(pose.position_m[0], pose.position_m[1]), *ring]


def _area(feature: GroundFeature) -> BaseGeometry | None:
    """What a feature covers; a line without a width stays a line."""
    if isinstance(feature.geometry, Polygon):
        return to_shapely(feature.geometry)
    if isinstance(feature.geometry, Line):
        line = shapely.LineString(feature.geometry.points)
        return line if feature.width_m is None else line.buffer(feature.width_m / 2, cap_style="flat")
    return None
