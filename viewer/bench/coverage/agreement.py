"""How often the fast engine and the slow reference in double precision say the same, wherever the site lies."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geometry.culling import Eye, in_field
from geometry.meshes import Mesh
from geometry.rays import ray_scene
from geometry.reference_rays import blocked, clear_of_edges_m
from geometry.samples import Grid, Samples, gather
from geometry.sight import all_seen, place
from viewer.bench.coverage.town import Part, Town, town
from viewer.bench.figures import Figure, Goal

Floats = NDArray[np.float64]
Tell = Callable[[str], None]

_RAYS: Final = 6_000
_EDGE_M: Final = 0.002
"""Nearer to an edge than this the engine's single precision may take the other side: 1 part in 10^5 of 200 m."""
_FAR_M: Final = (4_000_000.0, -1_000_000.0, 0.0)
_MOVED_CAMERAS: Final = 60


def figures(*, quick: bool, tell: Tell, seed: int = 1) -> Iterator[Figure]:
    """Agreement with the reference on random lines of sight of the quarter, and of the quarter with itself far away."""
    tell("the quarter")
    quarter = town(seed=seed, step_m=1.0 if quick else 0.5)
    tell("the reference")
    origins, targets = _lines(quarter, _RAYS // (10 if quick else 1), np.random.default_rng(seed))
    ours = quarter.scene.blocked(origins, targets)
    theirs, clear_m = _reference(quarter.mesh, origins, targets)
    clear = clear_m > _EDGE_M
    yield Figure("lines of sight asked of the reference too", "count", len(origins))
    yield Figure(f"of them farther than {1000 * _EDGE_M:g} mm from edges", "share", float(clear.mean()))
    same = float((ours == theirs)[clear].mean())
    yield Figure("agreement with the reference away from edges", "share", same, Goal(">=", 0.9999))
    yield Figure("agreement with the reference, edges too", "share", float((ours == theirs).mean()))
    tell("the quarter 4,000 km away")
    asked, differ = _moved(quarter, _MOVED_CAMERAS // (4 if quick else 1))
    yield Figure("samples looked at from here and 4,000 km away", "count", asked)
    yield Figure("agreement with itself 4,000 km away", "share", 1 - differ / asked, Goal(">=", 0.9999))


def _lines(quarter: Town, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Lines from cameras to samples in their fields, drawn evenly from all cameras."""
    origins, targets = [], []
    eyes = [(eye, part.samples) for part in quarter.parts for eye in part.eyes]
    for eye, samples in eyes:
        field = in_field(eye, samples)
        drawn = field[rng.integers(len(field), size=count // len(eyes))] if len(field) else field
        targets.append(samples.points_m[drawn])
        origins.append(np.repeat([eye.pose.position_m], len(drawn), axis=0))
    return np.concatenate(origins), np.concatenate(targets)


def _reference(mesh: Mesh, origins: Floats, targets: Floats) -> tuple[NDArray[np.bool_], Floats]:
    """The reference's answers and how far each line stays from edges, of the triangles that each line's box touches."""
    corners = mesh.corners_m().astype(np.float32)  # to choose candidates single precision and a margin will do
    low, high = corners.min(axis=1), corners.max(axis=1)
    hidden, clear_m = np.zeros(len(origins), dtype=bool), np.full(len(origins), np.inf)
    margin_m = 10 * _EDGE_M
    for k, (a, b) in enumerate(zip(origins, targets, strict=True)):
        near = ((low <= np.maximum(a, b) + margin_m) & (high >= np.minimum(a, b) - margin_m)).all(axis=1)
        few = Mesh(mesh.vertices_m, mesh.triangles[near], mesh.owners[near])
        hidden[k] = blocked(few, a[None], b[None])[0]
        clear_m[k] = clear_of_edges_m(few, a[None], b[None])[0]
    return hidden, clear_m


def _moved(quarter: Town, cameras: int) -> tuple[int, int]:
    """Samples in the fields of some cameras, and those seen differently with all moved far away."""
    shift = np.array(_FAR_M)
    far = ray_scene(quarter.mesh.moved(_FAR_M))
    asked = differ = 0
    for part in quarter.parts:
        eyes = part.eyes[: cameras // 2]
        away = Part(tuple(_shifted(eye, shift) for eye in eyes), _shifted_samples(part.samples, shift))
        here = all_seen(eyes, place(quarter.scene, part.samples))
        there = all_seen(away.eyes, place(far, away.samples))
        for one, other in zip(here, there, strict=True):
            asked += len(one.numbers) + len(one.hidden)
            differ += len(np.setxor1d(one.numbers, other.numbers))
    return asked, differ


def _shifted(eye: Eye, shift: Floats) -> Eye:
    x, y, z = (np.asarray(eye.pose.position_m) + shift).tolist()
    return replace(eye, pose=replace(eye.pose, position_m=(x, y, z)))


def _shifted_samples(samples: Samples, shift: Floats) -> Samples:
    return gather([
        Grid(g.corner_m + shift[:2], g.step_m, g.inside, g.plane_m, g.height_m, g.owner) for g in samples.grids
    ])  # fmt: skip
