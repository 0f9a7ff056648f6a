"""What is amiss with a network at a moment, by its devices together; a rule looks at one device only.

Any network: valves that are reported closed, and whom they cut off. Fire main: hydrants without pressure, tanks that
are low, and any loss, since nobody draws from it. Drains: a manhole that is backed up while the next one down is not.
Ducts: those in which nothing more finds room. Heating and gas: pressures outside their limits.
"""

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipe_network.detection.noise import ShortHistoryError
from pipe_network.detection.pumps import pump_cycles
from pipe_network.detection.signatures import FlowEstimate
from pipe_network.detection.tanks import tank_loss
from pipe_network.model import Pipe, Tank
from pipe_network.tracing import ways_by_gravity
from twin.index import SiteIndex
from twin.leaks.window import Window
from twin.leaks.words import m3_per_h
from twin.pipes import words
from twin.pipes.pressures import limit_of, low_hydrants, odd_pressures
from twin.pipes.readings import reading
from twin.pipes.requirements import requirements
from twin.pipes.result import PipeFinding, Severity
from twin.pipes.served import ServedNetwork
from twin.state import Quality, StateSnapshot

_METER_STARTS_M3_PER_S: Final = 1e-5
"""36 L/h: below it a large meter does not turn reliably."""
_LEAST_REST_S: Final = 600.0
"""A tank's level falls by millimetres: shorter rests of its pump tell nothing."""
_MANY_RESTS: Final = 5
_BUSY_RATIO: Final = 0.3
"""A jockey pump is laid out for starts far apart; one that runs a third of the time makes up for a leak."""
LOSS_WINDOW_S: Final = 2 * 86_400.0


def watch(of: ServedNetwork, latest: StateSnapshot) -> tuple[PipeFinding, ...]:
    """What is amiss with a network now."""
    found = _closed_valves(of, latest)
    kind = of.site_network.kind
    if kind == "fire_main":
        found += [*low_hydrants(of, latest), *_low_tanks(of, latest), *_flows(of, latest)]
    if kind in {"heating", "gas"}:
        found += odd_pressures(of, latest)
    if kind == "drainage":
        found += _blockages(of, latest)
    if kind == "telecom_duct":
        found += _full_ducts(of, latest)
    if not found and _is_blind(of, latest):
        found.append(PipeFinding(kind="blind", severity="minor", text=words.blind(), objects=(), devices=()))
    return tuple(found)


def loss_rows(of: ServedNetwork) -> tuple[int, ...]:
    """Rows of the site index whose history `fire_main_loss` looks at."""
    devices = [t.device for t in of.site_network.nodes.values()] + [t.device for t in of.site_network.links.values()]
    channels = (f"{d}:{c}" for d in devices if d for c in ("level", "state"))
    return tuple(of.index.rows[c] for c in dict.fromkeys(channels) if c in of.index.rows)


def fire_main_loss(of: ServedNetwork, window: Window) -> PipeFinding | None:
    """The loss of a fire main by the tanks that hold it, while all pumps rest; none if it is no more than glands lose.

    Everything a main loses comes out of the tanks that stand on it, as long as no pump fills them.
    """
    if of.site_network.kind != "fire_main":
        return None
    told = main_loss(of, window)
    if told is None:
        return _never_rests(of, window)
    allowed = requirements().limits["fire_main"]["loss_m3_per_s"].value
    if told.flow_m3_per_s - allowed <= 3 * told.sd_m3_per_s:
        return None
    devices = tuple(d for n, d in _tanks(of))
    return PipeFinding(kind="loss", severity="major", text=words.main_loss(m3_per_h(told.flow_m3_per_s)),
                       objects=of.fullest(n for n, _ in _tanks(of)), devices=devices, value=told.flow_m3_per_s,
                       unit="m3_per_s", limit=limit_of("fire_main", "loss_m3_per_s", "m3_per_s"))  # fmt: skip


def _never_rests(of: ServedNetwork, window: Window) -> PipeFinding | None:
    """A pump that runs most of the time on a main nobody draws from: it loses more than can be told by rests."""
    for pump in of.network.pumps:
        device = of.tie(pump.id).device
        times_s, states = window.reading(of.index.rows.get(f"{device}:state"))
        if device is None or len(times_s) < 2:
            continue
        duty_ratio = pump_cycles(times_s, (states == 1).astype(float)).duty_ratio
        if duty_ratio > _BUSY_RATIO:
            return PipeFinding(kind="loss", severity="critical", text=words.never_rests(device, duty_ratio),
                               objects=(of.full(pump.id),), devices=(device,), value=duty_ratio,
                               unit="ratio")  # fmt: skip
    return None


def main_loss(of: ServedNetwork, window: Window) -> FlowEstimate | None:
    """What a main loses by its tanks' levels over the rests of its pumps; none where no rest is long enough."""
    estimates = [e for rest in _rests(of, window) if (e := _lost_in(of, window, rest)) is not None]
    if not estimates:
        return None
    flows, sds = np.array([(e.flow_m3_per_s, e.sd_m3_per_s) for e in estimates]).T
    if len(flows) < _MANY_RESTS:
        weights = sds**-2 / (sds**-2).sum()
        return FlowEstimate(float(weights @ flows), float((sds**-2).sum() ** -0.5), len(flows))
    # a rest in which somebody tested a hydrant does not count for more than another
    middle = float(np.median(flows))
    scatter = max(1.4826 * float(np.median(np.abs(flows - middle))), float(np.median(sds)))
    return FlowEstimate(middle, 1.2533 * scatter / len(flows) ** 0.5, len(flows))


def _lost_in(of: ServedNetwork, window: Window, rest: tuple[float, float]) -> FlowEstimate | None:
    """What all tanks of a main lose in a rest of its pumps; none if one of them has too few readings in it."""
    parts: list[FlowEstimate] = []
    for node, device in _tanks(of):
        tank, row = of.network.nodes[node], of.index.rows.get(f"{device}:level")
        if not isinstance(tank, Tank) or row is None:
            continue
        times_s, levels_m = window.reading(row)
        inside = (times_s >= rest[0]) & (times_s <= rest[1])
        resolution_m = 10.0 ** -of.index.channels[row].channel.decimals
        try:
            parts.append(tank_loss(times_s[inside], levels_m[inside], area_m2=np.pi * tank.diameter_m**2 / 4,
                                   resolution_m=resolution_m))  # fmt: skip
        except ShortHistoryError:
            return None
    if not parts:
        return None
    sd = float(np.linalg.norm([p.sd_m3_per_s for p in parts]))
    return FlowEstimate(sum(p.flow_m3_per_s for p in parts), sd, min(p.count for p in parts))


def _rests(of: ServedNetwork, window: Window) -> list[tuple[float, float]]:
    """Times within a window in which no pump of the network is known to run."""
    pumps = [of.index.rows.get(f"{of.tie(p.id).device}:state") for p in of.network.pumps]
    busy: list[tuple[float, float]] = []
    for row in pumps:
        times_s, states = window.reading(row)
        on = states == 1
        ends_s = np.append(times_s[1:], window.end_s)
        busy += [(float(a), float(b)) for a, b in zip(times_s[on], ends_s[on], strict=True)]
    rests: list[tuple[float, float]] = []
    at_s = window.start_s
    for begin_s, end_s in sorted(busy):
        if begin_s - at_s >= _LEAST_REST_S:
            rests.append((at_s, begin_s))
        at_s = max(at_s, end_s)
    return [*rests, (at_s, window.end_s)] if window.end_s - at_s >= _LEAST_REST_S else rests


def _tanks(of: ServedNetwork) -> list[tuple[str, str]]:
    """Tanks that stand on the main and have a level sensor; one that only pumps draw from is not on it."""
    pumps = {p.id for p in of.network.pumps}
    around: dict[str, list[str]] = {}
    for joint in of.network.links.values():
        if joint.id not in pumps:
            around.setdefault(joint.start, []).append(joint.end)
            around.setdefault(joint.end, []).append(joint.start)
    found = []
    for node, tie in of.site_network.nodes.items():
        if tie.asset != "tank" or tie.device not in of.index.devices or node not in of.network.nodes:
            continue
        seen, todo = {node}, deque([node])
        while todo:
            for other in around.get(todo.popleft(), ()):
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
        if any(of.node_tie(n).asset in {"hydrant", "riser"} for n in seen):
            found.append((node, tie.device))
    return found


def _closed_valves(of: ServedNetwork, latest: StateSnapshot) -> list[PipeFinding]:
    states = of.valve_states(latest)
    closed = [v for v in of.valves if states[v] == "closed" and of.tie(v).normally_open]
    if not closed:
        return []
    fed = of.reached(of.sources, closed)
    homes = {s for n, homes in of.homes_of.items() if n not in fed for s in homes}
    hydrants = [n for n in of.hydrants if n not in fed]
    is_fire = of.site_network.kind == "fire_main"
    severity: Severity = "minor"
    if homes or is_fire:
        severity = "critical" if is_fire and len(fed) < len(of.network.nodes) else "major"
    return [
        PipeFinding(kind="valve_closed", severity=severity,
                    text=words.closed_valves(closed, len(homes), len(hydrants)),
                    objects=(*of.fullest(closed), *of.fullest(hydrants)),
                    devices=tuple(d for v in closed if (d := of.tie(v).device) is not None),
                    value=float(len(homes) + len(hydrants)), unit="count")
    ]  # fmt: skip


def _low_tanks(of: ServedNetwork, latest: StateSnapshot) -> list[PipeFinding]:
    least_ratio = requirements().limits["fire_main"]["tank_least_ratio"].value
    found = []
    for tank in of.network.tanks:
        device = of.node_tie(tank.id).device
        level_m = reading(of.index, device, "level", latest)
        if device is not None and level_m is not None and level_m < least_ratio * tank.max_level_m:
            found.append(PipeFinding(
                kind="tank_low", severity="critical", text=words.tank_low(device, level_m, tank.max_level_m),
                objects=(of.full(tank.id),), devices=(device,), value=level_m, unit="m",
                limit=limit_of("fire_main", "tank_least_ratio", "ratio"),
            ))  # fmt: skip
    return found


def _flows(of: ServedNetwork, latest: StateSnapshot) -> list[PipeFinding]:
    """Meters of the main that turn: nobody draws from it but to put out a fire."""
    found = []
    for link, tie in of.site_network.links.items():
        flow = reading(of.index, tie.device, "flow", latest)
        if tie.device is not None and flow is not None and abs(flow) > _METER_STARTS_M3_PER_S:
            found.append(PipeFinding(
                kind="flow", severity="major", text=words.main_flows(tie.device, m3_per_h(abs(flow))),
                objects=(of.full(link),), devices=(tie.device,), value=flow, unit="m3_per_s",
            ))  # fmt: skip
    return found


def _blockages(of: ServedNetwork, latest: StateSnapshot) -> list[PipeFinding]:
    """Between a manhole that is backed up and the next one down that is not."""
    low_ratio = requirements().limits["drainage"]["low_ratio"].value
    outfalls = [n for n, t in of.site_network.nodes.items() if t.asset == "outfall" and n in of.network.nodes]
    ways = ways_by_gravity(of.network, outlets=outfalls or [r.id for r in of.network.reservoirs])
    down: dict[str, list[tuple[str, str]]] = {}
    for link in of.network.links.values():
        forward, back = ways[link.id]
        if forward:
            down.setdefault(link.start, []).append((link.id, link.end))
        if back:
            down.setdefault(link.end, []).append((link.id, link.start))
    levels_m = {n: level for n, t in of.site_network.nodes.items()
                if (level := reading(of.index, t.device, "level", latest)) is not None}  # fmt: skip
    tops: list[_BackedUp] = []
    for node, level_m in levels_m.items():
        bore_m = _bore_m(of, (link for link, _ in down.get(node, ())))
        if bore_m is None or level_m < bore_m:
            continue
        pipes, ends = _to_next(node, down, levels_m)
        if any(levels_m[e] >= low_ratio * bore_m for e in ends):
            continue  # the blockage is further down, and told there
        tops.append(_BackedUp((node,), tuple(pipes), tuple(ends), level_m, bore_m))
    found = []
    for top in _merged(tops):
        devices = [d for n in (*top.nodes, *top.ends) if (d := of.node_tie(n).device) is not None]
        found.append(PipeFinding(
            kind="blockage", severity="major", text=words.blockage(top.nodes, top.ends, top.level_m, top.bore_m),
            objects=of.fullest(top.pipes), devices=tuple(devices), value=top.level_m, unit="m",
            limit=limit_of("drainage", "low_ratio", "ratio"),
        ))  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class _BackedUp:
    """Manholes that are backed up, the pipes in one of which it is blocked, and the measured ones below."""

    nodes: tuple[str, ...]
    pipes: tuple[str, ...]
    ends: tuple[str, ...]
    level_m: float
    bore_m: float


def _merged(tops: Iterable[_BackedUp]) -> list[_BackedUp]:
    """The same with branches together that meet before the next measured manhole: it is blocked where they have met."""
    found: list[_BackedUp] = []
    for top in tops:
        same = next((k for k, f in enumerate(found) if set(f.pipes) & set(top.pipes)), None)
        if same is None:
            found.append(top)
            continue
        known = found[same]
        common = tuple(p for p in known.pipes if p in set(top.pipes))
        ends = tuple(e for e in known.ends if e in set(top.ends))
        found[same] = _BackedUp(
            (*known.nodes, *top.nodes), common, ends, max(known.level_m, top.level_m), max(known.bore_m, top.bore_m)
        )
    return found


def _bore_m(of: ServedNetwork, links: Iterable[str]) -> float | None:
    bores = [k.diameter_m for link in links if isinstance(k := of.network.links[link], Pipe)]
    return max(bores, default=None)


def _to_next(
    node: str, down: dict[str, list[tuple[str, str]]], measured: Collection[str]
) -> tuple[list[str], list[str]]:
    """The pipes down to the next measured nodes, and these."""
    pipes: list[str] = []
    ends: list[str] = []
    seen, todo = {node}, deque([node])
    while todo:
        for link, other in down.get(todo.popleft(), ()):
            pipes.append(link)
            if other in seen:
                continue
            seen.add(other)
            if other in measured:
                ends.append(other)
            else:
                todo.append(other)
    return pipes, ends


def _full_ducts(of: ServedNetwork, latest: StateSnapshot) -> list[PipeFinding]:
    limit = requirements().limits["telecom_duct"]["full_ratio"].value
    found = []
    ties = [(n, t.device) for n, t in of.site_network.nodes.items()]
    ties += [(k, t.device) for k, t in of.site_network.links.items()]
    for element, device in ties:
        fill = reading(of.index, device, "fill", latest)
        if device is not None and fill is not None and fill >= limit:
            found.append(PipeFinding(
                kind="duct_full", severity="info", text=words.duct_full(device, fill), objects=(of.full(element),),
                devices=(device,), value=fill, unit="ratio", limit=limit_of("telecom_duct", "full_ratio", "ratio"),
            ))  # fmt: skip
    for duct in of.network.pipes:
        share_ratio = of.tie(duct.id).fill_ratio or 0.0
        if share_ratio >= limit:
            found.append(PipeFinding(
                kind="duct_full", severity="info", text=words.duct_full(duct.id, share_ratio),
                objects=(of.full(duct.id),), devices=(), value=share_ratio, unit="ratio",
                limit=limit_of("telecom_duct", "full_ratio", "ratio"),
            ))  # fmt: skip
    return found


def _is_blind(of: ServedNetwork, latest: StateSnapshot) -> bool:
    """Whether the network has devices of which none reports."""
    tied = {t.device for t in of.site_network.nodes.values()} | {t.device for t in of.site_network.links.values()}
    rows = [row for device in tied for row in _rows(of.index, device)]
    dead = {Quality.STALE, Quality.NEVER, Quality.BAD}
    return bool(rows) and all(latest.quality[row] in dead for row in rows)


def _rows(index: SiteIndex, device: str | None) -> list[int]:
    if device is None or device not in index.first_row:
        return []
    first = index.first_row[device]
    return list(range(first, first + len(index.kinds[index.devices[device].kind].channels)))
