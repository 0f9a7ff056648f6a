"""From look to look at what cameras cover: which requirement is lost, which is kept again.

`follow_coverage` is pure. One alarm stands for each place and requirement; it clears by itself when the place is
covered again.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from twin.coverage.lost import Lost
from twin.coverage.watching import Successor
from twin.index import SiteIndex
from twin.operations.alarms import Alarm, alarm_id
from twin.operations.events import SYSTEM, AlarmCleared, AlarmEvent, AlarmRaised, Phrase
from twin.operations.places import place_of, spot

RULE: Final = "coverage:"
"""Begins the rule of these alarms; with its colon it is no id of a site's own rules."""
_RAISED_AFTER_S: Final = 30.0
"""A camera restarts, a car passes: what lasts shorter needs nobody."""
_CLEARED_AFTER_S: Final = 60.0
_NAMED: Final = 2


@dataclass(frozen=True, slots=True)
class CoverageMemory:
    """What to remember until the next look: losses not raised yet, and alarms not cleared yet, and since when."""

    begun: Mapping[str, dt.datetime] = field(default_factory=dict)
    absent: Mapping[str, dt.datetime] = field(default_factory=dict)


def alarm_of(found: Lost) -> str:
    """The id of the one alarm of a requirement at a place."""
    return alarm_id(f"{RULE}{found.requirement}", found.place_id)


def follow_coverage(
    alarms: Mapping[str, Alarm], index: SiteIndex, found: Sequence[Lost], *, memory: CoverageMemory, now: dt.datetime
) -> tuple[tuple[AlarmEvent, ...], CoverageMemory]:  # fmt: skip
    """The alarms that begin and end at a look, and what to remember.

    Parameters
    ----------
    alarms : all of the desk, by id
    found : requirements that are lost now
    """
    events: list[AlarmEvent] = []
    begun, absent = {}, {}
    lost = {alarm_of(one): one for one in found}
    for alarm, one in lost.items():
        known = alarms.get(alarm)
        if known is not None and known.present:
            continue
        begun[alarm] = memory.begun.get(alarm, now)
        if (now - begun[alarm]).total_seconds() >= _RAISED_AFTER_S:
            events.append(_raised(index, alarm, one, now))
            del begun[alarm]
    for known in alarms.values():
        if not known.rule.startswith(RULE) or not known.present or known.id in lost:
            continue
        absent[known.id] = memory.absent.get(known.id, now)
        if (now - absent[known.id]).total_seconds() >= _CLEARED_AFTER_S:
            events.append(AlarmCleared(at=now, actor=SYSTEM, alarm=known.id))
            del absent[known.id]
    return tuple(events), CoverageMemory(begun, absent)


def _raised(index: SiteIndex, alarm: str, found: Lost, now: dt.datetime) -> AlarmRaised:
    if found.place_id in index.spaces:
        place = place_of(index, "space", found.place_id)
    else:
        name = Phrase(found.name.zh or found.place_id, found.name.en or found.place_id)
        place = spot(index, found.point_m, name, found.storey)
    return AlarmRaised(
        at=now, actor=SYSTEM, alarm=alarm, rule=f"{RULE}{found.requirement}",
        name=Phrase("摄像机覆盖不再满足要求", "No longer covered by cameras as required"), severity="major",
        device=found.causes[0] if found.causes else None,
        place=place, value=found.share_ratio, unit="ratio", advice=_advice(index, found.successors), skill="security",
        devices=found.causes,
    )  # fmt: skip


def _advice(index: SiteIndex, could: Sequence[Successor]) -> Phrase:
    """Which cameras could see it meanwhile, and how they must be turned."""
    if not could:
        return Phrase("派人巡视该处，直至恢复。", "Have it patrolled until it is seen again.")
    zh, en = [], []
    for one in could[:_NAMED]:
        device = index.devices[one.device].name
        share = f"{int(one.share_ratio * 100)}%"
        by_zh, by_en = ("云台", "turns by itself") if one.turns else ("人工调整", "by hand")
        to = f"{one.bearing_deg:.0f}°/{one.tilt_deg:.0f}°"
        zh.append(f"{device.zh or one.device}（{by_zh}，方位/俯角 {to}，补回 {share}）")
        en.append(f"{device.en or one.device} ({by_en}, bearing/tilt {to}, regains {share})")
    return Phrase(f"可转动：{'；'.join(zh)}。", f"Could be turned to it: {'; '.join(en)}.")
