"""Triangles in space: what stands in the way of sight, sound and radio.

Every triangle names its owner, a row in a table of the caller, so that whoever is hidden can be told by what.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import mapbox_earcut
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geometry.errors import GeometryError

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

_SMALLEST_M2: Final = 1e-9
"""What shapely leaves over where two outlines meet; it hides nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Triangles and what each belongs to.

    Attributes
    ----------
    vertices_m : (n, 3), site frame. [m]
    triangles : (m, 3), rows of vertices
    owners : (m,), row in the caller's table
    """

    vertices_m: Floats
    triangles: Ints
    owners: Ints

    def corners_m(self) -> Floats:
        """(m, 3, 3) the corners of each triangle. [m]"""
        return self.vertices_m[self.triangles]

    def normals(self) -> Floats:
        """(m, 3) across each triangle, of unit length; zero for one without area.

        Examples
        --------
        >>> mesh([(0, 0, 0), (2, 0, 0), (0, 2, 0)], [(0, 1, 2)]).normals().tolist()
        [[0.0, 0.0, 1.0]]
        """
        points = self.vertices_m.T
        first = points[:, self.triangles[:, 0]]
        ux, uy, uz = points[:, self.triangles[:, 1]] - first
        vx, vy, vz = points[:, self.triangles[:, 2]] - first
        across = np.stack((uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx))
        length = np.sqrt(np.einsum("ij,ij->j", across, across))
        unit: Floats = (across / np.maximum(length, 1e-12)).T
        return unit

    def moved(self, shift_m: ArrayLike) -> "Mesh":
        """The same triangles elsewhere.

        Parameters
        ----------
        shift_m : (3,)
        """
        return Mesh(self.vertices_m + np.asarray(shift_m, dtype=np.float64), self.triangles, self.owners)

    def owned_by(self, owner: int) -> "Mesh":
        """The same triangles, all with one owner."""
        return Mesh(self.vertices_m, self.triangles, np.full(len(self.triangles), owner, dtype=np.int32))


@dataclass(frozen=True, slots=True)
class WallOpening:
    """A rectangle left free in a wall.

    Attributes
    ----------
    from_m, to_m : along the wall from its start
    bottom_m, top_m : in the heights of the wall
    """

    from_m: float
    to_m: float
    bottom_m: float
    top_m: float


def no_mesh() -> Mesh:
    """A mesh without triangles."""
    return Mesh(np.empty((0, 3)), np.empty((0, 3), np.int32), np.empty(0, np.int32))


def mesh(vertices_m: ArrayLike, triangles: ArrayLike, *, owner: int = 0) -> Mesh:
    """A mesh of given triangles, all with one owner.

    Raises
    ------
    GeometryError
        If a coordinate is not finite or a triangle names a vertex that is not there.
    """
    points = np.asarray(vertices_m, dtype=np.float64).reshape(-1, 3)
    faces = np.asarray(triangles, dtype=np.int64).reshape(-1, 3)
    if not np.isfinite(points).all():
        row = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        raise GeometryError(f"vertex {row} of the mesh is {points[row].tolist()}: give finite numbers")
    if faces.size and (faces.min() < 0 or faces.max() >= len(points)):
        raise GeometryError(f"a triangle names vertex {int(faces.max())}; the mesh has {len(points)} vertices")
    return Mesh(points, faces.astype(np.int32), np.full(len(faces), owner, dtype=np.int32))


def merged(meshes: Iterable[Mesh]) -> Mesh:
    """All of them as one."""
    parts = [m for m in meshes if len(m.triangles)]
    if not parts:
        return no_mesh()
    starts = np.cumsum([0, *(len(m.vertices_m) for m in parts[:-1])])
    return Mesh(
        np.concatenate([m.vertices_m for m in parts]),
        np.concatenate([m.triangles + np.int32(k) for m, k in zip(parts, starts, strict=True)]),
        np.concatenate([m.owners for m in parts]),
    )


def sheet(area: BaseGeometry, *, z_m: float, owner: int = 0) -> Mesh:
    """A level area as triangles; holes stay open.

    Parameters
    ----------
    area : polygon or polygons, valid

    Examples
    --------
    >>> len(sheet(shapely.box(0, 0, 2, 1), z_m=3.0).triangles)
    2
    """
    return merged(_flat(polygon, z_m, owner) for polygon in polygons_of(area))


def prism(area: BaseGeometry, *, bottom_m: float, top_m: float, owner: int = 0, lids: bool = True) -> Mesh:
    """An area drawn up from a bottom to a top, closed unless `lids` says otherwise.

    Raises
    ------
    GeometryError
        If the top is not above the bottom.

    Examples
    --------
    >>> len(prism(shapely.box(0, 0, 2, 1), bottom_m=0.0, top_m=3.0).triangles)
    12
    """
    if not top_m > bottom_m:
        raise GeometryError(f"a prism from {bottom_m} m to {top_m} m has no height: the top must be above the bottom")
    return merged(_column(polygon, bottom_m, top_m, owner, lids=lids) for polygon in polygons_of(area))


def curtain(line_m: ArrayLike, *, bottom_m: float, top_m: float, owner: int = 0) -> Mesh:
    """A thin upright sheet along a line, such as a fence.

    Parameters
    ----------
    line_m : (n, 2), n >= 2
    """
    return _side(np.asarray(line_m, dtype=np.float64).reshape(-1, 2), bottom_m, top_m, owner)


def wall(
    ends_m: ArrayLike, *, bottom_m: float, top_m: float, openings: Sequence[WallOpening] = (), owner: int = 0
) -> Mesh:
    """A thin upright wall with rectangular openings.

    Parameters
    ----------
    ends_m : (2, 2), start and end

    Raises
    ------
    GeometryError
        If the wall has no length or no height.

    Examples
    --------
    >>> door = WallOpening(1.0, 2.0, 0.0, 2.1)
    >>> pierced = wall([(0, 0), (4, 0)], bottom_m=0.0, top_m=3.0, openings=[door])
    >>> float(area_m2(pierced).round(2))
    9.9
    """
    start, end = np.asarray(ends_m, dtype=np.float64).reshape(2, 2)
    length_m = float(np.hypot(*(end - start)))
    if length_m <= 0 or not top_m > bottom_m:
        raise GeometryError(f"a wall of {length_m} m from {bottom_m} m to {top_m} m has no area")
    face: BaseGeometry = shapely.box(0.0, bottom_m, length_m, top_m)
    if openings:
        face = face - shapely.union_all([shapely.box(o.from_m, o.bottom_m, o.to_m, o.top_m) for o in openings])
    upright = sheet(face, z_m=0.0, owner=owner)
    along = (end - start) / length_m
    points = np.column_stack((start + upright.vertices_m[:, :1] * along, upright.vertices_m[:, 1]))
    return Mesh(points, upright.triangles, upright.owners)


def crown(
    point_m: ArrayLike, *, radius_m: float, bottom_m: float, top_m: float, owner: int = 0, sides: int = 8
) -> Mesh:
    """The crown of a tree: two blunt cones over one another.

    Parameters
    ----------
    point_m : (2,)
    """
    x, y = np.asarray(point_m, dtype=np.float64)
    turn = np.arange(sides) * 2 * np.pi / sides
    belt_m = bottom_m + 0.4 * (top_m - bottom_m)
    ring = np.column_stack((x + radius_m * np.cos(turn), y + radius_m * np.sin(turn), np.full(sides, belt_m)))
    points = np.vstack((ring, [[x, y, bottom_m], [x, y, top_m]]))
    a, b = np.arange(sides), (np.arange(sides) + 1) % sides
    low, high = np.full(sides, sides), np.full(sides, sides + 1)
    faces = np.vstack((np.column_stack((b, a, low)), np.column_stack((a, b, high))))
    return mesh(points, faces, owner=owner)


def area_m2(of: Mesh) -> np.float64:
    """The area of all triangles. [m2]"""
    corners = of.corners_m()
    twice = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    return np.float64(twice.sum() / 2)


def open_edges_m(of: Mesh, *, within_m: float = 1e-6) -> Floats:
    """(k, 2, 3) edges that belong to one triangle only: the rims of a mesh's holes; none if it is closed.

    A mesh with holes hides where it has triangles and lets through where it has none.

    Parameters
    ----------
    within_m : vertices nearer to each other than this are one

    Examples
    --------
    >>> len(open_edges_m(prism(shapely.box(0, 0, 2, 1), bottom_m=0.0, top_m=3.0)))
    0
    >>> len(open_edges_m(prism(shapely.box(0, 0, 2, 1), bottom_m=0.0, top_m=3.0, lids=False)))
    8
    """
    if not len(of.triangles):
        return np.empty((0, 2, 3))
    _, same = np.unique(np.round(of.vertices_m / within_m), axis=0, return_inverse=True)
    faces = same.reshape(-1)[of.triangles]
    edges = np.sort(faces[:, [(0, 1), (1, 2), (2, 0)]].reshape(-1, 2), axis=1)
    found, first, times = np.unique(edges, axis=0, return_index=True, return_counts=True)
    rims = first[(times == 1) & (found[:, 0] != found[:, 1])]
    ends: Floats = of.vertices_m[of.triangles[:, [(0, 1), (1, 2), (2, 0)]].reshape(-1, 2)[rims]]
    return ends


def polygons_of(area: BaseGeometry) -> tuple[shapely.Polygon, ...]:
    """The polygons of a geometry; points and lines in it are left out, as are slivers."""
    parts = shapely.get_parts(np.array([area], dtype=object))
    flat = [q for p in parts for q in (p.geoms if hasattr(p, "geoms") else (p,))]
    return tuple(p for p in flat if isinstance(p, shapely.Polygon) and p.area > _SMALLEST_M2)


def _flat(polygon: shapely.Polygon, z_m: float, owner: int) -> Mesh:
    points, ends = _rings(polygon)
    return mesh(np.column_stack((points, np.full(len(points), z_m))), _filled(points, ends), owner=owner)


def _column(polygon: shapely.Polygon, bottom_m: float, top_m: float, owner: int, *, lids: bool) -> Mesh:
    points, ends = _rings(polygon)
    count = len(points)
    a = np.arange(count)
    b = a + 1  # the next of its ring
    b[ends - 1] = np.concatenate(([0], ends[:-1]))
    faces = [np.column_stack((a, b, b + count)), np.column_stack((a, b + count, a + count))]
    if lids:
        filled = _filled(points, ends)
        faces += [filled, filled + count]
    heights_m = np.repeat((bottom_m, top_m), count)
    return mesh(np.column_stack((np.tile(points, (2, 1)), heights_m)), np.concatenate(faces), owner=owner)


def _rings(polygon: shapely.Polygon) -> tuple[Floats, NDArray[np.int64]]:
    """The corners of a polygon, ring after ring, none twice, and where each ring ends."""
    rings = [shapely.get_coordinates(r)[:-1] for r in (polygon.exterior, *polygon.interiors)]
    return np.concatenate(rings), np.cumsum([len(r) for r in rings])


def _filled(points: Floats, ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """(k, 3) triangles of a polygon."""
    around = points.mean(axis=0)  # far from the origin the products of the triangulation would lose millimetres
    faces = mapbox_earcut.triangulate_float64(points - around, ends.astype(np.uint32))
    return np.asarray(faces, dtype=np.int64).reshape(-1, 3)


def _side(line_m: Floats, bottom_m: float, top_m: float, owner: int) -> Mesh:
    count = len(line_m)
    low = np.column_stack((line_m, np.full(count, bottom_m)))
    high = np.column_stack((line_m, np.full(count, top_m)))
    a, b = np.arange(count - 1), np.arange(1, count)
    faces = np.vstack((np.column_stack((a, b, b + count)), np.column_stack((a, b + count, a + count))))
    return mesh(np.vstack((low, high)), faces, owner=owner)
