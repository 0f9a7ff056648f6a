"""The true course of an estate's drinking water, by EPANET: days of draws and leaks, and what flows through each meter.

A course can begin where another ended, so that many leaks can be tried after the same leak-free weeks.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from pipe_network.epanet import Project
from pipe_network.inp import parse
from pipe_network.model import Junction, Network, Pipe
from sample_sites.simulator.incidents import Effects
from sample_sites.simulator.rhythms import water_ratio
from sample_sites.simulator.water import Taps
from sample_sites.simulator.world import world_of
from twin.index import SiteIndex
from twin.model.networks import SiteNetwork

Floats = NDArray[np.float64]
_SEEPAGE_M3_PER_S: Final = 1e-7
"""Below every tap meter's start; EPANET gives up on a network in which nothing moves (error 110)."""
_DRAW_M3: Final = 0.02
"""What a building without flats draws at a time: a cistern, a bucket, a kettle of a canteen."""


@dataclass(frozen=True, slots=True)
class TrueLeak:
    """A leak as it really is.

    Attributes
    ----------
    place : link id of a leaking pipe, or space id of a flat with a leak behind its meter
    along_ratio : where on the pipe, 0 at its start
    ramp_s : how long it takes to grow to its size; 0 is a step
    """

    place: str
    size_m3_per_s: float
    onset_s: float
    along_ratio: float = 0.5
    ramp_s: float = 0.0
    until_s: float = float("inf")

    def flow_m3_per_s(self, time_s: float) -> float:
        """What it loses at an instant."""
        if not self.onset_s <= time_s < self.until_s:
            return 0.0
        return self.size_m3_per_s * (1.0 if self.ramp_s <= 0 else min(1.0, (time_s - self.onset_s) / self.ramp_s))


@dataclass(frozen=True, slots=True)
class Draw:
    """An extra draw, such as watering: of a node, by the hours of the day it lasts."""

    node: str
    flow_m3_per_s: float
    from_h: float
    to_h: float
    since_s: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What truly happened.

    Attributes
    ----------
    times_s : (t,) epoch
    volumes_m3 : by device, (t,) what has passed its meter since the beginning
    levels_m, pressures_m : by device, (t,)
    running_s, starts : by pump device, (t,) since the beginning
    levels_at_end_m, is_open_at_end : by node and link, to go on from
    """

    times_s: Floats
    volumes_m3: Mapping[str, Floats]
    levels_m: Mapping[str, Floats]
    pressures_m: Mapping[str, Floats]
    running_s: Mapping[str, Floats]
    starts: Mapping[str, Floats]
    levels_at_end_m: Mapping[str, float] = field(repr=False)
    is_open_at_end: Mapping[str, bool] = field(repr=False)


def split_pipe(network: Network, link: str, along_ratio: float, node: str) -> Network:
    r"""The network with a node on a pipe; the pipe's own id stays with its downstream part, where its meter is.

    Examples
    --------
    >>> net = parse("[JUNCTIONS]\na 1\nb 3\n[RESERVOIRS]\nr 9\n[PIPES]\np a b 10 100 130\nq r a 10 100 130\n")
    >>> [(p.id, p.start, p.end) for p in split_pipe(net, "p", 0.4, "x").pipes]
    [('p.up', 'a', 'x'), ('p', 'x', 'b'), ('q', 'r', 'a')]
    """
    pipes: list[Pipe] = []
    added: list[Junction] = []
    for pipe in network.pipes:
        if pipe.id != link:
            pipes.append(pipe)
            continue
        ends = [network.nodes[n] for n in (pipe.start, pipe.end)]
        inside = [n.elevation_m for n in ends if isinstance(n, Junction)]
        up_m = max(0.01, pipe.length_m * along_ratio)
        up = dataclasses.replace(pipe, id=f"{link}.up", end=node, length_m=up_m, minor_loss=0.0, status="OPEN")
        pipes += [up, dataclasses.replace(pipe, start=node, length_m=max(0.01, pipe.length_m - up_m))]
        added.append(Junction(node, float(np.mean(inside))))
    return dataclasses.replace(network, pipes=tuple(pipes), junctions=(*network.junctions, *added))


class _Run:
    """One network of a site in EPANET, stepped from draw to draw."""

    def __init__(
        self, index: SiteIndex, site_network: SiteNetwork, *, leaks: Sequence[TrueLeak], draws: Sequence[Draw],
        vacant: Mapping[str, float], before: Course | None, seed: int,
    ) -> None:  # fmt: skip
        network = parse(site_network.inp)
        # without it a step that does not quite balance halts the run for good
        extra = (*network.options.extra, ("UNBALANCED", "CONTINUE 20"))
        network = dataclasses.replace(network, options=dataclasses.replace(network.options, extra=extra))
        self._pipe_leaks = [(f"leak.{k}", leak) for k, leak in enumerate(leaks) if leak.place in network.links]
        for node, leak in self._pipe_leaks:
            network = split_pipe(network, leak.place, leak.along_ratio, node)
        if before is not None:
            levels = before.levels_at_end_m
            tanks = tuple(dataclasses.replace(t, init_level_m=levels[t.id]) for t in network.tanks)
            network = dataclasses.replace(network, tanks=tanks)
        self.network, self.project = network, Project(network)
        world = world_of(index, seed=seed)
        self._rng = world.rng
        self._taps = Taps(world, site_network, self.project)
        homes = set(self._taps.spaces)
        self._flat_leaks = [leak for leak in leaks if leak.place in homes]
        self._draws, self._vacant = draws, vacant
        taps = {self.project.node_ids[r] for r in self._taps.rows}
        others = [j for j in network.junctions if j.demands and j.id not in taps]
        self._other_rows = [self.project.node_row(j.id) for j in others]
        self._other_m3_per_s = np.array([sum(d.base_m3_per_s for d in j.demands) for j in others])
        self._zone = ZoneInfo(index.site.time_zone)

    def begin(self, step_s: int, duration_s: int, before: Course | None) -> None:
        """Open the run, where another ended if there is one."""
        self.project.drop_patterns()
        self.project.set_times(duration_s=2 * duration_s, step_s=step_s)  # the end is ours to see
        self.project.start()
        if before is not None:
            ours = self.network.links
            for link in [p.id for p in self.network.pumps] + [p.id for p in self.network.pipes if p.status != "CV"]:
                if link in ours and link in before.is_open_at_end:
                    self.project.set_open(link, is_open=before.is_open_at_end[link])

    def draw(self, time_s: float, dt_s: float) -> None:
        """State what is drawn and lost over the next step."""
        local = dt.datetime.fromtimestamp(time_s, dt.UTC).astimezone(self._zone)
        hour = local.hour + local.minute / 60
        effects = Effects()
        for leak in self._flat_leaks:
            effects.flat_leaks_m3_per_s[leak.place] = leak.flow_m3_per_s(time_s)
        effects.shut_taps.update(space for space, since in self._vacant.items() if time_s >= since)
        homes = self._taps.draw(effects, hour=hour, dt_s=dt_s) + _SEEPAGE_M3_PER_S
        self.project.set_demands(self._taps.rows, homes)
        mean = self._other_m3_per_s * float(water_ratio(hour))
        others = self._rng.poisson(mean * dt_s / _DRAW_M3) * _DRAW_M3 / dt_s
        extra: dict[int, float] = dict(zip(self._other_rows, others.tolist(), strict=True))
        for each in self._draws:
            row = self.project.node_row(each.node)
            on = time_s >= each.since_s and each.from_h <= hour < each.to_h
            extra[row] = extra.get(row, 0.0) + each.flow_m3_per_s * on
        for node, leak in self._pipe_leaks:
            extra[self.project.node_row(node)] = leak.flow_m3_per_s(time_s)
        self.project.set_demands(list(extra), list(extra.values()))


def course(
    index: SiteIndex, network_id: str, *, start_s: float, duration_s: float, seed: int, step_s: int = 300,
    leaks: Sequence[TrueLeak] = (), draws: Sequence[Draw] = (), vacant: Mapping[str, float] | None = None,
    before: Course | None = None,
) -> Course:  # fmt: skip
    """The course of one pressure network of a site.

    Parameters
    ----------
    start_s : epoch [s]
    step_s : over which draws are averaged
    vacant : spaces nobody draws water in any more, with the instant since when
    before : the course it goes on from

    Raises
    ------
    HydraulicsError
        If EPANET cannot solve it.
    """
    site_network = next(n for n in index.site.networks if n.id == network_id)
    run = _Run(index, site_network, leaks=leaks, draws=draws, vacant=vacant or {}, before=before, seed=seed)
    with run.project as project:
        run.begin(step_s, int(duration_s), before)
        recorder = _Recorder(index, site_network, project)
        elapsed_s = 0
        while True:
            even = elapsed_s % step_s == 0
            if even:
                run.draw(start_s + elapsed_s, step_s)
            project.solve()
            if even and recorder.steps * step_s == elapsed_s:
                recorder.record()
            if elapsed_s >= duration_s:
                return recorder.finish(start_s, step_s)
            # a tank's control ends a step early; the next one only fills up to the even time again
            left_s = step_s - elapsed_s % step_s
            project.set_times(duration_s=2 * int(duration_s), step_s=left_s)
            advanced_s = project.advance()
            recorder.integrate(advanced_s)
            elapsed_s += advanced_s  # by 0 where a tank's control acts at once


class _Recorder:
    """What passes the devices of a network, step by step."""

    def __init__(self, index: SiteIndex, network: SiteNetwork, project: Project) -> None:
        self._project = project
        links = {k: t.device for k, t in network.links.items() if t.device}
        channels = {d: {c.id for c in index.kinds[index.devices[d].kind].channels} for d in links.values()}
        self._metered = [(project.link_row(k), d) for k, d in links.items() if "volume" in channels[d]]
        pumps = {p.id for p in project.network.pumps}
        self._pumps = [(project.link_row(k), d) for k, d in links.items() if k in pumps]
        tanks = {t.id for t in project.network.tanks}
        nodes = {n: t.device for n, t in network.nodes.items() if t.device}
        self._tanks = [(project.node_row(n), d) for n, d in nodes.items() if n in tanks]
        self._sensors = [(project.node_row(n), d) for n, d in nodes.items() if n not in tanks]
        self._tank_rows = [(t.id, project.node_row(t.id)) for t in project.network.tanks]
        self._passed = np.zeros(len(self._metered))
        self._ran = np.zeros((2, len(self._pumps)))
        self._on = np.zeros(len(self._pumps), dtype=np.bool_)
        self._rows: list[tuple[Floats, Floats, Floats, Floats]] = []
        self._flows = np.empty(0)

    @property
    def steps(self) -> int:
        """How many even steps are kept."""
        return len(self._rows)

    def record(self) -> None:
        """Keep the state at an even step."""
        heads = self._project.pressure_heads_m()
        levels = np.array([heads[r] for r, _ in self._tanks])
        pressures = np.array([heads[r] for r, _ in self._sensors])
        self._rows.append((self._passed.copy(), levels, pressures, self._ran.copy()))

    def integrate(self, dt_s: float) -> None:
        """Let the flows of the last solution run on."""
        flows = self._project.flows_m3_per_s()
        self._passed += dt_s * np.array([flows[r] for r, _ in self._metered])
        on = np.array([flows[r] > 1e-7 for r, _ in self._pumps], dtype=np.bool_)
        self._ran[0] += dt_s * on
        self._ran[1] += on & ~self._on
        self._on = on

    def finish(self, start_s: float, step_s: float) -> Course:
        """The course; a meter tied to several links has their sum."""
        times_s = start_s + step_s * np.arange(len(self._rows), dtype=np.float64)
        passed, levels, pressures, ran = (np.array([row[k] for row in self._rows]) for k in range(4))
        volumes: dict[str, Floats] = {}
        for k, (_, device) in enumerate(self._metered):
            volumes[device] = volumes.get(device, 0.0) + passed[:, k]
        heads = self._project.pressure_heads_m()
        is_open = self._project.are_open()
        return Course(
            times_s,
            volumes,
            {d: levels[:, k] for k, (_, d) in enumerate(self._tanks)},
            {d: pressures[:, k] for k, (_, d) in enumerate(self._sensors)},
            {d: ran[:, 0, k] for k, (_, d) in enumerate(self._pumps)},
            {d: ran[:, 1, k] for k, (_, d) in enumerate(self._pumps)},
            {t: float(heads[r]) for t, r in self._tank_rows},
            {link: bool(is_open[k]) for k, link in enumerate(self._project.link_ids)},
        )
