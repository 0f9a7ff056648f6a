"""What people see of a balance: what is missing hour by hour against its band, nights, and where the inflow goes."""

import numpy as np
import pytest

from tests.live_bindings.leaky_week import BEGIN_S, ONSET_S, SIZE_M3_PER_S, LeakyWeek, at, leaky_week
from twin.leaks.balance_course import BalanceCourse, Course
from twin.leaks.report import Looked, look

HOUR_S = 3600.0


@pytest.fixture(scope="module")
def week() -> LeakyWeek:
    return leaky_week()


@pytest.fixture(scope="module")
def leaking(week: LeakyWeek) -> Looked:
    now_s = ONSET_S + 22 * HOUR_S
    return look(week.model, week.until(now_s), at(now_s))


@pytest.fixture(scope="module")
def balance(leaking: Looked) -> BalanceCourse:
    (leak,) = leaking.report.leaks
    return leaking.courses[leak.id.rsplit("/", 1)[0]]


def parted(course: Course) -> tuple[list[float], list[float]]:
    """Values that are known well before and well after the leak began."""
    pairs = [(t, v) for t, v in zip(course.time_s, course.value_m3_per_s, strict=True) if v is not None]
    return [v for t, v in pairs if t < ONSET_S - 3 * HOUR_S], [v for t, v in pairs if t > ONSET_S + 6 * HOUR_S]


def test_what_is_missing_leaves_its_band_by_the_size_of_the_leak_when_that_begins(balance: BalanceCourse) -> None:
    course = balance.missing
    assert course.low_m3_per_s is not None
    assert course.high_m3_per_s is not None
    before, after = parted(course)
    inside = [course.low_m3_per_s <= v <= course.high_m3_per_s for v in before]
    # the band is of these very hours, from the 5th to the 95th in a hundred
    assert np.mean(inside) > 0.85
    assert min(after) > course.high_m3_per_s
    # a tenth: meters of class 2 and their clocks
    assert np.mean(after) - np.mean(before) == pytest.approx(SIZE_M3_PER_S, rel=0.1)


def test_nights_show_the_leak_on_the_night_it_runs(balance: BalanceCourse) -> None:
    nights = balance.nights
    # five nights, whose middles are three o'clock in Shanghai
    assert [(t - BEGIN_S) / HOUR_S % 24 for t in nights.time_s] == [3.0] * 5
    assert nights.high_m3_per_s is not None
    last = nights.value_m3_per_s[-1]
    assert last is not None
    assert last > nights.high_m3_per_s


def test_districts_hang_together_as_a_tree_whose_parts_add_up(leaking: Looked) -> None:
    districts = {d.id: d for d in leaking.report.districts}
    roots = [d for d in districts.values() if d.parent is None]
    assert len(roots) == 1
    assert all(d.parent in districts for d in districts.values() if d.parent is not None)
    for district in districts.values():
        parts = (district.passed_m3_per_s, district.drawn_m3_per_s, district.stored_m3_per_s, district.balance_m3_per_s)
        told = [p for p in parts if p is not None]
        assert len(told) == 4
        # hours that miss a reading are left out of each part by itself
        assert sum(told) == pytest.approx(district.inflow_m3_per_s, rel=0.1, abs=0.05 / HOUR_S)


def test_a_district_without_a_leak_stays_within_its_band(leaking: Looked, balance: BalanceCourse) -> None:
    others = [c for name, c in leaking.courses.items() if name != balance.district]
    assert others
    for course in (c.missing for c in others):
        _, after = parted(course)
        assert course.high_m3_per_s is not None
        assert np.mean(after) < course.high_m3_per_s + 0.1 * SIZE_M3_PER_S
