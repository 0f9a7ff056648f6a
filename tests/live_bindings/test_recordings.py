"""Recorded readings as loggers and exports write them."""

import contextlib
import datetime as dt
import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from live_bindings.errors import RecordingError
from live_bindings.recordings import read_recording

JANUARY_S = dt.datetime(2019, 1, 1, tzinfo=dt.UTC).timestamp()


def csv(folder: Path, text: str, name: str = "readings.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_wide_with_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    path = csv(tmp_path, "Timestamp;p1;p2\n2019-01-01 00:00:00;88,14;1\n2019-01-01 00:05:00;;2,5\n")
    made = read_recording(path, "UTC")
    p1, p2 = made.columns
    assert (p1.name, p1.values.tolist(), p1.times_s.tolist()) == ("p1", [88.14], [JANUARY_S])
    assert p2.values.tolist() == [1, 2.5]
    assert made.missing == 1


def test_long_form_names_device_and_channel(tmp_path: Path) -> None:
    path = csv(tmp_path, "device,channel,time,value\nfm-1,flow,1546300800,1.5\nfm-2,flow,1546300800000,2\n")
    assert [(c.name, c.values.tolist(), c.times_s.tolist()) for c in read_recording(path, "UTC").columns] == [
        ("fm-1:flow", [1.5], [JANUARY_S]),
        ("fm-2:flow", [2.0], [JANUARY_S]),
    ]


def test_rows_out_of_order_are_put_in_order(tmp_path: Path) -> None:
    path = csv(tmp_path, "time,a\n2019-01-01T00:05:00Z,2\n2019-01-01T00:00:00Z,1\n")
    column = read_recording(path, "Asia/Shanghai").columns[0]
    assert column.values.tolist() == [1, 2]
    assert column.times_s[0] == JANUARY_S


def test_gzip_and_parquet_say_the_same_as_csv(tmp_path: Path) -> None:
    text = "time,a,b\n2019-01-01 00:00:00,1,\n2019-01-01 00:05:00,2,5\n"
    plain = read_recording(csv(tmp_path, text), "Asia/Shanghai")
    (tmp_path / "r.csv.gz").write_bytes(gzip.compress(text.encode()))
    moments = [dt.datetime(2019, 1, 1), dt.datetime(2019, 1, 1, 0, 5)]  # noqa: DTZ001 - naive as recorded
    pq.write_table(pa.table({"time": moments, "a": [1.0, 2.0], "b": [None, 5.0]}), tmp_path / "r.parquet")
    for name in ("r.csv.gz", "r.parquet"):
        other = read_recording(tmp_path / name, "Asia/Shanghai")
        for one, two in zip(plain.columns, other.columns, strict=True):
            assert (one.name, one.values.tolist(), one.times_s.tolist()) == (
                two.name, two.values.tolist(), two.times_s.tolist(),
            )  # fmt: skip
    assert plain.columns[0].times_s[0] == JANUARY_S - 8 * 3600


def test_a_recording_that_ignores_summer_time_keeps_every_reading(tmp_path: Path) -> None:
    begin = dt.datetime(2019, 1, 1)  # noqa: DTZ001 - naive as recorded
    rows = [begin + dt.timedelta(hours=k) for k in range(365 * 24)]
    made = read_recording(csv(tmp_path, "time,a\n" + "".join(f"{t},1\n" for t in rows)), "Asia/Nicosia")
    assert np.diff(made.columns[0].times_s).tolist() == [3600.0] * (len(rows) - 1)
    assert made.columns[0].times_s[0] == JANUARY_S - 2 * 3600
    assert "2019-03-31 03:00" in made.notes[0]


def test_a_recording_in_local_time_has_the_autumn_hour_twice(tmp_path: Path) -> None:
    # clocks in Cyprus went back from 04:00 to 03:00 on 27 October 2019
    hours = ("02:30", "03:00", "03:30", "03:00", "03:30", "04:00")
    made = read_recording(csv(tmp_path, "time,a\n" + "".join(f"2019-10-27 {h}:00,1\n" for h in hours)), "Asia/Nicosia")
    assert np.diff(made.columns[0].times_s).tolist() == [1800.0] * 5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("time,a\n", "no readings"),
        ("time,a\nyesterday,1\n", "line 2"),
        ("time,a\n2019-01-01,x\n", "'a' is 'x'"),
        ("time,a,b\n2019-01-01,1\n", "2 cells under 3 names"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_line(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=says):
        read_recording(csv(tmp_path, text), "UTC")


@pytest.mark.parametrize("name", ["r.csv.gz", "r.parquet", "r.csv"])
def test_bytes_of_another_kind_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"\x1f\x8b\x00\xff\xfe" * 20)
    with pytest.raises(RecordingError, match=r"r\."):
        read_recording(tmp_path / name, "UTC")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(text=st.text(alphabet='time,;\n0123456789-:. "ax\t\x00é', max_size=200))
def test_no_text_makes_the_reader_fail_otherwise(text: str, tmp_path: Path) -> None:
    path = csv(tmp_path, text)
    with contextlib.suppress(RecordingError):
        made = read_recording(path, "Asia/Shanghai")
        assert all(np.isfinite(c.values).all() and np.isfinite(c.times_s).all() for c in made.columns)


def many_rows(last: str) -> str:
    return "time,a,b\n" + "".join(f"2019-01-01 {k // 60:02d}:{k % 60:02d},1,2\n" for k in range(300)) + last


@pytest.mark.parametrize(
    ("last", "readings"),
    [
        ("2019-01-02,3", (300, 300)),
        ("2019-01-0\n", (300, 300)),
        ("\x00\x00\x00\n", (300, 300)),
        ("2019-01-02,ERR,2\n", (300, 301)),
    ],
)
def test_a_torn_line_costs_nothing_else_and_is_told(last: str, readings: tuple[int, int], tmp_path: Path) -> None:
    made = read_recording(csv(tmp_path, many_rows(last)), "UTC")
    assert tuple(len(c.values) for c in made.columns) == readings
    assert "line 302" in made.notes[0]


def test_a_column_of_words_is_left_out_and_told(tmp_path: Path) -> None:
    made = read_recording(csv(tmp_path, "time,a,comment\n2019-01-01,1,fine\n2019-01-02,2,windy\n"), "UTC")
    assert [c.name for c in made.columns] == ["a"]
    assert "'comment' is 'fine'" in made.notes[0]


def test_numbers_of_which_some_cannot_be_read_are_refused(tmp_path: Path) -> None:
    # thousands with commas: only the small ones would be left, and a register would seem to stand still
    text = "time;a\n" + "".join(f"2019-01-01 00:{k:02d};{990 + k:,}.5\n" for k in range(20))
    with pytest.raises(RecordingError, match=r"1,000\.5"):
        read_recording(csv(tmp_path, text), "UTC")
