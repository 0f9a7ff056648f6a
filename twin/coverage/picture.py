"""What a camera has in its picture, drawn by the same rays that decide what it sees: walls, floors, what stands about.

The picture is the lens's own, bent as it bends; floors are tinted by the level that people on them would be shown at.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from geometry.culling import Eye
from geometry.lenses import directions, pixel_density_px_per_m
from geometry.poses import in_camera, in_site
from twin.coverage.levels import Level
from twin.coverage.prepared import Prepared
from twin.fabric.occluders import OccluderKind

Floats = NDArray[np.float64]
Picture = NDArray[np.uint8]

OCCLUDER_COLOURS: Final[dict[OccluderKind, tuple[int, int, int]]] = {
    "wall": (222, 216, 206),
    "slab": (201, 196, 187),
    "roof": (176, 178, 180),
    "obstacle": (176, 168, 158),
    "stair": (188, 182, 174),
    "door": (170, 136, 96),
    "ramp": (186, 186, 184),
    "tree": (112, 148, 104),
    "ground": (178, 188, 168),
    "vehicle": (86, 108, 138),
}
_LEVEL_COLOURS: Final = (
    (212, 106, 95), (243, 227, 161), (185, 220, 160), (111, 194, 164), (58, 154, 174), (51, 104, 159), (58, 47, 119),
)  # fmt: skip
_SKY, _HAZE = (203, 219, 231), (226, 232, 236)
_TINT_RATIO: Final = 0.4
_SUN: Final = np.array([-0.42, -0.35, 0.84])
_FAR_M: Final = 220.0
_LYING: Final = 0.9
"""A surface whose normal is so nearly upright is a floor."""
_FLOORS: Final = frozenset({"slab", "roof", "ground", "ramp", "stair"})


def camera_picture(prepared: Prepared, eye: Eye, *, width_px: int, levels: tuple[Level, ...]) -> Picture:
    """(rows, width_px, 3) the picture of an eye; black beside the round field of a fisheye.

    Parameters
    ----------
    levels : coarse to fine, that floors are tinted by
    """
    lens = eye.lens
    height_px = max(1, round(width_px * lens.height_px / lens.width_px))
    scale = lens.width_px / width_px
    across, down = ((np.arange(n) + 0.5) * scale for n in (width_px, height_px))
    pixels = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    ways = in_site(eye.pose, directions(lens, pixels))
    inside = np.isfinite(ways).all(axis=1)
    colours = np.zeros((len(pixels), 3))
    if inside.any():
        colours[inside] = _seen(prepared, eye, ways[inside], levels)
    return np.clip(colours, 0, 255).astype(np.uint8).reshape(height_px, width_px, 3)


def _seen(prepared: Prepared, eye: Eye, ways: Floats, levels: tuple[Level, ...]) -> Floats:
    position = np.asarray(eye.pose.position_m)
    away_m, triangle, owner = prepared.scene.first_hits(np.repeat([position], len(ways), axis=0), ways)
    upward = np.clip(ways[:, 2], 0.0, 1.0)[:, None]
    colours: Floats = upward**0.6 * np.array(_SKY) + (1 - upward**0.6) * np.array(_HAZE)
    hit = np.flatnonzero((triangle >= 0) & (away_m < _FAR_M * 4))
    if not len(hit):
        return colours
    normals = _normals(prepared, triangle[hit])
    towards = np.sign(np.einsum("ij,ij->i", normals, -ways[hit]))
    normals *= np.where(towards == 0, 1, towards)[:, None]
    found, rows = np.unique(owner[hit], return_inverse=True)
    kinds = [prepared.owner(int(row)).kind for row in found]
    painted = np.array([OCCLUDER_COLOURS[kind] for kind in kinds], dtype=np.float64)[rows]
    points = position + ways[hit] * away_m[hit, None]
    is_floor = (normals[:, 2] > _LYING) & np.array([kind in _FLOORS for kind in kinds])[rows]
    if levels:
        density = pixel_density_px_per_m(eye.lens, in_camera(eye.pose, points[is_floor]))
        reached = np.searchsorted([level.density_px_per_m for level in levels], density, side="right")
        tint = np.array(_LEVEL_COLOURS, dtype=np.float64)[np.minimum(reached, len(_LEVEL_COLOURS) - 1)]
        painted[is_floor] = (1 - _TINT_RATIO) * painted[is_floor] + _TINT_RATIO * tint
    light = 0.62 + 0.3 * np.clip(normals @ _SUN, 0, 1) + 0.1 * normals[:, 2]
    haze = np.clip(away_m[hit] / _FAR_M, 0, 0.75)[:, None]
    colours[hit] = (1 - haze) * painted * light[:, None] + haze * np.array(_HAZE)
    return colours


def _normals(prepared: Prepared, triangles: NDArray[np.int32]) -> Floats:
    """(n, 3) unit normals of triangles numbered as the scene does."""
    scene = prepared.scene
    first = len(scene.opaque.triangles)
    normals: Floats = np.empty((len(triangles), 3))
    for mesh, mine, offset in (
        (scene.opaque, triangles < first, 0),
        (scene.movers, triangles >= first, first),
    ):
        if not mine.any():
            continue
        a, b, c = (mesh.vertices_m[mesh.triangles[triangles[mine] - offset, k]] for k in range(3))
        across = np.cross(b - a, c - a)
        normals[mine] = across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    return normals
