"""What a filter would have said had it known what came later.

References
----------
H. E. Rauch, F. Tung, C. T. Striebel, Maximum likelihood estimates of linear dynamic systems, AIAA Journal 3(8), 1965.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RIDGE: Final = 1e-10
"""On covariances scaled to correlations: states that are not free have none, and some are nearly alike."""


def smoothed(
    moves: Floats, foreseen: Sequence[tuple[Floats, Floats]], known: Sequence[tuple[Floats, Floats]]
) -> tuple[Floats, Floats]:
    """(t, k, n) states and (t, k, n) their standard deviations, from all the values.

    Parameters
    ----------
    moves : (k, n, n) how a state moves on by a step
    foreseen : for each time, (k, n) state and (k, n, n) covariance before its values were seen
    known : the same after they were seen

    Examples
    --------
    >>> still, sure = np.ones((1, 1, 1)), np.ones((1, 1, 1))
    >>> foreseen = [(np.zeros((1, 1)), sure), (np.zeros((1, 1)), sure)]
    >>> known = [(np.zeros((1, 1)), sure), (np.ones((1, 1)), 0.5 * sure)]
    >>> smoothed(still, foreseen, known)[0].ravel().round(6).tolist()  # the second value speaks of the first state too
    [1.0, 1.0]
    """
    t, (k, n) = len(known), known[0][0].shape
    states, spreads = np.zeros((t, k, n)), np.zeros((t, k, n))
    state, covariance = known[-1]
    states[-1], spreads[-1] = state, _deviation(covariance)
    for row in range(t - 2, -1, -1):
        (before, p_before), (after, p_after) = known[row], foreseen[row + 1]
        back = np.linalg.solve(*_scaled(p_after, moves @ p_before)).transpose(0, 2, 1)
        back = back / np.maximum(_deviation(p_after), 1e-300)[:, None, :]
        state = before + np.einsum("kij,kj->ki", back, state - after)
        covariance = p_before + back @ (covariance - p_after) @ back.transpose(0, 2, 1)
        states[row], spreads[row] = state, _deviation(covariance)
    return states, spreads


def _deviation(covariance: Floats) -> Floats:
    result: Floats = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 0.0))
    return result


def _scaled(covariance: Floats, other: Floats) -> tuple[Floats, Floats]:
    """A covariance as correlations, rows beside it scaled alike; a state that is fixed gets a row of the identity."""
    deviation = _deviation(covariance)
    by = np.where(deviation > 0, 1 / np.maximum(deviation, 1e-300), 0.0)
    correlation = covariance * by[:, :, None] * by[:, None, :]
    n = covariance.shape[1]
    correlation[:, np.arange(n), np.arange(n)] = 1.0 + _RIDGE
    return correlation, other * by[:, :, None]
