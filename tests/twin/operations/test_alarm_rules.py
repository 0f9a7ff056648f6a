"""When alarms begin and end."""

import datetime as dt

import pytest

from tests.twin.operations.conftest import GAUGES, HIGH, LOW, NOW_S, SILENT, SMOKE, Board, make_board, make_site
from twin.index import SiteIndex, build
from twin.model.rules import Rule
from twin.operations.alarm_rules import RuleTable, Watch, begin, compile_rules, evaluate
from twin.operations.alarms import alarm_id
from twin.operations.events import AlarmCleared, AlarmEvent, AlarmRaised
from twin.state import Quality


class Desk:
    """A table with its watch, stepped by hand."""

    def __init__(self, *rules: Rule) -> None:
        self.index: SiteIndex = build(make_site(*rules))
        self.table: RuleTable = compile_rules(self.index)
        self.board: Board = make_board(self.index)
        self.board.values[:] = 300.0
        self.board.values[self.index.row("smoke-1:state")] = 0
        self.board.values[self.index.row("smoke-1:tamper")] = 0
        self.watch: Watch = begin(self.table, [], NOW_S)

    def step(self, after_s: float) -> list[AlarmEvent]:
        events, self.watch = evaluate(self.table, self.watch, self.board, now_s=NOW_S + after_s)
        return list(events)

    def put(self, channel: str, value: float, after_s: float, quality: Quality = Quality.GOOD) -> list[AlarmEvent]:
        rows = self.board.put(channel, value, at_s=NOW_S + after_s, quality=quality)
        events, self.watch = evaluate(self.table, self.watch, self.board, now_s=NOW_S + after_s, changed=rows)
        return list(events)


def names(events: list[AlarmEvent]) -> set[tuple[str, str]]:
    return {(type(e).__name__, e.alarm) for e in events}


@pytest.mark.parametrize(("value", "raised"), [(500.0, False), (500.001, True)])
def test_threshold_is_crossed_strictly(value: float, *, raised: bool) -> None:
    assert bool(Desk(HIGH).put("g1:pressure", value, 1)) == raised


def test_hysteresis_holds_an_alarm_until_the_value_is_well_back() -> None:
    desk = Desk(LOW)
    assert desk.put("g1:pressure", 90, 0) == []
    assert names(desk.step(5)) == {("AlarmRaised", alarm_id("low", "g1"))}
    assert desk.put("g1:pressure", 101, 6) == []
    assert desk.put("g1:pressure", 109.9, 7) == []
    assert names(desk.put("g1:pressure", 110, 8)) == {("AlarmCleared", alarm_id("low", "g1"))}


def test_condition_shorter_than_the_delay_raises_nothing() -> None:
    desk = Desk(LOW)
    assert desk.put("g1:pressure", 90, 0) == []
    assert desk.step(4.9) == []
    assert desk.put("g1:pressure", 105, 4.95) == []  # pending, so hysteresis does not hold it
    assert desk.step(6) == []
    assert desk.put("g1:pressure", 90, 7) == []
    assert desk.step(11.9) == []
    assert len(desk.step(12)) == 1


def test_bad_value_changes_no_condition() -> None:
    desk = Desk(HIGH)
    assert desk.put("g1:pressure", 900, 0, Quality.BAD) == []
    assert len(desk.put("g1:pressure", 900, 1)) == 1
    assert desk.put("g1:pressure", 0, 2, Quality.BAD) == []
    assert len(desk.put("g1:pressure", 0, 3)) == 1


def test_several_alarm_channels_of_a_device_are_one_alarm() -> None:
    desk = Desk(SMOKE)
    raised = desk.put("smoke-1:tamper", 1, 0)
    assert isinstance(raised[0], AlarmRaised)
    assert (raised[0].channel, raised[0].value, raised[0].place is not None) == ("tamper", 1.0, True)
    assert desk.put("smoke-1:state", 3, 1) == []
    assert desk.put("smoke-1:tamper", 0, 2) == []
    assert names(desk.put("smoke-1:state", 0, 3)) == {("AlarmCleared", alarm_id("smoke", "smoke-1"))}


def test_silence_raises_after_three_intervals_and_ends_with_a_report() -> None:
    desk = Desk(SILENT)
    for k in range(1, GAUGES):
        desk.board.put(f"g{k}:pressure", 1, at_s=NOW_S + 30)
    desk.board.put("gw:uptime", 1, at_s=NOW_S + 30)
    desk.board.put("lone:pressure", 1, at_s=NOW_S + 30)
    assert desk.step(30) == []
    assert names(desk.step(30.1)) == {("AlarmRaised", alarm_id("silent", "g0"))}
    desk.board.put("g0:pressure", 1, at_s=NOW_S + 31)
    assert names(desk.step(31)) == {("AlarmCleared", alarm_id("silent", "g0"))}


def test_silent_gateway_is_one_alarm_and_not_one_for_each_device() -> None:
    desk = Desk(SILENT)
    desk.board.put("lone:pressure", 1, at_s=NOW_S + 60)
    raised = desk.step(60)
    assert names(raised) == {("AlarmRaised", alarm_id("silent", "gw"))}
    assert isinstance(raised[0], AlarmRaised)
    assert len(raised[0].devices) == GAUGES


def test_most_devices_of_a_living_gateway_silent_are_one_alarm() -> None:
    desk = Desk(SILENT)
    for channel in ("gw:uptime", "lone:pressure", "g0:pressure"):
        desk.board.put(channel, 1, at_s=NOW_S + 60)
    assert names(desk.step(60)) == {("AlarmRaised", alarm_id("silent", "gw"))}


def test_single_alarms_become_one_when_the_gateway_follows() -> None:
    desk = Desk(SILENT)
    for channel in ("gw:uptime", "lone:pressure", *(f"g{k}:pressure" for k in range(2, GAUGES))):
        desk.board.put(channel, 1, at_s=NOW_S + 20)
    assert names(desk.step(40)) == {("AlarmRaised", alarm_id("silent", g)) for g in ("g0", "g1")}
    desk.board.put("lone:pressure", 1, at_s=NOW_S + 60)
    assert names(desk.step(60)) == {
        ("AlarmRaised", alarm_id("silent", "gw")),
        *(("AlarmCleared", alarm_id("silent", g)) for g in ("g0", "g1")),
    }


def test_device_that_never_reported_is_not_silent() -> None:
    desk = Desk(SILENT)
    desk.board.quality[:] = Quality.NEVER
    assert desk.step(1e6) == []


def test_restart_gives_every_device_its_time_to_report() -> None:
    desk = Desk(SILENT)
    desk.board.times_s -= 1e6
    assert desk.step(29) == []
    assert desk.step(31) != []


def test_watch_that_begins_with_present_alarms_raises_none_twice() -> None:
    desk = Desk(LOW)
    desk.board.put("g1:pressure", 50, at_s=NOW_S)
    desk.watch = begin(desk.table, [alarm_id("low", "g1")], NOW_S)
    assert desk.step(60) == []
    (cleared,) = desk.put("g1:pressure", 200, 61)
    assert isinstance(cleared, AlarmCleared)
    assert cleared.at == dt.datetime.fromtimestamp(NOW_S + 61, dt.UTC)


def test_site_without_rules_has_no_alarms() -> None:
    assert Desk().step(1e6) == []
