"""Pictures of floors with their coverage: what they show and from where."""

import struct
from pathlib import Path

import numpy as np
import pytest

from tests.twin.coverage.rooms import camera, covered, site, zone
from tests.twin.riverside_in_small import box
from viewer.reports.heat import COLOURS
from viewer.stills3d import Draped, cut_open, overview, seen_from, write_pictures

WALL = box(4, 4, 6, 4.2)


def draped() -> Draped:
    answer = covered(site([zone(box(0, 0.5, 10, 8))], [camera(z_m=1.6)], pillars=[WALL]))
    return cut_open(answer.of, "hall/f1", "camera", answer)


def test_every_cell_lies_on_its_floor_in_the_colour_of_its_level() -> None:
    shown = draped()
    assert shown.cells.shape == (len(shown.cells_rgb), 4, 3)
    assert np.allclose(shown.cells[..., 2], 0.12)
    used = {"#" + bytes(rgb).hex() for rgb in shown.cells_rgb}
    assert COLOURS[0] in used  # behind the wall and the camera
    assert used <= set(COLOURS)
    assert len(used) > 2


def test_what_a_camera_sees_is_drawn_by_four_edges_through_its_picture() -> None:
    # the model sees 45 degrees to either side: its edges go as far east or west as north
    rays = draped().rays_m
    assert rays.shape == (4, 2, 3)
    ways = rays[:, 1] - rays[:, 0]
    assert np.allclose(np.abs(ways[:, 0]), ways[:, 1])
    assert np.allclose(np.abs(ways[:, 2]), 0.75 * ways[:, 1])
    assert np.allclose(np.linalg.norm(ways, axis=1), 3.0)


def test_a_picture_has_all_of_the_storey_in_it() -> None:
    shown = draped()
    position, middle = seen_from(shown, None)
    way = (middle - position) / np.linalg.norm(middle - position)
    off = shown.body.vertices_m - position
    depth = off @ way
    angle_deg = np.degrees(np.arccos(depth / np.linalg.norm(off, axis=1)))
    corner_deg = np.degrees(np.arctan(np.tan(np.radians(17)) * np.hypot(1, 1.6)))
    assert (depth > 0).all()
    assert (angle_deg < corner_deg).all()


def test_the_estate_is_seen_from_where_its_cells_are_not_hidden() -> None:
    # ground north of the hall: from the south the hall stands before it
    answer = covered(site([zone(box(0, 9, 10, 14), storey=None)], [camera(y_m=8.5, z_m=2.5)]))
    position, middle = seen_from(overview(answer.of, "camera", answer), answer.of)
    assert position[1] > middle[1]


@pytest.mark.render
def test_pictures_are_written_for_storeys_and_cameras(tmp_path: Path) -> None:
    pytest.importorskip("pyvista", reason="needs the render extra")
    answer = covered(site([zone(box(0, 0.5, 10, 8))], [camera(z_m=1.6)]))
    made = write_pictures(tmp_path / "out", answer.of, {"camera": answer})
    assert [path.relative_to(tmp_path / "out").as_posix() for path in made] == ["storey-hall~f1.png", "cameras/cam.png"]
    storey = made[0].read_bytes()
    assert struct.unpack(">II", storey[16:24]) == (1920, 1200)
    assert len(storey) > 20_000  # an empty picture of the background alone packs to less
