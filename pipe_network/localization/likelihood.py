"""How likely the observed statistic is for a leak at each point and of each size.

A leak's response is itself uncertain, in proportion to its size: pipes resist otherwise than the model says, and so
the leak's water comes another way. This makes the covariance the candidate's own,

    C + (κ q)² T diag(Δq²) Tᵀ

with Δq the part of the leak each pipe carries and T what a pipe's error does to the sensors. For each candidate one
generalised eigenproblem gives the likelihood at all sizes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """What a leak at each point does.

    Attributes
    ----------
    linear : (points, sensors) statistic for a leak, by its size [s/m2]
    bent : (points, sensors) what is added to it, in m, at the size `bent_at_m3_per_s`; grows with the size's square
    spread : (points, s, s) covariance of its relative error [s2/m4]
    """

    linear: Floats
    bent: Floats
    bent_at_m3_per_s: float
    spread: Floats


def log_likelihoods(
    value_m: Floats, covariance: Floats, responses: Responses, sizes_m3_per_s: Floats, *, temper_ratio: float = 1.0
) -> Floats:
    """(points, sizes) relative to no leak."""
    lower = np.linalg.cholesky(covariance)
    inverse = np.linalg.inv(lower)
    white = inverse @ value_m
    spread = inverse @ responses.spread @ inverse.T
    spread = 0.5 * (spread + spread.transpose(0, 2, 1))
    variance, vectors = np.linalg.eigh(spread)
    turned = np.einsum("psi,s->pi", vectors, white)
    linear = np.einsum("psi,ps->pi", vectors, responses.linear @ inverse.T)
    bent = np.einsum("psi,ps->pi", vectors, responses.bent @ inverse.T)
    q = sizes_m3_per_s
    curve = q**2 / responses.bent_at_m3_per_s**2
    result = np.empty((len(linear), len(q)))
    for p in range(len(linear)):
        mean = q[:, None] * linear[p] + curve[:, None] * bent[p]
        var = 1.0 + (q**2)[:, None] * np.maximum(variance[p], 0.0)
        result[p] = -0.5 * ((turned[p] - mean) ** 2 / var + np.log(var)).sum(axis=1)
    result += 0.5 * float(white @ white)
    return result * temper_ratio
