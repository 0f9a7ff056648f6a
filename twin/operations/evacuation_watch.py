"""From moment to moment: which storeys are cut off from every way out, and which are not any more.

`follow_ways` is pure. One alarm of the highest severity stands for each storey with spaces that no way leads out of. It
is raised at once and clears by itself, a while after all of them have a way again.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from twin.evacuation.hazards import Hazards
from twin.evacuation.refuges import Refuge, RefugeKind
from twin.index import SiteIndex
from twin.operations.alarms import Alarm, alarm_id
from twin.operations.events import SYSTEM, AlarmCleared, AlarmEvent, AlarmRaised, Phrase
from twin.operations.places import place_of

RULE: Final = "evacuation:no-way-out"
"""The rule of these alarms; with its colon it is no id of a site's own rules."""
_CLEARED_AFTER_S: Final = 30.0
_NAMED: Final = 4
_WORST: Final[tuple[RefugeKind, ...]] = ("none", "room", "stay", "refuge", "outside")
_ADVICE: Final[dict[RefugeKind, tuple[str, str]]] = {
    "none": ("立即派消防员救援，无安全处所可去。", "Send the fire crew at once: there is nowhere safe to go."),
    "room": ("广播引导到最近的无烟房间，关门等待救援。",
             "Guide them by voice to the nearest clean room, to close its door and wait."),
    "stay": ("广播通知留在室内、关门堵缝等待救援，勿进烟区；告知消防员位置。",
             "Tell them by voice to stay behind closed doors and seal the gaps; tell the fire crew where they are."),
    "refuge": ("广播引导到避难层（间）等待救援。", "Guide them by voice to the refuge to wait there."),
    "outside": ("引导到室外空旷处；通往集合点的路不通。",
                "Guide them into the open; no way leads to an assembly point."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class EvacuationMemory:
    """What to remember until the next moment: alarms not cleared yet, and since when."""

    absent: Mapping[str, dt.datetime] = field(default_factory=dict)


def alarm_of(storey: str) -> str:
    """The id of the one alarm of a storey."""
    return alarm_id(RULE, storey)


def follow_ways(
    alarms: Mapping[str, Alarm], index: SiteIndex, cut_off: Sequence[Refuge], hazards: Hazards, *,
    memory: EvacuationMemory, now: dt.datetime,
) -> tuple[tuple[AlarmEvent, ...], EvacuationMemory]:  # fmt: skip
    """The alarms that begin and end at a moment, and what to remember.

    Parameters
    ----------
    alarms : all of the desk, by id
    cut_off : spaces without a way out because of what is in the way
    """
    storeys: dict[str, list[Refuge]] = {}
    for refuge in cut_off:
        storeys.setdefault(index.spaces[refuge.space].storey.id, []).append(refuge)
    events: list[AlarmEvent] = []
    for storey, those in storeys.items():
        known = alarms.get(alarm_of(storey))
        grew = known is not None and known.value is not None and len(those) > known.value
        if known is None or not known.present or grew:
            events.append(_raised(index, storey, those, hazards, now))
    here = {alarm_of(storey) for storey in storeys}
    absent: dict[str, dt.datetime] = {}
    for known in _standing(alarms.values()):
        if known.id in here:
            continue
        absent[known.id] = memory.absent.get(known.id, now)
        if (now - absent[known.id]).total_seconds() >= _CLEARED_AFTER_S:
            events.append(AlarmCleared(at=now, actor=SYSTEM, alarm=known.id))
            del absent[known.id]
    return tuple(events), EvacuationMemory(absent)


def _standing(alarms: Iterable[Alarm]) -> list[Alarm]:
    return [alarm for alarm in alarms if alarm.rule == RULE and alarm.present]


def _raised(
    index: SiteIndex, storey: str, those: Sequence[Refuge], hazards: Hazards, now: dt.datetime
) -> AlarmRaised:  # fmt: skip
    worst = min((refuge.kind for refuge in those), key=_WORST.index)
    zh, en = _ADVICE[worst]
    # rooms are told before what they group
    names = [index.spaces[refuge.space].name for refuge in those[:_NAMED]]
    more = len(those) - len(names)
    and_more = f" and {more} more" if more else ""
    zh_names = "、".join(n.zh or n.en or r.space for n, r in zip(names, those, strict=False)) + ("等" if more else "")
    en_names = ", ".join(n.en or n.zh or r.space for n, r in zip(names, those, strict=False))
    told = tuple(dict.fromkeys(h.id for h in hazards.found if h.id in index.devices and _blocks(hazards, h.id)))
    return AlarmRaised(
        at=now, actor=SYSTEM, alarm=alarm_of(storey), rule=RULE, name=Phrase("无疏散通路", "No way out"),
        severity="critical", device=told[0] if told else None, place=place_of(index, "storey", storey),
        value=float(len(those)), unit="count",
        advice=Phrase(f"{zh}（{zh_names}，共{len(those)}处）", f"{en} ({en_names}{and_more})"),
        skill="fire-control", devices=told,
    )  # fmt: skip


def _blocks(hazards: Hazards, device: str) -> bool:
    return any(h.id == device and (h.closes or h.objects) and h.standing != "fault" for h in hazards.found)
