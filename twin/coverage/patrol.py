"""Whether a patrol has a point to check in at wherever it must pass."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.coverage.reach import WalkCoverage, WalkPlace, WalkPrepared, prepare_reach, reach_coverage
from twin.coverage.result import Gap, PlaceResult, Reason
from twin.coverage.working import not_working
from twin.fabric.walkways import Walkways
from twin.index import SiteIndex
from twin.state import StateSnapshot

PATROL_KINDS: Final = ("patrol",)
_BESIDE_M: Final = 0.5
_NEAREST: Final = 3


def prepare_patrol(index: SiteIndex, *, closed: Collection[str] = (), ways: Walkways | None = None) -> WalkPrepared:
    """A site made ready for questions of patrol points; arguments as `twin.coverage.reach.prepare_reach` has them."""
    return prepare_reach(index, kinds=PATROL_KINDS, closed=closed, ways=ways)


def patrol_coverage(
    prepared: WalkPrepared, state: StateSnapshot | None = None, *, without: Collection[str] = ()
) -> WalkCoverage:
    """Whether each place that a patrol must pass has its points.

    A requirement that states a length (min_value, in m) is met where a point is no farther on foot; one that states
    none where the points are in the place itself.

    Parameters
    ----------
    state : without one all points work
    without : ids of points that count as down
    """
    walked = reach_coverage(prepared, state, without=without)
    down = not_working(
        prepared.as_it_stands, set(walked.devices) & prepared.as_it_stands.devices.keys(), state, without=without
    ) | (frozenset(walked.devices) & frozenset(without))
    spots = {device: prepared.ways.spot(prepared.index.devices[device]) for device in walked.devices}
    there = {device: spot for device, spot in spots.items() if spot is not None}
    places = tuple(
        result if result.requirement.min_value is not None else _present(place, result, there, down)
        for place, result in zip(prepared.places, walked.places, strict=True)
    )
    return replace(walked, places=places)


def _present(
    place: WalkPlace, walked: PlaceResult, spots: dict[str, tuple[int, tuple[float, float]]], down: Collection[str]
) -> PlaceResult:
    """The answer for a place that must hold its points itself."""
    made, asked = place.made, walked.requirement
    around = made.place.area.buffer(_BESIDE_M)
    inside = [d for d, (floor, at) in spots.items() if floor == place.floor and shapely.intersects_xy(around, *at)]
    up = tuple(device for device in inside if device not in down)
    is_met = len(up) >= asked.min_count
    cells = len(made.cells_m)
    reason: Reason = "offline" if len(inside) >= asked.min_count else "too_few" if up else "none_near"
    nearest = tuple(d for d in inside if d in down) or (walked.devices or _nearest(made.cells_m.mean(axis=0), spots))
    gap = Gap(
        area=made.place.area,
        area_m2=walked.area_m2,
        storey=made.place.storey,
        elevation_m=made.place.elevation_m,
        reasons={reason: 1.0},
        nearest=nearest[:_NEAREST],
    )
    counts = np.full(cells, len(up), dtype=np.int32)
    return replace(
        walked,
        needed=float(asked.min_count),
        unit="count",
        share_ratio=float(is_met),
        by_count={k: float(min(len(up), asked.min_count + 2) == k) for k in range(asked.min_count + 3)},
        gaps=() if is_met else (gap,),
        lost_without=dict.fromkeys(up, 1.0) if len(up) == asked.min_count else {},
        devices=up,
        covered=np.full(cells, is_met),
        counts=counts,
        values=counts.astype(np.float32),
    )


def _nearest(at: NDArray[np.float64], spots: dict[str, tuple[int, tuple[float, float]]]) -> tuple[str, ...]:
    far_m = {device: float(np.hypot(*(np.asarray(point) - at))) for device, (_, point) in spots.items()}
    return tuple(sorted(far_m, key=far_m.__getitem__))
