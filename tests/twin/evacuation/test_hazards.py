"""What alarms do to rooms and doors: suspected, confirmed, latched and cleared fires are kept apart; smoke spreads."""

import numpy as np
import pytest

from tests.twin.evacuation.burning_house import Burning, burning_site, detector
from twin.errors import EvacuationError
from twin.evacuation.hazard_rules import hazard_rules
from twin.evacuation.hazards import Report, alarmed_since, burning_buildings
from twin.evacuation.signals import reset
from twin.state import Quality

TWO = detector("one", "west"), detector("two", "a")


def factor(house: Burning, room: str, storey: int = 1) -> float:
    return float(house.look().factors[house.graph.site.cell_of[f"h/f{storey}/{room}"]])


def test_nothing_is_in_the_way_before_anything_was_told() -> None:
    house = Burning(burning_site(*TWO))
    assert house.hazards.found == ()
    assert not house.hazards.is_alarm
    assert (house.hazards.factors == 1).all()
    assert not house.hazards.is_shut.any()


def test_one_detector_is_a_suspicion_and_two_are_a_fire() -> None:
    house = Burning(burning_site(*TWO))
    house.after(10).say(one=1)
    assert house.standing() == {"one": ("suspected", False)}
    assert (house.hazards.is_alarm, house.hazards.is_fire) == (True, False)
    assert factor(house, "west") == pytest.approx(house.rules["suspected_factor"])
    house.after(10).say(two=1)
    assert house.standing() == {"one": ("confirmed", True), "two": ("confirmed", True)}
    assert house.hazards.is_fire
    assert factor(house, "west") == pytest.approx(house.rules["confirmed_factor"])


@pytest.mark.parametrize(
    ("second", "storeys", "is_fire"),
    [
        (detector("two", "a", storey=1), 3, True),
        (detector("two", "a", storey=2), 3, True),  # one storey away
        (detector("two", "a", storey=3), 3, False),  # two away
        (detector("two", "a", kind="heat"), 1, True),
        (detector("two", "a", kind="call"), 1, True),
        (detector("two", "a", kind="gas"), 1, False),  # tells of no fire
        (detector("two", "a", kind="wet"), 1, False),
    ],
)
def test_what_confirms_a_fire(second: object, storeys: int, is_fire: bool) -> None:  # noqa: FBT001
    house = Burning(burning_site(detector("one", "west"), second, storeys=storeys))  # type: ignore[arg-type]
    house.after(5).say(one=1, two=1)
    assert house.look().is_fire == is_fire


def test_a_call_point_tells_of_a_fire_but_not_of_smoke_where_it_hangs() -> None:
    house = Burning(burning_site(detector("one", "west"), detector("call", "c", kind="call")))
    house.after(5).say(one=1, call=1)
    assert house.look().is_fire
    assert factor(house, "c") == 1.0


@pytest.mark.parametrize(("count", "is_fire"), [(1, True), (2, False), (3, False)])
def test_how_many_confirm_is_a_rule_that_can_be_set(count: int, is_fire: bool) -> None:  # noqa: FBT001
    house = Burning(burning_site(*TWO), confirming_devices=count)
    house.after(5).say(one=1)
    assert house.look().is_fire == is_fire


def test_a_detector_that_goes_back_by_itself_stays_latched_until_it_is_reset_then_clears() -> None:
    house = Burning(burning_site(*TWO))
    house.after(10).say(one=1, two=1)
    house.look()
    house.after(60).say(one=0, two=0)
    assert house.standing() == {"one": ("latched", True), "two": ("latched", True)}
    assert house.hazards.is_fire
    house.memory = reset(house.memory, None, house.now_s)
    assert house.standing() == {"one": ("clearing", False), "two": ("clearing", False)}
    assert not house.hazards.is_fire
    at_once = factor(house, "west")
    house.after(house.rules["clears_in_s"] / 2).say(one=0, two=0)
    half = factor(house, "west")
    # evenly back to 1
    assert half == pytest.approx((at_once + 1) / 2)
    house.after(house.rules["clears_in_s"] / 2).say(one=0, two=0)
    assert house.standing() == {}
    assert factor(house, "west") == 1.0


def test_who_is_still_in_alarm_is_so_again_right_after_a_reset() -> None:
    house = Burning(burning_site(*TWO))
    house.after(10).say(one=1)
    house.look()
    house.memory = reset(house.memory, ["one"], house.now_s)
    assert house.standing() == {"one": ("suspected", False)}


def test_a_reset_of_one_leaves_the_other_latched() -> None:
    house = Burning(burning_site(*TWO))
    house.after(10).say(one=1, two=1)
    house.look()
    house.after(5).say(one=0, two=0)
    house.look()
    house.memory = reset(house.memory, ["one"], house.now_s)
    assert house.standing() == {"one": ("clearing", False), "two": ("latched", False)}


def test_without_a_reset_what_was_latched_clears_after_its_time() -> None:
    house = Burning(burning_site(*TWO), latched_for_s=100.0, clears_in_s=50.0)
    house.after(10).say(one=1)
    house.look()
    for seconds, expected in ((50, "latched"), (49, "latched"), (2, "clearing"), (48, "clearing")):
        house.after(seconds).say(one=0)
        assert house.standing()["one"][0] == expected
    house.after(3).say(one=0)
    assert house.standing() == {}


@pytest.mark.parametrize(
    ("silence", "quality"), [({"one": 2.0}, Quality.GOOD), ({"one": 1.0}, Quality.BAD), ({}, Quality.GOOD)]
)
def test_a_detector_that_burns_stays_in_alarm(silence: dict[str, float], quality: Quality) -> None:
    house = Burning(burning_site(*TWO), latched_for_s=100.0)
    house.after(10).say(one=1)
    house.look()
    house.after(20).tell(silence, quality)
    for _ in range(10):
        house.after(200)
        assert house.standing()["one"][0] in {"suspected", "latched"}


def test_a_detector_at_fault_is_told_apart_and_slows_only_during_a_fire() -> None:
    house = Burning(burning_site(*TWO, detector("weak", "c")))
    house.after(10).say(weak=2)
    assert house.standing() == {"weak": ("fault", False)}
    assert not house.hazards.is_alarm
    assert factor(house, "c") == 1.0
    house.say(one=1, two=1)
    assert factor(house, "c") == pytest.approx(house.rules["unwatched_factor"])


@pytest.mark.parametrize(
    ("says", "closes"),
    [
        ({"one__smoke": 0.3}, False),
        ({"one__smoke": 4.3}, False),  # 4.3 dB/m are 0.990/m
        ({"one__smoke": 4.4}, True),  # 1.013/m
        ({"hot__temperature": 59.0}, False),
        ({"hot__temperature": 60.0}, True),
    ],
)
def test_what_is_measured_closes_a_burning_room(says: dict[str, float], closes: bool) -> None:  # noqa: FBT001
    house = Burning(burning_site(detector("one", "west"), detector("hot", "west", kind="heat")))
    house.after(5).say(one=1, hot=1)
    house.say(**says)
    assert bool(house.look().is_closed[house.graph.site.cell_of["h/f1/west"]]) == closes


def test_one_device_alone_closes_nothing_whatever_it_measures() -> None:
    house = Burning(burning_site(detector("one", "west")))
    house.after(5).say(one=1)
    house.say(one__smoke=9.0)
    assert not house.look().is_closed.any()


def test_smoke_comes_through_doors_with_time_but_not_where_a_detector_says_it_is_clean() -> None:
    house = Burning(burning_site(detector("one", "west"), detector("hot", "west", kind="heat"),
                                 detector("clean", "b")))  # fmt: skip
    house.after(10).say(one=1, hot=1, clean=0)
    threatened = house.rules["threatened_factor"]
    assert factor(house, "a") == 1.0
    house.after(house.rules["door_s"] - 1).say(one=1, hot=1, clean=0)
    assert factor(house, "a") == 1.0
    house.after(1).say(one=1, hot=1, clean=0)
    assert [factor(house, room) for room in ("a", "b", "east", "c")] == [threatened, 1.0, threatened, 1.0]
    house.after(house.rules["door_s"]).say(one=1, hot=1, clean=0)
    assert factor(house, "c") == threatened
    # a detector that is at fault says nothing
    house.say(clean=2)
    assert factor(house, "b") < 1.0


def test_smoke_rises_in_stairs_and_does_not_sink() -> None:
    house = Burning(burning_site(detector("one", "stair-w", storey=2), detector("hot", "stair-w", "heat", 2),
                                 storeys=3))  # fmt: skip
    house.after(10).say(one=1, hot=1)
    assert factor(house, "stair-w", 3) == 1.0
    house.after(house.rules["opening_s"]).say(one=1, hot=1)
    assert factor(house, "stair-w", 3) == house.rules["threatened_factor"]
    assert factor(house, "stair-w", 1) == 1.0


def test_gas_and_water_slow_and_much_gas_closes() -> None:
    house = Burning(burning_site(detector("g", "a", "gas"), detector("w", "b", "wet")))
    house.after(5).say(g=1, w=1)
    assert (factor(house, "a"), factor(house, "b")) == (house.rules["gas_factor"], house.rules["wet_factor"])
    assert not house.hazards.is_closed.any()
    house.say(g__ppm=5000.0)
    assert house.look().is_closed[house.graph.site.cell_of["h/f1/a"]]
    house.say(w=0)
    assert factor(house, "b") == 1.0


def test_a_shutter_that_is_closed_shuts_its_door_and_no_other() -> None:
    near = detector("roll", "west", "shutter").replace(x_m=14.5, y_m=1.0, z_m=2.0)
    house = Burning(burning_site(near))
    house.after(5).say(roll=0)
    shut = {house.graph.site.graph.spots[row].id for row in np.flatnonzero(house.look().is_shut)}
    assert shut == {"h/f1/middle"}
    house.say(roll=1)
    assert not house.look().is_shut.any()


def test_a_locked_door_delays_until_its_reader_says_it_is_released_and_only_in_a_fire() -> None:
    reader = detector("card", "west", "reader").replace(x_m=5.5, y_m=0.2, z_m=1.2)
    house = Burning(burning_site(*TWO, reader))
    house.after(5).say(card=0, card__release=0)
    assert not house.look().delays_s.any()
    house.say(one=1, two=1)
    (row,) = house.graph.site.graph.rows["h/f1/out-w"]
    assert house.look().delays_s[row] == house.rules["unreleased_s"]
    house.say(card__release=1)
    assert house.look().delays_s[row] == 0.0


def test_a_car_on_the_fire_lane_is_told_and_stops_nobody_on_foot() -> None:
    house = Burning(burning_site(detector("car", "a", "lane").replace(x_m=10.0, y_m=-10.0, z_m=0.0, space=None)))
    house.after(5).say(car=1)
    assert house.standing() == {"car": ("known", True)}
    assert (house.hazards.factors == 1).all()


def test_what_people_report_shuts_what_they_name() -> None:
    house = Burning(burning_site())
    house.reported = {"h/f1/middle": Report(3.0)}
    (hazard,) = house.look().found
    assert (hazard.kind, hazard.closes, hazard.since_s) == ("reported", True, 3.0)
    assert house.hazards.is_shut.sum() == 1


def test_a_rule_nobody_asks_for_is_refused() -> None:
    with pytest.raises(EvacuationError, match="margin_ratio"):
        hazard_rules({"margin": 1.0})


def test_every_value_says_where_it_is_from() -> None:
    for name, value in hazard_rules().values.items():
        assert value.source, name
        assert value.clause, name


def test_a_building_is_on_alarm_from_the_first_suspicion_and_burns_when_it_is_sure() -> None:
    house = Burning(burning_site(detector("one", "west"), detector("two", "west", "heat")))
    assert alarmed_since(house.map, house.look().found) == {}
    house.after(5).say(one=1)
    assert (alarmed_since(house.map, house.look().found), burning_buildings(house.map, house.hazards.found)) == (
        {"h": 5.0}, frozenset(),
    )  # fmt: skip
    house.after(5).say(two=1)
    assert (alarmed_since(house.map, house.look().found), burning_buildings(house.map, house.hazards.found)) == (
        {"h": 5.0}, frozenset({"h"}),
    )  # fmt: skip
    house.after(5).say(one=2, two=2)
    found = house.look().found
    assert alarmed_since(house.map, [h for h in found if h.standing == "fault"]) == {}
