"""Pressures that should be otherwise: hydrants that are of no use and why, heating and gas outside their limits."""

from pipe_network.model import Tank
from twin.leaks.result import Words
from twin.pipes import words
from twin.pipes.readings import reading
from twin.pipes.requirements import NeededHead, requirements
from twin.pipes.result import Basis, FindingKind, HydrantState, PipeFinding, Severity
from twin.pipes.served import ServedNetwork
from twin.state import StateSnapshot

PA_PER_M = 9806.65


def basis_of(needed: NeededHead) -> Basis:
    """A needed head as what a finding rests on."""
    return Basis(value=needed.needed_m, unit="m", source=needed.source, certainty=needed.certainty)


def limit_of(kind: str, name: str, unit: str) -> Basis:
    """A limit of a kind of network as what a finding rests on.

    Examples
    --------
    >>> limit_of("drainage", "low_ratio", "ratio").certainty
    'chosen'
    """
    limit = requirements().limits[kind][name]
    return Basis(value=limit.value, unit=unit, source=limit.source, certainty=limit.certainty)


def low_hydrants(of: ServedNetwork, latest: StateSnapshot) -> list[PipeFinding]:
    """Hydrants with less pressure than they need."""
    needed = requirements().hydrants["outdoor"]
    found = []
    for node in of.hydrants:
        device = of.node_tie(node).device
        pressure_pa = reading(of.index, device, "pressure", latest)
        if device is not None and pressure_pa is not None and pressure_pa < needed.needed_m * PA_PER_M:
            found.append(PipeFinding(
                kind="hydrant_pressure_low", severity="critical",
                text=words.hydrant_low(device, pressure_pa / PA_PER_M, needed.needed_m), objects=(of.full(node),),
                devices=(device,), value=pressure_pa, unit="pa", limit=basis_of(needed),
            ))  # fmt: skip
    return found


def hydrant_states(of: ServedNetwork, latest: StateSnapshot) -> tuple[HydrantState, ...]:
    """Each hydrant: in service, out of service with the reason, or not known.

    A hydrant that closed valves cut off is out of service whatever its pressure, since what is left is used up at once.
    """
    states = of.valve_states(latest)
    closed = [v for v in of.valves if states[v] == "closed"]
    fed = of.reached(of.sources, closed)
    needed = requirements().hydrants["outdoor"]
    found = []
    for node in of.hydrants:
        device = of.node_tie(node).device
        pressure_pa = reading(of.index, device, "pressure", latest)
        in_service: bool | None = True
        reason: Words | None = None
        if node not in fed:
            in_service, reason = False, words.cut_off(closed)
        elif pressure_pa is None:
            in_service, reason = None, words.unheard()
        elif pressure_pa < needed.needed_m * PA_PER_M:
            in_service, reason = False, words.hydrant_low(device or node, pressure_pa / PA_PER_M, needed.needed_m)
        found.append(HydrantState(node=of.full(node), device=device, in_service=in_service, reason=reason))
    return tuple(found)


def odd_pressures(of: ServedNetwork, latest: StateSnapshot) -> list[PipeFinding]:
    """Heating or gas whose pressure is outside its limits; tanks tell by their level."""
    kind = of.site_network.kind
    limits = requirements().limits.get(kind, {})
    tanks = {t.id for t in of.network.nodes.values() if isinstance(t, Tank)}
    found = []
    for node, tie in of.site_network.nodes.items():
        value = None if node in tanks else reading(of.index, tie.device, "pressure", latest)
        if tie.device is None or value is None:
            continue
        told: tuple[FindingKind, str] | None = None
        if "least_pa" in limits and value < limits["least_pa"].value:
            told = ("pressure_low", "least_pa")
        elif "most_pa" in limits and value > limits["most_pa"].value:
            told = ("pressure_high", "most_pa")
        if told is not None:
            severity: Severity = "critical" if kind == "gas" else "major"
            limit = limit_of(kind, told[1], "pa")
            found.append(PipeFinding(
                kind=told[0], severity=severity, text=words.odd_pressure(tie.device, value, limit.value),
                objects=(of.full(node),), devices=(tie.device,), value=value, unit="pa", limit=limit,
            ))  # fmt: skip
    return found
