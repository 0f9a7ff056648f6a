import numpy as np
import pytest

from pipe_network import balance_changes
from pipe_network.balance_changes import Balance, change, spells, weigh
from pipe_network.registers import Floats

T = 240
HOUR_S = 3600.0


def balance(y: Floats, *, edge_m6: float = 0.0, flow_m3: Floats | None = None) -> Balance:
    columns = [np.full(T, HOUR_S)] + ([] if flow_m3 is None else [flow_m3])
    spreads = [1e-5] + ([] if flow_m3 is None else [0.0115])
    return Balance(HOUR_S, y, np.zeros(T), np.full(T + 1, edge_m6), np.array(columns).T, np.array(spreads))


def noise(seed: int, sd_m3: float = 0.05) -> Floats:
    return np.random.default_rng(seed).normal(0.0, sd_m3, T)


@pytest.mark.parametrize("size_m3", [0.2, 3.0, 30.0])
def test_a_step_is_found_with_its_size_and_onset(size_m3: float) -> None:
    y = noise(1) + size_m3 * (np.arange(T) >= 210)
    found = change(weigh(balance(y, flow_m3=3.0 + np.sin(np.arange(T) / 4)), floor_m3=0.004))
    assert found.size_m3_per_s * HOUR_S == pytest.approx(size_m3, rel=0.2)
    assert abs(found.onset - 210) <= 2
    assert found.onset_low <= found.onset <= found.onset_high


def test_a_meter_that_is_wrong_by_its_class_is_no_leak() -> None:
    flow = 3.0 + 2.0 * np.sin(2 * np.pi * np.arange(T) / 24)
    y = noise(2) + 0.015 * flow
    assert change(weigh(balance(y, flow_m3=flow), floor_m3=0.004)).gain_nats < 10.0


def test_a_ramp_is_told_from_a_step() -> None:
    y = noise(3, 0.03) + 1.0 * np.clip((np.arange(T) - 100) / 96, 0, 1)
    found = change(weigh(balance(y), floor_m3=0.004))
    assert found.ramp_steps > 0
    assert found.size_m3_per_s * HOUR_S == pytest.approx(1.0, rel=0.2)


def test_a_spell_that_ended_is_told_from_one_that_lasts() -> None:
    steps = np.arange(T)
    y = noise(4) + 1.0 * ((steps >= 50) & (steps < 60)) + 0.5 * (steps >= 200)
    found = spells(weigh(balance(y), floor_m3=0.004), least_nats=14.0)
    assert {(s.begin, s.end) for s in found[:2]} == {(50, 60), (200, T)}


def test_hours_without_readings_are_no_evidence() -> None:
    y = noise(5)
    y[100:130] = np.nan
    weighed = weigh(balance(y), floor_m3=0.004)
    assert not weighed.known[110]
    assert spells(weighed, least_nats=14.0) == ()


def test_volume_that_moves_between_hours_is_not_lost() -> None:
    edges = np.random.default_rng(6).normal(0.0, 0.3, T + 1)
    y = noise(7, 0.01) + np.diff(edges) + 0.1 * (np.arange(T) >= 200)
    found = change(weigh(balance(y, edge_m6=0.09), floor_m3=0.004))
    assert abs(found.size_m3_per_s * HOUR_S - 0.1) < 0.04


def test_calm_balances_are_rarely_taken_for_leaks() -> None:
    found = [spells(weigh(balance(noise(seed)), floor_m3=0.004), least_nats=14.0) for seed in range(30)]
    assert sum(map(len, found)) == 0


def test_a_window_that_grows_leaves_no_matrices_of_its_earlier_lengths() -> None:
    for t in range(24, 48):
        flat = Balance(HOUR_S, noise(t)[:t], np.zeros(t), np.zeros(t + 1), np.ones((t, 1)), np.ones(1))
        spells(weigh(flat, floor_m3=0.001), least_nats=10)
    # now's and one more: a network beside it may have another length
    assert balance_changes._unit.cache_info().currsize <= 2
    assert balance_changes._later.cache_info().currsize <= 2
