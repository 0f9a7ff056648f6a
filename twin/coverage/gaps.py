"""Where a place is not covered, and why: the answer a planner needs before anything can be mended."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geometry.lenses import sees
from geometry.poses import in_camera
from geometry.samples import cells_area
from twin.coverage.cameras import Camera
from twin.coverage.places import PlaceGrids
from twin.coverage.prepared import Prepared
from twin.coverage.result import Gap, Reason
from twin.coverage.views import View

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

_LEAST_M2: Final = 0.05
_ASKED: Final = 40
"""Spots of a gap that are asked about beyond the fields of cameras; more would say the same."""
_NEAR: Final = 6
_SMALLEST_SHARE: Final = 0.02
_RANK: Final[tuple[Reason, ...]] = ("too_few", "offline", "dark", "too_steep", "occluded", "too_far")
"""Of several reasons for a spot the first counts: the one nearest to covering it."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraSight:
    """Cameras with what they see.

    Attributes
    ----------
    offline : (cameras,) which are down
    """

    cameras: tuple[Camera, ...]
    views: tuple[View, ...]
    offline: Flags

    def is_of_use(self, camera: int, made: PlaceGrids) -> Flags:
        """(cells,) where a camera's picture is of use for a place: bright enough at night, not too far from the front."""
        return self.is_lit(camera, made) & self.is_frontal(camera, made)

    def is_lit(self, camera: int, made: PlaceGrids) -> Flags:
        """(cells,) whether a camera sees them when they must be seen."""
        if not made.place.requirement.by_night:
            return np.ones(len(made.cells_m), dtype=bool)
        x, y, z = self.cameras[camera].eyes[0].pose.position_m
        away = np.hypot(made.cells_m[:, 0] - x, made.cells_m[:, 1] - y)
        lit: Flags = np.hypot(away, z - made.place.elevation_m) <= self.cameras[camera].infrared_m
        return lit

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
        _gap(prepared, made, part == k, why, sight)
        for k in range(1, count + 1)
        if (part == k).sum() * made.cell_m2 >= _LEAST_M2
    ]
    return tuple(sorted(found, key=lambda gap: -gap.area_m2))


@dataclass(frozen=True, slots=True, eq=False)
class _Why:
    """(cells,) why a cell is not covered, as an index of `_RANK` (-1: no camera has it in its field), and by the
    camera that comes nearest to covering it (-1).
    """

    reason: NDArray[np.int8]
    camera: NDArray[np.int32]


def _reasons(prepared: Prepared, row: int, needed: float, is_open: Flags, sight: CameraSight) -> _Why:
    made = prepared.places[row]
    start, stop = prepared.starts[row], prepared.starts[row + 1]
    cells, heights = len(made.cells_m), len(made.grids)
    reason = np.full(cells, -1, dtype=np.int8)
    camera = np.full(cells, -1, dtype=np.int32)
    best = np.zeros(cells)

    def note(which: Flags, name: Reason, density: Floats, by: int) -> None:
        rank = _RANK.index(name)
        better = which & is_open & ((reason < 0) | (rank < reason) | ((rank == reason) & (density > best)))
        reason[better], camera[better], best[better] = rank, by, density[better]

    for k, view in enumerate(sight.views):
        density, in_field = _worst_height(view, start, stop, cells, heights)
        if not in_field.any():
            continue
        enough = density >= needed
        hidden = in_field & (density <= 0)
        if sight.offline[k]:
            note(enough, "offline", density, k)
            continue
        lit, frontal = sight.is_lit(k, made), sight.is_frontal(k, made)
        note(enough & lit & frontal, "too_few", density, k)
        note(enough & ~lit, "dark", density, k)
        note(enough & lit & ~frontal, "too_steep", density, k)
        note((density > 0) & ~enough, "too_far", density, k)
        wanted = _hidden_density(view, start, stop, cells, heights)
        note(hidden & (wanted >= needed), "occluded", wanted, k)
        note(hidden & (wanted < needed), "too_far", np.zeros(cells), k)
    return _Why(reason, camera)


def _worst_height(view: View, start: int, stop: int, cells: int, heights: int) -> tuple[Floats, Flags]:
    """(cells,) least density over the heights, 0 where one is hidden; and whether a camera has the cell in its field."""
    full = np.zeros(cells * heights)
    numbers, density = view.within(start, stop)
    full[numbers] = density
    there = np.zeros(cells * heights, dtype=bool)
    there[numbers] = True
    there[view.hidden_within(start, stop)[0]] = True
    return full.reshape(heights, cells).min(axis=0), there.reshape(heights, cells).any(axis=0)


def _hidden_density(view: View, start: int, stop: int, cells: int, heights: int) -> Floats:
    """(cells,) the density that a camera would have where something stands before it."""
    full = np.zeros(cells * heights)
    numbers, density = view.hidden_within(start, stop)
    full[numbers] = density
    most: Floats = full.reshape(heights, cells).max(axis=0)
    return most


def _gap(prepared: Prepared, made: PlaceGrids, cells: Flags, why: _Why, sight: CameraSight) -> Gap:
    grid = made.grids[0]
    count = int(cells.sum())
    shares: Counter[Reason] = Counter()
    near: Counter[str] = Counter()
    for k, name in enumerate(_RANK):
        having = cells & (why.reason == k)
        if having.any():
            shares[name] += int(having.sum()) / count
            by, often = np.unique(why.camera[having], return_counts=True)
            near.update({sight.cameras[b].id: int(n) for b, n in zip(by, often, strict=True)})
    outside = np.flatnonzero(cells & (why.reason < 0))
    if len(outside):
        asked = outside[np.linspace(0, len(outside) - 1, min(_ASKED, len(outside))).astype(int)]
        for name, by_id in _beside_all_fields(prepared, made, asked, sight):
            shares[name] += len(outside) / len(asked) / count
            if by_id:
                near[by_id] += len(outside) // len(asked)
    hidden = np.flatnonzero(cells & (why.reason == _RANK.index("occluded")))
    total = sum(shares.values())
    return Gap(
        area=cells_area(grid, cells),
        area_m2=count * made.cell_m2,
        storey=made.place.storey,
        elevation_m=made.place.elevation_m,
        reasons={name: n / total for name, n in shares.most_common() if n / total >= _SMALLEST_SHARE},
        hidden_by=_hiding(prepared, made, hidden, why, sight) if len(hidden) else (),
        nearest=tuple(device for device, _ in near.most_common(3)),
    )


def _hiding(
    prepared: Prepared, made: PlaceGrids, hidden: NDArray[np.int64], why: _Why, sight: CameraSight
) -> tuple[tuple[str, str], ...]:
    """What stands before the hidden cells, by how many of them it hides."""
    asked = hidden[np.linspace(0, len(hidden) - 1, min(_ASKED, len(hidden))).astype(int)]
    eyes = np.array([sight.cameras[why.camera[cell]].eyes[0].pose.position_m for cell in asked])
    found: Counter[int] = Counter()
    for height_m in made.place.heights_m:
        targets = _spots(made, asked, height_m)
        distance, _, owners = prepared.scene.first_hits(eyes, targets - eyes)
        found.update(owners[(distance < 1 - 1e-3) & (owners >= 0)].tolist())
    table = prepared.occluders.owners
    return tuple((table[k].kind, table[k].id) for k, _ in found.most_common(3))


def _beside_all_fields(
    prepared: Prepared, made: PlaceGrids, asked: NDArray[np.int64], sight: CameraSight
) -> list[tuple[Reason, str]]:
    """For spots that no camera has in its field: whether the nearest that could see them looks beside or over them."""
    places = np.array([camera.eyes[0].pose.position_m for camera in sight.cameras]).reshape(-1, 3)
    found: list[tuple[Reason, str]] = []
    for spot in _spots(made, asked, made.place.heights_m[0]):
        found.append(_beside(prepared, spot, places, sight.cameras))
    return found


def _beside(prepared: Prepared, spot: Floats, places: Floats, cameras: Sequence[Camera]) -> tuple[Reason, str]:
    if not len(places):
        return "none_near", ""
    away = np.linalg.norm(places - spot, axis=1)
    nearest = np.argsort(away)[:_NEAR]
    free = ~prepared.scene.blocked(places[nearest], np.repeat(spot[None], len(nearest), axis=0))
    for k, is_free in zip(nearest, free, strict=True):
        eye = cameras[k].eyes[0]
        if not is_free or away[k] > eye.reach_m:
            continue
        return ("dead_zone" if _is_below(eye.pose.position_m, spot, cameras[k]) else "outside_field"), cameras[k].id
    return "none_near", ""


def _is_below(position_m: tuple[float, float, float], spot: Floats, camera: Camera) -> bool:
    """Whether a spot would be in the field if it were as far away but higher: it lies under the picture's edge."""
    eye = camera.eyes[0]
    lifts = np.linspace(spot[2], position_m[2], 12)
    raised = np.column_stack((np.repeat(spot[None, :2], len(lifts), axis=0), lifts))
    return bool(sees(eye.lens, in_camera(eye.pose, raised)).any())


def _spots(made: PlaceGrids, cells: NDArray[np.int64], height_m: float) -> Floats:
    z = np.full(len(cells), made.place.elevation_m + max(height_m, 0.02))
    return np.column_stack((made.cells_m[cells], z))
