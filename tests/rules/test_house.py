"""The rules of the house that a machine can hold."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("geometry", "pipe_network", "twin", "live_bindings", "sample_sites", "viewer")
ALLOWED_TOP = {
    *PACKAGES, "tests", "docs", "pyproject.toml", "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md",
    "LICENSE", "Makefile", "constraints.txt",
}  # fmt: skip


def tracked() -> list[Path]:
    """Every file git tracks or would track."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [Path(line) for line in done.stdout.splitlines() if (ROOT / line).is_file()]


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if tool is None:
        pytest.skip("import-linter is not installed: pip install -e .[dev]")
    return subprocess.run([tool, "--no-cache"], cwd=folder, check=False, capture_output=True, text=True)


def test_imports_go_down_only() -> None:
    done = _lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


def test_a_planted_violation_is_found(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("web", "static", "riverside"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / "geometry" / "units.py"
    planted.write_text(planted.read_text() + "\n\ndef late() -> None:\n    import twin.index\n")
    done = _lint_imports(tmp_path)
    assert done.returncode != 0
    assert "geometry.units -> twin.index" in done.stdout


def test_top_level_holds_only_what_it_may() -> None:
    names = {path.parts[0] for path in tracked()}
    assert {n for n in names if not n.startswith(".")} <= ALLOWED_TOP


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    drawers = re.compile(r"^(utils?|helpers?|common|misc|manager)\.(py|ts|tsx)$")
    assert [p for p in tracked() if drawers.match(p.name)] == []


def test_no_machine_paths_and_no_package_hosts() -> None:
    # written in pieces so that this file does not find itself
    patterns = re.compile(
        r"(?:[\"'\s=(:])/(?:" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me"]) + r")/[a-z]"
        r"|registry\." + r"npmjs|files\." + r"pythonhosted|pypi\." + r"org"
    )
    found = []
    for path in tracked():
        if path.suffix in {".png", ".webp", ".inp", ".csv", ".geojson"}:
            continue
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
            if patterns.search(line):
                found.append(f"{path}:{number}: {line.strip()[:100]}")
    assert found == []


def test_every_word_of_the_glossary_is_kept() -> None:
    wrong = re.compile(r"\b(?:def|class)\s+\w*(?:ticket|sensor_value)\w*", re.IGNORECASE)
    found = [str(p) for p in tracked() if p.suffix == ".py" and wrong.search((ROOT / p).read_text(encoding="utf-8"))]
    assert found == []
