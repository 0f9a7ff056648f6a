"""What a site is to people who flee: doors, flights and rooms as `twin.evacuation.flow` walks them.

Everybody takes the quickest way as it would be with nobody about; doors that are closed are on no way. Lifts are left
to the fire crew.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geometry.graph_fields import NOWHERE
from geometry.walk_graph import WalkGraph
from twin.evacuation.closings import arcs_after, change, stages_of
from twin.evacuation.flow_network import SAFE, STAYS, Change, FlowNetwork
from twin.evacuation.free_ways import Ways, arc_seconds, safe_spots, ways_to
from twin.evacuation.sfpe import (
    CORRIDOR_LAYER_M,
    DOOR_LAYER_M,
    LEVEL_K,
    STAIR_LAYER_M,
    effective_width_m,
    most_flow_per_m_s,
    stair_k,
)
from twin.fabric.site_graph import OUTDOORS, SiteGraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FEW: Final = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Escape:
    """A site as a network of flows.

    Attributes
    ----------
    network : its cells are those of the graph, then a cell for each flight of stairs
    spots : (spots of the network,) rows of the graph's spots
    first_legs : by space, the leg at whose end people there may have to queue first
    met_m : by space, how far that is
    cell_ids : names of the cells: a room's first space, or the stair
    flights : rows of the graph's links that are cells
    trapped : spaces with no way out
    changes : of doors that close on the way, and of everybody's ways then
    """

    site: SiteGraph
    ways: Ways
    network: FlowNetwork
    spots: Ints
    first_legs: Mapping[str, int]
    met_m: Mapping[str, float]
    cell_ids: tuple[str, ...]
    trapped: tuple[str, ...]
    flights: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()


def escape(
    site: SiteGraph, persons: Mapping[str, float], *, closed: Collection[str] = (),
    factors: Mapping[str, float] | None = None, avoided: Collection[str] = (), ways: Ways | None = None,
    closings: Mapping[str, float] | None = None, smoky: Sequence[tuple[float, frozenset[int]]] = (),
) -> Escape:  # fmt: skip
    """A site as people who flee from some spaces go through it.

    Parameters
    ----------
    persons : by space how many are there; spaces without anybody need no way
    closed, factors, avoided : as `arc_seconds` has them
    ways : which everybody is to take; none are the quickest
    closings : by opening, when it closes. Who comes to it afterwards turns round there; whoever has a choice still,
        knows of it. [s]
    smoky : from when on which cells are full of smoke, as `stages_of` has it
    """
    graph = site.graph
    seconds = arc_seconds(site, closed=closed, factors=factors, avoided=avoided)
    if ways is None:
        ways = ways_to(graph, seconds, safe_spots(site, closed=closed))
    stages = stages_of(site, seconds, closings or {}, closed=closed, smoky=smoky)
    starts = {space: site.place_of[space] for space, many in persons.items() if many > 0 and space in site.place_of}
    trapped = tuple(space for space, row in starts.items() if ways.arcs[row] == NOWHERE)
    for space in trapped:
        del starts[space]
    kept = frozenset(row for stage in stages for row in stage.shut)
    first, met_m = _first_queues(graph, ways, starts, persons, kept=kept)
    through = arcs_after(graph, _arcs_beyond(graph, ways, set(first.tolist())), first, stages)
    # groups that come to one spot through one room wait there together
    pairs = np.column_stack((graph.cells_of[first], graph.heads[first])).astype(np.int64).reshape(-1, 2)
    waits, wait_of = np.unique(pairs, axis=0, return_inverse=True)
    flights, cells = _cells(site, through)
    cells = np.concatenate((cells, waits[:, 0]))
    spots, leg_ends = np.unique(np.concatenate((graph.heads[through], waits[:, 1])), return_inverse=True)
    leg_of = {arc: k for k, arc in enumerate(through.tolist())}
    is_safe = (ways.arcs[spots] == NOWHERE) & (ways.seconds[spots] == 0.0)
    next_legs = np.where(is_safe, SAFE, [leg_of.get(arc, STAYS) for arc in ways.arcs[spots].tolist()]).astype(np.int64)
    areas, k, names = _rooms(site, flights)
    left = np.array([(factors or {}).get(name, 1.0) for name in names])
    lengths = np.concatenate((graph.lengths_m[through], np.zeros(len(waits))))
    network = FlowNetwork(
        areas, k, left, cells, leg_ends.astype(np.int64), lengths, np.ones(len(lengths)),
        capacities(site, spots, closed), next_legs,
    )  # fmt: skip
    whence = np.concatenate((through, first[np.unique(wait_of.reshape(-1), return_index=True)[1]]))
    changes = tuple(change(graph, stage, network, spots, whence, leg_of) for stage in stages)
    legs = {space: len(through) + int(wait_of.reshape(-1)[k]) for k, space in enumerate(starts)}
    return Escape(site, ways, network, spots, legs, dict(zip(starts, met_m.tolist(), strict=True)), names, trapped,
                  tuple(flights.tolist()), changes)  # fmt: skip


def _first_queues(
    graph: WalkGraph, ways: Ways, starts: Mapping[str, int], persons: Mapping[str, float], *, kept: Collection[int]
) -> tuple[Ints, Floats]:
    """For each start the arc that ends where one may have to queue first, and how far that is. [m]

    Doors that no more than two persons pass, such as those in homes, are walked through: the second waits a second.
    Not so some that are kept, where more may happen.
    """
    many = np.zeros(len(graph.spots))
    for space, row in starts.items():
        many[row] += persons[space]
    for row in np.argsort(-np.where(np.isfinite(ways.seconds), ways.seconds, -1.0), kind="stable").tolist():
        if many[row] and ways.arcs[row] != NOWHERE:
            many[graph.heads[ways.arcs[row]]] += many[row]
    arcs, met_m = [], []
    for row in starts.values():
        arc, walked_m = int(ways.arcs[row]), 0.0
        while True:
            walked_m += float(graph.lengths_m[arc])
            head = int(graph.heads[arc])
            further = int(ways.arcs[head])
            if many[head] > _FEW or head in kept or further == NOWHERE or graph.cells_of[further] < 0:
                break
            arc = further
        arcs.append(arc)
        met_m.append(walked_m)
    return np.array(arcs, dtype=np.int64), np.array(met_m)


def _arcs_beyond(graph: WalkGraph, ways: Ways, first: Collection[int]) -> Ints:
    """All arcs that people take after their first queue, each once."""
    numbers: dict[int, None] = {}
    for start in sorted(first):
        arc = int(ways.arcs[graph.heads[start]])
        while arc != NOWHERE and arc not in numbers:
            numbers[arc] = None
            arc = int(ways.arcs[graph.heads[arc]])
    return np.array(list(numbers), dtype=np.int64)


def _cells(site: SiteGraph, legs: Ints) -> tuple[Ints, Ints]:
    """Links that are walked along, each a cell of its own, and the cell of each leg."""
    graph = site.graph
    cells = graph.cells_of[legs].astype(np.int64)
    on_link = np.flatnonzero(cells < 0)
    flights, number = np.unique(graph.links_of[legs[on_link]], return_inverse=True)
    cells[on_link] = len(graph.cells) + number
    return flights.astype(np.int64), cells


def _rooms(site: SiteGraph, flights: Ints) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Areas, speed factors and names of rooms, then of flights."""
    graph = site.graph
    stairs = {stair.id: stair for building in site.index.site.buildings for stair in building.stairs}
    areas = [np.inf if c.floor is None or c.id == OUTDOORS else float(c.floor.area.area) for c in graph.cells]
    k = [LEVEL_K] * len(areas)
    for row in flights.tolist():
        link = graph.links[row]
        stair = stairs.get(link.id)
        width_m = min(graph.spots[spot].width_m for spot in link.spots)
        areas.append(max(width_m * link.length_m, 0.1))
        k.append(LEVEL_K if stair is None else stair_k(stair.tread_m, stair.riser_m))
    names = (*(c.id for c in graph.cells), *(graph.links[row].id for row in flights.tolist()))
    return np.array(areas), np.array(k), names


def capacities(site: SiteGraph, spots: Ints, closed: Collection[str]) -> Floats:
    """(spots,) persons in a second; of a wide opening that is passed at several spots each has its part."""
    graph = site.graph
    stairs = {stair.id: stair_k(stair.tread_m, stair.riser_m)
              for building in site.index.site.buildings for stair in building.stairs}  # fmt: skip
    found = np.full(len(spots), np.inf)
    for k, row in enumerate(spots.tolist()):
        spot = graph.spots[row]
        if spot.id in closed:
            found[k] = 0.0
        elif spot.kind == "stair":
            found[k] = effective_width_m(spot.width_m, STAIR_LAYER_M) * most_flow_per_m_s(stairs[spot.id])
        elif spot.kind == "ramp":
            found[k] = effective_width_m(spot.width_m, CORRIDOR_LAYER_M) * most_flow_per_m_s()
        elif spot.kind in {"door", "exit"}:
            parts = sum(graph.spots[other].kind == spot.kind for other in graph.rows[spot.id])
            found[k] = effective_width_m(spot.width_m, DOOR_LAYER_M) * most_flow_per_m_s() / parts
    return found
