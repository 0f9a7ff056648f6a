"""A shut-down in the estate's words: the valves in their order, and who loses water, at once or later."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

import numpy as np

from pipe_network.consequence import Consequence, compare, course
from pipe_network.errors import HydraulicsError, IsolationError, UnknownElementError
from pipe_network.isolation import Isolation, isolate
from pipe_network.model import Network, Pipe
from pipe_network.tracing import STANDING_M3_PER_S
from twin.errors import PipeQuestionError, UnknownIdError
from twin.leaks.result import Words
from twin.leaks.words import building_name, device_name, space_name
from twin.pipes import words
from twin.pipes.pressures import basis_of
from twin.pipes.requirements import NeededHead, requirements
from twin.pipes.result import (
    CriticalPlace,
    Drain,
    IsolationPlan,
    LaterDry,
    LowFlat,
    PointM,
    ValveToClose,
    WithoutWater,
)
from twin.pipes.served import ServedNetwork, ValveState

DEFAULT_HOURS: Final = 4.0
"""A repair of a buried pipe with digging, as crews plan it; the caller states another."""
_UNKNOWN_EFFORT: Final = 1.0
_EFFORT_PER_M: Final = 10.0
"""A valve takes about as many turns as its bore has centimetres; a hand's width counts like an unknown position."""
_SMALL_RATIO: Final = 0.05
"""Less than a twentieth of what the first valve lets in does not decide where to go next."""

Prefer = Literal["fewest_valves", "fewest_flats"]


def isolation_plan(
    of: ServedNetwork, pipe: str, *, stuck: Collection[str] = (), states: Mapping[str, ValveState] | None = None,
    hours: float = DEFAULT_HOURS, prefer: Prefer = "fewest_valves", levels_m: Mapping[str, float] | None = None,
) -> IsolationPlan:  # fmt: skip
    """The plan to cut a pipe off, checked by EPANET.

    Parameters
    ----------
    pipe : a link's id in the network's own file
    stuck : valves that do not close; those that report a fault are added
    states : of the valves; without them all are unknown
    hours : how long the shut-down lasts; flats that a tank carries through it keep their water
    levels_m : of tanks at its beginning; those not named begin as the network's file has them

    Raises
    ------
    UnknownIdError
        If the network has no such pipe or valve.
    PipeQuestionError
        If no source feeds the pipe, or no usable valves cut it off.
    """
    known = {v: (states or {}).get(v, "unknown") for v in of.valves}
    jammed = [v for v in of.valves if v in set(stuck) or known[v] == "stuck"]
    jammed += [v for v in stuck if v not in known]
    closed = [v for v in of.valves if known[v] == "closed"]
    efforts = {v: _effort(of, v, known[v]) for v in of.valves}

    def found(prefer: Literal["fewest_valves", "least_weight"]) -> Isolation:
        return isolate(of.segments, pipe, stuck=jammed, closed=closed, weights=of.weights, efforts=efforts,
                       prefer=prefer)  # fmt: skip

    try:
        smallest, gentlest = found("fewest_valves"), found("least_weight")
    except UnknownElementError as error:
        raise UnknownIdError("pipe", error.wanted, of.network.links) from None
    except IsolationError as error:
        raise PipeQuestionError(f"{error}.") from error
    chosen, other = (smallest, gentlest) if prefer == "fewest_valves" else (gentlest, smallest)
    consequence, why_not = _consequence(of, chosen, levels_m or {})
    at_once = _dry(chosen, consequence, hours)
    notes = _warnings(of, chosen, known, jammed, consequence, why_not)
    if prefer == "fewest_valves":
        spared = _spared(of, chosen, other)
        notes += [words.gentler(other.close, spared)] if spared else []
    return IsolationPlan(
        pipe=of.full(pipe), close=_in_order(of, chosen, known), keep_closed=of.fullest(chosen.keep_closed),
        stuck=of.fullest(jammed), isolated=of.fullest(chosen.links), hours=hours,
        without_water=_without_water(of, at_once), low_pressure=_low(of, consequence),
        later=_later(of, consequence, at_once), drain=_drain(of, chosen), checked=consequence is not None,
        warnings=tuple(notes),
    )  # fmt: skip


def _spared(of: ServedNetwork, chosen: Isolation, other: Isolation) -> int:
    """How many fewer flats lose their water by another plan, at once or when the tanks are empty."""
    lost = [len({*_flats(of, plan.nodes), *of.out_of_reach({*plan.close, *plan.keep_closed})})
            for plan in (chosen, other)]  # fmt: skip
    return max(0, lost[0] - lost[1])


def _effort(of: ServedNetwork, valve: str, state: ValveState) -> float:
    link = of.network.links[valve]
    bore_m = link.diameter_m if isinstance(link, Pipe) else 0.1
    return 1.0 + _EFFORT_PER_M * bore_m + (_UNKNOWN_EFFORT if state == "unknown" else 0.0)


def _consequence(of: ServedNetwork, chosen: Isolation, levels_m: Mapping[str, float]) -> tuple[Consequence | None, str]:
    if of.usual is None:
        return None, "EPANET cannot run this network as it is"
    try:
        after = course(_filled(of.network, levels_m), closed=(*chosen.close, *chosen.keep_closed))
    except HydraulicsError as error:
        return None, str(error)
    return compare(of.usual, after, of.needed_m), ""


def _filled(network: Network, levels_m: Mapping[str, float]) -> Network:
    levels = {t.id: levels_m.get(t.id, t.init_level_m) for t in network.tanks}
    return replace(
        network,
        tanks=tuple(replace(t, init_level_m=min(max(levels[t.id], t.min_level_m), t.max_level_m))
                    for t in network.tanks),
    )  # fmt: skip


def _dry(chosen: Isolation, consequence: Consequence | None, hours: float) -> tuple[str, ...]:
    """Nodes without water at some time of the shut-down."""
    if consequence is None:
        return chosen.nodes
    soon = {n for n, after_s in consequence.dry_after_s.items() if after_s < hours * 3600}
    return (*chosen.nodes, *sorted(soon - set(chosen.nodes)))


def _flats(of: ServedNetwork, nodes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(s for n in nodes for s in of.homes_of.get(n, ())))


def _without_water(of: ServedNetwork, nodes: Sequence[str]) -> WithoutWater:
    flats = _flats(of, nodes)
    households = [h for f in flats for h in of.households.get(f, ())]
    critical = dict.fromkeys(s for n in nodes for s in of.critical_of.get(n, ()))
    dry = set(nodes)
    return WithoutWater(
        flats=flats,
        households=tuple(h.id for h in households),
        vulnerable=tuple(h.id for h in households if h.elderly_alone),
        people=sum(h.residents for h in households if h.tenure != "vacant"),
        hydrants=tuple(of.node_tie(n).device or of.full(n) for n in of.hydrants if n in dry),
        critical=tuple(CriticalPlace(id=s, name=space_name(of.index, s)) for s in critical),
    )


def _low(of: ServedNetwork, consequence: Consequence | None) -> tuple[LowFlat, ...]:
    found = consequence.low if consequence is not None else ()
    return tuple(
        LowFlat(space=space, pressure_head_m=round(x.pressure_head_m, 2), before_m=round(x.before_m, 2),
                needed_m=x.needed_m, limit=basis_of(_needed(of, space)))
        for x in found for space in of.homes_of.get(x.node, ())
    )  # fmt: skip


def _needed(of: ServedNetwork, space: str) -> NeededHead:
    """What the taps of a space need, by its use."""
    return requirements().tap(of.index.spaces[space].template.use if space in of.index.spaces else None)


def _later(of: ServedNetwork, consequence: Consequence | None, at_once: Sequence[str]) -> tuple[LaterDry, ...]:
    if consequence is None:
        return ()
    now = set(at_once)
    later = [(after_s, space) for n, after_s in consequence.dry_after_s.items() if n not in now
             for space in of.homes_of.get(n, ())]  # fmt: skip
    return tuple(LaterDry(space=space, after_s=after_s) for after_s, space in sorted(later))


def _drain(of: ServedNetwork, chosen: Isolation) -> Drain | None:
    ends = {n for k in chosen.links for n in (of.network.links[k].start, of.network.links[k].end)}
    low = min((j for j in of.network.junctions if j.id in ends), key=lambda j: j.elevation_m, default=None)
    return None if low is None else Drain(node=of.full(low.id), elevation_m=low.elevation_m)


def _in_order(of: ServedNetwork, chosen: Isolation, states: Mapping[str, ValveState]) -> tuple[ValveToClose, ...]:
    """The most water first, then along the shortest way from valve to valve."""
    inflows = _inflows(of, chosen)
    points = {v: of.point_m(v) for v in chosen.close}
    least = max(STANDING_M3_PER_S, _SMALL_RATIO * max(inflows.values(), default=0.0))
    flowing = sorted((v for v in chosen.close if inflows[v] > least), key=lambda v: -inflows[v])
    rest = [v for v in chosen.close if v not in flowing]
    order = list(flowing)
    while rest:
        at = points[order[-1]] if order else None
        rest.sort(key=lambda v: _distance_m(at, points[v]))
        order.append(rest.pop(0))
    return tuple(
        ValveToClose(
            valve=of.full(v), name=_name(of, v), point_m=points[v], order=k, state=states[v],
            reason=words.lets_in(inflows[v], first=k == 1 and len(order) > 1) if v in flowing else words.stands(),
        )
        for k, v in enumerate(order, 1)
    )  # fmt: skip


def _inflows(of: ServedNetwork, chosen: Isolation) -> dict[str, float]:
    """What each valve lets into the part to be cut off, on the mean of a usual day. [m3/s]"""
    if of.usual is None:
        return dict.fromkeys(chosen.close, 0.0)
    inside = {n for k in chosen.links for n in (of.network.links[k].start, of.network.links[k].end)}
    column = {name: k for k, name in enumerate(of.usual.link_ids)}
    found: dict[str, float] = {}
    for valve in chosen.close:
        sign = 1.0 if of.network.links[valve].end in inside else -1.0
        found[valve] = float(np.maximum(sign * of.usual.flows_m3_per_s[:, column[valve]], 0.0).mean())
    return found


def _distance_m(a: PointM | None, b: PointM | None) -> float:
    return 0.0 if a is None or b is None else math.dist(a, b)


def _name(of: ServedNetwork, valve: str) -> Words:
    device = of.tie(valve).device
    if device is not None and device in of.index.devices:
        called = device_name(of.index, device)
        return Words(zh=f"{called.zh}（{valve}）", en=f"{called.en} ({valve})")
    return Words(zh=f"阀门 {valve}", en=f"valve {valve}")


def _fire_warnings(of: ServedNetwork, chosen: Isolation) -> list[Words]:
    """What a building without fire water means is not told by flats."""
    storeys: dict[str, set[str]] = {}
    for node in chosen.nodes:
        space = of.index.spaces.get(of.node_tie(node).space or "")
        if space is not None and of.node_tie(node).asset == "riser":
            storeys.setdefault(space.storey.building.id, set()).add(space.storey.id)
    found = [words.fire_risers(building_name(of.index, b), len(on)) for b, on in storeys.items()]
    suction = [n for n in chosen.nodes if of.node_tie(n).asset == "pump_suction"]
    return [*found, words.fire_suction(suction)] if suction else found


def _warnings(
    of: ServedNetwork, chosen: Isolation, states: Mapping[str, ValveState], jammed: Sequence[str],
    consequence: Consequence | None, why_not: str,
) -> list[Words]:  # fmt: skip
    found: list[Words] = []
    if not chosen.close:
        found.append(words.standing())
    if jammed:
        found.append(words.left_out(jammed))
    if of.site_network.kind == "fire_main":
        found += _fire_warnings(of, chosen)
    blind = [v for v in chosen.close if states[v] == "unknown"]
    shut = [v for v in blind if not of.tie(v).normally_open]
    if shut:
        found.append(words.normally_closed(shut))
    if open_unknown := [v for v in blind if v not in shut]:
        found.append(words.unknown_valves(open_unknown))
    if consequence is None:
        return [*found, words.not_run(why_not)]
    tanks = {t.id for t in of.network.tanks}
    emptied = {n: after_s for n, after_s in consequence.dry_after_s.items() if n in tanks and after_s > 0}
    if emptied:
        found.append(words.not_refilled(tuple(emptied), min(emptied.values())))
    if low := sum(len(of.homes_of.get(n, ())) for n in consequence.low_before):
        found.append(words.low_before(low))
    return found
