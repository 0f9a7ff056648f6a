"""Stair flights, step by step, within the space of a stair."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.fabric.plans import Flights

_GAP_M: Final = 0.1
_LEAST_GOING_M: Final = 0.18
_MOST_STEPS: Final = 300
"""Of one storey; a riser of a micrometre is a slip of the pen, and would take hours to lay out."""
_LANDING_M: Final = 0.15

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Step:
    """A step or landing as a block.

    Attributes
    ----------
    shape : in plan
    bottom_m, top_m : above the storey's floor
    is_landing : whether one stands on it between two flights
    """

    shape: shapely.Polygon
    bottom_m: float
    top_m: float
    is_landing: bool = False


def steps(flights: Flights, rise_m: float) -> tuple[Step, ...]:
    """The steps of a stair from one storey to the next.

    The well is the smallest rectangle around the space; the first flight starts at the end nearest to the door.

    Parameters
    ----------
    rise_m : height of the storey
    """
    start, along, across, length_m, width_m = _frame(flights)
    count = min(max(2, round(rise_m / flights.riser_m)), _MOST_STEPS)
    if flights.kind != "dogleg" or width_m < 1.6:
        flight_m = min(flights.width_m, width_m - 0.1)
        foot = start + across * ((width_m - flight_m) / 2)
        return _flight(foot, along * length_m, across * flight_m, z_m=(0.0, rise_m), count=count)
    half_m = min(flights.width_m, (width_m - _GAP_M) / 2)
    first = count - count // 2
    landing_m = min(half_m, max(0.9, (length_m - first * 0.26) / 2))
    run = along * max(first * _LEAST_GOING_M, length_m - 2 * landing_m)
    rise_half_m = rise_m * first / count
    foot = start + along * landing_m
    lower = _flight(foot, run, across * half_m, z_m=(0.0, rise_half_m), count=first)
    other = foot + run + across * (width_m - half_m)
    upper = _flight(other, -run, across * half_m, z_m=(rise_half_m, rise_m), count=count - first)
    end = foot + run
    corners = [end, end + along * landing_m, end + along * landing_m + across * width_m, end + across * width_m]
    landing = Step(shapely.Polygon(corners), rise_half_m - _LANDING_M, rise_half_m, is_landing=True)
    return (*lower, *upper, landing)


def _frame(flights: Flights) -> tuple[Vector, Vector, Vector, float, float]:
    """Corner, directions along and across, length and width of the well, 6 cm clear of its walls."""
    around = shapely.minimum_rotated_rectangle(flights.shape)
    corners = shapely.get_coordinates(around)[:4, :2]
    if np.linalg.norm(corners[1] - corners[0]) < np.linalg.norm(corners[2] - corners[1]):
        corners = np.roll(corners, -1, axis=0)
    if flights.entry is not None:
        door = np.array(flights.entry)
        near, far = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
        if np.linalg.norm(door - far) < np.linalg.norm(door - near):
            corners = np.roll(corners, 2, axis=0)
    length_m, width_m = math.dist(corners[0], corners[1]), math.dist(corners[0], corners[3])
    along, across = (corners[1] - corners[0]) / length_m, (corners[3] - corners[0]) / width_m
    clear_m = 0.1
    start = corners[0] + (along + across) * clear_m
    return start, along, across, length_m - 2 * clear_m, width_m - 2 * clear_m


def _flight(foot: Vector, run: Vector, across: Vector, *, z_m: tuple[float, float], count: int) -> tuple[Step, ...]:
    """One flight: its treads and risers over a sloping underside."""
    rise_m = (z_m[1] - z_m[0]) / count
    found = []
    for k in range(count):
        near, far = foot + run * (k / count), foot + run * ((k + 1) / count)
        low_m, high_m = z_m[0] + k * rise_m, z_m[0] + (k + 1) * rise_m
        shape = shapely.Polygon([near, far, far + across, near + across])
        found.append(Step(shape, max(z_m[0], low_m - 0.14), high_m))
    return tuple(found)
