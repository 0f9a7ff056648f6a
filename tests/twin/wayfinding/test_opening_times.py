"""Doors and gates past their hours, in daily use and in an evacuation."""

import datetime as dt

import pytest

from tests.twin.houses import door, house, on
from tests.twin.riverside_in_small import box
from tests.twin.wayfinding.test_routes import GATE, doors_on
from twin.index import build
from twin.model.base import Polygon
from twin.model.buildings import SpaceUse
from twin.operations.directions import found_route
from twin.operations.errors import CommandError
from twin.wayfinding.network import Wayfinder
from twin.wayfinding.opening_times import at_time, hours_of
from twin.wayfinding.profiles import Profile, profile
from twin.wayfinding.refusals import RefusedError
from twin.wayfinding.words import steps_of

NOON = dt.datetime(2026, 1, 5, 12, 0, tzinfo=dt.UTC).replace(tzinfo=None)
NIGHT = NOON.replace(hour=23)
# a shop with a door to the open that has hours, and a room behind it
ROOMS: list[tuple[str, SpaceUse, Polygon]] = [
    ("shop", "shop", box(0, 0, 10, 8)),
    ("back", "storage", box(10, 0, 20, 8)),
]
FRONT = door("front", ((4, 0), (6, 0)), "shop", "outside", hours="08:00-22:00")
INNER = door("inner", ((10, 3), (10, 4)), "shop", "back")


@pytest.fixture(scope="module")
def ways() -> Wayfinder:
    side = GATE.replace(id="side", geometry=(15.0, -4.0), hours="06:00-20:00")
    return Wayfinder(build(on(house(ROOMS, [FRONT, INNER]), grounds=[GATE, side])))


def who(ways: Wayfinder, name: str, when: dt.datetime) -> Profile:
    return at_time(ways.index, profile(name), when)


def test_a_shop_is_open_by_day_and_shut_by_night(ways: Wayfinder) -> None:
    assert hours_of(ways.index) == {"h/f1/front": "08:00-22:00", "side": "06:00-20:00"}
    by_day = found_route(ways, "h/f1/back", start="gate", profile=who(ways, "resident", NOON))
    assert doors_on(by_day) == ["h/f1/front", "h/f1/inner"]
    with pytest.raises(RefusedError) as told:
        found_route(ways, "h/f1/back", start="gate", profile=who(ways, "resident", NIGHT))
    assert [(o.cause, o.id) for o in told.value.refusal.obstacles] == [("after_hours", "h/f1/front")]
    assert "is not open at that time (its hours: 08:00-22:00)" in told.value.refusal.text.en
    assert "开放时间：08:00-22:00" in told.value.refusal.text.zh


def test_staff_with_a_key_go_in_and_it_takes_unlocking(ways: Wayfinder) -> None:
    crew = profile("crew")
    by_day = found_route(ways, "h/f1/back", start="gate", profile=who(ways, "crew", NOON))
    by_night = found_route(ways, "h/f1/back", start="gate", profile=who(ways, "crew", NIGHT))
    assert by_night.duration_s - by_day.duration_s == pytest.approx(crew["unlock_s"])
    assert any("after hours: key" in step.text.en for step in steps_of(ways.index, by_night))
    assert not any("key" in step.text.en for step in steps_of(ways.index, by_day))


def test_an_evacuation_knows_no_hours(ways: Wayfinder) -> None:
    found = found_route(ways, "gate", start="h/f1/back", profile=who(ways, "resident", NIGHT), is_released=True)
    assert doors_on(found) == ["h/f1/inner", "h/f1/front"]
    assert not any(passed.is_locked for leg in found.legs for passed in leg.doors)


def test_one_begins_at_a_gate_that_is_open(ways: Wayfinder) -> None:
    near, night = "15,-2", NOON.replace(hour=21)
    assert found_route(ways, near, profile=who(ways, "resident", NOON)).start.id == "side"
    assert found_route(ways, near, profile=who(ways, "resident", night)).start.id == "gate"
    assert found_route(ways, near, profile=who(ways, "crew", night)).start.id == "side"
    shut = who(ways, "resident", night)
    assert found_route(ways, near, profile=shut, is_released=True).start.id == "side"
    with pytest.raises(CommandError, match="every gate is closed at that time"):
        found_route(ways, near, profile=shut, closed={"gate"})


def test_a_time_is_the_site_s_own_unless_it_names_its_zone(ways: Wayfinder) -> None:
    # 13:00 in Greenwich is 21:00 in Shanghai, where the side gate is shut and the shop open
    assert who(ways, "resident", dt.datetime(2026, 1, 5, 13, 0, tzinfo=dt.UTC)).after_hours == {"side"}
    assert who(ways, "resident", dt.datetime.fromisoformat("2026-01-05T13:00")).after_hours == frozenset()


def test_who_goes_at_two_times_is_not_mixed_up(ways: Wayfinder) -> None:
    for _ in range(2):
        assert found_route(ways, "h/f1/back", start="gate", profile=who(ways, "resident", NOON)).length_m > 0
        with pytest.raises(RefusedError):
            found_route(ways, "h/f1/back", start="gate", profile=who(ways, "resident", NIGHT))
