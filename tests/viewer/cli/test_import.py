"""`plumbline import inp` as a person meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NET = """\
[JUNCTIONS]
n1 10 3.6
[RESERVOIRS]
r 50
[PIPES]
p r n1 100 150 130
[OPTIONS]
UNITS CMH
[COORDINATES]
n1 100 0
r 0 0
[END]
"""


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "viewer", *map(str, arguments)], cwd=ROOT, check=False, capture_output=True, text=True
    )


@pytest.fixture
def inp(tmp_path: Path) -> Path:
    path = tmp_path / "net.inp"
    path.write_text(NET, encoding="utf-8")
    return path


def test_an_imported_site_is_fine(inp: Path, tmp_path: Path) -> None:
    sensors = tmp_path / "sensors.csv"
    sensors.write_text("n1;pressure\n", encoding="utf-8")
    done = run("import", "inp", inp, tmp_path / "Harbour", "--sensors", sensors, "--origin", "33.0,34.7")
    assert done.returncode == 0, done.stderr
    assert "site harbour with 2 devices" in done.stdout
    assert run("check", tmp_path / "Harbour").returncode == 0
    again = run("import", "inp", inp, tmp_path / "Harbour")
    assert again.returncode == 2
    assert "not empty" in again.stderr
    machine = run("import", "inp", inp, tmp_path / "other", "--json")
    assert json.loads(machine.stdout)["devices"] == 1


@pytest.mark.parametrize(
    ("broken", "says"),
    [("", "no nodes"), (NET.replace("100 150", "100 x"), "line 6"), ("\x00\ufffd[JUNC", "before the first section")],
)
def test_a_bad_file_ends_in_sentences_without_a_folder(broken: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.inp"
    path.write_text(broken, encoding="utf-8")
    done = run("import", "inp", path, tmp_path / "site")
    assert done.returncode == 3
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "site").exists()


def test_wrong_use_is_explained(inp: Path, tmp_path: Path) -> None:
    for options, code, says in (
        (("--origin", "here"), 2, "longitude"),
        (("--sensors", "ghost"), 3, "ghost"),
        (("--epsg", "1"), 3, "EPSG"),
    ):
        done = run("import", "inp", inp, tmp_path / "site", *options)
        assert (done.returncode, says in done.stderr) == (code, True), done.stderr
        assert "Traceback" not in done.stderr
    done = run("import", "inp", tmp_path / "absent.inp", tmp_path / "site")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_a_deep_check_tells_what_epanet_warns_of(inp: Path, tmp_path: Path) -> None:
    inp.write_text(NET.replace("n1 10 3.6", "n1 60 3.6"), encoding="utf-8")
    assert run("import", "inp", inp, tmp_path / "dry").returncode == 0
    assert run("check", tmp_path / "dry").returncode == 0
    done = run("check", tmp_path / "dry", "--deep")
    assert done.returncode == 1
    assert "negative pressure: n1" in done.stdout
    assert "epanet-run" in done.stdout
