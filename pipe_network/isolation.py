"""Which valves to close so that no water reaches a pipe.

**Smallest** means: of all sets of usable valves whose closing leaves no way from any source to either end of the pipe,
over open or unknown links and whatever the direction of flow,

1. one with the fewest valves to close (valves that are closed already and known to be so count nothing);
2. of these, one that takes the water from the least weight of nodes (flats, where the caller weighs nodes by flats);
3. of these, one with the least effort;
4. of these, one that cuts the fewest segments off.

Sources are reservoirs, tanks, and junctions that feed water in (a negative demand). A valve that is known to be stuck
is passed by water like a pipe, and so are check valves, pumps and control valves unless the caller counts them among
the valves: none of them is relied on to be tight. A valve whose state is unknown is assumed neither open nor tight: it
may be chosen, and then has to be closed or found closed.

References
----------
H.-G. Jun, G. V. Loganathan, Valve-controlled segments in water distribution systems, J. Water Resour. Plann. Manage.
133(2) (2007): segments. O. Giustolisi, D. Savic, Identification of segments and optimal isolation valve system design
in water distribution networks, Urban Water J. 7(1) (2010).
"""

import itertools
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import networkx as nx

from pipe_network.cuts import Arc, Cut, least_cut
from pipe_network.errors import IsolationError, UnknownElementError
from pipe_network.model import Network


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """A network in its parts between isolation valves. Make them with `segments`, once for a network.

    Attributes
    ----------
    nodes : of each segment
    of_node : segment of each node
    valves : isolation valve to the segments on its two sides
    sources : segment to what feeds it from outside
    """

    network: Network
    nodes: tuple[tuple[str, ...], ...]
    of_node: Mapping[str, int]
    valves: Mapping[str, tuple[int, int]]
    sources: Mapping[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Isolation:
    """What cutting a pipe off takes and costs.

    Attributes
    ----------
    close : valves to close, in the order of the network
    keep_closed : valves on the boundary that are known to be closed and must stay so
    nodes : that no source feeds any more and that one fed before
    links : whose water stands then: the pipe, and all that lies with it behind the closed valves
    """

    pipe: str
    close: tuple[str, ...]
    keep_closed: tuple[str, ...]
    nodes: tuple[str, ...]
    links: tuple[str, ...]


def network_sources(network: Network) -> tuple[str, ...]:
    """Everything that can feed a network: reservoirs, tanks, junctions with a negative demand."""
    feeding = [j.id for j in network.junctions if sum(d.base_m3_per_s for d in j.demands) < 0]
    return (*(r.id for r in network.reservoirs), *(t.id for t in network.tanks), *feeding)


def segments(network: Network, valves: Collection[str], *, sources: Collection[str] | None = None) -> Segments:
    r"""The segments of a network.

    Parameters
    ----------
    valves : links that can be shut: isolation valves, and pumps or control valves if they may be
    sources : nodes that can feed it; without them `network_sources`. A tank left out is one that was drained.

    Raises
    ------
    UnknownElementError
        If a valve or source is not in the network.

    Examples
    --------
    >>> from pipe_network.inp import parse
    >>> net = parse("[JUNCTIONS]\na 1\nb 1\n[RESERVOIRS]\nr 9\n[PIPES]\nv r a 1 90 130\nq a b 9 90 130\n")
    >>> segments(net, ["v"]).nodes
    (('a', 'b'), ('r',))
    """
    for valve in valves:
        if valve not in network.links:
            raise UnknownElementError("link", valve)
    for source in sources or ():
        if source not in network.nodes:
            raise UnknownElementError("node", source)
    chosen = set(valves)
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(network.nodes)
    graph.add_edges_from((k.start, k.end) for k in network.links.values() if k.id not in chosen)
    rank = {name: k for k, name in enumerate(network.nodes)}
    parts = sorted((sorted(part, key=rank.__getitem__) for part in nx.connected_components(graph)),
                   key=lambda part: rank[part[0]])  # fmt: skip
    of_node = {name: k for k, part in enumerate(parts) for name in part}
    fed: dict[int, tuple[str, ...]] = {}
    for source in network_sources(network) if sources is None else sources:
        fed[of_node[source]] = (*fed.get(of_node[source], ()), source)
    return Segments(
        network, tuple(map(tuple, parts)), of_node,
        {k.id: (of_node[k.start], of_node[k.end]) for k in network.links.values() if k.id in chosen}, fed,
    )  # fmt: skip


def isolate(
    of: Segments, pipe: str, *, stuck: Collection[str] = (), closed: Collection[str] = (),
    weights: Mapping[str, float] | None = None, efforts: Mapping[str, float] | None = None,
    prefer: Literal["fewest_valves", "least_weight"] = "fewest_valves",
) -> Isolation:  # fmt: skip
    r"""The smallest set of valves that cuts a pipe off from every source, as the module defines it.

    Parameters
    ----------
    of : the network's segments
    pipe : any link; a valve that leaks itself cannot be relied on and is cut off on both sides
    stuck : valves that do not close
    closed : valves that are known to be closed and tight
    weights : of nodes, what their water is worth: flats; those not named weigh nothing
    efforts : of valves, what closing takes; those not named take 1
    prefer : `least_weight` takes the water from the least weight of nodes that any valves can, and of such sets one
        with few valves; near a looped pipe these are often one or two valves more, and far fewer flats

    Raises
    ------
    UnknownElementError
        If the pipe or a valve is not in the network.
    IsolationError
        If no source feeds the pipe, or no usable valves cut it off; it names the cure.

    Examples
    --------
    >>> from pipe_network.inp import parse
    >>> net = parse("[JUNCTIONS]\na 1\nb 1\nc 1\n[RESERVOIRS]\nr 9\n[PIPES]\nu r a 1 90 130\nv a b 1 90 130\n"
    ...             "q b c 9 90 130\n")
    >>> parts = segments(net, ["u", "v"])
    >>> isolate(parts, "q").close, isolate(parts, "q", stuck=["v"]).close
    (('v',), ('u',))
    """
    network = of.network
    _check_known(of, pipe, [*stuck, *closed])
    shut = set(closed) - set(stuck) - {pipe}
    fixed = {*stuck, pipe}
    link = network.links[pipe]
    target = of.of_node[link.start]
    rows = [v for v in of.valves if v not in shut]
    arcs: list[Arc] = [(*of.valves[v], math.inf if v in fixed else 1.0) for v in rows]
    if pipe not in of.valves and of.of_node[link.end] != target:
        raise AssertionError("a link that is no valve lies in one segment")
    before = _fed(of, shut)
    if target not in before:
        return _standing(of, pipe, shut)
    weighed = None if weights is None else [sum(weights.get(n, 0.0) for n in part) for part in of.nodes]
    taken = None if efforts is None else [efforts.get(v, 1.0) for v in rows]

    def least(sinks: Collection[int]) -> Cut | None:
        return least_cut(len(of.nodes), arcs, target, sinks, weights=weighed, efforts=taken)

    cut = least(of.sources)
    if cut is None:
        raise _no_way(of, pipe, [v for v in rows if v in fixed])
    if prefer == "least_weight":
        cut = _gentlest(of, cut, least, arcs, target, weighed or [1.0] * len(of.nodes))
    return _answer(of, pipe, cut, close=[rows[k] for k in cut.arcs], shut=shut, before=before)


def _gentlest(
    of: Segments, cut: Cut, least: Callable[[Collection[int]], Cut | None], arcs: list[Arc], target: int,
    weights: Sequence[float],
) -> Cut:  # fmt: skip
    """The cut that takes the water from the least weight, given the one with the fewest valves."""
    core = _reached([target], ((a, b) for a, b, cost in arcs if math.isinf(cost)))
    fed = _reached(of.sources, ((a, b) for a, b, _ in arcs if a not in core and b not in core))
    dry = frozenset(range(len(of.nodes))) - fed  # whoever hangs on the pipe's own segment cannot be spared
    spared = [k for k in fed if weights[k] > 0]
    for found in (cut, least([*of.sources, *spared])):
        if found is not None and math.isclose(_lost(of, found, arcs, weights), sum(weights[k] for k in dry)):
            return found
    return Cut(dry, tuple(k for k, (a, b, _) in enumerate(arcs) if (a in dry) != (b in dry)))


def _lost(of: Segments, cut: Cut, arcs: list[Arc], weights: Sequence[float]) -> float:
    crossing = set(cut.arcs)
    fed = _reached(of.sources, ((a, b) for k, (a, b, _) in enumerate(arcs) if k not in crossing))
    return sum(weight for k, weight in enumerate(weights) if k not in fed)


def _reached(begin: Iterable[int], joints: Iterable[tuple[int, int]]) -> set[int]:
    near: dict[int, list[int]] = {}
    for a, b in joints:
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    found = set(begin)
    todo = list(found)
    for at in todo:
        for other in near.get(at, ()):
            if other not in found:
                found.add(other)
                todo.append(other)
    return found


def _check_known(of: Segments, pipe: str, valves: Iterable[str]) -> None:
    for name in (pipe, *valves):
        if name not in of.network.links:
            raise UnknownElementError("link", name)
    for name in valves:
        if name not in of.valves:
            raise IsolationError(
                f"link {name!r} is not one of the network's isolation valves; name valves only, or tie it as one",
                link=name,
            )


def _fed(of: Segments, shut: Collection[str]) -> set[int]:
    """Segments that some source reaches while the given valves are shut."""
    return _reached(of.sources, (ends for valve, ends in of.valves.items() if valve not in shut))


def _standing(of: Segments, pipe: str, shut: Collection[str]) -> Isolation:
    """The answer for a pipe that valves known to be closed cut off already.

    Raises
    ------
    IsolationError
        If no source is joined to the pipe at all.
    """
    target = of.of_node[of.network.links[pipe].start]
    near = _reached([target], (ends for valve, ends in of.valves.items() if valve not in shut))
    boundary = [v for v in of.valves if v in shut and (of.valves[v][0] in near) != (of.valves[v][1] in near)]
    if not boundary or target not in _fed(of, ()):
        raise IsolationError(
            f"no reservoir, tank or inflow is joined to pipe {pipe!r}, so there is nothing to cut off; "
            "if water comes out of it, the network's file lacks the link that feeds it",
            link=pipe,
        )
    return Isolation(pipe, (), tuple(boundary), (), _links_within(of, near, boundary, pipe))


def _answer(
    of: Segments, pipe: str, cut: Cut, *, close: list[str], shut: Collection[str], before: Collection[int]
) -> Isolation:
    keep = [v for v in of.valves if v in shut and (of.valves[v][0] in cut.near) != (of.valves[v][1] in cut.near)]
    dry = {n for k in cut.near if k in before for n in of.nodes[k]}
    nodes = tuple(n for n in of.network.nodes if n in dry)
    return Isolation(pipe, tuple(close), tuple(keep), nodes, _links_within(of, cut.near, [*close, *keep], pipe))


def _links_within(of: Segments, near: Collection[int], boundary: Collection[str], pipe: str) -> tuple[str, ...]:
    apart = set(boundary) - {pipe}
    return tuple(
        k.id for k in of.network.links.values()
        if k.id not in apart and of.of_node[k.start] in near and of.of_node[k.end] in near
    )  # fmt: skip


def _no_way(of: Segments, pipe: str, firm: list[str]) -> IsolationError:
    """Why nothing cuts the pipe off: the source it lies with, and the valves that would help."""
    graph: nx.MultiGraph[int] = nx.MultiGraph()
    graph.add_nodes_from(range(len(of.nodes)))
    for valve in firm:
        graph.add_edge(*of.valves[valve], key=valve)
    target = of.of_node[of.network.links[pipe].start]
    ways = nx.single_source_shortest_path(graph, target)
    way = min((w for k, w in ways.items() if k in of.sources), key=len)
    source = of.sources[way[-1]][0]
    passed = [next(iter(graph[a][b])) for a, b in itertools.pairwise(way)]
    stuck = tuple(v for v in passed if v != pipe)
    if stuck:
        cure = f"free or replace one of the stuck valves {', '.join(stuck)}"
        between = "only valves that are stuck"
    else:
        cure = f"shut {source!r} itself, fit a valve between them, or let pumps and control valves be shut too"
        between = "no isolation valve"
    message = f"pipe {pipe!r} cannot be cut off: {between} between it and its source {source!r}; {cure}"
    return IsolationError(message, link=pipe, source=source, stuck=stuck)
