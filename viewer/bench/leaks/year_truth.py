"""A surrogate of the BattLeDIM competition's two years, simulated by EPANET.

The competition's own pressures are not public domain, so the same network, the same 23 leaks and the same instruments
are simulated again: L-Town with base demands, roughness and diameters each off by up to 10 %, hourly noise on
every junction's demand, a season, days and hours that differ as the measured inflow of 2019 says they do, sensors that
are noisy and rounded. The leaks sit in the middle of their pipes and discharge through an orifice.

Steps are an hour (means over the steps EPANET takes within it): finding a leak within minutes is worth little, and two
years take seconds. Before 2019 only those of the 23 leaks run that began then; the first week of 2018 has none.

References
----------
S. Vrachimis et al., Battle of the Leakage Detection and Isolation Methods, J. Water Resour. Plann. Manage. 148(12),
2022: instruments, leak models (orifice, area growing with the square of the diameter), uncertainty of the model.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.epanet import Project
from pipe_network.inp import parse
from pipe_network.model import Demand, Junction, Network, Pattern, Pipe
from pipe_network.record import DAY_S, HOUR_S, Record

Floats = NDArray[np.float64]

SENSORS: Final = tuple(f"n{k}" for k in (
    1, 4, 31, 54, 105, 114, 163, 188, 215, 229, 288, 296, 332, 342, 410, 415, 429, 458,
    469, 495, 506, 516, 519, 549, 613, 636, 644, 679, 722, 726, 740, 752, 769,
))  # fmt: skip
FLOW_LINKS: Final = ("p227", "p235", "PUMP_1")
METERS: Final = 82
"""Of the junctions behind the tank that draw water, so many are metered."""
YEAR_S: Final = 365 * DAY_S
_COEFFICIENT: Final = 0.75 * np.sqrt(2 * 9.81)
"""Orifice: discharge coefficient and gravity; times area times the root of the head. [m0.5/s]"""
_CHUNK_S: Final = 60 * DAY_S
"""Demands are handed to EPANET for so long at a time, to bound the memory."""


@dataclass(frozen=True, slots=True)
class TrueLeak:
    """One leak of the truth; times count from the beginning of 2019, and an abrupt one peaks as it starts."""

    pipe_id: str
    start_s: float
    end_s: float
    peak_s: float
    diameter_m: float

    def emitter_m3_per_s(self, time_s: float) -> float:
        """Its discharge at one metre of head."""
        if not self.start_s <= time_s < self.end_s:
            return 0.0
        grown = 1.0 if time_s >= self.peak_s else (time_s - self.start_s) / (self.peak_s - self.start_s)
        return float(_COEFFICIENT * np.pi / 4 * (self.diameter_m * grown) ** 2)


@dataclass(frozen=True, slots=True)
class Deviations:
    """By how much the truth differs from the model, and the instruments from the truth.

    The model's are half widths of uniform ranges. Season, days and hours are those of the measured inflow of 2019 less
    the leaks, over the nominal rhythm: 0.87 in January to 1.13 in July, days 1.3 % apart, hours 2.5 %.
    """

    base_demand_ratio: float = 0.10
    roughness_ratio: float = 0.10
    diameter_ratio: float = 0.10
    nodal_noise_ratio: float = 0.10
    season_ratio: float = 0.12
    daily_noise_ratio: float = 0.013
    hourly_noise_ratio: float = 0.025
    pressure_noise_m: float = 0.02
    pressure_rounding_m: float = 0.01
    flow_noise_ratio: float = 0.005
    level_rounding_m: float = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The record, and what really leaked: (t, leaks) flows. [m3/s]"""

    record: Record
    leaks: tuple[TrueLeak, ...]
    leaks_m3_per_s: Floats


def read_network(data: Path) -> Network:
    """The nominal model of L-Town in a folder of the public data sets."""
    return parse((data / "networks" / "L-TOWN.inp").read_text(encoding="utf-8", errors="replace"))


def read_leaks(path: Path) -> tuple[TrueLeak, ...]:
    """The competition's list: pipe, start, end, diameter, kind, time of the peak."""
    first = datetime(2019, 1, 1, tzinfo=UTC)

    def seconds(words: str) -> float:
        return (datetime.strptime(words.strip()[:16], "%Y-%m-%d %H:%M").replace(tzinfo=UTC) - first).total_seconds()

    with path.open(encoding="utf-8") as lines:
        rows = [row for row in csv.reader(lines) if len(row) >= 6 and not row[0].startswith("#")]
    return tuple(TrueLeak(r[0].strip(), seconds(r[1]), seconds(r[2]), seconds(r[5]), float(r[3])) for r in rows)


def random_leaks(network: Network, seed: int, *, old: int = 4, new: int = 19) -> tuple[TrueLeak, ...]:
    """As many leaks as in the competition, of its kinds, sizes and durations, anywhere."""
    rng = np.random.default_rng([seed, 1])
    lengths_m = np.array([p.length_m for p in network.pipes])
    pipes = rng.choice(len(lengths_m), size=old + new, replace=False, p=lengths_m / lengths_m.sum())
    leaks = []
    for k, row in enumerate(pipes):
        is_old = k < old
        start_s = float(rng.uniform(-358, -150) if is_old else rng.uniform(5, 330)) * DAY_S
        is_abrupt = not is_old and rng.random() < 9 / 19
        is_repaired = not is_old and rng.random() < 0.4
        peak_s = start_s if is_abrupt else start_s + rng.uniform(20, 90) * DAY_S
        end_s = min(peak_s + rng.uniform(10, 50) * DAY_S, YEAR_S) if is_repaired else YEAR_S
        diameter_m = rng.uniform(0.015, 0.0205) if is_repaired else rng.uniform(0.0085, 0.0150)
        leaks.append(TrueLeak(network.pipes[row].id, start_s, end_s, peak_s, float(diameter_m)))
    return tuple(sorted(leaks, key=lambda leak: leak.start_s))


def simulate_years(
    network: Network,
    leaks: Sequence[TrueLeak],
    *,
    seed: int = 0,
    deviations: Deviations | None = None,
    start_s: float = -YEAR_S,
    end_s: float = YEAR_S,
) -> Truth:
    """What the instruments would have recorded, hour by hour; 0 is the beginning of 2019 and of the patterns."""
    by = deviations or Deviations()
    rng = np.random.default_rng([seed, 0])
    world = _with_leaks(_perturbed(network, by, rng), leaks)
    times_s = np.arange(start_s, end_s, HOUR_S)
    rhythm = _rhythm(network, times_s, by, rng)
    record, flows_m3_per_s = _run(world, network, leaks, _Course(times_s, rhythm, by, rng))
    return Truth(_as_measured(record, by, rng), tuple(leaks), flows_m3_per_s)


# -- the world that differs from the model
def _perturbed(network: Network, by: Deviations, rng: np.random.Generator) -> Network:
    def off(width_ratio: float) -> float:
        return float(rng.uniform(1 - width_ratio, 1 + width_ratio))

    pipes = tuple(
        replace(p, roughness=p.roughness * off(by.roughness_ratio), diameter_m=p.diameter_m * off(by.diameter_ratio))
        for p in network.pipes
    )
    junctions = []
    for j in network.junctions:
        factor = off(by.base_demand_ratio)
        junctions.append(
            replace(j, demands=tuple(replace(d, base_m3_per_s=d.base_m3_per_s * factor) for d in j.demands))
        )
    # L-Town's own accuracy of 0.01 leaves a millimetre of noise on heads, and a leak is about centimetres
    extra = tuple(
        ("Accuracy", "0.0005") if name.lower() == "accuracy" else (name, v) for name, v in network.options.extra
    )
    return replace(network, pipes=pipes, junctions=tuple(junctions), options=replace(network.options, extra=extra))


def _leak_node(leak: TrueLeak) -> str:
    return f"leak-{leak.pipe_id}"


def _with_leaks(network: Network, leaks: Sequence[TrueLeak]) -> Network:
    pipes = {p.id: p for p in network.pipes}
    nodes = network.nodes
    junctions, halves = list(network.junctions), []
    for pipe_id in dict.fromkeys(leak.pipe_id for leak in leaks):
        pipe, middle = pipes.pop(pipe_id), f"leak-{pipe_id}"
        elevation_m = (nodes[pipe.start].elevation_m + nodes[pipe.end].elevation_m) / 2
        junctions.append(Junction(middle, elevation_m))
        half = replace(pipe, length_m=pipe.length_m / 2, vertices=())
        halves += [replace(half, end=middle), replace(half, id=f"{pipe_id}-b", start=middle)]
    # the halves keep the places of their pipes, so that a flow meter on one still finds its link
    kept: tuple[Pipe, ...] = (*pipes.values(), *halves)
    return replace(network, junctions=tuple(junctions), pipes=kept)


# -- demands
@dataclass(frozen=True, slots=True, eq=False)
class _Course:
    times_s: Floats
    rhythm: dict[str, Floats]
    by: Deviations
    rng: np.random.Generator


def _rhythm(network: Network, times_s: Floats, by: Deviations, rng: np.random.Generator) -> dict[str, Floats]:
    """Hourly multipliers of each pattern over the whole time: nominal week, season, day, hour."""
    step_s = network.times.pattern_step_s
    hours = len(times_s)
    season = 1 - by.season_ratio * np.cos(2 * np.pi * (times_s / DAY_S - 20) / 365)
    rhythm = {}
    for pattern in network.patterns:
        values = np.array(pattern.multipliers)
        steps = ((times_s[:, None] + np.arange(0, HOUR_S, step_s)) // step_s).astype(int) % len(values)
        daily = rng.normal(0, by.daily_noise_ratio, hours // 24 + 2)[(np.arange(hours) // 24)]
        hourly = rng.normal(0, by.hourly_noise_ratio, hours)
        for k in range(1, hours):  # neighbouring hours differ together, as measured (correlation 0.5)
            hourly[k] = 0.5 * hourly[k - 1] + 0.866 * hourly[k]
        rhythm[pattern.id] = values[steps].mean(axis=1) * season * (1 + daily + hourly)
    return rhythm


def _demands_m3_per_s(network: Network, course: _Course, rows: slice) -> Floats:
    """(t, junctions) what each junction draws in some of the hours."""
    kinds = list(course.rhythm)
    base = np.zeros((len(network.junctions), len(kinds)))
    for k, junction in enumerate(network.junctions):
        for demand in junction.demands:
            if demand.base_m3_per_s:
                base[k, kinds.index(demand.pattern or network.options.pattern or "")] += demand.base_m3_per_s
    drawn = np.stack([course.rhythm[kind][rows] for kind in kinds], axis=1) @ base.T
    noise = course.rng.normal(1.0, course.by.nodal_noise_ratio, drawn.shape)
    result: Floats = drawn * np.maximum(noise, 0.0)
    return result


def behind_tank(network: Network) -> tuple[str, ...]:
    """The junctions that draw water from the tank's district: reached from it through pipes alone."""
    import networkx as nx  # noqa: PLC0415 - a tenth of a second that only this needs

    graph = nx.Graph([(p.start, p.end) for p in network.pipes])
    reached = nx.node_connected_component(graph, network.tanks[0].id)
    drawing = {j.id for j in network.junctions if sum(d.base_m3_per_s for d in j.demands) > 0}
    return tuple(j.id for j in network.junctions if j.id in reached and j.id in drawing)


# -- the run
def _ready(world: Network, drawing: Sequence[str]) -> Network:
    """The world with a pattern of its own for each junction, so that EPANET steps through all the noise by itself."""
    rows = {name: k for k, name in enumerate(drawing)}
    junctions = tuple(
        replace(j, demands=(Demand(1 / HOUR_S, f"d{rows[j.id]}"),) if j.id in rows else ()) for j in world.junctions
    )
    return replace(
        world,
        junctions=junctions,
        patterns=tuple(Pattern(f"d{k}", (0.0,)) for k in range(len(drawing))),
        times=replace(world.times, pattern_step_s=int(HOUR_S), pattern_start_s=0),
    )


class _Demands:
    """Hands a run the demands of all junctions, a piece of the course at a time."""

    def __init__(self, nominal: Network, base: Network, course: _Course) -> None:
        self.drawing = tuple(j.id for j in nominal.junctions)
        self.metered = behind_tank(nominal)[:METERS]
        self._columns = [self.drawing.index(m) for m in self.metered]
        self._base, self._course = base, course
        self.meters_m3_per_s = np.zeros((len(course.times_s), len(self.metered)))

    def hand_over(self, project: Project, row: int) -> None:
        """From hour `row` on, if a piece begins there."""
        chunk = int(_CHUNK_S / HOUR_S)
        if row % chunk:
            return
        rows = slice(row, min(row + chunk, len(self._course.times_s)))
        demands = _demands_m3_per_s(self._base, self._course, rows)
        self.meters_m3_per_s[rows] = demands[:, self._columns]
        padded = np.zeros((chunk, len(self.drawing)))
        padded[: len(demands)] = demands * HOUR_S
        for k in range(len(self.drawing)):
            project.set_pattern(f"d{k}", padded[:, k])


def _set_leaks(project: Project, leaks: Sequence[TrueLeak], time_s: float) -> None:
    open_to = dict.fromkeys((_leak_node(leak) for leak in leaks), 0.0)
    for leak in leaks:
        open_to[_leak_node(leak)] += leak.emitter_m3_per_s(time_s)
    for place, emitter in open_to.items():
        project.set_emitter(place, emitter)


def _run(world: Network, nominal: Network, leaks: Sequence[TrueLeak], course: _Course) -> tuple[Record, Floats]:
    """The exact means of each hour, and the leaks' flows."""
    base = replace(world, junctions=world.junctions[: len(nominal.junctions)])
    demands = _Demands(nominal, base, course)
    hours, tank = len(course.times_s), nominal.tanks[0]
    pressures, flows = np.zeros((hours, len(SENSORS))), np.zeros((hours, len(FLOW_LINKS)))
    levels, leaked = np.zeros((hours, 1)), np.zeros((hours, len(leaks)))
    ground = np.array([nominal.nodes[n].elevation_m for n in SENSORS])
    with Project(_ready(world, demands.drawing)) as project:
        project.set_times(duration_s=int(hours * HOUR_S), step_s=int(HOUR_S))
        nodes = [project.node_row(n) for n in SENSORS]
        links = [project.link_row(n) for n in FLOW_LINKS]
        places = [project.node_row(_leak_node(leak)) for leak in leaks]
        project.start()
        now_s, reached_m = 0, tank.init_level_m
        while now_s < hours * HOUR_S:
            row = int(now_s // HOUR_S)
            if now_s % HOUR_S == 0:
                demands.hand_over(project, row)
                _set_leaks(project, leaks, course.times_s[row])
                levels[row] = reached_m
            project.solve()
            heads, link_flows = project.heads_m(nodes), project.flows_m3_per_s(links)
            lost = project.demands_m3_per_s(places)
            step_s = project.advance() or int(HOUR_S - now_s % HOUR_S)
            reached_m = float(project.heads_m([project.node_row(tank.id)])[0]) - tank.elevation_m
            share = step_s / HOUR_S  # a pump that stops within the hour makes it several steps
            pressures[row] += (heads - ground) * share
            flows[row] += link_flows * share
            # two leaks at one place share its flow by their time: only one of them runs
            leaked[row] += lost * share * [leak.start_s <= course.times_s[row] < leak.end_s for leak in leaks]
            now_s += step_s
    record = Record(
        times_s=course.times_s, sensors=SENSORS, pressure_heads_m=pressures, flow_links=FLOW_LINKS,
        flows_m3_per_s=flows, tanks=(tank.id,), levels_m=levels, meters=demands.metered,
        meters_m3_per_s=demands.meters_m3_per_s,
    )  # fmt: skip
    return record, leaked


def _as_measured(record: Record, by: Deviations, rng: np.random.Generator) -> Record:
    """What the instruments make of the truth."""

    def rounded(values: Floats, step: float) -> Floats:
        result: Floats = np.round(values / step) * step
        return result

    noise_m = rng.normal(0, by.pressure_noise_m, record.pressure_heads_m.shape)
    flows = record.flows_m3_per_s * rng.normal(1, by.flow_noise_ratio, record.flows_m3_per_s.shape)
    return replace(
        record,
        pressure_heads_m=rounded(record.pressure_heads_m + noise_m, by.pressure_rounding_m),
        flows_m3_per_s=rounded(flows, 0.01 / HOUR_S),
        levels_m=rounded(record.levels_m, by.level_rounding_m),
    )
