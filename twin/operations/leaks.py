"""The life of a leak: suspected, located, repaired or not (as the flow says), dismissed.

`decide` turns a person's command into events, `follow` (in `leak_watch`) a report; `evolve` applies an event. There
is one case and one alarm for each leak, however often it is reported.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec

from twin.leaks.result import Leak
from twin.operations.alarms import Alarm, alarm_id
from twin.operations.errors import CommandError, forbidden
from twin.operations.events import (
    SYSTEM,
    AlarmCleared,
    AlarmRaised,
    DismissLeak,
    Event,
    LeakCommand,
    LeakDismissed,
    LeakEvent,
    LeakLocated,
    LeakPersists,
    LeakReopened,
    LeakRepaired,
    LeakRepairReported,
    LeakSuspected,
    LeakUpdated,
    Phrase,
    Place,
    ReopenLeak,
    ReportLeakRepaired,
    Severity,
    WorkOrderEvent,
    WorkOrderMoved,
    WorkOrderRequested,
)

LeakState = Literal["suspected", "located", "repairing", "confirming", "repaired", "persists", "dismissed"]
OVER: Final[frozenset[LeakState]] = frozenset({"repaired", "dismissed"})
RULE: Final = "leak:found"
"""Stands for a rule in the alarms of leaks; with its colon it is no id of a site's own rules."""
_CRITICAL_M3_PER_S: Final = 5.0 / 3600
_MAJOR_M3_PER_S: Final = 0.5 / 3600
_MINOR_M3_PER_S: Final = 0.05 / 3600
_JOURNAL_CANDIDATES: Final = 60
"""Enough to draw the heat map of a leak that is over; a long tail would only fill the journal."""
_REMEMBERED_COMMANDS: Final = 16


class LeakCase(msgspec.Struct, frozen=True, kw_only=True):
    """A leak and how far it is with it.

    Attributes
    ----------
    found : as last told
    reported_at : when it was last said to be mended
    said : what the flow said of the repair, or why it was dismissed or opened again
    low_m3_per_s, high_m3_per_s : what still leaked then
    """

    id: str
    found: Leak
    state: LeakState
    alarm: str
    suspected_at: dt.datetime
    work_order: str | None = None
    reported_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    said: Phrase = Phrase()
    low_m3_per_s: float | None = None
    high_m3_per_s: float | None = None
    commands: tuple[str, ...] = ()


Cases = Mapping[str, LeakCase]


def alarm_of(leak_id: str) -> str:
    """The id of the one alarm of a leak.

    Examples
    --------
    >>> alarm_of("water/wm-t1/20260301T02").startswith("alarm-")
    True
    """
    return alarm_id(RULE, leak_id)


def severity_of(leak: Leak) -> Severity:
    """How bad a leak is: a burst or 5 m³/h is critical, 0.5 m³/h (a bathtub in half an hour) major."""
    if leak.shape == "burst" or leak.size_m3_per_s >= _CRITICAL_M3_PER_S:
        return "critical"
    if leak.size_m3_per_s >= _MAJOR_M3_PER_S:
        return "major"
    return "minor" if leak.size_m3_per_s >= _MINOR_M3_PER_S else "info"


def for_journal(leak: Leak) -> Leak:
    """The leak without the tail of its candidates."""
    return msgspec.structs.replace(leak, candidates=leak.candidates[:_JOURNAL_CANDIDATES])


def raised(case_id: str, leak: Leak, *, at: dt.datetime, place: Place | None, advice: Phrase) -> AlarmRaised:
    """The alarm of a leak."""
    return AlarmRaised(
        at=at, actor=SYSTEM, alarm=alarm_of(case_id), rule=RULE, name=Phrase(leak.title.zh, leak.title.en),
        severity=severity_of(leak), device=None, place=place, value=leak.size_m3_per_s, unit="m3_per_s", advice=advice,
        skill="plumbing",
    )  # fmt: skip


def retold(alarms: dict[str, Alarm], case: LeakCase, event: LeakEvent) -> dict[str, Alarm]:
    """The alarms after an event: that of a leak says what is known of it now, not what was when it was raised."""
    alarm = alarms.get(case.alarm)
    if alarm is None or not isinstance(event, LeakUpdated | LeakLocated):
        return alarms
    name = Phrase(event.found.title.zh, event.found.title.en)
    told = msgspec.structs.replace(alarm, name=name, value=event.found.size_m3_per_s)
    return {**alarms, alarm.id: told}


def case_of_order(cases: Iterable[LeakCase], order_id: str) -> LeakCase | None:
    """The leak a work order is for."""
    return next((c for c in cases if c.work_order == order_id), None)


def decide(case: LeakCase, command: LeakCommand, now: dt.datetime, *, raise_again: AlarmRaised) -> tuple[Event, ...]:
    """What a person's command leads to; nothing if it was carried out before.

    Parameters
    ----------
    raise_again : the alarm, for a leak that is opened again

    Raises
    ------
    ForbiddenTransitionError
        If the leak's state does not allow it; it says what is possible.
    CommandError
        If it is dismissed without a reason.
    """
    if command.id in case.commands:
        return ()
    able = possible(case)
    verb = _VERBS[type(command)]
    if verb not in able:
        raise forbidden(f"leak {case.id}", case.state, verb, able)
    if isinstance(command, ReportLeakRepaired):
        return (
            LeakRepairReported(at=now, actor=command.actor, leak=case.id, command=command.id, note=command.note),
        )  # fmt: skip
    if isinstance(command, ReopenLeak):
        reason = Phrase(command.reason, command.reason)
        reopened = LeakReopened(at=now, actor=command.actor, leak=case.id, command=command.id, reason=reason)
        # a repair only reported has not cleared the alarm, which then is not raised twice
        return (reopened, msgspec.structs.replace(raise_again, at=now)) if case.state in OVER else (reopened,)
    if not command.reason.strip():
        raise CommandError("reason", "is empty; say why it is no leak, so that nobody looks for it again")
    gone = AlarmCleared(at=now, actor=command.actor, alarm=case.alarm)
    return (LeakDismissed(at=now, actor=command.actor, leak=case.id, command=command.id, reason=command.reason), gone)


_VERBS: Final[dict[type[LeakCommand], str]] = {
    ReportLeakRepaired: "report_repaired",
    DismissLeak: "dismiss",
    ReopenLeak: "reopen",
}


def possible(case: LeakCase) -> tuple[str, ...]:
    """The commands a leak's state allows."""
    if case.state in OVER:
        return ("reopen",)
    order = () if case.work_order is not None else ("create_work_order",)
    return (*order, "reopen" if case.state == "confirming" else "report_repaired", "dismiss")


def evolve(cases: Cases, event: LeakEvent) -> Cases:
    """The cases after an event."""
    if isinstance(event, LeakSuspected):
        case = LeakCase(id=event.leak, found=event.found, state="suspected", alarm=event.alarm, suspected_at=event.at)
        return {**cases, case.id: case}
    if event.leak not in cases:
        raise CommandError("leak", f"{event.leak!r} changed before it was suspected")
    case = _after(cases[event.leak], event)
    return {**cases, case.id: case}


def _after(case: LeakCase, event: LeakEvent) -> LeakCase:
    changes: dict[str, object] = {}
    match event:
        case LeakLocated():
            changes = {"found": event.found, "state": "located" if case.state == "suspected" else case.state}
        case LeakUpdated():
            changes = {"found": event.found}
        case LeakRepairReported():
            changes = {"state": "confirming", "reported_at": event.at, "commands": _with(case, event.command)}
            changes |= {"said": Phrase(), "low_m3_per_s": None, "high_m3_per_s": None}
        case LeakRepaired() | LeakPersists():
            is_gone = isinstance(event, LeakRepaired)
            changes = {"state": "repaired" if is_gone else "persists", "closed_at": event.at if is_gone else None}
            changes |= {"said": event.text, "low_m3_per_s": event.low_m3_per_s, "high_m3_per_s": event.high_m3_per_s}
        case LeakDismissed():
            said = Phrase(event.reason, event.reason)
            changes = {"state": "dismissed", "closed_at": event.at, "said": said}
            changes["commands"] = _with(case, event.command)
        case LeakReopened():
            changes = {"state": _open_state(case), "closed_at": None, "reported_at": None, "said": event.reason}
            changes["commands"] = _with(case, event.command)
    return msgspec.structs.replace(case, **changes)


def with_order(cases: Cases, event: WorkOrderEvent) -> Cases:
    """The cases after something happened to a work order: the order of a leak moves its case."""
    if isinstance(event, WorkOrderRequested):
        case = next((c for c in cases.values() if event.alarm is not None and c.alarm == event.alarm), None)
        if case is None:
            return cases
        state = "repairing" if case.state not in OVER | {"confirming"} else case.state
        return {**cases, case.id: msgspec.structs.replace(case, state=state, work_order=event.work_order)}
    case = case_of_order(cases.values(), event.work_order)
    if case is None or case.state in OVER:
        return cases
    return {**cases, case.id: _with_step(case, event)}


def with_reopened(cases: Cases, leak_id: str, *, has_open_order: bool) -> Cases:
    """The cases after a leak was opened again: work goes on in its order, or a closed order is left behind."""
    case = cases[leak_id]
    changes: dict[str, object] = {"state": "repairing"} if has_open_order else {"work_order": None}
    return {**cases, leak_id: msgspec.structs.replace(case, **changes)}


def _with_step(case: LeakCase, event: WorkOrderMoved) -> LeakCase:
    if event.step == "cancelled":
        back = "confirming" if case.state == "confirming" else _open_state(case)
        return msgspec.structs.replace(case, state=back, work_order=None)
    if event.step in {"accepted", "started", "resumed"} and case.state == "persists":
        return msgspec.structs.replace(case, state="repairing")
    if event.step == "reopened" and event.actor != SYSTEM:
        return msgspec.structs.replace(case, state="repairing", reported_at=None)
    return case


def _open_state(case: LeakCase) -> LeakState:
    return "located" if case.found.localisable else "suspected"


def _with(case: LeakCase, command: str) -> tuple[str, ...]:
    return (*case.commands, command)[-_REMEMBERED_COMMANDS:] if command else case.commands
