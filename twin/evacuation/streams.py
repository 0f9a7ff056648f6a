"""Where people walk on their way out, as lines with how many go along each."""

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from geometry.graph_fields import NOWHERE
from geometry.walk_graph import WalkGraph
from geometry.walking import Floor
from twin.evacuation.escape import Escape

Floats = NDArray[np.float64]
_Legs = dict[tuple[float, float, float, float], Floats]

_LINES: "WeakKeyDictionary[Floor, _Legs]" = WeakKeyDictionary()
"""Lines on a floor, which rooms alike have in common: they hang on its drawing only."""
_LEAST: float = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """Part of a way, from one door or place to the next.

    Attributes
    ----------
    line_m : (k, 3) in the site frame, round what stands in the way
    persons : that go along it
    storey : where it is; none for stairs, ramps and the open ground
    """

    line_m: Floats
    persons: float
    storey: str | None


def streams(way: Escape, persons: Mapping[str, float]) -> tuple[Stream, ...]:
    """All parts of ways that anybody takes, those of most people first."""
    graph, ways = way.site.graph, way.ways
    many = np.zeros(len(graph.spots))
    for space in way.first_legs:
        many[way.site.place_of[space]] += persons.get(space, 0.0)  # nobody is at a lift's landing at first
    starts = np.flatnonzero(np.isfinite(ways.seconds) & (ways.arcs != NOWHERE))
    for row in starts[np.argsort(-ways.seconds[starts], kind="stable")].tolist():
        many[graph.heads[ways.arcs[row]]] += many[row]
    spaces = way.site.index.spaces
    found = []
    for row in starts[many[starts] > _LEAST].tolist():
        arc = int(ways.arcs[row])
        cell = int(graph.cells_of[arc])
        name = graph.cells[cell].id if cell >= 0 else ""
        storey = spaces[name].storey.id if name in spaces else None
        found.append(Stream(_line(graph, arc), float(many[row]), storey))
    return tuple(sorted(found, key=lambda stream: -stream.persons))


def _line(graph: WalkGraph, arc: int) -> Floats:
    """(k, 3) how one walks along an arc."""
    ends = graph.points_m[[graph.tails[arc], graph.heads[arc]]]
    row = int(graph.cells_of[arc])
    cell = graph.cells[row] if row >= 0 else None
    if cell is None or cell.floor is None:
        return ends
    own, _ = cell.floor.onto(cell.own(ends))  # doors are in walls
    known = _LINES.setdefault(cell.floor, {})
    key = tuple(np.round(own.ravel(), 3).tolist())
    if key not in known:
        known[key] = cell.floor.field(own[:1]).way_m(own[1])
    plan = known[key] + cell.shift_m
    if len(plan) < 2:
        return ends
    line: Floats = np.column_stack((plan, np.linspace(ends[0, 2], ends[1, 2], len(plan))))
    line[[0, -1]] = ends
    return line
