"""How far pipes are from each other, along the network."""

import numpy as np
from numpy.typing import NDArray

from pipe_network.model import Network

Floats = NDArray[np.float64]


def pipe_distances_m(network: Network) -> Floats:
    r"""(pipes, pipes) way along the network from the middle of each pipe to that of each other; infinite if apart.

    Valves and pumps are passed and have no length. This is the distance the BattLeDIM competition scores by.

    Examples
    --------
    >>> from pipe_network.inp import parse
    >>> text = "[JUNCTIONS]\na 1\nb 1\n[RESERVOIRS]\nr 50\n[PIPES]\np r a 100 150 130\nq a b 60 150 130\n"
    >>> pipe_distances_m(parse(text + "[OPTIONS]\nUNITS CMH\n")).tolist()
    [[0.0, 80.0], [80.0, 0.0]]
    """
    from scipy.sparse import coo_array  # noqa: PLC0415 - weighs on `plumbline --help`
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

    rows = {name: k for k, name in enumerate(network.nodes)}
    ends = np.array([(rows[k.start], rows[k.end]) for k in network.links.values()])
    # an explicit zero would be no edge at all
    lengths = np.array([getattr(k, "length_m", 0.0) or 1e-9 for k in network.links.values()])
    shape = (len(rows), len(rows))
    first, last = ends.min(axis=1), ends.max(axis=1)
    order = np.lexsort((lengths, last, first))
    # of parallel links only the shortest counts; a sparse matrix would add them up
    keep = order[np.r_[True, (np.diff(first[order]) != 0) | (np.diff(last[order]) != 0)]]
    graph = coo_array((lengths[keep], (first[keep], last[keep])), shape=shape).tocsr()
    nodes_m = dijkstra(graph, directed=False)
    pipes = np.array([(rows[p.start], rows[p.end]) for p in network.pipes])
    half_m = np.array([p.length_m for p in network.pipes]) / 2
    between = np.min([nodes_m[np.ix_(pipes[:, a], pipes[:, b])] for a in (0, 1) for b in (0, 1)], axis=0)
    result: Floats = between + half_m[:, None] + half_m[None, :]
    np.fill_diagonal(result, 0.0)
    return result
