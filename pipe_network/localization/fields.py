"""What small changes do to the heads of a solved network: water drawn, and pipes that resist otherwise than thought.

At a solved state the heads H obey A f(AᵀH) = d, and small changes obey J δH = δd with the sparse J = A g Aᵀ, g the
slope of each link's flow by its head loss.

References
----------
E. Todini and S. Pilati, "A gradient algorithm for the analysis of pipe networks" (1988): J.
L. Rossman et al., EPANET 2.2 User Manual, EPA/600/R-20/133 (2020), chapter 12: the head-loss formulas.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.model import Link, Network, Pipe, Pump, Valve

if TYPE_CHECKING:
    from scipy.sparse import csc_array, csr_array
    from scipy.sparse.linalg import SuperLU

Floats = NDArray[np.float64]
_HAZEN_WILLIAMS: Final = 1.852
_EXPONENTS: Final = {"H-W": _HAZEN_WILLIAMS, "D-W": 2.0, "C-M": 2.0}
_STILL_M3_PER_S: Final = 1e-5
"""Pipes that pass less respond as if they passed this: where water stands the slope of the formulas is infinite."""
_STIFF: Final = 1e3
"""Flow by head loss of an open valve without resistance. [m2/s]"""
_AT_SETTING_M: Final = 2e-3
FLOW_AS_HEAD: Final = 72.0
"""Metres that a flow of 1 m3/s of an inlet counts as: a cubic metre an hour, what a meter of a town errs by, is then as
much as a pressure sensor errs by, two centimetres. [s/m2]"""
_CUT_OFF: Final = 1e-12
"""What is cut off from every source has no head; this keeps the rest solvable. [m2/s]"""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Responses of one state.

    Attributes
    ----------
    heads_by_draw : (sensors, junctions) change of head for one more m3/s drawn; not above 0 [s/m2]
    flows_by_draw : (pipes, junctions) change of a pipe's flow for one more m3/s drawn, if it was asked for [-]
    heads_by_loss : (sensors, pipes) change of head, in m, if a pipe's flow were thought smaller by 1 m3/s at the
        same head loss [s/m2]
    pipes : ids of the pipes of the network solved
    flows_m3_per_s : (pipes,)
    exponents_ratio : (pipes,) power of the flow in the head loss
    """

    pipes: tuple[str, ...]
    heads_by_draw: Floats
    flows_by_draw: Floats | None
    heads_by_loss: Floats
    flows_m3_per_s: Floats
    exponents_ratio: float


def field(
    network: Network,
    heads_m: Floats,
    flows_m3_per_s: Floats,
    sensors: tuple[str, ...],
    *,
    inlets: tuple[str, ...] = (),
    with_flows: bool = False,
) -> Field:
    """The responses of a solved state.

    Parameters
    ----------
    heads_m, flows_m3_per_s : (nodes,) and (links,) in the network's order
    inlets : pipes whose flow counts as further sensors' heads, by `FLOW_AS_HEAD`
    """
    from scipy.sparse.linalg import splu  # noqa: PLC0415 - weighs on `plumbline --help`

    rows = {n: k for k, n in enumerate(network.nodes)}
    links = list(network.links.values())
    junctions = len(network.junctions)
    start, end = np.array([(rows[k.start], rows[k.end]) for k in links]).T
    losses_m = heads_m[start] - heads_m[end]
    exponent = _EXPONENTS[network.options.headloss]
    slopes = np.array(
        [_slope(network, k, q, h, exponent) for k, q, h in zip(links, flows_m3_per_s, losses_m, strict=True)]
    )
    moved_to = np.arange(junctions)
    for k, link in enumerate(links):
        node = _held_node(link, flows_m3_per_s[k], heads_m, rows, network)
        if node is not None and node < junctions:
            slopes[k] = 0.0
            other = int(end[k] if start[k] == node else start[k])
            moved_to[node] = other if other < junctions else -1
    matrix, counted = _jacobian(start, end, slopes, moved_to)
    factor = splu(matrix)
    fixed = np.zeros((len(rows) - junctions, junctions))
    pipes = np.array([k for k, x in enumerate(links) if isinstance(x, Pipe)], dtype=np.intp)
    at = np.array([rows[s] for s in sensors])
    by_draw = np.zeros((len(at), junctions))
    inner = np.flatnonzero(at < junctions)
    wanted = np.zeros((junctions, len(inner)))
    wanted[at[inner], np.arange(len(inner))] = 1.0
    # one transposed solve for each sensor instead of one for each junction
    by_draw[inner] = -(counted.T @ factor.solve(wanted, trans="T")).T
    flows_by_draw = None
    if with_flows:
        padded = np.vstack([-factor.solve(counted.toarray()), fixed])
        flows_by_draw = slopes[pipes, None] * (padded[start[pipes]] - padded[end[pipes]])
    if inlets:
        by_draw = np.vstack([by_draw, _inlet_rows(network, inlets, (start, end, slopes), factor, counted)])
    everywhere = np.hstack([by_draw, np.zeros((len(by_draw), len(rows) - junctions))])
    by_loss = everywhere[:, start[pipes]] - everywhere[:, end[pipes]]
    order = {p.id: k for k, p in enumerate(network.pipes)}
    for k, name in enumerate(inlets, len(sensors)):
        by_loss[k, order[name]] += FLOW_AS_HEAD  # an error of the pipe itself changes its flow at once
    return Field(
        pipes=tuple(p.id for p in network.pipes),
        heads_by_draw=by_draw,
        flows_by_draw=flows_by_draw,
        heads_by_loss=by_loss,
        flows_m3_per_s=flows_m3_per_s[pipes],
        exponents_ratio=exponent,
    )


def _inlet_rows(
    network: Network,
    inlets: tuple[str, ...],
    by_link: tuple[NDArray[np.intp], NDArray[np.intp], Floats],
    factor: "SuperLU",
    counted: "csr_array",
) -> Floats:
    """(inlets, junctions) what one more m3/s drawn does to the flow of some pipes, as heads."""
    start, end, slopes = by_link
    junctions = counted.shape[0]
    links = {name: k for k, name in enumerate(network.links)}
    wanted = np.zeros((junctions, len(inlets)))
    for k, name in enumerate(inlets):
        row = links[name]
        for node, sign in ((start[row], 1.0), (end[row], -1.0)):
            if node < junctions:
                wanted[node, k] += sign * slopes[row] * FLOW_AS_HEAD
    rows: Floats = -(counted.T @ factor.solve(wanted, trans="T")).T
    return rows


def _jacobian(
    start: NDArray[np.intp], end: NDArray[np.intp], slopes: Floats, moved_to: NDArray[np.intp]
) -> tuple["csc_array", "csr_array"]:
    """The matrix J, and (junctions, junctions) in which row's balance each junction's draw is counted.

    Parameters
    ----------
    moved_to : (junctions,) of a node whose head a valve holds, the node on the valve's other side, -1 for a source:
        what is drawn at the one is drawn at the other, and the head stays as it is
    """
    from scipy.sparse import coo_array, diags_array  # noqa: PLC0415 - weighs on `plumbline --help`

    size = len(moved_to)
    diagonal = np.full(size, _CUT_OFF)
    for ends in (start, end):
        inner = ends < size
        np.add.at(diagonal, ends[inner], slopes[inner])
    both = (start < size) & (end < size)
    i = np.concatenate([start[both], end[both], np.arange(size)])
    j = np.concatenate([end[both], start[both], np.arange(size)])
    values = np.concatenate([-slopes[both], -slopes[both], diagonal])
    matrix = coo_array((values, (i, j)), shape=(size, size)).tocsr()
    target = np.arange(size)
    held = np.flatnonzero(moved_to != target)
    for node in held:
        seen, to = {int(node)}, int(moved_to[node])
        while to >= 0 and moved_to[to] != to and to not in seen:  # valves one after the other
            seen.add(to)
            to = int(moved_to[to])
        target[node] = to
    used = np.flatnonzero(target >= 0)
    counted = coo_array((np.ones(len(used)), (target[used], used)), shape=(size, size)).tocsr()
    own_head = np.zeros(size)
    own_head[held] = 1.0
    return (counted @ matrix + diags_array(own_head)).tocsc(), counted


def _slope(network: Network, link: Link, flow: float, loss_m: float, exponent: float) -> float:
    """Flow by head loss of one link. [m2/s]"""
    q = abs(flow)
    if isinstance(link, Pipe):
        if link.status == "CLOSED" or (link.status == "CV" and q < 1e-9):
            return 0.0
        if network.options.headloss == "H-W":
            r = 10.667 * link.length_m / (link.roughness**_HAZEN_WILLIAMS * link.diameter_m**4.871)
            m = 8.0 * link.minor_loss / (9.80665 * np.pi**2 * link.diameter_m**4)
            q = max(q, _STILL_M3_PER_S)
            return float(1.0 / (_HAZEN_WILLIAMS * r * q ** (_HAZEN_WILLIAMS - 1.0) + 2.0 * m * q))
        return float(min(max(q, _STILL_M3_PER_S) / (exponent * max(abs(loss_m), 1e-9)), _STIFF))
    if isinstance(link, Pump):
        return _pump_slope(network, link, q, -loss_m)
    if link.status == "CLOSED" or q < 1e-9 or link.kind == "FCV":
        return 0.0
    return float(min(q / (2.0 * max(abs(loss_m), 1e-9)), _STIFF))


def _pump_slope(network: Network, pump: Pump, flow: float, lift_m: float) -> float:
    if flow < 1e-9 or pump.status == "CLOSED":
        return 0.0
    curve = next((c for c in network.curves if c.id == pump.head_curve), None)
    if curve is None:  # constant power: lift times flow is constant
        return float(flow / max(lift_m, 1e-6))
    points = np.array(curve.points)
    if len(points) == 1:
        q0, h0 = points[0]
        points = np.array([(0.0, 4.0 * h0 / 3.0), (q0, h0), (2.0 * q0, 0.0)])
    falls = np.gradient(points[:, 1], points[:, 0])
    return float(1.0 / max(-np.interp(flow, points[:, 0], falls), 1e-3))


def _held_node(link: Link, flow: float, heads_m: Floats, rows: dict[str, int], network: Network) -> int | None:
    """The node whose head an active valve holds."""
    if not isinstance(link, Valve) or link.status != "ACTIVE" or abs(flow) < 1e-9:
        return None
    if link.kind not in {"PRV", "PSV"}:
        return None
    node = link.end if link.kind == "PRV" else link.start
    above_m = heads_m[rows[node]] - network.nodes[node].elevation_m
    return rows[node] if abs(above_m - link.setting) < _AT_SETTING_M else None
