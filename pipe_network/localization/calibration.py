"""What the time before a leak teaches of the model: which demands and pipes differ, and how far errors go at all.

The lasting errors are many more than there are sensors, so none is fitted. They are Gaussian beforehand; their means
given the residuals are put into the model, what remains uncertain stays in the covariance.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.localization.noise import Noise
from pipe_network.localization.statistic import Group, Prior, lasting_factor, step_covariance
from pipe_network.model import Network

Floats = NDArray[np.float64]
_OFFSETS_M: Final = (0.003, 0.02, 0.1, 0.4, 2.0, 10.0)
_SCALES: Final = (0.5, 1.0, 2.0, 4.0)
_MOST_RATIO: Final = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """Means of the lasting relative errors, given the time before.

    Attributes
    ----------
    demands_ratio : (junctions,)
    losses_ratio : by pipe id, of the head loss at a flow
    heads_m : (groups, sensors) what they explain of the residuals, to first order
    """

    demands_ratio: Floats
    losses_ratio: dict[str, float]
    heads_m: Floats


def likeliest_prior(groups: Sequence[Group], means: tuple[Floats, Floats], noise: Noise, prior: Prior) -> Prior:
    """The prior under which the residuals before the leak are likeliest, of a few.

    Parameters
    ----------
    means : (groups, sensors) mean residuals, and of how many steps
    prior : to begin with; its demands and losses are scaled
    """
    steps = step_covariance(groups, noise, means[1])
    value = means[0].ravel()
    same = np.tile(np.eye(len(groups[0].draw)), (len(groups), len(groups)))
    factor = lasting_factor(groups, prior)
    model = factor @ factor.T

    def unlikelihood(choice: tuple[float, float]) -> float:
        offset_m, scale = choice
        cov = steps + offset_m**2 * same + scale**2 * model
        lower = np.linalg.cholesky(cov)
        white = np.linalg.solve(lower, value)
        # errors of twice the usual are not worth assuming for a little
        return float(white @ white + 2.0 * np.log(np.diag(lower)).sum() + 4.0 * np.log(scale) ** 2)

    offset_m, scale = min(itertools.product(_OFFSETS_M, _SCALES), key=unlikelihood)
    return Prior(prior.demand_ratio * scale, prior.loss_ratio * scale, offset_m)


def correction(groups: Sequence[Group], means: tuple[Floats, Floats], noise: Noise, prior: Prior) -> Correction:
    """The mean errors of demands and pipes, given the residuals before the leak."""
    factor = lasting_factor(groups, prior)
    same = np.tile(np.eye(len(groups[0].draw)), (len(groups), len(groups)))
    total = factor @ factor.T + prior.offset_m**2 * same + step_covariance(groups, noise, means[1])
    units = factor.T @ np.linalg.solve(total, means[0].ravel())
    junctions = len(groups[0].demands_m3_per_s)
    demands = np.clip(prior.demand_ratio * units[:junctions], -_MOST_RATIO, _MOST_RATIO)
    losses = np.clip(prior.loss_ratio * units[junctions:], -_MOST_RATIO, _MOST_RATIO)
    heads_m = lasting_factor(groups, Prior(1.0, 1.0)) @ np.concatenate([demands, losses])
    return Correction(
        demands_ratio=demands,
        losses_ratio=dict(zip(groups[0].field.pipes, losses.tolist(), strict=True)),
        heads_m=heads_m.reshape(len(groups), -1),
    )


def corrected(network: Network, found: Correction) -> Network:
    """The model with the mean errors taken out.

    Lengths are changed, not roughnesses: the loss is proportional to them by every formula.
    """
    junctions = tuple(
        replace(j, demands=tuple(replace(d, base_m3_per_s=d.base_m3_per_s * (1.0 + e)) for d in j.demands))
        for j, e in zip(network.junctions, found.demands_ratio.tolist(), strict=True)
    )
    pipes = tuple(replace(p, length_m=p.length_m * (1.0 + found.losses_ratio.get(p.id, 0.0))) for p in network.pipes)
    return replace(network, junctions=junctions, pipes=pipes)
