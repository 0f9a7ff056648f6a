"""What imperfect meters and clocks make of a true course.

References
----------
ISO 4064-1:2014, class 2: within 2 % from the transitional flow upwards. Starting flows and register steps are those of
ultrasonic meters in use; the clock errors and losses are of battery meters on a radio network.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sample_sites.leak_trials.course import Course, Floats
from twin.index import SiteIndex
from twin.leaks.window import Reading, Window

_PA_PER_M = 9806.65
_LITRE_PER_H = 1e-3 / 3600


@dataclass(frozen=True, slots=True)
class Imperfections:
    """How far meters are from the truth.

    Attributes
    ----------
    class_ratio : a meter's own error is anywhere within, and stays
    skew_s : a clock is wrong by anything up to it
    missing_ratio : share of readings that never come, half of them in outages of hours
    late_s : a part of the meters has not yet reported the last of it
    flat_steps_m3 : register steps of flat meters; each has one of them
    """

    class_ratio: float = 0.02
    skew_s: float = 300.0
    missing_ratio: float = 0.05
    late_s: float = 1800.0
    flat_steps_m3: tuple[float, ...] = (0.001, 0.01)


@dataclass(frozen=True, slots=True)
class Broken:
    """A meter that fails: it stands still, runs backwards or falls silent from an instant on."""

    device: str
    how: str
    since_s: float


@dataclass(frozen=True, slots=True)
class Meter:
    """The faults a meter was born with."""

    error_ratio: float
    start_m3_per_s: float
    step_m3: float
    skew_s: float
    first_m3: float


@dataclass(frozen=True, slots=True)
class Meters:
    """Every meter of a trial, drawn once, so that weeks and the day after them are read by the same ones."""

    of: Mapping[str, Meter] = field(default_factory=dict)


def draw_meters(index: SiteIndex, devices: Mapping[str, Floats], how: Imperfections, seed: int) -> Meters:
    """Meters as they may be bought and hung."""
    rng = np.random.default_rng(seed)
    drawn: dict[str, Meter] = {}
    for device in devices:
        is_flat = index.devices[device].kind == "water-meter-flat"
        step_m3 = float(rng.choice(how.flat_steps_m3)) if is_flat else 0.01
        start = rng.uniform(0.5, 1.5) if is_flat else rng.uniform(5.0, 25.0)
        error = rng.uniform(-how.class_ratio, how.class_ratio)
        skew = rng.uniform(-how.skew_s, how.skew_s)
        drawn[device] = Meter(error, start * _LITRE_PER_H, step_m3, skew, round(rng.uniform(10.0, 5000.0), 3))
    return Meters(drawn)


def joined(courses: tuple[Course, ...]) -> Course:
    """Courses that follow each other as one."""
    if len(courses) == 1:
        return courses[0]

    def chain(name: str, *, running: bool) -> dict[str, Floats]:
        out: dict[str, Floats] = {}
        for device in getattr(courses[0], name):
            parts = [getattr(courses[0], name)[device]]
            for later in courses[1:]:
                values = getattr(later, name)[device][1:]
                parts.append(values + parts[-1][-1] if running else values)
            out[device] = np.concatenate(parts)
        return out

    times_s = np.concatenate([courses[0].times_s, *(c.times_s[1:] for c in courses[1:])])
    last = courses[-1]
    return Course(
        times_s, chain("volumes_m3", running=True), chain("levels_m", running=False),
        chain("pressures_m", running=False), chain("running_s", running=True), chain("starts", running=True),
        last.levels_at_end_m, last.is_open_at_end,
    )  # fmt: skip


def register_m3(true_m3: Floats, times_s: Floats, meter: Meter, broken: Broken | None = None) -> Floats:
    """(t,) what a meter's register shows at those times of its own clock."""
    gained = np.diff(true_m3)
    flows = gained / np.diff(times_s)
    counted = np.where(np.abs(flows) < meter.start_m3_per_s, 0.0, gained * (1.0 + meter.error_ratio))
    if broken is not None and broken.how in {"stuck", "backwards"}:
        counted = np.where(times_s[:-1] < broken.since_s, counted, 0.0 if broken.how == "stuck" else -counted)
    total = np.concatenate([[0.0], np.cumsum(counted)])
    at_own_time = np.interp(times_s + meter.skew_s, times_s, total)
    shown: Floats = np.floor((meter.first_m3 + at_own_time) / meter.step_m3 + 1e-6) * meter.step_m3
    return shown


def _kept(rng: np.random.Generator, times_s: Floats, how: Imperfections) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    n = len(times_s)
    keep = rng.random(n) >= how.missing_ratio / 2
    # outages: one of some hours now and then, together the other half
    outage_s = 4 * 3600.0
    span_s = float(times_s[-1] - times_s[0])
    for _ in range(rng.poisson(how.missing_ratio / 2 * span_s / outage_s)):
        begin = rng.uniform(times_s[0], times_s[-1])
        keep &= (times_s < begin) | (times_s > begin + rng.exponential(outage_s))
    keep &= times_s <= times_s[-1] - rng.uniform(0.0, how.late_s) * (rng.random() < 0.2)
    return keep


def readings(
    index: SiteIndex, true: Course, meters: Meters, *, how: Imperfections | None = None, seed: int,
    broken: tuple[Broken, ...] = (),
) -> Window:  # fmt: skip
    """The readings that arrive of a course."""
    how = how or Imperfections()
    rng = np.random.default_rng(seed)
    faults = {b.device: b for b in broken}
    times_s = true.times_s
    series: dict[int, Reading] = {}

    def put(device: str, channel: str, values: Floats) -> None:
        row = index.rows.get(f"{device}:{channel}")
        if row is None:
            return
        keep = _kept(rng, times_s, how)
        if device in faults and faults[device].how == "silent":
            keep &= times_s < faults[device].since_s
        series[row] = (times_s[keep], values[keep])

    for device, volume in true.volumes_m3.items():
        put(device, "volume", register_m3(volume, times_s, meters.of[device], faults.get(device)))
    for device, level in true.levels_m.items():
        put(device, "level", np.round((level + rng.normal(0, 0.004, len(level))) / 0.01) * 0.01)
    for device, head in true.pressures_m.items():
        pa = np.maximum(0.0, head) * _PA_PER_M + rng.normal(0, 500.0, len(head))
        put(device, "pressure", np.round(pa / 1000.0) * 1000.0)
    for device, ran in true.running_s.items():
        put(device, "run_time", np.round(ran))
        put(device, "state", (np.diff(ran, prepend=ran[:1]) > 0).astype(np.float64))
    return Window(float(times_s[0]), float(times_s[-1]), series)
