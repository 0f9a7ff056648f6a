"""What a planner waits for: one camera turned, one lorry driven before the cameras."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from geometry.culling import Eye
from geometry.meshes import Mesh
from geometry.sight import Place, Seen, all_seen, counts, hidden_by, mover, place, seen
from viewer.bench.coverage.town import lorry, town
from viewer.bench.figures import Figure, Goal

Tell = Callable[[str], None]
_TURNS: Final = 400
_DRIVES: Final = 60
_CHECKED: Final = 2


def figures(*, quick: bool, tell: Tell, seed: int = 1) -> Iterator[Figure]:
    """Times from the change to the new counts of all samples."""
    tell("the quarter")
    quarter = town(seed=seed)
    outdoors, eyes = quarter.outdoors, list(quarter.outdoors.eyes)
    at = place(quarter.scene, outdoors.samples)
    views = list(all_seen(eyes, at))
    total = counts(views, samples=len(outdoors.samples.points_m))
    rng = np.random.default_rng(seed)
    tell("cameras turned")
    spent_s = []
    for _ in range(_TURNS // (4 if quick else 1)):
        k = int(rng.integers(len(eyes)))
        pose = eyes[k].pose
        turned = replace(eyes[k], pose=replace(pose, bearing_deg=float(rng.uniform(0, 360))))
        began = time.perf_counter()
        view = seen(turned, at)
        total[views[k].numbers] -= 1
        total[view.numbers] += 1
        spent_s.append(time.perf_counter() - began)
        views[k], eyes[k] = view, turned
    yield Figure("camera turned, half of the times", "ms", 1e3 * float(np.quantile(spent_s, 0.5)))
    yield Figure("camera turned, 95 of 100 times", "ms", 1e3 * float(np.quantile(spent_s, 0.95)), Goal("<=", 10.0))
    tell("a lorry driven")
    places_m = rng.uniform((10, 10), (490, 390), (_DRIVES // (4 if quick else 1), 2))
    drives = [_driven(eyes, views, at, lorry(float(x), float(y))) for x, y in places_m]
    spent_s, differ = [s for s, _ in drives], sum(d for _, d in drives)
    yield Figure("lorry moved, half of the times", "ms", 1e3 * float(np.quantile(spent_s, 0.5)))
    yield Figure("lorry moved, 95 of 100 times", "ms", 1e3 * float(np.quantile(spent_s, 0.95)), Goal("<=", 50.0))
    yield Figure("samples that differ from a scene built with it", "count", differ, Goal("<=", 0))


def _driven(eyes: Sequence[Eye], views: Sequence[Seen], at: Place, moving: Mesh) -> tuple[float, int]:
    """What a lorry hides from every camera: time until it is known [s], and samples it is wrong in.

    The latter for the cameras that lose most, against a scene built with the lorry in it.
    """
    began = time.perf_counter()
    driven = mover(moving, at)
    hidden = [hidden_by(driven, eye, view.numbers, at) for eye, view in zip(eyes, views, strict=True)]
    spent_s = time.perf_counter() - began
    there = at.with_scene(at.scene.with_movers(moving))
    most = np.argsort([-len(h) for h in hidden])[:_CHECKED]
    whole = [np.setdiff1d(views[k].numbers, seen(eyes[k], there).numbers) for k in most]
    return spent_s, sum(len(np.setxor1d(hidden[k], w)) for k, w in zip(most, whole, strict=True))
