"""What serving all that is asked costs at least, when exact search ends without telling.

Each spot is given a price for being served; candidates that earn more than they cost are taken. Whatever the prices,
no choice costs less than what that comes to; good prices are found step by step.

References
----------
Caprara, Fischetti, Toth, A heuristic method for the set covering problem, Operations Research 47 (1999).
"""

import math
from typing import Final

import numpy as np

from twin.coverage.placement.incidence import Flags, Floats
from twin.coverage.placement.problem import SLACK_RATIO, CoverProblem
from twin.coverage.placement.reduction import all_needed

_ROUNDS: Final = 300
_PATIENCE: Final = 20
_UNIT: Final = 1e6


def cover_bound(problem: CoverProblem, *, known: float, rounds: int = _ROUNDS) -> float:
    """No choice that serves what is asked costs less; limits of sets are left out, which only lowers it.

    Parameters
    ----------
    known : cost of a choice that is known, which steers the steps

    Examples
    --------
    >>> from twin.coverage.placement.incidence import incidence_of
    >>> from twin.coverage.placement.problem import cover_problem
    >>> triangle = cover_problem(incidence_of([[0, 1], [1, 2], [2, 0]], rows=3))
    >>> cover_bound(triangle, known=2.0)
    2.0
    """
    table = problem.table
    if not table.rows:
        return 0.0
    hard = all_needed(problem)[problem.groups]
    per_cost = problem.costs / np.maximum(np.diff(table.column_starts), 1)
    price = _least_of_rows(problem, per_cost)
    best, pace, since = 0.0, 1.0, 0
    for _ in range(rounds):
        reduced = problem.costs - table.per_column(price)
        asked = np.where(hard, 1.0, _cheapest_share(problem, price * problem.wanted, hard))
        value = float(np.minimum(reduced, 0.0).sum() + (price * problem.wanted * asked).sum())
        since = 0 if value > best + 1e-9 else since + 1
        best = max(best, value)
        if since >= _PATIENCE:
            pace, since = pace / 2, 0
        step = problem.wanted * asked - table.per_row((reduced < 0).astype(np.float64))
        length = float(step @ step)
        if length <= 0 or pace < 1e-4 or best >= known - 1e-9:
            break
        price = np.maximum(price + pace * max(known - value, 1e-6 * known) / length * step, 0.0)
    return whole_costs(problem, best)


def whole_costs(problem: CoverProblem, bound: float) -> float:
    """A bound raised to the next cost there can be, where all costs are multiples of one."""
    scaled = problem.costs * _UNIT
    if (
        math.isfinite(bound)
        and len(scaled)
        and (np.abs(scaled - np.round(scaled)) < 1e-3).all()
        and scaled.max() < 2**52
    ):
        unit = int(np.gcd.reduce(np.round(scaled).astype(np.int64))) / _UNIT
        if unit > 0:
            return math.ceil(bound / unit - 1e-6) * unit
    return bound


def _least_of_rows(problem: CoverProblem, of_columns: Floats) -> Floats:
    values = of_columns[problem.table.columns_of]
    starts = problem.table.row_starts[:-1]
    return np.minimum.reduceat(values, np.minimum(starts, max(len(values) - 1, 0))) if len(values) else np.zeros(0)


def _cheapest_share(problem: CoverProblem, prices: Floats, hard: Flags) -> Floats:
    """(rows,) how much of each spot is served if every group that needs a share takes its cheapest spots."""
    asked = np.zeros(len(prices))
    soft = np.flatnonzero(~hard)
    if not len(soft):
        return asked
    order = soft[np.lexsort((prices[soft] / problem.weights[soft], problem.groups[soft]))]
    groups, weights = problem.groups[order], problem.weights[order]
    before = np.cumsum(weights) - weights
    first = np.r_[True, groups[1:] != groups[:-1]]
    within = before - before[np.flatnonzero(first)][np.cumsum(first) - 1]
    asked[order] = np.clip((problem.least[groups] * (1 - SLACK_RATIO) - within) / weights, 0.0, 1.0)
    return asked
