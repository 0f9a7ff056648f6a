"""Which samples of a grid lie in an eye's field, found by cutting each row of the grid instead of asking each sample.

A field is a set of half-spaces and a sphere. A row of a grid is a line, so what of it is in the field is one interval
of columns: exact, and a hundred times cheaper than testing all samples.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geometry.lenses import Lens, Pinhole, half_spaces, pixel_density_px_per_m, reach_m, sees
from geometry.poses import Pose, axes, in_camera
from geometry.samples import Grid, Samples

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

_LEVEL: Final = 1e-12
"""A cut whose value changes less from column to column cuts whole rows."""


@dataclass(frozen=True, slots=True)
class Eye:
    """What looks: a lens in a pose, and how far its picture is of use.

    Attributes
    ----------
    far_m : no target farther away counts
    near_m : none nearer
    least_px_per_m : none with fewer pixels on a metre
    """

    pose: Pose
    lens: Lens
    far_m: float = 200.0
    near_m: float = 0.0
    least_px_per_m: float = 1.0

    @property
    def reach_m(self) -> float:
        """The farthest distance at which a target can count. [m]"""
        return min(self.far_m, reach_m(self.lens, self.least_px_per_m))


def in_field(eye: Eye, samples: Samples) -> Ints:
    """(n,) numbers of the samples within an eye's field, distance and least pixel density, hidden ones too."""
    cuts, offsets = _cuts(eye)
    centre = np.asarray(eye.pose.position_m, dtype=np.float64)
    reach = eye.reach_m
    found = [
        _cut_grid(samples.grids[k], samples.numbers[k], centre, cuts, offsets, reach)
        for k in _near(samples.balls_m, centre, cuts, offsets, reach)
    ]
    loose = samples.points_m[samples.loose_from :]
    if len(loose):
        away = loose - centre
        inside = (away @ cuts.T + offsets >= 0).all(axis=1) & (np.einsum("ij,ij->i", away, away) <= reach**2)
        found.append((np.flatnonzero(inside) + samples.loose_from).astype(np.int32))
    numbers = np.concatenate(found) if found else np.empty(0, np.int32)
    if isinstance(eye.lens, Pinhole) and eye.lens.is_straight and eye.near_m <= 0:
        return numbers  # the cuts are its field
    return numbers[_is_in_field(eye, samples.points_m[numbers])]


def in_field_by_testing_all(eye: Eye, samples: Samples) -> Ints:
    """The same, by testing every sample: slow, what the tests hold `in_field` to."""
    return np.flatnonzero(_is_in_field(eye, samples.points_m)).astype(np.int32)


def may_see(eye: Eye, centre_m: ArrayLike, radius_m: float) -> bool:
    """Whether a ball may lie in an eye's field or before it; no means surely not.

    Parameters
    ----------
    centre_m : (3,)
    """
    ball = np.array([[*np.asarray(centre_m, dtype=np.float64), radius_m]])
    return len(_near(ball, np.asarray(eye.pose.position_m), *_cuts(eye), eye.reach_m)) > 0


def _is_in_field(eye: Eye, points_m: Floats) -> NDArray[np.bool_]:
    points = in_camera(eye.pose, points_m)
    distance_m = np.linalg.norm(points, axis=1)
    inside = sees(eye.lens, points) & (pixel_density_px_per_m(eye.lens, points) >= eye.least_px_per_m)
    inside &= (distance_m <= eye.far_m) & (distance_m >= eye.near_m)
    return inside


def _cuts(eye: Eye) -> tuple[Floats, Floats]:
    """Half-spaces normal · away + offset >= 0 in the site frame."""
    turned = axes(eye.pose)
    normals = half_spaces(eye.lens) @ turned
    offsets = np.zeros(len(normals))
    if isinstance(eye.lens, Pinhole) and eye.lens.is_straight:
        deepest_m = eye.lens.focal_px / eye.least_px_per_m
        normals = np.vstack((normals, -turned[2]))
        offsets = np.append(offsets, deepest_m)
    return normals, offsets


def _near(balls_m: Floats, centre: Floats, cuts: Floats, offsets: Floats, reach: float) -> list[int]:
    """The balls that reach into a field."""
    away, radius = balls_m[:, :3] - centre, balls_m[:, 3]
    near = np.einsum("ij,ij->i", away, away) <= (reach + radius) ** 2
    lengths = np.linalg.norm(cuts, axis=1)
    near &= (away @ cuts.T + offsets >= -radius[:, None] * lengths - 1e-6).all(axis=1)
    found: list[int] = np.flatnonzero(near).tolist()
    return found


def _cut_grid(grid: Grid, numbers: Ints, centre: Floats, cuts: Floats, offsets: Floats, reach: float) -> Ints:
    rows, columns = grid.inside.shape
    step = grid.step_m
    x0, y0 = grid.corner_m - centre[:2]
    first, last = max(0, int(np.floor((-reach - y0) / step))), min(rows - 1, int(np.ceil((reach - y0) / step)))
    if first > last or columns == 0:
        return np.empty(0, np.int32)
    i = np.arange(first, last + 1)
    y = y0 + i * step
    z = grid.level_m - centre[2] + grid.plane_m[2] * i * step
    rise = grid.plane_m[1]
    # the sphere: a j² + 2 b j + c <= 0
    a, b = step**2 * (1 + rise**2), step * (x0 + rise * z)
    under = b**2 - a * (x0**2 + y**2 + z**2 - reach**2)
    root = np.sqrt(np.maximum(under, 0.0))
    # the half-spaces, all at once: of small grids there are many
    slopes = (cuts[:, 0] + cuts[:, 2] * rise) * step
    values = np.multiply.outer(y, cuts[:, 1]) + np.multiply.outer(z, cuts[:, 2]) + (cuts[:, 0] * x0 + offsets)
    up, down = slopes > _LEVEL, slopes < -_LEVEL
    low = np.maximum((-b - root) / a, (-values[:, up] / slopes[up]).max(axis=1, initial=-np.inf))
    high = np.minimum((-b + root) / a, (-values[:, down] / slopes[down]).min(axis=1, initial=np.inf))
    kept = (under >= 0) & (values[:, ~(up | down)] >= -1e-9).all(axis=1)
    # a rounding error must not cost the sample on the field's very edge; it is tested again
    start = np.maximum(np.ceil(low - 1e-6), 0)
    stop = np.minimum(np.floor(high + 1e-6), columns - 1)
    kept &= start <= stop
    return _taken(numbers, i[kept], start[kept].astype(np.int64), stop[kept].astype(np.int64))


def _taken(numbers: Ints, rows: NDArray[np.int64], start: NDArray[np.int64], stop: NDArray[np.int64]) -> Ints:
    """The numbers in intervals of rows, without the cells outside of the area."""
    if not len(rows):
        return np.empty(0, np.int32)
    counts = stop - start + 1
    ends = np.cumsum(counts)
    begins = (rows * numbers.shape[1] + start - (ends - counts)).astype(np.int32)
    flat = np.arange(ends[-1], dtype=np.int32) + np.repeat(begins, counts)
    taken = numbers.reshape(-1)[flat]
    inside: Ints = taken[taken >= 0]
    return inside
