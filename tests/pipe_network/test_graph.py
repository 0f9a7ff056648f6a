"""The networkx view: everything of the network is in it, and water flows along its directed edges."""

import pytest

from pipe_network.graph import flow_graph, graph
from pipe_network.hydraulics import simulate
from pipe_network.inp import parse
from viewer.bench.leaks.differences import public_networks
from viewer.bench.replay import shared_data


@pytest.mark.shared_data
def test_every_node_and_link_of_a_public_network_is_there() -> None:
    for name, network in public_networks(shared_data()):
        seen = graph(network)
        assert set(seen.nodes) == set(network.nodes), name
        assert {key for *_, key in seen.edges(keys=True)} == set(network.links), name


def test_water_flows_along_the_edges_and_balances_at_every_node() -> None:
    text = (
        "[JUNCTIONS]\na 10 36\nb 10 18\nc 10 9\n[RESERVOIRS]\nr 50\n[PIPES]\np a r 100 150 130\nq a b 9 150 130\n"
        "s b a 90 100 130\nt c b 50 100 130\n[OPTIONS]\nUNITS CMH\n"
    )
    network = parse(text)
    flows = flow_graph(network, simulate(network), 0)
    assert {(u, v, k) for u, v, k in flows.edges(keys=True)} == {("r", "a", "p"), ("a", "b", "q"), ("a", "b", "s"),
                                                                ("b", "c", "t")}  # fmt: skip
    for node, drawn in (("a", 0.01), ("b", 0.005), ("c", 0.0025)):
        into = sum(float(d["flow_m3_per_s"]) for *_, d in flows.in_edges(node, data=True))
        out = sum(float(d["flow_m3_per_s"]) for *_, d in flows.out_edges(node, data=True))
        assert into - out == pytest.approx(drawn, rel=1e-4)
