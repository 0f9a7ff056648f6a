"""Noise learnt from the past: as large as it was, whatever rhythm or leak is in it."""

import numpy as np
import pytest

from pipe_network.balance_changes import Balance, weigh
from pipe_network.hydraulics import simulate
from pipe_network.identifiability import BalancedDistrict, Noise, observe, outlook
from pipe_network.inp import parse
from pipe_network.learnt_noise import LEAST_HOURS, LearntNoise, spread_of_balance, spread_of_hours

DAYS = 28


def course(*, hour: float, day: float, leak: float = 0.0, seed: int = 3) -> np.ndarray:
    """Four weeks of hours with a rhythm, two kinds of noise, and a leak in the second half."""
    rng = np.random.default_rng(seed)
    values = np.tile(40 + 3 * np.sin(np.arange(24) / 24 * 2 * np.pi), DAYS)
    values += rng.normal(0, hour, 24 * DAYS) + np.repeat(rng.normal(0, day, DAYS), 24)
    values[12 * DAYS :] -= leak
    return values


@pytest.mark.parametrize(("hour", "day"), [(0.05, 0.02), (0.2, 0.1), (0.01, 0.0)])
def test_spreads_are_those_the_course_was_made_with(hour: float, day: float) -> None:
    spread = spread_of_hours(course(hour=hour, day=day))
    assert spread is not None
    # the median of 670 differences is known to 4 %, that of 27 days' to a quarter
    assert spread[0] == pytest.approx(hour, rel=0.15)
    assert spread[1] == pytest.approx(day, rel=0.5, abs=0.3 * hour)


def test_leak_in_the_past_and_hours_that_are_missing_change_little() -> None:
    values = course(hour=0.1, day=0.02, leak=2.0)
    values[np.random.default_rng(1).random(len(values)) < 0.2] = np.nan
    spread, clean = spread_of_hours(values), spread_of_hours(course(hour=0.1, day=0.02))
    assert spread is not None
    assert clean is not None
    # a leak of twenty times the noise
    assert spread[0] == pytest.approx(clean[0], rel=0.15)
    assert spread[1] < 0.06


def test_rhythm_is_that_of_the_hours_of_the_day() -> None:
    values = course(hour=0.05, day=0.0)
    shifted, own = spread_of_hours(values, first_hour=7), spread_of_hours(values)
    assert shifted is not None
    assert own is not None
    assert shifted[0] == pytest.approx(own[0], rel=0.05)  # days are cut elsewhere


def test_too_short_a_past_tells_nothing() -> None:
    values = course(hour=0.1, day=0.0)
    assert spread_of_hours(values[: LEAST_HOURS - 1]) is None
    assert spread_of_hours(np.full(500, np.nan)) is None
    assert spread_of_hours(np.where(np.arange(24 * DAYS) % 24 < 8, values, np.nan)) is None  # no whole day


def balance(noise_m3: float, hours: int = 336, seed: int = 2) -> Balance:
    rng = np.random.default_rng(seed)
    inflow = 2.0 + np.sin(np.arange(hours) / 24 * 2 * np.pi)
    columns = np.column_stack([inflow, np.full(hours, 3600.0)])
    return Balance(3600.0, rng.normal(0, noise_m3, hours), np.zeros(hours), np.zeros(hours + 1), columns,
                   np.array([0.0115, 1e-6]))  # fmt: skip


def test_noisier_balance_has_the_larger_spread_and_a_short_one_none() -> None:
    quiet, noisy = (spread_of_balance(weigh(balance(sd), floor_m3=1e-4)) for sd in (0.01, 0.1))
    assert quiet is not None
    assert noisy is not None
    assert quiet[0] * 3600 == pytest.approx(0.01, rel=0.4)  # a variance of two weeks, with a margin on top
    assert noisy[0] == pytest.approx(10 * quiet[0], rel=0.1)
    assert noisy[1] > quiet[1] >= 0.0
    assert spread_of_balance(weigh(balance(0.01, hours=LEAST_HOURS - 1), floor_m3=1e-4)) is None


def test_what_is_learnt_takes_the_place_of_what_is_stated_and_nothing_else() -> None:
    network = parse(
        "[JUNCTIONS]\na 0 2\nb 0 3\nc 0 1\n[RESERVOIRS]\nr 50\n[PIPES]\np r a 100 100 120\nq a b 100 80 120\n"
        "s b c 100 80 120\n[TIMES]\nDURATION 5:00\n[OPTIONS]\nUNITS CMH\n"
    )
    states, districts = simulate(network), [BalancedDistrict("d", ("q", "s"), 4 / 3600)]
    stated = observe(network, states, ["a", "b", "c"], districts=districts)
    learnt = LearntNoise({"b": (0.2, 0.05)}, {"d": (1e-4, 1e-5)})
    got = observe(network, states, ["a", "b", "c"], districts=districts, learnt=learnt)
    assert np.sqrt(np.diag(got.step_covariance))[[1, 3]] == pytest.approx([0.2, 1e-4])
    assert np.sqrt(np.diag(got.lasting_covariance))[[1, 3]] == pytest.approx([0.05, 1e-5])
    kept = np.ix_([0, 2], [0, 2])
    np.testing.assert_allclose(got.step_covariance[kept], stated.step_covariance[kept])
    assert np.linalg.eigvalsh(got.step_covariance).min() > 0
    noisier = (outlook(each, 1e-3).smallest_m3_per_s for each in (stated, got))
    assert np.less_equal(*noisier).all()
    # no sensor is better than its calibration, however still it stood
    still = observe(network, states, ["b"], learnt=LearntNoise({"b": (0.0, 0.0)}))
    assert still.step_covariance[0, 0] ** 0.5 == pytest.approx(1e-3)
    assert still.lasting_covariance[0, 0] ** 0.5 == Noise().lasting_pressure_m
