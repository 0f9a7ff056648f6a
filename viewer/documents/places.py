"""Where things are: the building, storey and space of every device, and the way down to a space."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely

from twin.index import PlacedSpace, PlacedStorey, SiteIndex, to_shapely
from twin.model.base import Line, Polygon, Text
from twin.model.devices import Device

ABOVE_ROOF_M = 3.0
"""A device this far above a building's top still belongs to it: antennas and cameras stand on roofs."""


class Step(NamedTuple):
    """One step of the way down to a place."""

    type: str
    id: str
    name: Text


class DevicePlace(NamedTuple):
    """Ids of what a device is in; none outdoors."""

    building: str | None
    storey: str | None
    space: str | None


@dataclass(frozen=True)
class Places:
    """Places of a site, prepared once for one index."""

    index: SiteIndex

    def of_storey(self, storey: PlacedStorey) -> tuple[Step, ...]:
        """The building of a storey."""
        return (Step("building", storey.building.id, storey.building.name),)

    def of_space(self, space: PlacedSpace) -> tuple[Step, ...]:
        """Building, storey and the spaces it is part of, outermost first."""
        steps: list[Step] = []
        parent, seen = space.parent, {space.id}
        while parent is not None and parent in self.index.spaces and parent not in seen:
            outer = self.index.spaces[parent]
            steps.append(Step("space", outer.id, outer.name))
            seen.add(parent)
            parent = outer.parent
        storey = space.storey
        return (*self.of_storey(storey), Step("storey", storey.id, storey.name), *reversed(steps))

    def of_device(self, device: Device) -> tuple[Step, ...]:
        """Building, storey and spaces of a device, outermost first; nothing outdoors."""
        place = self.devices[device.id]
        if place.space is not None:
            space = self.index.spaces[place.space]
            return (*self.of_space(space), Step("space", space.id, space.name))
        if place.storey is not None:
            storey = self.index.storeys[place.storey]
            return (*self.of_storey(storey), Step("storey", storey.id, storey.name))
        if place.building is not None:
            building = self.index.buildings[place.building]
            return (Step("building", building.id, building.name),)
        return ()

    @cached_property
    def points_m(self) -> dict[str, tuple[float, float, float]]:
        """Position of every device in the site frame. [m]"""
        return {device.id: self.index.device_point(device) for device in self.index.site.devices}

    @cached_property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east and north of all that stands on the site, in the site frame. [m]"""
        site = self.index.site
        points_m: list[tuple[float, float]] = [p[:2] for p in self.points_m.values()]
        for building in site.buildings:
            points_m.extend(building.footprint.outer)
        for ground in site.grounds:
            if isinstance(ground.geometry, Polygon):
                points_m.extend(ground.geometry.outer)
            elif isinstance(ground.geometry, Line):
                points_m.extend(ground.geometry.points)
            else:
                points_m.append(ground.geometry)
        if not points_m:
            return 0.0, 0.0, 0.0, 0.0
        (x0, y0), (x1, y1) = np.min(points_m, axis=0).tolist(), np.max(points_m, axis=0).tolist()
        return round(x0, 3), round(y0, 3), round(x1, 3), round(y1, 3)

    @cached_property
    def devices(self) -> dict[str, DevicePlace]:
        """Building, storey and space of every device: as its file says, else by its position."""
        places: dict[str, DevicePlace] = {}
        unplaced: list[Device] = []
        for device in self.index.site.devices:
            space = None if device.space is None else self.index.spaces.get(device.space)
            if space is None:
                unplaced.append(device)
            else:
                places[device.id] = DevicePlace(space.storey.building.id, space.storey.id, space.id)
        places.update(self._by_position(unplaced))
        return places

    def _by_position(self, devices: list[Device]) -> dict[str, DevicePlace]:
        found = {device.id: DevicePlace(None, None, None) for device in devices}
        buildings = self.index.site.buildings
        if not devices or not buildings:
            return found
        points_m = np.array([self.points_m[device.id] for device in devices])
        tree = shapely.STRtree([to_shapely(b.footprint) for b in buildings])
        pairs = tree.query(shapely.points(points_m[:, :2]), predicate="intersects").T
        for row, k in pairs.tolist():
            building, z_m = buildings[k], float(points_m[row, 2])
            lowest_m = min((s.elevation_m for s in building.storeys), default=building.base_elevation_m)
            top_m = building.base_elevation_m + building.height_m + ABOVE_ROOF_M
            if not lowest_m - 0.5 <= z_m <= top_m or found[devices[row].id].storey is not None:
                continue
            storey = self._storey_at(building.id, points_m[row])
            space = None if storey is None else self._space_at(storey, points_m[row])
            found[devices[row].id] = DevicePlace(building.id, None if storey is None else storey.id, space)
        return found

    def _storey_at(self, building_id: str, point_m: np.ndarray) -> PlacedStorey | None:
        for storey in self._storeys_of.get(building_id, ()):
            if 0 <= point_m[2] - storey.elevation_m < storey.template.height_m and shapely.intersects_xy(
                self._storey_shapes[id(storey.template)], point_m[0], point_m[1]
            ):
                return storey
        return None

    def _space_at(self, storey: PlacedStorey, point_m: np.ndarray) -> str | None:
        inside = [
            s for s in self.spaces_of.get(storey.id, ())
            if shapely.intersects_xy(self._space_shape(s), point_m[0], point_m[1])
        ]  # fmt: skip
        # the smallest is the innermost: a room, not the flat it is part of
        return min(inside, key=lambda s: float(self._space_shape(s).area)).id if inside else None

    @cached_property
    def _storeys_of(self) -> dict[str, list[PlacedStorey]]:
        grouped: dict[str, list[PlacedStorey]] = {}
        for storey in self.index.storeys.values():
            grouped.setdefault(storey.building.id, []).append(storey)
        return grouped

    @cached_property
    def _storey_shapes(self) -> dict[int, shapely.Polygon]:
        templates = {id(s.template): s.template for s in self.index.storeys.values()}
        return {key: to_shapely(template.polygon) for key, template in templates.items()}

    @cached_property
    def spaces_of(self) -> dict[str, list[PlacedSpace]]:
        """Spaces of each storey."""
        grouped: dict[str, list[PlacedSpace]] = {}
        for space in self.index.spaces.values():
            grouped.setdefault(space.storey.id, []).append(space)
        return grouped

    @cached_property
    def _space_shapes(self) -> dict[int, shapely.Polygon]:
        return {}

    def _space_shape(self, space: PlacedSpace) -> shapely.Polygon:
        key = id(space.template)
        if key not in self._space_shapes:
            self._space_shapes[key] = to_shapely(space.template.polygon)
        return self._space_shapes[key]

    @cached_property
    def devices_in(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Ids of the devices in each ``(type, id)`` of building, storey and space; a flat holds those of its rooms."""
        grouped: dict[tuple[str, str], list[str]] = {}
        for device in self.index.site.devices:
            for step in self.of_device(device):
                grouped.setdefault((step.type, step.id), []).append(device.id)
        return {key: tuple(ids) for key, ids in grouped.items()}
