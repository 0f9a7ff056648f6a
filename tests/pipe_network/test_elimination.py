"""Many sparse systems of one structure, against a dense solver."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipe_network.elimination import plan, solve


@settings(deadline=None, max_examples=60)
@given(size=st.integers(1, 60), extra=st.integers(0, 60), seed=st.integers(0, 10_000))
def test_every_system_is_solved_as_densely(size: int, extra: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    tree = [(k, int(rng.integers(k))) for k in range(1, size)]
    loops = [(int(a), int(b)) for a, b in rng.integers(size, size=(extra, 2))]
    structure = plan(size, [*tree, *loops])
    moments = 3
    values = np.zeros((structure.entries, moments))
    dense = np.zeros((moments, size, size))
    for (i, j), k in structure.entry.items():
        if i != j and ({i, j} in [set(p) for p in (*tree, *loops)]):
            values[k] = -rng.uniform(0.1, 5.0, moments)
            dense[:, i, j] = values[k]
    for v in range(size):  # dominant by columns, as the balance of a network is
        values[v] = rng.uniform(0.1, 1.0, moments) - dense[:, :, v].sum(axis=1)
        dense[:, v, v] = values[v]
    right = rng.normal(size=(size, moments, 2))
    expected = np.linalg.solve(dense, right.transpose(1, 0, 2)).transpose(1, 0, 2)
    np.testing.assert_allclose(solve(structure, values, right), expected, rtol=1e-8, atol=1e-8)


def test_a_town_s_structure_leaves_a_small_core() -> None:
    crossings = [(r * 8 + c, r * 8 + c + 1) for r in range(8) for c in range(7)]
    crossings += [(r * 8 + c, r * 8 + c + 8) for r in range(7) for c in range(8)]
    streets = []
    size = 64
    for a, b in crossings:  # four houses in each street
        way = [a, *range(size, size + 4), b]
        streets += list(pairwise(way))
        size += 4
    assert len(plan(size, streets).core) < 0.1 * size


def test_unknowns_apart_from_each_other_are_solved_too() -> None:
    structure = plan(40, [])
    values = np.full((structure.entries, 1), 4.0)
    assert solve(structure, values, np.ones((40, 1, 1))).ravel() == pytest.approx(np.full(40, 0.25))
