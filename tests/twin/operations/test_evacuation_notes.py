"""What people say of ways out holds until it is taken back or reset, and is said once however often it is sent."""

import datetime as dt

import pytest

from twin.operations.evacuation_notes import Notes, counts_of, decide, evolve, said_of
from twin.operations.events import EvacuationStep, NoteEvacuation

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
Step = tuple[EvacuationStep, str]


def after(*steps: Step) -> Notes:
    notes: Notes = ()
    for number, (step, of) in enumerate(steps):
        command = NoteEvacuation(id=str(number), actor="wang", step=step, object=of, persons=number)
        for event in decide(notes, command, NOW + dt.timedelta(seconds=number)):
            notes = evolve(notes, event)
    return notes


@pytest.mark.parametrize(
    ("steps", "left"),
    [
        ((("shut", "d"), ("burns", "r"), ("confirm", "s")), {"shut d", "burns r", "confirm s"}),
        ((("shut", "d"), ("shut", "e"), ("open", "d")), {"shut e"}),
        ((("burns", "r"), ("open", "r")), set()),
        ((("shut", "d"), ("burns", "r"), ("confirm", "s"), ("count", "p"), ("reset", "")), {"shut d"}),
        ((("confirm", "s"), ("confirm", "t"), ("reset", "s")), {"confirm t"}),
        ((("shut", "d"), ("send", "d")), {"shut d"}),
        ((("count", "p"), ("count", "p")), {"count p"}),
    ],
)
def test_what_holds_after_it_was_said(steps: tuple[Step, ...], left: set[str]) -> None:
    assert {f"{note.step} {note.object}" for note in after(*steps)} == left


def test_of_two_counts_the_later_holds() -> None:
    (count,) = counts_of(after(("count", "p"), ("shut", "d"), ("count", "p"))).values()
    assert (count.persons, count.at_s) == (2, NOW.timestamp() + 2)


def test_the_same_command_twice_acts_once() -> None:
    command = NoteEvacuation(id="c", actor="wang", step="shut", object="d")
    (event,) = decide((), command, NOW)
    assert decide(evolve((), event), command, NOW) == ()


def test_reports_are_sorted_by_what_they_say() -> None:
    said = said_of(after(("shut", "d"), ("burns", "r"), ("confirm", "s"), ("count", "p")))
    assert (set(said.shut), set(said.burning), said.confirmed) == ({"d"}, {"r"}, {"s": NOW.timestamp() + 2})
