"""Making a question of the fewest smaller without changing its answer."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twin.coverage.placement.incidence import Flags, Incidence, Ints
from twin.coverage.placement.problem import SLACK_RATIO, CoverProblem, available, summed, with_rows

_MOST_PRODUCTS: Final = 200_000_000
"""Candidates are compared with each other up to so many pairs of crosses, about two seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of a problem that has nothing to do with the others.

    Attributes
    ----------
    columns : (n,) its candidates' numbers in the whole
    groups : (g,) its groups' numbers in the whole
    """

    problem: CoverProblem
    columns: NDArray[np.int64]
    groups: NDArray[np.int64]


def reachable(problem: CoverProblem) -> CoverProblem:
    """The problem without spots that cannot be served, asking no more of any group than can be."""
    can = available(problem) >= problem.wanted
    most = problem.group_weight(can)
    least = np.minimum(problem.least, most)
    rows = np.flatnonzero(can & (least[problem.groups] > 0))
    return with_rows(replace(problem, least=least), rows)


def all_needed(problem: CoverProblem) -> Flags:
    """(groups,) whether a group needs every one of its spots."""
    whole = problem.group_weight(np.ones(problem.table.rows, dtype=bool))
    needed: Flags = problem.least >= whole * (1 - SLACK_RATIO)
    return needed


def alike(table: Incidence, *marks: Ints, leading: Ints) -> tuple[NDArray[np.int64], Ints]:
    """Spots that the same candidates serve: (k,) one of each kind in the order they come, (rows,) kind of each.

    Parameters
    ----------
    marks : (rows,) spots alike agree in these too
    leading : (rows,) the one with the least of it stands for its kind
    """
    rng = np.random.default_rng(20261123)
    # two sums of 64 random bits for each candidate: that two different sets of them agree in both is ruled out
    keys = rng.integers(0, 2**63, (2, table.columns), dtype=np.uint64)
    starts = table.row_starts
    sums = []
    for key in keys:
        total = np.concatenate((np.zeros(1, np.uint64), np.cumsum(key[table.columns_of], dtype=np.uint64)))
        sums.append(total[starts[1:]] - total[starts[:-1]])
    columns = (np.diff(starts), *sums, *marks)
    order = np.lexsort((leading, *columns[::-1]))
    new = np.zeros(table.rows, dtype=bool)
    new[:1] = True
    for column in columns:
        new[1:] |= column[order][1:] != column[order][:-1]
    first = order[new]
    as_they_came = np.argsort(first)  # so that towers built alike stay alike
    rank = np.empty(len(first), dtype=np.int32)
    rank[as_they_came] = np.arange(len(first), dtype=np.int32)
    label = np.empty(table.rows, dtype=np.int32)
    label[order] = rank[np.cumsum(new) - 1]
    return first[as_they_came], label


def merged(problem: CoverProblem) -> CoverProblem:
    """The problem with spots that the same candidates serve made one.

    Where all of a group is needed, of spots alike the one that asks for most stands for all, of any such group.
    """
    hard = all_needed(problem)[problem.groups]
    marks = (np.where(hard, -1, problem.groups), np.where(hard, 0, problem.wanted))
    first, label = alike(problem.table, *marks, leading=-problem.wanted)
    weights = summed(label, problem.weights, len(first))
    made = with_rows(problem, first)
    # a spot that stands for others of several groups carries their weight: each group still needs all it is left with
    made = replace(made, weights=weights)
    left = made.group_weight(np.ones(len(first), dtype=bool))
    return replace(made, least=np.where(all_needed(problem), left, problem.least))


def undominated(problem: CoverProblem) -> NDArray[np.int64]:
    """(k,) the candidates that no other replaces at the same cost or less.

    One replaces another if it serves all the other serves; only where no spot of the other's is wanted by two or more,
    since those may need both.
    """
    table = problem.table
    size = np.diff(table.column_starts)
    everyone = np.flatnonzero(size > 0)
    products = float((np.diff(table.row_starts).astype(np.float64) ** 2).sum())
    if products > _MOST_PRODUCTS or not table.crosses:
        return everyone
    from scipy.sparse import csr_array  # noqa: PLC0415 - weighs on `plumbline --help`

    ones = np.ones(table.crosses, dtype=np.int32)
    by_row = csr_array((ones, table.columns_of, table.row_starts), shape=(table.rows, table.columns))
    common = (by_row.T @ by_row).tocoo()
    j, k, both = common.row, common.col, common.data
    once = table.per_column((problem.wanted > 1).astype(np.float64)) == 0
    costs, sets = problem.costs, problem.sets
    beaten = (both == size[j]) & (j != k) & once[j] & (costs[k] <= costs[j])
    beaten &= (sets[k] < 0) | (sets[k] == sets[j])  # another set's limit may forbid it
    alike = (both == size[k]) & (costs[k] == costs[j]) & once[k] & ((sets[j] < 0) | (sets[k] == sets[j]))
    beaten &= ~alike | (k < j)  # of two that replace each other the first stays
    gone = np.zeros(table.columns, dtype=bool)
    gone[j[beaten]] = True
    return np.flatnonzero((size > 0) & ~gone)


def with_columns(problem: CoverProblem, columns: NDArray[np.int64]) -> CoverProblem:
    """The problem with some candidates alone."""
    return replace(
        problem,
        table=problem.table.part(np.arange(problem.table.rows), columns),
        costs=problem.costs[columns],
        sets=problem.sets[columns],
    )


def pieces(problem: CoverProblem) -> Iterator[Piece]:
    """Parts that share neither candidates nor groups that need a share nor sets, the small ones first."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - weighs on `plumbline --help`
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    table = problem.table
    m, n = table.rows, table.columns
    hard = all_needed(problem)[problem.groups]
    at, found = table.entries_of_rows(np.arange(m))
    soft, bound = np.flatnonzero(~hard), np.flatnonzero(problem.sets >= 0)
    groups_from, sets_from = m + n, m + n + problem.group_count
    a = np.concatenate((at, soft, bound + m))
    b = np.concatenate((found + m, problem.groups[soft] + groups_from, problem.sets[bound] + sets_from))
    size = sets_from + len(problem.limits)
    _, label = connected_components(coo_array((np.ones(len(a), np.int8), (a, b)), shape=(size, size)), directed=False)
    sizes = np.bincount(label[:m], minlength=label.max() + 1 if size else 0)
    rows_by = np.argsort(label[:m], kind="stable")
    columns_by = np.argsort(label[m : m + n], kind="stable")
    row_labels, column_labels = label[:m][rows_by], label[m : m + n][columns_by]
    for piece in np.argsort(sizes, kind="stable"):
        if not sizes[piece]:
            continue
        rows = rows_by[slice(*np.searchsorted(row_labels, (piece, piece + 1)))]
        columns = columns_by[slice(*np.searchsorted(column_labels, (piece, piece + 1)))]
        yield _piece(problem, rows, columns, hard)


def _piece(problem: CoverProblem, rows: NDArray[np.int64], columns: NDArray[np.int64], hard: Flags) -> Piece:
    groups, own = np.unique(problem.groups[rows], return_inverse=True)
    made = with_columns(with_rows(problem, rows), columns)
    here = np.bincount(own, weights=made.weights, minlength=len(groups))
    # a group that needs all its spots may lie in several pieces: each needs all it has
    needs_all = np.zeros(len(groups), dtype=bool)
    needs_all[own[hard[rows]]] = True
    least = np.where(needs_all, here, problem.least[groups])
    named, sets = np.unique(made.sets, return_inverse=True)
    if len(named) and named[0] < 0:
        named, sets = named[1:], sets - 1
    own_groups: Ints = own.astype(np.int32)
    made = replace(
        made, groups=own_groups, least=least, sets=sets.astype(np.int32), limits=problem.limits[named]
    )  # fmt: skip
    return Piece(made, columns, groups.astype(np.int64))
