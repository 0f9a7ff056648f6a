"""What cameras cover, followed live: one alarm a loss, and the same answer as if asked anew."""

import datetime as dt

import numpy as np
import pytest

from live_bindings.coverage_monitor import CoverageMonitor, LiveCoverage
from tests.twin.coverage.rooms import camera, site, zone
from tests.twin.riverside_in_small import box
from twin.coverage.check import camera_coverage
from twin.coverage.lost import Lost
from twin.coverage.prepared import prepare
from twin.index import SiteIndex, build
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
        rows = np.array([self.index.row(f"{name}:status") for name in statuses], dtype=np.int32)
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
