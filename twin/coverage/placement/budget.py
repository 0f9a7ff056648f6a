"""The best use of a number of cameras, or of a sum of money: what covers most, and how far it can be from the best.

Greed first; then one is exchanged for another as long as that adds; then on through exchanges that add nothing, never
back to where it came from, and the best choice met is kept.

References
----------
Nemhauser, Wolsey, Fisher, An analysis of approximations for maximizing submodular set functions, Mathematical
Programming 14 (1978): greed alone reaches 63 % at least.
Glover, Tabu search, ORSA Journal on Computing 1 (1989).
"""

import time
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from twin.coverage.placement.budget_bound import BudgetProblem, budget_bound
from twin.coverage.placement.incidence import Flags, Floats, Incidence, Ints
from twin.coverage.placement.problem import SLACK_RATIO, summed
from twin.coverage.placement.programme import proven_use
from twin.coverage.placement.reduction import alike
from twin.coverage.placement.swaps import Choice, choice

_ROUNDS: Final = 5000
_BOUND_TIME_RATIO: Final = 0.5
_PATIENCE: Final = 1500
_TENURE: Final = (10, 30)
"""Turns that what was exchanged stays: of (3, 8) to (20, 50), tried on the reference quarter, what reached most."""
_MOST_PROVEN: Final = 100_000
"""Crosses up to which exact search is tried: at 60,000 it proves within seconds, at 600,000 it finds nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class BudgetAnswer:
    """A choice within a budget, and how far it can be from the best.

    Attributes
    ----------
    chosen : (k,) candidates, ascending
    value : what it is worth
    bound : no choice within the budget is worth more
    cost : of the choice
    greedy_value : what greed alone reaches
    """

    chosen: Ints
    value: float
    bound: float
    cost: float
    greedy_value: float

    @property
    def reached_ratio(self) -> float:
        """Share of the bound that is reached."""
        return self.value / self.bound if self.bound > 0 else 1.0


def budget_problem(
    table: Incidence,
    *,
    budget: float,
    worth: Floats | None = None,
    wanted: Ints | None = None,
    costs: Floats | None = None,
    sets: Ints | None = None,
    limits: Ints | None = None,
) -> BudgetProblem:
    """A problem in which everything not told is plain: each spot worth 1 and wanted once, candidates alike."""
    return BudgetProblem(
        table,
        np.ones(table.rows) if worth is None else np.asarray(worth, np.float64),
        np.ones(table.rows, np.int32) if wanted is None else np.asarray(wanted, np.int32),
        np.ones(table.columns) if costs is None else np.asarray(costs, np.float64),
        budget,
        np.full(table.columns, -1, np.int32) if sets is None else np.asarray(sets, np.int32),
        np.empty(0, np.int32) if limits is None else np.asarray(limits, np.int32),
    )


def best_use(
    problem: BudgetProblem, *, start: Ints | None = None, time_limit_s: float = 5.0, rounds: int = _ROUNDS
) -> BudgetAnswer:
    """A choice within the budget that is worth most.

    Parameters
    ----------
    start : chosen to begin with, such as the aims that cameras have; they may be exchanged
    time_limit_s : after it the best that was found is told; `rounds` ends it at the same point on every machine

    Examples
    --------
    >>> from twin.coverage.placement.incidence import incidence_of
    >>> answer = best_use(budget_problem(incidence_of([[0, 1, 2], [0, 1, 3], [2, 4, 5]], rows=6), budget=2))
    >>> answer.chosen.tolist(), answer.value, answer.bound
    ([1, 2], 6.0, 6.0)
    """
    ends_s = time.monotonic() + time_limit_s
    small = _merged(problem)
    begin = np.empty(0, np.int32) if start is None else start
    run = max((_greedy(small, begin, by_cost=by_cost) for by_cost in (True, False)), key=lambda r: r.choice.value)
    greedy_value = run.choice.value
    began_s = time.monotonic()
    while time.monotonic() < began_s + time_limit_s / 4 and run.climb_inplace():
        pass
    run.remember_inplace()
    bound_ends_s = time.monotonic() + (ends_s - time.monotonic()) * _BOUND_TIME_RATIO
    bound = budget_bound(small, known=run.best, ends_s=bound_ends_s)
    for _ in range(rounds):
        if time.monotonic() > ends_s or run.since > _PATIENCE or run.best_value >= bound * (1 - SLACK_RATIO):
            break
        if not run.wander_inplace():
            break
    chosen = run.best
    left_s = ends_s - time.monotonic()
    if run.best_value < bound * (1 - SLACK_RATIO) and small.table.crosses <= _MOST_PROVEN and left_s > 0:
        proven = proven_use(small, time_limit_s=left_s)
        bound = min(bound, max(proven.bound, run.best_value))
        if proven.chosen is not None and _fits(problem, proven.chosen) and small.value(proven.chosen) > run.best_value:
            chosen = proven.chosen
    chosen = _needed(small, chosen)
    value = problem.value(chosen)
    return BudgetAnswer(chosen, value, max(bound, value), float(problem.costs[chosen].sum()), greedy_value)


def _merged(problem: BudgetProblem) -> BudgetProblem:
    """Spots alike made one, and those left out that nobody serves or that are worth nothing."""
    useful = np.flatnonzero((np.diff(problem.table.row_starts) > 0) & (problem.worth > 0) & (problem.wanted > 0))
    table = problem.table.part(useful, np.arange(problem.table.columns))
    wanted = problem.wanted[useful]
    first, label = alike(table, wanted, leading=wanted)
    return replace(
        problem,
        table=table.part(first, np.arange(table.columns)),
        worth=summed(label, problem.worth[useful], len(first)),
        wanted=wanted[first],
    )


def _fits(problem: BudgetProblem, chosen: Ints) -> bool:
    """Whether a choice that came from floating-point numbers keeps budget and limits."""
    of = problem.sets[chosen]
    limits = np.bincount(of[of >= 0], minlength=len(problem.limits)) <= problem.limits
    return bool(limits.all()) and float(problem.costs[chosen].sum()) <= problem.budget * (1 + SLACK_RATIO)


def _needed(problem: BudgetProblem, chosen: Ints) -> Ints:
    """A choice without what costs something and adds nothing."""
    kept = chosen.tolist()
    for column in sorted(kept, key=lambda c: -problem.costs[c]):
        without = np.array([c for c in kept if c != column], dtype=np.int32)
        if problem.costs[column] > 0 and problem.value(without) >= problem.value(np.array(kept, np.int32)) * (
            1 - SLACK_RATIO
        ):
            kept.remove(column)
    return np.array(sorted(kept), dtype=np.int32)


@dataclass(slots=True, eq=False)
class _Search:
    """A choice with what may be changed of it.

    Attributes
    ----------
    spent : of the budget
    room : (sets,) how many more of each can be chosen
    turn : of the search
    closed_until : (columns,) turn until which each is not touched again
    since : turns without a better choice
    """

    problem: BudgetProblem
    choice: Choice
    spent: float
    room: Ints
    closed_until: Ints
    rng: np.random.Generator
    turn: int = 0
    since: int = 0
    best_value: float = 0.0
    best: Ints = field(default_factory=lambda: np.empty(0, np.int32))

    def may_add(self, *, less: float = 0.0) -> Flags:
        """(columns,) whether each can be chosen within budget and limits, once so much is spent less."""
        free = self.choice.slot_of < 0
        free &= self.problem.costs <= (self.problem.budget - self.spent + less) + SLACK_RATIO * self.problem.budget
        if len(self.room):
            free &= (self.problem.sets < 0) | (self.room[self.problem.sets] > 0)
        return free

    def add_inplace(self, column: int) -> None:
        self._count_inplace(column, 1)
        self.choice.add_inplace(column)

    def drop_inplace(self, column: int) -> None:
        self._count_inplace(column, -1)
        self.choice.drop_inplace(column)

    def fill_inplace(self, *, by_cost: bool) -> None:
        """Add what gains most, or most for its cost, while anything gains and fits."""
        least = SLACK_RATIO * max(self.choice.value, float(self.problem.worth.max(initial=0.0)))
        while True:
            gain = np.where(self.may_add(), self.choice.gain, 0.0)
            worth = gain / np.maximum(self.problem.costs, 1e-9) if by_cost else gain
            column = int(np.argmax(worth)) if len(worth) else -1
            if column < 0 or gain[column] <= least:
                return
            self.add_inplace(column)

    def climb_inplace(self) -> bool:
        """Make the exchange that adds most; no if none adds anything."""
        found = self._exchange(np.ones(self.problem.table.columns, dtype=bool))
        if found is None or found[2] <= SLACK_RATIO * max(self.choice.value, 1e-300):
            return False
        self._exchange_inplace(*found[:2])
        return True

    def wander_inplace(self) -> bool:
        """Make the best exchange with what is not closed, for better or worse; no if there is none."""
        self.turn += 1
        self.since += 1
        open_ = self.closed_until < self.turn
        found = self._exchange(open_)
        if found is None:
            return False
        out, into, _ = found
        self._exchange_inplace(out, into)
        most = max(1, len(self.choice.chosen) // 3)  # of few, most must stay open
        self.closed_until[[out, into]] = self.turn + np.minimum(self.rng.integers(*_TENURE, 2), most)
        self.remember_inplace()
        return True

    def remember_inplace(self) -> None:
        """Keep the choice if it is the best so far."""
        if self.choice.value > self.best_value * (1 + SLACK_RATIO):
            self.best_value, self.best, self.since = self.choice.value, self.choice.chosen, 0

    def _exchange(self, open_: Flags) -> tuple[int, int, float] | None:
        """The best exchange: who goes, who comes, what it adds."""
        problem, choice = self.problem, self.choice
        slots = np.flatnonzero(choice.in_slot >= 0).astype(np.int32)
        slots = slots[open_[choice.in_slot[slots]]]
        if not len(slots):
            return None
        adds = choice.exchanges(slots)
        out = choice.in_slot[slots]
        adds[:, (choice.slot_of >= 0) | ~open_] = -np.inf
        left = problem.budget * (1 + SLACK_RATIO) - self.spent
        if left + problem.costs[out].min() < problem.costs.max():
            adds[problem.costs[None, :] > left + problem.costs[out][:, None]] = -np.inf
        if len(self.room):
            full = (problem.sets >= 0) & (self.room[problem.sets] <= 0)
            adds[(full[None, :]) & (problem.sets[None, :] != problem.sets[out][:, None])] = -np.inf
        best = int(np.argmax(adds))
        slot, into = divmod(best, problem.table.columns)
        added = float(adds[slot, into])
        return None if added == -np.inf else (int(out[slot]), into, added)

    def _exchange_inplace(self, out: int, into: int) -> None:
        self.drop_inplace(out)
        self.add_inplace(into)
        self.fill_inplace(by_cost=True)

    def _count_inplace(self, column: int, sign: int) -> None:
        self.spent += sign * float(self.problem.costs[column])
        of = self.problem.sets[column]
        if of >= 0:
            self.room[of] -= sign


def _greedy(problem: BudgetProblem, start: Ints, *, by_cost: bool) -> _Search:
    table = problem.table
    made = choice(table, worth=problem.worth, wanted=problem.wanted, slots=_slots(problem))
    closed = np.zeros(table.columns, dtype=np.int32)
    run = _Search(problem, made, 0.0, problem.limits.copy(), closed, np.random.default_rng(1))
    for column in start:
        run.add_inplace(int(column))
    run.fill_inplace(by_cost=by_cost)
    return run


def _slots(problem: BudgetProblem) -> int:
    """Most candidates that can be chosen at once."""
    cheapest = np.cumsum(np.sort(problem.costs))
    return int(np.searchsorted(cheapest, problem.budget * (1 + SLACK_RATIO), side="right"))
