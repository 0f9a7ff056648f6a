"""A good choice at once: the candidate that serves most for its cost, again and again, then what is not needed goes.

It is the bound that exact search starts from, and the answer where that finds none in time.

References
----------
Chvátal, A greedy heuristic for the set-covering problem, Mathematics of Operations Research 4 (1979).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from twin.coverage.placement.incidence import Flags, Floats, Ints
from twin.coverage.placement.problem import SLACK_RATIO, CoverProblem, summed

_FREE: Final = 1e-9
"""What costs nothing is chosen first, the more it serves the sooner."""


def greedy_cover(problem: CoverProblem) -> Ints:
    """(k,) candidates that serve what is asked, as far as any can; ascending.

    Examples
    --------
    >>> from twin.coverage.placement.incidence import incidence_of
    >>> from twin.coverage.placement.problem import cover_problem
    >>> greedy_cover(cover_problem(incidence_of([[0, 1], [1, 2], [2, 3], [0, 1, 2]], rows=4))).tolist()
    [2, 3]
    """
    return pruned(problem, added(problem, np.empty(0, np.int32)))


def added(problem: CoverProblem, start: Ints) -> Ints:
    """(k,) a choice with what it lacks added by greed, in the order of choice."""
    run = _Run.of(problem, start)
    chosen = start.tolist()
    while True:
        best = run.best()
        if best < 0:
            return np.array(chosen, dtype=np.int32)
        chosen.append(best)
        run.choose_inplace(best)


def pruned(problem: CoverProblem, chosen: Ints) -> Ints:
    """(k,) a choice without those it serves as much without, the dear and little used first; ascending."""
    counts = problem.table.counts(chosen)
    served = problem.served(chosen)
    floor = np.minimum(problem.least, served) * (1 - SLACK_RATIO)
    only = problem.table.per_column(np.where(counts <= problem.wanted, problem.weights, 0.0))
    kept = set(chosen.tolist())
    for column in sorted(kept, key=lambda c: (-problem.costs[c], only[c], c)):
        rows = problem.table.of_column(column)
        lost = rows[counts[rows] == problem.wanted[rows]]
        left = served - summed(problem.groups[lost], problem.weights[lost], problem.group_count)
        if (left >= floor).all():
            kept.discard(column)
            counts[rows] -= 1
            served = left
    return np.array(sorted(kept), dtype=np.int32)


@dataclass(slots=True, eq=False)
class _Run:
    """Greed under way.

    Attributes
    ----------
    need : (rows,) how many more must serve each
    gain : (columns,) weight that each would serve, a spot wanted by k counting a k-th each time
    missing : (groups,) weight that each group still lacks
    room : (sets,) how many more of each can be chosen
    free : (columns,) whether each may still be chosen
    """

    problem: CoverProblem
    need: Ints
    gain: Floats
    missing: Floats
    room: Ints
    free: Flags

    @classmethod
    def of(cls, problem: CoverProblem, start: Ints) -> "_Run":
        """Before the first choice, with some chosen already."""
        need = np.maximum(problem.wanted - problem.table.counts(start), 0).astype(np.int32)
        missing = problem.short(start)
        asked = (need > 0) & (missing[problem.groups] > 0)
        gain = problem.table.per_column(np.where(asked, problem.weights / problem.wanted, 0.0))
        room = problem.limits.copy()
        free = np.ones(problem.table.columns, dtype=bool)
        run = cls(problem, need, gain, missing, room, free)
        for column in start:
            run._take_inplace(int(column))
        return run

    def best(self) -> int:
        """The candidate that gains most for its cost, -1 if none gains anything."""
        if not (self.missing > 0).any() or not len(self.free):
            return -1
        worth = np.where(self.free, self.gain / np.maximum(self.problem.costs, _FREE), 0.0)
        best = int(np.argmax(worth))
        # what rounding leaves of a gain that is used up is not worth a camera
        return best if self.gain[best] > SLACK_RATIO * self.problem.weights.max(initial=1.0) and worth[best] > 0 else -1

    def choose_inplace(self, column: int) -> None:
        """Take one; gains fall where nothing more is asked."""
        problem, table = self.problem, self.problem.table
        self._take_inplace(column)
        rows = table.of_column(column)
        rows = rows[self.need[rows] > 0]
        self.need[rows] -= 1
        full = rows[self.need[rows] == 0]
        open_before = self.missing > 0
        self._lower_inplace(full[open_before[problem.groups[full]]])
        done = summed(problem.groups[full], problem.weights[full], problem.group_count)
        self.missing = np.maximum(self.missing - done, 0.0)
        self.missing[self.missing <= SLACK_RATIO * problem.least] = 0.0
        closed = open_before & (self.missing <= 0)
        if closed.any():
            self._lower_inplace(np.flatnonzero(closed[problem.groups] & (self.need > 0)).astype(np.int32))

    def _take_inplace(self, column: int) -> None:
        self.free[column] = False
        of = self.problem.sets[column]
        if of >= 0:
            self.room[of] -= 1
            if self.room[of] <= 0:
                self.free &= self.problem.sets != of

    def _lower_inplace(self, rows: Ints) -> None:
        at, columns = self.problem.table.entries_of_rows(rows)
        worth = (self.problem.weights / self.problem.wanted)[rows]
        self.gain -= np.bincount(columns, weights=worth[at], minlength=len(self.gain))
