"""When a door or gate is open: opening hours as OpenStreetMap writes them, the part of it that doors need."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Final

from pydantic import AfterValidator

DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY_MIN: Final = 24 * 60
_FORM: Final = "write them as Mo-Fr 07:00-18:00; Sa 08:00-12:00,14:00-17:00; Su off, or 24/7"
_RANGE = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Hours:
    """When something is open in a week.

    Attributes
    ----------
    spans : for each day from Monday on, spans in minutes after midnight; an end past 1,440 is in the next day's night
    """

    spans: tuple[tuple[tuple[int, int], ...], ...]

    def is_open(self, local: dt.datetime) -> bool:
        """Whether it is open at a moment of the site's own clock; at the end of a span it is shut.

        Examples
        --------
        >>> read_hours("Mo-Fr 22:00-06:00").is_open(dt.datetime(2026, 1, 10, 5, 59))  # a Saturday
        True
        """
        minute = local.hour * 60 + local.minute
        today, before = self.spans[local.weekday()], self.spans[local.weekday() - 1]
        return any(a <= minute < b for a, b in today) or any(minute < b - _DAY_MIN for _, b in before)


@cache
def read_hours(text: str) -> Hours:
    """Opening hours as text.

    Days are ``Mo`` to ``Su``, alone, from-to or listed; none means all days. A later rule replaces earlier ones on the
    days it names. Spans over midnight are written ``22:00-06:00``. Holidays and seasons are not known.

    Raises
    ------
    ValueError
        If it is not written so; the message says what and how to mend it.
    """
    if text.strip() == "24/7":
        return Hours((((0, _DAY_MIN),),) * len(DAYS))
    found: list[tuple[tuple[int, int], ...]] = [()] * len(DAYS)
    rules = [rule.strip() for rule in text.split(";") if rule.strip()]
    if not rules:
        raise ValueError(f"no opening hours are written: {_FORM}; leave hours out where it is always open")
    for rule in rules:
        first, _, rest = rule.partition(" ")
        days, spans = (first, rest.strip()) if first[:1].isalpha() and first != "off" else ("Mo-Su", rule)
        named = tuple(_days(days, rule))
        told = tuple(_spans(spans, rule))
        for day in named:
            found[day] = told
    return Hours(tuple(found))


def _days(text: str, rule: str) -> Iterator[int]:
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f"{part!r} in {rule!r} is no day of {', '.join(DAYS)}: {_FORM}")
        a, b = DAYS.index(first), DAYS.index(last or first)
        for ahead in range((b - a) % len(DAYS) + 1):
            yield (a + ahead) % len(DAYS)


def _spans(text: str, rule: str) -> Iterator[tuple[int, int]]:
    if text == "off":
        return
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"{part.strip()!r} in {rule!r} is no span such as 07:00-18:00: {_FORM}")
        hour_a, minute_a, hour_b, minute_b = (int(number) for number in match.groups())
        start, end = hour_a * 60 + minute_a, hour_b * 60 + minute_b
        if max(minute_a, minute_b) > 59 or start >= _DAY_MIN or end > _DAY_MIN:
            raise ValueError(f"{part.strip()!r} in {rule!r} is past 24:00: {_FORM}")
        if start == end:
            raise ValueError(f"{part.strip()!r} in {rule!r} begins when it ends: write 00:00-24:00 for a whole day")
        yield start, end if end > start else end + _DAY_MIN


def _readable(text: str) -> str:
    read_hours(text)
    return text


OpeningHours = Annotated[str, AfterValidator(_readable)]
"""Opening hours that can be read."""
