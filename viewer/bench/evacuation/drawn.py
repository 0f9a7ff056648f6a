"""Storeys of buildings that architects drew: rooms and doors of an IFC file, as far as measuring ways needs them.

Read are spaces that are extruded outlines, and doors by their place and width; walls are the product's own, drawn
between the rooms. That is no import of IFC.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.index import SiteIndex
from twin.model.base import Polygon
from twin.model.buildings import Opening, Space
from viewer.bench.evacuation.plans import STOREY, one_storey

Floats = NDArray[np.float64]
_ENTITY: Final = re.compile(r"#(\d+)\s*=\s*(IFC\w+)\((.*?)\);\s*\n", re.DOTALL)
_NUMBER: Final = re.compile(r"-?\d+\.?\d*(?:E[+-]?\d+)?")
_REFERENCE: Final = re.compile(r"#(\d+)")
_LEVEL_M: Final = 0.6
_LOOKS_M: Final = (0.15, 0.3, 0.45)
"""Behind a door's faces its rooms begin, on the other side of half a wall."""
_XY: Final = 2


class DrawnFile:
    """Entities of an IFC file in text."""

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8", errors="replace")
        self.entities = {int(m[1]): (m[2], m[3]) for m in _ENTITY.finditer(text)}

    def of(self, kind: str) -> list[int]:
        """Numbers of all entities of a kind."""
        return [number for number, (is_kind, _) in self.entities.items() if is_kind == kind]

    def values(self, number: int) -> list[str]:
        """The attributes of an entity, as they are written."""
        found, depth, quoted = [""], 0, False
        for mark in self.entities[number][1]:
            quoted ^= mark == "'"
            if not quoted:
                depth += (mark == "(") - (mark == ")")
            if mark == "," and depth == 0 and not quoted:
                found.append("")
            else:
                found[-1] += mark
        return found

    def numbers(self, number: int) -> list[float]:
        """All numbers in an entity, such as a point's."""
        return [float(text) for text in _NUMBER.findall(self.entities[number][1])]

    def place(self, number: int) -> Floats:
        """(4, 4) from an object's own coordinates to the building's."""
        within, axes = self.values(number)[:2]
        own = self.axes(int(axes[1:]))
        return self.place(int(within[1:])) @ own if within.startswith("#") else own

    def axes(self, number: int) -> Floats:
        """(4, 4) of a placement in the plane or in space."""
        values = self.values(number)
        found = np.eye(4)
        origin = self.numbers(int(values[0][1:]))
        found[: len(origin), 3] = origin
        *upright, along = values[1:]
        if upright and upright[0].startswith("#"):
            found[:3, 2] = self.numbers(int(upright[0][1:]))
        if along.startswith("#"):
            ahead = self.numbers(int(along[1:]))
            found[:3, 0] = [*ahead, 0.0] if len(ahead) == _XY else ahead
        found[:3, 1] = np.cross(found[:3, 2], found[:3, 0])
        return found

    def outlines(self, space: int) -> Iterator[tuple[float, shapely.Polygon]]:
        """Heights of the floor and outlines of a space's extruded bodies."""
        values = self.values(space)
        place = self.place(int(values[5][1:]))
        for shape in map(int, _REFERENCE.findall(self.values(int(values[6][1:]))[2])):
            for body in map(int, _REFERENCE.findall(self.values(shape)[3])):
                if self.entities[body][0] != "IFCEXTRUDEDAREASOLID":
                    continue
                profile, axes = (int(text[1:]) for text in self.values(body)[:2])
                if (rings := self._rings(profile)) is not None:
                    moved = place @ self.axes(axes)
                    outer, *holes = [_moved(moved, ring)[:, :2] for ring in rings]
                    yield float(moved[2, 3]), shapely.Polygon(outer, holes)

    def _rings(self, profile: int) -> list[Floats] | None:
        """Outline and holes of a profile; none of a profile with curves."""
        kind, values = self.entities[profile][0], self.values(profile)
        if kind == "IFCRECTANGLEPROFILEDEF":
            half = np.array([float(values[3]), float(values[4])]) / 2
            corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
            return [_moved(self.axes(int(values[2][1:])), corners)[:, :2]]
        if kind not in {"IFCARBITRARYCLOSEDPROFILEDEF", "IFCARBITRARYPROFILEDEFWITHVOIDS"}:
            return None
        curves = [int(number) for text in values[2:4] for number in _REFERENCE.findall(text)]
        if any(self.entities[curve][0] != "IFCPOLYLINE" for curve in curves):
            return None
        points = [map(int, _REFERENCE.findall(self.entities[curve][1])) for curve in curves]
        return [np.array([self.numbers(point)[:2] for point in ring]) for ring in points]


def _moved(by: Floats, points_m: Floats) -> Floats:
    flat = np.column_stack((points_m, np.zeros(len(points_m)), np.ones(len(points_m))))
    moved: Floats = (flat @ by.T)[:, :3]
    return moved


def drawn_storey(path: Path, elevation_m: float) -> SiteIndex:
    """One storey of an IFC file as a site of its own.

    Parameters
    ----------
    elevation_m : of its floor; rooms within half a metre of it are on the storey
    """
    file = DrawnFile(path)
    rooms: dict[str, shapely.Polygon] = {}
    for number in file.of("IFCSPACE"):
        for z_m, outline in file.outlines(number):
            if abs(z_m - elevation_m) < _LEVEL_M and outline.is_valid:
                rooms[f"{STOREY}/r{number}"] = outline
    doors = []
    for number in file.of("IFCDOOR"):
        values = file.values(number)
        place, width_m = file.place(int(values[5][1:])), float(values[9])
        if abs(place[2, 3] - elevation_m) < _LEVEL_M:
            line = _moved(place, np.array([(0.0, 0.0), (width_m, 0.0)]))[:, :2]
            sides = _sides(rooms, line.mean(axis=0), place[:2, 1])
            if len(sides) == _XY:
                doors.append(_door(number, line, (sides[0], sides[1])))
    return one_storey([_space(name, outline) for name, outline in rooms.items()], doors)


def _sides(rooms: dict[str, shapely.Polygon], middle: Floats, across: Floats) -> list[str]:
    """The rooms on the two sides of a door, if it parts two."""
    found = []
    for side in (-1, 1):
        points = [shapely.Point(*(middle + side * look_m * across)) for look_m in _LOOKS_M]
        beside = [name for point in points for name, outline in rooms.items() if outline.contains(point)]
        found += beside[:1]
    return list(dict.fromkeys(found))


def _space(name: str, outline: shapely.Polygon) -> Space:
    whole = shapely.orient_polygons(outline)
    rings = [tuple((float(x), float(y)) for x, y in ring.coords[:-1]) for ring in (whole.exterior, *whole.interiors)]
    return Space(id=name, use="office", polygon=Polygon(outer=rings[0], holes=tuple(rings[1:])))


def _door(number: int, line: Floats, sides: tuple[str, str]) -> Opening:
    return Opening.model_validate({
        "id": f"{STOREY}/d{number}", "kind": "door", "connects": sides,
        "line": [tuple(point) for point in line.round(4).tolist()],
    })  # fmt: skip
