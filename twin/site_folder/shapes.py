"""GeoJSON geometries to the model's shapes and back: rings opened and closed, coordinates to the millimetre."""

import math
from collections.abc import Callable, Mapping
from typing import Final, cast

from twin.model.base import Line, Point, Polygon
from twin.model.buildings import Line3
from twin.site_folder.flat import millimetres

Shape = Polygon | Line | Line3 | Point
Geometry = dict[str, object]

POSITIONS_LIMIT: Final = 10_000
"""Of one geometry; the outline of a whole district has a few thousand."""

_OTHER_SYSTEM = "Write metres in the site frame, x east and y north."


class ShapeError(ValueError):
    """A geometry that is not usable: its code, what is wrong, and the cure."""

    def __init__(self, code: str, message: str, cure: str) -> None:
        self.code, self.cure = code, cure
        super().__init__(message)


def shape_of(geometry: object, wanted: tuple[str, ...]) -> Shape:
    """The shape of a GeoJSON geometry of one of the types wanted; ``LineString3`` is one with heights.

    A multi-geometry of a single part, which desktop GIS write by default, counts as that part.

    Raises
    ------
    ShapeError
        If it is no such geometry, or a coordinate is not a finite number.
    """
    names = " or ".join(w.removesuffix("3") for w in wanted)
    if not isinstance(geometry, dict):
        raise ShapeError("no-geometry", "It has no geometry.", f"Draw its {names}.")
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if isinstance(kind, str) and kind.startswith("Multi") and isinstance(coordinates, list) and len(coordinates) == 1:
        kind, coordinates = kind.removeprefix("Multi"), coordinates[0]
    for option in wanted:
        if kind == option.removesuffix("3"):
            return _READERS[option](coordinates)
    raise ShapeError("wrong-geometry", f"Its geometry is a {str(kind)[:40]}.", f"Make it a {names}, one part only.")


def _positions(value: object, size: int, least: int) -> tuple[tuple[float, ...], ...]:
    if not isinstance(value, list) or len(value) < least:
        raise ShapeError("bad-coordinates", f"It has fewer than {least} positions.", "Draw it anew.")
    if len(value) > POSITIONS_LIMIT:
        raise ShapeError("bad-coordinates", f"It has more than {POSITIONS_LIMIT} positions.", "Simplify it.")
    return tuple(_position(v, size) for v in value)


def _position(value: object, size: int) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) != size:
        what = f"{len(value)} numbers" if isinstance(value, list) else "no list"
        cure = "Give x, y and z." if size == 3 else "Give x and y only; heights are properties."
        raise ShapeError("bad-coordinates", f"A position has {what} instead of {size}.", cure)
    for part in value:
        if isinstance(part, bool) or not isinstance(part, int | float):
            raise ShapeError("bad-coordinates", f"A coordinate is {str(part)[:40]!r}, no number.", _OTHER_SYSTEM)
        if abs(part) > 1e12 or not math.isfinite(part):
            raise ShapeError("not-finite", "A coordinate is infinite or beyond all measure.", _OTHER_SYSTEM)
    return tuple(float(part) for part in value)


def _ring(value: object) -> tuple[Point, ...]:
    positions = _positions(value, 2, 4)
    if positions[0] != positions[-1]:
        raise ShapeError("ring-not-closed", "A ring does not end where it begins.", "Repeat its first position last.")
    return cast("tuple[Point, ...]", positions[:-1])


def _polygon(coordinates: object) -> Polygon:
    if not isinstance(coordinates, list) or not coordinates:
        raise ShapeError("bad-coordinates", "The polygon has no ring.", "Draw it anew.")
    return Polygon(outer=_ring(coordinates[0]), holes=tuple(_ring(ring) for ring in coordinates[1:]))


def _line(coordinates: object) -> Line:
    return Line(points=cast("tuple[Point, ...]", _positions(coordinates, 2, 2)))


def _line3(coordinates: object) -> Line3:
    return Line3(points=cast("tuple[tuple[float, float, float], ...]", _positions(coordinates, 3, 2)))


def _point(coordinates: object) -> Point:
    return cast("Point", _position(coordinates, 2))


_READERS: Final[Mapping[str, Callable[[object], Shape]]] = {
    "Polygon": _polygon,
    "LineString": _line,
    "LineString3": _line3,
    "Point": _point,
}


def geometry_of(shape: Shape) -> Geometry:
    """The GeoJSON geometry of a shape."""
    if isinstance(shape, Polygon):
        rings = [[*ring, ring[0]] for ring in (shape.outer, *shape.holes)]
        return {"type": "Polygon", "coordinates": [[_short(p) for p in ring] for ring in rings]}
    if isinstance(shape, Line | Line3):
        return {"type": "LineString", "coordinates": [_short(p) for p in shape.points]}
    return {"type": "Point", "coordinates": _short(shape)}


def _short(point: tuple[float, ...]) -> list[float]:
    return [millimetres(value) for value in point]
