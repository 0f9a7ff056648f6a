"""How long it takes from everywhere on a graph to the nearest target, kept up to date while arcs change.

The graph is solved part by part, a part being as much as changes at once: a building, the open ground. Each part has
what lies beyond it as seconds at its border. After an event a few nodes are mended arc by arc; where many change, only
parts whose answer can change are solved anew, by Dijkstra's method on flat arrays. What loses its way is first taken to
have none, so that nothing believes an outdated neighbour and the answer is that of solving all: Ramalingam and Reps,
"An incremental algorithm for a generalization of the shortest-path problem", Journal of Algorithms 21 (1996).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NOWHERE: Final = -1
"""The next arc at targets, and where no way leads."""
_FEW: Final = 96
"""So many nodes that change are mended arc by arc, which is quicker than to solve their part."""
_FARTHEST_S: Final = 1e300
"""Above it is no way: arcs that are closed are infinite."""


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Arcs by their tails.

    Attributes
    ----------
    arcs : rows, those of one tail together; starts : where each tail's begin; sizes : how many each has
    tails : rows of the tails in their part
    """

    arcs: Ints
    starts: Ints
    sizes: Ints
    tails: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Nodes that are solved together.

    Attributes
    ----------
    nodes : rows, those that ways pass through first
    core : how many they are; the others are ends
    arcs : (a,) rows of the arcs between nodes of the core; tails : (a,) their tails in the part
    heads : (a,) their heads in the graph
    places : (a,) where each arc's seconds are in the matrix; source : (core,) where the seconds from beyond are
    leaving : arcs out of the core, to other parts and to ends that are targets
    from_ends : arcs out of ends
    entering : rows of arcs from other parts
    has_parallels : whether two of its arcs join the same nodes
    """

    nodes: Ints
    core: int
    arcs: Ints
    tails: Ints
    heads: Ints
    matrix: Any
    places: Ints
    source: Ints
    leaving: _Group
    from_ends: _Group
    entering: Ints
    has_parallels: bool


class Fields:
    """Seconds from every node to the nearest target, and the arc to take; `change` keeps them.

    Attributes
    ----------
    seconds_to : (n,) until the nearest target, infinite where no way leads
    next_arcs : (n,) row of the arc to take, `NOWHERE` at targets and where no way leads
    """

    def __init__(
        self, tails: ArrayLike, heads: ArrayLike, arc_seconds: ArrayLike, targets: Collection[int], *,
        count: int, is_end: Flags | None = None, part_of: ArrayLike | None = None,
    ) -> None:  # fmt: skip
        """Solve a graph.

        Parameters
        ----------
        tails, heads : (a,) rows of nodes
        arc_seconds : (a,) how long each arc takes, above 0, infinite where it is closed
        targets : rows of nodes
        count : how many nodes there are
        is_end : (n,) nodes that are never passed on the way to elsewhere
        part_of : (n,) which nodes change together; without one all do

        Examples
        --------
        >>> fields = Fields([0, 1, 2, 0], [1, 2, 3, 2], [5.0, 1.0, 1.0, 9.0], [3], count=4)
        >>> fields.seconds_to.tolist(), fields.next_arcs.tolist()
        ([7.0, 2.0, 1.0, 0.0], [0, 1, 2, -1])
        >>> fields.change([0], [np.inf]).tolist(), fields.seconds_to.tolist()
        ([0], [10.0, 2.0, 1.0, 0.0])
        """
        self.tails, self.heads = np.asarray(tails, dtype=np.int64), np.asarray(heads, dtype=np.int64)
        self.count = count
        self._is_end = np.zeros(count, dtype=bool) if is_end is None else np.asarray(is_end, dtype=bool)
        self._asked = np.array(arc_seconds, dtype=np.float64)
        self._is_target = np.zeros(count, dtype=bool)
        self._is_target[list(targets)] = True
        self._seconds = np.where(self._may_enter(self.heads), self._asked, np.inf)
        found = np.zeros(count, dtype=np.int64) if part_of is None else np.asarray(part_of, dtype=np.int64)
        self._part_of: Ints = np.unique(found, return_inverse=True)[1].reshape(-1).astype(np.int64)
        self._goals = self._is_end & self._is_target
        self._by_tail, self._by_head = _ordered(self.tails, count), _ordered(self.heads, count)
        self._was: dict[int, tuple[Floats, Ints]] = {}
        self._parts, self._spot = _parts(self.tails, self.heads, self._part_of, self._is_end, self._goals)
        self.seconds_to: Floats = np.full(count, np.inf)
        self.next_arcs: Ints = np.full(count, NOWHERE)
        self._fill(range(len(self._parts)))
        self.solve()

    def change(self, arcs: ArrayLike, arc_seconds: ArrayLike) -> Ints:
        """Let arcs take otherwise long; the rows of the nodes whose seconds or next arc have changed.

        Parameters
        ----------
        arcs : (k,) rows, none twice
        arc_seconds : (k,) or one for all
        """
        rows = np.asarray(arcs, dtype=np.int64)
        self._asked[rows] = arc_seconds
        new = np.where(self._may_enter(self.heads[rows]), self._asked[rows], np.inf)
        return self._changed(rows, new)

    def asked_seconds(self, arcs: ArrayLike) -> Floats:
        """(k,) how long arcs take now."""
        now: Floats = self._asked[np.asarray(arcs, dtype=np.int64)]
        return now

    def set_seconds(self, arcs: ArrayLike, arc_seconds: ArrayLike) -> None:
        """Let arcs take otherwise long and solve nothing yet: `solve` is next."""
        rows = np.asarray(arcs, dtype=np.int64)
        self._asked[rows] = arc_seconds
        self._seconds[rows] = np.where(self._may_enter(self.heads[rows]), self._asked[rows], np.inf)
        self._fill_arcs(rows)

    def solve(self) -> None:
        """Solve everything anew."""
        self.seconds_to[:] = np.inf
        self.next_arcs[:] = NOWHERE
        self._solve(range(len(self._parts)))
        self._was = {}

    def change_targets(self, targets: Collection[int]) -> Ints:
        """Let other nodes be the targets; the rows of the nodes whose seconds or next arc have changed."""
        now = np.zeros(self.count, dtype=bool)
        now[list(targets)] = True
        gained, lost = now & ~self._is_target, self._is_target & ~now
        self._is_target = now
        if (now & self._is_end & ~self._goals).any():  # ends nobody went to before
            self._goals |= now & self._is_end
            self._parts, self._spot = _parts(self.tails, self.heads, self._part_of, self._is_end, self._goals)
            self._fill(range(len(self._parts)))
        rows = np.flatnonzero(self._is_end[self.heads] & (gained | lost)[self.heads])
        new = np.where(self._may_enter(self.heads[rows]), self._asked[rows], np.inf)
        return self._changed(rows, new, gained=np.flatnonzero(gained), lost=np.flatnonzero(lost))

    def targets_reached(self) -> Ints:
        """(n,) row of the target that each node's way leads to; `NOWHERE` where none does."""
        return self._end_of_ways(np.flatnonzero(self._is_target))

    def _end_of_ways(self, ends: Ints) -> Ints:
        """(n,) row of the first of some nodes that each node's way leads to, itself among them; else `NOWHERE`."""
        onwards = np.where(self.next_arcs >= 0, self.heads[self.next_arcs], np.arange(self.count))
        onwards[ends] = ends
        while True:
            further = onwards[onwards]
            if np.array_equal(further, onwards):
                break
            onwards = further
        is_end = np.zeros(self.count, dtype=bool)
        is_end[ends] = True
        return np.where(is_end[onwards], onwards, NOWHERE)

    def _may_enter(self, nodes: Ints) -> Flags:
        """Whether ways may lead to nodes: to ends only if they are targets."""
        return ~self._is_end[nodes] | self._is_target[nodes]

    def _changed(self, rows: Ints, new: Floats, *, gained: Ints | None = None, lost: Ints | None = None) -> Ints:
        old = self._seconds[rows]
        self._seconds[rows] = new
        tails, heads = self.tails[rows], self.heads[rows]
        worse = tails[(new > old) & (self.next_arcs[tails] == rows)]
        better = tails[(new < old) & (new + self.seconds_to[heads] < self.seconds_to[tails])]
        if lost is not None:
            worse = np.concatenate((worse, lost))
        if gained is not None:
            better = np.concatenate((better, gained))
        self._fill_arcs(rows)
        if not len(worse) and not len(better):
            return np.empty(0, dtype=np.int64)
        self._was = {}
        few = None if gained is not None else self._few_upstream(np.unique(worse))
        dirty = self._lose(worse) | set(self._part_of[better].tolist()) if few is None else self._mend(few, better)
        self._solve(sorted(dirty))
        return self._differing()

    def _keep(self, number: int) -> None:
        """Remember what a part has, to tell later what has changed."""
        if number not in self._was:
            nodes = self._parts[number].nodes
            self._was[number] = self.seconds_to[nodes], self.next_arcs[nodes]

    def _differing(self) -> Ints:
        """Rows of the nodes that are not as they were kept."""
        found = [np.empty(0, dtype=np.int64)]
        for number, (seconds, arcs) in self._was.items():
            nodes = self._parts[number].nodes
            found.append(nodes[(seconds != self.seconds_to[nodes]) | (arcs != self.next_arcs[nodes])])
        return np.sort(np.concatenate(found))

    def _few_upstream(self, nodes: Ints) -> Ints | None:
        """The nodes whose way leads by some nodes, those among them; none where they are many."""
        found, newest = [nodes], nodes
        while len(newest):
            arcs = self._into(newest)
            newest = self.tails[arcs[self.next_arcs[self.tails[arcs]] == arcs]]
            found.append(newest)
            if sum(map(len, found)) > _FEW:
                return None
        return np.concatenate(found)

    def _mend(self, astray: Ints, better: Ints) -> set[int]:
        """Find new ways for a few nodes, arc by arc; the parts that are to be solved after all, as too much changes."""
        for number in np.unique(self._part_of[np.concatenate((astray, better))]).tolist():
            self._keep(number)
        self.seconds_to[astray] = np.inf
        self.next_arcs[astray] = NOWHERE
        arcs = self._out_of(np.concatenate((astray, better)))
        spent = 0
        while len(arcs):
            tails = self.tails[arcs]
            seconds = self._seconds[arcs] + self.seconds_to[self.heads[arcs]]
            nearer = np.flatnonzero(seconds < self.seconds_to[tails])
            if not len(nearer):
                break
            nearer = nearer[np.argsort(-seconds[nearer], kind="stable")]  # of one node's the last stays: the best
            nodes = tails[nearer]
            for number in np.unique(self._part_of[nodes]).tolist():
                self._keep(number)
            self.seconds_to[nodes] = seconds[nearer]
            self.next_arcs[nodes] = arcs[nearer]
            arcs = self._into(np.unique(nodes))
            spent += len(nearer)
            if spent > _FEW * 4:
                return set(self._part_of[self.tails[arcs]].tolist())
        return set()

    def _into(self, nodes: Ints) -> Ints:
        """Rows of the arcs into nodes."""
        return _of(self._by_head, nodes)

    def _out_of(self, nodes: Ints) -> Ints:
        """Rows of the arcs out of nodes."""
        return _of(self._by_tail, nodes)

    def _lose(self, nodes: Ints) -> set[int]:
        """Take the way from nodes whose arc got worse, and from those in other parts that go by them; the parts."""
        left, found = {int(p): nodes[self._part_of[nodes] == p] for p in np.unique(self._part_of[nodes])}, set()
        while left:
            number, broken = left.popitem()
            found.add(number)
            self._keep(number)
            part = self._parts[number]
            by = part.entering[self.next_arcs[self.tails[part.entering]] == part.entering]
            astray = self._upstream(number, broken)
            hit = by[astray[self._spot[self.heads[by]]] & np.isfinite(self.seconds_to[self.tails[by]])]
            self.seconds_to[part.nodes[astray]] = np.inf
            orphans = np.unique(self.tails[hit])
            for other in np.unique(self._part_of[orphans]).tolist():
                more = orphans[self._part_of[orphans] == other]
                left[other] = np.union1d(left[other], more) if other in left else more
        return found

    def _upstream(self, number: int, broken: Ints) -> Flags:
        """(m,) nodes of a part whose way leads by some of its nodes, within the part, those among them."""
        part = self._parts[number]
        here = np.arange(len(part.nodes))
        arcs = self.next_arcs[part.nodes]
        onwards = np.where(arcs >= 0, self.heads[arcs], part.nodes)
        further = np.where(self._part_of[onwards] == number, self._spot[onwards], here)
        astray = np.zeros(len(here), dtype=bool)
        astray[self._spot[broken]] = True
        while True:
            more = astray | astray[further]
            further_on = further[further]
            if np.array_equal(further_on, further):
                return more
            astray, further = more, further_on

    def _fill(self, numbers: Iterable[int]) -> None:
        """Put the seconds of all arcs into the matrices of parts."""
        for number in numbers:
            part = self._parts[number]
            part.matrix.data[part.places] = self._seconds[part.arcs]

    def _fill_arcs(self, rows: Ints) -> None:
        """Put the seconds of some arcs into the matrices."""
        of = self._part_of[self.tails[rows]]
        for number in np.unique(of).tolist():
            part = self._parts[number]
            mine = rows[of == number]
            at = np.minimum(np.searchsorted(part.arcs, mine), max(len(part.arcs) - 1, 0))
            inside = part.arcs[at] == mine if len(part.arcs) else np.zeros(len(mine), dtype=bool)
            part.matrix.data[part.places[at[inside]]] = self._seconds[mine[inside]]

    def _solve(self, numbers: Iterable[int]) -> None:
        """Solve parts, and others that these bring nearer, until none gets nearer any more."""
        waiting = dict.fromkeys(numbers)
        while waiting:
            number = next(iter(waiting))
            del waiting[number]
            self._keep(number)
            self._solve_part(self._parts[number])
            entering = self._parts[number].entering
            if not len(entering):
                continue
            nearer = (
                self._seconds[entering] + self.seconds_to[self.heads[entering]] < self.seconds_to[self.tails[entering]]
            )
            waiting.update(dict.fromkeys(np.unique(self._part_of[self.tails[entering[nearer]]]).tolist()))

    def _solve_part(self, part: _Part) -> None:
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 - a quarter of a second, only for who walks

        size = part.core
        core = part.nodes[:size]
        self.next_arcs[part.nodes] = NOWHERE
        self.seconds_to[part.nodes[size:]] = np.where(self._is_target[part.nodes[size:]], 0.0, np.inf)
        beyond = np.where(self._is_target[core], 0.0, np.inf)
        least, out = self._least(part.leaving)
        beyond[part.leaving.tails] = np.minimum(beyond[part.leaving.tails], least)
        part.matrix.data[part.source] = beyond
        found, before = dijkstra(part.matrix, indices=size, return_predecessors=True, limit=_FARTHEST_S)
        self.seconds_to[core] = found[:size]
        before = before[:size]
        following = (
            np.where((before >= 0) & (before < size), core[np.clip(before, 0, size - 1)], NOWHERE) if size else core
        )
        taken = part.arcs[part.heads == following[part.tails]]
        if part.has_parallels:  # the last that is set stays: the quickest
            taken = taken[np.argsort(-self._seconds[taken], kind="stable")]
        self.next_arcs[self.tails[taken]] = taken
        leavers = part.leaving.tails
        goes = (before[leavers] == size) & ~self._is_target[core[leavers]]
        self.next_arcs[core[leavers[goes]]] = out[goes]
        ends = part.nodes[part.from_ends.tails]
        least, out = self._least(part.from_ends)
        arrived = self._is_target[ends]
        self.seconds_to[ends] = np.where(arrived, 0.0, least)
        self.next_arcs[ends] = np.where(arrived | ~np.isfinite(least), NOWHERE, out)

    def _least(self, group: _Group) -> tuple[Floats, Ints]:
        """(tails,) seconds from each tail by its best arc, and that arc."""
        if not len(group.arcs):
            return np.empty(0), np.empty(0, dtype=np.int64)
        seconds = self._seconds[group.arcs] + self.seconds_to[self.heads[group.arcs]]
        least: Floats = np.minimum.reduceat(seconds, group.starts)
        best = np.flatnonzero(seconds == np.repeat(least, group.sizes))[::-1]
        arcs = np.empty(len(least), dtype=np.int64)
        arcs[np.repeat(np.arange(len(least)), group.sizes)[best]] = group.arcs[best]
        return least, arcs


def _parts(
    tails: Ints, heads: Ints, part_of: Ints, is_end: Flags, is_goal: Flags
) -> tuple[tuple[_Part, ...], Ints]:  # fmt: skip
    """The parts of a graph, each with the matrix of its arcs turned round, and the row of each node in its part."""
    of_tails, of_heads = part_of[tails], part_of[heads]
    count = int(part_of.max(initial=-1)) + 1
    by_kind = np.argsort(is_end, kind="stable")
    nodes = _split(by_kind, part_of[by_kind], count)
    spot = np.empty(len(part_of), dtype=np.int64)
    for mine in nodes:
        spot[mine] = np.arange(len(mine))
    within = of_tails == of_heads
    passes = ~is_end[tails]
    kinds = (
        passes & within & ~is_end[heads],  # in the core
        passes & ((~within & ~is_end[heads]) | is_goal[heads]),  # leaving it
        ~passes,  # from ends
        ~within,  # entering
    )
    rows = [np.flatnonzero(kind) for kind in kinds]
    sorts = (of_tails, of_tails, of_tails, of_heads)
    inner, leaving, from_ends, entering = (
        _split(mine, of[mine], count) for mine, of in zip(rows, sorts, strict=True)
    )  # fmt: skip
    return tuple(
        _part(
            tails, heads, spot, nodes[k], core=int((~is_end[nodes[k]]).sum()), arcs=inner[k],
            leaving=_group(leaving[k], tails, spot), from_ends=_group(from_ends[k], tails, spot), entering=entering[k],
        )
        for k in range(count)
    ), spot  # fmt: skip


def _group(arcs: Ints, tails: Ints, spot: Ints) -> _Group:
    arcs = arcs[np.argsort(spot[tails[arcs]], kind="stable")]
    found, starts, sizes = np.unique(spot[tails[arcs]], return_index=True, return_counts=True)
    return _Group(arcs, starts.astype(np.int64), sizes.astype(np.int64), found.astype(np.int64))


def _part(
    tails: Ints, heads: Ints, spot: Ints, nodes: Ints, *, core: int, arcs: Ints, leaving: _Group, from_ends: _Group,
    entering: Ints,
) -> _Part:  # fmt: skip
    from scipy.sparse import csr_array  # noqa: PLC0415 - a quarter of a second, only for who walks

    rows = np.concatenate((spot[heads[arcs]], np.full(core, core)))
    columns = np.concatenate((spot[tails[arcs]], np.arange(core)))
    order = np.lexsort((columns, rows))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    ends = np.searchsorted(rows[order], np.arange(core + 2))
    matrix = csr_array(
        (np.ones(len(order)), columns[order].astype(np.int32), ends.astype(np.int32)), shape=(core + 1, core + 1)
    )
    pairs = spot[tails[arcs]] * core + spot[heads[arcs]]
    return _Part(
        nodes, core, arcs, spot[tails[arcs]], heads[arcs], matrix, place[: len(arcs)], place[len(arcs) :], leaving,
        from_ends, entering, len(np.unique(pairs)) < len(pairs),
    )  # fmt: skip


def _ordered(ends: Ints, count: int) -> tuple[Ints, Ints]:
    """Rows of arcs by one of their ends, and (count + 1,) where each node's begin."""
    order = np.argsort(ends, kind="stable")
    return order, np.searchsorted(ends[order], np.arange(count + 1)).astype(np.int64)


def _of(ordered: tuple[Ints, Ints], nodes: Ints) -> Ints:
    """Rows of the arcs of some nodes."""
    order, starts = ordered
    begin = starts[nodes]
    sizes = starts[nodes + 1] - begin
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    return order[np.repeat(begin - ends + sizes, sizes) + np.arange(total)]


def _split(rows: Ints, numbers: Ints, count: int) -> list[Ints]:
    """Rows by their number, in their order."""
    order = np.argsort(numbers, kind="stable")
    return np.split(rows[order], np.searchsorted(numbers[order], np.arange(1, count)))
