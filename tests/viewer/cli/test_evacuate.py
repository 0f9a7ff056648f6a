"""`plumbline evacuate` as a planner meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.twin.houses import Rooms, door, house, on
from tests.twin.riverside_in_small import box
from twin.site_folder import write

ROOT = Path(__file__).parents[3]
TWO: Rooms = (("a", "office", box(0, 0, 10, 10)), ("b", "office", box(10, 0, 20, 10)))


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "viewer", "evacuate", *map(str, arguments)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    doors = (
        door("between", ((10, 4.5), (10, 5.5)), "a", "b"),
        door("east", ((20, 4.5), (20, 5.5)), "b", "outside"),
    )
    write(on(house(TWO, doors)), tmp_path / "house")
    return tmp_path / "house"


def counted(folder: Path, text: str) -> Path:
    path = folder.parent / "people.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_people_of_a_file_get_out_by_the_only_door(folder: Path) -> None:
    people = counted(folder, "space,persons\nh/f1/a,12\nh/f1/b,3.5\nh/f1/b,0.5\n")
    said = json.loads(run(folder, "--people", people, "--runs", "0", "--json").stdout)
    assert said["persons"] == 16
    assert [(one["id"], one["persons"]) for one in said["exits"]] == [("h/f1/east", 16.0)]
    assert said["clear_s"] == pytest.approx(said["buildings"][0]["clear_s"], abs=0.5)  # a step
    assert said["quantiles_s"] is None


def test_who_is_trapped_is_told_and_the_exit_code_says_so(folder: Path) -> None:
    people = counted(folder, "space,persons\nh/f1/a,12\n")
    found = run(folder, "--people", people, "--closed", "h/f1/between", "--runs", "5")
    assert found.returncode == 1
    assert "No way out: h/f1/a, 12.0 people" in found.stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("room,persons\nh/f1/a,1\n", "no column space"),
        ("space,persons\nh/f1/a,1\nh/f9/a,1\n", "line 3: there is no space 'h/f9/a'"),
        ("space,persons\nh/f1/a,many\n", "line 2: persons"),
        ("space,persons\nh/f1/a,-3\n", "line 2: persons"),
        ("space,persons\nh/f1/a\n", "line 2: persons"),
    ],
)
def test_a_file_of_people_that_cannot_be_used_is_refused_with_its_line(folder: Path, text: str, says: str) -> None:
    found = run(folder, "--people", counted(folder, text))
    assert found.returncode != 0
    assert says in found.stderr


def test_buildings_and_doors_that_are_not_there_are_named(folder: Path) -> None:
    assert "'x'" in run(folder, "--building", "x").stderr
    assert "nonsense is no door" in run(folder, "--closed", "nonsense").stderr


def test_a_plan_says_who_goes_elsewhere_and_what_no_plan_beats(folder: Path) -> None:
    people = counted(folder, "space,persons\nh/f1/a,30\nh/f1/b,30\n")
    said = json.loads(run(folder, "--people", people, "--runs", "0", "--guide", "--json").stdout)
    (plan,) = said["plans"]
    # with one exit nobody is sent elsewhere
    assert (plan["building"], plan["sent"]) == ("h", {})
    assert plan["least_s"] <= plan["guided_s"] == plan["nearest_s"]


def test_ways_out_are_checked_against_rules(folder: Path) -> None:
    holds = json.loads(run(folder, "--check", "--json").stdout)
    assert {one["rule"] for one in holds["findings"]} >= {"has-way-out"}
    assert all(one["is_met"] for one in holds["findings"])
    (folder / "evacuation_rules.yaml").write_text("rules: {has-way-out: {value: 2}}\n", encoding="utf-8")
    broken = run(folder, "--check")
    assert broken.returncode == 1
    assert "has a way out at h/f1/a: no" in broken.stdout


def test_a_check_tells_what_it_does_not_check_and_what_its_file_lacks(folder: Path) -> None:
    path = next((folder / "buildings").glob("*"))
    path.write_text(path.read_text(encoding="utf-8").replace('"office"', '"refuse_room"', 1), encoding="utf-8")
    said = json.loads(run(folder, "--check", "--json").stdout)
    assert said["not_checked"] == [{"storey": "h/f1", "uses": ["refuse_room"]}]
    assert "no rule for refuse_room: h/f1" in " ".join(run(folder, "--check").stdout.split())
    (folder / "evacuation_rules.yaml").write_text("sprinklered: [tower]\n", encoding="utf-8")
    broken = run(folder, "--check")
    assert broken.returncode > 1
    assert "evacuation_rules.yaml: sprinklered names 'tower'" in " ".join(broken.stderr.split())
    assert "Traceback" not in broken.stderr


def test_a_faulty_door_is_told_and_the_rest_is_answered(folder: Path) -> None:
    path = next((folder / "buildings").glob("*"))
    text = path.read_text(encoding="utf-8")
    wide = text.replace("4.5", "-3.0", 1)
    assert wide != text
    path.write_text(wide, encoding="utf-8")
    people = counted(folder, "space,persons\nh/f1/b,3\n")
    found = run(folder, "--people", people, "--runs", "0", "--json")
    said = json.loads(found.stdout)
    assert any("wider than its wall" in fault for fault in said["faults"])
    assert said["exits"][0]["persons"] == 3.0


@pytest.mark.parametrize(("language", "says"), [("en", "the last one safe after"), ("zh", "最后一人到达安全处")])
def test_a_report_says_who_goes_where_and_what_is_not_validated(folder: Path, language: str, says: str) -> None:
    people = counted(folder, "space,persons\nh/f1/a,12\nh/f1/b,3\n")
    path = folder.parent / "out" / "report.html"
    found = run(
        folder, "--people", people, "--runs", "5", "--guide", "--fire", "h/f1/b", "--report", path,
        "--language", language,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    page = path.read_text(encoding="utf-8")
    assert says in page
    assert "h/f1/east" in page
    assert {"en": "Not validated", "zh": "未与任何演练"}[language] in page
    assert "ev_" not in page


def test_a_fire_is_followed_with_its_smoke_unless_told_otherwise(folder: Path) -> None:
    people = counted(folder, "space,persons\nh/f1/a,12\nh/f1/b,30\n")
    smoky = json.loads(run(folder, "--people", people, "--fire", "h/f1/a", "--runs", "5", "--json").stdout)
    assert {one["place"] for one in smoky["smoke"]["margins"]} == {"h/f1/a", "h/f1/b"}
    assert smoky["smoke"]["exposed"][0]["dose"] > 0
    clear = json.loads(run(folder, "--people", people, "--fire", "h/f1/a", "--no-smoke", "--json").stdout)
    assert clear["smoke"] is None
    printed = run(folder, "--people", people, "--fire", "h/f1/a", "--runs", "0").stdout
    assert "Ways in smoke" in printed
    assert "dose of who stays" in printed


def test_what_closes_on_the_way_leaves_people_behind_and_the_exit_code_says_so(folder: Path) -> None:
    people = counted(folder, "space,persons\nh/f1/b,50\n")
    found = run(folder, "--people", people, "--closed", "h/f1/east@90", "--runs", "0")
    assert found.returncode == 1
    assert "Left behind what closed: h/f1/b" in found.stdout
    told_later = json.loads(run(folder, "--people", people, "--later", "h=600", "--runs", "0", "--json").stdout)
    assert told_later["clear_s"] > 600
    full = json.loads(run(folder, "--people", people, "--full", "h/f1=80", "--runs", "0", "--json").stdout)
    assert full["persons"] == 80.0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--closed", "h/f1/east@soon"), "'soon' in h/f1/east@soon is no number"),
        (("--later", "h"), "write h=120"),
        (("--others-later", "60"), "what burns"),
        (("--lift", "h/lift"), "no lift of the site"),
        (("--full", "h/f7"), "h/f7"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_mend(folder: Path, arguments: tuple[str, ...], says: str) -> None:
    found = run(folder, *arguments)
    assert found.returncode != 0
    assert says in " ".join(found.stderr.replace("│", " ").split())
    assert "Traceback" not in found.stderr
