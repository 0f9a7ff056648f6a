"""The figures of flows are counted as they say."""

import numpy as np
import pytest

from viewer.bench.leaks.flows import (
    Told,
    cusum,
    match,
    measured_year,
    rhythms,
    true_daily_leakage_m3_per_s,
    windowed_leakage_m3_per_s,
)
from viewer.bench.leaks.year_truth import TrueLeak, read_network
from viewer.bench.replay import shared_data
from viewer.errors import MissingPartError

DAY_S = 86_400.0


def _leak(start: float, end: float) -> TrueLeak:
    return TrueLeak("p", start * DAY_S, end * DAY_S, start * DAY_S, 0.01)


def _told(onset: float, found: float) -> Told:
    return Told(onset * DAY_S, found * DAY_S)


def test_a_detection_counts_once_and_for_the_leak_it_dates() -> None:
    leaks = [_leak(10, 100), _leak(20, 100)]
    matches = match([_told(19, 25), _told(21, 30), _told(10, 31)], leaks)
    assert matches.delays_s == {1: 5 * DAY_S, 0: 20 * DAY_S}
    assert (matches.found, matches.dated, matches.false_alarms) == (2, 2, 1)


@pytest.mark.parametrize("found", [9.0, 41.0, 60.0])
def test_before_after_and_long_after_are_false_alarms(found: float) -> None:
    leaks = [_leak(10, 40)] if found < 60 else [_leak(10, 100)]
    assert match([_told(10, found)], leaks).false_alarms == 1


def test_the_baselines_do_see_a_large_step() -> None:
    hours = np.arange(24 * 60)
    course = 1 - 0.8 * np.cos(2 * np.pi * hours / 24)
    noise = np.random.default_rng(0).normal(0, 2, len(hours))
    daily = windowed_leakage_m3_per_s(100 * course + 20 + 40.0 * (hours >= 24 * 30) + noise, course)
    assert daily[20] == pytest.approx(20, abs=2)
    assert daily[45] == pytest.approx(60, abs=2)
    assert match(cusum(daily), [_leak(30, 60)]).found == 1


@pytest.mark.shared_data
def test_the_measured_year_is_whole_and_in_si() -> None:
    try:
        data = shared_data()
    except MissingPartError as error:
        pytest.skip(str(error))
    inflow, truth = measured_year(data), true_daily_leakage_m3_per_s(data)
    assert inflow.inlets_m3_per_s.shape == (8760, 2)
    assert np.isfinite(inflow.inlets_m3_per_s).all()
    # leakage and consumption, as the model's base demands have it, make up the inflow; to the 2 % by which they are off
    town, behind = rhythms(read_network(data), 8736)
    total = inflow.inlets_m3_per_s.sum(axis=1).mean()
    assert truth.mean() + (town + behind).mean() == pytest.approx(total, rel=0.02)
