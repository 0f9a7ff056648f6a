"""What cameras at mounts would cover: each aim that makes sense, of each model, with the spots it serves.

Rays are cast once for a mount, whatever looks from it; an aim only asks which of the spots in sight are in its picture
and near enough. Aims follow from the spots: as low as the nearest needs, as high as the farthest, and between.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geometry.lenses import Lens, Pinhole, horizontal_fov_deg, pixel_density_px_per_m, reach_m, sees, vertical_fov_deg
from geometry.poses import Pose, in_camera
from twin.coverage.cameras import FARTHEST_M, lens_of
from twin.coverage.placement.incidence import Flags, Floats, Ints
from twin.coverage.placement.mounts import Mount
from twin.coverage.placement.spots import Spots
from twin.coverage.prepared import Prepared
from twin.model.cameras import CameraModel

_STEPS: Final = 4
"""Aims in the width of a picture: a third more serve little more."""
_NARROWEST_STEP_DEG: Final = 8.0
_EDGE_DEG: Final = 1.0
_STEEPEST_DEG: Final = 80.0
_DOWN_DEG: Final = 90.0


@dataclass(frozen=True, slots=True)
class Optics:
    """A model as it is looked through.

    Attributes
    ----------
    zoom_ratio : of the lens; 1 at its widest
    turns_deg : bearings of its sensors from its own
    infrared_m : how far it sees in the dark
    needed_lx : light of lamps that it sees by instead
    """

    model: CameraModel
    lens: Lens
    turns_deg: tuple[float, ...]
    infrared_m: float
    needed_lx: float
    zoom_ratio: float = 1.0

    @property
    def is_down(self) -> bool:
        """Whether it hangs from a ceiling and looks straight down, all around."""
        return self.model.optics == "fisheye" and self.model.is_dome


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A camera that could be.

    Attributes
    ----------
    mount : number of it
    serves : (k,) spots, ascending
    """

    mount: int
    optics: Optics
    bearing_deg: float
    tilt_deg: float
    serves: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Chances:
    """How near each spot comes to being served by any candidate; each implies those before it.

    Attributes
    ----------
    is_near : (n,) a mount is near enough for the best lens
    is_free : (n,) and nothing stands between
    is_frontal : (n,) and it is in front of faces
    is_lit : (n,) and near enough for its own light, where it must be
    """

    is_near: Flags
    is_free: Flags
    is_frontal: Flags
    is_lit: Flags


def optics_of(model: CameraModel, *, needed_lx: float, zoom_ratio: float = 1.0) -> Optics:
    """A model as it is looked through.

    Raises
    ------
    LensError
        If no picture can come from it.
    """
    lens = lens_of(model, zoom_ratio=zoom_ratio)
    return Optics(model, lens, model.heads_deg, model.infrared_m or 0.0, needed_lx, zoom_ratio)


def candidates(
    prepared: Prepared,
    mounts: Sequence[Mount],
    spots: Spots,
    optics: Sequence[Sequence[Optics]],
    costs: Mapping[str, float],
) -> tuple[tuple[Candidate, ...], Chances]:
    """All that could be hung at some mounts, and what stands in the way of spots that none of it serves.

    Parameters
    ----------
    optics : for each mount those that may hang there
    costs : of each model; of aims from one mount those that another there replaces at no more cost are left out
    """
    n = len(spots)
    chances = Chances(*(np.zeros(n, dtype=bool) for _ in range(4)))
    found: list[Candidate] = []
    for number, (mount, hung) in enumerate(zip(mounts, optics, strict=True)):
        if not hung:
            continue
        near = _in_sight_inplace(prepared, mount, spots, hung, chances)
        if not len(near):
            continue
        some = spots.of(_flags(near, n))
        tried = [(glass, aim) for glass in hung for aim in tried_aims(mount, glass, some)]
        if tried:
            kept = _undominated(
                np.array([serves for _, (_, _, serves) in tried]), np.array([costs[g.model.id] for g, _ in tried])
            )
            for k in kept.tolist():
                glass, (bearing_deg, tilt_deg, serves) = tried[k]
                found.append(Candidate(number, glass, bearing_deg, tilt_deg, near[serves]))
    return tuple(found), chances


def _undominated(serves: NDArray[np.bool_], costs: Floats) -> NDArray[np.int64]:
    """(k,) rows that serve anything, and all of which no other row serves for no more."""
    sizes = serves.sum(axis=1)
    full = serves.astype(np.float32)
    common = full @ full.T
    beaten = (common >= sizes[:, None]) & (costs[None, :] <= costs[:, None])
    order = np.arange(len(sizes))
    beaten = beaten & (
        ~beaten.T | (order[None, :] < order[:, None])
    )  # of those that replace each other the first stays
    np.fill_diagonal(beaten, val=False)
    return np.flatnonzero((sizes > 0) & ~beaten.any(axis=1))


def tried_aims(mount: Mount, optics: Optics, spots: Spots) -> list[tuple[float, float, Flags]]:
    """Aims that make sense for spots in sight, each with the spots it serves."""
    away_m = np.linalg.norm(spots.points_m - mount.position_m, axis=2).max(axis=1)
    reached = away_m <= np.minimum(reach_m(optics.lens, 1.0) / spots.needed_px_per_m, FARTHEST_M)
    rows = np.flatnonzero(reached & is_lit(mount.position_m, optics, spots))
    if not len(rows):
        return []
    some = spots.of(rows)
    is_plain = isinstance(optics.lens, Pinhole) and optics.lens.is_straight and len(optics.turns_deg) == 1
    straight = _Straight.of(mount.position_m, some) if is_plain else None
    found = []
    for bearing_deg, tilt_deg in aims(mount, optics, some):
        if straight is not None:
            served = straight.served_by(bearing_deg, tilt_deg, optics)
        else:
            served = served_by(mount.position_m, bearing_deg, tilt_deg, optics, some)
        every = np.zeros(len(spots), dtype=bool)
        every[rows[served]] = True
        found.append((bearing_deg, tilt_deg, every))
    return found


def served_by(
    position_m: tuple[float, float, float], bearing_deg: float, tilt_deg: float, optics: Optics, spots: Spots
) -> Flags:
    """(n,) which spots a camera serves, of those that nothing hides from it; all heights of a spot count."""
    heights = spots.points_m.shape[1]
    points = spots.points_m.reshape(-1, 3)
    needed = np.repeat(spots.needed_px_per_m, heights)
    seen = np.zeros(len(points), dtype=bool)
    for turn_deg in optics.turns_deg:
        pose = Pose(position_m, (bearing_deg + turn_deg) % 360, tilt_deg)
        here = in_camera(pose, points)
        seen |= np.asarray(sees(optics.lens, here) & (pixel_density_px_per_m(optics.lens, here) >= needed))
    away_m = np.linalg.norm(points - position_m, axis=1)
    seen &= away_m <= FARTHEST_M
    every: Flags = np.asarray(seen.reshape(-1, heights).all(axis=1))
    return every & is_lit(position_m, optics, spots)


@dataclass(frozen=True, slots=True, eq=False)
class _Straight:
    """Spots as seen from a mount through lenses without distortion: the same answer at an eighth of the time.

    Attributes
    ----------
    east_m, north_m, up_m : (n, heights) from the mount
    needed : (n, 1) pixels on a metre
    """

    east_m: Floats
    north_m: Floats
    up_m: Floats
    needed: Floats

    @classmethod
    def of(cls, position_m: tuple[float, float, float], spots: Spots) -> "_Straight":
        away = spots.points_m - position_m
        return cls(away[:, :, 0].copy(), away[:, :, 1].copy(), away[:, :, 2].copy(), spots.needed_px_per_m[:, None])

    def served_by(self, bearing_deg: float, tilt_deg: float, optics: Optics) -> Flags:
        bearing, tilt = math.radians(bearing_deg), math.radians(tilt_deg)
        lens = optics.lens
        aside = self.east_m * math.cos(bearing) - self.north_m * math.sin(bearing)
        ahead = self.east_m * math.sin(bearing) + self.north_m * math.cos(bearing)
        depth = ahead * math.cos(tilt) - self.up_m * math.sin(tilt)
        down = ahead * -math.sin(tilt) - self.up_m * math.cos(tilt)
        seen = np.abs(aside) <= depth * (lens.width_px / 2 / lens.focal_px)
        seen &= np.abs(down) <= depth * (lens.height_px / 2 / lens.focal_px)
        seen &= depth * self.needed <= lens.focal_px
        every: Flags = np.asarray(seen.all(axis=1))
        return every


def is_lit(position_m: tuple[float, float, float], optics: Optics, spots: Spots) -> Flags:
    """(n,) whether spots are near enough for a camera's own light, where they must be seen in the dark."""
    x, y, z = position_m
    feet = spots.points_m[:, 0]
    away_m = np.hypot(np.hypot(feet[:, 0] - x, feet[:, 1] - y), z - spots.floor_m)
    return ~spots.is_dark | (away_m <= optics.infrared_m) | (spots.light_lx >= optics.needed_lx)


def is_frontal(position_m: tuple[float, float, float], spots: Spots) -> Flags:
    """(n,) whether a place is enough before the faces of spots."""
    highest = spots.points_m[np.arange(len(spots)), spots.points_m[:, :, 2].argmax(axis=1)]
    to = np.asarray(position_m) - highest
    cosine = np.einsum("ij,ij->i", to, spots.front) / np.maximum(np.linalg.norm(to, axis=1), 1e-9)
    frontal: Flags = cosine >= spots.least_cosine
    return frontal


def aims(mount: Mount, optics: Optics, spots: Spots) -> Iterator[tuple[float, float]]:
    """Bearings and tilts that make sense for spots in sight."""
    if optics.is_down:
        if mount.kind == "ceiling":
            yield 0.0, _DOWN_DEG
        return
    x, y, z = mount.position_m
    middle = spots.points_m.mean(axis=1)
    bearings_deg = np.degrees(np.arctan2(middle[:, 0] - x, middle[:, 1] - y)) % 360
    flat_m = np.hypot(spots.points_m[:, :, 0] - x, spots.points_m[:, :, 1] - y)
    below_deg = np.degrees(np.arctan2(z - spots.points_m[:, :, 2], np.maximum(flat_m, 1e-9)))
    wide_deg, high_deg = horizontal_fov_deg(optics.lens), vertical_fov_deg(optics.lens)
    for bearing_deg in _bearings(mount, wide_deg, len(optics.turns_deg)):
        off_deg = (bearings_deg - bearing_deg + 180) % 360 - 180
        inside = (np.abs(off_deg) <= wide_deg / 2) | (len(optics.turns_deg) > 1)
        if inside.any():
            # beside the picture's middle its lower edge looks less far down
            lowest, highest = float(below_deg[inside].max()), float(below_deg[inside].min())
            for tilt_deg in _tilts(lowest, highest, high_deg):
                yield bearing_deg, tilt_deg


def _bearings(mount: Mount, wide_deg: float, heads: int) -> list[float]:
    step_deg = min(max(wide_deg / _STEPS, _NARROWEST_STEP_DEG), 30.0)
    if heads > 1:
        return [0.0, 30.0, 60.0] if heads > 2 else [float(b) for b in range(0, 360, 30)]
    if mount.facing_deg is None:
        count = math.ceil(360 / step_deg)
        return [round(k * 360 / count, 1) for k in range(count)]
    count = max(1, math.ceil(2 * mount.spread_deg / step_deg))
    return [
        round((mount.facing_deg - mount.spread_deg + k * 2 * mount.spread_deg / count) % 360, 1)
        for k in range(count + 1)
    ]


def _tilts(lowest_deg: float, highest_deg: float, high_deg: float) -> list[float]:
    """Tilts at which the lowest spot is just in the picture, the highest one is, and one between."""
    down = lowest_deg - high_deg / 2 + _EDGE_DEG
    up = highest_deg + high_deg / 2 - _EDGE_DEG
    if down <= up:  # all fit in
        wanted = [(down + up) / 2]
        wanted += [down] if up - down > high_deg / 4 else []
    else:
        wanted = [down, (down + up) / 2, up]
    kept = sorted({round(min(max(tilt, 0.0), _STEEPEST_DEG), 1) for tilt in wanted})
    return [tilt for k, tilt in enumerate(kept) if k == 0 or tilt - kept[k - 1] >= 3 * _EDGE_DEG]


def _in_sight_inplace(prepared: Prepared, mount: Mount, spots: Spots, hung: Sequence[Optics], chances: Chances) -> Ints:
    """The spots that nothing hides from a mount, near enough for some of what may hang there; noted in `chances`."""
    x, y, _ = mount.position_m
    farthest_m = min(max(reach_m(glass.lens, 1.0) for glass in hung) / float(spots.needed_px_per_m.min()), FARTHEST_M)
    box = (np.abs(spots.points_m[:, 0, 0] - x) <= farthest_m) & (np.abs(spots.points_m[:, 0, 1] - y) <= farthest_m)
    rows = np.flatnonzero(box)
    away_m = np.linalg.norm(spots.points_m[rows] - mount.position_m, axis=2).max(axis=1)
    best_m = max(reach_m(glass.lens, 1.0) for glass in hung) / spots.needed_px_per_m[rows]
    rows = rows[away_m <= np.minimum(best_m, FARTHEST_M)]
    if not len(rows):
        return np.empty(0, np.int32)
    chances.is_near[rows] = True
    points = spots.points_m[rows]
    hidden = prepared.scene.blocked(np.asarray(mount.position_m), points.reshape(-1, 3))
    rows = rows[~hidden.reshape(points.shape[:2]).any(axis=1)]
    chances.is_free[rows] = True
    some = spots.of(_flags(rows, len(spots)))
    frontal = is_frontal(mount.position_m, some)
    rows, some = rows[frontal], some.of(frontal)
    chances.is_frontal[rows] = True
    lit = np.zeros(len(rows), dtype=bool)
    for glass in hung:
        lit |= is_lit(mount.position_m, glass, some)
    chances.is_lit[rows[lit]] = True
    served: Ints = rows[lit].astype(np.int32)
    return served


def _flags(rows: Floats | Ints, count: int) -> Flags:
    flags = np.zeros(count, dtype=bool)
    flags[rows] = True
    return flags
