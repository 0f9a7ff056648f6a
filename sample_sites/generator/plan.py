"""What is asked for, and where things stand because of it.

The estate is a grid of slab towers facing south: ring road around it, a strip with service building, kindergarten
and shops in the south, plant in the north. Row spacing follows the sun: 1.1 times the towers' height, as planning
rules for Chinese residential areas ask at about 30 degrees north.
"""

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sample_sites.errors import PlanError

STOREY_M: Final = 2.9
GROUND_M: Final = 0.3
"""Ground floor above the site datum."""
BASEMENT_M: Final = -5.1
"""Floor of basements and garage: 3.9 m of garage under 1.2 m of soil."""
ROOF_STOREY_M: Final = 3.6
SUN_RATIO: Final = 1.1
CELL_M: Final = 56.0
"""East-west distance of towers: 40 m of slab and 16 m between gables."""
TOWER_DEPTH_M: Final = 15.0
RING_WIDTH_M: Final = 7.0
SPINE_M: Final = 6.0
MIN_HALF_M: Final = 76.0
"""Half width that the southern strip with its buildings needs."""


@dataclass(frozen=True)
class EstatePlan:
    """The size of an estate.

    Raises
    ------
    PlanError
        If a number is outside of what can be laid out.

    Examples
    --------
    >>> EstatePlan(towers=6).columns, EstatePlan(towers=6).rows
    (3, 2)
    """

    towers: int = 6
    storeys: int = 18
    flats_per_storey: int = 4
    seed: int = 1
    id: str = "riverside"
    """Id of the site and first level of its topics: two estates in one place must not share it."""

    def __post_init__(self) -> None:
        for what, value, low, high in (("towers", self.towers, 1, 60), ("storeys", self.storeys, 3, 40)):
            if not low <= value <= high:
                raise PlanError(f"{what} {value}: an estate has {low} to {high}; give a number between")
        if self.flats_per_storey not in (2, 4):
            raise PlanError(f"flats_per_storey {self.flats_per_storey}: towers have 2 or 4 flats on a storey; give one")
        if re.fullmatch(r"[a-z0-9][a-z0-9._-]*", self.id) is None:
            raise PlanError(
                f"id {self.id!r}: a site id has lower-case letters, digits and . _ - and starts with a letter or digit"
            )

    @property
    def row_pitch_m(self) -> float:
        """North-south distance of tower rows."""
        return TOWER_DEPTH_M + math.ceil(max(42.0, SUN_RATIO * (GROUND_M + STOREY_M * self.storeys)))

    @property
    def columns(self) -> int:
        """Towers in a row, so that the estate is about square."""
        return min(self.towers, max(1, round(math.sqrt(self.towers * self.row_pitch_m / CELL_M))))

    @property
    def rows(self) -> int:
        """Rows of towers."""
        return math.ceil(self.towers / self.columns)

    @cached_property
    def layout(self) -> "Layout":
        """Where things stand."""
        return Layout(self)


@dataclass(frozen=True)
class TowerPlace:
    """A tower's number, its south-west corner in the site frame and its size."""

    number: int
    x_m: float
    y_m: float
    storeys: int
    flats: int

    @property
    def id(self) -> str:
        """The building's id."""
        return f"tower-{self.number}"

    @property
    def west_m(self) -> float:
        """Local start of the slab: a tower of two flats a storey is its middle part only."""
        return 0.0 if self.flats == 4 else 9.0

    @property
    def east_m(self) -> float:
        """Local end of the slab."""
        return 40.0 if self.flats == 4 else 31.0

    def at(self, u_m: float, v_m: float) -> tuple[float, float]:
        """Site coordinates of a point given from the tower's corner."""
        return self.x_m + u_m, self.y_m + v_m

    def elevation_m(self, number: int) -> float:
        """Finished floor of a storey: 0 is the basement, `storeys` + 1 the roof."""
        return BASEMENT_M if number == 0 else GROUND_M + STOREY_M * (number - 1)


class Layout:
    """Coordinates of everything, from the plan alone; the origin is the middle of the estate."""

    def __init__(self, plan: EstatePlan) -> None:
        self.plan = plan
        self.pitch_m = plan.row_pitch_m
        south_m, north_m = 30.0 + 50.0, TOWER_DEPTH_M + 26.0 + 30.0
        extent_m = (plan.rows - 1) * self.pitch_m
        self.first_row_m = round((south_m - north_m - extent_m) / 2)
        """South facade of the first row."""
        self.last_row_m = self.first_row_m + extent_m
        self.grid_half_m = plan.columns * CELL_M / 2
        self.half_m = max(self.grid_half_m + SPINE_M, MIN_HALF_M)
        self.ring_x_m = self.half_m + 8.0
        self.ring_south_m = self.first_row_m - 30.0
        self.ring_north_m = self.last_row_m + TOWER_DEPTH_M + 26.0
        self.west_m, self.east_m = -self.ring_x_m - 12.0, self.ring_x_m + 12.0
        self.south_m, self.north_m = self.ring_south_m - 50.0, self.ring_north_m + 30.0

    @cached_property
    def towers(self) -> tuple[TowerPlace, ...]:
        """The towers, from the south-west, row by row."""
        plan = self.plan
        return tuple(
            TowerPlace(
                k + 1,
                -self.grid_half_m + 8.0 + (k % plan.columns) * CELL_M,
                self.row_m(k // plan.columns),
                plan.storeys,
                plan.flats_per_storey,
            )
            for k in range(plan.towers)
        )

    def row_m(self, row: int) -> float:
        """South facade of a row."""
        return self.first_row_m + row * self.pitch_m

    @property
    def lanes_m(self) -> tuple[float, ...]:
        """The fire lanes north of each row."""
        return tuple(self.row_m(row) + TOWER_DEPTH_M + 10.0 for row in range(self.plan.rows))

    @property
    def ring(self) -> tuple[tuple[float, float], ...]:
        """The ring road's centre line, closed, counter-clockwise from the south-west."""
        x, south, north = self.ring_x_m, self.ring_south_m, self.ring_north_m
        return (-x, south), (x, south), (x, north), (-x, north), (-x, south)

    @property
    def boundary(self) -> tuple[tuple[float, float], ...]:
        """The estate's boundary, counter-clockwise, not closed."""
        return (
            (self.west_m, self.south_m),
            (self.east_m, self.south_m),
            (self.east_m, self.north_m),
            (
                self.west_m,
                self.north_m,
            ),
        )
