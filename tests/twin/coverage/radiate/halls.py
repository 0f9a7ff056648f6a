"""Halls of a few rooms, with devices whose reach can be reckoned by hand.

One storey 3 m high unless said otherwise (clear 3 m), floor at 0; walls stand where rooms end.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from tests.twin.riverside_in_small import box
from twin.coverage.prepared import Prepared, prepare
from twin.index import SiteIndex, build
from twin.model.base import Polygon, Text
from twin.model.buildings import Building, Obstacle, Opening, Space, Storey
from twin.model.devices import Channel, Device, DeviceKind, Reach
from twin.model.grounds import Requirement, Zone
from twin.model.site import Origin, Site
from twin.state import Quality, Readings, State, StateSnapshot

STATES = {0: Text(en="normal"), 1: Text(en="alarm"), 2: Text(en="fault")}
LAMP_STATES = {0: Text(en="off"), 1: Text(en="on"), 2: Text(en="fault")}


def kind(name: str, reach: Reach, *channels: Channel, mount_m: float = 2.8) -> DeviceKind:
    return DeviceKind(
        id=name, name=Text(en=name), system="fire", channels=channels, reaches=reach, mount_height_m=mount_m
    )


STATUS = Channel(id="status", unit="state", interval_s=60, states={0: Text(en="offline"), 1: Text(en="online")})
KINDS = (
    kind("smoke", "smoke", Channel(id="state", unit="state", interval_s=60, states=STATES)),
    kind("heat", "heat", Channel(id="state", unit="state", interval_s=60, states=STATES)),
    kind("speaker", "sound", STATUS),
    kind("ap", "wifi", STATUS),
    kind(
        "lamp",
        "light",
        Channel(id="state", unit="state", interval_s=60, states=LAMP_STATES),
        Channel(id="power", unit="w", interval_s=60),
        Channel(id="level", unit="ratio", interval_s=60),
    ),
)


def l_shape(size_m: float, arm_m: float) -> Polygon:
    """An L: two arms as long as `size_m`, as wide as `arm_m`, along the x and the y axis."""
    return Polygon(outer=((0, 0), (size_m, 0), (size_m, arm_m), (arm_m, arm_m), (arm_m, size_m), (0, size_m)))


def device(name: str, of: str, at_m: tuple[float, float, float], **changes: object) -> Device:
    x, y, z = at_m
    return Device.model_validate({"id": name, "kind": of, "x_m": x, "y_m": y, "z_m": z} | changes)


def asked(of: str, **changes: object) -> Requirement:
    return Requirement.model_validate({"id": "asked", "kind": of, "space_uses": ("other", "corridor")} | changes)


def hall(
    rooms: Mapping[str, Polygon], devices: Iterable[Device], requirement: Requirement, *,
    storeys: int = 1, height_m: float = 3.0, clear_m: float | None = None, uses: Mapping[str, str] | None = None,
    openings: Sequence[Opening] = (), obstacles: Sequence[Obstacle] = (), zones: Sequence[Zone] = (),
    building_use: str = "other", **more: object,
) -> Site:  # fmt: skip
    """A building of rooms; ids are `hall/f{n}/NAME`."""
    xs = [x for room in rooms.values() for x, _ in room.outer]
    ys = [y for room in rooms.values() for _, y in room.outer]
    outline = box(min(xs), min(ys), max(xs), max(ys))
    spaces = tuple(
        Space.model_validate(
            {
                "id": f"hall/f{{n}}/{name}",
                "use": (uses or {}).get(name, "other"),
                "polygon": room,
                "height_m": clear_m or height_m,
            }
        )
        for name, room in rooms.items()
    )
    storey = Storey(
        id="hall/f{n}", first=1, last=storeys, elevation_m=0.0, height_m=height_m, polygon=outline, spaces=spaces,
        openings=tuple(openings), obstacles=tuple(obstacles),
    )  # fmt: skip
    building = {"id": "hall", "use": building_use, "footprint": outline, "height_m": height_m * storeys}
    site = Site(
        id="hall",
        name=Text(en="Hall"),
        origin=Origin(lon_deg=121.4, lat_deg=31.2),
        buildings=(Building.model_validate(building | {"storeys": (storey,)}),),
        zones=tuple(zones),
        requirements=(requirement,),
        kinds=KINDS,
        devices=tuple(devices),
    )
    return site.replace(**more) if more else site


def open_ground(devices: Iterable[Device], requirement: Requirement, area: Polygon, **more: object) -> Site:
    """Nothing but a zone in the open."""
    site = Site(
        id="field",
        name=Text(en="Field"),
        origin=Origin(lon_deg=121.4, lat_deg=31.2),
        zones=(Zone(id="zone", requirement=requirement.id, polygon=area),),
        requirements=(requirement,),
        kinds=KINDS,
        devices=tuple(devices),
    )
    return site.replace(**more) if more else site


def ready(site: Site) -> Prepared:
    return prepare(build(site))


def state(index: SiteIndex, told: Mapping[str, float], *, now_s: float = 10.0) -> StateSnapshot:
    """A state in which channels have told values at second 0, and no others anything."""
    held = State(index.intervals_s)
    rows = np.array([index.rows[channel] for channel in told], dtype=np.int32)
    good = np.full(len(rows), Quality.GOOD, dtype=np.uint8)
    held.apply(Readings(rows, np.zeros(len(rows)), np.array(list(told.values())), good))
    return held.snapshot(now_s)
