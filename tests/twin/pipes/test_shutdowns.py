"""Shut-downs of the sample estate, in its own words."""

from pathlib import Path

import numpy as np
import pytest

import sample_sites
from pipe_network.consequence import course
from twin.errors import PipeQuestionError, UnknownIdError
from twin.index import SiteIndex, build
from twin.pipes.isolation import isolation_plan
from twin.pipes.served import ServedNetwork, serve
from twin.pipes.tracing import trace_answer
from twin.site_folder import read
from twin.state import Readings, State


@pytest.fixture(scope="module")
def index() -> SiteIndex:
    return build(read(Path(sample_sites.__file__).parent / "riverside"))


@pytest.fixture(scope="module")
def water(index: SiteIndex) -> ServedNetwork:
    return serve(index, "domestic-water")


@pytest.fixture(scope="module")
def fire(index: SiteIndex) -> ServedNetwork:
    return serve(index, "fire-main")


def test_a_towers_low_branch_takes_the_water_from_its_low_flats(water: ServedNetwork, index: SiteIndex) -> None:
    plan = isolation_plan(water, "T3-LB")
    assert [v.valve for v in plan.close] == ["domestic-water/T3-LBV"]
    lost = [index.spaces[f].storey for f in plan.without_water.flats]
    assert {s.building.id for s in lost} == {"tower-3"}
    assert {s.number for s in lost} == set(range(1, 10))
    homes = {h.id: h for h in index.site.households}
    assert set(plan.without_water.vulnerable) == {h for h in plan.without_water.households if homes[h].elderly_alone}
    assert plan.checked


def test_flats_below_a_roof_tank_keep_their_water_until_it_is_empty(water: ServedNetwork) -> None:
    short = isolation_plan(water, "T1-HB", hours=4)
    assert short.without_water.flats == ()
    assert len(short.later) == 36
    assert all(later.after_s > 4 * 3600 for later in short.later)
    long = isolation_plan(water, "T1-HB", hours=24)
    assert len(long.without_water.flats) == 36
    assert any("T1-TANK" in w.en for w in long.warnings)


def test_a_tank_that_is_nearly_empty_now_lasts_less_long(water: ServedNetwork, index: SiteIndex) -> None:
    full = isolation_plan(water, "T1-HB")
    levels_m = water.tank_levels_m(_heard(index, "tank-t1-roof:level", 0.6).snapshot(1001.0))
    assert levels_m == {"T1-TANK": 0.6}
    low = isolation_plan(water, "T1-HB", hours=2, levels_m=levels_m)
    assert max(x.after_s for x in low.later) < 0.7 * min(x.after_s for x in full.later)


def test_what_epanet_says_is_dry_is_what_the_plan_says(water: ServedNetwork) -> None:
    plan = isolation_plan(water, "T2-LR5")
    closed = [v.valve.removeprefix("domestic-water/") for v in plan.close]
    after = course(water.network, closed=closed, duration_s=3600)
    dry = {water.homes_of[n][0] for n, fed in zip(after.node_ids, after.fed[0], strict=True)
           if not fed and n in water.homes_of}  # fmt: skip
    assert dry == set(plan.without_water.flats)
    kept = [k for k, n in enumerate(after.node_ids) if n in water.homes_of and after.fed[0, k]]
    assert (after.pressure_heads_m[:, kept] > 0).all()
    shut = [after.link_ids.index(v) for v in closed]
    assert np.abs(after.flows_m3_per_s[:, shut]).max() < 1e-9


def test_a_stuck_valve_is_left_out_and_said(water: ServedNetwork) -> None:
    plan = isolation_plan(water, "T3-LB", stuck=["T3-LBV"])
    assert "domestic-water/T3-LBV" not in {v.valve for v in plan.close}
    assert plan.stuck == ("domestic-water/T3-LBV",)
    assert len(plan.without_water.flats) > 36
    assert any("T3-LBV" in w.en and "left out" in w.en for w in plan.warnings)


def _heard(index: SiteIndex, channel: str, value: float) -> State:
    state = State(index.intervals_s)
    row = index.rows[channel]
    state.apply(Readings(np.array([row], np.int32), np.array([1000.0]), np.array([value]), np.zeros(1, np.uint8)))
    return state


def test_valves_report_themselves(water: ServedNetwork, index: SiteIndex) -> None:
    device = water.tie("T3-LRV").device
    for value, expected in ((0.0, "closed"), (1.0, "open"), (3.0, "stuck")):
        states = water.valve_states(_heard(index, f"{device}:state", value).snapshot(1001.0))
        assert states["T3-LRV"] == expected
        assert states["T3-SV4"] == "unknown"
    plan = isolation_plan(water, "T3-LR2", states=states)
    assert "domestic-water/T3-LRV" in plan.stuck
    # a word of yesterday is no word
    old = water.valve_states(_heard(index, f"{device}:state", 0.0).snapshot(90_000.0))
    assert old["T3-LRV"] == "unknown"


def test_a_fire_ring_names_the_hydrants_it_loses(fire: ServedNetwork) -> None:
    plan = isolation_plan(fire, "F-HB3")
    assert plan.without_water.hydrants == ("hyd-3",)
    assert [v.valve for v in plan.close] == ["fire-main/F-HV3"]


def test_a_fire_riser_tells_the_storeys_without_fire_water(fire: ServedNetwork) -> None:
    plan = isolation_plan(fire, "T3-FR5")
    assert plan.without_water.flats == ()
    assert any("Tower 3: fire water fails on 18 storeys" in w.en for w in plan.warnings)
    suction = isolation_plan(fire, "F-SUCTION", stuck=[])
    assert any("F-SUC" in w.en for w in suction.warnings)


def test_more_valves_that_spare_flats_are_offered(water: ServedNetwork) -> None:
    plan = isolation_plan(water, "L-P2")
    gentle = isolation_plan(water, "L-P2", prefer="fewest_flats")
    assert len(plan.close) <= len(gentle.close)
    assert len(gentle.without_water.flats) < len(plan.without_water.flats)
    assert any("spares" in w.en for w in plan.warnings)


def test_every_plan_says_the_order_with_reasons(water: ServedNetwork) -> None:
    plan = isolation_plan(water, "H-P3")
    assert [v.order for v in plan.close] == list(range(1, len(plan.close) + 1))
    assert len(plan.close) > 1
    assert all(v.reason.zh and v.reason.en and v.point_m is not None for v in plan.close)


def test_what_cannot_be_answered_is_said_with_the_cure(water: ServedNetwork, index: SiteIndex) -> None:
    with pytest.raises(UnknownIdError, match="T3-LBX"):
        isolation_plan(water, "T3-LBX")
    with pytest.raises(PipeQuestionError, match="fit a valve"):
        isolation_plan(water, "FILL-FLOAT")
    with pytest.raises(PipeQuestionError, match="no isolation valve"):
        isolation_plan(serve(index, "telecom-ducts"), "C-P1")
    with pytest.raises(UnknownIdError, match="gas"):
        serve(index, "gas")
    with pytest.raises(UnknownIdError, match="T3-LBX"):
        trace_answer(water, "T3-LBX", "upstream")


def test_traces_go_with_the_flow_the_fall_and_the_cable(water: ServedNetwork, index: SiteIndex) -> None:
    up = trace_answer(water, "T3-302", "upstream")
    assert {"domestic-water/CITY", "domestic-water/TANK", "domestic-water/PUMP-1"} <= {*up.nodes, *up.pipes}
    assert "domestic-water/T3-HM" not in up.pipes
    assert trace_answer(water, "T3-LB", "downstream").flats == 36
    drains = serve(index, "drainage")
    assert trace_answer(drains, "D-T1", "downstream").ends == ("drainage/OUTFALL",)
    assert len(trace_answer(drains, "D-OUT", "upstream").pipes) == len(drains.network.pipes)
    ducts = serve(index, "telecom-ducts")
    assert "telecom-ducts/DATA-ROOM" in trace_answer(ducts, "C-T4", "upstream").nodes
