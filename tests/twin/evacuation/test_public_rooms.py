"""Rooms, storeys and car parks against rules, on drawings worked out by hand."""

import math
from pathlib import Path

import pytest

from tests.twin.houses import door, house, on
from tests.twin.riverside_in_small import box
from twin.errors import EvacuationError
from twin.evacuation.audit import audit
from twin.evacuation.checked import EgressFinding
from twin.evacuation.public_rooms import NotChecked, not_checked
from twin.evacuation.rules import EgressFacts, egress_facts, egress_rules
from twin.fabric.site_graph import site_graph
from twin.index import SiteIndex, build
from twin.model.buildings import Building, Stair

Found = dict[tuple[str, str], EgressFinding]
SPRINKLED = EgressFacts(sprinklered=frozenset({"h"}))


def check(building: Building, facts: EgressFacts | None = None) -> Found:
    """Findings by rule and place."""
    return of(build(on(building)), facts)


def of(index: SiteIndex, facts: EgressFacts | None = None) -> Found:
    findings = audit(site_graph(index), egress_rules(), facts=facts)
    return {(one.rule, one.place.removeprefix("h/")): one for one in findings}


def offices(length_m: float, *, use: str = "office", east: bool = False, **building: object) -> Building:
    """A room of 6 by 5 m whose door is at the east end of a corridor 2 m wide that is left in the west."""
    doors = [
        door("west", ((0, 0.4), (0, 1.6)), "way", "outside"),
        door("d", ((length_m - 3.5, 2), (length_m - 2.5, 2)), "room", "way"),
    ]
    if east:
        doors.append(door("east", ((length_m, 0.4), (length_m, 1.6)), "way", "outside"))
    rooms = [("way", "corridor", box(0, 0, length_m, 2)), ("room", use, box(length_m - 6, 2, length_m, 7))]
    return house(rooms, doors, **({"use": "office"} | building))  # type: ignore[arg-type]


# The door's middle is 3 m before the corridor's end and a metre off its axis: sqrt((length - 3)^2 + 1) from the west.
@pytest.mark.parametrize(("away_m", "is_met"), [(21.9, True), (22.1, False), (27.4, False)])
def test_a_door_in_a_dead_end_is_within_22_m(away_m: float, *, is_met: bool) -> None:
    one = check(offices(math.sqrt(away_m**2 - 1) + 3))["dead-end-public", "f1/room"]
    assert one.reached == pytest.approx(away_m, abs=0.02)
    assert (one.needed, one.is_met, one.objects) == (22.0, is_met, ("h/f1/d", "h/f1/west"))


@pytest.mark.parametrize(("away_m", "is_met"), [(27.4, True), (27.6, False)])
def test_sprinklers_add_a_quarter(away_m: float, *, is_met: bool) -> None:
    one = check(offices(math.sqrt(away_m**2 - 1) + 3), SPRINKLED)["dead-end-public", "f1/room"]
    assert (one.needed, one.is_met) == (27.5, is_met)


def test_an_open_gallery_adds_five_metres_after_the_quarter() -> None:
    facts = SPRINKLED.replace(open_galleries=frozenset({"h/f1/way"}))
    assert check(offices(30.0), facts)["dead-end-public", "f1/room"].needed == 32.5


def test_between_two_exits_forty_metres_hold() -> None:
    found = check(offices(60.0, east=True))
    # 3 m before the east exit, a metre off its axis
    assert found["between-public", "f1/room"].reached == pytest.approx(math.sqrt(10), abs=0.02)
    assert found["between-public", "f1/room"].needed == 40.0
    assert ("dead-end-public", "f1/room") not in found


@pytest.mark.parametrize(("use", "building", "rule", "needed"), [
    ("kindergarten", "education", "dead-end-kindergarten", 20.0),
    ("classroom", "education", "dead-end-teaching", 22.0),
    ("care_station", "service", "dead-end-public", 22.0),  # 30 m2 are for 3 people, care begins at 20
    ("storage", "education", "dead-end-teaching", 22.0),
    ("shop", "commercial", "dead-end-public", 22.0),
])  # fmt: skip
def test_each_use_has_its_row(use: str, building: str, rule: str, needed: float) -> None:
    assert check(offices(20.0, use=use).replace(use=building))[rule, "f1/room"].needed == needed


@pytest.mark.parametrize(("height_m", "needed"), [(24.0, 22.0), (24.1, 20.0)])
def test_a_high_rise_has_a_shorter_dead_end(height_m: float, needed: float) -> None:
    found = check(offices(20.0, last=2, height_m=height_m))
    rule = "dead-end-public" if needed == 22.0 else "dead-end-public-high"
    assert found[rule, "f1/room"].needed == needed


def hall(length_m: float, wide_m: float = 8.0, *, use: str = "shop", doors: int = 1, **building: object) -> Building:
    """A room with doors 1.2 m wide into the open: in the middle of its west end, then of its east end."""
    low, high = wide_m / 2 - 0.6, wide_m / 2 + 0.6
    made = [door("west", ((0, low), (0, high)), "room", "outside")]
    if doors > 1:
        made.append(door("east", ((length_m, low), (length_m, high)), "room", "outside"))
    rooms = [("room", use, box(0, 0, length_m, wide_m))]
    return house(rooms, made, **({"use": "commercial"} | building))  # type: ignore[arg-type]


@pytest.mark.parametrize(("length_m", "is_met"), [(15.0, True), (15.1, False)])
def test_a_room_with_one_door_is_at_most_120_m2(length_m: float, *, is_met: bool) -> None:
    one = check(hall(length_m))["one-door-public", "f1/room"]
    assert (round(one.reached, 6), one.needed, one.is_met) == (length_m * 8, 120.0, is_met)


@pytest.mark.parametrize(("length_m", "is_met"), [(21.5, True), (22.2, False)])
def test_the_farthest_corner_of_a_room_is_within_the_dead_end(length_m: float, *, is_met: bool) -> None:
    one = check(hall(length_m))["inside-public", "f1/room"]
    # from the door's middle to a corner at the far end: 21.87 m and 22.53 m on the walls' axes, less the walls
    assert one.reached == pytest.approx(math.hypot(length_m, 4), abs=0.15)
    assert one.is_met is is_met


@pytest.mark.parametrize(("length_m", "is_met"), [(58.0, True), (62.0, False)])
def test_a_sales_floor_with_two_doors_is_within_30_m_of_one(length_m: float, *, is_met: bool) -> None:
    found = check(hall(length_m, doors=2))
    one = found["hall-travel", "f1/room"]
    # farthest are the middles of its long walls: 29.3 m and 31.3 m
    assert one.reached == pytest.approx(math.hypot(length_m / 2, 4), abs=0.6)
    assert one.is_met is is_met
    assert not any(rule.startswith("one-door") for rule, _ in found)


def test_below_ground_a_room_with_one_door_is_smaller() -> None:
    made = hall(7.0)
    index = build(on(made.replace(base_elevation_m=4.0)))
    one = of(index)["one-door-below", "f1/room"]
    assert (one.needed, one.is_met) == (50.0, False)
    # 56 m2 of shop at 0.43 a square metre
    assert of(index)["one-door-below-persons", "f1/room"].reached == pytest.approx(24.08)


@pytest.mark.parametrize(("length_m", "asked", "is_met"), [(14.0, 1.0, True), (14.6, 2.0, False)])
def test_few_people_on_a_small_ground_floor_need_one_exit(length_m: float, asked: float, *, is_met: bool) -> None:
    # 0.43 people a square metre: 48.2 and 50.2 of them
    one = check(hall(length_m))["storey-exits", "f1"]
    assert (one.needed, one.reached, one.is_met) == (asked, 1.0, is_met)


def test_a_kindergarten_always_needs_two() -> None:
    assert check(hall(5.0, use="kindergarten").replace(use="education"))["storey-exits", "f1"].needed == 2.0


@pytest.mark.parametrize(("wide_m", "is_met"), [(10.0, True), (60.0, False)])
def test_exits_are_wide_enough_for_the_people(wide_m: float, *, is_met: bool) -> None:
    one = check(hall(20.0, wide_m, doors=2))["width-low", "f1"]
    # 0.43 people a square metre through 2.4 m
    assert one.reached == pytest.approx(2.4 * 100 / (0.43 * 20 * wide_m))
    assert (one.needed, one.is_met) == (0.65, is_met)


@pytest.mark.parametrize(("last", "rule", "needed"), [(2, "low", 0.65), (3, "three", 0.75), (4, "high", 1.0)])
def test_more_storeys_need_wider_exits(last: int, rule: str, needed: float) -> None:
    assert check(hall(20.0, doors=2, last=last))[f"width-{rule}", "f1"].needed == needed


def test_an_open_stair_is_nearer_by_two_metres_in_a_dead_end() -> None:
    stair = Stair(id="h/stair", space="h/f{n}/stair", first=1, last=2)
    rooms = [
        ("way", "corridor", box(0, 0, 20, 2)), ("stair", "stair", box(-5, 0, 0, 2)),
        ("room", "office", box(14, 2, 20, 7)),
    ]  # fmt: skip
    inner = door("d", ((16.5, 2), (17.5, 2)), "room", "way")
    for kind, needed in (("passage", 20.0), ("door", 22.0)):
        ways = [inner, door("up", ((0, 0.4), (0, 1.6)), "way", "stair", kind=kind)]
        made = house(rooms, ways, last=2, use="office", stairs=(stair,))  # type: ignore[arg-type]
        assert check(made)["dead-end-public", "f2/room"].needed == needed


def car_park(length_m: float, *, kind: str = "door", last: int = 1, number: int = 0) -> Building:
    """A car park 10 m wide left by a stair in the middle of its west end."""
    rooms = [("cars", "garage", box(0, 0, length_m, 10)), ("stair", "stair", box(-5, 4, 0, 6))]
    way = [door("out", ((0, 4.4), (0, 5.6)), "cars", "stair", kind=kind)]
    stair = Stair(id="h/stair", space="h/f{n}/stair", first=number, last=number + 1)
    made = house(rooms, way, last=last, use="garage", stairs=(stair,))  # type: ignore[arg-type]
    storeys = tuple(storey.replace(first=number, last=number) for storey in made.storeys)
    return made.replace(storeys=storeys)


@pytest.mark.parametrize(("length_m", "facts", "needed", "is_met"), [
    (44.6, None, 45.0, True), (45.0, None, 45.0, False), (59.7, SPRINKLED, 60.0, True), (60.2, SPRINKLED, 60.0, False),
])  # fmt: skip
def test_a_basement_of_cars(length_m: float, facts: EgressFacts | None, needed: float, *, is_met: bool) -> None:
    found = check(car_park(length_m), facts)
    rule = "garage-travel" if facts is None else "garage-travel-sprinklered"
    one = found[rule, "f0/cars"]
    # to a corner at the far end, on the walls' axes, less the walls
    assert one.reached == pytest.approx(math.hypot(length_m, 5), abs=0.15)
    assert (one.needed, one.is_met) == (needed, is_met)
    # none of its parking spaces is drawn: a small one, for which one exit is enough
    assert found["garage-exits", "f0"].is_met


def test_a_car_park_at_ground_level_may_be_deeper() -> None:
    assert check(car_park(50.0, number=1))["garage-travel-ground", "f1/cars"].is_met


def test_nobody_leaves_a_car_park_by_a_shutter() -> None:
    found = check(car_park(20.0, kind="shutter"))
    assert found["garage-travel", "f0/cars"].reached == math.inf
    assert not found["garage-exits", "f0"].is_met


def test_what_no_rule_knows_is_told() -> None:
    unknown = build(on(hall(5.0, use="refuse_room").replace(use="service")))
    assert not_checked(unknown) == (NotChecked("h/f1", ("refuse_room",)),)
    assert not_checked(build(on(hall(5.0, use="other").replace(use="other")))) == (NotChecked("h/f1", ("other",)),)
    assert not_checked(build(on(hall(5.0)))) == ()
    empty = hall(5.0)
    bare = empty.replace(storeys=tuple(storey.replace(spaces=(), openings=()) for storey in empty.storeys))
    assert not_checked(build(on(bare))) == (NotChecked("h/f1", ()),)


def test_a_site_states_sprinklers_and_galleries(tmp_path: Path) -> None:
    (tmp_path / "evacuation_rules.yaml").write_text("sprinklered: [h]\nopen_galleries: [h/f1/way]\n")
    assert egress_facts(tmp_path) == SPRINKLED.replace(open_galleries=frozenset({"h/f1/way"}))
    assert egress_rules(tmp_path) == egress_rules()


def test_sprinklers_that_are_no_list_are_refused(tmp_path: Path) -> None:
    (tmp_path / "evacuation_rules.yaml").write_text("sprinklered: h\n")
    with pytest.raises(EvacuationError, match=r"sprinklered is to be a list of ids"):
        egress_facts(tmp_path)


@pytest.mark.parametrize(("facts", "says"), [
    (EgressFacts(sprinklered=frozenset({"hh"})), "sprinklered names 'hh'.*building or storey.*did you mean h"),
    (EgressFacts(open_galleries=frozenset({"h/f1/room"})), "open_galleries names 'h/f1/room', which is no corridor"),
])  # fmt: skip
def test_ids_that_are_not_there_are_told(facts: EgressFacts, says: str) -> None:
    with pytest.raises(EvacuationError, match=says):
        check(offices(20.0), facts)


def test_an_inner_room_is_left_through_the_next_one() -> None:
    rooms = [("a", "office", box(0, 0, 10, 10)), ("b", "office", box(10, 0, 20, 10))]
    ways = [
        door("between", ((10, 4.5), (10, 5.5)), "a", "b"),
        door("east", ((20, 4.5), (20, 5.5)), "b", "outside"),
    ]
    one = check(house(rooms, ways))["dead-end-public", "f1/a"]  # type: ignore[arg-type]
    assert one.reached == pytest.approx(10.0, abs=0.02)
    assert one.objects == ("h/f1/between", "h/f1/east")
