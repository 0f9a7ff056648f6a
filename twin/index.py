"""From ids to rows: the one bridge from the model to the columns.

Typical storeys are expanded here into those that stand on the ground, and every channel of every device gets its
row. Rows belong to one version of the index (`SiteIndex.version`) and never leave the process but in feed frames
whose header names that version.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geometry.polygons import usable
from pipe_network.inp import parse
from pipe_network.model import Network
from twin.errors import UnknownIdError
from twin.model.base import Polygon, Text, fill_template
from twin.model.buildings import Building, Obstacle, Opening, Space, Storey
from twin.model.devices import Channel, Device, DeviceKind
from twin.model.site import Site

SLAB_M = 0.12
"""Thickness of a slab where a space states no clear height."""


@dataclass(frozen=True, slots=True)
class PlacedStorey:
    """A storey that stands on the ground: one number of a typical storey."""

    id: str
    number: int
    elevation_m: float
    template: Storey
    building: Building

    @property
    def name(self) -> Text:
        """Its name with the number filled in."""
        return self.template.name.fill(self.number)


@dataclass(frozen=True, slots=True)
class PlacedSpace:
    """A space on a storey that stands on the ground; the polygon is shared with its template."""

    id: str
    storey: PlacedStorey
    template: Space

    @property
    def name(self) -> Text:
        """Its name with the number filled in."""
        return self.template.name.fill(self.storey.number)

    @property
    def parent(self) -> str | None:
        """Id of the space it is part of."""
        parent = self.template.parent
        return None if parent is None else fill_template(parent, self.storey.number)

    @property
    def height_m(self) -> float:
        """Clear height."""
        return self.template.height_m or self.storey.template.height_m - SLAB_M


@dataclass(frozen=True, slots=True)
class PlacedOpening:
    """An opening on a storey that stands on the ground."""

    id: str
    storey: PlacedStorey
    template: Opening

    @property
    def connects(self) -> tuple[str, str]:
        """Ids of the two spaces, or ``outside``."""
        a, b = self.template.connects
        return fill_template(a, self.storey.number), fill_template(b, self.storey.number)


@dataclass(frozen=True, slots=True)
class PlacedObstacle:
    """An obstacle on a storey that stands on the ground."""

    id: str
    storey: PlacedStorey
    template: Obstacle


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel of a device: one row of every column."""

    row: int
    device: Device
    kind: DeviceKind
    channel: Channel

    @property
    def id(self) -> str:
        """``device:channel``; a colon is in no id, so it can be split."""
        return f"{self.device.id}:{self.channel.id}"


def as_drawn(polygon: Polygon) -> shapely.Polygon:
    """The polygon as shapely's, with the faults it is drawn with."""
    return shapely.Polygon(polygon.outer, polygon.holes)


def to_shapely(polygon: Polygon) -> shapely.Polygon:
    """The polygon as shapely's, for computing: of one that is drawn with a fault what can be reckoned with."""
    return usable(as_drawn(polygon))


@dataclass(frozen=True)
class SiteIndex:
    """Everything of a site by id, and its channels by row. Make one with `build`."""

    site: Site
    buildings: dict[str, Building]
    storeys: dict[str, PlacedStorey]
    spaces: dict[str, PlacedSpace]
    openings: dict[str, PlacedOpening]
    obstacles: dict[str, PlacedObstacle]
    kinds: dict[str, DeviceKind]
    devices: dict[str, Device]
    channels: tuple[ChannelRow, ...]
    rows: dict[str, int]
    """Row of each channel id ``device:channel``."""
    first_row: dict[str, int]
    """Row of the first channel of each device; its channels follow in the order of its kind."""
    _points: dict[int, tuple[float, float]] = field(default_factory=dict, repr=False)
    _networks: dict[str, Network] = field(default_factory=dict, repr=False)

    @cached_property
    def version(self) -> int:
        """Checksum of the channel ids in row order; changes when rows change their meaning."""
        return zlib.crc32("\n".join(c.id for c in self.channels).encode())

    @cached_property
    def intervals_s(self) -> NDArray[np.float64]:
        """(n,) reporting interval of each channel. [s]"""
        return np.array([c.channel.interval_s for c in self.channels], dtype=np.float64)

    @cached_property
    def ranges(self) -> NDArray[np.float64]:
        """(n, 2) possible values of each channel, infinite where the kind states none. [SI]"""
        return np.array([c.channel.range or (-np.inf, np.inf) for c in self.channels], dtype=np.float64).reshape(-1, 2)

    def device(self, device_id: str) -> Device:
        """The device of that id.

        Raises
        ------
        UnknownIdError
            If there is none; it names the nearest.
        """
        try:
            return self.devices[device_id]
        except KeyError:
            raise UnknownIdError("device", device_id, self.devices) from None

    def row(self, channel_id: str) -> int:
        """The row of ``device:channel``.

        Raises
        ------
        UnknownIdError
            If there is none; it names the nearest.
        """
        try:
            return self.rows[channel_id]
        except KeyError:
            raise UnknownIdError("channel", channel_id, self.rows) from None

    def network(self, network_id: str) -> Network:
        """A network as its EPANET file says; parsed when first asked for.

        Raises
        ------
        UnknownIdError
            If there is none of that id.
        PipeNetworkError
            If its file cannot be read.
        """
        if network_id not in self._networks:
            texts = {n.id: n.inp for n in self.site.networks}
            if network_id not in texts:
                raise UnknownIdError("network", network_id, texts)
            self._networks[network_id] = parse(texts[network_id])
        return self._networks[network_id]

    def space_point(self, space_id: str) -> tuple[float, float, float]:
        """A point on the floor of a space, surely inside it: x, y, z in the site frame. [m]"""
        try:
            space = self.spaces[space_id]
        except KeyError:
            raise UnknownIdError("space", space_id, self.spaces) from None
        key = id(space.template)
        if key not in self._points:
            inside = to_shapely(space.template.polygon).representative_point()
            self._points[key] = (inside.x, inside.y)
        return (*self._points[key], space.storey.elevation_m)

    def device_point(self, device: Device) -> tuple[float, float, float]:
        """Where the device is: its own position, or a point in its space at its kind's mounting height. [m]"""
        if device.x_m is not None and device.y_m is not None and device.z_m is not None:
            return device.x_m, device.y_m, device.z_m
        x, y, z = self.space_point(device.space or "")
        return x, y, z + self.kinds[device.kind].mount_height_m


def build(site: Site) -> SiteIndex:
    """The index of a site: typical storeys expanded, channels in rows.

    Raises
    ------
    UnknownIdError
        If a device's kind is not in the site's kinds. (`twin.validation` reports all such faults at once.)
    """
    storeys: dict[str, PlacedStorey] = {}
    spaces: dict[str, PlacedSpace] = {}
    openings: dict[str, PlacedOpening] = {}
    obstacles: dict[str, PlacedObstacle] = {}
    for building in site.buildings:
        for template in building.storeys:
            for k, number in enumerate(template.numbers):
                storey = PlacedStorey(
                    fill_template(template.id, number),
                    number,
                    template.elevation_m + k * template.height_m,
                    template,
                    building,
                )
                storeys[storey.id] = storey
                for space in template.spaces:
                    placed = PlacedSpace(fill_template(space.id, number), storey, space)
                    spaces[placed.id] = placed
                for opening in template.openings:
                    hole = PlacedOpening(fill_template(opening.id, number), storey, opening)
                    openings[hole.id] = hole
                for obstacle in template.obstacles:
                    thing = PlacedObstacle(fill_template(obstacle.id, number), storey, obstacle)
                    obstacles[thing.id] = thing
    kinds = {k.id: k for k in site.kinds}
    channels, first_row = _in_rows(site.devices, kinds)
    return SiteIndex(
        site=site,
        buildings={b.id: b for b in site.buildings},
        storeys=storeys,
        spaces=spaces,
        openings=openings,
        obstacles=obstacles,
        kinds=kinds,
        devices={d.id: d for d in site.devices},
        channels=channels,
        rows={c.id: c.row for c in channels},
        first_row=first_row,
    )


def with_devices(index: SiteIndex, devices: tuple[Device, ...]) -> SiteIndex:
    """The index of the same site with other devices; what stands there is not gone through again.

    Rows are those of the new devices, so they mean the same as before only if no device came, went or changed its kind.

    Raises
    ------
    UnknownIdError
        If a device's kind is not in the site's kinds.
    """
    # each device is validated already, and the site with two thousand of them takes as long as all the rest
    site, before = index.site.model_copy(update={"devices": devices}), index.site.devices
    other = [(a, b) for a, b in zip(before, devices, strict=False) if a is not b]
    if len(devices) == len(before) and all(a.id == b.id and a.kind == b.kind for a, b in other):
        # a camera is turned while someone drags it: its rows stay
        by_id = {**index.devices, **{b.id: b for _, b in other}}
        kept = list(index.channels)
        for _, device in other:
            first = index.first_row[device.id]
            for row in range(first, first + len(index.kinds[device.kind].channels)):
                kept[row] = ChannelRow(row, device, kept[row].kind, kept[row].channel)
        return replace(index, site=site, devices=by_id, channels=tuple(kept))
    channels, first_row = _in_rows(devices, index.kinds)
    return replace(
        index,
        site=site,
        devices={d.id: d for d in devices},
        channels=channels,
        rows={c.id: c.row for c in channels},
        first_row=first_row,
    )


def _in_rows(devices: Iterable[Device], kinds: dict[str, DeviceKind]) -> tuple[tuple[ChannelRow, ...], dict[str, int]]:
    """The channels of all devices in rows, and the first row of each device."""
    channels: list[ChannelRow] = []
    first_row: dict[str, int] = {}
    for device in devices:
        if device.kind not in kinds:
            raise UnknownIdError("device kind", device.kind, kinds)
        kind = kinds[device.kind]
        first = first_row[device.id] = len(channels)
        channels.extend(ChannelRow(row, device, kind, channel) for row, channel in enumerate(kind.channels, first))
    return tuple(channels), first_row
