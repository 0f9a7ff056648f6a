"""How likely the observed statistic is for a leak at each point and of each size.

A leak's response is itself uncertain, in proportion to its size: pipes resist otherwise than the model says, and so
the leak's water comes another way. This makes the covariance the candidate's own,

    C + (κ q)² T diag(Δq²) Tᵀ

with Δq the part of the leak each pipe carries and T what a pipe's error does to the sensors. For each candidate one
generalised eigenproblem gives the likelihood at all sizes.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_AT_ONCE: Final = 128
"""Points whose numbers stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """What a leak at each point does.

    Attributes
    ----------
    linear : (points, sensors) statistic for a leak, by its size [s/m2]
    bent : (points, sensors) what is added to it, in m, at the size `bent_at_m3_per_s`; grows with the size's square
    spread : (pipes, s, s) covariance of its relative error, the same along a pipe [s2/m4]
    pipe : (points,) row of the pipe
    """

    linear: Floats
    bent: Floats
    bent_at_m3_per_s: float
    spread: Floats
    pipe: NDArray[np.intp]


def log_likelihoods(value_m: Floats, covariance: Floats, responses: Responses, sizes_m3_per_s: Floats) -> Floats:
    """(points, sizes) relative to no leak."""
    lower = np.linalg.cholesky(covariance)
    inverse = np.linalg.inv(lower)
    white = inverse @ value_m
    spread = inverse @ responses.spread @ inverse.T
    variance, vectors = np.linalg.eigh(0.5 * (spread + spread.transpose(0, 2, 1)))
    variance = np.maximum(variance, 0.0)
    turned = np.einsum("psi,s->pi", vectors, white)
    own = vectors[responses.pipe].transpose(0, 2, 1)
    linear = (own @ (responses.linear @ inverse.T)[:, :, None])[:, :, 0]
    bent = (own @ (responses.bent @ inverse.T)[:, :, None])[:, :, 0] / responses.bent_at_m3_per_s**2
    q = sizes_m3_per_s
    powers = np.array([np.ones_like(q), q, q**2, q**3, q**4])
    result = np.empty((len(linear), len(q)))
    weights = 1.0 / (1.0 + variance[:, :, None] * powers[2])  # (pipes, s, sizes), the same for a pipe's points
    spreads = np.log(weights).sum(axis=1)
    for start in range(0, len(linear), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        pipe = responses.pipe[some]
        # (turned - q linear - q2 bent)^2 in powers of the size, so that sums over sensors are products
        a, b, c = turned[pipe], linear[some], bent[some]
        terms = np.stack([a * a, -2.0 * a * b, b * b - 2.0 * a * c, 2.0 * b * c, c * c], axis=1)
        by_power = terms @ weights[pipe]
        by_power *= powers
        result[some] = 0.5 * (spreads[pipe] - by_power.sum(axis=1))
    result += 0.5 * float(white @ white)
    return result


def disagreements(
    value_m: Floats, covariance: Floats, responses: Responses, point: int, size_m3_per_s: float
) -> Floats:
    """(sensors,) how far each sensor is from what the others and a leak predict, in standard deviations.

    Parameters
    ----------
    point : row of the point the leak is at
    """
    bend = (size_m3_per_s / responses.bent_at_m3_per_s) ** 2
    left = value_m - size_m3_per_s * responses.linear[point] - bend * responses.bent[point]
    inverse = np.linalg.inv(covariance + size_m3_per_s**2 * responses.spread[responses.pipe[point]])
    result: Floats = (inverse @ left) / np.sqrt(np.diag(inverse))
    return result
