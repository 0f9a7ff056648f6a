"""Isolation of every pipe of the sample estate is what an exhaustive search finds."""

import random
from pathlib import Path

import pytest

import sample_sites
from pipe_network.errors import IsolationError
from pipe_network.inp import parse
from pipe_network.isolation import isolate, segments
from twin.index import build
from twin.pipes.served import serve
from twin.site_folder import read
from viewer.bench.leaks.isolation import Exhaustive, agreement, flow_count

RING = (
    "[JUNCTIONS]\na 1\nb 1\nc 1\n[RESERVOIRS]\nr 9\n[PIPES]\nu r a 1 90 130\nv a b 1 90 130\n"
    "w c a 1 90 130\nq b c 9 90 130\n"
)


@pytest.mark.parametrize("network", ["domestic-water", "fire-main"])
@pytest.mark.parametrize("stuck_ratio", [0.0, 0.15])
def test_every_pipe_of_the_sample_estate_agrees_with_exhaustive_search(network: str, stuck_ratio: float) -> None:
    of = serve(build(read(Path(sample_sites.__file__).parent / "riverside")), network)
    rng = random.Random(11)
    stuck = [v for v in of.valves if rng.random() < stuck_ratio]
    rows = list(agreement(of.network, of.valves, of.weights, stuck))
    assert len(rows) == len(of.network.links)
    assert [pipe for pipe, agrees, _, _ in rows if not agrees] == []


def test_the_exhaustive_search_itself_counts_right() -> None:
    network = parse(RING)
    assert Exhaustive(network, {"v", "w"}, {"a": 5.0, "b": 1.0}).best("q") == (2, 1.0)
    assert Exhaustive(network, {"u", "v", "w"}, {"a": 5.0, "b": 1.0}).best("q") == (1, 6.0)
    assert Exhaustive(network, {"v"}, {}).best("q") is None


def test_as_few_valves_as_a_maximum_flow_allows() -> None:
    network = parse(RING)
    for valves in (["v", "w"], ["u", "v", "w"], ["v"]):
        parts = segments(network, valves)
        for pipe in network.links:
            try:
                count: int | None = len(isolate(parts, pipe).close)
            except IsolationError:
                count = None
            assert flow_count(parts, pipe) == count
