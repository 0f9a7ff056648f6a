import numpy as np
import pytest

from pipe_network.detection.pulse_rhythm import leak_log_ratios
from pipe_network.detection.resting_meters import log_restless, never_at_rest, sure_nats
from pipe_network.registers import Floats

DAY_S = 86_400.0
LITRE_PER_H = 1e-3 / 3600


def home(seed: int, *, days: float, leak_m3_per_s: float = 0.0, step_m3: float = 0.001) -> tuple[Floats, Floats]:
    """A household of three that draws some 50 times a day, seldom at night."""
    rng = np.random.default_rng(seed)
    times_s = np.arange(0.0, days * DAY_S, 300.0)
    hour = times_s / 3600.0 % 24
    rate = np.where(hour < 6, 0.1, 1.3)
    drawn = rng.poisson(50.0 / 288 * rate) * 0.0066 + leak_m3_per_s * 300.0
    return times_s, np.floor(np.cumsum(drawn) / step_m3) * step_m3


@pytest.mark.parametrize(("leak", "step_m3", "days"), [(5.0, 0.001, 2.5), (50.0, 0.01, 2.5), (400.0, 0.01, 2.5)])
def test_a_leak_is_found_with_its_flow(leak: float, step_m3: float, days: float) -> None:
    times_s, register = home(1, days=days, leak_m3_per_s=leak * LITRE_PER_H, step_m3=step_m3)
    found = never_at_rest(times_s, register, now_s=times_s[-1])
    assert found is not None
    assert found.flow_m3_per_s / LITRE_PER_H == pytest.approx(leak, rel=0.4)
    assert found.low_m3_per_s <= found.flow_m3_per_s <= found.high_m3_per_s


def test_homes_that_only_draw_rest() -> None:
    for seed in range(60):
        times_s, register = home(seed, days=8)
        assert never_at_rest(times_s, register, now_s=times_s[-1]) is None


def test_an_outage_at_night_hides_rests_but_proves_nothing() -> None:
    times_s, register = home(2, days=6)
    keep = times_s % DAY_S > 6.5 * 3600
    assert never_at_rest(times_s[keep], register[keep], now_s=times_s[-1]) is None


def test_since_when_is_the_last_rest_before_the_leak() -> None:
    times_s, register = home(3, days=4)
    leak = np.where(times_s > 2.0 * DAY_S, (times_s - 2.0 * DAY_S) * 20 * LITRE_PER_H, 0.0)
    found = never_at_rest(times_s, np.floor((register + leak) * 1000) / 1000, now_s=times_s[-1])
    assert found is not None
    assert abs(found.since_s - 2.0 * DAY_S) < 8 * 3600


def test_hours_of_draws_between_the_last_rest_and_the_leak_hide_nothing() -> None:
    times_s, register = home(5, days=6)
    # a party from the evening on: the last rest ends five hours before the leak begins
    party = np.clip(times_s - (3 * DAY_S - 5 * 3600), 0, 5 * 3600) // 1200 * 0.002
    leak = np.maximum(0.0, times_s - 3 * DAY_S) * 240 * LITRE_PER_H
    found = never_at_rest(times_s, np.floor((register + party + leak) * 1000) / 1000, now_s=times_s[-1])
    assert found is not None
    assert found.flow_m3_per_s / LITRE_PER_H == pytest.approx(240.0, rel=0.1)


def test_a_vacant_or_silent_home_says_nothing() -> None:
    times_s = np.arange(0.0, 3 * DAY_S, 300.0)
    assert never_at_rest(times_s, np.full(len(times_s), 12.0), now_s=times_s[-1]) is None
    assert never_at_rest(np.empty(0), np.empty(0), now_s=0.0) is None


def test_what_comes_later_than_now_is_not_looked_at() -> None:
    times_s, register = home(4, days=4, leak_m3_per_s=50 * LITRE_PER_H)
    assert never_at_rest(times_s, register, now_s=0.5 * DAY_S) is None


def test_long_rests_are_missed_more_easily_than_short_ones() -> None:
    chances = [log_restless(0.3, rest_h=h, step_m3=0.001) for h in (0.5, 1.0, 2.0, 4.0)]
    assert chances == sorted(chances)


def test_who_draws_very_much_is_not_expected_to_rest() -> None:
    assert log_restless(500.0, rest_h=1.0, step_m3=0.01) == 0.0


def counted_by_ten(seed: int, *, leak_m3_per_s: float) -> tuple[Floats, Floats]:
    """Six days of a home behind a register of 10 L, of which the last three leak; draws are exponential."""
    rng = np.random.default_rng(seed)
    times_s = np.arange(0.0, 6 * DAY_S, 300.0)
    rate = np.where(times_s / 3600.0 % 24 < 6, 0.13, 1.29) * 40.0 / 288
    drawn = np.array([rng.exponential(0.007, n).sum() for n in rng.poisson(rate)])
    leaked = np.where(times_s > 3 * DAY_S, leak_m3_per_s * 300.0, 0.0)
    return times_s, np.floor(100 * (rng.uniform() + np.cumsum(drawn + leaked))) / 100


def test_a_drip_of_half_a_step_an_hour_shows_in_coarse_pulses() -> None:
    flows = []
    for seed in range(12):
        times_s, register = counted_by_ten(seed, leak_m3_per_s=5 * LITRE_PER_H)
        found = never_at_rest(times_s, register, now_s=times_s[-1])
        flows += [] if found is None else [found.flow_m3_per_s / LITRE_PER_H]
    assert len(flows) >= 10  # the longest rest such a leak allows, 2 h, is no evidence of its own in three nights
    assert np.median(flows) == pytest.approx(5.0, rel=0.3)  # flows are tried in ratios of about 1.3


def test_coarse_pulses_of_homes_without_a_leak_tell_nothing() -> None:
    for seed in range(100, 180):
        times_s, register = counted_by_ten(seed, leak_m3_per_s=0.0)
        assert never_at_rest(times_s, register, now_s=times_s[-1], sure_nats=9.0) is None


def test_an_outage_is_no_evidence_in_pulses() -> None:
    times_s, register = counted_by_ten(1, leak_m3_per_s=5 * LITRE_PER_H)
    flows = np.array([5.0]) * LITRE_PER_H

    def told(keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
        return float(
            leak_log_ratios(
                times_s[keep], register[keep], flows, since_s=3 * DAY_S, midnight_s=0.0, daily_m3=0.28, step_m3=0.01
            )[0]
        )

    whole, nights_lost = told(times_s >= 0), told(times_s % DAY_S > 8 * 3600)
    assert whole > 12.0
    assert nights_lost < 0.5 * whole


def test_more_meters_are_asked_for_more_evidence() -> None:
    few, many = (sure_nats(n, false_alarms_per_month=0.1) for n in (10, 1000))
    assert many - few == pytest.approx(np.log(100.0))


def test_chances_of_registers_that_never_repeat_do_not_pile_up() -> None:
    # daily use beyond what leaves a rest to be expected is answered at once, so that this asks often and is quick
    for asked in range(20_000):
        log_restless(1000.0 + asked, rest_h=1.0, step_m3=0.001)
    assert log_restless.cache_info().currsize <= 16_384
