"""Lines of sight a second, of ours and of others', over the same pairs of camera and sample."""

import functools
import importlib.util
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geometry.culling import in_field
from viewer.bench.coverage.town import Town, town
from viewer.bench.figures import Figure, Goal

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Tell = Callable[[str], None]

_REPEATS: Final = 3
_PAIRS: Final = {
    "trimesh intersects_location": 500_000,
    "trimesh, first hits only": 500_000,
    "pyvista multi_ray_trace": 150_000,
    "Open3D": 2_000_000,
}
_GOALS: Final = {
    "trimesh intersects_location": Goal(">=", 10.0),
    "pyvista multi_ray_trace": Goal(">=", 25.0),
    "Open3D": Goal(">=", 0.9),
}
_SHORT: Final = 1.0 - 1e-4
"""Others get the target this much nearer, so that its own floor does not hide it."""


def figures(*, quick: bool, tell: Tell, seed: int = 1) -> Iterator[Figure]:
    """Our rate beside each peer's that is installed, on the peer's pairs, and how often the two agree."""
    tell("the quarter")
    quarter = town(seed=seed, step_m=1.0 if quick else 0.5)
    origins, targets = _pairs(quarter)
    for name, prepare in _peers().items():
        tell(name)
        count = min(_PAIRS[name] // (5 if quick else 1), len(targets))
        yield from _beside(name, prepare(quarter), quarter, origins[:count], targets[:count])
    for name in (name for name in _PAIRS if name not in _peers()):
        yield Figure(f"not installed here, so not measured: {name}", "count", 1)


def _beside(
    name: str, peer: Callable[[Floats, Floats], Flags], quarter: Town, origins: Floats, targets: Floats
) -> Iterator[Figure]:
    ours_s, theirs_s = [], []
    near = quarter.scene.local(origins), quarter.scene.local(targets)
    for _ in range(_REPEATS):
        began = time.perf_counter()
        ours = quarter.scene.blocked_near(*near)
        ours_s.append(time.perf_counter() - began)
        began = time.perf_counter()
        theirs = peer(origins, targets)
        theirs_s.append(time.perf_counter() - began)
    count = len(targets)
    ours_per_s, theirs_per_s = count / min(ours_s), count / min(theirs_s)
    yield Figure(
        f"lines of sight, {count:,} pairs", "million a second", ours_per_s / 1e6, None, name, theirs_per_s / 1e6
    )
    yield Figure(f"as fast as {name}", "times", ours_per_s / theirs_per_s, _GOALS.get(name))
    yield Figure(f"agreement with {name}", "share", float((ours == theirs).mean()), Goal(">=", 0.999))


def _pairs(quarter: Town) -> tuple[Floats, Floats]:
    """Cameras and samples in their fields, camera by camera."""
    fields = [(eye, part.samples.points_m[in_field(eye, part.samples)]) for part in quarter.parts for eye in part.eyes]
    origins = np.concatenate([np.repeat([eye.pose.position_m], len(points), axis=0) for eye, points in fields])
    return origins, np.concatenate([points for _, points in fields])


def _peers() -> dict[str, Callable[[Town], Callable[[Floats, Floats], Flags]]]:
    """The others that are installed here."""
    found: dict[str, Callable[[Town], Callable[[Floats, Floats], Flags]]] = {
        "trimesh intersects_location": functools.partial(trimesh_blocked, multiple_hits=True),
        "trimesh, first hits only": trimesh_blocked,
    }
    if importlib.util.find_spec("pyvista"):
        found["pyvista multi_ray_trace"] = _pyvista
    if importlib.util.find_spec("open3d"):
        found["Open3D"] = _open3d
    return found


def trimesh_blocked(quarter: Town, *, multiple_hits: bool = False) -> Callable[[Floats, Floats], Flags]:
    """The answer of trimesh, whose rays Embree casts too: as it comes it looks for every hit on the way."""
    import trimesh  # noqa: PLC0415 - a peer
    from trimesh.ray.ray_pyembree import RayMeshIntersector  # noqa: PLC0415

    solid = trimesh.Trimesh(quarter.mesh.vertices_m - quarter.scene.origin_m, quarter.mesh.triangles, process=False)
    caster = RayMeshIntersector(solid, scale_to_box=False)

    def blocked(origins: Floats, targets: Floats) -> Flags:
        ways = targets - origins
        near = origins - quarter.scene.origin_m
        length_m = np.linalg.norm(ways, axis=1)
        places, rows, _ = caster.intersects_location(near, ways, multiple_hits=multiple_hits)
        found = np.zeros(len(ways), dtype=bool)
        found[rows[np.linalg.norm(places - near[rows], axis=1) < length_m[rows] * _SHORT]] = True
        return found

    return blocked


def _pyvista(quarter: Town) -> Callable[[Floats, Floats], Flags]:
    import pyvista  # noqa: PLC0415 - a peer

    faces = np.column_stack((np.full(len(quarter.mesh.triangles), 3), quarter.mesh.triangles)).ravel()
    solid = pyvista.PolyData(quarter.mesh.vertices_m - quarter.scene.origin_m, faces)

    def blocked(origins: Floats, targets: Floats) -> Flags:
        ways = targets - origins
        near = origins - quarter.scene.origin_m
        length_m = np.linalg.norm(ways, axis=1)
        places, rows, _ = solid.multi_ray_trace(near, ways / length_m[:, None], first_point=True, retry=False)
        found = np.zeros(len(ways), dtype=bool)
        found[rows[np.linalg.norm(places - near[rows], axis=1) < length_m[rows] * _SHORT]] = True
        return found

    return blocked


def _open3d(quarter: Town) -> Callable[[Floats, Floats], Flags]:
    import open3d  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415

    scene: Any = open3d.t.geometry.RaycastingScene(nthreads=1)
    vertices = (quarter.mesh.vertices_m - quarter.scene.origin_m).astype(np.float32)
    scene.add_triangles(vertices, quarter.mesh.triangles.astype(np.uint32))

    def blocked(origins: Floats, targets: Floats) -> Flags:
        near = (origins - quarter.scene.origin_m).astype(np.float32)
        ways = (targets - origins).astype(np.float32)
        rays = open3d.core.Tensor(np.hstack((near, ways)))
        return np.asarray(scene.test_occlusions(rays, 1e-5, _SHORT).numpy())

    return blocked
