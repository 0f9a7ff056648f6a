"""The places that something is required of: zones, and every space of certain uses, with their samples."""

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geometry.polygons import fault
from geometry.samples import Grid, SamplesError, finest_grid_over
from twin.coverage.result import Problem
from twin.fabric.occluders import Occluders
from twin.index import SiteIndex, as_drawn, to_shapely
from twin.model.base import Polygon, Text
from twin.model.grounds import Requirement

_HEIGHTS_M: Final = {"camera": (0.2, 1.6), "wifi": (1.2,), "sound": (1.5,), "lighting": (0.0,), "detection": (0.0,)}
"""What is looked at where a requirement does not say: of a person the feet and the face, of a listener the ears."""
_STEP_INDOORS_M: Final = 0.25
_STEP_OUTDOORS_M: Final = 0.5
_MOST_CELLS: Final = 20_000
_BELOW_M: Final = 5.0
_AROUND_M: Final = 100.0
"""A site that draws no boundary is taken to reach so far beyond its buildings."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A place and what is required of it.

    Attributes
    ----------
    id : of the zone or space
    area : in the site frame
    elevation_m : of its floor
    storey : it lies on; none means in the open
    facing_deg : the way people or vehicles face there
    """

    id: str
    name: Text
    requirement: Requirement
    area: BaseGeometry
    elevation_m: float
    storey: str | None
    facing_deg: float | None = None

    @property
    def heights_m(self) -> tuple[float, ...]:
        """Heights above the floor that count."""
        return self.requirement.target_heights_m or _HEIGHTS_M.get(self.requirement.kind, (1.0,))


@dataclass(frozen=True, slots=True, eq=False)
class PlaceGrids:
    """The samples of a place: one grid a height, all over the same cells.

    Attributes
    ----------
    cells_m : (cells, 2) middle of each cell
    cell_m2 : its area
    """

    place: Place
    grids: tuple[Grid, ...]
    cells_m: NDArray[np.float64]
    cell_m2: float


def required_places(index: SiteIndex, kinds: Collection[str], *, hidden: Occluders | None = None) -> Iterator[Place]:
    """The zones and spaces that a requirement of one of the kinds holds for; `loose_zones` has what is left out.

    Parameters
    ----------
    hidden : what stands there, so that places are without walls, columns and, in the open, buildings; spaces reach to
        the middle of their walls
    """
    by_id = {r.id: r for r in index.site.requirements if r.kind in kinds}
    taken = None if hidden is None else cache(hidden.taken_at)
    for zone in index.site.zones:
        if zone.requirement in by_id and (zone.storey is None or zone.storey in index.storeys):
            elevation_m = zone.elevation_m if zone.storey is None else index.storeys[zone.storey].elevation_m
            area = as_drawn(zone.polygon)
            made = Place(zone.id, zone.name, by_id[zone.requirement], area, elevation_m, zone.storey, zone.facing_deg)
            yield _free(made, taken)
    for requirement in by_id.values():
        wanted = frozenset(requirement.space_uses)
        for space in index.spaces.values():
            if space.template.use in wanted:
                area, storey = as_drawn(space.template.polygon), space.storey
                yield _free(Place(space.id, space.name, requirement, area, storey.elevation_m, storey.id), taken)


def _free(place: Place, taken: Callable[[str | None, float], BaseGeometry] | None) -> Place:
    if taken is None or not place.area.is_valid:
        return place
    return replace(place, area=place.area - taken(place.storey, place.elevation_m))


def loose_zones(index: SiteIndex) -> Iterator[Problem]:
    """Zones whose requirement or storey is not there, so that nothing can be said of them."""
    known = frozenset(requirement.id for requirement in index.site.requirements)
    for zone in index.site.zones:
        if zone.requirement not in known:
            said = f"zone {zone.id} asks for {zone.requirement}, which is not in requirements.yaml; add it there"
            yield Problem("unknown-requirement", zone.id, said)
        elif zone.storey is not None and zone.storey not in index.storeys:
            said = f"zone {zone.id} lies on storey {zone.storey}, which no building has; correct its storey"
            yield Problem("unknown-storey", zone.id, said)


def zones_outside(index: SiteIndex, kinds: Collection[str]) -> Iterator[Problem]:
    """Zones that lie where the site is not, or off their storey; they are reckoned all the same."""
    grounds: BaseGeometry | None = None
    low_m, high_m = heights_m(index)
    asked = frozenset(requirement.id for requirement in index.site.requirements if requirement.kind in kinds)
    for zone in index.site.zones:
        if zone.requirement not in asked:
            continue
        area = to_shapely(zone.polygon)
        if zone.storey is not None and zone.storey in index.storeys:
            storey = to_shapely(index.storeys[zone.storey].template.polygon)
            if not area.intersects(storey):
                said = f"zone {zone.id} lies outside of its storey {zone.storey}; move it, or correct its storey"
                yield Problem("zone-outside", zone.id, said)
        elif zone.storey is None:
            grounds = extent(index) if grounds is None else grounds
            if not low_m <= zone.elevation_m <= high_m:
                said = f"zone {zone.id} lies at {zone.elevation_m:g} m, the site is from {low_m:g} m to {high_m:g} m"
                yield Problem("zone-outside", zone.id, f"{said}; correct its elevation_m")
            elif not area.intersects(grounds):
                said = f"zone {zone.id} lies outside of the site; move it, or the site's boundary"
                yield Problem("zone-outside", zone.id, said)


def heights_m(index: SiteIndex) -> tuple[float, float]:
    """Between which elevations things of a site are: from below its lowest floor to above its highest roof and mast.

    Where no building stands nobody knows.
    """
    if not index.site.buildings:
        return -math.inf, math.inf
    floors = [storey.elevation_m for storey in index.storeys.values()]
    roofs = [building.base_elevation_m + building.height_m for building in index.site.buildings]
    tops = [storey.elevation_m + storey.template.height_m for storey in index.storeys.values()]
    drawn = [feature.elevation_m for feature in index.site.grounds]
    return min([0.0, *floors, *drawn]) - _BELOW_M, max([0.0, *roofs, *tops, *drawn]) + _AROUND_M


def extent(index: SiteIndex) -> BaseGeometry:
    """Where the site is: its boundary, or the neighbourhood of its buildings."""
    grounds = index.site.grounds
    drawn = [to_shapely(g.geometry) for g in grounds if g.use == "site_boundary" and isinstance(g.geometry, Polygon)]
    if drawn:
        return shapely.union_all(drawn)
    feet = [to_shapely(b.footprint) for b in index.site.buildings]
    return shapely.union_all(feet).envelope.buffer(_AROUND_M) if feet else shapely.box(-1e9, -1e9, 1e9, 1e9)


def sampled(place: Place, *, owner: int, step_m: float | None = None) -> PlaceGrids | Problem:
    """The samples of a place, or why there are none.

    Parameters
    ----------
    step_m : from sample to sample; none means what pictures need
    """
    if place.area.is_empty or place.area.area <= 0 or (isinstance(place.area, shapely.Polygon) and fault(place.area)):
        if place.area.is_empty:
            said = (
                f"{place.id} cannot be sampled: nothing of it is free, walls and what stands there take all. Move it."
            )
        else:
            why = fault(place.area) if isinstance(place.area, shapely.Polygon) else None
            reason = why[0] if why else "it has no area"
            said = f"{place.id} cannot be sampled: {reason}. Draw its outline anew."
        return Problem("place-without-samples", place.id, said)
    if step_m is None:
        step_m = _STEP_OUTDOORS_M if place.storey is None else _STEP_INDOORS_M
    step_m = max(step_m, math.sqrt(place.area.area / _MOST_CELLS))
    try:
        first = finest_grid_over(
            place.area, step_m=step_m, z_m=place.elevation_m, height_m=place.heights_m[0], owner=owner
        )
    except SamplesError as error:
        return Problem("place-without-samples", place.id, f"{place.id} cannot be sampled: {error}")
    grids = [Grid(first.corner_m, first.step_m, first.inside, first.plane_m, h, owner) for h in place.heights_m]
    return PlaceGrids(place, tuple(grids), first.points_m()[:, :2], first.step_m**2)
