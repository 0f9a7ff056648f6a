"""What eyes see of samples: in the field, near enough, and with nothing in between."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geometry.culling import Eye, in_field, may_see
from geometry.lenses import Pinhole, pixel_density_px_per_m
from geometry.meshes import Mesh
from geometry.poses import axes
from geometry.rays import CLEARANCE_M, Engine, RayScene, ray_scene
from geometry.samples import Samples

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int32]

_OPEN, _HIDDEN = 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What one eye sees of all samples.

    Attributes
    ----------
    numbers : (v,) samples seen
    density_px_per_m : (v,) single precision
    hidden : (h,) samples in its field that something hides
    hidden_density_px_per_m : (h,) what it would have there
    """

    numbers: Ints
    density_px_per_m: Singles
    hidden: Ints
    hidden_density_px_per_m: Singles


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A scene with the samples that are asked about.

    Attributes
    ----------
    near : (n, 3) the samples as the engine has them
    """

    scene: RayScene
    samples: Samples
    near: Singles

    def with_scene(self, scene: RayScene) -> "Place":
        """The same samples in a scene with other movers."""
        return Place(scene, self.samples, self.near)


def place(scene: RayScene, samples: Samples) -> Place:
    """Samples made ready for a scene."""
    return Place(scene, samples, scene.local(samples.points_m))


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What one has found out already from a point: samples with nothing in between, and samples with something."""

    open: Ints
    hidden: Ints


def seen(eye: Eye, at: Place, known: Known | None = None) -> Seen:
    """What an eye sees.

    Parameters
    ----------
    known : from the same point in the same scene, such as before the eye turned; only other samples are looked at

    Examples
    --------
    >>> import shapely
    >>> from geometry.lenses import pinhole_from_field_of_view
    >>> from geometry.meshes import prism
    >>> from geometry.poses import looking_at
    >>> from geometry.rays import ray_scene
    >>> from geometry.samples import gather, grid_over
    >>> pillar = ray_scene(prism(shapely.box(-0.5, 4.5, 0.5, 5.5), bottom_m=0.0, top_m=4.0))
    >>> floor = gather([grid_over(shapely.box(-5, 0, 5, 10), step_m=0.5)])
    >>> lens = pinhole_from_field_of_view(horizontal_fov_deg=100, width_px=2000, height_px=1500)
    >>> view = seen(Eye(looking_at((0, -1, 3), (0, 5, 0)), lens), place(pillar, floor))
    >>> bool(0 < len(view.hidden) < len(view.numbers))
    True
    """
    return _looked(eye, in_field(eye, at.samples), at, known)


def all_seen(
    eyes: Sequence[Eye], at: Place, *, known: Sequence[Known | None] | None = None, threads: int = 2
) -> tuple[Seen, ...]:
    """What each of many eyes sees; the engine lets several look at the same time."""
    before = known if known is not None else [None] * len(eyes)
    if threads <= 1 or len(eyes) < 2:
        return tuple(seen(eye, at, was) for eye, was in zip(eyes, before, strict=True))
    with ThreadPoolExecutor(threads) as pool:
        return tuple(pool.map(lambda eye, was: seen(eye, at, was), eyes, before))


@dataclass(frozen=True, slots=True, eq=False)
class Mover:
    """Things close together that move, made ready to be asked about from many eyes.

    Attributes
    ----------
    middle_m, around_m : of a ball around them
    """

    scene: RayScene
    middle_m: Floats
    around_m: float


def mover(things: Mesh, at: Place) -> Mover:
    """Things made ready for `hidden_by`."""
    corners = things.vertices_m[np.unique(things.triangles)] if len(things.triangles) else np.zeros((1, 3))
    middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
    around_m = float(np.linalg.norm(corners - middle, axis=1).max()) + CLEARANCE_M
    return Mover(ray_scene(things, origin_m=at.scene.origin_m), middle, around_m)


def hidden_by(moving: Mover | Mesh, eyes: Eye | Sequence[Eye], numbers: Ints, at: Place) -> Ints:
    """Of the samples that eyes in one place see, those that some things hide which come between: a parked lorry's cost.

    Only the ways that pass near them are asked about, so that a lorry is followed while it drives.

    Parameters
    ----------
    moving : few things close together; for several places call once for each
    eyes : one, or the sensors or presets of one camera
    numbers : of the samples they see without the things
    """
    several = (eyes,) if isinstance(eyes, Eye) else eyes
    near_by = mover(moving, at) if isinstance(moving, Mesh) else moving
    middle, around_m = near_by.middle_m, near_by.around_m
    if near_by.scene.static_engine is None or not len(numbers):
        return np.empty(0, np.int32)
    if not any(may_see(eye, middle, around_m) for eye in several):
        return np.empty(0, np.int32)
    point = at.scene.local(np.asarray(several[0].pose.position_m))[0]
    ways = at.near.take(numbers, axis=0)
    ways -= point
    near = np.flatnonzero(_pass_near(ways, at.scene.local(middle)[0] - point, around_m))
    return numbers[near[_blocked(point, ways[near], near_by.scene)]]


def _pass_near(ways: Singles, middle: Singles, around_m: float) -> Flags:
    """(n,) whether ways from the origin pass within a distance of a point."""
    reach = np.float32(around_m)
    away2 = np.float32(middle @ middle)
    if away2 <= reach**2:
        return np.ones(len(ways), dtype=bool)
    along = ways @ middle
    length2 = np.einsum("ij,ij->i", ways, ways)
    # the foot of the perpendicular must lie on the way, or its end within the ball
    passes: Flags = (
        (along > 0) & (along**2 >= (away2 - reach**2) * length2) & (np.sqrt(length2) >= np.sqrt(away2) - reach)
    )
    return passes


def counts(views: Iterable[Seen], *, samples: int) -> Ints:
    """(samples,) how many eyes see each."""
    total = np.zeros(samples, dtype=np.int32)
    for view in views:
        total[view.numbers] += 1  # an eye has each sample once
    return total


def best_density_px_per_m(views: Iterable[Seen], *, samples: int) -> Singles:
    """(samples,) the most pixels on a metre that any eye has there, 0 where none sees it."""
    best = np.zeros(samples, dtype=np.float32)
    for view in views:
        best[view.numbers] = np.maximum(best[view.numbers], view.density_px_per_m)
    return best


def _looked(eye: Eye, numbers: Ints, at: Place, known: Known | None) -> Seen:
    point = at.scene.local(np.asarray(eye.pose.position_m))[0]
    ways = at.near.take(numbers, axis=0)  # twice as fast as an index
    ways -= point
    if known is None:
        hidden = _blocked(point, ways, at.scene)
    else:
        found = np.zeros(len(at.near), dtype=np.int8)
        found[known.open], found[known.hidden] = _OPEN, _HIDDEN
        answers = found.take(numbers)
        new = np.flatnonzero(answers == 0)
        hidden = answers == _HIDDEN
        hidden[new] = _blocked(point, ways.take(new, axis=0), at.scene)
    density = _density_px_per_m(eye, ways)
    shut, open_ = np.flatnonzero(hidden), np.flatnonzero(~hidden)
    return Seen(numbers.take(open_), density.take(open_), numbers.take(shut), density.take(shut))


def _density_px_per_m(eye: Eye, ways: Singles) -> Singles:
    turned = axes(eye.pose).astype(np.float32)
    if isinstance(eye.lens, Pinhole) and eye.lens.is_straight:  # by far the most; only the depth counts
        straight: Singles = np.float32(eye.lens.focal_px) / np.maximum(ways @ turned[2], np.float32(1e-6))
        return straight
    return pixel_density_px_per_m(eye.lens, ways @ turned.T).astype(np.float32)


def _blocked(point: Singles, ways: Singles, scene: RayScene) -> Flags:
    """(n,) whether something stands on the ways from one point, all `RayScene.local`."""
    engines = [e for e in (scene.static_engine, scene.mover_engine) if e is not None]
    if not len(ways) or not engines:
        return np.zeros(len(ways), dtype=bool)
    origins = np.empty_like(ways)
    origins[:] = point
    if _on_a_surface(point, engines):
        return scene.blocked_near(origins, origins + ways)
    reach = np.sqrt(np.einsum("ij,ij->i", ways, ways))
    np.maximum(reach, np.float32(CLEARANCE_M), out=reach)  # nothing stands before what is as near as that
    np.divide(np.float32(-CLEARANCE_M), reach, out=reach)
    reach += np.float32(1)
    met: Flags = engines[0].run(origins, ways, reach, query="OCCLUDED") != -1
    for engine in engines[1:]:
        # only what the one before left open; this kind of question leaves the distances given as they are
        open_ = np.flatnonzero(~met)
        met[open_] = engine.run(origins[: len(open_)], ways[open_], reach[open_], query="OCCLUDED") != -1
    return met


def _on_a_surface(point: Singles, engines: Sequence[Engine]) -> bool:
    """Whether a surface passes within the clearance, so that rays must start off it."""
    # a plane through the point cuts at least one of three crossed short ways
    arms = np.eye(3, dtype=np.float32) * np.float32(CLEARANCE_M)
    starts = np.ascontiguousarray(point.reshape(1, 3) - arms)
    return any((e.run(starts, 2 * arms, np.ones(3, np.float32), query="OCCLUDED") != -1).any() for e in engines)
