import numpy as np
import pytest

from pipe_network.inp import parse
from sample_sites.generator.estate import generate
from sample_sites.generator.plan import EstatePlan
from sample_sites.leak_trials.course import Draw, TrueLeak, course, split_pipe
from sample_sites.leak_trials.meters import Broken, Imperfections, Meter, draw_meters, joined, readings, register_m3
from sample_sites.leak_trials.trials import BEGIN_S, pipe_classes, random_leak, right_groups
from twin.index import SiteIndex, build
from twin.leaks.model import NetworkModel, prepare

HOUR_S = 3600.0


@pytest.fixture(scope="module")
def index() -> SiteIndex:
    return build(generate(EstatePlan(towers=1, storeys=11)))


@pytest.fixture(scope="module")
def water(index: SiteIndex) -> NetworkModel:
    return next(n for n in prepare(index).networks if n.kind == "domestic_water")


def test_all_water_is_accounted_for(index: SiteIndex, water: NetworkModel) -> None:
    leak = TrueLeak("T1-LR2", 1.0 / 3600, BEGIN_S + 2 * HOUR_S)
    true = course(index, water.id, start_s=BEGIN_S, duration_s=6 * HOUR_S, seed=1, leaks=[leak])
    tree = water.tree
    assert tree is not None
    for row, district in enumerate(tree.districts):
        if district.has_source:
            continue
        left = np.zeros(len(true.times_s))
        for m, sign in tree.boundary(row):
            left += sign * true.volumes_m3[tree.meters[m]]
        for tank in district.tanks:
            level = true.levels_m[water.site_network.nodes[tank].device or ""]
            left = left - water.stores[tank].area_m2 * (level - level[0])
        lost = 4.0 if "T1-LR2" in district.pipes else 0.0
        # EPANET balances to its accuracy, and steps of a tank are whole seconds
        assert left[-1] == pytest.approx(lost, abs=0.03)


def test_a_course_goes_on_where_another_ended(index: SiteIndex, water: NetworkModel) -> None:
    first = course(index, water.id, start_s=BEGIN_S, duration_s=2 * HOUR_S, seed=1)
    second = course(index, water.id, start_s=BEGIN_S + 2 * HOUR_S, duration_s=HOUR_S, seed=2, before=first)
    both = joined((first, second))
    assert np.all(np.diff(both.times_s) == 300.0)
    for levels in both.levels_m.values():
        assert np.abs(np.diff(levels)).max() < 0.5


def test_watering_is_drawn_at_its_hours_only(index: SiteIndex, water: NetworkModel) -> None:
    draw = Draw("M-W0", 2.0 / 3600, 1.0, 2.0)
    plain = course(index, water.id, start_s=BEGIN_S, duration_s=4 * HOUR_S, seed=1)
    watered = course(index, water.id, start_s=BEGIN_S, duration_s=4 * HOUR_S, seed=1, draws=[draw])
    more = watered.volumes_m3["wm-inlet"] - plain.volumes_m3["wm-inlet"]
    # the trials begin at midnight on the estate
    assert more[12] == pytest.approx(0.0, abs=0.02)
    assert more[24] == pytest.approx(2.0, abs=0.1)
    assert more[-1] == pytest.approx(2.0, abs=0.1)


def test_a_meter_errs_by_its_class_its_clock_and_its_step() -> None:
    times_s = np.arange(0.0, 7201.0, 300.0)
    shown = register_m3(times_s * 1e-3, times_s, Meter(0.02, 1e-6, 0.01, 60.0, 5.0))
    assert shown[0] == pytest.approx(5.06, abs=0.011)
    assert shown[-2] - shown[0] == pytest.approx(1.02 * 6.9, abs=0.02)
    assert np.all(np.abs(shown * 100 - np.round(shown * 100)) < 1e-6)


def test_what_is_below_its_starting_flow_is_not_counted() -> None:
    times_s = np.arange(0.0, 7201.0, 300.0)
    assert np.ptp(register_m3(times_s * 1e-7, times_s, Meter(0.0, 1e-6, 0.001, 0.0, 5.0))) == 0.0


def test_a_part_of_the_readings_is_missing(index: SiteIndex, water: NetworkModel) -> None:
    true = course(index, water.id, start_s=BEGIN_S, duration_s=24 * HOUR_S, seed=1)
    meters = draw_meters(index, true.volumes_m3, Imperfections(), 2)
    window = readings(index, true, meters, seed=3, broken=(Broken("wm-t1", "silent", BEGIN_S + 12 * HOUR_S),))
    kept = [len(t) / len(true.times_s) for row, (t, _) in window.series.items()]
    assert 0.90 < np.mean(kept) < 0.98
    assert window.reading(index.rows["wm-t1:volume"])[0][-1] < BEGIN_S + 12 * HOUR_S


def test_leaks_are_anywhere_but_before_the_first_meter(water: NetworkModel) -> None:
    rng = np.random.default_rng(1)
    places = {random_leak(water, rng, 0.0).place for _ in range(200)}
    assert "CITY-MAIN" not in places
    assert {"ring", "main", "riser", "branch", "service"} <= set(pipe_classes(water))
    assert all(right_groups(water, place)[0] for place in places)


def test_a_split_pipe_is_as_long_as_before() -> None:
    net = parse(
        "[JUNCTIONS]\na 1\nb 3\n[RESERVOIRS]\nr 9\n[PIPES]\np a b 10 100 130\nq r a 10 100 130\n[OPTIONS]\nUNITS CMH\n"
    )
    parts = [p for p in split_pipe(net, "p", 0.25, "x").pipes if p.id.startswith("p")]
    assert sum(p.length_m for p in parts) == pytest.approx(10.0)
