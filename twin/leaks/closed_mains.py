"""Leaks of a main nobody draws from: by its tanks, its pressures and its jockey pump, as one posterior."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import networkx as nx
import numpy as np

from pipe_network.balance import MeteredDistrict
from pipe_network.balance_changes import Balance, Change
from pipe_network.detection.closed_main import LEAST_BLOCK_S, LossBlocks, blocks_of, loss_step, mean_loss, with_runs
from pipe_network.detection.pressure_decay import GRAVITY_PA_PER_M, main_storage_m3_per_pa
from pipe_network.detection.pumps import pump_cycles
from pipe_network.detection.signatures import FlowEstimate, signature_evidence
from pipe_network.posterior import CandidateKind, Candidates, Evidence
from pipe_network.registers import Floats
from twin.index import SiteIndex
from twin.leaks import words
from twin.leaks.burst_places import burst_place
from twin.leaks.districts import DistrictBalance
from twin.leaks.findings import When, district_leak
from twin.leaks.model import NetworkModel
from twin.leaks.pressures import Located
from twin.leaks.result import EvidenceLine, Leak, Words
from twin.leaks.window import Window

ALLOWED_M3_PER_S: Final = 2.8e-5
"""0.1 m3/h: what glands and air vents of an estate's main may lose; more is a leak."""
_LASTS_S: Final = 3600.0
"""Hydrants and end-of-line tests run for minutes."""
_PLACED_M3_PER_S: Final = 5.0 / 3600
"""Less than this moves no pressure of a main by a centimetre."""
_GRID_S: Final = 120.0
_DECAY_S: Final = 4 * 3600.0
"""Transmitters of fire mains read in steps of a metre's tenth: their fall takes hours to be seen."""
_STEADY_BLOCKS: Final = 12
_SIGMAS: Final = 4.0
_AREA_SD_RATIO: Final = 0.03
"""How well the area of a tank's water is known; what rests on it is no surer for being read often."""

_REST_SD_RATIO: Final = 0.05
"""How alike what a tank gives is from rest to rest: its float switch moves by millimetres."""

Pace = Callable[[float, float], float]
"""How many times faster than its stamps the estate lived between two instants; 1 on any real one."""


@dataclass(frozen=True, slots=True)
class Section:
    """What hangs together without passing a pump or a check valve, with the stores that stand on it."""

    id: str
    nodes: tuple[str, ...]
    pipes: tuple[str, ...]
    tanks: tuple[str, ...]
    sensors: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """One kind of evidence: what it says block by block."""

    blocks: LossBlocks
    channel: str
    name: Words


def sections(model: NetworkModel) -> tuple[Section, ...]:
    """The parts of a closed main of which something tells what they hold, the largest first."""
    graph: nx.Graph[str] = nx.Graph()
    checks = {p.id for p in model.network.pipes if p.status == "CV"}
    graph.add_nodes_from(model.network.nodes)
    graph.add_edges_from((p.start, p.end) for p in model.network.pipes if p.id not in checks)
    graph.add_edges_from((v.start, v.end) for v in model.network.valves)
    reservoirs = {r.id for r in model.network.reservoirs}
    found: list[Section] = []
    for nodes in nx.connected_components(graph):
        pipes = tuple(p.id for p in model.network.pipes if p.id not in checks and p.start in nodes)
        tanks = tuple(t for t in model.stores if t in nodes)
        sensors = tuple(n for n in model.pressures if n in nodes and n not in tanks)
        if nodes & reservoirs or not pipes or not (tanks or sensors):
            continue
        device = model.site_network.nodes[(*tanks, *sensors)[0]].device
        found.append(Section(device or tanks[0], tuple(sorted(nodes)), pipes, tanks, sensors))
    return tuple(sorted(found, key=lambda s: (-len(s.pipes), s.id)))


def closed_main_leaks(
    index: SiteIndex, model: NetworkModel, window: Window, *, pace: Pace
) -> tuple[tuple[Leak, ...], float]:
    """The leaks of a network nobody draws from, and for how long its losses are known. [s]

    Parameters
    ----------
    pace : of a simulated estate that lives faster than its stamps
    """
    found: list[Leak] = []
    known_s = 0.0
    for section in sections(model):
        told = _told(index, model, section, window)
        known_s = max([known_s, *(float((t.blocks.ends_s - t.blocks.starts_s).sum()) for t in told)])
        leak = _leak(index, model, section, told, window, pace) if told else None
        if leak is not None:
            found.append(leak)
    return tuple(found), known_s


def _told(index: SiteIndex, model: NetworkModel, section: Section, window: Window) -> list[_Told]:
    """What each kind of evidence says of a section's losses, the best known first."""
    busy = {p.id: _running(index, model, p.id, window) for p in model.network.pumps}
    around = [p for p in model.network.pumps if {p.start, p.end} & _beside(model, section)]
    rests, runs = _spans(window, [busy[p.id] for p in around])
    area_m2 = sum(model.stores[t].area_m2 for t in section.tanks)
    materials = {k: tie.material for k, tie in model.site_network.links.items() if tie.material}
    storage = area_m2 / GRAVITY_PA_PER_M + main_storage_m3_per_pa(model.network, materials, section.pipes)
    told: list[_Told] = []
    if section.tanks:
        rows = [model.stores[t].row for t in section.tanks]
        stores = [(t, v * model.stores[n].area_m2)
                  for n, row in zip(section.tanks, rows, strict=True) for t, v in (window.reading(row),)]  # fmt: skip
        steps = [10.0 ** -index.channels[r].channel.decimals * model.stores[n].area_m2
                 for n, r in zip(section.tanks, rows, strict=True)]  # fmt: skip
        rest, run = (blocks_of(spans, stores, resolutions_m3=steps) for spans in (rests, runs))
        name = Words(zh="水箱液位（水泵停歇与运行时）", en="its tanks' levels, while pumps rest and run")
        told.append(_Told(with_runs(rest, run), index.channels[rows[0]].id, name))
        told += _by_jockey(index, model, section, window, stores)
    told += _by_pressure(index, model, section, window, rests, storage)
    return [t for t in told if len(t.blocks)]


def _beside(model: NetworkModel, section: Section) -> set[str]:
    """The nodes of a section, and those it joins by check valves."""
    nodes = set(section.nodes)
    checks = [p for p in model.network.pipes if p.status == "CV"]
    return nodes | {n for p in checks if {p.start, p.end} & nodes for n in (p.start, p.end)}


def _running(index: SiteIndex, model: NetworkModel, pump: str, window: Window) -> list[tuple[float, float]]:
    tie = model.site_network.links.get(pump)
    times_s, states = window.reading(index.rows.get(f"{tie.device}:state") if tie is not None else None)
    ends_s = np.append(times_s[1:], window.end_s)
    on = states == 1
    return [(float(a), float(b)) for a, b in zip(times_s[on], ends_s[on], strict=True)]


def _spans(
    window: Window, busy: Sequence[list[tuple[float, float]]]
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """When no pump ran, and when exactly one did: two at a time are a fire or its test."""
    edges_s = sorted({window.start_s, window.end_s, *(t for spans in busy for span in spans for t in span)})
    rests: list[tuple[float, float]] = []
    runs: list[tuple[float, float]] = []
    starts_s, ends_s = (np.sort([span[k] for spans in busy for span in spans]) for k in (0, 1))
    counts = np.searchsorted(starts_s, edges_s[:-1], "right") - np.searchsorted(ends_s, edges_s[:-1], "right")
    for (start_s, end_s), count in zip(pairwise(edges_s), counts.tolist(), strict=True):
        into = rests if count == 0 else runs if count == 1 else None
        if into is None:
            continue
        if into and into[-1][1] == start_s:
            into[-1] = (into[-1][0], end_s)
        else:
            into.append((start_s, end_s))
    return rests, [r for r in runs if r[1] - r[0] >= LEAST_BLOCK_S]


def _by_jockey(
    index: SiteIndex, model: NetworkModel, section: Section, window: Window, stores: Sequence[tuple[Floats, Floats]]
) -> list[_Told]:
    """How often its pump starts: each rest gives what the tanks hold between stop and start, which the past tells."""
    beside = _beside(model, section)
    told: list[_Told] = []
    for pump in model.network.pumps:
        tie = model.site_network.links.get(pump.id)
        if tie is None or pump.end not in beside:
            continue
        row = index.rows.get(f"{tie.device}:state")
        times_s, states = window.reading(row)
        cycles = pump_cycles(times_s, (states == 1).astype(float))
        if row is None or len(cycles.rests_s) < 3:
            continue
        gifts = sum(np.interp(cycles.stops_s, t, v) - np.interp(cycles.starts_s, t, v) for t, v in stores if len(t))
        given = float(np.median(np.atleast_1d(gifts)))
        if given <= 0:
            continue
        rests_s = cycles.rests_s
        sds = _REST_SD_RATIO * given / rests_s
        name = Words(zh=f"稳压泵启动间隔（{len(rests_s)} 次）", en=f"{len(rests_s)} starts of its jockey pump")
        blocks = LossBlocks(cycles.stops_s, cycles.starts_s, given / rests_s, sds)
        told.append(_Told(blocks, index.channels[row].id, name))
    return told


def _by_pressure(
    index: SiteIndex, model: NetworkModel, section: Section, window: Window, rests: list[tuple[float, float]],
    storage_m3_per_pa: float,
) -> list[_Told]:  # fmt: skip
    """How its pressures decay while pumps rest; the middle of all sensors, so that one that drifts decides nothing."""
    grid_s = np.arange(window.start_s, window.end_s + 1.0, _GRID_S)
    each: list[Floats] = []
    steps_pa: list[float] = []
    for node in section.sensors:
        times_s, pressures_pa = window.reading(model.pressures[node])
        if len(times_s) < 2:
            continue
        moved = np.abs(np.diff(pressures_pa))
        steps_pa.append(float(moved[moved > 0].min()) if (moved > 0).any() else 0.0)
        there = np.abs(times_s[np.clip(np.searchsorted(times_s, grid_s), 0, len(times_s) - 1)] - grid_s) < 4 * _GRID_S
        read = np.where(there, np.interp(grid_s, times_s, pressures_pa), np.nan)
        each.append(read - np.nanmedian(read) if there.any() else read)
    if not each:
        return []
    known = np.isfinite(each).any(axis=0)
    step_pa = float(np.median(steps_pa))
    read_pa = np.array(each)[:, known]
    middle_pa = np.nanmedian(read_pa, axis=0)
    # the middle of rounded readings is rounded too, their mean is not; what strays is kept near the middle
    mean_pa = np.nanmean(np.clip(read_pa, middle_pa - 2 * step_pa, middle_pa + 2 * step_pa), axis=0)
    blocks = blocks_of(rests, [(grid_s[known], mean_pa * storage_m3_per_pa)],
                       resolutions_m3=[step_pa * storage_m3_per_pa], block_s=_DECAY_S)  # fmt: skip
    row = model.pressures[section.sensors[0]]
    name = Words(zh=f"{len(each)} 处压力在水泵停歇时的下降", en=f"the decay of {len(each)} pressures while pumps rest")
    return [_Told(blocks, index.channels[row].id, name)]


def _leak(
    index: SiteIndex, model: NetworkModel, section: Section, told: list[_Told], window: Window, pace: Pace
) -> Leak | None:
    first = told[0]
    step = loss_step(first.blocks)
    if step is None:
        if len(first.blocks) < _STEADY_BLOCKS:
            return None
        loss, start_s = mean_loss(first.blocks), float(first.blocks.starts_s[0])
        when = When(start_s, start_s, start_s, "steady")
        excess = FlowEstimate(loss.flow_m3_per_s - ALLOWED_M3_PER_S, loss.sd_m3_per_s, loss.count)
    else:
        when = When(step.onset_s, step.onset_low_s, max(step.onset_s, step.onset_high_s), "step")
        excess, loss = step.excess, step.after
        if window.end_s - step.onset_s < _LASTS_S:
            return None
    faster = pace(when.onset_s, window.end_s)
    loss, excess = (FlowEstimate(e.flow_m3_per_s / faster, e.sd_m3_per_s / faster, e.count) for e in (loss, excess))
    over = loss.flow_m3_per_s - ALLOWED_M3_PER_S
    if over < _SIGMAS * loss.sd_m3_per_s or not excess.is_leak(_SIGMAS) or not _goes_on(first.blocks, over * faster):
        return None
    return _report(index, model, section, told, window, (when, excess, faster))


def _goes_on(blocks: LossBlocks, over_m3_per_s: float) -> bool:
    """Whether the last block still has at least a third of it; what is over is no leak any more."""
    last, sd = float(blocks.flows_m3_per_s[-1]), float(blocks.sds_m3_per_s[-1])
    return last + 3.0 * sd > over_m3_per_s / 3.0


def _report(
    index: SiteIndex, model: NetworkModel, section: Section, told: list[_Told], window: Window,
    found: tuple[When, FlowEstimate, float],
) -> Leak:  # fmt: skip
    when, excess, faster = found
    lengths_m = np.array([max(model.network.links[p].length_m, 1e-3) for p in section.pipes])  # type: ignore[union-attr]
    kinds: tuple[CandidateKind, ...] = tuple("pipe" for _ in section.pipes)
    inside = Candidates(kinds, section.pipes, lengths_m, lengths_m / lengths_m.sum())
    evidence: list[tuple[Evidence, EvidenceLine]] = []
    for each in told[1:]:
        estimate = _excess_of(each.blocks, when, faster)
        if estimate is not None:
            said = signature_evidence(estimate, inside, section.pipes, source=each.channel)
            flow = words.m3_per_h(max(0.0, estimate.flow_m3_per_s))
            text = Words(zh=f"{each.name.zh}：增加 {flow}", en=f"{each.name.en}: {flow} more")
            evidence.append((said, EvidenceLine(kind="signature", text=text, channel=each.channel, weight_nats=0.0)))
    if excess.flow_m3_per_s >= _PLACED_M3_PER_S and when.shape == "step":
        placed = burst_place(
            index, model, window, inside, began_s=(when.low_s, when.high_s), size_m3_per_s=excess.flow_m3_per_s
        )
        evidence += [] if placed is None else placed.evidence
    located = Located(inside, tuple(evidence), localisable=True, left_out=())
    size, sd = excess.flow_m3_per_s, float(np.hypot(excess.sd_m3_per_s, _AREA_SD_RATIO * excess.flow_m3_per_s))
    part = MeteredDistrict(section.id, section.pipes, section.nodes, section.tanks, (), has_source=False)
    nothing = np.zeros(24)
    balance = Balance(3600.0, nothing, nothing, np.zeros(25), np.zeros((24, 1)), np.ones(1))
    judged = DistrictBalance(0, part, balance, nothing, None, (), (), None, size, sd, 0.0, 0)
    change = Change((size / sd) ** 2 / 2, 0, 0, 0, 0, size, sd, np.array([size / sd**2]), np.array([sd**-2]),
                    np.ones(24))  # fmt: skip
    flow = words.m3_per_h(size)
    line = EvidenceLine(
        kind="signature", text=Words(zh=f"{told[0].name.zh}：增加 {flow}", en=f"{told[0].name.en}: {flow} more"),
        channel=told[0].channel, weight_nats=round(change.gain_nats, 1),
    )  # fmt: skip
    return district_leak(index, model, judged, change, when, now_s=window.end_s, located=located, line=line)


def _excess_of(blocks: LossBlocks, when: When, faster: float) -> FlowEstimate | None:
    """What another kind of evidence says of the same leak, by its own past; none where it says nothing of it."""
    after = blocks.between(when.low_s, np.inf)
    if not len(after):
        return None
    told = mean_loss(after)
    before = FlowEstimate(ALLOWED_M3_PER_S, 0.0, 0)
    if when.shape != "steady":
        earlier = blocks.between(-np.inf, when.high_s)
        if not len(earlier):
            return None
        before = mean_loss(earlier)
    flow, sd = told.flow_m3_per_s - before.flow_m3_per_s, np.hypot(told.sd_m3_per_s, before.sd_m3_per_s)
    return FlowEstimate(flow / faster, float(np.hypot(sd, _AREA_SD_RATIO * abs(flow))) / faster, told.count)


def speaks(model: NetworkModel, window: Window) -> bool:
    """Whether any device of a closed main has reported."""
    rows = [*(s.row for s in model.stores.values()), *model.pressures.values()]
    return any(len(window.reading(row)[0]) for row in rows)
