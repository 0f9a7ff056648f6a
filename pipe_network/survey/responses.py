"""How the channels of a driven twin answer to a leak on each pipe, and how wrong that answer may be.

A leak is drawn from the middle of its pipe, and the consumers of its district draw so much less: the inflow has been
measured, so what leaks was counted as consumption before. Without this a signature points nowhere.

Pipes resist more or less than the model says. That changes what a leak does: by the head it costs along each pipe,
times that pipe's error. The errors of two leaks, or of two hours, are therefore alike where their water takes the
same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.model import Network, Pipe, Valve
from pipe_network.survey.driven import Drive, DrivenTwin

Floats = NDArray[np.float64]

_STEP_M3_PER_S: Final = 2.0 / 3600
"""Extra draw of the differences: large against what EPANET leaves unbalanced, small against what curves."""
_LEAST_LOSS_M: Final = 1e-5
_LEAST_FLOW_M3_PER_S: Final = 0.3 / 3600
_VALVE_M2_PER_S: Final = 10.0
"""An open valve costs next to nothing: a tenth of a metre for 1 m3/s."""


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """The linear answer around some typical moments, called blocks.

    Attributes
    ----------
    signatures : (pipes, blocks * channels) change of each channel for a leak of 1 m3/s [m s/m3, or m3/s per m3/s]
    paths : (blocks * channels, pipes) change for one metre more of head lost on a pipe
    losses : (blocks, pipes) head lost on each pipe now [m]
    lost : (blocks, pipes, pipes) head lost on each pipe (last axis) for a leak of 1 m3/s on each pipe [m s/m3]
    nodal : (blocks * channels, junctions) for a junction drawing all its present demand more, the others less
    """

    signatures: Floats
    paths: Floats
    losses: Floats
    lost: Floats
    nodal: Floats

    def of_error(self, pipe_row: int) -> Floats:
        """(blocks * channels, pipes) change of a leak's signature for a relative error of each pipe's resistance."""
        blocks = len(self.lost)
        channels = self.paths.shape[0] // blocks
        return self.paths * np.repeat(self.lost[:, pipe_row], channels, axis=0)

    def of_calibration(self) -> Floats:
        """(blocks * channels, pipes) change of the channels for a relative error of each pipe's resistance."""
        channels = self.paths.shape[0] // len(self.losses)
        return self.paths * np.repeat(self.losses, channels, axis=0)


def responses(twin: DrivenTwin, typical: Drive) -> Responses:
    """The answers around each moment of a drive; by EPANET's differences where there are special links."""
    network = twin.network
    sensors, sources = _places(twin)
    district_of = np.zeros(len(network.junctions), dtype=int)
    for z, part in enumerate(twin.districts):
        district_of[part.junctions] = z
    rows = {name: k for k, name in enumerate(twin.node_ids)}
    links = {name: k for k, name in enumerate(twin.link_ids)}
    ends = np.array([(rows[p.start], rows[p.end]) for p in network.pipes])
    pipes = np.array([links.get(p.id, -1) for p in network.pipes])
    heads0, flows0 = twin.solve_all(typical)
    if _is_simple(twin.cut):
        solved = [_solved(twin, h, q, sources) for h, q in zip(heads0, flows0, strict=True)]
        dh, df = (np.array([each[k] for each in solved]) for k in (0, 1))
    else:
        dh, df = _differences(twin, typical, heads0, flows0, sources)
    blocks, junctions = len(heads0), len(network.junctions)
    loss = heads0[:, ends[:, 0]] - heads0[:, ends[:, 1]]
    # what a pipe carries more for a metre more of head: the slope of Hazen and Williams' law
    carried = np.abs(flows0[:, pipes])
    conductance = np.where(pipes >= 0, carried / (1.852 * np.maximum(np.abs(loss), _LEAST_LOSS_M)), 0.0)
    demands = _demands_m3_per_s(twin, typical)
    # a balance shows a leak of its district as what it is, and no resistance changes that
    belongs = np.zeros((len(network.pipes), len(twin.balances)))
    for column, z in enumerate(twin.balances):
        belongs[twin.districts[z].pipes, column] = 1.0
    signatures, paths, lost, nodal = [], [], [], []
    for b in range(blocks):
        per_channel = np.vstack([dh[b][:, sensors].T, df[b].T])  # (channels, junctions)
        conserving, heads = _conserving(per_channel, dh[b].T, demands[b], district_of)
        mixed = _at_pipes(conserving, ends, junctions)
        signatures.append(np.hstack([mixed.T, belongs]))
        drop = _at_pipes(heads, ends, junctions)
        lost.append((drop[ends[:, 0]] - drop[ends[:, 1]]).T)
        full = _with_fixed(conserving, len(twin.node_ids))
        path = conductance[b] * (full[:, ends[:, 1]] - full[:, ends[:, 0]])
        for k, link in enumerate(sources):
            path[len(sensors) + k, pipes == link] -= conductance[b][pipes == link]
        paths.append(np.vstack([path, np.zeros((len(belongs.T), path.shape[1]))]))
        nodal.append(np.vstack([conserving * demands[b], np.zeros((len(belongs.T), junctions))]))
    return Responses(
        signatures=np.concatenate(signatures, axis=1),
        paths=np.concatenate(paths, axis=0),
        losses=loss,
        lost=np.array(lost),
        nodal=np.concatenate(nodal, axis=0),
    )


def _places(twin: DrivenTwin) -> tuple[list[int], list[int]]:
    rows = {name: k for k, name in enumerate(twin.node_ids)}
    links = {name: k for k, name in enumerate(twin.link_ids)}
    sensors = [rows[s] for s in twin.record.sensors]
    return sensors, [links[name] for name in twin.source_links]


def _differences(
    twin: DrivenTwin, typical: Drive, heads0: Floats, flows0: Floats, sources: Sequence[int]
) -> tuple[Floats, Floats]:
    """(blocks, junctions, nodes) and (blocks, junctions, sources): change for 1 m3/s more drawn at each junction."""
    heads, flows = [], []
    for row in range(len(twin.network.junctions)):
        draws = dict(typical.draws_m3_per_s)
        draws[row] = draws.get(row, 0.0) + _STEP_M3_PER_S * np.ones(len(heads0))
        h, q = twin.solve_all(replace(typical, draws_m3_per_s=draws))
        heads.append((h - heads0) / _STEP_M3_PER_S)
        flows.append((q[:, sources] - flows0[:, sources]) / _STEP_M3_PER_S)
    return np.array(heads).transpose(1, 0, 2), np.array(flows).transpose(1, 0, 2)


def _is_simple(network: Network) -> bool:
    """Whether all that carries water is plain pipes and valves that hold a pressure."""
    return (
        network.options.headloss == "H-W"
        and not network.pumps
        and all(p.status != "CV" and not p.minor_loss for p in network.pipes)
        and all(v.kind == "PRV" for v in network.valves)
        and not any(j.emitter_m3_per_s for j in network.junctions)
    )


def _slopes(twin: DrivenTwin, flows: Floats) -> Floats:
    """(links,) how much more each link of the cut network carries for a metre more of head. [m2/s]"""
    slopes = np.full(len(flows), _VALVE_M2_PER_S)
    for k, name in enumerate(twin.link_ids):
        pipe = twin.cut.links[name]
        if isinstance(pipe, Pipe):
            # Hazen and Williams in SI; a pipe at rest yields without end to nothing, but a leak is something
            resistance = 10.667 * pipe.roughness**-1.852 * pipe.diameter_m**-4.871 * pipe.length_m
            slopes[k] = 1 / (1.852 * resistance * max(abs(flows[k]), _LEAST_FLOW_M3_PER_S) ** 0.852)
            if pipe.status == "CLOSED":
                slopes[k] = 0.0
    return slopes


def _solved(twin: DrivenTwin, heads: Floats, flows: Floats, sources: Sequence[int]) -> tuple[Floats, Floats]:
    """(junctions, nodes) and (junctions, sources), as `_differences`, from the balances linearised around a state.

    Below a valve that holds its pressure the head is given and what is drawn passes to the node above it.
    """
    rows = {name: k for k, name in enumerate(twin.node_ids)}
    count, junctions = len(rows), len(twin.network.junctions)
    slopes = _slopes(twin, flows)
    balance, above = np.zeros((count, count)), np.eye(count)
    held = []
    for k, name in enumerate(twin.link_ids):
        link = twin.cut.links[name]
        a, b, slope = rows[link.start], rows[link.end], slopes[k]
        if isinstance(link, Valve):
            ground = twin.network.nodes[link.end].elevation_m
            if flows[k] > 0 and abs(heads[b] - ground - link.setting) < 1e-3:
                held.append((a, b))
                continue
        balance[[a, b, a, b], [a, b, b, a]] += [slope, slope, -slope, -slope]
    drawn = -above[:, :junctions]
    for a, b in held:
        balance[a] += balance[b]
        drawn[a] += drawn[b]
        balance[b], drawn[b] = 0.0, 0.0
        balance[b, b] = 1.0
    for k in range(junctions, count):
        balance[k], drawn[k] = 0.0, 0.0
        balance[k, k] = 1.0
    change = np.linalg.solve(balance, drawn)
    of_sources = [
        slopes[k] * (change[rows[link.start]] - change[rows[link.end]])
        for k in sources
        for link in [twin.cut.links[twin.link_ids[k]]]
    ]
    by_source: Floats = np.array(of_sources, dtype=np.float64).reshape(len(sources), junctions).T
    by_node: Floats = np.asarray(change.T, dtype=np.float64)
    return by_node, by_source


def _demands_m3_per_s(twin: DrivenTwin, drive: Drive) -> Floats:
    """(t, junctions) what consumers draw."""
    result = np.zeros((len(drive.drawn_m3_per_s), len(twin.network.junctions)))
    for z, part in enumerate(twin.districts):
        bases = np.stack([base[part.junctions] for base in twin.bases.values()])
        result[:, part.junctions] = drive.multipliers[:, z] @ bases
    return result


def _conserving(
    per_channel: Floats, heads: Floats, demands: Floats, district_of: NDArray[np.int_]
) -> tuple[Floats, Floats]:
    """The same answers where the other consumers of the district draw so much less."""
    results = []
    for values in (per_channel, heads):
        changed = values.copy()
        for z in np.unique(district_of):
            own = district_of == z
            share = np.where(own, demands, 0.0) / max(demands[own].sum(), 1e-12)
            changed[:, own] -= (values @ share)[:, None]
        results.append(changed)
    return results[0], results[1]


def _with_fixed(values: Floats, count: int) -> Floats:
    """With columns of zeros for the nodes that are no junctions."""
    return np.pad(values, ((0, 0), (0, count - values.shape[1])))


def _at_pipes(values: Floats, ends: NDArray[np.intp], junctions: int) -> Floats:
    """(rows, pipes) answers to a draw in the middle of each pipe; a fixed head at an end takes its half unseen."""
    padded = _with_fixed(values, max(int(ends.max()) + 1, junctions))
    result: Floats = (padded[:, ends[:, 0]] + padded[:, ends[:, 1]]) / 2
    return result


def blocks_of_day(edges_h: Sequence[int]) -> tuple[NDArray[np.intp], ...]:
    """Hours of a day between each edge and the next, the last going round to the first.

    Examples
    --------
    >>> [b.tolist() for b in blocks_of_day([6, 22])]
    [[6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21], [22, 23, 0, 1, 2, 3, 4, 5]]
    """
    following = (*edges_h[1:], edges_h[0] + 24)
    return tuple(np.arange(a, b, dtype=np.intp) % 24 for a, b in zip(edges_h, following, strict=True))
