"""What some days say of a leak: is there one, how large, and on which pipe.

First all pipes are weighed by their linear signatures, which costs a millisecond. The strongest are then solved again
by EPANET at their size, corrected by what the calibration learnt, and weighed with the covariance of what it did not:
a signature is wrong in proportion to the leak, so without that term a large leak would be located far too surely.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.survey.calibration import Basis
from pipe_network.survey.responses import Responses

Floats = NDArray[np.float64]

_LEAST_M3_PER_S: Final = 0.05 / 3600
_MOST_M3_PER_S: Final = 80.0 / 3600
_HOPELESS_RATIO: Final = 0.5
"""A pipe whose linear signature explains less than half of what the best one's does is not the place."""
_SHARES: Final = (0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.0)
_OUTLYING: Final = 2.5
_AROUND: Final = np.array([0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5])
"""Sizes that are tried, of the best one by the linear signature."""


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """The mean of some days against what was expected of them.

    Attributes
    ----------
    residual : (values,) observed less expected
    covariance : (values, values) of what is expected and of the noise, without any new leak
    days : how many were averaged
    base_day : the last day of the calibration they are held against
    """

    residual: Floats
    covariance: Floats
    days: int
    base_day: int

    @property
    def misfit_ratio(self) -> float:
        """What is left without a new leak, against what is expected to be; 1 is as it should be."""
        return float(self.residual @ np.linalg.solve(self.covariance, self.residual)) / len(self.residual)


@dataclass(frozen=True, slots=True, eq=False)
class Screening:
    """Log-likelihood ratio of the best size on each pipe, by linear signatures. [nat], [m3/s]"""

    log_likelihood: Floats
    sizes_m3_per_s: Floats

    @property
    def best(self) -> float:
        """That of the best pipe."""
        return float(self.log_likelihood.max())


def screen(contrast: Contrast, signatures: Floats) -> Screening:
    """All pipes by their (pipes, values) linear signatures."""
    from scipy.linalg import cho_factor, cho_solve  # noqa: PLC0415 - weighs on `plumbline --help`

    solved = cho_solve(cho_factor(contrast.covariance), np.column_stack([contrast.residual, signatures.T]))
    slope = signatures @ solved[:, 0]
    curvature = np.einsum("ij,ji->i", signatures, solved[:, 1:])
    sizes = np.clip(slope / np.maximum(curvature, 1e-300), _LEAST_M3_PER_S, _MOST_M3_PER_S)
    return Screening(sizes * slope - 0.5 * sizes**2 * curvature, sizes)


def change_share(contrast: Contrast, change: Floats, spread: Floats) -> tuple[float, float]:
    """Log-likelihood ratio of a change such as the end of a leak, and how much of it has come about. [nat], [ratio]

    Parameters
    ----------
    change : (values,) what the whole change would do
    spread : (values, values) covariance of its error: what was learnt while the leak ran has taken up a part of it
    """
    from scipy.linalg import solve_triangular  # noqa: PLC0415 - weighs on `plumbline --help`

    def log_likelihood(share: float) -> float:
        factor = np.linalg.cholesky(contrast.covariance + share**2 * spread)
        white = solve_triangular(factor, contrast.residual - share * change, lower=True, check_finite=False)
        return float(-0.5 * white @ white - np.log(np.diag(factor)).sum())

    found = max((log_likelihood(share), share) for share in _SHARES)
    return found[0] - log_likelihood(0.0), found[1]


@dataclass(frozen=True, slots=True, eq=False)
class Location:
    """Where the leak is.

    Attributes
    ----------
    probability_ratio : (pipes,) sums to 1
    sizes_m3_per_s : (pipes,) likeliest size on each pipe [m3/s]
    log_likelihood : ratio of the best against no leak [nat]
    misfit_ratio : what the best leaves unexplained, against what is expected to remain; 1 is as it should be
    left : (values,) what it leaves unexplained
    """

    probability_ratio: Floats
    sizes_m3_per_s: Floats
    log_likelihood: float
    misfit_ratio: float
    left: Floats


def without_outliers(contrast: Contrast, location: Location) -> Contrast:
    """The contrast with the values hardly trusted that the best leak leaves far off: something else has moved them."""
    off = np.abs(location.left) > _OUTLYING * np.sqrt(np.diag(contrast.covariance))
    return replace(contrast, covariance=contrast.covariance + np.diag(np.where(off, location.left**2, 0.0)))


def locate_refined(
    contrast: Contrast,
    screening: Screening,
    answers: "Answers",
    *,
    lengths_m: Floats,
    refined: int = 120,
) -> Location:
    """The strongest pipes solved again and weighed with the uncertainty of their signatures."""
    from scipy.linalg import solve_triangular  # noqa: PLC0415 - weighs on `plumbline --help`

    top = np.argsort(-screening.log_likelihood, kind="stable")[:refined]
    top = top[screening.log_likelihood[top] > _HOPELESS_RATIO * screening.best - 10]
    count = len(contrast.residual)
    log_joint = np.full((len(lengths_m), len(_AROUND)), -np.inf)
    misfit = np.zeros_like(log_joint)
    for row in top:
        size = screening.sizes_m3_per_s[row]
        signature, spread = answers.signature(int(row), float(size)), answers.spread(int(row))
        for k, q in enumerate(size * _AROUND):
            factor = np.linalg.cholesky(contrast.covariance + q * q * spread)
            left = solve_triangular(factor, contrast.residual - q * signature, lower=True, check_finite=False)
            misfit[row, k] = left @ left / count
            log_joint[row, k] = -0.5 * left @ left - np.log(np.diag(factor)).sum()
    best = np.unravel_index(int(log_joint.argmax()), log_joint.shape)
    none = np.linalg.cholesky(contrast.covariance)
    white = solve_triangular(none, contrast.residual, lower=True, check_finite=False)
    nothing = -0.5 * white @ white - np.log(np.diag(none)).sum()
    joint = np.exp(log_joint - log_joint[best]) * lengths_m[:, None]
    probability = joint.sum(axis=1) / joint.sum()
    sizes = screening.sizes_m3_per_s * _AROUND[log_joint.argmax(axis=1)]
    row, size = int(best[0]), float(sizes[best[0]])
    remains = contrast.residual - size * answers.signature(row, float(screening.sizes_m3_per_s[row]))
    return Location(probability, sizes, float(log_joint[best] - nothing), float(misfit[best]), remains)


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Signatures of leaks after calibration.

    Attributes
    ----------
    directions_mean, directions_covariance : what is known of the basis' directions
    resolve : (pipe row, size) to (values,) what EPANET says the channels change by, for 1 m3/s
    """

    responses: Responses
    basis: Basis
    directions_mean: Floats
    directions_covariance: Floats
    resistance_ratio: float
    resolve: Callable[[int, float], Floats]

    def linear(self) -> Floats:
        """(pipes, values) of all pipes, corrected by the calibration."""
        learnt = self.basis.of_pipes @ self.directions_mean
        blocks = len(self.responses.losses)
        channels = self.responses.paths.shape[0] // blocks
        corrected = self.responses.signatures.copy()
        for b in range(blocks):
            rows = slice(b * channels, (b + 1) * channels)
            corrected[:, rows] += self.responses.lost[b] @ (self.responses.paths[rows] * learnt).T
        return corrected

    def linear_of(self, pipe_row: int) -> Floats:
        """(values,) of one pipe, as `linear` has it."""
        learnt = self.basis.of_pipes @ self.directions_mean
        corrected: Floats = self.responses.signatures[pipe_row] + self.responses.of_error(pipe_row) @ learnt
        return corrected

    def signature(self, pipe_row: int, size_m3_per_s: float) -> Floats:
        """(values,) of one pipe at a size, solved again, for 1 m3/s."""
        error = self.responses.of_error(pipe_row)
        changed: Floats = self.resolve(pipe_row, size_m3_per_s) + error @ (self.basis.of_pipes @ self.directions_mean)
        return changed

    def spread(self, pipe_row: int) -> Floats:
        """(values, values) covariance of the signature's error, for 1 m3/s."""
        error = self.responses.of_error(pipe_row)
        seen = error @ self.basis.of_pipes
        unseen = self.resistance_ratio**2 * error @ error.T - seen @ seen.T
        spread: Floats = seen @ self.directions_covariance @ seen.T + unseen
        return (spread + spread.T) / 2
