"""What any choice within a budget is worth at most.

A part of each spot's worth is paid for its being served. What is kept back is had by everyone; of the paid part no
choice earns more than the best that fit the budget, candidate by candidate. Whatever the parts, no choice is worth more
than both; good parts are found step by step. This is the bound of the linear relaxation, reached from above.

References
----------
Galvão, ReVelle, A Lagrangean heuristic for the maximal covering location problem, European Journal of Operational
Research 88 (1996).
Barahona, Anbil, The volume algorithm, Mathematical Programming 87 (2000): the steps.
"""

import math
import time
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from twin.coverage.placement.incidence import Floats, Incidence, Ints

_PATIENCE: Final = 20
_HALVINGS: Final = 50
_NO_WAY: Final = 1e-12
_MOST_NEW: Final = 0.3
"""Of an answer in the average: more forgets too soon, less learns too late (tried on the reference quarter)."""


class Sparse(Protocol):
    """A sparse matrix of scipy, as far as it is used here."""

    def __matmul__(self, other: Floats) -> Floats:
        """Times a vector."""


@dataclass(frozen=True, slots=True, eq=False)
class BudgetProblem:
    """Spots that are worth being served, and what may be spent on it.

    Attributes
    ----------
    worth : (rows,) of each of the first `wanted` candidates that serve a spot
    wanted : (rows,) how many are of use to each
    costs : (columns,)
    budget : sum of costs that may be spent
    sets : (columns,) set each belongs to, -1 none
    limits : (sets,) how many of each set can be chosen
    """

    table: Incidence
    worth: Floats
    wanted: Ints
    costs: Floats
    budget: float
    sets: Ints
    limits: Ints

    @property
    def total(self) -> float:
        """What all spots together are worth, those that nobody can serve left out."""
        most = np.minimum(np.diff(self.table.row_starts), self.wanted)
        return float((self.worth * most).sum())

    def value(self, chosen: Ints) -> float:
        """Of a choice."""
        return float((self.worth * np.minimum(self.table.counts(chosen), self.wanted)).sum())


def budget_bound(
    problem: BudgetProblem, *, known: Ints, rounds: int = 300, ends_s: float = math.inf
) -> float:  # fmt: skip
    """No choice is worth more.

    Parameters
    ----------
    known : a good choice, which the search starts from
    ends_s : of the monotonic clock; what has been found by then is told

    Examples
    --------
    >>> from twin.coverage.placement.incidence import incidence_of
    >>> made = incidence_of([[0, 1], [1, 2], [3]], rows=4)
    >>> no, ones = np.full(3, -1, np.int32), np.ones(4, np.int32)
    >>> problem = BudgetProblem(made, np.ones(4), ones, np.ones(3), 2.0, no, np.empty(0, np.int32))
    >>> budget_bound(problem, known=np.array([0, 1], np.int32))
    3.0
    """
    reached = problem.value(known)
    best = problem.total
    if not problem.table.crosses or best <= reached:
        return max(best, reached)
    prices = _Prices.of(problem, known)
    for _ in range(rounds):
        if not prices.improve_inplace(reached) or prices.value <= reached * (1 + 1e-9) or time.monotonic() > ends_s:
            break
    return max(min(best, prices.value), reached)


@dataclass(slots=True, eq=False)
class _Prices:
    """The best parts so far, and the choice that answers them: an average over those that were met.

    Attributes
    ----------
    paid : (rows,) part of each spot's worth that is paid for its being served
    value : the bound they give
    mean : (rows,) how often each spot is served, on the average; its lack is the way to go
    pace : how far to go
    """

    problem: BudgetProblem
    by_row: Sparse
    by_column: Sparse
    paid: Floats
    value: float
    mean: Floats
    pace: float = 0.1
    failed: int = 0

    @classmethod
    def of(cls, problem: BudgetProblem, known: Ints) -> "_Prices":
        """Parts to begin with: all where a choice lacks, little where it has more than is wanted."""
        from scipy.sparse import csr_array  # noqa: PLC0415 - weighs on `plumbline --help`

        table, ones = problem.table, np.ones(problem.table.crosses)
        by_row = csr_array((ones, table.columns_of, table.row_starts), shape=(table.rows, table.columns))
        by_column = csr_array((ones, table.rows_of, table.column_starts), shape=(table.columns, table.rows))
        counts = table.counts(known)
        part = np.where(counts < problem.wanted, 1.0, np.where(counts > problem.wanted, 0.15, 0.7))
        paid = problem.worth * part
        value, taken = _value(problem, paid, by_column)
        return cls(problem, by_row, by_column, paid, value, by_row @ taken)

    def improve_inplace(self, reached: float) -> bool:
        """One step; no if there is no way to go."""
        problem = self.problem
        lack = problem.wanted - self.mean
        lack[((self.paid <= 0) & (lack < 0)) | ((self.paid >= problem.worth) & (lack > 0))] = 0.0
        length = float(lack @ lack)
        if length <= _NO_WAY or self.pace < _NO_WAY:
            return False
        paid = np.clip(self.paid + self.pace * (self.value - reached) / length * lack, 0.0, problem.worth)
        value, taken = _value(problem, paid, self.by_column)
        served = self.by_row @ taken
        apart = served - self.mean
        # the mixture that lacks least
        share = float((problem.wanted - self.mean) @ apart) / max(float(apart @ apart), _NO_WAY)
        self.mean = self.mean + min(max(share, _MOST_NEW / 10), _MOST_NEW) * apart
        if value < self.value * (1 - 1e-9):
            if float((problem.wanted - served) @ lack) >= 0:
                self.pace = min(self.pace * 1.1, 2.0)
            self.paid, self.value, self.failed = paid, value, 0
        else:
            self.failed += 1
            if self.failed >= _PATIENCE:
                self.pace, self.failed = self.pace * 2 / 3, 0
        return True


def _value(problem: BudgetProblem, paid: Floats, by_column: Sparse) -> tuple[float, Floats]:
    earned, taken = _earned(problem, by_column @ paid)
    return float(((problem.worth - paid) * problem.wanted).sum()) + earned, taken


def _earned(problem: BudgetProblem, pay: Floats) -> tuple[float, Floats]:
    """The most that can be earned within the budget, candidates divisible, and how much of each is taken."""
    if not len(problem.limits):
        return _by_ratio(problem, pay)
    low, high = 0.0, float((pay / np.maximum(problem.costs, 1e-12)).max(initial=0.0))
    _, taken = _at_price(problem, pay, 0.0)
    if problem.costs @ taken <= problem.budget:
        return float(pay @ taken), taken
    for _ in range(_HALVINGS):
        price = (low + high) / 2
        _, taken = _at_price(problem, pay, price)
        low, high = (price, high) if problem.costs @ taken > problem.budget else (low, price)
    dear, _ = _at_price(problem, pay, high)
    cheap, more = _at_price(problem, pay, low)
    _, less = _at_price(problem, pay, high)
    spent_more, spent_less = float(problem.costs @ more), float(problem.costs @ less)
    share = (problem.budget - spent_less) / (spent_more - spent_less) if spent_more > spent_less else 0.0
    # every price of money bounds from above; the mixture is where the two choices meet
    return min(dear + high * problem.budget, cheap + low * problem.budget), share * more + (1 - share) * less


def _at_price(problem: BudgetProblem, pay: Floats, price: float) -> tuple[float, Floats]:
    """What is earned beyond the price of money, and what is taken: the best of each set up to its limit."""
    left = pay - price * problem.costs
    taken = (left > 0).astype(np.float64)
    bound = np.flatnonzero((problem.sets >= 0) & (left > 0))
    order = bound[np.lexsort((-left[bound], problem.sets[bound]))]
    sets = problem.sets[order]
    first = np.r_[True, sets[1:] != sets[:-1]]
    begins = np.flatnonzero(first)
    rank = np.arange(len(order)) - begins[np.cumsum(first) - 1] if len(order) else np.empty(0)
    taken[order[rank >= problem.limits[sets]]] = 0.0
    return float(left @ taken), taken


def _by_ratio(problem: BudgetProblem, pay: Floats) -> tuple[float, Floats]:
    order = np.argsort(-pay / np.maximum(problem.costs, 1e-12), kind="stable")
    before = np.cumsum(problem.costs[order]) - problem.costs[order]
    costs = problem.costs[order]
    share = np.where(costs > 0, np.clip((problem.budget - before) / np.maximum(costs, 1e-12), 0.0, 1.0), 1.0)
    taken = np.zeros(len(pay))
    taken[order] = share
    return float(pay @ taken), taken
