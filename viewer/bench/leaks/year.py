"""The surrogate competition years: surveyed day by day, scored by the official rule."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from pipe_network.record import DAY_S
from pipe_network.survey import Finding, survey
from viewer.bench.figures import Drawing, Figure, Goal
from viewer.bench.leaks.scoring import Score, perfect, reports, score
from viewer.bench.leaks.year_truth import (
    TrueLeak,
    Truth,
    random_leaks,
    read_leaks,
    read_network,
    simulate_years,
)
from viewer.bench.replay import shared_data

_BEST_PUBLISHED: Final = "best published, other data"
_BEST_PUBLISHED_EUR: Final = 264_873
"""Of the entries with at most 5 false reports, on the competition's own data: so a note, not a comparison."""
_SEASON_DAYS: Final = 28


@dataclass(frozen=True, slots=True, eq=False)
class Year:
    """A surveyed truth."""

    truth: Truth
    findings: tuple[Finding, ...]
    score: Score
    best: Score
    took_s: float


def surveyed(truth: Truth, *, tell: Callable[[str], None]) -> Year:
    """Survey a truth, and score what was found."""
    network = read_network(shared_data())
    started_s = time.process_time()
    findings = survey(network, truth.record, tell=tell)
    took_s = time.process_time() - started_s
    times_s, leaks_m3_per_s = truth.record.times_s, truth.leaks_m3_per_s
    return Year(
        truth,
        findings,
        score(network, truth.leaks, reports(findings), times_s=times_s, leaks_m3_per_s=leaks_m3_per_s),
        score(network, truth.leaks, perfect(truth.leaks), times_s=times_s, leaks_m3_per_s=leaks_m3_per_s),
        took_s,
    )


def competition(seed: int | None, tell: Callable[[str], None]) -> Year:
    """The years of the competition's 23 leaks, or with a seed of as many others, surveyed."""
    data = shared_data()
    network = read_network(data)
    leaks = read_leaks(data / "flows" / "ltown-2019-leaks.yaml") if seed is None else random_leaks(network, seed)
    tell("simulating two years")
    return surveyed(simulate_years(network, leaks, seed=seed or 0), tell=tell)


def figures(*, quick: bool, tell: Callable[[str], None], seed: int | None = None) -> Iterator[Figure]:
    """The competition's 23 leaks, or with a seed as many others; `quick`: two leaks in four weeks, without euros."""
    if quick:
        yield from _season(0 if seed is None else seed, tell)
        return
    year = competition(seed, tell)
    name = "the competition's leaks" if seed is None else f"leaks of seed {seed}"
    drawing = Drawing("lives", f"The surrogate year, {name}", lives(year))
    yield Figure(f"{name}: score of the year", "EUR", year.score.euros, Goal(">=", 350_000), _BEST_PUBLISHED,
                 _BEST_PUBLISHED_EUR, drawing)  # fmt: skip
    yield Figure(f"{name}: perfect score", "EUR", year.best.euros)
    yield Figure(f"{name}: found", f"of {len(year.truth.leaks)}", year.score.found)
    yield Figure(f"{name}: false reports", "", year.score.false, Goal("<=", 5))
    yield Figure(f"{name}: repeated reports", "", year.score.repeated)
    for k, leak in enumerate(year.truth.leaks):
        won, could = (sum(hit.euros for hit in of.hits if hit.leak == k) for of in (year.score, year.best))
        yield Figure(f"{name}: {leak.pipe_id}", "EUR", won, None, "perfect", could)
    yield Figure(f"{name}: survey of two years", "s of a core", year.took_s)


def lives(year: Year) -> dict[str, list[float] | list[str]]:
    """What a picture of the year needs: each leak's life and worth, when each that was found was, false reports."""
    leaks, hits = year.truth.leaks, year.score.hits
    found = [hit for hit in hits if hit.leak is not None]
    return {
        "pipe": [leak.pipe_id for leak in leaks],
        "start_day": [leak.start_s / DAY_S for leak in leaks],
        "end_day": [leak.end_s / DAY_S for leak in leaks],
        "could_eur": [sum(hit.euros for hit in year.best.hits if hit.leak == k) for k in range(len(leaks))],
        "found_row": [float(hit.leak) for hit in found if hit.leak is not None],
        "found_day": [hit.report.time_s / DAY_S for hit in found],
        "found_m": [hit.distance_m for hit in found],
        "won_eur": [hit.euros for hit in found],
        "false_day": [h.report.time_s / DAY_S for h in hits if h.leak is None and not h.is_repeated],
        "total_eur": [year.score.euros],
    }


def _season(seed: int, tell: Callable[[str], None]) -> Iterator[Figure]:
    network = read_network(shared_data())
    places = random_leaks(network, seed + 1000)
    leaks = [
        TrueLeak(places[k].pipe_id, start_s, _SEASON_DAYS * DAY_S, start_s, diameter_m)
        for k, (start_s, diameter_m) in enumerate([(9.3 * DAY_S, 0.010), (18.6 * DAY_S, 0.014)])
    ]
    tell("simulating a season")
    truth = simulate_years(network, leaks, seed=seed, start_s=0.0, end_s=_SEASON_DAYS * DAY_S)
    year = surveyed(truth, tell=tell)
    yield Figure("leaks found of a season", f"of {len(leaks)}", year.score.found)
    yield Figure("false reports in a season", "", year.score.false)
    yield Figure("survey of a season", "s of a core", year.took_s)
