"""Stretches of a line, by where along it they begin and end: which of a perimeter is guarded by what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Stretch = tuple[float, float]

_TOUCH_M: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A polyline one measures along. Make one with `run`.

    Attributes
    ----------
    points_m : (n, 2); a closed one ends where it starts
    at_m : (n,) how far along each point is
    """

    points_m: Floats
    at_m: Floats

    @property
    def length_m(self) -> float:
        """How long it is."""
        return float(self.at_m[-1])

    @property
    def is_closed(self) -> bool:
        """Whether it ends where it starts."""
        return len(self.points_m) > 3 and bool(np.hypot(*(self.points_m[0] - self.points_m[-1])) < _TOUCH_M)

    def within(self, area: BaseGeometry) -> tuple[Stretch, ...]:
        """The stretches that lie in an area."""
        found = []
        for start_m, a, b in zip(self.at_m, self.points_m, self.points_m[1:], strict=False):
            length_m = float(np.hypot(*(b - a)))
            if length_m < _TOUCH_M:
                continue
            inside = shapely.intersection(shapely.LineString([a, b]), area)
            for part in shapely.get_parts(inside):
                if part.is_empty:
                    continue
                along = (shapely.get_coordinates(part) - a) @ (b - a) / length_m
                found.append((float(start_m + along.min()), float(start_m + along.max())))
        return joined(found)

    def nearest(self, point_m: ArrayLike) -> tuple[float, float, Floats]:
        """How far along the point nearest to another is, how far that is off, and the direction of the line there."""
        point = np.asarray(point_m, dtype=np.float64)
        starts, ways = self.points_m[:-1], np.diff(self.points_m, axis=0)
        lengths = np.maximum(np.hypot(*ways.T), _TOUCH_M)
        along = np.clip(((point - starts) * ways).sum(axis=1) / lengths, 0.0, lengths)
        off_m = np.hypot(*(starts + ways * (along / lengths)[:, None] - point).T)
        k = int(off_m.argmin())
        return float(self.at_m[k] + along[k]), float(off_m[k]), ways[k] / lengths[k]

    def between(self, start_m: float, end_m: float) -> tuple[Stretch, ...]:
        """The stretch between two lengths; on a closed line it may run over its end."""
        if not self.is_closed:
            return joined([(max(0.0, start_m), min(self.length_m, end_m))])
        if end_m - start_m >= self.length_m:
            return ((0.0, self.length_m),)
        start, end = start_m % self.length_m, end_m % self.length_m
        return joined([(start, end)] if start <= end else [(0.0, end), (start, self.length_m)])

    def piece(self, stretch: Stretch) -> shapely.LineString:
        """A stretch as a line."""
        inner = self.points_m[(self.at_m > stretch[0] + _TOUCH_M) & (self.at_m < stretch[1] - _TOUCH_M)]
        return shapely.LineString(np.vstack((self.point(stretch[0]), inner, self.point(stretch[1]))))

    def point(self, at_m: float) -> Floats:
        """(2,) the point so far along."""
        return np.array([np.interp(at_m, self.at_m, self.points_m[:, k]) for k in (0, 1)])


def run(points_m: ArrayLike) -> Run:
    """A polyline one measures along.

    Examples
    --------
    >>> ell = run([(0, 0), (4, 0), (4, 3)])
    >>> ell.length_m, ell.within(shapely.box(3, -1, 5, 1))
    (7.0, ((3.0, 5.0),))
    """
    points = np.asarray(points_m, dtype=np.float64).reshape(-1, 2)
    return Run(points, np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T)))))


def joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The same stretches, those that touch as one, in order; those without length are left out.

    Examples
    --------
    >>> joined([(4, 5), (0, 2), (2, 3), (7, 7)])
    ((0, 3), (4, 5))
    """
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1] + _TOUCH_M:
            found[-1] = found[-1][0], max(found[-1][1], end)
        elif end > start + _TOUCH_M:
            found.append((start, end))
    return tuple(found)


def cut(edges_m: Iterable[float]) -> Floats:
    """(n, 2) the stretches between lengths, in order; those without length are left out."""
    ordered = np.unique(np.asarray(list(edges_m), dtype=np.float64))
    pieces = np.column_stack((ordered[:-1], ordered[1:]))
    return np.asarray(pieces[np.diff(pieces, axis=1)[:, 0] > _TOUCH_M], dtype=np.float64)


def covers(stretches: Sequence[Stretch], at_m: Floats) -> NDArray[np.bool_]:
    """(n,) whether any stretch has the points at some lengths."""
    found = np.zeros(len(at_m), dtype=bool)
    for start, end in stretches:
        found |= (at_m >= start - _TOUCH_M) & (at_m <= end + _TOUCH_M)
    return found
