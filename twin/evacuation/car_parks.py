"""Car parks against rules: how far any point is from an exit on foot, and how many exits there are.

An exit is a door to a stair, into the open, or into a corridor or lobby from which one gets to a stair or the open
without the car park (GB 50067-2014, 6.0.7). Vehicle ramps and fire shutters are none; nobody walks through a shutter.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twin.evacuation.checked import Checked, EgressFinding
from twin.evacuation.farthest import farthest_m
from twin.index import PlacedOpening, PlacedSpace, PlacedStorey
from twin.model.buildings import OUTSIDE

CAR_PARK: Final = frozenset({"garage", "parking_space", "driveway"})
_LEADING_ON: Final = frozenset({"corridor", "lobby", "lift_lobby", "stair"})
_FOR_CARS: Final = frozenset({"shutter", "gate", "window"})
_FAR_M: Final = 500.0


def car_park(
    of: Checked, storey: PlacedStorey, spaces: Sequence[PlacedSpace], *, is_below: bool
) -> Iterator[EgressFinding]:  # fmt: skip
    """Distances and exits of a storey with cars.

    Parameters
    ----------
    spaces : garages, driveways and parking spaces on it
    is_below : whether it is a basement; at ground level a car park may be deeper
    """
    names = {space.id for space in spaces}
    cells = {of.site.cell_of[name] for name in names if name in of.site.cell_of}
    found = [one for one in of.openings_on.get(storey.id, ()) if one.id in of.graph.rows and names & {*one.connects}]
    exits = [one for one in found if _is_exit(of, one, cells)]
    is_small = sum(space.template.use == "parking_space" for space in spaces) <= of.rules["small-car-park"].value
    asked = 1.0 if is_small else of.rules["garage-exits"].value
    yield of.told("garage-exits", storey.id, len(exits), *(one.id for one in exits), needed=asked)
    rule = "garage-travel" if is_below else "garage-travel-ground"
    if is_below and of.is_sprinklered(storey):
        rule = "garage-travel-sprinklered"
    ahead = _walked_m(of, [row for one in exits for row in of.graph.rows[one.id]], cells)
    for space in spaces:
        if space.parent not in names:
            cell = of.site.cell_of.get(space.id, -1)
            spots = [row for row in of.graph.spots_in[cell] if np.isfinite(ahead[row])] if cell >= 0 else []
            yield of.told(rule, space.id, farthest_m(of.site, space, spots, ahead[spots]))


def _is_exit(of: Checked, opening: PlacedOpening, cells: set[int]) -> bool:
    if opening.template.kind in _FOR_CARS or "ramp" in of.uses_beside(opening.connects):
        return False
    if OUTSIDE in opening.connects:
        return True
    return bool(of.uses_beside(opening.connects) & _LEADING_ON) and _leads_on(of, opening.id, cells)


def _leads_on(of: Checked, door: str, cells: set[int]) -> bool:
    """Whether one gets from a door to a stair or into the open without the car park."""
    graph = of.graph
    lengths = _solved(of, of.graph.rows[door], ~np.isin(graph.cells_of, list(cells)))
    return any(np.isfinite(lengths[row]) and spot.kind in {"stair", "exit"} for row, spot in enumerate(graph.spots))


def _walked_m(of: Checked, exits: Sequence[int], cells: set[int]) -> NDArray[np.float64]:
    """(spots,) how far it is to the nearest exit within the car park, through no shutter. [m]"""
    return _solved(of, exits, np.isin(of.graph.cells_of, list(cells)))


def _solved(of: Checked, rows: Sequence[int], used: NDArray[np.bool_]) -> NDArray[np.float64]:
    from scipy.sparse import csr_array  # noqa: PLC0415 - a quarter of a second, only for who walks
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

    graph, count = of.graph, len(of.graph.spots)
    if not rows:
        return np.full(count, np.inf)
    shut = [_is_shut(of, spot.id) or spot.is_end for spot in graph.spots]
    used = used & (graph.links_of < 0) & ~np.array(shut, dtype=bool)[graph.tails]
    ways = csr_array((graph.lengths_m[used], (graph.tails[used], graph.heads[used])), shape=(count, count))
    found: NDArray[np.float64] = dijkstra(ways, indices=list(rows), limit=_FAR_M, min_only=True)
    found[[row for row in np.flatnonzero(np.isfinite(found)) if _is_shut(of, graph.spots[row].id)]] = np.inf
    return found


def _is_shut(of: Checked, name: str) -> bool:
    found = of.index.openings.get(name)
    return found is not None and found.template.kind == "shutter"
