"""The meter tree of a network: its parts between meters, and what must balance in each of them.

Cut at its metered links a network falls into districts. What comes into a district by its meters leaves it by others,
is stored in its tanks, drawn by those who have no meter of their own, or lost. This holds for any network, with loops
too: a meter both ends of which lie in one district says nothing and is left out.

References
----------
A. Lambert, W. Hirner, Losses from Water Supply Systems: Standard Terminology, IWA Blue Pages (2000): district, balance.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from pipe_network.errors import PipeNetworkError, UnknownElementError
from pipe_network.model import Junction, Network, Pipe, Reservoir, Tank

Floats = NDArray[np.float64]


class NoMeterError(PipeNetworkError, ValueError):
    """A network of which nothing is metered cannot be balanced."""


@dataclass(frozen=True, slots=True)
class MeteredDistrict:
    """A part of a network whose whole boundary is metered.

    Attributes
    ----------
    id : of the meter it is fed by (the one nearest to a source), with its downstream meters told apart by position
    pipes : unmetered pipes inside, by link id
    nodes : inside
    tanks : of its nodes
    unmetered : junctions that may draw water without a meter
    has_source : a reservoir inside gives water nobody measures, so nothing can be balanced
    """

    id: str
    pipes: tuple[str, ...]
    nodes: tuple[str, ...]
    tanks: tuple[str, ...]
    unmetered: tuple[str, ...]
    has_source: bool


@dataclass(frozen=True, slots=True, eq=False)
class MeterTree:
    """Districts and the meters between them.

    Attributes
    ----------
    meters : ids in the order of the columns
    signs : (districts, meters) +1 where the meter's forward flow comes in, -1 where it goes out, 0 else
    outlets : meter to what it feeds, where that is no district but an end: the nodes behind it
    end_pipes : pipes behind such a meter, by meter; the metered pipe itself is among them
    own_pipes : metered pipe to its meter; on which side of the meter it would leak is not known
    """

    districts: tuple[MeteredDistrict, ...]
    meters: tuple[str, ...]
    signs: Floats
    outlets: Mapping[str, tuple[str, ...]]
    end_pipes: Mapping[str, tuple[str, ...]]
    own_pipes: Mapping[str, str]

    def boundary(self, district: int) -> tuple[tuple[int, float], ...]:
        """Columns and signs of a district's meters."""
        return tuple((int(m), float(self.signs[district, m])) for m in np.flatnonzero(self.signs[district]))

    def without(self, faulty: Collection[str]) -> "MeterTree":
        """The tree as if some meters did not exist: the districts beside one become one.

        An end behind such a meter joins its district as an unmetered consumer.
        """
        tree = self
        for meter in faulty:
            if meter in tree.meters:
                tree = _without(tree, meter)
        return tree


def meter_tree(network: Network, meters: Mapping[str, Sequence[str]], *, closed: Collection[str] = ()) -> MeterTree:
    r"""The districts of a network.

    Parameters
    ----------
    meters : meter id to the links whose flows it sums, each forward from its start to its end
    closed : links that are shut; no water passes them

    Raises
    ------
    NoMeterError
        If no link is metered.
    UnknownElementError
        If a metered link is not in the network.

    Examples
    --------
    >>> from pipe_network.inp import parse
    >>> net = parse("[JUNCTIONS]\na 1\nb 1\nc 1 5\n[RESERVOIRS]\nr 9\n[PIPES]\np r a 9 90 130\nq a b 9 90 130\n"
    ...             "s b c 9 90 130\n")
    >>> tree = meter_tree(net, {"in": ["p"], "flat": ["s"]})
    >>> [(d.id, d.pipes) for d in tree.districts if not d.has_source], dict(tree.outlets)
    ([('in', ('q',))], {'flat': ('c',)})
    """
    metered = {link: meter for meter, links in meters.items() for link in links}
    if not metered:
        raise NoMeterError("no link of the network is metered, so nothing can be balanced; tie a meter to a link")
    for link in metered:
        if link not in network.links:
            raise UnknownElementError("link", link)
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(network.nodes)
    shut = set(closed)
    graph.add_edges_from((k.start, k.end) for k in network.links.values() if k.id not in metered and k.id not in shut)
    part_of: dict[str, int] = {}
    parts: list[tuple[str, ...]] = []
    for part in nx.connected_components(graph):
        part_of.update(dict.fromkeys(part, len(parts)))
        parts.append(tuple(sorted(part)))
    between = {m: [(part_of[network.links[k].start], part_of[network.links[k].end]) for k in links]
               for m, links in meters.items()}  # fmt: skip
    degree = np.zeros(len(parts), dtype=np.int64)
    for ends in between.values():
        for p in {p for pair in ends for p in pair if pair[0] != pair[1]}:
            degree[p] += 1
    is_end = [degree[k] == 1 and _is_end(network, parts[k]) for k in range(len(parts))]
    return _assemble(network, meters, parts, between, is_end, shut)


def _is_end(network: Network, part: Sequence[str]) -> bool:
    """Behind its one meter nothing is stored, comes from elsewhere, or branches to several that draw."""
    nodes = [network.nodes[n] for n in part]
    if any(isinstance(n, Reservoir | Tank) for n in nodes):
        return False
    return sum(isinstance(n, Junction) and bool(n.demands) for n in nodes) <= 1


def _assemble(
    network: Network, meters: Mapping[str, Sequence[str]], parts: Sequence[tuple[str, ...]],
    between: Mapping[str, list[tuple[int, int]]], is_end: Sequence[bool], shut: set[str],
) -> MeterTree:  # fmt: skip
    metered = {link for links in meters.values() for link in links}
    pipes_in: dict[int, list[str]] = {}
    part_of = {n: k for k, part in enumerate(parts) for n in part}
    for pipe in network.pipes:
        if pipe.id not in metered and pipe.id not in shut:
            pipes_in.setdefault(part_of[pipe.start], []).append(pipe.id)
    rows = [k for k in range(len(parts)) if not is_end[k]]
    row_of = {part: row for row, part in enumerate(rows)}
    names = tuple(meters)
    signs = np.zeros((len(rows), len(names)))
    outlets: dict[str, tuple[str, ...]] = {}
    end_pipes: dict[str, tuple[str, ...]] = {}
    for column, meter in enumerate(names):
        for a, b in between[meter]:
            if a == b:
                continue
            for part, sign in ((a, -1.0), (b, 1.0)):
                if part in row_of:
                    signs[row_of[part], column] = sign
                else:
                    outlets[meter] = (*outlets.get(meter, ()), *parts[part])
                    own = [k for k in meters[meter] if isinstance(network.links[k], Pipe)]
                    end_pipes[meter] = (*own, *pipes_in.get(part, ()))
    districts = []
    for row, part in enumerate(rows):
        nodes = [network.nodes[n] for n in parts[part]]
        feeds = [names[m] for m in np.flatnonzero(signs[row] > 0)]
        name = min(feeds, key=names.index, default=f"before {names[int(np.flatnonzero(signs[row])[0])]}"
                   if signs[row].any() else f"around {parts[part][0]}")  # fmt: skip
        districts.append(
            MeteredDistrict(
                name, tuple(pipes_in.get(part, ())), parts[part],
                tuple(n.id for n in nodes if isinstance(n, Tank)),
                tuple(n.id for n in nodes if isinstance(n, Junction) and any(d.base_m3_per_s > 0 for d in n.demands)),
                any(isinstance(n, Reservoir) for n in nodes),
            )
        )  # fmt: skip
    own_pipes = {
        link: meter
        for meter, links in meters.items()
        for link in links
        if isinstance(network.links[link], Pipe) and meter not in outlets
    }
    return MeterTree(tuple(districts), names, signs, outlets, end_pipes, own_pipes)


def _without(tree: MeterTree, meter: str) -> MeterTree:
    column = tree.meters.index(meter)
    beside = np.flatnonzero(tree.signs[:, column])
    names = tuple(m for m in tree.meters if m != meter)
    signs = np.delete(tree.signs, column, axis=1)
    districts = list(tree.districts)
    outlets = {m: nodes for m, nodes in tree.outlets.items() if m != meter}
    end_pipes = {m: pipes for m, pipes in tree.end_pipes.items() if m != meter}
    own_pipes = {link: m for link, m in tree.own_pipes.items() if m != meter}
    freed = tuple(link for link, m in tree.own_pipes.items() if m == meter)
    if len(beside) == 2:
        up, down = sorted(beside, key=lambda d: tree.signs[d, column])
        a, b = districts[up], districts[down]
        districts[up] = MeteredDistrict(
            a.id, (*a.pipes, *freed, *b.pipes), (*a.nodes, *b.nodes), (*a.tanks, *b.tanks),
            (*a.unmetered, *b.unmetered), a.has_source or b.has_source,
        )  # fmt: skip
        signs[up] += signs[down]
        signs = np.delete(signs, down, axis=0)
        del districts[down]
    elif meter in tree.outlets:
        row = int(beside[0])
        a, nodes = districts[row], tree.outlets[meter]
        districts[row] = MeteredDistrict(
            a.id, (*a.pipes, *tree.end_pipes[meter]), (*a.nodes, *nodes), a.tanks, (*a.unmetered, *nodes), a.has_source
        )  # fmt: skip
    return MeterTree(tuple(districts), names, signs, outlets, end_pipes, own_pipes)
