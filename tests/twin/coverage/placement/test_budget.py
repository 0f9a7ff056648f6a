"""The best use of a budget, beside trying every choice."""

import math

import numpy as np
import pytest

from tests.twin.coverage.placement.small import choices, table
from twin.coverage.placement.budget import best_use, budget_problem
from twin.coverage.placement.budget_bound import BudgetProblem, budget_bound
from twin.coverage.placement.incidence import Ints, incidence_of
from twin.coverage.placement.swaps import choice

SEEDS = range(60)
EPS = 1e-9  # sums of some tens of small numbers


def question(rng: np.random.Generator, *, sets: int = 0) -> BudgetProblem:
    made = table(rng)
    return budget_problem(
        made,
        budget=float(rng.integers(0, 8)),
        worth=rng.integers(1, 6, made.rows).astype(float),
        wanted=rng.integers(1, 3, made.rows).astype(np.int32),
        costs=rng.integers(0, 4, made.columns).astype(float),
        sets=rng.integers(-1, sets, made.columns).astype(np.int32),
        limits=rng.integers(1, 3, sets).astype(np.int32),
    )


def fits(problem: BudgetProblem, chosen: Ints) -> bool:
    of = problem.sets[chosen]
    limits = np.bincount(of[of >= 0], minlength=len(problem.limits)) <= problem.limits
    return bool(problem.costs[chosen].sum() <= problem.budget and limits.all())


def best(problem: BudgetProblem) -> float:
    return max(problem.value(chosen) for chosen in choices(problem.table.columns) if fits(problem, chosen))


@pytest.mark.parametrize("sets", [0, 2])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_choice_is_better_and_it_says_so(seed: int, sets: int) -> None:
    problem = question(np.random.default_rng((seed, sets)), sets=sets)
    answer = best_use(problem, rounds=50)
    assert fits(problem, answer.chosen)
    assert answer.value == pytest.approx(problem.value(answer.chosen))
    assert answer.cost == problem.costs[answer.chosen].sum()
    assert answer.value == pytest.approx(best(problem))
    assert answer.reached_ratio == pytest.approx(1.0, abs=1e-6)  # HiGHS's own tolerance


@pytest.mark.parametrize("sets", [0, 2])
@pytest.mark.parametrize("seed", SEEDS)
def test_without_exact_search_the_bound_is_above_every_choice(
    seed: int, sets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twin.coverage.placement.budget._MOST_PROVEN", -1)
    problem = question(np.random.default_rng((seed, sets)), sets=sets)
    answer, tried = best_use(problem, rounds=50), best(problem)
    assert fits(problem, answer.chosen)
    assert answer.value <= tried + EPS <= answer.bound + 2 * EPS
    assert answer.value >= (1 - 1 / math.e) / 2 * tried - EPS  # what greed by cost or by worth is proven to reach


@pytest.mark.parametrize("seed", SEEDS)
def test_what_every_exchange_adds_is_known_without_trying(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = question(rng)
    n = problem.table.columns
    run = choice(problem.table, worth=problem.worth, wanted=problem.wanted, slots=n)
    for _ in range(12):
        column = int(rng.integers(n))
        (run.drop_inplace if run.slot_of[column] >= 0 else run.add_inplace)(column)
        chosen = run.chosen
        assert run.value == pytest.approx(problem.value(chosen))
        slots = np.flatnonzero(run.in_slot >= 0).astype(np.int32)
        adds = run.exchanges(slots) if len(slots) else np.empty((0, n))
        for slot, row in zip(slots, adds, strict=True):
            for into in np.flatnonzero(run.slot_of < 0):
                kept = np.append(chosen[chosen != run.in_slot[slot]], into).astype(np.int32)
                assert row[into] == pytest.approx(problem.value(kept) - problem.value(chosen))
        for into in np.flatnonzero(run.slot_of < 0):
            more = np.append(chosen, into).astype(np.int32)
            assert run.gain[into] == pytest.approx(problem.value(more) - problem.value(chosen))


def test_exchange_mends_what_greed_began_badly() -> None:
    # greed takes the four in the middle first and can then not have both rows of three
    problem = budget_problem(incidence_of([[1, 2, 3, 4], [0, 1, 2], [3, 4, 5]], rows=6), budget=2)
    answer = best_use(problem)
    assert answer.greedy_value == 5.0
    assert answer.chosen.tolist() == [1, 2]
    assert answer.reached_ratio == 1.0


def test_money_buys_two_cheap_ones_rather_than_one_dear() -> None:
    made = incidence_of([[0, 1, 2], [0, 1], [2, 3]], rows=4)
    answer = best_use(budget_problem(made, budget=1000.0, costs=np.array([900.0, 500.0, 500.0])))
    assert answer.chosen.tolist() == [1, 2]
    assert answer.cost == 1000.0


def test_of_one_camera_only_one_aim_is_chosen() -> None:
    made = incidence_of([[0, 1], [2, 3], [4]], rows=5)
    sets = np.array([0, 0, -1], np.int32)
    answer = best_use(budget_problem(made, budget=3, sets=sets, limits=np.array([1], np.int32)))
    assert len(answer.chosen) == 2
    assert answer.value == answer.bound == 3.0


def test_an_aim_is_turned_where_that_is_worth_its_cost() -> None:
    # both cameras look at the same two spots; one turned sees three more; budget for one turn
    made = incidence_of([[0, 1], [2, 3, 4], [0, 1], [5]], rows=6)
    problem = budget_problem(
        made, budget=1, costs=np.array([0.0, 1, 0, 1]), sets=np.array([0, 0, 1, 1], np.int32),
        limits=np.array([1, 1], np.int32),
    )  # fmt: skip
    answer = best_use(problem, start=np.array([0, 2], np.int32))
    assert answer.chosen.tolist() == [1, 2]
    assert answer.value == answer.bound == 5.0


def test_no_money_buys_nothing_and_what_is_free_is_taken() -> None:
    made = incidence_of([[0], [1]], rows=2)
    answer = best_use(budget_problem(made, budget=0, costs=np.array([0.0, 1.0])))
    assert answer.chosen.tolist() == [0]
    assert answer.bound == 1.0
    assert best_use(budget_problem(made, budget=0)).reached_ratio == 1.0


def test_the_bound_comes_down_to_the_linear_relaxation() -> None:
    # a ring of nine, each serves two neighbours, four chosen: eight of nine, and no more even in parts
    ring = budget_problem(incidence_of([[k, (k + 1) % 9] for k in range(9)], rows=9), budget=4)
    assert budget_bound(ring, known=np.array([0, 2, 4], np.int32)) == pytest.approx(8.0, abs=0.01)  # it converges


def test_nothing_to_serve_is_worth_nothing() -> None:
    answer = best_use(budget_problem(incidence_of([[], []], rows=3), budget=2))
    assert (answer.value, answer.bound, answer.reached_ratio, len(answer.chosen)) == (0.0, 0.0, 1.0, 0)
