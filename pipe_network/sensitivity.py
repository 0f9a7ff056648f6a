"""What drawing more water anywhere does to the head at the sensors: exact derivatives of EPANET's own solution.

At a solved state small changes obey J δH = -δd; J holds the slopes of all links and nodes, as
`pipe_network.linearisation` has them. Of its inverse only the sensors' rows are wanted, so one transposed solve a
sensor gives every junction at once (the adjoint), and all moments are solved together (`pipe_network.elimination`).

A valve that holds a pressure fixes the head of the node it holds, and passes that node's draw on to its other side: the
held node's equation is added to the other's, which makes leaks below a pressure-reducing valve exact too.

References
----------
E. Todini and S. Pilati, "A gradient algorithm for the analysis of pipe networks" (1988), for J.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.elimination import Plan, plan, solve
from pipe_network.errors import UnknownElementError
from pipe_network.hydraulics import States
from pipe_network.linearisation import held_nodes, link_slopes_m2_per_s, node_slopes_m2_per_s
from pipe_network.model import Network

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

_DROPPED: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class _System:
    """The equations while the same valves hold.

    Attributes
    ----------
    unknown : (junctions,) place of each junction among the unknowns, -1 if a valve holds its head
    counted : (junctions,) unknown in whose equation a junction's draw is counted, -1 if a source takes it
    links, entries, signs : slope of which link is added to which entry of the transposed matrix
    nodes, node_entries : the same of the slopes of nodes
    """

    plan: Plan
    unknown: Rows
    counted: Rows
    links: Rows
    entries: Rows
    signs: Floats
    nodes: Rows
    node_entries: Rows


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """A network prepared for sensitivities; the plans it makes are kept, as they depend only on which valves hold."""

    network: Network
    node_ids: tuple[str, ...]
    ends: Rows
    junctions: int
    systems: dict[bytes, _System] = field(default_factory=dict)


def prepare(network: Network) -> Structure:
    """The network's structure, to be used for any number of states."""
    ids = (
        *(j.id for j in network.junctions),
        *(n for n in network.nodes if n not in {j.id for j in network.junctions}),
    )
    rows = {name: k for k, name in enumerate(ids)}
    ends = np.array([(rows[k.start], rows[k.end]) for k in network.links.values()], dtype=np.intp).reshape(-1, 2)
    return Structure(network, ids, ends, len(network.junctions))


def sensitivities(network: Network | Structure, states: States, sensors: Sequence[str]) -> Floats:
    r"""(t, s, j) change of head at each sensor for one more m3/s drawn at each junction; at most 0. [s/m2]

    Junctions that nothing feeds have no head to change: what concerns them is NaN. At a source, and at a node whose
    pressure a valve holds, nothing changes: 0.

    Parameters
    ----------
    states : of this network, from `pipe_network.hydraulics.simulate`
    sensors : nodes

    Raises
    ------
    UnknownElementError
        If a sensor's node is not there.

    Examples
    --------
    >>> from pipe_network.hydraulics import simulate
    >>> from pipe_network.inp import parse
    >>> text = "[JUNCTIONS]\na 10 36\nb 10 0\n[RESERVOIRS]\nr 50\n[PIPES]\np r a 1000 150 130\nq a b 9 150 130\n"
    >>> net = parse(text + "[OPTIONS]\nUNITS CMH\n")
    >>> s = sensitivities(net, simulate(net), ["a"])
    >>> s.shape, bool(np.isclose(s[0, 0, 0], s[0, 0, 1]))  # behind a, it is all the same to a
    ((1, 1, 2), True)
    """
    structure = network if isinstance(network, Structure) else prepare(network)
    rows = {name: k for k, name in enumerate(structure.node_ids)}
    for name in sensors:
        if name not in rows:
            raise UnknownElementError("node", name)
    at = np.array([rows[name] for name in sensors], dtype=np.intp)
    solved = {name: k for k, name in enumerate(states.node_ids)}
    nodes = np.array([solved[name] for name in structure.node_ids], dtype=np.intp)
    place = np.argsort(nodes)  # from EPANET's row to ours
    slopes = _link_slopes(structure, states)
    leaving = node_slopes_m2_per_s(structure.network, states)[:, nodes]
    held = place[held_nodes(structure.network, states)[:, nodes]]
    fed = _are_fed(structure, slopes, held)
    result = np.zeros((len(states.times_s), len(at), structure.junctions))
    for key, moments in _alike(held).items():
        if key not in structure.systems:
            structure.systems[key] = _system(structure, held[moments[0]])
        result[moments] = _adjoint(structure, structure.systems[key], at, slopes[moments], leaving=leaving[moments],
                                   fed=fed[moments])  # fmt: skip
    return result


def _alike(table: NDArray[np.generic]) -> dict[bytes, list[int]]:
    """Rows of a table that are the same; a hundred times as fast as finding them by sorting."""
    rows: dict[bytes, list[int]] = {}
    for k, row in enumerate(table):
        rows.setdefault(row.tobytes(), []).append(k)
    return rows


def _link_slopes(structure: Structure, states: States) -> Floats:
    column = {name: k for k, name in enumerate(states.link_ids)}
    order = [column[name] for name in structure.network.links]
    result: Floats = link_slopes_m2_per_s(structure.network, states)[:, order]
    return result


def _are_fed(structure: Structure, slopes: Floats, held: Rows) -> NDArray[np.bool_]:
    """(t, nodes) whether a way of open links leads to a source, or to a node whose head is held."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - weighs on `plumbline --help`
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    n = len(structure.node_ids)
    source = np.arange(n) >= structure.junctions
    result = np.zeros((len(slopes), n), dtype=bool)
    passing = slopes > 0.0
    for moments in _alike(passing).values():
        a, b = structure.ends[passing[moments[0]]].T
        graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(n, n))
        _, label = connected_components(graph, directed=False)
        for t in moments:
            fixed = source | (held[t] != np.arange(n))
            parts = np.zeros(n, dtype=bool)
            parts[label[fixed]] = True
            result[t] = parts[label]
    return result


def _system(structure: Structure, other: Rows) -> _System:
    """The equations when the nodes with another node in `other` are held."""
    size = structure.junctions
    target = np.arange(size)
    for node in np.flatnonzero(other[:size] != target):
        seen, to = {int(node)}, int(other[node])
        while to < size and other[to] != to and to not in seen:  # valves one after the other
            seen.add(to)
            to = int(other[to])
        target[node] = to if to < size and other[to] == to else _DROPPED
    free = np.flatnonzero(other[:size] == np.arange(size))
    unknown = np.full(size, _DROPPED, dtype=np.intp)
    unknown[free] = np.arange(len(free))
    counted = np.where(target >= 0, unknown[np.maximum(target, 0)], _DROPPED)
    equations: list[tuple[int, int, int, float]] = []  # link, unknown of the equation, unknown of the head, sign
    for link, (a, b) in enumerate(structure.ends.tolist()):
        for own, far in ((a, b), (b, a)):
            if own >= size or counted[own] < 0:
                continue
            if unknown[own] >= 0:
                equations.append((link, int(counted[own]), int(unknown[own]), 1.0))
            if far < size and unknown[far] >= 0:
                equations.append((link, int(counted[own]), int(unknown[far]), -1.0))
    made = plan(len(free), ((row, column) for _, row, column, _ in equations))
    leaves = [v for v in range(size) if unknown[v] >= 0]
    return _System(
        plan=made,
        unknown=unknown,
        counted=counted,
        links=np.array([link for link, *_ in equations], dtype=np.intp),
        entries=np.array([made.entry[column, row] for _, row, column, _ in equations], dtype=np.intp),
        signs=np.array([sign for *_, sign in equations]),
        nodes=np.array(leaves, dtype=np.intp),
        node_entries=unknown[leaves],
    )


def _adjoint(
    structure: Structure, system: _System, at: Rows, slopes: Floats, *, leaving: Floats, fed: NDArray[np.bool_]
) -> Floats:
    """(t, s, j) for moments of one system."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - weighs on `plumbline --help`

    moments, size = len(slopes), structure.junctions
    gather = coo_array((system.signs, (system.entries, system.links)), shape=(system.plan.entries, slopes.shape[1]))
    values = np.ascontiguousarray(gather.tocsr() @ slopes.T)
    values[system.node_entries] += leaving[:, system.nodes].T
    unfed = ~fed[:, system.nodes].T
    if unfed.any():  # equations without a solution: they become x = 0, and the answer is NaN below
        values[system.node_entries] = np.where(unfed, values[system.node_entries] + 1.0, values[system.node_entries])
    right = np.zeros((system.plan.size, moments, len(at)))
    for s, node in enumerate(at):
        if node < size and system.unknown[node] >= 0:
            right[system.unknown[node], :, s] = 1.0
    heads = solve(system.plan, values, right)
    padded = np.concatenate([heads, np.zeros((1, moments, len(at)))])
    result: Floats = -padded[system.counted].transpose(1, 2, 0)
    if not fed.all():
        result = np.where(fed[:, None, :size] & fed[:, at][:, :, None], result, np.nan)
    return result
