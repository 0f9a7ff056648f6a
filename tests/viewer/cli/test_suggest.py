"""`plumbline suggest` as a planner meets it."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.twin.coverage.rooms import camera, seen, site, zone
from tests.twin.riverside_in_small import box
from twin.site_folder import write

ROOT = Path(__file__).parents[3]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "viewer", "suggest", *map(str, arguments)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hall whose camera looks away from what it should see."""
    write(site([zone(box(4, 5, 6, 7))], [camera(bearing_deg=180.0)], seen()), tmp_path / "hall")
    return tmp_path / "hall"


def test_a_camera_that_looks_away_is_turned_or_another_one_hung(folder: Path, tmp_path: Path) -> None:
    told = run(folder, "--csv", tmp_path / "changed.csv")
    assert told.returncode == 0, told.stderr
    assert "turn: 1 aimed otherwise; proven best" in told.stdout
    assert "add: 1 new; proven best" in told.stdout
    assert "met   zone  seen  0.0% -> 100.0% of 100%" in told.stdout
    with (tmp_path / "changed.csv").open(encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert row["id"] == "cam"
    # north, where the zone lies
    assert min(float(row["bearing_deg"]), 360 - float(row["bearing_deg"])) < 45


def test_the_document_has_devices_gains_and_proof(folder: Path) -> None:
    told = json.loads(run(folder, "--way", "add", "--json").stdout)
    (found,) = told["suggestions"]
    assert (found["way"], found["is_met"]) == ("add", True)
    (device,) = found["devices"]
    assert device["id"] not in {"cam"}
    assert found["gains"][0]["after_ratio"] == 1.0
    assert found["proof"]["is_optimal"]


def test_what_no_camera_can_cover_is_told_with_its_place_and_leaves_with_1(folder: Path) -> None:
    told = run(folder, "--way", "turn", "--keep", "cam")
    assert told.returncode == 1
    assert "no camera helps" in told.stdout
    assert "cannot be covered: 4.0 m² of zone" in told.stdout


def test_nothing_lacks_where_all_is_met(tmp_path: Path) -> None:
    write(site([zone(box(4, 5, 6, 7))], [camera()], seen()), tmp_path / "hall")
    told = run(tmp_path / "hall")
    assert (told.returncode, told.stdout) == (0, "Nothing that is asked for lacks.\n")


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        (("--place", "zoan"), 3, "Did you mean zone"),
        (("--model", "sqare"), 3, "Did you mean square"),
        (("--cameras", "1", "--budget", "10"), 2, "not both"),
        (("--price", "square=much"), 2, "MODEL=SUM"),
        (("--budget", "100"), 3, "price"),
    ],
    ids=["place", "model", "both", "price", "no-price"],
)
def test_what_cannot_be_asked_is_said(folder: Path, asked: tuple[str, ...], code: int, words: str) -> None:
    told = run(folder, *asked)
    assert told.returncode == code
    assert words in told.stderr
