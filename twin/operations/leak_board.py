"""The leaks of an estate as people see them: what was found, and how far it is with each."""

import datetime as dt
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from twin.leaks.balance_course import BalanceCourse
from twin.leaks.course import EvidenceDetail
from twin.leaks.repair import Remaining
from twin.leaks.result import Leak, LeakReport, Words
from twin.operations.leak_watch import SURE_SDS, interval
from twin.operations.leaks import OVER, Cases, LeakCase, LeakState

_FIRST_ANSWER_S: Final = {"burst": 1200.0}
_FIRST_ANSWER_ELSE_S: Final = 4 * 3600.0
"""Three whole hours of balance, or a meter's rest."""
_LONGEST_S: Final = 7 * 86_400.0
_MINUTES_H: Final = 0.1


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
    balance: BalanceCourse | None = None
    """Of the district it was found in; none where no balance tells of it."""


def answer(
    report: LeakReport, cases: Cases, *, seen: Mapping[str, str], remaining: Mapping[str, Remaining]
) -> LeakAnswer:
    """A report with the state of each leak.

    Parameters
    ----------
    seen : case of each leak of the report, by the leak's own id
    remaining : what still leaks, by case, where it was measured
    """
    now = {seen.get(leak.id, leak.id): leak for leak in report.leaks}
    shown = [_told(case, now.get(case.id), report.at, remaining.get(case.id)) for case in cases.values()]
    fresh = [_parts(leak) | {"state": _state(leak)} for case_id, leak in now.items() if case_id not in cases]
    leaks = [*(leak for leak in shown if leak.state not in OVER), *(LeakOut(**parts) for parts in fresh)]  # type: ignore[arg-type]
    leaks.sort(key=lambda leak: (-leak.size_m3_per_s, leak.id))
    past = [leak for leak in shown if leak.state in OVER]
    past.sort(key=lambda leak: (leak.closed_at or leak.onset_at, leak.id), reverse=True)
    parts = {name: getattr(report, name) for name in LeakReport.__struct_fields__}
    return LeakAnswer(**{**parts, "leaks": tuple(leaks), "past": tuple(past)})


def detail(leak: LeakOut, evidence: tuple[EvidenceDetail, ...], balance: BalanceCourse | None = None) -> LeakDetail:
    """A leak with the course of its evidence."""
    parts = {name: getattr(leak, name) for name in LeakOut.__struct_fields__}
    return LeakDetail(**{**parts, "evidence": evidence, "balance": balance})


def _parts(leak: Leak) -> dict[str, object]:
    return {name: getattr(leak, name) for name in Leak.__struct_fields__}


def _state(leak: Leak) -> LeakState:
    return "located" if leak.localisable else "suspected"


def _told(case: LeakCase, seen: Leak | None, now: dt.datetime, remaining: Remaining | None) -> LeakOut:
    parts = _parts(case.found if seen is None or case.state == "repaired" else seen)
    parts |= {
        "id": case.id,
        "state": case.state,
        "alarm": case.alarm,
        "work_order": case.work_order,
        "confirmation": confirmation(case, now, remaining),
        "suspected_at": case.suspected_at,
        "closed_at": case.closed_at,
        "reason": case.said.en if case.state == "dismissed" else "",
    }
    return LeakOut(**parts)  # type: ignore[arg-type]


def confirmation(case: LeakCase, now: dt.datetime, remaining: Remaining | None) -> Confirmation | None:
    """What the flow says of a repair; none if none was reported and the leak is not gone."""
    before = case.found.size_m3_per_s
    if case.state in {"repaired", "persists"}:
        return Confirmation(
            state="repaired" if case.state == "repaired" else "persists", text=Words(zh=case.said.zh, en=case.said.en),
            reported_at=case.reported_at, before_m3_per_s=before, low_m3_per_s=case.low_m3_per_s,
            high_m3_per_s=case.high_m3_per_s,
        )  # fmt: skip
    if case.state != "confirming" or case.reported_at is None:
        return None
    pace = 1.0 if remaining is None else remaining.pace
    until = case.reported_at + dt.timedelta(seconds=_needed_s(case, now, remaining) / pace)
    hours = max(0.0, (until - now).total_seconds()) * pace / 3600.0
    known = remaining is not None and remaining.sd_m3_per_s < float("inf")
    low, high = interval(remaining) if known and remaining is not None else (None, None)
    zh, en = f"还需约 {hours:.1f} 小时的读数", f"about {hours:.1f} h of readings more are needed"
    if hours < _MINUTES_H:
        zh, en = "还需几分钟的读数", "some minutes of readings more are needed"
    if low is not None and high is not None:
        left = f"{low * 3600:.2f}–{high * 3600:.2f} m³/h"
        zh, en = f"目前仍漏 {left}，{zh}", f"{left} leaks as far as is known; {en}"
    text = Words(zh=f"等待流量确认：{zh}。", en=f"Waiting for the flow: {en}.")
    return Confirmation(
        state="waiting", text=text, reported_at=case.reported_at, before_m3_per_s=before, low_m3_per_s=low,
        high_m3_per_s=high, until=until,
    )  # fmt: skip


def _needed_s(case: LeakCase, now: dt.datetime, remaining: Remaining | None) -> float:
    """From the report of a repair to the flow's answer, in the estate's time: doubt falls with the root of time."""
    waited_s = (now - case.reported_at).total_seconds() if case.reported_at is not None else 0.0
    waited_s *= 1.0 if remaining is None else remaining.pace
    first_s = _FIRST_ANSWER_S.get(case.found.shape, _FIRST_ANSWER_ELSE_S)
    if remaining is None or remaining.known_s <= 0:
        return max(first_s, waited_s)
    apart = max(abs(0.5 * case.found.size_m3_per_s - remaining.size_m3_per_s), 1e-9)
    return min(_LONGEST_S, max(first_s, waited_s * (SURE_SDS * remaining.sd_m3_per_s / apart) ** 2))
