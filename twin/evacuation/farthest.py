"""How far the farthest point of a room is from where one leaves it."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.fabric.site_graph import SiteGraph
from twin.index import PlacedSpace, to_shapely

Floats = NDArray[np.float64]

_POINTS: Final = 800
"""Asked of a room besides its corners, on a grid: with several doors the farthest point may lie inside."""
_LEAST_STEP_M: Final = 0.5


def farthest_m(site: SiteGraph, space: PlacedSpace, spots: Sequence[int], ahead_m: Floats | None = None) -> float:
    """The longest of the ways from a space's points to the nearest of some spots; infinite where one has none. [m]

    Parameters
    ----------
    spots : rows of doors of the cell the space lies in; others count for nothing
    ahead_m : (spots,) what is still to walk from each; none means nothing
    """
    graph, row = site.graph, site.cell_of.get(space.id)
    over = None if row is None else graph.cells[row].floor
    ahead = np.zeros(len(spots)) if ahead_m is None else ahead_m
    mine = [k for k, spot in enumerate(spots) if row in graph.spots[spot].cells and math.isfinite(ahead[k])]
    if row is None or over is None or not mine:
        return math.inf
    cell = graph.cells[row]
    points = cell.own(_points(to_shapely(space.template.polygon)))
    # corners are drawn on the walls' axes: nearest on the floor counts; deep in what stands there is no place to be
    moved, off_m = over.onto(points)
    points = moved[np.isfinite(off_m)]
    if not len(points):
        return math.inf
    sources = over.onto(cell.own(graph.points_m[[spots[k] for k in mine]]))[0]
    lengths, _ = over.field(sources, ahead_m=ahead[mine]).walk(over.ends(points))
    return float(lengths.max())


def _points(polygon: shapely.Polygon) -> Floats:
    """(n, 2) a polygon's corners and a grid over it."""
    step_m = max(_LEAST_STEP_M, math.sqrt(polygon.area / _POINTS))
    low_x, low_y, high_x, high_y = polygon.bounds
    xs, ys = np.meshgrid(np.arange(low_x + step_m / 2, high_x, step_m), np.arange(low_y + step_m / 2, high_y, step_m))
    grid = np.column_stack((xs.ravel(), ys.ravel()))
    found: Floats = np.vstack((shapely.get_coordinates(polygon), grid[shapely.contains_xy(polygon, *grid.T)]))
    return found
