"""Which of many is soonest: the same as asking for the way to each."""

import datetime as dt

import numpy as np
import pytest

from tests.twin.houses import THING, door, house, on
from tests.twin.riverside_in_small import box
from tests.twin.wayfinding.test_routes import FLATS, GATE, THROUGH_A_FLAT, tower, way
from twin.errors import UnknownIdError, WayfindingError
from twin.index import SiteIndex, build
from twin.model.base import Polygon, Text
from twin.model.buildings import SpaceUse
from twin.model.devices import Channel, Device, DeviceKind
from twin.model.grounds import GroundFeature
from twin.model.registers import StaffMember
from twin.operations.rounds import asked, nearest_way, tour_way
from twin.state import Quality, StateSnapshot
from twin.wayfinding.nearest import things
from twin.wayfinding.network import Wayfinder
from twin.wayfinding.parking import taken_spaces

NOW_S = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp()
STAFF = (
    StaffMember(id="ann", name=Text(en="Ann"), role="technician", base="h/f6/room"),
    StaffMember(id="ben", name=Text(en="Ben"), role="duty", base="h/f2/room"),
    StaffMember(id="cyd", name=Text(en="Cyd"), role="duty"),
)


def aeds() -> list[Device]:
    places = [("low", "h/f1/landing"), ("middle", "h/f4/room"), ("high", "h/f6/landing")]
    return [Device(id=name, kind="thing", space=space) for name, space in places]


@pytest.fixture(scope="module")
def ways() -> Wayfinder:
    return Wayfinder(build(on(tower(), grounds=[GATE], devices=aeds(), staff=STAFF)))


@pytest.mark.parametrize("start", ["gate", "h/f2/room", "h/f3/landing", "h/f5/room", "h/f6/room"])
@pytest.mark.parametrize("who", ["resident", "wheelchair"])
def test_the_nearest_is_the_one_with_the_quickest_way(ways: Wayfinder, start: str, who: str) -> None:
    found = nearest_way(ways, start, "thing", asked(who))
    each = {device.id: way(ways, start, device.id, who).duration_s for device in ways.index.devices.values()}
    assert [place.id for place in found.places] == sorted(each, key=lambda name: each[name])
    # ways are found through the middles of doors, lines are then pulled taut: by some decimetres a door
    assert [place.duration_s for place in found.places] == pytest.approx(sorted(each.values()), abs=2)
    assert found.way is not None
    assert found.way.end == found.places[0].id


def test_who_is_soonest_here_is_not_who_is_reached_soonest() -> None:
    # up takes longer than down: from the fourth storey Ben is nearer, but Ann is here first
    staff = (STAFF[0].replace(base="h/f5/room"), STAFF[1].replace(base="h/f3/room"))
    ways = Wayfinder(build(on(tower(lifts=()), staff=staff)))
    there = nearest_way(ways, "h/f4/room", "crew", asked("crew"))
    here = nearest_way(ways, "h/f4/room", "crew", asked("crew"), is_coming=True)
    assert [place.id for place in there.places] == ["ben", "ann"]
    assert [place.id for place in here.places] == ["ann", "ben"]
    assert here.way is not None
    assert (here.way.start, here.way.end) == ("ann", "h/f4/room")
    assert here.way.steps[0].text.en == "Start at Ann (h/f5/room)"


def test_what_is_taken_or_cannot_be_reached_does_not_count(ways: Wayfinder) -> None:
    found = nearest_way(ways, "gate", "thing", asked("resident"), taken={"low"})
    assert found.places[0].id == "middle"
    shut = nearest_way(ways, "gate", "thing", asked("wheelchair", closed={"lift"}))
    assert ([place.id for place in shut.places], shut.unreached) == (["low"], 2)
    none = nearest_way(ways, "gate", "thing", asked("resident", closed={"h/f1/entrance"}))
    assert (none.places, none.way, none.unreached) == ((), None, 3)


def test_an_unlocked_front_door_counts_both_ways() -> None:
    index = build(on(house(FLATS, THROUGH_A_FLAT), devices=[Device(id="aed", kind="thing", space="h/f1/a")],
                     staff=[STAFF[0].replace(base="h/f1/f")]))  # fmt: skip
    ways = Wayfinder(index)
    going = nearest_way(ways, "h/f1/f", "thing", asked("resident")).places[0]
    assert going.duration_s == pytest.approx(way(ways, "h/f1/f", "aed").duration_s, abs=1)
    coming = nearest_way(ways, "aed", "technician", asked("fire_crew"), is_coming=True).places[0]
    assert coming.duration_s == pytest.approx(way(ways, "h/f1/f", "aed", "fire_crew").duration_s, abs=1)


def test_what_is_in_somebody_elses_flat_is_not_for_everyone() -> None:
    index = build(on(house(FLATS, THROUGH_A_FLAT), devices=[Device(id="aed", kind="thing", space="h/f1/f")]))
    ways = Wayfinder(index)
    assert nearest_way(ways, "h/f1/a", "thing", asked("resident")).places == ()
    assert nearest_way(ways, "h/f1/f", "thing", asked("resident")).places[0].id == "aed"
    assert nearest_way(ways, "h/f1/a", "thing", asked("fire_crew")).places[0].id == "aed"


@pytest.mark.parametrize(
    ("kind", "ids"),
    [("thing", ("low", "middle", "high")), ("gate", ("gate",)), ("crew", ("ann", "ben")), ("duty", ("ben",)),
     ("office", tuple(f"h/f{n}/room" for n in range(1, 7)))],
)  # fmt: skip
def test_kinds_are_of_devices_spaces_ground_and_staff(ways: Wayfinder, kind: str, ids: tuple[str, ...]) -> None:
    assert things(ways.index, kind) == ids


def test_a_kind_that_the_site_has_not_names_the_nearest_word(ways: Wayfinder) -> None:
    with pytest.raises(UnknownIdError, match="Did you mean thing"):
        things(ways.index, "thinge")


SENSOR = DeviceKind(
    id="eye", name=Text(en="eye"), system="parking", mount_height_m=2.0,
    channels=(Channel(id="occupied", unit="state", interval_s=300),),
)  # fmt: skip


def garage() -> SiteIndex:
    spaces: list[tuple[str, SpaceUse, Polygon]] = [
        ("lane", "driveway", box(0, 0, 20, 6)),
        *((f"p{k}", "parking_space", box(3 * k, 6, 3 * k + 3, 11)) for k in range(4)),
    ]
    place = GroundFeature(id="visitor", use="parking_space", geometry=box(30, 0, 33, 5))
    eyes = [Device(id=f"e{k}", kind="eye", space=f"h/f1/p{k}") for k in range(4)]
    eyes.append(Device(id="ev", kind="eye", x_m=31.0, y_m=5.2, z_m=0.5))
    return build(on(house(spaces), grounds=[place], devices=eyes, kinds=[SENSOR]))


def state(index: SiteIndex, values: list[float], quality: list[Quality]) -> StateSnapshot:
    assert len(index.channels) == len(values)
    return StateSnapshot(NOW_S, np.array(values), np.full(len(values), NOW_S), np.array(quality, dtype=np.uint8))


def test_a_parking_space_is_taken_as_its_sensor_says() -> None:
    index = garage()
    good, stale, bad, never = Quality.GOOD, Quality.STALE, Quality.BAD, Quality.NEVER
    told = state(index, [1, 0, 1, np.nan, 1], [good, good, bad, never, stale])
    assert taken_spaces(index, told) == {"h/f1/p0", "visitor"}


def test_a_car_is_led_to_the_nearest_free_space_of_a_garage() -> None:
    index = garage()
    ways = Wayfinder(index)
    found = nearest_way(ways, "1,3,0.1", "parking_space", asked("resident"), taken={"h/f1/p0"})
    assert [place.id for place in found.places[:2]] == ["h/f1/p1", "h/f1/p2"]


def test_a_tour_comes_to_all_stops_in_the_quickest_order_and_back(ways: Wayfinder) -> None:
    found = tour_way(ways, "gate", ["h/f3/room", "h/f1/room", "h/f2/room"], asked("patrol", closed={"lift"}))
    assert (found.stops[0], found.stops[-1], found.is_proven, found.unreached) == ("gate", "gate", True, ())
    assert set(found.stops) == {"gate", "h/f1/room", "h/f2/room", "h/f3/room"}
    # up and down once: passing the first and second storeys a second time would cost more
    assert found.stops[1:-1] in {
        ("h/f1/room", "h/f2/room", "h/f3/room"), ("h/f3/room", "h/f2/room", "h/f1/room"),
        ("h/f2/room", "h/f3/room", "h/f1/room"), ("h/f1/room", "h/f3/room", "h/f2/room"),
    }  # fmt: skip
    assert found.length_m == pytest.approx(sum(leg.length_m for leg in found.ways), abs=0.1)
    one_way = tour_way(ways, "gate", ["h/f3/room", "h/f1/room"], asked("patrol"), is_round=False)
    assert one_way.stops == ("gate", "h/f1/room", "h/f3/room")


def test_a_kind_of_things_is_a_tour_of_all_and_unreached_ones_are_told(ways: Wayfinder) -> None:
    found = tour_way(ways, "gate", ["thing", "low"], asked("wheelchair", closed={"lift"}))
    assert (found.stops, found.unreached) == (("gate", "low", "gate"), ("middle", "high"))
    with pytest.raises(WayfindingError, match="none of the stops can be reached from gate: high"):
        tour_way(ways, "gate", ["high"], asked("wheelchair", closed={"lift"}))
    with pytest.raises(UnknownIdError):
        tour_way(ways, "gate", ["hihg"], asked("wheelchair"))


def test_one_thing_and_door_are_enough_for_a_tour() -> None:
    rooms: list[tuple[str, SpaceUse, Polygon]] = [("a", "hall", box(0, 0, 5, 4)), ("b", "hall", box(5, 0, 9, 4))]
    ways = Wayfinder(build(on(house(rooms, [door("d", ((5, 1), (5, 2)), "a", "b")]), kinds=[THING])))
    found = tour_way(ways, "h/f1/a", ["h/f1/b"], asked())
    assert found.ways[0].length_m == pytest.approx(found.ways[1].length_m)
