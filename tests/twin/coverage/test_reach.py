"""Walking lengths to what helps in an emergency, worked out by hand."""

import math

import numpy as np
import pytest

from tests.twin.houses import Rooms, door, house, on
from tests.twin.riverside_in_small import box
from twin.coverage.reach import REACH_KINDS, WalkCoverage, prepare_reach, reach_coverage
from twin.coverage.result import PlaceResult
from twin.coverage.walking_values import walk_class, walk_kinds
from twin.errors import UnknownClassError, UnreachableLengthError
from twin.index import SiteIndex, build
from twin.model.base import Polygon, Text
from twin.model.buildings import Building, Stair
from twin.model.devices import Channel, Device, DeviceKind
from twin.model.grounds import GroundFeature, Requirement, Zone
from twin.model.site import Site
from twin.state import Quality, Readings, State, StateSnapshot

EXTINGUISHER = DeviceKind(
    id="ext", name=Text(en="Extinguisher"), system="fire", reaches="extinguisher", mount_height_m=1
)
HYDRANT = DeviceKind(
    id="hyd", name=Text(en="Hydrant"), system="fire", reaches="hydrant", mount_height_m=1,
    channels=(Channel(id="pressure", unit="pa", interval_s=60),),
)  # fmt: skip
BUTTON = DeviceKind(
    id="button", name=Text(en="Button"), system="care", reaches="call", mount_height_m=1,
    channels=(Channel(id="state", unit="state", interval_s=60, down_states=(2,)),
              Channel(id="battery", unit="ratio", interval_s=60)),
)  # fmt: skip
CORRIDOR: Rooms = (("hall", "hall", box(0, 0, 60, 4)),)
TWO_ROOMS: Rooms = (("hall", "hall", box(0, 0, 10, 8)), ("b", "office", box(10, 0, 20, 8)))
AT_THE_NORTH = door("d", ((10, 6), (10, 7)), "hall", "b")
CELL_M = 0.5  # cells are half a metre wide
"""Half a cell's diagonal and the thickness of walls: by so much an edge between covered and not may lie off."""


def asked(kind: str = "extinguisher", **changes: object) -> Requirement:
    fields = {"id": "asked", "kind": kind, "space_uses": ("hall", "office")} | changes
    return Requirement.model_validate(fields)


def thing(
    name: str, x_m: float, y_m: float, *, kind: str = "ext", space: str | None = "h/f1/hall", z_m: float = 1.0
) -> Device:
    return Device(id=name, kind=kind, x_m=x_m, y_m=y_m, z_m=z_m, space=space)


def site(building: Building, requirement: Requirement, *devices: Device, **more: object) -> Site:
    kinds = (EXTINGUISHER, HYDRANT, BUTTON)
    return on(building, devices=devices, kinds=kinds, requirements=(requirement,)).replace(**more)


def covered(of: Site, *, without: tuple[str, ...] = (), closed: tuple[str, ...] = ()) -> WalkCoverage:
    return reach_coverage(prepare_reach(build(of), closed=closed), without=without)


def one(of: Site, **how: tuple[str, ...]) -> PlaceResult:
    (place,) = covered(of, **how).places
    return place


@pytest.mark.parametrize(
    ("level", "reach_m"), [("severe", 15), ("medium", 20), ("light", 25), (None, 20), ("light-b", 15)]
)
def test_a_corridor_is_covered_as_far_as_its_class_allows(level: str | None, reach_m: float) -> None:
    place = one(site(house(CORRIDOR), asked(level=level), thing("e", 0.0, 2.0)))
    assert place.needed == reach_m
    # walls take 0.12 m at either end; the circle's bulge is at most 0.13 m over 4 m of width
    assert place.share_ratio * 59.76 == pytest.approx(reach_m - 0.12, abs=CELL_M)
    (gap,) = place.gaps
    assert gap.reason == "too_far"
    assert gap.nearest == ("e",)
    assert gap.area.bounds[0] == pytest.approx(reach_m, abs=CELL_M)


@pytest.mark.parametrize("length_m", [3.0, 12.5, 40.0])
def test_a_requirement_may_state_its_own_length(length_m: float) -> None:
    place = one(site(house(CORRIDOR), asked(min_value=length_m, unit="m"), thing("e", 30.0, 2.0)))
    assert place.share_ratio * 59.76 == pytest.approx(min(2 * length_m, 59.76), abs=2 * CELL_M)
    assert place.is_met == (length_m > 31)


def test_what_is_behind_a_wall_is_as_far_as_the_way_round() -> None:
    building = house(TWO_ROOMS, [AT_THE_NORTH])
    result = covered(site(building, asked(), thing("e", 9.0, 1.0)))
    hall, office = result.places
    assert hall.is_met
    cells = result.of.places[1].made.cells_m
    row = int(np.hypot(*(cells - (11.0, 1.0)).T).argmin())
    # 2 m as the crow flies; by the door's nearer jamb at (10, 6), through a wall of 0.2 m
    way_m = math.hypot(0.9, 5) + 0.2 + math.hypot(cells[row, 0] - 10.1, 6 - cells[row, 1])
    assert office.values[row] == pytest.approx(way_m, abs=0.02)


def test_a_closed_door_leaves_no_way() -> None:
    result = covered(site(house(TWO_ROOMS, [AT_THE_NORTH]), asked(), thing("e", 9.0, 1.0)), closed=("h/f1/d",))
    hall, office = result.places
    assert (hall.share_ratio, office.share_ratio) == (1.0, 0.0)
    assert dict(office.gaps[0].reasons) == {"no_way": 1.0}


def test_without_any_device_none_is_near() -> None:
    place = one(site(house(CORRIDOR), asked()))
    assert dict(place.gaps[0].reasons) == {"none_near": 1.0}
    assert place.gaps[0].nearest == ()


def test_a_device_that_is_down_is_the_reason() -> None:
    of = site(house(CORRIDOR), asked(), thing("a", 15.0, 2.0), thing("b", 45.0, 2.0))
    assert one(of).is_met
    place = one(of, without=("a",))
    # b reaches down to x = 25; a would have served the rest
    assert place.share_ratio == pytest.approx(35 / 60, abs=0.01)
    assert dict(place.gaps[0].reasons) == {"offline": 1.0}
    assert place.devices == ("b",)


def test_what_hangs_on_one_device_is_told() -> None:
    place = one(site(house(CORRIDOR), asked(), thing("a", 15.0, 2.0), thing("b", 45.0, 2.0)))
    # both reach from x = 25 to 35
    assert place.lost_without == pytest.approx({"a": 25 / 60, "b": 25 / 60}, abs=0.01)
    assert place.by_count[2] == pytest.approx(10 / 60, abs=0.01)
    assert set(place.depends_on) == {"a", "b"}


def test_two_devices_may_be_asked_for() -> None:
    place = one(site(house(CORRIDOR), asked(min_count=2), thing("a", 15.0, 2.0), thing("b", 45.0, 2.0)))
    assert place.share_ratio == pytest.approx(10 / 60, abs=0.01)
    assert {gap.reason for gap in place.gaps} == {"too_few"}


@pytest.mark.parametrize(("level", "hose_m", "jet_m"), [("two-jets", 20.0, 0.71 * 13), ("one-jet", 20.0, 7.1)])
def test_a_hose_and_its_jet_reach_down_a_corridor(level: str, hose_m: float, jet_m: float) -> None:
    place = one(site(house(CORRIDOR), asked("hydrant", level=level), thing("w", 0.0, 2.0, kind="hyd")))
    assert place.needed == pytest.approx(hose_m)
    assert place.share_ratio * 59.76 == pytest.approx(hose_m + jet_m, abs=CELL_M)


def test_a_jet_does_not_go_through_walls() -> None:
    # the hydrant right at the wall: 1 m through it, and the way round by the far end is 2 x 18 m
    rooms: Rooms = (("hall", "hall", box(0, 0, 20, 4)), ("b", "office", box(0, 4, 20, 8)))
    way = door("d", ((18.5, 4), (19.5, 4)), "hall", "b")
    hall, office = covered(site(house(rooms, [way]), asked("hydrant"), thing("w", 0.5, 3.5, kind="hyd"))).places
    assert hall.is_met
    # 18.1 m of hose lead to the door, so that 1.9 m are left behind it; from there the jet reaches 9.2 m on
    assert 0.35 < office.share_ratio < 0.65


STAIRED: Rooms = (("hall", "corridor", box(3, 0, 13, 2)), ("s", "stair", box(0, 0, 3, 6)))
STAIR = Stair(id="h/st", space="h/f{n}/s", first=1, last=4, width_m=1.2, tread_m=0.28, riser_m=0.15)


def test_an_extinguisher_downstairs_is_as_far_as_the_stair_is_long() -> None:
    building = house(STAIRED, [door("d", ((3, 0.5), (3, 1.5)), "hall", "s")], last=2, stairs=(STAIR,))
    result = covered(site(building, asked(space_uses=("corridor",), level="light"), thing("e", 4.0, 1.0)))
    ground, above = result.places
    assert ground.is_met
    # 1.73 m to the flight's foot, 8.95 m up, 0.73 m to the door
    nearest_m = 1.73 + 20 * math.hypot(0.28, 0.15) + 2.6 + 0.73
    assert float(above.values.min()) == pytest.approx(nearest_m, abs=CELL_M)
    assert above.values.max() == pytest.approx(nearest_m + 9.9, abs=CELL_M)


def in_the_open(*devices: Device, polygon: Polygon | None = None, **changes: object) -> Site:
    zone = Zone(id="yard", requirement="asked", polygon=polygon or box(-200, -20, 200, -10))
    edge = GroundFeature(id="edge", use="site_boundary", geometry=box(-250, -250, 250, 250))
    building = house(TWO_ROOMS)
    return site(building, asked("hydrant", space_uses=(), **changes), *devices, zones=(zone,), grounds=(edge,))


def test_outdoors_a_hydrant_reaches_150_m_of_way() -> None:
    place = one(in_the_open(thing("w", 0.0, -15.0, kind="hyd", space=None)))
    assert place.share_ratio == pytest.approx(300 / 400, abs=0.005)


def test_a_building_in_a_zone_is_no_part_of_it() -> None:
    place = one(in_the_open(thing("w", -5.0, 4.0, kind="hyd", space=None), polygon=box(-10, 0, 30, 8)))
    assert place.area_m2 == pytest.approx(20 * 8, abs=1.0)
    assert place.is_met


def pressure(index: SiteIndex, values: dict[str, float], *, now_s: float = 10.0) -> StateSnapshot:
    state = State(index.intervals_s)
    rows = np.array([index.rows[channel] for channel in values], dtype=np.int32)
    told = np.array(list(values.values()))
    state.apply(Readings(rows, np.zeros(len(rows)), told, np.full(len(rows), Quality.GOOD, dtype=np.uint8)))
    return state.snapshot(now_s)


@pytest.mark.parametrize(
    ("pressure_pa", "now_s", "serves"), [(250_000, 10, True), (90_000, 10, False), (250_000, 1000, False)],
    ids=["fine", "too-little", "silent"],
)  # fmt: skip
def test_a_hydrant_without_pressure_does_not_serve(pressure_pa: float, now_s: float, serves: bool) -> None:  # noqa: FBT001
    index = build(in_the_open(thing("w", 0.0, -15.0, kind="hyd", space=None)))
    result = reach_coverage(prepare_reach(index), pressure(index, {"w:pressure": pressure_pa}, now_s=now_s))
    assert (result.places[0].share_ratio > 0) == serves
    assert result.offline == (frozenset() if serves else {"w"})
    assert {reason for gap in result.places[0].gaps for reason in gap.reasons} == (
        {"too_far"} if serves else {"offline", "too_far"}
    )


@pytest.mark.parametrize(
    ("told", "now_s", "serves"),
    [({"b:state": 0}, 10, True), ({"b:state": 2}, 10, False), ({}, 1000, True), ({"b:state": 0}, 1000, True),
     ({"b:state": 0, "b:battery": 0.5}, 1000, False)],
    ids=["well", "faulty", "never-heard-of", "half-silent", "silent"],
)  # fmt: skip
def test_a_call_button_serves_unless_it_is_faulty_or_silent(told: dict[str, float], now_s: float, serves: bool) -> None:  # noqa: FBT001
    index = build(
        site(house(((("hall", "hall", box(0, 0, 8, 8))),)), asked("call"), thing("b", 4.0, 4.0, kind="button"))
    )
    assert reach_coverage(prepare_reach(index), pressure(index, told, now_s=now_s)).places[0].is_met == serves


def test_every_kind_has_a_usual_class() -> None:
    for kind in (*REACH_KINDS, "patrol"):
        for in_the_open in (True, False):
            assert walk_class(Requirement.model_validate({"id": "r", "kind": kind}), in_the_open=in_the_open).source
        assert len({each.id for each in walk_kinds()[kind].classes}) == len(walk_kinds()[kind].classes)


def test_a_class_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(UnknownClassError, match="severe, medium, light"):
        walk_class(asked(level="grave"), in_the_open=False)


@pytest.mark.parametrize(("length", "unit"), [(0.0, "m"), (-3.0, None), (20.0, "lx")])
def test_a_length_that_is_none_is_refused(length: float, unit: str | None) -> None:
    with pytest.raises(UnreachableLengthError, match="give a length above 0"):
        walk_class(asked(min_value=length, unit=unit), in_the_open=False)


def test_what_cannot_be_reckoned_is_told_and_the_rest_is() -> None:
    lost = thing("far", 500.0, 500.0)
    pond = GroundFeature(id="pond", use="water", geometry=box(30, 0, 50, 20))
    wet = Zone(id="wet", requirement="asked", polygon=box(35, 5, 40, 10))
    of = site(house(CORRIDOR), asked(), lost, thing("e", 1, 2))
    result = covered(of.replace(zones=(wet,), grounds=(pond,)))
    assert {(p.code, p.object_id) for p in result.problems} == {
        ("device-out-of-reach", "far"),
        ("place-without-samples", "wet"),
    }
    assert [place.place_id for place in result.places] == ["h/f1/hall"]
    assert result.places[0].devices == ("e",)


def test_a_requirement_of_an_unknown_class_is_a_problem() -> None:
    result = covered(site(house(CORRIDOR), asked(level="grave"), thing("e", 1, 2)))
    assert [(p.code, p.object_id) for p in result.problems] == [("unknown-class", "asked")]
    assert result.places == ()


def test_one_more_device_never_takes_anything_away() -> None:
    few = one(site(house(CORRIDOR), asked(), thing("a", 15.0, 2.0)))
    more = one(site(house(CORRIDOR), asked(), thing("a", 15.0, 2.0), thing("b", 50.0, 1.0)))
    assert (more.values <= few.values + 1e-6).all()
    assert (more.counts >= few.counts).all()


@pytest.mark.parametrize(
    ("button_in", "served"), [("hall", ["hall", "home"]), ("home", ["home"])], ids=["in the hall", "in the flat"]
)
def test_what_is_in_a_flat_serves_its_household_only(button_in: str, served: list[str]) -> None:
    rooms: Rooms = (("hall", "hall", box(0, 0, 10, 8)), ("home", "flat", box(10, 0, 20, 8)))
    at_x_m = {"hall": 9.0, "home": 11.0}[button_in]
    button = thing("one", at_x_m, 5.0, kind="button", space=f"h/f1/{button_in}")
    need = asked("call", space_uses=("hall", "flat"), level="public")
    found = covered(site(house(rooms, [door("d", ((10, 4), (10, 5)), "hall", "home")]), need, button))
    assert [place.place_id.split("/")[-1] for place in found.places if place.share_ratio == 1.0] == served
    bare = [place for place in found.places if place.share_ratio < 1.0]
    assert all(place.devices == () and "none_near" in place.gaps[0].reasons for place in bare)
