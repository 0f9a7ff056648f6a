"""`plumbline coverage` as a planner meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.twin.coverage.rooms import camera, seen, site, zone
from tests.twin.riverside_in_small import box
from twin.model.base import Text
from twin.model.devices import Device, DeviceKind
from twin.model.grounds import GroundFeature, Requirement
from twin.site_folder import write

ROOT = Path(__file__).parents[3]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "viewer", "coverage", *map(str, arguments)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    hall = site([zone(box(4.75, 6, 5.25, 7))], [camera(z_m=1.6)], seen(target_heights_m=(1.0,)), door=True)
    write(hall, tmp_path / "hall")
    return tmp_path / "hall"


def test_a_door_in_the_way_is_named_and_opening_it_mends_it(folder: Path) -> None:
    shut = run(folder)
    assert shut.returncode == 1
    assert "LACKS zone  observe  0 % of 100 %" in shut.stdout
    assert "occluded 100%; behind door hall/f1/d; nearest cam" in shut.stdout
    assert "camera: 0 of 1 place is covered by 1 camera, levels of IEC 62676-4:2015." in shut.stdout
    opened = run(folder, "--open", "hall/f1/d")
    assert opened.returncode == 0
    assert "hangs on cam" in opened.stdout


def test_the_document_has_gaps_as_polygons(folder: Path) -> None:
    told = json.loads(run(folder, "--open", "hall/f1/d", "--without", "cam", "--json").stdout)
    (cameras,) = told["kinds"]
    (place,) = cameras["places"]
    assert (told["is_met"], place["is_met"], place["edition"]) == (False, False, "2015")
    assert (place["needed"], place["unit"]) == (62.5, "px_per_m")
    assert place["gaps"][0]["reasons"] == {"offline": 1.0}
    assert place["gaps"][0]["area"]["type"] == "Polygon"
    assert cameras["cameras"][0]["is_offline"]


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        (("--without", "cam-9"), 3, "cam-9"),
        (("--open", "hall/f1/x"), 3, "hall/f1/x"),
        (("--kind", "sonar"), 2, "sonar"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(
    folder: Path, asked: tuple[str, str], code: int, words: str
) -> None:
    done = run(folder, *asked)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_standard_asks_without_a_requirement_of_the_site(tmp_path: Path) -> None:
    square = GroundFeature(id="square", use="plaza", geometry=box(2, 12, 6, 16))
    watching = camera("cam", space=None, x_m=4.0, y_m=10.0, z_m=3.0, tilt_deg=20.0)
    write(site([], [watching]).replace(grounds=(square,)), tmp_path / "hall")
    done = run(tmp_path / "hall", "--standard")
    assert "std-public/square  observe" in done.stdout
    assert "of 1 place" in done.stdout


@pytest.mark.parametrize("lens", ["focal_mm: 4", "width_mm: 3", "horizontal_fov_deg: 0", "horizontal_fov_deg: 360"])
def test_a_camera_model_that_cannot_be_does_not_keep_the_rest_back(tmp_path: Path, lens: str) -> None:
    both = [camera("cam"), camera("other", model="4MP-2.8mm", y_m=1.0)]
    write(site([zone(box(4, 5, 6, 7))], both), tmp_path / "hall")
    models = f"camera_models:\n- id: square\n  width_px: 2000\n  height_px: 1500\n  {lens}\n"
    (tmp_path / "hall" / "camera-models.yaml").write_text(models)
    done = run(tmp_path / "hall")
    assert done.returncode == 1
    assert "met   zone" in done.stdout
    assert "cam: camera cam: Its model" in done.stdout
    assert "1 of 1 place is covered by 1 camera," in done.stdout
    told = json.loads(run(tmp_path / "hall", "--json").stdout)
    assert "camera-unusable" in {problem["code"] for problem in told["kinds"][0]["problems"]}


def test_any_device_may_count_as_down(tmp_path: Path) -> None:
    lit = {"id": "lit", "kind": "lighting", "min_value": 1.0, "unit": "lx", "space_uses": ("other",)}
    lamp = {"id": "lamp", "kind": "lamp", "x_m": 5.0, "y_m": 4.0, "z_m": 2.8, "model": "panel-36W"}
    light = DeviceKind(id="lamp", name=Text(en="lamp"), system="lighting", channels=(), reaches="light")
    hall = site([], []).replace(
        requirements=(Requirement.model_validate(lit),), kinds=(light,), devices=(Device.model_validate(lamp),)
    )
    write(hall, tmp_path / "lit")
    assert run(tmp_path / "lit").returncode == 0
    dark = run(tmp_path / "lit", "--without", "lamp")
    assert dark.returncode == 1
    assert "none near" in dark.stdout
