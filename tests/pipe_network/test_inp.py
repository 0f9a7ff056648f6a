"""EPANET files, read and written."""

import importlib.util
import math
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipe_network import inp_writer
from pipe_network.epanet import Project
from pipe_network.errors import InpError
from pipe_network.inp import parse, read
from pipe_network.model import Network
from pipe_network.validation import faults

SHARED = Path(os.environ.get("PLUMBLINE_SHARED_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
SMALL = """\
[TITLE]
Two taps and a tank
[JUNCTIONS]
;id elevation demand pattern
a  10  3.6 day
b  12  1.8
[RESERVOIRS]
r  50
[TANKS]
t  40 2 0.5 4 8 0 * YES
[PIPES]
p1 r a 100 150 130 0.5 CV
p2 a b 200 100 120 0 CLOSED ;to the tap
[PUMPS]
pu a t HEAD c1 SPEED 0.9
[VALVES]
v  a b 100 PRV 25 0
[DEMANDS]
b 7.2 day ;garden
b 3.6
[EMITTERS]
a 3.6
[STATUS]
pu CLOSED
[PATTERNS]
day 0.5 1.5
day 1
[CURVES]
c1 36 20
[CONTROLS]
LINK pu OPEN IF NODE t BELOW 1
[OPTIONS]
UNITS CMH
HEADLOSS H-W
[TIMES]
DURATION 24
HYDRAULIC TIMESTEP 0:05
[COORDINATES]
a 1 2
r 0 0
[VERTICES]
p1 0.5 1
[TAGS]
NODE a kitchen
[END]
"""


def library() -> list[Path]:
    """The EPANET files that come with the engine."""
    spec = importlib.util.find_spec("wntr")
    assert spec is not None
    assert spec.submodule_search_locations
    return sorted((Path(spec.submodule_search_locations[0]) / "library" / "networks").glob("*.inp"))


def assert_same(a: Network, b: Network) -> None:
    """Equal, but for the last digits a change of units costs."""
    for one, other in ((a.nodes, b.nodes), (a.links, b.links)):
        assert one.keys() == other.keys()
        for key, item in one.items():
            for name in item.__slots__:
                left, right = getattr(item, name), getattr(other[key], name)
                if isinstance(left, float):
                    assert math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12), (key, name)
                elif name not in {"line", "demands"}:
                    assert left == right, (key, name)
    for j in a.junctions:
        there = b.nodes[j.id]
        assert [(d.pattern, d.category) for d in j.demands] == [(d.pattern, d.category) for d in there.demands]  # type: ignore[union-attr]
    assert (a.patterns, a.times, a.options, a.tags) == (b.patterns, b.times, b.options, b.tags)
    assert {k: v for k, v in a.sections.items() if v} == b.sections


def test_numbers_become_si() -> None:
    net = parse(SMALL)
    a, b = net.junctions
    assert a.demands[0].base_m3_per_s == pytest.approx(0.001)
    assert a.emitter_m3_per_s == pytest.approx(0.001)
    assert [d.base_m3_per_s for d in b.demands] == pytest.approx([0.002, 0.001])
    assert b.demands[0].category == "garden"
    assert net.tanks[0].overflow
    assert net.pipes[0].diameter_m == 0.15
    assert (net.pipes[0].status, net.pipes[1].status) == ("CV", "CLOSED")
    assert (net.pumps[0].head_curve, net.pumps[0].speed_ratio, net.pumps[0].status) == ("c1", 0.9, "CLOSED")
    assert net.curves[0].points[0] == pytest.approx((0.01, 20.0))
    assert net.valves[0].setting == 25.0
    assert net.times.hydraulic_step_s == 300
    assert net.path(net.links["p1"]) == ((0.0, 0.0), (0.5, 1.0), (1.0, 2.0))


def test_customary_units_become_si() -> None:
    net = parse(SMALL.replace("UNITS CMH", "UNITS GPM"))
    assert net.pipes[0].length_m == pytest.approx(30.48)
    assert net.pipes[0].diameter_m == pytest.approx(3.81)
    assert net.valves[0].setting == pytest.approx(25 / 0.4333 * 0.3048)


@pytest.mark.parametrize("units", ["CMH", "LPS", "GPM", "MGD", "CMD", "AFD"])
def test_a_written_network_is_the_same_network(units: str) -> None:
    net = parse(SMALL.replace("UNITS CMH", f"UNITS {units}"))
    assert_same(net, parse(inp_writer.write(net)))


@pytest.mark.parametrize("pressure", ["PSI", "KPA", "METERS", ""])
@pytest.mark.parametrize("flow", ["CMH", "GPM"])
def test_a_reducing_valve_and_an_emitter_do_in_epanet_what_is_read(flow: str, pressure: str) -> None:
    text = f"""\
[JUNCTIONS]
a 0
b 0
[RESERVOIRS]
r 400
[PIPES]
p r a 10 300 130
[VALVES]
v a b 300 PRV 20 0
[EMITTERS]
b 0.5
[OPTIONS]
UNITS {flow}
{f"PRESSURE {pressure}" if pressure else ""}
"""
    network = parse(text)
    with Project(text) as project:  # EPANET reads the text itself
        project.start()
        project.solve()
        row = project.node_row("b")
        pressure_m, drawn = project.pressure_heads_m()[row], project.demands_m3_per_s()[row]
    assert network.valves[0].setting == pytest.approx(pressure_m, rel=1e-6)
    # EPANET's own accuracy of flows is 0.001
    assert network.junctions[1].emitter_m3_per_s * pressure_m**0.5 == pytest.approx(drawn, rel=1e-3)


def test_a_byte_order_mark_is_no_fault() -> None:
    text = "\ufeff" + SMALL
    assert faults(text, deep=False) == ()
    with Project(text) as project:
        assert project.node_ids == ("a", "b", "r", "t")


def test_si_means_litres_per_second_as_in_epanet() -> None:
    assert parse(SMALL.replace("UNITS CMH", "UNITS SI")).options.flow_units == "LPS"


def test_every_fault_is_told_at_once_with_its_line() -> None:
    broken = SMALL.replace("p1 r a 100", "p1 r nowhere 1o0").replace("b  12", "a  12").replace("PRV 25", "XYZ 25")
    with pytest.raises(InpError) as caught:
        parse(broken)
    told = {(f.line, f.object_id) for f in caught.value.faults}
    assert {(12, "p1"), (6, "a"), (17, "v")} <= told
    assert "nowhere" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no nodes"),
        ("hello", "before the first section"),
        ("[JUNCTIONS]\na nan\n[RESERVOIRS]\nr 1\n[PIPES]\np a r 1 1 1", "finite"),
        ("[JUNCTIONS]\na 1\nb 1\n[PIPES]\np a b 1 1 1", "no reservoir"),
        ("[JUNCTIONS]\na 1\n[RESERVOIRS]\nr 1\n[PIPES]\np a r 0 1 1", "above zero"),
        ("[JUNCTIONS]\na 1 1 day\n[RESERVOIRS]\nr 1\n[PIPES]\np a r 1 1 1", "pattern 'day'"),
        ("[JUNCTIONS]\na 1\n[RESERVOIRS]\nr 1\n[PIPES]\np a r 1 1 1\n[OPTIONS]\nUNITS BUCKETS", "flow unit"),
        ("[JUNCTIONS]\na 1 1 day\n[RESERVOIRS]\nr 1\n[PIPES]\np a r 1 1 1\n[PATTERNS]\nday", "line 8: pattern day has"),
        ("[JUNCTIONS]\na 1_0\n[RESERVOIRS]\nr 1\n[PIPES]\np a r 1 1 1", "finite"),
        (SMALL.replace("HEADLOSS H-W", 'HEADLOSS ""').replace("UNITS CMH", "UNITS CMS"), "CMS"),
        (SMALL.replace("PRV 25", "PCV 25"), "PCV"),
        (SMALL.replace("HEADLOSS H-W", "PRESSURE BAR"), "BAR"),
        ("[JUNCTIONS]\n" + "a" * 32 + " 1\n[RESERVOIRS]\nr 1\n[PIPES]\np r " + "a" * 32 + " 1 1 1", "31"),
    ],
)
def test_a_fault_names_its_rule(text: str, says: str) -> None:
    assert any(says in str(f) for f in faults(text))


@given(st.text(max_size=400) | st.lists(st.sampled_from(SMALL.splitlines()), max_size=40).map("\n".join))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    read(text)


def test_a_section_that_is_not_epanets_is_kept_and_told() -> None:
    text = SMALL.replace("[END]", "[NOTES]\nof the plumber\n")
    assert parse(text).sections["NOTES"] == ("of the plumber",)
    assert [f.object_id for f in faults(text)] == ["NOTES"]


@pytest.mark.parametrize("path", library(), ids=lambda p: p.stem)
def test_the_library_networks_are_read_and_solved_alike(path: Path) -> None:
    text = path.read_text(encoding="utf-8", errors="replace")
    assert faults(text) == ()
    net = parse(text)
    assert_same(net, parse(inp_writer.write(net)))
    heads = []
    for source in (text, net):  # EPANET reads the original, and what we wrote of it
        with Project(source) as project:
            assert list(project.node_ids) == list(net.nodes)
            assert list(project.link_ids) == list(net.links)
            project.start()
            project.solve()
            heads.append(project.heads_m())
    # ten digits are written; the rest is EPANET's own accuracy of 0.001
    assert heads[0] == pytest.approx(heads[1], rel=1e-6, abs=1e-4)


@pytest.mark.shared_data
@pytest.mark.parametrize(("name", "nodes", "links"), [("L-TOWN", 785, 909), ("modena", 272, 317)])
def test_the_public_networks_are_read_whole(name: str, nodes: int, links: int) -> None:
    path = SHARED / "networks" / f"{name}.inp"
    if not path.is_file():
        pytest.skip(f"{path} is absent; the public data sets lie beside the project")
    text = path.read_text(encoding="utf-8")
    assert faults(text) == ()
    net = parse(text)
    assert (len(net.nodes), len(net.links)) == (nodes, links)
    assert_same(net, parse(inp_writer.write(net)))
