"""A residential tower: basement, ground floor with its lobby, a typical storey, the roof."""

from typing import Final

from sample_sites.generator.flats import draw_flats
from sample_sites.generator.plan import BASEMENT_M, GROUND_M, ROOF_STOREY_M, STOREY_M, TowerPlace
from sample_sites.generator.shapes import Box, StoreyDrawing, ring
from twin.model.base import Point, Text
from twin.model.buildings import Building, Lift, SpaceUse, Stair

CORE_WEST_M: Final = 9.0
CORE_EAST_M: Final = 31.0
HOUR_S: Final = 3600.0

CORRIDOR: Final[Box] = (9, 8, 31, 9.8)
_LIFT_LOBBY: Final = (
    (13.4, 9.8), (26.6, 9.8), (26.6, 12.6), (22.4, 12.6), (22.4, 15), (17.6, 15), (17.6, 12.6), (13.4, 12.6),
)  # fmt: skip
_GROUND_LIFT_LOBBY: Final[Box] = (13.4, 9.8, 26.6, 12.6)
_LOBBY: Final[Box] = (17.6, 12.6, 22.4, 18)
STAIRS: Final[dict[int, Box]] = {1: (9, 9.8, 11.8, 15), 2: (28.2, 9.8, 31, 15)}
LIFTS: Final[dict[int, Box]] = {1: (15.0, 12.6, 17.6, 15), 2: (22.4, 12.6, 25.0, 15)}
SHAFTS: Final[tuple[tuple[str, str, str, Box, tuple[str, Point, Point] | None], ...]] = (
    ("shaft-water", "水暖管井", "water shaft", (11.8, 9.8, 13.4, 12.6), ("corridor", (12.2, 9.8), (13.0, 9.8))),
    ("shaft-gas", "燃气表井", "gas shaft", (26.6, 9.8, 28.2, 12.6), ("corridor", (27.0, 9.8), (27.8, 9.8))),
    ("shaft-electrical", "强电井", "electrical shaft", (13.4, 12.6, 15.0, 15),
     ("lift-lobby", (13.8, 12.6), (14.6, 12.6))),
    ("shaft-telecom", "弱电井", "telecom shaft", (25.0, 12.6, 26.6, 15), ("lift-lobby", (25.4, 12.6), (26.2, 12.6))),
    ("shaft-smoke", "排烟井", "smoke shaft", (11.8, 12.6, 13.4, 15), None),
    ("shaft-air", "加压送风井", "pressurisation shaft", (26.6, 12.6, 28.2, 15), None),
)  # fmt: skip


def _draw_core(drawing: StoreyDrawing, *, ground: bool, basement: bool) -> None:
    drawing.space("corridor", "corridor", CORRIDOR, zh="走廊", en="corridor")
    lobby = _GROUND_LIFT_LOBBY if ground else _LIFT_LOBBY
    drawing.space("lift-lobby", "lift_lobby", lobby, zh="电梯厅", en="lift lobby")
    drawing.opening("door", ("corridor", "lift-lobby"), (19.2, 9.8), (20.8, 9.8), fire_rating_s=HOUR_S)
    for number, area in STAIRS.items():
        drawing.space(f"stair-{number}", "stair", area, zh=f"{number}号楼梯间", en=f"stair {number}")
        west = area[0] + 0.9
        drawing.opening(
            "door", (f"stair-{number}", "corridor"), (west, 9.8), (west + 1.1, 9.8), fire_rating_s=HOUR_S
        )  # fmt: skip
        if ground:
            drawing.opening("door", (f"stair-{number}", "outside"), (west, 15), (west + 1.2, 15))
        elif not basement:
            drawing.window(f"stair-{number}", (west, 15), (west + 1.0, 15), sill_m=1.2)
    for number, area in LIFTS.items():
        drawing.space(f"lift-{number}", "lift_shaft", area, zh=f"{number}号电梯井", en=f"lift shaft {number}")
        west = area[0] + 0.75
        drawing.opening("door", ("lift-lobby", f"lift-{number}"), (west, 12.6), (west + 1.1, 12.6))
    for key, zh, en, area, door in SHAFTS:
        drawing.space(key, "shaft", area, zh=zh, en=en)
        if door is not None:
            drawing.opening("door", (door[0], key), door[1], door[2], fire_rating_s=HOUR_S / 2, locked=True)


def _draw_dwelling_storey(tower: TowerPlace, number: str, *, ground: bool) -> StoreyDrawing:
    drawing = StoreyDrawing(f"{tower.id}/f{number}", at=(tower.x_m, tower.y_m))
    _draw_core(drawing, ground=ground, basement=False)
    if ground:
        drawing.space("lobby", "lobby", _LOBBY, zh="入户大堂", en="entrance lobby")
        drawing.opening("passage", ("lift-lobby", "lobby"), (18.6, 12.6), (21.4, 12.6))
        drawing.opening("door", ("lobby", "outside"), (19.1, 18), (20.9, 18), height_m=2.4, locked=True)
    else:
        drawing.window("lift-lobby", (19.2, 15), (20.8, 15))
    if tower.flats == 2:
        drawing.window("corridor", (CORE_WEST_M, 8.4), (CORE_WEST_M, 9.4))
        drawing.window("corridor", (CORE_EAST_M, 8.4), (CORE_EAST_M, 9.4))
    draw_flats(drawing, number, tower.flats)
    return drawing


def _draw_basement(tower: TowerPlace, garage_hall: str) -> StoreyDrawing:
    drawing = StoreyDrawing(f"{tower.id}/f0", at=(tower.x_m, tower.y_m))
    _draw_core(drawing, ground=False, basement=True)
    rooms: tuple[tuple[str, SpaceUse, str, str, Box], ...] = (
        ("switch-room", "switch_room", "楼栋配电间", "switch room", (9, 4, 17, 8)),
        ("valve-room", "water_pump_room", "水表阀门间", "meter and valve room", (17, 4, 24, 8)),
        ("telecom-room", "telecom_room", "弱电间", "telecom room", (24, 4, 31, 8)),
    )
    for key, use, zh, en, area in rooms:
        drawing.space(key, use, area, zh=zh, en=en)
        middle = (area[0] + area[2]) / 2
        drawing.opening(
            "door", ("corridor", key), (middle - 0.6, 8), (middle + 0.6, 8), fire_rating_s=HOUR_S, locked=True
        )  # fmt: skip
    drawing.opening(
        "door", (f"//{garage_hall}", "lift-lobby"), (19.1, 15), (20.9, 15), fire_rating_s=1.5 * HOUR_S, locked=True
    )
    return drawing


def _draw_roof(tower: TowerPlace) -> StoreyDrawing:
    number = tower.storeys + 1
    drawing = StoreyDrawing(f"{tower.id}/f{number}", at=(tower.x_m, tower.y_m))
    west, east = tower.west_m, tower.east_m
    deck: list[Point] = [(west, 0), (east, 0)]
    if tower.flats == 4:
        deck += [(east, 15), (31, 15), (31, 9.8), (9, 9.8), (9, 15), (west, 15)]
    else:
        deck += [(east, 9.8), (west, 9.8)]
    drawing.space("deck", "roof", deck, zh="屋面", en="roof deck")
    rooms: tuple[tuple[str, SpaceUse, str, str, Box], ...] = (
        ("smoke-room", "smoke_control_room", "防排烟机房", "smoke-control room", (11.8, 9.8, 15, 15)),
        ("machine-room", "lift_machine_room", "电梯机房", "lift machine room", (15, 9.8, 25, 15)),
        ("tank-room", "tank_room", "屋顶水箱间", "roof tank room", (25, 9.8, 28.2, 15)),
    )
    for stair, area in STAIRS.items():
        drawing.space(f"stair-{stair}", "stair", area, zh=f"{stair}号楼梯间", en=f"stair {stair}")
        start = area[0] + 0.9
        drawing.opening("door", (f"stair-{stair}", "deck"), (start, 9.8), (start + 1.1, 9.8), fire_rating_s=HOUR_S)
    for key, use, zh, en, area in rooms:
        drawing.space(key, use, area, zh=zh, en=en)
        middle = (area[0] + area[2]) / 2
        drawing.opening("door", (key, "deck"), (middle - 0.5, 9.8), (middle + 0.5, 9.8), locked=True)
    return drawing


def build_tower(tower: TowerPlace, garage_hall: str) -> Building:
    """The tower with its storeys, stairs and lifts; `garage_hall` is the space its basement opens to."""
    top = tower.storeys
    slab: Box = (tower.west_m, 0, tower.east_m, 15)
    ground_outline = (
        (slab[0], 0), (slab[2], 0), (slab[2], 15), (22.4, 15), (22.4, 18), (17.6, 18), (17.6, 15), (slab[0], 15),
    )  # fmt: skip
    basement_outline = ((9, 4), (31, 4), (31, 15), (9, 15))
    storeys = (
        _draw_basement(tower, garage_hall).storey(
            (0, 0), basement_outline, elevation_m=BASEMENT_M, height_m=round(GROUND_M - BASEMENT_M, 3), zh="地下一层",
            en="Basement",
        ),
        _draw_dwelling_storey(tower, "1", ground=True).storey(
            (1, 1), ground_outline, elevation_m=GROUND_M, height_m=STOREY_M, zh="首层", en="Ground floor"
        ),
        _draw_dwelling_storey(tower, "{n}", ground=False).storey(
            (2, top), slab, elevation_m=GROUND_M + STOREY_M, height_m=STOREY_M, zh="{n}层", en="Storey {n}"
        ),
        _draw_roof(tower).storey(
            (top + 1, top + 1), slab, elevation_m=tower.elevation_m(top + 1), height_m=ROOF_STOREY_M, zh="屋面层",
            en="Roof",
        ),
    )  # fmt: skip
    return Building(
        id=tower.id,
        name=Text(zh=f"{tower.number}号楼", en=f"Tower {tower.number}"),
        use="residential",
        footprint=ring(ground_outline, (tower.x_m, tower.y_m)),
        height_m=round(tower.elevation_m(top + 1) + ROOF_STOREY_M, 3),
        storeys=storeys,
        stairs=tuple(
            Stair(
                id=f"{tower.id}/stair-{k}",
                name=Text(zh=f"{k}号楼梯", en=f"Stair {k}"),
                space=f"{tower.id}/f{{n}}/stair-{k}",
                first=0,
                last=top + 1,
                pressurised=True,
            )
            for k in STAIRS
        ),
        lifts=tuple(
            Lift(
                id=f"{tower.id}/lift-{k}",
                name=Text(zh=f"{k}号电梯", en=f"Lift {k}"),
                space=f"{tower.id}/f{{n}}/lift-{k}",
                first=0,
                last=top,
                kind="firefighting" if k == 2 else "passenger",
            )
            for k in LIFTS
        ),
    )
