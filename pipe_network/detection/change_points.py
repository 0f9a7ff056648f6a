"""Steps, ramps and recoveries in series: since when, how large, how sure.

A value is a level, plus noise; a level stays until it steps, or grows as an incipient leak does (by its slope and
curvature), or falls back when a leak is repaired. At each time the onsets and kinds of change that would explain the
surprises best are weighed against "nothing has changed"; what is said at a time uses values up to that time only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection import innovations
from pipe_network.detection.innovations import CURVATURE, LEVEL, SLOPE, Courses, Filter
from pipe_network.detection.noise import DAY_S, Noise, estimate_noise
from pipe_network.errors import PipeNetworkError

Floats = NDArray[np.float64]
ChangeKind = Literal["step", "ramp", "recovery", "settled"]

_FINE_S: Final = 2 * DAY_S
_MIDDLE_S: Final = 10 * DAY_S
_MIDDLE_STEP_S: Final = DAY_S / 4
_RAMP_S: Final = 30 * DAY_S
"""In which a typical incipient leak grows to the size of a typical step."""
_SHARES: Final = (1.0, 0.3)
"""Of the size expected: large and small changes are both looked for, each at its own price."""
_LEARNING_S: Final = 2 * DAY_S
"""At first there is no telling a change from a level that is not yet known."""


class UnevenTimesError(PipeNetworkError, ValueError):
    """Times that are not equally spaced and increasing."""

    def __init__(self, row: int) -> None:
        self.row = row
        super().__init__(
            f"times must increase by equal steps, but do not at row {row}; put them on a grid, NaN in gaps"
        )


@dataclass(frozen=True, slots=True)
class Search:
    """How changes are sought.

    Attributes
    ----------
    rate_per_day_ratio : probability that something changes on a day
    certainty_nats : log-odds at which a change is told
    confirm_s : how long a change must have lasted: shorter than this, it may be a hydrant or a holiday [s]
    window_s : how far back a change is sought [s]
    size : (k,) or one number: spread of the sizes expected; none takes ten times what a day's mean scatters
    """

    rate_per_day_ratio: float = 1 / 20
    certainty_nats: float = 5.0
    confirm_s: float = 6 * 3600.0
    window_s: float = 45 * DAY_S
    size: tuple[float, ...] | float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One change, as it was known when it was found.

    Attributes
    ----------
    kind : a `step` or a `ramp` upwards, a `recovery` (a step or ramp downwards), or a ramp that has `settled`
    onset_s, onset_low_s, onset_high_s : best, and the ends of the 90 % interval [s]
    size, size_low, size_high : (k,) by how much the values have changed from onset until it was found
    found_s : the time at which it was told [s]
    kinds_ratio : probability of each kind, given that something has changed
    weight_nats : log-odds of a change against none
    """

    kind: ChangeKind
    onset_s: float
    onset_low_s: float
    onset_high_s: float
    found_s: float
    size: Floats
    size_low: Floats
    size_high: Floats
    kinds_ratio: Mapping[ChangeKind, float]
    weight_nats: float


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What was found, and what the filter made of the values, causally.

    Attributes
    ----------
    levels, level_spreads : (t, k) level as known at each time, and its standard deviation
    factors : (t, k, p) of the known courses
    surprises : (t, k) in standard deviations; NaN where a value is missing
    """

    changes: tuple[Change, ...]
    levels: Floats
    level_spreads: Floats
    factors: Floats
    surprises: Floats


def find_changes(
    times_s: Floats,
    values: Floats,
    *,
    noise: Noise | None = None,
    rising_ratio: Floats | None = None,
    search: Search | None = None,
) -> tuple[Change, ...]:
    """Changes of the level of one or several series, in the order they are told.

    Channels are taken to be independent: decorrelate them before, as `pressure_changes` does. A change may show in all
    of them, each by a size of its own.

    Parameters
    ----------
    times_s : (t,) equally spaced [s]
    values : (t,) or (t, k), NaN where missing
    noise : of each channel; without it, estimated from all the values
    rising_ratio : (k,) how a leak shows: +1 where it raises values, -1 where it lowers them, 0 where either; decides
        what is a leak and what a recovery. Without it, +1.

    Raises
    ------
    UnevenTimesError
        If the times are not a grid.

    Examples
    --------
    >>> times_s = np.arange(24 * 20) * 3600.0
    >>> values = np.random.default_rng(1).normal(0.0, 1.0, len(times_s)) + 2.0 * (times_s > 10 * 86400)
    >>> [c] = find_changes(times_s, values)
    >>> c.kind, round(c.onset_s / 86400), bool(1.0 < c.size[0] < 3.0), c.found_s < 12 * 86400
    ('step', 10, True, True)
    """
    return follow(times_s, values, noise=noise, rising_ratio=rising_ratio, search=search).changes


def follow(
    times_s: Floats,
    values: Floats,
    *,
    noise: Noise | None = None,
    courses: Courses | None = None,
    rising_ratio: Floats | None = None,
    search: Search | None = None,
) -> Course:
    """As `find_changes`, with known courses that the values follow besides, and with what is known at each time."""
    times_s, values = np.asarray(times_s, float), np.asarray(values, float)
    values = values[:, None] if values.ndim == 1 else values
    steps_s = np.diff(times_s)
    if len(steps_s) and (steps_s[0] <= 0 or np.abs(steps_s - steps_s[0]).max() > 1e-3 * steps_s[0]):
        raise UnevenTimesError(int(np.argmax(np.abs(steps_s - steps_s[0]))) + 1)
    k = values.shape[1]
    none = np.zeros((k, 0))
    courses = courses or Courses(np.zeros((len(values), k, 0)), none, none, none)
    noise = noise or estimate_noise(times_s, values)
    rising = np.ones(k) if rising_ratio is None else np.asarray(rising_ratio, float)
    return _Pursuit(times_s, values, noise, courses, rising, search or Search()).run()


@dataclass(slots=True, eq=False)
class _Pursuit:
    """One pass over a record."""

    times_s: Floats
    values: Floats
    noise: Noise
    courses: Courses
    rising: Floats
    search: Search
    past: list[tuple[Floats, Floats, Floats]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    step_s: float = field(init=False)
    size: Floats = field(init=False)
    filter: Filter = field(init=False)

    def __post_init__(self) -> None:
        self.step_s = float(self.times_s[1] - self.times_s[0]) if len(self.times_s) > 1 else 3600.0
        daily = np.maximum(self.noise.over_a_day(self.step_s), 1e-12)
        size = daily * 10 if self.search.size is None else self.search.size
        self.size = np.broadcast_to(size, daily.shape).astype(float)
        self.filter = self._fresh()

    def run(self) -> Course:
        t, k = self.values.shape
        levels, spreads, surprises = np.zeros((t, k)), np.zeros((t, k)), np.full((t, k), np.nan)
        factors = np.zeros((t, *self.courses.factor.shape))
        for row in range(t):
            surprises[row] = self._advance_inplace(row)
            self._tell_inplace(row)
            f = self.filter
            levels[row], spreads[row] = f.state[:, LEVEL], np.sqrt(np.maximum(f.covariance[:, LEVEL, LEVEL], 0))
            factors[row] = f.state[:, innovations.COURSES :]
        return Course(tuple(self.changes), levels, spreads, factors, surprises)

    def _fresh(self) -> Filter:
        first = self.values[: max(1, int(DAY_S / self.step_s))]
        present = np.isfinite(first)
        counts = np.maximum(present.sum(axis=0), 1)
        level = np.where(present, first, 0.0).sum(axis=0) / counts
        if self.courses.factor.size:
            known = np.einsum("tkp,kp->tk", self.courses.values[: len(first)], self.courses.factor)
            level = np.where(present, first - known, 0.0).sum(axis=0) / counts
        spread = 10 * self.size + np.abs(level)
        return innovations.start(self.noise, self.step_s, level, spread, self.courses)

    def _advance_inplace(self, row: int) -> Floats:
        f = self.filter
        f.predict_inplace()
        # a change that begins with this row shows in it already
        self.past.append((f.state, f.covariance, f.scale))
        if row * self.step_s >= _LEARNING_S:
            f.begin_onset_inplace(row)
        standard = f.observe_inplace(self.values[row], innovations.course_weights(self.courses, row))
        self._thin_inplace(row)
        return standard

    def _thin_inplace(self, row: int) -> None:
        """Recent onsets by the row, older ones by the quarter of a day, old ones by the day."""
        f = self.filter
        onsets = np.array(f.onsets, int)
        if not len(onsets):
            return
        age_s, at_s = (row - onsets) * self.step_s, onsets * self.step_s
        middle = np.mod(at_s, _MIDDLE_STEP_S) < self.step_s
        coarse = np.mod(at_s, DAY_S) < self.step_s
        kept = (age_s <= _FINE_S) | (middle & (age_s <= _MIDDLE_S)) | (coarse & (age_s <= self.search.window_s))
        if not kept.all():
            f.keep_onsets_inplace(kept)

    def _tell_inplace(self, row: int) -> None:
        f = self.filter
        if not f.onsets:
            return
        onsets = np.array(f.onsets)
        kinds = [np.logaddexp.reduce([nats(share) for share in _SHARES]) for nats in (self._step_nats, self._ramp_nats)]
        ready = (row - onsets + 1) * self.step_s >= self.search.confirm_s
        widths = np.diff(onsets, append=onsets[-1] + 1) * self.step_s / DAY_S
        prior = np.log(self.search.rate_per_day_ratio / 2 / len(_SHARES) * widths)
        weights = np.where(ready, np.stack(kinds) + prior, -np.inf)
        top = weights.max()
        if top < self.search.certainty_nats - 3:
            return
        odds_nats = float(top + np.log(np.exp(weights - top).sum()))
        if odds_nats >= self.search.certainty_nats:
            self._accept_inplace(row, np.exp(weights - top), odds_nats)

    def _step_nats(self, share: float) -> Floats:
        a, b = self.filter.information[..., LEVEL, LEVEL], self.filter.gain[..., LEVEL]
        prior = (share * self.size) ** 2
        result: Floats = 0.5 * (b * b * prior / (1 + a * prior) - np.log1p(a * prior)).sum(axis=1)
        return result

    def _ramp_spreads(self) -> Floats:
        days = _RAMP_S / DAY_S
        return np.stack([self.size / days, 2 * self.size / days**2], axis=1)

    def _ramp_nats(self, share: float) -> Floats:
        s = share * self._ramp_spreads()
        b = self.filter.gain[..., SLOPE:] * s
        a = self.filter.information[..., SLOPE:, SLOPE:] * s[..., :, None] * s[..., None, :]
        a00, a11, a01 = 1 + a[..., 0, 0], 1 + a[..., 1, 1], a[..., 0, 1]
        det = a00 * a11 - a01**2
        fit = (b[..., 0] ** 2 * a11 + b[..., 1] ** 2 * a00 - 2 * b[..., 0] * b[..., 1] * a01) / det
        result: Floats = 0.5 * (fit - np.log(det)).sum(axis=1)
        return result

    def _accept_inplace(self, row: int, mass: Floats, odds_nats: float) -> None:
        f = self.filter
        mass = mass / mass.sum()
        shape = int(np.argmax(mass.sum(axis=1)))
        best = int(np.argmax(mass[shape]))
        within = np.cumsum(mass[shape]) / mass[shape].sum()
        low, high = (int(np.searchsorted(within, q)) for q in (0.05, 0.95))
        onset, was_growing = f.onsets[best], self._is_growing(f.onsets[best])
        size, spread = self._size(best, shape, (row - onset) * self.step_s / DAY_S)
        rises = float((self.rising * size / self.size).sum()) >= 0
        kinds: tuple[ChangeKind, ChangeKind] = (
            ("step", "ramp") if rises else ("recovery", "settled" if was_growing else "recovery")
        )
        shares = mass.sum(axis=1)
        ratios: dict[ChangeKind, float] = {kinds[0]: float(shares[0])}
        ratios[kinds[1]] = ratios.get(kinds[1], 0.0) + float(shares[1])
        last = len(f.onsets) - 1
        self.changes.append(
            Change(
                kind=kinds[shape],
                onset_s=float(self.times_s[onset]),
                onset_low_s=float(self.times_s[f.onsets[max(low - 1, 0)] if shape else f.onsets[low]]),
                onset_high_s=float(self.times_s[f.onsets[min(high, last)]]),
                found_s=float(self.times_s[row]),
                size=size,
                size_low=size - 1.645 * spread,
                size_high=size + 1.645 * spread,
                kinds_ratio=ratios,
                weight_nats=odds_nats,
            )
        )
        self._reopen_inplace(row, onset, shares)

    def _is_growing(self, onset: int) -> bool:
        state, covariance, _ = self.past[onset]
        slope = self.rising * state[:, SLOPE]
        return bool((slope > 2 * np.sqrt(np.maximum(covariance[:, SLOPE, SLOPE], 1e-300))).any())

    def _size(self, best: int, shape: int, days: float) -> tuple[Floats, Floats]:
        """Posterior mean and spread of how much the values have changed by now."""
        f = self.filter
        if shape == 0:
            a, b = f.information[best, :, LEVEL, LEVEL], f.gain[best, :, LEVEL]
            variance = 1 / (a + 1 / self.size**2)
            return b * variance, np.sqrt(variance)
        s = self._ramp_spreads()
        prior = np.zeros((len(self.size), 2, 2))
        prior[:, 0, 0], prior[:, 1, 1] = 1 / s[:, 0] ** 2, 1 / s[:, 1] ** 2
        covariance = np.linalg.inv(f.information[best][:, SLOPE:, SLOPE:] + prior)
        mean = np.einsum("kij,kj->ki", covariance, f.gain[best][:, SLOPE:])
        grown = np.array([days, days * days / 2])
        return mean @ grown, np.sqrt(np.einsum("i,kij,j->k", grown, covariance, grown))

    def _reopen_inplace(self, row: int, onset: int, shares: Floats) -> None:
        """Go back to the onset, allow the change there, and come again: what is found next is besides it."""
        state, covariance, scale = self.past[onset]
        covariance = covariance.copy()
        if shares[0] > 0.3:
            covariance[:, LEVEL, LEVEL] += (3 * self.size) ** 2
        if shares[1] > 0.3:
            slope, curvature = 3 * self._ramp_spreads().T
            covariance[:, SLOPE, SLOPE] += slope**2
            covariance[:, CURVATURE, CURVATURE] += curvature**2
        del self.past[onset:]
        self.filter = replace(
            self.filter, state=state, covariance=covariance, scale=scale, onsets=[],
            errors=np.zeros((0, 0, 0, 0)), gain=np.zeros((0, 0, 0)), information=np.zeros((0, 0, 0, 0)),
        )  # fmt: skip
        self.past.append((state, covariance, scale))
        self.filter.observe_inplace(self.values[onset], innovations.course_weights(self.courses, onset))
        for again in range(onset + 1, row + 1):
            self._advance_inplace(again)
