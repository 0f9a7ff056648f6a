"""What feeds a point of a network, what it feeds, and what hangs together with it.

Which way water goes comes from a solved state, from gravity, or from the distance to a source; then a trace is a walk
over the links that lead on.
"""

import math
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from pipe_network.errors import PipeNetworkError, UnknownElementError
from pipe_network.model import Network, Pipe, Pump

Floats = NDArray[np.float64]
Direction = Literal["upstream", "downstream", "connected"]
Ways = Mapping[str, tuple[bool, bool]]
"""Link to whether anything goes from its start to its end, and back."""

STANDING_M3_PER_S: Final = 1e-7
"""Below 0.4 L an hour EPANET's own rounding decides the sign."""
_LEVEL_M: Final = 0.0005


class TraceError(PipeNetworkError, ValueError):
    """A trace that has no answer."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What a walk from a point reaches.

    Attributes
    ----------
    links, nodes : in the order they are reached, the first with where it began
    ends : nodes at which it goes no further: sources upstream, taps and dead ends downstream
    length_m : of the pipes
    """

    links: tuple[str, ...]
    nodes: tuple[str, ...]
    ends: tuple[str, ...]
    length_m: float


def ways_by_flow(network: Network, link_ids: Sequence[str], flows_m3_per_s: Floats) -> Ways:
    """Which way water goes through each link over a solved course; where it stands, away from the sources.

    Parameters
    ----------
    link_ids : (k,) of the columns
    flows_m3_per_s : (t, k) or (k,), from start to end

    Notes
    -----
    A pipe of a ring may run one way in the morning and back at night: it then leads both ways.
    """
    flows = np.atleast_2d(flows_m3_per_s)
    most, least = flows.max(axis=0).tolist(), flows.min(axis=0).tolist()
    leads = {k: (a > STANDING_M3_PER_S, b < -STANDING_M3_PER_S) for k, a, b in zip(link_ids, most, least, strict=True)}
    solved = {name: way for name, way in leads.items() if any(way)}
    roots = [*(r.id for r in network.reservoirs), *(t.id for t in network.tanks)]
    return {**ways_from(network, roots), **solved}


def ways_by_gravity(network: Network, outlets: Collection[str] = ()) -> Ways:
    r"""Which way a link falls; a level one leads towards the nearest outlet, or both ways without one.

    Parameters
    ----------
    outlets : nodes that all runs to: they count as lowest, since the head of a receiving water tells no invert

    Examples
    --------
    >>> from pipe_network.inp import parse
    >>> net = parse("[JUNCTIONS]\na 3\nb 2\nc 2\n[RESERVOIRS]\nr 9\n[PIPES]\np r a 9 9 9\nq b a 9 9 9\ns b c 9 9 9\n")
    >>> ways_by_gravity(net)
    {'p': (True, False), 'q': (False, True), 's': (True, True)}
    """
    heights_m = {n.id: -math.inf if n.id in outlets else n.elevation_m for n in network.nodes.values()}
    away = ways_from(network, outlets) if outlets else {}
    found: dict[str, tuple[bool, bool]] = {}
    for link in network.links.values():
        start_m, end_m = heights_m[link.start], heights_m[link.end]
        if math.isclose(start_m, end_m, abs_tol=_LEVEL_M):
            from_start, from_end = away.get(link.id, (True, True))
            found[link.id] = (from_end, from_start)  # what leads away from the outlet is passed the other way
        else:
            found[link.id] = (start_m > end_m, end_m > start_m)
    return found


def ways_from(network: Network, roots: Iterable[str]) -> Ways:
    """Away from the roots, by the number of links to the nearest; between equally far nodes both ways.

    What no root reaches leads both ways.
    """
    near = _neighbours(network, ())
    steps = dict.fromkeys(roots, 0)
    todo = deque(steps)
    while todo:
        at = todo.popleft()
        for _, other in near.get(at, ()):
            if other not in steps:
                steps[other] = steps[at] + 1
                todo.append(other)
    far = len(network.nodes) + 1
    found = {k.id: (steps.get(k.start, far), steps.get(k.end, far)) for k in network.links.values()}
    return {name: (a <= b, b <= a) for name, (a, b) in found.items()}


def trace(
    network: Network, start: str, direction: Direction, *, ways: Ways | None = None, closed: Collection[str] = ()
) -> Trace:
    r"""What is upstream or downstream of a node or link, or connected with it; never through a closed link.

    Parameters
    ----------
    start : a node, or else a link; of a link all of it belongs to the trace
    ways : which way each link leads; without them every link leads both ways. A check valve leads forward only, and a
        pump too, whatever they say.
    closed : links that nothing passes

    Raises
    ------
    UnknownElementError
        If the network has neither such a node nor such a link.
    TraceError
        If the link to start from is closed.

    Examples
    --------
    >>> from pipe_network.inp import parse
    >>> net = parse("[JUNCTIONS]\na 3\nb 2\nc 2\n[RESERVOIRS]\nr 9\n[PIPES]\np r a 9 9 9\nq a b 9 9 9\ns b c 9 9 9\n")
    >>> trace(net, "q", "downstream", ways=ways_by_gravity(net)).nodes, trace(net, "q", "connected", closed=["s"]).ends
    (('b', 'c'), ('b', 'r'))
    """
    for name in closed:
        if name not in network.links:
            raise UnknownElementError("link", name)
    near = _directed(network, direction, ways or {}, frozenset(closed))
    begin, links = _begin(network, start, direction, ways or {}, frozenset(closed))
    came = dict.fromkeys(begin, links[0] if links else "")
    passed = dict.fromkeys(links)
    todo = deque(came)
    while todo:
        for link, other in near.get(todo.popleft(), ()):
            passed[link] = None
            if other not in came:
                came[other] = link
                todo.append(other)
    ends = tuple(node for node, link in came.items() if all(on == link for on, _ in near.get(node, ())))
    lengths_m = (k.length_m for k in map(network.links.__getitem__, passed) if isinstance(k, Pipe))
    return Trace(tuple(passed), tuple(came), ends, float(sum(lengths_m)))


def _one_way(network: Network, link: str) -> bool:
    found = network.links[link]
    return isinstance(found, Pump) or (isinstance(found, Pipe) and found.status == "CV")


def _leads(network: Network, link: str, ways: Ways) -> tuple[bool, bool]:
    forward, back = ways.get(link, (True, True))
    return (True, False) if _one_way(network, link) else (forward, back)


def _neighbours(network: Network, closed: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    near: dict[str, list[tuple[str, str]]] = {}
    for link in network.links.values():
        if link.id not in closed:
            near.setdefault(link.start, []).append((link.id, link.end))
            near.setdefault(link.end, []).append((link.id, link.start))
    return near


def _directed(
    network: Network, direction: Direction, ways: Ways, closed: Collection[str]
) -> dict[str, list[tuple[str, str]]]:
    if direction == "connected":
        return _neighbours(network, closed)
    near: dict[str, list[tuple[str, str]]] = {}
    for link in network.links.values():
        forward, back = _leads(network, link.id, ways)
        if direction == "upstream":
            forward, back = back, forward
        if link.id in closed:
            continue
        if forward:
            near.setdefault(link.start, []).append((link.id, link.end))
        if back:
            near.setdefault(link.end, []).append((link.id, link.start))
    return near


def _begin(
    network: Network, start: str, direction: Direction, ways: Ways, closed: Collection[str]
) -> tuple[list[str], list[str]]:
    """The nodes a trace begins at, and the link it begins on."""
    if start in network.nodes:
        return [start], []
    if start not in network.links:
        raise UnknownElementError("node or link", start)
    if start in closed:
        raise TraceError(f"link {start!r} is closed, nothing passes it; start from one of its ends")
    link = network.links[start]
    if direction == "connected":
        return [link.start, link.end], [start]
    forward, back = _leads(network, start, ways)
    if direction == "upstream":
        forward, back = back, forward
    return [n for n, leads in ((link.end, forward), (link.start, back)) if leads], [start]
