"""`plumbline check` and `plumbline schema` as a person meets them."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.twin.riverside_in_small import small_site
from twin.site_folder import write
from twin.site_folder.schemas import schemas
from twin.site_folder.yaml_text import parse

ROOT = Path(__file__).parents[3]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "viewer", *map(str, arguments)], cwd=ROOT, check=False, capture_output=True, text=True
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(small_site(), tmp_path / "site")
    return tmp_path / "site"


def test_a_good_site_is_fine_and_says_what_was_read(folder: Path) -> None:
    done = run("check", folder)
    assert done.returncode == 0
    assert "is fine: 1 building, 5 storeys, 25 spaces, 20 openings, 3 devices, 5 channels" in done.stdout
    assert done.stderr == ""


def test_a_broken_site_lists_every_fault_with_place_and_cure(folder: Path) -> None:
    devices = folder / "devices.csv"
    devices.write_text(devices.read_text(encoding="utf-8").replace("t1-inlet,water-meter", "t1-inlet,watermeter"))
    head = folder / "site.yaml"
    head.write_text(head.read_text(encoding="utf-8").replace("Asia/Shanghai", "Shanghai"), encoding="utf-8")
    done = run("check", folder)
    assert done.returncode == 1
    assert "site.yaml  (1 fault)\n  line 5: time_zone 'Shanghai' is not known. [unknown-time-zone]\n" in done.stdout
    assert (
        "  line 4: There is no device kind 'watermeter'. [unknown-kind]\n      Did you mean water-meter?" in done.stdout
    )
    assert "faults in 2 files" in done.stdout or "faults in 3 files" in done.stdout


def test_json_gives_the_same_to_a_machine(folder: Path) -> None:
    (folder / "rules.yaml").write_text("rules: [", encoding="utf-8")
    done = run("check", folder, "--json")
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert said["fine"] is False
    assert said["counts"]["devices"] == 3
    assert [(i["file"], i["code"]) for i in said["issues"]] == [("rules.yaml", "not-yaml")]


def test_no_folder_could_not_run(tmp_path: Path) -> None:
    done = run("check", tmp_path / "nothing")
    assert done.returncode == 3
    assert "no-folder" in done.stdout


def test_schema_names_its_files_and_writes_them(tmp_path: Path) -> None:
    assert json.loads(run("schema", "devices.csv").stdout)["items"]["required"] == ["id", "kind"]
    done = run("schema", "--out", tmp_path / "schemas")
    written = sorted(path.name for path in (tmp_path / "schemas").iterdir())
    assert len(written) == len(schemas()) == len(done.stdout.splitlines())
    assert "buildings.geojson.schema.json" in written


def test_an_unknown_schema_is_wrong_use() -> None:
    done = run("schema", "device.csv")
    assert done.returncode == 2
    assert "devices.csv" in done.stderr


def _document(path: Path) -> Any:  # noqa: ANN401 - whatever the file says
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".yaml":
        return parse(text).data
    if path.suffix == ".csv":
        rows = csv.DictReader(io.StringIO(text))
        return [{key: _cell(key, cell) for key, cell in row.items() if cell} for row in rows]
    return json.loads(text)


def _cell(column: str, cell: str) -> object:
    if column.endswith(("_m", "_deg")) or column in {"residents", "cars"}:
        return float(cell)
    return {"true": True, "false": False}.get(cell, cell)


def test_the_schemas_accept_what_is_written(folder: Path) -> None:
    files = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".inp"
    }
    assert len(files) == 12
    for name, path in files.items():
        key = f"{name.split('/')[0]}/ID{path.suffix}" if "/" in name else name
        found = [error.message for error in jsonschema_rs.validator_for(schemas()[key]).iter_errors(_document(path))]
        assert found == [], name
