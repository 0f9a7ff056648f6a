"""The quickest way from place to place: through which doors, how long, how fast, for whom."""

import math
from collections.abc import Iterable

import numpy as np
import pytest
import shapely

from tests.twin.houses import door, house, on
from tests.twin.riverside_in_small import box
from twin.fabric.walkways import walkways
from twin.index import SiteIndex, build
from twin.model.base import Polygon, Text
from twin.model.buildings import Building, Lift, Line3, Opening, Ramp, SpaceUse, Stair
from twin.model.devices import Device
from twin.model.grounds import GroundFeature
from twin.wayfinding.ends import at_point, end_of
from twin.wayfinding.network import Wayfinder
from twin.wayfinding.profiles import profile
from twin.wayfinding.routes import NoRouteError, Route, route

WALL_M = 0.05
"""What a way round jambs may differ by: walls of 12 to 24 cm, and bands of some millimetres along them."""
ROOMS: tuple[tuple[str, SpaceUse, Polygon], ...] = (
    ("a", "hall", box(0, 0, 10, 8)),
    ("b", "hall", box(10, 0, 20, 8)),
)
GATE = GroundFeature(id="gate", name=Text(zh="南门", en="South gate"), use="gate", geometry=(5.0, -20.0))


def way(ways: Wayfinder, start: str, end: str, who: str = "resident", **asked: object) -> Route:
    access = ways.network(profile(who)).access
    return route(ways, end_of(access, start), end_of(access, end), profile(who), **asked)  # type: ignore[arg-type]


def doors_on(found: Route) -> list[str]:
    return [passed.id for leg in found.legs for passed in leg.doors]


def tower(**more: object) -> Building:
    """Six storeys: a landing with a stair and a lift, a room each, a door to the south on the first."""
    spaces: list[tuple[str, SpaceUse, Polygon]] = [
        ("landing", "corridor", box(0, 0, 10, 3)), ("stair", "stair", box(10, 0, 13, 6)),
        ("lift", "lift_shaft", box(-2, 0, 0, 2)), ("room", "office", box(0, 3, 10, 9)),
    ]  # fmt: skip
    doors = [
        door("to-stair", ((10, 1), (10, 2)), "landing", "stair"),
        door("to-lift", ((0, 0.5), (0, 1.5)), "landing", "lift"),
        door("to-room", ((4, 3), (5, 3)), "landing", "room"),
    ]
    built = house(spaces, doors, last=6)
    typical = built.storeys[0]
    entrance = door("entrance", ((4, 0), (6, 0)), "landing", "outside")
    storeys = (
        typical.replace(last=1, openings=(*doors, entrance)),
        typical.replace(first=2, last=6, elevation_m=3.0),
    )
    stairs = (Stair(id="stair", name=Text(zh="楼梯", en="Stair"), space="h/f{n}/stair", first=1, last=6),)
    lifts = (Lift(id="lift", name=Text(zh="电梯", en="Lift"), space="h/f{n}/lift", first=1, last=6),)
    return built.replace(**{"storeys": storeys, "stairs": stairs, "lifts": lifts} | more)


@pytest.fixture(scope="module")
def towers() -> Wayfinder:
    return Wayfinder(build(on(tower(), grounds=[GATE])))


def test_a_way_through_a_door_is_pulled_taut_round_its_jamb() -> None:
    ways = Wayfinder(build(on(house(ROOMS, [door("d", ((10, 6), (10, 7)), "a", "b")]))))
    access = ways.network(profile("resident")).access
    start = at_point(access, "here", Text(), (9, 1, 0), space="h/f1/a")
    end = at_point(access, "there", Text(), (11, 1, 0), space="h/f1/b")
    found = route(ways, start, end, profile("resident"))
    # corners a quarter of a metre from the jamb at (10, 6) of a wall of 20 cm
    assert found.length_m == pytest.approx(2 * math.hypot(0.65, 5.25) + 0.7, abs=WALL_M)
    assert found.duration_s == pytest.approx(found.length_m / 1.19)
    (leg,) = found.legs
    assert (doors_on(found), leg.storey) == (["h/f1/d"], "h/f1")


def test_the_same_start_and_end_is_a_way_of_no_length() -> None:
    ways = Wayfinder(build(on(house(ROOMS, [door("d", ((10, 6), (10, 7)), "a", "b")]))))
    found = way(ways, "h/f1/a", "h/f1/a")
    assert (found.length_m, found.duration_s, len(found.legs)) == (0.0, 0.0, 1)


def test_of_two_doors_the_nearer_one_is_passed_and_the_other_when_it_is_closed() -> None:
    ways = Wayfinder(build(on(house(ROOMS, [door("n", ((10, 7), (10, 8)), "a", "b"),
                                            door("s", ((10, 1), (10, 2)), "a", "b")]))))  # fmt: skip
    access = ways.network(profile("resident")).access
    ends = [at_point(access, name, Text(), point) for name, point in (("p", (8.0, 2.0, 0.1)), ("q", (12.0, 2.0, 0.1)))]
    assert doors_on(route(ways, ends[0], ends[1], profile("resident"))) == ["h/f1/s"]
    assert doors_on(route(ways, ends[0], ends[1], profile("resident"), closed={"h/f1/s"})) == ["h/f1/n"]
    with pytest.raises(NoRouteError):
        route(ways, ends[0], ends[1], profile("resident"), closed={"h/f1/s", "h/f1/n"})


@pytest.mark.parametrize(
    ("who", "kind", "goal"),
    [("resident", "stair", "h/f2/room"), ("resident", "lift", "h/f6/room"), ("wheelchair", "lift", "h/f2/room"),
     ("fire_crew", "stair", "h/f6/room"), ("pushchair", "lift", "h/f3/room")],
)  # fmt: skip
def test_who_comes_decides_between_stair_and_lift(towers: Wayfinder, who: str, kind: str, goal: str) -> None:
    # fire crews ride firefighting lifts alone, wheels take no steps, and others do not wait for a lift for one storey
    found = way(towers, "gate", goal, who)
    assert [leg.kind for leg in found.legs if leg.kind != "walk"] == [kind]


def test_a_lift_out_of_service_leaves_the_stair_to_feet_and_nothing_to_wheels(towers: Wayfinder) -> None:
    assert {leg.kind for leg in way(towers, "gate", "h/f6/room", closed={"lift"}).legs} == {"walk", "stair"}
    with pytest.raises(NoRouteError):
        way(towers, "gate", "h/f6/room", "wheelchair", closed={"lift"})


def test_stairs_and_lifts_take_what_their_speeds_say(towers: Wayfinder) -> None:
    stair = next(leg for leg in way(towers, "h/f1/room", "h/f3/room", closed={"lift"}).legs if leg.kind == "stair")
    lift = next(leg for leg in way(towers, "h/f1/room", "h/f6/room").legs if leg.kind == "lift")
    assert (stair.rise_m, lift.rise_m) == (6.0, 15.0)
    assert stair.duration_s == pytest.approx(stair.length_m / 0.7)
    assert lift.duration_s == pytest.approx(40 + 15 / 1.75, abs=0.01)  # waiting, and the usual speed of a lift
    down = next(leg for leg in way(towers, "h/f3/room", "h/f1/room", closed={"lift"}).legs if leg.kind == "stair")
    assert down.duration_s == pytest.approx(down.length_m / 0.85)


def test_a_way_outdoors_and_in_is_told_leg_by_leg_with_lines_that_join(towers: Wayfinder) -> None:
    found = way(towers, "gate", "h/f6/room")
    assert [(leg.kind, leg.storey) for leg in found.legs] == [
        ("walk", None), ("walk", "h/f1"), ("lift", "h/f6"), ("walk", "h/f6"),
    ]  # fmt: skip
    for one, other in zip(found.legs, found.legs[1:], strict=False):
        assert one.line_m[-1] == pytest.approx(other.line_m[0], abs=0.05)
    assert found.legs[0].length_m == pytest.approx(20, abs=0.1)
    assert found.length_m == pytest.approx(sum(leg.length_m for leg in found.legs if leg.kind != "lift"))


LOCKED = (door("d", ((10, 6), (10, 7)), "a", "b", locked=True),)


@pytest.mark.parametrize(
    ("use", "who", "passes"),
    [("hall", "resident", True), ("switch_room", "resident", False), ("switch_room", "maintenance", True),
     ("switch_room", "fire_crew", True), ("shaft", "patrol", True)],
)  # fmt: skip
def test_a_locked_door_lets_through_who_has_its_key(use: SpaceUse, who: str, passes: bool) -> None:  # noqa: FBT001
    rooms: list[tuple[str, SpaceUse, Polygon]] = [("a", "hall", box(0, 0, 10, 8)), ("b", use, box(10, 0, 20, 8))]
    ways = Wayfinder(build(on(house(rooms, LOCKED))))
    if use == "shaft":
        # nobody walks in a shaft: one stands before its door
        assert way(ways, "h/f1/a", "h/f1/b", who).end.hatch == "h/f1/d"
    elif passes:
        (leg,) = way(ways, "h/f1/a", "h/f1/b", who).legs
        assert leg.doors[0].is_locked
        assert leg.duration_s > leg.length_m / profile(who)["level_m_per_s"]
    else:
        with pytest.raises(NoRouteError):
            way(ways, "h/f1/a", "h/f1/b", who)
    assert way(ways, "h/f1/a", "h/f1/b", who, is_released=True).duration_s > 0


FLATS: tuple[tuple[str, SpaceUse, Polygon], ...] = (
    ("a", "corridor", box(0, 0, 4, 8)), ("f", "flat", box(4, 0, 8, 8)), ("b", "corridor", box(8, 0, 12, 8)),
)  # fmt: skip
THROUGH_A_FLAT = [
    door("in", ((4, 3), (4, 4)), "a", "f", locked=True), door("out", ((8, 3), (8, 4)), "f", "b", locked=True),
]  # fmt: skip


def test_nobody_goes_through_a_flat_but_to_visit_or_to_escape() -> None:
    ways = Wayfinder(build(on(house(FLATS, THROUGH_A_FLAT))))
    with pytest.raises(NoRouteError):
        way(ways, "h/f1/a", "h/f1/b")
    assert doors_on(way(ways, "h/f1/a", "h/f1/f")) == ["h/f1/in"]
    assert way(ways, "h/f1/a", "h/f1/f").legs[0].doors[0].is_private
    assert doors_on(way(ways, "h/f1/f", "h/f1/b")) == ["h/f1/out"]
    assert doors_on(way(ways, "h/f1/a", "h/f1/b", is_released=True)) == ["h/f1/in", "h/f1/out"]
    assert doors_on(way(ways, "h/f1/a", "h/f1/b", "fire_crew")) == ["h/f1/in", "h/f1/out"]


@pytest.mark.parametrize(("width_m", "passes"), [(0.75, False), (0.77, False), (0.82, True), (1.0, True)])
def test_a_wheelchair_takes_doors_that_are_wide_enough(width_m: float, passes: bool) -> None:  # noqa: FBT001
    ways = Wayfinder(build(on(house(ROOMS, [door("d", ((10, 3), (10, 3 + width_m)), "a", "b")]))))
    assert doors_on(way(ways, "h/f1/a", "h/f1/b")) == ["h/f1/d"]
    if passes:
        assert doors_on(way(ways, "h/f1/a", "h/f1/b", "wheelchair")) == ["h/f1/d"]
    else:
        with pytest.raises(NoRouteError):
            way(ways, "h/f1/a", "h/f1/b", "wheelchair")


@pytest.mark.parametrize(
    ("rise_m", "who", "passes"),
    [(0.6, "wheelchair", True), (0.9, "wheelchair", False), (0.9, "pushchair", True), (1.3, "pushchair", False),
     (1.3, "resident", True), (2.5, "resident", False)],
)  # fmt: skip
def test_a_ramp_is_taken_as_steep_as_one_can(rise_m: float, who: str, passes: bool) -> None:  # noqa: FBT001
    # 8 m long in plan: 1 in 13 is gentle enough for wheels, 1 in 9 for a pushchair, 1 in 6 for feet
    ramp = Ramp(id="ramp", width_m=2.0, connects=("outside", "h/f1/a"), vehicles=False,
                axis=Line3(points=((5, -8, 0), (5, 0.5, rise_m))))  # fmt: skip
    spaces: list[tuple[str, SpaceUse, Polygon]] = [("a", "hall", box(0, 0, 10, 8))]
    built = house(spaces, ramps=(ramp,))
    raised = tuple(storey.replace(elevation_m=rise_m) for storey in built.storeys)
    ways = Wayfinder(build(on(built.replace(storeys=raised), grounds=[GATE])))
    if passes:
        assert [leg.kind for leg in way(ways, "gate", "h/f1/a", who).legs] == ["walk", "ramp", "walk"]
    else:
        with pytest.raises(NoRouteError):
            way(ways, "gate", "h/f1/a", who)


def test_a_door_aloft_is_no_way_out(towers: Wayfinder) -> None:
    built = tower()
    fire = door("aloft", ((4, 0), (5, 0)), "landing", "outside")
    ground, typical = built.storeys
    index = build(on(built.replace(storeys=(ground, typical.replace(openings=(*typical.openings, fire)))),
                     grounds=[GATE]))  # fmt: skip
    found = way(Wayfinder(index), "h/f3/room", "gate")
    assert doors_on(found) == ["h/f3/to-room", "h/f3/to-stair", "h/f1/to-stair", "h/f1/entrance"]
    assert found.length_m == pytest.approx(way(towers, "h/f3/room", "gate").length_m, abs=0.01)


def many_rooms(rng: np.random.Generator) -> tuple[SiteIndex, shapely.Polygon]:
    """A storey of 4 by 3 rooms of many widths, doors where they happen to be, some missing."""
    xs = np.concatenate(([0.0], np.cumsum(rng.uniform(3, 9, 4))))
    ys = np.concatenate(([0.0], np.cumsum(rng.uniform(3, 8, 3))))
    spaces: list[tuple[str, SpaceUse, Polygon]] = []
    doors: list[Opening] = []
    for i in range(4):
        for j in range(3):
            spaces.append((f"r{i}{j}", "office", box(xs[i], ys[j], xs[i + 1], ys[j + 1])))
            if i < 3 and rng.random() < 0.8:
                at = rng.uniform(ys[j] + 0.4, ys[j + 1] - 1.6)
                doors.append(door(f"x{i}{j}", ((xs[i + 1], at), (xs[i + 1], at + 1.0)), f"r{i}{j}", f"r{i + 1}{j}"))
            if j < 2 and rng.random() < 0.8:
                at = rng.uniform(xs[i] + 0.4, xs[i + 1] - 1.6)
                doors.append(door(f"y{i}{j}", ((at, ys[j + 1]), (at + 1.0, ys[j + 1])), f"r{i}{j}", f"r{i}{j + 1}"))
    devices = [
        Device(id=f"d{k}", kind="thing", x_m=float(x), y_m=float(y), z_m=1.0)
        for k, (x, y) in enumerate(rng.uniform((0.5, 0.5), (xs[-1] - 0.5, ys[-1] - 0.5), (14, 2)))
    ]
    return build(on(house(spaces, doors), devices=devices)), shapely.box(0, 0, xs[-1], ys[-1])


@pytest.mark.parametrize("seed", range(6))
def test_ways_through_rooms_are_as_long_as_the_exact_shortest_ones(seed: int) -> None:
    index, _ = many_rooms(np.random.default_rng(seed))
    ratios = [*_ratios(index)]
    assert len(ratios) > 20
    # the doors are chosen by ways that bend in their middles: now and then others would have been a little nearer
    assert np.mean(ratios) <= 1.01
    assert max(ratios) <= 1.10
    # one micrometre of rounding
    assert min(ratios) >= 0.9999


def _ratios(index: SiteIndex) -> Iterable[float]:
    """Lengths of ways between devices against those over the whole storey's floor."""
    ways, who = Wayfinder(index), profile("resident")
    exact = walkways(index, clearance_m=who.clearance_m)
    access = ways.network(who).access
    floor = exact.network.floors[exact.rows["h/f1"]]
    ends = [end_of(access, device) for device in index.devices]
    for k, one in enumerate(ends):
        for other in ends[k + 1 :]:
            points = [np.array([end.spots[0][1][:2]]) for end in (one, other)]
            shortest_m = float(floor.floor.lengths_m(floor.own(points[0]), floor.own(points[1]))[0, 0])
            try:
                length_m = route(ways, one, other, who).length_m
            except NoRouteError:
                assert math.isinf(shortest_m)
                continue
            yield (length_m + 1e-6) / (shortest_m + 1e-6)
