"""The latest value of every channel."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from twin.state import Quality, Readings, State, no_readings

Row = tuple[int, float, float]


def batch(*items: Row) -> Readings:
    return Readings(
        rows=np.array([i[0] for i in items], np.int32),
        times_s=np.array([i[1] for i in items], np.float64),
        values=np.array([i[2] for i in items], np.float64),
        quality=np.zeros(len(items), np.uint8),
    )


def test_a_late_reading_never_overwrites_a_newer_one() -> None:
    state = State(np.full(3, 60.0))
    assert state.apply(batch((1, 100.0, 7.0))).tolist() == [1]
    assert state.apply(batch((1, 99.0, 5.0))).tolist() == []
    assert state.values[1] == 7.0


def test_of_equal_times_the_last_to_come_stays() -> None:
    state = State(np.full(1, 60.0))
    state.apply(batch((0, 10.0, 1.0), (0, 10.0, 2.0)))
    assert state.values[0] == 2.0
    state.apply(batch((0, 10.0, 3.0)))
    assert state.values[0] == 3.0


def test_an_empty_batch_changes_nothing() -> None:
    state = State(np.full(2, 60.0))
    assert len(state.apply(no_readings())) == 0
    assert state.quality.tolist() == [Quality.NEVER] * 2


def test_a_channel_turns_stale_after_three_intervals_and_never_before() -> None:
    state = State(np.array([10.0, 10.0]))
    state.apply(batch((0, 100.0, 1.0)))
    assert state.quality_at(130.0).tolist() == [Quality.GOOD, Quality.NEVER]
    assert state.quality_at(130.1).tolist() == [Quality.STALE, Quality.NEVER]
    assert state.quality.tolist() == [Quality.GOOD, Quality.NEVER]


def test_a_snapshot_does_not_follow_later_batches() -> None:
    state = State(np.array([10.0]))
    state.apply(batch((0, 100.0, 1.0)))
    before = state.snapshot(101.0)
    state.apply(batch((0, 102.0, 9.0)))
    assert before.values.tolist() == [1.0]
    assert before.times_s.tolist() == [100.0]


@given(st.lists(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9).map(float), st.floats(-9, 9)), max_size=20)))
def test_batches_give_what_one_reading_after_the_other_gives(batches: list[list[Row]]) -> None:
    state = State(np.full(5, 60.0))
    expected: dict[int, tuple[float, float]] = {}
    for items in batches:
        changed = set(state.apply(batch(*items)).tolist())
        touched = set()
        for row, time_s, value in items:
            if row not in expected or time_s >= expected[row][0]:
                expected[row] = (time_s, value)
                touched.add(row)
        assert changed == touched
    assert {r: (state.times_s[r], state.values[r]) for r in expected} == expected
