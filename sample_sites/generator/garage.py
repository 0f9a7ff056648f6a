"""The underground garage: a hall under the court north of each row of towers, joined by a driveway at either end.

A hall is 16.6 m deep: spaces, a 6 m aisle, spaces. Bays of three spaces lie between columns 8.1 m apart. In front of
each tower core the southern spaces leave room for the way to its lifts.
"""

from typing import Final

from sample_sites.generator.plan import BASEMENT_M, CELL_M, SPINE_M, TOWER_DEPTH_M, Layout
from sample_sites.generator.shapes import Box, StoreyDrawing
from twin.model.base import Point, Text
from twin.model.buildings import Building, Line3, Ramp

HALL_DEPTH_M: Final = 16.6
SPACE_DEPTH_M: Final = 5.3
SPACE_WIDTH_M: Final = 2.5
BAY_M: Final = 8.1
RAMP_M: Final = 34.0
"""Length of a ramp: 5.1 m down at 15 %."""
HEIGHT_M: Final = 3.9
GARAGE: Final = "garage"
STOREY: Final = "garage/b1"


def hall_id(row: int) -> str:
    """Id of the hall north of a row of towers, rows counted from 0."""
    return f"{STOREY}/hall-{row + 1}"


def _draw_bays(drawing: StoreyDrawing, hall: str, west_m: float, *, count: int, south: float, number: int) -> int:
    """Draw bays of three spaces and the columns between them; gives the next space number."""
    for bay in range(count):
        start = west_m + bay * BAY_M + (BAY_M - 3 * SPACE_WIDTH_M) / 2
        for k in range(3):
            x = start + k * SPACE_WIDTH_M
            area: Box = (x, south, x + SPACE_WIDTH_M, south + SPACE_DEPTH_M)
            key = f"{hall}/p{number:02d}"
            zh, en = f"车位{hall[5:]}-{number:02d}", f"Space {hall[5:]}-{number:02d}"
            drawing.space(key, "parking_space", area, zh=zh, en=en, parent=hall)
            number += 1
    for k in range(count + 1):
        drawing.column(west_m + k * BAY_M, south + 2.0)
    return number


def _draw_hall(drawing: StoreyDrawing, layout: Layout, row: int) -> None:
    hall, half = f"hall-{row + 1}", layout.grid_half_m
    south = layout.row_m(row) + TOWER_DEPTH_M
    area: Box = (-half, south, half, south + HALL_DEPTH_M)
    drawing.space(hall, "garage", area, zh=f"车库{row + 1}区", en=f"Garage hall {row + 1}")
    aisle = south + SPACE_DEPTH_M
    drawing.space(f"{hall}/aisle", "driveway", (-half, aisle, half, aisle + 6.0), zh="车道", en="driveway", parent=hall)
    for side, x in (("west", -half), ("east", half)):
        drawing.opening("shutter", (f"spine-{side}", hall), (x, aisle + 0.4), (x, aisle + 5.6), height_m=2.4)
    number = 1
    for column in range(layout.plan.columns):
        cell = -half + column * CELL_M
        number = _draw_bays(drawing, hall, cell + 3.7, count=6, south=aisle + 6.0, number=number)
        # the core stands between 17 and 39 m of the cell
        number = _draw_bays(drawing, hall, cell + 0.4, count=2, south=south, number=number)
        number = _draw_bays(drawing, hall, cell + 39.4, count=2, south=south, number=number)


def ramp_mouth(layout: Layout, side: str) -> Point:
    """Where a ramp meets the ground."""
    x = (layout.grid_half_m + SPINE_M / 2) * (-1 if side == "west" else 1)
    return x, layout.first_row_m + TOWER_DEPTH_M - RAMP_M


def build_garage(layout: Layout) -> Building:
    """The garage with its halls, driveways, spaces and two ramps."""
    drawing = StoreyDrawing(STOREY, at=(0.0, 0.0))
    half = layout.grid_half_m
    south, mouth = layout.first_row_m + TOWER_DEPTH_M, layout.first_row_m + TOWER_DEPTH_M - RAMP_M
    north = layout.last_row_m + TOWER_DEPTH_M + HALL_DEPTH_M
    sides = {"west": ("西", -half - SPINE_M, -half), "east": ("东", half, half + SPINE_M)}
    for side, (zh, x0, x1) in sides.items():
        drawing.space(f"spine-{side}", "driveway", (x0, south, x1, north), zh=f"{zh}主车道", en=f"{side} driveway")
        drawing.space(f"ramp-{side}", "ramp", (x0, mouth, x1, south), zh=f"{zh}坡道", en=f"{side} ramp")
        drawing.opening(
            "passage", (f"ramp-{side}", f"spine-{side}"), (x0 + 0.3, south), (x1 - 0.3, south), height_m=2.6
        )
        drawing.opening("gate", ("outside", f"ramp-{side}"), (x0 + 0.3, mouth), (x1 - 0.3, mouth), height_m=2.6)
    for row in range(layout.plan.rows):
        _draw_hall(drawing, layout, row)
    outline: list[Point] = [(-half - SPINE_M, mouth), (-half, mouth)]
    for row in range(layout.plan.rows):
        y = layout.row_m(row) + TOWER_DEPTH_M
        outline += [(-half, y), (half, y)] if row == 0 else []
    outline += [(half, mouth), (half + SPINE_M, mouth), (half + SPINE_M, north), (-half - SPINE_M, north)]
    storey = drawing.storey(
        (0, 0), outline, elevation_m=BASEMENT_M, height_m=HEIGHT_M, zh="地下一层车库", en="Garage, basement"
    )
    ramps = tuple(
        Ramp(
            id=f"{GARAGE}/ramp-{side}",
            name=Text(zh=f"{zh}坡道", en=f"{side.title()} ramp"),
            axis=Line3(points=(((x0 + x1) / 2, south, BASEMENT_M), ((x0 + x1) / 2, mouth, 0.0))),
            width_m=SPINE_M - 0.6,
            connects=(f"{STOREY}/spine-{side}", "outside"),
        )
        for side, (zh, x0, x1) in sides.items()
    )
    return Building(
        id=GARAGE,
        name=Text(zh="地下车库", en="Underground garage"),
        use="garage",
        footprint=storey.polygon,
        base_elevation_m=BASEMENT_M,
        height_m=HEIGHT_M,
        storeys=(storey,),
        ramps=ramps,
    )
