"""The devices of the garage."""

from typing import Final

from sample_sites.generator.devices.placing import Place, Placer
from sample_sites.generator.garage import HALL_DEPTH_M, SPACE_DEPTH_M, SPACE_WIDTH_M, STOREY, hall_id, ramp_mouth
from sample_sites.generator.plan import BASEMENT_M, CELL_M, SPINE_M, TOWER_DEPTH_M, Layout

SENSED_SPACES: Final = 12
"""Of the 30 spaces of a cell: those of the northern row that visitors are led to."""
CHARGED_SPACES: Final = 2


def place_garage(placer: Placer, layout: Layout) -> None:
    """Add the devices of every hall, of the driveways and of the ramps."""
    place = Place("地下车库", "Garage", floor_m=BASEMENT_M, gateway="gw-garage")
    south = layout.row_m(0) + TOWER_DEPTH_M
    placer.put("gw-garage", "gateway", place.within(f"{STOREY}/spine-west"), (-layout.grid_half_m - 5.8, south + 2.0),
               parent="gw-core")  # fmt: skip
    for row in range(layout.plan.rows):
        _place_hall(placer, layout, row)
    for side, sign in (("west", -1), ("east", 1)):
        x, y = ramp_mouth(layout, side)
        names = ("西坡道", "West ramp") if sign < 0 else ("东坡道", "East ramp")
        mouth = Place(*names, gateway="gw-garage")
        placer.put(f"barrier-ramp-{side}", "barrier", mouth, (x - sign * SPINE_M / 2, y))
        placer.camera(f"cam-ramp-{side}", mouth, (x - sign * (SPINE_M / 2 + 0.5), y - 8.0), looks=28 * sign,
                      kind="camera-fixed", model="4MP-4mm", height_m=3.0, tilt_deg=18)  # fmt: skip
        placer.put(f"disp-ramp-{side}", "parking-display", mouth, (x - sign * (SPINE_M / 2 + 0.6), y - 0.5))
        spine = Place(names[0][:1] + "主车道", f"{side.title()} driveway", floor_m=BASEMENT_M,
                      space=f"{STOREY}/spine-{side}", gateway="gw-garage")  # fmt: skip
        placer.put(f"ext-spine-{side}", "extinguisher", spine, (x - sign * 2.6, south + 14.0))
        placer.put(f"mcp-spine-{side}", "manual-call-point", spine, (x - sign * 2.6, south + 15.0))
        placer.camera(
            f"cam-spine-{side}", spine, (x, south + 0.4), looks=0, height_m=2.6, tilt_deg=12, kind="camera-fixed"
        )


def _place_hall(placer: Placer, layout: Layout, row: int) -> None:
    hall, half = hall_id(row), layout.grid_half_m
    number = row + 1
    south = layout.row_m(row) + TOWER_DEPTH_M
    aisle = south + SPACE_DEPTH_M
    place = Place(f"车库{number}区", f"Garage hall {number}", floor_m=BASEMENT_M, space=hall, gateway="gw-garage")
    for column in range(layout.plan.columns):
        cell = -half + column * CELL_M
        label, key = str(column + 1), f"g{number}-{column + 1}"
        placer.camera(f"cam-{key}-w", place, (cell + 1.0, aisle + 0.2), looks=80, kind="camera-fixed", tilt_deg=12,
                      height_m=2.7, label=f"{label}a")  # fmt: skip
        placer.camera(f"cam-{key}-e", place, (cell + CELL_M - 1.0, aisle + 5.8), looks=260, kind="camera-fixed",
            tilt_deg=12,
                      height_m=2.7, label=f"{label}b")  # fmt: skip
        for k, x in enumerate((cell + 6.0, cell + 20.0, cell + 36.0, cell + 50.0), 1):
            placer.put(f"ext-{key}-{k}", "extinguisher", place, (x, aisle + 0.2), label=f"{label}.{k}")
        for end, x in (("a", cell + 14.0), ("b", cell + 42.0)):
            placer.put(f"mcp-{key}-{end}", "manual-call-point", place, (x, aisle + 0.2), label=f"{label}{end}")
        for k, x in ((1, cell + 14.0), (2, cell + 42.0)):
            placer.put(f"light-{key}-{k}", "light", place, (x, aisle + 3.0), label=f"{label}.{k}")
        for k, x in enumerate((cell + 7.0, cell + 21.0, cell + 35.0, cell + 49.0), 1):
            placer.put(
                f"speaker-{key}-{k}", "loudspeaker", place, (x, aisle + 3.0), label=f"{label}.{k}", model="ceiling-6W"
            )
        placer.put(f"co-{key}", "garage-co", place, (cell + 20.0, aisle + 0.2), label=label)
        placer.put(f"ap-{key}", "wifi-ap", place, (cell + 30.0, aisle + 3.0), label=label)
        placer.put(f"heat-{key}", "heat-detector", place, (cell + 28.0, aisle + 3.0), label=label)
        first = 1 + 30 * column
        for k in range(SENSED_SPACES):
            x = cell + 3.7 + 0.3 + (k // 3) * 8.1 + (k % 3 + 0.5) * SPACE_WIDTH_M
            space = place.within(f"{hall}/p{first + k:02d}")
            placer.put(f"ps-{key}-{k + 1}", "parking-sensor", space, (x, aisle + 6.3), label=f"{first + k:02d}")
            if k < CHARGED_SPACES:
                placer.put(
                    f"ev-{key}-{k + 1}", "charger-ac", space, (x, south + HALL_DEPTH_M - 0.2), label=f"{first + k:02d}"
                )
    placer.put(f"disp-hall-{number}", "parking-display", place, (half - 1.0, aisle + 3.0))
    placer.put(f"patrol-hall-{number}", "patrol-point", place, (half - 0.5, aisle + 0.1))
