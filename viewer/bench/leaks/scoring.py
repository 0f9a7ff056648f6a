"""The BattLeDIM competition's rule: euros for water saved, against crews sent.

References
----------
S. Vrachimis et al., Battle of the Leakage Detection and Isolation Methods, J. Water Resour. Plann. Manage. 148(12),
2022; what it leaves open is as in the organisers' own program (KIOS-Research/BattLeDIM, Scoring_Algorithm.m): reports
made before 2019 do not count at all, and one more report of a leak that was found before is worth nothing either way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.distances import pipe_distances_m
from pipe_network.model import Network
from pipe_network.record import DAY_S
from pipe_network.survey.findings import Finding
from viewer.bench.leaks.year_truth import TrueLeak

Floats = NDArray[np.float64]

WATER_EUR_PER_M3: Final = 0.80
CREW_EUR: Final = 500.0
"""A crew that has to search the whole radius, or finds nothing."""
RADIUS_M: Final = 300.0
_KNOWN_ENDED_S: Final = 2 * DAY_S
"""A survey recognises the end of a leak at the end of the day after it."""


@dataclass(frozen=True, slots=True)
class Report:
    """A leak reported: the pipe, and when."""

    pipe_id: str
    time_s: float


@dataclass(frozen=True, slots=True)
class Hit:
    """What a report was worth; `leak` is the row of the leak it found, none for one that is false or a repetition."""

    report: Report
    leak: int | None
    distance_m: float
    euros: float
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """All reports, in the order of their times."""

    hits: tuple[Hit, ...]

    @property
    def euros(self) -> float:
        """What the reports were worth together."""
        return sum(hit.euros for hit in self.hits)

    @property
    def found(self) -> int:
        """Leaks found."""
        return sum(hit.leak is not None for hit in self.hits)

    @property
    def repeated(self) -> int:
        """Reports of a leak that had been found."""
        return sum(hit.is_repeated for hit in self.hits)

    @property
    def false(self) -> int:
        """Reports near no leak."""
        return len(self.hits) - self.found - self.repeated


def reports(findings: Sequence[Finding], *, start_s: float = 0.0) -> tuple[Report, ...]:
    """What would have been sent to the competition, which begins at `start_s`.

    Of what was found in the history before, the leaks that are believed to run still, each where it is believed to be.
    """
    before = {f.leak: f for f in sorted(findings, key=lambda f: f.found_at_s) if f.found_at_s <= start_s}
    runs = [f for f in before.values() if f.ended_s is None or f.ended_s + _KNOWN_ENDED_S > start_s]
    later = [f for f in findings if f.found_at_s > start_s]
    return tuple(Report(f.pipe_id, max(f.found_at_s, start_s)) for f in (*runs, *later))


def saved_m3(times_s: Floats, flows_m3_per_s: Floats, from_s: float) -> float:
    """Water that a leak of these (t,) flows loses from a moment on."""
    step_s = float(times_s[1] - times_s[0])
    remaining = np.clip((times_s + step_s - from_s) / step_s, 0.0, 1.0)
    return float((flows_m3_per_s * remaining).sum() * step_s)


def score(
    network: Network,
    leaks: Sequence[TrueLeak],
    reports: Sequence[Report],
    *,
    times_s: Floats,
    leaks_m3_per_s: Floats,
    start_s: float = 0.0,
) -> Score:
    """The reports by the official rule; what is reported before `start_s` counts from then on.

    Parameters
    ----------
    times_s, leaks_m3_per_s : (t,), (t, leaks) what really leaked
    """
    rows = {p.id: k for k, p in enumerate(network.pipes)}
    distances_m = pipe_distances_m(network)
    found: set[int] = set()
    hits = []
    for report in sorted(reports, key=lambda r: r.time_s):
        at_s = max(report.time_s, start_s)
        running = sorted(
            (float(distances_m[rows[report.pipe_id], rows[leak.pipe_id]]), k)
            for k, leak in enumerate(leaks)
            if leak.start_s <= at_s < leak.end_s
        )
        near = [(distance_m, k) for distance_m, k in running if k not in found]
        if not near or near[0][0] > RADIUS_M:
            is_repeated = bool(running) and running[0][0] <= RADIUS_M
            distance_m = running[0][0] if running else np.inf
            hits.append(Hit(report, None, distance_m, 0.0 if is_repeated else -CREW_EUR, is_repeated))
            continue
        distance_m, k = near[0]
        found.add(k)
        water_eur = WATER_EUR_PER_M3 * saved_m3(times_s, leaks_m3_per_s[:, k], at_s)
        hits.append(Hit(report, k, distance_m, water_eur - CREW_EUR * distance_m / RADIUS_M))
    return Score(tuple(hits))


def perfect(leaks: Sequence[TrueLeak]) -> tuple[Report, ...]:
    """Every leak reported at its pipe the moment it begins."""
    return tuple(Report(leak.pipe_id, leak.start_s) for leak in leaks)
