"""The spots that are asked about: cells of places, each with all heights that must be seen there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from twin.coverage.check import CameraCoverage
from twin.coverage.placement.incidence import Flags, Floats, Ints
from twin.coverage.places import PlaceGrids
from twin.coverage.result import PlaceResult

_FLOOR_M: Final = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """Cells of several places, in one numbering.

    Attributes
    ----------
    place_of : (n,) number of each one's place in the answer
    cells : (n,) number of each in its place
    points_m : (n, heights, 3) what must be seen of each; where a place has fewer heights the last one again
    needed_px_per_m : (n,)
    is_dark : (n,) whether it must be seen without daylight
    light_lx : (n,) light of lamps there then
    front : (n, 3) the way faces look there, 0 where any side will do
    least_cosine : (n,) to their front that a camera must keep
    counts : (n,) how many cameras that stay as they are serve it
    wanted : (n,) how many must
    area_m2 : (n,)
    floor_m : (n,) height of the floor
    """

    place_of: Ints
    cells: Ints
    points_m: NDArray[np.float64]
    needed_px_per_m: Floats
    is_dark: Flags
    light_lx: Floats
    front: Floats
    least_cosine: Floats
    counts: Ints
    wanted: Ints
    area_m2: Floats
    floor_m: Floats

    def __len__(self) -> int:
        return len(self.cells)

    def of(self, chosen: Flags | NDArray[np.int64]) -> "Spots":
        """Some of them."""
        return Spots(*(getattr(self, part.name)[chosen] for part in fields(self)))


def spots_of(coverage: CameraCoverage, places: Collection[int], *, without: Collection[str] = ()) -> Spots:
    """The spots of some places.

    Parameters
    ----------
    places : numbers of the places in the answer
    without : ids of cameras that may not stay as they are
    """
    chosen = sorted(places)
    heights = max((len(made_of(coverage, k).grids) for k in chosen), default=1)
    parts = [_spots(coverage, k, heights, frozenset(without)) for k in chosen]
    if not parts:
        none = np.empty(0)
        flat, rows = none.astype(np.int32), np.empty((0, 3))
        return Spots(flat, flat, np.empty((0, 1, 3)), none, none.astype(bool), none, rows, none, flat, flat, none, none)
    return Spots(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def made_of(coverage: CameraCoverage, place: int) -> PlaceGrids:
    """The samples of a place in an answer."""
    return coverage.of.places[row_of(coverage, coverage.places[place])]


def row_of(coverage: CameraCoverage, result: PlaceResult) -> int:
    """The row of a result's place among those prepared; places whose level is unknown have no result."""
    for row, made in enumerate(coverage.of.places):
        if made.place.id == result.place_id and made.place.requirement.id == result.requirement.id:
            return row
    raise AssertionError(f"place {result.place_id} of the answer was never prepared")


def serves(coverage: CameraCoverage, camera: int, place: int) -> Flags:
    """(cells,) what a camera covers of a place, by its number in the answer; as the check counts it, but up or not."""
    result = coverage.places[place]
    row = row_of(coverage, result)
    made = coverage.of.places[row]
    numbers, density = coverage.sight.seen(camera, row)
    full = np.zeros(len(made.cells_m) * len(made.grids), dtype=np.float32)
    full[numbers] = density
    enough: Flags = full.reshape(len(made.grids), -1).min(axis=0) >= result.needed
    return enough & coverage.sight.is_of_use(camera, made)


def _spots(coverage: CameraCoverage, number: int, heights: int, gone: frozenset[str]) -> Sequence[Any]:
    """The fields of `Spots` for one place."""
    result, made = coverage.places[number], made_of(coverage, number)
    place, asked = made.place, result.requirement
    n, night = len(made.cells_m), coverage.sight.night
    counts = result.counts.copy()
    for k, camera in enumerate(coverage.cameras):
        if camera.id in gone and camera.id not in coverage.offline:
            counts -= serves(coverage, k, number)
    lift = [place.elevation_m + max(h, _FLOOR_M) for h in place.heights_m]
    lift += lift[-1:] * (heights - len(lift))
    points = np.stack([np.column_stack((made.cells_m, np.full(n, z))) for z in lift], axis=1)
    facing_deg, most_deg = place.facing_deg, asked.max_face_angle_deg
    turn = np.radians(facing_deg) if facing_deg is not None and most_deg is not None else None
    front = np.zeros(3) if turn is None else np.array([np.sin(turn), np.cos(turn), 0.0])
    return (
        np.full(n, number, np.int32),
        np.arange(n, dtype=np.int32),
        points,
        np.full(n, result.needed),
        np.full(n, asked.by_night),
        np.zeros(n) if night is None or not asked.by_night else night.on(made),
        np.tile(front, (n, 1)),
        np.full(n, -2.0 if turn is None else np.cos(np.radians(most_deg or 0.0))),
        counts,
        np.full(n, asked.min_count, np.int32),
        np.full(n, made.cell_m2),
        np.full(n, place.elevation_m),
    )


def thinned(spots: Spots, most: int, *, always: Flags) -> Spots:
    """About so many spots, evenly over each place, each standing for those left out; small places keep theirs.

    Parameters
    ----------
    always : (n,) kept besides, standing for themselves alone
    """
    if len(spots) <= most:
        return spots
    sizes = np.bincount(spots.place_of)
    low, high = 0, int(sizes.max())
    while low < high:  # the largest number a place may keep
        middle = (low + high + 1) // 2
        low, high = (middle, high) if np.minimum(sizes, middle).sum() <= most else (low, middle - 1)
    kept = np.zeros(len(spots), dtype=bool)
    stands_for = np.ones(len(spots))
    for place in np.flatnonzero(sizes):
        rows = np.flatnonzero(spots.place_of == place)
        # cells come row by row of a grid: a step that shares no factor with its width spreads them over it
        taken = rows[np.unique(np.linspace(0, len(rows) - 1, max(1, min(low, len(rows)))).round().astype(int))]
        kept[taken] = True
        stands_for[taken] = len(rows) / len(taken)
    kept |= always
    some = spots.of(kept)
    return replace(some, area_m2=some.area_m2 * stands_for[kept])
