"""The fewest candidates that serve what is asked, beside trying every choice."""

from dataclasses import replace

import numpy as np
import pytest

from tests.twin.coverage.placement.small import best, choices, cover, table
from twin.coverage.placement.cover import fewest
from twin.coverage.placement.cover_bound import cover_bound
from twin.coverage.placement.greedy import added, greedy_cover, pruned
from twin.coverage.placement.incidence import Floats, Ints, incidence_of
from twin.coverage.placement.problem import CoverProblem, after, cover_problem
from twin.coverage.placement.programme import Proven, proven_cover
from twin.coverage.placement.reduction import merged, reachable, undominated, with_columns

SEARCH = "twin.coverage.placement.cover.proven_cover"
SEEDS = range(60)
EPS = 1e-6  # what sums of some tens of numbers below 10 can differ by, and HiGHS's own tolerance


@pytest.mark.parametrize("sets", [0, 1, 3])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_choice_is_better_and_it_says_so(seed: int, sets: int) -> None:
    problem = cover(np.random.default_rng((seed, sets)), sets=sets)
    answer, tried = fewest(problem), best(problem)
    assert problem.keeps_limits(answer.chosen)
    assert float(answer.short.sum()) == pytest.approx(tried.short, abs=EPS)
    assert answer.short == pytest.approx(problem.short(answer.chosen))
    assert answer.cost == problem.cost(answer.chosen) == tried.cost
    assert answer.is_optimal
    assert answer.is_least_short


@pytest.mark.parametrize("seed", SEEDS)
def test_greed_serves_all_that_can_be_served_and_nothing_of_it_can_go(seed: int) -> None:
    problem = cover(np.random.default_rng(seed))
    chosen = greedy_cover(problem)
    everyone = np.arange(problem.table.columns, dtype=np.int32)
    assert problem.short(chosen) == pytest.approx(problem.short(everyone), abs=EPS)
    for column in chosen:
        assert problem.short(chosen[chosen != column]).sum() > problem.short(chosen).sum() + EPS


@pytest.mark.parametrize("seed", SEEDS)
def test_making_it_smaller_changes_no_answer(seed: int) -> None:
    problem = cover(np.random.default_rng(seed), sets=seed % 3)
    can = reachable(problem)
    before = best(replace(can, least=can.least - problem_short(can)))
    small = merged(can)
    kept = undominated(small)
    small = with_columns(small, kept)
    assert small.table.rows <= can.table.rows
    assert best(replace(small, least=small.least - problem_short(small))).cost == before.cost


def problem_short(problem: CoverProblem) -> Floats:
    """What no choice can serve, where limits stand in the way."""
    tried = [problem.short(c) for c in choices(problem.table.columns) if problem.keeps_limits(c)]
    return min(tried, key=lambda short: float(short.sum()))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_by_prices_is_below_every_choice(seed: int) -> None:
    problem = reachable(cover(np.random.default_rng(seed)))
    tried = best(problem)
    bound = cover_bound(problem, known=tried.cost)
    assert bound <= tried.cost + EPS
    if tried.cost > 0:
        assert bound > 0


def test_prices_prove_what_pairs_of_a_ring_cost() -> None:
    # five spots in a ring, each candidate serves two neighbours: half a candidate for each spot is 2.5, so three
    ring = cover_problem(incidence_of([[k, (k + 1) % 5] for k in range(5)], rows=5))
    assert cover_bound(ring, known=3.0) == 3.0
    assert fewest(ring).cost == 3.0


def test_cameras_that_are_there_count_and_cost_nothing() -> None:
    problem = cover_problem(incidence_of([[0, 1], [1, 2], [2]], rows=3), wanted=np.array([1, 2, 1], np.int32))
    left = after(problem, np.array([1, 1, 0], np.int32))
    assert left.wanted.tolist() == [1, 1]
    assert fewest(left).chosen.tolist() == [1]
    assert fewest(after(problem, np.array([1, 2, 1], np.int32))).cost == 0.0


def test_a_share_that_is_reached_already_asks_for_nothing() -> None:
    half = cover_problem(incidence_of([[0], [1]], rows=2), least=np.array([1.0]))
    assert fewest(after(half, np.array([1, 0], np.int32))).cost == 0.0
    assert fewest(half).cost == 1.0


def test_prices_decide_between_one_dear_and_two_cheap() -> None:
    made = incidence_of([[0, 1], [0], [1]], rows=2)
    assert fewest(cover_problem(made, costs=np.array([500.0, 300.0, 300.0]))).chosen.tolist() == [0]
    assert fewest(cover_problem(made, costs=np.array([500.0, 200.0, 200.0]))).chosen.tolist() == [1, 2]


def test_spots_wanted_twice_are_not_half_served() -> None:
    # half of both spots would be half of the weight, but serves nothing
    problem = cover_problem(
        incidence_of([[0], [1], [0], [1]], rows=2), wanted=np.array([2, 2], np.int32), least=np.array([1.0])
    )
    assert fewest(problem).cost == 2.0


def test_what_cannot_be_served_is_told_and_the_rest_is_served() -> None:
    problem = cover_problem(incidence_of([[0], []], rows=2), groups=np.array([0, 1], np.int32))
    answer = fewest(problem)
    assert answer.chosen.tolist() == [0]
    assert answer.short.tolist() == [0.0, 1.0]
    assert problem.unreachable().tolist() == [False, True]


def test_towers_alike_are_solved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = [[k, (k + 1) % 5] for k in range(5)]
    towers = [[spot + 5 * tower for spot in pair] for tower in range(20) for pair in ring]
    sizes: list[int] = []

    def counted(problem: CoverProblem, *, time_limit_s: float) -> Proven:
        sizes.append(problem.table.rows)
        return proven_cover(problem, time_limit_s=time_limit_s)

    monkeypatch.setattr(SEARCH, counted)
    assert fewest(cover_problem(incidence_of(towers, rows=100))).cost == 60.0
    assert sizes == [5]


@pytest.mark.parametrize("found", [None, np.array([0], np.int32)])
def test_without_a_proof_the_answer_is_greed_with_its_bound(
    monkeypatch: pytest.MonkeyPatch, found: Ints | None
) -> None:
    def ended(_: CoverProblem, *, time_limit_s: float) -> Proven:
        assert time_limit_s > 0
        return Proven(found, -np.inf)

    monkeypatch.setattr(SEARCH, ended)
    ring = cover_problem(incidence_of([[k, (k + 1) % 6] for k in range(6)], rows=6))
    answer = fewest(ring)
    assert not answer.short.any()
    assert answer.bound == 3.0  # by prices
    assert 3.0 <= answer.cost <= 4.0
    assert answer.gap_ratio == pytest.approx((answer.cost - 3) / answer.cost)


def test_nothing_asked_costs_nothing() -> None:
    empty = fewest(cover_problem(incidence_of([[], []], rows=0)))
    assert (empty.cost, empty.bound, empty.is_optimal, len(empty.chosen)) == (0.0, 0.0, True, 0)


def test_pruning_keeps_what_a_start_served() -> None:
    problem = cover_problem(incidence_of([[0, 1], [1, 2], [0, 1, 2]], rows=3))
    assert pruned(problem, np.array([0, 1, 2], np.int32)).tolist() == [2]
    assert added(problem, np.array([0], np.int32)).tolist() == [0, 1]


@pytest.mark.parametrize("seed", range(20))
def test_a_table_reads_the_same_in_both_directions(seed: int) -> None:
    made = table(np.random.default_rng(seed))
    pairs = {(int(r), c) for c in range(made.columns) for r in made.of_column(c)}
    assert pairs == {(r, int(c)) for r in range(made.rows) for c in made.of_row(r)}
    columns = np.arange(made.columns)[::-1]
    turned = made.part(np.arange(made.rows), columns)
    assert {(r, int(columns[c])) for r in range(made.rows) for c in turned.of_row(r)} == pairs
    assert made.per_column(np.ones(made.rows)).tolist() == [len(made.of_column(c)) for c in columns[::-1]]
    assert made.per_row(np.ones(made.columns)).tolist() == [len(made.of_row(r)) for r in range(made.rows)]
