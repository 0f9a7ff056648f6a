"""How many are in a building: counted, held against what is usual, never nonsense."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.houses import door, house, on
from tests.twin.riverside_in_small import box
from twin.evacuation.occupancy import Building, Inside, buildings, follow, remaining
from twin.evacuation.present_rules import present_rules
from twin.index import SiteIndex, build
from twin.model.base import Polygon
from twin.model.buildings import SpaceUse
from twin.model.devices import Channel, Device, DeviceKind
from twin.model.registers import Household
from twin.state import Quality, StateSnapshot

ROOMS: list[tuple[str, SpaceUse, Polygon]] = [
    ("hall", "corridor", box(0, 0, 10, 2)),
    ("flat", "flat", box(0, 2, 10, 9)),
]
DOORS = [door("to-flat", ((4, 2), (5, 2)), "hall", "flat"), door("front", ((4, 0), (6, 0)), "hall", "outside"),
         door("back", ((0, 0.5), (0, 1.5)), "hall", "outside")]  # fmt: skip
COUNTER = DeviceKind(
    id="counter", name={"en": "Counter"}, system="access", brick="Occupancy_Count_Sensor",
    channels=(Channel(id="entered", unit="count", interval_s=60.0), Channel(id="left", unit="count", interval_s=60.0)),
)  # fmt: skip
FRONT = Device(id="c-front", kind="counter", space="h/f1/hall", x_m=5.0, y_m=0.3, z_m=2.4)
BACK = Device(id="c-back", kind="counter", space="h/f1/hall", x_m=0.3, y_m=1.0, z_m=2.4)
NIGHT_H = 3.0
RULE = present_rules().counters[0]


def site(*counters: Device, residents: int = 100) -> SiteIndex:
    home = Household(id="home", space="h/f1/flat", residents=residents, tenure="owner")
    return build(on(house(ROOMS, DOORS), devices=counters, kinds=(COUNTER,), households=(home,)))


def state(index: SiteIndex, now_s: float, **told: float) -> StateSnapshot:
    """Channels by ``device__channel``; what is not told was never."""
    n = len(index.channels)
    values, qualities = np.full(n, np.nan), np.full(n, Quality.NEVER, dtype=np.uint8)
    for name, value in told.items():
        row = index.row(name.replace("__", ":").replace("_", "-"))
        values[row], qualities[row] = value, Quality.GOOD
    return StateSnapshot(now_s, values, np.full(n, now_s), qualities)


def only(index: SiteIndex) -> Building:
    (found,) = buildings(index)
    return found


def course(
    index: SiteIndex, *told: Mapping[str, float], every_s: float = 60.0, alarm_at: int | None = None
) -> list[Inside]:
    """What is estimated as counters tell one thing after the other."""
    of, found = only(index), list[Inside]()
    for number, values in enumerate(told):
        now_s = number * every_s
        alarm_s = None if alarm_at is None or number < alarm_at else alarm_at * every_s
        before = found[-1] if found else None
        found.append(follow(of, before, state(index, now_s, **values), hour=NIGHT_H, alarm_s=alarm_s))
    return found


def test_a_building_is_told_by_its_register_its_doors_and_what_counts_there() -> None:
    of = only(site(FRONT))
    assert (of.homes, dict(of.exits)) == (100.0, {"h/f1/front": 2.0, "h/f1/back": 1.0})
    assert [(c.device, c.exit) for c in of.counters] == [("c-front", "h/f1/front")]
    assert of.seen_ratio(frozenset()) == pytest.approx(2 / 3)
    assert only(site(FRONT, BACK)).seen_ratio(frozenset({"c-back"})) == pytest.approx(2 / 3)


def test_without_counters_it_is_what_is_usual_with_its_range() -> None:
    index = site()
    (first, *_, last) = course(index, *[{}] * 50, every_s=3600.0)
    assert last.persons == first.persons == pytest.approx(95.0)
    # 100 x (0.3 x 5 % of them out + 3 %), and a person
    assert first.variance == pytest.approx(4.5**2 + 1.0)
    assert last.variance == pytest.approx(first.variance, rel=0.1)


def test_who_is_counted_moves_it_by_as_many_as_a_counter_misses_on_average() -> None:
    index = site(FRONT, BACK)
    zero = {"c_front__entered": 10.0, "c_front__left": 7.0, "c_back__entered": 0.0, "c_back__left": 0.0}
    before, after = course(index, zero, zero | {"c_front__left": 37.0, "c_back__entered": 10.0}, every_s=1.0)
    assert after.persons - before.persons == pytest.approx(-20.0 * RULE.persons_each, abs=0.01)
    assert after.variance > before.variance


def test_readings_that_were_lost_are_made_good_by_the_next() -> None:
    index = site(FRONT, BACK)
    zero = {"c_front__entered": 0.0, "c_front__left": 0.0, "c_back__entered": 0.0, "c_back__left": 0.0}
    half, whole = zero | {"c_front__left": 10.0}, zero | {"c_front__left": 20.0}
    heard, lost = course(index, zero, half, whole, every_s=1.0), course(index, zero, zero, whole, every_s=1.0)
    assert heard[-1].persons == pytest.approx(lost[-1].persons, abs=0.01)


@pytest.mark.parametrize("then", [3.0, 1e6])
def test_a_counter_that_begins_anew_or_runs_away_counts_nobody(then: float) -> None:
    index = site(FRONT, BACK)
    told = {"c_front__entered": 900.0, "c_front__left": 900.0, "c_back__entered": 0.0, "c_back__left": 0.0}
    before, after, more = course(
        index, told, told | {"c_front__left": then}, told | {"c_front__left": then + 5}, every_s=1
    )
    assert after.persons == pytest.approx(before.persons, abs=0.1)
    assert after.persons - more.persons == pytest.approx(5 * RULE.persons_each, abs=0.1)


def test_a_counter_that_falls_silent_is_named_and_widens_the_range() -> None:
    index = site(FRONT, BACK)
    both = {"c_front__entered": 0.0, "c_front__left": 0.0, "c_back__entered": 0.0, "c_back__left": 0.0}
    one = {name: value for name, value in both.items() if "back" in name}
    heard = course(index, both, *[both] * 60, every_s=600.0)[-1]
    silent = course(index, both, *[one] * 60, every_s=600.0)[-1]
    assert heard.silent == frozenset()
    assert silent.silent == {"c-front"}
    assert silent.high - silent.low > 1.4 * (heard.high - heard.low)


def test_on_alarm_only_counters_count_and_who_came_out_is_told() -> None:
    index = site(FRONT, BACK)
    zero = {"c_front__entered": 0.0, "c_front__left": 0.0, "c_back__entered": 0.0, "c_back__left": 0.0}
    gone = zero | {"c_front__left": 60.0}
    found = course(index, zero, gone, *[gone] * 100, every_s=60.0, alarm_at=1)
    assert found[0].alarm_s is None
    assert found[1].at_alarm == pytest.approx(95.0)
    assert found[-1].came_out == pytest.approx(60 * RULE.persons_each)
    # nothing draws it back to what is usual
    assert found[-1].persons == found[1].persons == pytest.approx(95.0 - 60 * RULE.persons_each)
    assert found[-1].low > 20


def test_on_alarm_nobody_knows_who_left_where_nobody_counts() -> None:
    index = site(FRONT)
    zero = {"c_front__entered": 0.0, "c_front__left": 0.0}
    found = course(index, zero, zero, alarm_at=1)[-1]
    assert (found.low, found.high > 95) == (0.0, True)
    together = remaining({"h": only(index)}, {"h": found}, called=40)
    assert together.persons == pytest.approx(55.0)
    assert (together.came_out, together.low) == (40.0, 0.0)
    assert (together.exits, together.counted_exits) == (2, 1)


def test_after_the_alarm_who_comes_back_unseen_is_taken_to_be_usual() -> None:
    index = site(FRONT)
    zero = {"c_front__entered": 0.0, "c_front__left": 0.0}
    of, gone = only(index), zero | {"c_front__left": 90.0}
    alarmed = course(index, zero, gone, alarm_at=1)[-1]
    found = alarmed
    for hour in range(1, 13):
        found = follow(of, found, state(index, 60.0 + 3600 * hour, **gone), hour=NIGHT_H)
    assert (found.alarm_s, found.came_out) == (None, 0.0)
    assert found.persons == pytest.approx(95.0, abs=10.0)


def test_nobody_was_there_and_nobody_is() -> None:
    assert buildings(site(FRONT, residents=0)) == ()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(
    st.integers(0, 300), st.integers(0, 300), st.booleans(), st.sampled_from([0.0, 1.0, 60.0, 7200.0])
), max_size=25), st.integers(0, 25))  # fmt: skip
def test_it_is_never_less_than_nobody_nor_without_a_range(
    told: list[tuple[int, int, bool, float]], alarm_at: int
) -> None:
    index = site(FRONT, BACK)
    of, before, now_s = only(index), None, 0.0
    entered = left = 0
    for number, (more, less, heard, passed_s) in enumerate(told):
        entered, left, now_s = entered + more, left + less, now_s + passed_s
        values = {"c_front__entered": float(entered), "c_front__left": float(left)} if heard else {}
        alarm_s = now_s if number == alarm_at else None
        before = follow(of, before, state(index, now_s, **values), hour=now_s / 3600.0, alarm_s=alarm_s)
        assert 0.0 <= before.low <= before.high < np.inf
        assert before.persons >= 0.0
        assert np.isfinite(before.variance)
        assert before.variance >= 0.0
