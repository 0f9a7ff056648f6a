"""Outlines that cross themselves or have no area: what they stand for is reckoned with as far as can be, and told."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely

from geometry.polygons import fault
from twin.coverage.result import Problem
from twin.index import SiteIndex, as_drawn
from twin.model.base import Polygon

MISDRAWN: Final = "bad-outline"


def misdrawn(index: SiteIndex) -> Iterator[Problem]:
    """Buildings, storeys, spaces, columns and grounds whose outline is no area; of typical storeys once."""
    found = list(_outlines(index))
    shapes = np.array([as_drawn(polygon) for _, _, polygon in found], dtype=object)
    wrong = ~shapely.is_valid(shapes) | (shapely.area(shapes) <= 0)
    for row in np.flatnonzero(wrong).tolist():
        what, name, _ = found[row]
        reason, (x, y) = fault(shapes[row]) or ("it has no area", (0.0, 0.0))
        said = f"{what} {name} is drawn wrongly, {reason} at {x:.2f}, {y:.2f}; only its largest part counts"
        yield Problem(MISDRAWN, name, f"{said}: draw its outline anew")


def _outlines(index: SiteIndex) -> Iterator[tuple[str, str, Polygon]]:
    for building in index.site.buildings:
        yield "building", building.id, building.footprint
        for storey in building.storeys:
            yield "storey", storey.id, storey.polygon
            yield from (("space", space.id, space.polygon) for space in storey.spaces)
            yield from (("column", obstacle.id, obstacle.polygon) for obstacle in storey.obstacles)
    for feature in index.site.grounds:
        if isinstance(feature.geometry, Polygon):
            yield feature.use.replace("_", " "), feature.id, feature.geometry
