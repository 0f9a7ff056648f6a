"""What people say of ways out holds until it is taken back or reset, and is said once however often it is sent."""

import datetime as dt

import pytest

from twin.evacuation.signals import Heard
from twin.operations.evacuation_notes import (
    Notes,
    counts_of,
    decide,
    evolve,
    follow_detectors,
    heard_of,
    said_of,
)
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


def test_a_detector_is_noted_once_until_it_is_reset_or_over() -> None:
    notes: Notes = ()
    told = []
    alarm, later, was_reset = Heard(5.0, 5.0), Heard(5.0, 9.0), Heard(5.0, 9.0, reset_s=10.0)
    for memory in ({"s": alarm}, {"s": later, "t": alarm}, {"s": was_reset, "t": later}, {"t": later}, {}):
        events = follow_detectors(notes, memory, NOW)
        told.append([(event.step, event.object, event.actor) for event in events])
        for event in events:
            notes = evolve(notes, event)
    assert told == [
        [("heard", "s", "system")], [("heard", "t", "system")], [("over", "s", "system")], [],
        [("over", "t", "system")],
    ]  # fmt: skip
    assert notes == ()


def test_a_reset_forgets_who_gave_alarm_and_who_gives_it_again_is_noted_anew() -> None:
    (heard,) = follow_detectors((), {"s": Heard(5.0, 5.0)}, NOW)
    for of in ("s", ""):
        (reset,) = decide((heard,), NoteEvacuation(id="r", actor="wang", step="reset", object=of), NOW)
        assert evolve((heard,), reset) == ()
    assert [event.step for event in follow_detectors((), {"s": Heard(20.0, 20.0)}, NOW)] == ["heard"]


def test_who_gave_alarm_before_a_restart_counts_as_if_until_now() -> None:
    (heard,) = follow_detectors((), {"s": Heard(5.0, 5.0)}, NOW)
    assert heard_of((heard,), NOW.timestamp() + 60) == {"s": Heard(NOW.timestamp(), NOW.timestamp() + 60)}
