"""What is learnt of a network while no unknown leak runs: offsets of sensors, resistances of pipes, demands' bases.

All of them are one vector of standard deviations with the model's own uncertainty as its prior. Thirty sensors cannot
tell a thousand pipes apart, but the few dozen directions they do see are learnt well, and these same directions are
what makes the signature of a leak wrong. So the calibration does not only take the bias away, it also corrects the
signatures, and says how uncertain they remain.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.survey.load import Load
from pipe_network.survey.responses import Responses

Floats = NDArray[np.float64]

_KEPT_RATIO: Final = 1e-3
"""Directions that move the channels less than this, against the strongest, are left to the noise."""


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """How far a model is from its network, one standard deviation.

    Resistance follows the 4.87th power of a diameter: diameters and roughness off by up to 10 % make it 0.3.
    """

    resistance_ratio: float = 0.3
    demand_ratio: float = 0.08
    offset_m: float = 0.5
    source_m3_per_s: float = 3.0 / 3600
    block_ratio: float = 0.02
    """Of the offset's deviation, that of one block of the day against another."""
    offset_walk_m: float = 0.0005
    """How far a sensor drifts in a day."""
    size_walk_m3_per_s: float = 0.05 / 3600
    """How far a leak's size drifts in a day, once it has grown."""
    growth_m3_per_s: float = 0.4 / 3600
    """The same while it is young."""
    young_days: float = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """Directions of the model's errors that the channels see.

    Attributes
    ----------
    of_pipes : (pipes, directions) relative error of each pipe's resistance for one standard deviation along each
    of_demands : (junctions, directions) the same of base demands
    """

    of_pipes: Floats
    of_demands: Floats

    @property
    def count(self) -> int:
        """How many directions."""
        return int(self.of_pipes.shape[1])


def basis(around: Sequence[Responses], prior: Uncertainty) -> Basis:
    """The directions seen in any of some states of the network."""
    seen = np.concatenate([_prior_effect(r, prior) for r in around])
    scale = np.linalg.norm(seen, axis=1, keepdims=True)
    _, strength, directions = np.linalg.svd(seen / np.maximum(scale, 1e-12), full_matrices=False)
    kept = directions[strength > _KEPT_RATIO * strength[0]].T
    pipes = around[0].losses.shape[1]
    return Basis(prior.resistance_ratio * kept[:pipes], prior.demand_ratio * kept[pipes:])


def _prior_effect(responses: Responses, prior: Uncertainty) -> Floats:
    """(blocks * channels, pipes + junctions) of one standard deviation of each error."""
    return np.hstack([prior.resistance_ratio * responses.of_calibration(), prior.demand_ratio * responses.nodal])


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """Offsets, directions and leak sizes: their mean and covariance.

    Attributes
    ----------
    mean, covariance : offsets of each block's channels, then the directions, then how much more each known leak loses
        than the
        twin has it lose [m or m3/s, standard deviations, m3/s]
    """

    mean: Floats
    covariance: Floats

    def with_size(self, spread_m3_per_s: float) -> "Belief":
        """With one more leak."""
        size = len(self.mean)
        covariance = np.zeros((size + 1, size + 1))
        covariance[:size, :size] = self.covariance
        covariance[size, size] = spread_m3_per_s**2
        return Belief(np.append(self.mean, 0.0), covariance)


def first_belief(blocks: int, channels: int, sources: int, directions: int, prior: Uncertainty) -> Belief:
    """Before anything is learnt: a sensor's offset is the same at all hours but for a little."""
    offset = np.full(channels, prior.offset_m)
    offset[channels - sources :] = prior.source_m3_per_s
    tiled = np.tile(offset, blocks)
    common = np.tile(np.diag(offset**2), (blocks, blocks)) + np.diag((prior.block_ratio * tiled) ** 2)
    size = len(tiled)
    covariance = np.eye(size + directions)
    covariance[:size, :size] = common
    return Belief(np.zeros(size + directions), covariance)


def observation(responses: Responses, load: Load, seen: Basis) -> Floats:
    """(blocks * channels, offsets and directions) how the channels show each part of the belief but the leaks."""
    directions = load.of_calibration(responses) @ seen.of_pipes + load.nodal(responses) @ seen.of_demands
    return np.hstack([np.eye(len(directions)), directions])


def learn(belief: Belief, seen: Floats, values: Floats, noise: Floats) -> Belief:
    """The belief after one more day; what was not measured (NaN) is left out.

    Parameters
    ----------
    seen : (values, state) as `observation` gives it
    values : (values,) observed less the twin's
    noise : (values, values) covariance of their noise
    """
    known = np.isfinite(values)
    if not known.any():
        return belief
    h, r = seen[known], noise[np.ix_(known, known)]
    cross = belief.covariance @ h.T
    gain = np.linalg.solve(h @ cross + r, cross.T).T
    # Joseph's form stays positive where offsets of half a metre are learnt to a millimetre
    rest = np.eye(len(belief.mean)) - gain @ h
    covariance = rest @ belief.covariance @ rest.T + gain @ r @ gain.T
    return Belief(belief.mean + gain @ (values[known] - h @ belief.mean), (covariance + covariance.T) / 2)


def pass_day(belief: Belief, walks: Floats) -> Belief:
    """The belief a day on: `walks` (state,) are standard deviations of what may have changed."""
    return replace(belief, covariance=belief.covariance + np.diag(walks**2))
