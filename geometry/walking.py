"""Shortest ways over a floor that never cross a wall: from some places to every other, and along which corners.

A shortest way is a taut string: it bends only at corners that jut into the floor. So the corners, and which of them see
each other, are all there is to know of a floor; a way's last leg goes to the last corner that sees its end. Who sees
whom is asked of the same engine that casts rays of sight.

A band along all walls, a few millimetres wide, is kept free, so that no ray grazes a wall: lengths are those of the
shortest way that keeps this distance, which is longer by at most some millimetres a corner.

References
----------
de Berg et al., Computational Geometry, 3rd edition (2008), chapter 15: shortest paths and visibility graphs.
"""

import itertools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geometry.errors import GeometryError
from geometry.meshes import Mesh, merged, mesh, polygons_of
from geometry.rays import RayScene, ray_scene

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

_BAND_M: Final = 0.003
"""Kept free along walls: three times what a ray skips at its ends (`geometry.rays.CLEARANCE_M`)."""
_BAND_RATIO: Final = 1e-5
"""The band on floors so large that single precision no longer tells millimetres, of their extent."""
_EYES_AT: Final = 0.37
"""Height of the rays, of the walls': not where the two triangles of a wall meet in its middle."""
_MITRE: Final = 5.0
_CRUMB_M: Final = 1e-5
_SNAP_M: Final = 0.5
_ROWS: Final = 4096
_NONE: Final = -1
_SLACK: Final = 1e-6
"""Corners in one line are kept on either side of it: rounding must not take a way from them. [m4]"""


class WalkingError(GeometryError):
    """A floor that nobody can walk on; the message says why."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Floor:
    """A floor prepared for walking. Make one with `floor`.

    Attributes
    ----------
    area : where a way may go
    corners_m : (c, 2) corners that jut into it
    before_m, after_m : (c, 2) their neighbours on the outline
    legs : (c, c) sparse, lengths between corners that see each other. [m]
    scene : its walls, upright
    """

    area: BaseGeometry
    corners_m: Floats
    before_m: Floats
    after_m: Floats
    legs: Any
    scene: RayScene

    def onto(self, points_m: ArrayLike, *, within: BaseGeometry | None = None) -> tuple[Floats, Floats]:
        """(n, 2) points on the floor that are nearest to some points, and (n,) how far these are. [m]

        What is farther than half a metre off is not on this floor: its distance is infinite.

        Parameters
        ----------
        points_m : (n, 2)
        within : only there, such as in the room whose wall a device hangs on
        """
        points = np.asarray(points_m, dtype=np.float64).reshape(-1, 2)
        area = self.area if within is None else shapely.intersection(self.area, within)
        off = np.zeros(len(points))
        if area.is_empty:
            return points, np.full(len(points), np.inf)
        shapely.prepare(area)
        rows = np.flatnonzero(~shapely.intersects_xy(area, *points.T))
        if not len(rows):
            return points, off
        lines = shapely.shortest_line(area, shapely.points(points[rows]))
        off[rows] = shapely.length(lines)
        moved = points.copy()
        moved[rows] = shapely.get_coordinates(shapely.get_point(lines, 0))
        off[off > _SNAP_M] = np.inf
        return moved, off

    def are_clear(self, origins_m: Floats, targets_m: Floats) -> Flags:
        """(n,) whether one can walk straight from origin to target, both on the floor.

        Parameters
        ----------
        origins_m, targets_m : (n, 2)
        """
        return ~self.scene.blocked_near(self._upright(origins_m), self._upright(targets_m))

    def _upright(self, points_m: Floats) -> Singles:
        """(n, 3) points at the height of the rays, as the engine has them."""
        near = np.empty((len(points_m), 3), dtype=np.float32)
        np.subtract(points_m, self.scene.origin_m[:2], out=near[:, :2], casting="same_kind")
        near[:, 2] = _EYES_AT - self.scene.origin_m[2]
        return near

    def ends(self, points_m: ArrayLike, *, any_way: bool = False) -> "Ends":
        """Points prepared as ends of ways: which corners see each, worked out once for any number of sources.

        Parameters
        ----------
        points_m : (n, 2); those in a wall are taken before it, as `onto` does
        any_way : also corners that a taut way would not leave for the point; a jet of water may
        """
        targets, off_m = self.onto(points_m)
        rows, corners, lengths = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0)]
        before, after = self.before_m - self.corners_m, self.after_m - self.corners_m
        for start in range(0, len(targets), _ROWS):
            ways = targets[start : start + _ROWS, None] - self.corners_m[None]
            row, corner = np.nonzero(np.ones(ways.shape[:2], bool) if any_way else _bends(ways, before, after))
            clear = self.are_clear(self.corners_m[corner], targets[row + start])
            row, corner = row[clear], corner[clear]
            rows.append(row + start)
            corners.append(corner)
            lengths.append(np.hypot(*ways[row, corner].T))
        counts = np.bincount(np.concatenate(rows), minlength=len(targets))
        starts = np.concatenate(([0], np.cumsum(counts)))
        return Ends(targets, off_m, starts, np.concatenate(corners), np.concatenate(lengths))

    def field(self, sources_m: ArrayLike, *, ahead_m: ArrayLike | None = None) -> "Field":
        """Shortest ways from the nearest of several sources.

        Parameters
        ----------
        sources_m : (s, 2), on the floor
        ahead_m : (s,) what has been walked before a source is reached; none means nothing
        """
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 - a quarter of a second, only for who walks

        sources = np.asarray(sources_m, dtype=np.float64).reshape(-1, 2)
        ahead = np.zeros(len(sources)) if ahead_m is None else np.asarray(ahead_m, dtype=np.float64)
        corners, count = len(self.corners_m), len(self.corners_m) + len(sources)
        at, to, length_m = self._first_legs(sources)
        usable = np.flatnonzero(np.isfinite(ahead))
        # one node before all sources; a metre more, as a leg of no length is none to the solver
        of = np.concatenate((at, np.full(len(usable), len(sources))))
        lengths = np.concatenate((length_m, ahead[usable] + 1.0))
        graph = with_rows(self.legs, of, np.concatenate((to, usable + corners)), lengths, rows=len(sources) + 1)
        walked, before = dijkstra(graph, indices=count, return_predecessors=True)
        before = np.where((before < 0) | (before == count), _NONE, before)[:count].astype(np.int64)
        return Field(self, np.vstack((self.corners_m, sources)), walked[:count] - 1.0, before)

    def lengths_m(self, origins_m: ArrayLike, targets_m: ArrayLike) -> Floats:
        """(k, n) shortest ways from each origin to each target, infinite where there is none. [m]

        Parameters
        ----------
        origins_m : (k, 2)
        targets_m : (n, 2)

        Examples
        --------
        >>> ell = floor(shapely.Polygon([(0, 0), (6, 0), (6, 2), (2, 2), (2, 6), (0, 6)]))
        >>> float(ell.lengths_m([(5, 1)], [(1, 5)])[0, 0].round(2))  # 2 legs of the root of 10 round (2, 2)
        6.33
        """
        ends = self.ends(targets_m)
        origins, away_m = self.onto(origins_m)
        found = [self.field(origin[None]).walk(ends)[0] for origin in origins]
        return np.array(found).reshape(len(origins), len(ends.points_m)) + away_m[:, None]

    def between_m(self, points_m: Floats) -> Floats:
        """(n, n) shortest ways between points on the floor, infinite where there is none. [m]

        Parameters
        ----------
        points_m : (n, 2), on the floor
        """
        from scipy.sparse import coo_array  # noqa: PLC0415 - a quarter of a second, only for who walks
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

        corners, count = len(self.corners_m), len(points_m)
        at, to, length_m = self._first_legs(points_m)
        one, other = np.triu_indices(count, k=1)
        clear = self.are_clear(points_m[one], points_m[other])
        one, other = one[clear], other[clear]
        straight_m = np.maximum(np.hypot(*(points_m[one] - points_m[other]).T), 1e-9)
        legs = self.legs.tocoo()
        graph = coo_array(
            (
                np.concatenate((legs.data, length_m, straight_m)),
                (
                    np.concatenate((legs.row, at + corners, one + corners)),
                    np.concatenate((legs.col, to, other + corners)),
                ),
            ),
            shape=(corners + count, corners + count),
        )
        found: Floats = dijkstra(graph.tocsr(), directed=False, indices=np.arange(corners, corners + count))
        return found[:, corners:]

    def _first_legs(self, sources: Floats) -> tuple[Ints, Ints, Floats]:
        """Rows of sources and of corners that see each other, where a way may bend, and how far apart."""
        ways = self.corners_m[None] - sources[:, None]
        at, to = np.nonzero(_bends(ways, self.before_m - self.corners_m, self.after_m - self.corners_m))
        clear = self.are_clear(sources[at], self.corners_m[to])
        at, to = at[clear], to[clear]
        return at, to, np.maximum(np.hypot(*ways[at, to].T), 1e-9)


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """Points that ways lead to, and the corners that see them. Make them with `Floor.ends`.

    Attributes
    ----------
    points_m : (n, 2) on the floor; off_m : (n,) how far the points asked for were off it
    starts : (n + 1,) first entry of each point in `corners`, `lengths_m`: the corners that see it, and how far they are
    """

    points_m: Floats
    off_m: Floats
    starts: Ints
    corners: Ints
    lengths_m: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Shortest ways over a floor from the nearest of some sources.

    Attributes
    ----------
    points_m : (p, 2) the floor's corners, then the sources
    walked_m : (p,) length of the shortest way there; infinite where there is none
    before : (p,) row of the point before it on the way, -1 at a source's own
    """

    floor: Floor
    points_m: Floats
    walked_m: Floats
    before: Ints

    def sources(self) -> Ints:
        """(p,) which source the way to each point comes from; -1 where there is no way."""
        first = np.where(self.before < 0, np.arange(len(self.before)), self.before)
        while not np.array_equal(further := first[first], first):
            first = further
        corners = len(self.floor.corners_m)
        return np.where(np.isfinite(self.walked_m) & (first >= corners), first - corners, _NONE)

    def walk(self, to: Ends, *, throw_m: float = 0.0, within_m: float = np.inf) -> tuple[Floats, Ints]:
        """(n,) length of the shortest way to each end, and (n,) the row of the last point before it, -1 for none.

        Parameters
        ----------
        throw_m : what need not be walked at the end, as a jet of water reaches on in a straight line. Of the places to
            throw from that lie on straight lines from the points to the end; a cleverer place may be nearer.
        within_m : longer ways count as none
        """
        lengths = np.full(len(to.points_m), np.inf)
        via = np.full(len(to.points_m), _NONE, dtype=np.int64)
        found = self.walked_m[to.corners] + np.maximum(to.lengths_m - throw_m, 0.0)
        some = np.flatnonzero(np.diff(to.starts) > 0)
        if len(some):
            lengths[some] = np.minimum.reduceat(found, to.starts[:-1][some])
            is_best = found == np.repeat(lengths, np.diff(to.starts))
            via[some] = np.maximum.reduceat(np.where(is_best, to.corners, _NONE), to.starts[:-1][some])
        for seed in range(len(self.floor.corners_m), len(self.points_m)):
            if not self.walked_m[seed] <= within_m:
                continue
            straight_m = np.hypot(*(to.points_m - self.points_m[seed]).T)
            direct = self.walked_m[seed] + np.maximum(straight_m - throw_m, 0.0)
            rows = np.flatnonzero((direct < lengths) & (direct <= within_m))
            rows = rows[self.floor.are_clear(np.broadcast_to(self.points_m[seed], (len(rows), 2)), to.points_m[rows])]
            lengths[rows], via[rows] = direct[rows], seed
        lengths += to.off_m
        far = ~(lengths <= within_m) | np.isinf(lengths)
        lengths[far], via[far] = np.inf, _NONE
        return lengths, via

    def way_m(self, target_m: ArrayLike) -> Floats:
        """(m, 2) the shortest way from its source to a target on the floor, corner by corner; empty where none is.

        Examples
        --------
        >>> ell = floor(shapely.Polygon([(0, 0), (6, 0), (6, 2), (2, 2), (2, 6), (0, 6)]))
        >>> ell.field([(5, 1)]).way_m((1, 5)).round(1).tolist()
        [[5.0, 1.0], [2.0, 2.0], [1.0, 5.0]]
        """
        end = self.floor.ends(np.asarray(target_m, dtype=np.float64).reshape(1, 2))
        row = int(self.walk(end)[1][0])
        if row == _NONE:
            return np.empty((0, 2))
        passed = [end.points_m[0]]
        while row != _NONE:
            passed.append(self.points_m[row])
            row = int(self.before[row])
        return np.array(passed[::-1])


def with_rows(legs: Any, at: Ints, to: Ints, length_m: Floats, *, rows: int) -> Any:  # noqa: ANN401 - scipy is not typed
    """A sparse square of legs with further rows, from which some of its columns are reached.

    Parameters
    ----------
    legs : (n, n), compressed by rows
    at, to, length_m : (k,) which of the further rows, from 0 and rising; the column; how far it is, more than 0
    rows : how many there are

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> with_rows(csr_array((2, 2)), np.array([0]), np.array([1]), np.array([3.0]), rows=1).toarray().tolist()
    [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 3.0, 0.0]]
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 - a quarter of a second, only for who walks

    ends = np.cumsum(np.bincount(at, minlength=rows)) + legs.indptr[-1]
    return csr_array(
        (
            np.concatenate((legs.data, length_m)),
            np.concatenate((legs.indices, to)).astype(np.int32),
            np.concatenate((legs.indptr, ends)).astype(np.int32),
        ),
        shape=(legs.shape[0] + rows, legs.shape[1] + rows),
    )


def floor(area: BaseGeometry, *, clearance_m: float = 0.0) -> Floor:
    """A floor prepared for walking.

    Parameters
    ----------
    area : polygon or polygons; what stands on it is a hole
    clearance_m : kept from all walls, for a wheelchair or a hose reel on wheels

    Raises
    ------
    WalkingError
        If nothing of it is left to walk on.
    """
    extent_m = float(np.ptp(np.reshape(area.bounds, (2, 2)), axis=0).max()) if not area.is_empty else 0.0
    band_m = max(_BAND_M, _BAND_RATIO * extent_m)
    # edges of a nanometre, as joining shapes leaves them, make the offset cut whole corners off
    walled = _shrunk(shapely.simplify(area, _CRUMB_M), clearance_m)
    inner = _shrunk(walled, band_m)
    if inner.is_empty:
        raise WalkingError(
            f"a floor of {area.area:.3g} m² leaves no way {2 * (clearance_m + band_m):.3g} m wide: "
            "correct its outline, what stands on it, or the clearance"
        )
    scene = ray_scene(merged(_walls(polygon, band_m / 8) for polygon in polygons_of(walled)))
    found = [_jutting(polygon) for polygon in polygons_of(inner)]
    corners, before, after = (np.concatenate(parts) for parts in zip(*found, strict=True))
    bare = Floor(inner, corners, before, after, None, scene)
    return Floor(inner, corners, before, after, _legs(bare), scene)


def _shrunk(area: BaseGeometry, by_m: float) -> BaseGeometry:
    if by_m <= 0:
        return area
    return shapely.buffer(area, -by_m, join_style="mitre", mitre_limit=_MITRE)


def _walls(polygon: shapely.Polygon, longer_m: float) -> Mesh:
    """The outline drawn up, each edge a little longer, so that nothing slips through where two meet."""
    points, faces, count = [], [], 0
    for ring in (polygon.exterior, *polygon.interiors):
        line = shapely.get_coordinates(ring)
        starts, ends = line[:-1], line[1:]
        along = ends - starts
        length_m = np.hypot(*along.T)[:, None]
        real = length_m[:, 0] > 0
        along = along[real] / length_m[real] * longer_m
        a, b = starts[real] - along, ends[real] + along
        low, high = np.zeros((len(a), 1)), np.ones((len(a), 1))
        points.append(np.vstack((np.hstack((a, low)), np.hstack((b, low)), np.hstack((b, high)), np.hstack((a, high)))))
        k = count + np.arange(len(a))
        n = len(a)
        faces.append(np.vstack((np.column_stack((k, k + n, k + 2 * n)), np.column_stack((k, k + 2 * n, k + 3 * n)))))
        count += 4 * n
    return mesh(np.vstack(points), np.vstack(faces))


def _jutting(polygon: shapely.Polygon) -> tuple[Floats, Floats, Floats]:
    """(c, 2) each: the corners round which a way may bend, the points before and after them on the outline."""
    whole = shapely.orient_polygons(shapely.simplify(polygon, 0.0))
    parts = []
    for ring in (whole.exterior, *whole.interiors):
        line = shapely.get_coordinates(ring)[:-1]
        before, after = np.roll(line, 1, axis=0), np.roll(line, -1, axis=0)
        # outlines run so that the floor is on their left: a turn to the right juts into it
        juts = _cross(line - before, after - line) < 0
        parts.append(np.stack((line[juts], before[juts], after[juts])))
    corners, before, after = np.concatenate(parts, axis=1)
    return corners, before, after


def _cross(a: Floats, b: Floats) -> Floats:
    found: Floats = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return found


def _bends(ways: Floats, before: Floats, after: Floats) -> Flags:
    """Whether a taut string along `ways` may bend at a corner: its two walls lie on one side of the string.

    Parameters
    ----------
    ways : (..., c, 2) to or from each corner
    before, after : (c, 2) directions of its walls
    """
    one, other = _cross(ways, before), _cross(ways, after)
    bends: Flags = one * other >= -_SLACK
    return bends


def _legs(bare: Floor) -> Any:  # noqa: ANN401 - scipy is not typed
    """Lengths between corners that see each other, where a way may bend at both."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - a quarter of a second, only for who walks

    corners, count = bare.corners_m, len(bare.corners_m)
    before, after = bare.before_m - corners, bare.after_m - corners
    rows, columns, lengths = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0)]
    block = max(1, 2_000_000 // max(count, 1))
    for start, stop in itertools.pairwise([*range(0, count, block), count]):
        ways = corners[None] - corners[start:stop, None]
        both = _bends(ways, before, after) & _bends_at_start(ways, before[start:stop], after[start:stop])
        at, to = np.nonzero(np.triu(both, k=start + 1))
        clear = bare.are_clear(corners[at + start], corners[to])
        at, to = at[clear], to[clear]
        rows.append(at + start)
        columns.append(to)
        lengths.append(np.hypot(*ways[at, to].T))
    one, other, length_m = np.concatenate(rows), np.concatenate(columns), np.concatenate(lengths)
    both_ways = (np.concatenate((one, other)), np.concatenate((other, one)))
    return coo_array((np.concatenate((length_m, length_m)), both_ways), shape=(count, count)).tocsr()


def _bends_at_start(ways: Floats, before: Floats, after: Floats) -> Flags:
    """(r, c) as `_bends`, at the corners that the ways start from."""
    bends: Flags = _cross(ways, before[:, None]) * _cross(ways, after[:, None]) >= -_SLACK
    return bends
