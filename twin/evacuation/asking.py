"""What an evacuation is asked for, and whether it can be answered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from twin.errors import EvacuationError
from twin.fabric.site_graph import SiteGraph
from twin.index import SiteIndex

_MOST_RUNS: Final = 2000
_MOST_S: Final = 4 * 3600.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What an evacuation is asked for.

    Attributes
    ----------
    persons : by space
    fire : space that burns; nobody goes through its room who has another way
    closed : ids of doors, stairs and exits that nobody passes
    closings : by door, stair or exit, when it closes while people flee [s]
    lifts : with which the fire crew brings down who cannot walk well
    smoke : whether the fire's smoke is followed through its building
    fans : whether stairs that can be are kept under pressure then
    later : by storey or building, how much later it is told to leave; a storey's own counts before its building's [s]
    runs : by chance; 0 for none
    """

    persons: Mapping[str, float]
    fire: str | None = None
    closed: frozenset[str] = frozenset()
    runs: int = 0
    seed: int = 1
    closings: Mapping[str, float] = field(default_factory=dict)
    later: Mapping[str, float] = field(default_factory=dict)
    lifts: tuple[str, ...] = ()
    smoke: bool = False
    fans: bool = True


def must_be_answerable(site: SiteGraph, asked: Asked) -> None:
    """Refuse what cannot be.

    Raises
    ------
    EvacuationError
        Naming what is wrong, and how to mend it.
    """
    for wrong in (*_wrong_people(site, asked), *_wrong_things(site, asked), *_wrong_times(asked)):
        raise EvacuationError(wrong)


def fire_first(index: SiteIndex, fire: str, others_later_s: float) -> dict[str, float]:
    """Who is told later where the storey that burns and its neighbours go first: by storey of its building. [s]

    Raises
    ------
    EvacuationError
        For a fire in a space that the site has not.
    """
    if fire not in index.spaces:
        raise EvacuationError(f"there is no space {fire} that could burn; name a space of the site")
    burns = index.spaces[fire].storey
    return {
        storey.id: others_later_s
        for storey in index.storeys.values()
        if storey.building.id == burns.building.id and abs(storey.number - burns.number) > 1
    }


def _wrong_people(site: SiteGraph, asked: Asked) -> Iterator[str]:
    spaces = site.index.spaces
    unknown = [space for space in asked.persons if space not in spaces]
    if unknown:
        yield f"people are in {', '.join(unknown[:5])}, which the site has not; correct the spaces' ids"
    wrong = [f"{space}: {many:g}" for space, many in asked.persons.items() if not 0 <= many < np.inf]
    if wrong:
        yield f"numbers of people must be 0 or more, not {', '.join(wrong[:5])}"
    if asked.fire is not None and asked.fire not in spaces:
        yield f"there is no space {asked.fire} that could burn; name a space of the site"
    if asked.smoke and asked.fire is not None and asked.fire not in site.cell_of:
        yield f"smoke of {asked.fire} cannot be followed: nobody can walk in it; name a room of the site"


def _wrong_things(site: SiteGraph, asked: Asked) -> Iterator[str]:
    index = site.index
    known = {spot.id for spot in site.graph.spots if spot.kind != "place"}
    for name in sorted({*asked.closed, *asked.closings}):
        if name not in known:
            yield f"{name} is no door, stair, lift or exit that could be closed; name one of the site"
    lifts = {lift.id for building in index.site.buildings for lift in building.lifts}
    for name in asked.lifts:
        if name not in lifts:
            yield f"{name} is no lift of the site; name one, or none"
    for name in asked.later:
        if name not in index.storeys and name not in index.buildings:
            yield f"{name} is no storey or building that could be told later; name one of the site"


def _wrong_times(asked: Asked) -> Iterator[str]:
    for name, when_s in (*asked.closings.items(), *asked.later.items()):
        if not 0 <= when_s <= _MOST_S:
            yield f"{name} is to happen after {when_s:g} s; name 0 to {_MOST_S:g} s"
    if not 0 <= asked.runs <= _MOST_RUNS:
        yield f"ask for 0 to {_MOST_RUNS} runs, not {asked.runs}"


def room_of(site: SiteGraph, space: str) -> str:
    """Id of the cell a space lies in."""
    row = site.cell_of.get(space)
    return space if row is None else site.graph.cells[row].id
