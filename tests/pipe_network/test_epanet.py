"""EPANET in process: stepping, changing, reading, and what it says when it cannot."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from pipe_network.epanet import Project
from pipe_network.errors import HydraulicsError, UnknownElementError
from pipe_network.hydraulics import simulate
from pipe_network.inp import parse
from pipe_network.validation import faults

NET = """\
[JUNCTIONS]
a 10 36
b 10 0
[RESERVOIRS]
r 50
[TANKS]
t 40 2 0 4 8
[PIPES]
p1 r a 1000 200 130
p2 a b 100 150 130
p3 b t 100 150 130
[OPTIONS]
UNITS CMH
HEADLOSS H-W
PATTERN flat
[PATTERNS]
flat 1
[TIMES]
DURATION 6
HYDRAULIC TIMESTEP 0:10
"""


def test_hazen_williams_head_loss_is_that_of_the_handbook() -> None:
    with Project(NET.replace("p3 b t 100 150 130", "p3 b t 100 150 130 0 CLOSED")) as project:
        project.start()
        project.solve()
        loss_m = 50 - project.heads_m()[project.node_row("a")]
    # h = 10.67 L q^1.852 / (C^1.852 d^4.871), SI form, EPANET 2.2 manual table 3.1
    expected_m = 10.67 * 1000 * 0.01**1.852 / (130**1.852 * 0.2**4.871)
    assert loss_m == pytest.approx(expected_m, rel=2e-3)


def test_water_is_conserved_at_every_step() -> None:
    with Project(NET) as project:
        area_m2 = np.pi * 8**2 / 4
        level_m = 2.0
        step_s = 0
        for time_s, told in project.run():
            if step_s:  # EPANET takes 101.94 m3/h for a cubic foot a second: 6e-6 too little
                assert project.pressure_heads_m()[project.node_row("t")] == pytest.approx(level_m, abs=1e-5)
            assert told == ()
            flows = project.flows_m3_per_s()
            demands = project.demands_m3_per_s()
            assert demands.sum() == pytest.approx(0, abs=1e-7)
            step_s = 600
            level_m = project.pressure_heads_m()[project.node_row("t")]
            level_m += flows[project.link_row("p3")] * step_s / area_m2
            if level_m > 4 or time_s >= 3600:
                break


def test_demands_valves_and_leaks_act_on_the_next_solution() -> None:
    with Project(NET) as project:
        project.drop_patterns()
        project.start()
        project.solve()
        still = project.demands_m3_per_s()[project.node_row("a")]
        project.set_demands([project.node_row("b")], [0.004])
        project.solve()
        drawn = project.demands_m3_per_s()[project.node_row("b")]
        project.set_emitter("b", 0.001)
        project.solve()
        leaking = project.demands_m3_per_s()[project.node_row("b")]
        head_m = project.pressure_heads_m()[project.node_row("b")]
        project.set_open("p2", is_open=False)
        project.solve()
        shut = project.flows_m3_per_s()[project.link_row("p2")]
    assert still == 0
    assert drawn == pytest.approx(0.004)
    assert leaking == pytest.approx(0.004 + 0.001 * head_m**0.5, rel=1e-3)
    assert shut == pytest.approx(0, abs=1e-6)


def test_a_warning_names_the_junctions() -> None:
    text = NET.replace("a 10 36", "a 60 36")
    with Project(text) as project:
        project.start()
        _, told = project.solve()
    assert [w.object_ids for w in told] == [("a",)]
    assert "negative pressure" in str(told[0])
    deep = faults(text, deep=True)
    assert deep[0].object_id == "a"
    assert deep[0].line == 2


def test_a_file_epanet_refuses_is_told_and_leaves_nothing_open() -> None:
    with pytest.raises(HydraulicsError, match="EPANET does not open"):
        Project(NET.replace("DURATION 6", "DURATION 6\n[RULES]\nRULE 1\nIF nonsense"))


def test_unknown_ids_and_closed_projects_are_refused() -> None:
    project = Project(NET)
    with pytest.raises(UnknownElementError, match="ghost"):
        project.link_row("ghost")
    project.close()
    project.close()
    with pytest.raises(HydraulicsError, match="closed"):
        project.start()


@pytest.mark.slow
def test_a_day_is_solved_as_the_peer_solves_it(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peer's imports warn; they are not ours
        wntr = pytest.importorskip("wntr")
    path = wntr.library.ModelLibrary().get_filepath("Net3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = wntr.sim.EpanetSimulator(wntr.network.WaterNetworkModel(path)).run_sim(
            file_prefix=str(tmp_path / "peer"), version=2.2
        )
    with Project(Path(path).read_text(encoding="utf-8")) as project:
        for time_s, _ in project.run():
            if time_s % 3600 or time_s > 24 * 3600:
                continue
            heads = peer.node["head"].loc[time_s, list(project.node_ids)].to_numpy()
            flows = peer.link["flowrate"].loc[time_s, list(project.link_ids)].to_numpy()
            # the peer's results come from a float32 file
            assert project.heads_m() == pytest.approx(heads, rel=1e-4, abs=1e-2)
            assert project.flows_m3_per_s() == pytest.approx(flows, rel=1e-3, abs=1e-4)


def test_emitter_that_is_closed_stops() -> None:
    text = (
        "[JUNCTIONS]\na 10\n[RESERVOIRS]\nr 50\n[PIPES]\np r a 100 150 130\n[OPTIONS]\nUNITS CMH\n[TIMES]\nDuration 3\n"
    )
    with Project(text) as project:
        project.set_emitter("a", 1e-3)
        flows = []
        for time_s, _ in project.run():
            flows.append(project.flows_m3_per_s()[0])
            project.set_emitter("a", 1e-3 if time_s < 3600 else 0.0)
    assert flows[1] > 5e-3
    assert flows[2] < 0.01 * flows[1]  # what is left is within the accuracy EPANET stops at


def test_a_network_overwrites_no_file_that_it_names(tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("keep me")
    text = NET.replace("PATTERN flat\n", f"PATTERN flat\nHYDRAULICS SAVE {precious}\n")
    simulate(parse(text))
    assert faults(text, deep=True) == ()
    assert precious.read_text() == "keep me"
    assert simulate(parse(NET.replace("PATTERN flat\n", "PATTERN flat\nHYDRAULICS USE nowhere\n"))).times_s[-1] > 0


def test_a_part_without_a_source_is_named_with_its_line() -> None:
    text = NET.replace("b 10 0\n", "b 10 0\nx 1 0\ny 1 0\n").replace("p3 b t", "q x y 10 100 130\np3 b t")
    (found,) = faults(text)
    assert (found.line, found.object_id) == (4, "x")
    assert "2 nodes" in found.message


def test_a_warning_of_every_hour_is_told_once() -> None:
    text = NET.replace("r 50", "r 5").replace("t 40 2 0 4 8", "t 1 2 0 4 8")
    (found,) = faults(text, deep=True)
    assert "negative pressure" in found.message
    assert "later moments" in found.message
