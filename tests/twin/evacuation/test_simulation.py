"""Evacuations of small houses, worked out by hand."""

import math

import numpy as np
import pytest

from tests.twin.houses import Rooms, door, house, on
from tests.twin.riverside_in_small import box
from twin.errors import EvacuationError
from twin.evacuation.asking import Asked
from twin.evacuation.documents import evacuation_document
from twin.evacuation.free_ways import too_narrow
from twin.evacuation.people import values
from twin.evacuation.simulation import Evacuation, evacuate
from twin.fabric.site_graph import SiteGraph, site_graph
from twin.index import build

HALL: Rooms = (("hall", "hall", box(0, 0, 20, 10)),)
TWO: Rooms = (("a", "office", box(0, 0, 10, 10)), ("b", "office", box(10, 0, 20, 10)))
SOUTH = door("south", ((9.5, 0), (10.5, 0)), "hall", "outside")
NORTH = door("north", ((9.0, 10), (11.0, 10)), "hall", "outside")
BETWEEN = door("between", ((10, 4.5), (10, 5.5)), "a", "b")
EAST = door("east", ((20, 4.5), (20, 5.5)), "b", "outside")
LAST_DELAY_S = 120.0 * math.exp(0.6 * 1.2815515655)
"""When the last fifth of people sets off: nine of ten do so earlier."""


def of(rooms: Rooms, *doors: object) -> SiteGraph:
    return site_graph(build(on(house(rooms, doors))))  # type: ignore[arg-type]


def gone(site: SiteGraph, persons: dict[str, float], **how: object) -> Evacuation:
    return evacuate(site, Asked(persons, **how))  # type: ignore[arg-type]


@pytest.mark.parametrize("persons", [400.0, 800.0, 1600.0])
def test_a_crowd_is_out_as_fast_as_its_door_lets_it(persons: float) -> None:
    found = gone(of(HALL, SOUTH), {"h/f1/hall": persons})
    # 1 m less 0.15 m on either side lets 1.32 persons a metre through in a second, from when most have set off
    per_s = 0.7 * 1.32
    assert found.site.clear_s > persons / per_s
    assert found.site.clear_s < persons / per_s + LAST_DELAY_S
    assert [(one.id, round(one.persons)) for one in found.exits] == [("h/f1/south", persons)]
    assert found.queues[0].id == "h/f1/south"
    assert found.queues[0].waited_person_s > 0.2 * persons * persons / per_s


def test_few_people_need_what_they_wait_and_walk() -> None:
    found = gone(of(HALL, SOUTH), {"h/f1/hall": 1.0})
    # the slowest class walks the 5 m or so from the room's middle at 0.4 of 1.2 m/s
    assert LAST_DELAY_S < found.site.clear_s < LAST_DELAY_S + 30.0
    assert found.queues == ()


def test_everybody_goes_by_the_nearest_door() -> None:
    rooms: Rooms = (("a", "office", box(0, 0, 10, 10)), ("b", "office", box(10, 0, 20, 10)))
    west = door("west", ((0, 4.5), (0, 5.5)), "a", "outside")
    found = gone(of(rooms, west, BETWEEN, EAST), {"h/f1/a": 30.0, "h/f1/b": 20.0})
    assert {one.id: round(one.persons) for one in found.exits} == {"h/f1/west": 30, "h/f1/east": 20}
    closed = gone(of(rooms, west, BETWEEN, EAST), {"h/f1/a": 30.0, "h/f1/b": 20.0}, closed=frozenset({"h/f1/west"}))
    assert {one.id: round(one.persons) for one in closed.exits} == {"h/f1/east": 50}
    assert closed.site.clear_s > found.site.clear_s


def test_nobody_is_lost_on_the_way() -> None:
    found = gone(of(TWO, BETWEEN, EAST), {"h/f1/a": 33.0, "h/f1/b": 21.0})
    assert found.inside["h"][0] == found.inside["h/f1"][0] == pytest.approx(54.0)
    np.testing.assert_allclose(found.inside["h"] + found.out, 54.0, atol=1e-9)
    assert found.out[-1] == pytest.approx(54.0, abs=0.5)  # as it was when last recorded
    assert (np.diff(found.out) >= -1e-9).all()


def test_who_is_behind_closed_doors_is_told_and_the_rest_gets_out() -> None:
    found = gone(of(TWO, BETWEEN, EAST), {"h/f1/a": 5.0, "h/f1/b": 7.0}, closed=frozenset({"h/f1/between"}))
    assert found.trapped == ("h/f1/a",)
    assert found.site.clear_s == math.inf
    assert [round(one.persons) for one in found.exits] == [7]
    said = evacuation_document(found)
    assert said["clear_s"] is None
    assert said["trapped"] == [{"space": "h/f1/a", "persons": 5.0}]


def test_with_every_exit_closed_everybody_is_trapped() -> None:
    found = gone(of(TWO, BETWEEN, EAST), {"h/f1/a": 5.0, "h/f1/b": 7.0}, closed=frozenset({"h/f1/east"}))
    assert set(found.trapped) == {"h/f1/a", "h/f1/b"}
    assert found.exits == ()


def test_a_burning_room_is_gone_round_where_another_way_is_and_else_told() -> None:
    rooms: Rooms = (("a", "office", box(0, 0, 10, 10)), ("b", "office", box(10, 0, 20, 10)))
    west = door("west", ((0, 0.5), (0, 1.5)), "a", "outside")
    two = of(rooms, west, BETWEEN, EAST)
    # b's way leads by its own door, a's by either; with a on fire everybody in b still goes east
    assert gone(two, {"h/f1/a": 5.0, "h/f1/b": 5.0}, fire="h/f1/b").through_fire == ()
    one = of(TWO, BETWEEN, EAST)
    assert gone(one, {"h/f1/a": 5.0, "h/f1/b": 5.0}, fire="h/f1/b").through_fire == ("h/f1/a",)
    assert gone(one, {"h/f1/a": 5.0, "h/f1/b": 5.0}, fire="h/f1/a").through_fire == ()


def test_whoever_sees_the_fire_goes_at_once() -> None:
    site = of(HALL, SOUTH)
    usual, seen = gone(site, {"h/f1/hall": 1.0}), gone(site, {"h/f1/hall": 1.0}, fire="h/f1/hall")
    ratio = values()["setting_off"]["at_fire_s"]["value"] / values()["setting_off"]["median_s"]["value"]
    assert seen.site.clear_s < usual.site.clear_s * ratio + 30.0


def test_runs_by_chance_spread_and_repeat() -> None:
    site = of(HALL, SOUTH, NORTH)
    first = gone(site, {"h/f1/hall": 40.5}, runs=60, seed=3)
    again = gone(site, {"h/f1/hall": 40.5}, runs=60, seed=3)
    other = gone(site, {"h/f1/hall": 40.5}, runs=60, seed=4)
    assert first.site.quantiles_s == again.site.quantiles_s != other.site.quantiles_s
    assert first.site.quantiles_s is not None
    least, middle, most = first.site.quantiles_s
    assert least < middle < most
    # all of one room set off together: half of the runs by the median and their walk
    assert 120.0 < middle < 120.0 + 60.0


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Asked({"nowhere": 1.0}), "nowhere"),
        (Asked({"h/f1/hall": -1.0}), "h/f1/hall: -1"),
        (Asked({"h/f1/hall": math.nan}), "h/f1/hall: nan"),
        (Asked({"h/f1/hall": 1.0}, fire="moon"), "moon"),
        (Asked({"h/f1/hall": 1.0}, closed=frozenset({"h/f1/hall"})), "h/f1/hall"),
        (Asked({"h/f1/hall": 1.0}, closed=frozenset({"wall"})), "wall"),
        (Asked({"h/f1/hall": 1.0}, runs=-1), "-1"),
    ],
)
def test_what_cannot_be_asked_is_named(asked: Asked, says: str) -> None:
    with pytest.raises(EvacuationError, match=says):
        evacuate(of(HALL, SOUTH), asked)


@pytest.mark.parametrize(("width_m", "is_out"), [(0.01, False), (0.3, False), (0.4, True)])
def test_a_door_too_narrow_to_pass_is_as_good_as_none(width_m: float, is_out: bool) -> None:  # noqa: FBT001
    slit = door("between", ((10, 5 - width_m / 2), (10, 5 + width_m / 2)), "a", "b")
    site = of(TWO, slit, EAST)
    found = gone(site, {"h/f1/a": 5.0, "h/f1/b": 5.0})
    assert found.trapped == (() if is_out else ("h/f1/a",))
    assert set(too_narrow(site)) == (set() if is_out else {"h/f1/between"})


def test_nobody_to_get_out_is_an_answer() -> None:
    found = gone(of(HALL, SOUTH), {})
    assert (found.site.persons, found.site.clear_s, found.exits) == (0.0, 0.0, ())
