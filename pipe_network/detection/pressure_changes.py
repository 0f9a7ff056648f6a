"""Leaks in the residuals of pressure sensors: seen together, and only in the directions in which leaks move them.

Residuals of sensors err together, by demand that is not as the model thinks. Whitened by that, and projected on the few
directions that leaks have, thirty sensors become half a dozen channels that are independent; an incipient leak shows in
them long before it does in any sensor.

References
----------
Hotelling's T2 with a direction instead of any: H. Hotelling, Multivariate quality control, in Techniques of Statistical
Analysis, 1947; A. S. Willsky, H. L. Jones, IEEE Trans. Automatic Control 21(1), 1976.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.change_points import find_changes
from pipe_network.detection.changes import Change, Search, Signs
from pipe_network.detection.noise import DAY_S, Noise, ShortHistoryError, estimate_noise

Floats = NDArray[np.float64]

_DIRECTIONS: Final = 6
_PLACES: Final = 24
"""So many places stand for all: what a change point needs is the direction, roughly; the place is sought afterwards."""
_WEAKEST_RATIO: Final = 0.03
_SHRINKAGE_RATIO: Final = 0.02
"""A fortnight's covariance of thirty sensors is partly chance; so much of it is taken back to the diagonal."""
_LEAST_DAYS: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class PressureChange:
    """A change in pressures, and what leak would explain it best.

    Attributes
    ----------
    change : in whitened channels; its kind, times and log-odds are what counts
    place_row : the place whose leak comes nearest, a row of the effects
    size_m3_per_s : of a leak there, when the change was found; of a recovery, below 0
    """

    change: Change
    place_row: int
    size_m3_per_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """From residuals to channels that are independent, each with a standard deviation of about 1.

    Attributes
    ----------
    covariance_m2 : (k, k) of the residuals
    shapes_m : (k, r) what a channel of 1 is in the residuals
    effects : (j, r) what a leak of 1 m3/s does to the channels
    """

    covariance_m2: Floats
    shapes_m: Floats
    effects: Floats

    def channels(self, residuals_m: Floats) -> Floats:
        """(t, r) generalised least squares on the sensors that are there; NaN where they are too few."""
        result = np.full((len(residuals_m), self.shapes_m.shape[1]), np.nan)
        present = np.isfinite(residuals_m)
        patterns, which = np.unique(present, axis=0, return_inverse=True)
        for number, there in enumerate(patterns):
            shapes = self.shapes_m[there]
            if there.sum() < shapes.shape[1]:
                continue
            weighted = np.linalg.solve(self.covariance_m2[np.ix_(there, there)], shapes)
            information = shapes.T @ weighted
            # with sensors missing, what they alone would tell is not known, and must not be made up
            if np.linalg.eigvalsh(information)[0] < 0.25:
                continue
            rows = which.reshape(-1) == number
            result[rows] = np.linalg.solve(information, weighted.T @ residuals_m[rows][:, there].T).T
        return result


def project(residuals_m: Floats, effects_s_per_m2: Floats) -> Projection:
    """The directions of leaks among what the residuals of a time without changes do by themselves.

    Parameters
    ----------
    residuals_m : (t, k) observed less expected; NaN where missing
    effects_s_per_m2 : (j, k) change of each sensor's residual for a leak of 1 m3/s at each place

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> quiet = rng.normal(0, 0.02, (500, 4)) + rng.normal(0, 0.1, (500, 1))  # they err together
    >>> effects = np.array([[-5.0, -1, -1, -1], [-1, -1, -1, -5.0]])
    >>> channels = project(quiet, effects).channels(quiet)
    >>> channels.shape, bool(np.allclose(channels.std(axis=0), 1, atol=0.3))
    ((500, 2), True)
    """
    usable = np.isfinite(residuals_m).all(axis=1)
    rows = residuals_m[usable]
    if len(rows) < 2 * residuals_m.shape[1]:
        raise ShortHistoryError(len(rows), 2 * residuals_m.shape[1])
    covariance = np.cov(rows, rowvar=False)
    own = np.diag(np.diag(covariance)) + 1e-12 * np.eye(len(covariance))
    covariance = (1 - _SHRINKAGE_RATIO) * covariance + _SHRINKAGE_RATIO * own
    lower = np.linalg.cholesky(covariance)
    white = np.linalg.solve(lower, effects_s_per_m2.T).T
    # a large effect near a sensor must not be all that the directions are chosen for
    lengths = np.maximum(np.linalg.norm(white, axis=1, keepdims=True), 1e-12)
    _, strength, directions = np.linalg.svd(white / lengths, full_matrices=False)
    rank = int(min(_DIRECTIONS, (strength > _WEAKEST_RATIO * strength[0]).sum()))
    basis = directions[:rank].T
    return Projection(covariance, lower @ basis, white @ basis)


def find_pressure_changes(
    times_s: Floats,
    residuals_m: Floats,
    effects_s_per_m2: Floats,
    *,
    size_m3_per_s: float,
    learning_s: float = 14 * DAY_S,
    search: Search | None = None,
) -> tuple[PressureChange, ...]:
    """Leaks that begin and end, from pressures; what is said at a time uses values until then only.

    Parameters
    ----------
    times_s : (t,) equally spaced [s]
    residuals_m : (t, k) observed less expected, NaN where missing or not to be trusted
    effects_s_per_m2 : (j, k) change of each sensor's residual for a leak of 1 m3/s at each place; what the twin makes
        of the leak's flow, if it is driven by a measured inflow, already taken off
    size_m3_per_s : of the leaks expected
    learning_s : how the residuals err is learnt from so long at first

    Raises
    ------
    ShortHistoryError
        If there are less than three days.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> times_s = np.arange(24 * 30) * 3600.0
    >>> effects = -rng.uniform(2, 20, (30, 8))  # metres for a cubic metre per second
    >>> heads_m = rng.normal(0, 0.03, (len(times_s), 8)) + (times_s > 20 * 86400)[:, None] * 5e-3 * effects[7]
    >>> [found] = find_pressure_changes(times_s, heads_m, effects, size_m3_per_s=3e-3)
    >>> found.change.kind, round(found.change.onset_s / 86400), bool(abs(found.size_m3_per_s * 1e3 - 5) < 1.5)
    ('step', 20, True)
    """
    step_s = float(times_s[1] - times_s[0])
    first = slice(0, min(len(times_s), round(learning_s / step_s)))
    if first.stop * step_s < _LEAST_DAYS * DAY_S:
        raise ShortHistoryError(first.stop, round(_LEAST_DAYS * DAY_S / step_s))
    projection = project(residuals_m[first], effects_s_per_m2)
    channels = projection.channels(residuals_m)
    noise = estimate_noise(times_s[first], channels[first])
    signs = Signs(size_m3_per_s, projection.effects[_spread_out(projection.effects)])
    changes = find_changes(times_s, channels, noise=noise, signs=signs, search=search)
    learnt_s = float(times_s[first.stop - 1])
    return tuple(_explained(c, projection, noise, step_s) for c in changes if c.found_s > learnt_s or c.kind != "shift")


def _spread_out(effects: Floats) -> NDArray[np.intp]:
    """(p,) rows of places as different from each other as can be."""
    unit = effects / np.maximum(np.linalg.norm(effects, axis=1, keepdims=True), 1e-12)
    chosen = [int(np.argmax(np.linalg.norm(effects, axis=1)))]
    nearest = unit @ unit[chosen[0]]
    while len(chosen) < min(_PLACES, len(effects)):
        farthest = int(np.argmin(nearest))
        if nearest[farthest] > 0.999:
            break
        chosen.append(farthest)
        nearest = np.maximum(nearest, unit @ unit[farthest])
    return np.array(chosen, dtype=np.intp)


def _explained(change: Change, projection: Projection, noise: Noise, step_s: float) -> PressureChange:
    weight = 1 / np.maximum(noise.over_a_day(step_s), 1e-12)
    moved, effects = change.size * weight, projection.effects * weight
    strength = np.maximum((effects**2).sum(axis=1), 1e-300)
    sizes = effects @ moved / strength
    # a leak takes water and a recovery gives it back; a place that would need the opposite is no explanation
    sign = -1.0 if change.kind in {"recovery", "settled"} else 1.0
    explained = np.where(sizes * sign > 0, sizes**2 * strength, -1.0)
    row = int(np.argmax(explained))
    return PressureChange(change, row, float(sizes[row]))
