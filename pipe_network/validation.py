"""Every fault of an EPANET file: of its text and, deeper, of what EPANET says when it runs."""

import networkx as nx

from pipe_network.epanet import HydraulicWarning, Project
from pipe_network.errors import HydraulicsError, InpFault
from pipe_network.inp import read
from pipe_network.inp_lines import SECTIONS
from pipe_network.model import Network

MAX_WARNINGS = 50
"""Different ones; more say no more than the first ones."""
_SHOWN = 8


def faults(inp_text: str, *, deep: bool = False) -> tuple[InpFault, ...]:
    r"""What is wrong with an EPANET file, each with its line and cure; never raises for what the file says.

    Parameters
    ----------
    inp_text : the file's content.
    deep : also open and run it in EPANET over its duration, and report what EPANET refuses or warns of.

    Examples
    --------
    >>> [f.line for f in faults("[JUNCTIONS]\na 10\n[RESERVOIRS]\nr 5\n[PIPES]\np r b 1 1 130\n")]
    [2, 6]
    """
    network, found = read(inp_text)
    found = (*unknown_sections(network), *beyond_the_engine(network), *cut_off(network), *found)
    if found or not deep:
        return found
    return faults_of_running(inp_text)


def unknown_sections(network: Network) -> tuple[InpFault, ...]:
    """Sections that we keep and EPANET refuses."""
    return tuple(
        InpFault(0, name, f"section [{name}] is not EPANET's", "EPANET refuses the file; move it to another file")
        for name in network.sections
        if name not in SECTIONS
    )


def beyond_the_engine(network: Network) -> tuple[InpFault, ...]:
    """What EPANET 2.3 knows and the engine here, 2.2, refuses."""
    options = network.options
    found = [
        InpFault(valve.line, valve.id, f"valve {valve.id} is a PCV, which EPANET 2.2 does not know",
                 "make it a TCV with the loss coefficient of its opening")
        for valve in network.valves
        if valve.kind == "PCV"
    ]  # fmt: skip
    if options.flow_units == "CMS":
        found.append(InpFault(0, "UNITS", "EPANET 2.2 does not know the flow unit CMS", "state flows in LPS or CMH"))
    if options.pressure_units in {"BAR", "FEET"}:
        found.append(InpFault(0, "PRESSURE", f"EPANET 2.2 does not know pressures in {options.pressure_units}",
                              "state them in METERS or KPA"))  # fmt: skip
    return tuple(found)


def cut_off(network: Network) -> tuple[InpFault, ...]:
    r"""A fault for each part that no link joins to a reservoir or tank: EPANET finds no pressures there, or nowhere.

    Examples
    --------
    >>> from pipe_network.inp import read
    >>> text = "[JUNCTIONS]\na 1\nb 1\nc 1\n[RESERVOIRS]\nr 5\n[PIPES]\np r a 1 1 130\nq b c 1 1 130\n"
    >>> [(f.line, f.message) for f in cut_off(read(text)[0])]
    [(3, '2 nodes hang together with no reservoir or tank: b, c')]
    """
    sources = {r.id for r in network.reservoirs} | {t.id for t in network.tanks}
    nodes = network.nodes
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from((k.start, k.end) for k in network.links.values() if k.start in nodes and k.end in nodes)
    order = {name: row for row, name in enumerate(nodes)}
    found = []
    for part in nx.connected_components(graph) if sources else ():
        if part & sources:
            continue
        names = sorted(part, key=order.__getitem__)
        listed = ", ".join(names[:_SHOWN]) + (" ..." if len(names) > _SHOWN else "")
        found.append(InpFault(nodes[names[0]].line, names[0],
                              f"{len(names)} nodes hang together with no reservoir or tank: {listed}",
                              "join them to the rest with a link, or remove them"))  # fmt: skip
    return tuple(found)


def faults_of_running(inp_text: str) -> tuple[InpFault, ...]:
    """What EPANET refuses or warns of when it runs the file over its duration, at most `MAX_WARNINGS`."""
    found: list[InpFault] = []
    told: dict[tuple[str, tuple[str, ...]], list[HydraulicWarning]] = {}
    lines: dict[str, int] = {}
    try:
        with Project(inp_text) as project:
            lines = {item.id: item.line for item in (*project.network.nodes.values(), *project.network.links.values())}
            for _, warnings in project.run():
                for warning in warnings:
                    told.setdefault((warning.message, warning.object_ids), []).append(warning)
                if len(told) >= MAX_WARNINGS:
                    break
    except HydraulicsError as error:
        found.append(InpFault(0, "", str(error), "correct what EPANET names and run again"))
    for same in told.values():
        first = same[0].object_ids[0] if same[0].object_ids else ""
        again = f" (and at {len(same) - 1:,} later moments)" if len(same) > 1 else ""
        found.append(InpFault(lines.get(first, 0), first, f"EPANET warns {same[0]}{again}",
                              "look at heads, demands and statuses there"))  # fmt: skip
    return tuple(found)
