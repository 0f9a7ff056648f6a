"""The competition's files are read as they are published, surveyed and scored."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from pipe_network.record import DAY_S, hourly
from viewer.bench.leaks.battledim import read_competition
from viewer.bench.leaks.scoring import perfect, score
from viewer.bench.leaks.year_truth import TrueLeak, Truth, read_leaks, read_network, simulate_years
from viewer.bench.replay import shared_data
from viewer.cli import build_app
from viewer.errors import MissingPartError

pytestmark = pytest.mark.shared_data

_DAYS = 14


@pytest.fixture(scope="module")
def truth() -> Truth:
    try:
        network = read_network(shared_data())
    except MissingPartError as error:
        pytest.skip(str(error))
    leak = TrueLeak("p523", 9.4 * DAY_S, 30 * DAY_S, 9.4 * DAY_S, 0.016)
    return simulate_years(network, [leak], seed=4, start_s=0.0, end_s=_DAYS * DAY_S)


@pytest.fixture(scope="module")
def folder(truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five minutes a row, semicolons, decimal commas; levels between the hours on straight lines."""
    made = tmp_path_factory.mktemp("battledim")
    record = truth.record
    hours = np.arange(_DAYS * 24 * 12) / 12
    level = np.interp(hours, np.arange(_DAYS * 24), record.levels_m[:, 0])[:, None]
    for name, ids, values in (
        ("2019_SCADA_Pressures", record.sensors, record.pressure_heads_m.repeat(12, axis=0)),
        ("2019_SCADA_Flows", record.flow_links, record.flows_m3_per_s.repeat(12, axis=0) * 3600),
        ("2019_SCADA_Levels", record.tanks, level),
        ("2019_SCADA_Demands", record.meters, record.meters_m3_per_s.repeat(12, axis=0) * 3.6e6),
        ("2019_Leakages", ("p523",), truth.leaks_m3_per_s.repeat(12, axis=0) * 3600),
    ):
        _write(made / f"{name}.csv", ids, values)
    network = (shared_data() / "networks" / "L-TOWN.inp").read_text(encoding="utf-8", errors="replace")
    (made / "L-TOWN.inp").write_text(network, encoding="utf-8")
    return made


def _write(path: Path, ids: tuple[str, ...], values: NDArray[np.float64]) -> None:
    first = datetime(2019, 1, 1, tzinfo=UTC)
    lines = [";".join(("Timestamp", *ids))]
    for k, row in enumerate(values):
        at = f"{first + timedelta(minutes=5 * k):%Y-%m-%d %H:%M:%S}"
        lines.append(";".join([at, *(f"{v:.4f}".replace(".", ",") for v in row)]))
    path.write_text("\n".join(lines), encoding="utf-8")


def test_files_say_what_was_written(truth: Truth, folder: Path) -> None:
    read = read_competition(folder)
    hours = hourly(read.record)
    assert read.record.step_s == 300
    assert hours.times_s == pytest.approx(truth.record.times_s)
    assert hours.sensors == truth.record.sensors
    assert hours.pressure_heads_m == pytest.approx(truth.record.pressure_heads_m, abs=1e-4)
    assert hours.flows_m3_per_s == pytest.approx(truth.record.flows_m3_per_s, abs=1e-7)
    assert hours.meters_m3_per_s == pytest.approx(truth.record.meters_m3_per_s, abs=1e-9)
    assert [leak.pipe_id for leak in read.leaks] == ["p523"]
    assert read.leaks[0].start_s == pytest.approx(9.4 * DAY_S, abs=3600)


def test_what_is_missing_is_named_all_at_once(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "2019_SCADA_Pressures.csv").write_bytes((folder / "2019_SCADA_Pressures.csv").read_bytes())
    with pytest.raises(MissingPartError, match=r"no 2019 flows, no 2019 levels, no model L-TOWN\.inp"):
        read_competition(tmp_path)
    with pytest.raises(MissingPartError, match="not a folder"):
        read_competition(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("2019_SCADA_Flows.csv", b"", "not a table of text"),
        ("2019_SCADA_Flows.csv", b"PK\x03\x04\xff\xfe\x00\n\x00\xff", "not a table of text"),
        ("2019_SCADA_Levels.csv", b"Timestamp;T1\nnever;1,0\n", "no timestamps"),
        ("2019_SCADA_Levels.csv", b"Timestamp;T1\n2019-01-01 00:00:00;full\n", "no numbers"),
        ("2018_SCADA_Flows.csv", b"Timestamp;p227\n2018-01-01 00:00:00;1,0\n", "no 2018 pressures, no 2018 levels"),
    ],
)
def test_wrong_file_is_named(folder: Path, tmp_path: Path, name: str, content: bytes, says: str) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MissingPartError, match=says) as raised:
        read_competition(tmp_path)
    assert name in str(raised.value) or "2018 wholly or not at all" in str(raised.value)


def test_competition_is_surveyed_and_scored(truth: Truth, folder: Path, tmp_path: Path) -> None:
    sent = tmp_path / "results.txt"
    result = CliRunner().invoke(build_app(), ["leaks", "--battledim", str(folder), "--json", "--results", str(sent)])
    assert result.exit_code == 1, result.output
    document = json.loads(result.stdout)
    assert (document["found"], document["false_reports"]) == (1, 0)
    worth = truth.leaks_m3_per_s.sum() * 3600 * 0.8
    # less the days until it was found, and the crew
    assert 0.4 * worth < document["euros"] < worth
    assert document["findings"][0]["found_at"] in {"2019-01-12", "2019-01-13", "2019-01-14"}
    assert not any(part["is_sure"] for part in document["leaking_before"])
    first = document["findings"][0]
    assert sent.read_text().splitlines() == ["# linkID, startTime", f"{first['pipe_id']}, {first['found_at']} 00:00"]


def test_perfect_answer_is_worth_what_the_competition_says(folder: Path, tmp_path: Path) -> None:
    data = shared_data() / "flows"
    leaks = read_leaks(data / "ltown-2019-leaks.yaml")
    with (data / "ltown-2019-leakage-daily.csv").open(encoding="utf-8") as lines:
        daily = [float(row[1]) for row in list(csv.reader(lines))[1:]]
    steps_s = np.arange(365 * 288) * 300.0
    runs = np.stack([(leak.start_s <= steps_s) & (steps_s <= leak.end_s) for leak in leaks], axis=1)
    flows = runs * (np.repeat(daily, 288) / runs.sum(axis=1))[:, None]
    for path in folder.iterdir():
        if path.name != "2019_Leakages.csv":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    _write(tmp_path / "2019_Leakages.csv", tuple(leak.pipe_id for leak in leaks), flows)
    read = read_competition(tmp_path)
    assert [leak.pipe_id for leak in read.leaks] == [leak.pipe_id for leak in leaks]
    assert read.leak_times_s is not None
    assert read.leaks_m3_per_s is not None
    best = score(
        read.network, read.leaks, perfect(read.leaks), times_s=read.leak_times_s, leaks_m3_per_s=read.leaks_m3_per_s
    )
    assert (best.found, best.false) == (23, 0)
    # the daily sums are given to a litre an hour, the flows written here to a tenth of one
    assert best.euros == pytest.approx(523_153.82, abs=2.0)


def test_site_or_competition_is_to_be_named() -> None:
    result = CliRunner().invoke(build_app(), ["leaks"])
    assert result.exit_code == 2
    assert "--battledim" in result.output
