"""Why there is no way, and how far one gets."""

import pytest

from tests.twin.houses import door, house, on
from tests.twin.riverside_in_small import box, small_site
from tests.twin.wayfinding.test_routes import FLATS, GATE, THROUGH_A_FLAT, tower, way
from twin.errors import UnknownIdError, WayfindingError
from twin.index import build
from twin.model.base import Polygon, Text
from twin.model.buildings import Obstacle, SpaceUse
from twin.wayfinding.ends import at_point, end_of
from twin.wayfinding.network import Wayfinder
from twin.wayfinding.profiles import profile
from twin.wayfinding.refusals import Refusal, RefusedError, refusal, route_or_refuse


def why(ways: Wayfinder, start: str, end: str, who: str = "resident", **asked: object) -> Refusal:
    access = ways.network(profile(who)).access
    with pytest.raises(RefusedError) as caught:
        route_or_refuse(ways, end_of(access, start), end_of(access, end), profile(who), **asked)  # type: ignore[arg-type]
    return caught.value.refusal


def test_a_closed_door_is_named_with_how_far_one_gets() -> None:
    ways = Wayfinder(build(on(tower(), grounds=[GATE])))
    found = why(ways, "gate", "h/f1/room", closed={"h/f1/to-room"})
    assert [(o.cause, o.id) for o in found.obstacles] == [("closed", "h/f1/to-room")]
    assert found.reached == "h/f1/entrance"
    assert found.reached_s == pytest.approx(0.0, abs=20)
    assert "One gets as far as door h/f1/entrance of h/f1/landing" in found.text.en
    assert found.text.zh.startswith("居民无法从南门到")


def test_wheels_without_a_lift_are_told_of_the_steps() -> None:
    ways = Wayfinder(build(on(tower(lifts=()), grounds=[GATE])))
    found = why(ways, "gate", "h/f4/room", "wheelchair")
    assert [(o.cause, o.id) for o in found.obstacles] == [("steps", "stair")]
    assert "there are only steps (Stair), which a wheelchair cannot take" in found.text.en


def test_the_way_with_the_fewest_obstacles_is_told() -> None:
    # through two flats, or through one locked door
    rooms: list[tuple[str, SpaceUse, Polygon]] = [*FLATS, ("tech", "switch_room", box(0, 8, 12, 12))]
    doors = [*THROUGH_A_FLAT, door("t1", ((1, 8), (2, 8)), "a", "tech", locked=True),
             door("t2", ((10, 8), (11, 8)), "tech", "b")]  # fmt: skip
    found = why(Wayfinder(build(on(house(rooms, doors)))), "h/f1/a", "h/f1/b")
    assert [o.cause for o in found.obstacles] in (["locked"], ["private"])
    assert len(found.obstacles) == 1


def test_a_corridor_too_narrow_is_told_as_such() -> None:
    rooms: list[tuple[str, SpaceUse, Polygon]] = [("a", "hall", box(0, 0, 20, 4))]
    built = house(rooms)
    # leaves 70 cm between two cupboards
    cupboards = (Obstacle(id="c1", polygon=box(9, 0, 11, 1.6)), Obstacle(id="c2", polygon=box(9, 2.3, 11, 4)))
    storeys = tuple(storey.replace(obstacles=cupboards) for storey in built.storeys)
    ways = Wayfinder(build(on(built.replace(storeys=storeys))))
    who = profile("wheelchair")
    access = ways.network(who).access
    ends = [at_point(access, n, Text(), (x, 2.0, 0.0), space="h/f1/a") for n, x in (("p", 2.0), ("q", 18.0))]
    found = refusal(ways, ends[0], ends[1], who)
    assert [(o.cause, o.id) for o in found.obstacles] == [("narrow", "h/f1/a")]


def test_a_part_of_the_site_that_nothing_leads_to_is_apart() -> None:
    rooms: list[tuple[str, SpaceUse, Polygon]] = [("a", "hall", box(0, 0, 5, 4)), ("b", "hall", box(5, 0, 9, 4))]
    found = why(Wayfinder(build(on(house(rooms)))), "h/f1/a", "h/f1/b")
    assert [(o.cause, o.id) for o in found.obstacles] == [("apart", "h/f1/b")]
    assert found.reached is None


@pytest.mark.parametrize("beside_m", [0.5, 1.9, 2.4, 470.1])
def test_an_end_beside_the_ground_is_moved_onto_it_or_refused_with_how_far_it_is(beside_m: float) -> None:
    # a site of one hall: the open ground ends 30 m around it
    ways = Wayfinder(build(on(house([("a", "hall", box(0, 0, 10, 8))]))))
    access = ways.network(profile("resident")).access
    point = (-30.0 - beside_m, 4.0, 0.0)
    if beside_m > 2:
        with pytest.raises(WayfindingError, match=rf"p is {beside_m + 0.253:.1f} m from the open ground"):
            at_point(access, "p", Text(), point)
    else:
        end = at_point(access, "p", Text(), point)
        # a quarter of a metre from the edge
        assert end.spots[0][1][0] == pytest.approx(-29.75, abs=0.01)


def test_a_site_of_nothing_but_points_is_walked_about_and_an_empty_one_says_what_is_unknown() -> None:
    gate = GATE.replace(geometry=(-50.0, 0.0))
    ways = Wayfinder(build(on(grounds=[gate, GATE.replace(id="other", geometry=(70.0, 0.0))])))
    assert way(ways, "gate", "other").length_m == pytest.approx(120.0)
    with pytest.raises(WayfindingError, match="from the open ground"):
        at_point(Wayfinder(build(on())).network(profile("resident")).access, "p", Text(), (0.0, 0.0, 0.0))


def test_a_room_too_narrow_for_who_is_in_it_is_told_as_such() -> None:
    # a car that stood in the living room would not get into the doorway, where the flat begins
    found = why(Wayfinder(build(small_site())), "tower-1/f3/01/living", "tower-1/f3/01", "car")
    assert [(o.cause, o.id) for o in found.obstacles] == [("narrow", "tower-1/f3/01/living")]


def test_a_thing_drawn_outside_its_room_is_looked_for_in_the_room() -> None:
    ways = Wayfinder(build(on(house([("a", "hall", box(0, 0, 10, 8))]))))
    end = at_point(ways.network(profile("resident")).access, "p", Text(), (-20.0, 4.0, 0.0), space="h/f1/a")
    assert 0 < end.spots[0][1][0] < 10


def test_a_way_that_is_there_is_not_explained_away() -> None:
    ways = Wayfinder(build(on(tower(), grounds=[GATE])))
    access = ways.network(profile("resident")).access
    with pytest.raises(ValueError, match="nothing is in the way"):
        refusal(ways, end_of(access, "gate"), end_of(access, "h/f1/room"), profile("resident"))


def test_unknown_places_and_profiles_name_the_nearest_there_is() -> None:
    ways = Wayfinder(build(on(tower(), grounds=[GATE])))
    with pytest.raises(UnknownIdError, match="Did you mean h/f1/room"):
        end_of(ways.network(profile("resident")).access, "h/f1/rom")
    with pytest.raises(UnknownIdError, match="no door, stair, lift, ramp, gate or space 'h/f1/to-rom' in this site"):
        why(ways, "gate", "h/f1/room", closed={"h/f1/to-rom"})
    with pytest.raises(UnknownIdError, match="Did you mean wheelchair"):
        profile("wheelchar")


def test_a_room_that_is_closed_is_gone_to_and_left_but_not_gone_through() -> None:
    rooms: list[tuple[str, SpaceUse, Polygon]] = [
        ("a", "hall", box(0, 0, 5, 4)), ("b", "hall", box(5, 0, 9, 4)), ("c", "hall", box(9, 0, 14, 4)),
    ]  # fmt: skip
    doors = [door("ab", ((5, 1), (5, 2)), "a", "b"), door("bc", ((9, 1), (9, 2)), "b", "c")]
    ways = Wayfinder(build(on(house(rooms, doors))))
    found = why(ways, "h/f1/a", "h/f1/c", closed={"h/f1/b"})
    assert [(o.cause, o.id) for o in found.obstacles] == [("closed", "h/f1/b")]
    access, who = ways.network(profile("resident")).access, profile("resident")
    for start, end in (("h/f1/a", "h/f1/b"), ("h/f1/b", "h/f1/c")):
        assert route_or_refuse(ways, end_of(access, start), end_of(access, end), who, closed={"h/f1/b"}).length_m > 1
