"""What closes or fills with smoke while people flee: which ways lead on, and where one turns round."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geometry.graph_fields import NOWHERE
from geometry.walk_graph import WalkGraph
from twin.evacuation.flow_network import SAFE, STAYS, Change, FlowNetwork
from twin.evacuation.free_ways import AVOIDED_RATIO, Ways, safe_spots, ways_to
from twin.fabric.site_graph import SiteGraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A site from a moment on.

    Attributes
    ----------
    shut : rows of spots that have closed until then
    ways : everybody's, with these shut
    open_s : (arcs,) how long each takes as if nothing had closed
    """

    at_s: float
    shut: frozenset[int]
    ways: Ways
    open_s: Floats


def stages_of(
    site: SiteGraph, seconds: Floats, closings: Mapping[str, float], *, closed: Collection[str] = (),
    smoky: Sequence[tuple[float, frozenset[int]]] = (),
) -> tuple[Stage, ...]:  # fmt: skip
    """The site after each closing, and each time that smoke has spread.

    Parameters
    ----------
    seconds : (arcs,) that each takes at first; infinite where one does not walk
    closings : by opening, when it closes [s]
    closed : from the beginning
    smoky : in the order of time, from when on which cells are full of smoke: one goes through them only where no other
        way is
    """
    graph = site.graph
    stages = []
    for at_s in sorted({*closings.values(), *(from_s for from_s, _ in smoky)}):
        names = {name for name, when_s in closings.items() if when_s <= at_s}
        is_shut = np.array([spot.id in names for spot in graph.spots], dtype=bool)
        left_s = np.where(is_shut[graph.tails] | is_shut[graph.heads], np.inf, seconds)
        full = next((cells for from_s, cells in reversed(smoky) if from_s <= at_s), frozenset())
        left_s = np.where(np.isin(graph.cells_of, list(full)), left_s * AVOIDED_RATIO, left_s)
        ways = ways_to(graph, left_s, safe_spots(site, closed={*closed, *names}))
        stages.append(Stage(at_s, frozenset(np.flatnonzero(is_shut).tolist()), ways, seconds))
    return tuple(stages)


def arcs_after(graph: WalkGraph, through: Ints, first: Ints, stages: Sequence[Stage]) -> Ints:
    """All arcs that people take, now and after each closing, each once.

    Parameters
    ----------
    through : arcs that are taken while nothing closes
    first : arcs to people's first queues
    """
    numbers = dict.fromkeys(through.tolist())
    for stage in stages:
        for arc in [*numbers, *first.tolist()]:
            further = _onwards(graph, stage, arc)
            while further != NOWHERE and further not in numbers:
                numbers[further] = None
                further = _onwards(graph, stage, further)
    return np.array(list(numbers), dtype=np.int64)


def change(
    graph: WalkGraph, stage: Stage, network: FlowNetwork, spots: Ints, whence: Ints, leg_of: Mapping[int, int]
) -> Change:
    """What is different for people from a stage on.

    Parameters
    ----------
    spots : (spots of the network,) rows of the graph's
    whence : (legs,) arc whose end each leg leads to
    leg_of : by arc, the leg
    """
    turns = np.full(len(whence), STAYS, dtype=np.int64)
    for leg, arc in enumerate(whence.tolist()):
        further = _onwards(graph, stage, arc)
        if further != NOWHERE:
            turns[leg] = leg_of.get(further, STAYS)  # nobody is yet on what is taken only later
        elif graph.heads[arc] not in stage.shut and stage.ways.seconds[graph.heads[arc]] == 0.0:
            turns[leg] = SAFE
    is_shut = np.isin(spots, list(stage.shut))
    return Change(
        stage.at_s, np.where(is_shut, np.inf, network.capacity_per_s), turns=turns, is_shut=is_shut
    )  # fmt: skip


def _onwards(graph: WalkGraph, stage: Stage, arc: int) -> int:
    """The arc people take at another's end: on their way, or back into the room where it is shut."""
    spot = int(graph.heads[arc])
    if spot not in stage.shut:
        return int(stage.ways.arcs[spot])
    # out of a stair that is lost one leaves by the next storey
    leaves = np.flatnonzero((graph.tails == spot) & np.isfinite(stage.open_s))
    same = (graph.cells_of[leaves] == graph.cells_of[arc]) & (graph.links_of[leaves] == graph.links_of[arc])
    back = leaves if graph.cells_of[arc] < 0 else leaves[same]
    back = back[~np.isin(graph.heads[back], list(stage.shut))]
    takes_s = stage.open_s[back] + stage.ways.seconds[graph.heads[back]]
    if not np.isfinite(takes_s).any():
        return NOWHERE
    return int(back[np.argmin(takes_s)])
