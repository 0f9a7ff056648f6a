"""Faults of instruments are told, and neither a leak nor a change of demand is one."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pipe_network.detection.sensor_faults import drifting_series, series_faults

DAY_S = 86_400.0
Floats = NDArray[np.float64]


def _residuals(seed: int, days: int = 40, sensors: int = 8) -> tuple[Floats, Floats, Floats]:
    """Hourly residuals of pressure sensors that err together, and what leaks at five places do to them."""
    rng = np.random.default_rng(seed)
    rows = 24 * days
    effects = -rng.uniform(0.2, 1.0, (5, sensors))
    together = rng.normal(0, 0.03, (rows, 1)) * np.ones(sensors)
    return np.arange(rows, dtype=float) * 3600.0, together + rng.normal(0, 0.02, (rows, sensors)), effects


def test_healthy_sensors_have_no_faults() -> None:
    times_s, residuals, effects = _residuals(1)
    assert drifting_series(times_s, residuals) == ()
    assert drifting_series(times_s, residuals, effects=effects) == ()
    assert series_faults(times_s, residuals, now_s=float(times_s[-1])) == ()


def test_a_leak_is_no_drift() -> None:
    times_s, residuals, effects = _residuals(2)
    leak_m3_per_s = 0.3 * np.clip((times_s / DAY_S - 15) / 10, 0, 1)
    residuals += leak_m3_per_s[:, None] * effects[3]
    assert drifting_series(times_s, residuals, effects=effects) == ()


@pytest.mark.parametrize("leaking", [False, True])
def test_a_drifting_and_a_jumped_sensor_are_told_apart(leaking: bool) -> None:  # noqa: FBT001
    times_s, residuals, effects = _residuals(3)
    if leaking:
        residuals += (0.1 * (times_s > 12 * DAY_S))[:, None] * effects[0]
    residuals[:, 1] += 0.03 * np.clip(times_s / DAY_S - 20, 0, None)
    residuals[:, 6] -= 0.4 * (times_s >= 25 * DAY_S)
    drifting, jumped = drifting_series(times_s, residuals, effects=effects, least=0.1)
    assert (drifting.column, drifting.kind) == (1, "drifting")
    assert 18 * DAY_S < drifting.since_s < 27 * DAY_S
    assert (jumped.column, jumped.kind) == (6, "jumped")
    assert abs(jumped.since_s - 25 * DAY_S) <= DAY_S
    assert jumped.size == pytest.approx(-0.4, abs=0.1)


def test_a_meter_that_rests_is_not_stuck_and_one_that_stands_while_it_ran_is() -> None:
    times_s = np.arange(24.0 * 10) * 3600
    rng = np.random.default_rng(4)
    flow = rng.uniform(0.1, 1.0, (len(times_s), 3))
    flow[120:, 0] = 0.0
    flow[120:, 1] = 0.437
    flow[120:, 2] = np.nan
    kinds = [(f.column, f.kind, f.since_s) for f in series_faults(times_s, flow, now_s=10 * DAY_S, resting_value=0.0)]
    assert kinds == [(1, "stuck", 120 * 3600.0), (2, "silent", 119 * 3600.0)]


def test_a_register_of_coarse_pulses_is_not_stuck() -> None:
    times_s = np.arange(24.0 * 10) * 3600
    assert series_faults(times_s, np.floor(times_s / (20 * 3600))[:, None], now_s=10 * DAY_S) == ()


def test_a_series_that_never_spoke_is_silent_from_the_beginning() -> None:
    [fault] = series_faults(np.arange(5.0), np.full((5, 1), np.nan), now_s=4.0)
    assert (fault.kind, fault.since_s) == ("silent", 0.0)


def test_too_few_peers_or_days_say_nothing() -> None:
    times_s, residuals, _ = _residuals(5)
    residuals[:, 1] += times_s / DAY_S
    assert drifting_series(times_s, residuals[:, :2]) == ()
    assert drifting_series(times_s[:48], residuals[:48]) == ()
