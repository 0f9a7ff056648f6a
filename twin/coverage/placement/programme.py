"""The question of the fewest as an integer programme for HiGHS, which proves its answer."""

from dataclasses import dataclass

import numpy as np

from twin.coverage.placement.budget_bound import BudgetProblem
from twin.coverage.placement.incidence import Floats, Ints
from twin.coverage.placement.problem import SLACK_RATIO, CoverProblem
from twin.coverage.placement.reduction import all_needed


@dataclass(frozen=True, slots=True, eq=False)
class Proven:
    """What a programme came to.

    Attributes
    ----------
    chosen : (k,) candidates, ascending; none if none was found in time
    bound : no choice has less of what was made least; -inf where nothing is known
    """

    chosen: Ints | None
    bound: float


def proven_cover(problem: CoverProblem, *, time_limit_s: float) -> Proven:
    """The cheapest choice that serves what is asked."""
    return _solved(problem, problem.costs, time_limit_s=time_limit_s, may_lack=False)


def fewest_lacking(problem: CoverProblem, *, time_limit_s: float) -> Proven:
    """A choice that lacks the least weight of what is asked, whatever it costs."""
    return _solved(problem, np.zeros(problem.table.columns), time_limit_s=time_limit_s, may_lack=True)


def proven_use(problem: BudgetProblem, *, time_limit_s: float) -> Proven:
    """The choice within a budget that is worth most; the bound is one on its worth, inf where nothing is known."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - weighs on `plumbline --help`
    from scipy.sparse import csr_array, eye_array, hstack, vstack  # noqa: PLC0415

    table = problem.table
    m, n = table.rows, table.columns
    serves = csr_array((np.ones(table.crosses), table.columns_of, table.row_starts), shape=(m, n))
    rows = [
        hstack([serves, -eye_array(m)]),
        csr_array(np.concatenate((-problem.costs, np.zeros(m)))[None, :]),
        hstack([-_limits(problem), csr_array((len(problem.limits), m))]),
    ]
    lows = np.concatenate((np.zeros(m), [-problem.budget], -problem.limits.astype(np.float64)))
    found = milp(
        np.concatenate((np.zeros(n), -problem.worth)),
        constraints=LinearConstraint(vstack(rows, format="csc"), lb=lows),
        bounds=Bounds(0, np.concatenate((np.ones(n), problem.wanted))),
        integrality=np.concatenate((np.ones(n), np.zeros(m))),  # how often each is served follows
        options={"time_limit": time_limit_s, "mip_rel_gap": 0.0},
    )
    bound = getattr(found, "mip_dual_bound", None)
    chosen = None if found.x is None else np.flatnonzero(found.x[:n] > 0.5).astype(np.int32)
    return Proven(chosen, np.inf if bound is None or not np.isfinite(bound) else -float(bound))


def _solved(problem: CoverProblem, costs: Floats, *, time_limit_s: float, may_lack: bool) -> Proven:
    """Unknowns are candidates, then spots that may be left, then what each group lacks."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - weighs on `plumbline --help`
    from scipy.sparse import csr_array, diags_array, eye_array, hstack, vstack  # noqa: PLC0415

    table = problem.table
    m, n, g = table.rows, table.columns, problem.group_count
    serves = csr_array((np.ones(table.crosses), table.columns_of, table.row_starts), shape=(m, n))
    hard = np.zeros(m, dtype=bool) if may_lack else all_needed(problem)[problem.groups]
    soft = np.flatnonzero(~hard)
    lacks = g if may_lack else 0
    served = diags_array(problem.wanted[soft].astype(np.float64))
    # shares, not weights: a square metre of a yard and one of a lobby are not alike in size
    scale = np.divide(1.0, problem.least, out=np.zeros(g), where=problem.least > 0)
    share = csr_array(
        (problem.weights[soft] * scale[problem.groups[soft]], (problem.groups[soft], np.arange(len(soft)))),
        shape=(g, len(soft)),
    )
    asked = np.flatnonzero((problem.least > 0) & np.isin(np.arange(g), problem.groups[soft]))
    blocks = [
        hstack([serves[~hard], -served, csr_array((len(soft), lacks))]),
        hstack([csr_array((len(asked), n)), share[asked], eye_array(g, format="csr")[asked][:, :lacks]]),
    ]
    lows = [np.zeros(len(soft)), np.full(len(asked), 1 - SLACK_RATIO)]
    if hard.any():
        blocks.append(hstack([serves[hard], csr_array((int(hard.sum()), len(soft) + lacks))]))
        lows.append(problem.wanted[hard].astype(np.float64))
    limits = _limits(problem)
    blocks.append(hstack([-limits, csr_array((limits.shape[0], len(soft) + lacks))]))
    lows.append(-problem.limits.astype(np.float64))
    # a spot wanted once may be served in part without harm: all its candidates are whole; one wanted twice may not
    whole = np.concatenate((np.ones(n), problem.wanted[soft] > 1, np.zeros(lacks)))
    found = milp(
        np.concatenate((costs, np.zeros(len(soft)), problem.least[:lacks])),
        constraints=LinearConstraint(vstack(blocks, format="csc"), lb=np.concatenate(lows)),
        bounds=Bounds(0, 1),
        integrality=whole,
        options={"time_limit": time_limit_s, "mip_rel_gap": 0.0},
    )
    bound = getattr(found, "mip_dual_bound", None)
    chosen = None if found.x is None else np.flatnonzero(found.x[:n] > 0.5).astype(np.int32)
    return Proven(chosen, -np.inf if bound is None or not np.isfinite(bound) else float(bound))


def _limits(problem: CoverProblem | BudgetProblem):  # type: ignore[no-untyped-def]  # noqa: ANN202 - scipy has no types
    from scipy.sparse import csr_array  # noqa: PLC0415 - weighs on `plumbline --help`

    bound = np.flatnonzero(problem.sets >= 0)
    return csr_array(
        (np.ones(len(bound)), (problem.sets[bound], bound)), shape=(len(problem.limits), problem.table.columns)
    )
