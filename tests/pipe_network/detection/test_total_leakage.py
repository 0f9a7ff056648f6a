"""Leakage is what has no rhythm; demand that grows, a holiday and a wrong meter share are no leaks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipe_network.detection.night_flow import night_flow
from pipe_network.detection.noise import ShortHistoryError
from pipe_network.detection.rhythm import known_rhythm, learn_rhythm, refined_course
from pipe_network.detection.total_leakage import Sharing, Zone, storage_gain_m3_per_s, watch_zones

DAY_S = 86_400.0
Floats = NDArray[np.float64]


def _week(hours: Floats) -> Floats:
    weekend = np.mod(hours, 168) >= 120
    shape = 1 - 0.7 * np.cos(2 * np.pi * (hours - 3) / 24) - 0.2 * np.cos(4 * np.pi * (hours - 2) / 24)
    return np.asarray(np.where(weekend, 0.2 + 0.9 * shape, shape) * np.where(weekend, 0.93, 1.0))


def _town(seed: int, days: int, factor: Floats | float = 1.0) -> tuple[Floats, Floats, Floats]:
    """Times, rhythm, and the use of a town of 160 m3/h, noisier by day than by night."""
    rng = np.random.default_rng(seed)
    hours = np.arange(24.0 * days)
    rhythm = _week(hours)
    noise = rng.normal(0, 0.02, len(hours))
    for row in range(1, len(hours)):
        noise[row] = 0.5 * noise[row - 1] + 0.866 * noise[row]
    daily = rng.normal(0, 0.01, days).repeat(24)
    return hours * 3600.0, rhythm, 160 * rhythm * factor * (1 + noise + daily) / 3600


def test_leakage_is_followed_through_season_steps_and_repair() -> None:
    days = np.arange(24.0 * 150) / 24
    times_s, rhythm, use = _town(1, 150, 1 + 0.1 * np.sin(days / 58))
    leakage = (25 + 20.0 * ((days > 40) & (days < 80)) + 12.0 * np.clip((days - 100) / 30, 0, 1) ** 2) / 3600
    watch = watch_zones(times_s, [Zone("town", use + leakage, rhythm)])
    off = 3600 * (watch.leakage_m3_per_s[:, 0] - leakage)[14 * 24 :]
    assert float(np.std(off)) < 3.5  # 2 % of the inflow; one day's regression scatters by 6
    assert [c.kind for c in watch.changes][:2] == ["step", "recovery"]
    assert watch.changes[0].size[0] * 3600 == pytest.approx(20, abs=5)
    assert [c.kind for c in watch.changes if c.is_leak] == ["step", "ramp"]


def test_growing_demand_is_no_leak() -> None:
    days = np.arange(24.0 * 120) / 24
    times_s, rhythm, use = _town(2, 120, 1 + 0.25 * np.clip((days - 40) / 40, 0, 1))
    watch = watch_zones(times_s, [Zone("town", use + 20 / 3600, rhythm)])
    assert [c for c in watch.changes if c.is_leak] == []
    assert watch.consumption_m3_per_s[-24:].mean() / watch.consumption_m3_per_s[600:624].mean() > 1.1


def test_a_new_large_consumer_with_the_rhythm_of_the_others_is_no_leak() -> None:
    days: Floats = np.arange(24.0 * 90) / 24
    times_s, rhythm, use = _town(3, 90, np.where(days > 45, 1.08, 1.0))
    watch = watch_zones(times_s, [Zone("town", use + 20 / 3600, rhythm)])
    assert [c for c in watch.changes if c.is_leak] == []


def test_holidays_gaps_and_missing_values_are_no_leaks() -> None:
    days = np.arange(24.0 * 90) / 24
    times_s, rhythm, use = _town(4, 90)
    inflow = use + 20 / 3600
    holiday = (days >= 50) & (days < 51)
    inflow[holiday] *= 0.8
    inflow[np.random.default_rng(4).random(len(inflow)) < 0.1] = np.nan
    inflow[60 * 24 : 63 * 24] = np.nan
    watch = watch_zones(times_s, [Zone("town", inflow, rhythm)])
    assert [c for c in watch.changes if c.is_leak] == []


def test_how_inlets_share_shows_a_leak_before_the_inflow_does() -> None:
    days = np.arange(24.0 * 60) / 24
    times_s, rhythm, use = _town(5, 60)
    leak = 3.5 / 3600 * (days > 35)
    inflow = use + leak + 20 / 3600
    first = 0.55 * inflow + 0.4 * leak + np.random.default_rng(5).normal(0, 0.5 / 3600, len(days))
    zone = Zone("town", inflow, rhythm)
    sharing = Sharing(np.stack([first, inflow - first], axis=1), np.zeros((len(days), 0)))
    [late], [early] = (
        [c for c in watch_zones(times_s, [zone], sharing=s).changes if c.is_leak] for s in (None, sharing)
    )
    assert early.found_s < 36 * DAY_S < late.found_s
    assert abs(early.onset_s - 35 * DAY_S) < DAY_S / 4


@settings(max_examples=2, deadline=None)
@given(st.floats(1e-3, 1e3))
def test_the_unit_of_flow_does_not_matter(scale: float) -> None:
    days = np.arange(24.0 * 30) / 24
    times_s, rhythm, use = _town(6, 30)
    inflow = use + (20 + 15.0 * (days > 20)) / 3600
    here = watch_zones(times_s, [Zone("town", inflow, rhythm)])
    there = watch_zones(times_s, [Zone("town", inflow * scale, rhythm * 7)])
    assert [(c.kind, c.onset_s) for c in here.changes] == [(c.kind, c.onset_s) for c in there.changes]
    # estimating the noise is a numerical search that stops at its tolerance
    assert there.leakage_m3_per_s / scale == pytest.approx(here.leakage_m3_per_s, rel=0.02, abs=1e-4)


def test_less_than_three_days_are_refused() -> None:
    times_s, rhythm, use = _town(7, 2)
    with pytest.raises(ShortHistoryError, match="too few"):
        watch_zones(times_s, [Zone("town", use, rhythm)])


def test_a_rhythm_is_learnt_by_the_local_clock() -> None:
    times_s, _, use = _town(8, 56)
    clock_s = times_s + 3600.0 * (times_s > 28 * DAY_S)  # summer time begins
    by_clock = 160 * _week(clock_s / 3600) / 3600 * (use / (160 * _week(times_s / 3600) / 3600))
    inflow = by_clock + 30 / 3600
    inflow[(times_s > 20 * DAY_S) & (times_s < 21 * DAY_S)] = np.nan
    learnt = learn_rhythm(
        clock_s, inflow, night_use_ratio=float(_week(np.arange(168.0)).min() / _week(np.arange(168.0)).mean())
    )
    assert learnt.weeks_count == 9
    truth = known_rhythm(_week(np.arange(168.0)))
    assert float(np.abs(learnt.weekly_ratio - truth.weekly_ratio).max()) < 0.06
    with pytest.raises(ShortHistoryError):
        learn_rhythm(clock_s[:100], inflow[:100])


def test_a_course_is_refined_from_the_past_alone() -> None:
    times_s, rhythm, use = _town(9, 35)
    whole = refined_course(times_s, use, rhythm)
    part = refined_course(times_s[: 24 * 25], use[: 24 * 25], rhythm[: 24 * 25])
    assert part == pytest.approx(whole[: 24 * 25], abs=0)


def test_night_flow_leaves_out_nights_that_are_not_known() -> None:
    clock_s = np.arange(0, 3 * DAY_S, 900.0)
    inflow = np.full(len(clock_s), 2.0 / 3600)
    inflow[(clock_s >= DAY_S) & (clock_s < DAY_S + 3.5 * 3600)] = np.nan
    nights = night_flow(clock_s, inflow, connections_count=500)
    assert np.isnan(nights.flow_m3_per_s).tolist() == [False, True, False]
    assert nights.leakage_m3_per_s[0] * 3600 == pytest.approx(2.0 - 0.85)


def test_a_tank_that_fills_is_no_inflow() -> None:
    levels_m = np.array([1.0, 1.1, 1.1, 1.0])
    assert storage_gain_m3_per_s(levels_m, 100.0, 3600.0) * 360 == pytest.approx([1.0, 0.0, -1.0, 0.0])
