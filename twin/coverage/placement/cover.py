"""The fewest cameras, or the cheapest, that serve all that is asked: proven, or within a bound that is told.

Spots alike are merged, candidates that another replaces are dropped, and what falls apart is solved piece by piece:
lobbies of towers built alike once for all. Greed gives a choice at once, HiGHS the best one and the proof.

References
----------
Huangfu, Hall, Parallelizing the dual revised simplex method, Mathematical Programming Computation 10 (2018): HiGHS.
"""

import hashlib
import time
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from twin.coverage.placement.cover_bound import cover_bound, whole_costs
from twin.coverage.placement.greedy import greedy_cover, pruned
from twin.coverage.placement.incidence import Floats, Ints
from twin.coverage.placement.problem import CoverProblem
from twin.coverage.placement.programme import fewest_lacking, proven_cover
from twin.coverage.placement.reduction import merged, pieces, reachable, undominated, with_columns

_PROVEN_RATIO: Final = 1e-6
_LEAST_S: Final = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class CoverAnswer:
    """A choice of candidates and how far it can be from the best.

    Attributes
    ----------
    chosen : (k,) candidates, ascending
    cost : of the choice
    bound : no choice that serves as much costs less
    short : (groups,) weight that is lacking to what each group must have
    is_least_short : whether it is proven that no choice lacks less of it
    """

    chosen: Ints
    cost: float
    bound: float
    short: Floats
    is_least_short: bool

    @property
    def gap_ratio(self) -> float:
        """By how much of its cost the choice may be dearer than the best one."""
        return max(0.0, (self.cost - self.bound) / self.cost) if self.cost > 0 else 0.0

    @property
    def is_optimal(self) -> bool:
        """Whether nothing cheaper serves as much."""
        return self.gap_ratio <= _PROVEN_RATIO


def fewest(problem: CoverProblem, *, time_limit_s: float = 10.0) -> CoverAnswer:
    """The cheapest choice that serves all that can be served of what is asked.

    Where not all can be, no choice serves more of what is lacking, and none that serves as much is cheaper.

    Parameters
    ----------
    time_limit_s : after it what has been found so far is told, with its bound; the search itself depends on no clock

    Examples
    --------
    >>> from twin.coverage.placement.incidence import incidence_of
    >>> from twin.coverage.placement.problem import cover_problem
    >>> answer = fewest(cover_problem(incidence_of([[0, 1], [2, 3], [0, 2], [1, 2, 3]], rows=4)))
    >>> answer.cost, answer.is_optimal
    (2.0, True)
    """
    ends_s = time.monotonic() + time_limit_s
    can = merged(reachable(problem))
    kept = undominated(can)
    known: dict[bytes, _Solved] = {}
    chosen, bound, is_least_short = [np.empty(0, np.int64)], 0.0, True
    for piece in pieces(merged(with_columns(can, kept))):
        key = _key(piece.problem)
        if key not in known:
            known[key] = _solved(piece.problem, max(ends_s - time.monotonic(), _LEAST_S))
        chosen.append(kept[piece.columns[known[key].chosen]])
        bound += known[key].bound
        is_least_short &= known[key].is_least_short
    every = np.sort(np.concatenate(chosen)).astype(np.int32)
    cost = problem.cost(every)
    return CoverAnswer(every, cost, min(bound, cost), problem.short(every), is_least_short)


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    """A piece's choice; the fields are those of `CoverAnswer`."""

    chosen: Ints
    bound: float
    is_least_short: bool = True


def _solved(problem: CoverProblem, time_limit_s: float) -> _Solved:
    chosen = greedy_cover(problem)
    is_least_short = True
    if problem.short(chosen).any():  # limits of sets stand in the way: first find out how much can be served
        most = fewest_lacking(problem, time_limit_s=time_limit_s)
        if most.chosen is not None and problem.short(most.chosen).sum() < problem.short(chosen).sum():
            chosen = pruned(problem, most.chosen)
        lacking = float(problem.short(chosen).sum())
        is_least_short = lacking - most.bound <= _PROVEN_RATIO * float(problem.least.sum())
        problem = replace(problem, least=problem.least - problem.short(chosen))
    lowest = float(problem.costs.min()) if problem.table.rows else 0.0
    if problem.cost(chosen) <= lowest * (1 + _PROVEN_RATIO):
        return _Solved(chosen, problem.cost(chosen), is_least_short)
    proven = proven_cover(problem, time_limit_s=time_limit_s)
    if proven.chosen is not None and _is_better(problem, proven.chosen, chosen):
        chosen = proven.chosen
    bound, cost = whole_costs(problem, proven.bound), problem.cost(chosen)
    if bound < cost * (1 - _PROVEN_RATIO):
        bound = max(bound, cover_bound(problem, known=cost))
    return _Solved(chosen, min(bound, cost), is_least_short)


def _is_better(problem: CoverProblem, new: Ints, old: Ints) -> bool:
    """Whether a choice that came from floating-point numbers keeps what is asked, and is cheaper."""
    keeps = problem.keeps_limits(new) and not problem.short(new).any()
    return keeps and problem.cost(new) < problem.cost(old)


def _key(problem: CoverProblem) -> bytes:
    """The same for pieces that are the same but for their numbering."""
    table = problem.table
    found = hashlib.sha256(f"{table.rows} {table.columns}".encode())
    for values in (
        table.row_starts, table.columns_of, problem.wanted, problem.weights, problem.groups, problem.least,
        problem.costs, problem.sets, problem.limits,
    ):  # fmt: skip
        found.update(np.ascontiguousarray(values).tobytes())
    return found.digest()
