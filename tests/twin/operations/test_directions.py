"""The way to read."""

import pytest

from tests.twin.operations.conftest import make_site, tower
from tests.twin.operations.leak_reports import with_water
from twin.errors import UnknownIdError
from twin.index import SiteIndex, build
from twin.model.base import Text
from twin.model.buildings import OUTSIDE, Line3, Opening, Ramp
from twin.operations.directions import directions
from twin.operations.errors import CommandError
from twin.wayfinding.network import Wayfinder
from twin.wayfinding.refusals import RefusedError


def english(index: SiteIndex, target: str, start: str | None = None) -> list[str]:
    return [step.text.en for step in directions(Wayfinder(index), target, start=start).steps]


def test_way_up_a_tower_goes_by_gate_entrance_lift_and_door() -> None:
    way = directions(Wayfinder(build(make_site())), "smoke-1")
    assert [s.text.en for s in way.steps] == [
        "Start at South gate towards the north", "After 20 m enter Tower 1", "Take lift 1 up to Storey 5",
        "Go into Flat 501", "Go into t1/f5/501/bed", "Arrive at Smoke 1",
    ]  # fmt: skip
    assert way.steps[1].text.zh == "走20米后由入口进入1号楼"
    assert (way.steps[2].storey, way.steps[2].point_m[2]) == ("t1/f5", 12.0)
    # 20 m to the entrance, 4 m to the lift, 10 m round the jambs of corridor and flat; who rides does not walk
    assert way.length_m == pytest.approx(20 + 4 + 10, abs=1)
    assert sum(step.length_m for step in way.steps) == pytest.approx(way.length_m, abs=0.05)
    assert sum(step.duration_s for step in way.steps) == pytest.approx(way.duration_s, abs=0.5)


def test_one_storey_is_climbed_by_the_stairs_in_one_step() -> None:
    index = build(make_site())
    told = english(index, "t1/f2/corridor", "t1/f1/corridor")
    assert told[1:3] == [
        "After 5 m go into Stair",
        "Take stairs up to Storey 2",
    ]
    ridden = [text for text in english(index, "t1/f3/corridor", "t1/f1/corridor") if text.startswith("Take")]
    assert len(ridden) == 1


def test_flat_is_reached_in_any_of_its_rooms() -> None:
    assert english(build(make_site()), "t1/f1/101")[-2:] == ["Go into Flat 101", "Arrive at Flat 101"]


def test_place_outdoors_and_a_building_are_reached_too() -> None:
    index = build(make_site())
    assert english(index, "lone") == ["Start at South gate towards the north-east", "After 32 m arrive at Gauge"]
    assert directions(Wayfinder(index), "lone").length_m == pytest.approx(32, abs=0.1)  # (5, -20) to (30, 0, 1)
    assert english(index, "t1", "smoke-1")[-2:] == ["Leave Tower 1", "Arrive at Tower 1"]


def test_balcony_door_high_up_is_no_entrance() -> None:
    high = Opening(id="t1/f5/balcony", kind="door", line=((7, 8), (8, 8)), connects=("t1/f5/501/bed", OUTSIDE))
    building = tower()
    typical = building.storeys[1]
    fifth = typical.replace(first=5, last=5, elevation_m=12, openings=(*typical.openings, high))
    building = building.replace(storeys=(building.storeys[0], typical.replace(last=4), fifth))
    assert "Take lift 1 up to Storey 5" in english(build(make_site().replace(buildings=(building,))), "smoke-1")


def test_ramp_leads_where_no_door_does() -> None:
    building = tower()
    ramp = Ramp(
        id="ramp-1", name=Text(zh="坡道", en="the ramp"), width_m=4, connects=(OUTSIDE, "t1/f1/corridor"),
        axis=Line3(points=((5, -15, 0), (5, 1, 0))),
    )  # fmt: skip
    ground = building.storeys[0]
    shut = ground.replace(openings=tuple(o for o in ground.openings if o.id != "t1/entrance"))
    site = make_site().replace(buildings=(building.replace(storeys=(shut, building.storeys[1]), ramps=(ramp,)),))
    assert english(build(site), "t1/f1/corridor")[1] == "After 5 m take the ramp to Storey 1"


def test_place_without_doors_and_unknown_places_are_refused() -> None:
    building = tower()
    shut = make_site().replace(
        buildings=(building.replace(storeys=tuple(s.replace(openings=()) for s in building.storeys)),)
    )
    with pytest.raises(RefusedError, match="no door, stair or lift leads to Smoke 1"):
        directions(Wayfinder(build(shut)), "smoke-1")
    with pytest.raises(UnknownIdError, match="Did you mean smoke-1"):
        directions(Wayfinder(build(make_site())), "smoke-2")
    with pytest.raises(CommandError, match="no gate"):
        directions(Wayfinder(build(make_site().replace(grounds=()))), "smoke-1")


def test_way_to_a_riser_ends_in_its_shaft_and_to_a_buried_main_outdoors() -> None:
    index = build(with_water(make_site()))
    assert english(index, "water/UP")[-2:] == ["Take stairs up to Storey 4", "Arrive at riser UP"]
    assert english(index, "water/P1") == ["Start at South gate", "After 11 m arrive at main P1"]
    assert english(index, "water/R2", "")[0] == "Start at South gate towards the north"


def test_shaft_without_a_door_is_reached_from_the_space_beside_it() -> None:
    site = with_water(make_site())
    building = site.buildings[0]
    storeys = tuple(
        s.replace(openings=tuple(o for o in s.openings if not o.id.endswith("/d1"))) for s in building.storeys
    )
    index = build(site.replace(buildings=(building.replace(storeys=storeys, stairs=()),)))
    assert english(index, "water/UP")[-2:] == ["Take lift 1 up to Storey 4", "After 10 m arrive at riser UP"]


@pytest.mark.parametrize("text", ["nan,1", "inf,1", "1e300,1", "1", "1,2,3,4", ",", "5,-10,"])
def test_what_is_no_point_of_a_site_is_an_unknown_place(text: str) -> None:
    with pytest.raises(UnknownIdError):
        directions(Wayfinder(build(make_site())), "t1", start=text)


def test_ways_begin_at_points_and_at_the_base_of_staff() -> None:
    site = make_site()
    site = site.replace(staff=(site.staff[0].replace(base="t1/f2/corridor"), site.staff[1]))
    index = build(site)
    assert english(index, "t1", "5,-10")[0] == "Start at 5,-10"
    assert english(index, "t1", "5,1,0.5")[-2] == "Leave Tower 1"
    assert english(index, "t1", "li")[0] == "Start at Li (Corridor)"
    with pytest.raises(UnknownIdError):
        english(index, "t1", "wang")  # who has no base


def test_closed_gates_are_not_begun_at() -> None:
    site = make_site()
    other = site.grounds[0].replace(id="gate-east", name=Text(en="East gate"), geometry=(40.0, 4.0))
    ways = Wayfinder(build(site.replace(grounds=(*site.grounds, other))))
    assert directions(ways, "t1").start == "gate-south"
    assert directions(ways, "t1", closed={"gate-south"}).start == "gate-east"
    with pytest.raises(CommandError, match="every gate is closed"):
        directions(ways, "t1", closed={"gate-south", "gate-east"})


def test_a_storey_is_reached_where_one_comes_onto_it() -> None:
    index = build(make_site())
    assert english(index, "t1/f5")[-2:] == ["Take stairs up to Storey 5", "Arrive at Storey 5"]
    assert english(index, "t1/f1")[-2:] == ["After 20 m enter Tower 1", "Arrive at Storey 1"]
    building = tower()
    alone = building.replace(stairs=(), lifts=())
    with pytest.raises(RefusedError, match="no door, stair or lift leads to Storey 5"):
        directions(Wayfinder(build(make_site().replace(buildings=(alone,)))), "t1/f5")
