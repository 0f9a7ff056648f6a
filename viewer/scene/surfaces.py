"""Surfaces drawn piece by piece: flat areas, upright prisms, quadrilaterals, lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import mapbox_earcut
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from viewer.scene.gltf import Surface
from viewer.scene.palette import Colour

XY = tuple[float, float]
XYZ = tuple[float, float, float]


def polygons(shape: BaseGeometry) -> Iterator[shapely.Polygon]:
    """The polygons in a shape, the slivers of cutting left out."""
    for part in shapely.get_parts(shape):
        if isinstance(part, shapely.Polygon):
            if part.area > 1e-4:
                yield shapely.orient_polygons(part)
        elif isinstance(part, shapely.MultiPolygon | shapely.GeometryCollection):
            yield from polygons(part)


def rings(shape: BaseGeometry) -> Iterator[NDArray[np.float64]]:
    """(n, 2) rings of a shape's polygons, not closed; material is to their left."""
    for polygon in polygons(shape):
        for ring in (polygon.exterior, *polygon.interiors):
            yield np.asarray(ring.coords)[:-1, :2]


@dataclass
class Drawing:
    """A surface in the making; `object_row` is given to what is drawn next."""

    lines: bool = False
    object_row: int = 0
    _positions: list[NDArray[np.float64]] = field(default_factory=list)
    _colours: list[tuple[Colour, int]] = field(default_factory=list)
    _objects: list[tuple[int, int]] = field(default_factory=list)
    _indices: list[NDArray[np.int64]] = field(default_factory=list)
    _count: int = 0

    def _put(self, points: NDArray[np.float64], indices: NDArray[np.int64], colour: Colour) -> None:
        self._positions.append(points)
        self._indices.append(indices + self._count)
        self._colours.append((colour, len(points)))
        self._objects.append((self.object_row, len(points)))
        self._count += len(points)

    def quad(self, corners: Sequence[XYZ], colour: Colour) -> None:
        """Four corners, counter-clockwise as seen from its front."""
        self._put(np.array(corners, dtype=np.float64), np.array([0, 1, 2, 0, 2, 3]), colour)

    def upright(self, a: XY, b: XY, z0_m: float, z1_m: float, colour: Colour) -> None:
        """An upright rectangle from a to b; its front is to the right of that way."""
        if z1_m - z0_m > 1e-6:
            self.quad(((*a, z0_m), (*b, z0_m), (*b, z1_m), (*a, z1_m)), colour)

    def area(self, shape: BaseGeometry, z_m: float, colour: Colour, *, faces_down: bool = False) -> None:
        """A flat area at one height."""
        for polygon in polygons(shape):
            outline = [np.asarray(r.coords)[:-1, :2] for r in (polygon.exterior, *polygon.interiors)]
            flat = np.vstack(outline)
            ends = np.cumsum([len(r) for r in outline]).astype(np.uint32)
            found = mapbox_earcut.triangulate_float64(flat, ends).astype(np.int64).reshape(-1, 3)
            if len(found) == 0:
                continue
            a, b, c = (flat[found[:, k]] for k in range(3))
            turn = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
            wrong = (turn < 0) != faces_down
            found[wrong] = found[wrong][:, ::-1]
            self._put(np.column_stack((flat, np.full(len(flat), z_m))), found.ravel(), colour)

    def sides(self, shape: BaseGeometry, z0_m: float, z1_m: float, colour: Colour) -> None:
        """The upright faces around a shape."""
        if z1_m - z0_m <= 1e-6:
            return
        for ring in rings(shape):
            after = np.roll(ring, -1, axis=0)
            n = len(ring)
            points = np.empty((n, 4, 3))
            points[:, 0, :2] = points[:, 3, :2] = ring
            points[:, 1, :2] = points[:, 2, :2] = after
            points[:, :2, 2] = z0_m
            points[:, 2:, 2] = z1_m
            corners = np.arange(n)[:, None] * 4 + np.array([0, 1, 2, 0, 2, 3])
            self._put(points.reshape(-1, 3), corners.ravel(), colour)

    def prism(self, shape: BaseGeometry, z0_m: float, z1_m: float, side: Colour, top: Colour) -> None:
        """A shape raised from one height to another, without a bottom."""
        self.sides(shape, z0_m, z1_m, side)
        self.area(shape, z1_m, top)

    def polyline(self, points: Sequence[XYZ], colour: Colour, *, closed: bool = False) -> None:
        """A line through points, in a drawing of lines."""
        n = len(points)
        ends = np.arange(n if closed else n - 1)
        self._put(np.array(points, dtype=np.float64), np.column_stack((ends, (ends + 1) % n)).ravel(), colour)

    def fade(self, inner: shapely.Polygon, outer: shapely.Polygon, colours: tuple[Colour, Colour], z_m: float) -> bool:
        """A flat ring that goes from one colour to another; whether the rings match corner by corner."""
        near, far = (np.asarray(shapely.orient_polygons(p).exterior.coords)[:-1, :2] for p in (inner, outer))
        n = len(near)
        if n != len(far):
            return False
        for ring, colour in ((near, colours[0]), (far, colours[1])):
            self._put(np.column_stack((ring, np.full(n, z_m))), np.zeros(0, np.int64), colour)
        k = np.arange(n)
        after = (k + 1) % n
        self._indices.append(
            (np.column_stack((k, k + n, after + n, k, after + n, after)) + self._count - 2 * n).ravel()
        )
        return True

    def outline(self, shape: BaseGeometry, z_m: float, colour: Colour) -> None:
        """The rings of a shape as lines at one height, in a drawing of lines."""
        for ring in rings(shape):
            self.polyline([(float(x), float(y), z_m) for x, y in ring], colour, closed=True)

    def surface(self) -> Surface:
        """What was drawn so far."""
        if not self._positions:
            empty = np.zeros((0, 3), np.float32)
            return Surface(
                empty, np.zeros((0, 4), np.uint8), np.zeros(0, np.float32), np.zeros(0, np.uint32), self.lines
            )
        colours, spans = zip(*self._colours, strict=True)
        rows, counts = zip(*self._objects, strict=True)
        return Surface(
            positions_m=np.vstack(self._positions).astype(np.float32),
            colours=np.repeat(np.array(colours, np.uint8), spans, axis=0),
            objects=np.repeat(np.array(rows, np.float32), counts),
            indices=np.concatenate(self._indices).astype(np.uint32),
            lines=self.lines,
        )
