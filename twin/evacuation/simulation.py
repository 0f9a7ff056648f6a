"""An evacuation of a site: everybody out by the quickest ways, with queues, and how sure the times are.

People set off one after the other, spread as log-normal delays; how fast they walk is spread by classes of people. One
run with both spread evenly tells what happens where; many runs, in which households set off by chance, tell how much
the times hang on that.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from geometry.graph_fields import NOWHERE
from geometry.walk_graph import Spot
from twin.evacuation.asking import Asked, must_be_answerable, room_of
from twin.evacuation.burning import FireCourse, slowed, smoke_asked, smoky_cells, survived
from twin.evacuation.escape import Escape, escape
from twin.evacuation.fire_lifts import Trip, landings_of, trips
from twin.evacuation.flow import emptied
from twin.evacuation.flow_network import Emptied
from twin.evacuation.groups import drawn, spread_evenly
from twin.evacuation.people import values
from twin.evacuation.sfpe import smoke_factor
from twin.fabric.site_graph import OUTDOORS, SiteGraph

Floats = NDArray[np.float64]

QUANTILES: Final = (0.05, 0.5, 0.95)
_NOBODY: Final = 0.05
"""Streams come to an end in ever smaller parts of a person."""


@dataclass(frozen=True, slots=True, eq=False)
class Cleared:
    """When a storey, a building or the whole site is clear.

    Attributes
    ----------
    id : of the storey or building, nothing for the site
    persons : that were there
    clear_s : when the last one has left; infinite where some are trapped
    quantiles_s : of the runs by chance, at `QUANTILES`; none without runs
    """

    id: str
    persons: float
    clear_s: float
    quantiles_s: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Queue:
    """Where people wait.

    Attributes
    ----------
    id : of the door or stair; storey, z_m : where; point_m : in the site frame
    waited_person_s : time of all who wait there; longest : most people at a time
    """

    id: str
    kind: str
    storey: str | None
    point_m: tuple[float, float, float]
    waited_person_s: float
    longest: float


@dataclass(frozen=True, slots=True)
class Caught:
    """Where people are left when the last way has closed: in a room, or on a stair."""

    cell: str
    storey: str | None
    persons: float


@dataclass(frozen=True, slots=True)
class Exit:
    """A door into the open, and how many leave by it."""

    id: str
    storey: str | None
    point_m: tuple[float, float, float]
    persons: float
    clear_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Evacuation:
    """What came of it.

    Attributes
    ----------
    site : the whole, buildings, storeys : each with its times, the last to be clear first
    queues : the worst first; exits : the most used first
    trapped : spaces with people and no way out
    caught : where people are left behind what closed on their way
    through_fire : spaces whose only way leads through the burning room
    times_s : (t,), and at these times `inside` each storey's rooms and each building, stairs included, and `out` (t,)
    fire : what the fire does to people and ways, where its smoke was asked for
    lifted : trips of lifts that bring people down
    asked : the question; of, emptied : what was walked through, and all numbers
    """

    site: Cleared
    buildings: tuple[Cleared, ...]
    storeys: tuple[Cleared, ...]
    queues: tuple[Queue, ...]
    exits: tuple[Exit, ...]
    trapped: tuple[str, ...]
    caught: tuple[Caught, ...]
    through_fire: tuple[str, ...]
    times_s: Floats
    inside: Mapping[str, Floats]
    out: Floats
    fire: FireCourse | None
    lifted: tuple[Trip, ...]
    asked: Asked
    of: Escape
    emptied: Emptied


def evacuate(site: SiteGraph, asked: Asked) -> Evacuation:
    """Everybody out of a site.

    Raises
    ------
    EvacuationError
        For people or a fire in spaces that the site has not, negative numbers of people, or a thing that is to be
        closed and is no door, stair or exit.
    """
    must_be_answerable(site, asked)
    burning = {} if asked.fire is None else {room_of(site, asked.fire): _smoke()}
    smoke = smoke_asked(site, asked)
    landings = landings_of(site, asked)
    way = escape(
        site, {**asked.persons, **{landing: asked.persons.get(landing, 0.0) + 1 for landing in landings.values()}},
        closed=asked.closed, factors={} if smoke else burning, avoided=tuple(burning), closings=asked.closings,
        smoky=() if smoke is None else smoky_cells(site, smoke),
    )  # fmt: skip
    lifted = trips(way, asked, landings)
    spaces = [space for space in way.first_legs if space in asked.persons]
    changes = (*way.changes, *(() if smoke is None else slowed(way, smoke)))
    people = spread_evenly(way, spaces, asked, lifted)
    found = emptied(way.network, people, changes=changes)
    by_chance = None
    if asked.runs:
        by_chance = emptied(way.network, drawn(way, spaces, asked, lifted), changes=changes, step_s=1.0,
                            record_every_s=np.inf)  # fmt: skip
    storeys, buildings = _cells_by_storey(site, way), _cells_by_building(site, way)
    runs = None if by_chance is None else by_chance.clear_s
    return Evacuation(
        _cleared("", sum(asked.persons.values()), float(found.clear_s[0]), runs, stuck=bool(way.trapped)),
        _all_cleared(buildings, found, by_chance, _persons(site, asked, by_building=True),
                     _where(site, way.trapped, by_building=True)),
        _all_cleared(storeys, found, by_chance, _persons(site, asked), _where(site, way.trapped)),
        _queues(site, way, found),
        _exits(site, way, found),
        way.trapped,
        _caught(site, way, found),
        tuple(space for space in spaces if burning and _passes(way, space, next(iter(burning)), asked)),
        found.times_s,
        {name: found.inside[:, cells].sum(axis=1) for name, cells in (buildings | storeys).items()},
        found.out,
        None if smoke is None else survived(way, people, found, smoke, spaces, asked=asked, drawn=by_chance),
        lifted,
        asked,
        way,
        found,
    )  # fmt: skip


def _smoke() -> float:
    """What is left of the speed in the burning room."""
    return float(smoke_factor(values()["fire"]["extinction_per_m"]["value"]))


def _cells_by_storey(site: SiteGraph, way: Escape) -> dict[str, list[int]]:
    """Rows of the rooms of each storey."""
    found: dict[str, list[int]] = {}
    spaces = site.index.spaces
    for row, name in enumerate(way.cell_ids[: len(site.graph.cells)]):
        if name in spaces:
            found.setdefault(spaces[name].storey.id, []).append(row)
    return found


def _cells_by_building(site: SiteGraph, way: Escape) -> dict[str, list[int]]:
    """Rows of the rooms and flights of each building."""
    of_link = {stair.id: building.id for building in site.index.site.buildings for stair in building.stairs}
    found: dict[str, list[int]] = {}
    for row, name in enumerate(way.cell_ids):
        building = site.buildings[row] if row < len(site.buildings) else of_link.get(name, "")
        if building and name != OUTDOORS:
            found.setdefault(building, []).append(row)
    return found


def _persons(site: SiteGraph, asked: Asked, *, by_building: bool = False) -> dict[str, float]:
    """How many people each storey or building has."""
    found: dict[str, float] = {}
    for space, many in asked.persons.items():
        storey = site.index.spaces[space].storey
        name = storey.building.id if by_building else storey.id
        found[name] = found.get(name, 0.0) + many
    return found


def _where(site: SiteGraph, trapped: Collection[str], *, by_building: bool = False) -> frozenset[str]:
    storeys = [site.index.spaces[space].storey for space in trapped]
    return frozenset(storey.building.id if by_building else storey.id for storey in storeys)


def _all_cleared(
    groups: Mapping[str, list[int]], found: Emptied, drawn: Emptied | None, persons: Mapping[str, float],
    stuck: Collection[str],
) -> tuple[Cleared, ...]:  # fmt: skip
    all_ = [
        _cleared(
            name,
            persons.get(name, 0.0),
            float(_left_s(found, cells)[0]),
            None if drawn is None else _left_s(drawn, cells),
            stuck=name in stuck,
        )
        for name, cells in groups.items()
    ]
    passed = [one for one in all_ if one.persons > 0 or one.clear_s > 0]
    return tuple(sorted(passed, key=lambda one: (-one.clear_s, one.id)))


def _left_s(found: Emptied, cells: list[int]) -> Floats:
    """(runs,) when the last one has left some cells; infinite where somebody has not."""
    is_left = found.left_in[:, cells].sum(axis=1) > _NOBODY
    return np.where(is_left, np.inf, found.cell_clear_s[:, cells].max(axis=1, initial=0.0))


def _caught(site: SiteGraph, way: Escape, found: Emptied) -> tuple[Caught, ...]:
    """Where people are left, most of them first."""
    left = found.left_in[0] if found.left[0] > _NOBODY else np.zeros(0)
    storey_of = {name: storey for storey, cells in _cells_by_storey(site, way).items()
                 for name in (way.cell_ids[cell] for cell in cells)}  # fmt: skip
    many: dict[str, float] = {}  # the flights of a stair are one place
    for row in np.flatnonzero(left > 0).tolist():
        many[way.cell_ids[row]] = many.get(way.cell_ids[row], 0.0) + float(left[row])
    ordered = sorted(many.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Caught(name, storey_of.get(name), persons) for name, persons in ordered if persons > _NOBODY)


def _cleared(name: str, persons: float, clear_s: float, runs_s: Floats | None, *, stuck: bool) -> Cleared:
    # nothing lies between a time and never
    method: Literal["linear", "higher"] = "linear" if runs_s is None or np.isfinite(runs_s).all() else "higher"
    quantiles = None if runs_s is None else tuple(float(q) for q in np.quantile(runs_s, QUANTILES, method=method))
    return Cleared(name, persons, np.inf if stuck else clear_s, quantiles)


def _queues(site: SiteGraph, way: Escape, found: Emptied) -> tuple[Queue, ...]:
    waited, longest = found.waited_person_s[0], found.longest[0]
    queues = []
    for k in np.argsort(-waited, kind="stable").tolist():
        if waited[k] < 1.0:
            break
        spot = site.graph.spots[way.spots[k]]
        queues.append(Queue(spot.id, spot.kind, _storey(site, spot), spot.point_m, float(waited[k]), float(longest[k])))
    return tuple(queues)


def _storey(site: SiteGraph, spot: Spot) -> str | None:
    """The storey a spot is on."""
    spaces = site.index.spaces
    cells = [site.graph.cells[cell].id for cell in spot.cells]
    return next((spaces[cell].storey.id for cell in cells if cell in spaces), None)


def _exits(site: SiteGraph, way: Escape, found: Emptied) -> tuple[Exit, ...]:
    passed: dict[str, float] = {}
    clear: dict[str, float] = {}
    spots: dict[str, Spot] = {}
    for k, row in enumerate(way.spots.tolist()):
        spot = site.graph.spots[row]
        if spot.kind == "exit":
            passed[spot.id] = passed.get(spot.id, 0.0) + float(found.passed[0, k])
            clear[spot.id] = max(clear.get(spot.id, 0.0), float(found.spot_clear_s[0, k]))
            spots.setdefault(spot.id, spot)
    used = [
        Exit(name, _storey(site, spots[name]), spots[name].point_m, many, clear[name])
        for name, many in passed.items()
        if many > 0.01
    ]
    return tuple(sorted(used, key=lambda one: (-one.persons, one.id)))


def _passes(way: Escape, space: str, cell: str, asked: Asked) -> bool:
    """Whether the way out of a space leads through a cell that is not its own."""
    graph, row = way.site.graph, way.site.place_of[space]
    if asked.fire is not None and way.site.cell_of.get(space) == way.site.cell_of.get(asked.fire):
        return False
    arc = int(way.ways.arcs[row])
    while arc != NOWHERE:
        within = int(graph.cells_of[arc])
        if within >= 0 and graph.cells[within].id == cell:
            return True
        arc = int(way.ways.arcs[graph.heads[arc]])
    return False
