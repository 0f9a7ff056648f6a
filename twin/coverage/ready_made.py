"""What the property standard asks cameras for, ready-made for a site: its clauses on the spaces they concern.

A site states its own requirements; these are for one that states none yet, or to see what the standard alone asks.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Literal

import shapely
import yaml
from shapely.geometry.base import BaseGeometry

from geometry.meshes import polygons_of
from twin.coverage.levels import Certainty
from twin.index import PlacedOpening, PlacedSpace, SiteIndex, to_shapely
from twin.model.base import Line, Model, Polygon, Text, fill_template
from twin.model.buildings import OUTSIDE, Lift
from twin.model.grounds import GroundFeature, GroundUse, Requirement, Zone
from twin.model.site import Site


class Asked(Model):
    """What a clause asks cameras for, and where; see `values/clauses.yaml`."""

    id: str
    clause: str
    name: Text
    space_uses: tuple[str, ...] = ()
    ground_uses: tuple[GroundUse, ...] = ()
    doors_of: tuple[str, ...] = ()
    lift_cars: bool = False
    around_m: float = 0.0
    level: str
    edition: Literal["2015", "2025"]
    min_share_ratio: float
    target_heights_m: tuple[float, ...] = ()
    certainty: Certainty


@cache
def asked_by_the_standard() -> tuple[Asked, ...]:
    """The clauses that ask for cameras."""
    text = files("twin.coverage").joinpath("values/clauses.yaml").read_text(encoding="utf-8")
    made = yaml.safe_load(text)
    return tuple(Asked(edition=made["edition"], **each) for each in made["asked"])


def by_the_standard(index: SiteIndex) -> Site:
    """A site whose requirements for cameras are those of the standard instead of its own."""
    site, asked = index.site, asked_by_the_standard()
    own = {requirement.id for requirement in site.requirements if requirement.kind == "camera"}
    others = [requirement for requirement in site.requirements if requirement.id not in own]
    zones = [zone for zone in site.zones if zone.requirement not in own]
    zones += [zone for each in asked for zone in _zones(each, index)]
    return site.replace(requirements=(*others, *map(_requirement, asked)), zones=tuple(zones))


def _requirement(asked: Asked) -> Requirement:
    return Requirement(
        id=asked.id,
        name=asked.name,
        kind="camera",
        clauses=(asked.clause,),
        space_uses=asked.space_uses,
        level=asked.level,
        edition=asked.edition,
        min_share_ratio=asked.min_share_ratio,
        target_heights_m=asked.target_heights_m,
    )


def _zones(asked: Asked, index: SiteIndex) -> Iterator[Zone]:
    """The zones a clause concerns, beside the spaces of its uses."""
    grounds = index.site.grounds
    within = [to_shapely(g.geometry) for g in grounds if g.use == "site_boundary" and isinstance(g.geometry, Polygon)]
    for feature in grounds:
        if feature.use in asked.ground_uses:
            area = _around(feature, asked.around_m)
            if feature.use in {"gate", "vehicle_gate"} and within:
                area = area & shapely.union_all(within)  # who comes is looked at inside, where the cameras are
            yield from _drawn(asked, feature.id, feature.name, area, elevation_m=feature.elevation_m)
    for opening in index.openings.values():
        if asked.doors_of and opening.template.kind != "window" and _is_entrance(opening, index, asked):
            house = to_shapely(opening.storey.building.footprint)
            area = shapely.LineString(opening.template.line).buffer(asked.around_m, cap_style="flat") - house
            yield from _drawn(asked, opening.id, asked.name, area, elevation_m=opening.storey.elevation_m)
    if asked.lift_cars:
        for building in index.site.buildings:
            for lift in building.lifts:
                shaft = _lowest(lift, index)
                if shaft is not None:
                    car = to_shapely(shaft.template.polygon).buffer(asked.around_m, join_style="mitre")
                    yield from _drawn(asked, lift.id, lift.name, car, storey=shaft.storey.id)


def _around(feature: GroundFeature, around_m: float) -> BaseGeometry:
    """The area of a feature: a line is as broad as it says, but a gate reaches into the site, a point is a square."""
    if isinstance(feature.geometry, Polygon):
        return to_shapely(feature.geometry)
    if isinstance(feature.geometry, Line):
        is_gate = feature.use in {"gate", "vehicle_gate"}
        half_m = around_m if is_gate or feature.width_m is None else feature.width_m / 2
        return shapely.LineString(feature.geometry.points).buffer(half_m, cap_style="flat", join_style="mitre")
    half_m = around_m if feature.width_m is None else feature.width_m / 2
    return shapely.Point(feature.geometry).buffer(half_m, cap_style="square")


def _is_entrance(opening: PlacedOpening, index: SiteIndex, asked: Asked) -> bool:
    """Whether an opening leads from a space of the uses asked for into the open."""
    ends = opening.connects
    uses = {index.spaces[end].template.use for end in ends if end in index.spaces}
    return OUTSIDE in ends and not uses.isdisjoint(asked.doors_of)


def _lowest(lift: Lift, index: SiteIndex) -> PlacedSpace | None:
    """The shaft of a lift on the lowest storey above ground that it stops at; below ground if it stops nowhere else."""
    stops = range(lift.first, lift.last + 1)
    for number in sorted(stops, key=lambda n: (n < 1, n)):
        shaft = index.spaces.get(fill_template(lift.space, number))
        if shaft is not None:
            return shaft
    return None


def _drawn(
    asked: Asked, name_id: str, name: Text, area: BaseGeometry, *, storey: str | None = None, elevation_m: float = 0.0
) -> Iterator[Zone]:
    """A zone for each part of an area."""
    for k, part in enumerate(map(shapely.geometry.polygon.orient, polygons_of(area))):
        rings = [part.exterior, *part.interiors]
        outer, *holes = (tuple((float(x), float(y)) for x, y in ring.coords[:-1]) for ring in rings)
        yield Zone(
            id=f"{asked.id}/{name_id}" + (f"/{k + 1}" if k else ""),
            name=name if name != Text() else asked.name,
            requirement=asked.id,
            polygon=Polygon(outer=outer, holes=tuple(holes)),
            storey=storey,
            elevation_m=elevation_m,
        )
