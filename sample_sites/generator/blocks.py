"""The low buildings: rooms either side of a corridor, or a row of rooms that each open to the street."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sample_sites.generator.plan import Layout
from sample_sites.generator.shapes import StoreyDrawing, corners
from twin.model.base import Point, Text
from twin.model.buildings import Building, SpaceUse

FLOOR_M: Final = 0.15
STOREY_M: Final = 4.2
CORRIDOR_M: Final = 2.4
_SHOP_HOURS: Final = "08:00-22:00"


@dataclass(frozen=True)
class BlockRoom:
    """A room of a low building, by its width along the building."""

    key: str
    use: SpaceUse
    zh: str
    en: str
    width_m: float


@dataclass(frozen=True)
class Block:
    """A low building: its south-west corner, rooms along the south and the north side of its corridor."""

    id: str
    zh: str
    en: str
    use: str
    at: Point
    depth_m: float
    south: tuple[BlockRoom, ...]
    north: tuple[BlockRoom, ...] = ()
    """None: a single row without a corridor, each room with its own door to the south."""
    secured: bool = False
    hours: str | None = None
    """When its doors to the open are not locked."""

    @property
    def width_m(self) -> float:
        """Its length from west to east."""
        return sum(r.width_m for r in self.south)

    @property
    def storey_id(self) -> str:
        """Id of its one storey."""
        return f"{self.id}/f1"

    def space_id(self, key: str) -> str:
        """Id of a room."""
        return f"{self.id}/f1/{key}"

    def middle(self, key: str) -> Point:
        """Middle of a room (or of ``corridor``) in the site frame."""
        if key == "corridor":
            return self.at[0] + self.width_m / 2, self.at[1] + self.depth_m / 2
        for rooms, north in ((self.south, False), (self.north, True)):
            x = 0.0
            for room in rooms:
                if room.key == key:
                    depth = (self.depth_m - CORRIDOR_M) / 2 if self.north else self.depth_m
                    y = self.depth_m - depth / 2 if north else depth / 2
                    return self.at[0] + x + room.width_m / 2, self.at[1] + y
                x += room.width_m
        raise KeyError(key)


def _row(
    drawing: StoreyDrawing, rooms: Sequence[BlockRoom], south: float, north: float, *, corridor: str,
    hours: str | None = None,
) -> None:  # fmt: skip
    """Draw a row of rooms; `corridor` is the side their doors are on: north, south, or street (south, outside)."""
    x = 0.0
    for room in rooms:
        drawing.space(room.key, room.use, (x, south, x + room.width_m, north), zh=room.zh, en=room.en)
        middle, half = x + room.width_m / 2, min(0.75, room.width_m / 4)
        door_y, window_y = (north, south) if corridor == "north" else (south, north)
        other = "outside" if corridor == "street" else "corridor"
        drawing.opening("door", (other, room.key), (middle - half, door_y), (middle + half, door_y), hours=hours)
        wide = min(1.5, room.width_m / 3)
        drawing.window(room.key, (middle - wide, window_y), (middle + wide, window_y))
        x += room.width_m


def build_block(block: Block) -> Building:
    """The building of one storey."""
    drawing = StoreyDrawing(block.storey_id, at=block.at)
    width, depth = block.width_m, block.depth_m
    if block.north:
        side = (depth - CORRIDOR_M) / 2
        middle = depth / 2
        drawing.space("corridor", "corridor", (0, side, width, depth - side), zh="走廊", en="corridor")
        ends = (("west", 0.0), ("east", width))
        for _, x in ends:
            drawing.opening(
                "door", ("corridor", "outside"), (x, middle - 0.9), (x, middle + 0.9), height_m=2.4,
                locked=block.secured, hours=block.hours,
            )  # fmt: skip
        _row(drawing, block.south, 0, side, corridor="north")
        _row(drawing, block.north, depth - side, depth, corridor="south")
    else:
        _row(drawing, block.south, 0, depth, corridor="street", hours=block.hours)
    outline = corners((0, 0, width, depth))
    storey = drawing.storey(
        (1, 1), outline, elevation_m=FLOOR_M, height_m=STOREY_M, zh="首层", en="Ground floor"
    )  # fmt: skip
    return Building.model_validate(
        {
            "id": block.id,
            "name": Text(zh=block.zh, en=block.en),
            "use": block.use,
            "footprint": storey.polygon,
            "height_m": FLOOR_M + STOREY_M,
            "storeys": (storey,),
        }
    )


def _shops(key: str, start: int) -> tuple[BlockRoom, ...]:
    return tuple(BlockRoom(f"{key}{start + k}", "shop", f"商铺{start + k}", f"Shop {start + k}", 8.0) for k in range(6))


def blocks(layout: Layout) -> dict[str, Block]:
    """The low buildings by id."""
    south, north = layout.ring_south_m, layout.ring_north_m
    service = Block(
        "service", "物业服务中心", "Service building", "service", (20.0, south - 27.0), 14.4,
        south=(
            BlockRoom("hall", "service_centre", "服务大厅", "service hall", 10.0),
            BlockRoom("activity", "activity_room", "老年活动室", "activity room", 12.0),
            BlockRoom("care", "care_station", "养老驿站", "care station", 10.0),
        ),
        north=(
            BlockRoom("monitoring", "monitoring_centre", "监控中心", "monitoring centre", 9.0),
            BlockRoom("data", "data_room", "数据机房", "data room", 7.0),
            BlockRoom("office", "office", "办公室", "office", 8.0),
            BlockRoom("storage", "storage", "库房", "storage", 4.0),
            BlockRoom("toilet", "toilet", "卫生间", "toilet", 4.0),
        ),
    )  # fmt: skip
    kindergarten = Block(
        "kindergarten", "幼儿园", "Kindergarten", "education", (-62.0, south - 29.0), 16.4,
        hours="Mo-Fr 07:00-18:00",
        south=tuple(BlockRoom(f"class-{k}", "classroom", f"{k}班", f"class {k}", 9.0) for k in (1, 2, 3)),
        north=(
            BlockRoom("play", "kindergarten", "活动室", "playroom", 12.0),
            BlockRoom("office", "office", "办公室", "office", 6.0),
            BlockRoom("kitchen", "other", "厨房", "kitchen", 5.0),
            BlockRoom("toilet", "toilet", "卫生间", "toilet", 4.0),
        ),
    )  # fmt: skip
    plant = Block(
        "plant", "设备楼", "Plant building", "plant", (-58.0, north + 9.0), 14.4, secured=True,
        south=(
            BlockRoom("substation", "substation", "变配电室", "substation", 13.0),
            BlockRoom("switch", "switch_room", "低压配电间", "switch room", 8.0),
            BlockRoom("generator", "generator_room", "柴油发电机房", "generator room", 9.0),
        ),
        north=(
            BlockRoom("fire-pump", "fire_pump_room", "消防水泵房", "fire pump room", 10.0),
            BlockRoom("water-pump", "water_pump_room", "生活水泵房", "water pump room", 12.0),
            BlockRoom("tank", "tank_room", "水箱间", "tank room", 8.0),
        ),
    )  # fmt: skip
    refuse = Block(
        "refuse", "垃圾收集站", "Refuse station", "service", (16.0, north + 10.0), 8.0,
        south=(BlockRoom("sorting", "refuse_room", "垃圾分类间", "sorting room", 10.0),),
    )  # fmt: skip
    bicycles = Block(
        "bicycles", "非机动车库", "Bicycle garage", "garage", (36.0, north + 10.0), 9.0,
        south=(
            BlockRoom("parking", "bicycle_garage", "非机动车停放区", "bicycle garage", 16.0),
            BlockRoom("charging", "bicycle_charging", "电动自行车充电区", "bicycle charging", 10.0),
        ),
    )  # fmt: skip
    parcels = Block(
        "parcels", "快递驿站", "Parcel station", "service", (60.0, south - 24.0), 8.0, hours="08:00-21:00",
        south=(BlockRoom("parcels", "parcel_room", "快递间", "parcel room", 9.0),),
    )  # fmt: skip
    street = layout.south_m + 4.0
    shops_west = Block("shops-west", "西侧商铺", "Shops west", "commercial", (-66.0, street), 11.0, _shops("w", 1),
                       hours=_SHOP_HOURS)  # fmt: skip
    shops_east = Block("shops-east", "东侧商铺", "Shops east", "commercial", (18.0, street), 11.0, _shops("e", 7),
                       hours=_SHOP_HOURS)  # fmt: skip
    gatehouses = (
        Block("gatehouse-south", "南门岗亭", "South gatehouse", "gatehouse", (6.5, layout.south_m + 5.0), 3.0,
              (BlockRoom("room", "gatehouse", "门卫室", "gatehouse", 4.0),)),
        Block("gatehouse-north", "北门岗亭", "North gatehouse", "gatehouse", (3.5, layout.north_m - 7.0), 3.0,
              (BlockRoom("room", "gatehouse", "门卫室", "gatehouse", 3.0),)),
    )  # fmt: skip
    all_blocks = (service, kindergarten, plant, refuse, bicycles, parcels, shops_west, shops_east, *gatehouses)
    return {b.id: b for b in all_blocks}
