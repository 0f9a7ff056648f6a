"""Where things of the site are, as alarms and work orders say it."""

import shapely

from twin.errors import UnknownIdError
from twin.index import SiteIndex, to_shapely
from twin.model.base import Line, Polygon, Text
from twin.operations.errors import CommandError
from twin.operations.events import Phrase, Place

PLACE_TYPES = ("device", "space", "storey", "building", "ground")


def phrase(text: Text) -> Phrase:
    """A text of the model as an event keeps it; an absent language falls back to the other."""
    return Phrase(text.zh or text.en, text.en or text.zh)


def place_of(index: SiteIndex, kind: str, object_id: str) -> Place:
    """The place of a device, space, storey, building or ground feature.

    Raises
    ------
    UnknownIdError
        If the site has no such object.
    CommandError
        If `kind` is none of `PLACE_TYPES`.
    """
    if kind == "device":
        return _device(index, object_id)
    if kind == "space":
        point = index.space_point(object_id)
        space = index.spaces[object_id]
        return Place(kind, object_id, _named(space.name, object_id), point, space.storey.id)
    if kind == "storey":
        if object_id not in index.storeys:
            raise UnknownIdError("storey", object_id, index.storeys)
        storey = index.storeys[object_id]
        inside = to_shapely(storey.template.polygon).representative_point()
        return Place(
            kind, object_id, _named(storey.name, object_id), (inside.x, inside.y, storey.elevation_m), object_id
        )
    if kind == "building":
        if object_id not in index.buildings:
            raise UnknownIdError("building", object_id, index.buildings)
        building = index.buildings[object_id]
        inside = to_shapely(building.footprint).representative_point()
        return Place(kind, object_id, _named(building.name, object_id), (inside.x, inside.y, building.base_elevation_m))
    if kind == "ground":
        return _ground(index, object_id)
    raise CommandError("place.type", f"{kind!r} is no kind of place; use one of {', '.join(PLACE_TYPES)}")


def _named(text: Text, object_id: str) -> Phrase:
    named = phrase(text)
    return named if named.zh else Phrase(object_id, object_id)


def _device(index: SiteIndex, device_id: str) -> Place:
    device = index.device(device_id)
    point_m = index.device_point(device)
    space = index.spaces.get(device.space or "")
    storey = _storey_at(index, point_m) if space is None else space.storey.id
    own = device.name if device.name.zh or device.name.en else index.kinds[device.kind].name
    return Place("device", device_id, _named(own, device_id), point_m, storey)


def _storey_at(index: SiteIndex, point_m: tuple[float, float, float]) -> str | None:
    """The storey a point is on, for a device whose file names no space; none outdoors."""
    x, y, z = point_m
    for storey in index.storeys.values():
        on_level = 0 <= z - storey.elevation_m < storey.template.height_m
        if on_level and shapely.intersects_xy(to_shapely(storey.template.polygon), x, y):
            return storey.id
    return None


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
