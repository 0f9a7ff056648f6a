"""The shortest line through rooms that are passed one after the other, pulled taut round their corners and door jambs.

Rooms that are small are joined to one floor, on which the shortest way is exact. Large ones, halls and the open ground,
are kept as they are prepared; the line passes the doors between these at one of several points along each door.
"""

import itertools
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
import shapely.affinity
from numpy.typing import NDArray

from geometry.walk_graph import Cell
from geometry.walking import Field, Floor, WalkingError, floor

Floats = NDArray[np.float64]
Gate = tuple[tuple[float, float], tuple[float, float]]
"""A door's clear width in the site's coordinates, end to end."""

_SMALL: Final = 60
"""Most corners of a room that is joined with others: preparing the sum takes a few milliseconds."""
_KEPT: Final = 1000
"""Joined floors kept, some 60 KB each; 2,000 ways about the sample estate took 200."""
_ACROSS_M: Final = 0.1
_MOST_ACROSS: Final = 25
_INSET_M: Final = 0.012
"""Kept from jambs beside the clearance: the bands of two floors."""


@dataclass(slots=True)
class JoinedFloors:
    """Floors of rooms that were joined, kept by the set of the rooms: those made last."""

    _known: "OrderedDict[tuple[tuple[int, float, float], ...], Floor]" = field(default_factory=OrderedDict)

    def joined(self, cells: Sequence[Cell]) -> Cell:
        """One cell of several on one height.

        Raises
        ------
        WalkingError
            If nobody can walk in them.
        """
        if len(cells) == 1:
            return cells[0]
        shift = cells[0].shift_m
        parts = sorted({(id(c.floor), *np.round(c.shift_m - shift, 6).tolist()): c for c in cells}.items())
        key = tuple(name for name, _ in parts)
        made = self._known.get(key)
        if made is None:
            areas = [
                shapely.affinity.translate(c.floor.area, *(c.shift_m - shift)) for _, c in parts if c.floor is not None
            ]
            made = self._known[key] = floor(shapely.union_all(areas))
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        # storeys alike share the floor, not the place
        return Cell(cells[0].id, made, shift, cells[0].z_m)


def taut_line(
    cells: Sequence[Cell], gates: Sequence[Gate], ends_m: tuple[Floats, Floats], *, levels: Sequence[str],
    clearance_m: float, floors: JoinedFloors,
) -> tuple[tuple[int, Floats], ...]:  # fmt: skip
    """The shortest way through rooms: how many of them each (n, 3) line leads through; nothing where no way is.

    Parameters
    ----------
    cells : the rooms in their order
    gates : the doors between them, one less
    ends_m : where it begins and ends: x, y in the first and the last room
    levels : what each room is on: rooms of different levels get lines of their own
    clearance_m : that the rooms were prepared with

    Examples
    --------
    >>> room = floor(shapely.box(0, 0, 4.02, 3)), floor(shapely.box(3.98, 0, 8, 3))
    >>> cells = [Cell("a", room[0], np.zeros(2), 0.0), Cell("b", room[1], np.zeros(2), 0.0)]
    >>> found = taut_line(cells, [((4.0, 0.0), (4.0, 3.0))], (np.array([1.0, 1.0]), np.array([7.0, 1.0])),
    ...                   levels=["1", "1"], clearance_m=0.0, floors=JoinedFloors())
    >>> [(rooms, line.tolist()) for rooms, line in found]
    [(2, [[1.0, 1.0, 0.0], [7.0, 1.0, 0.0]])]
    """
    parts, between = _parted(cells, gates, levels)
    try:
        over = [floors.joined(part) for part in parts]
    except WalkingError:
        return ()
    found = _through(over, [_across(gate, clearance_m) for gate in between], ends_m)
    if found or len(parts) == len(cells):
        return tuple(zip(map(len, parts), found, strict=False))
    apart = _through(cells, [_across(gate, clearance_m) for gate in gates], ends_m)
    return tuple((1, line) for line in apart)


def _parted(cells: Sequence[Cell], gates: Sequence[Gate], levels: Sequence[str]) -> tuple[list[list[Cell]], list[Gate]]:
    """Cells that are joined to one floor each, and the doors between these."""
    parts, between = [[cells[0]]], []
    alike = (a == b for a, b in itertools.pairwise(levels))
    for (a, b), gate, on_one in zip(itertools.pairwise(cells), gates, alike, strict=True):
        is_small = all(c.floor is not None and len(c.floor.corners_m) <= _SMALL for c in (a, b))
        if is_small and on_one and a.z_m == b.z_m and float(np.abs(a.shift_m - b.shift_m).max()) < 1e-6:
            parts[-1].append(b)
        else:
            parts.append([b])
            between.append(gate)
    return parts, between


def _across(gate: Gate, clearance_m: float) -> Floats:
    """(k, 2) points to cross a door at, from jamb to jamb."""
    start, end = np.array(gate[0]), np.array(gate[1])
    width_m = float(np.hypot(*(end - start)))
    inset = min((clearance_m + _INSET_M) / max(width_m, 1e-9), 0.5)
    count = int(min(max(np.ceil((1 - 2 * inset) * width_m / _ACROSS_M) + 1, 1), _MOST_ACROSS))
    shares = np.linspace(inset, 1 - inset, count) if count > 1 else np.array([0.5])
    points: Floats = start + shares[:, None] * (end - start)
    return points


def _through(cells: Sequence[Cell], crossings: Sequence[Floats], ends_m: tuple[Floats, Floats]) -> tuple[Floats, ...]:
    """The shortest way by one of the points of each crossing."""
    fields: list[tuple[Field, Floats]] = []
    ahead_m = np.zeros(1)
    sources = np.asarray(ends_m[0], dtype=np.float64)[None, :2]
    for cell, targets in zip(cells, [*crossings, np.asarray(ends_m[1])[None, :2]], strict=True):
        if cell.floor is None:
            return ()
        onto, off_m = cell.floor.onto(cell.own(sources))
        field_ = cell.floor.field(onto, ahead_m=ahead_m + off_m)
        fields.append((field_, sources))
        ahead_m, _ = field_.walk(cell.floor.ends(cell.own(targets)))
        sources = targets
    if not np.isfinite(ahead_m[0]):
        return ()
    return tuple(_backwards(cells, fields, np.asarray(ends_m[1], dtype=np.float64)[:2]))[::-1]


def _backwards(cells: Sequence[Cell], fields: Sequence[tuple[Field, Floats]], end_m: Floats) -> Iterator[Floats]:
    target = end_m
    for cell, (field_, sources) in zip(reversed(cells), reversed(fields), strict=True):
        if cell.floor is None:
            return
        at, _ = cell.floor.onto(cell.own(target[None]))
        way = field_.way_m(at[0]) + cell.shift_m
        first = int(np.hypot(*(sources - way[0]).T).argmin())
        line = _without_repeats(np.vstack((sources[first], way, target)))
        yield np.column_stack((line, np.full(len(line), cell.z_m)))
        target = sources[first]


def _without_repeats(line: Floats) -> Floats:
    steps = np.hypot(*np.diff(line, axis=0).T)
    keep = np.concatenate(([True], steps > 1e-6))
    return line[keep] if keep.sum() > 1 else line[[0, -1]]
