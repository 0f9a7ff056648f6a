"""Shortest ways through several floors, joined by passages: doors into the open, stairs, ramps.

A floor that is the same on many storeys is prepared once and set where it stands. Between floors one walks only through
passages, each from a spot on one floor to a spot on another; how far these are from one another on a floor is worked
out once a floor.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geometry.walking import Ends, Field, Floor, with_rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SLACK_M: Final = 1e-6
_DECIMALS: Final = 6
_MOST_KEPT: Final = 4096
_LEAST_M: Final = 1e-9
"""Length of a passage that has none: to the solver a leg of 0 is no leg."""


@dataclass(frozen=True, slots=True, eq=False)
class SetFloor:
    """A floor where it stands.

    Attributes
    ----------
    floor : perhaps shared with others
    shift_m : (2,) from the floor's own coordinates to the site's
    """

    floor: Floor
    shift_m: Floats

    def own(self, points_m: ArrayLike) -> Floats:
        """(n, 2) points of the site in the floor's own coordinates."""
        own: Floats = np.asarray(points_m, dtype=np.float64).reshape(-1, 2) - self.shift_m
        return own


@dataclass(frozen=True, slots=True)
class Passage:
    """A way between two floors.

    Attributes
    ----------
    floors : rows of the two floors
    points_m : its end on each, in the site's coordinates
    length_m : to walk from one end to the other
    id : what it is, such as a door or a stair
    """

    floors: tuple[int, int]
    points_m: tuple[tuple[float, float], tuple[float, float]]
    length_m: float
    id: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class WalkNetwork:
    """Floors and the passages between them. Make one with `walk_network`.

    Attributes
    ----------
    ends_m : (e, 2) ends of passages, on their floors, in the floors' own coordinates
    end_floors : (e,)
    legs : (e, e) sparse, from end to end over a floor or through a passage. [m]

    Storeys that are alike share their floor; what is worked out on one of them is kept for the others.
    """

    floors: tuple[SetFloor, ...]
    passages: tuple[Passage, ...]
    ends_m: Floats
    end_floors: Ints
    legs: Any
    _ends: dict[tuple[int, bytes], Ends] = field(default_factory=dict, repr=False)
    _spreads: dict[tuple[int, bytes, bytes], Field] = field(default_factory=dict, repr=False)

    def spread(self, floor: int, seeds_m: Floats, ahead_m: Floats) -> Field:
        """Shortest ways over one floor from where ways come onto it.

        Parameters
        ----------
        floor : its row
        seeds_m, ahead_m : (s, 2), in the floor's own coordinates, and (s,) what has been walked before
        """
        over = self.floors[floor].floor
        key = id(over), np.round(seeds_m, _DECIMALS).tobytes(), np.round(ahead_m, _DECIMALS).tobytes()
        found = self._spreads.get(key)
        if found is None:
            if len(self._spreads) >= _MOST_KEPT:
                self._spreads.clear()
            found = self._spreads[key] = over.field(seeds_m, ahead_m=ahead_m)
        return found

    def _ends_on(self, floor: int, ends: Ints) -> Ends:
        over, points_m = self.floors[floor].floor, self.ends_m[ends]
        key = id(over), np.round(points_m, _DECIMALS).tobytes()
        if key not in self._ends:
            self._ends[key] = over.ends(points_m)
        return self._ends[key]

    def ways_from(self, sources: Sequence[tuple[int, tuple[float, float]]]) -> "Ways":
        """Shortest ways from the nearest of several sources to anywhere.

        Parameters
        ----------
        sources : row of the floor, and point in the site's coordinates, of each; one that is not on its floor leads
            nowhere
        """
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 - a quarter of a second, only for who walks

        floors = np.array([row for row, _ in sources], dtype=np.int64)
        at, off_m = np.empty((len(sources), 2)), np.full(len(sources), np.inf)
        count = len(self.ends_m)
        to_ends = np.full(count, np.inf)
        came_from = np.full(count, -1, dtype=np.int64)
        for row in np.unique(floors):
            here = np.flatnonzero(floors == row)
            placed = self.floors[row]
            at[here], off_m[here] = placed.floor.onto(placed.own([sources[k][1] for k in here.tolist()]))
            ends = np.flatnonzero(self.end_floors == row)
            spread = self.spread(int(row), at[here], off_m[here])
            to_ends[ends], via = spread.walk(self._ends_on(int(row), ends))
            came_from[ends] = np.where(via < 0, -1, here[spread.sources()[via]])
        reached = np.flatnonzero(np.isfinite(to_ends))
        # one node before all ends; a metre more, as a leg of no length is none to the solver
        graph = with_rows(self.legs, np.zeros(len(reached), np.int64), reached, to_ends[reached] + 1.0, rows=1)
        walked, before = dijkstra(graph, indices=count, return_predecessors=True)
        first = np.where((before[:count] < 0) | (before[:count] == count), np.arange(count), before[:count])
        while not np.array_equal(further := first[first], first):
            first = further
        return _ways(self, floors, at, off_m, walked_m=walked[:count] - 1.0, over_m=to_ends, source=came_from[first])


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Shortest ways from the nearest of some sources to anywhere on the floors.

    Attributes
    ----------
    source_floors, sources_m, off_m : (s,), (s, 2), (s,) where each source stands on its floor, and how far it is off it
    walked_m : (e,) to each end of a passage; infinite where no way leads there
    from_source : (e,) the source the way there comes from
    entered : ends that ways come onto a floor by, floor by floor
    entered_starts : (floors + 1,) first entry of each floor in `entered`
    least_m : (floors,) what has been walked, at least, where a floor is come onto; infinite where none is
    """

    network: WalkNetwork
    source_floors: Ints
    sources_m: Floats
    off_m: Floats
    walked_m: Floats
    from_source: Ints
    entered: Ints
    entered_starts: Ints
    least_m: Floats

    def lengths_m(self, floor: int, points_m: ArrayLike) -> tuple[Floats, Ints]:
        """(n,) lengths of the shortest ways to points on a floor, infinite where none is, and (n,) their sources.

        Parameters
        ----------
        floor : its row
        points_m : (n, 2), in the site's coordinates
        """
        placed = self.network.floors[floor]
        return self.walk(floor, placed.floor.ends(placed.own(points_m)))

    def walk(self, floor: int, to: Ends, *, throw_m: float = 0.0, within_m: float = np.inf) -> tuple[Floats, Ints]:
        """As `lengths_m`, to ends that are prepared on the floor, in its own coordinates.

        Parameters
        ----------
        throw_m, within_m : as `geometry.walking.Field.walk` has them
        """
        seeds, ahead_m, labels = self._seeds(floor)
        spread = self.network.spread(floor, seeds, ahead_m)
        lengths, via = spread.walk(to, throw_m=throw_m, within_m=within_m)
        source = np.full(len(lengths), -1, dtype=np.int64)
        source[via >= 0] = labels[spread.sources()[via[via >= 0]]]
        return lengths, source

    def over(self, floor: int) -> Field:
        """The ways over one floor, from wherever they come onto it."""
        seeds, ahead_m, _ = self._seeds(floor)
        return self.network.spread(floor, seeds, ahead_m)

    def may_be_within(self, floor: int, length_m: float) -> bool:
        """Whether any point of a floor can be within a length."""
        return bool(self.least_m[floor] <= length_m)

    def _seeds(self, floor: int) -> tuple[Floats, Floats, Ints]:
        """Where ways come onto a floor, what was walked before, and the sources."""
        own = np.flatnonzero(self.source_floors == floor)
        ends = self.entered[self.entered_starts[floor] : self.entered_starts[floor + 1]]
        seeds = np.vstack((self.sources_m[own], self.network.ends_m[ends]))
        return (
            seeds,
            np.concatenate((self.off_m[own], self.walked_m[ends])),
            np.concatenate((own, self.from_source[ends])),
        )


def _ways(
    network: WalkNetwork, floors: Ints, at_m: Floats, off_m: Floats, *, walked_m: Floats, over_m: Floats, source: Ints
) -> Ways:  # fmt: skip
    """Ways, with where each floor is come onto.

    Parameters
    ----------
    over_m : (e,) walked to each end over the floor of a source alone: such an end adds nothing to that floor
    """
    ends = np.flatnonzero(np.isfinite(walked_m) & (walked_m < over_m - _SLACK_M))
    on = network.end_floors[ends]
    order = np.argsort(on, kind="stable")
    least_m = np.full(len(network.floors), np.inf)
    np.minimum.at(least_m, on, walked_m[ends])
    np.minimum.at(least_m, floors, off_m)
    starts = np.searchsorted(on[order], np.arange(len(network.floors) + 1))
    return Ways(network, floors, at_m, off_m, walked_m, source, ends[order], starts, least_m)


def walk_network(floors: Sequence[SetFloor], passages: Sequence[Passage]) -> WalkNetwork:
    """Floors joined by passages; a passage that has an end on no floor joins nothing.

    Examples
    --------
    >>> import shapely
    >>> from geometry.walking import floor
    >>> storey = floor(shapely.box(0, 0, 10, 4))
    >>> here, above = SetFloor(storey, np.zeros(2)), SetFloor(storey, np.zeros(2))
    >>> stair = Passage((0, 1), ((9, 2), (9, 2)), 8.0, "stair")
    >>> ways = walk_network([here, above], [stair]).ways_from([(0, (1, 2))])
    >>> ways.lengths_m(1, [(4, 2)])[0].tolist()
    [21.0]
    """
    from scipy.sparse import coo_array  # noqa: PLC0415 - a quarter of a second, only for who walks

    rows = np.array([row for p in passages for row in p.floors], dtype=np.int64)
    ends = np.array([point for p in passages for point in p.points_m], dtype=np.float64).reshape(-1, 2)
    off_m = np.zeros(len(ends))
    for row in np.unique(rows):
        here = rows == row
        ends[here], off_m[here] = floors[row].floor.onto(floors[row].own(ends[here]))
    lengths = np.array([p.length_m for p in passages]) + off_m[::2] + off_m[1::2]
    usable = np.flatnonzero(np.isfinite(lengths))
    parts = [(2 * usable, 2 * usable + 1, np.maximum(lengths[usable], _LEAST_M))]
    known: dict[tuple[int, bytes], Floats] = {}
    for row in np.unique(rows):
        here = np.flatnonzero((rows == row) & np.isfinite(off_m))
        of = floors[row].floor
        # ends that lie alike on a floor that many storeys share are as far apart on all of them
        key = id(of), np.round(ends[here], 6).tobytes()
        if key not in known:
            known[key] = of.between_m(ends[here])
        apart = known[key]
        one, other = np.nonzero(np.isfinite(apart) & ~np.eye(len(here), dtype=bool))
        parts.append((here[one], here[other], np.maximum(apart[one, other], _LEAST_M)))
    one, other, legs_m = (np.concatenate(p) for p in zip(*parts, strict=True))
    through = len(parts[0][0])
    both = np.concatenate((one, other[:through])), np.concatenate((other, one[:through]))
    legs = coo_array((np.concatenate((legs_m, legs_m[:through])), both), shape=(len(ends), len(ends))).tocsr()
    return WalkNetwork(tuple(floors), tuple(passages), ends, rows, legs)
