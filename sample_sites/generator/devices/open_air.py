"""The devices of the open: gates, roads, perimeter, squares, what lies in the ground."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from sample_sites.generator.devices.placing import Place, Placer
from sample_sites.generator.grounds import Grounds
from sample_sites.generator.plan import RING_WIDTH_M, TOWER_DEPTH_M, Layout
from twin.model.base import Point

FENCE_M: Final = 40.0
"""Length of fence that a pair of detectors guards."""
POLE_M: Final = 32.0
HYDRANT_M: Final = 90.0
"""A hydrant is at most 120 m from the next and 60 m from a building (GB 50974-2014, 7.3); 90 m keeps both."""


def along(line: tuple[Point, ...], step_m: float) -> Iterator[tuple[float, float, float]]:
    """Points along a closed line at even steps of about `step_m`: x, y and the bearing of the way."""
    lengths = [math.dist(a, b) for a, b in pairwise(line)]
    count = max(4, round(sum(lengths) / step_m))
    step = sum(lengths) / count
    for k in range(count):
        rest = (k + 0.5) * step
        for (a, b), length in zip(pairwise(line), lengths, strict=True):
            if rest <= length:
                share = rest / length
                bearing = math.degrees(math.atan2(b[0] - a[0], b[1] - a[1])) % 360
                yield a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), bearing
                break
            rest -= length


def beside(x: float, y: float, bearing_deg: float, offset_m: float) -> Point:
    """A point to the right of the way."""
    angle = math.radians(bearing_deg)
    return x + offset_m * math.cos(angle), y - offset_m * math.sin(angle)


def place_open_air(placer: Placer, layout: Layout, grounds: Grounds) -> None:
    """Add every device outdoors."""
    place = Place("", "Outdoor", gateway="gw-outdoor")
    placer.put("gw-outdoor", "gateway", place, (12.0, layout.south_m + 6.0), parent="gw-core")
    _place_gates(placer, layout)
    _place_perimeter(placer, layout)
    _place_roads(placer, layout)
    _place_lanes(placer, layout)
    _place_squares(placer, layout, grounds)
    _place_parking(placer, layout, grounds)
    _place_underground(placer, layout)


def _place_gates(placer: Placer, layout: Layout) -> None:
    main, south = Place("主入口", "Main gate", gateway="gw-outdoor"), layout.south_m
    placer.put("barrier-in", "barrier", main, (5.0, south + 1.5), label="进|in")
    placer.put("barrier-out", "barrier", main, (-5.0, south + 1.5), label="出|out")
    for key, x in (("in", 2.75), ("out", -2.75)):  # over the lanes, far enough to have their whole width
        placer.camera(f"cam-gate-{key}", main, (x, south + 10.0), looks=180, kind="camera-fixed", height_m=4.5,
                      tilt_deg=24, label=key)  # fmt: skip
    placer.camera("cam-gate-walk", main, (-9.0, south + 8.7), looks=180, kind="camera-fixed", height_m=2.8, tilt_deg=14)
    placer.camera("cam-road-main", main, (5.8, layout.ring_south_m - 2.5), looks=183, kind="camera-fixed",
                  model="4MP-4mm", height_m=4.5, tilt_deg=14)  # fmt: skip
    placer.put("door-gate-walk", "door-access", main, (-7.2, south + 0.3))
    placer.put("disp-gate", "display", main, (-13.0, south + 3.0), height_m=2.5)
    placer.put("disp-parking", "parking-display", main, (6.0, south + 8.0))
    north = Place("北门", "North gate", gateway="gw-outdoor")
    placer.camera("cam-gate-north", north, (0.0, layout.north_m - 8.7), looks=0, kind="camera-fixed", height_m=2.8,
                  tilt_deg=14)  # fmt: skip
    placer.put("door-gate-north", "door-access", north, (1.8, layout.north_m - 0.3))
    placer.put("patrol-gate-north", "patrol-point", north, (3.0, layout.north_m - 3.0))


def _place_perimeter(placer: Placer, layout: Layout) -> None:
    fence = Place("周界", "Perimeter", gateway="gw-outdoor")
    ring = layout.boundary
    for k, (x, y, bearing) in enumerate(along((*ring, ring[0]), FENCE_M), 1):
        placer.put(
            f"per-{k}",
            "perimeter-detector",
            fence,
            beside(x, y, bearing, -0.3),
            bearing_deg=round(bearing, 1),
            label=str(k),
        )
    inset = 3.0
    for k, (x, y) in enumerate(ring, 1):
        at = x + math.copysign(inset, -x), y + math.copysign(inset, -y)
        looks = (0.0, 270.0, 180.0, 90.0)[k - 1]
        placer.camera(
            f"cam-fence-{k}", fence, at, looks=looks, kind="camera-fixed", height_m=4.0, tilt_deg=8, label=str(k)
        )
        placer.put(f"patrol-fence-{k}", "patrol-point", fence, at, label=str(k))


def _place_roads(placer: Placer, layout: Layout) -> None:
    road = Place("环路", "Ring road", gateway="gw-outdoor")
    edge = RING_WIDTH_M / 2 + 0.8
    poles = list(along(layout.ring, POLE_M))
    for k, (x, y, bearing) in enumerate(poles, 1):
        at = beside(x, y, bearing, edge)
        placer.put(f"pole-{k}", "smart-pole", road, at, label=str(k), bearing_deg=round((bearing - 90) % 360, 1))
        if k % 3 == 1:
            placer.camera(f"cam-road-{k}", road, at, looks=round(bearing - 10, 1), kind="camera-fixed", height_m=4.5,
                tilt_deg=12,
                          label=str(k))  # fmt: skip
            placer.put(f"speaker-road-{k}", "loudspeaker", road, at, height_m=4.0, label=str(k))
        if k % 4 == 2:
            placer.put(f"ap-road-{k}", "wifi-ap", road, at, height_m=5.0, label=str(k))
    for k, (x, y, bearing) in enumerate(along(layout.ring, HYDRANT_M), 1):
        placer.put(f"hyd-{k}", "hydrant-pressure", road, beside(x, y, bearing, -edge - 0.5), label=str(k))
    for k, (x, y, bearing) in enumerate(list(along(layout.ring, 200.0))[:4], 1):
        placer.put(f"noise-{k}", "noise-monitor", road, beside(x, y, bearing, edge + 0.5), label=str(k))


def _place_lanes(placer: Placer, layout: Layout) -> None:
    for row, y in enumerate(layout.lanes_m, 1):
        lane = Place(f"消防车道{row}", f"Fire lane {row}", gateway="gw-outdoor")
        placer.camera(f"cam-lane-{row}-w", lane, (-layout.ring_x_m + 5.0, y + 2.6), looks=95, kind="camera-fixed",
            height_m=4.5,
                      tilt_deg=8, label="西|west")  # fmt: skip
        placer.camera(f"cam-lane-{row}-e", lane, (layout.ring_x_m - 5.0, y + 2.6), looks=265, kind="camera-fixed",
            height_m=4.5,
                      tilt_deg=8, label="东|east")  # fmt: skip
    for tower in layout.towers:
        place = Place(f"{tower.number}号楼登高场地", f"Operation area tower {tower.number}", gateway="gw-outdoor")
        placer.put(f"lane-t{tower.number}", "fire-lane-sensor", place, tower.at(20, TOWER_DEPTH_M + 10))
    for k, (x, y) in enumerate(Grounds(layout).bin_points, 1):
        point = Place(f"{k}号投放点", f"Bin point {k}", gateway="gw-outdoor")
        placer.put(f"bin-{k}-a", "bin", point, (x - 0.6, y), label="厨余|food")
        placer.put(f"bin-{k}-b", "bin", point, (x + 0.6, y), label="其他|other")
        if k % 3 == 1:
            placer.put(f"recycle-{k}", "recycling-cabinet", point, (x + 2.0, y))


def _place_squares(placer: Placer, layout: Layout, grounds: Grounds) -> None:
    y = grounds.court_m
    plaza = Place("中心广场", "Plaza", gateway="gw-outdoor")
    placer.camera("cam-plaza", plaza, (-10.5, y - 4.5), looks=30, kind="camera-ptz", height_m=6.0, tilt_deg=22,
                  presets=("30/22/1", "75/22/1", "20/50/1", "70/50/1"))  # fmt: skip
    placer.put("disp-plaza", "display", plaza, (0.0, y + 4.8), height_m=2.5)
    placer.put("speaker-plaza", "loudspeaker", plaza, (9.5, y), height_m=3.5)
    placer.put("ap-plaza", "wifi-ap", plaza, (9.5, y + 0.5), height_m=4.0)
    placer.put("air-plaza", "air-monitor", plaza, (-9.5, y + 4.0))
    placer.put("noise-plaza", "noise-monitor", plaza, (-9.5, y + 4.5))
    placer.put("patrol-plaza", "patrol-point", plaza, (9.5, y - 4.0))
    placer.put("pole-plaza", "smart-pole", plaza, (-10.5, y + 4.5))
    placer.put("call-plaza", "call-button", plaza, (10.0, y - 4.0))
    placer.put("aed-plaza", "aed", plaza, (9.5, y - 3.5))
    for key, names, x in (
        ("playground", ("儿童乐园", "Playground"), -20.5),
        ("fitness", ("健身场", "Fitness ground"), 20.5),
    ):
        place = Place(*names, gateway="gw-outdoor")
        placer.camera(f"cam-{key}", place, (x + 6.6, y + 5.1), looks=230, kind="camera-fixed", height_m=4.0,
                      tilt_deg=30, model="4MP-2.8mm")  # fmt: skip
        placer.put(f"light-{key}", "smart-pole", place, (x - 6.2, y + 5.1))
    for row in range(layout.plan.rows):
        green = Place(f"{row + 1}号院绿地", f"Court {row + 1} green", gateway="gw-outdoor")
        court = layout.row_m(row) + TOWER_DEPTH_M + 23.0
        placer.put(f"soil-{row + 1}", "soil-monitor", green, (-15.0, court))
        placer.put(f"irr-{row + 1}", "irrigation-valve", green, (-14.0, court))
    south = Place("南区", "South", gateway="gw-outdoor")
    placer.put("air-south", "air-monitor", south, (14.0, layout.ring_south_m - 6.0))


def _place_parking(placer: Placer, layout: Layout, grounds: Grounds) -> None:
    visitors = Place("访客车位", "Visitor space", gateway="gw-outdoor")
    for k, area in enumerate(grounds.visitor_spaces, 1):
        (x, y), (x1, _) = area.outer[0], area.outer[1]
        placer.put(f"ps-visitor-{k}", "parking-sensor", visitors, ((x + x1) / 2, y + 2.6), height_m=0.0, label=str(k))
    fast = Place("快充区", "Fast charging", gateway="gw-outdoor")
    for k in range(1, 5):
        placer.put(f"dc-{k}", "charger-dc", fast, (-67.0 + 2.5 * k - 0.3, layout.ring_south_m - 9.0), label=str(k))
    placer.camera(
        "cam-charging", fast, (-55.0, layout.ring_south_m - 9.5), looks=285, kind="camera-fixed", height_m=4.0,
        model="4MP-2.8mm", tilt_deg=28,
    )  # fmt: skip


def _place_underground(placer: Placer, layout: Layout) -> None:
    ring = Place("环路", "Ring road", gateway="gw-outdoor")
    for k, (x, y, bearing) in enumerate(along(layout.ring, 150.0), 1):
        placer.put(f"pt-ring-{k}", "pressure-sensor", ring, beside(x, y, bearing, -2.0), height_m=-1.0, label=str(k))
    for k, (x, y, bearing) in enumerate(along(layout.ring, 100.0), 1):
        placer.put(f"lvl-mh-{k}", "manhole-level", ring, beside(x, y, bearing, 1.0), height_m=-1.5, label=str(k))
    for k, (x, y, bearing) in enumerate(along(layout.ring, 140.0), 1):
        placer.put(f"duct-{k}", "duct-fill", ring, beside(x, y, bearing, 2.5), height_m=-0.8, label=str(k))
