"""From look to look at the other networks: which cause is which, what is new, and what is over.

`follow_findings` is pure. Fire main, drains and ducts are looked at every few seconds and say the same as long as it is
so; people get one alarm for each cause, which clears by itself when its devices say that it is over.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pipe_network.errors import PipeNetworkError
from twin.errors import UnknownIdError
from twin.index import SiteIndex
from twin.operations.alarms import Alarm, alarm_id
from twin.operations.errors import CommandError
from twin.operations.events import SYSTEM, AlarmCleared, AlarmEvent, AlarmRaised, Phrase, Place
from twin.operations.places import place_of
from twin.pipes.result import FindingKind, PipeFinding, Severity
from twin.state import Quality, StateSnapshot

RULE: Final = "pipes:"
"""Begins the rule of these alarms; with its colon it is no id of a site's own rules."""
_RAISED_AFTER_S: Final[dict[FindingKind, float]] = {"flow": 900.0, "valve_closed": 300.0, "blockage": 120.0}
"""An end-of-line test runs for minutes, a valve is turned for a moment, a manhole swells when a bath is let go."""
_ELSE_AFTER_S: Final = 30.0
_CLEARED_AFTER_S: Final = 120.0
_LEVELS: Final[tuple[Severity, ...]] = ("info", "minor", "major", "critical")
_OF_ONE_DEVICE: Final[frozenset[FindingKind]] = frozenset(
    {"hydrant_pressure_low", "tank_low", "flow", "duct_full", "pressure_low", "pressure_high"}
)
"""What a rule of the site may tell as well, since one reading is enough for it."""
_ADVICE: Final[dict[FindingKind, tuple[str, str, str]]] = {
    "blockage": ("清掏两井之间的管道，先查上游井水位。",
                 "Clear the pipe between the two manholes; look at the upper one first.", "drainage"),
    "valve_closed": ("到现场核实阀位，确认后打开。", "See on the spot whether it is shut, and open it.", "water"),
    "hydrant_pressure_low": ("挂停用牌并通知消防值班，查上游阀门与水泵。",
                             "Tag it out of service, tell the fire-control duty, look at valves and pumps before it.",
                             "fire"),
    "tank_low": ("检查补水阀与浮球，立即补水。", "Look at its filling valve and float; refill it at once.", "fire"),
    "flow": ("查找开启的消火栓或漏点。", "Look for an open hydrant or a leak.", "fire"),
    "loss": ("分段关阀查漏。", "Close it section by section to find the leak.", "plumbing"),
    "pressure_low": ("查补压、泄漏与上游阀门。", "Look for a leak, closed valves and what keeps its pressure.",
                     "plumbing"),
    "pressure_high": ("查调压装置与安全阀。", "Look at its regulator and relief valve.", "plumbing"),
    "duct_full": ("规划扩容。", "Plan more ducts.", "network"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PipeMemory:
    """What to remember until the next look: causes not raised yet, and alarms not cleared yet, and since when."""

    begun: Mapping[str, dt.datetime] = field(default_factory=dict)
    absent: Mapping[str, dt.datetime] = field(default_factory=dict)


def alarm_of(network: str, finding: PipeFinding) -> str:
    """The id of the one alarm of a cause: its kind and the device that told first, or its place where none did.

    Examples
    --------
    >>> from twin.leaks.result import Words
    >>> a, b = (PipeFinding(kind="tank_low", severity="major", text=Words(), objects=(), devices=("t",), value=v)
    ...         for v in (1.0, 0.9))
    >>> alarm_of("fire", a) == alarm_of("fire", b) != alarm_of("other", a)
    True
    """
    told = (*finding.devices[:1], *finding.objects[:1])[:1]
    if finding.kind == "valve_closed":
        told = ()  # valves that are closed together are one event, whichever is turned next
    elif finding.kind == "blockage":
        told = finding.objects[-1:]  # ever more manholes back up above it, but what is lowest stays
    return alarm_id(f"{RULE}{finding.kind}", "/".join((network, *told)))


def follow_findings(
    alarms: Mapping[str, Alarm], leaking: Iterable[str], index: SiteIndex,
    found: Mapping[str, tuple[PipeFinding, ...]], *, latest: StateSnapshot, memory: PipeMemory, now: dt.datetime,
) -> tuple[tuple[AlarmEvent, ...], PipeMemory]:  # fmt: skip
    """The alarms that begin and end at a look, and what to remember.

    Parameters
    ----------
    alarms : all of the desk, by id
    leaking : networks with a leak that is told already
    found : by network, what is amiss
    latest : the state the findings are of
    """
    leaks = frozenset(leaking)
    causes = {
        alarm_of(network, finding): (network, finding)
        for network, findings in found.items()
        for finding in _causes(findings)
        if not _is_told(alarms, network, finding, leaks)
    }
    events: list[AlarmEvent] = []
    begun: dict[str, dt.datetime] = {}
    for cause, (_, finding) in causes.items():
        known = alarms.get(cause)
        if known is not None and known.present:
            if _LEVELS.index(finding.severity) > _LEVELS.index(known.severity):
                events.append(_raised(index, cause, finding, now))
            continue
        begun[cause] = memory.begun.get(cause, now)
        if (now - begun[cause]).total_seconds() >= _RAISED_AFTER_S.get(finding.kind, _ELSE_AFTER_S):
            events.append(_raised(index, cause, finding, now))
            del begun[cause]
    absent: dict[str, dt.datetime] = {}
    for alarm in alarms.values():
        if not alarm.rule.startswith(RULE) or not alarm.present or alarm.id in causes:
            continue
        if not _speaks(index, alarm.devices, latest):
            continue  # whoever told of it is silent: nobody knows that it is over
        absent[alarm.id] = memory.absent.get(alarm.id, now)
        if (now - absent[alarm.id]).total_seconds() >= _CLEARED_AFTER_S:
            events.append(AlarmCleared(at=now, actor=SYSTEM, alarm=alarm.id))
            del absent[alarm.id]
    return tuple(events), PipeMemory(begun, absent)


def _causes(findings: tuple[PipeFinding, ...]) -> Iterable[PipeFinding]:
    """The findings without those that another one explains: hydrants behind a valve that is closed."""
    cut_off = {o for f in findings if f.kind == "valve_closed" for o in f.objects}
    for finding in findings:
        if finding.kind == "blind" or (finding.kind == "hydrant_pressure_low" and set(finding.objects) <= cut_off):
            continue
        yield finding


def _is_told(alarms: Mapping[str, Alarm], network: str, finding: PipeFinding, leaks: frozenset[str]) -> bool:
    """Whether people know of it by another alarm: the network's leak, or a rule on the same device."""
    if finding.kind in {"loss", "flow"} and network in leaks:
        return True
    return finding.kind in _OF_ONE_DEVICE and any(
        a.present and a.device in finding.devices and not a.rule.startswith(RULE) for a in alarms.values()
    )


def _speaks(index: SiteIndex, devices: tuple[str, ...], latest: StateSnapshot) -> bool:
    """Whether any of some devices can be believed now; a cause that no device tells is always known."""
    rows = [
        index.first_row[d] + k
        for d in devices if d in index.devices for k in range(len(index.kinds[index.devices[d].kind].channels))
    ]  # fmt: skip
    return not rows or any(latest.quality[row] in {Quality.GOOD, Quality.UNCERTAIN} for row in rows)


def _raised(index: SiteIndex, cause: str, finding: PipeFinding, now: dt.datetime) -> AlarmRaised:
    zh, en, skill = _ADVICE.get(finding.kind, ("", "", "water"))
    return AlarmRaised(
        at=now, actor=SYSTEM, alarm=cause, rule=f"{RULE}{finding.kind}",
        name=Phrase(finding.text.zh, finding.text.en), severity=finding.severity,
        device=finding.devices[0] if finding.devices else None, place=_place(index, finding), value=finding.value,
        unit=finding.unit, advice=Phrase(zh, en), skill=skill, devices=finding.devices,
    )  # fmt: skip


def _place(index: SiteIndex, finding: PipeFinding) -> Place | None:
    """Where to go: the first pipe or node it names that has a place, else the device that told."""
    wanted = [(kind, o) for o in finding.objects[:3] for kind in ("pipe", "node")]
    for kind, name in [*wanted, *(("device", d) for d in finding.devices)]:
        try:
            return place_of(index, kind, name)
        except (UnknownIdError, PipeNetworkError, CommandError):
            continue
    return None
