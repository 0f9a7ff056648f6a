"""No plan whatever gets everybody out sooner than this: the quickest flow, bound by widths and walking times alone.

Everybody sets off at once and walks as if alone; doors, stairs and exits let through what their width allows. A plan of
the simulation, where crowds slow each other, is one such flow, so that none is out sooner. The time is found by
bisection: a flow over time is a flow through a graph with a copy of each spot for each step of time.

Times are rounded so that the bound stays one. Each spot's clock is put forward by the shortest time from there to an
exit; on the shortest ways that makes arcs of no time at all, and rounding down what other arcs take longer errs to the
safe side by less than a step altogether on ways with one detour.

References
----------
Burkard, Dlaska, Klinz, "The quickest flow problem", Zeitschrift für Operations Research 37 (1993).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from twin.evacuation.escape import capacities
from twin.evacuation.free_ways import arc_seconds, ways_to
from twin.fabric.site_graph import SiteGraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SCALE: Final = 10_000
"""Flows are whole numbers, so many to a person; capacities are rounded up."""
_LONGEST_S: Final = 4 * 3600.0


@dataclass(frozen=True, slots=True, eq=False)
class _Net:
    """Where people may go: spots counted anew.

    Attributes
    ----------
    tails, heads, slack_s : (arcs,) how much longer each is than the shortest way out
    capacity_per_s : (spots,) infinite where nothing narrows
    out_s : (spots,) shortest time to an exit
    exits, sources, persons : rows of exits; of where people are, and how many
    """

    tails: Ints
    heads: Ints
    slack_s: Floats
    capacity_per_s: Floats
    out_s: Floats
    exits: Ints
    sources: Ints
    persons: Floats


def quickest_s(
    site: SiteGraph, persons: Mapping[str, float], queues: Collection[int], *,
    closed: frozenset[str] = frozenset(), step_s: float = 2.0,
) -> float:  # fmt: skip
    """A time before which not everybody can be in the open. [s]

    Parameters
    ----------
    queues : rows of spots whose width counts; to leave some out lowers the bound
    step_s : by so much it may be too low, and no more where widths decide
    """
    net = _net(site, persons, queues, closed)
    if not len(net.sources):
        return 0.0
    low = int(np.floor(net.out_s[net.sources].max() / step_s))
    if _gets_out(net, low, step_s):
        return low * step_s
    high = max(2 * low, 1)
    while not _gets_out(net, high, step_s):
        if high * step_s > _LONGEST_S:
            return _LONGEST_S
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if _gets_out(net, middle, step_s):
            high = middle
        else:
            low = middle
    return high * step_s


def _net(site: SiteGraph, persons: Mapping[str, float], queues: Collection[int], closed: frozenset[str]) -> _Net:
    graph = site.graph
    seconds = arc_seconds(site, closed=closed)
    ends = graph.tails.astype(np.int64), graph.heads.astype(np.int64)
    exits = [row for row, spot in enumerate(graph.spots) if spot.kind == "exit" and spot.id not in closed]
    out_s = ways_to(graph, seconds, exits).seconds
    starts = {site.place_of[space]: many for space, many in persons.items() if many > 0 and space in site.place_of}
    starts = {row: many for row, many in starts.items() if np.isfinite(out_s[row])}
    is_exit = np.zeros(len(graph.spots), dtype=bool)
    is_exit[exits] = True
    is_end = np.array([spot.is_end for spot in graph.spots], dtype=bool)
    is_start = np.zeros(len(graph.spots), dtype=bool)
    is_start[list(starts)] = True
    # one leaves the building once, and goes to nowhere that is an end
    usable = (
        np.isfinite(seconds)
        & ~is_exit[graph.tails]
        & ~is_end[graph.heads]
        & (~is_end[graph.tails] | is_start[graph.tails])
    )
    usable &= np.isfinite(out_s[graph.heads])
    first = np.array(list(starts), dtype=np.int64)
    arcs = np.flatnonzero(usable)
    arcs = arcs[_reached(ends[0][arcs], ends[1][arcs], first, len(is_exit))]
    arcs = arcs[_leads_out(ends[0][arcs], ends[1][arcs], is_exit)]
    arcs = arcs[_reached(ends[0][arcs], ends[1][arcs], first, len(is_exit))]
    rows = np.unique(np.concatenate((graph.tails[arcs], graph.heads[arcs], np.array(list(starts), dtype=np.int64))))
    number = np.full(len(is_exit), -1)
    number[rows] = np.arange(len(rows))
    tails, heads = number[graph.tails[arcs]], number[graph.heads[arcs]]
    widths = capacities(site, rows, closed)
    widths[~np.isin(rows, list(queues))] = np.inf
    slack = np.maximum(seconds[arcs] + out_s[graph.heads[arcs]] - out_s[graph.tails[arcs]], 0.0)
    return _Net(
        tails, heads, slack, widths, out_s[rows], np.flatnonzero(is_exit[rows]),
        number[np.array(list(starts), dtype=np.int64)], np.array(list(starts.values())),
    )  # fmt: skip


def _leads_out(tails: Ints, heads: Ints, is_exit: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which arcs lead on to an exit without coming back to where they begin: none into a flat for whoever left it.

    An arc leads away where its tail is all that joins its head to the exits: in the tree of what is twice connected.
    """
    ways: nx.Graph[int] = nx.Graph()
    ways.add_edges_from(zip(tails.tolist(), heads.tolist(), strict=True))
    open_air = len(is_exit)
    ways.add_edges_from((open_air, row) for row in np.flatnonzero(is_exit).tolist() if row in ways)
    blocks = [list(edges) for edges in nx.biconnected_component_edges(ways)]
    block_of = {frozenset(edge): k for k, edges in enumerate(blocks) for edge in edges}
    of_node: dict[int, set[int]] = {}
    for k, edges in enumerate(blocks):
        for edge in edges:
            for node in edge:
                of_node.setdefault(node, set()).add(k)
    parent: dict[int, int] = {}
    found = [open_air]
    while found:
        node = found.pop()
        for k in of_node.get(node, ()):
            if k not in parent:
                parent[k] = node
                found.extend({end for edge in blocks[k] for end in edge} - {node})
    return np.array(
        [parent.get(block_of[frozenset(pair)]) != pair[0] for pair in zip(tails.tolist(), heads.tolist(), strict=True)],
        dtype=bool,
    )


def _reached(tails: Ints, heads: Ints, sources: Ints, count: int) -> NDArray[np.bool_]:
    """Which arcs anybody may come to."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - a quarter of a second, only for who walks
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

    ways = csr_array((np.ones(len(tails)), (tails, heads)), shape=(count, count))
    near = dijkstra(ways, indices=sources, unweighted=True, min_only=True)
    found: NDArray[np.bool_] = np.isfinite(near[tails])
    return found


def _gets_out(net: _Net, last: int, step_s: float) -> bool:
    """Whether everybody can be through an exit by a step of time."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - a quarter of a second, only for who walks
    from scipy.sparse.csgraph import maximum_flow  # noqa: PLC0415

    spots, steps = len(net.out_s), last + 1
    people = np.maximum(np.floor(net.persons * _SCALE).astype(np.int64), 0)
    begin = np.floor(net.out_s[net.sources] / step_s).astype(np.int64)
    if (begin > last).any():
        return False
    everybody = int(people.sum())
    width = np.minimum(np.ceil(net.capacity_per_s * step_s * _SCALE), everybody).astype(np.int64)
    time = np.arange(steps)
    # each spot twice at each step: before it is passed, and after
    before = np.arange(spots)[:, None] * steps + time
    after = before + spots * steps
    source, sink = 2 * spots * steps, 2 * spots * steps + 1
    delay = np.floor(net.slack_s / step_s + 1e-9).astype(np.int64)
    tails, heads, most = [before.ravel()], [after.ravel()], [np.repeat(width, steps)]
    tails.append(before[:, :-1].ravel())
    heads.append(before[:, 1:].ravel())
    most.append(np.full(spots * (steps - 1), everybody))
    for late in np.unique(delay[delay <= last]).tolist():
        some = np.flatnonzero(delay == late)
        tails.append(after[net.tails[some], : steps - late].ravel())
        heads.append(before[net.heads[some], late:].ravel())
        most.append(np.full(len(some) * (steps - late), everybody))
    tails.append(after[net.exits].ravel())
    heads.append(np.full(len(net.exits) * steps, sink))
    most.append(np.full(len(net.exits) * steps, everybody))
    tails.append(np.full(len(people), source))
    heads.append(before[net.sources, begin])
    most.append(people)
    shape = (2 * spots * steps + 2,) * 2
    graph = csr_array(
        (np.concatenate(most).astype(np.int32), (np.concatenate(tails), np.concatenate(heads))), shape=shape
    )
    return int(maximum_flow(graph, source, sink).flow_value) >= everybody
