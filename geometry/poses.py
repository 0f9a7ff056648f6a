"""Where an eye is and which way it looks.

The camera frame has x to the right of the picture, y down, z along the axis.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pose:
    """A place and a direction.

    Attributes
    ----------
    position_m : x, y, z in the site frame
    bearing_deg : of the axis, clockwise from north
    tilt_deg : of the axis below the horizon; 90 looks straight down
    roll_deg : turn of the picture about the axis, clockwise as seen from behind
    """

    position_m: tuple[float, float, float]
    bearing_deg: float
    tilt_deg: float = 0.0
    roll_deg: float = 0.0


def axes(pose: Pose) -> Floats:
    """(3, 3) rows right, down and forward of a pose, in the site frame.

    Examples
    --------
    >>> axes(Pose((0, 0, 0), bearing_deg=0.0)).astype(int).tolist()
    [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    """
    # written out, because a camera is asked about thousands of times and numpy's cross product is slow for one
    bearing, tilt, roll = (math.radians(a) for a in (pose.bearing_deg, pose.tilt_deg, pose.roll_deg))
    fx, fy, fz = math.sin(bearing) * math.cos(tilt), math.cos(bearing) * math.cos(tilt), -math.sin(tilt)
    level_x, level_y = math.cos(bearing), -math.sin(bearing)
    down_x, down_y, down_z = -fz * level_y, fz * level_x, fx * level_y - fy * level_x
    c, s = math.cos(roll), math.sin(roll)
    rx, ry, rz = c * level_x + s * down_x, c * level_y + s * down_y, s * down_z
    return np.array([
        (rx, ry, rz),
        (fy * rz - fz * ry, fz * rx - fx * rz, fx * ry - fy * rx),
        (fx, fy, fz),
    ])  # fmt: skip


def in_camera(pose: Pose, points_m: ArrayLike) -> Floats:
    """(n, 3) points in the frame of the camera. [m]

    Parameters
    ----------
    points_m : (n, 3), site frame

    Examples
    --------
    >>> in_camera(Pose((0, 0, 3), bearing_deg=90.0), [(4, 0, 3), (4, 0, 0)]).round(6).tolist()
    [[0.0, 0.0, 4.0], [0.0, 3.0, 4.0]]
    """
    points = np.asarray(points_m, dtype=np.float64).reshape(-1, 3) - np.asarray(pose.position_m)
    seen: Floats = axes(pose) @ points.T  # ten times as fast as points @ axes.T
    seen += 0.0
    return seen.T


def in_site(pose: Pose, directions: ArrayLike) -> Floats:
    """(n, 3) directions of the camera frame in the site frame.

    Parameters
    ----------
    directions : (n, 3), camera frame
    """
    turned: Floats = np.asarray(directions, dtype=np.float64).reshape(-1, 3) @ axes(pose)
    return turned


def looking_at(position_m: tuple[float, float, float], target_m: tuple[float, float, float]) -> Pose:
    """The pose at a place whose axis goes through a target.

    Examples
    --------
    >>> looking_at((0, 0, 3), (3, 0, 0))
    Pose(position_m=(0, 0, 3), bearing_deg=90.0, tilt_deg=45.0, roll_deg=0.0)
    """
    x, y, z = (b - a for a, b in zip(position_m, target_m, strict=True))
    bearing_deg = math.degrees(math.atan2(x, y)) % 360
    return Pose(position_m, bearing_deg, math.degrees(math.atan2(-z, math.hypot(x, y))))
