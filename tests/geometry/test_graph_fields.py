"""Seconds to the nearest target, against networkx and against solving all anew after each event."""

import networkx as nx
import numpy as np
import pytest
from numpy.typing import NDArray

from geometry.graph_fields import NOWHERE, Fields


def drawn(rng: np.random.Generator, nodes: int, arcs: int) -> tuple[NDArray[np.int64], ...]:
    tails = rng.integers(0, nodes, arcs)
    heads = rng.integers(0, nodes, arcs)
    kept = tails != heads
    return tails[kept], heads[kept]


def by_networkx(
    tails: NDArray[np.int64], heads: NDArray[np.int64], seconds: NDArray[np.float64], targets: list[int], count: int
) -> NDArray[np.float64]:
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    graph.add_nodes_from(range(count))
    for tail, head, s in zip(tails.tolist(), heads.tolist(), seconds.tolist(), strict=True):
        if np.isfinite(s):
            graph.add_edge(head, tail, weight=s)
    found = nx.multi_source_dijkstra_path_length(graph, set(targets)) if targets else {}
    return np.array([found.get(node, np.inf) for node in range(count)])


def assert_right(fields: Fields, seconds: NDArray[np.float64], targets: list[int]) -> None:
    """Seconds are networkx's, and whoever follows the next arcs needs so long and comes to a target."""
    expected = by_networkx(fields.tails, fields.heads, seconds, targets, fields.count)
    np.testing.assert_allclose(fields.seconds_to, expected, rtol=0, atol=1e-9)
    reached = fields.targets_reached()
    for node in range(fields.count):
        arc = fields.next_arcs[node]
        if node in targets or not np.isfinite(expected[node]):
            assert arc == NOWHERE
            assert reached[node] == (node if node in targets else NOWHERE)
            continue
        assert fields.tails[arc] == node
        assert expected[node] == pytest.approx(seconds[arc] + expected[fields.heads[arc]], abs=1e-9)
        assert reached[node] in targets


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("parts", [1, 2, 7])
def test_every_event_leaves_what_solving_all_anew_gives(seed: int, parts: int) -> None:
    rng = np.random.default_rng(seed)
    count = 40
    tails, heads = drawn(rng, count, 110)
    seconds = rng.uniform(0.1, 10, len(tails))
    targets = rng.choice(count, 3, replace=False).tolist()
    fields = Fields(tails, heads, seconds, targets, count=count, part_of=rng.integers(0, parts, count))
    assert_right(fields, seconds, targets)
    for step in range(120):
        if step % 15 == 14:
            targets = rng.choice(count, int(rng.integers(0, 4)), replace=False).tolist()
            changed = fields.change_targets(targets)
        else:
            before, arcs_before = fields.seconds_to.copy(), fields.next_arcs.copy()
            rows = rng.choice(len(tails), int(rng.integers(1, 12)), replace=False)
            seconds[rows] = np.where(rng.random(len(rows)) < 0.5, np.inf, rng.uniform(0.1, 10, len(rows)))
            changed = fields.change(rows, seconds[rows])
            differs = (before != fields.seconds_to) | (arcs_before != fields.next_arcs)
            assert changed.tolist() == np.flatnonzero(differs).tolist()
        assert_right(fields, seconds, targets)


def test_ends_are_not_passed_through_unless_one_goes_there() -> None:
    # 0 - 1 - 2 where 1 is a bed; the long way round by 3
    tails, heads = [0, 1, 0, 3], [1, 2, 3, 2]
    ends = np.array([False, True, False, False])
    fields = Fields(tails, heads, [1.0, 1.0, 5.0, 5.0], [2], count=4, is_end=ends)
    assert fields.seconds_to.tolist() == [10.0, 1.0, 0.0, 5.0]
    assert fields.change_targets([1]).tolist() == [0, 1, 2, 3]
    assert fields.seconds_to.tolist() == [1.0, 0.0, np.inf, np.inf]
    fields.change_targets([2])
    assert fields.seconds_to.tolist() == [10.0, 1.0, 0.0, 5.0]


def test_a_ring_that_loses_its_way_out_does_not_believe_itself() -> None:
    """Three parts in a ring, each with a stale neighbour that still tells of a way, must all find none."""
    tails, heads = [0, 1, 2, 0], [1, 2, 0, 3]
    fields = Fields(tails, heads, [1.0, 1.0, 1.0, 1.0], [3], count=4, part_of=[0, 1, 2, 3])
    assert fields.seconds_to.tolist() == [1.0, 3.0, 2.0, 0.0]
    assert fields.change([3], [np.inf]).tolist() == [0, 1, 2]
    assert fields.seconds_to.tolist() == [np.inf, np.inf, np.inf, 0.0]
    fields.change([3], [2.0])
    assert fields.seconds_to.tolist() == [2.0, 4.0, 3.0, 0.0]


@pytest.mark.parametrize("part_of", [[0, 0, 0], [0, 0, 1], [0, 1, 1]])
def test_of_parallel_arcs_the_quicker_is_taken(part_of: list[int]) -> None:
    fields = Fields([0, 0, 1], [1, 1, 2], [4.0, 3.0, 1.0], [2], count=3, part_of=part_of)
    assert fields.next_arcs.tolist() == [1, 2, NOWHERE]
    fields.change([1], [9.0])
    assert fields.next_arcs.tolist() == [0, 2, NOWHERE]


def test_what_is_on_no_way_changes_nothing() -> None:
    fields = Fields([0, 0, 1], [1, 2, 2], [1.0, 9.0, 1.0], [2], count=3)
    assert fields.change([1], [np.inf]).tolist() == []
    assert fields.change([1], [2.5]).tolist() == []
    assert fields.change([1], [1.5]).tolist() == [0]
