"""From every space its way out at a moment: next door, exit, length, time, and what made it so.

`ways_out` is pure. A way is kept while another is not better by a margin, so that signs do not flip back and forth.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geometry.graph_fields import Fields
from twin.evacuation.free_ways import arc_seconds, safe_spots
from twin.evacuation.hazards import Hazards
from twin.fabric.site_graph import SiteGraph, parts
from twin.wayfinding.access import Access

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NOWHERE: Final = -1
_APPROACH_S: Final = 1.0
"""From the node beyond all targets to each: an arc of nothing is none to the solver."""
_DOORS: Final = frozenset({"door", "exit", "stair", "ramp", "gate", "assembly"})


@dataclass(frozen=True, eq=False)
class EscapeGraph:
    """A site's graph as people flee through it. Make one with `escape_graph`.

    Attributes
    ----------
    seconds : (arcs,) with nothing in the way; infinite where nobody walks
    order, starts : arcs by their tails; those of spot `k` are ``order[starts[k]:starts[k + 1]]``
    targets : rows of spots where people are safe
    tail_cells, head_cells : (arcs,) rooms at both ends; the same in rooms, the landings of a stair
    is_start : (arcs,) whether one sets off there, in the room one is in
    starting : spaces and the rows they set off from
    """

    site: SiteGraph
    seconds: Floats
    order: Ints
    starts: Ints
    targets: Ints
    tail_cells: Ints
    head_cells: Ints
    is_start: Flags
    starting: Mapping[str, int]

    @cached_property
    def usual(self) -> "WaysOut":
        """The ways with nothing in the way."""
        return _solved(self, self.seconds, np.zeros(len(self.site.graph.spots)))

    @cached_property
    def starts_from(self) -> tuple[tuple[str, ...], Ints]:
        """Spaces, and (spaces,) the rows they set off from."""
        return tuple(self.starting), np.array(list(self.starting.values()), dtype=np.int64)

    @cached_property
    def is_exit(self) -> Flags:
        """(spots,) doors that lead into the open."""
        return np.array([spot.kind == "exit" for spot in self.site.graph.spots], dtype=bool)

    @cached_property
    def is_stair(self) -> Flags:
        """(spots,) ends of flights."""
        return np.array([spot.kind == "stair" for spot in self.site.graph.spots], dtype=bool)

    @cached_property
    def is_told(self) -> Flags:
        """(spots,) what one tells people to go to: doors, stairs, gates."""
        return np.array([spot.kind in _DOORS for spot in self.site.graph.spots], dtype=bool)


@dataclass(frozen=True, slots=True)
class WayOut:
    """The way out of a space.

    Attributes
    ----------
    door : the next door, stair or exit
    exit : the door into the open; none where one is outdoors already
    target : where it ends: an assembly point, or the open
    is_usual : whether it is the way as always, and nothing is in the way on it
    hazards : rows of what is in the way of the usual way, where this is another or takes longer
    """

    space: str
    door: str
    exit: str | None
    target: str
    length_m: float
    time_s: float
    is_usual: bool
    hazards: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class WaysOut:
    """All ways out at a moment.

    Attributes
    ----------
    seconds : (spots,) as ways by `arcs` are weighed, rooms with hazards longer; infinite where no way leads out
    arcs : (spots,) arc to take, `NOWHERE` at targets and where no way leads
    best_s : (spots,) of the best way, which is not taken as long as it is hardly better
    weights : (arcs,) seconds as weighed with all that is in the way
    delays_s : (spots,) what passing costs
    """

    of: EscapeGraph
    seconds: Floats
    arcs: Ints
    best_s: Floats
    weights: Floats
    delays_s: Floats

    @cached_property
    def times_s(self) -> Floats:
        """(spots,) what the ways take: walked, and waited at doors; infinite where no way leads out."""
        of = self.of
        own = np.where(self.arcs == NOWHERE, 0.0, of.seconds[self.arcs] + self.delays_s[self.next_spots])
        return np.where(np.isfinite(self.seconds), _summed(own, self.next_spots), np.inf)

    @cached_property
    def next_spots(self) -> Ints:
        """(spots,) row of the next; itself at the end."""
        rows = np.arange(len(self.arcs))
        return np.where(self.arcs == NOWHERE, rows, self.of.site.graph.heads[self.arcs]).astype(np.int64)

    @cached_property
    def lengths_m(self) -> Floats:
        """(spots,) as walked; infinite where no way leads out."""
        own = np.where(self.arcs == NOWHERE, 0.0, self.of.site.graph.lengths_m[self.arcs])
        return np.where(np.isfinite(self.seconds), _summed(own, self.next_spots), np.inf)

    @cached_property
    def ends(self) -> Ints:
        """(spots,) row of where each way ends."""
        return _followed(self.next_spots)

    @cached_property
    def exits(self) -> Ints:
        """(spots,) row of the first door into the open on each way, `NOWHERE` where there is none."""
        return _first_on_way(self.of.is_exit, self.next_spots)

    @cached_property
    def doors(self) -> Ints:
        """(spots,) row of the first door or stair after each spot."""
        first = _first_on_way(self.of.is_told, self.next_spots)
        return first[self.next_spots]

    @cached_property
    def stairs(self) -> Ints:
        """(spots,) row of the first flight's end on each way, `NOWHERE` where there is none."""
        return _first_on_way(self.of.is_stair, self.next_spots)

    @cached_property
    def without(self) -> tuple[str, ...]:
        """Spaces that no way leads out of."""
        spaces, rows = self.of.starts_from
        return tuple(spaces[k] for k in np.flatnonzero(~np.isfinite(self.seconds[rows])).tolist())

    def spots_from(self, row: int) -> Iterator[int]:
        """Rows of the spots of a way, the first included."""
        while True:
            yield row
            if self.arcs[row] == NOWHERE:
                return
            row = int(self.next_spots[row])

    def all(self, hazards: Hazards) -> tuple[WayOut, ...]:
        """The way out of every space that has one."""
        spots, usual = self.of.site.graph.spots, self.of.usual
        is_other = ~np.isclose(self.seconds, usual.seconds, rtol=1e-9) | (self.ends != usual.ends)
        is_other |= self.exits != usual.exits
        found = []
        for space, row in self.of.starting.items():
            if not np.isfinite(self.seconds[row]):
                continue
            out, exit_row, door = int(self.ends[row]), int(self.exits[row]), int(self.doors[row])
            why = blamed(self.of, hazards, row) if is_other[row] else ()
            found.append(WayOut(
                space, spots[door if door != NOWHERE else out].id, None if exit_row == NOWHERE else spots[exit_row].id,
                spots[out].id, float(self.lengths_m[row]), float(self.times_s[row]), not is_other[row], why,
            ))  # fmt: skip
        return tuple(found)


def blamed(of: EscapeGraph, hazards: Hazards, row: int) -> tuple[int, ...]:
    """Rows of the hazards on the usual way from a spot."""
    usual = of.usual
    found: dict[int, None] = {}
    for spot in usual.spots_from(row):
        found.update(dict.fromkeys(hazards.of_spots.get(spot, ())))
        arc = int(usual.arcs[spot])
        if arc != NOWHERE:
            for cell in (int(of.tail_cells[arc]), int(of.head_cells[arc])):
                found.update(dict.fromkeys(hazards.of_cells.get(cell, ())))
    return tuple(found)


def escape_graph(site: SiteGraph) -> EscapeGraph:
    """A site prepared for ways out: on foot, without lifts, nothing locked, not over roofs."""
    graph = site.graph
    seconds = arc_seconds(site)
    is_end = np.array([spot.is_end for spot in graph.spots], dtype=bool)
    targets = np.array(safe_spots(site), dtype=np.int64)
    is_target = np.zeros(len(graph.spots), dtype=bool)
    is_target[targets] = True
    seconds[(is_end & ~is_target)[graph.heads] | Access(site).is_aloft[graph.heads]] = np.inf
    seconds[is_target[graph.tails]] = np.inf
    counts = np.bincount(graph.tails, minlength=len(graph.spots))
    first_cell = np.array([spot.cells[0] if spot.cells else NOWHERE for spot in graph.spots], dtype=np.int64)
    in_cell = graph.cells_of >= 0
    return EscapeGraph(
        site, seconds, np.argsort(graph.tails, kind="stable").astype(np.int64),
        np.concatenate(([0], np.cumsum(counts))).astype(np.int64), targets,
        np.where(in_cell, graph.cells_of, first_cell[graph.tails]).astype(np.int64),
        np.where(in_cell, graph.cells_of, first_cell[graph.heads]).astype(np.int64),
        is_end[graph.tails] & in_cell, dict(site.place_of),
    )  # fmt: skip


def weighed(of: EscapeGraph, hazards: Hazards) -> Floats:
    """(arcs,) seconds with what is in the way."""
    # links without a cell take the last factor, which is added as one
    factors, closed = np.append(hazards.factors, 1.0), np.append(hazards.is_closed, [False])
    left = np.minimum(factors[of.tail_cells], factors[of.head_cells])
    seconds: Floats = of.seconds / np.maximum(left, 1e-6) + hazards.delays_s[of.site.graph.heads]
    # who is in a closed room leaves it; nobody comes in from elsewhere to go through
    barred = (closed[of.tail_cells] | closed[of.head_cells]) & ~of.is_start
    barred |= hazards.is_shut[of.site.graph.heads] | hazards.is_shut[of.site.graph.tails]
    seconds[barred] = np.inf
    return seconds


class Solver:
    """The best ways, kept up to date from question to question: only what has changed is worked out anew.

    It is prepared state with one owner; its answers are those of a question asked without it.
    """

    def __init__(self, of: EscapeGraph) -> None:
        graph = of.site.graph
        is_end = np.array([spot.is_end for spot in graph.spots], dtype=bool)
        self._weights = of.seconds.copy()
        self._fields = Fields(graph.tails, graph.heads, self._weights, of.targets.tolist(), count=len(graph.spots),
                              is_end=is_end, part_of=parts(of.site))  # fmt: skip

    def best(self, weights: Floats) -> tuple[Floats, Ints]:
        """(spots,) seconds of the best ways, and the arcs to take."""
        changed = np.flatnonzero(weights != self._weights)
        if len(changed):
            self._fields.change(changed, weights[changed])
            self._weights = weights
        return self._fields.seconds_to.copy(), self._fields.next_arcs.astype(np.int64)


def ways_out(
    of: EscapeGraph, hazards: Hazards, before: WaysOut | None = None, *, margin_ratio: float = 0.1,
    solver: Solver | None = None,
) -> WaysOut:  # fmt: skip
    """The ways out with what is in the way.

    Parameters
    ----------
    before : the ways until now; each is kept until it is closed or another is better by the margin
    solver : of the same graph, for who asks again and again
    """
    return _solved(of, weighed(of, hazards), hazards.delays_s, before=before, margin_ratio=margin_ratio, solver=solver)


def _solved(
    of: EscapeGraph, weights: Floats, delays_s: Floats, *, before: WaysOut | None = None, margin_ratio: float = 0.0,
    solver: Solver | None = None,
) -> WaysOut:  # fmt: skip
    if solver is None:
        best_s = seconds_to(of, weights, of.targets)
        arcs = _best_arcs(of, weights, best_s)
    else:
        best_s, arcs = solver.best(weights)
    if before is None:
        return WaysOut(of, best_s, arcs, best_s, weights, delays_s)
    own = np.where(before.arcs == NOWHERE, 0.0, weights[before.arcs])
    ends = before.ends
    is_target = np.zeros(len(arcs), dtype=bool)
    is_target[of.targets] = True
    kept_s = np.where(is_target[ends], _summed(own, before.next_spots), np.inf)
    # Ways mixed so of both lead out, and each takes at most the margin longer than the best: let a spot that keeps its
    # way count kept_s / (1 + margin), any other best_s; along the arcs this always falls, so no way comes back.
    keeps = np.isfinite(kept_s) & (kept_s <= (1.0 + margin_ratio) * best_s)
    mixed = np.where(keeps, before.arcs, arcs)
    next_spots = np.where(mixed == NOWHERE, np.arange(len(mixed)), of.site.graph.heads[mixed])
    costs = np.where(mixed == NOWHERE, 0.0, weights[mixed])
    seconds = np.where(np.isfinite(best_s), _summed(costs, next_spots), np.inf)
    return WaysOut(of, seconds, mixed, best_s, weights, delays_s)


def seconds_to(of: EscapeGraph, weights: Floats, targets: Ints) -> Floats:
    """(spots,) of the quickest way to any target; infinite where none leads."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - a quarter of a second, only for who walks
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

    count, graph = len(of.site.graph.spots), of.site.graph
    if not len(targets):
        return np.full(count, np.inf)
    used = np.flatnonzero(np.isfinite(weights))
    used = used[np.argsort(graph.heads[used], kind="stable")]
    starts = np.concatenate(([0], np.cumsum(np.bincount(graph.heads[used], minlength=count))))
    starts = np.append(starts, starts[-1] + len(targets)).astype(np.int32)
    into = np.concatenate((graph.tails[used], targets)).astype(np.int32)
    costs = np.concatenate((weights[used], np.full(len(targets), _APPROACH_S)))
    matrix: Any = csr_array((costs, into, starts), shape=(count + 1, count + 1))
    found: Floats = dijkstra(matrix, indices=count)[:count] - _APPROACH_S
    return found


def _best_arcs(of: EscapeGraph, weights: Floats, best_s: Floats) -> Ints:
    """(spots,) the arc by which each is quickest."""
    graph = of.site.graph
    total = weights[of.order] + best_s[graph.heads[of.order]]
    arcs = np.full(len(graph.spots), NOWHERE, dtype=np.int64)
    has = np.flatnonzero(np.diff(of.starts) > 0)
    if len(has):
        least = np.minimum.reduceat(total, of.starts[has])
        counts = np.diff(of.starts)[has]
        is_least = (total == np.repeat(least, counts)) & np.isfinite(total)
        hits = np.flatnonzero(is_least)
        tails = graph.tails[of.order[hits]]
        rows, first = np.unique(tails, return_index=True)
        arcs[rows] = of.order[hits[first]]
    arcs[of.targets] = NOWHERE
    return arcs


def _doublings(count: int) -> range:
    return range(max(count, 2).bit_length())


def _summed(own: Floats, following: Ints) -> Floats:
    """Sums of what each spot adds along its way, by pointer doubling; ends, which follow themselves, add nothing."""
    total, to = own, following
    for _ in _doublings(len(own)):
        further = to[to]
        if np.array_equal(further, to):
            break
        total, to = total + total[to], further
    return total


def _followed(following: Ints) -> Ints:
    """Where each way ends."""
    to = following
    for _ in _doublings(len(to)):
        further = to[to]
        if np.array_equal(further, to):
            break
        to = further
    return to


def _first_on_way(which: Flags, following: Ints) -> Ints:
    """(spots,) the first of some spots on each way, itself among them."""
    rows = np.arange(len(which))
    found = np.where(which, rows, NOWHERE)
    to = following
    for _ in _doublings(len(to)):
        found = np.where(found == NOWHERE, found[to], found)
        further = to[to]
        if np.array_equal(further, to):
            break
        to = further
    return np.where(found == NOWHERE, found[to], found)
