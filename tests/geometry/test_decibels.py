"""Levels against sums done by hand."""

import math

import numpy as np
import pytest

from geometry.decibels import (
    energy_sum_db,
    free_space_loss_db,
    multi_wall_loss_db,
    site_general_loss_db,
    sound_level_db,
)


@pytest.mark.parametrize(("count", "more_db"), [(1, 0.0), (2, 3.0103), (4, 6.0206), (10, 10.0)])
@pytest.mark.parametrize("level_db", [-70.0, 0.0, 65.0, 120.0])
def test_alike_sources_add_ten_times_the_logarithm_of_their_number(count: int, more_db: float, level_db: float) -> None:
    assert energy_sum_db([level_db] * count).item() == pytest.approx(level_db + more_db, abs=1e-3)


def test_a_weak_source_hardly_adds_and_silence_not_at_all() -> None:
    assert energy_sum_db([80.0, 60.0]).item() == pytest.approx(80.0432, abs=1e-4)
    assert energy_sum_db([80.0, -math.inf]).item() == pytest.approx(80.0)
    assert energy_sum_db([-math.inf, -math.inf]).item() == -math.inf


@pytest.mark.parametrize(
    ("distance_m", "sensitivity_db", "power_w", "level_db"),
    [(1, 90, 1, 90), (2, 90, 1, 83.979), (10, 90, 3, 74.771), (25, 92, 6, 71.823), (12.5, 90, 3, 72.833)],
)
def test_sound_falls_with_the_square_of_distance(
    distance_m: float, sensitivity_db: float, power_w: float, level_db: float
) -> None:
    found = sound_level_db(distance_m, sensitivity_db=sensitivity_db, power_w=power_w)
    assert found.item() == pytest.approx(level_db, abs=1e-3)


def test_doubling_distance_or_frequency_costs_six_decibels() -> None:
    once = free_space_loss_db([5.0, 10.0, 5.0], frequency_hz=np.array([2.4e9, 2.4e9, 4.8e9]))
    assert (once[1:] - once[0]).tolist() == pytest.approx([6.0206, 6.0206], abs=1e-4)
    # 32.45 + 20 lg(f in MHz) + 20 lg(d in km), as handbooks have it
    assert once[0] == pytest.approx(32.4478 + 20 * math.log10(2400) + 20 * math.log10(0.005), abs=1e-3)


@pytest.mark.parametrize(
    ("light", "heavy", "floors", "loss_db"),
    [(0, 0, 0, 0), (1, 0, 0, 3.4), (3, 0, 0, 10.2), (0, 2, 0, 13.8), (2, 1, 0, 13.7), (0, 0, 1, 18.3), (1, 1, 1, 28.6),
     (0, 0, 2, 33.513), (0, 0, 3, 43.596)],
)  # fmt: skip
def test_walls_add_and_floors_add_ever_less(light: int, heavy: int, floors: int, loss_db: float) -> None:
    # two floors: 18.3 * 2^(4/3 - 0.46) = 18.3 * 1.8319; three: 18.3 * 3^(5/4 - 0.46) = 18.3 * 2.3823
    found = multi_wall_loss_db([[light, heavy]], [3.4, 6.9], [floors], floor_loss_db=18.3, floor_exponent=0.46)
    assert found.item() == pytest.approx(loss_db, abs=0.02)


@pytest.mark.parametrize(
    ("distance_m", "frequency_hz", "loss_db"), [(1, 1e9, 29.53), (10, 1e9, 54.13), (10, 5e9, 70.766)]
)
def test_site_general_loss_takes_gigahertz(distance_m: float, frequency_hz: float, loss_db: float) -> None:
    found = site_general_loss_db(distance_m, frequency_hz=frequency_hz, alpha=2.46, beta_db=29.53, gamma=2.38)
    assert found.item() == pytest.approx(loss_db, abs=1e-2)
