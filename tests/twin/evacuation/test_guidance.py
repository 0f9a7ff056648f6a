"""Plans of who goes where, and the bound no plan can pass, on small houses worked out by hand."""

import math

import pytest

from tests.twin.houses import Rooms, door, house, on
from tests.twin.riverside_in_small import box
from twin.evacuation.bound import quickest_s
from twin.evacuation.guidance import Guided, guided
from twin.fabric.site_graph import SiteGraph, site_graph
from twin.index import build

MOST_PER_M_S = 1.32
"""Persons a metre of effective width lets through in a second (SFPE, on the level)."""


def corridor(west_m: float, east_m: float, rooms: int = 6) -> SiteGraph:
    """Rooms of 10 by 5 m along a corridor, with an exit at either end."""
    length = rooms * 10.0
    spaces: list[tuple[str, str, object]] = [("corridor", "corridor", box(0, 0, length, 3))]
    doors = [
        door("west", ((0, 1.5 - west_m / 2), (0, 1.5 + west_m / 2)), "corridor", "outside"),
        door("east", ((length, 1.5 - east_m / 2), (length, 1.5 + east_m / 2)), "corridor", "outside"),
    ]
    for k in range(rooms):
        spaces.append((f"r{k}", "office", box(10 * k, 3, 10 * k + 10, 8)))
        doors.append(door(f"d{k}", ((10 * k + 4, 3), (10 * k + 6, 3)), f"r{k}", "corridor"))
    return site_graph(build(on(house(spaces, doors))))  # type: ignore[arg-type]


def people(site: SiteGraph, each: float) -> dict[str, float]:
    return {space: each for space in site.index.spaces if "/r" in space}


def planned(site: SiteGraph, each: float) -> tuple[Guided, float]:
    persons = people(site, each)
    plan = guided(site, persons)
    return plan, quickest_s(site, persons, plan.queues, step_s=0.5)


def test_with_exits_alike_the_nearest_is_the_plan() -> None:
    plan, bound_s = planned(corridor(1.0, 1.0), 20.0)
    assert plan.sent == {}
    assert plan.guided_s == plan.nearest_s >= bound_s


@pytest.mark.parametrize(("west_m", "east_m"), [(0.7, 2.0), (2.0, 0.7), (0.8, 1.6)])
def test_rooms_are_sent_to_the_wide_exit_where_the_near_one_has_a_queue(west_m: float, east_m: float) -> None:
    plan, bound_s = planned(corridor(west_m, east_m), 20.0)
    wide = "h/f1/east" if east_m > west_m else "h/f1/west"
    assert set(plan.sent.values()) == {wide}
    assert plan.guided_s < 0.8 * plan.nearest_s
    assert bound_s <= plan.guided_s
    # what both exits let through together, whoever goes where
    per_s = MOST_PER_M_S * (west_m + east_m - 4 * 0.15)
    assert bound_s >= 120.0 / per_s - 1.0


@pytest.mark.parametrize("persons", [50.0, 200.0, 600.0])
def test_the_bound_of_one_room_is_its_walk_and_its_doors_width(persons: float) -> None:
    hall: Rooms = (("hall", "hall", box(0, 0, 20, 10)),)
    south = door("south", ((9.5, 0), (10.5, 0)), "hall", "outside")
    site = site_graph(build(on(house(hall, [south]))))
    inside = {"h/f1/hall": persons}
    plan = guided(site, inside)
    bound_s = quickest_s(site, inside, plan.queues, step_s=0.5)
    # the middle of the hall is 5 m from the door, walked at 1.2 m/s
    expected_s = 5.0 / 1.2 + persons / (0.7 * MOST_PER_M_S)
    assert bound_s <= plan.guided_s
    assert bound_s == pytest.approx(expected_s, abs=1.5)


def test_nobody_and_nobody_with_a_way_need_no_time() -> None:
    site = corridor(1.0, 1.0)
    assert quickest_s(site, {}, ()) == 0.0
    both = frozenset({"h/f1/west", "h/f1/east"})
    assert quickest_s(site, people(site, 5.0), (), closed=both) == 0.0
    plan = guided(site, people(site, 5.0), closed=both)
    assert (plan.sent, plan.guided_s) == ({}, 0.0)


def test_a_closed_exit_is_in_no_plan() -> None:
    site = corridor(1.0, 1.0)
    plan = guided(site, people(site, 10.0), closed=frozenset({"h/f1/west"}))
    assert plan.sent == {}
    assert math.isfinite(plan.guided_s)


def test_no_plan_leads_through_the_fire_where_another_way_is() -> None:
    rooms: Rooms = (
        ("a", "office", box(0, 0, 10, 10)), ("a2", "office", box(0, 10, 10, 20)), ("b", "hall", box(10, 0, 20, 20)),
    )  # fmt: skip
    doors = [
        door("west", ((0, 4.7), (0, 5.3)), "a", "outside"),
        door("west2", ((4, 10), (6, 10)), "a", "a2"),
        door("ab", ((10, 4), (10, 6)), "a", "b"),
        door("ab2", ((10, 14), (10, 16)), "a2", "b"),
        door("east", ((20, 9), (20, 11)), "b", "outside"),
    ]
    site = site_graph(build(on(house(rooms, doors))))
    inside = {"h/f1/a": 40.0, "h/f1/a2": 40.0}
    unburnt, burning = guided(site, inside), guided(site, inside, avoided=("h/f1/b",))
    assert burning.sent == {}
    assert unburnt.guided_s < burning.guided_s
