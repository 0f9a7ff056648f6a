"""What closes while people flee, and who is told later, worked out by hand."""

import math

import numpy as np
import pytest

from tests.twin.evacuation.test_simulation import BETWEEN, EAST, HALL, NORTH, SOUTH, TWO, gone, of
from tests.twin.houses import door
from twin.errors import EvacuationError
from twin.evacuation.simulation import Evacuation

WEST = door("west", ((0, 4.5), (0, 5.5)), "a", "outside")
PEOPLE = {"h/f1/a": 60.0, "h/f1/b": 20.0}


def by_exit(found: Evacuation) -> dict[str, float]:
    return {one.id: one.persons for one in found.exits}


def test_a_door_that_closes_after_all_have_left_changes_nothing() -> None:
    site = of(TWO, WEST, BETWEEN, EAST)
    before, after = gone(site, PEOPLE), gone(site, PEOPLE, closings={"h/f1/west": 3000.0})
    assert after.site.clear_s == pytest.approx(before.site.clear_s)
    assert by_exit(after) == pytest.approx(by_exit(before))
    assert after.caught == ()


@pytest.mark.parametrize("at_s", [80.0, 120.0, 200.0])
def test_who_comes_to_a_shut_exit_turns_round_and_takes_the_other(at_s: float) -> None:
    site = of(TWO, WEST, BETWEEN, EAST)
    usual = gone(site, PEOPLE)
    found = gone(site, PEOPLE, closings={"h/f1/west": at_s})
    # until then it goes as it always does, and afterwards nobody passes
    before = np.flatnonzero(found.times_s <= at_s)
    np.testing.assert_allclose(found.out[before], usual.out[before], atol=1e-9)
    passed = by_exit(found)
    assert passed["h/f1/west"] <= found.out[before[-1] + 1]
    assert sum(passed.values()) == pytest.approx(80.0, abs=1e-6)
    assert passed["h/f1/east"] > 20.0
    assert found.site.clear_s >= usual.site.clear_s
    assert found.caught == ()


def test_a_later_closing_lets_more_people_through() -> None:
    site = of(TWO, WEST, BETWEEN, EAST)
    many = [by_exit(gone(site, PEOPLE, closings={"h/f1/west": s})).get("h/f1/west", 0.0) for s in (0.0, 90.0, 150.0)]
    assert many[0] == 0.0
    assert many[0] < many[1] < many[2] < 60.0


def test_who_is_left_when_the_last_exit_closes_is_told_and_where() -> None:
    found = gone(of(HALL, SOUTH), {"h/f1/hall": 100.0}, closings={"h/f1/south": 100.0})
    (one,) = found.caught
    assert one.cell == "h/f1/hall"
    assert one.storey == "h/f1"
    assert one.persons + by_exit(found)["h/f1/south"] == pytest.approx(100.0, abs=1e-6)
    assert found.site.clear_s == math.inf
    assert found.storeys[0].clear_s == math.inf
    assert found.trapped == ()


def test_a_closing_and_an_exit_that_is_wide_enough_cost_only_the_detour() -> None:
    site = of(HALL, SOUTH, NORTH)
    alone = gone(site, {"h/f1/hall": 1.0})
    turned = gone(site, {"h/f1/hall": 1.0}, closings={next(iter(by_exit(alone))): 1.0})
    # they find it shut after 5 m and go the 10 m to the other side; the old, who are the last of so few, at 0.7 of 1.2
    detour_s = 10.0 / (0.7 * 1.4 * (1 - 0.266 * 0.54))
    assert turned.site.clear_s - alone.site.clear_s == pytest.approx(detour_s, rel=0.05)  # steps of half a second


def test_runs_by_chance_turn_round_as_well() -> None:
    site = of(TWO, WEST, BETWEEN, EAST)
    found = gone(site, PEOPLE, closings={"h/f1/west": 60.0}, runs=20)
    assert found.site.quantiles_s is not None
    assert np.isfinite(found.site.quantiles_s).all()
    lost = gone(of(HALL, SOUTH), {"h/f1/hall": 100.0}, closings={"h/f1/south": 1.0}, runs=20)
    assert lost.site.quantiles_s == (math.inf, math.inf, math.inf)


@pytest.mark.parametrize("name", ["h", "h/f1"])
def test_who_is_told_later_is_out_so_much_later(name: str) -> None:
    site = of(HALL, SOUTH)
    at_once, later = gone(site, {"h/f1/hall": 40.0}), gone(site, {"h/f1/hall": 40.0}, later={name: 300.0})
    assert later.site.clear_s - at_once.site.clear_s == pytest.approx(300.0, abs=0.5)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"closings": {"h/f1/nothing": 3.0}}, "no door, stair"),
        ({"closings": {"h/f1/south": -3.0}}, "-3 s"),
        ({"closings": {"h/f1/south": math.nan}}, "nan s"),
        ({"later": {"h/f9": 3.0}}, "no storey"),
        ({"later": {"h/f1": math.inf}}, "inf s"),
    ],
)
def test_what_cannot_be_is_refused(how: dict[str, object], says: str) -> None:
    with pytest.raises(EvacuationError, match=says):
        gone(of(HALL, SOUTH), {"h/f1/hall": 1.0}, **how)
