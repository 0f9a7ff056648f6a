"""What is amiss with fire main, drains and ducts, as their devices tell it together."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sample_sites
from pipe_network.epanet import Project
from twin.index import SiteIndex, build
from twin.leaks.window import Window
from twin.pipes.served import ServedNetwork, serve
from twin.pipes.watch import fire_main_loss, loss_rows, main_loss, watch
from twin.site_folder import read
from twin.state import Readings, State, StateSnapshot


@pytest.fixture(scope="module")
def index() -> SiteIndex:
    return build(read(Path(sample_sites.__file__).parent / "riverside"))


@pytest.fixture(scope="module")
def fire(index: SiteIndex) -> ServedNetwork:
    return serve(index, "fire-main")


@pytest.fixture(scope="module")
def drains(index: SiteIndex) -> ServedNetwork:
    return serve(index, "drainage")


def _seen(index: SiteIndex, values: dict[str, float]) -> StateSnapshot:
    state = State(index.intervals_s)
    rows = np.array([index.rows[c] for c in values], np.int32)
    count = len(rows)
    state.apply(Readings(rows, np.full(count, 1000.0), np.array(list(values.values())), np.zeros(count, np.uint8)))
    return state.snapshot(1001.0)


def test_a_silent_network_is_blind_and_a_healthy_one_has_no_findings(fire: ServedNetwork, index: SiteIndex) -> None:
    (blind,) = watch(fire, State(index.intervals_s).snapshot(0.0))
    assert blind.kind == "blind"
    healthy = {f"hyd-{k}:pressure": 6e5 for k in range(1, 9)} | {"ftank-roof:level": 1.5, "ftank-main:level": 3.0}
    assert watch(fire, _seen(index, healthy)) == ()


def test_a_hydrant_without_pressure_and_a_low_tank_are_told(fire: ServedNetwork, index: SiteIndex) -> None:
    found = watch(fire, _seen(index, {"hyd-2:pressure": 5e4, "hyd-3:pressure": 5e5, "ftank-roof:level": 0.6}))
    assert {(f.kind, f.devices) for f in found} == {
        ("hydrant_pressure_low", ("hyd-2",)),
        ("tank_low", ("ftank-roof",)),
    }
    assert all(f.severity == "critical" and f.text.zh and f.text.en for f in found)


def test_a_closed_valve_tells_whom_it_cuts_off(index: SiteIndex) -> None:
    water = serve(index, "domestic-water")
    device = water.tie("T3-LRV").device
    (found,) = watch(water, _seen(index, {f"{device}:state": 0.0}))
    assert (found.kind, found.devices, found.value) == ("valve_closed", (device,), 36.0)


def _two_in_a_row(drains: ServedNetwork) -> tuple[str, str]:
    """Two manholes with a level, the second below the first with none between."""
    for node, tie in drains.site_network.nodes.items():
        if tie.device is None:
            continue
        at = node
        while (pipe := next((p for p in drains.network.pipes if p.start == at), None)) is not None:
            at = pipe.end
            if drains.node_tie(at).device is not None:
                return node, at
    raise AssertionError("the sample's drains have no two measured manholes in a row")


def test_a_blockage_lies_between_the_full_manhole_and_the_next_that_is_not(
    drains: ServedNetwork, index: SiteIndex
) -> None:  # fmt: skip
    above, below = _two_in_a_row(drains)
    top, bottom = drains.node_tie(above).device, drains.node_tie(below).device
    (found,) = watch(drains, _seen(index, {f"{top}:level": 1.2, f"{bottom}:level": 0.08}))
    assert found.kind == "blockage"
    ends = {drains.network.links[k.removeprefix("drainage/")].start for k in found.objects}
    assert above in ends
    assert below not in ends
    assert watch(drains, _seen(index, {f"{top}:level": 0.1, f"{bottom}:level": 0.08})) == ()
    # both full: the blockage is told once, below the lower one
    (lower,) = watch(drains, _seen(index, {f"{top}:level": 1.2, f"{bottom}:level": 1.1}))
    assert bottom in lower.devices


def test_a_full_duct_is_told(index: SiteIndex) -> None:
    ducts = serve(index, "telecom-ducts")
    (found,) = watch(ducts, _seen(index, {"duct-1:fill": 0.9, "duct-2:fill": 0.5}))
    assert (found.kind, found.devices, found.objects) == ("duct_full", ("duct-1",), ("telecom-ducts/C-R0.2",))


def test_a_duct_whose_cables_fill_it_is_told_without_a_sensor(index: SiteIndex) -> None:
    ducts = serve(index, "telecom-ducts")
    links = dict(ducts.site_network.links)
    links["C-P3"] = links["C-P3"].replace(fill_ratio=0.9)
    filled = replace(ducts, site_network=ducts.site_network.replace(links=links))
    (found,) = watch(filled, _seen(index, {"duct-1:fill": 0.3}))
    assert (found.kind, found.objects, found.devices) == ("duct_full", ("telecom-ducts/C-P3",), ())


def _lived(fire: ServedNetwork, leak_m3_per_h: float, *, hours: int = 24) -> tuple[Window, float]:
    """A day of the fire main by EPANET with a hole in its ring, as its devices tell it; and what it lost in all."""
    rows = {c: fire.index.rows[c] for c in ("ftank-roof:level", "pump-jockey:state")}
    rng = np.random.default_rng(4)
    times: list[float] = []
    levels: list[float] = []
    states: list[float] = []
    lost: list[float] = []
    with Project(fire.network) as project:
        project.set_times(duration_s=hours * 3600, step_s=300)
        roof, jockey = project.node_row("F-ROOF"), project.link_row("F-JOCKEY")
        hole = next(j.id for j in fire.network.junctions if j.id.startswith("F-R"))
        if leak_m3_per_h:
            project.set_emitter(hole, leak_m3_per_h / 3600 / math.sqrt(60.0))
        junctions = [k for k, n in enumerate(project.node_ids) if n in {j.id for j in fire.network.junctions}]
        for time_s, _ in project.run():
            times.append(float(time_s))
            levels.append(round(project.pressure_heads_m()[roof] + rng.normal(0.0, 0.001), 3))
            states.append(float(project.flows_m3_per_s()[jockey] > 1e-7))
            lost.append(float(project.demands_m3_per_s()[junctions].sum()))
    t = np.array(times)
    window = Window(0.0, t[-1], {rows["ftank-roof:level"]: (t, np.array(levels)),
                                 rows["pump-jockey:state"]: (t, np.array(states))})  # fmt: skip
    return window, float(np.mean(lost))


def test_a_tight_main_with_its_glands_is_no_finding(fire: ServedNetwork) -> None:
    window, lost = _lived(fire, 0.0)
    assert fire_main_loss(fire, window) is None
    told = main_loss(fire, window)
    assert told is not None
    assert abs(told.flow_m3_per_s - lost) < 4 * told.sd_m3_per_s


@pytest.mark.parametrize("leak_m3_per_h", [0.3, 1.5])
def test_what_a_fire_main_loses_is_told_with_its_size(fire: ServedNetwork, leak_m3_per_h: float) -> None:
    window, lost = _lived(fire, leak_m3_per_h)
    found = fire_main_loss(fire, window)
    assert found is not None
    assert found.kind == "loss"
    assert found.value == pytest.approx(lost, rel=0.1)  # levels to the millimetre over rests of some hours
    assert found.devices == ("ftank-roof",)


def test_a_pump_that_hardly_rests_is_told(fire: ServedNetwork, index: SiteIndex) -> None:
    t = np.arange(0.0, 86_400.0, 300.0)
    running = (np.arange(len(t)) % 3 > 0).astype(float)  # on for ten minutes, off for five
    found = fire_main_loss(fire, Window(0.0, t[-1], {index.rows["pump-jockey:state"]: (t, running)}))
    assert found is not None
    assert (found.severity, found.devices) == ("critical", ("pump-jockey",))
    assert found.value == pytest.approx(2 / 3, abs=0.01)


def test_the_history_a_loss_needs_is_named(fire: ServedNetwork, index: SiteIndex) -> None:
    names = {index.channels[row].id for row in loss_rows(fire)}
    assert {"ftank-roof:level", "pump-jockey:state"} <= names
    assert fire_main_loss(fire, Window(0.0, 86_400.0, {})) is None
