"""Where a way begins or ends: a room, a device, a building, a place outdoors, as points in rooms of the graph."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
import shapely.affinity

from geometry.walk_graph import Cell, Point3, nearest_on
from twin.errors import UnknownIdError, WayfindingError
from twin.fabric.site_graph import SiteGraph
from twin.index import to_shapely
from twin.model.base import Line, Text
from twin.model.base import Polygon as ModelPolygon
from twin.model.grounds import GroundFeature
from twin.wayfinding.access import Access, flat_of

_NEAR_M: Final = 2.0
"""An end may be so far beside where one can walk: one reaches out, steps from a car, or looks over a fence."""


_ARRIVED_BY: Final = frozenset({"stair", "lift_door", "ramp", "exit"})
_BELOW_M: Final = 0.2
"""A point so far under a storey's floor is still on it, as a drain is."""


class UnreachedError(WayfindingError):
    """A place that is drawn where nobody gets; `text` says why, in both languages."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


@dataclass(frozen=True, slots=True)
class End:
    """An end of ways.

    Attributes
    ----------
    spots : rows of cells, each with a point in it; any of them will do
    flats : that it is in, whose people let one in
    hatch : the opening behind which it is, where nobody can walk in there
    """

    id: str
    name: Text
    point_m: Point3
    storey: str | None
    spots: tuple[tuple[int, Point3], ...]
    flats: frozenset[str] = frozenset()
    hatch: str | None = None


def end_of(access: Access, object_id: str) -> End:
    """A space, device, storey, building or ground feature as an end.

    Raises
    ------
    UnknownIdError
        If the site has no such thing.
    UnreachedError
        If nobody can get to where it is drawn.
    """
    index = access.of.index
    if object_id in index.spaces:
        return in_space(access, object_id, object_id, index.spaces[object_id].name, index.space_point(object_id))
    if object_id in index.devices:
        device = index.devices[object_id]
        named = device.name if device.name.zh or device.name.en else index.kinds[device.kind].name
        return at_point(access, object_id, named, index.device_point(device), space=device.space)
    if object_id in index.buildings:
        return _building(access, object_id)
    if object_id in index.storeys:
        return _storey(access, object_id)
    for feature in index.site.grounds:
        if feature.id == object_id:
            x, y = _middle(feature)
            return at_point(access, object_id, feature.name, (x, y, feature.elevation_m))
    known = (*index.spaces, *index.devices, *index.buildings, *index.storeys, *(f.id for f in index.site.grounds))
    raise UnknownIdError("place", object_id, known)


def at_point(
    access: Access, object_id: str, name: Text, point_m: Point3, *, space: str | None = None, is_buried: bool = False
) -> End:
    """A point as an end.

    Parameters
    ----------
    space : that it is in; without one, what is around it, or the open ground
    is_buried : under the ground: the end is above it in the open, or as near as one gets

    Raises
    ------
    UnreachedError
        If nobody can get there.
    """
    index = access.of.index
    inside = space if space in index.spaces else _around(access, point_m)
    if inside is not None and not is_buried:
        return in_space(access, object_id, inside, name, point_m)
    cell = access.of.graph.cells[-1]
    above = (point_m[0], point_m[1], cell.z_m) if is_buried else point_m
    moved = nearest_on(cell, above, np.inf if is_buried else _reach_m(access.of))
    return _checked(access.of, End(object_id, name, above, None, ((len(access.of.graph.cells) - 1, moved),)))


def in_space(access: Access, object_id: str, space_id: str, name: Text, point_m: Point3) -> End:
    """A point in a space as an end; of a space that is parted in rooms, any room will do."""
    of, index = access.of, access.of.index
    space = index.spaces[space_id]
    storey, flat = space.storey, flat_of(index, space_id)
    flats = frozenset({flat} - {None}) if flat is not None else frozenset[str]()
    at = (point_m[0], point_m[1], storey.elevation_m)
    rooms = access.rooms_of.get(space_id, ())
    spots: tuple[tuple[int, Point3], ...]
    hatch = None
    if object_id == space_id and (doors := tuple(_inside_doors(of, rooms))):
        spots = doors
    elif space_id in of.cell_of:
        spots = (_in_cell(of, space_id, at),)
    else:
        found = list(_before(access, space_id))
        spots = tuple(spot for _, spot in found)
        # a lift's doors open of themselves
        hatch = found[0][0] if found and space.template.use != "lift_shaft" else None
    return _checked(of, End(object_id, name, at, storey.id, spots, flats, hatch))


def _checked(of: SiteGraph, end: End) -> End:
    """The end, if it is anywhere; where a room is too narrow for who comes, a way there is refused with that reason."""
    name = Text(zh=end.name.zh or end.name.en or end.id, en=end.name.en or end.name.zh or end.id)
    if not end.spots:
        raise UnreachedError(
            Text(
                zh=f"无法步行到达{name.zh}：它的房间没有通往别处的门，请补画",
                en=f"nobody can walk to {name.en}: no door of its room leads anywhere; draw one",
            )
        )
    cell, point = of.graph.cells[end.spots[0][0]], end.spots[0][1]
    if end.storey is None and not _is_on(cell, point):
        at = shapely.Point(*cell.own(np.array([end.point_m]))[0])
        off_m = np.inf if cell.floor is None else shapely.distance(cell.floor.area, at)
        wide_m = 2 * of.clearance_m
        raise UnreachedError(
            Text(
                zh=f"{name.zh}离宽{wide_m:.2g}米者能走的室外地面{off_m:.1f}米，只能到达{_NEAR_M:g}米以内的地方",
                en=f"{name.en} is {off_m:.1f} m from the open ground where somebody {wide_m:.2g} m wide can go; "
                f"only what is within {_NEAR_M:g} m of there can be reached",
            )
        )
    return end


def _is_on(cell: Cell, point: Point3) -> bool:
    return cell.floor is not None and bool(np.isfinite(cell.floor.onto(cell.own(np.array([point])))[1][0]))


def _in_cell(of: SiteGraph, space_id: str, at: Point3) -> tuple[int, Point3]:
    """The point in its room, or the middle of the room where it is too far inside a wall."""
    row = of.cell_of[space_id]
    cell, place = of.graph.cells[row], of.place_of.get(space_id)
    moved = nearest_on(cell, at, _reach_m(of))
    off_m = np.inf if cell.floor is None else float(cell.floor.onto(cell.own(np.array([moved])))[1][0])
    return (row, moved) if np.isfinite(off_m) or place is None else (row, of.graph.spots[place].point_m)


def _reach_m(of: SiteGraph) -> float:
    """How far beside a floor an end may be; its floor ends half the width of who comes before the walls."""
    return _NEAR_M + of.clearance_m


def _inside_doors(of: SiteGraph, rooms: Collection[str]) -> Iterator[tuple[int, Point3]]:
    """Within the doors that lead into some rooms: who is there has arrived in any of them."""
    cells = {of.cell_of[room] for room in rooms if room in of.cell_of}
    for row in sorted({row for cell in cells for row in of.graph.spots_in[cell]}):
        spot = of.graph.spots[row]
        inner = [cell for cell in spot.cells if cell in cells]
        if len(inner) == 1 and spot.kind in {"door", "exit"}:
            yield inner[0], spot.point_m


def _before(access: Access, space_id: str) -> Iterator[tuple[str | None, tuple[int, Point3]]]:
    """Before the doors of a shaft, in the rooms beside it; where it has none, in the nearest room."""
    of, has_door = access.of, False
    for opening in access.doors_at.get(space_id, ()):
        (x0, y0), (x1, y1) = opening.template.line
        for side in opening.connects:
            if side in of.cell_of:
                has_door = True
                point = ((x0 + x1) / 2, (y0 + y1) / 2, opening.storey.elevation_m)
                yield opening.id, (of.cell_of[side], point)
    if not has_door:
        yield from ((None, spot) for spot in _beside(access, space_id))


def _beside(access: Access, space_id: str) -> Iterator[tuple[int, Point3]]:
    """In the nearest room of the storey, before a wall of what is drawn without a door."""
    of, storey = access.of, access.of.index.spaces[space_id].storey
    shape = to_shapely(of.index.spaces[space_id].template.polygon)
    rows = {of.cell_of[name] for name, _ in access.spaces_on[storey.id] if name in of.cell_of}
    found = []
    for row in sorted(rows):
        cell = of.graph.cells[row]
        if cell.floor is None:
            continue
        line = shapely.shortest_line(cell.floor.area, shapely.affinity.translate(shape, *(-cell.shift_m)))
        if line.length <= _NEAR_M:
            x, y = np.array(line.coords[0]) + cell.shift_m
            # flats last: whoever comes for a riser goes to the corridor beside it
            found.append((bool(access.is_private[row]), line.length, row, (float(x), float(y), storey.elevation_m)))
    if found:
        *_, row, point = min(found)
        yield row, point


def _around(access: Access, point_m: Point3) -> str | None:
    """The smallest space around a point; none outdoors."""
    x, y, z = point_m
    index, at = access.of.index, shapely.Point(x, y)
    found = [
        (shape.area, space)
        for storey, spaces in access.spaces_on.items()
        if 0 <= z - index.storeys[storey].elevation_m + _BELOW_M < index.storeys[storey].template.height_m
        for space, shape in spaces
        if shape.intersects(at)
    ]
    return min(found)[1] if found else None


def _building(access: Access, building_id: str) -> End:
    """Before a building's entrances."""
    of, index = access.of, access.of.index
    building = index.buildings[building_id]
    ground = len(of.graph.cells) - 1
    rows = [
        row
        for row, spot in enumerate(of.graph.spots)
        if spot.kind == "exit" and index.openings[spot.id].storey.building.id == building_id
        and not access.is_aloft[row]
    ]  # fmt: skip
    inside = to_shapely(building.footprint).representative_point()
    point = (inside.x, inside.y, building.base_elevation_m)
    return _checked(
        of, End(building_id, building.name, point, None, tuple((ground, of.graph.spots[r].point_m) for r in rows))
    )


def _storey(access: Access, storey_id: str) -> End:
    """Where one comes onto a storey, by stair, lift, ramp or door; anywhere on one that nothing leads to."""
    of, storey = access.of, access.of.index.storeys[storey_id]
    cells = {of.cell_of[name] for name, _ in access.spaces_on.get(storey_id, ()) if name in of.cell_of}
    inside = to_shapely(storey.template.polygon).representative_point()
    found: dict[bool, list[tuple[int, Point3]]] = {True: [], False: []}
    for cell in sorted(cells):
        for row in of.graph.spots_in[cell]:
            spot = of.graph.spots[row]
            if spot.kind in _ARRIVED_BY or spot.kind == "place":
                found[spot.kind in _ARRIVED_BY].append((cell, spot.point_m))
    point = (inside.x, inside.y, storey.elevation_m)
    return _checked(of, End(storey_id, storey.name, point, storey_id, tuple(found[True] or found[False])))


def _middle(feature: GroundFeature) -> tuple[float, float]:
    geometry = feature.geometry
    if isinstance(geometry, ModelPolygon):
        inside = to_shapely(geometry).representative_point()
    elif isinstance(geometry, Line):
        inside = shapely.LineString(geometry.points).interpolate(0.5, normalized=True)
    else:
        return geometry[0], geometry[1]
    return inside.x, inside.y


__all__ = ["End", "at_point", "end_of", "in_space"]
