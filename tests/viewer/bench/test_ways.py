"""The bench of ways: its reference is right where one can reckon by hand, and its figures hold."""

import math

import numpy as np
import pytest
import shapely

from viewer.bench.evacuation.plans import exact_lengths_m, halls, rooms
from viewer.bench.evacuation.routes import ratios


def test_the_reference_goes_round_corners_as_a_taut_string_does() -> None:
    ell = shapely.Polygon([(0, 0), (6, 0), (6, 2), (2, 2), (2, 6), (0, 6)])
    found = exact_lengths_m(ell, np.array([(5.0, 1.0), (1.0, 5.0), (4.0, 1.0)]))
    assert found[0, 1] == pytest.approx(2 * math.sqrt(10))  # round (2, 2)
    assert found[0, 2] == pytest.approx(1.0)


def test_the_reference_goes_round_a_hole_on_the_shorter_side_and_knows_floors_apart() -> None:
    ring = shapely.box(0, 0, 10, 10) - shapely.box(2, 2, 8, 6)
    both = shapely.union_all([ring, shapely.box(20, 0, 25, 5)])
    found = exact_lengths_m(both, np.array([(1.0, 5.0), (9.0, 5.0), (22.0, 1.0)]))
    assert found[0, 1] == pytest.approx(2 * math.sqrt(2) + 6)  # over the top of the hole
    assert math.isinf(found[0, 2])


@pytest.mark.parametrize("seed", [11, 12])
def test_ways_through_rooms_and_obstacles_are_as_long_as_the_exact_ones(seed: int) -> None:
    for index in (rooms(np.random.default_rng(seed)), halls(np.random.default_rng(seed))):
        found = ratios(index, seed=seed)
        assert len(found) > 20
        # doors are chosen by ways that bend in their middles; the goals the product is held to
        assert found.mean() <= 1.01
        assert found.max() <= 1.10
        assert found.min() >= 0.9999
