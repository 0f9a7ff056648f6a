"""Leaks whose truth is known: EPANET runs a network that differs from the model in everything one cannot know.

The truth has other demands, roughnesses and diameters than the model, and the sensors and meters read with errors.
What comes out is what a utility would have: the observations, and when the leak began.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from pipe_network.epanet import Project
from pipe_network.model import Junction, Network, Pipe
from pipe_network.record import Record

Floats = NDArray[np.float64]
Disturbance = Literal["none", "drifting", "stuck", "missing", "closed_valve", "new_consumer"]

_LTOWN_NODES: Final = (
    1, 4, 31, 54, 105, 114, 163, 188, 215, 229, 288, 296, 332, 342, 410, 415, 429, 458, 469, 495, 506, 516,
    519, 549, 613, 636, 644, 679, 722, 726, 740, 752, 769,
)  # fmt: skip
LTOWN_SENSORS: Final = tuple(f"n{k}" for k in _LTOWN_NODES)
"""The pressure sensors of the competition."""
_HOUR_S: Final = 3600
_TANK_STEP_S: Final = 360
"""Tanks move within an hour, and with them every head they make."""
_LEAK_NODE: Final = "leak-here"
_NEAREST_END_RATIO: Final = 0.02
"""A leak is not put nearer than this to an end of its pipe: EPANET wants pipes of some length."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """How the truth differs from the model, and how it is measured. Spreads are uniform ± unless said otherwise.

    Attributes
    ----------
    base_demand_ratio, roughness_ratio, diameter_ratio : spread of each node's and pipe's own factor, which lasts
    hourly_demand_ratio, meter_ratio : standard deviation, each hour anew
    noise_m, offset_m : standard deviation of each reading, and of each sensor's lasting error
    resolution_m : step of the readings
    smallest_m3_per_s, largest_m3_per_s : the leak, log-uniform
    is_orifice : the leak grows with the root of the pressure; otherwise it is constant
    """

    name: str
    base_demand_ratio: float = 0.10
    hourly_demand_ratio: float = 0.10
    roughness_ratio: float = 0.10
    diameter_ratio: float = 0.03
    noise_m: float = 0.02
    offset_m: float = 0.0
    resolution_m: float = 0.01
    meter_ratio: float = 0.005
    smallest_m3_per_s: float = 5.0 / 3600.0
    largest_m3_per_s: float = 30.0 / 3600.0
    before_h: int = 72
    after_h: int = 72
    is_orifice: bool = False
    disturbance: Disturbance = "none"


A: Final = Scenario("A")
B: Final = Scenario(
    "B", base_demand_ratio=0.20, hourly_demand_ratio=0.30, diameter_ratio=0.05, noise_m=0.1, offset_m=0.3,
    meter_ratio=0.01,
)  # fmt: skip
C: Final = replace(B, name="C", smallest_m3_per_s=1.0 / 3600.0, largest_m3_per_s=5.0 / 3600.0)


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One leak: what was observed, and the truth.

    Attributes
    ----------
    pipe, along_ratio : where it is, from the pipe's start
    size_m3_per_s : mean flow of the leak
    onset_s : when it began; the first observation with the leak is at this time
    """

    scenario: Scenario
    observations: Record
    onset_s: float
    pipe: str
    along_ratio: float
    size_m3_per_s: float
    disturbed_sensor: str | None = None


def pattern_demands_m3_per_s(network: Network, times_s: Floats) -> Floats:
    """(t, junctions) what the network's own demands and patterns state.

    Parameters
    ----------
    times_s : (t,) from the start of the patterns [s]
    """
    step_s, start_s = network.times.pattern_step_s, network.times.pattern_start_s
    index = ((times_s + start_s) // step_s).astype(int)
    flat = np.ones(len(times_s))
    courses = {p.id: np.array(p.multipliers)[index % len(p.multipliers)] for p in network.patterns}
    multiplier = network.options.demand_multiplier_ratio or 1.0
    demands = np.zeros((len(times_s), len(network.junctions)))
    for k, junction in enumerate(network.junctions):
        for demand in junction.demands:
            pattern = demand.pattern or network.options.pattern or "1"
            demands[:, k] += multiplier * demand.base_m3_per_s * courses.get(pattern, flat)
    return demands


def trial(network: Network, sensors: Sequence[str], scenario: Scenario, *, seed: int) -> Trial:
    """One leak at a random point of a network, every metre of pipe as likely as another.

    Links at reservoirs and pumps are metered, and tanks have level sensors.
    """
    rng = np.random.default_rng(seed)
    hours = scenario.before_h + scenario.after_h
    pipe, along_ratio = _somewhere(network, rng)
    size_m3_per_s = float(np.exp(rng.uniform(*np.log([scenario.smallest_m3_per_s, scenario.largest_m3_per_s]))))
    begin_s = 24 * _HOUR_S * int(rng.integers(0, 7))
    times_s = begin_s + _HOUR_S * np.arange(hours, dtype=float)
    nominal = pattern_demands_m3_per_s(network, times_s)
    lasting = 1.0 + rng.uniform(-1.0, 1.0, nominal.shape[1]) * scenario.base_demand_ratio
    passing = np.maximum(1.0 + rng.normal(0.0, scenario.hourly_demand_ratio, nominal.shape), 0.0)
    truth = _with_leak_node(_perturbed(network, scenario, rng), pipe, along_ratio)
    if scenario.disturbance == "closed_valve":
        truth = _with_closed_pipe(truth, rng, spared=pipe)
    leaks = np.where(np.arange(hours) >= scenario.before_h, size_m3_per_s, 0.0)
    demands = nominal * lasting * passing
    if scenario.disturbance == "new_consumer":  # what draws is no leak: by day only, and there is none besides
        busy = (np.arange(hours) % 24 >= 8) & (np.arange(hours) % 24 < 20)
        leaks = leaks * 2.0 * busy
    observed = _observe(truth, sensors, demands, leaks=leaks, is_orifice=scenario.is_orifice, times_s=times_s)
    observed, disturbed = _read(observed, scenario, rng)
    return Trial(
        scenario=scenario,
        observations=observed,
        onset_s=float(times_s[scenario.before_h]),
        pipe=pipe,
        along_ratio=along_ratio,
        size_m3_per_s=size_m3_per_s,
        disturbed_sensor=disturbed,
    )


def trials(
    network: Network, sensors: Sequence[str], scenario: Scenario, *, count: int, seed: int = 1
) -> Iterator[Trial]:
    """As many leaks as asked for; the same seed gives the same leaks."""
    for k in range(count):
        yield trial(network, sensors, scenario, seed=seed * 100_003 + k)


def metered_links(network: Network) -> tuple[str, ...]:
    """Links at reservoirs, pumps, and links that controls open and close: where a utility measures flow."""
    sources = {r.id for r in network.reservoirs}
    controlled = {line.split()[1] for line in network.sections.get("CONTROLS", ()) if len(line.split()) > 1}
    metered = {p.id for p in network.pumps} | controlled
    return tuple(k.id for k in network.links.values() if k.id in metered or {k.start, k.end} & sources)


def random_sensors(network: Network, count: int, *, seed: int) -> tuple[str, ...]:
    """Junctions spread over a network, each as far as can be from those before it, by plan position."""
    rng = np.random.default_rng(seed)
    ids = [j.id for j in network.junctions if j.id in network.coordinates]
    at = np.array([network.coordinates[n] for n in ids])
    chosen = [int(rng.integers(len(ids)))]
    far = np.hypot(*(at - at[chosen[0]]).T)
    while len(chosen) < min(count, len(ids)):
        chosen.append(int(np.argmax(far * rng.uniform(0.7, 1.0, len(far)))))
        far = np.minimum(far, np.hypot(*(at - at[chosen[-1]]).T))
    return tuple(ids[k] for k in chosen)


def _somewhere(network: Network, rng: np.random.Generator) -> tuple[str, float]:
    pipes = [p for p in network.pipes if p.status == "OPEN"]
    lengths_m = np.array([p.length_m for p in pipes])
    chosen = pipes[int(rng.choice(len(pipes), p=lengths_m / lengths_m.sum()))]
    return chosen.id, float(rng.uniform(_NEAREST_END_RATIO, 1.0 - _NEAREST_END_RATIO))


def _perturbed(network: Network, scenario: Scenario, rng: np.random.Generator) -> Network:
    rough = 1.0 + rng.uniform(-1.0, 1.0, len(network.pipes)) * scenario.roughness_ratio
    wide = 1.0 + rng.uniform(-1.0, 1.0, len(network.pipes)) * scenario.diameter_ratio
    pipes = tuple(
        replace(p, roughness=p.roughness * r, diameter_m=p.diameter_m * w)
        for p, r, w in zip(network.pipes, rough, wide, strict=True)
    )
    extra = tuple((k, v) for k, v in network.options.extra if k.upper() != "ACCURACY")
    # at EPANET's usual accuracy the solver's own noise is larger than what a small leak does to the heads
    return replace(network, pipes=pipes, options=replace(network.options, extra=(*extra, ("Accuracy", "0.00001"))))


def _with_leak_node(network: Network, pipe_id: str, along_ratio: float) -> Network:
    pipe = next(p for p in network.pipes if p.id == pipe_id)
    nodes = network.nodes
    elevation_m = (1.0 - along_ratio) * _ground_m(nodes[pipe.start]) + along_ratio * _ground_m(nodes[pipe.end])
    halves = (
        replace(pipe, end=_LEAK_NODE, length_m=pipe.length_m * along_ratio, vertices=()),
        Pipe(f"{pipe_id}-2"[-31:], _LEAK_NODE, pipe.end, pipe.length_m * (1 - along_ratio), pipe.diameter_m,
             pipe.roughness),
    )  # fmt: skip
    pipes = (*(p for p in network.pipes if p.id != pipe_id), *halves)
    return replace(network, pipes=pipes, junctions=(*network.junctions, Junction(_LEAK_NODE, elevation_m)))


def _ground_m(node: object) -> float:
    return float(getattr(node, "elevation_m", 0.0))


def _with_closed_pipe(network: Network, rng: np.random.Generator, *, spared: str) -> Network:
    """One pipe that is part of a loop closed, a valve someone forgot."""
    import networkx as nx  # noqa: PLC0415 - networkx takes a while to come and only this needs it

    graph: nx.MultiGraph[str] = nx.MultiGraph()
    graph.add_edges_from((k.start, k.end) for k in network.links.values())
    bridges = {frozenset(e) for e in nx.bridges(graph)}
    loops = [p.id for p in network.pipes if frozenset((p.start, p.end)) not in bridges and not p.id.startswith(spared)]
    shut = loops[int(rng.integers(len(loops)))]
    return replace(network, pipes=tuple(replace(p, status="CLOSED") if p.id == shut else p for p in network.pipes))


def _observe(
    network: Network, sensors: Sequence[str], demands: Floats, *, leaks: Floats, is_orifice: bool, times_s: Floats
) -> Record:
    """What perfect instruments would say: means of each hour, and levels at its beginning."""
    meters, tanks = metered_links(network), tuple(t.id for t in network.tanks)
    nodes = network.nodes
    heads_m, flows = np.zeros((len(demands), len(sensors))), np.zeros((len(demands), len(meters)))
    levels_m = np.zeros((len(demands), len(tanks)))
    with Project(network) as project:
        rows = [project.node_row(j.id) for j in network.junctions]
        at, through = [project.node_row(s) for s in sensors], [project.link_row(m) for m in meters]
        stored = [project.node_row(t) for t in tanks]
        project.set_times(duration_s=_HOUR_S * len(demands), step_s=_TANK_STEP_S if tanks else _HOUR_S)
        project.drop_patterns()
        project.start()
        time_s = 0
        while (hour := time_s // _HOUR_S) < len(demands):
            if time_s % _HOUR_S == 0:
                project.set_demands(rows, [*demands[hour], 0.0 if is_orifice else leaks[hour]])
                if is_orifice and leaks[hour] != (leaks[hour - 1] if hour else 0.0):
                    # the coefficient that gives the flow at the pressure there is before it
                    pressure_m = max(float(project.pressure_heads_m()[rows[-1]]), 1.0)
                    project.set_emitter(_LEAK_NODE, float(leaks[hour] / np.sqrt(pressure_m)))
            project.solve()
            if time_s % _HOUR_S == 0:
                levels_m[hour] = project.heads_at_m(stored) - [nodes[t].elevation_m for t in tanks]
            now_m, now_flows = project.heads_at_m(at), project.flows_at_m3_per_s(through)
            step_s = project.advance() or _HOUR_S
            heads_m[hour] += now_m * (step_s / _HOUR_S)
            flows[hour] += now_flows * (step_s / _HOUR_S)
            time_s += step_s
    return Record(
        times_s=times_s,
        sensors=tuple(sensors),
        pressure_heads_m=heads_m - [nodes[s].elevation_m for s in sensors],
        flow_links=meters,
        flows_m3_per_s=flows,
        tanks=tanks,
        levels_m=levels_m,
    )


def _read(exact: Record, scenario: Scenario, rng: np.random.Generator) -> tuple[Record, str | None]:
    """What the instruments that there are say of it."""
    heads = exact.pressure_heads_m + rng.normal(0.0, scenario.offset_m, len(exact.sensors))
    heads = heads + rng.normal(0.0, scenario.noise_m, heads.shape)
    flows = exact.flows_m3_per_s * (1.0 + rng.normal(0.0, scenario.meter_ratio, exact.flows_m3_per_s.shape))
    which = int(rng.integers(len(exact.sensors)))
    after = slice(scenario.before_h, None)
    match scenario.disturbance:
        case "drifting":  # a metre in six days
            heads[:, which] += np.linspace(0.0, 1.0, len(heads)) * rng.choice([-1.0, 1.0])
        case "stuck":
            heads[after, which] = heads[scenario.before_h, which]
        case "missing":
            heads[rng.random(heads.shape) < 0.1] = np.nan
            flows[rng.random(len(flows)) < 0.1] = np.nan
        case _:
            pass
    if scenario.resolution_m > 0:
        heads = np.round(heads / scenario.resolution_m) * scenario.resolution_m
    disturbed = exact.sensors[which] if scenario.disturbance in {"drifting", "stuck"} else None
    return replace(exact, pressure_heads_m=heads, flows_m3_per_s=flows), disturbed
