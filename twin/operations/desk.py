"""The front door of operations: all alarms and work orders of a site, and the pure functions over them.

`decide(desk, index, command, now)` gives events, `evolve(desk, event)` the desk after one; `watch` and `evaluate`
turn the columns of the state into alarm events. Whoever calls them (the runtime) appends the events to the journal
before it evolves.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import reduce

import msgspec
import numpy as np
from numpy.typing import NDArray

from twin.errors import UnknownIdError
from twin.index import SiteIndex
from twin.operations import alarm_rules, alarms, coverage_watch, evacuation_notes, leaks, pipe_watch, work_orders
from twin.operations.alarm_rules import Columns, RuleTable, Watch
from twin.operations.alarms import Alarm
from twin.operations.errors import CommandError, forbidden
from twin.operations.events import (
    LEAK_EVENTS,
    SYSTEM,
    Command,
    DismissLeak,
    EvacuationNoted,
    Event,
    LeakCommand,
    LeakReopened,
    LeakRepairReported,
    MoveWorkOrder,
    NoteEvacuation,
    OrderFromAlarm,
    OrderFromLeak,
    Phrase,
    ReopenLeak,
    ReportLeakRepaired,
    RequestWorkOrder,
    Severity,
    WorkOrderMoved,
    WorkOrderRequested,
)
from twin.operations.leak_orders import advice_on, order_advice, place_of_leak
from twin.operations.leaks import OVER, LeakCase
from twin.operations.work_orders import CLOSED, WorkOrder

PRIORITY_BY_SEVERITY: dict[Severity, int] = {"critical": 1, "major": 2, "minor": 3, "info": 4}


@dataclass(frozen=True, slots=True)
class Desk:
    """All alarms, work orders and leaks by id."""

    alarms: dict[str, Alarm] = field(default_factory=dict)
    work_orders: dict[str, WorkOrder] = field(default_factory=dict)
    leaks: dict[str, LeakCase] = field(default_factory=dict)
    noted: tuple[EvacuationNoted, ...] = ()
    """What people said of the ways out, as far as it holds still."""

    def alarm(self, alarm_id: str) -> Alarm:
        """The alarm of that id.

        Raises
        ------
        UnknownIdError
            If there is none.
        """
        try:
            return self.alarms[alarm_id]
        except KeyError:
            raise UnknownIdError("alarm", alarm_id, self.alarms) from None

    def work_order(self, order_id: str) -> WorkOrder:
        """The work order of that id.

        Raises
        ------
        UnknownIdError
            If there is none.
        """
        try:
            return self.work_orders[order_id]
        except KeyError:
            raise UnknownIdError("work order", order_id, self.work_orders) from None

    def leak(self, leak_id: str) -> LeakCase:
        """The leak of that id.

        Raises
        ------
        UnknownIdError
            If there is none.
        """
        try:
            return self.leaks[leak_id]
        except KeyError:
            raise UnknownIdError("leak", leak_id, self.leaks) from None


def decide(desk: Desk, index: SiteIndex, command: Command, now: dt.datetime) -> tuple[Event, ...]:
    """What a command leads to; nothing if it was carried out before.

    Raises
    ------
    UnknownIdError
        If there is no such alarm, order or leak.
    ForbiddenTransitionError
        If the state of the alarm, order or leak does not allow it; it says what is possible.
    CommandError
        If a part of the command is missing or impossible, or the actor or assignee is not of the staff.
    """
    _require_staff(index, "actor", command.actor)
    if isinstance(command, OrderFromLeak):
        alarm = desk.leak(command.leak).alarm
        command = OrderFromAlarm(id=command.id, actor=command.actor, alarm=alarm, note=command.note)
    if isinstance(command, OrderFromAlarm):
        return _order_from_alarm(desk, index, command, now)
    if isinstance(command, ReportLeakRepaired | DismissLeak | ReopenLeak):
        return _about_leak(desk, index, command, now)
    if isinstance(command, RequestWorkOrder):
        return work_orders.decide(desk.work_orders.get(command.id), command, now)
    if isinstance(command, MoveWorkOrder):
        if command.assignee is not None:
            _require_staff(index, "assignee", command.assignee)
        return _moved(desk, command, now)
    if isinstance(command, NoteEvacuation):
        return evacuation_notes.decide(desk.noted, command, now)
    return alarms.decide(desk.alarm(command.alarm), command, now)


def evolve(desk: Desk, event: Event) -> Desk:
    """The desk after an event."""
    if isinstance(event, WorkOrderRequested | WorkOrderMoved):
        order = work_orders.evolve(desk.work_orders.get(event.work_order), event)
        orders = {**desk.work_orders, order.id: order}
        if isinstance(event, WorkOrderRequested) and event.alarm in desk.alarms:
            linked = msgspec.structs.replace(desk.alarms[event.alarm], work_order=order.id)
            linked_alarms = {**desk.alarms, linked.id: linked}
            return replace(
                desk, alarms=linked_alarms, work_orders=orders, leaks=dict(leaks.with_order(desk.leaks, event))
            )
        return replace(desk, work_orders=orders, leaks=dict(leaks.with_order(desk.leaks, event)))
    if isinstance(event, LEAK_EVENTS):
        cases = leaks.evolve(desk.leaks, event)
        if isinstance(event, LeakReopened):
            linked_order = desk.work_orders.get(cases[event.leak].work_order or "")
            is_open = linked_order is not None and linked_order.state not in CLOSED
            cases = leaks.with_reopened(cases, event.leak, has_open_order=is_open)
        return replace(desk, leaks=dict(cases), alarms=leaks.retold(desk.alarms, cases[event.leak], event))
    if isinstance(event, EvacuationNoted):
        return replace(desk, noted=evacuation_notes.evolve(desk.noted, event))
    alarm = alarms.evolve(desk.alarms.get(event.alarm), event)
    return replace(desk, alarms={**desk.alarms, alarm.id: alarm})


def replay(events: Iterable[Event], desk: Desk | None = None) -> Desk:
    """The desk after all these events."""
    return reduce(evolve, events, desk or Desk())


def watch(table: RuleTable, desk: Desk, now_s: float) -> Watch:
    """Begin to watch the rules, knowing which alarms are present already."""
    return alarm_rules.begin(table, [a.id for a in desk.alarms.values() if a.present], now_s)


def evaluate(
    desk: Desk, table: RuleTable, before: Watch, columns: Columns, *,
    now: dt.datetime, changed: NDArray[np.int32] | None = None,
) -> tuple[tuple[Event, ...], Watch]:  # fmt: skip
    """The alarm events of this moment, and what to remember until the next.

    Parameters
    ----------
    changed : rows that changed since the last call; none looks at every row, at silence and at shelves that end
        (do so each second).
    """
    events, after = alarm_rules.evaluate(table, before, columns, now_s=now.timestamp(), changed=changed)
    back = alarms.unshelve(desk.alarms.values(), now) if changed is None else ()
    others = (leaks.RULE, pipe_watch.RULE, coverage_watch.RULE)
    ruled = [a for a in desk.alarms.values() if not a.rule.startswith(others)] if changed is None else []
    gone = alarm_rules.withdrawn(table, ruled, now)
    return (*events, *back, *gone), after


def _require_staff(index: SiteIndex, field: str, person: str) -> None:
    known = [member.id for member in index.site.staff]
    if person not in known and (field, person) != ("actor", SYSTEM):
        raise CommandError(field, str(UnknownIdError("member of staff", person, known)))


def _moved(desk: Desk, command: MoveWorkOrder, now: dt.datetime) -> tuple[Event, ...]:
    """A step of an order; when the order of a leak is finished, its repair is reported with it."""
    events: tuple[Event, ...] = work_orders.decide(desk.work_order(command.work_order), command, now)
    case = leaks.case_of_order(desk.leaks.values(), command.work_order)
    if not events or command.move != "finish" or case is None or case.state in OVER:
        return events
    reported = LeakRepairReported(at=now, actor=command.actor, leak=case.id, command=command.id, note=command.note)
    return (*events, reported)


def _about_leak(desk: Desk, index: SiteIndex, command: LeakCommand, now: dt.datetime) -> tuple[Event, ...]:
    case = desk.leak(command.leak)
    again = leaks.raised(
        case.id, case.found, at=now, place=place_of_leak(index, case.found), advice=advice_on(index, case.found)
    )
    events = leaks.decide(case, command, now, raise_again=again)
    order = desk.work_orders.get(case.work_order or "")
    if not events or not isinstance(command, ReopenLeak) or case.state != "confirming":
        return events
    if order is None or order.state not in {"done", "verified"}:
        return events
    back = WorkOrderMoved(
        at=now, actor=command.actor, work_order=order.id, command=command.id, step="reopened", note=command.reason
    )
    # the order first: where it stands open, work goes on in it
    return (back, *events)


def _order_from_alarm(desk: Desk, index: SiteIndex, command: OrderFromAlarm, now: dt.datetime) -> tuple[Event, ...]:
    if command.id in desk.work_orders:
        return ()
    alarm = desk.alarm(command.alarm)
    if alarm.work_order is not None and desk.work_order(alarm.work_order).state not in CLOSED:
        raise forbidden(
            f"alarm {alarm.id}", f"in work order {alarm.work_order}", "become another", ("open that order",)
        )
    if alarm.place is None:
        raise forbidden(f"alarm {alarm.id}", "about the whole site", "become a work order", ("request one at a place",))
    case = next((c for c in desk.leaks.values() if c.alarm == alarm.id), None)
    # of a leak more may be known by now than when its alarm was raised
    place = alarm.place if case is None else place_of_leak(index, case.found) or alarm.place
    title = _title(alarm) if case is None else Phrase(case.found.title.zh, case.found.title.en)
    return (
        WorkOrderRequested(
            at=now, actor=command.actor, work_order=command.id, command=command.id, title=title, place=place,
            priority=PRIORITY_BY_SEVERITY[alarm.severity], alarm=alarm.id,
            advice=alarm.advice if case is None else order_advice(index, case.found), skill=alarm.skill,
            note=command.note,
        ),
    )  # fmt: skip


def _title(alarm: Alarm) -> Phrase:
    where = alarm.place.name if alarm.place is not None else Phrase()
    return Phrase(f"{alarm.name.zh}：{where.zh}", f"{alarm.name.en}: {where.en}")
