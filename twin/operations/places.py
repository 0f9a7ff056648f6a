"""Where things of the site are, as alarms and work orders say it."""

import shapely
from shapely.geometry.base import BaseGeometry

from twin.errors import UnknownIdError
from twin.index import SiteIndex, to_shapely
from twin.model.base import Line, Polygon, Text
from twin.model.grounds import GroundFeature
from twin.operations.errors import CommandError
from twin.operations.events import Phrase, Place
from twin.operations.pipe_places import node_place, phrase, pipe_place, storey_at

__all__ = ["PLACE_TYPES", "phrase", "place_of", "spot"]

PLACE_TYPES = ("device", "space", "storey", "building", "ground", "pipe", "node")


def place_of(index: SiteIndex, kind: str, object_id: str) -> Place:
    """The place of a device, space, storey, building, ground feature, pipe or node.

    Raises
    ------
    UnknownIdError
        If the site has no such object.
    CommandError
        If `kind` is none of `PLACE_TYPES`.
    """
    makers = {
        "device": _device, "space": _space, "storey": _storey, "building": _building, "ground": _ground,
        "pipe": pipe_place, "node": node_place,
    }  # fmt: skip
    if kind not in makers:
        raise CommandError("place.type", f"{kind!r} is no kind of place; use one of {', '.join(PLACE_TYPES)}")
    return makers[kind](index, object_id)


def _space(index: SiteIndex, space_id: str) -> Place:
    point = index.space_point(space_id)
    space = index.spaces[space_id]
    return Place("space", space_id, _named(space.name, space_id), point, space.storey.id)


def spot(index: SiteIndex, point_m: tuple[float, float, float], name: Phrase, storey: str | None) -> Place:
    """A spot that is no object of its own: told as the storey it is on, or what of the ground is nearest to it.

    Parameters
    ----------
    name : what it is called
    """
    if storey is not None and storey in index.storeys:
        return Place("storey", storey, name, point_m, storey)
    near = min(
        index.site.grounds, key=lambda feature: _shape(feature).distance(shapely.Point(point_m[:2])), default=None
    )  # fmt: skip
    if near is not None:
        return Place("ground", near.id, name, point_m)
    return Place("building", next(iter(index.buildings), ""), name, point_m)


def _shape(feature: GroundFeature) -> BaseGeometry:
    shape = feature.geometry
    if isinstance(shape, Polygon):
        return to_shapely(shape)
    return shapely.LineString(shape.points) if isinstance(shape, Line) else shapely.Point(shape)


def _storey(index: SiteIndex, storey_id: str) -> Place:
    if storey_id not in index.storeys:
        raise UnknownIdError("storey", storey_id, index.storeys)
    storey = index.storeys[storey_id]
    inside = to_shapely(storey.template.polygon).representative_point()
    return Place(
        "storey", storey_id, _named(storey.name, storey_id), (inside.x, inside.y, storey.elevation_m), storey_id
    )


def _building(index: SiteIndex, building_id: str) -> Place:
    if building_id not in index.buildings:
        raise UnknownIdError("building", building_id, index.buildings)
    building = index.buildings[building_id]
    inside = to_shapely(building.footprint).representative_point()
    point_m = (inside.x, inside.y, building.base_elevation_m)
    return Place("building", building_id, _named(building.name, building_id), point_m)


def _named(text: Text, object_id: str) -> Phrase:
    named = phrase(text)
    return named if named.zh else Phrase(object_id, object_id)


def _device(index: SiteIndex, device_id: str) -> Place:
    device = index.device(device_id)
    point_m = index.device_point(device)
    space = index.spaces.get(device.space or "")
    storey = storey_at(index, point_m) if space is None else space.storey.id
    own = device.name if device.name.zh or device.name.en else index.kinds[device.kind].name
    return Place("device", device_id, _named(own, device_id), point_m, storey)


def _ground(index: SiteIndex, ground_id: str) -> Place:
    for feature in index.site.grounds:
        if feature.id == ground_id:
            shape = feature.geometry
            if isinstance(shape, Polygon):
                inside = to_shapely(shape).representative_point()
                x, y = inside.x, inside.y
            elif isinstance(shape, Line):
                x, y = shape.points[len(shape.points) // 2]
            else:
                x, y = shape
            return Place("ground", ground_id, _named(feature.name, ground_id), (x, y, feature.elevation_m))
    raise UnknownIdError("ground feature", ground_id, [f.id for f in index.site.grounds])
