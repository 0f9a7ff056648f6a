"""Moments as requests state them: with their zone, within the years that a history or an order can be of."""

import datetime as dt
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime

_FIRST: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LAST: Final = dt.datetime(3000, 1, 1, tzinfo=dt.UTC)
"""Far enough from the ends of the calendar that weeks before and after are moments too."""


def _told(moment: dt.datetime) -> dt.datetime:
    """The moment in UTC, as all answers state theirs."""
    if not _FIRST <= moment < _LAST:
        raise ValueError(f"a moment lies between {_FIRST.year} and {_LAST.year}, such as 2026-03-01T08:00:00Z")
    return moment.astimezone(dt.UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_told)]
"""A moment in a request; answered with 422 and the reason where there can be none."""
