"""`plumbline leaks` as a person meets it."""

import contextlib
import csv
import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from live_bindings.history.series import Entries
from live_bindings.history.sqlite import SqliteSeries
from tests.live_bindings.leaky_week import MENDED_S, ONSET_S, LeakyWeek, at, leaky_week
from twin.site_folder import write
from viewer.cli import build_app

FOUND_S = ONSET_S + 22 * 3600.0
EVERY = 3


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(build_app(), ["leaks", *map(str, arguments)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, its readings as a file a day, and as the history of a data folder."""
    week, made = leaky_week(), tmp_path_factory.mktemp("leaks")
    write(week.index.site, made / "site")
    by_day: dict[dt.date, list[tuple[str, str, str, float]]] = {}
    for row, (times_s, values) in week.window.series.items():
        name = week.index.channels[row].id
        for time_s, value in zip(times_s[::EVERY], values[::EVERY], strict=True):
            by_day.setdefault(at(time_s).date(), []).append((at(time_s).isoformat(), *name.split(":"), value))
    (made / "readings").mkdir()
    for day, rows in by_day.items():
        with (made / "readings" / f"{day}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("time", "device", "channel", "value"), *rows])
    _keep(week, made / "data" / "history.db")
    return made


def _keep(week: LeakyWeek, file: Path) -> None:
    with contextlib.closing(SqliteSeries(file)) as history:
        numbers = history.numbers([c.id for c in week.index.channels])
        for row, (times_s, values) in week.window.series.items():
            t, v = times_s[::EVERY], values[::EVERY]
            channel, quality, none = np.full(len(t), numbers[row]), np.zeros(len(t), np.uint8), np.zeros(len(t), int)
            history.append(Entries(channel, t, v, quality, none))


def test_leak_is_told_with_place_size_cost_and_what_to_do_next(folder: Path) -> None:
    done = run(folder / "site", "--readings", folder / "readings", "--at", at(FOUND_S).isoformat())
    assert done.exit_code == 1, done.stderr
    for words in ("Tower 2", "m3/h", "CNY a day", "give or take", "search", "next"):
        assert words in done.stdout, done.stdout


def test_files_and_history_give_the_same_answer(folder: Path) -> None:
    moment = ("--at", at(FOUND_S).isoformat(), "--json")
    from_files = run(folder / "site", "--readings", folder / "readings", *moment)
    from_history = run(folder / "site", "--data", folder / "data", *moment)
    assert from_files.exit_code == 1, from_files.stderr
    assert json.loads(from_files.stdout) == json.loads(from_history.stdout)
    (leak,) = json.loads(from_files.stdout)["leaks"]
    assert leak["state"] == "located"


def test_a_time_tells_what_leaked_and_is_over(folder: Path) -> None:
    start = at(FOUND_S).isoformat()
    done = run(folder / "site", "--data", folder / "data", "--start", start, "--every-h", "12", "--json")
    assert done.exit_code == 1, done.stderr
    answer = json.loads(done.stdout)
    (over,) = answer["past"]
    assert (answer["leaks"], over["state"]) == ([], "repaired")
    assert dt.datetime.fromisoformat(over["closed_at"]).timestamp() > MENDED_S


def test_calm_days_are_no_findings(folder: Path) -> None:
    done = run(folder / "site", "--data", folder / "data", "--at", at(ONSET_S).isoformat())
    assert done.exit_code == 0, done.stdout
    assert "Nothing that leaks is known." in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "--readings FILES or --data DIR"),
        (("--data", "nowhere"), 2, "no history.db"),
        (("--readings", "nowhere"), 2, "there is no nowhere"),
        (("--data", "data", "--at", "noon"), 2, "is no time"),
        (("--data", "data", "--at", "2026-02-01", "--start", "2026-01-01"), 2, "give --at, or --start"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(folder: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    done = run(folder / "site", *(str(folder / a) if a == "data" else a for a in arguments))
    assert (done.exit_code, says in done.stderr) == (code, True), done.stderr


def test_what_is_wrong_with_some_files_is_told_and_the_rest_answered(folder: Path, tmp_path: Path) -> None:
    every = [f.read_text(encoding="utf-8").splitlines()[1:] for f in sorted((folder / "readings").glob("*.csv"))]
    lines = [line for day in every for line in day if line < at(FOUND_S).isoformat()]
    time, device, channel, value = lines[-1].split(",")
    spoilt = ["time,device,channel,value", *lines, f"2031-01-01T00:00:00Z,{device},{channel},{value}",
              f"{time},nobody,{channel},{value}", f"{time},{device},{channel},ERR", "2026-0"]  # fmt: skip
    (tmp_path / "all.csv").write_text("\n".join(spoilt), encoding="utf-8")
    (tmp_path / "today.csv").write_text("", encoding="utf-8")
    done = run(folder / "site", "--readings", tmp_path)
    assert done.exit_code == 1, done.stderr
    assert "Tower 2" in done.stdout
    told = " ".join(done.stderr.split())
    for words in (
        "today.csv is empty",
        "2 rows or cells are left out",
        "fits no channel: nobody",
        "2031-01-01",
        "clocks that go wrong",
    ):
        assert words in told, told


def test_a_unit_that_is_none_is_refused(folder: Path) -> None:
    done = run(folder / "site", "--readings", folder / "readings", "--unit", "bananas")
    assert done.exit_code == 2
    assert "bananas" in done.output
    assert "m3_per_h" in done.output


@pytest.mark.parametrize("at", ["0001-01-01", "9999-12-31T23:59:59-12:00", "yesterday", "2026-02-30"])
def test_a_time_that_cannot_be_is_wrong_use(folder: Path, at: str) -> None:
    for option in ("--at", "--start"):
        done = run(folder / "site", "--readings", folder / "readings", option, at)
        assert done.exit_code == 2
        assert at in done.output
