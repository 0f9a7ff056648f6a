"""Colours of the model: an architect's white model with quiet tints, and what each vertex is made of."""

from enum import IntEnum
from typing import Final

import numpy as np

Colour = tuple[int, int, int, int]
"""Linear red, green, blue, and `Matter`."""


class Matter(IntEnum):
    """What a vertex belongs to; the fourth part of its colour, by which the page's shader treats it."""

    PLAIN = 255
    DOOR = 240
    """A leaf that opens: one walks through it."""
    CUT = 224
    """The top of a wall, drawn as a draughtsman blackens a cut."""
    LINTEL = 192
    """Above an opening: left out where walls are cut low, so that the opening shows."""
    GLASS_DOOR = 168
    """Drawn as glass and walked through as a door."""
    GLASS = 160
    FLOOR = 128
    SHADE = 96
    """A shadow on the ground; its darkness is in red."""
    FOLIAGE = 64
    DETAIL = 32
    """A fine line, left out from afar."""


def colour(hex_rgb: str, matter: Matter = Matter.PLAIN) -> Colour:
    """The linear colour of ``#rrggbb``.

    Examples
    --------
    >>> colour("#ffffff")
    (255, 255, 255, 255)
    """
    srgb = np.array([int(hex_rgb[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    r, g, b = (round(float(v) * 255) for v in linear)
    return r, g, b, int(matter)


FACADE: Final = colour("#f6f5f2")
REVEAL: Final = colour("#d5d2cb")
BAND: Final = colour("#e2dfd8")
PLINTH: Final = colour("#c9c5bc")
WINDOW: Final = colour("#6f8799", Matter.GLASS)
GLASS: Final = colour("#b9d0dc", Matter.GLASS)
DOOR_OUTSIDE: Final = colour("#7c6f62", Matter.DOOR)
ROOF: Final = colour("#dcdbd7")
PARAPET: Final = colour("#e9e6e0")
WALL: Final = colour("#f4f3f0")
WALL_CUT: Final = colour("#3d454f", Matter.CUT)
LINTEL: Final = colour("#f4f3f0", Matter.LINTEL)
LINTEL_TOP: Final = colour("#5a626c", Matter.LINTEL)
SLAB: Final = colour("#cfccc5")
DOOR: Final = colour("#b08a5e", Matter.DOOR)
GLASS_DOOR: Final = colour("#b9d0dc", Matter.GLASS_DOOR)
FIRE_DOOR: Final = colour("#b5574a", Matter.DOOR)
LIFT_DOOR: Final = colour("#8f99a3")
STEP: Final = colour("#dcd8d0")
COLUMN: Final = colour("#c4c6c8")
RAILING: Final = colour("#b8c4cc")
MARKING: Final = colour("#fbfbf8")
EDGE: Final = colour("#59616b")
FINE_EDGE: Final = colour("#7d858e", Matter.DETAIL)

_FLOORS: Final[dict[str, str]] = {
    "flat": "#e6ddcf", "living_room": "#ead9bd", "bedroom": "#e3d5c3", "kitchen": "#d6dccb", "bathroom": "#c3d6de",
    "balcony": "#d4d7d2", "hall": "#e3dccf",
    "lobby": "#d9dde4", "corridor": "#dfe1e6", "lift_lobby": "#d5dbe4", "stair": "#cfcdc8", "lift_shaft": "#9fa8b3",
    "shaft": "#aab0b6", "roof": "#d6d3cc", "refuge": "#cfe3cf",
    "garage": "#c9cccf", "parking_space": "#bfc4c9", "driveway": "#c3c6c8", "ramp": "#bcbfc2",
    "bicycle_garage": "#c6cdd0", "bicycle_charging": "#c3d3cc",
    "substation": "#e2d2a8", "switch_room": "#e2d2a8", "generator_room": "#ddcda6", "fire_pump_room": "#e0bfb4",
    "smoke_control_room": "#e0c6ba", "water_pump_room": "#b9d3e0", "tank_room": "#b9d3e0",
    "lift_machine_room": "#cbc8d6", "data_room": "#cfc7e2", "monitoring_centre": "#c7c9e6", "telecom_room": "#cfc7e2",
    "service_centre": "#e2dcc4", "office": "#e2dcc4", "shop": "#e6d3b4", "kindergarten": "#efd9b0",
    "classroom": "#efd9b0", "activity_room": "#e7d8b8", "care_station": "#e6cfd2", "parcel_room": "#dcd6c6",
    "refuse_room": "#cdd0c2", "gatehouse": "#dcd9cf", "toilet": "#c3d6de", "storage": "#d3d0c9",
}  # fmt: skip
FLOORS: Final[dict[str, Colour]] = {use: colour(value, Matter.FLOOR) for use, value in _FLOORS.items()}
OTHER_FLOOR: Final = colour("#d8d6d0", Matter.FLOOR)

_GROUNDS: Final[dict[str, str]] = {
    "site_boundary": "#e4e4df", "road": "#b4b7ba", "path": "#d9d2c3", "plaza": "#ddd5c6", "green": "#b9cba0",
    "parking_space": "#a9adb2", "playground": "#e2b48f", "fitness": "#d8b59a", "sports": "#9fc0a8", "water": "#9fc3d6",
    "fire_operation_area": "#cdb0a8", "charging_area": "#a6c2b4", "bicycle_parking": "#bfc4c9", "bin_point": "#b5b8a2",
    "ramp_mouth": "#a0a4a8", "pipe_trench": "#c7c1b3", "manhole": "#7b8086", "assembly_point": "#5fae7c",
    "gate": "#c9a86a", "vehicle_gate": "#c9a86a", "fire_lane": "#aeb1b5", "other": "#d3d0c8",
}  # fmt: skip
GROUNDS: Final[dict[str, Colour]] = {use: colour(value) for use, value in _GROUNDS.items()}
SURROUNDINGS: Final = colour("#eef0f0")
KERB: Final = colour("#cfcec9")
FENCE: Final = colour("#6d757d")
FIRE_MARK: Final = colour("#d9a32b")
FIRE_AREA_MARK: Final = colour("#c4513f")
SIGN: Final = colour("#2f9e63")
TRUNK: Final = colour("#8d7a66")
CROWNS: Final = (colour("#9dbb83", Matter.FOLIAGE), colour("#8fb27c", Matter.FOLIAGE))

NETWORKS: Final[dict[str, str]] = {
    "domestic_water": "#2b7fd4", "fire_main": "#d64535", "drainage": "#8a6a45", "telecom_duct": "#7d55c7",
    "heating": "#e07b2a", "gas": "#d9b400", "other": "#5c6b78",
}  # fmt: skip
"""Pipe colours; the page holds the same ones as its system colours."""
