"""What people said of the ways out, kept while it holds: what is shut, what burns, what is true, who was counted."""

import datetime as dt
from collections.abc import Iterable

from twin.evacuation.hazards import Report
from twin.evacuation.moment import Said
from twin.evacuation.roll_call import Count
from twin.model.base import Text
from twin.operations.events import EvacuationNoted, NoteEvacuation

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
            return tuple(n for n in notes if n.step != "confirm" or n.object != event.object)
        case "reset":
            return tuple(n for n in notes if n.step == "shut")
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
