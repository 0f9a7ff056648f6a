"""Pressure sensors that are not believed are named and left out; leaks and quiet weeks name none."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pytest

from sample_sites.generator.estate import generate
from sample_sites.generator.plan import EstatePlan
from sample_sites.leak_trials.course import Course, TrueLeak, course
from sample_sites.leak_trials.meters import Imperfections, draw_meters, joined, readings
from sample_sites.leak_trials.trials import BEGIN_S, DAY_S
from twin.index import SiteIndex, build
from twin.leaks.measured import measure
from twin.leaks.model import LeakModel, NetworkModel, prepare
from twin.leaks.pressure_faults import pressure_faults
from twin.leaks.report import leaks
from twin.leaks.window import Window

PA_PER_M = 9806.65
BEFORE_DAYS, AFTER_DAYS = 8, 4


@dataclass(frozen=True)
class Estate:
    index: SiteIndex
    model: LeakModel
    before: Course

    @property
    def water(self) -> NetworkModel:
        return next(n for n in self.model.networks if n.kind == "domestic_water")

    def window(self, *leaking: TrueLeak) -> Window:
        begin_s = float(self.before.times_s[-1])
        after = course(self.index, self.water.id, start_s=begin_s, duration_s=AFTER_DAYS * DAY_S, seed=5,
                       leaks=leaking, before=self.before)  # fmt: skip
        whole = joined((self.before, after))
        meters = draw_meters(self.index, whole.volumes_m3, Imperfections(), 3)
        return readings(self.index, whole, meters, seed=4)


@pytest.fixture(scope="module")
def estate() -> Estate:
    index = build(generate(EstatePlan(towers=2, storeys=3, flats_per_storey=2)))
    model = prepare(index)
    water = next(n for n in model.networks if n.kind == "domestic_water")
    return Estate(index, model, course(index, water.id, start_s=BEGIN_S, duration_s=BEFORE_DAYS * DAY_S, seed=1))


@pytest.fixture(scope="module")
def quiet(estate: Estate) -> Window:
    return estate.window()


def altered(window: Window, row: int, fault: str) -> tuple[Window, float]:
    """The window with one sensor at fault, and since when."""
    times_s, values = window.series[row]
    days = {"drifting": 8, "jumped": 5, "stuck": 3, "silent": 1}[fault]
    since_s = window.end_s - days * DAY_S
    later = times_s > since_s
    match fault:
        case "drifting":
            values = values + 0.15 * PA_PER_M * np.clip((times_s - since_s) / DAY_S, 0.0, None)
        case "jumped":
            values = values - 2.0 * PA_PER_M * later
        case "stuck":
            values = np.where(later, values[~later][-1], values)
        case _:
            times_s, values = times_s[~later], values[~later]
    return Window(window.start_s, window.end_s, {**window.series, row: (times_s, values)}), since_s


@pytest.mark.parametrize("fault", ["drifting", "jumped", "stuck", "silent"])
def test_each_sensor_at_fault_is_named_with_what_and_since_when(estate: Estate, quiet: Window, fault: str) -> None:
    for node, row in estate.water.pressures.items():
        window, since_s = altered(quiet, row, fault)
        found = pressure_faults(estate.water, measure(estate.water, window), window)
        assert [(n, f.fault) for n, f in found.items()] == [(node, fault)]
        # a slow drift shows once it is out of the noise
        assert found[node].since_s == pytest.approx(since_s, abs=(3 if fault == "drifting" else 1) * DAY_S)


def test_report_names_the_sensor_in_both_languages(estate: Estate, quiet: Window) -> None:
    node, row = next(iter(estate.water.pressures.items()))
    window, _ = altered(quiet, row, "drifting")
    report = leaks(estate.model, window, dt.datetime.fromtimestamp(window.end_s, dt.UTC))
    (named,) = [s for s in report.sensors if s.device == estate.water.site_network.nodes[node].device]
    assert (named.channel, named.fault) == (estate.index.channels[row].id, "drifting")
    assert named.text.zh
    assert named.text.en
    assert report.leaks == ()


def test_quiet_weeks_and_leaks_name_no_sensor(estate: Estate, quiet: Window) -> None:
    begin_s = float(estate.before.times_s[-1])
    both = estate.window(TrueLeak("M-P1", 25 / 3600, begin_s), TrueLeak("T1-LR2", 3 / 3600, begin_s))
    for window in (quiet, both):
        assert pressure_faults(estate.water, measure(estate.water, window), window) == {}


def test_sensors_that_never_spoke_are_not_told_of(estate: Estate, quiet: Window) -> None:
    silent = set(estate.water.pressures.values())
    window = Window(quiet.start_s, quiet.end_s, {r: s for r, s in quiet.series.items() if r not in silent})
    assert pressure_faults(estate.water, measure(estate.water, window), window) == {}
