"""Leakage and leaks from flows alone: the measured inflow of L-Town's year 2019, and years that EPANET simulates.

A detection counts for a leak if it is told while the leak runs and within 45 days after it began; each detection counts
for one leak and each leak once, the nearest onset first. What counts for none is a false alarm; repairs, and changes
told to be no leak, are neither.
"""

import csv
import gzip
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.change_points import Search
from pipe_network.detection.night_flow import night_flow
from pipe_network.detection.total_leakage import Sharing, Zone, ZoneWatch, storage_gain_m3_per_s, watch_zones
from pipe_network.model import Network
from pipe_network.record import DAY_S, HOUR_S
from viewer.bench.figures import Drawing, Figure, Goal
from viewer.bench.leaks.year_truth import (
    YEAR_S,
    TrueLeak,
    behind_tank,
    random_leaks,
    read_leaks,
    read_network,
    simulate_years,
)
from viewer.bench.replay import shared_data

Floats = NDArray[np.float64]

DELAY_S: Final = 45 * DAY_S
DATED_S: Final = 15 * DAY_S
"""An onset given is right if it is no further off than that; incipient leaks grow for two months."""
LEARNING_S: Final = 14 * DAY_S
"""The noise is learnt from these days; figures count from their end."""
SEARCH: Final = Search(certainty_nats=3.0)
"""What a year may hold of false alarms for every leak it holds; the default is for those who would rather wait."""
SIMULATED: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Inflow:
    """What the meters of L-Town say: (t, 2) inlets, (t,) the pump into the tank, (t,) the tank's level."""

    times_s: Floats
    inlets_m3_per_s: Floats
    pump_m3_per_s: Floats
    levels_m: Floats


def measured_year(data: Path) -> Inflow:
    """The competition's inflows and tank level of 2019, by the hour."""
    flows = _columns(data / "flows" / "ltown-2019-inflow.csv.gz").reshape(-1, 12, 3).mean(axis=1) / HOUR_S
    levels = _columns(data / "flows" / "ltown-2019-tank-level.csv.gz")[::12, 0]
    return Inflow(np.arange(len(flows), dtype=float) * HOUR_S, flows[:, :2], flows[:, 2], levels)


def _columns(path: Path) -> Floats:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = list(csv.reader(lines, delimiter=";"))[1:]
    return np.array([[float(v.replace(",", ".")) for v in row[1:]] for row in rows])


def true_daily_leakage_m3_per_s(data: Path) -> Floats:
    """(365,) what really leaked."""
    with (data / "flows" / "ltown-2019-leakage-daily.csv").open(encoding="utf-8") as lines:
        return np.array([float(row[1]) for row in list(csv.reader(lines))[1:]]) / HOUR_S


def rhythms(network: Network, hours: int) -> tuple[Floats, Floats]:
    """What the patterns of the model say of the town's consumption and of that behind its tank, by the hour. [m3/s]"""
    behind = set(behind_tank(network))
    step = int(HOUR_S // network.times.pattern_step_s)
    weeks = {}
    for pattern in network.patterns:
        rows = -(-len(pattern.multipliers) // 168 // step) * 168 * step
        weeks[pattern.id] = np.resize(np.array(pattern.multipliers), max(rows, 168 * step)).reshape(-1, step).mean(1)
    use = np.zeros((2, 168))
    for junction in network.junctions:
        for demand in junction.demands:
            pattern_id = demand.pattern or network.options.pattern or ""
            if demand.base_m3_per_s:
                use[int(junction.id in behind)] += demand.base_m3_per_s * weeks[pattern_id][:168]
    return np.resize(use[0], hours), np.resize(use[1], hours)


def watch(network: Network, inflow: Inflow, search: Search = SEARCH) -> ZoneWatch:
    """Our answer: two zones, and how the two inlets share the first."""
    town, behind = rhythms(network, len(inflow.times_s))
    gain = _gain_m3_per_s(network, inflow)
    zones = (
        Zone("town", inflow.inlets_m3_per_s.sum(axis=1) - inflow.pump_m3_per_s, town),
        Zone("behind the tank", inflow.pump_m3_per_s - gain, behind),
    )
    sharing = Sharing(inflow.inlets_m3_per_s, inflow.pump_m3_per_s[:, None])
    return watch_zones(inflow.times_s, zones, sharing=sharing, learning_s=LEARNING_S, search=search)


def _gain_m3_per_s(network: Network, inflow: Inflow) -> Floats:
    area_m2 = float(np.pi / 4 * network.tanks[0].diameter_m ** 2)
    return storage_gain_m3_per_s(inflow.levels_m, area_m2, HOUR_S)


@dataclass(frozen=True, slots=True)
class Told:
    """A leak that was told: since when, and when."""

    onset_s: float
    found_s: float


@dataclass(frozen=True, slots=True)
class Matches:
    """Which leaks were found, with the delay of each; how many of them with the right date; and what else was told."""

    delays_s: dict[int, float]
    dated: int
    false_alarms: int

    @property
    def found(self) -> int:
        """How many leaks."""
        return len(self.delays_s)


def match(told: Sequence[Told], leaks: Sequence[TrueLeak], delay_s: float = DELAY_S) -> Matches:
    """One detection for one leak, in the order they are told.

    Examples
    --------
    >>> leaks = [TrueLeak("a", 10 * DAY_S, 50 * DAY_S, 10 * DAY_S, 0.01)]
    >>> told = [Told(9 * DAY_S, 9 * DAY_S), Told(10 * DAY_S, 11 * DAY_S), Told(10 * DAY_S, 12 * DAY_S)]
    >>> found = match(told, leaks)
    >>> found.delays_s, found.false_alarms  # before it began, at last, and once more
    ({0: 86400.0}, 2)
    """
    delays: dict[int, float] = {}
    dated = false_alarms = 0
    for each in sorted(told, key=lambda t: t.found_s):
        running = [
            k
            for k, leak in enumerate(leaks)
            if k not in delays and leak.start_s <= each.found_s < min(leak.end_s, leak.start_s + delay_s)
        ]
        if running:
            nearest = min(running, key=lambda k: abs(leaks[k].start_s - each.onset_s))
            delays[nearest] = each.found_s - leaks[nearest].start_s
            dated += abs(leaks[nearest].start_s - each.onset_s) <= DATED_S
        else:
            false_alarms += 1
    return Matches(delays, dated, false_alarms)


def told_by(changes: ZoneWatch) -> list[Told]:
    """The leaks among the changes."""
    return [Told(c.onset_s, c.found_s) for c in changes.changes if c.is_leak]


# -- what others do
def windowed_leakage_m3_per_s(inflow_m3_per_s: Floats, course: Floats, days: int = 7) -> Floats:
    """(d,) intercept of a regression on the rhythm over the days before the end of each day."""
    result = np.full(len(inflow_m3_per_s) // 24, np.nan)
    for day in range(days - 1, len(result)):
        rows = slice((day + 1 - days) * 24, (day + 1) * 24)
        basis = np.column_stack([np.ones(days * 24), course[rows]])
        result[day] = np.linalg.lstsq(basis, inflow_m3_per_s[rows], rcond=None)[0][0]
    return result


def cusum(daily_m3_per_s: Floats, *, slack: float = 0.5, threshold: float = 5.0) -> list[Told]:
    """The textbook's detector on one number a day: sums of what exceeds the mean of the last month, and starts anew.

    References
    ----------
    E. S. Page, Continuous inspection schemes, Biometrika 41, 1954.
    """
    told: list[Told] = []
    total, since, begun = 0.0, 0, 0
    for day in range(7, len(daily_m3_per_s)):
        past = daily_m3_per_s[max(since, day - 28) : day]
        past = past[np.isfinite(past)]
        if len(past) < 7:
            continue
        spread = max(float(np.std(past[:7])), float(np.median(np.abs(np.diff(past)))) * 1.05, 1e-12)
        rise = (daily_m3_per_s[day] - float(np.mean(past))) / spread - slack
        begun = day if total == 0 else begun
        total = max(0.0, total + rise)
        if total > threshold:
            told.append(Told(begun * DAY_S, (day + 1) * DAY_S))
            total, since = 0.0, day
    return told


# -- the figures
def figures(*, quick: bool, tell: Callable[[str], None], seed: int | None = None) -> Iterator[Figure]:
    """The measured year; and without `quick`, simulated ones, of other leaks."""
    data = shared_data()
    network = read_network(data)
    tell("measured inflow of 2019")
    leaks = [leak for leak in read_leaks(data / "flows" / "ltown-2019-leaks.yaml") if leak.start_s > 0]
    yield from _of_a_year("2019", network, measured_year(data), leaks, true_daily_leakage_m3_per_s(data))
    if not quick:
        yield from _of_simulated_years(network, tell, 0 if seed is None else seed)


def _daily(hourly: Floats) -> Floats:
    result: Floats = hourly[: len(hourly) // 24 * 24].reshape(-1, 24).mean(axis=1)
    return result


def _courses(lines_m3_per_s: dict[str, Floats]) -> dict[str, list[float]]:
    """The lines by the day, after the days of learning, where all of them have an answer. [d], [m3/h]"""
    learnt = np.arange(len(next(iter(lines_m3_per_s.values())))) >= LEARNING_S / DAY_S
    rows = np.flatnonzero(learnt & np.all([np.isfinite(x) for x in lines_m3_per_s.values()], axis=0))
    return {"day": rows.tolist()} | {what: (x[rows] * HOUR_S).round(3).tolist() for what, x in lines_m3_per_s.items()}


def _agreement(daily: Floats, truth: Floats) -> tuple[float, float]:
    """Correlation, and standard deviation of the difference. [m3/h]"""
    rows = np.isfinite(daily)
    rows[: round(LEARNING_S / DAY_S)] = False
    spread = float(np.std(daily[rows] - truth[rows]))
    return float(np.corrcoef(daily[rows], truth[rows])[0, 1]), spread * HOUR_S


def _of_a_year(
    name: str, network: Network, inflow: Inflow, leaks: Sequence[TrueLeak], truth: Floats
) -> Iterator[Figure]:
    found = watch(network, inflow)
    total = inflow.inlets_m3_per_s.sum(axis=1) - _gain_m3_per_s(network, inflow)
    town, behind = rhythms(network, len(total))
    windowed = windowed_leakage_m3_per_s(total, town + behind)
    nights = night_flow(inflow.times_s, total, connections_count=0).flow_m3_per_s
    causal, late = (
        _agreement(_daily(x.sum(axis=1)), truth) for x in (found.evening_m3_per_s, found.hindsight_m3_per_s)
    )
    by_window, by_night = _agreement(windowed, truth), _agreement(nights, truth)
    window, night = "regression over 7 days", "night flow"
    lines = {"the truth": truth, "Plumbline, that evening": _daily(found.evening_m3_per_s.sum(axis=1)),
             window: windowed, night: nights}  # fmt: skip
    drawing = Drawing("courses", f"{name}: total leakage of L-Town by its measured inflow", _courses(lines))
    yield Figure(
        f"{name}: total leakage, correlation, known that evening",
        "",
        causal[0],
        Goal(">=", 0.997),
        window,
        by_window[0],
        drawing,
    )
    yield Figure(
        f"{name}: total leakage, spread, known that evening", "m3/h", causal[1], Goal("<=", 2.5), window, by_window[1]
    )
    yield Figure(
        f"{name}: total leakage, correlation, in hindsight", "", late[0], Goal(">=", 0.997), night, by_night[0]
    )
    yield Figure(f"{name}: total leakage, spread, in hindsight", "m3/h", late[1], Goal("<=", 2.5), night, by_night[1])
    matches = match(told_by(found), leaks)
    by_cusum, by_night_cusum = match(cusum(windowed), leaks), match(cusum(nights), leaks)
    yield Figure(
        f"{name}: leaks found of {len(leaks)}", "", matches.found, Goal(">=", 15), "CUSUM of the regression",
        by_cusum.found,
    )  # fmt: skip
    yield Figure(
        f"{name}: false alarms",
        "",
        matches.false_alarms,
        Goal("<=", 6),
        "CUSUM of the regression",
        by_cusum.false_alarms,
    )
    yield Figure(
        f"{name}: of these, onset right to {DATED_S / DAY_S:.0f} days", "", matches.dated, None,
        "CUSUM of the regression", by_cusum.dated,
    )  # fmt: skip
    yield Figure(
        f"{name}: leaks found, CUSUM of the night flow", "", by_night_cusum.found, None, "its false alarms",
        by_night_cusum.false_alarms,
    )  # fmt: skip
    for kind, is_abrupt in (("abrupt", True), ("incipient", False)):
        delays = [s / DAY_S for k, s in matches.delays_s.items() if (leaks[k].peak_s <= leaks[k].start_s) == is_abrupt]
        if delays:
            yield Figure(
                f"{name}: median delay, {kind}", "d", float(np.median(delays)), Goal("<=", 1 if is_abrupt else 10)
            )


def simulated_inflow(network: Network, seed: int, leaks: Sequence[TrueLeak]) -> tuple[Inflow, Floats]:
    """A year by EPANET, and what really leaked each day."""
    truth = simulate_years(network, leaks, seed=seed, start_s=0.0, end_s=YEAR_S)
    flows = truth.record.flows_m3_per_s
    inflow = Inflow(truth.record.times_s, flows[:, :2], flows[:, 2], truth.record.levels_m[:, 0])
    return inflow, _daily(truth.leaks_m3_per_s.sum(axis=1))


def _of_simulated_years(network: Network, tell: Callable[[str], None], seed: int) -> Iterator[Figure]:
    found, there, alarms, spreads = 0, 0, 0, []
    for k in range(SIMULATED):
        tell(f"simulated year {k + 1} of {SIMULATED}")
        leaks = random_leaks(network, 1000 * seed + 11 + k)
        inflow, truth = simulated_inflow(network, 1000 * seed + 11 + k, leaks)
        answer = watch(network, inflow)
        new = [leak for leak in leaks if leak.start_s > 0]
        matches = match(told_by(answer), new)
        found, there, alarms = found + matches.found, there + len(new), alarms + matches.false_alarms
        spreads.append(_agreement(_daily(answer.hindsight_m3_per_s.sum(axis=1)), truth)[1])
    tell("simulated year without leaks")
    quiet = watch(network, simulated_inflow(network, 1000 * seed + 10, ())[0])
    yield Figure(f"simulated years: share of {there} leaks found", "", found / there)
    yield Figure("simulated years: false alarms in a year", "", alarms / SIMULATED, Goal("<=", 6))
    yield Figure(
        "simulated years: total leakage, spread, in hindsight", "m3/h", float(np.mean(spreads)), Goal("<=", 2.5)
    )
    yield Figure("a year without leaks: false alarms", "", len(told_by(quiet)), Goal("<=", 2))
