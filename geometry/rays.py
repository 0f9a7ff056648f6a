"""What lies between two points: rays cast by Embree, in the neighbourhood of the scene's own origin.

Embree reckons in float32. Far from the origin (map coordinates) that silently falsifies 6 of 100 answers, so all is
moved to the middle of the scene first. Things that move stand in a scene of their own: a lorry that comes does not
make the estate be built again.

References
----------
Wald et al., Embree: a kernel framework for efficient CPU ray tracing, ACM Transactions on Graphics 33 (2014).
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geometry.meshes import Mesh, no_mesh

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int32]

CLEARANCE_M: Final = 0.001
"""What is nearer to an end of a line of sight does not block it: a camera's own wall, a target's own floor."""
_STEP_M: Final = 1e-3
_MOST_SURFACES: Final = 256


class Engine(Protocol):
    """Embree's scene, as far as it is used here."""

    def run(
        self,
        origins: Singles,
        directions: Singles,
        dists: Singles | None = None,
        query: str = "INTERSECT",
        output: int | None = None,
    ) -> Any:  # noqa: ANN401 - an array or a dictionary of them, by `output`
        """Cast rays; the distances given are written into."""


@dataclass(frozen=True, slots=True, eq=False)
class Crossings:
    """All surfaces met on the way from origins to targets, ray by ray, near ones first.

    Attributes
    ----------
    rays : (h,) row of the ray
    distances_m : (h,) from its origin
    triangles, owners : (h,) what was met
    """

    rays: Ints
    distances_m: Floats
    triangles: Ints
    owners: Ints


@dataclass(frozen=True, slots=True, eq=False)
class RayScene:
    """Triangles prepared for rays.

    Attributes
    ----------
    origin_m : (3,) the middle of the scene, which everything is moved to
    opaque : what always stands; movers : what comes and goes
    """

    origin_m: Floats
    opaque: Mesh
    movers: Mesh
    static_engine: Engine | None
    mover_engine: Engine | None

    def with_movers(self, movers: Mesh) -> "RayScene":
        """The same scene with other movers; what always stands is shared and not built again."""
        return replace(self, movers=movers, mover_engine=_engine(movers, self.origin_m))

    def local(self, points_m: ArrayLike) -> Singles:
        """(n, 3) points as the engine has them: single precision, near the scene's own origin."""
        points = np.asarray(points_m, dtype=np.float64).reshape(-1, 3)
        near: Singles = (points - self.origin_m).astype(np.float32)
        return near

    def blocked(self, origins_m: ArrayLike, targets_m: ArrayLike) -> Flags:
        """(n,) whether something stands between origin and target.

        Parameters
        ----------
        origins_m : (n, 3) or (3,) for one origin of all
        targets_m : (n, 3)
        """
        targets = self.local(targets_m)
        origins = self.local(origins_m)
        if len(origins) == 1 and len(targets) != 1:
            origins = np.repeat(origins, len(targets), axis=0)
        return self.blocked_near(origins, targets)

    def blocked_near(self, origins: Singles, targets: Singles) -> Flags:
        """As `blocked`, for points that are `local` already."""
        ways = targets - origins
        length_m = np.sqrt(np.einsum("ij,ij->i", ways, ways))
        share = np.minimum(CLEARANCE_M / np.maximum(length_m, 1e-9), 0.49).astype(np.float32)
        starts = origins + ways * share[:, None]  # the engine has no nearest distance of its own
        reach = 1 - 2 * share
        found = np.zeros(len(targets), dtype=bool)
        for engine in (self.static_engine, self.mover_engine):
            if engine is None or not len(targets):
                continue
            # the engine writes into the distances it is given
            found |= engine.run(starts, ways, reach.copy(), query="OCCLUDED") != -1
        return found

    def first_hits(self, origins_m: ArrayLike, directions: ArrayLike) -> tuple[Floats, Ints, Ints]:
        """What rays meet first: distance in units of the direction's length (inf for nothing), triangle, owner (-1).

        Triangles are numbered through: those that always stand, then the movers.

        Parameters
        ----------
        origins_m, directions : (n, 3)
        """
        starts = self.local(origins_m)
        ways = np.ascontiguousarray(np.asarray(directions, dtype=np.float32).reshape(-1, 3))
        return self._first(starts, ways)

    def first_hits_near(self, starts: Singles, ways: Singles) -> tuple[Floats, Ints, Ints]:
        """As `first_hits`, for starts that are `local` already."""
        return self._first(starts, ways)

    def crossings(self, origins_m: ArrayLike, targets_m: ArrayLike) -> Crossings:
        """All surfaces on the way from origins to targets, for walls to be counted.

        Two surfaces less than a millimetre apart on the way count once.

        Parameters
        ----------
        origins_m, targets_m : (n, 3)
        """
        starts, ends = self.local(origins_m), self.local(targets_m)
        ways = ends - starts
        length_m = np.maximum(np.linalg.norm(ways.astype(np.float64), axis=1), 1e-9)
        gone = np.full(len(starts), CLEARANCE_M) / length_m
        open_rays = np.flatnonzero(length_m > 2 * CLEARANCE_M)
        parts: list[tuple[Ints, Floats, Ints, Ints]] = []
        for _ in range(_MOST_SURFACES):
            if not len(open_rays):
                break
            at = starts[open_rays] + ways[open_rays] * gone[open_rays, None].astype(np.float32)
            ahead, triangle, owner = self._first(at, ways[open_rays])
            met = gone[open_rays] + ahead
            on = met < 1 - CLEARANCE_M / length_m[open_rays]
            rows = open_rays[on]
            parts.append((rows.astype(np.int32), met[on] * length_m[rows], triangle[on], owner[on]))
            gone[rows] = met[on] + _STEP_M / length_m[rows]
            open_rays = rows[gone[rows] < 1]
        if not parts:
            none = np.empty(0, np.int32)
            return Crossings(none, np.empty(0), none, none)
        rays, distances_m, triangles, owners = (np.concatenate(p) for p in zip(*parts, strict=True))
        order = np.lexsort((distances_m, rays))
        return Crossings(rays[order], distances_m[order], triangles[order], owners[order])

    def _first(self, starts: Singles, ways: Singles) -> tuple[Floats, Ints, Ints]:
        distance = np.full(len(starts), np.inf)
        triangle = np.full(len(starts), -1, dtype=np.int32)
        for engine, first in ((self.static_engine, 0), (self.mover_engine, len(self.opaque.triangles))):
            if engine is None or not len(starts):
                continue
            hits = engine.run(starts, ways, output=1)
            nearer = (hits["primID"] >= 0) & (hits["tfar"] < distance)
            distance[nearer] = hits["tfar"][nearer]
            triangle[nearer] = hits["primID"][nearer] + first
        owners = np.concatenate((self.opaque.owners, self.movers.owners, [-1])).astype(np.int32)
        return distance, triangle, owners[triangle]


def ray_scene(opaque: Mesh, *, movers: Mesh | None = None, origin_m: ArrayLike | None = None) -> RayScene:
    """A scene prepared for rays.

    Parameters
    ----------
    opaque : all that always stands; it hides from both sides
    movers : what comes and goes, such as a parked lorry or a closed shutter
    origin_m : (3,) what everything is moved to; without it the middle of the scene
    """
    moving = movers if movers is not None else no_mesh()
    points = opaque.vertices_m if len(opaque.vertices_m) else moving.vertices_m
    origin = (points.min(axis=0) + points.max(axis=0)) / 2 if len(points) else np.zeros(3)
    if origin_m is not None:
        origin = np.asarray(origin_m, dtype=np.float64)
    return RayScene(origin, opaque, moving, _engine(opaque, origin), _engine(moving, origin))


def _engine(mesh: Mesh, origin_m: Floats) -> Engine | None:
    """Embree's scene of a mesh; none where there is nothing to meet."""
    if not len(mesh.triangles):
        return None
    # a compiled library of 14 MB, only for who casts rays
    from embreex.mesh_construction import TriangleMesh  # noqa: PLC0415
    from embreex.rtcore_scene import EmbreeScene  # noqa: PLC0415

    scene: Engine = EmbreeScene()
    TriangleMesh(scene, (mesh.vertices_m - origin_m).astype(np.float32), np.ascontiguousarray(mesh.triangles))
    return scene
