"""Sentences about leaks, in the languages of the product."""

import datetime as dt
from collections.abc import Sequence

from twin.index import SiteIndex
from twin.leaks.result import MeasurementKind, SensorFaultKind, Words

_FAULTS: dict[SensorFaultKind, tuple[str, str]] = {
    "stuck": ("停走：相邻水表表明有水通过", "stands still although the meters around it say that water passes"),
    "silent": ("没有读数", "has not reported"),
    "backwards": ("倒走", "runs backwards"),
    "jumped": ("读数跳变，跳变已剔除", "has leapt; the leap is left out"),
    "drifting": ("计量漂移：一侧多出的正是另一侧缺少的", "drifts: what one side gains the other lacks"),
    "late": ("读数迟到", "reports late"),
}


def m3_per_h(flow_m3_per_s: float) -> str:
    """A flow as people say it.

    Examples
    --------
    >>> m3_per_h(0.3 / 3600), m3_per_h(20 / 3600), m3_per_h(0.004 / 3600)
    ('0.30 m³/h', '20 m³/h', '4 L/h')
    """
    hourly = flow_m3_per_s * 3600.0
    if hourly < 0.1:
        return f"{hourly * 1000:.0f} L/h"
    return f"{hourly:.2f} m³/h" if hourly < 10 else f"{hourly:.0f} m³/h"


def device_name(index: SiteIndex, device: str) -> Words:
    """What people call a device; its id where it has no name."""
    found = index.devices.get(device)
    if found is None:
        return Words(zh=device, en=device)
    return Words(zh=found.name.zh or found.name.en or device, en=found.name.en or found.name.zh or device)


def building_name(index: SiteIndex, building: str) -> Words:
    """What people call a building."""
    name = index.buildings[building].name if building in index.buildings else None
    return Words(zh=(name and (name.zh or name.en)) or building, en=(name and (name.en or name.zh)) or building)


def space_name(index: SiteIndex, space: str) -> Words:
    """What people call a flat or room, with its building."""
    placed = index.spaces.get(space)
    if placed is None:
        return Words(zh=space, en=space)
    number = space.rsplit("/", 1)[-1]
    building = building_name(index, placed.storey.building.id)
    name = placed.template.name.fill(placed.storey.number)
    return Words(zh=f"{building.zh} {name.zh or number}", en=f"{building.en}, {name.en or number}")


def district_name(index: SiteIndex, district: str) -> Words:
    """A district by the meter it is fed through."""
    if district.startswith("before "):
        meter = device_name(index, district.removeprefix("before "))
        return Words(zh=f"{meter.zh}之前", en=f"before {meter.en}")
    meter = device_name(index, district)
    return Words(zh=f"{meter.zh}之后", en=f"behind {meter.en}")


def storey_name(index: SiteIndex, storey: str) -> Words:
    """A storey with its building."""
    placed = index.storeys.get(storey)
    if placed is None:
        return Words(zh=storey, en=storey)
    building = building_name(index, placed.building.id)
    name = placed.template.name.fill(placed.number)
    return Words(zh=f"{building.zh} {name.zh or placed.number}", en=f"{building.en}, {name.en or placed.number}")


def leak_title(place: Words, size_m3_per_s: float, *, shape: str) -> Words:
    """The headline of a leak."""
    size = m3_per_h(size_m3_per_s)
    if shape == "burst":
        return Words(zh=f"{place.zh}疑似爆管，约 {size}", en=f"Burst likely: {place.en}, about {size}")
    return Words(zh=f"{place.zh}疑似漏水，约 {size}", en=f"Leak likely: {place.en}, about {size}")


def balance_line(district: Words, size_m3_per_s: float, hours: int) -> Words:
    """What a balance says for a leak."""
    size = m3_per_h(size_m3_per_s)
    return Words(
        zh=f"{district.zh}：{hours} 小时以来进水比出水、用水与蓄水之和多 {size}",
        en=f"{district.en}: for {hours} h, {size} more comes in than goes out, is used and is stored",
    )


def resting_line(meter: Words, size_m3_per_s: float, hours: int) -> Words:
    """What a meter that never rests says."""
    size = m3_per_h(size_m3_per_s)
    return Words(
        zh=f"{meter.zh}：{hours} 小时以来从未停走，始终有 {size}",
        en=f"{meter.en} has not rested for {hours} h; {size} always flows",
    )


def fault_text(index: SiteIndex, device: str, fault: SensorFaultKind) -> Words:
    """Why a sensor is not believed."""
    name = device_name(index, device)
    zh, en = _FAULTS[fault]
    return Words(zh=f"{name.zh}{zh}", en=f"{name.en} {en}")


def next_step(kind: MeasurementKind, where: Words) -> Words:
    """What to do next."""
    return {
        "listen": Words(zh=f"在{where.zh}听漏", en=f"Listen along {where.en}"),
        "step_test": Words(
            zh=f"夜间关闭{where.zh}，看进水是否随之下降",
            en=f"Close {where.en} at night and see whether the inflow falls",
        ),
        "read_meter": Words(zh=f"现场抄读{where.zh}", en=f"Read {where.en} on the spot"),
        "enter_flat": Words(
            zh=f"入户检查{where.zh}的马桶与龙头", en=f"Ask to look at the toilet and taps of {where.en}"
        ),
        "move_sensor": Words(zh=f"将压力传感器移至{where.zh}", en=f"Move a pressure sensor to {where.en}"),
    }[kind]


def learning_text(until: dt.datetime) -> Words:
    """That there is too little history yet."""
    day = f"{until:%Y-%m-%d %H:%M}Z"
    return Words(zh=f"正在学习，{day} 前只报爆管", en=f"Learning until {day}; only bursts are told before")


def joined(parts: Sequence[Words]) -> Words:
    """Several names as one list."""
    return Words(zh="、".join(p.zh for p in parts), en=", ".join(p.en for p in parts))
