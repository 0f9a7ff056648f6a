"""How fast a simulator runs the estate is kept among its readings."""

import contextlib
from pathlib import Path

import numpy as np
import pytest

from live_bindings.history.sqlite import SqliteSeries
from live_bindings.leak_pace import PaceKeeper
from live_bindings.leak_window import pace_of
from twin.leaks.lived_time import lived_time
from twin.leaks.window import Window

NOW_S = 1_770_300_000.0


def test_hour_lived_in_a_minute_counts_as_an_hour_and_a_stop_as_a_stop(tmp_path: Path) -> None:
    with contextlib.closing(SqliteSeries(tmp_path / "history.db")) as history:
        keeper = PaceKeeper(history)
        for second in range(61):
            keeper.keep({"t": NOW_S + second, "speed": 60.0}, NOW_S + second + 0.1)
        for second in range(61, 120):
            keeper.keep({"t": NOW_S + second, "speed": 1}, NOW_S + second + 0.1)
        pace = pace_of(history, NOW_S - 1e6, NOW_S + 1e6)
    assert len(pace[0]) < 20  # not one a second
    lived = lived_time(Window(NOW_S - 1000.0, NOW_S + 1000.0, pace=pace))
    assert not lived.is_as_stamped
    # the simulator's clock begins with ours, and goes on alone for a minute
    at_s = NOW_S + np.array([-500.0, 0.0, 61.0, 119.0, 900.0])
    assert lived.of(at_s) == pytest.approx(NOW_S + np.array([-500.0, 0.0, 3660.0, 3718.0, 4499.0]))
    assert lived.stamp_of(lived.of(at_s)) == pytest.approx(at_s)


def test_second_demonstration_begins_with_the_clock_on_the_wall_again() -> None:
    said_s = np.array([0.0, 10.0, 20.0, 1000.0, 1010.0])
    lived = lived_time(Window(-100.0, 1010.0, pace=(said_s, np.full(5, 60.0))))
    # it is believed for half a minute after its last word, and the site's clock is that of the last demonstration
    assert lived.of(np.array([1000.0, 1010.0])).tolist() == [1000.0, 1600.0]
    assert float(lived.of(1000.0) - lived.of(0.0)) == pytest.approx(50 * 60.0 + 950.0)


def test_status_that_tells_no_pace_or_is_old_is_not_kept(tmp_path: Path) -> None:
    with contextlib.closing(SqliteSeries(tmp_path / "history.db")) as history:
        keeper = PaceKeeper(history)
        for status in ({}, {"t": NOW_S}, {"t": NOW_S, "speed": 0}, {"t": "now", "speed": 60}, {"t": 0.0, "speed": 60},
                       {"t": float("nan"), "speed": 60}, {"t": NOW_S, "speed": float("inf")}):  # fmt: skip
            keeper.keep(status, NOW_S)
        assert len(pace_of(history, 0.0, 2 * NOW_S)[0]) == 0


def test_real_estate_lives_by_its_stamps() -> None:
    assert lived_time(Window(0.0, 100.0)).is_as_stamped
    assert lived_time(Window(0.0, 100.0, pace=(np.array([5.0, 50.0]), np.array([1.0, 1.0])))).is_as_stamped
