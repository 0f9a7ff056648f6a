"""Sparse systems of one structure and many values, solved all at once.

The hours of a network differ in the values of their equations and not in the structure. So the order of elimination is
planned once: nodes with few neighbours go first, as many at a time as do not touch each other, and every step acts on
all hours in one array operation. What is left when nodes have many neighbours is small and solved densely. On L-Town
(782 unknowns) nine nodes of ten go with two neighbours at most.

Elimination without pivoting is safe here: the equations are those of a diffusion, diagonally dominant by columns.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

_MOST_NEIGHBOURS: Final = 6
"""Above it, the core is small and dense arithmetic is faster."""
_SMALL_CORE: Final = 24


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """Unknowns eliminated together; none is another's neighbour, and all have `d` neighbours.

    Attributes
    ----------
    unknowns : (r,)
    neighbours : (r, d)
    pivots, out, into : places among the entries of the pivot (r,), pivot-row entries (r, d), pivot-column (r, d)
    targets : (u,) entries that change; each is the sum of the contributions from its place in `starts` on
    order, starts : contributions (r d d), sorted by target
    """

    unknowns: Rows
    neighbours: Rows
    pivots: Rows
    out: Rows
    into: Rows
    targets: Rows
    order: Rows
    starts: Rows


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How systems of one structure are solved.

    Attributes
    ----------
    size : unknowns
    entry : place of each stored matrix entry, by (row, column)
    entries : how many are stored, those that elimination fills in included
    core : unknowns left for the dense part; `core_entries` (c, c) are their places, -1 where nothing is stored
    """

    size: int
    entry: dict[tuple[int, int], int]
    entries: int
    rounds: tuple[Round, ...]
    core: Rows
    core_entries: Rows


def plan(size: int, pairs: Iterable[tuple[int, int]]) -> Plan:
    """The order of elimination for unknowns that appear in each other's equations.

    Parameters
    ----------
    pairs : unknowns coupled with each other, in either direction
    """
    near: list[set[int]] = [set() for _ in range(size)]
    entry = {(v, v): v for v in range(size)}
    for a, b in pairs:
        if a != b and b not in near[a]:
            near[a].add(b)
            near[b].add(a)
            entry[a, b] = len(entry)
            entry[b, a] = len(entry)
    left = set(range(size))
    rounds = []
    while len(left) > _SMALL_CORE:
        degree = min(len(near[v]) for v in left)
        if degree > _MOST_NEIGHBOURS:
            break
        chosen: list[int] = []
        taken: set[int] = set()
        for v in sorted(left):
            if len(near[v]) == degree and v not in taken:
                chosen.append(v)
                taken |= near[v]
        rounds.append(_round(chosen, near, entry))
        left.difference_update(chosen)
    core = np.array(sorted(left), dtype=np.intp)
    places = np.array([[entry.get((int(i), int(j)), -1) for j in core] for i in core], dtype=np.intp)
    return Plan(size, entry, len(entry), tuple(rounds), core, places.reshape(len(core), len(core)))


def _round(chosen: list[int], near: list[set[int]], entry: dict[tuple[int, int], int]) -> Round:
    neighbours = np.array([sorted(near[v]) for v in chosen], dtype=np.intp).reshape(len(chosen), -1)
    targets = []
    for v in chosen:
        around = sorted(near[v])
        for i in around:
            near[i].discard(v)
            for j in around:
                if i != j and j not in near[i]:
                    near[i].add(j)
                if (i, j) not in entry:
                    entry[i, j] = len(entry)
                targets.append(entry[i, j])
    order = np.argsort(targets, kind="stable").astype(np.intp)
    unique, starts = np.unique(np.array(targets, dtype=np.intp)[order], return_index=True)
    shape = neighbours.shape
    return Round(
        unknowns=np.array(chosen, dtype=np.intp),
        neighbours=neighbours,
        pivots=np.array(chosen, dtype=np.intp),
        out=np.array(
            [entry[v, int(n)] for v, row in zip(chosen, neighbours, strict=True) for n in row], np.intp
        ).reshape(shape),
        into=np.array(
            [entry[int(n), v] for v, row in zip(chosen, neighbours, strict=True) for n in row], np.intp
        ).reshape(shape),
        targets=unique,
        order=order,
        starts=starts.astype(np.intp),
    )


def solve(structure: Plan, values: Floats, right: Floats) -> Floats:
    """(n, t, s) solutions of all the systems.

    Parameters
    ----------
    values : (entries, t) of the matrices, 0 where elimination will fill in; changed here, so pass a copy
    right : (n, t, s) right-hand sides; changed here

    Examples
    --------
    >>> of_two = plan(2, [(0, 1)])
    >>> values = np.array([[2.0], [4.0], [1.0], [3.0]])  # the diagonal, then (0, 1) and (1, 0)
    >>> solve(of_two, values, np.array([[[3.0]], [[7.0]]])).ravel().tolist()  # 2 x + y = 3, 3 x + 4 y = 7
    [1.0, 1.0]
    """
    told: NDArray[np.bool_] = np.array(right.any(axis=(1, 2)))  # most right-hand sides are empty but for a few unknowns
    for each in structure.rounds:
        if each.neighbours.shape[1] == 0:
            continue
        factor = values[each.into] / values[each.pivots][:, None, :]  # (r, d, t)
        spread = factor[:, :, None, :] * values[each.out][:, None, :, :]
        contributions = spread.reshape(-1, values.shape[1])[each.order]
        values[each.targets] -= np.add.reduceat(contributions, each.starts, axis=0)
        some = told[each.unknowns]
        if some.any():
            moved = factor[some][:, :, :, None] * right[each.unknowns[some]][:, None]
            around = each.neighbours[some]
            np.subtract.at(right, around.ravel(), moved.reshape(-1, *right.shape[1:]))  # neighbours may be shared
            told[around] = True
    core = structure.core
    if len(core):
        places = structure.core_entries
        dense = np.where((places >= 0)[:, :, None], values[np.maximum(places, 0)], 0.0)
        right[core] = np.linalg.solve(dense.transpose(2, 0, 1), right[core].transpose(1, 0, 2)).transpose(1, 0, 2)
    for each in reversed(structure.rounds):
        got = right[each.unknowns]
        for d in range(each.neighbours.shape[1]):
            got -= values[each.out[:, d]][:, :, None] * right[each.neighbours[:, d]]
        right[each.unknowns] = got / values[each.pivots][:, :, None]
    return right
