"""How many people are where: by the register of households, by floor area elsewhere, or as a file says."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

from twin.errors import EvacuationError, UnknownIdError
from twin.index import SiteIndex, to_shapely

_PASSED: Final = frozenset({"corridor", "stair", "lift_shaft", "lift_lobby", "shaft", "bathroom", "balcony", "roof",
                             "parking_space", "driveway", "ramp"})  # fmt: skip
_SLEEPING: Final = ("bedroom", "living_room")


@cache
def values() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """The values of people and their movement, each with its source and certainty."""
    text = files("twin.evacuation").joinpath("values/egress.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, Mapping[str, Any]]] = yaml.safe_load(text)
    return found


def people_at_night(index: SiteIndex) -> dict[str, float]:
    """Everybody at home: households in their bedrooms, so many each; nobody at work but where somebody always is."""
    return {**_at_home(index), **_by_area(index, {"monitoring_centre", "gatehouse", "garage"})}


def people_by_day(index: SiteIndex) -> dict[str, float]:
    """All places in use at the same time, which is more than ever are there."""
    uses = frozenset(values()["people"]) - {"flat_persons", "crowd"}
    return {**_at_home(index), **_by_area(index, uses)}


def crowded(index: SiteIndex, storey: str, persons: float | None = None) -> dict[str, float]:
    """A storey that is full, by area over all rooms people stay in.

    Parameters
    ----------
    persons : on the whole storey; none is as many as stand in it when it is crowded

    Raises
    ------
    UnknownIdError
        For another storey.
    EvacuationError
        For one without rooms, or a number of people that cannot be.
    """
    if storey not in index.storeys:
        raise UnknownIdError("storey", storey, index.storeys)
    parents = {space.parent for space in index.spaces.values()}
    areas = {
        space.id: float(to_shapely(space.template.polygon).area)
        for space in index.spaces.values()
        if space.storey.id == storey and space.id not in parents and space.template.use not in _PASSED
    }
    if not areas:
        raise EvacuationError(f"storey {storey} has no room that people could fill; name another")
    if persons is not None and not 0 <= persons < np.inf:
        raise EvacuationError(f"{storey} cannot have {persons:g} people; name 0 or more")
    density = float(values()["people"]["crowd"]["value"]) if persons is None else persons / sum(areas.values())
    return {space: area * density for space, area in areas.items()}


def _at_home(index: SiteIndex) -> dict[str, float]:
    """Households in the rooms they sleep in, else in their flat."""
    known = {household.space: household for household in index.site.households}
    rooms: dict[str, list[str]] = {}
    for space in index.spaces.values():
        if space.parent is not None and space.template.use in _SLEEPING:
            rooms.setdefault(space.parent, []).append(space.id)
    found: dict[str, float] = {}
    for space in index.spaces.values():
        if space.template.use != "flat":
            continue
        household = known.get(space.id)
        if household is not None and household.tenure == "vacant":
            continue
        persons = household.residents if household is not None else values()["people"]["flat_persons"]["value"]
        inside = [r for r in rooms.get(space.id, ()) if index.spaces[r].template.use == "bedroom"]
        where = inside or rooms.get(space.id) or [space.id]
        for room in where:
            found[room] = found.get(room, 0.0) + persons / len(where)
    return found


def _by_area(index: SiteIndex, uses: frozenset[str] | set[str]) -> dict[str, float]:
    rows = values()["people"]
    parents = {space.parent for space in index.spaces.values()}
    return {
        space.id: float(rows[space.template.use]["value"]) * float(to_shapely(space.template.polygon).area)
        for space in index.spaces.values()
        if space.template.use in uses and (space.id not in parents or space.template.use == "garage")
    }


def speeds_by_age(ages: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Walking speeds on the level of people of some ages, drawn evenly from the range of each age. [m/s]

    Raises
    ------
    ValueError
        For an age that the table does not have.

    References
    ----------
    RiMEA guideline, walking speeds by age after Weidmann (1993).
    """
    rows = [(row["from_age"], row["to_age"], row["least"], row["most"]) for row in values()["speeds_by_age"].values()]
    table = np.array(sorted(rows), dtype=np.float64)
    row = np.searchsorted(table[:, 0], ages, side="right") - 1
    if (row < 0).any() or (ages > table[row, 1]).any():
        raise ValueError(f"ages must lie between {table[0, 0]:g} and {table[-1, 1]:g}")
    drawn: NDArray[np.float64] = rng.uniform(table[row, 2], table[row, 3])
    return drawn


def setting_off_s(
    kind: str, count: int, rng: np.random.Generator, *, first: float, second: float
) -> NDArray[np.float64]:
    """(count,) when people set off, drawn from a distribution. [s]

    Parameters
    ----------
    kind : ``uniform`` from first to second, ``gamma`` or ``weibull`` with a shape and a scale in seconds, or
        ``lognormal`` with a median in seconds and the deviation of its logarithm

    Raises
    ------
    ValueError
        For another kind.
    """
    drawn: NDArray[np.float64]
    if kind == "uniform":
        return rng.uniform(first, second, count)
    if kind == "gamma":
        return rng.gamma(first, second, count)
    if kind == "weibull":
        drawn = second * rng.weibull(first, count)
        return drawn
    if kind == "lognormal":
        drawn = first * np.exp(second * rng.standard_normal(count))
        return drawn
    raise ValueError(f"no distribution {kind!r}: name uniform, gamma, weibull or lognormal")


def kept_together(speeds: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """(persons,) speeds of people who wait for the slowest of their group; those of group -1 walk alone.

    Examples
    --------
    >>> kept_together(np.array([1.2, 0.5, 1.3]), np.array([0, 0, -1])).tolist()
    [0.5, 0.5, 1.3]
    """
    slowest = np.full(int(groups.max(initial=-1)) + 1, np.inf)
    np.minimum.at(slowest, groups[groups >= 0], speeds[groups >= 0])
    return np.where(groups >= 0, slowest[groups] if len(slowest) else speeds, speeds)
