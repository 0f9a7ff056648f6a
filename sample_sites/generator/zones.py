"""Areas and kinds of spaces with a requirement: what must be seen, heard, reached or detected there."""

from collections.abc import Iterator
from typing import Final

from sample_sites.generator.devices.open_air import FENCE_M, along
from sample_sites.generator.garage import ramp_mouth
from sample_sites.generator.grounds import LANE_WIDTH_M, Grounds
from sample_sites.generator.plan import RING_WIDTH_M, TOWER_DEPTH_M, Layout
from sample_sites.generator.shapes import box
from twin.model.base import Polygon, Text
from twin.model.grounds import Requirement, Zone

EDITION: Final = "2015"


def _requirement(requirement_id: str, zh: str, en: str, kind: str, clauses: str, **rest: object) -> Requirement:
    return Requirement.model_validate(
        {"id": requirement_id, "name": Text(zh=zh, en=en), "kind": kind, "clauses": tuple(clauses.split()), **rest}
    )


def requirements() -> tuple[Requirement, ...]:
    """What the standard asks for, with levels of IEC 62676-4:2015 for cameras."""
    rooms = ("substation", "fire_pump_room", "lift_machine_room", "smoke_control_room")
    homes = ("living_room", "bedroom", "kitchen")
    common = ("lobby", "lift_lobby", "corridor")
    return (
        _requirement("camera-gates", "大门出入口识别", "Gates: identify", "camera", "7.1.5.2", level="identify",
                     edition=EDITION, target_heights_m=(0.5, 1.6), max_face_angle_deg=45.0),
        _requirement("camera-ramps", "车库出入口辨认", "Garage and bicycle entrances: recognise", "camera", "7.1.5.2",
                     level="recognise", edition=EDITION),
        _requirement("camera-charging", "非机动车充电区观察", "Bicycle charging: observe", "camera", "7.1.5.2",
            level="observe",
                     edition=EDITION, space_uses=("bicycle_charging",)),
        _requirement("camera-roads", "主要通道探测", "Main roads: detect", "camera", "7.1.5.2", level="detect",
            edition=EDITION,
                     min_share_ratio=0.8),
        _requirement("camera-plant", "重要设备区域观察", "Plant rooms: observe", "camera", "7.1.5.3", level="observe",
                     edition=EDITION, space_uses=rooms, min_share_ratio=0.9),
        _requirement("camera-public", "公共活动区域观察", "Public places: observe", "camera", "7.1.5.4",
            level="observe",
                     edition=EDITION, space_uses=("lobby", "activity_room", "service_centre"), min_share_ratio=0.9),
        _requirement("camera-roof", "顶层平台探测", "Roof platforms: detect", "camera", "7.1.5.4", level="detect",
            edition=EDITION,
                     space_uses=("roof",), min_share_ratio=0.6),
        _requirement("camera-lift", "电梯轿厢观察", "Lift cars: observe", "camera", "7.1.5.4", level="observe",
                     edition=EDITION, target_heights_m=(0.2, 1.6), min_share_ratio=0.9),
        _requirement("lane-watched", "消防通道感知", "Fire lanes watched", "camera", "7.1.6.1", level="detect",
            edition=EDITION,
                     min_share_ratio=0.9),
        _requirement("wifi", "无线网络覆盖", "Wi-Fi everywhere", "wifi", "7.1.2.7", min_value=-70.0, unit="dbm",
                     space_uses=(*common, *homes, "service_centre", "activity_room"), min_share_ratio=0.95),
        _requirement("wifi-open", "室外无线覆盖", "Wi-Fi in the open", "wifi", "7.1.2.7", min_value=-75.0, unit="dbm",
                     min_share_ratio=0.8),
        _requirement("sound", "应急广播覆盖", "Emergency broadcast heard", "sound", "7.2.4.2", min_value=65.0,
            unit="db",
                     space_uses=("corridor", "lift_lobby", "garage", "activity_room", "care_station"),
                     min_share_ratio=0.9),
        _requirement("smoke", "火灾探测", "Smoke detected", "detection", "7.1.6.4",
                     space_uses=("lift_lobby", "shop", "data_room", "monitoring_centre", "classroom")),
        _requirement("perimeter", "周界防范", "Perimeter guarded", "perimeter", "7.2.2.2", min_share_ratio=1.0),
        _requirement("road-light", "道路照明", "Roads lit", "lighting", "7.2.8.1 7.2.8.2", min_value=5.0, unit="lx",
                     min_share_ratio=0.8),
        _requirement("hydrants", "室外消火栓保护范围", "Hydrants in reach", "hydrant", "7.1.6.2", min_value=150.0,
            unit="m"),
        _requirement("extinguishers", "灭火器最大保护距离", "Extinguishers in reach", "extinguisher", "7.1.6.2",
                     level="medium", space_uses=("corridor", "lift_lobby", "garage")),
        _requirement("call-points", "手动报警按钮可达", "Manual call points in reach", "fire_call", "7.1.6.4",
                     space_uses=("corridor", "lift_lobby", "garage")),
        _requirement("help", "紧急求助", "Help can be called", "call", "7.1.8", space_uses=("care_station",)),
        _requirement("help-open", "室外紧急求助", "Help can be called in the open", "call", "7.1.8", level="public"),
        _requirement("defibrillators", "除颤器可及", "Defibrillators in reach", "aed", "7.1.8",
                     space_uses=("lobby", "activity_room", "service_centre")),
        _requirement("patrol", "电子巡更", "Patrol points", "patrol", "7.2.2.4", space_uses=("roof",)),
    )  # fmt: skip


def zones(layout: Layout, grounds: Grounds) -> tuple[Zone, ...]:
    """The areas in the open that a requirement holds for."""
    return tuple(_zones(layout, grounds))


def _zone(
    zone_id: str, zh: str, en: str, requirement: str, area: Polygon, *, storey: str | None = None,
    facing_deg: float | None = None,
) -> Zone:  # fmt: skip
    return Zone(
        id=zone_id, name=Text(zh=zh, en=en), requirement=requirement, polygon=area, storey=storey, facing_deg=facing_deg
    )


def _zones(layout: Layout, grounds: Grounds) -> Iterator[Zone]:
    south, north = layout.south_m, layout.north_m
    yield _zone("z-gate-in", "主入口进口", "Main gate, in", "camera-gates", box(0.5, south + 0.2, 5.0, south + 4.0),
                facing_deg=0.0)  # fmt: skip
    yield _zone("z-gate-out", "主入口出口", "Main gate, out", "camera-gates", box(-5.0, south + 0.2, -0.5, south + 4.0))
    yield _zone(
        "z-gate-walk",
        "主入口人行门",
        "Main gate, on foot",
        "camera-gates",
        box(-11, south + 0.2, -7, south + 3.0),
        facing_deg=0.0,
    )
    yield _zone("z-gate-north", "北人行门", "North gate", "camera-gates", box(-2, north - 3.0, 2, north - 0.2),
                facing_deg=180.0)  # fmt: skip
    for side, zh in (("west", "西坡道口"), ("east", "东坡道口")):
        x, y = ramp_mouth(layout, side)
        yield _zone(
            f"z-ramp-{side}", zh, f"{side.title()} ramp mouth", "camera-ramps", box(x - 2.7, y - 3.0, x + 2.7, y)
        )
    yield _zone("z-bicycles", "非机动车库入口", "Bicycle garage entrance", "camera-ramps",
                box(42, layout.ring_north_m + 6.5, 46, layout.ring_north_m + 9.9))  # fmt: skip
    yield _zone(
        "z-road-main", "主入口路", "Main gate road", "camera-roads", box(-5, south + 5, 5, layout.ring_south_m - 3.5)
    )
    half, x = RING_WIDTH_M / 2, layout.ring_x_m
    sides = (("south", "环路南段", box(-x, layout.ring_south_m - half, x, layout.ring_south_m + half)),
             ("north", "环路北段", box(-x, layout.ring_north_m - half, x, layout.ring_north_m + half)),
             ("west", "环路西段", box(-x - half, layout.ring_south_m + half, -x + half, layout.ring_north_m - half)),
             ("east", "环路东段",
                 box(x - half, layout.ring_south_m + half, x + half, layout.ring_north_m - half)))  # fmt: skip
    for side, zh, area in sides:
        yield _zone(f"z-road-{side}", zh, f"Ring road, {side}", "camera-roads", area)
        yield _zone(f"z-light-{side}", f"{zh}照明", f"Ring road lighting, {side}", "road-light", area)
    for row, y in enumerate(layout.lanes_m, 1):
        area = box(-x + half, y - LANE_WIDTH_M / 2, x - half, y + LANE_WIDTH_M / 2)
        yield _zone(f"z-lane-{row}", f"消防车道{row}", f"Fire lane {row}", "lane-watched", area)
    for tower in layout.towers:
        area = box(*tower.at(10, TOWER_DEPTH_M + 5), *tower.at(30, TOWER_DEPTH_M + 15))
        n = tower.number
        yield _zone(f"z-fire-area-{n}", f"{n}号楼登高场地", f"Fire operation area {n}", "lane-watched", area)
    for tower in layout.towers:
        for k, u in ((1, 16.3), (2, 23.7)):
            area = box(*tower.at(u - 0.9, 12.9), *tower.at(u + 0.9, 14.7))
            yield _zone(
                f"z-car-t{tower.number}-{k}", f"{tower.number}号楼{k}号电梯轿厢", f"Tower {tower.number}, lift car {k}",
                "camera-lift", area, storey=f"{tower.id}/f1",
            )  # fmt: skip
    places = (("plaza", "中心广场", "Plaza", grounds.plaza),
        ("playground", "儿童乐园", "Playground", grounds.playground),
              ("fitness", "健身场", "Fitness ground", grounds.fitness))  # fmt: skip
    for key, zh, en, area in places:
        yield _zone(f"z-{key}", zh, en, "camera-public", area)
        yield _zone(f"z-wifi-{key}", f"{zh}无线", f"{en}, Wi-Fi", "wifi-open", area)
        yield _zone(f"z-help-{key}", f"{zh}求助", f"{en}, help points", "help-open", area)
    yield _zone("z-charging", "快充区", "Fast charging area", "camera-public", grounds.charging)
    yield _zone("z-hydrants", "消火栓保护区", "Within reach of hydrants", "hydrants",
                box(-x, layout.ring_south_m, x, layout.ring_north_m))  # fmt: skip
    ring = layout.boundary
    for k, (px, py, bearing) in enumerate(along((*ring, ring[0]), FENCE_M), 1):
        east_west = abs(bearing % 180 - 90) < 45
        dx, dy = (4.0, 0.5) if east_west else (0.5, 4.0)
        inward_x, inward_y = max(layout.west_m, px - dx), max(layout.south_m, py - dy)
        area = box(inward_x, inward_y, min(layout.east_m, px + dx), min(layout.north_m, py + dy))
        yield _zone(f"z-fence-{k}", f"周界{k}段", f"Perimeter section {k}", "perimeter", area)
