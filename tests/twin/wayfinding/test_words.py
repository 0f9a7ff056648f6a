"""What a way is told in: turns, sides, distances, doors, storeys, keys; both languages."""

import pytest

from tests.twin.houses import door, house, on
from tests.twin.riverside_in_small import box
from tests.twin.wayfinding.test_routes import FLATS, GATE, THROUGH_A_FLAT, tower
from twin.index import build
from twin.model.base import Polygon, Text
from twin.model.buildings import Building, SpaceUse
from twin.model.devices import Device
from twin.wayfinding.ends import at_point, end_of
from twin.wayfinding.network import Wayfinder
from twin.wayfinding.profiles import profile
from twin.wayfinding.routes import route
from twin.wayfinding.words import Step, link_name, steps_of


def told(ways: Wayfinder, start: str, end: str, who: str = "resident") -> tuple[Step, ...]:
    access = ways.network(profile(who)).access
    ends = end_of(access, start), end_of(access, end)
    return steps_of(ways.index, route(ways, ends[0], ends[1], profile(who)))


def english(ways: Wayfinder, start: str, end: str, who: str = "resident") -> list[str]:
    return [step.text.en for step in told(ways, start, end, who)]


def corridor(*, bend_to_the_left: bool) -> Building:
    """An L: 20 m east, then 15 m north or south, a room at each end."""
    y0, y1 = (0, 15) if bend_to_the_left else (-13, 2)
    spaces: list[tuple[str, SpaceUse, Polygon]] = [
        ("start", "office", box(-4, 0, 0, 2)),
        ("east", "corridor", box(0, 0, 20, 2)),
        ("leg", "corridor", box(20, y0, 22, y1)),
    ]
    doors = [door("d", ((0, 0.5), (0, 1.5)), "start", "east"),
             door("wide", ((20, 0), (20, 2)), "east", "leg", kind="passage")]  # fmt: skip
    return house(spaces, doors)


@pytest.mark.parametrize(("to_the_left", "side", "zh"), [(True, "left", "左"), (False, "right", "右")])
def test_a_bend_of_a_corridor_is_told_with_its_side(to_the_left: bool, side: str, zh: str) -> None:  # noqa: FBT001
    ways = Wayfinder(build(on(corridor(bend_to_the_left=to_the_left))))
    access, who = ways.network(profile("resident")).access, profile("resident")
    far = at_point(access, "far", Text(en="far"), (21.0, 14.0 if to_the_left else -12.0, 0.0), space="h/f1/leg")
    steps = steps_of(ways.index, route(ways, end_of(access, "h/f1/start"), far, who))
    words = " / ".join(step.text.en for step in steps)
    assert f"go {side}" in words
    assert any(f"向{zh}" in step.text.zh for step in steps)
    assert ("right" if side == "left" else "left") not in words


def test_a_straight_way_has_no_turns() -> None:
    spaces: list[tuple[str, SpaceUse, Polygon]] = [("a", "hall", box(0, 0, 30, 4)), ("b", "hall", box(30, 0, 60, 4))]
    ways = Wayfinder(build(on(house(spaces, [door("d", ((30, 1.5), (30, 2.5)), "a", "b")]))))
    assert english(ways, "h/f1/a", "h/f1/b") == [
        "Start at h/f1/a", "After 15 m go into h/f1/b", "After 15 m arrive at h/f1/b",
    ]  # fmt: skip


def test_an_obstacle_that_is_gone_round_in_the_open_hall_is_a_turn() -> None:
    spaces: list[tuple[str, SpaceUse, Polygon]] = [("a", "hall", box(0, 0, 40, 30))]
    built = house(spaces)
    wall = {"id": "w", "polygon": box(19, 0, 21, 25)}
    storeys = tuple(storey.replace(obstacles=(wall,)) for storey in built.storeys)
    ways = Wayfinder(build(on(built.replace(storeys=storeys))))
    access, who = ways.network(profile("resident")).access, profile("resident")
    ends = [at_point(access, n, Text(en=n), (x, 2.0, 0.0), space="h/f1/a") for n, x in (("p", 17.0), ("q", 23.0))]
    words = [step.text.en for step in steps_of(ways.index, route(ways, ends[0], ends[1], who))]
    assert words[1:2] == ["After 23 m turn right"]
    # the second corner is 2.5 m on: one turn for both
    assert len(words) == 3


def test_keys_are_told_and_flats_by_their_name() -> None:
    ways = Wayfinder(build(on(house(FLATS, THROUGH_A_FLAT))))
    steps = told(ways, "h/f1/a", "h/f1/f")
    assert steps[1].text.en == "Go into h/f1/f (key, or somebody opens)"
    assert steps[1].text.zh.endswith("（需钥匙或住户开门）")
    assert (steps[1].is_locked, steps[1].opening) == (True, "h/f1/in")
    assert steps[1].duration_s > steps[1].length_m / 1.19 + 4


def test_lifts_are_told_down_and_up_and_the_lift_itself_is_no_hatch() -> None:
    ways = Wayfinder(build(on(tower(), grounds=[GATE])))
    assert "Take Lift up to h/f6" in english(ways, "gate", "h/f6/room")
    assert any("Take Lift down to h/f1" in text for text in english(ways, "h/f6/room", "gate"))
    assert "hatch" not in english(ways, "h/f3/room", "h/f3/lift")[-1]


def test_what_is_in_a_shaft_is_reached_at_its_hatch_or_before_its_wall() -> None:
    spaces: list[tuple[str, SpaceUse, Polygon]] = [
        ("hall", "hall", box(0, 0, 10, 8)), ("shaft", "shaft", box(10, 0, 12, 2)),
        ("blind", "shaft", box(10, 4, 12, 6)), ("far", "shaft", box(30, 4, 32, 6)),
    ]  # fmt: skip
    doors = [door("hatch", ((10, 0.5), (10, 1.5)), "hall", "shaft")]
    things = [Device(id=f"in-{name}", kind="thing", space=f"h/f1/{name}") for name in ("shaft", "blind", "far")]
    ways = Wayfinder(build(on(house(spaces, doors), devices=things)))
    assert english(ways, "h/f1/hall", "in-shaft")[-1].endswith("arrive at Thing (behind its hatch)")
    blind = told(ways, "h/f1/hall", "in-blind")[-1]
    assert blind.text.en == "Arrive at Thing"
    assert blind.point_m[0] == pytest.approx(9.6, abs=0.2)
    with pytest.raises(ValueError, match="no door of its room leads anywhere"):
        told(ways, "h/f1/hall", "in-far")


def test_a_name_that_nobody_gave_is_the_id() -> None:
    assert link_name(build(on(tower())), "nothing").en == "nothing"
