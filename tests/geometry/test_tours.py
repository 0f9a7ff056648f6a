"""Rounds through places: the cheapest order, with one-way costs, few places and many."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from geometry.tours import EXACT, Tour, shortest_tour


def cost(costs: NDArray[np.float64], order: tuple[int, ...], *, is_round: bool) -> float:
    legs = list(itertools.pairwise(order)) + ([(order[-1], order[0])] if is_round else [])
    return float(sum(costs[a, b] for a, b in legs))


@pytest.mark.parametrize("is_round", [True, False])
@pytest.mark.parametrize("count", [2, 3, 5, 7])
@pytest.mark.parametrize("seed", range(4))
def test_few_places_are_ordered_as_trying_all_orders_does(seed: int, count: int, is_round: bool) -> None:  # noqa: FBT001
    costs = np.random.default_rng(seed).uniform(1, 9, (count, count))  # there and back differ
    found = shortest_tour(costs, is_round=is_round)
    every = min(cost(costs, (0, *rest), is_round=is_round) for rest in itertools.permutations(range(1, count)))
    assert found.is_proven
    assert sorted(found.order) == list(range(count))
    assert found.order[0] == 0
    assert found.cost == pytest.approx(every)
    assert found.cost == pytest.approx(cost(costs, found.order, is_round=is_round))


@pytest.mark.parametrize(
    ("costs", "told"),
    [([[0.0]], Tour((0,), 0.0, is_proven=True)), ([[0.0, 2.0], [3.0, 0.0]], Tour((0, 1), 5.0, is_proven=True))],
)
def test_nowhere_to_go_and_one_place_are_tours_too(costs: list[list[float]], told: Tour) -> None:
    assert shortest_tour(costs) == told


@pytest.mark.parametrize("seed", range(5))
def test_many_places_on_a_circle_are_gone_round_in_their_order(seed: int) -> None:
    # the shortest round through corners of a convex polygon is its outline
    angles = np.sort(np.random.default_rng(seed).uniform(0, 2 * np.pi, 40))
    points = 50 * np.column_stack((np.cos(angles), np.sin(angles)))
    shuffled = np.random.default_rng(seed).permutation(40)
    costs = np.hypot(*(points[shuffled][:, None] - points[shuffled][None]).transpose(2, 0, 1))
    outline = float(np.hypot(*(points - np.roll(points, -1, axis=0)).T).sum())
    # no crossing is left by reversals, and corners of a convex polygon without crossings are its outline
    assert shortest_tour(costs).cost == pytest.approx(outline)


@pytest.mark.parametrize("is_round", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_many_places_come_near_the_exact_order(seed: int, is_round: bool) -> None:  # noqa: FBT001
    points = np.random.default_rng(seed).uniform(0, 100, (EXACT + 1, 2))
    costs = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    best = shortest_tour(costs, is_round=is_round)
    near = shortest_tour(costs, is_round=is_round, exact=0)
    assert (best.is_proven, near.is_proven) == (True, False)
    # what is known of these moves is 5 % on average; a tenth is where something is wrong
    assert best.cost <= near.cost + 1e-9
    assert near.cost <= 1.10 * best.cost


def test_a_one_way_ring_is_gone_in_its_direction() -> None:
    count = 30
    costs = np.full((count, count), 100.0)
    costs[np.arange(count), (np.arange(count) + 1) % count] = 1.0
    assert shortest_tour(costs).cost == pytest.approx(count)


def test_a_place_that_cannot_be_reached_makes_the_tour_endless() -> None:
    costs = np.ones((4, 4))
    costs[:, 2] = np.inf
    assert shortest_tour(costs).cost == np.inf
