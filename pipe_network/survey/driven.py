"""A twin driven by what was measured: it draws as much water as flowed in, so that only its distribution is a guess.

Where a flow is measured the network is cut: what passed is taken from one side and given to the other. Tanks stand at
their measured level. Each district left then has a measured inflow, less what its tanks stored and its known leaks
lost, and its junctions draw that, shared out by their base demands and rhythms.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from pipe_network.epanet import Project
from pipe_network.model import Demand, Network, Pattern, Reservoir
from pipe_network.record import HOUR_S, Record
from pipe_network.survey.errors import SurveyError

Floats = NDArray[np.float64]

_UNIT_M3_PER_S: Final = 1 / HOUR_S
"""Patterns that hold flows hold cubic metres an hour, so that they are written with few digits lost."""
_LEAST_DRAWN_RATIO: Final = 0.02
_METERED_RATIO: Final = 0.6
"""Of a district's demand that must be metered for its balance to say something."""
_OWN_SECTIONS: Final = frozenset({"CONTROLS", "RULES", "ENERGY"})
"""They name pumps that are cut away; what they decided has been measured."""


@dataclass(frozen=True, slots=True, eq=False)
class District:
    """A part of the network whose inflow is known.

    Attributes
    ----------
    junctions : rows of its junctions
    pipes : rows of its pipes
    inflow_m3_per_s : (t,) into it, less what its tanks stored; NaN where something was not measured [m3/s]
    nominal_m3_per_s : (t,) what its junctions draw by the model [m3/s]
    source_columns : columns of `Record.flow_links` that bring its water from reservoirs
    """

    junctions: NDArray[np.intp]
    pipes: NDArray[np.intp]
    inflow_m3_per_s: Floats
    nominal_m3_per_s: Floats
    source_columns: tuple[int, ...]


def is_source(network: Network, link_id: str) -> bool:
    """Whether a link begins or ends at a reservoir."""
    link, sources = network.links[link_id], {r.id for r in network.reservoirs}
    return link.start in sources or link.end in sources


def districts(network: Network, record: Record) -> tuple[District, ...]:
    """The districts that the record's flow meters and level sensors close, the largest first.

    Raises
    ------
    SurveyError
        If a reservoir has a link without a flow meter, or a tank no level sensor: then no inflow is known.
    """
    import networkx as nx  # noqa: PLC0415 - weighs on `plumbline --help`

    _check(network, record)
    cut = {k for k in record.flow_links if not is_source(network, k)}
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(network.nodes)
    graph.add_edges_from((k.start, k.end) for k in network.links.values() if k.id not in cut)
    rhythms = _rhythms(network, record)
    stored = _stored_m3_per_s(network, record)
    reservoirs = {r.id for r in network.reservoirs}
    found = []
    for part in nx.connected_components(graph):
        inflow = np.zeros(len(record.times_s))
        sources = []
        for column, link_id in enumerate(record.flow_links):
            link, flow = network.links[link_id], record.flows_m3_per_s[:, column]
            if link_id in cut:
                inflow += flow * ((link.end in part) - (link.start in part))
            elif link.start in part:
                inflow += flow * (1 if link.start in reservoirs else -1)
                sources.append(column)
        for column, tank in enumerate(record.tanks):
            if tank in part:
                inflow -= stored[:, column]
        rows = np.array([k for k, j in enumerate(network.junctions) if j.id in part], dtype=np.intp)
        if len(rows):
            pipes = np.array([k for k, p in enumerate(network.pipes) if p.start in part], dtype=np.intp)
            found.append(District(rows, pipes, inflow, rhythms[:, rows].sum(axis=1), tuple(sources)))
    return tuple(sorted(found, key=lambda d: -len(d.junctions)))


def _check(network: Network, record: Record) -> None:
    for kind, ids, known in (
        ("pressure sensor", record.sensors, network.nodes),
        ("flow meter", record.flow_links, network.links),
        ("level sensor", record.tanks, {t.id: t for t in network.tanks}),
        ("meter", record.meters, network.nodes),
    ):
        missing = [k for k in ids if k not in known]
        if missing:
            raise SurveyError(f"the network has no {', '.join(missing[:5])}, where the record has a {kind}")
    ends = {r.id for r in network.reservoirs}
    blind = [k.id for k in network.links.values() if {k.start, k.end} & ends and k.id not in record.flow_links]
    if blind:
        raise SurveyError(f"no flow meter on {', '.join(blind)}, so it is not known how much water comes in there")
    levels = [t.id for t in network.tanks if t.id not in record.tanks]
    if levels:
        raise SurveyError(f"no level sensor on tank {', '.join(levels)}, so it is not known what it stores")


def _rhythms(network: Network, record: Record) -> Floats:
    """(t, junctions) what the model draws. [m3/s]"""
    bases = base_demands(network)
    result: Floats = pattern_means(network, record, list(bases)) @ np.stack(list(bases.values()))
    return result


def base_demands(network: Network) -> dict[str, Floats]:
    """(junctions,) base demand on each pattern; the empty id is no pattern. [m3/s]"""
    patterns = {p.id for p in network.patterns}
    default = network.options.pattern if network.options.pattern in patterns else None
    bases: dict[str, Floats] = {}
    for row, junction in enumerate(network.junctions):
        for demand in junction.demands:
            if demand.base_m3_per_s:
                base = bases.setdefault(demand.pattern or default or "", np.zeros(len(network.junctions)))
                base[row] += demand.base_m3_per_s * network.options.demand_multiplier_ratio
    return bases or {"": np.zeros(len(network.junctions))}


def pattern_means(network: Network, record: Record, ids: Sequence[str]) -> Floats:
    """(t, ids) mean multiplier of patterns over each step of the record; without pattern it is 1."""
    step_s = network.times.pattern_step_s
    count = max(1, round(record.step_s / step_s))
    at_s = record.times_s[:, None] + network.times.pattern_start_s + np.arange(count) * (record.step_s / count)
    patterns = {p.id: np.array(p.multipliers) for p in network.patterns}
    columns = []
    for name in ids:
        values = patterns.get(name, np.ones(1))
        columns.append(values[(at_s // step_s).astype(int) % len(values)].mean(axis=1))
    return np.stack(columns, axis=1)


def _stored_m3_per_s(network: Network, record: Record) -> Floats:
    tanks = {t.id: t for t in network.tanks}
    volumes = np.empty_like(record.levels_m)
    for column, name in enumerate(record.tanks):
        tank, levels_m = tanks[name], record.levels_m[:, column]
        curve = next((c for c in network.curves if c.id == tank.volume_curve), None)
        if curve is None:
            volumes[:, column] = np.pi / 4 * tank.diameter_m**2 * levels_m
        else:
            volumes[:, column] = np.interp(levels_m, *np.array(curve.points).T)
    return np.diff(volumes, axis=0, append=np.full((1, volumes.shape[1]), np.nan)) / record.step_s


@dataclass(frozen=True, slots=True, eq=False)
class Drive:
    """What is imposed on the twin, moment by moment.

    Attributes
    ----------
    multipliers : (t, districts, patterns) of the base demands
    drawn_m3_per_s : (t, districts) what they come to [m3/s]
    lost_m3_per_s : (t, districts) what leaks [m3/s]
    draws_m3_per_s : by row of junction, (t,) drawn there besides: leaks, and what passed a cut [m3/s]
    tank_heads_m : by tank, (t,) [m]
    """

    multipliers: Floats
    drawn_m3_per_s: Floats
    lost_m3_per_s: Floats
    draws_m3_per_s: dict[int, Floats]
    tank_heads_m: dict[str, Floats]

    def averaged(self, groups: Sequence[NDArray[np.intp]]) -> "Drive":
        """The mean of each group of moments."""

        def mean(values: Floats) -> Floats:
            return np.array([values[g].mean(axis=0) for g in groups])

        return Drive(
            mean(self.multipliers),
            mean(self.drawn_m3_per_s),
            mean(self.lost_m3_per_s),
            {row: mean(flow) for row, flow in self.draws_m3_per_s.items()},
            {name: mean(heads) for name, heads in self.tank_heads_m.items()},
        )

    def with_draws(self, district: int, draws_m3_per_s: Mapping[int, float]) -> "Drive":
        """More drawn at junctions of a district, so much less by its other consumers."""
        more = sum(draws_m3_per_s.values())
        drawn, multipliers = self.drawn_m3_per_s.copy(), self.multipliers.copy()
        lost = self.lost_m3_per_s.copy()
        lost[:, district] += more
        drawn[:, district] = np.maximum(drawn[:, district] - more, _LEAST_DRAWN_RATIO * drawn[:, district])
        multipliers[:, district] *= (drawn[:, district] / np.maximum(self.drawn_m3_per_s[:, district], 1e-12))[:, None]
        draws = dict(self.draws_m3_per_s)
        for row, flow in draws_m3_per_s.items():
            draws[row] = draws.get(row, np.zeros(len(drawn))) + flow
        return replace(self, multipliers=multipliers, drawn_m3_per_s=drawn, lost_m3_per_s=lost, draws_m3_per_s=draws)


class DrivenTwin:
    """EPANET, open on the cut network; use it in a ``with``.

    Attributes
    ----------
    districts : the parts of the network whose inflow is known
    channels : what is compared with the record: the pressure sensors, then the sources but one of each district,
        whose sum is given, then the balances of the districts that are metered
    cut : the network that is solved
    """

    def __init__(self, network: Network, record: Record) -> None:
        self.network, self.record = network, record
        self.districts = districts(network, record)
        self.sources = tuple(c for d in self.districts for c in d.source_columns[:-1])
        self.bases = base_demands(network)
        self.rhythms = pattern_means(network, record, list(self.bases))
        self.junction_rows = {j.id: k for k, j in enumerate(network.junctions)}
        metered = np.array([self.junction_rows[m] for m in record.meters], dtype=np.intp)
        self._metered = [np.intersect1d(d.junctions, metered) for d in self.districts]
        self.balances = tuple(
            z
            for z, d in enumerate(self.districts)
            if _nominal(self.bases, self._metered[z]) > _METERED_RATIO * _nominal(self.bases, d.junctions)
        )
        self.source_links = tuple(record.flow_links[c] for c in self.sources)
        self.channels = (*record.sensors, *self.source_links, *(f"balance-{z}" for z in self.balances))
        self._heads = {t.id: _tank_heads_m(network, record, t.id) for t in network.tanks}
        self.cut = _cut(network, record, self.districts, list(self.bases))
        self._project = Project(self.cut)
        self._nodes = [self._project.node_row(n) for n in record.sensors]
        self._links = [self._project.link_row(name) for name in self.source_links]
        self._touched: set[int] = set()
        self._is_warm = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._project.close()

    def drive(self, rows: slice, leaks_m3_per_s: Mapping[int, Floats]) -> Drive:
        """What is imposed over some rows, with leaks on pipes, as rows and (t,) flows.

        Where something was not measured nothing is drawn; `is_known` tells.
        """
        count = len(self.record.times_s[rows])
        drawn, lost, scales = (np.zeros((count, len(self.districts))) for _ in range(3))
        for z, district in enumerate(self.districts):
            for pipe_row in district.pipes:
                lost[:, z] += leaks_m3_per_s.get(pipe_row, 0.0)
            nominal = np.maximum(district.nominal_m3_per_s[rows], 1e-9)
            left = np.nan_to_num(district.inflow_m3_per_s[rows] - lost[:, z])
            drawn[:, z] = np.maximum(left, _LEAST_DRAWN_RATIO * nominal)  # nobody gives water back
            scales[:, z] = drawn[:, z] / nominal
        draws: dict[int, Floats] = {}
        for pipe_row, flow in leaks_m3_per_s.items():
            self._draw(draws, self.network.pipes[pipe_row].start, flow / 2)
            self._draw(draws, self.network.pipes[pipe_row].end, flow / 2)
        for column, link_id in enumerate(self.record.flow_links):
            if not is_source(self.network, link_id):
                flow = np.nan_to_num(self.record.flows_m3_per_s[rows, column])
                self._draw(draws, self.network.links[link_id].start, flow)
                self._draw(draws, self.network.links[link_id].end, -flow)
        return Drive(
            multipliers=scales[:, :, None] * self.rhythms[rows][:, None, :],
            drawn_m3_per_s=drawn,
            lost_m3_per_s=lost,
            draws_m3_per_s=draws,
            tank_heads_m={name: heads[rows] for name, heads in self._heads.items()},
        )

    def _draw(self, draws: dict[int, Floats], node_id: str, flow: Floats) -> None:
        row = self.junction_rows.get(node_id)
        if row is not None:  # a tank or a reservoir stands at its head whatever it gives
            draws[row] = draws.get(row, 0.0) + flow

    def is_known(self, rows: slice) -> NDArray[np.bool_]:
        """(t,) whether all inflows were measured."""
        known: NDArray[np.bool_] = np.all([np.isfinite(d.inflow_m3_per_s[rows]) for d in self.districts], axis=0)
        return known

    def solve(self, drive: Drive) -> Floats:
        """(t, channels) heads at the sensors, flows of the sources, what metered districts lose. [m, m3/s]"""
        return np.hstack([self._run(drive, self._read), drive.lost_m3_per_s[:, list(self.balances)]])

    def balance_m3_per_s(self, district: int) -> Floats:
        """(t,) what flows into a metered district and is not consumed, its meters standing for those without."""
        part, metered = self.districts[district], self._metered[district]
        columns = [k for k, m in enumerate(self.record.meters) if self.junction_rows[m] in set(metered)]
        share = _nominal(self.bases, metered) / _nominal(self.bases, part.junctions)
        consumed = self.record.meters_m3_per_s[:, columns].sum(axis=1) / share
        balance: Floats = part.inflow_m3_per_s - consumed
        return balance

    def solve_all(self, drive: Drive) -> tuple[Floats, Floats]:
        """(t, nodes) heads and (t, links) flows of the cut network. [m, m3/s]"""
        both = self._run(drive, lambda: np.concatenate([self._project.heads_m(), self._project.flows_m3_per_s()]))
        count = len(self._project.node_ids)
        return both[:, :count], both[:, count:]

    def _read(self) -> Floats:
        return np.concatenate([self._project.heads_m(self._nodes), self._project.flows_m3_per_s(self._links)])

    def _run(self, drive: Drive, read: Callable[[], Floats]) -> Floats:
        project, count = self._project, len(drive.drawn_m3_per_s)
        for z in range(len(self.districts)):
            for k in range(len(self.bases)):
                project.set_pattern(f"z{z}-{k}", drive.multipliers[:, z, k])
        for row in self._touched - set(drive.draws_m3_per_s):
            project.set_pattern(f"x{row}", [0.0])
        for row, flow in drive.draws_m3_per_s.items():
            project.set_pattern(f"x{row}", np.asarray(flow) / _UNIT_M3_PER_S)
        self._touched = set(drive.draws_m3_per_s)
        for name, heads in drive.tank_heads_m.items():
            project.set_pattern(f"h-{name}"[:31], heads)
        project.set_times(duration_s=int((count - 1) * HOUR_S), step_s=int(HOUR_S))
        # the flows it had last are nearer than any guess: a third of the iterations
        result = [read() for _ in project.run(warm=self._is_warm)]
        self._is_warm = True
        return np.array(result)

    @property
    def link_ids(self) -> tuple[str, ...]:
        """Links of the cut network."""
        return self._project.link_ids

    @property
    def node_ids(self) -> tuple[str, ...]:
        """Nodes of the cut network; the junctions first, in the network's order."""
        return self._project.node_ids


def _nominal(bases: Mapping[str, Floats], junctions: NDArray[np.intp]) -> float:
    """Base demand of some junctions. [m3/s]"""
    return float(sum(base[junctions].sum() for base in bases.values()))


def _tank_heads_m(network: Network, record: Record, tank_id: str) -> Floats:
    """(t,) mean head over each step, from the levels at its ends."""
    tank = next(t for t in network.tanks if t.id == tank_id)
    levels_m = record.levels_m[:, record.tanks.index(tank_id)]
    known = np.isfinite(levels_m)
    if not known.any():
        raise SurveyError(f"the level sensor of tank {tank_id} says nothing")
    filled = np.interp(np.arange(len(levels_m)), np.flatnonzero(known), levels_m[known])
    heads: Floats = tank.elevation_m + (filled + np.append(filled[1:], filled[-1])) / 2
    return heads


def _cut(network: Network, record: Record, parts: Sequence[District], patterns: Sequence[str]) -> Network:
    """The network without the links whose flow is given, tanks as reservoirs, and a pattern for all that is driven."""
    gone = {k for k in record.flow_links if not is_source(network, k)}
    part_of = {int(row): z for z, part in enumerate(parts) for row in part.junctions}
    bases = base_demands(network)
    junctions = []
    for row, junction in enumerate(network.junctions):
        shares = tuple(
            Demand(float(bases[name][row]), f"z{part_of[row]}-{k}")
            for k, name in enumerate(patterns)
            if bases[name][row]
        )
        junctions.append(replace(junction, demands=(*shares, Demand(_UNIT_M3_PER_S, f"x{row}"))))
    stand = tuple(Reservoir(t.id, 1.0, f"h-{t.id}"[:31]) for t in network.tanks)
    made = [Pattern(f"z{z}-{k}", (1.0,)) for z in range(len(parts)) for k in range(len(patterns))]
    made += [Pattern(f"x{row}", (0.0,)) for row in range(len(junctions))]
    made += [Pattern(f"h-{t.id}"[:31], (t.elevation_m + t.init_level_m,)) for t in network.tanks]
    used = {p for r in network.reservoirs if (p := r.pattern)} | {p for k in network.pumps if (p := k.pattern)}
    made += [p for p in network.patterns if p.id in used]
    # an accuracy of 0.01, as many files have it, is a millimetre of noise; a leak is a few
    extra = tuple((n, "0.0005" if n.lower() == "accuracy" else v) for n, v in network.options.extra)
    return replace(
        network,
        junctions=tuple(junctions),
        reservoirs=(*network.reservoirs, *stand),
        tanks=(),
        pipes=tuple(p for p in network.pipes if p.id not in gone),
        pumps=tuple(p for p in network.pumps if p.id not in gone),
        valves=tuple(v for v in network.valves if v.id not in gone),
        patterns=tuple(made),
        options=replace(network.options, extra=extra, demand_multiplier_ratio=1.0, pattern=None),
        times=replace(network.times, pattern_step_s=int(HOUR_S), pattern_start_s=0),
        sections={name: lines for name, lines in network.sections.items() if name not in _OWN_SECTIONS},
    )
