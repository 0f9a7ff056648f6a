"""Questions so small that every choice can be tried."""

from dataclasses import dataclass

import numpy as np

from twin.coverage.placement.incidence import Incidence, Ints, incidence
from twin.coverage.placement.problem import CoverProblem, cover_problem


def table(rng: np.random.Generator, *, most: int = 8, share_ratio: float = 0.4) -> Incidence:
    rows, columns = (int(k) for k in rng.integers(1, most + 1, 2))
    at = np.nonzero(rng.random((rows, columns)) < share_ratio)
    return incidence(*at, rows=rows, columns=columns)


def cover(rng: np.random.Generator, *, sets: int = 0) -> CoverProblem:
    """Groups that need all or a share, spots wanted once or twice, costs, sets with limits; some cannot be served."""
    made = table(rng)
    groups = int(rng.integers(1, 4))
    of = rng.integers(0, groups, made.rows)
    weights = rng.integers(1, 5, made.rows).astype(float)
    whole = np.bincount(of, weights=weights, minlength=groups)
    least = np.where(rng.random(groups) < 0.5, whole, np.round(whole * rng.random(groups), 2))
    return cover_problem(
        made,
        wanted=rng.integers(1, 3, made.rows).astype(np.int32),
        weights=weights,
        groups=of.astype(np.int32),
        least=least,
        costs=rng.integers(1, 4, made.columns).astype(float),
        sets=rng.integers(-1, sets, made.columns).astype(np.int32),
        limits=rng.integers(1, 3, sets).astype(np.int32),
    )


def choices(columns: int) -> list[Ints]:
    """Every choice there is."""
    return [np.array([c for c in range(columns) if mask >> c & 1], np.int32) for mask in range(2**columns)]


@dataclass(frozen=True, slots=True)
class Best:
    """Of all choices that lack the least weight the cheapest."""

    short: float
    cost: float


def best(problem: CoverProblem) -> Best:
    tried = [
        (round(float(problem.short(chosen).sum()), 9), problem.cost(chosen))
        for chosen in choices(problem.table.columns) if problem.keeps_limits(chosen)
    ]  # fmt: skip
    return Best(*min(tried))
