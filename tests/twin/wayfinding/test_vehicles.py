"""Where cars go, and what keeps them out."""

import pytest

from tests.twin.houses import door, house, on
from tests.twin.riverside_in_small import box
from tests.twin.wayfinding.test_refusals import why
from tests.twin.wayfinding.test_routes import tower, way
from twin.index import build
from twin.model.base import Line, Polygon, Text
from twin.model.buildings import Building, Line3, Ramp, SpaceUse
from twin.model.grounds import GroundFeature
from twin.wayfinding.network import Wayfinder

GATE = GroundFeature(id="gate", name=Text(en="Gate"), use="vehicle_gate", geometry=(-40.0, -10.0))
ROAD = GroundFeature(id="road", use="road", geometry=Line(points=((-40, -10), (60, -10))), width_m=6.0)
PLACE = GroundFeature(id="place", use="parking_space", geometry=box(40, -18, 43, -13))
LAWN = GroundFeature(id="lawn", use="green", geometry=box(-30, 20, 0, 30))


def garage(*, ramp_is_for_cars: bool = True, rise_m: float = -1.5, width_m: float = 3.0) -> Building:
    """A lane and a hall behind a shutter, and a ramp from the road down to the lane."""
    spaces: list[tuple[str, SpaceUse, Polygon]] = [
        ("lane", "driveway", box(0, 0, 20, 8)), ("p1", "hall", box(20, 0, 26, 8)),
    ]  # fmt: skip
    gate = door("shutter", ((20, 2), (20, 2 + width_m)), "lane", "p1", kind="shutter")
    ramp = Ramp(id="ramp", name=Text(en="Ramp"), width_m=4.0, connects=("outside", "h/f1/lane"),
                vehicles=ramp_is_for_cars, axis=Line3(points=((10, -8, 0), (10, 2, rise_m))))  # fmt: skip
    built = house(spaces, [gate], ramps=(ramp,))
    return built.replace(storeys=tuple(s.replace(elevation_m=rise_m) for s in built.storeys))


def test_a_car_drives_by_road_and_ramp_into_the_garage() -> None:
    ways = Wayfinder(build(on(garage(), grounds=[GATE, ROAD, PLACE, LAWN])))
    found = way(ways, "gate", "h/f1/p1", "car")
    assert [leg.kind for leg in found.legs] == ["walk", "ramp", "walk"]
    # 50 m along the road, then 3 m/s at most
    assert found.length_m == pytest.approx(50 + 10.1 + 13, abs=4)
    assert found.duration_s < found.length_m / 2
    # the road is straight: on foot it is as far
    assert way(ways, "gate", "h/f1/p1").length_m == pytest.approx(found.length_m, abs=1)


def test_a_car_stays_on_the_road_where_people_walk_over_the_lawn() -> None:
    ways = Wayfinder(build(on(garage(), grounds=[GATE, ROAD, PLACE, LAWN])))
    found = way(ways, "gate", "place", "car")
    road = box(-41, -13.1, 61, -6.9)
    (x0, y0), (x1, y1) = road.outer[0], road.outer[2]
    on_road = [x0 <= x <= x1 and y0 <= y <= y1 for x, y, _ in found.legs[0].line_m[:-2]]
    assert all(on_road)


def test_a_lawn_far_from_the_road_is_out_of_reach_of_cars() -> None:
    ways = Wayfinder(build(on(garage(), grounds=[GATE, ROAD, PLACE, LAWN])))
    with pytest.raises(ValueError, match=r"m from the open ground where somebody 1\.8 m wide can go"):
        way(ways, "gate", "lawn", "car")
    assert way(ways, "gate", "lawn").length_m > 30


def test_a_site_without_roads_lets_cars_go_everywhere_in_the_open() -> None:
    ways = Wayfinder(build(on(garage(), grounds=[GATE, LAWN])))
    assert way(ways, "gate", "lawn", "car").length_m == pytest.approx(way(ways, "gate", "lawn").length_m, abs=1)


@pytest.mark.parametrize(
    ("made", "cause"),
    [(garage(ramp_is_for_cars=False), "not_for_cars"), (garage(rise_m=-2.6), "steep"), (garage(width_m=1.6), "narrow")],
)
def test_a_footpath_a_steep_ramp_and_a_narrow_gate_keep_cars_out(made: Building, cause: str) -> None:
    ways = Wayfinder(build(on(made, grounds=[GATE, ROAD, PLACE])))
    found = why(ways, "gate", "h/f1/p1", "car")
    assert cause in [o.cause for o in found.obstacles]


def test_a_car_does_not_take_doors_stairs_and_lifts() -> None:
    ways = Wayfinder(build(on(tower(), grounds=[GATE, ROAD])))
    causes = {o.cause for o in why(ways, "gate", "h/f3/room", "car").obstacles}
    assert causes <= {"narrow", "not_for_cars", "steps", "no_lift"}
    assert causes
