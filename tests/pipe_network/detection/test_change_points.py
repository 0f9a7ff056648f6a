"""Steps, ramps and recoveries are told from noise and from each other."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pipe_network.detection.change_points import Signs, UnevenTimesError, find_changes
from pipe_network.detection.noise import ShortHistoryError, estimate_noise

DAY_S = 86_400.0
Floats = NDArray[np.float64]


def _quiet(seed: int, days: int, channels: int = 1, step_s: float = 3600.0) -> tuple[Floats, Floats]:
    """Noise of which a part lingers for hours, as demand does."""
    rng = np.random.default_rng(seed)
    rows = int(days * DAY_S / step_s)
    stays = np.exp(-step_s / (4.5 * 3600.0))
    lingering = np.zeros((rows, channels))
    for row in range(1, rows):
        lingering[row] = stays * lingering[row - 1] + rng.normal(0, 1.66 * np.sqrt(1 - stays**2), channels)
    return np.arange(rows, dtype=float) * step_s, 10.0 + lingering + rng.normal(0, 2.0, (rows, channels))


def test_nothing_is_told_of_four_months_in_which_nothing_changes() -> None:
    assert find_changes(*_quiet(1, 120)) == ()


def test_a_step_and_its_repair_are_found_within_two_days() -> None:
    times_s, values = _quiet(2, 90)
    values[(times_s >= 40 * DAY_S) & (times_s < 70 * DAY_S)] += 5.0
    begun, mended = find_changes(times_s, values)
    assert (begun.kind, mended.kind) == ("step", "recovery")
    for change, day, size in ((begun, 40, 5.0), (mended, 70, -5.0)):
        assert change.onset_low_s <= day * DAY_S <= change.onset_high_s + 3600.0
        assert change.found_s < (day + 2) * DAY_S
        # a 90 % interval of a size seen for two days; twice its half width leaves out 1 in 1000
        middle, half = (change.size_high + change.size_low) / 2, (change.size_high - change.size_low) / 2
        assert abs(float((middle - size)[0])) < 2 * float(half[0])


def test_slow_growth_is_a_ramp() -> None:
    times_s, values = _quiet(3, 120)
    values += 8.0 * np.clip((times_s / DAY_S - 50) / 40, 0, 1)[:, None] ** 2
    first = find_changes(times_s, values)[0]
    assert first.kind == "ramp"
    # it grows with its square, so at first it is not there to be seen
    assert first.onset_low_s <= 60 * DAY_S <= first.onset_high_s + DAY_S * 5
    assert 50 * DAY_S < first.found_s < 85 * DAY_S


def test_several_channels_find_sooner_than_one() -> None:
    times_s, values = _quiet(4, 60, channels=6)
    values[times_s >= 30 * DAY_S] += 3.0
    found_s = [find_changes(times_s, v)[0].found_s for v in (values[:, :1], values)]
    assert found_s[1] < min(found_s[0], 31 * DAY_S)


def test_a_lowering_is_a_leak_where_leaks_lower() -> None:
    times_s, values = _quiet(2, 60)
    values[times_s >= 40 * DAY_S] -= 5.0
    [change] = find_changes(times_s, values, rising_ratio=np.array([-1.0]))
    assert change.kind == "step"
    assert change.size[0] < 0


def test_gaps_and_wild_values_are_no_changes() -> None:
    times_s, values = _quiet(5, 90)
    rng = np.random.default_rng(5)
    values[rng.random(len(values)) < 0.1] = np.nan
    values[400:600] = np.nan
    values[rng.choice(len(values), 10, replace=False)] = 300.0
    assert find_changes(times_s, values) == ()


def test_what_is_told_is_told_from_the_past_alone() -> None:
    times_s, values = _quiet(2, 90)
    values[times_s >= 40 * DAY_S] += 5.0
    noise = estimate_noise(times_s, values)
    whole = find_changes(times_s, values, noise=noise)
    until = int(45 * DAY_S / 3600.0)
    part = find_changes(times_s[:until], values[:until], noise=noise)
    told = [c for c in whole if c.found_s <= times_s[until - 1]]
    assert [(c.kind, c.onset_s, c.found_s, c.weight_nats) for c in part] == [
        (c.kind, c.onset_s, c.found_s, c.weight_nats) for c in told
    ]


def test_the_unit_does_not_matter() -> None:
    times_s, values = _quiet(2, 60)
    values[times_s >= 40 * DAY_S] += 5.0
    [here] = find_changes(times_s, values)
    [there] = find_changes(times_s, values / 3600.0)
    assert (here.kind, here.onset_s, here.found_s) == (there.kind, there.onset_s, there.found_s)
    assert there.size * 3600.0 == pytest.approx(here.size, rel=1e-6)  # rounding alone


def test_uneven_times_and_short_histories_are_refused() -> None:
    times_s, values = _quiet(6, 4)
    times_s[50] += 60.0
    with pytest.raises(UnevenTimesError, match="row 50"):
        find_changes(times_s, values)
    with pytest.raises(ShortHistoryError, match="wait until"):
        estimate_noise(times_s[:10], values[:10])


def test_what_no_leak_can_do_is_a_shift() -> None:
    # two channels: the inflow, and how the inlets share it; a leak raises the one, a valve moves the other alone
    signs = Signs(size=5.0, leaks=np.array([[1.0, r] for r in (-0.8, -0.3, 0.3, 0.8)]), others=np.array([[0.0, 1.0]]))
    times_s, values = _quiet(7, 60, channels=2)
    values[times_s >= 30 * DAY_S, 1] += 8.0
    [shift] = find_changes(times_s, values, signs=signs)
    assert (shift.kind, shift.is_leak) == ("shift", False)
    values[times_s >= 40 * DAY_S] += np.array([10.0, -5.0])
    _, leak = find_changes(times_s, values, signs=signs)
    assert leak.kind == "step"
    assert leak.size == pytest.approx([10.0, -5.0], abs=5.0)  # a quarter of a day's mean scatters by 2


def test_a_large_step_is_told_once_and_with_its_size() -> None:
    times_s, values = _quiet(8, 40)
    # it begins in the middle of an hour
    values[times_s >= 20 * DAY_S] += 40.0
    values[(20 * 24) - 1] += 20.0
    [change] = find_changes(times_s, values)
    assert change.size[0] == pytest.approx(40.0, abs=5.0)  # a quarter of a day's mean scatters by 2


def test_five_minute_values_are_followed_as_hourly_ones_are() -> None:
    times_s, values = _quiet(9, 12, step_s=300.0)
    values[times_s >= 8 * DAY_S] += 6.0
    [change] = find_changes(times_s, values)
    assert change.kind == "step"
    assert change.onset_low_s - 3600.0 <= 8 * DAY_S <= change.onset_high_s + 3600.0
    assert change.found_s < 9 * DAY_S
