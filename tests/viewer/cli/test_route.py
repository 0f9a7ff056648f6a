"""`plumbline route` as people meet it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.twin.operations.conftest import make_site
from twin.site_folder import write
from viewer.cli import EXIT_COULD_NOT_RUN, build_app

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    stdout: str
    stderr: str
    returncode: int


def run(*arguments: str | Path) -> Said:
    """The command in this process, but for its handling of errors, which one test below has in its own."""
    done = CliRunner().invoke(build_app(), ["route", *map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        return Said(done.stdout, str(done.exception), EXIT_COULD_NOT_RUN)
    return Said(done.stdout, done.stderr, done.exit_code)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sites") / "yard"
    write(make_site(), path)
    return path


def test_a_way_is_told_step_by_step_in_the_language_asked_for(folder: Path) -> None:
    told = run(folder, "gate", "smoke-1", "--language", "zh")
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines()[:3] == ["34 米，1.2 分钟", "室外", "   1. 从南门出发，向北走"]
    assert "乘1号电梯上到5层" in told.stdout


def test_the_document_has_a_line_for_each_storey(folder: Path) -> None:
    told = run(folder, "gate", "smoke-1", "--json")
    way = json.loads(told.stdout)
    assert [(leg["kind"], leg["storey"]) for leg in way["legs"]] == [
        ("walk", None), ("walk", "t1/f1"), ("lift", "t1/f5"), ("walk", "t1/f5"),
    ]  # fmt: skip
    assert way["legs"][0]["line_m"][0] == [5.0, -20.0, 0.0]


def test_no_way_is_a_finding_with_its_reason(folder: Path) -> None:
    told = run(folder, "gate", "smoke-1", "--profile", "wheelchair", "--without", "t1-lift")
    assert told.returncode == 1
    assert "there are only steps (stairs), which a wheelchair cannot take" in told.stdout


def test_wrong_use_unknown_ids_and_profiles_are_said(folder: Path) -> None:
    assert run(folder, "gate").returncode == 2
    assert run(folder, "gate", "smoke-1", "--nearest", "gauge").returncode == 2
    command = [sys.executable, "-m", "viewer", "route", str(folder), "gate", "smoke-2"]
    unknown = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert (unknown.returncode, "Did you mean smoke-1" in unknown.stderr) == (3, True)
    assert "no profile 'robot'" in run(folder, "gate", "smoke-1", "--profile", "robot").stderr


def test_hours_count_at_the_time_that_is_named(tmp_path: Path) -> None:
    site = make_site()
    grounds = tuple(f.replace(hours="06:00-22:00") if f.use == "gate" else f for f in site.grounds)
    write(site.replace(grounds=grounds), tmp_path / "yard")
    assert (
        run(tmp_path / "yard", "gate", "smoke-1", "--at", "2026-11-23 21:59", "--profile", "resident").returncode == 0
    )
    shut = run(tmp_path / "yard", "gate", "smoke-1", "--at", "2026-11-23T22:00", "--profile", "resident")
    assert "every gate is closed at that time" in shut.stderr
    assert run(tmp_path / "yard", "gate", "smoke-1", "--profile", "resident").returncode == 0
    assert run(tmp_path / "yard", "gate", "smoke-1", "--at", "tonight").returncode == 2


def test_a_site_has_its_own_profiles(folder: Path, tmp_path: Path) -> None:
    product = (ROOT / "twin" / "wayfinding" / "profiles.yaml").read_text(encoding="utf-8")
    own = product.replace(
        "- id: resident\n  name: {zh: 居民, en: resident}", "- id: robot\n  name: {zh: 机器人, en: robot}"
    )
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    told = run(folder, "gate", "smoke-1", "--profile", "robot", "--profiles", tmp_path / "own.yaml", "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["profile"] == "robot"
    assert "no profile 'resident'" in run(folder, "gate", "smoke-1", "--profiles", tmp_path / "own.yaml").stderr


def test_the_nearest_and_a_tour_are_told(folder: Path) -> None:
    near = run(folder, "gate-south", "--nearest", "gauge")
    assert near.returncode == 0, near.stderr
    assert near.stdout.splitlines()[0].endswith("Gauge (lone)")
    round_trip = run(folder, "gate-south", "--tour", "lone", "--tour", "t1")
    assert round_trip.returncode == 0, round_trip.stderr
    assert round_trip.stdout.splitlines()[0].endswith("the quickest order")
