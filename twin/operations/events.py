"""Commands (what someone wants) and events (what was decided), frozen, in a form the journal keeps for ever.

An event carries its time and actor, so that `evolve` needs nothing else. A new event is a new struct with its own
tag; a new field of an old one has a default: journals written before must still be read.
"""

import datetime as dt
from typing import Final, Literal

import msgspec

from twin.leaks.result import Leak

SYSTEM: Final = "system"
"""The actor of what rules decide."""

Severity = Literal["critical", "major", "minor", "info"]
OrderCommand = Literal["assign", "accept", "start", "pause", "resume", "finish", "verify", "reject", "reopen", "cancel"]
OrderStep = Literal[
    "assigned", "accepted", "started", "paused", "resumed", "finished", "verified", "rejected", "reopened", "cancelled"
]


EvacuationStep = Literal["shut", "open", "burns", "confirm", "reset", "count", "send"]
DetectorStep = Literal["heard", "over"]


class Phrase(msgspec.Struct, frozen=True):
    """A sentence in both languages."""

    zh: str = ""
    en: str = ""


class Place(msgspec.Struct, frozen=True):
    """Where an alarm or a work order is: an object of the site, and a point in the site frame. [m]"""

    type: str
    id: str
    name: Phrase
    point_m: tuple[float, float, float]
    storey: str | None = None


class Decided(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """What every event has: when, and by whom."""

    at: dt.datetime
    actor: str


class AlarmRaised(Decided, frozen=True, kw_only=True, tag="alarm_raised"):
    """A rule's condition began; also each time it begins again."""

    alarm: str
    rule: str
    name: Phrase
    severity: Severity
    device: str | None
    channel: str | None = None
    place: Place | None = None
    value: float | None = None
    unit: str | None = None
    advice: Phrase = Phrase()
    skill: str = ""
    devices: tuple[str, ...] = ()
    """Devices it stands for, where several alarms were collapsed into this one."""


class AlarmCleared(Decided, frozen=True, kw_only=True, tag="alarm_cleared"):
    """A rule's condition ended."""

    alarm: str
    value: float | None = None


class AlarmAcknowledged(Decided, frozen=True, kw_only=True, tag="alarm_acknowledged"):
    """Someone has seen it and takes care."""

    alarm: str
    command: str
    reason: str = ""


class AlarmShelved(Decided, frozen=True, kw_only=True, tag="alarm_shelved"):
    """Someone put it aside until a time."""

    alarm: str
    command: str
    until: dt.datetime
    reason: str = ""


class AlarmUnshelved(Decided, frozen=True, kw_only=True, tag="alarm_unshelved"):
    """The time for which it was put aside is over."""

    alarm: str


class WorkOrderRequested(Decided, frozen=True, kw_only=True, tag="work_order_requested"):
    """Something is to be done."""

    work_order: str
    command: str
    title: Phrase
    place: Place
    priority: int
    alarm: str | None = None
    advice: Phrase = Phrase()
    skill: str = ""
    note: str = ""


class WorkOrderMoved(Decided, frozen=True, kw_only=True, tag="work_order_moved"):
    """A work order took a step."""

    work_order: str
    command: str
    step: OrderStep
    assignee: str | None = None
    note: str = ""


class LeakSuspected(Decided, frozen=True, kw_only=True, tag="leak_suspected"):
    """Readings say that water is lost; `alarm` is the one alarm of this leak."""

    leak: str
    alarm: str
    found: Leak


class LeakLocated(Decided, frozen=True, kw_only=True, tag="leak_located"):
    """A leak that was only suspected can be looked for in a place."""

    leak: str
    found: Leak


class LeakUpdated(Decided, frozen=True, kw_only=True, tag="leak_updated"):
    """More is known of a leak: another place, another size."""

    leak: str
    found: Leak


class LeakRepairReported(Decided, frozen=True, kw_only=True, tag="leak_repair_reported"):
    """Someone says that it is mended; the flow has not said so yet."""

    leak: str
    command: str
    note: str = ""


class LeakRepaired(Decided, frozen=True, kw_only=True, tag="leak_repaired"):
    """The flow says that it is gone; `reported` whether someone had said so."""

    leak: str
    text: Phrase
    reported: bool
    low_m3_per_s: float | None = None
    high_m3_per_s: float | None = None


class LeakPersists(Decided, frozen=True, kw_only=True, tag="leak_persists"):
    """The flow says that it is not gone, although it was reported as mended."""

    leak: str
    text: Phrase
    low_m3_per_s: float | None = None
    high_m3_per_s: float | None = None


class LeakDismissed(Decided, frozen=True, kw_only=True, tag="leak_dismissed"):
    """Someone says that it is none, and why."""

    leak: str
    command: str
    reason: str


class LeakReopened(Decided, frozen=True, kw_only=True, tag="leak_reopened"):
    """A leak that was over is not, or the report of its repair is taken back."""

    leak: str
    command: str
    reason: Phrase


class EvacuationNoted(Decided, frozen=True, kw_only=True, tag="evacuation_noted"):
    """Somebody said something of the ways out, counted people, or had a value written to a device.

    `shut` and `open` of a door, stair, lift or gate, `burns` of a space (`open` ends it), `confirm` of a detector,
    `reset` of one or of all, `count` at an assembly point, `send` of a value to a device's channel. The twin itself
    notes that a detector was `heard` in alarm, and that this is `over`, so that no restart forgets it.
    """

    step: EvacuationStep | DetectorStep
    command: str
    object: str = ""
    persons: int | None = None
    channel: str | None = None
    value: float | None = None
    note: str = ""


AlarmEvent = AlarmRaised | AlarmCleared | AlarmAcknowledged | AlarmShelved | AlarmUnshelved
WorkOrderEvent = WorkOrderRequested | WorkOrderMoved
LeakEvent = (
    LeakSuspected
    | LeakLocated
    | LeakUpdated
    | LeakRepairReported
    | LeakRepaired
    | LeakPersists
    | LeakDismissed
    | LeakReopened
)
LEAK_EVENTS: Final = (
    LeakSuspected, LeakLocated, LeakUpdated, LeakRepairReported, LeakRepaired, LeakPersists, LeakDismissed, LeakReopened
)  # fmt: skip
Event = AlarmEvent | WorkOrderEvent | LeakEvent | EvacuationNoted


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What every command has: the client's own id of it (sent twice, it acts once), and who asks."""

    id: str
    actor: str


class AcknowledgeAlarm(Asked, frozen=True, kw_only=True):
    """Take note of an alarm."""

    alarm: str
    reason: str = ""


class ShelveAlarm(Asked, frozen=True, kw_only=True):
    """Put an alarm aside until a time."""

    alarm: str
    until: dt.datetime
    reason: str = ""


class OrderFromAlarm(Asked, frozen=True, kw_only=True):
    """Make a work order of an alarm; its id is the command's."""

    alarm: str
    note: str = ""


class RequestWorkOrder(Asked, frozen=True, kw_only=True):
    """Ask for work at a place; the new order's id is the command's."""

    title: Phrase
    place: Place
    priority: int = 3
    note: str = ""


class MoveWorkOrder(Asked, frozen=True, kw_only=True):
    """Move a work order along its life."""

    work_order: str
    move: OrderCommand
    assignee: str | None = None
    note: str = ""


class OrderFromLeak(Asked, frozen=True, kw_only=True):
    """Make a work order of a leak; its id is the command's."""

    leak: str
    note: str = ""


class ReportLeakRepaired(Asked, frozen=True, kw_only=True):
    """Say that a leak is mended; the flow is then asked."""

    leak: str
    note: str = ""


class DismissLeak(Asked, frozen=True, kw_only=True):
    """Say that it is no leak, and why."""

    leak: str
    reason: str


class ReopenLeak(Asked, frozen=True, kw_only=True):
    """Say that a leak that was over is not."""

    leak: str
    reason: str = ""


class NoteEvacuation(Asked, frozen=True, kw_only=True):
    """Say something of the ways out; see `EvacuationNoted`."""

    step: EvacuationStep
    object: str = ""
    persons: int | None = None
    channel: str | None = None
    value: float | None = None
    note: str = ""


AlarmCommand = AcknowledgeAlarm | ShelveAlarm
LeakCommand = ReportLeakRepaired | DismissLeak | ReopenLeak
Command = (
    AlarmCommand | OrderFromAlarm | RequestWorkOrder | MoveWorkOrder | OrderFromLeak | LeakCommand | NoteEvacuation
)


def object_of(event: Event) -> str:
    """The id of the alarm, work order, leak, or other object an event is about."""
    if isinstance(event, LEAK_EVENTS):
        return event.leak
    if isinstance(event, EvacuationNoted):
        return event.object
    return event.work_order if isinstance(event, WorkOrderRequested | WorkOrderMoved) else event.alarm


def type_of(event: Event) -> str:
    """The name of what happened, as the journal lists it.

    Examples
    --------
    >>> at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    >>> type_of(WorkOrderMoved(at=at, actor="li", work_order="w", command="c", step="accepted"))
    'work_order_accepted'
    """
    if isinstance(event, WorkOrderMoved):
        return f"work_order_{event.step}"
    if isinstance(event, EvacuationNoted):
        return f"evacuation_{event.step}"
    return str(type(event).__struct_config__.tag)
