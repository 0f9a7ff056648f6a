"""Where cameras should be: the fewest for what is required, and the best use of a number, beside plain greed.

1,500 candidates on fronts and poles of the reference quarter, spots every two metres. `fine` asks for 62.5 pixels on a
metre (a candidate reaches 23 m), `coarse` for 25 (57 m). Before the entrances a spot is worth ten and wants two
cameras, on the roads between the blocks it is worth four and wants one; the rest is worth one and wants none.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geometry.culling import Eye
from geometry.lenses import pinhole_from_field_of_view
from geometry.poses import Pose
from geometry.samples import gather, grid_over
from geometry.sight import all_seen, place
from twin.coverage.placement.budget import best_use, budget_problem
from twin.coverage.placement.cover import fewest
from twin.coverage.placement.greedy import added, greedy_cover
from twin.coverage.placement.incidence import Incidence, incidence_of
from twin.coverage.placement.problem import cover_problem, with_rows
from viewer.bench.coverage.town import Town, town
from viewer.bench.figures import Figure, Goal

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Tell = Callable[[str], None]

_LEVELS: Final = {"fine": 62.5, "coarse": 25.0}
_CANDIDATES: Final = 1500
_ON_FRONTS_RATIO: Final = 0.6
_STEP_M: Final = 2.0
_BEFORE_DOOR_M: Final = 5.0
_ROAD_M: Final = 5.0
_WORTH: Final = (10.0, 4.0, 1.0)
_CAMERAS: Final = 120
_LIMIT_S: Final = 60.0
_BUDGET_LIMIT_S: Final = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """Candidates and spots.

    Attributes
    ----------
    worth : (spots,)
    wanted : (spots,) cameras required, 0 none
    """

    table: Incidence
    worth: Floats
    wanted: Ints


def figures(*, quick: bool, tell: Tell, seed: int = 1) -> Iterator[Figure]:
    """Costs and times of both questions on both instances."""
    tell("the quarter")
    quarter = town(seed=seed)
    for name in ("coarse",) if quick else tuple(_LEVELS):
        tell(f"{name}: the candidates")
        made = instance(quarter, name, seed=seed)
        yield Figure(f"{name}: spots", "count", made.table.rows)
        yield Figure(f"{name}: crosses", "count", made.table.crosses)
        tell(f"{name}: the fewest")
        yield from _fewest(name, made)
        tell(f"{name}: the best {_CAMERAS}")
        yield from _best(name, made)


def _fewest(name: str, made: Instance) -> Iterator[Figure]:
    asked = np.flatnonzero((made.wanted > 0) & (np.diff(made.table.row_starts) >= made.wanted))
    problem = with_rows(cover_problem(made.table, wanted=np.maximum(made.wanted, 1)), asked)
    problem = cover_problem(problem.table, wanted=problem.wanted)
    greed = len(added(problem, np.empty(0, np.int32)))
    began = time.perf_counter()
    answer = fewest(problem, time_limit_s=_LIMIT_S)
    spent_s = time.perf_counter() - began
    yield Figure(f"{name}: spots required", "count", problem.table.rows)
    yield Figure(f"{name}: fewest cameras", "count", len(answer.chosen), None, "plain greed", greed)
    yield Figure(f"{name}: greed, without what is not needed", "count", len(greedy_cover(problem)))
    yield Figure(f"{name}: above what is proven to be needed", "share", answer.gap_ratio, Goal("<=", 0.01))
    yield Figure(f"{name}: time for the fewest", "s", spent_s)


def _best(name: str, made: Instance) -> Iterator[Figure]:
    problem = budget_problem(made.table, budget=_CAMERAS, worth=made.worth)
    began = time.perf_counter()
    answer = best_use(problem, time_limit_s=_BUDGET_LIMIT_S)
    spent_s = time.perf_counter() - began
    title = f"{name}: best {_CAMERAS} cameras"
    yield Figure(title, "worth", answer.value, None, "plain greed", answer.greedy_value)
    yield Figure(f"{title}, of all there is", "share", answer.value / problem.total)
    yield Figure(f"{title}, of what is proven to be the most", "share", answer.reached_ratio, Goal(">=", 0.985))
    yield Figure(f"{title}, time with its bound", "s", spent_s, Goal("<=", _BUDGET_LIMIT_S * 1.1))


def instance(quarter: Town, name: str, *, seed: int) -> Instance:
    """The candidates of the quarter at a level, and what they serve.

    Parameters
    ----------
    name : `fine` or `coarse`
    """
    rng = np.random.default_rng(seed)
    blocks = [shapely.box(x, y, x + 24, y + 16) for x in range(40, 500, 80) for y in range(40, 400, 75)]
    built = shapely.union_all(blocks)
    samples = gather([grid_over(shapely.box(0, 0, 500, 400) - built, step_m=_STEP_M)])
    eyes = _eyes(built, _LEVELS[name], rng)
    views = all_seen(eyes, place(quarter.scene, samples))
    zone = _zones(blocks, samples.points_m)
    wanted = np.array([2, 1, 0], dtype=np.int32)[zone]
    table = incidence_of([view.numbers for view in views], rows=len(samples.points_m))
    return Instance(table, np.array(_WORTH)[zone], wanted)


def _zones(blocks: list[shapely.Polygon], points_m: Floats) -> Ints:
    """(n,) 0 before an entrance, 1 on a road, 2 elsewhere."""
    doors = [shapely.Point(b.bounds[0] + 12, b.bounds[1]).buffer(_BEFORE_DOOR_M) for b in blocks]
    across = [shapely.box(0, y - _ROAD_M / 2, 500, y + _ROAD_M / 2) for y in range(28, 400, 75)]
    along = [shapely.box(x - _ROAD_M / 2, 0, x + _ROAD_M / 2, 400) for x in (12, 252, 492)]
    zone = np.full(len(points_m), 2, dtype=np.int32)
    zone[shapely.contains_xy(shapely.union_all([*across, *along]), points_m[:, :2])] = 1
    zone[shapely.contains_xy(shapely.union_all(doors), points_m[:, :2])] = 0
    return zone


def _eyes(built: BaseGeometry, level: float, rng: np.random.Generator) -> list[Eye]:
    """Cameras on the fronts, looking away from them, and on poles, looking anywhere."""
    lens = pinhole_from_field_of_view(horizontal_fov_deg=84, width_px=2560, height_px=1440)
    fronts = built.buffer(0.3, join_style="mitre").boundary
    on_fronts = int(_CANDIDATES * _ON_FRONTS_RATIO)
    along = np.sort(rng.uniform(0, fronts.length, on_fronts))
    at = shapely.get_coordinates(shapely.line_interpolate_point(_one_line(fronts, along), _within(fronts, along)))
    free = shapely.box(5, 5, 495, 395) - built.buffer(2)
    drawn = rng.uniform((5, 5), (495, 395), (4 * _CANDIDATES, 2))
    poles = drawn[shapely.contains_xy(free, drawn)][: _CANDIDATES - on_fronts]
    inward = shapely.get_coordinates(shapely.shortest_line(shapely.points(at), built))[1::2] - at
    outward_deg = np.degrees(np.arctan2(-inward[:, 0], -inward[:, 1])) + rng.uniform(-50, 50, on_fronts)
    bearings_deg = np.concatenate((outward_deg, rng.uniform(0, 360, len(poles)))) % 360
    return [
        Eye(
            Pose((float(x), float(y), float(rng.uniform(3.5, 6.0))), float(bearing), float(rng.uniform(12, 28))),
            lens,
            far_m=100.0,
            least_px_per_m=level,
        )
        for (x, y), bearing in zip(np.vstack((at, poles)), bearings_deg, strict=True)
    ]


def _one_line(fronts: BaseGeometry, along: Floats) -> NDArray[np.object_]:
    """(n,) the block's outline each distance falls on."""
    parts = shapely.get_parts(fronts)
    ends = np.cumsum(shapely.length(parts))
    found: NDArray[np.object_] = parts[np.searchsorted(ends, along)]
    return found


def _within(fronts: BaseGeometry, along: Floats) -> Floats:
    """(n,) each distance from the beginning of its outline. [m]"""
    lengths = shapely.length(shapely.get_parts(fronts))
    ends = np.cumsum(lengths)
    at = np.searchsorted(ends, along)
    begun: Floats = along - (ends - lengths)[at]
    return begun
