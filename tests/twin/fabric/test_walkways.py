"""Where one can walk on a site: through doors, up stairs, over the open ground, never through walls."""

import math

import numpy as np
import pytest

from tests.twin.houses import door, house, on
from tests.twin.riverside_in_small import box
from twin.fabric.walkways import OPEN_GROUND, Walkways, stair_length_m, walkways
from twin.index import build
from twin.model.base import Line, Polygon
from twin.model.buildings import Building, Line3, Obstacle, Opening, Ramp, SpaceUse, Stair
from twin.model.devices import Device
from twin.model.grounds import GroundFeature

XY = tuple[float, float]

WALL_M = 0.05
"""What a way round jambs may differ by: walls of 12 to 24 cm, 3 mm kept from each."""


def length_m(ways: Walkways, start: tuple[str, XY], end: tuple[str, XY]) -> float:
    found = ways.network.ways_from([(ways.rows[start[0]], start[1])])
    return float(found.lengths_m(ways.rows[end[0]], [end[1]])[0][0])


TWO_ROOMS: tuple[tuple[str, SpaceUse, Polygon], ...] = (
    ("a", "hall", box(0, 0, 10, 8)),
    ("b", "hall", box(10, 0, 20, 8)),
)
AT_THE_NORTH = door("d", ((10, 6), (10, 7)), "a", "b")


def test_between_two_rooms_one_goes_through_the_door() -> None:
    ways = walkways(build(on(house(TWO_ROOMS, [AT_THE_NORTH]))))
    # round the jamb at (10, 6), through a wall of 20 cm
    assert length_m(ways, ("h/f1", (9, 1)), ("h/f1", (11, 1))) == pytest.approx(
        2 * math.hypot(0.9, 5) + 0.2, abs=WALL_M
    )


@pytest.mark.parametrize(
    ("kind", "sill_m", "passes"),
    [("door", 0.0, True), ("passage", 0.0, True), ("gate", 0.0, True), ("shutter", 0.0, True),
     ("window", 0.9, False), ("door", 0.9, False)],
)  # fmt: skip
def test_one_walks_through_doors_not_windows(kind: str, sill_m: float, passes: bool) -> None:  # noqa: FBT001
    hole = door("d", ((10, 3), (10, 5)), "a", "b", kind=kind, sill_m=sill_m)
    ways = walkways(build(on(house(TWO_ROOMS, [hole]))))
    assert math.isfinite(length_m(ways, ("h/f1", (5, 4)), ("h/f1", (15, 4)))) == passes


def test_a_closed_door_lets_nobody_through() -> None:
    index = build(on(house(TWO_ROOMS, [AT_THE_NORTH, door("e", ((10, 1), (10, 2)), "a", "b")])))
    near = length_m(walkways(index), ("h/f1", (9, 1.5)), ("h/f1", (11, 1.5)))
    far = length_m(walkways(index, closed={"h/f1/e"}), ("h/f1", (9, 1.5)), ("h/f1", (11, 1.5)))
    assert near == pytest.approx(2.0)
    assert far == pytest.approx(2 * math.hypot(0.9, 4.5) + 0.2, abs=WALL_M)
    assert length_m(walkways(index, closed={"h/f1/d", "h/f1/e"}), ("h/f1", (9, 1)), ("h/f1", (11, 1))) == math.inf


def test_the_clear_width_of_a_door_counts() -> None:
    # 4 m of frame, 1 m clear in its middle: from y = 3.5 to 4.5
    wide = door("d", ((10, 2), (10, 6)), "a", "b", width_m=1.0)
    ways = walkways(build(on(house(TWO_ROOMS, [wide]))))
    assert length_m(ways, ("h/f1", (9, 1)), ("h/f1", (11, 1))) == pytest.approx(
        2 * math.hypot(0.9, 2.5) + 0.2, abs=WALL_M
    )


def test_walls_as_thick_as_the_gap_between_rooms_are_passed_too() -> None:
    # models made from real walls leave their thickness free
    rooms: list[tuple[str, SpaceUse, Polygon]] = [("a", "hall", box(0, 0, 9.8, 8)), ("b", "hall", box(10.2, 0, 20, 8))]
    ways = walkways(build(on(house(rooms, [door("d", ((10, 3), (10, 5)), "a", "b")]))))
    assert length_m(ways, ("h/f1", (5, 4)), ("h/f1", (15, 4))) == pytest.approx(10.0)


def test_a_column_is_walked_around() -> None:
    site = on(house([("a", "hall", box(0, 0, 10, 8))]))
    storey = site.buildings[0].storeys[0].replace(obstacles=(Obstacle(id="h/f1/c", polygon=box(4, 3, 6, 5)),))
    ways = walkways(build(site.replace(buildings=(site.buildings[0].replace(storeys=(storey,)),))))
    assert length_m(ways, ("h/f1", (3, 4)), ("h/f1", (7, 4))) == pytest.approx(2 * math.hypot(1, 1) + 2, abs=0.02)


def test_shafts_are_no_floor() -> None:
    rooms: list[tuple[str, SpaceUse, Polygon]] = [
        ("a", "hall", box(0, 0, 10, 8)),
        ("l", "lift_shaft", box(10, 0, 12, 2)),
    ]
    ways = walkways(build(on(house(rooms, [door("d", ((10, 0.5), (10, 1.5)), "a", "l")]))))
    assert length_m(ways, ("h/f1", (5, 1)), ("h/f1", (11, 1))) == math.inf


STAIRED: tuple[tuple[str, SpaceUse, Polygon], ...] = (
    ("a", "corridor", box(3, 0, 13, 2)),
    ("s", "stair", box(0, 0, 3, 6)),
)
STAIR = Stair(id="h/st", space="h/f{n}/s", first=1, last=4, width_m=1.2, tread_m=0.28, riser_m=0.15)
ENTRY = door("d", ((3, 0.5), (3, 1.5)), "a", "s")


@pytest.mark.parametrize(("kind", "storey_m"), [("dogleg", 20 * math.hypot(0.28, 0.15) + 2 * 1.3),
                                                ("straight", 20 * math.hypot(0.28, 0.15) + 1.2),
                                                ("scissor", 20 * math.hypot(0.28, 0.15) + 1.2)])  # fmt: skip
@pytest.mark.parametrize("up", [1, 3])
def test_a_stair_joins_the_storeys(kind: str, storey_m: float, up: int) -> None:
    building = house(STAIRED, [ENTRY], last=4, stairs=(STAIR.model_copy(update={"kind": kind}),))
    ways = walkways(build(on(building)))
    # 8 m along the corridor to the door and 0.73 m behind it, twice
    found = length_m(ways, ("h/f1", (11, 1)), (f"h/f{1 + up}", (11, 1)))
    assert found == pytest.approx(2 * 8.73 + up * storey_m, abs=0.02)


@pytest.mark.parametrize(
    ("rise_m", "flights"), [(2.7, 1), (3.0, 2), (5.4, 2), (5.6, 3)], ids=["18", "20", "36", "37 risers"]
)
def test_a_straight_flight_has_a_landing_after_18_risers(rise_m: float, flights: int) -> None:
    stair = STAIR.model_copy(update={"kind": "straight"})
    risers = round(rise_m / 0.15)
    expected = risers * math.hypot(0.28, rise_m / risers) + (flights - 1) * 1.2
    assert stair_length_m(stair, rise_m) == pytest.approx(expected)


def test_storeys_that_are_alike_share_their_floor() -> None:
    ways = walkways(build(on(house(STAIRED, [ENTRY], last=4, stairs=(STAIR,)))))
    assert len({id(ways.network.floors[ways.rows[f"h/f{n}"]].floor) for n in range(1, 5)}) == 1


def test_out_of_the_house_and_round_it() -> None:
    out = door("o", ((4, 0), (6, 0)), "outside", "a")
    ways = walkways(build(on(house([("a", "hall", box(0, 0, 10, 8))], [out]))))
    assert length_m(ways, ("h/f1", (5, 4)), (OPEN_GROUND, (5, -3))) == pytest.approx(7.0)
    # behind the house: out, to its nearer corners
    round_m = length_m(ways, ("h/f1", (5, 0.5)), (OPEN_GROUND, (5, 9)))
    assert round_m == pytest.approx(math.hypot(1, 0.5) + 4 + 8 + math.hypot(5, 1), abs=0.2)


def test_one_does_not_leave_by_a_balcony() -> None:
    rooms: list[tuple[str, SpaceUse, Polygon]] = [
        ("a", "living_room", box(0, 0, 10, 8)),
        ("b", "balcony", box(0, -2, 10, 0)),
    ]
    doors = [door("d", ((4, 0), (6, 0)), "a", "b"), door("w", ((4, -2), (6, -2)), "b", "outside")]
    ways = walkways(build(on(house(rooms, doors))))
    assert length_m(ways, ("h/f1", (5, 4)), ("h/f1", (5, -1))) == pytest.approx(5.0)
    assert length_m(ways, ("h/f1", (5, 4)), (OPEN_GROUND, (5, -5))) == math.inf


def fence(points: tuple[XY, ...], use: str = "perimeter") -> GroundFeature:
    return GroundFeature.model_validate({"id": f"{use}-1", "use": use, "geometry": Line(points=points)})


def test_fences_are_passed_at_gates_only() -> None:
    far = house([("a", "hall", box(-40, -40, -30, -30))])
    edge = GroundFeature(id="edge", use="site_boundary", geometry=box(-60, -60, 60, 60))
    along = [fence(((-60, 0), (60, 0))), edge]
    assert length_m(walkways(build(on(far, grounds=along))), (OPEN_GROUND, (0, -5)), (OPEN_GROUND, (0, 5))) == math.inf
    index = build(on(far, grounds=[*along, fence(((-13, 0), (-12, 0)), "gate")]))
    found = length_m(walkways(index), (OPEN_GROUND, (0, -5)), (OPEN_GROUND, (0, 5)))
    assert found == pytest.approx(2 * math.hypot(12, 4.95) + 0.1, abs=0.05)
    assert length_m(walkways(index, closed={"gate-1"}), (OPEN_GROUND, (0, -5)), (OPEN_GROUND, (0, 5))) == math.inf


def test_water_is_walked_around() -> None:
    pond = GroundFeature(id="pond", use="water", geometry=box(-2, -20, 2, 4))
    edge = GroundFeature(id="edge", use="site_boundary", geometry=box(-30, -20, 30, 20))
    ways = walkways(build(on(grounds=[pond, edge])))
    assert length_m(ways, (OPEN_GROUND, (-5, 0)), (OPEN_GROUND, (5, 0))) == pytest.approx(2 * 5 + 4, abs=0.02)


@pytest.mark.parametrize("ends", [("h/f1/a", "outside"), ("outside", "h/f1/a")])
def test_a_ramp_leads_down_into_a_garage(ends: tuple[str, str]) -> None:
    axis = Line3(points=((15, 4, -3), (35, 4, 0))) if ends[0] != "outside" else Line3(points=((35, 4, 0), (15, 4, -3)))
    ramp = Ramp(id="h/r", axis=axis, width_m=4.0, connects=ends)
    below = house([("a", "garage", box(0, 0, 15, 8))], ramps=(ramp,), base_elevation_m=-3.0)
    storey = below.storeys[0].replace(elevation_m=-3.0, height_m=2.8)
    ways = walkways(build(on(below.replace(storeys=(storey,)))))
    assert length_m(ways, ("h/f1", (5, 4)), (OPEN_GROUND, (40, 4))) == pytest.approx(
        10 + math.hypot(20, 3) + 5, abs=0.3
    )
    # over the garage lies open ground
    assert length_m(ways, (OPEN_GROUND, (5, -3)), (OPEN_GROUND, (5, 11))) == pytest.approx(14.0)


def test_two_buildings_are_joined_by_a_door_between_their_storeys() -> None:
    one = house([("a", "hall", box(0, 0, 10, 8))])
    other = Building.model_validate_json(one.model_dump_json().replace("h/f", "g/f").replace('"h"', '"g"'))
    moved = box(0, 8, 10, 16)
    room = other.storeys[0].spaces[0].replace(polygon=moved)
    between = Opening(id="g/f1/d", kind="door", line=((4, 8), (6, 8)), connects=("h/f1/a", "g/f1/a"))
    storey = other.storeys[0].replace(spaces=(room,), polygon=moved, openings=(between,))
    index = build(on(one, other.replace(footprint=moved, storeys=(storey,))))
    assert length_m(walkways(index), ("h/f1", (5, 4)), ("g/f1", (5, 12))) == pytest.approx(8.0)
    assert length_m(walkways(index, closed={"g/f1/d"}), ("h/f1", (5, 4)), ("g/f1", (5, 12))) == math.inf


def test_a_device_in_a_wall_is_reached_from_its_own_room() -> None:
    hung = Device(id="x", kind="thing", space="h/f1/a", x_m=10.0, y_m=2.0, z_m=1.0)
    index = build(on(house(TWO_ROOMS, [AT_THE_NORTH]), devices=[hung]))
    ways = walkways(index)
    spot = ways.spot(hung)
    assert spot is not None
    assert spot[0] == ways.rows["h/f1"]
    assert spot[1] == pytest.approx((9.9, 2.0), abs=0.01)


@pytest.mark.parametrize(("z_m", "storey"), [(1.0, "h/f1"), (4.5, "h/f2"), (13.0, OPEN_GROUND)])
def test_a_device_without_a_space_is_on_the_storey_at_its_height(z_m: float, storey: str) -> None:
    loose = Device(id="x", kind="thing", x_m=5.0, y_m=2.0, z_m=z_m)
    ways = walkways(build(on(house(STAIRED, [ENTRY], last=4, stairs=(STAIR,)), devices=[loose])))
    spot = ways.spot(loose)
    assert spot is not None
    assert spot[0] == ways.rows[storey]


def test_a_storey_without_floor_is_told_and_the_rest_is_walked() -> None:
    shaft = house([("l", "lift_shaft", box(0, 0, 2, 2))])
    ways = walkways(build(on(shaft)))
    assert [fault.id for fault in ways.faults] == ["h/f1"]
    assert np.isfinite(length_m(ways, (OPEN_GROUND, (-5, 0)), (OPEN_GROUND, (-6, 0))))
