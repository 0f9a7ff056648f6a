"""The plan of an estate: how many towers, how high, and where they stand."""

import math
from dataclasses import dataclass
from functools import cached_property

TOWER_WIDTH_M = 36.0
TOWER_DEPTH_M = 12.0
STOREY_HEIGHT_M = 2.9
GROUND_FLOOR_M = 0.15
"""Finished ground floor above the site datum."""
GARAGE_FLOOR_M = -4.2
_GAP_BETWEEN_M = 22.0
_SUN_RATIO = 0.9
"""Clear distance between rows over the height of the southern one, for sun on the lowest flats in winter."""
_LEAST_GAP_M = 34.0
_MARGIN_M = 44.0
SOUTH_STRIP_M = 46.0
"""Depth of the strip along the street that holds the gate, the shops and the service buildings."""


@dataclass(frozen=True)
class EstatePlan:
    """What is to be built.

    Attributes
    ----------
    towers : int
        1 to 60.
    storeys : int
        Storeys above ground of every tower, 3 to 40; four flats on each.
    seed : int
        Decides what differs between estates of the same plan: households, models, dates.
    """

    towers: int = 6
    storeys: int = 18
    seed: int = 1
    id: str = "riverside"
    name_zh: str = "滨江花园"
    name_en: str = "Riverside Garden"

    def __post_init__(self) -> None:
        if not 1 <= self.towers <= 60:
            raise ValueError(f"{self.towers} towers: an estate has 1 to 60 of them")
        if not 3 <= self.storeys <= 40:
            raise ValueError(f"{self.storeys} storeys: a tower has 3 to 40 of them")

    @cached_property
    def columns(self) -> int:
        """Towers in a row."""
        return min(self.towers, max(1, math.ceil(math.sqrt(self.towers * 1.3))))

    @cached_property
    def rows(self) -> int:
        """Rows of towers, from south to north."""
        return math.ceil(self.towers / self.columns)

    @cached_property
    def tower_height_m(self) -> float:
        """Roof above the site datum, without the penthouse."""
        return GROUND_FLOOR_M + self.storeys * STOREY_HEIGHT_M

    @cached_property
    def column_pitch_m(self) -> float:
        """From tower to tower in a row."""
        return TOWER_WIDTH_M + _GAP_BETWEEN_M

    @cached_property
    def row_pitch_m(self) -> float:
        """From row to row."""
        return round(TOWER_DEPTH_M + max(_LEAST_GAP_M, _SUN_RATIO * self.tower_height_m), 0)

    @cached_property
    def size_m(self) -> tuple[float, float]:
        """Width and depth of the whole estate."""
        width = max(150.0, self.columns * self.column_pitch_m - _GAP_BETWEEN_M + 2 * _MARGIN_M)
        depth = (self.rows - 1) * self.row_pitch_m + TOWER_DEPTH_M + 2 * _MARGIN_M + SOUTH_STRIP_M
        return width, depth

    @cached_property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the boundary in the site frame."""
        width, depth = self.size_m
        return -width / 2, -depth / 2, width / 2, depth / 2

    def tower_corner_m(self, tower: int) -> tuple[float, float]:
        """South-west corner of tower 1, 2, ...; a last row that is not full stands in the middle."""
        row, column = divmod(tower - 1, self.columns)
        in_row = min(self.columns, self.towers - row * self.columns)
        used_m = in_row * self.column_pitch_m - _GAP_BETWEEN_M
        _, south, _, _ = self.bounds_m
        x = -used_m / 2 + column * self.column_pitch_m
        return x, south + _MARGIN_M + SOUTH_STRIP_M + row * self.row_pitch_m
