"""The places that something other than a picture is required of, with their samples, and which devices are down."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geometry.samples import Grid
from twin.coverage.places import Place, PlaceGrids, required_places, sampled
from twin.coverage.prepared import Prepared
from twin.coverage.result import Problem
from twin.index import SiteIndex
from twin.model.devices import Device, Reach
from twin.state import Quality, StateSnapshot

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

MOST_SAMPLES: Final = 600_000
"""Of all places of a kind together; with more the grids get coarser."""
MOST_NEAR: Final = 12
_STOREYS_APART: Final = np.array([1.0, 1.0, 6.0])
"""A slab between takes as much as some fifteen metres more."""
_DOWN: Final = frozenset({"fault", "offline", "故障", "离线"})
"""What kinds call the states in which a device does not serve."""
_NOTHING: Final[Mapping[str, BaseGeometry]] = MappingProxyType({})
_TELLING: Final = ("status", "state")


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """Places and their samples.

    Attributes
    ----------
    points_m : (n, 3) the samples, place by place, in each height by height. [m]
    starts : (places + 1,) number of each place's first sample
    cell_starts : (places + 1,) number of each place's first cell
    cell_of : (n,) cell of each sample
    place_of : (n,) place of each sample
    """

    places: tuple[PlaceGrids, ...]
    points_m: Floats
    starts: Ints
    cell_starts: Ints
    cell_of: Ints
    place_of: Ints
    problems: tuple[Problem, ...]

    @property
    def is_flat(self) -> bool:
        """Whether each cell has one sample."""
        return len(self.cell_of) == int(self.cell_starts[-1])


def spots(prepared: Prepared, kind: str, *, step_m: float, without: Mapping[str, BaseGeometry] = _NOTHING) -> Spots:
    """The places that a kind of requirement holds for, sampled.

    Parameters
    ----------
    step_m : from sample to sample; larger where there would be too many, smaller in places that few would lie in
    without : by storey what is left out, such as walls; spaces reach to the middle of theirs
    """
    asked = list(required_places(prepared.index, {kind}))
    heights = sum(place.area.area * len(place.heights_m) for place in asked)
    step_m = max(step_m, math.sqrt(heights / MOST_SAMPLES))
    made: dict[tuple[int, tuple[float, ...]], PlaceGrids | Problem] = {}
    found, problems = [], []
    for row, place in enumerate(asked):
        space = prepared.index.spaces.get(place.id)
        key = (id(space.template if space is not None else place), place.heights_m)
        if key not in made:
            made[key] = sampled(_free(place, without.get(place.storey or "")), owner=row, step_m=step_m)
        grids = made[key]
        if isinstance(grids, Problem):
            problems.append(Problem(grids.code, place.id, grids.message))
        else:
            found.append(_moved(grids, place, row))
    return _numbered(found, problems)


def _free(place: Place, taken: BaseGeometry | None) -> Place:
    return place if taken is None or not place.area.is_valid else replace(place, area=place.area - taken)


def _moved(made: PlaceGrids, place: Place, row: int) -> PlaceGrids:
    """The samples of a place, from those of one like it on another storey."""
    rise_m = place.elevation_m - made.place.elevation_m
    grids = tuple(
        Grid(g.corner_m, g.step_m, g.inside, g.plane_m + np.array([rise_m, 0.0, 0.0]), g.height_m, row)
        for g in made.grids
    )
    return PlaceGrids(replace(place, area=made.place.area), grids, made.cells_m, made.cell_m2)


def _numbered(places: Sequence[PlaceGrids], problems: Sequence[Problem]) -> Spots:
    cells = np.array([len(made.cells_m) for made in places], dtype=np.int64)
    heights = np.array([len(made.grids) for made in places], dtype=np.int64)
    starts, cell_starts = (np.concatenate(([0], np.cumsum(n))) for n in (cells * heights, cells))
    points = [
        np.column_stack((made.cells_m, np.full(len(made.cells_m), grid.level_m)))
        for made in places
        for grid in made.grids
    ]
    within = [np.tile(np.arange(c), h) + first for c, h, first in zip(cells, heights, cell_starts, strict=False)]
    return Spots(
        places=tuple(places),
        points_m=np.concatenate(points) if points else np.empty((0, 3)),
        starts=starts,
        cell_starts=cell_starts,
        cell_of=np.concatenate(within) if within else np.empty(0, np.int64),
        place_of=np.repeat(np.arange(len(places)), cells * heights),
        problems=tuple(problems),
    )


def reaching(index: SiteIndex, reach: Reach) -> tuple[tuple[Device, ...], Floats]:
    """The devices that reach out with something, and where they are: (n, 3). [m]"""
    found = tuple(device for device in index.site.devices if index.kinds[device.kind].reaches == reach)
    return found, np.array([index.device_point(device) for device in found], dtype=np.float64).reshape(-1, 3)


def down(prepared: Prepared, devices: Sequence[Device], state: StateSnapshot | None) -> Flags:
    """(n,) whether each device says that it is down, or says nothing any more; without a state none is."""
    found = np.zeros(len(devices), dtype=bool)
    if state is None:
        return found
    index = prepared.as_it_stands
    for k, device in enumerate(devices):
        for name in _TELLING:
            row = index.rows.get(f"{device.id}:{name}")
            if row is None:
                continue
            channel, quality = index.channels[row].channel, state.quality[row]
            if quality in (Quality.BAD, Quality.STALE):
                found[k] = True
            elif quality != Quality.NEVER:
                said = channel.states.get(round(float(state.values[row])))
                is_down = said is not None and not _DOWN.isdisjoint((said.en, said.zh))
                found[k] |= is_down or (name == "status" and state.values[row] == 0)
    return found


def near_pairs(points_m: Floats, devices_m: Floats, reach_m: float) -> tuple[Ints, Ints]:
    """The nearest devices of each sample, `MOST_NEAR` at most, no farther than a reach.

    Gives (h,) rows of devices, (h,) numbers of samples. Those on the same storey come before those under and over it.
    """
    if not len(points_m) or not len(devices_m):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    from scipy.spatial import cKDTree  # noqa: PLC0415 - weighs on `plumbline --help`

    most = min(MOST_NEAR, len(devices_m))
    _, near = cKDTree(devices_m * _STOREYS_APART).query(points_m * _STOREYS_APART, k=list(range(1, most + 1)))
    rows, samples = near.astype(np.int64).ravel(), np.repeat(np.arange(len(points_m)), most)
    ways = points_m[samples] - devices_m[rows]
    kept = np.flatnonzero(np.einsum("ij,ij->i", ways, ways) <= reach_m**2)
    order = kept[np.lexsort((samples[kept], rows[kept]))]
    return rows[order], samples[order]


def other_pairs(
    points_m: Floats, devices_m: Floats, reach_m: float, *, asked: Ints, known: tuple[Ints, Ints]
) -> tuple[Ints, Ints]:
    """All devices within reach of some samples, as `near_pairs` has them, without those that are known already.

    Parameters
    ----------
    asked : numbers of samples
    known : rows of devices, numbers of samples, sorted by the one and then by the other
    """
    if not len(asked) or not len(devices_m):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    from scipy.spatial import cKDTree  # noqa: PLC0415 - weighs on `plumbline --help`

    lists = cKDTree(points_m[asked]).query_ball_point(devices_m, reach_m, return_sorted=True)
    rows = np.repeat(np.arange(len(devices_m)), [len(numbers) for numbers in lists])
    samples = asked[np.concatenate([np.asarray(numbers, dtype=np.int64) for numbers in lists])]
    count = len(points_m)
    keys, old = rows * count + samples, known[0] * count + known[1]
    at = np.searchsorted(old, keys)
    new = np.flatnonzero(np.append(old, -1)[at] != keys)
    return rows[new], samples[new]


def place_at(prepared: Prepared, place: Place) -> str:
    """The use of a place: that of its space, `open` outdoors, otherwise that of the space its middle lies in."""
    space = prepared.index.spaces.get(place.id)
    if space is not None:
        return space.template.use
    if place.storey is None:
        return "open"
    middle: shapely.Point = place.area.representative_point()
    for other in prepared.index.spaces.values():
        if other.storey.id == place.storey and shapely.Polygon(other.template.polygon.outer).covers(middle):
            return other.template.use
    return "other"
