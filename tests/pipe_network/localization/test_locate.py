"""Locating a leak: EPANET makes the truth, the model knows only what a utility knows."""

from dataclasses import replace

import numpy as np
import pytest

from pipe_network.distances import pipe_distances_m
from pipe_network.errors import UnknownElementError
from pipe_network.localization.errors import ObservationsError
from pipe_network.localization.locate import locate
from pipe_network.posterior import search_area, size_interval_m3_per_s
from tests.pipe_network.localization.grids import grid
from viewer.bench.leaks.trials import A, Disturbance, Trial, random_sensors, trial

NETWORK = grid(tank=True)
SENSORS = random_sensors(NETWORK, 10, seed=1)


@pytest.fixture(scope="module")
def leak() -> Trial:
    return trial(NETWORK, SENSORS, A, seed=4)


def test_a_leak_is_found_in_or_beside_its_pipe(leak: Trial) -> None:
    location = locate(NETWORK, leak.observations, leak.onset_s)
    ids = location.posterior.candidates.ids
    best = int(np.argmax(location.posterior.probability_ratio))
    away_m = pipe_distances_m(NETWORK)[best, ids.index(leak.pipe)]
    assert away_m <= 240.0  # two streets of 120 m: what ten sensors of 2 cm noise can tell
    assert location.localisable
    assert leak.pipe in {ids[k] for k in search_area(location.posterior, 0.95).rows}


def test_the_size_interval_holds_the_size(leak: Trial) -> None:
    low, median, high = size_interval_m3_per_s(locate(NETWORK, leak.observations, leak.onset_s).posterior, 0.98)
    assert low <= leak.size_m3_per_s <= high
    assert median == pytest.approx(leak.size_m3_per_s, rel=0.15)


def test_without_a_leak_none_is_believed() -> None:
    quiet = replace(A, smallest_m3_per_s=1e-9, largest_m3_per_s=2e-9)
    nothing = trial(NETWORK, SENSORS, quiet, seed=5)
    location = locate(NETWORK, nothing.observations, nothing.onset_s)
    assert not location.localisable
    assert location.posterior.leak_ratio < 0.6  # sizes too small to see cannot be ruled out


def test_noise_is_learnt_from_the_time_before(leak: Trial) -> None:
    noise = locate(NETWORK, leak.observations, leak.onset_s).noise
    # the readings' noise of 2 cm and their rounding to 1 cm; 72 values tell it to 8 %, drawn to each other's
    assert noise.sensors_m == pytest.approx(np.hypot(0.02, 0.01 / np.sqrt(12)), rel=0.3)


def test_a_sensor_that_is_nowhere_is_an_error(leak: Trial) -> None:
    odd = replace(leak.observations, sensors=("nowhere", *SENSORS[1:]))
    with pytest.raises(UnknownElementError, match="nowhere"):
        locate(NETWORK, odd, leak.onset_s)


def test_silent_sensors_are_left_out_and_named(leak: Trial) -> None:
    heads_m = leak.observations.pressure_heads_m.copy()
    heads_m[74:, 2] = np.nan
    location = locate(NETWORK, replace(leak.observations, pressure_heads_m=heads_m), leak.onset_s)
    assert location.sensors == (*SENSORS[:2], *SENSORS[3:])
    assert list(location.left_out) == [SENSORS[2]]
    assert np.isfinite(location.posterior.joint_ratio).all()


def test_all_sensors_silent_is_an_error_that_says_what_is_left(leak: Trial) -> None:
    silent = replace(leak.observations, pressure_heads_m=np.full_like(leak.observations.pressure_heads_m, np.nan))
    with pytest.raises(ObservationsError, match="inflow may still tell"):
        locate(NETWORK, silent, leak.onset_s)


def test_without_time_before_nothing_can_be_learnt(leak: Trial) -> None:
    with pytest.raises(ObservationsError, match="0 usable steps before"):
        locate(NETWORK, leak.observations, float(leak.observations.times_s[0]))


def test_without_inflow_meters_the_answer_says_what_it_lacks(leak: Trial) -> None:
    blind = replace(leak.observations, flow_links=(), flows_m3_per_s=np.empty((len(leak.observations.times_s), 0)))
    location = locate(NETWORK, blind, leak.onset_s)
    assert any("not every inflow" in told for told in location.unanswered)
    assert np.isfinite(location.posterior.joint_ratio).all()


@pytest.mark.parametrize("disturbance", ["stuck", "drifting"])
def test_a_faulty_sensor_is_left_out_and_the_leak_still_found(disturbance: Disturbance) -> None:
    odd = trial(NETWORK, SENSORS, replace(A, disturbance=disturbance), seed=4)
    location = locate(NETWORK, odd.observations, odd.onset_s)
    assert odd.disturbed_sensor in location.left_out
    ids = location.posterior.candidates.ids
    best = int(np.argmax(location.posterior.probability_ratio))
    assert pipe_distances_m(NETWORK)[best, ids.index(odd.pipe)] <= 240.0  # as with all sensors
