"""Figures of isolation: every pipe of the sample estate against exhaustive search, and the time it takes.

The exhaustive search knows nothing of cuts or flows. A set of valves that parts a pipe from all sources must hold a
valve of every way between them; so it looks for a way, tries each of its valves in turn, and goes on until no way is
left. That visits every set of the least size, of which it takes the one that costs the fewest flats.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

import sample_sites
from pipe_network.errors import IsolationError
from pipe_network.inp import parse
from pipe_network.isolation import Segments, isolate, network_sources, segments
from pipe_network.model import Network
from twin.index import SiteIndex, build
from twin.pipes.isolation import isolation_plan
from twin.pipes.served import serve
from twin.site_folder import read
from viewer.bench.figures import Figure, Goal
from viewer.bench.replay import shared_data
from viewer.errors import MissingPartError

SEED: Final = 3
_STUCK_RATIO: Final = 0.1
"""Share of valves that do not close in the trials with stuck ones; utilities that turn theirs find some such number."""
_VALVE_RATIO: Final = 0.5
"""Pipes of L-Town, whose file has no isolation valves, that are given one."""


class Exhaustive:
    """Every smallest set of valves, by trying. Prepared for one network and the valves that can be shut in it."""

    def __init__(self, network: Network, usable: Collection[str], weights: Mapping[str, float]) -> None:
        self.network = network
        root = {n: n for n in network.nodes}

        def find(node: str) -> str:
            while root[node] != node:
                root[node] = root[root[node]]
                node = root[node]
            return node

        for link in network.links.values():
            if link.id not in usable:
                root[find(link.start)] = find(link.end)
        self.part = {n: find(n) for n in network.nodes}
        self.near: dict[str, list[tuple[str, str]]] = {}
        for valve in usable:
            a, b = (self.part[n] for n in (network.links[valve].start, network.links[valve].end))
            self.near.setdefault(a, []).append((valve, b))
            self.near.setdefault(b, []).append((valve, a))
        self.sources = {self.part[s] for s in network_sources(network)}
        self.weight: dict[str, float] = {}
        for node, part in self.part.items():
            self.weight[part] = self.weight.get(part, 0.0) + weights.get(node, 0.0)

    def best(self, pipe: str) -> tuple[int, float] | None:
        """The fewest valves and the least weight that lose their water with so few; none if nothing helps."""
        ends = {self.part[n] for n in (self.network.links[pipe].start, self.network.links[pipe].end)}
        if ends & self.sources or self._way(ends, frozenset()) is None:
            return None
        for size in range(1, len(self.part)):
            seen: set[frozenset[str]] = set()
            found = [self._lost(cut) for cut in self._cuts(ends, frozenset(), size, seen)]
            if found:
                return size, min(found)
        return None

    def _cuts(
        self, ends: Collection[str], shut: frozenset[str], left: int, seen: set[frozenset[str]]
    ) -> Iterator[frozenset[str]]:
        if shut in seen:
            return
        seen.add(shut)
        way = self._way(ends, shut)
        if way is None:
            yield shut
        elif left > 0:
            for valve in way:
                yield from self._cuts(ends, shut | {valve}, left - 1, seen)

    def _way(self, ends: Collection[str], shut: frozenset[str]) -> list[str] | None:
        came: dict[str, tuple[str, str]] = dict.fromkeys(ends, ("", ""))
        todo = deque(ends)
        while todo:
            at = todo.popleft()
            if at in self.sources:
                way = []
                while came[at][0]:
                    valve, at = came[at]
                    way.append(valve)
                return way
            for valve, other in self.near.get(at, ()):
                if valve not in shut and other not in came:
                    came[other] = (valve, at)
                    todo.append(other)
        return None

    def _lost(self, shut: frozenset[str]) -> float:
        fed, todo = set(self.sources), deque(self.sources)
        while todo:
            for valve, other in self.near.get(todo.popleft(), ()):
                if valve not in shut and other not in fed:
                    fed.add(other)
                    todo.append(other)
        return sum(weight for part, weight in self.weight.items() if part not in fed)


def agreement(
    network: Network, valves: Collection[str], weights: Mapping[str, float], stuck: Collection[str] = ()
) -> Iterator[tuple[str, bool, float, float]]:
    """Every link, whether our answer is the exhaustive search's, and the seconds of a core each took."""
    parts = segments(network, valves)
    usable = set(valves) - set(stuck)
    search = Exhaustive(network, usable, weights)
    known: dict[frozenset[str], tuple[int, float] | None] = {}
    for pipe, link in network.links.items():
        begun_s = time.process_time()
        ours: tuple[int, float] | None = None
        try:
            plan = isolate(parts, pipe, stuck=stuck, weights=weights)
            ours = len(plan.close), sum(weights.get(n, 0.0) for n in plan.nodes)
        except IsolationError:
            pass  # the search has to find none either
        between_s = time.process_time()
        if pipe in usable:
            theirs = Exhaustive(network, usable - {pipe}, weights).best(pipe)
        else:
            key = frozenset((search.part[link.start], search.part[link.end]))
            if key not in known:
                known[key] = search.best(pipe)
            theirs = known[key]
        yield pipe, ours == theirs, between_s - begun_s, time.process_time() - between_s


def _sample() -> SiteIndex:
    return build(read(Path(sample_sites.__file__).parent / "riverside"))


def figures(*, quick: bool, tell: Callable[[str], None], seed: int = SEED) -> Iterator[Figure]:
    """The figures of isolation."""
    rng = random.Random(seed)  # noqa: S311 - trials want repeatable numbers, not secrets
    index = _sample()
    rows: list[tuple[str, bool, float, float]] = []
    for network_id in ("domestic-water", "fire-main"):
        tell(f"every pipe of {network_id} against exhaustive search")
        of = serve(index, network_id)
        for stuck_ratio in (0.0, _STUCK_RATIO) if quick else (0.0, *[_STUCK_RATIO] * 5):
            stuck = [v for v in of.valves if rng.random() < stuck_ratio]
            rows += agreement(of.network, of.valves, of.weights, stuck)
    same = sum(agrees for _, agrees, _, _ in rows)
    yield Figure("isolation equal to exhaustive search, sample estate", "ratio", same / len(rows), Goal(">=", 1.0))
    ours_ms, theirs_ms = 1000 * max(row[2] for row in rows), 1000 * max(row[3] for row in rows)
    yield Figure(
        "isolation of a pipe, sample estate, worst", "ms of a core", ours_ms, Goal("<=", 50), "exhaustive", theirs_ms
    )
    tell("plans with the hydraulics re-run")
    of = serve(index, "domestic-water")
    _ = of.usual
    times_s = []
    for pipe in rng.sample([p.id for p in of.network.pipes if p.length_m > 1.0], 5 if quick else 40):
        begun_s = time.process_time()
        try:
            isolation_plan(of, pipe)
        except ValueError:
            continue  # a pipe between a tank and its first valve
        times_s.append(time.process_time() - begun_s)
    yield Figure(
        "plan of a shut-down with a day of EPANET, sample estate", "ms of a core", 1000 * float(np.median(times_s))
    )
    yield from _town(rng, quick=quick, tell=tell)


def _town(rng: random.Random, *, quick: bool, tell: Callable[[str], None]) -> Iterator[Figure]:
    try:
        text = (shared_data() / "networks" / "L-TOWN.inp").read_text(encoding="utf-8")
    except MissingPartError:
        return  # a figure that was not run is absent
    tell("L-Town with valves on half of its pipes")
    network = parse(text)
    valves = rng.sample([p.id for p in network.pipes], round(_VALVE_RATIO * len(network.pipes)))
    parts = segments(network, valves)
    pipes = rng.sample([p.id for p in network.pipes], 100 if quick else len(network.pipes))
    flow_count(parts, pipes[0])  # imports scipy, which is no part of the search
    times_s, peers_s, same = [], [], 0
    for pipe in pipes:
        begun_s = time.process_time()
        try:
            count: int | None = len(isolate(parts, pipe).close)
        except IsolationError:
            count = None
        between_s = time.process_time()
        same += count == flow_count(parts, pipe)
        times_s.append(between_s - begun_s)
        peers_s.append(time.process_time() - between_s)
    yield Figure("isolation as small as scipy's maximum flow, L-Town", "ratio", same / len(pipes), Goal(">=", 1.0))
    worst_ms, peers_ms = 1000 * max(times_s), 1000 * max(peers_s)
    name = "isolation of a pipe, L-Town, worst"
    yield Figure(name, "ms of a core", worst_ms, Goal("<=", 50), "scipy's maximum flow", peers_ms)


def flow_count(of: Segments, pipe: str) -> int | None:
    """The size of the smallest cut by scipy's maximum flow; none where nothing cuts the pipe off."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - weighs on `plumbline --help`
    from scipy.sparse.csgraph import maximum_flow  # noqa: PLC0415

    count, source = len(of.nodes) + 1, len(of.nodes)
    firm = len(of.valves) + 1
    arcs = [(*ends, firm if valve == pipe else 1) for valve, ends in of.valves.items()]
    arcs += [(source, k, firm) for k in of.sources]
    rows, columns, capacities = (np.array(x) for x in zip(*[*arcs, *((b, a, c) for a, b, c in arcs)], strict=True))
    graph = coo_array((capacities.astype(np.int32), (rows, columns)), shape=(count, count)).tocsr()
    flow = int(maximum_flow(graph, source, of.of_node[of.network.links[pipe].start]).flow_value)
    return None if flow >= firm else flow
