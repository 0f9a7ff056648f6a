"""Where cars go: roads, fire lanes, car parks, ramps and garages, not lawns."""

import dataclasses
from typing import Final

import shapely

from geometry.walk_graph import nearest_on, walk_graph
from geometry.walking import WalkingError, floor
from twin.fabric.site_graph import SiteGraph
from twin.fabric.walkways import doors_of, open_ground, ramp_strip
from twin.index import to_shapely
from twin.model.base import Line
from twin.model.base import Polygon as ModelPolygon

_DRIVEN: Final = frozenset(
    {"road", "fire_lane", "parking_space", "charging_area", "ramp_mouth", "vehicle_gate", "plaza"}
)
_ROAD_M: Final = 6.0
"""Width of a road that states none."""
_AROUND_M: Final = 6.0
"""Around ramp mouths, gates and parking spaces one turns: the drawing seldom joins these to the road."""


def vehicle_graph(of: SiteGraph) -> SiteGraph:
    """The same graph with the open ground cut down to where cars go; as it was where no road is drawn."""
    graph, site = of.graph, of.index.site
    areas = []
    for feature in site.grounds:
        if feature.use not in _DRIVEN:
            continue
        around_m = 0.0 if feature.use in {"road", "fire_lane", "plaza"} else _AROUND_M
        if isinstance(feature.geometry, ModelPolygon):
            areas.append(to_shapely(feature.geometry).buffer(around_m))
        elif isinstance(feature.geometry, Line):
            width_m = feature.width_m or _ROAD_M
            line = shapely.LineString(feature.geometry.points)
            areas.append(line.buffer(max(width_m / 2, around_m), join_style="mitre"))
        else:
            areas.append(shapely.Point(feature.geometry).buffer(around_m))
    if not any(feature.use == "road" for feature in site.grounds):
        return of
    areas += [ramp_strip(ramp).buffer(_AROUND_M) for b in site.buildings for ramp in b.ramps if ramp.vehicles]
    open_to = shapely.intersection(open_ground(of.index, doors_of(of.index, ()), ()), shapely.union_all(areas))
    try:
        made = floor(open_to.simplify(0.02), clearance_m=of.clearance_m)
    except WalkingError:
        made = None
    ground = dataclasses.replace(graph.cells[-1], floor=made)
    row = len(graph.cells) - 1
    # gates and ramps end at the edge of what is driven on, nearer than half a car's width
    spots = [dataclasses.replace(spot, point_m=nearest_on(ground, spot.point_m, 2 * of.clearance_m))
             if row in spot.cells and spot.kind in {"gate", "ramp"} else spot for spot in graph.spots]  # fmt: skip
    return dataclasses.replace(of, graph=walk_graph((*graph.cells[:-1], ground), spots, graph.links))
