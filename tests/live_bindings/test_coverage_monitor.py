"""What cameras cover, followed live: one alarm a loss, and the same answer as if asked anew."""

import datetime as dt

import numpy as np
import pytest

from live_bindings.coverage_monitor import CoverageMonitor, LiveCoverage
from tests.twin.coverage.rooms import camera, seen, site, zone
from tests.twin.coverage.test_night import hall, lamp
from tests.twin.riverside_in_small import box
from twin.coverage.check import camera_coverage
from twin.coverage.lost import Lost
from twin.coverage.prepared import prepare
from twin.index import SiteIndex, build
from twin.model.base import Text
from twin.model.devices import Channel, Device, DeviceKind
from twin.operations import desk as desks
from twin.operations.coverage_watch import CoverageMemory, follow_coverage
from twin.operations.desk import Desk
from twin.operations.events import AlarmCleared, AlarmEvent, AlarmRaised
from twin.state import Readings, State


@pytest.fixture
def index() -> SiteIndex:
    cameras = [camera("a"), camera("b", x_m=9.0, bearing_deg=180.0, presets=("180/0/1",))]
    return build(site([zone(box(4, 5, 6, 7), name={"zh": "柜台", "en": "Counter"})], cameras))


class Watched:
    """A site's cameras with a monitor, and the desk that hears of it."""

    def __init__(self, index: SiteIndex) -> None:
        self.index, self.state, self.now_s = index, State(index.intervals_s), 0.0
        self.desk, self.told = Desk(), list[AlarmEvent]()
        self.monitor = CoverageMonitor(index, latest=lambda: self.state.snapshot(self.now_s), on_lost=self.hear)

    def hear(self, found: tuple[Lost, ...], memory: CoverageMemory) -> CoverageMemory:
        now = dt.datetime.fromtimestamp(self.now_s, dt.UTC)
        events, after = follow_coverage(self.desk.alarms, self.index, found, memory=memory, now=now)
        self.desk = desks.replay(events, self.desk)
        self.told += events
        return after

    def say(self, **statuses: float) -> None:
        """A device's status, or its channel by ``device__channel``."""
        channels = [
            name.replace("__", ":").replace("_", "-") if "__" in name else f"{name}:status" for name in statuses
        ]
        rows = np.array([self.index.row(channel) for channel in channels], dtype=np.int32)
        values = np.array(list(statuses.values()))
        self.state.apply(Readings(rows, np.full(len(rows), self.now_s), values, np.zeros(len(rows), np.uint8)))

    def live(self, until_s: float, **statuses: float) -> None:
        """Cameras say the same each 30 s, and a look follows."""
        while self.now_s < until_s:
            self.now_s += 30.0
            self.say(**statuses)
            self.monitor.look()


def test_a_loss_is_one_alarm_with_who_could_take_over_and_clears_by_itself(index: SiteIndex) -> None:
    watched = Watched(index)
    watched.live(120.0, a=1, b=1)
    assert watched.told == []
    watched.live(600.0, a=0, b=1)
    (raised,) = watched.told
    assert isinstance(raised, AlarmRaised)
    assert (raised.device, raised.devices, raised.value) == ("a", ("a",), 0.0)
    assert raised.place is not None
    assert (raised.place.name.en, raised.place.storey) == ("Counter", "hall/f1")
    assert "b (turns by itself" in raised.advice.en
    watched.live(900.0, a=1, b=1)
    assert isinstance(watched.told[-1], AlarmCleared)
    assert len(watched.told) == 2


def test_a_camera_that_restarts_raises_nothing(index: SiteIndex) -> None:
    watched = Watched(index)
    watched.live(60.0, a=1, b=1)
    watched.live(90.0, a=0, b=1)
    watched.live(300.0, a=1, b=1)
    assert watched.told == []


def test_after_a_start_cameras_have_time_to_report_before_they_count_as_down(index: SiteIndex) -> None:
    watched = Watched(index)
    watched.say(a=1, b=1)
    watched.now_s = 10_000.0  # the program was down for hours: all it knows is old
    for _ in range(5):
        watched.monitor.look()
        watched.now_s += 30.0
    assert watched.told == []
    watched.live(10_400.0, b=1)  # but a says nothing still
    assert [type(e) for e in watched.told] == [AlarmRaised]


def test_live_answer_is_that_of_a_fresh_question(index: SiteIndex) -> None:
    live = LiveCoverage(index)
    watched = Watched(index)
    for statuses in ({"a": 1.0, "b": 1.0}, {"a": 0.0, "b": 1.0}, {"a": 1.0, "b": 0.0}):
        watched.now_s += 5.0
        watched.say(**statuses)
        state = watched.state.snapshot(watched.now_s)
        found, fresh = live.at(state), camera_coverage(prepare(index), state)
        assert [(p.share_ratio, p.by_count, p.devices) for p in found.places] == [
            (p.share_ratio, p.by_count, p.devices) for p in fresh.places
        ]
        assert [[g.reasons for g in p.gaps] for p in found.places] == [
            [g.reasons for g in p.gaps] for p in fresh.places
        ]
        assert live.at(state) is found


DUSK_S = 45_000.0
"""20:37 by the sun at 121.4 degrees east, on the first day of the epoch."""


@pytest.fixture
def lit() -> SiteIndex:
    """The counter seen by a camera without a light of its own, under a lamp."""
    return build(hall(lamp("l", 5.0, 5.0), needed_lx=0.5))


def test_a_lamp_that_is_off_by_day_is_nothing_and_by_night_a_loss(lit: SiteIndex) -> None:
    watched = Watched(lit)
    watched.live(300.0, cam__status=1, l__state=0)
    assert watched.told == []
    watched.now_s = DUSK_S
    watched.live(DUSK_S + 300.0, cam__status=1, l__state=1)
    assert watched.told == []
    watched.live(DUSK_S + 600.0, cam__status=1, l__state=0)
    (raised,) = watched.told
    assert isinstance(raised, AlarmRaised)
    assert (raised.device, raised.devices, raised.value) == ("l", ("l",), 0.0)
    assert "patrolled" in raised.advice.en  # to turn a camera would not help
    watched.live(DUSK_S + 900.0, cam__status=1, l__state=1)
    assert [type(event) for event in watched.told] == [AlarmRaised, AlarmCleared]


def test_a_lost_lamp_at_dusk_is_seen_without_any_change_of_cameras(lit: SiteIndex) -> None:
    """The lamp has been off all day; that it still is when the sun is down is what is told."""
    watched = Watched(lit)
    began_s = DUSK_S - 6 * 3600
    watched.now_s = began_s
    watched.live(began_s + 90.0, cam__status=1, l__state=0)
    watched.now_s = DUSK_S
    watched.live(DUSK_S + 120.0, cam__status=1, l__state=0)
    assert [type(event) for event in watched.told] == [AlarmRaised]


def test_readings_that_arrive_late_change_nothing(index: SiteIndex) -> None:
    watched = Watched(index)
    watched.live(120.0, a=1, b=1)
    for _ in range(6):
        watched.now_s += 30.0
        watched.say(a=1, b=1)
        late = np.array([index.row("a:status")], dtype=np.int32)
        down = Readings(late, np.array([watched.now_s - 60.0]), np.zeros(1), np.zeros(1, np.uint8))
        watched.state.apply(down)  # it was down a minute ago, and is up since
        watched.monitor.look()
    assert watched.told == []


def test_two_that_fail_at_once_are_one_alarm_that_names_both() -> None:
    """Each sees a half of the counter; both go, one comes back, then the other."""
    halves = [camera("left", x_m=4.5), camera("right", x_m=5.5, y_m=7.5, bearing_deg=180.0)]
    both = build(site([zone(box(4.5, 3, 5.5, 5))], halves, seen(min_count=2)))
    watched = Watched(both)
    watched.live(120.0, left=1, right=1)
    watched.live(300.0, left=0, right=0)
    (raised,) = watched.told
    assert isinstance(raised, AlarmRaised)
    assert set(raised.devices) == {"left", "right"}
    watched.live(600.0, left=1, right=0)
    assert len(watched.told) == 1
    watched.live(900.0, left=1, right=1)
    assert [type(event) for event in watched.told] == [AlarmRaised, AlarmCleared]


def test_a_new_monitor_takes_up_an_alarm_that_is_there(index: SiteIndex) -> None:
    """The program is started anew while a camera is down: no second alarm, and it clears when the camera comes back."""
    watched = Watched(index)
    watched.live(120.0, a=1, b=1)
    watched.live(300.0, a=0, b=1)
    again = Watched(index)
    again.desk, again.now_s = watched.desk, watched.now_s
    again.live(600.0, a=0, b=1)
    assert again.told == []
    again.live(900.0, a=1, b=1)
    assert [type(event) for event in again.told] == [AlarmCleared]


def test_a_lorry_that_parks_while_a_camera_fails_is_named_with_it() -> None:
    """Two spots by two cameras: one goes down, a lorry parks before the other; both come to be as they were."""
    bay = DeviceKind(
        id="bay", name=Text(en="Bay"), system="parking", tells_of="lorry",
        channels=(Channel(id="occupied", unit="bool", interval_s=60),),
    )  # fmt: skip
    cameras = [camera("left", x_m=2.0, z_m=1.6), camera("right", x_m=8.0, z_m=1.6)]
    zones = [zone(box(1.5, 6.5, 2.5, 7.5), id="west"), zone(box(7.5, 6.5, 8.5, 7.5), id="east")]
    made = site(zones, cameras)
    there = Device(id="bay-1", kind="bay", x_m=8.0, y_m=3.5, z_m=0.0, bearing_deg=90.0)
    index = build(made.replace(kinds=(*made.kinds, bay), devices=(*made.devices, there)))
    narrow = Watched(index)
    narrow.live(120.0, left=1, right=1, bay_1__occupied=0)
    assert narrow.told == []
    narrow.live(300.0, left=0, right=1, bay_1__occupied=1)
    raised = [event for event in narrow.told if isinstance(event, AlarmRaised)]
    assert {device for event in raised for device in event.devices} == {"left", "bay-1"}
    narrow.live(600.0, left=1, right=1, bay_1__occupied=0)
    assert [type(event) for event in narrow.told] == [AlarmRaised] * len(raised) + [AlarmCleared] * len(raised)
