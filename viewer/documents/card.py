"""The card of a thing: what it is, where, its facts and the latest values of its channels."""

import datetime as dt
from typing import Any, Final, Literal

import numpy as np
from pydantic import BaseModel

from pipe_network.model import Pipe, Pump, Reservoir, Tank
from twin.index import SiteIndex, to_shapely
from twin.model.base import Line, Polygon
from twin.model.grounds import GroundFeature
from twin.state import Quality, StateSnapshot
from viewer.documents.names import Bilingual, names
from viewer.documents.pipes import PlacedLink, PlacedNode
from viewer.documents.things import Thing, Things, ThingType

QualityName = Literal["good", "uncertain", "stale", "bad", "never"]
QUALITY_NAMES: Final[dict[int, QualityName]] = {
    Quality.GOOD: "good",
    Quality.UNCERTAIN: "uncertain",
    Quality.STALE: "stale",
    Quality.BAD: "bad",
    Quality.NEVER: "never",
}
DEVICES_LIMIT: Final = 2000
"""Most devices a card lists; a building of a large site has more than anyone reads."""


class PlaceStep(BaseModel):
    """One step of the way down to a thing."""

    type: str
    id: str
    name: Bilingual


class Fact(BaseModel):
    """Something known about a thing; numbers are SI with their unit.

    ``read_in`` is the unit in which people read it where that is not its usual one: bores in millimetres.
    """

    name: Bilingual
    value: float | str | Bilingual
    unit: str | None = None
    read_in: Literal["mm", "permille"] | None = None


class ChannelValue(BaseModel):
    """A channel with its latest value."""

    id: str
    name: Bilingual
    unit: str
    row: int
    value: float | None
    quality: QualityName
    at: dt.datetime | None
    states: dict[str, Bilingual]
    alarm_states: tuple[int, ...]
    decimals: int
    writable: bool


class Found(BaseModel):
    """A thing that matched a search."""

    type: ThingType
    id: str
    name: Bilingual
    place: tuple[PlaceStep, ...]
    point_m: tuple[float, float, float]


class Card(Found):
    """All a page shows of a thing, but its alarms and orders."""

    kind: str | None = None
    use: str | None = None
    facts: tuple[Fact, ...] = ()
    channels: tuple[ChannelValue, ...] = ()
    devices: tuple[str, ...] = ()


def found(thing: Thing) -> dict[str, Any]:
    """The fields that a search result and a card share."""
    x, y, z = thing.point_m
    return {
        "type": thing.type,
        "id": thing.id,
        "name": Bilingual(**thing.name),
        "place": tuple(
            PlaceStep(type=step.type, id=step.id, name=Bilingual(**names(step.name, step.id))) for step in thing.place
        ),
        "point_m": (round(x, 3), round(y, 3), round(z, 3)),
    }


def card(things: Things, kind: str, thing_id: str, latest: StateSnapshot) -> Card:
    """The card of the thing of that type and id.

    Raises
    ------
    UnknownIdError, NotFoundError
        As `Things.get`.
    """
    thing = things.get(kind, thing_id)
    index = things.places.index
    detail: dict[str, Any]
    match thing.type:
        case "device":
            detail = _device(index, thing.id, latest)
        case "space":
            space = index.spaces[thing.id].template
            area_m2 = space.area_m2 or float(to_shapely(space.polygon).area)
            detail = {
                "use": space.use,
                "facts": (_area(area_m2), _fact("净高", "Clear height", index.spaces[thing.id].height_m, "m")),
            }
        case "storey":
            storey = index.storeys[thing.id]
            detail = {
                "facts": (
                    _fact("标高", "Elevation", storey.elevation_m, "m"),
                    _fact("层高", "Floor to floor", storey.template.height_m, "m"),
                    _area(float(to_shapely(storey.template.polygon).area)),
                )
            }
        case "building":
            building = index.buildings[thing.id]
            storeys = sum(len(s.numbers) for s in building.storeys)
            detail = {
                "use": building.use,
                "facts": (
                    _fact("高度", "Height", building.height_m, "m"),
                    _fact("层数", "Storeys", storeys),
                    _area(float(to_shapely(building.footprint).area)),
                ),
            }
        case "ground":
            ground = things.grounds[thing.id]
            detail = {"use": ground.use, "facts": _ground_facts(ground)}
        case "pipe":
            detail = _link(things.pipes.links[thing.id])
        case "node":
            detail = _node(things.pipes.nodes[thing.id])
    detail.setdefault("devices", things.places.devices_in.get((thing.type, thing.id), ())[:DEVICES_LIMIT])
    return Card(**found(thing), **detail)


def channel_values(index: SiteIndex, device_id: str, latest: StateSnapshot) -> tuple[ChannelValue, ...]:
    """The channels of a device with their latest values."""
    kind = index.kinds[index.device(device_id).kind]
    first = index.first_row[device_id]
    values = []
    for row, channel in enumerate(kind.channels, first):
        value, time_s = float(latest.values[row]), float(latest.times_s[row])
        values.append(
            ChannelValue(
                id=f"{device_id}:{channel.id}",
                name=Bilingual(**names(channel.name, channel.id)),
                unit=channel.unit,
                row=row,
                value=value if np.isfinite(value) else None,
                quality=QUALITY_NAMES[int(latest.quality[row])],
                at=dt.datetime.fromtimestamp(time_s, dt.UTC) if np.isfinite(time_s) and time_s > 0 else None,
                states={str(state): Bilingual(**names(text)) for state, text in channel.states.items()},
                alarm_states=channel.alarm_states,
                decimals=channel.decimals,
                writable=channel.writable,
            )
        )
    return tuple(values)


def _device(index: SiteIndex, device_id: str, latest: StateSnapshot) -> dict[str, Any]:
    device = index.devices[device_id]
    kind = index.kinds[device.kind]
    facts = [Fact(name=_both("类型", "Kind"), value=Bilingual(**names(kind.name, kind.id)))]
    if device.model:
        facts.append(_fact("型号", "Model", device.model))
    if device.serial:
        facts.append(_fact("序列号", "Serial number", device.serial))
    if device.installed_on is not None:
        facts.append(_fact("安装日期", "Installed on", device.installed_on.isoformat()))
    if device.parent is not None:
        facts.append(_fact("上级设备", "Hangs on", device.parent))
    if kind.clauses:
        facts.append(_fact("标准条款", "Clauses", ", ".join(kind.clauses)))
    children = tuple(d.id for d in index.site.devices if d.parent == device_id)
    return {
        "kind": device.kind,
        "facts": tuple(facts),
        "channels": channel_values(index, device_id, latest),
        "devices": children[:DEVICES_LIMIT],
    }


def _ground_facts(ground: GroundFeature) -> tuple[Fact, ...]:
    facts = []
    if isinstance(ground.geometry, Polygon):
        facts.append(_area(float(to_shapely(ground.geometry).area)))
    elif isinstance(ground.geometry, Line):
        points_m = np.array(ground.geometry.points)
        length_m = float(np.linalg.norm(np.diff(points_m, axis=0), axis=1).sum())
        facts.append(_fact("长度", "Length", round(length_m, 2), "m"))
    if ground.width_m is not None:
        facts.append(_fact("宽度", "Width", ground.width_m, "m"))
    if ground.height_m is not None:
        facts.append(_fact("高度", "Height", ground.height_m, "m"))
    if ground.capacity is not None:
        facts.append(_fact("容量", "Capacity", ground.capacity))
    if ground.hours is not None:
        facts.append(_fact("开放时间", "Hours", ground.hours))
    return tuple(facts)


def _link(placed: PlacedLink) -> dict[str, Any]:
    link, tie = placed.link, placed.tie
    facts = [_fact("起点", "From", link.start), _fact("终点", "To", link.end)]
    if isinstance(link, Pipe):
        kind = "pipe"
        facts += [_fact("长度", "Length", round(link.length_m, 3), "m")]
        facts += [_bore(link.diameter_m), *_fall(placed)]
        facts += [_fact("粗糙系数", "Roughness", link.roughness)]
    elif isinstance(link, Pump):
        kind = "pump"
        facts += [_fact("扬程曲线", "Head curve", link.head_curve)] if link.head_curve else []
        facts += [_fact("功率", "Power", link.power_w, "w")] if link.power_w else []
    else:
        kind = link.kind.lower()
        facts += [_bore(link.diameter_m), _fact("设定", "Setting", link.setting)]
    if tie.material:
        facts.append(_fact("材质", "Material", tie.material))
    if tie.depth_m is not None:
        facts.append(_fact("埋深", "Cover", tie.depth_m, "m"))
    if tie.laid_in is not None:
        facts.append(_fact("敷设年份", "Laid in", str(tie.laid_in)))
    if tie.fill_ratio is not None and isinstance(link, Pipe):
        facts += [_fact("占用率", "Fill", tie.fill_ratio, "ratio")]
        facts += [_fact("余量", "Room left", round(1.0 - tie.fill_ratio, 3), "ratio")]
    if link.status != "OPEN":
        facts.append(_fact("状态", "Status", link.status))
    return {
        "kind": kind,
        "use": tie.asset,
        "facts": tuple(facts),
        "devices": () if tie.device is None else (tie.device,),
    }


def _bore(diameter_m: float) -> Fact:
    return Fact(name=_both("管径", "Diameter"), value=round(diameter_m, 4), unit="m", read_in="mm")


def _fall(placed: PlacedLink) -> tuple[Fact, ...]:
    """Of a drain, how high its invert lies at both ends and how it falls; of other pipes it means nothing."""
    if placed.kind != "drainage" or not isinstance(placed.link, Pipe):
        return ()
    first_m, last_m = placed.path_m[0][2], placed.path_m[-1][2]
    slope = abs(first_m - last_m) / placed.link.length_m
    return (
        _fact("起点管底标高", "Invert at start", round(first_m, 3), "m"),
        _fact("终点管底标高", "Invert at end", round(last_m, 3), "m"),
        Fact(name=_both("坡度", "Slope"), value=round(slope, 5), unit="ratio", read_in="permille"),
    )


def _node(placed: PlacedNode) -> dict[str, Any]:
    node, tie = placed.node, placed.tie
    facts = [_fact("标高", "Elevation", round(node.elevation_m, 3), "m")]
    if isinstance(node, Tank):
        kind = "tank"
        facts += [_fact("直径", "Diameter", round(node.diameter_m, 3), "m")]
        facts += [_fact("最高水位", "Highest level", round(node.max_level_m, 3), "m")]
        facts += [_fact("最低水位", "Lowest level", round(node.min_level_m, 3), "m")]
    elif isinstance(node, Reservoir):
        kind = "reservoir"
    else:
        kind = "junction"
        base_m3_per_s = sum(d.base_m3_per_s for d in node.demands)
        facts += [_fact("基准用水", "Base demand", base_m3_per_s, "m3_per_s")] if base_m3_per_s else []
    return {
        "kind": kind,
        "use": tie.asset,
        "facts": tuple(facts),
        "devices": () if tie.device is None else (tie.device,),
    }


def _both(zh: str, en: str) -> Bilingual:
    return Bilingual(zh=zh, en=en)


def _fact(zh: str, en: str, value: float | str, unit: str | None = None) -> Fact:
    return Fact(name=_both(zh, en), value=value, unit=unit)


def _area(area_m2: float) -> Fact:
    return _fact("面积", "Area", round(area_m2, 2), "m2")
