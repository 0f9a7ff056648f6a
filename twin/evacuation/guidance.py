"""Who should go where so that the last one is out soonest: not everybody by the nearest exit, where that has a queue.

Beginning with the quickest ways, those who lose least are sent to other exits as long as the simulation says that the
building is clear earlier. Whoever has passed a door together goes on together: signs point one way.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geometry.graph_fields import NOWHERE
from twin.evacuation.escape import Escape, escape
from twin.evacuation.flow import emptied
from twin.evacuation.flow_network import People
from twin.evacuation.free_ways import Ways, arc_seconds, safe_spots, ways_to
from twin.fabric.site_graph import SiteGraph

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_ROUNDS: Final = 12
_TRIES: Final = (1, 2, 3, 5, 8, 12, 18, 27, 40, 60)
"""How many units are sent elsewhere at a time."""
_STEP_S: Final = 1.0
_FINE_S: Final = 0.25
"""Steps while plans are tried, and of the times that are told."""
_LEAST_GAIN_S: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Guided:
    """A plan for some people, all setting off at once.

    Attributes
    ----------
    ways : which everybody is to take
    sent : by spot where ways part, the exit that people there are sent to, where that is not the quickest
    nearest_s, guided_s : until the last one is in the open by the quickest ways, and by these
    queues : rows of the spots where people queue in the simulation
    """

    ways: Ways
    sent: Mapping[int, str]
    nearest_s: float
    guided_s: float
    queues: frozenset[int]


def guided(
    site: SiteGraph, persons: Mapping[str, float], *, closed: frozenset[str] = frozenset(),
    avoided: Collection[str] = (),
) -> Guided:  # fmt: skip
    """The plan for people in some spaces; who has no way out is left out.

    Parameters
    ----------
    closed : ids of doors, stairs and exits that nobody passes
    avoided : ids of cells that one goes through only where no other way is, such as the burning one
    """
    seconds = arc_seconds(site, closed=closed, avoided=avoided)
    quickest = ways_to(site.graph, seconds, safe_spots(site, closed=closed))
    exits = _exits(site, persons, closed)
    by_exit = {row: ways_to(site.graph, seconds, (row,)) for row in exits}
    units = _units(site, persons, quickest, by_exit)
    sent: dict[int, int] = {}

    def time_s(plan: Mapping[int, int]) -> tuple[float, Escape | None]:
        ways = _along(site, quickest, by_exit, plan)
        return (np.inf, None) if ways is None else _in_the_open_s(site, persons, ways, closed)

    best_s, made = time_s(sent)
    for _ in range(_ROUNDS):
        better = None if made is None else _better(site, units, quickest, by_exit, sent, time_s, best_s)
        if better is None or better[0] > best_s - _LEAST_GAIN_S:
            break
        best_s, sent = better
    ways = _along(site, quickest, by_exit, sent)
    told = {unit: site.graph.spots[row].id for unit, row in sent.items()}
    kept = quickest if ways is None else ways
    times_s, made_of = zip(
        *(_in_the_open_s(site, persons, one, closed, step_s=_FINE_S) for one in (quickest, kept)), strict=True
    )
    queues = frozenset(row for one in made_of for row in one.spots.tolist())
    return Guided(kept, told, times_s[0], times_s[1], queues)


def _exits(site: SiteGraph, persons: Mapping[str, float], closed: frozenset[str]) -> list[int]:
    """Rows of the exits of buildings with people."""
    buildings = {site.index.spaces[space].storey.building.id for space, many in persons.items() if many > 0}
    cells = {row for row, building in enumerate(site.buildings) if building in buildings}
    return [
        row
        for row, spot in enumerate(site.graph.spots)
        if spot.kind == "exit" and spot.id not in closed and cells.intersection(spot.cells)
    ]


def _units(
    site: SiteGraph, persons: Mapping[str, float], quickest: Ways, by_exit: Mapping[int, Ways]
) -> dict[int, float]:  # fmt: skip
    """Spots where the ways of people to different exits part first, with how many come there."""
    found: dict[int, float] = {}
    heads = site.graph.heads
    for space, many in persons.items():
        row = site.place_of.get(space)
        if row is None or many <= 0 or quickest.arcs[row] == NOWHERE:
            continue
        while True:
            arcs = {int(ways.arcs[row]) for ways in by_exit.values() if ways.arcs[row] != NOWHERE}
            if len(arcs) != 1:
                break
            row = int(heads[arcs.pop()])
        if arcs:
            found[row] = found.get(row, 0.0) + many
    return found


def _along(
    site: SiteGraph, quickest: Ways, by_exit: Mapping[int, Ways], plan: Mapping[int, int]
) -> Ways | None:  # fmt: skip
    """Ways with units sent to their exits; none where somebody would go round in circles."""
    arcs = quickest.arcs.copy()
    heads = site.graph.heads
    for unit, to in plan.items():
        row = unit
        while row != to and by_exit[to].arcs[row] != NOWHERE:
            arcs[row] = by_exit[to].arcs[row]
            row = int(heads[arcs[row]])
    onwards = np.where(arcs >= 0, heads[np.maximum(arcs, 0)], np.arange(len(arcs)))
    for _ in range(int(np.ceil(np.log2(len(arcs) + 1)))):
        onwards = onwards[onwards]
    if (arcs[onwards] != NOWHERE).any():
        return None
    return Ways(quickest.seconds, arcs)


def _in_the_open_s(
    site: SiteGraph, persons: Mapping[str, float], ways: Ways, closed: frozenset[str], *, step_s: float = _STEP_S
) -> tuple[float, Escape]:  # fmt: skip
    """When the last one is through an exit, all setting off at once at the relations' speed."""
    way = escape(site, persons, closed=closed, ways=ways)
    spaces = list(way.first_legs)
    people = People(
        np.array([way.first_legs[space] for space in spaces], dtype=np.int64),
        np.array([way.met_m[space] for space in spaces]),
        np.array([persons[space] for space in spaces]),
        np.zeros(len(spaces)),
        np.ones(len(spaces)),
        np.array([site.cell_of[space] for space in spaces], dtype=np.int64),
    )
    found = emptied(way.network, people, step_s=step_s, record_every_s=np.inf)
    if not np.isfinite(found.clear_s[0]):
        return np.inf, way
    is_exit = np.array([site.graph.spots[row].kind == "exit" for row in way.spots.tolist()], dtype=bool)
    return float(np.where(is_exit, found.spot_clear_s[0], 0.0).max(initial=0.0)), way


def _better(
    site: SiteGraph, units: Mapping[int, float], quickest: Ways, by_exit: Mapping[int, Ways],
    sent: Mapping[int, int], time_s: Callable[[Mapping[int, int]], tuple[float, Escape | None]], best_s: float,
) -> tuple[float, dict[int, int]] | None:  # fmt: skip
    """The best plan of those that send some more units from one exit to another; none that is better."""
    ways = _along(site, quickest, by_exit, sent)
    if ways is None:
        return None
    goes = {unit: _exit_of(site, ways, unit, by_exit) for unit in units}
    found: tuple[float, dict[int, int]] | None = None
    for start in dict.fromkeys(goes.values()):
        for to in by_exit:
            if start is None or to == start:
                continue
            order = _by_loss(units, goes, by_exit, start=start, to=to)
            for many in _TRIES:
                if many > len(order):
                    break
                plan = {**sent, **dict.fromkeys(order[:many], to)}
                spent_s, _ = time_s(plan)
                if spent_s < (best_s if found is None else found[0]):
                    found = spent_s, plan
    return found


def _by_loss(
    units: Mapping[int, float], goes: Mapping[int, int | None], by_exit: Mapping[int, Ways], *, start: int, to: int
) -> Sequence[int]:
    """Units that go to one exit, those first that lose least if they go to another."""
    here = [unit for unit in units if goes[unit] == start and np.isfinite(by_exit[to].seconds[unit])]
    return sorted(here, key=lambda unit: float(by_exit[to].seconds[unit] - by_exit[start].seconds[unit]))


def _exit_of(site: SiteGraph, ways: Ways, row: int, exits: Mapping[int, Ways]) -> int | None:
    """Row of the exit that a way leads through."""
    while row not in exits:
        arc = int(ways.arcs[row])
        if arc == NOWHERE:
            return None
        row = int(site.graph.heads[arc])
    return row
