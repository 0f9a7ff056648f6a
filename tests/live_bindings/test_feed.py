"""The frames the browsers get."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_bindings.errors import FrameError
from live_bindings.feed import FrameKind, decode, encode_delta, encode_snapshot
from twin.state import Quality, Readings, State


def some_state() -> State:
    state = State(np.array([10.0, 10.0, 10.0]))
    state.apply(
        Readings(
            rows=np.array([0, 2], np.int32),
            times_s=np.array([100.0, 60.0]),
            values=np.array([1.5, 1e300]),
            quality=np.array([Quality.UNCERTAIN, Quality.GOOD], np.uint8),
        )
    )
    return state


def test_a_snapshot_holds_every_row_with_quality_at_its_moment() -> None:
    frame = decode(encode_snapshot(some_state().snapshot(101.0), index_version=0xDEADBEEF, number=5))
    assert (frame.kind, frame.index_version, frame.number, frame.time_s) == (FrameKind.SNAPSHOT, 0xDEADBEEF, 5, 101.0)
    assert frame.rows.tolist() == [0, 1, 2]
    assert frame.quality.tolist() == [Quality.UNCERTAIN, Quality.NEVER, Quality.STALE]
    assert frame.values[0] == 1.5
    assert np.isnan(frame.values[1])
    assert np.isinf(frame.values[2])


def test_a_delta_costs_eight_bytes_an_update() -> None:
    state = some_state().snapshot(101.0)
    data = encode_delta(state, np.array([2], np.int32), index_version=1, number=0)
    assert len(data) == 32 + 8
    assert decode(data).rows.tolist() == [2]


@given(st.binary(max_size=80))
def test_any_bytes_are_a_frame_or_are_refused(data: bytes) -> None:
    try:
        frame = decode(data)
    except FrameError:
        return
    assert len(data) == 32 + 8 * len(frame.rows)


def test_a_cut_frame_is_refused_by_its_length() -> None:
    data = encode_snapshot(some_state().snapshot(101.0), index_version=1, number=0)
    with pytest.raises(FrameError, match="56 bytes, this one 55"):
        decode(data[:-1])
