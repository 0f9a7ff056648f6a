"""The evidence on every pipe and size: first by the second order for all, then by EPANET for the strongest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.localization import responses
from pipe_network.localization.districts import Districts
from pipe_network.localization.inflow import Rise
from pipe_network.localization.likelihood import Responses, disagreements, log_likelihoods
from pipe_network.localization.refinement import Moments, changes_m
from pipe_network.localization.statistic import Group, Prior, Statistic
from pipe_network.model import Network
from pipe_network.posterior import (
    SIZES_M3_PER_S,
    Candidates,
    Evidence,
    Posterior,
    combine,
    quadratic_evidence,
    size_interval_m3_per_s,
)

Floats = NDArray[np.float64]
_REFINED_RATIO: Final = 0.995
_CHOOSING_RATIO: Final = 0.6
"""Candidates to be solved are chosen as if responses were this uncertain, since those of the second order are."""
_SOLVED_GROUPS: Final = 4
_SIZE_RANGE: Final = (0.02, 8.0)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What the evidence is made of."""

    network: Network
    districts: Districts
    sensors: Sequence[str]
    groups: Sequence[Group]
    statistic: Statistic
    rise: Rise
    moments: Moments
    points: responses.Points


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Evidence, what it makes together, and (sensors,) how far each is from it, in standard deviations."""

    evidence: tuple[Evidence, Evidence]
    posterior: Posterior
    disagreements: Floats


def weigh(scene: Scene, candidates: Candidates, *, prior: Prior, error_ratio: float, most_refined: int) -> Weighed:
    """Evidence of the pressures and of the inflow, with their posterior.

    Parameters
    ----------
    prior : how far the model's lasting errors go
    error_ratio : standard deviation of each pipe's relative error in passing on the leak
    most_refined : nodes solved by EPANET at most
    """
    middles = responses.points(scene.network, every_m=np.inf)  # enough to choose by
    by_inflow = _inflow_evidence(scene)
    nodes = responses.node_responses(scene.network, scene.groups, scene.statistic, scene.districts, prior)

    def by_pressure(where: responses.Points, bent_m: Floats, size: float, ratio: float) -> Evidence:
        gathered = responses.gathered(scene.statistic, bent_m)
        at = responses.point_responses(where, nodes, gathered, size_m3_per_s=size, error_ratio=ratio)
        each = _on_grid(scene.statistic, at, size)
        return Evidence("pressure", "pressures", _over_points(each, where.pipe, len(candidates)))

    size = _first_size(scene, candidates, nodes, by_inflow)
    bent_m = responses.bends_m(scene.groups, nodes, size)
    rough = combine(candidates, [by_pressure(middles, bent_m, size, _CHOOSING_RATIO), by_inflow])
    size = size_interval_m3_per_s(rough)[1]  # the bend is taken at about the size that comes out
    bent_m = responses.bends_m(scene.groups, nodes, size)
    chosen = _strongest(scene.network, rough, most_refined)
    if chosen:
        _solve_inplace(bent_m, scene, chosen, size)
    evidence = (by_pressure(scene.points, bent_m, size, error_ratio), by_inflow)
    posterior = combine(candidates, evidence)
    likeliest = int(np.argmax(posterior.probability_ratio))
    size = size_interval_m3_per_s(posterior)[1]
    apart = _apart(scene, bent_m, likeliest, size_m3_per_s=size, prior=prior, error_ratio=error_ratio)
    return Weighed(evidence, posterior, apart)


def _apart(
    scene: Scene, bent_m: Floats, pipe: int, *, size_m3_per_s: float, prior: Prior, error_ratio: float
) -> Floats:
    """(sensors,) how far each is from what the others and a leak in the middle of a pipe make likely."""
    told = scene.statistic.by_sensor or scene.statistic
    nodes = responses.node_responses(scene.network, scene.groups, told, scene.districts, prior)
    where = scene.points.of(pipe)
    gathered = responses.gathered(told, bent_m)
    at = responses.point_responses(where, nodes, gathered, size_m3_per_s=size_m3_per_s, error_ratio=error_ratio)
    return disagreements(told.value_m, told.covariance, at, len(where.pipe) // 2, size_m3_per_s)


def _inflow_evidence(scene: Scene) -> Evidence:
    of_node = {j.id: int(d) for j, d in zip(scene.network.junctions, scene.districts.of_junction, strict=True)}
    of_pipe = np.array([of_node.get(p.start, of_node.get(p.end, -1)) for p in scene.network.pipes])
    told = np.zeros((len(of_pipe), len(SIZES_M3_PER_S)))
    for d in np.flatnonzero(np.isfinite(scene.rise.mean_m3_per_s)):
        variance = max(float(scene.rise.deviation_m3_per_s[d]) ** 2, 1e-16)
        told[of_pipe == d] = quadratic_evidence([scene.rise.mean_m3_per_s[d] / variance], [1.0 / variance])
    return Evidence("balance", "inflow", told)


def _first_size(scene: Scene, candidates: Candidates, nodes: responses.NodeResponses, by_inflow: Evidence) -> float:
    """A size to begin with: the best of the first order, with what the inflow says of it."""
    inverse = np.linalg.inv(scene.statistic.covariance)
    slope = nodes.heads.T @ (inverse @ scene.statistic.value_m)
    curvature = np.einsum("sn,st,tn->n", nodes.heads, inverse, nodes.heads)
    rows = {n: k for k, n in enumerate(scene.network.nodes)}
    ends = np.array([(rows[p.start], rows[p.end]) for p in scene.network.pipes])
    linear = quadratic_evidence(slope[ends].mean(axis=1), np.maximum(curvature[ends].mean(axis=1), 1e-12))
    posterior = combine(candidates, [Evidence("pressure", "first", linear), by_inflow])
    return size_interval_m3_per_s(posterior)[1]


def _strongest(network: Network, posterior: Posterior, most: int) -> list[int]:
    """Junctions at the ends of the likeliest pipes that together hold nearly all of the probability."""
    rows = {j.id: k for k, j in enumerate(network.junctions)}
    chosen: dict[int, None] = {}
    held = 0.0
    for k in np.argsort(-posterior.probability_ratio, kind="stable"):
        if held >= _REFINED_RATIO or len(chosen) >= most:
            break
        pipe = network.pipes[k]
        chosen |= dict.fromkeys(rows[n] for n in (pipe.start, pipe.end) if n in rows)
        held += float(posterior.probability_ratio[k])
    return list(chosen)


def _solve_inplace(bent_m: Floats, scene: Scene, chosen: Sequence[int], size_m3_per_s: float) -> None:
    """Put what EPANET finds into the bends of some nodes; between the solved groups its difference is interpolated."""
    count = len(scene.groups)
    solved = sorted({round(k) for k in np.linspace(0, count - 1, min(_SOLVED_GROUPS, count))})
    moments = scene.moments.taken(solved)
    changes = changes_m(moments, scene.districts, chosen, scene.sensors, size_m3_per_s)
    for node, heads_m in changes.items():
        first = np.array([size_m3_per_s * scene.groups[k].draw[:, node] for k in solved])
        missing = heads_m - first - bent_m[solved, :, node]
        for s in range(bent_m.shape[1]):
            bent_m[:, s, node] += np.interp(np.arange(count), solved, missing[:, s])


def _on_grid(statistic: Statistic, at: Responses, size_m3_per_s: float) -> Floats:
    """(points, sizes) on the common sizes, worked out where the size may be.

    Far below, a likelihood is that of no leak, which it comes to in proportion; far above, it has fallen as the
    responses have outgrown the observations, and is not let rise again.
    """
    low, high = _SIZE_RANGE
    near = (size_m3_per_s * low <= SIZES_M3_PER_S) & (size_m3_per_s * high >= SIZES_M3_PER_S)
    rows = np.flatnonzero(near)
    each = log_likelihoods(statistic.value_m, statistic.covariance, at, SIZES_M3_PER_S[near])
    result = np.empty((len(each), len(SIZES_M3_PER_S)))
    result[:, near] = each
    small, large = slice(0, rows[0]), slice(rows[-1] + 1, None)
    result[:, small] = each[:, :1] * (SIZES_M3_PER_S[small] / SIZES_M3_PER_S[rows[0]])
    result[:, large] = np.minimum(each[:, -1:], 0.0) * (SIZES_M3_PER_S[large] / SIZES_M3_PER_S[rows[-1]])
    return result


def _over_points(each: Floats, pipe: NDArray[np.intp], count: int) -> Floats:
    """(pipes, sizes) log of the mean likelihood over each pipe's points."""
    first = np.flatnonzero(np.r_[True, np.diff(pipe) != 0])
    top = np.maximum.reduceat(each, first, axis=0)
    total = np.add.reduceat(np.exp(each - top[pipe]), first, axis=0)
    result: Floats = top + np.log(total / np.bincount(pipe, minlength=count)[:, None])
    return result
