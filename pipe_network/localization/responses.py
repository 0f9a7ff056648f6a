"""What a leak at each point of the network would do to the statistic.

To first order it is the leak's size by the response to water drawn. The second order comes of how head losses bend:
where a leak changes the flow of a pipe from Q to Q + δ, the loss differs from its tangent by a known amount, which acts
like an error of that pipe. Both cost one matrix product for all points together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.localization.districts import Districts
from pipe_network.localization.likelihood import Responses
from pipe_network.localization.statistic import Group, Prior, Statistic, conserving
from pipe_network.model import Network

Floats = NDArray[np.float64]
_POINT_EVERY_M: Final = 15.0
"""Near enough that a leak at the end of a pipe is not taken for one in the next: with a point every 40 m it was."""
_MOST_POINTS: Final = 8
_STILL_M3_PER_S: Final = 2e-5


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points that stand for the pipes.

    Attributes
    ----------
    pipe : (points,) row of the pipe
    start, end : (points,) rows of the pipe's nodes
    along_ratio : (points,) from start to end
    """

    pipe: NDArray[np.intp]
    start: NDArray[np.intp]
    end: NDArray[np.intp]
    along_ratio: Floats

    @property
    def first(self) -> NDArray[np.intp]:
        """(pipes,) each pipe's first point."""
        return np.flatnonzero(np.r_[True, np.diff(self.pipe) != 0])

    def of(self, pipe: int) -> "Points":
        """The points of one pipe, as its only one."""
        own = self.pipe == pipe
        return Points(np.zeros(own.sum(), dtype=np.intp), self.start[own], self.end[own], self.along_ratio[own])

    def between(self, at_nodes: Floats) -> Floats:
        """(points, ...) values between those of the nodes, (nodes, ...)."""
        along = self.along_ratio.reshape(-1, *(1,) * (at_nodes.ndim - 1))
        result: Floats = (1.0 - along) * at_nodes[self.start] + along * at_nodes[self.end]
        return result


def points(network: Network, *, every_m: float = _POINT_EVERY_M) -> Points:
    """Several points on long pipes, one on short ones."""
    rows = {n: k for k, n in enumerate(network.nodes)}
    counts = [int(np.clip(round(p.length_m / every_m), 1, _MOST_POINTS)) for p in network.pipes]
    pipe = np.repeat(np.arange(len(counts)), counts)
    starts = np.array([rows[p.start] for p in network.pipes])
    ends = np.array([rows[p.end] for p in network.pipes])
    along = np.concatenate([(np.arange(n) + 0.5) / n for n in counts])
    return Points(pipe, starts[pipe], ends[pipe], along)


def at_nodes(conserved: Floats, plain: Floats, network: Network) -> Floats:
    """(..., nodes) responses at every node, from those at junctions.

    Water lost at a reservoir or tank changes no head by itself, but was measured as inflow, so that less was drawn.
    """
    rows = {n: k for k, n in enumerate(network.nodes)}
    junctions = len(network.junctions)
    result = np.zeros((*conserved.shape[:-1], len(rows)))
    result[..., :junctions] = conserved
    for pipe in network.pipes:
        for fixed, other in ((rows[pipe.start], rows[pipe.end]), (rows[pipe.end], rows[pipe.start])):
            if fixed >= junctions > other:
                result[..., fixed] = conserved[..., other] - plain[..., other]
    return result


@dataclass(frozen=True, slots=True, eq=False)
class NodeResponses:
    """First-order responses, gathered by the statistic's weights.

    Attributes
    ----------
    heads : (sensors, nodes) [s/m2]
    flows_ratio : by group, for those that have it: (pipes, nodes) part of the leak that each pipe carries
    by_pipe : (sensors, pipes) what a pipe's flow being 1 m3/s more at the same loss does to the statistic [s/m2]
    flows_m3_per_s, deviations_m3_per_s : (pipes,) flow without the leak, and how uncertain it is
    exponents_ratio : power of the flow in the head loss
    """

    heads: Floats
    flows_ratio: dict[int, Floats]
    by_pipe: Floats
    flows_m3_per_s: Floats
    deviations_m3_per_s: Floats
    exponents_ratio: float


def node_responses(
    network: Network, groups: Sequence[Group], statistic: Statistic, districts: Districts, prior: Prior
) -> NodeResponses:
    """First-order responses of the statistic to a leak at each node."""
    weights = statistic.weights
    plain = np.einsum("kab,kbj->aj", weights, np.array([g.field.heads_by_draw for g in groups]))
    conserved = np.einsum("kab,kbj->aj", weights, np.array([g.draw for g in groups]))
    flows = {}
    for k, group in enumerate(groups):
        moves = group.field.flows_by_draw
        if moves is not None:
            moved = conserving(moves, group.demands_m3_per_s, districts.of_junction, districts.is_metered)
            flows[k] = at_nodes(moved, moves, network)
    chosen = sorted(flows)[len(flows) // 2]
    middle = groups[chosen]
    return NodeResponses(
        heads=at_nodes(conserved, plain, network),
        flows_ratio=flows,
        by_pipe=np.einsum("kab,kbi->ai", weights, np.array([g.field.heads_by_loss for g in groups])),
        flows_m3_per_s=middle.field.flows_m3_per_s,
        deviations_m3_per_s=flow_deviations_m3_per_s(middle, flows[chosen], prior, network),
        exponents_ratio=middle.field.exponents_ratio,
    )


def bends_m(groups: Sequence[Group], responses: NodeResponses, size_m3_per_s: float) -> Floats:
    """(groups, sensors, nodes) what a leak of a size does beyond the first order. [m]"""
    known = sorted(responses.flows_ratio)
    found = np.array([_bend_m(groups[k], responses.flows_ratio[k], size_m3_per_s) for k in known])
    result = np.empty((len(groups), *found.shape[1:]))
    for k in range(len(groups)):
        above = min(int(np.searchsorted(known, k)), len(known) - 1)
        below = max(above - 1, 0) if known[above] > k else above
        part = (k - known[below]) / max(known[above] - known[below], 1)
        result[k] = (1.0 - part) * found[below] + part * found[above]
    return result


def _bend_m(group: Group, ratio: Floats, size_m3_per_s: float) -> Floats:
    n = group.field.exponents_ratio
    flow = group.field.flows_m3_per_s[:, None]
    change = size_m3_per_s * ratio
    stiff = np.maximum(np.abs(flow), _STILL_M3_PER_S) ** (n - 1.0)
    total = flow + change
    beyond = (np.abs(total) ** (n - 1.0) * total - np.abs(flow) ** (n - 1.0) * flow) / (n * stiff) - change
    # where water stood, the tangent says nothing of the loss; what is added stays below the change itself
    np.clip(beyond, -np.abs(change), np.abs(change), out=beyond)
    result: Floats = -group.field.heads_by_loss @ beyond
    return result


def gathered(statistic: Statistic, by_group: Floats) -> Floats:
    """(nodes, sensors) what the statistic makes of (groups, sensors, nodes)."""
    result: Floats = np.einsum("kab,kbn->na", statistic.weights, by_group)
    return result


def flow_deviations_m3_per_s(group: Group, moved: Floats, prior: Prior, network: Network) -> Floats:
    """(pipes,) how uncertain the flow of each pipe is, for what one cannot know of demands and pipes.

    Parameters
    ----------
    moved : (pipes, nodes) part of a leak at a node that each pipe carries
    """
    junctions = len(network.junctions)
    by_demand = moved[:, :junctions] * group.demands_m3_per_s
    rows = {n: k for k, n in enumerate(network.nodes)}
    links = [network.links[p] for p in group.field.pipes]
    ends = np.array([(rows[p.start], rows[p.end]) for p in links])
    by_loss = (moved[:, ends[:, 0]] - moved[:, ends[:, 1]]) * (group.field.flows_m3_per_s / group.field.exponents_ratio)
    variance = prior.demand_ratio**2 * (by_demand**2).sum(axis=1) + prior.loss_ratio**2 * (by_loss**2).sum(axis=1)
    result: Floats = np.sqrt(variance)
    return result


def point_responses(
    where: Points, nodes: NodeResponses, gathered_m: Floats, *, size_m3_per_s: float, error_ratio: float
) -> Responses:
    """The responses at points.

    A pipe passes on its part of a leak with an error, because its resistance is not known, and because the flow it
    already carries is not: where little flows, a little more or less changes how steeply the loss rises.

    Parameters
    ----------
    gathered_m : (nodes, sensors) what is beyond the first order
    error_ratio : standard deviation of each pipe's relative error
    """
    sensors = len(nodes.by_pipe)
    first = where.first
    middle = nodes.flows_ratio[sorted(nodes.flows_ratio)[len(nodes.flows_ratio) // 2]]
    carried = 0.5 * (middle[:, where.start[first]] + middle[:, where.end[first]])
    unsure = nodes.deviations_m3_per_s[:, None] ** 2
    known = np.maximum(np.abs(nodes.flows_m3_per_s)[:, None], size_m3_per_s * np.abs(carried)) ** 2
    steepness = (nodes.exponents_ratio - 1.0) ** 2 * unsure / (known + unsure)
    upper = np.triu_indices(sensors)
    products = (nodes.by_pipe[upper[0]] * nodes.by_pipe[upper[1]]) @ (carried**2 * (error_ratio**2 + steepness))
    spread = np.empty((len(first), sensors, sensors))
    spread[:, upper[0], upper[1]] = spread[:, upper[1], upper[0]] = products.T
    return Responses(
        linear=where.between(nodes.heads.T),
        bent=where.between(gathered_m),
        bent_at_m3_per_s=size_m3_per_s,
        spread=spread,
        pipe=where.pipe,
    )
