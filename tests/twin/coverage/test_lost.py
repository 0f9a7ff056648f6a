"""What is lost of what all cameras would see, why, and who could take over."""

import numpy as np
import pytest

from tests.twin.coverage.rooms import CAMERA, camera, seen, site, state, zone
from tests.twin.riverside_in_small import box
from twin.coverage.check import camera_coverage
from twin.coverage.lost import Lost, lost
from twin.coverage.prepared import prepare
from twin.coverage.standing import standing_at, vehicles
from twin.index import SiteIndex, build
from twin.model.base import Text
from twin.model.devices import Channel, Device, DeviceKind
from twin.state import Readings, State, StateSnapshot

FAR_HALF = zone(box(4, 5, 6, 7))
SENSOR = DeviceKind(
    id="bay",
    name=Text(en="Bay"),
    system="parking",
    channels=(Channel(id="occupied", unit="state", interval_s=60),),
    tells_of="lorry",
)


def losses(index: SiteIndex, statuses: dict[str, float]) -> tuple[Lost, ...]:
    prepared = prepare(index)
    told = state(index, statuses)
    there = vehicles(index, told)
    now = prepared.with_standing(*there.values(), ids=list(there))
    return lost(camera_coverage(prepared), camera_coverage(now, told))


def test_nothing_is_lost_while_all_are_up() -> None:
    index = build(site([FAR_HALF], [camera("a"), camera("b", x_m=4.0)]))
    assert losses(index, {"a": 1, "b": 1}) == ()


def test_a_camera_that_another_covers_for_may_go_down() -> None:
    index = build(site([FAR_HALF], [camera("a"), camera("b", x_m=4.0)]))
    assert losses(index, {"a": 0, "b": 1}) == ()


def test_the_loss_names_the_camera_that_is_down_and_who_could_be_turned() -> None:
    other = camera("other", x_m=9.0, y_m=0.5, bearing_deg=180.0)
    (found,) = losses(build(site([FAR_HALF], [camera("a"), other])), {"a": 0, "other": 1})
    assert (found.place_id, found.causes, found.share_ratio) == ("zone", ("a",), 0.0)
    (successor,) = found.successors
    # from (9, 0.5) to the middle of the zone at (5, 6): atan(-4 / 5.5) = -36 degrees
    assert successor.device == "other"
    assert successor.bearing_deg == pytest.approx(324.0, abs=1.0)
    assert successor.share_ratio == 1.0
    assert not successor.turns


def test_what_never_was_covered_is_not_lost() -> None:
    index = build(site([zone(box(0, 0.2, 10, 7))], [camera("a")], seen(min_share_ratio=0.99)))
    assert losses(index, {"a": 0}) == ()


@pytest.fixture
def bay() -> SiteIndex:
    """A bay between the camera and what it looks at: a lorry there is 3.6 m high."""
    made = site([FAR_HALF], [camera("a")])
    sensor = Device(id="bay-1", kind="bay", x_m=5.0, y_m=3.0, z_m=0.0, bearing_deg=90.0)
    return build(made.replace(kinds=(CAMERA, SENSOR), devices=(*made.devices, sensor)))


@pytest.mark.parametrize(("occupied", "is_lost"), [(0, False), (1, True)])
def test_a_lorry_in_a_bay_takes_the_sight(bay: SiteIndex, occupied: float, is_lost: bool) -> None:  # noqa: FBT001
    prepared = prepare(bay)
    told = state_of_bay(bay, occupied)
    there = vehicles(bay, told)
    assert list(there) == ["bay-1"] * int(is_lost)
    now = prepared.with_standing(*there.values(), ids=list(there))
    found = lost(camera_coverage(prepared), camera_coverage(now, told))
    assert [one.causes for one in found] == [("bay-1",)] * int(is_lost)


def state_of_bay(index: SiteIndex, occupied: float) -> StateSnapshot:
    held = State(index.intervals_s)
    rows = np.array([index.row("a:status"), index.row("bay-1:occupied")], dtype=np.int32)
    held.apply(Readings(rows, np.zeros(2), np.array([1.0, occupied]), np.zeros(2, np.uint8)))
    return held.snapshot(10.0)


@pytest.mark.parametrize(("bearing_deg", "reach"), [(0.0, (1.25, 4.5)), (90.0, (4.5, 1.25)), (180.0, (1.25, 4.5))])
def test_a_lorry_stands_as_it_is_turned(bearing_deg: float, reach: tuple[float, float]) -> None:
    made = standing_at(100.0, 50.0, elevation_m=2.0, bearing_deg=bearing_deg, is_lorry=True)
    low, high = made.vertices_m.min(axis=0), made.vertices_m.max(axis=0)
    assert high[:2] - (100.0, 50.0) == pytest.approx(reach, abs=1e-6)
    assert (100.0, 50.0) - low[:2] == pytest.approx(reach, abs=1e-6)
    assert (low[2], high[2]) == pytest.approx((2.5, 5.6))
