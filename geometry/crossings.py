"""What straight ways pass through, counted: walls thin and thick, slabs, leaves of doors.

A solid thing is met twice, going in and coming out, and counts once; a sheet is met once. What radio and sound lose on
the way follows from the counts, so a way can be given up as soon as nothing of use can arrive.
"""

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geometry.rays import CLEARANCE_M, RayScene

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Counts = NDArray[np.int16]
Flags = NDArray[np.bool_]

_STEP_M: Final = 1e-3
"""Two surfaces closer than this on the way count once, such as those of two walls that touch."""
_MOST_SURFACES: Final = 512
_MANY: Final = 20_000
"""With fewer ways a second thread costs more than it saves."""


@dataclass(frozen=True, slots=True)
class Material:
    """What something is made of, as far as counting goes.

    Attributes
    ----------
    is_solid : it has two surfaces, and is passed when both were met
    thin_below_m : solids thinner than this count as `thin`
    thin : row of the material that thin ones count as
    """

    is_solid: bool
    thin_below_m: float = 0.0
    thin: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class Matter:
    """What everything in a scene is made of.

    Attributes
    ----------
    materials : in the order of the columns of counts
    of_owner : (owners,) material of each owner, -1 for what lets everything pass
    normals : (triangles, 3) of unit length; those that always stand first, then the movers
    """

    materials: tuple[Material, ...]
    of_owner: Ints
    normals: NDArray[np.float32]


def matter(scene: RayScene, materials: Sequence[Material], of_owner: ArrayLike) -> Matter:
    """What a scene is made of, ready for counting.

    Parameters
    ----------
    of_owner : (owners,) row of each owner's material, -1 for none
    """
    across = [part.normals().astype(np.float32) for part in (scene.opaque, scene.movers)]
    return Matter(tuple(materials), np.asarray(of_owner, dtype=np.int64), np.concatenate(across))


def passed(
    scene: RayScene, origins_m: ArrayLike, targets_m: ArrayLike, through: Matter,
    *, is_lost: Callable[[Ints, Counts], Flags] | None = None, threads: int = 2,
) -> Counts:  # fmt: skip
    """(n, materials) how often each straight way passes through something of each material.

    What is within a millimetre of an end is not met. A solid that a way begins or ends in counts.

    Parameters
    ----------
    origins_m, targets_m : (n, 3)
    is_lost : told rows of ways and their counts up to there, which of them need not be followed further; their
        counts are then too low

    Examples
    --------
    >>> import shapely
    >>> from geometry.meshes import prism
    >>> from geometry.rays import ray_scene
    >>> wall = ray_scene(prism(shapely.box(2, -5, 2.2, 5), bottom_m=0.0, top_m=3.0))
    >>> brick = matter(wall, [Material(is_solid=True)], [0])
    >>> passed(wall, [[0, 0, 1.0], [0, 0, 1.0]], [[4, 0, 1.0], [1, 0, 1.0]], brick).tolist()
    [[1], [0]]
    """
    starts = np.asarray(origins_m, dtype=np.float64).reshape(-1, 3)
    ways = np.asarray(targets_m, dtype=np.float64).reshape(-1, 3) - starts
    if len(starts) < _MANY or threads < 2:
        return _walked(scene, starts, ways, through, is_lost, first=0)
    cuts = np.linspace(0, len(starts), threads + 1).astype(int)
    with ThreadPoolExecutor(threads) as pool:  # the engine lets several walk at the same time
        parts = pool.map(
            lambda cut: _walked(scene, starts[cut[0] : cut[1]], ways[cut[0] : cut[1]], through, is_lost, first=cut[0]),
            itertools.pairwise(cuts.tolist()),
        )
        return np.concatenate(list(parts))


def _walked(
    scene: RayScene, starts: Floats, ways: Floats, through: Matter, is_lost: Callable[[Ints, Counts], Flags] | None,
    *, first: int,
) -> Counts:  # fmt: skip
    walk = _Walk(scene, through, starts, ways)
    for _ in range(_MOST_SURFACES):
        if not len(walk.open_rows):
            break
        walk.step_inplace()
        if is_lost is not None and len(walk.open_rows):
            walk.open_rows = walk.open_rows[~is_lost(walk.open_rows + first, walk.counts[walk.open_rows])]
    walk.counts[walk.entered_m >= 0] += 1
    return walk.counts


class _Walk:
    """Ways followed from surface to surface, all at the same time."""

    def __init__(self, scene: RayScene, through: Matter, starts: Floats, ways: Floats) -> None:
        self.scene, self.through, self.ways = scene, through, ways
        self.near, self.near_ways = scene.local(starts), ways.astype(np.float32)
        self.length_m = np.maximum(np.linalg.norm(ways, axis=1), 1e-9)
        self.gone = CLEARANCE_M / self.length_m
        self.open_rows: Ints = np.flatnonzero(self.length_m > 2 * CLEARANCE_M)
        kinds = through.materials
        self.counts: Counts = np.zeros((len(starts), len(kinds)), dtype=np.int16)
        self.entered_m = np.full((len(starts), len(kinds)), -1.0)
        self.is_solid = np.array([kind.is_solid for kind in kinds], dtype=bool)
        self.thin_below_m = np.array([kind.thin_below_m for kind in kinds], dtype=np.float64)
        self.thin = np.array([kind.thin for kind in kinds], dtype=np.int64)

    def step_inplace(self) -> None:
        """To the next surface of each way; those that meet none are done."""
        rows = self.open_rows
        along = self.near_ways[rows]
        at = self.near[rows] + along * self.gone[rows, None].astype(np.float32)
        ahead, triangle, owner = self.scene.first_hits_near(at, along)
        met = self.gone[rows] + ahead
        on = met < 1 - CLEARANCE_M / self.length_m[rows]
        rows, met = rows[on], met[on]
        self._meet(rows, met * self.length_m[rows], triangle[on], self.through.of_owner[owner[on]])
        self.gone[rows] = met + _STEP_M / self.length_m[rows]
        self.open_rows = rows[self.gone[rows] < 1]

    def _meet(self, rows: Ints, distance_m: Floats, triangle: NDArray[np.int32], kind: Ints) -> None:
        matters = kind >= 0
        rows, distance_m, triangle, kind = rows[matters], distance_m[matters], triangle[matters], kind[matters]
        solid = self.is_solid[kind]
        self.counts[rows[~solid], kind[~solid]] += 1
        inside = solid & (self.entered_m[rows, kind] >= 0)
        entering = solid & ~inside
        out, of = rows[inside], kind[inside]
        straight = np.abs(np.einsum("ij,ij->i", self.ways[out], self.through.normals[triangle[inside]]))
        thick_m = (distance_m[inside] - self.entered_m[out, of]) * straight / self.length_m[out]
        counted = np.where((thick_m < self.thin_below_m[of]) & (self.thin[of] >= 0), self.thin[of], of)
        self.counts[out, counted] += 1
        self.entered_m[out, of] = -1.0
        self.entered_m[rows[entering], kind[entering]] = distance_m[entering]
