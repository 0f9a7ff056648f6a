"""What lies between two points, slowly and in full precision: the answer the fast engine is held to.

References
----------
Möller and Trumbore, Fast, minimum storage ray/triangle intersection, Journal of Graphics Tools 2 (1997).
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geometry.meshes import Mesh

Floats = NDArray[np.float64]
_PAIRS_AT_ONCE: Final = 2_000_000


def blocked(mesh: Mesh, origins_m: ArrayLike, targets_m: ArrayLike, *, clearance_m: float = 0.001) -> NDArray[np.bool_]:
    """(n,) whether a triangle lies between origin and target.

    Parameters
    ----------
    origins_m, targets_m : (n, 3)
    clearance_m : what is nearer to either end does not count
    """
    origins, targets = np.asarray(origins_m, dtype=np.float64), np.asarray(targets_m, dtype=np.float64)
    found = np.zeros(len(targets), dtype=bool)
    for rows, _, at_ratio in _hits(mesh, origins, targets):
        length_m = np.linalg.norm(targets[rows] - origins[rows], axis=1)[:, None]
        share = clearance_m / np.maximum(length_m, 1e-12)
        found[rows] = ((at_ratio > share) & (at_ratio < 1 - share)).any(axis=1)
    return found


def clear_of_edges_m(mesh: Mesh, origins_m: ArrayLike, targets_m: ArrayLike) -> Floats:
    """(n,) how far each line of sight stays from the edges of the triangles whose planes it crosses, at least. [m]

    A line that passes an edge by less than the rounding of another reckoning may be judged otherwise by it.

    Parameters
    ----------
    origins_m, targets_m : (n, 3)

    Examples
    --------
    >>> from geometry.meshes import mesh
    >>> corner = mesh([(0, 0, 0), (4, 0, 0), (0, 4, 0)], [(0, 1, 2)])
    >>> clear_of_edges_m(corner, [(1, 1.5, 5), (-0.25, 2, 5)], [(1, 1.5, -5), (-0.25, 2, -5)]).tolist()
    [1.0, 0.25]
    """
    origins, targets = np.asarray(origins_m, dtype=np.float64), np.asarray(targets_m, dtype=np.float64)
    corners = mesh.corners_m()
    clear = np.full(len(origins), np.inf)
    if not len(corners):
        return clear
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1), 1e-300)[:, None]
    edges = corners[:, [1, 2, 0]] - corners
    inwards = np.cross(normals[:, None], edges)
    inwards /= np.maximum(np.linalg.norm(inwards, axis=2), 1e-300)[:, :, None]
    for k, (a, b) in enumerate(zip(origins, targets, strict=True)):
        from_plane, to_plane = ((corners[:, 0] - p) * normals for p in (a, b))
        before, after = from_plane.sum(axis=1), to_plane.sum(axis=1)
        crosses = before * after <= 0
        share = before[crosses] / np.where(before[crosses] == after[crosses], np.inf, before[crosses] - after[crosses])
        met = a + share[:, None] * (b - a)
        to_edges = ((met[:, None] - corners[crosses]) * inwards[crosses]).sum(axis=2)
        # within a triangle the nearest edge; beside it the line it lies farthest beyond: no farther than the triangle
        away = np.abs(to_edges.min(axis=1))
        clear[k] = away.min(initial=np.inf)
    return clear


def first_hits(mesh: Mesh, origins_m: ArrayLike, directions: ArrayLike) -> tuple[Floats, NDArray[np.int32]]:
    """(n,) distance to the first triangle in units of the direction's length, inf for none; and its row, -1."""
    origins = np.asarray(origins_m, dtype=np.float64)
    targets = origins + np.asarray(directions, dtype=np.float64)
    distance = np.full(len(origins), np.inf)
    triangle = np.full(len(origins), -1, dtype=np.int32)
    for rows, _, at_ratio in _hits(mesh, origins, targets):
        ahead = np.where(at_ratio > 0, at_ratio, np.inf)
        best = ahead.argmin(axis=1)
        distance[rows] = ahead[np.arange(len(best)), best]
        triangle[rows] = np.where(np.isfinite(distance[rows]), best, -1)
    return distance, triangle


def _hits(mesh: Mesh, origins: Floats, targets: Floats) -> Iterator[tuple[NDArray[np.int64], None, Floats]]:
    """Rows of rays and, for each triangle, where on the way it is met as a share of it; nan where not."""
    corners = mesh.corners_m()
    count = len(corners)
    if count == 0 or len(origins) == 0:
        return
    each = max(1, _PAIRS_AT_ONCE // count)
    edge1, edge2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    for start in range(0, len(origins), each):
        rows = np.arange(start, min(start + each, len(origins)))
        way = (targets[rows] - origins[rows])[:, None, :]
        side = np.cross(way, edge2[None])
        determinant = (edge1[None] * side).sum(axis=2)
        with np.errstate(divide="ignore", invalid="ignore"):
            inverse = np.where(determinant != 0, 1 / determinant, np.nan)
            from_corner = origins[rows][:, None, :] - corners[None, :, 0]
            u = (from_corner * side).sum(axis=2) * inverse
            other = np.cross(from_corner, edge1[None])
            v = (way * other).sum(axis=2) * inverse
            at = (edge2[None] * other).sum(axis=2) * inverse
            at[~((u >= 0) & (v >= 0) & (u + v <= 1))] = np.nan
        yield rows, None, at
