"""Ways out of everywhere on an estate of thirty towers: making the graph, solving it, and keeping it through events."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from geometry.graph_fields import Fields
from geometry.walk_graph import WalkGraph
from sample_sites.generator.estate import generate
from sample_sites.generator.plan import EstatePlan
from twin.evacuation.free_ways import arc_seconds, safe_spots
from twin.fabric.site_graph import SiteGraph, parts, site_graph
from twin.index import build
from viewer.bench.figures import Figure, Goal

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TOWERS: Final = 30
_STOREYS: Final = 25
_EVENTS: Final = 10_000
_TIMED: Final = 200
_SMOKE: Final = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class _Event:
    """Arcs that take otherwise long."""

    arcs: Ints
    seconds: Floats


def figures(*, quick: bool, tell: Callable[[str], None], seed: int = 1) -> Iterator[Figure]:
    """Times beside networkx in the same run, and whether what is kept is what solving anew gives."""
    towers = 3 if quick else _TOWERS
    tell(f"an estate of {towers} towers")
    index = build(generate(EstatePlan(towers=towers, storeys=_STOREYS)))
    began = time.perf_counter()
    site = site_graph(index)
    spent_s = time.perf_counter() - began
    graph, goal = site.graph, Goal("<=", 10.0) if not quick else None
    yield Figure(f"graph of {towers} towers: {len(graph.spots):,} spots, {len(graph.tails):,} arcs", "s", spent_s, goal)
    seconds, targets = arc_seconds(site), safe_spots(site)
    is_end = np.array([spot.is_end for spot in graph.spots], dtype=bool)
    rng = np.random.default_rng(seed)
    tell("solved by networkx")
    theirs_s, theirs = _by_networkx(graph, seconds, targets, is_end)
    whole = Fields(graph.tails, graph.heads, seconds, targets, count=len(graph.spots), is_end=is_end)
    mine_s = min(_timed(whole.solve) for _ in range(5))
    yield Figure("all ways anew", "ms", mine_s * 1e3, peer="networkx", peer_value=theirs_s * 1e3)
    yield Figure("times as fast as networkx", "x", theirs_s / mine_s, None if quick else Goal(">=", 25.0))
    fields = Fields(graph.tails, graph.heads, seconds, targets, count=len(graph.spots), is_end=is_end,
                    part_of=parts(site))  # fmt: skip
    off_s = np.abs(np.where(np.isfinite(theirs), fields.seconds_to - np.where(np.isfinite(theirs), theirs, 0.0), 0.0))
    same = bool((np.isfinite(theirs) == np.isfinite(fields.seconds_to)).all())
    yield Figure("farthest off networkx", "s", float(off_s.max()) if same else np.inf, Goal("<=", 1e-9))
    spent: list[float] = []
    for name, rows in _kinds(site):
        if not rows:
            continue
        tell(name)
        each = [_there_and_back(fields, _event(site, name, rows[int(k)], seconds))
                for k in rng.integers(0, len(rows), _TIMED // (4 if quick else 1))]  # fmt: skip
        spent += [s for pair in each for s in pair]
        yield Figure(f"{name}: ways of all anew, half of the times", "ms", float(np.median([s for s, _ in each])) * 1e3,
                     Goal("<=", 1.0))  # fmt: skip
    middle_s = float(np.median(spent))
    yield Figure("an event of any kind, half of the times", "ms", middle_s * 1e3, peer="networkx",
                 peer_value=theirs_s * 1e3)  # fmt: skip
    goal = None if quick else Goal(">=", 1000.0)
    yield Figure("times as fast as networkx, half of the events", "x", theirs_s / middle_s, goal)
    yield Figure("and on average", "x", theirs_s / float(np.mean(spent)))
    events = _EVENTS // (50 if quick else 1)
    tell(f"{events} events, each against solving anew")
    yield Figure(f"farthest off solving anew, after each of {events:,} events", "s",
                 _farthest_off(site, fields, rng, events), Goal("<=", 1e-9))  # fmt: skip


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _by_networkx(
    graph: WalkGraph, seconds: Floats, targets: Sequence[int], is_end: NDArray[np.bool_]
) -> tuple[float, Floats]:
    """The least of three times of solving all, seconds and next spots, with the graph made; and the seconds."""
    used = np.isfinite(seconds) & (~is_end[graph.heads] | np.isin(graph.heads, targets))
    back: nx.DiGraph[int] = nx.DiGraph()
    count = len(graph.spots)
    back.add_nodes_from(range(count + 1))
    order = np.flatnonzero(used)[np.argsort(-seconds[used], kind="stable")]  # of parallel arcs the quickest stays
    back.add_weighted_edges_from(
        zip(graph.heads[order].tolist(), graph.tails[order].tolist(), seconds[order].tolist(), strict=True)
    )
    back.add_weighted_edges_from((count, target, 0.0) for target in targets)
    spent: list[float] = []
    found: dict[int, float] = {}
    for _ in range(3):
        began = time.perf_counter()
        _, found = nx.dijkstra_predecessor_and_distance(back, count)
        spent.append(time.perf_counter() - began)
    return min(spent), np.array([found.get(spot, np.inf) for spot in range(count)])


def _kinds(site: SiteGraph) -> list[tuple[str, list[int]]]:
    """Kinds of events, each with what it can happen to: spots, cells or links."""
    graph = site.graph
    inner = [row for row, spot in enumerate(graph.spots) if spot.kind == "door"]
    exits = [row for row, spot in enumerate(graph.spots) if spot.kind == "exit"]
    corridors = [row for row, cell in enumerate(graph.cells)
                 if cell.id in site.index.spaces and site.index.spaces[cell.id].template.use == "corridor"]  # fmt: skip
    stairs = [row for row, link in enumerate(graph.links) if link.kind == "stair"]
    return [("door blocked", inner), ("smoke in a corridor", corridors), ("flight of stairs closed", stairs),
            ("exit closed", exits)]  # fmt: skip


def _event(site: SiteGraph, name: str, row: int, seconds: Floats) -> _Event:
    graph = site.graph
    if name == "smoke in a corridor":
        arcs = np.flatnonzero(graph.cells_of == row)
        return _Event(arcs, seconds[arcs] * _SMOKE)
    of = graph.links_of == row if name.startswith("flight") else (graph.heads == row) | (graph.tails == row)
    arcs = np.flatnonzero(of)
    return _Event(arcs, np.full(len(arcs), np.inf))


def _there_and_back(fields: Fields, event: _Event) -> tuple[float, float]:
    """How long it takes to know all ways after an event, and after it is over."""
    before = fields.asked_seconds(event.arcs)
    spent = _timed(lambda: fields.change(event.arcs, event.seconds))
    return spent, _timed(lambda: fields.change(event.arcs, before))


def _farthest_off(site: SiteGraph, fields: Fields, rng: np.random.Generator, events: int) -> float:
    """How far what is kept through events, of which up to forty last at a time, gets from solving anew."""
    graph = site.graph
    seconds = arc_seconds(site)
    kinds = [(name, rows) for name, rows in _kinds(site) if rows]
    lasting: list[_Event] = []
    anew = Fields(graph.tails, graph.heads, seconds, safe_spots(site), count=len(graph.spots),
                  is_end=np.array([spot.is_end for spot in graph.spots], dtype=bool))  # fmt: skip
    worst = 0.0
    for _ in range(events):
        if lasting and (len(lasting) > 40 or rng.random() < 0.4):
            arcs = lasting.pop(int(rng.integers(len(lasting)))).arcs
        else:
            name, rows = kinds[int(rng.integers(len(kinds)))]
            lasting.append(_event(site, name, rows[int(rng.integers(len(rows)))], seconds))
            arcs = lasting[-1].arcs
        now = np.full(len(arcs), -np.inf)
        for event in lasting:  # of several that hold for an arc the worst counts
            _, here, there = np.intersect1d(arcs, event.arcs, return_indices=True)
            now[here] = np.maximum(now[here], event.seconds[there])
        now = np.where(np.isneginf(now), seconds[arcs], now)
        fields.change(arcs, now)
        anew.set_seconds(arcs, now)
        anew.solve()
        off = np.where(np.isfinite(anew.seconds_to), fields.seconds_to, 0.0)
        off -= np.where(np.isfinite(anew.seconds_to), anew.seconds_to, 0.0)
        if (np.isfinite(fields.seconds_to) != np.isfinite(anew.seconds_to)).any():
            return np.inf
        worst = max(worst, float(np.abs(off).max()))
    return worst
