"""The leaks of an estate as people see them: what was found, and how far it is with each."""

import datetime as dt
from typing import Literal

import msgspec

from twin.leaks.course import EvidenceDetail
from twin.leaks.result import Leak, LeakReport, Words

LeakState = Literal["suspected", "located", "repairing", "confirming", "repaired", "persists", "dismissed"]


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """What the flow says after a repair was reported.

    Attributes
    ----------
    state : whether it is known yet
    before_m3_per_s : size of the leak when the repair was reported
    low_m3_per_s, high_m3_per_s : what still leaks, with 90 % certainty; none while nothing can be said
    until : when the answer is expected at the latest, if meters report
    """

    state: Literal["waiting", "repaired", "persists"]
    text: Words
    reported_at: dt.datetime | None
    before_m3_per_s: float
    low_m3_per_s: float | None = None
    high_m3_per_s: float | None = None
    until: dt.datetime | None = None


class LeakOut(Leak, frozen=True, kw_only=True):
    """A leak and how far it is with it."""

    state: LeakState
    alarm: str | None = None
    work_order: str | None = None
    confirmation: Confirmation | None = None
    suspected_at: dt.datetime | None = None
    """When it was first told."""
    closed_at: dt.datetime | None = None
    reason: str = ""
    """Why it was dismissed or opened again."""


class LeakAnswer(LeakReport, frozen=True, kw_only=True):
    """A report with the state of each leak, and the leaks that are over, the latest first."""

    leaks: tuple[LeakOut, ...] = ()
    past: tuple[LeakOut, ...] = ()


class LeakDetail(LeakOut, frozen=True, kw_only=True):
    """A leak with the course of its evidence."""

    evidence: tuple[EvidenceDetail, ...]


def as_found(leak: Leak) -> dict[str, object]:
    """The parts of a leak by name."""
    return {name: getattr(leak, name) for name in Leak.__struct_fields__}
