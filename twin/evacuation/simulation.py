"""An evacuation of a site: everybody out by the quickest ways, with queues, and how sure the times are.

People set off one after the other, spread as log-normal delays; how fast they walk is spread by classes of people. One
run with both spread evenly tells what happens where; many runs, in which households set off by chance, tell how much
the times hang on that.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from geometry.graph_fields import NOWHERE
from geometry.walk_graph import Spot
from twin.errors import EvacuationError
from twin.evacuation.escape import Escape, escape
from twin.evacuation.flow import Emptied, People, emptied
from twin.evacuation.people import setting_off_s, values
from twin.evacuation.sfpe import smoke_factor
from twin.fabric.site_graph import OUTDOORS, SiteGraph

Floats = NDArray[np.float64]

_SPREAD: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Shares of people that have set off: each group sets off in so many parts."""
QUANTILES: Final = (0.05, 0.5, 0.95)
_MOST_RUNS: Final = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """What an evacuation is asked for.

    Attributes
    ----------
    persons : by space
    fire : space that burns; nobody goes through its room who has another way
    closed : ids of doors, stairs and exits that nobody passes
    runs : by chance; 0 for none
    """

    persons: Mapping[str, float]
    fire: str | None = None
    closed: frozenset[str] = frozenset()
    runs: int = 0
    seed: int = 1


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
    through_fire : spaces whose only way leads through the burning room
    times_s : (t,), and at these times `inside` each storey's rooms and each building, stairs included, and `out` (t,)
    asked : the question; of, emptied : what was walked through, and all numbers
    """

    site: Cleared
    buildings: tuple[Cleared, ...]
    storeys: tuple[Cleared, ...]
    queues: tuple[Queue, ...]
    exits: tuple[Exit, ...]
    trapped: tuple[str, ...]
    through_fire: tuple[str, ...]
    times_s: Floats
    inside: Mapping[str, Floats]
    out: Floats
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
    _must_be_answerable(site, asked)
    burning = {} if asked.fire is None else {room_of(site, asked.fire): _smoke()}
    way = escape(site, asked.persons, closed=asked.closed, factors=burning, avoided=tuple(burning))
    spaces = list(way.first_legs)
    found = emptied(way.network, _spread(way, spaces, asked))
    times_s = found.clear_s
    cells_s = found.cell_clear_s
    if asked.runs:
        drawn = emptied(way.network, _drawn(way, spaces, asked), step_s=1.0, record_every_s=np.inf)
        times_s, cells_s = drawn.clear_s, drawn.cell_clear_s
    storeys, buildings = _cells_by_storey(site, way), _cells_by_building(site, way)
    runs = times_s if asked.runs else None
    return Evacuation(
        _cleared("", sum(asked.persons.values()), float(found.clear_s[0]), runs, stuck=bool(way.trapped)),
        _all_cleared(buildings, found, cells_s if asked.runs else None, _persons(site, asked, by_building=True),
                     _where(site, way.trapped, by_building=True)),
        _all_cleared(storeys, found, cells_s if asked.runs else None, _persons(site, asked), _where(site, way.trapped)),
        _queues(site, way, found),
        _exits(site, way, found),
        way.trapped,
        tuple(space for space in spaces if burning and _passes(way, space, next(iter(burning)), asked)),
        found.times_s,
        {name: found.inside[:, cells].sum(axis=1) for name, cells in (buildings | storeys).items()},
        found.out,
        asked,
        way,
        found,
    )  # fmt: skip


def _must_be_answerable(site: SiteGraph, asked: Asked) -> None:
    index = site.index
    unknown = [space for space in asked.persons if space not in index.spaces]
    if unknown:
        raise EvacuationError(
            f"people are in {', '.join(unknown[:5])}, which the site has not; correct the spaces' ids"
        )
    wrong = [f"{space}: {many:g}" for space, many in asked.persons.items() if not 0 <= many < np.inf]
    if wrong:
        raise EvacuationError(f"numbers of people must be 0 or more, not {', '.join(wrong[:5])}")
    if asked.fire is not None and asked.fire not in index.spaces:
        raise EvacuationError(f"there is no space {asked.fire} that could burn; name a space of the site")
    known = {spot.id for spot in site.graph.spots if spot.kind != "place"}
    for name in sorted(asked.closed):
        if name not in known:
            raise EvacuationError(f"{name} is no door, stair, lift or exit that could be closed; name one of the site")
    if not 0 <= asked.runs <= _MOST_RUNS:
        raise EvacuationError(f"ask for 0 to {_MOST_RUNS} runs, not {asked.runs}")


def room_of(site: SiteGraph, space: str) -> str:
    """Id of the cell a space lies in."""
    row = site.cell_of.get(space)
    return space if row is None else site.graph.cells[row].id


def _smoke() -> float:
    """What is left of the speed in the burning room."""
    return float(smoke_factor(values()["fire"]["extinction_per_m"]["value"]))


def _classes() -> tuple[Floats, Floats]:
    """Shares of the classes of people, and their speeds against the relations'."""
    rows = values()["classes"].values()
    return np.array([row["share_ratio"] for row in rows]), np.array([row["speed_factor"] for row in rows])


def _delay(asked: Asked, spaces: Collection[str]) -> Floats:
    """(spaces,) median of the time until people set off: whoever sees the fire goes at once."""
    rows = values()["setting_off"]
    usual, at_once = float(rows["median_s"]["value"]), float(rows["at_fire_s"]["value"])
    return np.array([at_once if space == asked.fire else usual for space in spaces])


def _spread(way: Escape, spaces: list[str], asked: Asked) -> People:
    """Everybody, each space in parts that set off one after the other and walk as their class does."""
    shares, factors = _classes()
    delays = np.exp(float(values()["setting_off"]["sigma"]["value"]) * ndtri(np.array(_SPREAD)))
    starts = _delay(asked, spaces)[:, None] * delays
    shape = (len(spaces), len(shares), len(delays))
    legs = np.array([way.first_legs[space] for space in spaces], dtype=np.int64)
    lengths = np.array([way.met_m[space] for space in spaces])
    persons = np.array([asked.persons[space] for space in spaces])
    return People(
        np.broadcast_to(legs[:, None, None], shape).ravel(),
        np.broadcast_to(lengths[:, None, None], shape).ravel(),
        (persons[:, None, None] * shares[:, None] / len(delays) * np.ones(shape)).ravel(),
        np.broadcast_to(starts[:, None, :], shape).ravel(),
        np.broadcast_to(factors[:, None], shape).ravel(),
        np.broadcast_to(_homes(way, spaces)[:, None, None], shape).ravel(),
    )


def _drawn(way: Escape, spaces: list[str], asked: Asked) -> People:
    """Whole persons of drawn classes in many runs; those of one space set off together."""
    shares, factors = _classes()
    rng = np.random.default_rng(asked.seed)
    sigma = float(values()["setting_off"]["sigma"]["value"])
    starts = _delay(asked, spaces) * np.stack(
        [setting_off_s("lognormal", len(spaces), rng, first=1.0, second=sigma) for _ in range(asked.runs)]
    )
    expected = np.array([asked.persons[space] for space in spaces])
    whole = np.floor(expected)
    there = whole + (rng.random((asked.runs, len(spaces))) < expected - whole)
    persons = rng.multinomial(there.astype(np.int64), shares / shares.sum()).astype(np.float64)
    legs = np.array([way.first_legs[space] for space in spaces], dtype=np.int64)
    lengths = np.array([way.met_m[space] for space in spaces])
    many = len(shares)
    return People(
        np.repeat(legs, many),
        np.repeat(lengths, many),
        persons.reshape(asked.runs, -1),
        np.repeat(starts, many, axis=1),
        np.tile(factors, len(spaces)),
        np.repeat(_homes(way, spaces), many),
    )


def _homes(way: Escape, spaces: Sequence[str]) -> NDArray[np.int64]:
    """Row of the room each space lies in."""
    return np.array([way.site.cell_of[space] for space in spaces], dtype=np.int64)


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
    groups: Mapping[str, list[int]], found: Emptied, drawn_s: Floats | None, persons: Mapping[str, float],
    stuck: Collection[str],
) -> tuple[Cleared, ...]:  # fmt: skip
    all_ = [
        _cleared(
            name,
            persons.get(name, 0.0),
            float(found.cell_clear_s[0, cells].max(initial=0.0)),
            None if drawn_s is None else drawn_s[:, cells].max(axis=1, initial=0.0),
            stuck=name in stuck,
        )
        for name, cells in groups.items()
    ]
    passed = [one for one in all_ if one.persons > 0 or one.clear_s > 0]
    return tuple(sorted(passed, key=lambda one: (-one.clear_s, one.id)))


def _cleared(name: str, persons: float, clear_s: float, runs_s: Floats | None, *, stuck: bool) -> Cleared:
    quantiles = None if runs_s is None else tuple(float(q) for q in np.quantile(runs_s, QUANTILES))
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
