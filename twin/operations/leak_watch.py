"""From report to report: which leak is which, what is new, and what the flow says of a repair.

`follow` is pure. A report may name the same leak with another onset, miss it for a while or find it twice; people get
one case and one alarm, told again only when it materially changes.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from twin.index import SiteIndex
from twin.leaks.repair import Remaining, watched_by
from twin.leaks.result import Leak, LeakReport
from twin.operations.events import (
    SYSTEM,
    AlarmCleared,
    Event,
    LeakLocated,
    LeakPersists,
    LeakReopened,
    LeakRepaired,
    LeakSuspected,
    LeakUpdated,
    OrderStep,
    Phrase,
    WorkOrderMoved,
)
from twin.operations.leak_orders import advice_on, place_of_leak
from twin.operations.leaks import OVER, Cases, LeakCase, alarm_of, for_journal, raised, severity_of
from twin.operations.work_orders import WorkOrder

SURE_SDS: Final = 2.6
"""99 %: the question is put at every look, and one wrong answer sends a crew out or home."""
GREW_RATIO: Final = 1.5
"""A dismissed leak comes back when even the low end of its size is so much more than what was dismissed."""
GONE_AFTER_S: Final = 6 * 3600.0
"""A leak nobody reported as mended must be gone this long; what is gone for an hour may be a tank's float valve."""
BURST_GONE_AFTER_S: Final = 1800.0
_FALLBACK_S: Final = 24 * 3600.0
_SLACK_S: Final = 12 * 3600.0
_AREA_RATIO: Final = 2.0
_SIZE_RATIO: Final = 1.15
"""An alarm says a size no farther than this from what is known now, as far as the interval told allows."""
_LEVELS: Final = ("info", "minor", "major", "critical")

Measure = Callable[[Leak, dt.datetime], Remaining | None]
"""What a leak still loses since a moment, from the flow."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What to remember until the next report: leaks that were not in the last ones, and since when."""

    unseen_since: Mapping[str, dt.datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Followed:
    """What a report leads to.

    Attributes
    ----------
    events : in order
    memory : for the next report
    seen : id of the case of each leak of the report, by the leak's own id
    remaining : what still leaks, by case, where that was asked
    """

    events: tuple[Event, ...]
    memory: Memory
    seen: Mapping[str, str]
    remaining: Mapping[str, Remaining]


def follow(
    cases: Cases, orders: Mapping[str, WorkOrder], index: SiteIndex, report: LeakReport, memory: Memory, *,
    measure: Measure,
) -> Followed:  # fmt: skip
    """What a report leads to.

    Parameters
    ----------
    orders : work orders by id
    memory : of the last call; an empty one after a restart
    measure : asked only about leaks that are being confirmed or were not seen
    """
    if report.status == "blind":
        return Followed((), memory, {}, {})
    now = report.at
    matched = match(cases, report)
    events: list[Event] = []
    asked: dict[str, Remaining] = {}
    for leak in report.leaks:
        case = cases.get(matched[leak.id]) if leak.id in matched else None
        events += _news(case, leak, index, now)
    seen = set(matched.values())
    unseen: dict[str, dt.datetime] = {}
    for case in cases.values():
        if case.id not in seen and case.state not in OVER:
            unseen[case.id] = memory.unseen_since.get(case.id, now)
        since = _asked_since(case, orders, unseen.get(case.id))
        if since is None:
            continue
        found = measure(case.found, since)
        if found is not None:
            asked[case.id] = found
        events += _judged(case, orders, found, since=since, now=now, is_seen=case.id in seen)
    ids = {leak.id: matched.get(leak.id, leak.id) for leak in report.leaks}
    return Followed(tuple(events), Memory(unseen), ids, asked)


def match(cases: Cases, report: LeakReport) -> dict[str, str]:
    """The case of each leak of a report that has one: same place, and the nearest onset; each case once."""
    pairs = sorted(
        (abs((leak.onset_at - case.found.onset_at).total_seconds()), leak.id, case.id)
        for leak in report.leaks
        for case in cases.values()
        if _may_be_same(case, leak)
    )
    found: dict[str, str] = {}
    for _, leak_id, case_id in pairs:
        if leak_id not in found and case_id not in found.values():
            found[leak_id] = case_id
    return found


def _may_be_same(case: LeakCase, leak: Leak) -> bool:
    began_later = case.state in OVER and case.closed_at is not None and leak.onset_low_at >= case.closed_at
    if case.id == leak.id and not began_later:
        return True
    if case.found.network != leak.network or watched_by(case.found) != watched_by(leak):
        return False
    if case.state not in OVER:
        return True
    # what began after it was closed is another leak
    slack = dt.timedelta(seconds=_SLACK_S)
    overlaps = leak.onset_low_at <= case.found.onset_high_at + slack and leak.onset_high_at >= (
        case.found.onset_low_at - slack
    )
    return overlaps and (case.closed_at is None or leak.onset_low_at < case.closed_at)


def _news(case: LeakCase | None, leak: Leak, index: SiteIndex, now: dt.datetime) -> tuple[Event, ...]:
    kept = for_journal(leak)
    if case is None:
        first = LeakSuspected(at=now, actor=SYSTEM, leak=leak.id, alarm=alarm_of(leak.id), found=kept)
        located = (LeakLocated(at=now, actor=SYSTEM, leak=leak.id, found=kept),) if leak.localisable else ()
        return (first, *located, _alarm(leak.id, leak, index, now))
    if case.state == "dismissed":
        if leak.size_low_m3_per_s <= GREW_RATIO * case.found.size_m3_per_s:
            return ()
        reason = Phrase("比排除时明显增大", "it has grown materially since it was dismissed")
        return (*_again(case, leak, index, now, reason), LeakUpdated(at=now, actor=SYSTEM, leak=case.id, found=kept))
    if case.state in {"repaired", "confirming"}:
        return ()
    events: list[Event] = []
    if leak.localisable and case.state == "suspected":
        events.append(LeakLocated(at=now, actor=SYSTEM, leak=case.id, found=kept))
    elif materially_changed(case.found, leak):
        events.append(LeakUpdated(at=now, actor=SYSTEM, leak=case.id, found=kept))
    if events and _LEVELS.index(severity_of(leak)) > _LEVELS.index(severity_of(case.found)):
        events.append(_alarm(case.id, leak, index, now))
    return tuple(events)


def materially_changed(before: Leak, now: Leak) -> bool:
    """Whether someone who knows the leak as it was should be told."""
    size_left = not (before.size_low_m3_per_s <= now.size_m3_per_s <= before.size_high_m3_per_s)
    size_far = not (1 / _SIZE_RATIO <= now.size_m3_per_s / max(before.size_m3_per_s, 1e-9) <= _SIZE_RATIO)
    elsewhere = before.place.object != now.place.object and now.place.probability_ratio >= 0.5
    a, b = before.area_50.length_m, now.area_50.length_m
    narrowed = max(a, b) > _AREA_RATIO * min(a, b) + 1.0
    return (size_left and size_far) or elsewhere or narrowed or before.localisable != now.localisable


def _alarm(case_id: str, leak: Leak, index: SiteIndex, now: dt.datetime) -> Event:
    return raised(case_id, leak, at=now, place=place_of_leak(index, leak), advice=advice_on(index, leak))


def _again(case: LeakCase, leak: Leak, index: SiteIndex, now: dt.datetime, reason: Phrase) -> tuple[Event, ...]:
    reopened = LeakReopened(at=now, actor=SYSTEM, leak=case.id, command="", reason=reason)
    return (reopened, _alarm(case.id, leak, index, now))


def _asked_since(case: LeakCase, orders: Mapping[str, WorkOrder], unseen: dt.datetime | None) -> dt.datetime | None:
    """From when on the flow is asked whether a leak is gone; none if it is not asked."""
    if case.state == "confirming":
        return case.reported_at
    if case.state in OVER or unseen is None:
        return None
    # whoever is at work there will say when it is done
    order = orders.get(case.work_order or "")
    return None if order is not None and order.state in {"accepted", "in_progress", "paused"} else unseen


def verdict(found: Remaining, before_m3_per_s: float) -> str | None:
    """What the flow says: less than half of the leak is left, more than half, or neither for sure.

    Examples
    --------
    >>> verdict(Remaining(0.0, 1e-5, 7200.0), 2e-4), verdict(Remaining(1.9e-4, 1e-5, 7200.0), 2e-4)
    ('repaired', 'persists')
    >>> verdict(Remaining(0.0, 1e-4, 7200.0), 2e-4) is None
    True
    """
    half = 0.5 * before_m3_per_s
    if found.size_m3_per_s + SURE_SDS * found.sd_m3_per_s < half:
        return "repaired"
    return "persists" if found.size_m3_per_s - SURE_SDS * found.sd_m3_per_s > half else None


def _judged(
    case: LeakCase, orders: Mapping[str, WorkOrder], found: Remaining | None, *, since: dt.datetime, now: dt.datetime,
    is_seen: bool,
) -> tuple[Event, ...]:  # fmt: skip
    reported = case.state == "confirming"
    waited_s = (now - since).total_seconds()
    low: float | None = None
    high: float | None = None
    if found is None:
        # nothing measures it: whether it is still found is all there is
        said = ("persists" if is_seen else "repaired") if waited_s >= _FALLBACK_S else None
    else:
        said = verdict(found, case.found.size_m3_per_s)
        low, high = interval(found)
    known_s = waited_s if found is None else found.known_s
    if said == "repaired" and (reported or known_s >= _gone_after_s(case.found)):
        text = _said_repaired(low, high, reported=reported)
        gone = AlarmCleared(at=now, actor=SYSTEM, alarm=case.alarm, value=high)
        repaired = LeakRepaired(
            at=now, actor=SYSTEM, leak=case.id, text=text, reported=reported, low_m3_per_s=low, high_m3_per_s=high
        )
        return (repaired, gone, *_order_step(case, orders, "verified", text, now))
    if said == "persists" and reported:
        text = _said_persists(low, high)
        persists = LeakPersists(
            at=now, actor=SYSTEM, leak=case.id, text=text, low_m3_per_s=low, high_m3_per_s=high
        )  # fmt: skip
        return (persists, *_order_step(case, orders, "reopened", text, now))
    return ()


def interval(found: Remaining) -> tuple[float, float]:
    """The ends of the 90 % interval; a flow is not negative."""
    spread = 1.64 * found.sd_m3_per_s
    return max(0.0, found.size_m3_per_s - spread), max(0.0, found.size_m3_per_s) + spread


def _gone_after_s(leak: Leak) -> float:
    return BURST_GONE_AFTER_S if leak.shape == "burst" else GONE_AFTER_S


def _order_step(
    case: LeakCase, orders: Mapping[str, WorkOrder], step: OrderStep, text: Phrase, now: dt.datetime
) -> tuple[Event, ...]:
    """What the flow's verdict does to a finished order: verified, or open again with the reason."""
    order = orders.get(case.work_order or "")
    if order is None or order.state not in ({"done"} if step == "verified" else {"done", "verified"}):
        return ()
    command = f"{case.id} {step} {now.isoformat()}"
    note = f"{text.zh} / {text.en}"
    return (WorkOrderMoved(at=now, actor=SYSTEM, work_order=order.id, command=command, step=step, note=note),)


def hourly(flow_m3_per_s: float) -> str:
    """A flow as people say it.

    Examples
    --------
    >>> hourly(1 / 3600), hourly(0.02 / 3600)
    ('1.00 m³/h', '20 L/h')
    """
    each_h = flow_m3_per_s * 3600.0
    return f"{each_h * 1000:.0f} L/h" if each_h < 0.1 else f"{each_h:.2f} m³/h"


def _said_repaired(low: float | None, high: float | None, *, reported: bool) -> Phrase:
    zh = "" if reported else "（未报修复）"
    en = "" if reported else " without a report of a repair"
    if high is None:
        return Phrase(f"24 小时未再发现{zh}", f"Not found again for 24 h{en}")
    left = Phrase(f"剩余不超过 {hourly(high)}", f"at most {hourly(high)} is left")
    if low is not None and low > 0:
        left = Phrase(
            f"仍剩 {hourly(low)} 至 {hourly(high)}", f"{hourly(low)} to {hourly(high)} is left: the main part is gone"
        )
    return Phrase(f"流量已回落{zh}，{left.zh}", f"The flow has fallen{en}: {left.en}")


def _said_persists(low: float | None, high: float | None) -> Phrase:
    if low is None or high is None:
        return Phrase("报修后 24 小时仍能发现", "Still found 24 h after the repair was reported")
    return Phrase(
        f"流量未回落：仍漏 {hourly(low)} 至 {hourly(high)}",
        f"The flow has not fallen: {hourly(low)} to {hourly(high)} still leaks",
    )
