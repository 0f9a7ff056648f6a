"""The history in a SQLite file, against a brute-force one."""

import contextlib
import datetime as dt
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_bindings.errors import HistoryError
from live_bindings.history.buckets import HOUR_S
from live_bindings.history.series import Entries
from live_bindings.history.sqlite import SqliteSeries
from twin.state import Quality

T0_S = 1_546_300_800.0  # 2019-01-01
Reading = tuple[int, float, int, float, int]  # channel, time, sequence, value, quality
NAMES = ["a:x", "b:x", "c:x"]


def entries(store: SqliteSeries, readings: list[Reading]) -> Entries:
    numbers = store.numbers(NAMES)
    return Entries(
        channels=numbers[[r[0] for r in readings]],
        times_s=np.array([r[1] for r in readings], np.float64),
        sequences=np.array([r[2] for r in readings], np.int64),
        values=np.array([r[3] for r in readings], np.float64),
        quality=np.array([r[4] for r in readings], np.uint8),
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteSeries]:
    with contextlib.closing(SqliteSeries(tmp_path / "history.db")) as opened:
        yield opened


readings = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 40).map(lambda k: T0_S + k * 431.5),
        st.integers(0, 2),
        st.integers(-5, 5).map(float),
        st.sampled_from([Quality.GOOD, Quality.UNCERTAIN, Quality.BAD]).map(int),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(readings, st.sampled_from(["go on", "fold", "reopen", "fold and reopen"])), max_size=6))
def test_any_order_of_appends_folds_and_restarts_keeps_each_reading_once(
    steps: list[tuple[list[Reading], str]],
) -> None:
    truth: dict[tuple[int, float, int], tuple[float, int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteSeries(Path(folder) / "history.db")
        try:
            for batch, then in steps:
                new = store.append(entries(store, batch))
                for reading, fresh in zip(batch, new.tolist(), strict=True):
                    assert fresh == (reading[:3] not in truth)
                    truth.setdefault(reading[:3], reading[3:])
                if "fold" in then:
                    store.fold()
                if "reopen" in then:
                    store.close()
                    store = SqliteSeries(Path(folder) / "history.db")
            assert store.count() == len(truth)
            for channel, name in enumerate(NAMES):
                check_channel(store, name, {k[1:]: v for k, v in truth.items() if k[0] == channel})
        finally:
            store.close()


def check_channel(store: SqliteSeries, name: str, truth: dict[tuple[float, int], tuple[float, int]]) -> None:
    expected = sorted((*k, *v) for k, v in truth.items())
    window = store.window(name, T0_S, T0_S + 1e6)
    assert list(zip(window.times_s, window.sequences, window.values, window.quality, strict=True)) == expected
    latest = store.latest([name])
    if expected:
        assert (latest.times_s[0], latest.values[0], latest.quality[0]) == (expected[-1][0], *expected[-1][2:])
    else:
        assert latest.quality[0] == Quality.NEVER
    for start_s, end_s, points in [
        (T0_S, T0_S + 18_000, 3),
        (T0_S + 500, T0_S + 12_345, 2),
        (T0_S + 100, T0_S + 900, 5),
    ]:
        kept = [r for r in expected if start_s <= r[0] < end_s and r[3] != Quality.BAD]
        shown = store.downsample(name, start_s, end_s, points)
        assert shown.count.sum() == len(kept)
        if shown.step_s:
            for time_s, low, high, mean, count in zip(
                shown.times_s, shown.min, shown.max, shown.mean, shown.count, strict=True
            ):
                inside = [r[2] for r in kept if time_s <= r[0] < time_s + shown.step_s]
                assert (min(inside), max(inside), len(inside)) == (low, high, count)
                assert mean == pytest.approx(sum(inside) / len(inside))
        else:
            assert shown.mean.tolist() == [r[2] for r in kept]


def test_a_year_of_five_minute_readings_is_right_at_any_zoom(store: SqliteSeries) -> None:
    n = 105_120
    times_s = T0_S + np.arange(n) * 300.0
    values = np.sin(np.arange(n) / 50.0)
    number = store.numbers(["t1:level"])[0]
    for part in np.array_split(np.arange(n), 30):
        batch = Entries(
            np.full(len(part), number),
            times_s[part].astype(np.float64),
            values[part],
            np.zeros(len(part), np.uint8),
            part.astype(np.int64),
        )
        assert store.append(batch).all()
        if store.fold_due():
            store.fold()
    assert store.count() == n
    end_s = T0_S + n * 300.0
    for start_s, stop_s, points in [
        (T0_S, end_s, 800), (T0_S, end_s, 1), (T0_S, end_s, 200_000),
        (T0_S + 86_400 * 100.3, T0_S + 86_400 * 107.8, 500),
        (T0_S - 1e8, end_s + 1e8, 300), (end_s - 3600, end_s, 100), (T0_S + 7e6, T0_S + 1.9e7, 500),
    ]:  # fmt: skip
        shown = store.downsample("t1:level", start_s, stop_s, points)
        inside = (times_s >= start_s) & (times_s < stop_s)
        assert shown.count.sum() == inside.sum()
        assert len(shown) <= points + 2
        assert (shown.min.min(), shown.max.max()) == (values[inside].min(), values[inside].max())
        assert (shown.mean * shown.count).sum() == pytest.approx(values[inside].sum(), abs=1e-6)


def test_buckets_of_hours_begin_at_hours(store: SqliteSeries) -> None:
    times = [T0_S + 60.0 * k for k in range(600)]
    store.append(entries(store, [(0, t, 0, 1.0, 0) for t in times]))
    store.fold()
    shown = store.downsample("a:x", T0_S + 1800, T0_S + 36_000, 5)
    assert shown.step_s % HOUR_S == 0
    assert (shown.times_s % HOUR_S == 0).all()
    assert shown.count.sum() == 570


def test_a_fold_that_fails_leaves_everything_as_it_was(store: SqliteSeries) -> None:
    store.append(entries(store, [(0, T0_S + k * 4000.0, k, 1.0, 0) for k in range(100)]))
    store._writer.set_progress_handler(lambda: 1, 50)
    with pytest.raises(HistoryError, match="interrupted"):
        store.fold()
    store._writer.set_progress_handler(None, 0)
    assert store.count() == 100
    assert store.fold() > 90
    assert store.count() == 100


def test_readers_in_other_threads_see_whole_batches_meanwhile(store: SqliteSeries) -> None:
    store.numbers(NAMES)
    wrong: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            n = len(store.window("a:x", T0_S, T0_S + 1e9))
            if n % 10:
                wrong.append(n)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for k in range(60):
        store.append(entries(store, [(0, T0_S + k * 1000.0 + i, 0, 1.0, 0) for i in range(10)]))
        if k % 7 == 0:
            store.fold()
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_old_hours_can_be_dropped(store: SqliteSeries) -> None:
    store.append(entries(store, [(0, T0_S + k * 60.0, 0, 1.0, 0) for k in range(300)]))
    assert store.drop_before(T0_S + 2.5 * HOUR_S) == 120
    assert store.count() == 180


def test_a_file_that_is_no_history_is_refused(tmp_path: Path) -> None:
    (tmp_path / "history.db").write_bytes(b"no database" * 100)
    with pytest.raises(HistoryError, match="cannot open the history"):
        SqliteSeries(tmp_path / "history.db")


def test_a_history_of_a_later_version_is_refused(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "history.db")) as later:
        later.execute("PRAGMA user_version=99")
    with pytest.raises(HistoryError, match="version 99"):
        SqliteSeries(tmp_path / "history.db")


def test_a_closed_history_says_so(tmp_path: Path) -> None:
    store = SqliteSeries(tmp_path / "history.db")
    store.close()
    with pytest.raises(HistoryError, match="is closed"):
        store.window("a:x", 0, 1)


def test_channels_keep_their_numbers_over_restarts(tmp_path: Path) -> None:
    with contextlib.closing(SqliteSeries(tmp_path / "history.db")) as store:
        first = store.numbers(["x", "y"])
    with contextlib.closing(SqliteSeries(tmp_path / "history.db")) as store:
        assert store.numbers(["z", "y", "x"]).tolist() == [3, first[1], first[0]]


def test_meter_readings_keep_all_their_digits(store: SqliteSeries) -> None:
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp()
    store.append(entries(store, [(0, at, 1, 123456.789012, 0)]))
    store.fold()
    assert store.window("a:x", at, at + 1).values.tolist() == [123456.789012]
