"""Rules over columns: which alarm conditions begin and end at a moment.

`compile_rules` lays the site's rules out in columns once; `evaluate` is pure over them, the columns of the state and
a `Watch` that remembers what it saw before.

Entries and slots: an entry is one row a rule looks at; a slot is one alarm a rule can raise, for one device and all
its entries. Behind the slots of devices come those of groups: the devices of one parent whose silence is one alarm,
not hundreds.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from twin.index import ChannelRow, SiteIndex
from twin.model.devices import Device
from twin.model.rules import Rule
from twin.operations.alarms import Alarm, alarm_id
from twin.operations.events import SYSTEM, AlarmCleared, AlarmEvent, AlarmRaised, Phrase
from twin.operations.places import phrase, place_of
from twin.state import STALE_AFTER_INTERVALS, Quality

COLLAPSE_FROM: Final = 5
"""Fewer silent devices than this stay alarms of their own: a person can read that many."""
COLLAPSE_RATIO: Final = 0.5
"""When this share of a parent's devices is silent, the parent (or the way to it) is the fault."""
RELEASE_RATIO: Final = 0.25
"""A collapsed group becomes single alarms again only below this share, so that a returning gateway does not chatter."""

_THRESHOLD, _DEVICE, _STALE = 0, 1, 2
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Columns(Protocol):
    """The columns of the state: latest SI value, time and quality of every row."""

    @property
    def values(self) -> NDArray[np.float64]:
        """(n,) latest values. [SI]"""

    @property
    def times_s(self) -> NDArray[np.float64]:
        """(n,) their times, epoch; NaN or negative infinity if never. [s]"""

    @property
    def quality(self) -> NDArray[np.uint8]:
        """(n,) `Quality`."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One alarm that a rule can raise: for a device, or for the whole site where `device` is none."""

    rule: Rule
    device: str | None
    alarm: str


@dataclass(frozen=True, slots=True)
class RuleTable:
    """The rules of a site in columns: e entries, s device slots, g groups. Make one with `compile_rules`."""

    index: SiteIndex
    slots: tuple[Slot, ...]
    """Device slots first, then those of groups that are no device slot themselves."""
    ids: frozenset[str]
    device_slots: int
    # entries
    rows: Ints
    slot: Ints
    kind: NDArray[np.uint8]
    sign: Floats
    limit: Floats
    hysteresis: Floats
    alarm_values: Floats
    """(e, k) values by which a device reports an alarm, NaN where there are fewer."""
    patience_s: Floats
    """Silence after which an entry is stale."""
    # slots
    delay_s: Floats
    group: Ints
    """(s,) group of each slot of a stale rule, -1 of the others."""
    # groups
    group_slot: Ints
    group_size: Ints
    parent_slot: Ints
    """(g,) device slot of the group's parent under the same rule, -1 if it has none."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What evaluation remembers: conditions, since when, what is raised, which groups are collapsed."""

    began_s: float
    on: Bools
    """(e,) conditions of entries, with their hysteresis."""
    since_s: Floats
    """(s,) when the condition of a slot began; NaN while it does not hold."""
    raised: Bools
    """(slots,) what has been raised."""
    collapsed: Bools
    """(g,) groups whose silence is one alarm."""


def compile_rules(index: SiteIndex) -> RuleTable:
    """The rules of a site in columns.

    Raises
    ------
    UnknownIdError
        If a rule names a device that is not there.
    """
    slots: list[Slot] = []
    entries: list[tuple[int, Rule, ChannelRow]] = []
    for rule in index.site.rules:
        for device in _devices_of(index, rule):
            found = _entries_of(index, rule, device)
            if found:
                entries.extend((len(slots), rule, row) for row in found)
                slots.append(Slot(rule, device.id, alarm_id(rule.id, device.id)))
    device_slots = len(slots)
    group, group_slot, parent_slot = _groups(index, slots)
    kinds = {"threshold": _THRESHOLD, "device": _DEVICE, "stale": _STALE}
    widest = max((len(row.channel.alarm_states) for _, _, row in entries), default=0)
    alarm_values = np.full((len(entries), widest), np.nan)
    for e, (_, _, row) in enumerate(entries):
        alarm_values[e, : len(row.channel.alarm_states)] = row.channel.alarm_states
    limits = [(1.0, r.above) if r.above is not None else (-1.0, -(r.below or 0.0)) for _, r, _ in entries]
    return RuleTable(
        index=index,
        slots=tuple(slots),
        ids=frozenset(s.alarm for s in slots),
        device_slots=device_slots,
        rows=np.array([row.row for _, _, row in entries], dtype=np.int64),
        slot=np.array([s for s, _, _ in entries], dtype=np.int64),
        kind=np.array([kinds[r.kind] for _, r, _ in entries], dtype=np.uint8),
        sign=np.array([s for s, _ in limits], dtype=np.float64),
        limit=np.array([limit for _, limit in limits], dtype=np.float64),
        hysteresis=np.array([r.hysteresis for _, r, _ in entries], dtype=np.float64),
        alarm_values=alarm_values,
        patience_s=STALE_AFTER_INTERVALS
        * np.array([row.channel.interval_s for _, _, row in entries], dtype=np.float64),
        delay_s=np.array([s.rule.delay_s for s in slots[:device_slots]], dtype=np.float64),
        group=group,
        group_slot=group_slot,
        group_size=np.bincount(group[group >= 0], minlength=len(group_slot)).astype(np.int64),
        parent_slot=parent_slot,
    )


def _devices_of(index: SiteIndex, rule: Rule) -> list[Device]:
    wanted = {index.device(device_id).id for device_id in rule.devices}
    return [d for d in index.site.devices if d.id in wanted or d.kind in rule.device_kinds]


def _entries_of(index: SiteIndex, rule: Rule, device: Device) -> Sequence[ChannelRow]:
    first = index.first_row[device.id]
    rows = index.channels[first : first + len(index.kinds[device.kind].channels)]
    if rule.channel is not None:
        rows = tuple(row for row in rows if row.channel.id == rule.channel)
    return tuple(row for row in rows if row.channel.alarm_states) if rule.kind == "device" else rows


def _groups(index: SiteIndex, slots: list[Slot]) -> tuple[Ints, Ints, Ints]:
    """Groups of stale slots by (rule, parent); appends their own slots to `slots` where the parent has none."""
    own = {(s.rule.id, s.device): i for i, s in enumerate(slots)}
    numbers: dict[tuple[str, str | None], int] = {}
    group = np.full(len(slots), -1, dtype=np.int64)
    group_slot: list[int] = []
    parent_slot: list[int] = []
    for i, slot in enumerate(tuple(slots)):
        if slot.rule.kind != "stale" or slot.device is None:
            continue
        key = (slot.rule.id, index.devices[slot.device].parent)
        if key not in numbers:
            numbers[key] = len(numbers)
            parent_slot.append(own.get(key, -1))
            group_slot.append(own.get(key, len(slots)))
            if key not in own:
                slots.append(Slot(slot.rule, key[1], alarm_id(*key)))
        group[i] = numbers[key]
    return group, np.array(group_slot, dtype=np.int64), np.array(parent_slot, dtype=np.int64)


def begin(table: RuleTable, present: Iterable[str], now_s: float) -> Watch:
    """A watch that begins now, with the alarms that are present already (ids) taken as raised.

    Silence counts from now at the earliest: after a restart every device gets its time to report first.
    """
    there = set(present)
    raised = np.array([slot.alarm in there for slot in table.slots], dtype=bool)
    single = raised[: table.device_slots]
    groups = raised[table.group_slot] & (table.parent_slot < 0)
    on = single[table.slot]
    since_s = np.where(single, now_s - table.delay_s, np.nan)
    return Watch(now_s, on, since_s, raised, groups)


def evaluate(
    table: RuleTable, before: Watch, columns: Columns, *, now_s: float, changed: NDArray[np.int32] | None = None
) -> tuple[tuple[AlarmEvent, ...], Watch]:
    """The alarms that begin and end at this moment, and what to remember.

    Parameters
    ----------
    changed : rows whose conditions may have changed; none looks at all rows and at silence.

    Notes
    -----
    A threshold is crossed strictly: ``value > above``; it ends at ``value <= above - hysteresis``. A condition must
    hold for `delay_s` from the time of the reading with which it began. A value that is bad, stale or was never there
    changes no condition. A device that never reported is not silent: it is not in service yet.
    """
    on, began_s = _conditions(table, before, columns, now_s=now_s, changed=changed)
    held = np.bincount(table.slot, weights=on, minlength=table.device_slots)
    size = np.bincount(table.slot, minlength=table.device_slots)
    # silence is an alarm only if every channel of the device is silent; any other condition if one entry has it
    holds = np.where(table.group >= 0, held == size, held > 0)
    starts = np.full(table.device_slots, np.inf)
    np.minimum.at(starts, table.slot[on], began_s[on])
    since_s = np.where(holds, np.where(np.isnan(before.since_s), starts, before.since_s), np.nan)
    ripe = holds & (now_s - since_s >= table.delay_s)
    wanted, collapsed = _collapse(table, ripe, before.collapsed)
    events: tuple[AlarmEvent, ...] = (
        *(_raise(table, int(i), columns, ripe, now_s) for i in np.flatnonzero(wanted & ~before.raised)),
        *(_clear(table, int(i), columns, now_s) for i in np.flatnonzero(before.raised & ~wanted)),
    )
    return events, replace(before, on=on, since_s=since_s, raised=wanted, collapsed=collapsed)


def _conditions(
    table: RuleTable, before: Watch, columns: Columns, *, now_s: float, changed: NDArray[np.int32] | None
) -> tuple[Bools, Floats]:
    values, times_s, quality = columns.values[table.rows], columns.times_s[table.rows], columns.quality[table.rows]
    usable = (quality == Quality.GOOD) | (quality == Quality.UNCERTAIN)
    looked = usable & (table.kind != _STALE)
    if changed is not None:
        touched = np.zeros(len(columns.values), dtype=bool)
        touched[changed] = True
        looked &= touched[table.rows]
    was_raised = before.raised[: table.device_slots][table.slot]
    x = table.sign * values
    # until it is raised the condition ends at the limit itself; hysteresis is for leaving an alarm
    crossed = np.where(was_raised & before.on, x > table.limit - table.hysteresis, x > table.limit)
    reported = (values[:, None] == table.alarm_values).any(axis=1)
    on = np.where(looked, np.where(table.kind == _DEVICE, reported, crossed), before.on)
    began_s = np.minimum(np.where(np.isfinite(times_s), times_s, now_s), now_s)
    if changed is None:
        last_s = np.where(np.isfinite(times_s), np.maximum(times_s, before.began_s), np.inf)
        silent = (now_s - last_s > table.patience_s) & (quality != Quality.NEVER)
        on = np.where(table.kind == _STALE, silent, on)
        began_s = np.where(table.kind == _STALE, np.minimum(last_s + table.patience_s, now_s), began_s)
    return on, began_s


def _collapse(table: RuleTable, ripe: Bools, before: Bools) -> tuple[Bools, Bools]:
    wanted = np.zeros(len(table.slots), dtype=bool)
    wanted[: table.device_slots] = ripe
    grouped = table.group >= 0
    silent = np.bincount(table.group[grouped], weights=ripe[grouped], minlength=len(table.group_slot))
    share = silent / np.maximum(table.group_size, 1)
    most = (silent >= COLLAPSE_FROM) & (share >= COLLAPSE_RATIO)
    parent_silent = (table.parent_slot >= 0) & wanted[table.parent_slot] if len(ripe) else np.zeros(0, dtype=bool)
    collapsed = (silent > 0) & (parent_silent | most | (before & (share >= RELEASE_RATIO)))
    inside = np.zeros(table.device_slots, dtype=bool)
    inside[grouped] = collapsed[table.group[grouped]]
    wanted[: table.device_slots] &= ~inside
    # a silent parent that is itself part of a collapsed group is told by that group's alarm
    told = (table.parent_slot >= 0) & inside[table.parent_slot] & parent_silent if len(ripe) else collapsed
    wanted[table.group_slot[collapsed & ~told]] = True
    return wanted, collapsed


def _raise(table: RuleTable, i: int, columns: Columns, ripe: Bools, now_s: float) -> AlarmRaised:
    slot = table.slots[i]
    rule, index = slot.rule, table.index
    members = _members(table, i, ripe)
    row = None if members or rule.kind == "stale" else _row(table, i, columns)
    channel = None if row is None else index.channels[row].channel
    name = phrase(rule.name)
    if members:
        name = Phrase(f"{name.zh}（{len(members)} 台设备）", f"{name.en} ({len(members)} devices)")
    return AlarmRaised(
        at=_at(now_s), actor=SYSTEM, alarm=slot.alarm, rule=rule.id, name=name, severity=rule.severity,
        device=slot.device, channel=None if channel is None else channel.id,
        place=None if slot.device is None else place_of(index, "device", slot.device),
        value=None if row is None else float(columns.values[row]), unit=None if channel is None else channel.unit,
        advice=phrase(rule.advice), skill=rule.skill, devices=members,
    )  # fmt: skip


def _clear(table: RuleTable, i: int, columns: Columns, now_s: float) -> AlarmCleared:
    slot = table.slots[i]
    row = None if slot.rule.kind == "stale" else _row(table, i, columns)
    value = None if row is None else float(columns.values[row])
    return AlarmCleared(at=_at(now_s), actor=SYSTEM, alarm=slot.alarm, value=value)


def _members(table: RuleTable, i: int, ripe: Bools) -> tuple[str, ...]:
    """Devices whose silence this slot's alarm stands for, itself not counted."""
    groups = np.flatnonzero(table.group_slot == i)
    found = np.flatnonzero(np.isin(table.group, groups) & ripe)
    return tuple(str(table.slots[k].device) for k in found)


def _row(table: RuleTable, i: int, columns: Columns) -> int:
    """The row that says most about a slot: one that reports an alarm, else its first."""
    entries = np.flatnonzero(table.slot == i)
    values = columns.values[table.rows[entries]]
    telling = entries[(values[:, None] == table.alarm_values[entries]).any(axis=1)]
    return int(table.rows[telling[0] if len(telling) else entries[0]])


def _at(now_s: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(now_s, dt.UTC)


def withdrawn(table: RuleTable, alarms: Iterable[Alarm], now: dt.datetime) -> tuple[AlarmEvent, ...]:
    """An end for every alarm that no rule watches any more: its rule or device was taken out of the site."""
    return tuple(
        AlarmCleared(at=now, actor=SYSTEM, alarm=alarm.id)
        for alarm in alarms
        if alarm.present and alarm.id not in table.ids
    )
