"""Meshes with holes: the holes are found, and what is left of the mesh still hides."""

import numpy as np
import pytest
import shapely

from geometry import reference_rays
from geometry.meshes import Mesh, merged, no_mesh, open_edges_m, prism, sheet
from geometry.rays import ray_scene

BODY = prism(shapely.box(-1, 4, 1, 6), bottom_m=0.0, top_m=2.0)
OPEN = prism(shapely.box(-1, 4, 1, 6), bottom_m=0.0, top_m=2.0, lids=False)


def facing(of: Mesh, y_m: float) -> Mesh:
    """A mesh without what lies in the plane at y."""
    kept = ~np.isclose(of.corners_m()[:, :, 1], y_m).all(axis=1)
    return Mesh(of.vertices_m, of.triangles[kept], of.owners[kept])


@pytest.mark.parametrize("shift_m", [0.0, 4_000_000.0])
@pytest.mark.parametrize(
    ("of", "rims"),
    [
        (BODY, 0),
        (OPEN, 8),
        (facing(BODY, 4.0), 4),
        (facing(facing(BODY, 4.0), 6.0), 8),
        (sheet(shapely.box(0, 0, 2, 1), z_m=0.0), 4),
        (merged([BODY, BODY.moved((10.0, 0.0, 0.0))]), 0),
        (no_mesh(), 0),
    ],
    ids=["closed", "no lids", "no front", "no front, no back", "sheet", "two bodies", "nothing"],
)
def test_the_rims_of_holes_are_found(of: Mesh, rims: int, shift_m: float) -> None:
    assert len(open_edges_m(of.moved((shift_m, 0.0, 0.0)))) == rims


@pytest.mark.parametrize(
    ("of", "to_m", "is_hidden"),
    [
        (BODY, (0.0, 10.0, 1.0), True),
        (OPEN, (0.0, 10.0, 1.0), True),
        (facing(BODY, 4.0), (0.0, 10.0, 1.0), True),  # its back still stands
        (facing(BODY, 4.0), (0.0, 5.0, 1.0), False),  # into it
        (facing(facing(BODY, 4.0), 6.0), (0.0, 10.0, 1.0), False),  # through it
        (facing(facing(BODY, 4.0), 6.0), (1.3, 6.0, 1.0), True),  # in at the front, met by its side
    ],
)
def test_what_is_left_of_a_mesh_with_holes_hides(
    of: Mesh,
    to_m: tuple[float, float, float],
    is_hidden: bool,  # noqa: FBT001
) -> None:
    eye_m = (0.0, 0.0, 1.0)
    assert ray_scene(of).blocked([eye_m], [to_m]).tolist() == [is_hidden]
    assert reference_rays.blocked(of, [eye_m], [to_m]).tolist() == [is_hidden]
