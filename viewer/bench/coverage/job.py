"""The reference job: what 300 cameras see of 2.6 million samples, beside the plain way."""

import time
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from geometry.culling import Eye, in_field_by_testing_all
from geometry.sight import Place, Seen, all_seen, counts, place
from viewer.bench.coverage.rays import trimesh_blocked
from viewer.bench.coverage.town import Town, town
from viewer.bench.figures import Figure, Goal

Tell = Callable[[str], None]
_REPEATS: Final = 5
_PEER_CAMERAS: Final = 30


def figures(*, quick: bool, tell: Tell, seed: int = 1) -> Iterator[Figure]:
    """Time of the whole job, its size, and times the plain way on the same cameras."""
    tell("the quarter")
    quarter = town(seed=seed)
    began = time.perf_counter()
    places = tuple(place(quarter.scene, part.samples) for part in quarter.parts)
    yield Figure("quarter: triangles", "count", len(quarter.mesh.triangles))
    yield Figure("quarter: samples", "count", sum(len(at.samples.points_m) for at in places))
    yield Figure("samples made ready for the scene, once", "s", time.perf_counter() - began)
    tell("the job")
    eyes = tuple(part.eyes for part in quarter.parts)
    runs = [_job(eyes, places) for _ in range(_REPEATS)]
    views = [view for part in runs[-1][1] for view in part]
    yield Figure("pairs in the fields", "count", sum(len(v.numbers) + len(v.hidden) for v in views))
    yield Figure(
        "of them seen", "share", sum(len(v.numbers) for v in views) / sum(len(v.numbers) + len(v.hidden) for v in views)
    )
    yield Figure(f"whole job, {len(views)} cameras, best of {_REPEATS}", "s", min(s for s, _ in runs), Goal("<=", 0.5))
    yield Figure("whole job, median", "s", float(np.median([s for s, _ in runs])))
    tell("the plain way")
    count = _PEER_CAMERAS // (3 if quick else 1)
    some = tuple(e[: count // 2] for e in eyes)
    ours_s = min(_job(some, places)[0] for _ in range(_REPEATS))
    theirs_s, differ, asked = _plainly(some, places, quarter)
    name = "testing all samples, trimesh with first hits"
    yield Figure(f"{2 * (count // 2)} cameras", "s", ours_s, None, name, theirs_s)
    yield Figure("as fast as the plain way", "times", theirs_s / ours_s, Goal(">=", 50.0))
    yield Figure("agreement with the plain way", "share", 1 - differ / asked, Goal(">=", 0.999))


Eyes = tuple[Eye, ...]


def _job(eyes: tuple[Eyes, ...], places: tuple[Place, ...]) -> tuple[float, list[tuple[Seen, ...]]]:
    began = time.perf_counter()
    views = []
    for part, at in zip(eyes, places, strict=True):
        views.append(all_seen(part, at, threads=2))
        counts(views[-1], samples=len(at.samples.points_m))
    return time.perf_counter() - began, views


def _plainly(eyes: tuple[Eyes, ...], places: tuple[Place, ...], quarter: Town) -> tuple[float, int, int]:
    """Time of the plain way, answers that differ from ours, and answers."""
    caster = trimesh_blocked(quarter)
    spent_s, differ, asked = 0.0, 0, 0
    for part, at in zip(eyes, places, strict=True):
        for eye, view in zip(part, all_seen(part, at), strict=True):
            began = time.perf_counter()
            field = in_field_by_testing_all(eye, at.samples)
            targets = at.samples.points_m[field]
            hidden = caster(np.repeat([eye.pose.position_m], len(field), axis=0), targets)
            spent_s += time.perf_counter() - began
            differ += len(np.setxor1d(view.numbers, field[~hidden]))
            asked += len(field)
    return spent_s, differ, asked
