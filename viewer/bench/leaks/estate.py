"""Everyday leaks of an estate: the right building and riser within a day, flats that leak, false alarms, and how fast.

The truth is EPANET's; readings have class-2 errors, 5 % missing, clocks up to five minutes wrong. The baseline is the
plain balance: each district's raw balance of the last day, an alarm where it is above a threshold, and the largest.

Flats that never rest: in each trial a tenth of all flats, drawn at random, leak for the last three of six days, sizes
log-uniform from 2 to 400 L/h, half of the meters count by 10 L. F1 is 2 hits / (2 hits + wrong + missed) over the flats
of all trials together; every leaking flat that is not named counts as missed, however small its leak.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from live_bindings.leak_monitor import EVERY_S
from sample_sites.generator.estate import generate
from sample_sites.generator.plan import EstatePlan
from sample_sites.leak_trials.trials import DAY_S, flat_trial, leak_trials, quiet_weeks
from twin.index import SiteIndex, build
from twin.leaks.findings import group_keys
from twin.leaks.measured import measure
from twin.leaks.model import LeakModel, NetworkModel, prepare
from twin.leaks.places import PipePlace
from twin.leaks.report import leaks
from twin.leaks.result import Leak, LeakReport
from twin.leaks.window import Window
from viewer.bench.figures import Figure, Goal

_TRIALS: Final = 100
_QUICK_TRIALS: Final = 6
_MONTHS: Final = 2
_FLAT_TRIALS: Final = 4
_THRESHOLD_M3_PER_S: Final = 0.15 / 3600
_WINDOW_S: Final = 14 * DAY_S


def interval(hits: int, of: int) -> str:
    """The 95 % interval of a share (Wilson, JASA 22 (1927) 209), as text.

    Examples
    --------
    >>> interval(98, 100), interval(0, 0)
    ('0.930 to 0.994', 'nothing tried')
    """
    if of == 0:
        return "nothing tried"
    z2, share = 1.96**2, hits / of
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = (z2 * (share * (1 - share) / of + z2 / (4 * of * of))) ** 0.5 / (1 + z2 / of)
    return f"{middle - half:.3f} to {middle + half:.3f}"


def report_at(model: LeakModel, window: Window, now_s: float) -> LeakReport:
    """The report as it was at an instant, from the two weeks before it."""
    start_s = max(window.start_s, now_s - _WINDOW_S)
    series = {}
    for row, (times_s, values) in window.series.items():
        a, b = np.searchsorted(times_s, [start_s, now_s + 1e-6])
        series[row] = (times_s[a:b], values[a:b])
    return leaks(model, Window(start_s, now_s, series), dt.datetime.fromtimestamp(now_s, dt.UTC))


def answered(found: tuple[Leak, ...]) -> tuple[str, str]:
    """Building and riser (outdoors: zone) that come first in the largest leak; empty where there is none."""
    balanced = [leak for leak in found if leak.evidence[0].kind != "resting"]
    if not balanced:
        return "", ""
    groups = max(balanced, key=lambda leak: leak.size_m3_per_s).groups

    def first(level: str) -> str:
        return max((g for g in groups if g.level in {"zone", level}), key=lambda g: g.probability_ratio).id

    return first("building"), first("riser")


def plain_balance(network: NetworkModel, window: Window) -> tuple[str, str]:
    """The baseline's building and riser: those with most pipe in the district whose raw balance is largest."""
    tree = network.tree
    if tree is None:
        return "", ""
    measured = measure(network, window)
    worst, where = _THRESHOLD_M3_PER_S, None
    for row, district in enumerate(tree.districts):
        if district.has_source:
            continue
        balance = np.zeros(len(measured.edges_s) - 1)
        for column, sign in tree.boundary(row):
            volumes = measured.volumes_m3[measured.row_of[tree.meters[column]]]
            balance += sign * (np.nan_to_num(volumes) if tree.meters[column] in tree.outlets else volumes)
        for tank in district.tanks:
            balance -= measured.stored_m3.get(tank, np.full(len(balance), np.nan))
        day = balance[-24:][np.isfinite(balance[-24:])]
        mean = float(day.mean()) / 3600.0 if len(day) else 0.0
        if mean > worst:
            worst, where = mean, district
    if where is None:
        return "", ""
    lengths = {p.id: p.length_m for p in network.network.pipes}
    sums: dict[tuple[str, str], float] = {}
    for pipe in where.pipes:
        keys = dict(group_keys(network, where.id, network.places.get(pipe, PipePlace())))
        key = (keys.get("building", keys.get("zone", "")), keys.get("riser", keys.get("zone", "")))
        sums[key] = sums.get(key, 0.0) + lengths[pipe]
    return max(sums, key=lambda k: sums[k])


def _located(
    index: SiteIndex, model: LeakModel, *, count: int, seed: int, before_days: int, tell: Callable[[str], None]
) -> Iterator[Figure]:
    network = next(n for n in model.networks if n.kind == "domestic_water")
    right = np.zeros((2, 2))
    times_s: list[float] = []
    for k, trial in enumerate(leak_trials(index, model, count=count, seed=seed, before_days=before_days)):
        report_at(model, trial.window, trial.now_s - EVERY_S)  # as the monitor looked before
        began_s = time.process_time()  # neighbours do not count
        found = report_at(model, trial.window, trial.now_s).leaks
        times_s.append(time.process_time() - began_s)
        wanted = (trial.building, trial.riser)
        for row, got in enumerate((answered(found), plain_balance(network, trial.window))):
            right[row] += [got[0] == wanted[0], got[1] == wanted[1]]
        if (k + 1) % 10 == 0:
            tell(f"{k + 1} of {count} leaks, {right[0, 0]:.0f} in the right building")
    for row, who in enumerate(("ours", "plain balance threshold")):
        building, riser = (int(n) for n in right[row])
        tell(f"{who}, {count} leaks from seed {seed}: building right {building} (95 %: {interval(building, count)}), "
             f"riser right {riser} ({interval(riser, count)})")  # fmt: skip
    share = right / count
    for column, (what, goal) in enumerate((("building", 0.95), ("riser", 0.9))):
        yield Figure(f"leak of 0.3 to 3 m3/h, right {what} in 24 h", "ratio", float(share[0, column]),
                     Goal(">=", goal), "plain balance threshold", float(share[1, column]))  # fmt: skip
    yield Figure("estate: event to full posterior", "s of a core", float(np.median(times_s)), Goal("<=", 0.1))


def _flats(index: SiteIndex, model: LeakModel, *, count: int, seed: int, tell: Callable[[str], None]) -> Figure:
    hit = wrong = missed = 0
    for k in range(count):
        trial = flat_trial(index, model, seed=seed + 1000 * k)
        found = leaks(model, trial.window, dt.datetime.fromtimestamp(trial.now_s, dt.UTC)).leaks
        named = {leak.candidates[0].id for leak in found if leak.evidence[0].kind == "resting"}
        hit += len(named & trial.leaking)
        wrong += len(named - trial.leaking)
        missed += len(trial.leaking - named)
    score = 2 * hit / max(1, 2 * hit + wrong + missed)
    tell(f"{count} estates from seed {seed} in steps of 1000: {hit} of {hit + missed} leaking flats named "
         f"(95 %: {interval(hit, hit + missed)}), {wrong} others")  # fmt: skip
    return Figure("flat that never rests, 2 to 400 L/h, after 72 h", "F1", score, Goal(">=", 0.95))


def _false_alarms(
    index: SiteIndex, model: LeakModel, *, months: int, days: int, seed: int, tell: Callable[[str], None]
) -> Figure:
    alarms = plain = 0
    network = next(n for n in model.networks if n.kind == "domestic_water")
    for k in range(months):
        window = quiet_weeks(index, model, seed=seed + 1000 * k, days=days)
        seen: set[str] = set()
        by_plain: set[tuple[str, str]] = set()
        for now_s in np.arange(window.start_s + DAY_S, window.end_s + 1.0, DAY_S / 2):
            seen |= {leak.id.rsplit("/", 1)[0] for leak in report_at(model, window, float(now_s)).leaks}
            lately = Window(max(window.start_s, now_s - 2 * DAY_S), float(now_s), window.series)
            by_plain |= {plain_balance(network, lately)} - {("", "")}
        alarms, plain = alarms + len(seen), plain + len(by_plain)
        tell(f"{k + 1} of {months} leak-free spells of {days} days, {alarms} false alarms")
    # none seen leaves up to -ln 0.05 = 3.0 possible, one or more about as many as Poisson's upper limit
    most = (3.0 if alarms == 0 else alarms + 1.645 * alarms**0.5 + 1.7) * 28.0 / (days * months)
    tell(f"{alarms} false alarms in {days * months} days of {months} estates from seed {seed}: "
         f"95 % sure that fewer than {most:.1f} a month")  # fmt: skip
    a_month = 28.0 / (days * months)
    return Figure("false alarms of an estate in a month, each place once", "1/month", alarms * a_month,
                  Goal("<=", 1.0), "plain balance threshold", plain * a_month)  # fmt: skip


def figures(*, quick: bool, tell: Callable[[str], None], seed: int = 41, trials: int | None = None) -> Iterator[Figure]:
    """The figures of the estate; quick ones are of a small estate and few trials, and tell little of the rates."""
    index = build(generate(EstatePlan(towers=2, storeys=5) if quick else EstatePlan()))
    model = prepare(index)
    count, before_days = (_QUICK_TRIALS, 5) if quick else (_TRIALS, 10)
    yield from _located(index, model, count=trials or count, seed=seed, before_days=before_days, tell=tell)
    yield _flats(index, model, count=1 if quick else _FLAT_TRIALS, seed=seed, tell=tell)
    yield _false_alarms(index, model, months=1 if quick else _MONTHS, days=8 if quick else 28, seed=seed, tell=tell)
