"""Where people go who have no way out: into the open, to a refuge, behind their doors, to the nearest clean room.

A refuge is gone to only where nothing is in the way: who has a clean room does not go through smoke.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from twin.evacuation.hazards import Hazards
from twin.evacuation.ways_out import EscapeGraph, Floats, Ints, WaysOut, seconds_to

RefugeKind = Literal["outside", "refuge", "stay", "room", "none"]
_REFUGE_USE: Final = "refuge"


@dataclass(frozen=True, slots=True)
class Refuge:
    """What is left to those in a space without a way out.

    Attributes
    ----------
    kind : ``outside`` into the open, though to no assembly point; ``refuge`` to a refuge storey; ``stay`` behind closed
        doors; ``room`` to the nearest room where nothing is; ``none``
    to : the exit, or the room
    is_usual : whether it has no way out even with nothing in the way, as it is drawn
    """

    space: str
    kind: RefugeKind
    to: str | None
    time_s: float
    is_usual: bool


def refuges(ways: WaysOut, hazards: Hazards) -> tuple[Refuge, ...]:
    """The refuge of every space without a way out."""
    of = ways.of
    if not ways.without:
        return ()
    graph = of.site.graph
    clean = (hazards.factors >= 1.0) & ~hazards.is_closed
    clean[-1] = False  # the open is no room
    exits = np.flatnonzero(of.is_exit & ~hazards.is_shut).astype(np.int64)
    index = of.site.index
    safe = {cell for space, cell in of.site.cell_of.items()
            if index.spaces[space].template.use == _REFUGE_USE and clean[cell]}  # fmt: skip
    untouched = ways.weights.copy()
    left = np.append(hazards.factors, 1.0)
    touched = np.minimum(left[of.tail_cells], left[of.head_cells]) < 1.0
    untouched[touched & ~of.is_start] = np.inf
    outside = _Goals(of, ways.weights, exits)
    refuge = _Goals(of, untouched, _doors_of(of, safe, hazards))
    room = _Goals(of, ways.weights, _doors_of(of, np.flatnonzero(clean).tolist(), hazards))
    found = []
    for space in ways.without:
        row, cell = of.starting[space], of.site.cell_of[space]
        is_usual = not np.isfinite(of.usual.seconds[row])
        if np.isfinite(outside.seconds[row]):
            end = outside.end_of(row)
            found.append(Refuge(space, "outside", graph.spots[end].id, float(outside.seconds[row]), is_usual))
        elif cell in safe:
            found.append(Refuge(space, "refuge", graph.cells[cell].id, 0.0, is_usual))
        elif np.isfinite(refuge.seconds[row]):
            to = _behind(of, refuge.end_of(row), safe)
            found.append(Refuge(space, "refuge", to, float(refuge.seconds[row]), is_usual))
        elif clean[cell]:
            found.append(Refuge(space, "stay", graph.cells[cell].id, 0.0, is_usual))
        elif np.isfinite(room.seconds[row]):
            to = _behind(of, room.end_of(row), set(np.flatnonzero(clean).tolist()))
            found.append(Refuge(space, "room", to, float(room.seconds[row]), is_usual))
        else:
            found.append(Refuge(space, "none", None, float("inf"), is_usual))
    return tuple(found)


class _Goals:
    """Quickest ways to some spots, in weights of one's own."""

    def __init__(self, of: EscapeGraph, weights: Floats, goals: Ints) -> None:
        self._of, self._weights = of, weights
        self._goals = frozenset(goals.tolist())
        self.seconds = seconds_to(of, weights, goals)

    def end_of(self, row: int) -> int:
        """Row of the goal that a spot's way leads to."""
        of = self._of
        while row not in self._goals:
            arcs = of.order[of.starts[row] : of.starts[row + 1]]
            costs = self._weights[arcs] + self.seconds[of.site.graph.heads[arcs]]
            row = int(of.site.graph.heads[arcs[int(costs.argmin())]])
        return row


def _doors_of(of: EscapeGraph, cells: Iterable[int], hazards: Hazards) -> Ints:
    """Rows of the doors into some rooms that can be passed."""
    graph = of.site.graph
    rows = {
        row
        for cell in cells
        for row in graph.spots_in[cell]
        if not graph.spots[row].is_end and not hazards.is_shut[row]
    }
    return np.array(sorted(rows), dtype=np.int64)


def _behind(of: EscapeGraph, row: int, cells: set[int]) -> str | None:
    """Id of the room of some that a door leads into."""
    graph = of.site.graph
    return next((graph.cells[cell].id for cell in graph.spots[row].cells if cell in cells), None)
