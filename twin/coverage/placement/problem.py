"""The question of the fewest cameras as numbers: spots that must be served, places that need a share of them."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twin.coverage.placement.incidence import Flags, Floats, Incidence, Ints

SLACK_RATIO: Final = 1e-9
"""Sums of the same weights in another order differ by so much of themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class CoverProblem:
    """Spots to be served by as few candidates as can be.

    A spot is served if at least `wanted` chosen candidates serve it; a group (a place with its requirement) is if the
    weight of its served spots reaches `least`.

    Attributes
    ----------
    table : spots are its rows, candidates its columns
    wanted : (rows,) how many candidates must serve each; at least 1
    weights : (rows,) what each stands for, such as its area
    groups : (rows,) group each belongs to
    least : (groups,) weight that must be served
    costs : (columns,) of choosing each; 0 or more
    sets : (columns,) set each belongs to, -1 none
    limits : (sets,) how many of each set can be chosen, such as one aim of each camera
    """

    table: Incidence
    wanted: Ints
    weights: Floats
    groups: Ints
    least: Floats
    costs: Floats
    sets: Ints
    limits: Ints

    @property
    def group_count(self) -> int:
        """How many groups."""
        return len(self.least)

    def group_weight(self, rows: Flags) -> Floats:
        """(groups,) the weight of some spots."""
        return summed(self.groups[rows], self.weights[rows], self.group_count)

    def served(self, chosen: Ints) -> Floats:
        """(groups,) the weight that a choice serves."""
        return self.group_weight(self.table.counts(chosen) >= self.wanted)

    def short(self, chosen: Ints) -> Floats:
        """(groups,) the weight that a choice lacks of what each must have."""
        return lacking(self.least, self.served(chosen))

    def unreachable(self) -> Flags:
        """(rows,) the spots that too few candidates serve, even if all were chosen."""
        return available(self) < self.wanted

    def keeps_limits(self, chosen: Ints) -> bool:
        """Whether no more of each set are chosen than can be."""
        of = self.sets[chosen]
        return bool((np.bincount(of[of >= 0], minlength=len(self.limits)) <= self.limits).all())

    def cost(self, chosen: Ints) -> float:
        """Of a choice."""
        return float(self.costs[chosen].sum())


def cover_problem(
    table: Incidence,
    *,
    wanted: Ints | None = None,
    weights: Floats | None = None,
    groups: Ints | None = None,
    least: Floats | None = None,
    costs: Floats | None = None,
    sets: Ints | None = None,
    limits: Ints | None = None,
) -> CoverProblem:
    """A problem in which everything not told is plain: each spot once, all of them, each candidate alike.

    Examples
    --------
    >>> from twin.coverage.placement.incidence import incidence_of
    >>> plain = cover_problem(incidence_of([[0, 1], [1]], rows=2))
    >>> plain.least.tolist(), plain.short(np.array([1], np.int32)).tolist()
    ([2.0], [1.0])
    """
    m, n = table.rows, table.columns
    of = np.zeros(m, np.int32) if groups is None else np.asarray(groups, np.int32)
    each = np.ones(m) if weights is None else np.asarray(weights, np.float64)
    whole = summed(of, each, 1)
    return CoverProblem(
        table,
        np.ones(m, np.int32) if wanted is None else np.asarray(wanted, np.int32),
        each,
        of,
        whole if least is None else np.asarray(least, np.float64),
        np.ones(n) if costs is None else np.asarray(costs, np.float64),
        np.full(n, -1, np.int32) if sets is None else np.asarray(sets, np.int32),
        np.empty(0, np.int32) if limits is None else np.asarray(limits, np.int32),
    )


def after(problem: CoverProblem, counts: Ints) -> CoverProblem:
    """What is left to ask where some spots are served already, by cameras that are there and cost nothing.

    Spots that are served go; the groups keep their numbers.

    Parameters
    ----------
    counts : (rows,) how many serve each
    """
    left = problem.wanted - counts
    done = problem.group_weight(left <= 0)
    least = np.maximum(problem.least - done, 0.0)
    least[least <= SLACK_RATIO * problem.least] = 0.0
    rows = np.flatnonzero((left > 0) & (least[problem.groups] > 0))
    return replace(with_rows(replace(problem, least=least), rows), wanted=left[rows])


def with_rows(problem: CoverProblem, rows: NDArray[np.int64]) -> CoverProblem:
    """The problem of some spots alone."""
    return replace(
        problem,
        table=problem.table.part(rows, np.arange(problem.table.columns)),
        wanted=problem.wanted[rows],
        weights=problem.weights[rows],
        groups=problem.groups[rows],
    )


def summed(groups: Ints, weights: Floats, count: int) -> Floats:
    """(count or more,) the sum of the weights of each group."""
    total: Floats = np.bincount(groups, weights=weights, minlength=count).astype(np.float64)
    return total


def lacking(least: Floats, served: Floats) -> Floats:
    """(groups,) what is missing to what each must have; what rounding leaves is nothing."""
    missing = np.maximum(least - served, 0.0)
    missing[missing <= SLACK_RATIO * np.maximum(least, 1e-300)] = 0.0
    return missing


def available(problem: CoverProblem) -> Ints:
    """(rows,) how many candidates could serve each spot at the same time, its own sets' limits kept."""
    table = problem.table
    if not len(problem.limits):
        return np.diff(table.row_starts).astype(np.int32)
    at, found = table.entries_of_rows(np.arange(table.rows))
    of = problem.sets[found]
    free = np.bincount(at[of < 0], minlength=table.rows)
    bound = of >= 0
    pairs, times = np.unique(at[bound].astype(np.int64) * len(problem.limits) + of[bound], return_counts=True)
    row, which = np.divmod(pairs, len(problem.limits))
    most = np.minimum(times, problem.limits[which])
    total = free + np.bincount(row, weights=most, minlength=table.rows)
    return np.asarray(total, dtype=np.int32)
