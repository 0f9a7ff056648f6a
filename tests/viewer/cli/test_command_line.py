"""The command line as a whole: quick help, exit codes, sentences instead of tracebacks."""

import subprocess
import sys
from pathlib import Path

import pytest

import viewer.cli
from viewer.errors import MissingPartError

ROOT = Path(__file__).parents[3]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "viewer", *arguments], cwd=ROOT, check=False, capture_output=True, text=True
    )


def test_help_answers_without_loading_anything_heavy() -> None:
    code = (
        "import sys; sys.argv[1:] = ['--help']\n"
        "from viewer.cli import main\n"
        "try:\n    main()\nexcept SystemExit as left:\n    assert not left.code\n"
        "heavy = {'numpy', 'pydantic', 'fastapi', 'shapely', 'scipy', 'paho', 'uvicorn', 'yaml', 'msgspec'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stderr.strip() == "[]"
    assert "plumbline" in done.stdout


def test_wrong_use_exits_with_2() -> None:
    done = run("no-such-command")
    assert done.returncode == 2
    assert "no-such-command" in done.stderr


def test_an_error_made_on_purpose_ends_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(prog_name: str) -> None:  # noqa: ARG001 - how typer is called
        raise MissingPartError("no browser here: install Chromium")

    monkeypatch.setattr(viewer.cli, "build_app", lambda: refuse)
    with pytest.raises(SystemExit) as left:
        viewer.cli.main()
    assert left.value.code == viewer.cli.EXIT_COULD_NOT_RUN
    assert capsys.readouterr().err == "plumbline: no browser here: install Chromium\n"


def test_a_mistake_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def blunder(prog_name: str) -> None:  # noqa: ARG001 - how typer is called
        raise ZeroDivisionError

    monkeypatch.setattr(viewer.cli, "build_app", lambda: blunder)
    with pytest.raises(ZeroDivisionError):
        viewer.cli.main()
