"""The life of an alarm: raised, acknowledged, shelved, cleared (ISA-18.2, IEC 62682).

There is one alarm for each rule and device: when its condition comes back, it is the same alarm and its count rises.
What makes conditions begin and end is `twin.operations.alarm_rules`.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from twin.operations.errors import CommandError, forbidden
from twin.operations.events import (
    SYSTEM,
    AcknowledgeAlarm,
    AlarmAcknowledged,
    AlarmCleared,
    AlarmCommand,
    AlarmEvent,
    AlarmRaised,
    AlarmShelved,
    AlarmUnshelved,
    Phrase,
    Place,
    Severity,
)

AlarmState = Literal["raised", "acknowledged", "shelved", "cleared"]
LONGEST_SHELF_S: Final = 7 * 86400.0
"""An alarm put aside for longer is a rule to change, not an alarm to shelve."""
_REMEMBERED_COMMANDS: Final = 16
_ALLOWED: Final[dict[AlarmState, tuple[str, ...]]] = {
    "raised": ("acknowledge", "shelve"),
    "acknowledged": ("shelve",),
    "shelved": ("acknowledge", "shelve"),
    "cleared": (),
}


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm as it stands."""

    id: str
    rule: str
    name: Phrase
    severity: Severity
    state: AlarmState
    present: bool
    """Whether the condition holds now; a shelved alarm keeps following it."""
    device: str | None
    channel: str | None
    place: Place | None
    value: float | None
    unit: str | None
    raised_at: dt.datetime
    acknowledged_at: dt.datetime | None = None
    acknowledged_by: str | None = None
    shelved_until: dt.datetime | None = None
    cleared_at: dt.datetime | None = None
    count: int = 1
    advice: Phrase = Phrase()
    skill: str = ""
    devices: tuple[str, ...] = ()
    work_order: str | None = None
    commands: tuple[str, ...] = ()
    """The last commands carried out on it, so that one sent twice acts once."""


def alarm_id(rule: str, device: str | None) -> str:
    """The id of the alarm of a rule and a device: stable, and without slashes, which both may have.

    Examples
    --------
    >>> alarm_id("low-pressure", "t1/p") == alarm_id("low-pressure", "t1/p") != alarm_id("low-pressure/t1", "p")
    True
    """
    digest = hashlib.sha256(f"{rule}\n{device or ''}".encode()).hexdigest()
    return f"alarm-{digest[:16]}"


def decide(alarm: Alarm, command: AlarmCommand, now: dt.datetime) -> tuple[AlarmEvent, ...]:
    """What a command leads to: one event, or none if it was carried out before.

    Raises
    ------
    ForbiddenTransitionError
        If the alarm's state does not allow it.
    CommandError
        If it is to be shelved until the past, or for longer than `LONGEST_SHELF_S`.
    """
    if command.id in alarm.commands:
        return ()
    verb = "acknowledge" if isinstance(command, AcknowledgeAlarm) else "shelve"
    if verb not in _ALLOWED[alarm.state]:
        raise forbidden(f"alarm {alarm.id}", alarm.state, verb, _ALLOWED[alarm.state])
    if isinstance(command, AcknowledgeAlarm):
        return (
            AlarmAcknowledged(
                at=now, actor=command.actor, alarm=alarm.id, command=command.id, reason=command.reason
            ),
        )  # fmt: skip
    if command.until.tzinfo is None:
        raise CommandError("until", f"{command.until.isoformat()} has no time zone; end it in Z")
    shelf_s = (command.until - now).total_seconds()
    if not 0 < shelf_s <= LONGEST_SHELF_S:
        raise CommandError(
            "until", f"{command.until.isoformat()} is not within the next {LONGEST_SHELF_S / 86400:.0f} days"
        )
    return (
        AlarmShelved(
            at=now, actor=command.actor, alarm=alarm.id, command=command.id, until=command.until.astimezone(dt.UTC),
            reason=command.reason,
        ),
    )  # fmt: skip


def unshelve(alarms: Iterable[Alarm], now: dt.datetime) -> tuple[AlarmEvent, ...]:
    """An event for every alarm whose time on the shelf is over."""
    return tuple(
        AlarmUnshelved(at=now, actor=SYSTEM, alarm=alarm.id)
        for alarm in alarms
        if alarm.shelved_until is not None and alarm.shelved_until <= now
    )


def evolve(alarm: Alarm | None, event: AlarmEvent) -> Alarm:
    """The alarm after an event."""
    if isinstance(event, AlarmRaised):
        return _raised(alarm, event)
    if alarm is None:
        raise CommandError("alarm", f"{event.alarm!r} changed before it was raised")
    match event:
        case AlarmCleared():
            state: AlarmState = "shelved" if alarm.state == "shelved" else "cleared"
            value = alarm.value if event.value is None else event.value
            return msgspec.structs.replace(alarm, state=state, present=False, cleared_at=event.at, value=value)
        case AlarmAcknowledged():
            return msgspec.structs.replace(
                alarm, state="acknowledged" if alarm.present else "cleared", acknowledged_at=event.at,
                acknowledged_by=event.actor, shelved_until=None, commands=_remember(alarm, event.command),
            )  # fmt: skip
        case AlarmShelved():
            commands = _remember(alarm, event.command)
            return msgspec.structs.replace(alarm, state="shelved", shelved_until=event.until, commands=commands)
        case AlarmUnshelved():
            back: AlarmState = "cleared" if not alarm.present else "acknowledged" if alarm.acknowledged_at else "raised"
            return msgspec.structs.replace(alarm, state=back, shelved_until=None)


def _remember(alarm: Alarm, command: str) -> tuple[str, ...]:
    return (*alarm.commands, command)[-_REMEMBERED_COMMANDS:]


def _raised(alarm: Alarm | None, event: AlarmRaised) -> Alarm:
    shelved = alarm is not None and alarm.state == "shelved"
    return Alarm(
        id=event.alarm, rule=event.rule, name=event.name, severity=event.severity,
        state="shelved" if shelved else "raised", present=True, device=event.device, channel=event.channel,
        place=event.place, value=event.value, unit=event.unit, raised_at=event.at,
        shelved_until=alarm.shelved_until if alarm is not None and shelved else None,
        count=1 if alarm is None else alarm.count + 1, advice=event.advice, skill=event.skill, devices=event.devices,
        work_order=None if alarm is None else alarm.work_order, commands=() if alarm is None else alarm.commands,
    )  # fmt: skip
