"""Leaks by what pumps, closed mains and tanks do; the truth is EPANET's."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from pipe_network.detection.noise import ShortHistoryError
from pipe_network.detection.pressure_decay import (
    GRAVITY_PA_PER_M,
    WALLS,
    air_storage_m3_per_pa,
    flow_from_decay,
    main_storage_m3_per_pa,
)
from pipe_network.detection.pumps import drawdown_m3, flow_from_duty, flow_from_rests, pump_cycles
from pipe_network.detection.signatures import FlowEstimate, signature_evidence, slope_per_s
from pipe_network.detection.tanks import float_valve_leak, spills, tank_loss
from pipe_network.epanet import Project
from pipe_network.errors import SignatureError
from pipe_network.inp import parse
from pipe_network.posterior import combine, pipe_candidates

Floats = NDArray[np.float64]
BORE_M = 0.6
VESSEL = """
[JUNCTIONS]
d 0
m 0
[RESERVOIRS]
s 0
[TANKS]
v 30 3 0 9 0.6 0
[PIPES]
p1 d v 5 150 130
p2 v m 50 150 130
[PUMPS]
j s d HEAD c
[CURVES]
c 4 40
[CONTROLS]
LINK j CLOSED IF NODE v ABOVE 6
LINK j OPEN IF NODE v BELOW 2
[EMITTERS]
m {coefficient}
[OPTIONS]
UNITS CMH
ACCURACY 0.00001
[TIMES]
HYDRAULIC TIMESTEP 0:01
"""
"""A thin tank for the vessel of a jockey pump: what it gives between two levels is its area times their difference."""


def _run(leak_m3_per_h: float, *, hours: int, pump: bool = True) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Times, pump running, level, flow of the leak and of the pump, as EPANET has them."""
    text = VESSEL.format(coefficient=leak_m3_per_h / math.sqrt(34.0))
    if not pump:
        text = text.replace("LINK j OPEN IF NODE v BELOW 2\n", "LINK j CLOSED AT TIME 0\n")
    rows = []
    with Project(text) as project:
        project.set_times(duration_s=hours * 3600, step_s=60)
        leak, vessel, jockey = project.node_row("m"), project.node_row("v"), project.link_row("j")
        for time_s, _ in project.run():
            flow = project.flows_m3_per_s()[jockey]
            level = project.pressure_heads_m()[vessel]
            rows.append((time_s, float(flow > 1e-9), level, project.demands_m3_per_s()[leak], flow))
    t, on, level, lost, pumped = np.array(rows).T
    return t, on, level, lost, pumped


@pytest.mark.parametrize("leak_m3_per_h", [0.2, 1.0])
def test_rests_of_a_jockey_pump_tell_the_leak(leak_m3_per_h: float) -> None:
    t, on, _, lost, _ = _run(leak_m3_per_h, hours=60)
    cycles = pump_cycles(t, on)
    given_m3 = math.pi * BORE_M**2 / 4 * 4.0
    told = flow_from_rests(cycles, given_m3, sd_ratio=0.02, timing_s=60.0)
    # over a rest the leak falls with the level by no more than 6 %, and readings are a minute apart
    assert told.flow_m3_per_s == pytest.approx(float(lost[on < 0.5].mean()), rel=0.05)
    assert told.is_leak()
    assert abs(told.flow_m3_per_s - lost[on < 0.5].mean()) < 3 * told.sd_m3_per_s
    assert cycles.starts_per_h == pytest.approx(len(cycles.starts_s) / 60, rel=0.1)


def test_duty_of_a_pump_tells_what_it_makes_up_for() -> None:
    t, on, _, lost, pumped = _run(1.0, hours=60)
    told = flow_from_duty(pump_cycles(t, on), float(pumped[on > 0.5].mean()), sd_ratio=0.05)
    mean = float(np.trapezoid(lost, t) / t[-1])
    assert told.flow_m3_per_s == pytest.approx(mean, rel=0.1)  # one cut cycle of some ten
    assert abs(told.flow_m3_per_s - mean) < 3 * told.sd_m3_per_s


def test_cycles_with_unknown_state_are_not_counted() -> None:
    running = np.array([1, 0, 0, np.nan, 0, 1, 0, 0, 1, 0.0])
    cycles = pump_cycles(np.arange(10.0) * 60, running)
    assert cycles.rests_s.tolist() == [120.0]
    late = pump_cycles(np.array([0.0, 60, 120, 7200, 7260]), np.array([1, 0, 0, 1, 0.0]), longest_gap_s=300)
    assert (len(late.rests_s), late.known_s) == (0, 180.0)
    with pytest.raises(ShortHistoryError):
        flow_from_rests(late, 0.1)
    with pytest.raises(ShortHistoryError):
        flow_from_duty(pump_cycles(np.array([0.0]), np.array([1.0])), 1e-3, sd_ratio=0.1)


def test_a_vessel_obeys_boyle_and_refuses_pressures_that_cannot_be() -> None:
    small = drawdown_m3(0.3, precharge_pa=2.0e5, start_pa=3.0e5, stop_pa=3.001e5)
    assert small == pytest.approx(0.3 * 3.01325e5 * 100 / 4.01325e5**2, rel=1e-3)  # V p0 dp / p2
    with pytest.raises(SignatureError, match="precharge"):
        drawdown_m3(0.3, precharge_pa=2.5e5, start_pa=2.0e5, stop_pa=3.0e5)
    with pytest.raises(SignatureError):
        drawdown_m3(0.3, precharge_pa=2.0e5, start_pa=3.0e5, stop_pa=3.0e5)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_decay_of_a_closed_main_tells_the_leak_it_had_at_first(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t, _, level, lost, _ = _run(0.5, hours=3, pump=False)
    level = level[:90]  # until the tank is nearly empty
    storage = math.pi * BORE_M**2 / 4 / GRAVITY_PA_PER_M  # the thin tank stands for water and walls
    pressures_pa = (30.0 + level) * GRAVITY_PA_PER_M + rng.normal(0.0, 500.0, len(level))
    pressures_pa[40] = np.nan
    pressures_pa[60] = 0.0  # a wrong reading
    told = flow_from_decay(t[: len(level)], pressures_pa, storage, sd_ratio=0.0)
    assert told.is_leak()
    assert abs(told.flow_m3_per_s - lost[0]) < 4 * told.sd_m3_per_s
    assert told.sd_m3_per_s < 0.05 * lost[0]


def test_a_tight_main_is_no_leak_however_noisy_its_sensor() -> None:
    rng = np.random.default_rng(5)
    t = np.arange(0.0, 7200.0, 30.0)
    alarms = 0
    for _ in range(100):
        pressures_pa = np.round((6e5 + rng.normal(0.0, 800.0, len(t))) / 1000) * 1000
        alarms += flow_from_decay(t, pressures_pa, 1e-7, resolution_pa=1000.0).is_leak()
    assert alarms <= 1  # three standard deviations, one side: 0.13 expected in 100


def test_a_slit_is_told_with_its_own_exponent() -> None:
    t = np.arange(0.0, 3600.0, 20.0)
    falling = 6e5 * np.exp(-t / 5000.0)  # dP/dt = -P / 5000 s: a leak that grows with the pressure itself
    told = flow_from_decay(t, falling, 2e-8, exponent=1.0, sd_ratio=0.0)
    assert told.flow_m3_per_s == pytest.approx(2e-8 * 6e5 / 5000.0, rel=1e-3)
    with pytest.raises(SignatureError, match="empty"):
        flow_from_decay(t, np.zeros(len(t)), 2e-8)


def test_storage_adds_water_walls_and_air() -> None:
    network = parse(VESSEL.format(coefficient=1))
    iron = main_storage_m3_per_pa(network, {})
    assert iron == pytest.approx(math.pi * 0.15**2 / 4 * 55 * (1 / 2.15e9 + 1 / (0.04 * 1.65e11)))
    assert main_storage_m3_per_pa(network, {"p1": "PE100", "p2": "PE100"}) > 20 * iron
    assert main_storage_m3_per_pa(network, {}, ["p2"]) == pytest.approx(iron * 50 / 55)
    assert air_storage_m3_per_pa(0.001, 6e5) > 0
    assert set(WALLS) >= {"ductile iron", "steel", "PE100"}


def test_a_tank_that_loses_more_than_its_meters_say() -> None:
    t, on, level, lost, pumped = _run(1.0, hours=30)
    rng = np.random.default_rng(8)
    area_m2 = math.pi * BORE_M**2 / 4
    read_m = np.round(level + rng.normal(0.0, 0.003, len(level)), 3)
    told = tank_loss(t, read_m, area_m2=area_m2, inflows_m3_per_s=pumped, resolution_m=0.001)
    truth = float(np.trapezoid(lost, t) / t[-1])
    assert told.flow_m3_per_s == pytest.approx(truth, rel=0.05)
    assert told.is_leak()
    metered = tank_loss(t, read_m, area_m2=area_m2, inflows_m3_per_s=pumped, outflows_m3_per_s=lost, resolution_m=0.001)
    assert not metered.is_leak()
    assert on.any()


def test_overflow_is_told_with_its_volume_and_a_full_tank_is_none() -> None:
    t = np.arange(0.0, 6 * 3600.0, 60.0)
    level = np.minimum(2.0 + t / 3600 * 0.3, 2.6)
    inflow = np.where(t < 4 * 3600, 2e-3, 0.0)
    (spill,) = spills(t, level, inflow, overflow_m=2.6, tolerance_m=0.005)
    assert (spill.start_s, spill.end_s) == (7200.0, 4 * 3600 - 60.0)
    assert spill.volume_m3 == pytest.approx(2e-3 * (spill.end_s - spill.start_s))
    assert spills(t, level, np.zeros(len(t)), overflow_m=2.6) == ()
    assert spills(t, np.full(len(t), np.nan), inflow, overflow_m=2.6) == ()


def test_a_float_valve_that_lets_by_is_told_by_the_rise_above_its_shutting() -> None:
    rng = np.random.default_rng(2)
    t = np.arange(0.0, 4 * 3600.0, 60.0)
    level = 2.4 + 0.02 * t / 3600 + rng.normal(0.0, 0.001, len(t))
    told = float_valve_leak(t, level, area_m2=10.0, shut_m=2.4, tolerance_m=0.01)
    assert told is not None
    assert told.flow_m3_per_s == pytest.approx(0.02 * 10 / 3600, rel=0.05)
    assert float_valve_leak(t, level - 0.5, area_m2=10.0, shut_m=2.4) is None


def test_an_estimate_is_evidence_for_what_lies_behind_the_device() -> None:
    network = parse(VESSEL.format(coefficient=1))
    candidates = pipe_candidates(network)
    told = signature_evidence(FlowEstimate(3e-4, 3e-5, 20), candidates, ["p1"], source="jockey:state")
    posterior = combine(candidates, [told])
    assert posterior.probability_ratio[0] > 0.95
    assert posterior.leak_ratio > 0.99
    none = signature_evidence(FlowEstimate(0.0, 3e-5, 20), candidates, ["p1"], source="jockey:state")
    assert combine(candidates, [none]).probability_ratio[0] < 0.1


def test_a_slope_needs_four_values() -> None:
    with pytest.raises(ShortHistoryError):
        slope_per_s(np.arange(5.0), np.array([1.0, np.nan, np.nan, 2.0, 3.0]))
