"""A leak's flow as one device tells it: an estimate with its uncertainty, and what that says of candidates.

A signature is what a leak does to a pump, a closed main or a tank, where no flow is metered.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.noise import ShortHistoryError
from pipe_network.posterior import SIZES_M3_PER_S, Candidates, Evidence, quadratic_evidence

Floats = NDArray[np.float64]

_POINTS: Final = 240
"""Blocks a series is cut into before slopes are taken between all pairs: 28,680 of them, in milliseconds."""
_LEAST: Final = 4
_MAD_TO_SD: Final = 1.4826
_SEN_SPREAD_RATIO: Final = 1.05
"""Standard error of Theil and Sen's slope over that of least squares under Gaussian noise: sqrt(pi / 3), rounded up."""


@dataclass(frozen=True, slots=True)
class FlowEstimate:
    """A flow and how sure it is.

    Attributes
    ----------
    sd_m3_per_s : standard deviation
    count : independent observations behind it
    """

    flow_m3_per_s: float
    sd_m3_per_s: float
    count: int

    def is_leak(self, sigmas: float = 3.0) -> bool:
        """Whether it is above nothing by so many standard deviations.

        Examples
        --------
        >>> FlowEstimate(4e-6, 1e-6, 12).is_leak(), FlowEstimate(2e-6, 1e-6, 12).is_leak()
        (True, False)
        """
        return self.flow_m3_per_s > sigmas * self.sd_m3_per_s


def signature_evidence(
    estimate: FlowEstimate, candidates: Candidates, behind: Collection[str], *, source: str,
    sizes_m3_per_s: Floats = SIZES_M3_PER_S,
) -> Evidence:  # fmt: skip
    """What a device's estimate says: a leak behind it has that size, one elsewhere leaves it as it would be without.

    Parameters
    ----------
    behind : ids of the candidates whose leak would pass the device
    source : the device's channel, for the explanation

    Examples
    --------
    >>> two = Candidates(("pipe", "pipe"), ("a", "b"), np.ones(2), np.array([0.5, 0.5]))
    >>> told = signature_evidence(FlowEstimate(2e-4, 1e-4, 9), two, ["b"], source="jockey")
    >>> bool(told.log_likelihood[0].any()), round(float(told.log_likelihood[1].max()), 1)
    (False, 2.0)
    """
    inside = np.array([c in set(behind) for c in candidates.ids], dtype=np.float64)
    precision = inside / max(estimate.sd_m3_per_s, 1e-12) ** 2
    likelihood = quadratic_evidence(precision * estimate.flow_m3_per_s, precision, sizes_m3_per_s)
    return Evidence("signature", source, likelihood)


def slope_per_s(times_s: Floats, values: Floats, *, resolution: float = 0.0) -> tuple[float, float]:
    """The change of a series per second and its standard deviation, robust against leaps and single wrong values.

    Theil and Sen's slope of block medians. Missing values (NaN) are left out.

    Parameters
    ----------
    resolution : step of the sensor's reading; below it a change cannot be seen

    Raises
    ------
    ShortHistoryError
        If fewer than four values are there.

    References
    ----------
    P. Sen, Estimates of the regression coefficient based on Kendall's tau, J. Am. Stat. Assoc. 63 (1968).

    Examples
    --------
    >>> t = np.arange(600.0)
    >>> y = 5.0 - 0.01 * t
    >>> y[100] = 99.0
    >>> round(slope_per_s(t, y)[0], 6)
    -0.01
    """
    there = np.isfinite(values) & np.isfinite(times_s)
    t, y = times_s[there], values[there]
    if len(t) < _LEAST or np.ptp(t) <= 0:
        raise ShortHistoryError(len(t), _LEAST)
    order = np.argsort(t, kind="stable")
    at, middle = t[order], y[order]
    if len(order) > _POINTS:
        groups = np.array_split(order, _POINTS)
        at, middle = np.array([t[g].mean() for g in groups]), np.array([np.median(y[g]) for g in groups])
    first, last = np.triu_indices(len(at), 1)
    apart = at[last] - at[first]
    slopes = (middle[last] - middle[first])[apart > 0] / apart[apart > 0]
    slope = float(np.median(slopes))
    residual = middle - slope * at
    scatter = _MAD_TO_SD * float(np.median(np.abs(residual - np.median(residual))))
    noise = max(scatter, resolution / np.sqrt(12))
    # neighbouring residuals of a drifting sensor hang together: fewer of them count
    centred = residual - residual.mean()
    power = float((centred**2).sum())
    lag = float((centred[1:] * centred[:-1]).sum() / power) if power > 0 else 0.0
    worth = (1 - max(lag, 0.0)) / (1 + max(lag, 0.0))
    spread = float(np.sqrt(((at - at.mean()) ** 2).sum() * max(worth, 1 / len(at))))
    return slope, _SEN_SPREAD_RATIO * noise / spread
