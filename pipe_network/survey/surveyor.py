"""Goes through a record day by day, and holds what is known at each."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.survey import calibration
from pipe_network.survey.calibration import Belief, Uncertainty
from pipe_network.survey.driven import DrivenTwin
from pipe_network.survey.errors import SurveyError
from pipe_network.survey.evidence import Answers, Contrast
from pipe_network.survey.load import Load, loads_m3_per_s
from pipe_network.survey.responses import Responses, blocks_of_day, responses

Floats = NDArray[np.float64]

SETTLED_DAYS: Final = 7
"""The record's first days, in which nothing unknown may leak: the calibration begins with them."""
_BLOCK_EDGES_H: Final = (0, 6)
_HOURS_APART: Final = 3
_REFRESH_DAYS: Final = 15
_KEPT_DAYS: Final = 150
_SPREAD_M3_PER_S: Final = 10.0 / 3600
"""How little is known of the size of a leak at its onset."""
_PER_HOUR: Final = 1 / 3600


@dataclass(slots=True)
class KnownLeak:
    """A leak that is part of the twin.

    Attributes
    ----------
    course_m3_per_s : (days,) what the twin has it lose; the belief holds how much more it is
    spread : (values, values) covariance of its signature's error and of its place, for 1 m3/s
    weighed_m3_per_s : the size with which that error is in the belief
    """

    pipe_row: int
    onset_day: int
    course_m3_per_s: Floats
    spread: Floats
    weighed_m3_per_s: float
    gone_day: int | None = None

    def is_active(self, day: int) -> bool:
        """Whether it runs on a day."""
        return self.onset_day <= day and (self.gone_day is None or day < self.gone_day)


class Surveyor:
    """The twin of a record, its calibration so far, and the leaks it knows; use the twin in a ``with``.

    Attributes
    ----------
    values : (days, blocks * channels) observed less the twin's; NaN where not measured
    beliefs : what was known before each day
    more_m3_per_s : (leaks, days) filtered size of each leak above its course [m3/s]
    """

    def __init__(self, twin: DrivenTwin, prior: Uncertainty) -> None:
        self.twin, self.prior = twin, prior
        record = twin.record
        self.days = len(record.times_s) // 24
        if self.days <= SETTLED_DAYS:
            raise SurveyError(f"a record of {self.days} days is too short; the first {SETTLED_DAYS} only calibrate")
        self._blocks = blocks_of_day(_BLOCK_EDGES_H)
        self.channels = len(twin.channels)
        self.values = np.full((self.days, len(self._blocks) * self.channels), np.nan)
        self.leaks: list[KnownLeak] = []
        self._observed = observed(twin)
        self._responses: list[tuple[int, Responses]] = []
        self._skipped: set[int] = set()
        self._loads = loads_m3_per_s(twin, self._blocks)
        self._model_rows: tuple[tuple[int, int, int], Floats] | None = None
        self.beliefs: list[Belief] = []
        self.more_m3_per_s = np.zeros((0, self.days))
        self._settle()

    # -- the twin's course
    def compute(self, first: int, last: int) -> None:
        """Solve the twin again with the known leaks, from day `first` until before `last`."""
        rows = slice(first * 24, last * 24)
        residual = self._observed[rows] - self.twin.solve(self.twin.drive(rows, self._leaks_m3_per_s(first, last)))
        residual[~self.twin.is_known(rows)] = np.nan
        by_hour = residual.reshape(last - first, 24, self.channels)
        for k, hours in enumerate(self._blocks):
            part = by_hour[:, hours]
            count = np.isfinite(part).sum(axis=1)
            mean = np.nansum(part, axis=1) / np.maximum(count, 1)
            columns = slice(k * self.channels, (k + 1) * self.channels)
            self.values[first:last, columns] = np.where(count * 2 >= len(hours), mean, np.nan)
        for day in self._skipped:  # half with a leak and half without teaches something wrong
            if first <= day < last:
                self.values[day] = np.nan

    def _leaks_m3_per_s(self, first: int, last: int) -> dict[int, Floats]:
        flows: dict[int, Floats] = {}
        for leak in self.leaks:
            flow = np.repeat(leak.course_m3_per_s[first:last], 24)
            if flow.any():
                flows[leak.pipe_row] = flows.get(leak.pipe_row, 0.0) + flow
        return flows

    def refresh(self, day: int) -> None:
        """Take the responses anew, of the last week before `day`."""
        self.take_typical(day)
        # a network's responses take megabytes, and hardly a day is learnt anew after so long
        kept = [each for each in self._responses if each[0] >= day - _KEPT_DAYS]
        self._responses = [*(kept or self._responses[-1:]), (day, responses(self.twin, self.typical))]
        self.refreshed_day = day

    def take_typical(self, day: int) -> None:
        """Take the typical moments anew, of the last week before `day`."""
        days = range(max(0, day - 7), day)
        rows = slice(days[0] * 24, days[-1] * 24 + 24)
        drive = self.twin.drive(rows, self._leaks_m3_per_s(days[0], days[-1] + 1))
        known = self.twin.is_known(rows)
        groups = []
        for hours in self._blocks:
            group = np.concatenate([hours + 24 * k for k in range(len(days))])
            groups.append(group[known[group]] if known[group].any() else group)
        self.typical = drive.averaged(groups)
        self._take_hours(day - 1)
        self._unloaded = self._by_block(self.twin.solve(self._moments))

    def _take_hours(self, day: int) -> None:
        """Hours of a day at which leaks are solved: where tanks fill and empty, the mean flow has not the mean loss."""
        rows = slice(day * 24, day * 24 + 24)
        known = self.twin.is_known(rows)
        hours = [block[known[block]][::_HOURS_APART] for block in self._blocks]
        if not all(len(chosen) for chosen in hours):
            self._moments, hours = self.typical, [np.zeros(1, dtype=np.intp) for _ in self._blocks]
        else:
            drive = self.twin.drive(rows, self._leaks_m3_per_s(day, day + 1))
            self._moments = drive.averaged([np.array([hour]) for chosen in hours for hour in chosen])
        ends = np.cumsum([len(chosen) for chosen in hours])
        self._moments_of = [slice(end - len(chosen), end) for end, chosen in zip(ends, hours, strict=True)]

    def _by_block(self, solved: Floats) -> Floats:
        """(values,) means over the blocks of the day."""
        return np.concatenate([solved[moments].mean(axis=0) for moments in self._moments_of])

    def responses_at(self, day: int) -> Responses:
        """The responses in force on a day."""
        return self._taken_at(day)[1]

    def _taken_at(self, day: int) -> tuple[int, Responses]:
        found = self._responses[0]
        for each in self._responses:
            if each[0] <= day:
                found = each
        return found

    def _load(self, first: int, last: int) -> Load:
        """What the days from `first` until before `last` carry, against the week of the responses in force."""
        taken, _ = self._taken_at(last - 1)
        ratio = self._loads[first:last].mean(axis=0) / self._loads[max(0, taken - 7) : taken].mean(axis=0)
        network = self.twin.network
        of_pipes = np.ones((len(ratio), len(network.pipes)))
        of_junctions = np.ones((len(ratio), len(network.junctions)))
        for z, district in enumerate(self.twin.districts):
            of_pipes[:, district.pipes] = ratio[:, z, None]
            of_junctions[:, district.junctions] = ratio[:, z, None]
        return Load(of_pipes, of_junctions, len(self.twin.record.sensors), len(self.twin.sources))

    def resolve(self, pipe_row: int, size_m3_per_s: float) -> Floats:
        """(values,) what EPANET says a leak of this size changes, for 1 m3/s."""
        pipe = self.twin.network.pipes[pipe_row]
        draws: dict[int, float] = {}
        for end in (pipe.start, pipe.end):
            row = self.twin.junction_rows.get(end)
            if row is not None:
                draws[row] = draws.get(row, 0.0) + size_m3_per_s / 2
        district = next(z for z, part in enumerate(self.twin.districts) if pipe_row in part.pipes)
        changed: Floats = self._by_block(self.twin.solve(self._moments.with_draws(district, draws))) - self._unloaded
        return changed / size_m3_per_s

    # -- the calibration
    def _settle(self) -> None:
        self.compute(0, SETTLED_DAYS)
        self.refresh(SETTLED_DAYS)
        self.basis = calibration.basis([self._responses[0][1]], self.prior)
        self.noise = self._noise()
        sources = self.channels - len(self.twin.record.sensors)
        belief = calibration.first_belief(len(self._blocks), self.channels, sources, self.basis.count, self.prior)
        self.beliefs = [belief]
        for day in range(SETTLED_DAYS):
            self.learn_day(day)

    def _noise(self) -> Floats:
        """(values, values) of a day, from how the hours of the settled days differ at the same time of day."""
        rows = slice(0, SETTLED_DAYS * 24)
        residual = self._observed[rows] - self.twin.solve(self.twin.drive(rows, {}))
        by_hour = residual.reshape(SETTLED_DAYS, 24, self.channels)
        by_hour = np.nan_to_num(by_hour - np.nanmean(by_hour, axis=0))
        covariance = np.einsum("dhi,dhj->ij", by_hour, by_hour) / ((SETTLED_DAYS - 1) * 24)
        # an hour's noise is partly that of the hour before, and 7 days tell a covariance only roughly
        covariance = 1.35 * covariance + 0.15 * np.diag(np.diag(covariance))
        floor = np.full(self.channels, 0.001)
        floor[len(self.twin.record.sensors) :] = 0.05 * _PER_HOUR
        size = self.channels
        noise = np.zeros((len(self._blocks) * size, len(self._blocks) * size))
        for k, hours in enumerate(self._blocks):
            block = slice(k * size, (k + 1) * size)
            noise[block, block] = covariance / len(hours) + np.diag(floor**2)
        return noise

    def answers(self, day: int, known_day: int | None = None) -> Answers:
        """Signatures on a day, as known on `known_day`: a leak not yet known spoils what is learnt with it."""
        known = day if known_day is None else known_day
        belief, size = self.beliefs[min(known, len(self.beliefs) - 1)], len(self.noise)
        rows = slice(size, size + self.basis.count)
        return Answers(
            self.responses_at(day), self.basis, belief.mean[rows], belief.covariance[rows, rows],
            self.prior.resistance_ratio, self.resolve,
        )  # fmt: skip

    def observation(self, first: int, last: int) -> Floats:
        """(values, state) of the mean of the days from `first` until before `last`."""
        load, day = self._load(first, last), last - 1
        if self._model_rows is None or self._model_rows[0] != (first, last, self.refreshed_day):
            rows = calibration.observation(self.responses_at(day), load, self.basis)
            self._model_rows = ((first, last, self.refreshed_day), rows)
        return np.hstack([self._model_rows[1], *(c[:, None] for c in self._columns(day, load))])

    def columns(self, day: int) -> list[Floats]:
        """Signature of each known leak, zero where it does not run."""
        return self._columns(day, self._load(day, day + 1))

    def _columns(self, day: int, load: Load) -> list[Floats]:
        if not self.leaks:
            return []
        answers, none = self.answers(day), np.zeros(len(self.noise))
        return [
            load.of_leak(answers.linear_of(k.pipe_row), k.pipe_row) if k.is_active(day) else none for k in self.leaks
        ]

    def learn_day(self, day: int) -> None:
        """Put a day into the belief; `beliefs[day + 1]` is what is known after it."""
        belief = self._padded(self.beliefs[day])
        first = len(self.noise) + self.basis.count
        walks = np.zeros(len(belief.mean))
        walks[: len(self.noise)] = self._offset_walk()
        covariance = belief.covariance.copy()
        for k, leak in enumerate(self.leaks):
            if day == leak.onset_day + 1:  # the first day may have had only a part of it
                covariance[first + k, first + k] += _SPREAD_M3_PER_S**2
            if day == leak.gone_day:  # what the offsets have taken up of it goes with it
                covariance[: len(self.noise), : len(self.noise)] += leak.weighed_m3_per_s**2 * leak.spread
            if day == leak.onset_day:
                covariance[first + k, first + k] += _SPREAD_M3_PER_S**2
                covariance[: len(self.noise), : len(self.noise)] += leak.weighed_m3_per_s**2 * leak.spread
            elif leak.is_active(day):
                young = day - leak.onset_day < self.prior.young_days
                walks[first + k] = self.prior.growth_m3_per_s if young else self.prior.size_walk_m3_per_s
        belief = calibration.pass_day(replace(belief, covariance=covariance), walks)
        belief = calibration.learn(belief, self.observation(day, day + 1), self.values[day], self.noise)
        del self.beliefs[day + 1 :]
        self.beliefs.append(belief)
        self.more_m3_per_s[:, day] = belief.mean[first:]

    def _offset_walk(self) -> Floats:
        walk = np.full(self.channels, self.prior.offset_walk_m)
        walk[len(self.twin.record.sensors) :] = 0.02 * _PER_HOUR
        return np.tile(walk, len(self._blocks))

    def _padded(self, belief: Belief) -> Belief:
        missing = len(self.noise) + self.basis.count + len(self.leaks) - len(belief.mean)
        for _ in range(missing):
            belief = belief.with_size(0.0)
        return belief

    def relearn(self, first: int, last: int) -> None:
        """Put the days from `first` until before `last` into the belief again."""
        for day in range(first, last):
            self.learn_day(day)

    # -- comparing
    def contrast(self, base_day: int, first: int, last: int, *, ending: int | None = None) -> Contrast:
        """Mean of the days from `first` until before `last`, against what was known before `base_day`.

        The sizes of known leaks are left open, as far as they may have moved; but not of one that may be `ending`.
        """
        seen, size = self.observation(first, last), len(self.noise)
        model = size + self.basis.count
        belief, now = self.beliefs[base_day], self._padded(self.beliefs[-1])
        mean = np.concatenate([belief.mean[:model], now.mean[model:]])
        covariance = np.zeros((len(mean), len(mean)))
        covariance[:model, :model] = belief.covariance[:model, :model]
        covariance[:size, :size] += np.diag(self._offset_walk() ** 2) * (last - base_day)
        for k, leak in enumerate(self.leaks):
            covariance[model + k, model + k] = self._doubt_m3_per_s(leak, last - 1) ** 2
            if k == ending:
                mean[model + k] = belief.mean[model + k]
                covariance[model + k, model + k] = (0.2 * _PER_HOUR + 0.05 * leak.course_m3_per_s[base_day]) ** 2
            has_ended = leak.gone_day is not None and leak.gone_day >= base_day
            if leak.onset_day >= base_day or has_ended:
                covariance[:size, :size] += leak.weighed_m3_per_s**2 * leak.spread
        values = self.values[first:last]
        count = np.isfinite(values).sum(axis=0)
        residual = np.nansum(values, axis=0) / np.maximum(count, 1) - seen @ mean
        noise = self.noise / (last - first)
        blind = count * 2 < last - first
        expected = seen @ covariance @ seen.T + noise + np.diag(np.where(blind, 1e4, 0.0))
        return Contrast(np.where(blind, 0.0, residual), expected, last - first, base_day)

    def _doubt_m3_per_s(self, leak: KnownLeak, day: int) -> float:
        """How far the size of a known leak may have moved from what is believed, while another grew beside it."""
        if not leak.is_active(day):
            return 0.1 * _PER_HOUR
        young = day - leak.onset_day < self.prior.young_days
        size = leak.course_m3_per_s[day]
        return float(1.0 * _PER_HOUR + 0.3 * size if young else 0.3 * _PER_HOUR + 0.03 * size)

    # -- what becomes known
    def add(self, leak: KnownLeak, day: int) -> None:
        """Make a leak part of the twin from its onset on, as far as day `day` has been seen."""
        self.leaks.append(leak)
        self.more_m3_per_s = np.vstack([self.more_m3_per_s, np.zeros(self.days)])
        for _ in range(2):  # the second time around the sizes the first has found
            self.relearn(leak.onset_day, day + 1)
            found = leak.course_m3_per_s + self.more_m3_per_s[len(self.leaks) - 1]
            leak.course_m3_per_s = np.maximum(found, 0.0)
            leak.course_m3_per_s[day:] = leak.course_m3_per_s[day]
            leak.weighed_m3_per_s = float(leak.course_m3_per_s[day])
            self.compute(leak.onset_day, day + 1)
        self.refresh(day + 1)
        self.relearn(leak.onset_day, day + 1)

    def forget(self, leak: KnownLeak, day: int) -> None:
        """Take the leak that was added last out of the twin again."""
        self.leaks.remove(leak)
        self.more_m3_per_s = self.more_m3_per_s[:-1]
        self.compute(leak.onset_day, day + 1)
        self.refresh(day + 1)
        self.relearn(leak.onset_day, day + 1)

    def end(self, leak: KnownLeak, gone_day: int, day: int) -> None:
        """Let a leak end: it has been repaired."""
        leak.gone_day = gone_day
        leak.course_m3_per_s[gone_day:] = 0.0
        self._skipped |= {gone_day - 1, gone_day}
        self.compute(gone_day - 1, day + 1)
        self.refresh(day + 1)
        self.relearn(gone_day - 1, day + 1)

    def move(self, leak: KnownLeak, pipe_row: int, spread: Floats, day: int) -> None:
        """Put a known leak on another pipe."""
        leak.pipe_row, leak.spread = pipe_row, spread
        leak.weighed_m3_per_s = float(leak.course_m3_per_s[day])
        self.compute(leak.onset_day, day + 1)
        self.refresh(day + 1)
        self.relearn(leak.onset_day, day + 1)

    def without(self, leak: KnownLeak, days: int, day: int) -> Contrast:
        """The last days as if this leak were not known, against what was known before it began."""
        course, first = leak.course_m3_per_s, day + 1 - days
        kept = self.values[first : day + 1].copy()
        leak.course_m3_per_s, onset, gone = np.zeros_like(course), leak.onset_day, leak.gone_day
        leak.gone_day = onset
        self.compute(first, day + 1)
        self.take_typical(day + 1)
        spread, leak.spread = leak.spread, np.zeros_like(leak.spread)
        contrast = self.contrast(onset, first, day + 1)
        leak.course_m3_per_s, leak.gone_day, leak.spread = course, gone, spread
        self.values[first : day + 1] = kept
        return contrast

    def fold(self, day: int) -> None:
        """Give the twin the sizes that are believed, from `day` on."""
        belief, first = self._padded(self.beliefs[day]), len(self.noise) + self.basis.count
        mean, covariance = belief.mean.copy(), belief.covariance.copy()
        for k, leak in enumerate(self.leaks):
            if leak.is_active(day):
                size = max(float(leak.course_m3_per_s[day - 1] + mean[first + k]), 0.0)
                leak.course_m3_per_s[day:] = size
                mean[first + k] = 0.0
                if size > 1.2 * leak.weighed_m3_per_s:
                    more = size**2 - leak.weighed_m3_per_s**2
                    covariance[: len(self.noise), : len(self.noise)] += more * leak.spread
                    leak.weighed_m3_per_s = size
        self.beliefs[day] = Belief(mean, covariance)
        if day - self.refreshed_day >= _REFRESH_DAYS:
            self.refresh(day)


def observed(twin: DrivenTwin) -> Floats:
    """(t, channels) what the record says of the twin's channels. [m, m3/s]"""
    record = twin.record
    ground = np.array([twin.network.nodes[s].elevation_m for s in record.sensors])
    balances = [twin.balance_m3_per_s(z)[:, None] for z in twin.balances]
    return np.hstack([record.pressure_heads_m + ground, record.flows_m3_per_s[:, list(twin.sources)], *balances])
