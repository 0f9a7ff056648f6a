"""The pipe networks of an estate: EPANET runs them, water adds up, and what hangs on them is found."""

from functools import cache
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from pipe_network.epanet import Project
from pipe_network.inp import parse
from pipe_network.validation import faults
from sample_sites.generator import EstatePlan, generate
from sample_sites.networks import networks
from twin.model.base import Text
from twin.model.devices import Channel, Device, DeviceKind
from twin.model.networks import SiteNetwork
from twin.model.registers import Household
from twin.model.site import Site

DEVICES = ("wm-inlet", "wm-low-zone", "wm-high-zone", "wm-t1", "wm-t1-1203", "tank-dom", "tank-t1-roof", "pump-dom-2")


@cache
def site(towers: int, storeys: int) -> Site:
    plan = EstatePlan(towers=towers, storeys=storeys)
    flow = Channel(id="flow", unit="m3_per_s", interval_s=60)
    kind = DeviceKind(id="thing", name=Text(en="thing"), system="water", channels=(flow,))
    devices = [Device(id=d, kind="thing", x_m=0.0, y_m=0.0, z_m=0.0) for d in DEVICES]
    devices += [Device(id=f"hyd-{k}", kind="thing", x_m=20.0 * k, y_m=0.0, z_m=0.0) for k in range(3)]
    return generate(plan).replace(
        kinds=(kind,), devices=tuple(devices), networks=(), bindings=(), rules=(), zones=(), staff=(),
        households=(Household(id="home-1", space=f"tower-1/f{storeys}/{storeys}03"),),
    )  # fmt: skip


def network(towers: int, storeys: int, kind: str) -> SiteNetwork:
    return next(n for n in networks(site(towers, storeys)) if n.kind == kind)


@pytest.mark.parametrize(
    ("towers", "storeys"),
    [(1, 3), (1, 10), (6, 18), (2, 40), (7, 9), pytest.param(30, 18, marks=pytest.mark.slow)],
)
def test_epanet_runs_a_day_without_a_warning_or_negative_pressure(towers: int, storeys: int) -> None:
    for net in networks(site(towers, storeys)):
        assert faults(net.inp) == ()
        with Project(net.inp) as project:
            for _, told in project.run():
                assert told == ()
                pressures = project.pressure_heads_m()
                assert pressures.min() > -0.01, (net.id, project.node_ids[int(np.argmin(pressures))])


def test_meters_of_the_flats_sum_to_tower_zone_and_inlet_but_for_the_tanks() -> None:
    net = network(2, 18, "domestic_water")
    with Project(net.inp) as project:
        flats = [k for k, t in net.links.items() if t.asset == "meter" and k.startswith(("T1-M", "T2-M"))]
        tanks = {t.id for t in project.network.tanks}
        rows = [project.link_row(k) for k in flats]
        for _, _told in project.run():
            flows = project.flows_m3_per_s()
            others = sum(flows[project.link_row(k)] for k in net.links if k.startswith("M-B-"))
            stored = sum(d for n, d in zip(project.node_ids, project.demands_m3_per_s(), strict=True) if n in tanks)
            # EPANET balances to 5e-4 of the flow
            assert flows[rows].sum() + others + stored == pytest.approx(
                flows[project.link_row("INLET-CHECK")], abs=2e-6
            )
            for t in ("T1", "T2"):
                own = [project.link_row(k) for k in flats if k.startswith(f"{t}-")]
                both = flows[project.link_row(f"{t}-LB")] + flows[project.link_row(f"{t}-HM")]
                assert flows[own].sum() == pytest.approx(both, abs=2e-6)


def test_pumps_cycle_and_roof_tanks_breathe_together() -> None:
    with Project(network(6, 18, "domestic_water").inp) as project:
        roofs = [project.node_row(n.id) for n in project.network.tanks if n.id != "TANK"]
        levels, pumping = [], []
        for _, _told in project.run():
            levels.append(project.pressure_heads_m()[roofs])
            pumping.append(project.flows_m3_per_s()[project.link_row("PUMP-2")] > 1e-6)
    assert len(roofs) == 6
    assert sum(a != b for a, b in pairwise(pumping)) >= 6
    assert np.ptp(levels, axis=0).min() > 0.5
    assert np.ptp(levels, axis=1).max() < 0.1


def test_every_flat_has_its_meter_and_tap() -> None:
    net = network(6, 18, "domestic_water")
    taps = {t.space for t in net.nodes.values() if t.asset == "tap" and t.space}
    assert len(taps) == 6 * 18 * 4
    tap = next(t for t in net.nodes.values() if t.space == "tower-1/f18/1803")
    assert tap.household == "home-1"
    assert {t.device for t in net.links.values() if t.device} >= {"wm-inlet", "wm-t1-1203", "wm-t1", "pump-dom-2"}
    assert all(device in DEVICES for t in net.links.values() if (device := t.device))


def test_closing_the_storey_valve_cuts_its_four_flats_and_no_other() -> None:
    net = network(1, 18, "domestic_water")
    graph: nx.MultiGraph[object] = nx.MultiGraph((k.start, k.end, name) for name, k in parse(net.inp).links.items())
    valve = next(k for k, t in net.links.items() if k == "T1-SV12" and t.asset == "isolation_valve")
    ends = next((a, b) for a, b, k in graph.edges(keys=True) if k == valve)
    graph.remove_edge(*ends, key=valve)
    cut = set(graph.nodes) - nx.node_connected_component(graph, "CITY")
    assert {net.nodes[str(n)].space for n in cut if n in net.nodes} == {f"tower-1/f12/12{k:02d}" for k in range(1, 5)}


def test_a_stretch_of_ring_can_fail_and_every_tower_still_has_water() -> None:
    net = network(6, 18, "domestic_water")
    graph: nx.MultiGraph[object] = nx.MultiGraph((k.start, k.end, name) for name, k in parse(net.inp).links.items())
    for a, b, name in list(graph.edges(keys=True)):
        if net.links[name].asset in {"ring", "main"} and name[:3] in {"M-P", "L-P", "H-P"}:
            graph.remove_edge(a, b, key=name)
            assert nx.has_path(graph, "CITY", "T6-S9")
            graph.add_edge(a, b, key=name)


def test_drains_fall_to_the_outfall_as_a_tree() -> None:
    net = network(6, 18, "drainage")
    pipes = parse(net.inp)
    graph = nx.Graph((k.start, k.end) for k in pipes.links.values())
    assert nx.is_tree(graph)
    for pipe in pipes.pipes:
        if pipe.end != "OUTFALL":
            assert pipes.nodes[pipe.start].elevation_m >= pipes.nodes[pipe.end].elevation_m
    assert nx.is_tree(nx.Graph((k.start, k.end) for k in parse(network(6, 18, "telecom_duct").inp).links.values()))


def test_hydrants_hang_on_the_fire_ring() -> None:
    net = network(2, 18, "fire_main")
    assert {t.device for t in net.nodes.values() if t.asset == "hydrant"} == {"hyd-0", "hyd-1", "hyd-2"}


def test_a_site_without_homes_is_refused() -> None:
    with pytest.raises(ValueError, match="no residential building"):
        networks(site(1, 3).replace(buildings=()))
