"""From a window of readings to the report of an estate's leaks."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from pipe_network.balance import MeterTree
from pipe_network.balance_changes import Change
from twin.index import SiteIndex
from twin.leaks import words
from twin.leaks.balance_course import BalanceCourse, balance_course, shares
from twin.leaks.bursts import burst_leaks
from twin.leaks.closed_mains import closed_main_leaks, speaks
from twin.leaks.districts import DistrictBalance, judge_all
from twin.leaks.ends import end_leaks
from twin.leaks.findings import When, at, district_leak
from twin.leaks.lived_time import as_lived, lived_time
from twin.leaks.measured import HOUR_S, Measured, MeterFault, estates_time, measure, stuck_meters
from twin.leaks.model import LeakModel, NetworkModel
from twin.leaks.pressure_faults import pressure_faults
from twin.leaks.pressures import Located, locate_by_pressure
from twin.leaks.result import District, Leak, LeakReport, SensorFault, Span, Unanswered, Words
from twin.leaks.window import Window

_LEARNING_S: Final = 3 * 86_400.0
"""Three nights: fewer do not tell a district's own balance from a leak."""
_HELD_S: Final = 12 * 3600.0
"""A meter silent for less keeps its districts apart; the hours it was silent are unknown."""
_LEAST_M3_PER_S: Final = 0.05 / 3600
_FLOW_RATIO: Final = 0.02
_INDOOR_H: Final = 5
_OUTDOOR_H: Final = 14
"""So long an excess must last before it is no filling, watering or flushing; outdoors, where a building site may draw
from a hydrant, longer than any shift."""
_SHARED_ONSET_H: Final = 8


@dataclasses.dataclass(frozen=True, slots=True)
class Looked:
    """What readings tell.

    Attributes
    ----------
    courses : by district's id, the numbers behind the report
    """

    report: LeakReport
    courses: Mapping[str, BalanceCourse]


def leaks(model: LeakModel, window: Window, now: dt.datetime) -> LeakReport:
    """What leaks, as far as the readings up to `now` can tell; a pure function of its arguments.

    Parameters
    ----------
    window : readings of ``model.rows``; what is later than `now` is not looked at
    now : aware
    """
    return look(model, window, now).report


def look(model: LeakModel, window: Window, now: dt.datetime) -> Looked:
    """What leaks, with the balances behind it; a pure function of its arguments.

    Parameters
    ----------
    window : readings of ``model.rows``; what is later than `now` is not looked at
    now : aware
    """
    known = window.until(now.timestamp())
    span = Span(at(known.start_s), at(known.end_s))
    unanswered = [_unreadable(network, why) for network, why in model.unreadable]
    found: list[Leak] = []
    districts: list[District] = []
    sensors: list[SensorFault] = []
    courses: dict[str, BalanceCourse] = {}
    learnt_s, spoke = 0.0, False
    for network in model.networks:
        part = _NetworkAnswer(model, network, known)
        spoke = spoke or part.spoke
        found += part.leaks
        districts += part.districts
        sensors += part.sensors
        courses |= part.courses
        unanswered += [*part.unanswered, *_unplaced(network)]
        learnt_s = max(learnt_s, part.learnt_s)
    if not spoke:
        return Looked(LeakReport(at=now, window=span, status="blind", unanswered=(*unanswered, _NOTHING)), {})
    learning = learnt_s < _LEARNING_S
    until = at(known.end_s + _LEARNING_S - learnt_s) if learning else None
    found.sort(key=lambda leak: (-leak.size_m3_per_s, leak.id))
    report = LeakReport(
        at=now, window=span, status="learning" if learning else "watching", learning_until=until,
        districts=tuple(districts), leaks=tuple(found), unanswered=tuple(unanswered), sensors=tuple(sensors),
    )  # fmt: skip
    return Looked(report, courses)


_NOTHING: Final = Unanswered(
    what=Words(zh="是否存在漏水", en="Whether anything leaks"),
    why=Words(zh="没有收到任何水表、液位或压力读数。", en="No meter, level or pressure has reported."),
    mend=Words(zh="检查网关与绑定。", en="Check the gateways and the bindings."),
)


def _unreadable(network: str, why: str) -> Unanswered:
    return Unanswered(
        what=Words(zh=f"管网 {network} 是否漏水", en=f"Whether network {network} leaks"),
        why=Words(zh=f"其 EPANET 文件无法使用：{why}", en=f"Its EPANET file cannot be used: {why}"),
        mend=Words(zh="运行 plumbline check 并修正。", en="Run plumbline check and mend it."), objects=(network,),
    )  # fmt: skip


def _unplaced(model: NetworkModel) -> list[Unanswered]:
    """Devices tied to nodes or links that the network does not have: what they say counts for nothing."""
    of = model.site_network
    ties = [(k, t.device) for k, t in of.nodes.items() if k not in model.network.nodes]
    ties += [(k, t.device) for k, t in of.links.items() if k not in model.network.links]
    lost = {place: device for place, device in ties if device is not None}
    if not lost:
        return []
    places, devices = ", ".join(lost), ", ".join(lost.values())
    return [Unanswered(
        what=Words(zh=f"{devices} 的读数说明什么", en=f"What the readings of {devices} tell"),
        why=Words(zh=f"它们绑定在管网 {model.id} 中不存在的 {places}。",
                  en=f"They are tied to {places}, which network {model.id} does not have."),
        mend=Words(zh=f"在 networks/{model.id}.yaml 中改为存在的节点或管段。",
                   en=f"Name a node or link that is there in networks/{model.id}.yaml."),
        objects=tuple(lost.values()),
    )]  # fmt: skip


class _NetworkAnswer:
    """What one network's readings say."""

    def __init__(self, site: LeakModel, model: NetworkModel, window: Window) -> None:
        self.index, self.model = site.index, model
        self.leaks: list[Leak] = []
        self.districts: list[District] = []
        self.sensors: list[SensorFault] = []
        self.unanswered: list[Unanswered] = []
        self.courses: dict[str, BalanceCourse] = {}
        self.spoke, self.learnt_s = False, 0.0
        if model.tree is None:
            if model.kind == "domestic_water":
                self.unanswered.append(_unmetered(model.id))
            if model.kind == "fire_main" and speaks(model, window):
                self.spoke = True
                found, self.learnt_s = closed_main_leaks(site.index, model, window, pace=_pace(site, window))
                self.leaks += found
            return
        self.time = estates_time(model, window)
        self.end_s = window.end_s
        window = as_lived(window, self.time)
        self.window = window
        self.measured = measure(model, window)
        self.spoke = any(len(times) for times, _ in self.measured.registers.values())
        if self.spoke:
            self._answer(model.tree)

    def _answer(self, whole: MeterTree) -> None:
        zone = ZoneInfo(self.index.site.time_zone)
        offset = dt.datetime.fromtimestamp(self.end_s, dt.UTC).astimezone(zone).utcoffset() or dt.timedelta()
        self.local_offset_s = offset.total_seconds()
        stuck = stuck_meters(self.model, self.measured)
        still = {f.device for f in stuck}
        faults = [*(f for f in self.measured.faults if f.device not in still), *stuck]
        tree = whole.without([f.device for f in faults if self._parts_no_more(whole, f)])
        judged = judge_all(tree, self.measured, zone)
        drifting = _drifting(tree, judged)
        if drifting:
            tree = tree.without([f.device for f in drifting])
            judged = judge_all(tree, self.measured, zone)
        wrong = pressure_faults(self.model, self.measured, self.window)
        channels = {f.device: self.index.channels[self.model.pressures[node]].id for node, f in wrong.items()}
        believed = {node: row for node, row in self.model.pressures.items() if node not in wrong}
        self.model = dataclasses.replace(self.model, tree=tree, pressures=believed)
        self.learnt_s = HOUR_S * max((d.hours_known for d in judged), default=0)
        for fault in (*faults, *drifting, *wrong.values()):
            self.sensors.append(
                SensorFault(
                    channel=channels.get(fault.device) or self._channel(fault.device),
                    device=fault.device, fault=fault.fault,
                    since=None if fault.since_s is None else self._at(fault.since_s),
                    text=words.fault_text(self.index, fault.device, fault.fault),
                )
            )  # fmt: skip
        self._say_unanswered(tree, whole, faults)
        for each in judged:
            self.districts.append(_district(self.index, self.model.id, each, tree, self.measured))
            self._show(each, zone)
        self.leaks += self._bursts(tree)
        for each in judged:
            self.leaks += self._lasting(each)
        self.leaks += end_leaks(
            self.index, self.model, self.measured, now_s=self.window.end_s, midnight_s=-self.local_offset_s
        )
        if not self.time.is_as_stamped:
            self.leaks = [self._as_stamped(leak) for leak in self.leaks]

    def _show(self, each: DistrictBalance, zone: ZoneInfo) -> None:
        """Keep the course of a district's balance for people to see."""
        onset = min((change.onset for change in each.ongoing), default=None)
        name = f"{self.model.id}/{each.district.id}"
        stamped = self.time.stamp_of
        self.courses[name] = balance_course(each, name, self.measured, zone, onset=onset, stamped=stamped)

    def _parts_no_more(self, tree: MeterTree, fault: MeterFault) -> bool:
        """Whether a faulty meter is taken out of the tree; ends are replaced by their own mean instead."""
        if fault.device in tree.outlets or fault.fault == "jumped":
            return False
        if fault.fault == "silent" and fault.since_s is not None:
            return self.window.end_s - fault.since_s > _HELD_S
        return True

    def _lasting(self, each: DistrictBalance) -> list[Leak]:
        edges_s = self.measured.edges_s
        outdoors = any(self.model.places[p].building is None for p in each.district.pipes if p in self.model.places)
        wait_h = _OUTDOOR_H if outdoors else _INDOOR_H
        hourly = each.inflow_m3[np.isfinite(each.inflow_m3)]
        flow = float(hourly.mean()) / HOUR_S if len(hourly) else 0.0
        least = max(_LEAST_M3_PER_S, _FLOW_RATIO * flow, each.allowance_m3_per_s)
        spoken = {leak.id.rsplit("/", 1)[0] for leak in self.leaks}
        out: list[Leak] = []
        for change in each.ongoing:
            lasted_h = float(edges_s[-1] - edges_s[change.onset]) / HOUR_S
            if change.size_m3_per_s < least or lasted_h < wait_h or change.onset < 24:
                continue
            if f"{self.model.id}/{each.district.id}" in spoken:
                continue
            located = self._located(each, change)
            out.append(
                district_leak(
                    self.index, self.model, each, change, self._when(change), now_s=self.window.end_s, located=located
                )
            )
        steady = self._steady(each, least)
        return out if steady is None else [*out, steady]

    def _located(self, each: DistrictBalance, change: Change) -> Located | None:
        """What pressures say, where consumers without meters leave the balance unable to tell one pipe from another."""
        if not each.district.unmetered:
            return None
        onset = (change.onset_low, min(change.onset_high + 1, len(self.measured.edges_s) - 2))
        return locate_by_pressure(
            self.model, self.measured, self.window, onset=onset, local_offset_s=self.local_offset_s
        )

    def _steady(self, each: DistrictBalance, least: float) -> Leak | None:
        """A leak that was there before the readings begin."""
        if each.ongoing or each.district.unmetered or each.hours_known < 72:
            return None
        low = each.leakage_m3_per_s - 3.0 * each.leakage_sd_m3_per_s - each.allowance_m3_per_s
        if low < least:
            return None
        t = len(each.balance.balance_m3)
        size, spread = each.leakage_m3_per_s, each.leakage_sd_m3_per_s
        slopes = np.array([size / spread**2])
        found = Change((size / spread) ** 2 / 2, 0, 0, 0, 0, size, spread, slopes, np.array([spread**-2]), np.ones(t))
        start = float(self.measured.edges_s[0])
        when = When(start, start, start, "steady")
        return district_leak(self.index, self.model, each, found, when, now_s=self.window.end_s)

    def _when(self, change: Change) -> When:
        edges_s = self.measured.edges_s
        last = len(edges_s) - 1
        onset, low, high = (
            float(edges_s[min(k, last)]) for k in (change.onset, change.onset_low, change.onset_high + 1)
        )
        return When(onset, min(low, onset), max(high, onset), "ramp" if change.ramp_steps else "step")

    def _bursts(self, tree: MeterTree) -> list[Leak]:
        return list(burst_leaks(self.index, self.model, tree, self.measured, window=self.window))

    def _channel(self, device: str) -> str:
        meter = self.model.meters.get(device)
        return f"{device}:{'flow' if meter is not None and meter.volume is None else 'volume'}"

    def _at(self, time_s: float) -> dt.datetime:
        return at(float(self.time.stamp_of(time_s)))

    def _as_stamped(self, leak: Leak) -> Leak:
        """The same with the instants as the readings were stamped, where the estate lives faster than its stamps."""
        import msgspec  # noqa: PLC0415 - only for simulated estates

        moved = {
            name: self._at(getattr(leak, name).timestamp()) for name in ("onset_at", "onset_low_at", "onset_high_at")
        }
        parts = leak.id.rsplit("/", 1)[0]
        return msgspec.structs.replace(leak, id=f"{parts}/{moved['onset_at']:%Y%m%dT%H}", **moved)

    def _say_unanswered(self, tree: MeterTree, whole: MeterTree, faults: Sequence[MeterFault]) -> None:
        out = [f.device for f in faults if self._parts_no_more(whole, f)]
        for row, district in enumerate(tree.districts):
            name = words.district_name(self.index, district.id)
            if district.has_source and tree.signs[row].any() and len(district.pipes) > 0:
                self.unanswered.append(
                    Unanswered(
                        what=Words(zh=f"{name.zh}是否漏水", en=f"Whether the pipes {name.en} leak"),
                        why=Words(zh="没有水表计量其进水。", en="No meter measures what comes into them."),
                        mend=Words(zh="在源头处安装水表。", en="Put a meter at the source."),
                        objects=tuple(f"{self.model.id}/{p}" for p in district.pipes[:50]),
                    )
                )  # fmt: skip
            blind = [t for t in district.tanks if t not in self.measured.stored_m3]
            if blind and not district.has_source:
                self.unanswered.append(
                    Unanswered(
                        what=Words(zh=f"{name.zh}的水量平衡", en=f"The balance of the pipes {name.en}"),
                        why=Words(zh="水箱没有液位计。", en="A tank there has no level sensor."),
                        mend=Words(zh="安装液位计。", en="Put a level sensor in it."),
                        objects=tuple(f"{self.model.id}/{t}" for t in blind),
                    )
                )  # fmt: skip
        for device in out:
            name = words.device_name(self.index, device)
            self.unanswered.append(
                Unanswered(
                    what=Words(zh=f"漏点在{name.zh}的哪一侧", en=f"On which side of {name.en} a leak would be"),
                    why=words.fault_text(self.index, device, next(f.fault for f in faults if f.device == device)),
                    mend=Words(zh="检修或更换该表。", en="Mend or replace the meter."), objects=(device,),
                )
            )  # fmt: skip


def _pace(site: LeakModel, window: Window) -> Callable[[float, float], float]:
    """How much faster than stamped the estate lived between two instants, by what its metered networks show."""

    def faster(start_s: float, end_s: float) -> float:
        if len(window.pace[0]):
            return lived_time(window).pace(start_s, end_s)
        part = Window(start_s, end_s, window.series)
        metered = (n for n in site.networks if n.tree is not None)
        return max((estates_time(n, part).pace(start_s, end_s) for n in metered), default=1.0)

    return faster


def _unmetered(network: str) -> Unanswered:
    return Unanswered(
        what=Words(zh=f"管网 {network} 是否漏水", en=f"Whether network {network} leaks"),
        why=Words(zh="没有水表与其管段关联。", en="No meter is tied to any of its pipes."),
        mend=Words(zh="在 networks 文件中为管段关联水表。", en="Tie meters to its pipes in the networks file."),
        objects=(network,),
    )  # fmt: skip


def _drifting(tree: MeterTree, judged: Sequence[DistrictBalance]) -> tuple[MeterFault, ...]:
    """Meters that alone explain why one district gains what its neighbour lacks."""
    by_row = {d.row: d for d in judged}
    found: list[MeterFault] = []
    for each in judged:
        for change in each.ongoing:
            for column, _ in tree.boundary(each.row):
                beside = [int(r) for r in np.flatnonzero(tree.signs[:, column]) if int(r) != each.row]
                other = by_row.get(beside[0]) if beside else None
                if other is None or other.falling is None:
                    continue
                less = other.falling
                alike = abs(less.size_m3_per_s - change.size_m3_per_s) < 0.35 * change.size_m3_per_s
                if alike and abs(less.onset - change.onset) <= _SHARED_ONSET_H:
                    found.append(MeterFault(tree.meters[column], "drifting", None))
    return tuple({f.device: f for f in found}.values())


def _district(index: SiteIndex, network: str, each: DistrictBalance, tree: MeterTree, measured: Measured) -> District:
    day = each.inflow_m3[-24:]
    day = day[np.isfinite(day)]
    balance = each.balance.balance_m3[-24:]
    balance = balance[np.isfinite(balance)]
    spread = 1.64 * each.leakage_sd_m3_per_s + 0.5 * each.allowance_m3_per_s
    gone = shares(tree, each, measured)
    above = None if gone.parent is None else tree.districts[gone.parent]
    note = None if len(balance) else Words(zh="最近一天缺少读数", en="readings of the last day are missing")
    return District(
        id=f"{network}/{each.district.id}", name=words.district_name(index, each.district.id), network=network,
        inflow_m3_per_s=float(day.mean()) / HOUR_S if len(day) else 0.0,
        leakage_m3_per_s=max(0.0, each.leakage_m3_per_s),
        low_m3_per_s=max(0.0, each.leakage_m3_per_s - spread), high_m3_per_s=max(0.0, each.leakage_m3_per_s + spread),
        night_flow_m3_per_s=float(day.min()) / HOUR_S if len(day) >= 20 else None,
        balance_m3_per_s=float(balance.mean()) / HOUR_S if len(balance) else None,
        parent=None if above is None or above.has_source else f"{network}/{above.id}",
        passed_m3_per_s=gone.passed_m3_per_s, drawn_m3_per_s=gone.drawn_m3_per_s,
        stored_m3_per_s=gone.stored_m3_per_s, note=note,
    )  # fmt: skip
