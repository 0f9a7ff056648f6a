"""The open: boundary, roads, fire lanes, paths, green, places to be, and where they are for others."""

import random
from collections.abc import Iterator
from typing import Final

from sample_sites.generator.garage import ramp_mouth
from sample_sites.generator.plan import CELL_M, RING_WIDTH_M, TOWER_DEPTH_M, Layout
from sample_sites.generator.shapes import box
from twin.model.base import Line, Point, Polygon, Text
from twin.model.grounds import GroundFeature, GroundUse

LANE_WIDTH_M: Final = 4.0
GATE_HALF_M: Final = 5.0
VISITOR_SPACES: Final = 12
STREET_TREES_M: Final = 14.0


def _feature(
    feature_id: str, use: GroundUse, geometry: Polygon | Line | Point, *, zh: str = "", en: str = "",
    width_m: float | None = None, height_m: float | None = None, capacity: int | None = None,
    hours: str | None = None,
) -> GroundFeature:  # fmt: skip
    return GroundFeature(
        id=feature_id,
        name=Text(zh=zh, en=en),
        use=use,
        geometry=geometry,
        width_m=width_m,
        height_m=height_m,
        capacity=capacity,
        hours=hours,
    )


def _line(*points: Point) -> Line:
    return Line(points=tuple((round(x, 3), round(y, 3)) for x, y in points))


class Grounds:
    """The features of the open, and the points and areas that devices and zones refer to."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.main_gate: Point = (0.0, layout.south_m)
        self.walk_gate: Point = (-9.0, layout.south_m)
        self.north_gate: Point = (0.0, layout.north_m)
        row = layout.row_m(1) if layout.plan.rows > 1 else layout.row_m(0)
        self.court_m = row - 14.0 if layout.plan.rows > 1 else layout.row_m(0) - 13.0
        """Northing of the middle of the central court: south of the second row, or of the only one."""
        half = 5.5 if layout.plan.rows > 1 else 5.0
        y0, y1 = self.court_m - half, self.court_m + half
        self.plaza: Polygon = box(-10, y0, 10, y1)
        self.playground: Polygon = box(-27, y0, -14, y1)
        self.fitness: Polygon = box(14, y0, 27, y1)
        self.charging: Polygon = box(-66, layout.ring_south_m - 9.3, -56, layout.ring_south_m - 4.0)

    @property
    def visitor_spaces(self) -> tuple[Polygon, ...]:
        """Parking spaces for visitors, south of the ring road."""
        south = self.layout.ring_south_m - 9.3
        return tuple(
            box(-52 + 2.5 * k, south, -52 + 2.5 * (k + 1), south + 5.3) for k in range(VISITOR_SPACES)
        )  # fmt: skip

    @property
    def bin_points(self) -> tuple[Point, ...]:
        """One beside each tower's fire lane."""
        return tuple(t.at(-3.0, TOWER_DEPTH_M + 7.0) for t in self.layout.towers)

    def features(self, seed: int) -> tuple[GroundFeature, ...]:
        """Every feature of the open; `seed` decides where trees stand."""
        return (*self._bounds(), *self._roads(), *self._lanes(), *self._places(), *self._green(random.Random(seed)))

    def _bounds(self) -> Iterator[GroundFeature]:
        layout = self.layout
        ring = layout.boundary
        yield _feature("boundary", "site_boundary", Polygon(outer=ring), zh="用地红线", en="Site boundary")
        yield _feature("fence", "perimeter", _line(*ring, ring[0]), zh="围墙", en="Perimeter fence", height_m=2.2)
        x, y = self.main_gate
        for key, zh, en, x0, x1, use in (
            ("gate-main-in", "主入口车行进口", "Main gate, in", x, x + GATE_HALF_M, "vehicle_gate"),
            ("gate-main-out", "主入口车行出口", "Main gate, out", x - GATE_HALF_M, x, "vehicle_gate"),
            ("gate-walk", "主入口人行门", "Main gate, on foot", x - 11.0, x - 7.0, "gate"),
            ("gate-north", "北人行门", "North gate", x - 2.0, x + 2.0, "gate"),
        ):
            north = y if "main" in key or "walk" in key else self.north_gate[1]
            gate_use: GroundUse = "gate" if use == "gate" else "vehicle_gate"
            yield _feature(
                key, gate_use, _line((x0, north), (x1, north)), zh=zh, en=en, width_m=x1 - x0, height_m=3.5,
                hours="06:00-22:00" if key == "gate-north" else None,
            )  # fmt: skip

    def _roads(self) -> Iterator[GroundFeature]:
        layout = self.layout
        south, north = layout.ring_south_m, layout.ring_north_m
        yield _feature("road-ring", "road", _line(*layout.ring), zh="环路", en="Ring road", width_m=RING_WIDTH_M)
        yield _feature("road-main", "road", _line(self.main_gate, (0.0, south)), zh="主入口路", en="Main gate road",
                       width_m=2 * GATE_HALF_M)  # fmt: skip
        for side in ("west", "east"):
            mouth = ramp_mouth(layout, side)
            zh = "西坡道口" if side == "west" else "东坡道口"
            en = f"{side.title()} ramp mouth"
            yield _feature(f"ramp-mouth-{side}", "ramp_mouth", mouth, zh=zh, en=en, width_m=6.0)
            way = _line(mouth, (mouth[0], south))
            yield _feature(
                f"road-ramp-{side}", "road", way, zh=f"{zh}连接路", en=f"{side.title()} ramp road", width_m=6.0
            )
        yield _feature("path-walk-gate", "path", _line(self.walk_gate, (-9.0, south)), zh="人行入口路",
            en="Entrance path",
                       width_m=2.5)  # fmt: skip
        yield _feature("path-north", "path", _line((0.0, north), self.north_gate), zh="北门路", en="North path",
                       width_m=3.0)  # fmt: skip

    def _lanes(self) -> Iterator[GroundFeature]:
        layout = self.layout
        for row, y in enumerate(layout.lanes_m, 1):
            ends = (-layout.ring_x_m, y), (layout.ring_x_m, y)
            yield _feature(f"fire-lane-{row}", "fire_lane", _line(*ends), zh=f"消防车道{row}", en=f"Fire lane {row}",
                           width_m=LANE_WIDTH_M)  # fmt: skip
            court = layout.row_m(row - 1) + TOWER_DEPTH_M + 20.0
            yield _feature(f"path-court-{row}", "path", _line((-layout.ring_x_m, court), (layout.ring_x_m, court)),
                           zh=f"{row}号院步道", en=f"Court path {row}", width_m=2.5)  # fmt: skip
        for tower in layout.towers:
            n = tower.number
            (x0, y0), (x1, y1) = tower.at(10, TOWER_DEPTH_M + 5), tower.at(30, TOWER_DEPTH_M + 15)
            yield _feature(f"fire-area-{n}", "fire_operation_area", box(x0, y0, x1, y1), zh=f"{n}号楼消防登高场地",
                           en=f"Fire operation area, tower {n}")  # fmt: skip
            yield _feature(f"path-tower-{n}", "path", _line(tower.at(20, 18), tower.at(20, TOWER_DEPTH_M + 10)),
                           zh=f"{n}号楼入口", en=f"Way to tower {n}", width_m=2.5)  # fmt: skip

    def _places(self) -> Iterator[GroundFeature]:
        layout = self.layout
        homes = layout.plan.towers * layout.plan.storeys * layout.plan.flats_per_storey
        yield _feature("plaza", "plaza", self.plaza, zh="中心广场", en="Central plaza")
        yield _feature("playground", "playground", self.playground, zh="儿童乐园", en="Playground")
        yield _feature("fitness", "fitness", self.fitness, zh="健身场", en="Fitness ground")
        yield _feature("charging", "charging_area", self.charging, zh="快充区", en="Fast charging area")
        people = int(homes * 2.6)
        points = (("assembly-plaza", "中心广场集合点", "Assembly point, plaza", (0.0, self.court_m)),
                  ("assembly-south", "南集合点", "Assembly point, south", (0.0 + 40.0, layout.ring_south_m + 8.0)),
                  ("assembly-north", "北集合点", "Assembly point, north",
                      (-20.0, layout.ring_north_m + 5.5)))  # fmt: skip
        for key, zh, en, point in points:
            yield _feature(key, "assembly_point", point, zh=zh, en=en, capacity=max(150, people // 2))
        for k, area in enumerate(self.visitor_spaces, 1):
            yield _feature(
                f"visitor-{k}", "parking_space", area, zh=f"访客车位{k}", en=f"Visitor space {k}", capacity=1
            )
        for k, (x, y) in enumerate(self.bin_points, 1):
            yield _feature(f"bin-point-{k}", "bin_point", (round(x, 3), round(y, 3)), zh=f"{k}号投放点",
                           en=f"Bin point {k}")  # fmt: skip

    def _green(self, rng: random.Random) -> Iterator[GroundFeature]:
        layout = self.layout
        trees: list[tuple[Point, float]] = []
        areas: list[tuple[float, float, float, float]] = []
        for row in range(layout.plan.rows):
            north = layout.row_m(row) + TOWER_DEPTH_M + 19.0 - 2.5
            south = layout.row_m(row) + TOWER_DEPTH_M + 21.75
            top = (layout.row_m(row + 1) if row + 1 < layout.plan.rows else layout.ring_north_m + 0.5) - 4.0
            top = min(top, self.court_m - 7.5) if row == 0 and layout.plan.rows > 1 else top
            for column in range(layout.plan.columns):
                x = -layout.grid_half_m + column * CELL_M
                if top - south > 2.0:
                    areas.append((x + 2, south, x + CELL_M - 2, top))
                areas.append((x + 2, north - 1.0, x + CELL_M - 2, north + 1.5))
        x, y = layout.grid_half_m, layout.ring_south_m + 4.5
        top = layout.row_m(0) - (20.0 if layout.plan.rows == 1 else 3.0)
        areas += [(-x + 2, y, -2, top), (2, y, x - 8.5, top)]
        areas += [(layout.west_m + 1, y, layout.west_m + 7.5, layout.ring_north_m),
                  (layout.east_m - 7.5, y, layout.east_m - 1, layout.ring_north_m)]  # fmt: skip
        for number, (x0, y0, x1, y1) in enumerate(areas, 1):
            yield _feature(f"green-{number}", "green", box(x0, y0, x1, y1), zh=f"绿地{number}", en=f"Green {number}")
            for _ in range(min(9, max(2, round((x1 - x0) * (y1 - y0) / 60)))):
                point = round(rng.uniform(x0 + 0.5, x1 - 0.5), 1), round(rng.uniform(y0 + 0.5, y1 - 0.5), 1)
                trees.append((point, round(rng.uniform(4, 11), 1)))
        x = layout.ring_x_m - RING_WIDTH_M / 2 - 1.5
        steps = int((layout.ring_north_m - layout.ring_south_m) // STREET_TREES_M)
        for side in (-x, x):
            trees += [
                ((round(side, 1), round(layout.ring_south_m + STREET_TREES_M * k, 1)), 7.0) for k in range(1, steps)
            ]
        y = layout.ring_south_m + RING_WIDTH_M / 2 + 1.2
        steps = int(2 * layout.grid_half_m // STREET_TREES_M)
        trees += [((round(-layout.grid_half_m + STREET_TREES_M * k, 1), round(y, 1)), 7.0) for k in range(1, steps)]
        # crossings stay open to the fire engine
        crossings = [*layout.lanes_m, *(lane + 10.0 for lane in layout.lanes_m)]
        trees = [t for t in trees if min(abs(t[0][1] - y) for y in crossings) > 4.0]
        for number, (at, height_m) in enumerate(trees, 1):
            yield _feature(f"tree-{number}", "tree", at, height_m=height_m)
