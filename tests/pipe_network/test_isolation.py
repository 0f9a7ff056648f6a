"""Valves to close: equal to trying every set of them."""

import itertools
import random

import networkx as nx
import pytest

from pipe_network.errors import IsolationError, UnknownElementError
from pipe_network.inp import parse
from pipe_network.isolation import isolate, network_sources, segments
from pipe_network.model import Junction, Network, Pipe, Reservoir


def _random_network(rng: random.Random) -> tuple[Network, list[str]]:
    """A connected graph with loops and parallel pipes, one or two sources, and at most nine valves."""
    count = rng.randint(4, 9)
    names = [f"n{k}" for k in range(count)]
    ends = [(names[rng.randrange(k)], names[k]) for k in range(1, count)]
    ends += [tuple(rng.sample(names, 2)) for _ in range(rng.randint(1, 5))]  # type: ignore[misc]
    sources = rng.sample(names, rng.randint(1, 2))
    pipes = tuple(Pipe(f"p{k}", a, b, 10.0, 0.1, 130.0) for k, (a, b) in enumerate(ends))
    network = Network(
        junctions=tuple(Junction(n, 0.0) for n in names if n not in sources),
        reservoirs=tuple(Reservoir(n, 30.0) for n in sources),
        pipes=pipes,
    )
    return network, rng.sample([p.id for p in pipes], min(len(pipes), rng.randint(3, 9)))


def _fed(network: Network, shut: set[str]) -> set[str]:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(network.nodes)
    graph.add_edges_from((k.start, k.end) for k in network.links.values() if k.id not in shut)
    return {n for s in network_sources(network) for n in nx.node_connected_component(graph, s)}


def _by_trying(
    network: Network, pipe: str, usable: list[str], closed: set[str], weights: dict[str, float],
    efforts: dict[str, float],
) -> tuple[float, ...] | None:  # fmt: skip
    """The least (valves, weight, effort) over every subset of the usable valves."""
    before = _fed(network, closed)
    link = network.links[pipe]
    best: tuple[float, ...] | None = None
    for size in range(len(usable) + 1):
        for chosen in itertools.combinations(usable, size):
            after = _fed(network, closed | set(chosen))
            if link.start not in after and link.end not in after:
                cost = (size, sum(weights[n] for n in before - after), round(sum(efforts[v] for v in chosen), 9))
                best = cost if best is None else min(best, cost)
        if best is not None:
            return best
    return None


def _least_weight(
    network: Network, pipe: str, usable: list[str], closed: set[str], weights: dict[str, float]
) -> float:  # fmt: skip
    before, link = _fed(network, closed), network.links[pipe]
    cuts = (set(c) for size in range(len(usable) + 1) for c in itertools.combinations(usable, size))
    fed = (_fed(network, closed | cut) for cut in cuts)
    return min(sum(weights[n] for n in before - after) for after in fed if not {link.start, link.end} & after)


@pytest.mark.parametrize("seed", range(60))
def test_no_subset_of_the_valves_does_better(seed: int) -> None:
    rng = random.Random(seed)
    network, valves = _random_network(rng)
    stuck = {v for v in valves if rng.random() < 0.2}
    closed = {v for v in valves if v not in stuck and rng.random() < 0.1}
    weights = {n: float(rng.choice([0, 0, 1, 3])) for n in network.nodes}
    efforts = {v: float(rng.randint(1, 3)) for v in valves}
    parts = segments(network, valves)
    for pipe in network.links:
        shut = closed - {pipe}
        usable = [v for v in valves if v not in stuck | shut | {pipe}]
        expected = _by_trying(network, pipe, usable, shut, weights, efforts)
        if expected is None:
            with pytest.raises(IsolationError):
                isolate(parts, pipe, stuck=stuck, closed=closed, weights=weights, efforts=efforts)
            continue
        if not {network.links[pipe].start, network.links[pipe].end} & _fed(network, set()):
            continue
        plan = isolate(parts, pipe, stuck=stuck, closed=closed, weights=weights, efforts=efforts)
        before, after = _fed(network, shut), _fed(network, shut | set(plan.close))
        assert set(plan.nodes) == before - after
        cost = (len(plan.close), sum(weights[n] for n in plan.nodes), round(sum(efforts[v] for v in plan.close), 9))
        assert cost == expected
        gentle = isolate(parts, pipe, stuck=stuck, closed=closed, weights=weights, prefer="least_weight")
        assert not {network.links[pipe].start, network.links[pipe].end} & _fed(network, shut | set(gentle.close))
        assert sum(weights[n] for n in gentle.nodes) == _least_weight(network, pipe, usable, shut, weights)


RING = """
[JUNCTIONS]
a 0
b 0
c 0
d 0
e 0
[RESERVOIRS]
r 40
[TANKS]
t 30 2 0 4 5 0
[PIPES]
v0 r a 1 100 130
p1 a b 90 100 130
v1 b c 1 100 130
p2 c d 90 100 130
v2 d a 1 100 130
v3 c e 1 100 130
v4 e t 1 100 130
[OPTIONS]
UNITS CMH
"""


ALL = ("v0", "v1", "v2", "v3", "v4")
AROUND = ("v1", "v2", "v3", "v4")


def test_what_feeds_from_the_other_side_is_cut_off_too() -> None:
    plan = isolate(segments(parse(RING), AROUND), "p2", weights={"e": 1.0})
    assert set(plan.close) == {"v1", "v2", "v3"}
    assert plan.nodes == ("c", "d")
    assert plan.links == ("p2",)


def test_a_drained_tank_is_no_source() -> None:
    plan = isolate(segments(parse(RING), AROUND, sources=["r"]), "p2")
    assert set(plan.close) == {"v1", "v2"}
    assert {"e", "t"} <= set(plan.nodes)


def test_fewest_valves_come_before_fewest_flats_unless_asked() -> None:
    parts = segments(parse(RING), ALL)
    flats = {"a": 3.0, "e": 1.0}
    assert set(isolate(parts, "p2", weights=flats).close) == {"v0", "v3"}
    gentle = isolate(parts, "p2", weights=flats, prefer="least_weight")
    assert (set(gentle.close), gentle.nodes) == ({"v1", "v2", "v3"}, ("c", "d"))


def test_a_stuck_valve_is_passed_and_the_next_ones_taken() -> None:
    plan = isolate(segments(parse(RING), AROUND), "p2", stuck=["v3"])
    assert set(plan.close) == {"v1", "v2", "v4"}
    assert plan.nodes == ("c", "d", "e")


def test_a_leaking_valve_is_cut_off_on_both_sides() -> None:
    plan = isolate(segments(parse(RING), ["v0", "v1", "v2", "v3", "v4"]), "v3")
    assert "v3" not in plan.close
    assert {"c", "e"} <= set(plan.nodes)


def test_closed_valves_cost_nothing_and_must_stay_closed() -> None:
    parts = segments(parse(RING), AROUND)
    plan = isolate(parts, "p2", closed=["v3"])
    assert (set(plan.close), plan.keep_closed) == ({"v1", "v2"}, ("v3",))
    standing = isolate(parts, "p2", closed=["v1", "v2", "v3"])
    assert (standing.close, set(standing.keep_closed), standing.nodes) == ((), {"v1", "v2", "v3"}, ())


def test_refusals_name_the_object_and_the_cure() -> None:
    parts = segments(parse(RING), ["v1", "v2", "v3", "v4"])
    with pytest.raises(IsolationError, match=r"p1.*no isolation valve.*'r'") as told:
        isolate(parts, "p1")
    assert (told.value.link, told.value.source, told.value.stuck) == ("p1", "r", ())
    with pytest.raises(IsolationError, match="free or replace one of the stuck valves v0") as told:
        isolate(segments(parse(RING), ["v0", "v1", "v2", "v3", "v4"]), "p1", stuck=["v0"])
    assert told.value.stuck == ("v0",)
    with pytest.raises(UnknownElementError, match="p9"):
        isolate(parts, "p9")
    with pytest.raises(IsolationError, match="p1' is not one"):
        isolate(parts, "p2", stuck=["p1"])
    lonely = Network(junctions=(Junction("a", 0.0), Junction("b", 0.0)), pipes=(Pipe("p", "a", "b", 9.0, 0.1, 130.0),))
    with pytest.raises(IsolationError, match="nothing to cut off"):
        isolate(segments(lonely, []), "p")


def test_an_inflow_at_a_junction_is_a_source() -> None:
    network = parse(RING.replace("e 0", "e 0 -5"))
    assert "e" in network_sources(network)
