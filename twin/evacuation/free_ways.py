"""The quickest ways out with nobody about, for everybody: what each step takes, and where one is safe."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geometry.graph_fields import Fields
from geometry.walk_graph import WalkGraph
from twin.evacuation.sfpe import DOOR_LAYER_M, LEVEL_K, effective_width_m, speed_m_per_s, stair_k
from twin.fabric.site_graph import SiteGraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NOT_ON_FOOT: Final = frozenset({"lift", "lift_door"})
_FREE: Final = 0.0
AVOIDED_RATIO: Final = 1000.0
"""A metre of a cell that is avoided counts as a kilometre."""
_SLIT_M: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Everybody's way to the nearest target.

    Attributes
    ----------
    seconds : (spots,) until the target, infinite where no way leads
    arcs : (spots,) arc to take from each, `NOWHERE` at targets and where no way leads
    """

    seconds: Floats
    arcs: Ints


def arc_seconds(
    site: SiteGraph, *, closed: Collection[str] = (), factors: Mapping[str, float] | None = None,
    avoided: Collection[str] = (),
) -> Floats:  # fmt: skip
    """(arcs,) how long each takes with nobody about; infinite where one does not walk. [s]

    Parameters
    ----------
    closed : ids of doors, stairs and exits that nobody passes
    factors : by cell id what is left of the speed in it
    avoided : ids of cells that one goes through only where no other way is: they count as if far longer
    """
    graph = site.graph
    k = np.full(len(graph.tails), LEVEL_K)
    linked = np.flatnonzero(graph.links_of >= 0)
    kinds = [graph.links[k] for k in graph.links_of[linked]]
    stairs = {stair.id: stair_k(stair.tread_m, stair.riser_m)
              for building in site.index.site.buildings for stair in building.stairs}  # fmt: skip
    k[linked] = [stairs.get(link.id, LEVEL_K) for link in kinds]
    seconds = graph.lengths_m / speed_m_per_s(_FREE, k)
    slower = {cell: max(left, 1e-6) for cell, left in (factors or {}).items()}
    for cell in avoided:
        slower[cell] = slower.get(cell, 1.0) / AVOIDED_RATIO
    for row, made in enumerate(graph.cells) if slower else ():
        if made.id in slower:
            seconds[graph.cells_of == row] /= slower[made.id]
    seconds[linked[[link.kind in _NOT_ON_FOOT for link in kinds]]] = np.inf
    shut = {*closed, *too_narrow(site)}
    barred = np.array([spot.id in shut for spot in graph.spots], dtype=bool)
    seconds[barred[graph.tails] | barred[graph.heads]] = np.inf
    return seconds


def too_narrow(site: SiteGraph) -> dict[str, float]:
    """Widths of doors that let nobody through: nothing is left between the layers people keep free. [m]"""
    spots = site.graph.spots
    return {spot.id: spot.width_m for spot in spots
            if spot.kind in {"door", "exit"} and effective_width_m(spot.width_m, DOOR_LAYER_M) < _SLIT_M}  # fmt: skip


def ways_to(graph: WalkGraph, seconds: Floats, targets: Collection[int]) -> Ways:
    """The quickest way from every spot to any of some targets.

    Parameters
    ----------
    seconds : (arcs,)
    """
    is_end = np.array([spot.is_end for spot in graph.spots], dtype=bool)
    found = Fields(graph.tails, graph.heads, seconds, targets, count=len(graph.spots), is_end=is_end)
    return Ways(found.seconds_to, found.next_arcs)


def safe_spots(site: SiteGraph, *, closed: Collection[str] = ()) -> list[int]:
    """Where people are safe: at the assembly points, or out of the door where a site has none."""
    spots = site.graph.spots
    found = [row for row, spot in enumerate(spots) if spot.kind == "assembly" and spot.id not in closed]
    return found or [row for row, spot in enumerate(spots) if spot.kind in {"exit", "gate"} and spot.id not in closed]
