"""Everything on a site that a page can name: its names, the way down to it, and a point to fly to."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, NamedTuple, get_args

import shapely

from twin.errors import UnknownIdError
from twin.index import to_shapely
from twin.model.base import Line, Polygon, Text
from twin.model.grounds import GroundFeature
from viewer.documents.names import Names, device_names, names
from viewer.documents.pipes import Pipes
from viewer.documents.places import Places, Step
from viewer.errors import NotFoundError

ThingType = Literal["device", "space", "storey", "building", "ground", "pipe", "node"]
THING_TYPES: Final[tuple[ThingType, ...]] = get_args(ThingType)

PointM = tuple[float, float, float]


class Thing(NamedTuple):
    """Something that has a place on the site."""

    type: ThingType
    id: str
    name: Names
    place: tuple[Step, ...]
    point_m: PointM


@dataclass(frozen=True)
class Things:
    """The things of one site index."""

    places: Places
    pipes: Pipes

    def get(self, kind: str, thing_id: str) -> Thing:
        """The thing of that type and id.

        Raises
        ------
        UnknownIdError
            If the site has none of that id; it names the nearest.
        NotFoundError
            If there is no such type.
        """
        describe = {
            "device": self._device,
            "space": self._space,
            "storey": self._storey,
            "building": self._building,
            "ground": self._ground,
            "pipe": self._link,
            "node": self._node,
        }.get(kind)
        if describe is None:
            raise NotFoundError(f"no type of thing {kind!r}; there are {', '.join(THING_TYPES)}")
        try:
            return describe(thing_id)
        except KeyError:
            raise UnknownIdError(kind, thing_id, self._known(kind)) from None

    def _device(self, thing_id: str) -> Thing:
        device = self.places.index.devices[thing_id]
        called = device_names(self.places.index, device)
        return Thing("device", thing_id, called, self.places.of_device(device), self.places.points_m[thing_id])

    def _space(self, thing_id: str) -> Thing:
        space = self.places.index.spaces[thing_id]
        point_m = self.places.index.space_point(thing_id)
        return Thing("space", thing_id, names(space.name, thing_id), self.places.of_space(space), point_m)

    def _storey(self, thing_id: str) -> Thing:
        storey = self.places.index.storeys[thing_id]
        point_m = (*_inside(storey.template.polygon), storey.elevation_m)
        return Thing("storey", thing_id, names(storey.name, thing_id), self.places.of_storey(storey), point_m)

    def _building(self, thing_id: str) -> Thing:
        building = self.places.index.buildings[thing_id]
        point_m = (*_inside(building.footprint), building.base_elevation_m + building.height_m / 2)
        return Thing("building", thing_id, names(building.name, thing_id), (), point_m)

    def _ground(self, thing_id: str) -> Thing:
        ground = self.grounds[thing_id]
        return Thing("ground", thing_id, names(ground.name, thing_id), (), _ground_point(ground))

    def _link(self, thing_id: str) -> Thing:
        link = self.pipes.links[thing_id]
        return Thing("pipe", thing_id, link.name, _network_step(link.network, link.network_name), link.middle_m)

    def _node(self, thing_id: str) -> Thing:
        node = self.pipes.nodes[thing_id]
        return Thing("node", thing_id, node.name, _network_step(node.network, node.network_name), node.point_m)

    def _known(self, kind: str) -> Iterator[str]:
        return (thing_id for type_, thing_id, _, _ in self.all_names() if type_ == kind)

    @cached_property
    def grounds(self) -> dict[str, GroundFeature]:
        """Ground features by id."""
        return {ground.id: ground for ground in self.places.index.site.grounds}

    def all_names(self) -> Iterator[tuple[ThingType, str, Names, tuple[Step, ...]]]:
        """Type, id, names and place of everything, without the points: those cost more and are seldom wanted."""
        index, places = self.places.index, self.places
        for building in index.site.buildings:
            yield "building", building.id, names(building.name, building.id), ()
        for storey in index.storeys.values():
            yield "storey", storey.id, names(storey.name, storey.id), places.of_storey(storey)
        for space in index.spaces.values():
            yield "space", space.id, names(space.name, space.id), places.of_space(space)
        for device in index.site.devices:
            yield "device", device.id, device_names(index, device), places.of_device(device)
        for ground in self.grounds.values():
            yield "ground", ground.id, names(ground.name, ground.id), ()
        for link in self.pipes.links.values():
            yield "pipe", link.id, link.name, _network_step(link.network, link.network_name)
        for node in self.pipes.nodes.values():
            yield "node", node.id, node.name, _network_step(node.network, node.network_name)


def _network_step(network_id: str, name: Text) -> tuple[Step, ...]:
    return (Step("network", network_id, name),)


def _inside(polygon: Polygon) -> tuple[float, float]:
    point = to_shapely(polygon).representative_point()
    return float(point.x), float(point.y)


def _ground_point(ground: GroundFeature) -> PointM:
    geometry = ground.geometry
    if isinstance(geometry, Polygon):
        return (*_inside(geometry), ground.elevation_m)
    if isinstance(geometry, Line):
        middle = shapely.LineString(geometry.points).interpolate(0.5, normalized=True)
        return float(middle.x), float(middle.y), ground.elevation_m
    return (*geometry, ground.elevation_m)
