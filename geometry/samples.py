"""Points that stand for an area or a line: structured grids, so that what an eye sees is found by slicing.

A grid's columns run east, its rows north. A sample stands for a cell of `step_m` squared, or for a piece of a line.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geometry.errors import GeometryError

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

FLOOR_LIFT_M: Final = 0.02
"""How far above its floor a sample at height 0 lies: one exactly on the floor is hidden by it (22 % visible instead of
78 %)."""
_MOST_CELLS: Final = 50_000_000


class SamplesError(GeometryError):
    """An area or line that no samples can be laid on; the message says why and what to change."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A structured grid over an area, level or on a slope.

    Attributes
    ----------
    corner_m : (2,) middle of the cell in row 0, column 0
    step_m : from cell to cell
    inside : (rows, columns) whether a cell belongs to the area
    plane_m : (3,) a, b, c: its floor is at z = a + b (x - corner x) + c (y - corner y)
    height_m : of the samples above their floor
    owner : row in the caller's table
    """

    corner_m: Floats
    step_m: float
    inside: NDArray[np.bool_]
    plane_m: Floats
    height_m: float
    owner: int = 0

    @property
    def count(self) -> int:
        """Number of samples."""
        return int(np.count_nonzero(self.inside))

    @property
    def level_m(self) -> float:
        """Height of the samples at the corner, above the site's datum. [m]"""
        return float(self.plane_m[0]) + max(self.height_m, FLOOR_LIFT_M)

    def points_m(self) -> Floats:
        """(count, 3) the samples, row by row. [m]"""
        rows, columns = np.nonzero(self.inside)
        x, y = columns * self.step_m, rows * self.step_m
        z = self.level_m + self.plane_m[1] * x + self.plane_m[2] * y
        return np.column_stack((x + self.corner_m[0], y + self.corner_m[1], z))


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """All samples of several grids and lines, in one numbering.

    Attributes
    ----------
    points_m : (n, 3), site frame. [m]
    weights : (n,) area or length each stands for. [m2 or m]
    owners : (n,) row in the caller's table
    grids : the structured ones, first in the numbering
    starts : (grids,) number of each grid's first sample
    numbers : for each grid (rows, columns) the samples' numbers, -1 outside
    loose_from : number of the first sample that is in no grid
    balls_m : (grids, 4) middle and radius of a ball around each grid's samples
    """

    points_m: Floats
    weights: Floats
    owners: Ints
    grids: tuple[Grid, ...]
    starts: Ints
    numbers: tuple[Ints, ...]
    loose_from: int
    balls_m: Floats


def grid_over(
    area: BaseGeometry, *, step_m: float, z_m: float = 0.0, height_m: float = 0.0, slope: ArrayLike = (0.0, 0.0),
    owner: int = 0,
) -> Grid:  # fmt: skip
    """A grid over an area: the cells whose middle lies in it.

    Parameters
    ----------
    area : polygon or polygons
    z_m : height of the floor, where the area is level; of its lowest left corner, where it slopes
    height_m : of the samples above the floor; at least a little (`FLOOR_LIFT_M`)
    slope : (2,) rise of the floor to the east and to the north, metres a metre

    Raises
    ------
    SamplesError
        If the step is not positive, or so small that the grid would not fit into memory.

    Examples
    --------
    >>> grid_over(shapely.box(0, 0, 2, 1), step_m=0.5, height_m=1.6).points_m()[0].tolist()
    [0.25, 0.25, 1.6]
    """
    if not (math.isfinite(step_m) and step_m > 0):
        raise SamplesError(f"a grid cannot have a step of {step_m} m: give a number above 0")
    if area.is_empty:
        return Grid(np.zeros(2), step_m, np.zeros((0, 0), bool), np.zeros(3), height_m, owner)
    x0, y0, x1, y1 = area.bounds
    columns, rows = (max(1, math.ceil((b - a) / step_m - 1e-9)) for a, b in ((x0, x1), (y0, y1)))
    if columns * rows > _MOST_CELLS:
        raise SamplesError(
            f"a grid of {step_m} m over {x1 - x0:.0f} m by {y1 - y0:.0f} m has {columns * rows:,} cells; "
            f"take a step of {step_m * math.sqrt(columns * rows / _MOST_CELLS):.2g} m or more"
        )
    corner = np.array([x0 + step_m / 2, y0 + step_m / 2])
    x = corner[0] + np.arange(columns) * step_m
    y = corner[1] + np.arange(rows) * step_m
    shapely.prepare(area)
    inside = shapely.contains_xy(area, *np.meshgrid(x, y))
    plane = np.array([z_m, *np.asarray(slope, dtype=np.float64)])
    plane[0] += plane[1] * step_m / 2 + plane[2] * step_m / 2
    return Grid(corner, step_m, np.asarray(inside), plane, height_m, owner)


def finest_grid_over(
    area: BaseGeometry, *, step_m: float, least: int = 4, z_m: float = 0.0, height_m: float = 0.0, owner: int = 0
) -> Grid:
    """A grid with the step wanted, or finer where the area is so small or thin that too few samples would lie in it.

    Raises
    ------
    SamplesError
        If the area has no extent, so that no step would do.
    """
    if area.area <= 0:
        raise SamplesError("an area of 0 m² has no samples: give a polygon with an extent")
    grid = grid_over(area, step_m=step_m, z_m=z_m, height_m=height_m, owner=owner)
    while grid.count < least:
        step_m /= 2
        if step_m < 1e-4 * math.sqrt(area.area):
            raise SamplesError(f"an area of {area.area:g} m² is too thin for samples")
        grid = grid_over(area, step_m=step_m, z_m=z_m, height_m=height_m, owner=owner)
    return grid


def points_along(line_m: ArrayLike, *, step_m: float, height_m: float = 0.0) -> tuple[Floats, Floats]:
    """Points along a line in space, each in the middle of its piece, and how long its piece is.

    Parameters
    ----------
    line_m : (n, 3)

    Returns
    -------
    (k, 3) points and (k,) lengths [m]; pieces are alike within an edge and at most `step_m` long

    Examples
    --------
    >>> points, lengths_m = points_along([(0, 0, 0), (3, 0, 0)], step_m=2)
    >>> points[:, 0].tolist(), lengths_m.tolist()
    ([0.75, 2.25], [1.5, 1.5])
    """
    line = np.asarray(line_m, dtype=np.float64).reshape(-1, 3)
    if len(line) < 2 or not step_m > 0:
        raise SamplesError("a line needs two points and a step above 0")
    points, lengths = [], []
    for a, b in itertools.pairwise(line):
        edge_m = float(np.linalg.norm(b - a))
        pieces = max(1, math.ceil(edge_m / step_m - 1e-9))
        share = (np.arange(pieces) + 0.5) / pieces
        points.append(a + share[:, None] * (b - a))
        lengths.append(np.full(pieces, edge_m / pieces))
    lifted = np.concatenate(points)
    lifted[:, 2] += height_m
    return lifted, np.concatenate(lengths)


def gather(
    grids: Sequence[Grid], *, loose_m: ArrayLike | None = None, weights: ArrayLike | None = None,
    owners: ArrayLike | None = None,
) -> Samples:  # fmt: skip
    """Grids and loose points in one numbering.

    Parameters
    ----------
    loose_m : (k, 3) points in no grid
    weights, owners : (k,) of the loose points
    """
    counts = [g.count for g in grids]
    starts = np.cumsum([0, *counts])
    numbers = []
    for grid, start in zip(grids, starts, strict=False):
        at = np.full(grid.inside.shape, -1, dtype=np.int32)
        at[grid.inside] = np.arange(start, start + grid.count, dtype=np.int32)
        numbers.append(at)
    extra = np.empty((0, 3)) if loose_m is None else np.asarray(loose_m, dtype=np.float64).reshape(-1, 3)
    return Samples(
        points_m=np.vstack([*(g.points_m() for g in grids), extra]),
        weights=np.concatenate([
            *(np.full(n, g.step_m**2) for n, g in zip(counts, grids, strict=True)),
            np.ones(len(extra)) if weights is None else np.asarray(weights, dtype=np.float64),
        ]),
        owners=np.concatenate([
            *(np.full(n, g.owner, np.int32) for n, g in zip(counts, grids, strict=True)),
            np.zeros(len(extra), np.int32) if owners is None else np.asarray(owners, dtype=np.int32),
        ]),
        grids=tuple(grids),
        starts=np.asarray(starts[:-1], dtype=np.int32),
        numbers=tuple(numbers),
        loose_from=int(starts[-1]),
        balls_m=np.array([_ball(grid) for grid in grids], dtype=np.float64).reshape(-1, 4),
    )  # fmt: skip


def _ball(grid: Grid) -> tuple[float, float, float, float]:
    """Middle and radius of a ball around all cells of a grid, those outside of its area too."""
    rows, columns = grid.inside.shape
    across = np.array([max(0, columns - 1), max(0, rows - 1)]) * grid.step_m
    rise_m = across * grid.plane_m[1:]
    x, y = grid.corner_m + across / 2
    return float(x), float(y), float(grid.level_m + rise_m.sum() / 2), float(np.hypot(*across) + abs(rise_m).sum()) / 2


def cells_area(grid: Grid, chosen: NDArray[np.bool_]) -> BaseGeometry:
    """The area of some samples' cells, as polygons in the plane.

    Parameters
    ----------
    chosen : (count,) which samples, in the grid's order
    """
    at = np.zeros(grid.inside.shape, dtype=bool)
    at[grid.inside] = chosen
    half = grid.step_m / 2
    pieces = []
    for row in np.flatnonzero(at.any(axis=1)):
        line = np.concatenate(([False], at[row], [False]))
        turns = np.flatnonzero(line[1:] != line[:-1])
        y = grid.corner_m[1] + row * grid.step_m
        for first, last in turns.reshape(-1, 2):
            x0 = grid.corner_m[0] + first * grid.step_m - half
            pieces.append(shapely.box(x0, y - half, x0 + (last - first) * grid.step_m, y + half))
    return shapely.union_all(pieces) if pieces else shapely.Polygon()
