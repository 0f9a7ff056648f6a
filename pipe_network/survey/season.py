"""Day after day: repairs are recognised, new leaks sought, known ones put where they fit better."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.distances import pipe_distances_m
from pipe_network.record import DAY_S
from pipe_network.survey.evidence import (
    Answers,
    Contrast,
    Location,
    Screening,
    change_share,
    locate_refined,
    screen,
    without_outliers,
)
from pipe_network.survey.findings import Finding, Rule
from pipe_network.survey.surveyor import SETTLED_DAYS, KnownLeak, Surveyor

Floats = NDArray[np.float64]

_LOG = logging.getLogger(__name__)

_WINDOWS_DAYS: Final = ((2, 0), (2, 1), (4, 0), (4, 1), (7, 0), (7, 7), (7, 14), (7, 28), (7, 50))
"""What is held against what: the mean of so many days, against what was known so many days before them."""
_FOLD_DAYS: Final = 3
_REPAIR_NATS: Final = 20.0
_ENDING_RATIO: Final = (0.3, 0.9)
"""A leak that loses so much less is ending; and has ended."""
_LOOK_DAYS: Final = 2
"""A suspicion that was not worth a report is looked at again so many days later."""
_LEAST_LOOKS: Final = 2
"""A burst is first seen with a day before it in the mean, and would be taken for half of what it is."""
_PATIENCE_LOOKS: Final = 10
"""A suspicion that lasts for so many looks may be the shadow of a known leak in the wrong place."""
_SCREENED_DAYS: Final = 14
"""All pipes are screened by signatures as they were known so many days ago: most leaks in question are younger."""
_TRIMMINGS: Final = 3
"""So often values that are at odds with one leak are set aside, once a suspicion stays."""
_CANDIDATES: Final = 60
_GROWN_RATIO: Final = 1.5
"""A leak that has grown so much is placed again; else after `_PLACE_DAYS`, while it is younger than `_YOUNG_DAYS`."""
_PLACE_DAYS: Final = (7, 21)
_YOUNG_DAYS: Final = 120


@dataclass(frozen=True, slots=True, eq=False)
class _Suspicion:
    contrast: Contrast
    screening: Screening
    onset_day: int


@dataclass(slots=True)
class _Placed:
    day: int
    size_m3_per_s: float


class Season:
    """One pass over a record."""

    def __init__(self, surveyor: Surveyor, rule: Rule, tell: Callable[[str], None]) -> None:
        self._of, self._rule, self._tell = surveyor, rule, tell
        pipes = surveyor.twin.network.pipes
        self._ids = [p.id for p in pipes]
        self._lengths_m = np.array([p.length_m for p in pipes])
        distances_m = pipe_distances_m(surveyor.twin.network)
        self._near = distances_m <= rule.radius_m
        # between places that reach the leak equally well the nearer one saves the crew's time
        self._worth = np.where(self._near, 1 - 0.1 * distances_m / rule.radius_m, 0.0)
        self._findings: list[Finding] = []
        self._placed: list[_Placed] = []
        self._next_look = 0
        self._looks = 0

    def run(self) -> tuple[Finding, ...]:
        """The findings, in the order they were reported."""
        of = self._of
        for day in range(SETTLED_DAYS, of.days):
            of.compute(day, day + 1)
            if (day - SETTLED_DAYS) % _FOLD_DAYS == 0:
                of.fold(day)
            of.learn_day(day)
            self._tell(f"day {day + 1} of {of.days}, {len(of.leaks)} leaks")
            self._seek_repairs(day)
            if day >= self._next_look:
                self._seek_leak(day)
            for number, leak in enumerate(of.leaks):
                if self._is_to_be_placed(number, leak, day):
                    self._place_again(number, leak, day)
        return tuple(self._findings)

    def _at_s(self, day: int) -> float:
        return float(self._of.twin.record.times_s[0]) + day * DAY_S

    # -- repairs
    def _seek_repairs(self, day: int) -> None:
        """At most one a day, that which explains most; and only if a new leak would not explain more."""
        of, gone = self._of, day - 1
        known = [(*self._ending(k, leak, day), k) for k, leak in enumerate(of.leaks) if leak.gone_day is None]
        evidence, share_ratio, number = max(known, default=(0.0, 0.0, -1))
        if evidence < _REPAIR_NATS or share_ratio < _ENDING_RATIO[0]:
            return
        # a burst resembles the end of a leak on the other side of the town, but it resembles a burst more
        contrast = of.contrast(gone - 2, gone, day + 1)
        if screen(contrast, of.answers(day).linear()).best > evidence:
            return
        _LOG.debug("day %d: leak %d has %.2f less, %.0f nats", day, number, share_ratio, evidence)
        if share_ratio < _ENDING_RATIO[1]:
            self._next_look = day + 1  # it is just ending, or shrinks: what else seems to change is its shadow
            return
        of.end(of.leaks[number], gone, day)
        self._findings = [replace(f, ended_s=self._at_s(gone)) if f.leak == number else f for f in self._findings]

    def _ending(self, number: int, leak: KnownLeak, day: int) -> tuple[float, float]:
        """How much the last two days speak for less of a leak, and how much less. [nat], [ratio]"""
        of, gone = self._of, day - 1
        best = (0.0, 0.0)
        for base in (gone, gone - 2):  # what is believed of a day may already hold part of the repair
            if base <= leak.onset_day + 1:
                continue
            size = leak.course_m3_per_s[base] + of.more_m3_per_s[number, base - 1]
            contrast = of.contrast(base, gone, day + 1, ending=number)
            best = max(best, change_share(contrast, -size * of.columns(day)[number], size**2 * leak.spread))
        return best

    # -- new leaks
    def _seek_leak(self, day: int) -> None:
        suspicion = self._suspicion(day)
        if suspicion is None:
            self._looks = 0
            return
        self._looks += 1
        self._next_look = day + _LOOK_DAYS
        self._of.take_typical(day + 1)
        answers = self._of.answers(day, suspicion.contrast.base_day)
        location = self._located(suspicion, answers)
        place, hit_ratio = self._best_place(location)
        _LOG.debug(
            "day %d: %s %.2f, %.1f m3/h since day %d, %.0f nats, misfit %.2f", day, self._ids[place], hit_ratio,
            location.sizes_m3_per_s[place] * 3600, suspicion.onset_day, location.log_likelihood, location.misfit_ratio,
        )  # fmt: skip
        rule = self._rule
        if (
            self._looks >= _LEAST_LOOKS
            and hit_ratio >= rule.least_ratio
            and location.log_likelihood >= rule.least_nats
            and self._is_explained(location, len(suspicion.contrast.residual))
        ):
            self._report(day, suspicion, location, answers)

    def _located(self, suspicion: _Suspicion, answers: Answers) -> Location:
        """Where it is; if that stays unexplained, by what of it is not at odds with one leak."""
        contrast, screening = suspicion.contrast, suspicion.screening
        for _ in range(_TRIMMINGS if self._looks > _LEAST_LOOKS else 0):
            location = locate_refined(contrast, screening, answers, lengths_m=self._lengths_m)
            if self._is_explained(location, len(contrast.residual)):
                return location
            contrast = without_outliers(contrast, location)
            screening = screen(contrast, answers.linear())
        return locate_refined(contrast, screening, answers, lengths_m=self._lengths_m)

    def _is_explained(self, location: Location, values: int) -> bool:
        """Whether little is left; a large leak may leave a tenth of what it explains."""
        left_nats = location.misfit_ratio * values / 2
        return location.misfit_ratio <= self._rule.most_misfit_ratio or left_nats <= 0.1 * location.log_likelihood

    def _suspicion(self, day: int) -> _Suspicion | None:
        """The comparison that says most, if it says enough."""
        linear = self._of.answers(day, max(day - _SCREENED_DAYS, SETTLED_DAYS)).linear()
        best: _Suspicion | None = None
        for days, before in _WINDOWS_DAYS:
            base = day + 1 - days - before
            if base < SETTLED_DAYS - 2:
                continue
            contrast = self._of.contrast(base, day + 1 - days, day + 1)
            screening = screen(contrast, linear)
            if screening.best >= self._rule.least_nats and (best is None or screening.best > best.screening.best):
                best = _Suspicion(contrast, screening, base)
        return best

    def _best_place(self, location: Location) -> tuple[int, float]:
        place = int((self._worth @ location.probability_ratio).argmax())
        return place, float(self._near[place] @ location.probability_ratio)

    def _report(self, day: int, suspicion: _Suspicion, location: Location, answers: Answers) -> None:
        of, p, onset_day = self._of, location.probability_ratio, suspicion.onset_day
        place, hit_ratio = self._best_place(location)
        size = float(p @ location.sizes_m3_per_s)
        leak = KnownLeak(int(p.argmax()), onset_day, np.zeros(of.days), _spread(answers, p), size)
        of.add(leak, day)
        # in the wrong thin pipe a leak costs metres of head, and spoils all that is learnt from then on
        seen = suspicion.contrast
        left = of.contrast(seen.base_day, day + 1 - seen.days, day + 1).misfit_ratio
        if left > max(seen.misfit_ratio, self._rule.most_misfit_ratio):
            _LOG.debug("day %d: of a misfit of %.2f the leak leaves %.2f", day, seen.misfit_ratio, left)
            of.forget(leak, day)
            return
        self._next_look, self._looks = day + 1, 0
        self._placed.append(_Placed(day, size))
        self._findings.append(
            Finding(
                pipe_id=self._ids[place],
                found_at_s=self._at_s(day + 1),
                onset_s=self._at_s(onset_day),
                size_m3_per_s=size,
                probability_ratio=hit_ratio,
                evidence_nats=location.log_likelihood,
                misfit_ratio=location.misfit_ratio,
                leak=len(of.leaks) - 1,
            )
        )

    # -- better places
    def _is_to_be_placed(self, number: int, leak: KnownLeak, day: int) -> bool:
        # a leak that is suspected but not known yet would drag the known ones towards it
        if day < self._next_look + _LOOK_DAYS and self._looks <= _PATIENCE_LOOKS:
            return False
        age, placed = day - self._placed[number].day, self._placed[number]
        if not leak.is_active(day) or age < _PLACE_DAYS[0]:
            return False
        has_grown = float(leak.course_m3_per_s[day]) >= _GROWN_RATIO * placed.size_m3_per_s
        return has_grown or (age >= _PLACE_DAYS[1] and day - leak.onset_day <= _YOUNG_DAYS)

    def _place_again(self, number: int, leak: KnownLeak, day: int) -> None:
        """Put a leak where it fits best by now; correct the report if another place is worth one more crew."""
        of, rule = self._of, self._rule
        size = float(leak.course_m3_per_s[day])
        self._placed[number] = _Placed(day, size)
        contrast, answers = of.without(leak, 7, day), of.answers(day)
        location = locate_refined(contrast, screen(contrast, answers.linear()), answers, lengths_m=self._lengths_m)
        of.take_typical(day + 1)
        p = location.probability_ratio
        if not self._is_explained(location, len(contrast.residual)):
            return  # something else has changed meanwhile, which would drag the leak towards it
        reported = [f for f in self._findings if f.leak == number]
        missed = p * ~self._near[[self._ids.index(f.pipe_id) for f in reported]].any(axis=0)
        place = int((self._worth @ missed).argmax())
        gain_ratio = float(self._near[place] @ missed)
        _LOG.debug(
            "day %d: leak %d, missed %.2f, at %s, best other %s %.2f, %.0f nats, misfit %.2f", day, number,
            missed.sum(), self._ids[leak.pipe_row], self._ids[place], gain_ratio, location.log_likelihood,
            location.misfit_ratio,
        )  # fmt: skip
        middle = int(p.argmax())
        if p[middle] > 5 * p[leak.pipe_row]:
            of.move(leak, middle, _spread(answers, p), day)
        if gain_ratio >= rule.correction_ratio:
            self._findings.append(
                replace(
                    reported[0],
                    pipe_id=self._ids[place],
                    found_at_s=self._at_s(day + 1),
                    size_m3_per_s=size,
                    probability_ratio=gain_ratio,
                    evidence_nats=location.log_likelihood,
                    misfit_ratio=location.misfit_ratio,
                    is_correction=True,
                )
            )


def _spread(answers: Answers, p: Floats) -> Floats:
    """(values, values) by how much a leak's signature may be wrong: what it does there, and where it is."""
    candidates = np.argsort(-p, kind="stable")[:_CANDIDATES]
    weights = p[candidates] / p[candidates].sum()
    linear = np.array([answers.linear_of(int(row)) for row in candidates])
    off = linear - linear[0]
    result: Floats = answers.spread(int(candidates[0])) + (off * weights[:, None]).T @ off
    return result
