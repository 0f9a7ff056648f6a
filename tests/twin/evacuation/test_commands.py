"""What devices of a burning building should do, and nothing before a fire is sure."""

import pytest

from tests.twin.evacuation.burning_house import Burning, burning_site, detector
from twin.evacuation.commands import Proposal, messages, proposals
from twin.evacuation.hazards import Report
from twin.evacuation.moment import Moment, Prepared, Said, after_reset, moment
from twin.evacuation.roll_call import Count, roll_call

TWO = detector("one", "west"), detector("two", "west", "heat")


def at(house: Burning, said: Said | None = None, before: Moment | None = None) -> tuple[Prepared, Moment]:
    of = Prepared(house.graph, house.map)
    return of, moment(of, house.snapshot, before, said=said)


def told(house: Burning, said: Said | None = None) -> dict[tuple[str, str], Proposal]:
    of, found = at(house, said)
    return {(p.device, p.kind): p for p in proposals(of, found, house.snapshot)}


def test_nothing_is_to_be_done_without_an_alarm() -> None:
    assert told(Burning(burning_site(*TWO, detector("voice", "a", "speaker")))) == {}


def test_a_suspicion_asks_for_a_look_and_speaks_to_nobody() -> None:
    house = Burning(burning_site(*TWO, detector("voice", "a", "speaker")))
    house.after(5).say(one=1)
    assert set(told(house)) == {("one", "verify")}


def test_who_confirms_it_sets_off_what_a_second_detector_would() -> None:
    house = Burning(burning_site(*TWO, detector("voice", "a", "speaker")))
    house.after(5).say(one=1)
    assert set(told(house, Said(confirmed={"one": 5.0}))) == {("voice", "announce")}


def test_a_confirmation_ends_with_its_alarm() -> None:
    house = Burning(burning_site(*TWO))
    house.after(5).say(one=1)
    of, first = at(house, Said(confirmed={"one": 5.0}))
    assert first.hazards.is_fire
    house.after(5).say(one=0)
    over = moment(of, house.snapshot, after_reset(first, frozenset({"one"}), house.now_s))
    house.after(house.rules["clears_in_s"] + 1).say(one=0)
    gone = moment(of, house.snapshot, over)
    house.after(5).say(one=1)
    again = moment(of, house.snapshot, gone)
    assert (over.hazards.is_fire, again.hazards.is_alarm, again.hazards.is_fire) == (False, True, False)


def test_a_fire_releases_doors_and_speaks_and_notes_what_is_done() -> None:
    reader = detector("card", "west", "reader").replace(x_m=5.5, y_m=0.2, z_m=1.2)
    house = Burning(burning_site(*TWO, reader, detector("voice", "a", "speaker")))
    house.after(5).say(one=1, two=1)
    found = told(house)
    assert set(found) == {("card", "release"), ("voice", "announce")}
    release = found["card", "release"]
    assert (release.how, release.channel, release.value, release.is_done) == ("channel", "release", 1.0, False)
    house.say(card__release=1, voice__playing=1)
    assert all(proposal.is_done for proposal in told(house).values())


def test_a_car_on_the_fire_lane_is_to_be_moved_once_there_is_an_alarm() -> None:
    car = detector("car", "a", "lane").replace(x_m=10.0, y_m=-10.0, z_m=0.0, space=None)
    house = Burning(burning_site(*TWO, car))
    house.after(5).say(car=1)
    assert told(house) == {}
    house.say(one=1)
    assert set(told(house)) == {("car", "clear"), ("one", "verify")}


def test_each_storey_is_told_its_way_and_those_cut_off_to_stay() -> None:
    house = Burning(burning_site(*TWO, storeys=2))
    of, found = at(house, Said(shut={"stair-w": Report(0.0), "stair-e": Report(0.0)}))
    words = messages(of, found, frozenset({"h"}))
    assert "stay in your room" in words["h/f2"].en
    assert "Leave by" not in words["h/f2"].en
    assert "Leave by the exit on h/f1" in words["h/f1"].en
    assert "stay" not in words["h/f1"].en
    _, usual = at(house)
    assert "stair-" in messages(of, usual, frozenset({"h"}))["h/f2"].en


@pytest.mark.parametrize(("counted", "missing"), [({}, None), ({"meet-west": 10}, 20.0), ({"meet-west": 31}, -1.0)])
def test_missing_are_expected_less_counted(counted: dict[str, int], missing: float | None) -> None:
    house = Burning(burning_site())
    _, found = at(house)
    counts = {point: Count(point, many, 0.0) for point, many in counted.items()}
    call = roll_call(found, {"h/f1/a": 10.0, "h/f1/c": 20.0}, counts)
    assert {point.point: point.expected_count for point in call.points} == {"meet-west": 10.0, "meet-east": 20.0}
    assert (call.missing_count, call.cut_off_count) == (missing, 0.0)


def test_those_cut_off_are_expected_nowhere_but_missing_all_the_same() -> None:
    house = Burning(burning_site())
    _, found = at(house, Said(shut={name: Report(0.0) for name in ("h/f1/out-w", "h/f1/out-e")}))
    call = roll_call(found, {"h/f1/a": 10.0}, {"meet-west": Count("meet-west", 1, 0.0)})
    assert (call.cut_off_count, call.missing_count) == (10.0, 9.0)
