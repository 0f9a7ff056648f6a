"""How uncertain the sensors and the demands are, learnt from the time before the leak.

The residuals of measured against modelled heads vary from step to step because demands do, because inflow meters err,
and because sensors do. The first two are correlated between sensors in a known way, the last is each sensor's own;
that tells them apart.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_LEAST_NOISE_M: Final = 1e-3
_MOST_AUTOCORRELATION: Final = 0.9
_USUAL_DEMAND_RATIO: Final = 0.2
_USUAL_INFLOW_RATIO: Final = 0.01
_USUAL_SPREAD: Final = 1.0
"""Where the residuals hardly tell, the spreads of demands and meters stay within a factor of some three of usual."""
_USUAL_STEPS: Final = 20.0
_ROUNDS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """Standard deviations of what changes from step to step.

    Attributes
    ----------
    sensors_m : (sensors,)
    demand_ratio : of each junction's demand about its mean
    inflow_ratio : of the inflow meters
    autocorrelation_ratio : from one step to the next
    """

    sensors_m: Floats
    demand_ratio: float
    inflow_ratio: float
    autocorrelation_ratio: float

    @property
    def inflation_ratio(self) -> float:
        """By what variances of means over many steps are larger than for independent steps."""
        return (1.0 + self.autocorrelation_ratio) / (1.0 - self.autocorrelation_ratio)


def within(residuals_m: Floats, shapes: Floats) -> Floats:
    """Residuals with each sensor's own level, and its part that follows some known courses, taken out.

    Parameters
    ----------
    residuals_m : (t, sensors) [m]
    shapes : (t, k)
    """
    left = np.full_like(residuals_m, np.nan)
    design = np.column_stack([np.ones(len(shapes)), shapes])
    for s in range(residuals_m.shape[1]):
        known = np.isfinite(residuals_m[:, s])
        if known.sum() > design.shape[1] + 2:
            fit, *_ = np.linalg.lstsq(design[known], residuals_m[known, s], rcond=None)
            freedom = known.sum() / (known.sum() - design.shape[1])
            left[known, s] = (residuals_m[known, s] - design[known] @ fit) * np.sqrt(freedom)
    return left


def covariances(left_m: Floats, groups: NDArray[np.intp], count: int) -> tuple[Floats, Floats]:
    """(g, s, s) covariance of each group of steps from the pairs there are, and (g,) how many steps."""
    sensors = left_m.shape[1]
    result, counts = np.zeros((count, sensors, sensors)), np.zeros(count)
    for g in range(count):
        rows = left_m[groups == g]
        known = np.isfinite(rows).astype(float)
        values = np.nan_to_num(rows)
        result[g] = values.T @ values / np.maximum(known.T @ known, 1.0)
        counts[g] = known.sum() / max(sensors, 1)
    return result, counts


def autocorrelation_ratio(left_m: Floats) -> float:
    """How much of a residual is still there one step later; the median of the sensors."""
    now, later = left_m[:-1], left_m[1:]
    both = np.isfinite(now) & np.isfinite(later)
    products = np.where(both, now * later, 0.0).sum(axis=0) / np.maximum(both.sum(axis=0), 1)
    squares = np.where(np.isfinite(left_m), left_m**2, 0.0).sum(axis=0) / np.maximum(np.isfinite(left_m).sum(axis=0), 1)
    ratios = products[squares > 0] / squares[squares > 0]
    return float(np.clip(np.median(ratios), 0.0, _MOST_AUTOCORRELATION)) if len(ratios) else 0.0


def learn(left_m: Floats, groups: NDArray[np.intp], demand: Floats, inflow: Floats) -> Noise:
    """The likeliest noise for residuals of the time before.

    Parameters
    ----------
    left_m : (t, sensors) residuals without their lasting part [m]
    groups : (t,) which steps are alike
    demand, inflow : (g, s, s) covariance of heads for a relative deviation of 1 of each demand; of the inflow
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - weighs on `plumbline --help`

    sample, counts = covariances(left_m, groups, len(demand))
    usable = np.isfinite(left_m).any(axis=0)
    sample, demand, inflow = (x[:, usable][:, :, usable] for x in (sample, demand, inflow))
    weight = counts / max(counts.sum(), 1.0)
    own = _unexplained(np.einsum("gst,g->st", sample, weight), float(counts.sum()))
    logs = np.array([*np.log([_USUAL_DEMAND_RATIO, _USUAL_INFLOW_RATIO]), 0.0])

    def shared(logs: Floats) -> Floats:
        demands, meters = np.exp(2.0 * np.clip(logs[:2], -9.0, 1.0))
        result: Floats = demands * demand + meters * inflow
        return result

    def unlikelihood(logs: Floats, own: Floats) -> float:
        cov = shared(logs) + np.diag(own) * np.exp(logs[2])
        _, logdet = np.linalg.slogdet(cov)
        trace = np.einsum("gij,gji->g", np.linalg.inv(cov), sample)
        apart = (logs[:2] - np.log([_USUAL_DEMAND_RATIO, _USUAL_INFLOW_RATIO])) / _USUAL_SPREAD
        return float((counts * (logdet + trace)).sum() + (apart**2).sum())

    for _ in range(_ROUNDS):
        best = minimize(unlikelihood, logs, (own,), method="Nelder-Mead", options={"xatol": 0.05, "fatol": 0.5})
        logs = np.array([*best.x[:2], 0.0])
        own = _own_variances(sample, weight, shared(logs), own * np.exp(best.x[2]), counts.sum())
    sensors_m = np.full(left_m.shape[1], np.sqrt(np.median(own)))
    sensors_m[usable] = np.sqrt(own)
    demands, meters = np.exp(np.clip(logs[:2], -9.0, 1.0))
    return Noise(sensors_m, float(demands), float(meters), autocorrelation_ratio(left_m))


def _unexplained(covariance: Floats, steps: float) -> Floats:
    """(s,) variance of each sensor that the others do not predict: with what its own variance is first tried."""
    variance = np.maximum(np.diag(covariance), _LEAST_NOISE_M**2)
    # a tenth of independence keeps this solvable where there are hardly more steps than sensors
    inverse = np.linalg.inv(0.9 * covariance + 0.1 * np.diag(variance))
    freedom = max(1.0 - len(variance) / max(steps, 1.0), 0.3)
    return np.maximum(1.0 / np.diag(inverse) / freedom, _LEAST_NOISE_M**2)


def _own_variances(sample: Floats, weight: Floats, shared: Floats, own: Floats, steps: float) -> Floats:
    """(s,) each sensor's variance that no other sensor explains, drawn to the usual one as few steps tell little."""
    for _ in range(10):
        inverse = np.linalg.inv(shared + np.diag(own))
        # at the likeliest variances what a sensor says beyond the others is as large as it is expected to be
        seen = np.einsum("gij,gjk,gki,g->i", inverse, sample, inverse, weight)
        own = own * np.sqrt(seen / np.einsum("gii,g->i", inverse, weight))
        own = np.maximum(own, _LEAST_NOISE_M**2)
    usual = float(np.median(own))
    result: Floats = np.exp((steps * np.log(own) + _USUAL_STEPS * np.log(usual)) / (steps + _USUAL_STEPS))
    return result
