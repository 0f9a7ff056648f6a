"""People whom the fire crew brings down by lift, and storeys that are crowded, by sums done by hand."""

import math

import pytest

from tests.twin.evacuation.test_simulation import HALL, SOUTH, of
from tests.twin.houses import on
from tests.twin.wayfinding.test_routes import tower
from twin.errors import EvacuationError, UnknownIdError
from twin.evacuation.asking import Asked, fire_first
from twin.evacuation.lifts import ride_s
from twin.evacuation.people import crowded, values
from twin.evacuation.simulation import Evacuation, evacuate
from twin.fabric.site_graph import SiteGraph, site_graph
from twin.index import build

LIFTS = {name: float(row["value"]) for name, row in values()["fire_lifts"].items()}
SHARE = float(values()["classes"]["impaired"]["share_ratio"])


@pytest.fixture(scope="module")
def site() -> SiteGraph:
    return site_graph(build(on(tower())))


def gone(site: SiteGraph, persons: dict[str, float], **how: object) -> Evacuation:
    return evacuate(site, Asked(persons, **how))  # type: ignore[arg-type]


def test_a_ride_takes_what_it_takes(site: SiteGraph) -> None:
    found = gone(site, {"h/f6/room": 50.0}, lifts=("lift",))
    (trip,) = found.lifted
    assert (trip.storey, trip.landing) == ("h/f6", "h/f1/landing")
    assert trip.persons == pytest.approx(50.0 * SHARE)
    # five storeys of 3 m up and down, doors twice, the one who is helped gets in and out
    takes_s = 2 * ride_s(15.0, speed_m_per_s=1.75) + 2 * (LIFTS["door_s"] + LIFTS["person_s"])
    assert trip.arrives_s == pytest.approx(LIFTS["crew_arrives_s"] + takes_s)
    # and from the landing he goes out of the entrance
    assert trip.arrives_s < found.site.clear_s < trip.arrives_s + 60.0
    assert sum(one.persons for one in found.exits) == pytest.approx(50.0, abs=1e-6)


def test_who_comes_down_by_lift_is_not_on_the_stairs(site: SiteGraph) -> None:
    slow = gone(site, {"h/f6/room": 100.0})
    helped = gone(site, {"h/f6/room": 100.0}, lifts=("lift",))
    assert helped.inside["h"][0] == pytest.approx(100.0)
    # at half the time of the last who walks all the way, all but those who wait for the lift are out
    before_crew = helped.times_s < LIFTS["crew_arrives_s"]
    assert helped.out[before_crew][-1] == pytest.approx(100.0 * (1 - SHARE), abs=0.1)
    assert slow.site.clear_s < LIFTS["crew_arrives_s"]


def test_more_than_the_lift_holds_come_in_several_rides(site: SiteGraph) -> None:
    places = math.floor(1000.0 / LIFTS["kg_for_each"])
    found = gone(site, {"h/f3/room": 2.5 * places / SHARE}, lifts=("lift",))
    assert [round(trip.persons, 6) for trip in found.lifted] == [places, places, places / 2]
    assert all(a.arrives_s == b.leaves_s for a, b in zip(found.lifted, found.lifted[1:], strict=False))


def test_the_storey_that_burns_comes_first_then_those_above(site: SiteGraph) -> None:
    persons = {f"h/f{n}/room": 10.0 for n in range(1, 7)}
    burning = gone(site, persons, lifts=("lift",), fire="h/f3/room")
    assert [trip.storey for trip in burning.lifted] == ["h/f3", "h/f4", "h/f5", "h/f6", "h/f2"]
    assert [trip.storey for trip in gone(site, persons, lifts=("lift",)).lifted] == [
        "h/f6", "h/f5", "h/f4", "h/f3", "h/f2"]  # fmt: skip


def test_runs_by_chance_wait_for_the_lift_as_well(site: SiteGraph) -> None:
    found = gone(site, {"h/f6/room": 100.0}, lifts=("lift",), runs=10)
    assert found.site.quantiles_s is not None
    assert found.site.quantiles_s[0] > found.lifted[-1].arrives_s


def test_lifts_that_cannot_be_are_refused(site: SiteGraph) -> None:
    with pytest.raises(EvacuationError, match="no lift of the site"):
        gone(site, {"h/f6/room": 1.0}, lifts=("stair",))
    with pytest.raises(EvacuationError, match="brings nobody out"):
        gone(site, {"h/f6/room": 1.0}, lifts=("lift",), closed=frozenset({"h/f1/entrance"}))


def test_a_crowded_storey_has_one_person_a_square_metre_or_as_many_as_are_named() -> None:
    index = of(HALL, SOUTH).index
    assert crowded(index, "h/f1") == {"h/f1/hall": pytest.approx(200.0)}
    assert crowded(index, "h/f1", 30.0) == {"h/f1/hall": pytest.approx(30.0)}
    with pytest.raises(UnknownIdError):
        crowded(index, "h/f9")
    with pytest.raises(EvacuationError, match="-1 people"):
        crowded(index, "h/f1", -1.0)


def test_nobody_stands_about_on_stairs_and_in_corridors(site: SiteGraph) -> None:
    assert set(crowded(site.index, "h/f2")) == {"h/f2/room"}


def test_the_burning_storey_and_its_neighbours_are_told_first(site: SiteGraph) -> None:
    assert fire_first(site.index, "h/f3/room", 120.0) == {"h/f1": 120.0, "h/f5": 120.0, "h/f6": 120.0}
    with pytest.raises(EvacuationError, match="no space"):
        fire_first(site.index, "h/f9/room", 120.0)
