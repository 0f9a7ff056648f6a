"""What was said of ways out, kept while it holds: what is shut, burns or is true, who was counted, what gave alarm."""

import datetime as dt
from collections.abc import Iterable

from twin.evacuation.hazards import Report
from twin.evacuation.moment import Said
from twin.evacuation.roll_call import Count
from twin.evacuation.signals import Heard, Memory
from twin.model.base import Text
from twin.operations.events import SYSTEM, DetectorStep, EvacuationNoted, NoteEvacuation

Notes = tuple[EvacuationNoted, ...]


def decide(notes: Notes, command: NoteEvacuation, now: dt.datetime) -> tuple[EvacuationNoted, ...]:
    """What a command leads to; nothing if it was the last of its object already."""
    if any(note.command == command.id for note in notes):
        return ()
    return (
        EvacuationNoted(
            at=now, actor=command.actor, command=command.id, step=command.step, object=command.object,
            persons=command.persons, channel=command.channel, value=command.value, note=command.note,
        ),
    )  # fmt: skip


def evolve(notes: Notes, event: EvacuationNoted) -> Notes:
    """What holds after an event."""
    match event.step:
        case "open":
            return tuple(n for n in notes if n.step not in {"shut", "burns"} or n.object != event.object)
        case "reset" if event.object:
            return tuple(n for n in notes if n.step not in {"confirm", "heard"} or n.object != event.object)
        case "reset":
            return tuple(n for n in notes if n.step == "shut")
        case "over":
            return tuple(n for n in notes if n.step != "heard" or n.object != event.object)
        case "send":
            return notes
        case _:
            kept = (n for n in notes if (n.step, n.object) != (event.step, event.object))
            return (*kept, event)


def said_of(notes: Iterable[EvacuationNoted]) -> Said:
    """The same for who works ways out."""
    reports: dict[str, dict[str, Report]] = {"shut": {}, "burns": {}}
    confirmed: dict[str, float] = {}
    for note in notes:
        if note.step in reports:
            reports[note.step][note.object] = Report(note.at.timestamp(), Text(zh=note.note, en=note.note))
        elif note.step == "confirm":
            confirmed[note.object] = note.at.timestamp()
    return Said(reports["shut"], reports["burns"], confirmed)


def counts_of(notes: Iterable[EvacuationNoted]) -> dict[str, Count]:
    """The last count at each assembly point."""
    return {
        note.object: Count(note.object, note.persons, note.at.timestamp())
        for note in notes
        if note.step == "count" and note.persons is not None
    }


def follow_detectors(notes: Notes, memory: Memory, now: dt.datetime) -> tuple[EvacuationNoted, ...]:
    """What is to be noted of detectors: which gave alarm and were not reset, and for which that is over by itself."""
    told = {note.object for note in notes if note.step == "heard"}
    standing = {device for device, heard in memory.items() if heard.reset_s is None}
    changes: tuple[tuple[DetectorStep, set[str]], ...] = ("heard", standing - told), ("over", told - standing)
    return tuple(
        EvacuationNoted(
            at=now, actor=SYSTEM, command=f"{step}/{device}/{now.timestamp():.3f}", step=step, object=device
        )
        for step, devices in changes
        for device in sorted(devices)
    )


def heard_of(notes: Iterable[EvacuationNoted], now_s: float) -> dict[str, Heard]:
    """The detectors that gave alarm before a restart: each counts as if it had been in alarm until now."""
    return {note.object: Heard(note.at.timestamp(), now_s) for note in notes if note.step == "heard"}
