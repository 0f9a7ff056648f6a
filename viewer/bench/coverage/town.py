"""The reference job: a town quarter with cameras, made by rule so that everybody can make the same.

500 by 400 metres, thirty blocks of eighteen storeys with balconies and windows, trees, parked cars, a garage with
columns below; 220 cameras outdoors and 80 in the garage; samples every half metre on the floor and at 1.6 m.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geometry.culling import Eye
from geometry.lenses import pinhole_from_field_of_view
from geometry.meshes import Mesh, crown, merged, prism, sheet
from geometry.poses import Pose
from geometry.rays import RayScene, ray_scene
from geometry.samples import Samples, gather, grid_over

Floats = NDArray[np.float64]

_STOREYS: Final = 18
_BAYS: Final = 8
_BLOCK_M: Final = (24.0, 16.0)
_FIELDS_DEG: Final = (106.0, 96.0, 86.0, 76.0)
_LEAST_PX_PER_M: Final = 25.0
_FARTHEST_M: Final = 100.0
_GARAGE: Final = shapely.box(30, 40, 470, 360)
_GARAGE_FLOOR_M: Final = -4.0


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Cameras and the samples they are asked about."""

    eyes: tuple[Eye, ...]
    samples: Samples


@dataclass(frozen=True, slots=True, eq=False)
class Town:
    """A quarter with cameras: those outdoors are not asked about the garage."""

    mesh: Mesh
    scene: RayScene
    outdoors: Part
    garage: Part

    @property
    def parts(self) -> tuple[Part, Part]:
        """Outdoors and garage."""
        return self.outdoors, self.garage


def town(*, seed: int = 1, step_m: float = 0.5, cameras: int = 300) -> Town:
    """The quarter.

    Parameters
    ----------
    cameras : of them four fifteenths in the garage
    """
    rng = np.random.default_rng(seed)
    blocks = [
        shapely.box(x, y, x + _BLOCK_M[0], y + _BLOCK_M[1]) for x in range(40, 500, 80) for y in range(40, 400, 75)
    ]
    outdoors = shapely.box(0, 0, 500, 400) - shapely.union_all(blocks)
    mesh = merged([*_blocks(blocks), *_outdoors(outdoors, rng), *_garage()])
    below = cameras * 4 // 15
    floors = ((outdoors, 0.0, (3.0, 6.0), cameras - below), (_GARAGE, _GARAGE_FLOOR_M, (-0.9, -0.7), below))
    parts = [
        Part(
            _eyes(_somewhere(area, count, rng), heights_m, rng),
            gather([grid_over(area, step_m=step_m, z_m=z_m, height_m=h) for h in (0.0, 1.6)]),
        )
        for area, z_m, heights_m, count in floors
    ]
    return Town(mesh, ray_scene(mesh), *parts)


def lorry(x_m: float, y_m: float) -> Mesh:
    """A lorry that can be driven about."""
    return prism(shapely.box(x_m - 4, y_m - 1.25, x_m + 4, y_m + 1.25), bottom_m=0.5, top_m=3.6, owner=1)


def _blocks(blocks: list[shapely.Polygon]) -> list[Mesh]:
    width_m, depth_m = _BLOCK_M
    parts = [prism(shapely.box(0, 0, width_m, depth_m), bottom_m=0, top_m=3.0 * _STOREYS)]
    for storey in range(_STOREYS):
        floor_m = 3.0 * storey
        for bay in range(_BAYS):
            x = 3.0 * bay
            parts += [
                prism(shapely.box(x + 0.3, -1.5, x + 2.5, 0), bottom_m=floor_m, top_m=floor_m + 0.15),
                prism(shapely.box(x + 0.3, -1.5, x + 2.5, -1.4), bottom_m=floor_m + 0.15, top_m=floor_m + 1.1),
                prism(shapely.box(x + 0.5, depth_m, x + 1.8, depth_m + 0.1), bottom_m=floor_m + 1, top_m=floor_m + 2.4),
                prism(shapely.box(x + 2.0, depth_m, x + 2.7, depth_m + 0.4), bottom_m=floor_m + 0.4, top_m=floor_m + 1),
            ]
    one = merged(parts)
    return [one.moved((b.bounds[0], b.bounds[1], 0.0)) for b in blocks]


def _outdoors(outdoors: BaseGeometry, rng: np.random.Generator) -> list[Mesh]:
    trees = [crown(p, radius_m=2.0, bottom_m=2.2, top_m=7.0) for p in _somewhere(outdoors, 180, rng)]
    cars = [
        prism(shapely.box(x - 2.2, y - 0.9, x + 2.2, y + 0.9), bottom_m=0.2, top_m=1.5)
        for x, y in _somewhere(outdoors, 400, rng)
    ]
    return [*trees, *cars, sheet(outdoors, z_m=0.0)]


def _garage() -> list[Mesh]:
    x0, y0, x1, y1 = _GARAGE.bounds
    columns = [
        prism(shapely.box(x - 0.4, y - 0.4, x + 0.4, y + 0.4), bottom_m=_GARAGE_FLOOR_M, top_m=-0.3)
        for x in np.arange(x0 + 8, x1, 8.0)
        for y in np.arange(y0 + 8, y1, 8.0)
    ]
    return [prism(_GARAGE, bottom_m=_GARAGE_FLOOR_M, top_m=-0.3), *columns]


def _somewhere(area: BaseGeometry, count: int, rng: np.random.Generator) -> Floats:
    """Random points at least 2 m within an area."""
    inner = area.buffer(-2.0)
    x0, y0, x1, y1 = inner.bounds
    points = np.empty((0, 2))
    while len(points) < count:
        drawn = rng.uniform((x0, y0), (x1, y1), (4 * count, 2))
        points = np.vstack((points, drawn[shapely.contains_xy(inner, drawn)]))
    return points[:count]


def _eyes(places: Floats, heights_m: tuple[float, float], rng: np.random.Generator) -> tuple[Eye, ...]:
    lenses = [pinhole_from_field_of_view(horizontal_fov_deg=f, width_px=2560, height_px=1440) for f in _FIELDS_DEG]
    found = []
    for x, y in places:
        at = (float(x), float(y), float(rng.uniform(*heights_m)))
        pose = Pose(at, float(rng.uniform(0, 360)), float(rng.uniform(5, 30)))
        lens = lenses[int(rng.integers(len(lenses)))]
        found.append(Eye(pose, lens, far_m=_FARTHEST_M, least_px_per_m=_LEAST_PX_PER_M))
    return tuple(found)
