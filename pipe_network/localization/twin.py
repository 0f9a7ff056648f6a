"""The twin: the network as its model says, drawing as much water as was measured to enter.

The demands of each district follow their own patterns, scaled at every step so that together they are the measured
inflow. Tanks stand at their measured levels, and metered links between them carry their measured flows, so that an
error on one side of a meter does not reach the other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.epanet import Project
from pipe_network.errors import HydraulicsError, UnknownElementError
from pipe_network.localization.districts import UNFED, Districts
from pipe_network.localization.fields import FLOW_AS_HEAD
from pipe_network.model import MAX_ID, Demand, Link, Network, Pattern, Pump, Reservoir, Tank
from pipe_network.record import Record

Floats = NDArray[np.float64]
_SOLVING: Final = (("Accuracy", "0.00001"), ("Unbalanced", "Continue 10"))
"""EPANET's usual accuracy leaves millimetres of head undecided, more than the mean of a day of readings does. A step
that it cannot balance, such as the hour in which a pump was switched, is no reason to stop."""
_NOT_HYDRAULIC: Final = frozenset(
    {"CONTROLS", "RULES", "ENERGY", "QUALITY", "SOURCES", "REACTIONS", "MIXING", "REPORT"}
)
"""Sections that switch what is measured instead, or name patterns the twin does not have."""
_STEADY: Final = "steady"
_RUNNING_RATIO: Final = 0.005
"""A pump that passes less than this share of what it passes at most is taken to stand still."""


@dataclass(frozen=True, slots=True, eq=False)
class Twin:
    """A network ready to be driven through a record.

    Attributes
    ----------
    driven : the network EPANET solves; its junctions are those of the model, in their order
    demands_m3_per_s : (t, junctions) what is drawn, without what metered links take or bring
    """

    driven: Network
    demands_m3_per_s: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A solved twin.

    Attributes
    ----------
    sensor_heads_m : (t, sensors) total head, and after those the flows of inlets as heads
    heads_m, flows_m3_per_s : (nodes,) and (links,) of the driven network, at each step asked for
    """

    sensor_heads_m: Floats
    heads_m: dict[int, Floats]
    flows_m3_per_s: dict[int, Floats]


def pattern_values(network: Network, times_s: Floats, step_s: float) -> dict[str, Floats]:
    """Each pattern's mean over the steps that begin at some times; 0 is the beginning of the patterns."""
    own_s = network.times.pattern_step_s
    count = max(1, round(step_s / own_s))
    index = np.floor((times_s + network.times.pattern_start_s) / own_s).astype(int)
    values = {}
    for pattern in network.patterns:
        course = np.array(pattern.multipliers)
        values[pattern.id] = np.mean([course[(index + k) % len(course)] for k in range(count)], axis=0)
    return values


def nominal_demands_m3_per_s(network: Network, times_s: Floats, step_s: float) -> Floats:
    """(t, junctions) what the model says is drawn, on average over each step."""
    patterns = pattern_values(network, times_s, step_s)
    flat = np.ones(len(times_s))
    multiplier = network.options.demand_multiplier_ratio or 1.0
    rows: list[int] = []
    courses: dict[str, int] = {}
    weights: list[float] = []
    columns: list[int] = []
    for k, junction in enumerate(network.junctions):
        for demand in junction.demands:
            name = demand.pattern or network.options.pattern or "1"
            rows.append(courses.setdefault(name, len(courses)))
            columns.append(k)
            weights.append(multiplier * demand.base_m3_per_s)
    table = np.zeros((len(courses), len(network.junctions)))
    np.add.at(table, (rows, columns), weights)
    values = np.array([patterns.get(name, flat) for name in courses]).reshape(len(courses), len(times_s))
    demands: Floats = values.T @ table
    return demands


def scales_ratio(districts: Districts, inflows_m3_per_s: Floats, nominal_m3_per_s: Floats) -> Floats:
    """(t, districts) by what the model's demands are multiplied; between known steps where an inflow is missing."""
    scales = np.ones_like(inflows_m3_per_s)
    steps = np.arange(len(scales))
    for d in range(len(districts)):
        total = nominal_m3_per_s[:, districts.of_junction == d].sum(axis=1)
        known = np.isfinite(inflows_m3_per_s[:, d]) & (total > 0.0)
        if known.any():
            ratio = np.maximum(inflows_m3_per_s[known, d] / total[known], 0.0)
            scales[:, d] = np.interp(steps, steps[known], ratio)
    return scales


def prepare(network: Network, districts: Districts, record: Record, *, known_m3_per_s: Mapping[str, float]) -> Twin:
    """The twin of a record.

    Parameters
    ----------
    known_m3_per_s : leaks that run all the time, by the pipe they are in
    """
    nominal = nominal_demands_m3_per_s(network, record.times_s, record.step_s)
    lost = np.zeros(len(network.junctions))
    rows = {j.id: k for k, j in enumerate(network.junctions)}
    for pipe_id, size in known_m3_per_s.items():
        if pipe_id not in network.links:
            raise UnknownElementError("pipe", pipe_id)
        ends = [rows[n] for n in (network.links[pipe_id].start, network.links[pipe_id].end) if n in rows]
        lost[ends] += size / max(len(ends), 1)
    inflows = districts.inflows_m3_per_s(record)
    inflows -= np.array([lost[districts.of_junction == d].sum() for d in range(len(districts))])
    scales = scales_ratio(districts, inflows, nominal)
    fed = np.where(districts.of_junction == UNFED, 0, districts.of_junction)
    return Twin(_driven(network, districts, record, scales, lost), nominal * scales[:, fed])


def solve(
    twin: Twin, sensors: Sequence[str], steps: int, *, whole: Collection[int], inlets: Sequence[str] = ()
) -> Course:
    """The twin's course by EPANET.

    Parameters
    ----------
    whole : steps of which every head and flow is wanted
    inlets : links whose flows are wanted as heads

    Raises
    ------
    HydraulicsError
        If EPANET cannot solve the network.
    """
    at_sensors, heads, flows = [], {}, {}
    with Project(twin.driven) as project:
        rows = [project.node_row(s) for s in sensors]
        links = [project.link_row(k) for k in inlets]
        for step, _ in zip(range(steps), project.run(), strict=False):
            flowing = FLOW_AS_HEAD * project.flows_at_m3_per_s(links)
            at_sensors.append(np.append(project.heads_at_m(rows), flowing))
            if step in whole:
                heads[step], flows[step] = project.heads_m(), project.flows_m3_per_s()
    if len(at_sensors) < steps:
        raise HydraulicsError(110, f"EPANET gave up on the driven network at step {len(at_sensors)} of {steps}")
    return Course(np.array(at_sensors), heads, flows)


def _driven(network: Network, districts: Districts, record: Record, scales: Floats, lost: Floats) -> Network:
    step_s = max(1, round(record.step_s))
    patterns = pattern_values(network, record.times_s, record.step_s)
    courses: dict[str, Floats] = {}
    replaced = _replaced(network, record)
    drawn = _demands(network, districts, scales, patterns, courses)
    multiplier = network.options.demand_multiplier_ratio or 1.0
    for k, flow in enumerate(lost / multiplier):
        if flow:
            courses[_STEADY] = np.ones(len(record.times_s))
            drawn[k].append(Demand(float(flow), _STEADY))
    rows = {j.id: k for k, j in enumerate(network.junctions)}
    for link_id, flow in replaced.items():
        link, course = network.links[link_id], f"q-{link_id}"[:MAX_ID]
        courses[course] = flow / multiplier
        for node, sign in ((link.start, 1.0), (link.end, -1.0)):
            if node in rows:
                drawn[rows[node]].append(Demand(sign, course))
    reservoirs = [_at_pattern(r, patterns, courses) for r in network.reservoirs]
    for tank in network.tanks:
        courses[f"t-{tank.id}"[:MAX_ID]] = _level_course(tank, record)
        reservoirs.append(Reservoir(tank.id, 1.0, f"t-{tank.id}"[:MAX_ID]))
    pumps = tuple(_at_measured_state(x, record, courses) for x in network.pumps if x.id not in replaced)
    extra = tuple((k, v) for k, v in network.options.extra if k.upper() not in {"ACCURACY", "UNBALANCED"})
    return replace(
        network,
        junctions=tuple(replace(j, demands=tuple(d)) for j, d in zip(network.junctions, drawn, strict=True)),
        reservoirs=tuple(reservoirs),
        tanks=(),
        pipes=tuple(p for p in network.pipes if p.id not in replaced),
        valves=tuple(v for v in network.valves if v.id not in replaced),
        pumps=pumps,
        patterns=tuple(Pattern(name, tuple(course)) for name, course in courses.items()),
        options=replace(network.options, pattern=None, extra=(*extra, *_SOLVING)),
        times=replace(
            network.times, duration_s=step_s * (len(record.times_s) - 1), hydraulic_step_s=step_s,
            pattern_step_s=step_s, pattern_start_s=0, report_step_s=step_s, report_start_s=0,
        ),
        sections={k: v for k, v in network.sections.items() if k not in _NOT_HYDRAULIC},
    )  # fmt: skip


def _demands(
    network: Network, districts: Districts, scales: Floats, patterns: dict[str, Floats], courses: dict[str, Floats]
) -> list[list[Demand]]:
    """What each junction draws by the courses of its district, which are added to `courses`."""
    flat = np.ones(len(scales))
    drawn = []
    for junction, d in zip(network.junctions, districts.of_junction, strict=True):
        own = []
        for demand in junction.demands:
            name = demand.pattern or network.options.pattern or "1"
            course = f"{d}-{name}"[:MAX_ID]
            if course not in courses:
                courses[course] = patterns.get(name, flat) * (scales[:, d] if d != UNFED else flat)
            if demand.base_m3_per_s:
                own.append(Demand(demand.base_m3_per_s, course))
        drawn.append(own)
    return drawn


def _at_measured_state(pump: Pump, record: Record, courses: dict[str, Floats]) -> Pump:
    """A pump that must stay in the twin, running when its meter says so."""
    if pump.id not in record.flow_links:
        return pump
    flow = np.nan_to_num(record.flows_m3_per_s[:, record.flow_links.index(pump.id)])
    course = f"s-{pump.id}"[:MAX_ID]
    courses[course] = np.where(flow > _RUNNING_RATIO * flow.max(), pump.speed_ratio, 0.0)
    return replace(pump, pattern=course, status="OPEN")


def _at_pattern(reservoir: Reservoir, patterns: dict[str, Floats], courses: dict[str, Floats]) -> Reservoir:
    if reservoir.pattern is None:
        return reservoir
    courses[f"r-{reservoir.id}"[:MAX_ID]] = patterns[reservoir.pattern]
    return replace(reservoir, pattern=f"r-{reservoir.id}"[:MAX_ID])


def _level_course(tank: Tank, record: Record) -> Floats:
    steps = np.arange(len(record.times_s))
    if tank.id not in record.tanks:
        return np.full(len(steps), tank.elevation_m + tank.init_level_m)
    levels = record.levels_m[:, record.tanks.index(tank.id)]
    # what is measured is the step's beginning; its mean lies between this level and the next
    middle = np.append(0.5 * (levels[:-1] + levels[1:]), levels[-1:])
    known = np.isfinite(middle)
    if not known.any():
        return np.full(len(steps), tank.elevation_m + tank.init_level_m)
    course: Floats = tank.elevation_m + np.interp(steps, steps[known], middle[known])
    return course


def _replaced(network: Network, record: Record) -> dict[str, Floats]:
    """Metered links whose measured flow stands for them: those without which every part still has a fixed head."""
    fixed = {r.id for r in network.reservoirs} | {t.id for t in network.tanks}
    steps = np.arange(len(record.times_s))
    replaced: dict[str, Floats] = {}
    for k, name in enumerate(record.flow_links):
        link = network.links[name]
        known = np.isfinite(record.flows_m3_per_s[:, k])
        at_source = name in {p.id for p in network.pipes} and {link.start, link.end} & fixed
        if at_source or not known.any():  # the pressure behind it is what the source gives, and tells of the flow
            continue
        without = [x for x in network.links.values() if x.id not in {*replaced, name} and x.status != "CLOSED"]
        if _all_fed(network, without, fixed):
            replaced[name] = np.interp(steps, steps[known], record.flows_m3_per_s[known, k])
    return replaced


def _all_fed(network: Network, links: Sequence[Link], fixed: set[str]) -> bool:
    from scipy.sparse import coo_array  # noqa: PLC0415 - weighs on `plumbline --help`
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    rows = {n: k for k, n in enumerate(network.nodes)}
    pairs = np.array([(rows[x.start], rows[x.end]) for x in links]).reshape(-1, 2)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(rows), len(rows)))
    _, label = connected_components(graph, directed=False)
    fed = {int(label[rows[n]]) for n in fixed}
    drawing = {int(label[rows[j.id]]) for j in network.junctions if j.demands}
    return drawing <= fed
