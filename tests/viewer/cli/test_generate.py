"""`plumbline generate`."""

from pathlib import Path

from typer.testing import CliRunner

from twin.site_folder import read
from viewer.cli import build_app


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(build_app(), ["generate", *arguments])
    return done.exit_code, done.output


def test_generate_writes_a_site_of_the_size_asked_for(tmp_path: Path) -> None:
    code, said = run(str(tmp_path / "estate"), "--towers", "2", "--storeys", "4", "--flats", "2")
    assert code == 0, said
    assert "2 towers" in said
    site = read(tmp_path / "estate")
    assert sum(b.use == "residential" for b in site.buildings) == 2


def test_generate_leaves_other_files_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    code, said = run(str(tmp_path))
    assert code == 2
    assert "not empty" in said
    code, said = run(str(tmp_path), "--force")
    assert code == 2
    assert "site.yaml" in said
    assert sorted(p.name for p in tmp_path.iterdir()) == ["letter.txt"]


def test_generate_refuses_three_flats_in_a_sentence(tmp_path: Path) -> None:
    code, _ = run(str(tmp_path / "estate"), "--flats", "3")
    assert code != 0
    assert not (tmp_path / "estate").exists()
