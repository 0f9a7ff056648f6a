"""A residential tower: typical storey, ground floor, roof and the core in the basement.

The slab runs east to west. A corridor in the middle joins two end flats and two middle flats on the south with the
core on the north: two stairs, two lifts around a lift lobby, shafts for water, electricity, telecom and smoke.
"""

from typing import Final

from sample_sites.generator.flats import FLATS, flat
from sample_sites.generator.plan import (
    GARAGE_FLOOR_M,
    GROUND_FLOOR_M,
    STOREY_HEIGHT_M,
    TOWER_DEPTH_M,
    TOWER_WIDTH_M,
    EstatePlan,
)
from sample_sites.generator.shapes import Placing, polygon
from twin.model.base import Text
from twin.model.buildings import Building, Lift, Opening, Space, SpaceUse, Stair, Storey

Box = tuple[float, float, float, float]
CORE_BOX: Final[Box] = (9.0, 6.4, 27.0, 12.0)
"""Corridor and core, which go down to the garage."""

_CORE: Final[dict[str, tuple[SpaceUse, str, str, Box]]] = {
    "stair-a": ("stair", "A号楼梯", "Stair A", (9.0, 8.2, 11.7, 12.0)),
    "shaft-water": ("shaft", "水管井", "Water shaft", (11.7, 8.2, 12.7, 10.1)),
    "shaft-smoke-a": ("shaft", "排烟井A", "Smoke shaft A", (11.7, 10.1, 12.7, 12.0)),
    "lift-1": ("lift_shaft", "1号电梯井", "Lift 1", (12.7, 8.2, 14.9, 12.0)),
    "lift-lobby": ("lift_lobby", "电梯厅", "Lift lobby", (14.9, 8.2, 20.9, 12.0)),
    "lift-2": ("lift_shaft", "2号电梯井", "Lift 2", (20.9, 8.2, 23.1, 12.0)),
    "shaft-electrical": ("shaft", "强电井", "Electrical shaft", (23.1, 8.2, 23.7, 10.1)),
    "shaft-telecom": ("shaft", "弱电井", "Telecom shaft", (23.7, 8.2, 24.3, 10.1)),
    "shaft-smoke-b": ("shaft", "排烟井B", "Smoke shaft B", (23.1, 10.1, 24.3, 12.0)),
    "stair-b": ("stair", "B号楼梯", "Stair B", (24.3, 8.2, 27.0, 12.0)),
}
_FIRE_DOOR_S: Final = 5400.0


def _core(place: Placing, storey: str) -> tuple[list[Space], list[Opening]]:
    """The corridor, lifts, stairs and shafts, the same on every storey."""
    spaces = [place.room(f"{storey}/corridor", "corridor", (9.0, 6.4, 27.0, 8.2), zh="走廊", en="Corridor")]
    for name, (use, zh, en, box) in _CORE.items():
        spaces.append(place.room(f"{storey}/{name}", use, box, zh=zh, en=en))
    corridor, lobby = f"{storey}/corridor", f"{storey}/lift-lobby"
    openings = [
        place.opening(
            f"{storey}/door-lobby", "door", (17.0, 8.2, 18.6, 8.2), (corridor, lobby), fire_rating_s=_FIRE_DOOR_S
        ),
        place.opening(f"{storey}/lift-door-1", "door", (14.9, 9.4, 14.9, 10.4), (lobby, f"{storey}/lift-1")),
        place.opening(f"{storey}/lift-door-2", "door", (20.9, 9.4, 20.9, 10.4), (lobby, f"{storey}/lift-2")),
    ]
    for stair, x in (("stair-a", 9.9), ("stair-b", 25.1)):
        line = (x, 8.2, x + 1.1, 8.2)
        ends = (corridor, f"{storey}/{stair}")
        openings.append(place.opening(f"{storey}/door-{stair}", "door", line, ends, fire_rating_s=_FIRE_DOOR_S))
    for shaft, x0, x1 in (
        ("shaft-water", 11.8, 12.6),
        ("shaft-electrical", 23.15, 23.65),
        ("shaft-telecom", 23.75, 24.25),
    ):
        line = (x0, 8.2, x1, 8.2)
        openings.append(
            place.opening(f"{storey}/door-{shaft}", "door", line, (corridor, f"{storey}/{shaft}"), locked=True,
                          fire_rating_s=3600)
        )  # fmt: skip
    return spaces, openings


def _windows(place: Placing, storey: str) -> list[Opening]:
    return [
        place.window(f"{storey}/window-stair-a", (9.8, 12.0, 10.9, 12.0), f"{storey}/stair-a"),
        place.window(f"{storey}/window-stair-b", (25.1, 12.0, 26.2, 12.0), f"{storey}/stair-b"),
    ]


def _living_storey(
    place: Placing, mirrored: Placing, tower: str, *, first: int, last: int, elevation_m: float
) -> Storey:
    """Four flats around the core."""
    n = str(first) if first == last else "{n}"
    storey = f"{tower}/f{n}"
    spaces, openings = _core(place, storey)
    for number, end, mirror in FLATS:
        more, doors = flat(mirrored if mirror else place, storey, f"{n}{number}", end=end)
        spaces += more
        openings += doors
    openings += _windows(place, storey)
    lobby = f"{storey}/lift-lobby"
    if first == 1:
        openings.append(
            place.opening(f"{storey}/entrance", "door", (16.9, 12.0, 18.9, 12.0), ("outside", lobby), height_m=2.4)
        )
        name = Text(zh="首层", en="Ground floor")
        spaces = [s.replace(use="lobby", name=Text(zh="门厅", en="Lobby")) if s.id == lobby else s for s in spaces]
    else:
        openings.append(place.window(f"{storey}/window-lobby", (16.9, 12.0, 18.9, 12.0), lobby))
        name = Text(zh="{n}层", en="Storey {n}")
    return Storey(
        id=storey, name=name, first=first, last=last, elevation_m=elevation_m, height_m=STOREY_HEIGHT_M,
        polygon=place.rectangle(0.0, 0.0, TOWER_WIDTH_M, TOWER_DEPTH_M), spaces=tuple(spaces), openings=tuple(openings),
    )  # fmt: skip


def _roof(place: Placing, tower: str, *, number: int, elevation_m: float) -> Storey:
    """The roof with the lift machine room and the tank room."""
    storey = f"{tower}/f{number}"
    u_shape = ((0, 0), (36, 0), (36, 12), (27, 12), (27, 8.2), (9, 8.2), (9, 12), (0, 12))
    roof = f"{storey}/roof"
    rooms: tuple[tuple[str, SpaceUse, str, str, Box], ...] = (
        ("stair-a", "stair", "A号楼梯", "Stair A", (9.0, 8.2, 11.7, 12.0)),
        ("machine-room", "lift_machine_room", "电梯机房", "Lift machine room", (11.7, 8.2, 20.9, 12.0)),
        ("tank-room", "tank_room", "水箱间", "Tank room", (20.9, 8.2, 24.3, 12.0)),
        ("stair-b", "stair", "B号楼梯", "Stair B", (24.3, 8.2, 27.0, 12.0)),
    )
    spaces = [
        Space(
            id=roof, name=Text(zh="屋面", en="Roof"), use="roof", polygon=polygon(*(place.point(*p) for p in u_shape))
        )
    ]
    openings = []
    for name, use, zh, en, box in rooms:
        spaces.append(place.room(f"{storey}/{name}", use, box, zh=zh, en=en))
        middle = (box[0] + box[2]) / 2
        openings.append(
            place.opening(f"{storey}/door-{name}", "door", (middle - 0.5, 8.2, middle + 0.5, 8.2),
                          (f"{storey}/{name}", roof), fire_rating_s=3600, locked=not name.startswith("stair"))
        )  # fmt: skip
    return Storey(
        id=storey, name=Text(zh="屋面层", en="Roof"), first=number, last=number, elevation_m=elevation_m, height_m=3.6,
        polygon=place.rectangle(0.0, 0.0, TOWER_WIDTH_M, TOWER_DEPTH_M), spaces=tuple(spaces), openings=tuple(openings),
    )  # fmt: skip


def _basement(place: Placing, tower: str) -> Storey:
    """The core in the basement, open to the garage through two fire doors."""
    storey = f"{tower}/f-1"
    spaces, openings = _core(place, storey)
    for k, x in enumerate((12.0, 22.6), 1):
        openings.append(
            place.opening(f"{storey}/door-garage-{k}", "door", (x, 6.4, x + 1.6, 6.4),
                          ("garage/f-1/hall", f"{storey}/corridor"), fire_rating_s=_FIRE_DOOR_S)
        )  # fmt: skip
    return Storey(
        id=storey, name=Text(zh="地下一层", en="Basement"), first=-1, last=-1, elevation_m=GARAGE_FLOOR_M,
        height_m=GROUND_FLOOR_M - GARAGE_FLOOR_M, polygon=place.rectangle(*CORE_BOX), spaces=tuple(spaces),
        openings=tuple(openings),
    )  # fmt: skip


def tower(plan: EstatePlan, number: int) -> Building:
    """Tower `number` of the plan, 1 the first."""
    building = f"tower-{number}"
    x, y = plan.tower_corner_m(number)
    place = Placing(x, y)
    mirrored = Placing(x, y, mirror_width_m=TOWER_WIDTH_M)
    roof_number = plan.storeys + 1
    storeys = (
        _basement(place, building),
        _living_storey(place, mirrored, building, first=1, last=1, elevation_m=GROUND_FLOOR_M),
        _living_storey(place, mirrored, building, first=2, last=plan.storeys,
                       elevation_m=round(GROUND_FLOOR_M + STOREY_HEIGHT_M, 3)),
        _roof(place, building, number=roof_number, elevation_m=round(plan.tower_height_m, 3)),
    )  # fmt: skip
    template = f"{building}/f{{n}}"
    stairs = tuple(
        Stair(id=f"{building}/{name}", name=Text(zh=zh, en=en), space=f"{template}/{name}", first=-1, last=roof_number,
              width_m=1.2, tread_m=0.26, riser_m=0.1611, pressurised=True)
        for name, zh, en in (("stair-a", "A号楼梯", "Stair A"), ("stair-b", "B号楼梯", "Stair B"))
    )  # fmt: skip
    lifts = tuple(
        Lift(id=f"{building}/lift-{k}", name=Text(zh=f"{k}号电梯", en=f"Lift {k}"), space=f"{template}/lift-{k}",
             first=-1, last=plan.storeys, kind="firefighting" if k == 1 else "passenger", door_width_m=1.0,
             capacity_kg=1050 if k == 1 else 800, speed_m_per_s=1.75 if plan.storeys <= 24 else 2.5)
        for k in (1, 2)
    )  # fmt: skip
    return Building(
        id=building, name=Text(zh=f"{number}号楼", en=f"Tower {number}"), use="residential",
        footprint=place.rectangle(0.0, 0.0, TOWER_WIDTH_M, TOWER_DEPTH_M), base_elevation_m=0.0,
        height_m=round(plan.tower_height_m + 3.6, 3), storeys=storeys, stairs=stairs, lifts=lifts,
    )  # fmt: skip
