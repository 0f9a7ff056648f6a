"""A filter that follows levels, and carries along what every possible change would do to its surprises.

State of each channel: level, slope, curvature, the lingering part of the noise, and a factor for each known course
(the demand rhythm, say). A change that begins at some time adds to level, slope or curvature; what the filter makes of
that is linear, so how well a change explains the surprises is known for every onset at once, without running again.

References
----------
A. S. Willsky, H. L. Jones, A generalized likelihood ratio approach to the detection and estimation of jumps in linear
systems, IEEE Trans. Automatic Control 21(1), 1976. Here the sizes have a prior instead of being the best ones, which
sets steps and ramps on one scale; and the scale of the surprises is watched, as noise is never what it was.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.noise import DAY_S, Noise

Floats = NDArray[np.float64]

LEVEL, SLOPE, CURVATURE, LINGERING, COURSES = range(5)
SHAPES: Final = (LEVEL, SLOPE, CURVATURE, COURSES)
"""What a change adds to: level, slope, curvature, or the factor of the first course (use that grew at once)."""
USE: Final = 3
"""The last of the shapes."""
_SHAPES: Final = len(SHAPES)
_CLIP: Final = 4.0
"""A surprise counts as so many standard deviations at most: one wild value is no change. A change stays, so each
further one on the same side may count for `_TRUST` times as much."""
_TRUST: Final = 3.0
_LEAST_SCALE: Final = 0.25
"""Noise that turns out less than was learnt is believed down to half of it; to more than was learnt there is no end."""
_LONGEST_RUN: Final = 8
_MEMORY_S: Final = 14 * DAY_S
"""Over which the scale of the surprises is watched."""


@dataclass(frozen=True, slots=True, eq=False)
class Courses:
    """Known courses that the values follow by unknown factors, which may move.

    Attributes
    ----------
    values : (t, k, p) each course over time, for each channel
    factor, factor_spread, factor_wander : (k, p) expected factor, how uncertain it is, how far it moves in a day
    factor_memory_s : (k, p) time in which a factor comes back to where it was; infinite if it does not [s]
    noise_ratio : (t, k) how strong the noise is at each time; demand is more uncertain by day than by night
    """

    values: Floats
    factor: Floats
    factor_spread: Floats
    factor_wander: Floats
    factor_memory_s: Floats
    noise_ratio: Floats


@dataclass(slots=True, eq=False)
class Filter:
    """Prepared state of the filter; times advance in `advance_inplace`.

    Attributes
    ----------
    state, covariance : (k, n) and (k, n, n)
    onsets : rows at which changes are thought to begin, the oldest first
    """

    noise: Noise
    step_s: float
    state: Floats
    covariance: Floats
    courses: Courses
    scale: Floats
    onsets: list[int] = field(default_factory=list)
    errors: Floats = field(default_factory=lambda: np.zeros((0, _SHAPES, 0, 0)))
    gain: Floats = field(default_factory=lambda: np.zeros((0, 0, _SHAPES)))
    information: Floats = field(default_factory=lambda: np.zeros((0, 0, _SHAPES, _SHAPES)))
    _moves: Floats = field(init=False)
    _spreads: Floats = field(init=False)
    _forgets: float = field(init=False)
    _runs: Floats = field(init=False)
    """(k,) how many surprises in a row were too large, and to which side."""

    def __post_init__(self) -> None:
        n, days = self.state.shape[1], self.step_s / DAY_S
        stays = np.exp(-self.step_s / self.noise.lingering_s)
        self._runs = np.zeros(len(self.state))
        self._moves = np.tile(np.eye(n), (len(self.state), 1, 1))
        self._moves[:, LEVEL, SLOPE] = days
        self._moves[:, LEVEL, CURVATURE] = days * days / 2
        self._moves[:, SLOPE, CURVATURE] = days
        self._moves[:, LINGERING, LINGERING] = stays
        self._spreads = np.zeros((len(self.state), n))
        self._spreads[:, LEVEL] = self.noise.wander**2 * days
        self._spreads[:, LINGERING] = self.noise.lingering**2 * (1 - stays**2)
        self._spreads[:, COURSES:] = self.courses.factor_wander**2 * days
        for j in range(COURSES, n):
            self._moves[:, j, j] = np.exp(-self.step_s / self.courses.factor_memory_s[:, j - COURSES])
        self._forgets = min(1.0, self.step_s / _MEMORY_S)

    @property
    def moves(self) -> Floats:
        """(k, n, n) how a state moves on by a step."""
        return self._moves

    def begin_onset_inplace(self, row: int) -> None:
        """From now on, a change that begins at this row is thought possible."""
        k, n = self.state.shape
        fresh = np.zeros((1, _SHAPES, k, n))
        for shape, place in enumerate(SHAPES):
            if place < n:
                fresh[0, shape, :, place] = 1.0
        self.onsets.append(row)
        self.errors = np.concatenate([self.errors.reshape(-1, _SHAPES, k, n), fresh])
        self.gain = np.concatenate([self.gain.reshape(-1, k, _SHAPES), np.zeros((1, k, _SHAPES))])
        empty = np.zeros((1, k, _SHAPES, _SHAPES))
        self.information = np.concatenate([self.information.reshape(-1, k, _SHAPES, _SHAPES), empty])

    def keep_onsets_inplace(self, kept: NDArray[np.bool_]) -> None:
        """Forget the others."""
        self.onsets = [row for row, keep in zip(self.onsets, kept, strict=True) if keep]
        self.errors, self.gain, self.information = self.errors[kept], self.gain[kept], self.information[kept]

    def predict_inplace(self) -> None:
        """One step on, nothing observed yet."""
        self.state = np.einsum("kij,kj->ki", self._moves, self.state)
        self.covariance = self._moves @ self.covariance @ self._moves.transpose(0, 2, 1)
        n = self.state.shape[1]
        self.covariance[:, np.arange(n), np.arange(n)] += self._spreads
        if self.onsets:
            # a change moves on as the state does: its level by its slope, and so on
            self.errors = np.einsum("kij,mskj->mski", self._moves, self.errors)

    def observe_inplace(self, values: Floats, weights: Floats) -> Floats:
        """Take in one row; returns the surprises in standard deviations, NaN where a value is missing.

        Parameters
        ----------
        values : (k,)
        weights : (k, n) how the state shows in the values
        """
        present = np.isfinite(values)
        surprise = np.where(present, values - np.einsum("kn,kn->k", weights, self.state), 0.0)
        across = np.einsum("kij,kj->ki", self.covariance, weights)
        variance = np.einsum("kn,kn->k", weights, across) + (self.noise.white * weights[:, LINGERING]) ** 2
        variance = np.maximum(variance, 1e-300)
        deviation = np.sqrt(variance * self.scale)
        limit = _CLIP * _TRUST ** np.abs(self._runs) * deviation
        side = np.where(np.abs(surprise) > _CLIP * deviation, np.sign(surprise), 0.0)
        same = side * np.sign(self._runs) >= 0
        runs = np.where(side == 0, 0.0, np.where(same, self._runs, 0.0) + side)
        self._runs = np.where(present, np.clip(runs, -_LONGEST_RUN, _LONGEST_RUN), self._runs)
        surprise = np.clip(surprise, -limit, limit)
        gains = np.where(present[:, None], across / variance[:, None], 0.0)
        if self.onsets:
            shown = np.einsum("mskn,kn->mks", self.errors, weights)
            weight = np.where(present, 1.0 / (variance * self.scale), 0.0)
            self.gain += shown * (surprise * weight)[None, :, None]
            self.information += shown[..., :, None] * shown[..., None, :] * weight[None, :, None, None]
            self.errors -= np.einsum("mks,kn->mskn", shown, gains)
        self.state = self.state + gains * surprise[:, None]
        self.covariance = self.covariance - gains[:, :, None] * across[:, None, :]
        standard = np.where(present, surprise / np.sqrt(variance), np.nan)
        self._watch_inplace(standard)
        return standard

    def _watch_inplace(self, standard: Floats) -> None:
        # clipped at 3, so that a change does not pass for noise before it is recognised
        square = np.minimum(np.where(np.isfinite(standard), standard, np.sqrt(self.scale)) ** 2, 9.0)
        self.scale = np.maximum(self.scale + self._forgets * (square - self.scale), _LEAST_SCALE)


def start(noise: Noise, step_s: float, level: Floats, level_spread: Floats, courses: Courses) -> Filter:
    """A filter that knows nothing but where the level is, roughly."""
    k, p = courses.factor.shape
    state, covariance = np.zeros((k, COURSES + p)), np.zeros((k, COURSES + p, COURSES + p))
    state[:, LEVEL], covariance[:, LEVEL, LEVEL] = level, level_spread**2
    covariance[:, LINGERING, LINGERING] = noise.lingering**2
    state[:, COURSES:] = courses.factor
    for j in range(p):
        covariance[:, COURSES + j, COURSES + j] = courses.factor_spread[:, j] ** 2
    return Filter(noise, step_s, state, covariance, courses, np.ones(k))


def course_weights(courses: Courses, row: int) -> Floats:
    """(k, n) how the state shows in the values of a row."""
    k, p = courses.factor.shape
    weights = np.zeros((k, COURSES + p))
    weights[:, LEVEL] = 1.0
    weights[:, LINGERING] = courses.noise_ratio[row]
    weights[:, COURSES:] = courses.values[row]
    return weights
