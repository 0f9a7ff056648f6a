"""Small houses to walk through: storeys alike, 3 m high, with ids that hold {n}."""

from collections.abc import Iterable

from tests.twin.riverside_in_small import box
from twin.model.base import Polygon, Text
from twin.model.buildings import Building, Opening, Space, SpaceUse, Storey
from twin.model.devices import Device, DeviceKind
from twin.model.grounds import GroundFeature
from twin.model.site import Origin, Site

XY = tuple[float, float]
Rooms = Iterable[tuple[str, SpaceUse, Polygon]]


def house(
    spaces: Rooms,
    doors: Iterable[Opening] = (),
    *,
    last: int = 1,
    **building: object,
) -> Building:
    """A house of storeys alike, 3 m high, from number 1 on; ids hold {n}."""
    made = tuple(Space(id=f"h/f{{n}}/{name}", use=use, polygon=polygon) for name, use, polygon in spaces)
    xs, ys = zip(*(point for space in made for point in space.polygon.outer), strict=True)
    outline = box(min(xs), min(ys), max(xs), max(ys))
    storey = Storey(
        id="h/f{n}", first=1, last=last, elevation_m=0.0, height_m=3.0, polygon=outline, spaces=made,
        openings=tuple(doors), obstacles=(),
    )  # fmt: skip
    fields = {"id": "h", "use": "other", "footprint": outline, "height_m": 3.0 * last, "storeys": (storey,)} | building
    return Building.model_validate(fields)


def door(name: str, line: tuple[XY, XY], a: str, b: str, **changes: object) -> Opening:
    ends = tuple(end if end == "outside" else f"h/f{{n}}/{end}" for end in (a, b))
    fields = {"id": f"h/f{{n}}/{name}", "kind": "door", "line": line, "connects": ends} | changes
    return Opening.model_validate(fields)


THING = DeviceKind(id="thing", name=Text(en="Thing"), system="fire", mount_height_m=1.0)


def on(
    *buildings: Building,
    grounds: Iterable[GroundFeature] = (),
    devices: Iterable[Device] = (),
    kinds: Iterable[DeviceKind] = (THING,),
    **more: object,
) -> Site:
    """A site of some buildings."""
    made = Site(
        id="s", name=Text(en="S"), origin=Origin(lon_deg=121.4, lat_deg=31.2), buildings=buildings,
        grounds=tuple(grounds), kinds=tuple(kinds), devices=tuple(devices),
    )  # fmt: skip
    return made.replace(**more)
