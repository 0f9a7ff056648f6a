"""Where a place is not covered, and why: the answer a planner needs before anything can be mended."""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geometry.lenses import reach_m as reach_of
from geometry.lenses import sees
from geometry.poses import in_camera
from geometry.samples import cells_area
from twin.coverage.cameras import Camera
from twin.coverage.night import NightLight
from twin.coverage.places import PlaceGrids
from twin.coverage.prepared import Prepared
from twin.coverage.result import Gap, Reason
from twin.coverage.views import View

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int32]
Rows = NDArray[np.int64]

_LEAST_M2: Final = 0.05
_ASKED: Final = 40
"""Spots of a gap that are asked about beyond the fields of cameras; more would say the same."""
_NEAR: Final = 6
_SMALLEST_SHARE: Final = 0.02
_PARTING: Final = frozenset({"wall", "slab", "roof", "ground", "ramp"})
_NEARLY_RATIO: Final = 0.5
"""A picture with this share of the pixels asked for is called too far; with fewer, a nearer camera is looked for."""
_RANK: Final[tuple[Reason, ...]] = (
    "too_few", "offline", "dark", "too_steep", "occluded", "dead_zone", "outside_field", "too_far",
)  # fmt: skip
"""Of several reasons for a spot the first counts: the one nearest to covering it."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraSight:
    """Cameras with what they see.

    Attributes
    ----------
    offline : (cameras,) which are down
    starts : (places + 1,) number of each place's first sample
    seen_from, hidden_from : (cameras, places + 1) where in each view the samples of each place begin
    night : light of lamps on places that must be seen by night
    """

    cameras: tuple[Camera, ...]
    views: tuple[View, ...]
    offline: Flags
    starts: tuple[int, ...]
    seen_from: Rows
    hidden_from: Rows
    night: NightLight | None = None
    _reach_m: dict[float, Floats] = field(default_factory=dict, repr=False)

    def reach_m(self, needed: float) -> Floats:
        """(cameras,) how far each has so many pixels on a metre, at most; worked out once for each number."""
        if needed not in self._reach_m:
            most = [max(min(reach_of(e.lens, needed), e.far_m) for e in camera.eyes) for camera in self.cameras]
            self._reach_m[needed] = np.array(most)
        return self._reach_m[needed]

    def watching(self, place: int, *, hidden: bool = False) -> list[int]:
        """The cameras that see anything of a place; with `hidden` also those that would if nothing stood before it."""
        any_ = self.seen_from[:, place + 1] > self.seen_from[:, place]
        if hidden:
            any_ = any_ | (self.hidden_from[:, place + 1] > self.hidden_from[:, place])
        found: list[int] = np.flatnonzero(any_).tolist()
        return found

    def sees_any(self, cameras: Sequence[int]) -> Flags:
        """(places,) whether some cameras see anything of each."""
        seen: Flags = np.diff(self.seen_from[list(cameras)], axis=1) > 0
        return np.asarray(seen.any(axis=0))

    def seen(self, camera: int, place: int) -> tuple[Ints, Singles]:
        """What a camera sees of a place, its samples counted from the place's first."""
        part, view = slice(*self.seen_from[camera, place : place + 2]), self.views[camera]
        return view.numbers[part] - self.starts[place], view.density_px_per_m[part]

    def hidden(self, camera: int, place: int) -> tuple[Ints, Singles]:
        """What is hidden from a camera of a place, its samples counted from the place's first."""
        part, view = slice(*self.hidden_from[camera, place : place + 2]), self.views[camera]
        return view.hidden[part] - self.starts[place], view.hidden_density_px_per_m[part]

    def is_of_use(self, camera: int, made: PlaceGrids) -> Flags:
        """(cells,) where a camera's picture is of use: bright enough at night, not too far from the front."""
        return self.is_lit(camera, made) & self.is_frontal(camera, made)

    def is_lit(self, camera: int, made: PlaceGrids) -> Flags:
        """(cells,) whether a camera sees them when they must be seen."""
        if not made.place.requirement.by_night:
            return np.ones(len(made.cells_m), dtype=bool)
        x, y, z = self.cameras[camera].eyes[0].pose.position_m
        away = np.hypot(made.cells_m[:, 0] - x, made.cells_m[:, 1] - y)
        lit: Flags = np.hypot(away, z - made.place.elevation_m) <= self.cameras[camera].infrared_m
        return lit if self.night is None else lit | (self.night.on(made) >= self.cameras[camera].needed_lx)

    def is_frontal(self, camera: int, made: PlaceGrids) -> Flags:
        """(cells,) whether a face or plate that faces as the place says turns enough to a camera."""
        most_deg, facing_deg = made.place.requirement.max_face_angle_deg, made.place.facing_deg
        if most_deg is None or facing_deg is None:
            return np.ones(len(made.cells_m), dtype=bool)
        x, y, z = self.cameras[camera].eyes[0].pose.position_m
        height_m = made.place.elevation_m + max(made.place.heights_m)
        to = np.column_stack((x - made.cells_m[:, 0], y - made.cells_m[:, 1], np.full(len(made.cells_m), z - height_m)))
        front = np.array([math.sin(math.radians(facing_deg)), math.cos(math.radians(facing_deg)), 0.0])
        cosine = to @ front / np.maximum(np.linalg.norm(to, axis=1), 1e-9)
        frontal: Flags = cosine >= math.cos(math.radians(most_deg))
        return frontal


def camera_sight(
    cameras: tuple[Camera, ...], views: tuple[View, ...], *, offline: Collection[str], starts: tuple[int, ...],
    before: CameraSight | None = None, night: NightLight | None = None,
) -> CameraSight:  # fmt: skip
    """Cameras with what they see, by place; what of it stood in an answer before is taken from there."""
    known = {}
    if before is not None and before.starts is starts:
        known = {id(view): row for row, view in enumerate(before.views)}
    seen_from, hidden_from = np.empty((2, len(views), len(starts)), dtype=np.int64)
    for k, view in enumerate(views):
        row = known.get(id(view))
        if before is not None and row is not None:
            seen_from[k], hidden_from[k] = before.seen_from[row], before.hidden_from[row]
        else:
            seen_from[k], hidden_from[k] = np.searchsorted(view.numbers, starts), np.searchsorted(view.hidden, starts)
    down = np.array([c.id in offline for c in cameras], dtype=bool)
    return CameraSight(cameras, views, down, starts, seen_from, hidden_from, night)


def gaps(prepared: Prepared, row: int, needed: float, covered: Flags, sight: CameraSight) -> tuple[Gap, ...]:
    """The connected parts of a place that are not covered, the largest first, each with its reasons."""
    if covered.all():
        return ()
    from scipy import ndimage  # noqa: PLC0415 - weighs on `plumbline --help`

    made = prepared.places[row]
    grid = made.grids[0]
    open_cells = np.zeros(grid.inside.shape, dtype=bool)
    open_cells[grid.inside] = ~covered
    labels, count = ndimage.label(open_cells, structure=np.ones((3, 3)))
    part = labels[grid.inside]
    why = _reasons(prepared, row, needed, ~covered, sight)
    found = [
        _gap(prepared, made, needed, part == k, why, sight)
        for k in range(1, count + 1)
        if (part == k).sum() * made.cell_m2 >= _LEAST_M2
    ]
    return tuple(sorted(found, key=lambda gap: -gap.area_m2))


@dataclass(frozen=True, slots=True, eq=False)
class _Why:
    """Why each cell is not covered.

    Attributes
    ----------
    reason : (cells,) as an index of `_RANK`; -1 where no camera comes near to covering it
    camera : (cells,) the camera that comes nearest, -1 none
    weak : (cells,) camera that has the cell in its picture but much too coarsely, -1 none
    """

    reason: NDArray[np.int8]
    camera: NDArray[np.int32]
    weak: NDArray[np.int32]


def _reasons(prepared: Prepared, row: int, needed: float, is_open: Flags, sight: CameraSight) -> _Why:
    made = prepared.places[row]
    reason = np.full(len(made.cells_m), -1, dtype=np.int8)
    camera, weak = np.full(len(reason), -1, dtype=np.int32), np.full(len(reason), -1, dtype=np.int32)
    best, weak_best = np.zeros(len(reason)), np.zeros(len(reason))

    for k in sight.watching(row, hidden=True):
        look = _look(sight, k, row, made)
        for name, which in _by_reason(look, needed, sight, k, made):
            rank = _RANK.index(name)
            nearer = (reason < 0) | (rank < reason) | ((rank == reason) & (look.most > best))
            better = which & is_open & nearer
            reason[better], camera[better], best[better] = rank, k, look.most[better]
        coarse = is_open & (look.most > weak_best) & (look.most < _NEARLY_RATIO * needed) & ~look.is_hidden
        coarse &= ~sight.offline[k]
        weak[coarse], weak_best[coarse] = k, look.most[coarse]
    return _Why(reason, camera, weak)


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What a camera has of a place, over the heights that count.

    Attributes
    ----------
    is_whole : (cells,) whether it sees every height
    is_hidden : (cells,) whether something stands before one of them
    lacks_low : (cells,) whether a height is beside its field while a higher one is in it
    least, most : (cells,) pixels on a metre at the heights seen, and at any height in the field
    """

    is_whole: Flags
    is_hidden: Flags
    lacks_low: Flags
    least: Floats
    most: Floats


def _look(sight: CameraSight, camera: int, row: int, made: PlaceGrids) -> _Look:
    """What a camera has of a place."""
    shape = (len(made.grids), len(made.cells_m))
    seen, hidden = np.zeros(shape), np.zeros(shape)
    for numbers, density, full in ((*sight.seen(camera, row), seen), (*sight.hidden(camera, row), hidden)):
        full.reshape(-1)[numbers] = density
    either = np.maximum(seen, hidden)[np.argsort(made.place.heights_m, kind="stable")]
    there = either > 0
    return _Look(
        is_whole=np.all(seen > 0, axis=0),
        is_hidden=np.any(hidden > 0, axis=0),
        lacks_low=np.any(~there[:-1] & there[1:], axis=0),
        least=seen.min(axis=0),
        most=either.max(axis=0),
    )


def _by_reason(
    look: _Look, needed: float, sight: CameraSight, camera: int, made: PlaceGrids
) -> list[tuple[Reason, Flags]]:
    """For each reason the cells it holds for, as far as one camera goes."""
    lit, frontal = sight.is_lit(camera, made), sight.is_frontal(camera, made)
    enough = look.is_whole & (look.least >= needed)
    if sight.offline[camera]:
        return [("offline", enough & lit & frontal)]
    near = look.most >= needed
    beside = near & ~look.is_whole & ~look.is_hidden
    nearly = (look.most >= _NEARLY_RATIO * needed) & ~enough & ~look.is_hidden & ~beside
    return [
        ("too_few", enough & lit & frontal),
        ("dark", enough & ~lit),
        ("too_steep", enough & lit & ~frontal),
        ("occluded", look.is_hidden & near),
        ("dead_zone", beside & look.lacks_low),
        ("outside_field", beside & ~look.lacks_low),
        ("too_far", nearly),
    ]


def _gap(
    prepared: Prepared, made: PlaceGrids, needed: float, cells: Flags, why: _Why, sight: CameraSight
) -> Gap:  # fmt: skip
    count = int(cells.sum())
    found: Counter[tuple[Reason, str]] = Counter()
    for k, name in enumerate(_RANK):
        by, times = np.unique(why.camera[cells & (why.reason == k)], return_counts=True)
        if name != "occluded":
            found.update({(name, sight.cameras[c].id): int(n) for c, n in zip(by, times, strict=True)})
    outside = np.flatnonzero(cells & (why.reason < 0))
    beside = _beside_all_fields(prepared, made, needed, _some(outside), why, sight)
    found.update(_scaled(Counter(beside), len(outside)))
    hidden = np.flatnonzero(cells & (why.reason == _RANK.index("occluded")))
    behind, by_owner = _behind(prepared, made, needed, _some(hidden), why, sight)
    found.update(_scaled(behind, len(hidden)))
    shares: Counter[Reason] = Counter()
    near: Counter[str] = Counter()
    for (name, device), often in found.items():
        shares[name] += often
        if device:
            near[device] += often
    hiding = [prepared.owner(row) for row, _ in by_owner.most_common(3)]
    return Gap(
        area=cells_area(made.grids[0], cells),
        area_m2=count * made.cell_m2,
        storey=made.place.storey,
        elevation_m=made.place.elevation_m,
        reasons={n: round(k / count, 6) for n, k in shares.most_common() if k / count >= _SMALLEST_SHARE},
        hidden_by=tuple((by.kind, by.id) for by in hiding),
        nearest=tuple(device for device, _ in near.most_common(3)),
    )


def _some(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most so many cells as are asked about one by one, evenly among them."""
    return cells[np.linspace(0, len(cells) - 1, min(_ASKED, len(cells))).astype(int)] if len(cells) else cells


def _scaled(asked: Counter[tuple[Reason, str]], cells: int) -> dict[tuple[Reason, str], int]:
    """What was found of some cells, for all of them; the largest takes what rounding leaves."""
    total = asked.total()
    if not total:
        return {}
    scaled = {key: often * cells // total for key, often in asked.items()}
    most, _ = asked.most_common(1)[0]
    scaled[most] += cells - sum(scaled.values())
    return scaled


def _behind(
    prepared: Prepared, made: PlaceGrids, needed: float, asked: NDArray[np.int64], why: _Why, sight: CameraSight
) -> tuple[Counter[tuple[Reason, str]], Counter[int]]:
    """Of hidden cells, what stands before them.

    Where a wall parts them from the camera, and one on their side of it merely looks elsewhere, that one is named.
    """
    found: Counter[tuple[Reason, str]] = Counter()
    by_owner: Counter[int] = Counter()
    if not len(asked):
        return found, by_owner
    eyes = np.array([sight.cameras[why.camera[cell]].eyes[0].pose.position_m for cell in asked])
    first = np.full(len(asked), -1)
    for height_m in made.place.heights_m:
        targets = _spots(made, asked, height_m)
        distance, _, owners = prepared.scene.first_hits(eyes, targets - eyes)
        hit = (distance < 1 - 1e-3) & (owners >= 0) & (first < 0)
        first[hit] = owners[hit]
    beside = _beside_all_fields(prepared, made, needed, asked, why, sight)
    for cell, owner, instead in zip(asked, first, beside, strict=True):
        is_parted = owner >= 0 and prepared.owner(owner).kind in _PARTING
        if is_parted and instead[0] in {"dead_zone", "outside_field"}:
            found[instead] += 1
            continue
        found["occluded", sight.cameras[why.camera[cell]].id] += 1
        if owner >= 0:
            by_owner[int(owner)] += 1
    return found, by_owner


def _beside_all_fields(
    prepared: Prepared, made: PlaceGrids, needed: float, asked: NDArray[np.int64], why: _Why, sight: CameraSight
) -> list[tuple[Reason, str]]:
    """For spots that no camera comes near to covering: whether one close enough looks beside or over them."""
    rows = np.flatnonzero(~sight.offline)
    up = [sight.cameras[k] for k in rows]
    spots = _spots(made, asked, min(made.place.heights_m))
    nearest, in_reach = _nearest_free(prepared, spots, up, sight.reach_m(needed)[rows])
    found: list[tuple[Reason, str]] = []
    for spot, cell, order, reaches in zip(spots, asked, nearest, in_reach, strict=True):
        beside = _beside(spot, [up[k] for k in order if k >= 0], reaches)
        if beside is None and why.weak[cell] >= 0:
            beside = ("too_far", sight.cameras[why.weak[cell]].id)
        found.append(beside or ("none_near", ""))
    return found


def _nearest_free(
    prepared: Prepared, spots: Floats, cameras: Sequence[Camera], reach_m: Floats
) -> tuple[Rows, Flags]:  # fmt: skip
    """For each spot the nearest cameras with nothing in between, those that reach it first; the rest is -1.

    Parameters
    ----------
    reach_m : (cameras,)

    Returns
    -------
    (spots, few) rows of cameras, and whether each reaches the spot
    """
    if not len(spots) or not cameras:
        return np.empty((len(spots), 0), np.int64), np.empty((len(spots), 0), bool)
    places = np.array([camera.eyes[0].pose.position_m for camera in cameras])
    away = np.linalg.norm(spots[:, None] - places, axis=2)
    order = np.lexsort((away, away > reach_m), axis=1)[:, :_NEAR]
    few = order.shape[1]
    blocked = prepared.scene.blocked(places[order.ravel()], np.repeat(spots, few, axis=0)).reshape(order.shape)
    in_reach: Flags = np.take_along_axis(away, order, axis=1) <= reach_m[order]
    return np.where(blocked, -1, order), in_reach & ~blocked


def _beside(spot: Floats, cameras: Sequence[Camera], reaches: Flags) -> tuple[Reason, str] | None:
    """The nearest camera that would see a spot if it were turned to it, and how it misses it; or one too far off."""
    if not cameras:
        return None
    if reaches.any():  # they come first
        return ("dead_zone" if _is_below(spot, cameras[0]) else "outside_field"), cameras[0].id
    for camera in cameras:
        if any(sees(eye.lens, in_camera(eye.pose, spot[None])).any() for eye in camera.eyes):
            return "too_far", camera.id
    return None


def _is_below(spot: Floats, camera: Camera) -> bool:
    """Whether a spot would be in the field if it were higher, up to the camera: it lies under the picture's edge."""
    for eye in camera.eyes:
        lifts = np.linspace(spot[2], max(spot[2], eye.pose.position_m[2]), 12)
        raised = np.column_stack((np.repeat(spot[None, :2], len(lifts), axis=0), lifts))
        if sees(eye.lens, in_camera(eye.pose, raised)).any():
            return True
    return False


def _spots(made: PlaceGrids, cells: NDArray[np.int64], height_m: float) -> Floats:
    z = np.full(len(cells), made.place.elevation_m + max(height_m, 0.02))
    return np.column_stack((made.cells_m[cells], z))
