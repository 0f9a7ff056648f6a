"""Pressures of many sensors tell a leak that none of them tells alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pipe_network.detection.change_points import Search, find_changes
from pipe_network.detection.noise import ShortHistoryError
from pipe_network.detection.pressure_changes import find_pressure_changes, project

DAY_S = 86_400.0
OFTEN = Search(check_s=6 * 3600.0)
Floats = NDArray[np.float64]


def _town(seed: int, days: int, sensors: int = 20, places: int = 60) -> tuple[Floats, Floats, Floats]:
    """Residuals that err together by hours and days, and what leaks along a line of sensors do to them."""
    rng = np.random.default_rng(seed)
    rows = 24 * days
    at, where = np.linspace(0, 1, sensors), rng.uniform(0, 1, places)
    effects = -4.0 - 30.0 * np.exp(-np.abs(at[None, :] - where[:, None]) / 0.15)
    demand = rng.normal(0, 0.04, (rows, 3)) @ np.stack([np.ones(sensors), at, (at - 0.5) ** 2 * 4])
    return np.arange(rows, dtype=float) * 3600.0, demand + rng.normal(0, 0.02, (rows, sensors)), effects


def test_a_month_without_leaks_is_quiet() -> None:
    times_s, residuals_m, effects = _town(1, 35)
    assert find_pressure_changes(times_s, residuals_m, effects, size_m3_per_s=2e-3, search=OFTEN) == ()


def test_an_incipient_leak_is_seen_before_the_nearest_sensor_sees_it() -> None:
    times_s, residuals_m, effects = _town(2, 50)
    leak_m3_per_s = 3e-3 * np.clip((times_s / DAY_S - 20) / 35, 0, 1) ** 2
    residuals_m = residuals_m + leak_m3_per_s[:, None] * effects[10]
    found = find_pressure_changes(times_s, residuals_m, effects, size_m3_per_s=2e-3, search=OFTEN)[0]
    nearest = int(np.argmin(effects[10]))
    alone = find_changes(times_s, residuals_m[:, nearest], rising_ratio=np.array([-1.0]))
    assert found.change.is_leak
    assert found.change.found_s < min([c.found_s for c in alone] + [times_s[-1]]) - 3 * DAY_S
    assert effects[found.place_row] == pytest.approx(effects[10], abs=8.0)  # of 34 m at most: a place nearby


def test_a_repair_is_a_recovery_of_the_same_size() -> None:
    times_s, residuals_m, effects = _town(3, 36)
    runs = (times_s > 20 * DAY_S) & (times_s < 28 * DAY_S)
    residuals_m = residuals_m + 4e-3 * runs[:, None] * effects[5]
    begun, mended = find_pressure_changes(times_s, residuals_m, effects, size_m3_per_s=2e-3, search=OFTEN)
    assert (begun.change.kind, mended.change.kind) == ("step", "recovery")
    assert begun.size_m3_per_s == pytest.approx(4e-3, rel=0.3)
    assert mended.size_m3_per_s == pytest.approx(-4e-3, rel=0.3)


def test_missing_sensors_are_done_without() -> None:
    times_s, residuals_m, effects = _town(4, 28)
    residuals_m = residuals_m + 4e-3 * (times_s > 20 * DAY_S)[:, None] * effects[5]
    missing = np.random.default_rng(4).random(residuals_m.shape) < 0.02
    residuals_m[missing] = np.nan
    residuals_m[16 * 24 :, 3] = np.nan
    [found] = find_pressure_changes(times_s, residuals_m, effects, size_m3_per_s=2e-3, search=OFTEN)
    assert abs(found.change.onset_s - 20 * DAY_S) < DAY_S


def test_with_too_few_sensors_left_nothing_is_made_up() -> None:
    _, residuals_m, effects = _town(5, 20)
    projection = project(residuals_m, effects)
    residuals_m[100:200, 2:] = np.nan
    channels = projection.channels(residuals_m)
    assert np.isnan(channels[100:200]).all()
    assert np.isfinite(channels[:100]).all()


def test_a_short_history_is_refused() -> None:
    times_s, residuals_m, effects = _town(6, 2)
    with pytest.raises(ShortHistoryError):
        find_pressure_changes(times_s, residuals_m, effects, size_m3_per_s=2e-3, search=OFTEN)
