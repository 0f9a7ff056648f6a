"""One alarm for each cause on fire main, drains and ducts; it clears by itself and can become a work order."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

import sample_sites
from live_bindings.pipe_monitor import look_through_pipes
from twin.index import SiteIndex, build
from twin.leaks.result import Words
from twin.leaks.window import Window
from twin.operations import desk as desks
from twin.operations.alarm_rules import compile_rules
from twin.operations.desk import Desk
from twin.operations.events import AlarmCleared, AlarmRaised, OrderFromAlarm
from twin.operations.pipe_watch import PipeMemory, alarm_of, follow_findings
from twin.pipes.result import PipeFinding
from twin.site_folder import read
from twin.state import State

END_S = 7200.0
STEP_S = 60.0


@pytest.fixture(scope="module")
def index() -> SiteIndex:
    return build(read(Path(sample_sites.__file__).parent / "riverside"))


def _course(index: SiteIndex, values: dict[str, list[tuple[float, float]]], *, silent_s: float = END_S) -> Window:
    """Readings each minute that hold from the times given on.

    Parameters
    ----------
    silent_s : from when on nothing reports
    """
    times_s = np.arange(0.0, END_S, STEP_S)
    times_s = times_s[times_s < silent_s]
    series = {}
    for channel, steps in values.items():
        at = np.searchsorted([t for t, _ in steps], times_s, side="right") - 1
        series[index.rows[channel]] = (times_s, np.array([v for _, v in steps])[at])
    return Window(0.0, END_S, series)


def _lived(index: SiteIndex, window: Window) -> tuple[list[AlarmRaised | AlarmCleared], Desk]:
    instants = [dt.datetime.fromtimestamp(s, dt.UTC) for s in np.arange(90.0, END_S, 90.0)]
    events: list[AlarmRaised | AlarmCleared] = []
    desk = Desk()
    for _, more, after in look_through_pipes(index, window, instants):
        events += [e for e in more if isinstance(e, AlarmRaised | AlarmCleared)]
        desk = after
    return events, desk


def test_a_blocked_drain_is_one_alarm_that_names_where_and_clears_by_itself(index: SiteIndex) -> None:
    # D-R1.3 (lvl-mh-3) is above D-W1 (lvl-mh-7)
    levels = {"lvl-mh-3:level": [(0.0, 0.1), (1800.0, 1.2), (5400.0, 0.1)], "lvl-mh-7:level": [(0.0, 0.1)]}
    events, desk = _lived(index, _course(index, levels))
    raised, cleared = events
    assert isinstance(raised, AlarmRaised)
    assert isinstance(cleared, AlarmCleared)
    assert raised.alarm == cleared.alarm
    assert "between D-R1.3 and D-W1" in raised.name.en
    assert "D-R1.3 与 D-W1" in raised.name.zh
    assert raised.place is not None
    assert raised.place.id.startswith("drainage/D-P")
    assert raised.skill == "drainage"
    assert 1800.0 < raised.at.timestamp() < 2400.0
    assert 5400.0 < cleared.at.timestamp() < 6000.0
    assert not desk.alarms[raised.alarm].present


def test_what_passes_in_a_minute_is_no_alarm(index: SiteIndex) -> None:
    levels = {"lvl-mh-3:level": [(0.0, 0.1), (1800.0, 1.2), (1860.0, 0.1)], "lvl-mh-7:level": [(0.0, 0.1)]}
    assert _lived(index, _course(index, levels))[0] == []


def test_an_alarm_stays_while_whoever_told_of_it_is_silent(index: SiteIndex) -> None:
    levels = {"lvl-mh-3:level": [(0.0, 0.1), (1800.0, 1.2)], "lvl-mh-7:level": [(0.0, 0.1)]}
    events, desk = _lived(index, _course(index, levels, silent_s=3600.0))
    (raised,) = events
    assert desk.alarms[raised.alarm].present


def test_hydrants_behind_a_closed_valve_are_the_alarm_of_that_valve(index: SiteIndex) -> None:
    latest = State(index.intervals_s).snapshot(0.0)
    hydrants = [
        PipeFinding(kind="hydrant_pressure_low", severity="critical", text=Words(), objects=(f"fire-main/{n}",),
                    devices=(d,))
        for n, d in (("F-HYD1", "hyd-1"), ("F-HYD2", "hyd-2"))
    ]  # fmt: skip
    cut = ("fire-main/V", "fire-main/F-HYD1")
    valve = PipeFinding(kind="valve_closed", severity="major", text=Words(), objects=cut,
                        devices=())  # fmt: skip
    found = {"fire-main": (*hydrants, valve)}
    now = dt.datetime.fromtimestamp(0.0, dt.UTC)
    _, memory = follow_findings({}, (), index, found, latest=latest, memory=PipeMemory(), now=now)
    later = now + dt.timedelta(hours=1)
    events, _ = follow_findings({}, (), index, found, latest=latest, memory=memory, now=later)
    assert [e.rule for e in events if isinstance(e, AlarmRaised)] == [
        "pipes:hydrant_pressure_low",
        "pipes:valve_closed",
    ]
    assert events[0].alarm == alarm_of("fire-main", hydrants[1])


def test_flow_in_a_fire_main_that_is_known_to_leak_is_no_second_alarm(index: SiteIndex) -> None:
    latest = State(index.intervals_s).snapshot(0.0)
    flow = PipeFinding(kind="flow", severity="major", text=Words(), objects=(), devices=("wm-fire",))
    now = dt.datetime.fromtimestamp(0.0, dt.UTC)
    memory = PipeMemory()
    for hours in (0, 1):
        at = now + dt.timedelta(hours=hours)
        events, memory = follow_findings(
            {}, ["fire-main"], index, {"fire-main": (flow,)}, latest=latest, memory=memory, now=at
        )
        assert events == ()


def test_an_alarm_of_a_network_becomes_a_work_order(index: SiteIndex) -> None:
    levels = {"lvl-mh-3:level": [(0.0, 1.2)], "lvl-mh-7:level": [(0.0, 0.1)]}
    events, desk = _lived(index, _course(index, levels))
    person = index.site.staff[0].id
    asked = OrderFromAlarm(id="wo-1", actor=person, alarm=events[0].alarm)
    (ordered,) = desks.decide(desk, index, asked, dt.datetime.fromtimestamp(END_S, dt.UTC))
    after = desks.evolve(desk, ordered)
    order = after.work_orders["wo-1"]
    assert "D-R1.3" in order.title.en
    assert order.skill == "drainage"


def test_alarms_of_networks_are_not_withdrawn_for_want_of_a_rule(index: SiteIndex) -> None:
    levels = {"lvl-mh-3:level": [(0.0, 1.2)], "lvl-mh-7:level": [(0.0, 0.1)]}
    _, desk = _lived(index, _course(index, levels))
    table = compile_rules(index)
    watch = desks.watch(table, desk, END_S)
    columns = State(index.intervals_s).snapshot(END_S)
    events, _ = desks.evaluate(desk, table, watch, columns, now=dt.datetime.fromtimestamp(END_S, dt.UTC))
    assert events == ()
