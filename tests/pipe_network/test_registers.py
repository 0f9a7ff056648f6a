import numpy as np
import pytest

from pipe_network.registers import passed, register_step_m3, without_jumps


def test_missing_readings_lose_no_volume() -> None:
    times_s = np.arange(0.0, 7201.0, 300.0)
    register_m3 = times_s * 1e-3
    keep = (times_s < 1000.0) | (times_s > 6000.0)
    found = passed(times_s[keep], register_m3[keep], np.array([0.0, 3600.0, 7200.0]))
    assert found.volumes_m3.sum() == pytest.approx(7.2)


def test_an_edge_in_a_gap_is_less_known_the_wider_the_gap() -> None:
    edges_s = np.array([0.0, 3600.0, 7200.0])
    doubts = []
    for gap_s in (600.0, 1800.0, 6000.0):
        times_s = np.array([0.0, 3600.0 - gap_s / 2, 3600.0 + gap_s / 2, 7200.0])
        doubts.append(passed(times_s, times_s * 1e-3, edges_s).edge_variances[1])
    assert doubts[0] < doubts[1] < doubts[2]


def test_a_tank_may_have_emptied_and_filled_in_a_gap_between_equal_levels() -> None:
    times_s = np.concatenate([np.arange(0.0, 36_000.0, 300.0), np.arange(72_000.0, 108_000.0, 300.0)])
    held_m3 = 2.0 + np.sin(times_s / 3600.0)
    doubt = passed(times_s, held_m3, np.array([30_000.0, 54_000.0, 80_000.0])).edge_variances
    assert doubt[1] ** 0.5 > 0.5


def test_hours_beyond_the_register_are_not_invented() -> None:
    found = passed(np.array([0.0, 300.0, 3600.0]), np.array([0.0, 0.1, 1.0]), np.arange(0.0, 10_801.0, 3600.0))
    assert np.isfinite(found.volumes_m3).tolist() == [True, False, False]


def test_a_silent_meter_has_no_hours() -> None:
    found = passed(np.empty(0), np.empty(0), np.array([0.0, 3600.0]))
    assert np.isnan(found.volumes_m3).all()


def test_a_new_meter_is_no_flow() -> None:
    register, leaps = without_jumps(
        np.arange(0.0, 1200.0, 300.0), np.array([900.0, 900.1, 0.0, 0.1]), most_m3_per_s=0.01
    )
    assert leaps == 1
    assert register[-1] - register[0] == pytest.approx(0.2)


def test_a_meter_that_never_moved_has_no_step() -> None:
    assert register_step_m3(np.full(5, 3.0)) == 0.0
