"""Pictures of floors with their coverage: what they show and from where."""

import io
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.twin.coverage.rooms import camera, covered, site, zone
from tests.twin.riverside_in_small import box
from viewer.cli import EXIT_COULD_NOT_RUN
from viewer.reports.caption import HIGH_PX, Caption, captioned
from viewer.reports.heat import COLOURS
from viewer.reports.key import shades
from viewer.reports.words import LANGUAGES, Language
from viewer.stills3d import Draped, cut_open, north_on, overview, seen_from, write_pictures

WALL = box(4, 4, 6, 4.2)


ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_sites" / "riverside"


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


@pytest.mark.parametrize(
    ("way", "north"),
    [
        ((0.0, -1.0, 1.0), (0.0, 1.0)),  # taken from the south: north is away, up on the picture
        ((0.0, 1.0, 1.0), (0.0, -1.0)),
        ((-1.0, 0.0, 1.0), (-1.0, 0.0)),  # from the west, looking east: north is to the left
        ((1.0, 0.0, 1.0), (1.0, 0.0)),
        ((-1.0, -1.0, 0.001), (-1.0, 0.001)),  # from the south-west, nearly level: north-east is ahead, north left
    ],
)
def test_the_arrow_points_where_north_is(way: tuple[float, float, float], north: tuple[float, float]) -> None:
    found = np.array(north_on(np.array(way)))
    wanted = np.array(north)
    assert np.allclose(found / np.linalg.norm(found), wanted / np.linalg.norm(wanted), atol=1e-3)


@pytest.mark.render
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_says_under_it_what_its_colours_mean(language: Language) -> None:
    pytest.importorskip("PIL", reason="needs the render extra")
    answer = covered(site([zone(box(0, 0.5, 10, 8))], [camera(z_m=1.6)]))
    colours = shades(answer.places[0], language)
    blank = np.full((200, 1920, 3), 255, dtype=np.uint8)
    made = captioned(blank, Caption("Hall", colours, (0.0, 1.0), language))
    from PIL import Image  # noqa: PLC0415 - an extra

    band = np.asarray(Image.open(io.BytesIO(made)))[200:]
    assert band.shape == (HIGH_PX, 1920, 3)
    shown = {"#" + bytes(rgb).hex() for rgb in np.unique(band.reshape(-1, 3), axis=0).astype(np.uint8)}
    assert {shade.colour for shade in colours} <= shown
    ink = np.argwhere((band < 60).all(axis=2))
    assert ink[:, 1].min() < 40  # the title begins at the left
    assert ink[:, 1].max() > 1800  # the arrow stands at the right


@pytest.mark.render
@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("libEGL", ("VTK was ended by SIGSEGV", "Failed to load EGL", "apt install libegl1", "--pictures")),
        ("pyvista", ("pip install 'plumbline-twin[render]'",)),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="the loader's path is Linux's")
def test_what_cannot_be_drawn_with_is_named_before_anything_is_reckoned(
    tmp_path: Path, missing: str, said: tuple[str, ...]
) -> None:
    pytest.importorskip("pyvista", reason="needs the render extra")
    if missing == "pyvista":
        (tmp_path / "pyvista.py").write_text("raise ModuleNotFoundError(\"No module named 'pyvista'\")\n")
    else:
        for name in ("libEGL.so.1", "libEGL.so", "libOSMesa.so", "libOSMesa.so.8"):
            (tmp_path / name).write_text("no library")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    hidden = {k: v for k, v in os.environ.items() if k != "DISPLAY"}
    out = tmp_path / "out"
    tried = subprocess.run(
        [sys.executable, "-m", "viewer", "coverage", str(SAMPLE), "--pictures", str(out)],
        env=hidden | {"LD_LIBRARY_PATH": str(tmp_path), "PYTHONPATH": path},
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert tried.returncode == EXIT_COULD_NOT_RUN
    told = " ".join(tried.stderr.split())
    assert all(part in told for part in said), told
    assert "Traceback" not in told
    assert not out.exists()


@pytest.mark.render
def test_pictures_are_written_for_storeys_and_cameras(tmp_path: Path) -> None:
    pytest.importorskip("pyvista", reason="needs the render extra")
    answer = covered(site([zone(box(0, 0.5, 10, 8))], [camera(z_m=1.6)]))
    made = write_pictures(tmp_path / "out", answer.of, {"camera": answer})
    assert [path.relative_to(tmp_path / "out").as_posix() for path in made] == ["storey-hall~f1.png", "cameras/cam.png"]
    storey = made[0].read_bytes()
    assert struct.unpack(">II", storey[16:24]) == (1920, 1200)
    assert len(storey) > 20_000  # an empty picture of the background alone packs to less
