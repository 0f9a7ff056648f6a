"""What the pressures say of a leak, as a few numbers with their covariance.

Steps are grouped by how much is drawn, since alike states respond alike. Every group gives a mean residual for each
sensor, before and after the onset. Both hold the same lasting errors: of the sensor, of the demands, of the pipes.
These are Gaussian with known responses, so what the time before teaches of them is subtracted from the time after,
with what remains uncertain of it. The groups are then weighed together to the few combinations in which leaks stand
out of the noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.localization.fields import Field
from pipe_network.localization.noise import Noise

Floats = NDArray[np.float64]
_STEADY: Final = 1e-9
_MOST_MODES: Final = 33
"""Combinations of group means that are kept: those in which leaks show most. More tell hardly more, and cost."""


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """How far the model's lasting errors go beforehand: standard deviations.

    Attributes
    ----------
    demand_ratio : of each junction's mean demand
    loss_ratio : of each pipe's head loss at a flow
    offset_m : of each sensor's own lasting error, that of its elevation included
    """

    demand_ratio: float = 0.15
    loss_ratio: float = 0.2
    offset_m: float = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Steps that are alike.

    Attributes
    ----------
    field : responses
    draw : (sensors, junctions) change of head for one more m3/s lost there, the inflow being given [s/m2]
    demands_m3_per_s : (junctions,)
    shares : (districts, junctions) part of what is drawn in each district
    """

    field: Field
    draw: Floats
    demands_m3_per_s: Floats
    by_inflow: Floats

    @property
    def by_demand(self) -> Floats:
        """(sensors, junctions) change of head for a relative deviation of 1 of each junction's demand. [m]"""
        result: Floats = self.draw * self.demands_m3_per_s
        return result

    @property
    def by_pipe(self) -> Floats:
        """(sensors, pipes) change of head for a relative error of 1 of each pipe's head loss. [m]"""
        result: Floats = -self.field.heads_by_loss * self.field.flows_m3_per_s / self.field.exponents_ratio
        return result


@dataclass(frozen=True, slots=True, eq=False)
class Statistic:
    """A linear statistic of the residuals after the onset.

    Attributes
    ----------
    value_m : (k,) modes, or sensors
    covariance : (k, k) of it without a leak [m2]
    weights : (groups, k, s) by which group means make it, so that of a leak it is the sum of weights @ response
    misfit_ratio : variance of what it leaves out, by what was expected of that
    by_sensor : the same gathered to one number a sensor
    """

    value_m: Floats
    covariance: Floats
    weights: Floats
    misfit_ratio: float
    by_sensor: "Statistic | None" = None


def conserving(
    heads_by_draw: Floats, demands_m3_per_s: Floats, of_junction: NDArray[np.intp], is_metered: NDArray[np.bool_]
) -> Floats:
    """Responses to losses that are part of a given inflow: as much less is drawn in the same district."""
    result = heads_by_draw.copy()
    for d in np.flatnonzero(is_metered):
        members = of_junction == d
        total = demands_m3_per_s[members].sum()
        if total > 0.0:
            mean = heads_by_draw[:, members] @ (demands_m3_per_s[members] / total)
            result[:, members] -= mean[:, None]
    return result


def group_means(residuals_m: Floats, groups: NDArray[np.intp], count: int) -> tuple[Floats, Floats]:
    """(g, s) means over the steps of each group, 0 where there is none, and how many steps each is of."""
    known = np.isfinite(residuals_m)
    sums, counts = np.zeros((count, residuals_m.shape[1])), np.zeros((count, residuals_m.shape[1]))
    np.add.at(sums, groups, np.where(known, residuals_m, 0.0))
    np.add.at(counts, groups, known)
    return sums / np.maximum(counts, 1), counts


def step_covariance(groups: Sequence[Group], noise: Noise, counts: Floats) -> Floats:
    """(g s, g s) covariance of group means by what changes from step to step."""
    s = counts.shape[1]
    result = np.zeros((len(groups) * s, len(groups) * s))
    for k, group in enumerate(groups):
        shared = noise.demand_ratio**2 * group.by_demand @ group.by_demand.T
        shared += noise.inflow_ratio**2 * group.by_inflow @ group.by_inflow.T
        # a sensor that said nothing in the group is given a spread that leaves it no weight
        often = np.maximum(counts[k], 1e-6)
        own = np.diag(noise.sensors_m**2 / often + np.where(counts[k] < 1, 1e4, 0.0))
        block = shared / max(counts[k].mean(), 1.0) + own
        result[k * s : (k + 1) * s, k * s : (k + 1) * s] = block * noise.inflation_ratio
    return result


def lasting_factor(groups: Sequence[Group], prior: Prior) -> Floats:
    """(g s, errors) change of group means by the model's lasting errors, each by its spread: demands, then pipes."""
    return np.vstack([np.hstack([prior.demand_ratio * g.by_demand, prior.loss_ratio * g.by_pipe]) for g in groups])


def lasting_covariance(groups: Sequence[Group], prior: Prior) -> Floats:
    """(g s, g s) covariance of group means by what lasts."""
    factor = lasting_factor(groups, prior)
    same = np.tile(np.eye(len(groups[0].draw)), (len(groups), len(groups)))
    result: Floats = factor @ factor.T + prior.offset_m**2 * same
    return result


def statistic(
    groups: Sequence[Group], before: tuple[Floats, Floats], after: tuple[Floats, Floats], *, noise: Noise, prior: Prior
) -> Statistic:
    """What is new after the onset, by the group means before and after it."""
    from scipy.linalg import cho_factor, cho_solve  # noqa: PLC0415 - weighs on `plumbline --help`

    lasting = lasting_covariance(groups, prior)
    total = lasting + step_covariance(groups, noise, before[1])
    total[np.diag_indices_from(total)] += _STEADY
    factor = cho_factor(total)
    learnt = cho_solve(factor, lasting)
    news = after[0].ravel() - learnt.T @ before[0].ravel()
    cov = lasting - lasting @ learnt + step_covariance(groups, noise, after[1])
    cov = 0.5 * (cov + cov.T)
    cov[np.diag_indices_from(cov)] += _STEADY
    inner = cho_factor(cov, lower=True)
    return replace(_in_modes(groups, news, inner), by_sensor=_by_sensor(groups, news, inner))


Factor = tuple[Floats, bool]


def _in_modes(groups: Sequence[Group], news: Floats, inner: Factor) -> Statistic:
    """The statistic in the directions in which leaks stand out of the noise, each with a variance of 1.

    What a leak does by day and by night differs from place to place, so the course over the groups tells as well.
    """
    from scipy.linalg import solve_triangular  # noqa: PLC0415 - weighs on `plumbline --help`

    lower = np.tril(inner[0])
    white = solve_triangular(lower, np.vstack([g.draw for g in groups]), lower=True)
    energy, directions = np.linalg.eigh(white @ white.T)
    modes = directions[:, np.argsort(-energy)[:_MOST_MODES]]
    weights = solve_triangular(lower, modes, lower=True, trans="T").T
    value = weights @ news
    whole = solve_triangular(lower, news, lower=True)
    misfit = float(whole @ whole - value @ value) / max(len(news) - len(value), 1)
    return Statistic(value, np.eye(len(value)), _by_group(weights, len(groups)), misfit)


def _by_sensor(groups: Sequence[Group], news: Floats, inner: Factor) -> Statistic:
    """The statistic gathered to one number a sensor, by how much more leaks do in some groups than in others."""
    from scipy.linalg import cho_solve  # noqa: PLC0415 - weighs on `plumbline --help`

    s = len(groups[0].draw)
    typical = groups[len(groups) // 2].draw
    scales = [float((g.draw * typical).sum() / max((typical**2).sum(), 1e-30)) for g in groups]
    gather = np.vstack([c * np.eye(s) for c in scales])
    solved = cho_solve(inner, gather)
    covariance = np.linalg.inv(gather.T @ solved)
    weights = covariance @ solved.T
    value = weights @ news
    left = news - gather @ value
    misfit = float(left @ cho_solve(inner, left)) / max(len(news) - s, 1)
    return Statistic(value, 0.5 * (covariance + covariance.T), _by_group(weights, len(groups)), misfit)


def _by_group(weights: Floats, groups: int) -> Floats:
    """(groups, k, s) of (k, groups s)."""
    result: Floats = weights.reshape(len(weights), groups, -1).transpose(1, 0, 2)
    return result
