"""A network as a networkx graph, for tracing, cutting, looking at and exporting."""

from typing import TYPE_CHECKING, Any

from pipe_network.hydraulics import States
from pipe_network.model import Network, Pipe, Pump, Reservoir, Tank, Valve

if TYPE_CHECKING:
    import networkx as nx


def graph(network: Network) -> "nx.MultiGraph[str]":
    r"""Nodes and links by their ids (links are the keys of their edges), with EPANET's nouns as attributes.

    Nodes have ``kind`` (junction, reservoir, tank), ``elevation_m`` and where known ``x_m``, ``y_m``. Edges have
    ``kind`` (pipe, pump, or a valve's: PRV ...), ``start``, ``end``, ``status``; pipes ``length_m``, ``diameter_m``.

    Examples
    --------
    >>> from pipe_network.inp import parse
    >>> net = parse("[JUNCTIONS]\na 10\n[RESERVOIRS]\nr 50\n[PIPES]\np r a 100 150 130\n[OPTIONS]\nUNITS CMH\n")
    >>> list(graph(net).edges(keys=True)), graph(net).edges["r", "a", "p"]["length_m"]
    ([('a', 'r', 'p')], 100.0)
    """
    import networkx as nx  # noqa: PLC0415 - weighs on `plumbline --help`

    made: nx.MultiGraph[str] = nx.MultiGraph()
    for name, node in network.nodes.items():
        kind = "reservoir" if isinstance(node, Reservoir) else "tank" if isinstance(node, Tank) else "junction"
        made.add_node(name, kind=kind, elevation_m=node.elevation_m, **_position(network, name))
    for link in network.links.values():
        made.add_edge(link.start, link.end, key=link.id, **_attributes(link))
    return made


def flow_graph(network: Network, states: States, row: int) -> "nx.MultiDiGraph[str]":
    """The same, its edges directed as the water flows at one moment; links through which nothing flows are left out.

    Edges have ``flow_m3_per_s`` besides, above 0.
    """
    import networkx as nx  # noqa: PLC0415 - weighs on `plumbline --help`

    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    made.add_nodes_from(graph(network).nodes(data=True))
    column = {name: k for k, name in enumerate(states.link_ids)}
    for link in network.links.values():
        flow = float(states.flows_m3_per_s[row, column[link.id]])
        ends = (link.start, link.end) if flow > 0 else (link.end, link.start)
        if flow != 0.0 and states.are_open[row, column[link.id]]:
            made.add_edge(*ends, key=link.id, flow_m3_per_s=abs(flow), **_attributes(link))
    return made


def _attributes(link: Pipe | Pump | Valve) -> dict[str, Any]:
    kind = "pipe" if isinstance(link, Pipe) else "pump" if isinstance(link, Pump) else link.kind
    own: dict[str, Any] = {"kind": kind, "start": link.start, "end": link.end, "status": link.status}
    if isinstance(link, Pipe):
        own |= {"length_m": link.length_m, "diameter_m": link.diameter_m, "roughness": link.roughness}
    elif isinstance(link, Valve):
        own |= {"diameter_m": link.diameter_m}
    return own


def _position(network: Network, name: str) -> dict[str, float]:
    at = network.coordinates.get(name)
    return {} if at is None else {"x_m": at[0], "y_m": at[1]}
