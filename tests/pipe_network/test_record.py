"""Records are evenly spaced, fit their ids, and become hours without inventing what is missing."""

import numpy as np
import pytest

from pipe_network.record import Record, RecordError, hourly


def _record(count: int = 36, step_s: float = 300.0, first_s: float = 0.0) -> Record:
    times_s = np.arange(count, dtype=np.float64) * step_s + first_s
    return Record(times_s, ("a",), np.arange(float(count))[:, None], ("p",), np.ones((count, 1)))


def test_hours_are_means_of_what_is_there() -> None:
    record = _record()
    record.pressure_heads_m[:6] = np.nan
    record.flows_m3_per_s[12:24] = np.nan
    hours = hourly(record)
    assert hours.pressure_heads_m.ravel().tolist() == [8.5, 17.5, 29.5]
    assert np.isnan(hours.flows_m3_per_s.ravel()).tolist() == [False, True, False]


def test_hours_begin_on_the_hour() -> None:
    hours = hourly(_record(first_s=-1800.0))
    assert hours.times_s.tolist() == [0.0, 3600.0]
    assert hours.pressure_heads_m[0, 0] == np.arange(6, 18).mean()


def test_step_that_does_not_divide_the_hour_is_refused() -> None:
    with pytest.raises(RecordError, match="does not divide"):
        hourly(_record(step_s=420.0))


def test_columns_without_ids_are_refused() -> None:
    with pytest.raises(RecordError, match="pressure_heads_m"):
        Record(np.arange(3.0), ("a", "b"), np.ones((3, 1)), (), np.empty((3, 0)))


def test_gap_in_time_is_refused() -> None:
    with pytest.raises(RecordError, match="NaN"):
        Record(np.array([0.0, 1.0, 3.0]), (), np.empty((3, 0)), (), np.empty((3, 0)))


def test_part_takes_the_steps_that_begin_within() -> None:
    assert _record().part(600.0, 1200.0).times_s.tolist() == [600.0, 900.0]
