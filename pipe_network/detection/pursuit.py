"""One pass over a record: follow the levels, weigh what explains the surprises, tell changes, go on besides them."""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection import innovations
from pipe_network.detection.changes import Change, ChangeKind, Course, Search
from pipe_network.detection.explanations import RAMP_DOWN, RAMP_UP, SHIFT, STEP_DOWN, STEP_UP, Weigher
from pipe_network.detection.hindsight import smoothed
from pipe_network.detection.innovations import CURVATURE, LEVEL, SLOPE, Courses, Filter
from pipe_network.detection.noise import DAY_S, Noise

Floats = NDArray[np.float64]

_LATEST_S: Final = 3 * 3600.0
_FINE_S: Final = 2 * DAY_S
_FINE_STEP_S: Final = 3600.0
_MIDDLE_S: Final = 10 * DAY_S
_MIDDLE_STEP_S: Final = DAY_S / 4
_LEARNING_S: Final = 2 * DAY_S
"""At first there is no telling a change from a level that is not yet known."""
_OPEN_RATIO: Final = 0.3
"""A shape as probable as this is allowed for when the filter goes back to the onset of a change."""
_READY_RATIO: Final = 0.9
"""So much of the probability must lie on onsets that have lasted, or the onset of a burst is taken too early."""
_DECIDED_RATIO: Final = 0.95
_PATIENCE_S: Final = 2 * DAY_S
"""A change is told once it is plain whether it is a leak, and at the latest after this; a day shows all of a rhythm."""
_NOTHING: Final = 1e-3
"""A channel that an explanation leaves alone has not changed by it, whatever else it did."""


@dataclass(slots=True, eq=False)
class Pursuit:
    """State of the pass; `run` makes it once."""

    times_s: Floats
    step_s: float
    values: Floats
    noise: Noise
    courses: Courses
    weigher: Weigher
    search: Search
    past: list[tuple[Floats, Floats, Floats]] = field(default_factory=list)
    known: list[tuple[Floats, Floats]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    filter: Filter = field(init=False)

    def __post_init__(self) -> None:
        self.filter = self._fresh()

    def run(self) -> Course:
        """Everything the record says."""
        t, k = self.values.shape
        levels, spreads, surprises = np.zeros((t, k)), np.zeros((t, k)), np.full((t, k), np.nan)
        factors = np.zeros((t, *self.courses.factor.shape))
        evenings, a_day = np.zeros((t, k)), max(1, round(DAY_S / self.step_s))
        every = max(1, round(self.search.check_s / self.step_s))
        for row in range(t):
            surprises[row] = self._advance_inplace(row)
            if row % every == every - 1:
                self._tell_inplace(row)
            f = self.filter
            levels[row], spreads[row] = f.state[:, LEVEL], np.sqrt(np.maximum(f.covariance[:, LEVEL, LEVEL], 0))
            factors[row] = f.state[:, innovations.COURSES :]
            if row % a_day == a_day - 1 or row == t - 1:
                day = slice(row // a_day * a_day, row + 1)
                evenings[day] = self._looking_back(day)[0]
        late, late_spreads = self._looking_back(slice(0, t))
        return Course(
            changes=tuple(self.changes),
            levels=levels,
            level_spreads=spreads,
            evening_levels=evenings,
            hindsight_levels=late,
            hindsight_spreads=late_spreads,
            factors=factors,
            surprises=surprises,
        )

    def _looking_back(self, rows: slice) -> tuple[Floats, Floats]:
        """(t, k) levels and their spreads as known now, the last of the rows being the present."""
        foreseen = [(state, covariance) for state, covariance, _ in self.past[rows]]
        states, spreads = smoothed(self.filter.moves, foreseen, self.known[rows])
        return states[:, :, LEVEL], spreads[:, :, LEVEL]

    def _fresh(self) -> Filter:
        first = self.values[: max(1, int(DAY_S / self.step_s))]
        known = np.einsum("tkp,kp->tk", self.courses.values[: len(first)], self.courses.factor)
        present = np.isfinite(first)
        level = np.where(present, first - known, 0.0).sum(axis=0) / np.maximum(present.sum(axis=0), 1)
        spread = 10 * self.weigher.spreads + np.abs(level)
        return innovations.start(self.noise, self.step_s, level, spread, self.courses)

    def _advance_inplace(self, row: int) -> Floats:
        self.filter.predict_inplace()
        return self._observe_inplace(row)

    def _observe_inplace(self, row: int) -> Floats:
        f = self.filter
        # a change that begins with this row shows in it already
        self.past.append((f.state, f.covariance, f.scale))
        if row * self.step_s >= _LEARNING_S:
            f.begin_onset_inplace(row)
        standard = f.observe_inplace(self.values[row], innovations.course_weights(self.courses, row))
        self.known.append((f.state, f.covariance))
        self._thin_inplace(row)
        return standard

    def _thin_inplace(self, row: int) -> None:
        """The latest onsets by the row, recent ones by the hour, older by the quarter of a day, old ones by the day."""
        f = self.filter
        onsets = np.array(f.onsets, int)
        if not len(onsets):
            return
        age_s, at_s = (row - onsets) * self.step_s, onsets * self.step_s
        middle = np.mod(at_s, _MIDDLE_STEP_S) < self.step_s
        coarse = np.mod(at_s, DAY_S) < self.step_s
        fine = np.mod(at_s, _FINE_STEP_S) < self.step_s
        kept = (
            (age_s <= _LATEST_S)
            | (fine & (age_s <= _FINE_S))
            | (middle & (age_s <= _MIDDLE_S))
            | (coarse & (age_s <= self.search.window_s))
        )
        if not kept.all():
            f.keep_onsets_inplace(kept)

    def _tell_inplace(self, row: int) -> None:
        f = self.filter
        if not f.onsets:
            return
        onsets = np.array(f.onsets)
        ages_s = (row - onsets + 1) * self.step_s
        nats = self.weigher.nats(f.gain, f.information, ages_s)
        widths = np.diff(onsets, append=onsets[-1] + 1) * self.step_s / DAY_S
        weights = nats + np.log(self.search.rate_per_day_ratio / 2 * widths)
        top = float(weights.max())
        if top < self.search.certainty_nats - 4:
            return
        mass = np.exp(weights - top)
        odds_nats = top + float(np.log(mass.sum()))
        ready = ages_s >= self.search.confirm_s
        if (
            odds_nats >= self.search.certainty_nats
            and mass[:, ready].sum() >= _READY_RATIO * mass.sum()
            and (self._is_decided(mass) or mass[:, ages_s >= _PATIENCE_S].sum() > 0.5 * mass.sum())
        ):
            self._accept_inplace(row, mass / mass.sum(), odds_nats)

    def _is_decided(self, mass: Floats) -> bool:
        """Whether it is plain that water is lost, saved, or neither."""
        shares = mass.sum(axis=1) / mass.sum()
        losses = (shares[STEP_UP] + shares[RAMP_UP], shares[STEP_DOWN] + shares[RAMP_DOWN], shares[SHIFT])
        return bool(max(losses) >= _DECIDED_RATIO)

    def _accept_inplace(self, row: int, mass: Floats, odds_nats: float) -> None:
        f = self.filter
        shares = mass.sum(axis=1)
        explanation = int(np.argmax(shares))
        best = int(np.argmax(mass[explanation]))
        within = np.cumsum(mass[explanation]) / shares[explanation]
        low, high = (int(np.searchsorted(within, q)) for q in (0.05, 0.95))
        onset = f.onsets[best]
        kinds: tuple[ChangeKind, ...] = ("step", "recovery", "ramp", self._kind_of_slowing(onset), "shift")
        ratios: dict[ChangeKind, float] = {}
        for kind, share in zip(kinds, shares, strict=True):
            ratios[kind] = ratios.get(kind, 0.0) + float(share)
        sizes = self.weigher.sizes(f.gain[best], f.information[best], (row - onset + 1) * self.step_s, explanation)
        ends_s = [self.times_s[f.onsets[k]] for k in (max(low - 1, 0), min(high, len(f.onsets) - 1))]
        before = self.past[onset][0]
        self._reopen_inplace(row, onset, self._opened(best, shares, explanation))
        # what the surprises say of a large change is clipped; what the filter follows once it may change is not
        size = self.filter.state[:, LEVEL] - self._foreseen(before, row - onset)
        size = np.where(np.abs(sizes.mean) > _NOTHING * self.weigher.spreads, size, sizes.mean)
        self.changes.append(
            Change(
                kind=kinds[explanation],
                onset_s=float(self.times_s[onset]),
                onset_low_s=float(ends_s[0]),
                onset_high_s=float(ends_s[1]),
                found_s=float(self.times_s[row]),
                size=size,
                size_low=size - 1.645 * sizes.spread,
                size_high=size + 1.645 * sizes.spread,
                kinds_ratio=ratios,
                weight_nats=odds_nats,
            )
        )

    def _opened(self, best: int, shares: Floats, explanation: int) -> Floats:
        """(k, 4) what the explanation leaves open, and what those leave open that are nearly as probable."""
        f = self.filter
        told = [k for k, share in enumerate(shares) if k == explanation or share >= _OPEN_RATIO]
        each = [self.weigher.sizes(f.gain[best], f.information[best], self.step_s, k).opened for k in told]
        return np.asarray(3 * np.max(each, axis=0))

    def _foreseen(self, state: Floats, rows: int) -> Floats:
        """(k,) level as it would be had nothing changed."""
        days = rows * self.step_s / DAY_S
        return np.asarray(state[:, LEVEL] + days * state[:, SLOPE] + days * days / 2 * state[:, CURVATURE])

    def _kind_of_slowing(self, onset: int) -> ChangeKind:
        if not self._is_growing(onset):
            return "recovery"
        told = [c.kind for c in self.changes]
        # growth that ends although none was told that has not ended already was a leak that nobody has told yet
        return "settled" if told.count("ramp") > told.count("settled") else "ramp"

    def _is_growing(self, onset: int) -> bool:
        state, covariance, _ = self.past[onset]
        spread = np.sqrt(np.maximum(covariance[:, SLOPE, SLOPE], 1e-300))
        return bool((np.abs(state[:, SLOPE]) > 2 * spread).any())

    def _reopen_inplace(self, row: int, onset: int, opened: Floats) -> None:
        """Go back to the onset, allow the change there, and come again: what is found next is besides it."""
        # an onset is known to a row, and in its own row a step has only begun
        first = max(onset - 1, 0)
        state, covariance, scale = self.past[first]
        del self.past[first:], self.known[first:]
        self.filter = replace(
            self.filter, state=state, covariance=covariance, scale=scale, onsets=[],
            errors=np.zeros((0, 0, 0, 0)), gain=np.zeros((0, 0, 0)), information=np.zeros((0, 0, 0, 0)),
        )  # fmt: skip
        for again in range(first, row + 1):
            if again > first:
                self.filter.predict_inplace()
            if again <= onset + 1:
                self._open_inplace(opened, at_onset=again == onset)
            self._observe_inplace(again)
        # what is left around the onset is the shape of this change, not another one
        f = self.filter
        f.keep_onsets_inplace(np.array([k > onset + 1 for k in f.onsets], bool))

    def _open_inplace(self, opened: Floats, *, at_onset: bool) -> None:
        covariance = self.filter.covariance.copy()
        for shape, place in enumerate(innovations.SHAPES):
            # only a level has to be free for a row before and after; a slope does nothing in so short a time
            if place < covariance.shape[1] and (at_onset or shape == LEVEL):
                covariance[:, place, place] += opened[:, shape] ** 2
        self.filter.covariance = covariance
