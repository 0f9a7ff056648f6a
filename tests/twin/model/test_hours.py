"""Opening hours as they are written."""

import datetime as dt

import pytest
from pydantic import ValidationError

from twin.model.grounds import GroundFeature
from twin.model.hours import DAYS, read_hours


def open_at(text: str, said: str) -> bool:
    """Whether it is open at such a time in the week of Monday 2026-01-05: ``Sa 08:00``."""
    day, clock = said.split()
    hour, minute = clock.split(":")
    return read_hours(text).is_open(dt.datetime(2026, 1, 5 + DAYS.index(day), int(hour), int(minute)))  # noqa: DTZ001


@pytest.mark.parametrize(("text", "opened", "shut"), [
    ("Mo-Fr 07:00-18:00", ["Mo 07:00", "Fr 17:59"], ["Mo 06:59", "Fr 18:00", "Sa 12:00"]),
    ("07:00-18:00", ["Su 08:00"], ["Su 18:00"]),
    ("24/7", ["Su 23:59", "Mo 00:00"], []),
    ("00:00-24:00", ["Su 23:59", "Mo 00:00"], []),
    ("22:00-06:00", ["Mo 23:00", "Tu 05:59", "Mo 00:00"], ["Mo 06:00", "Mo 21:59"]),
    ("Su 22:00-06:00", ["Mo 05:00", "Su 22:00"], ["Su 05:00", "Mo 22:00"]),
    ("Sa-Mo 09:00-10:00", ["Su 09:30", "Mo 09:30"], ["Tu 09:30", "Fr 09:30"]),
    ("08:00-20:00; We off", ["Tu 12:00"], ["We 12:00"]),
    ("Mo-Fr 08:00-20:00; We 10:00-12:00", ["Tu 09:00", "We 11:00"], ["We 09:00", "Sa 09:00"]),
    ("Mo,Th 08:00-12:00, 14:00-17:00", ["Mo 09:00", "Th 16:00"], ["Mo 13:00", "Tu 09:00"]),
    ("off", [], ["Mo 12:00"]),
])  # fmt: skip
def test_hours_are_read_as_they_are_meant(text: str, opened: list[str], shut: list[str]) -> None:
    assert [open_at(text, said) for said in opened] == [True] * len(opened)
    assert [open_at(text, said) for said in shut] == [False] * len(shut)


@pytest.mark.parametrize(("text", "what"), [
    ("", "no opening hours are written"), (";", "no opening hours are written"), ("nine to five", "is no day of"),
    ("PH off", "'PH' in 'PH off' is no day of"), ("Mo-Xx 08:00-09:00", "is no day of"), ("Mo", "is no span"),
    ("Mo 8-18", "'8-18' in 'Mo 8-18' is no span such as"), ("25:00-26:00", "past 24:00"),
    ("08:60-09:00", "past 24:00"), ("24:00-25:00", "past 24:00"), ("08:00-08:00", "begins when it ends"),
])  # fmt: skip
def test_hours_that_cannot_be_read_say_what_and_how_to_mend_it(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=what) as told:
        read_hours(text)
    assert "write" in str(told.value)


def test_only_gates_of_the_grounds_have_hours() -> None:
    gate = {"id": "g", "use": "gate", "geometry": (0.0, 0.0), "hours": "06:00-22:00"}
    assert GroundFeature.model_validate(gate).hours == "06:00-22:00"
    with pytest.raises(ValidationError, match="hours are of gates, and this is a path"):
        GroundFeature.model_validate(gate | {"use": "path"})
