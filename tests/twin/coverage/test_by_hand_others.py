"""Sound, light, smoke and ways of drawn sites against closed forms, for numbers drawn at random from fixed seeds."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.twin.coverage.radiate.halls import asked, device, hall, open_ground, ready
from tests.twin.coverage.test_reach import asked as asked_on_foot
from tests.twin.coverage.test_reach import covered, thing
from tests.twin.coverage.test_reach import site as walked
from tests.twin.houses import house
from tests.twin.riverside_in_small import box
from twin.coverage.radiate.detectors import check_detection
from twin.coverage.radiate.lights import check_lighting
from twin.coverage.radiate.loudspeakers import check_sound
from twin.model.base import Polygon
from twin.model.radiators import LoudspeakerModel, LuminaireModel

Floats = NDArray[np.float64]
EAR_M = 1.5
FLOOR_M = 0.02
KEPT = 0.7


def places(seed: int, count: int, low_m: float, high_m: float) -> Floats:
    drawn = np.random.default_rng(seed)
    return np.column_stack((drawn.uniform(0, 20, (count, 2)), drawn.uniform(low_m, high_m, count)))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [1, 3, 7])
def test_sound_is_the_sum_of_energies_everywhere(seed: int, count: int) -> None:
    """S + 10 lg P - 20 lg d each; levels add as powers."""
    at_m = places(seed, count, 2.5, 6.0)
    drawn = np.random.default_rng(100 + seed)
    loud_db, power_w = drawn.uniform(85, 95, count), drawn.uniform(1, 20, count)
    models = tuple(
        LoudspeakerModel(id=f"m{k}", sensitivity_db=float(loud_db[k]), power_w=float(power_w[k])) for k in range(count)
    )
    speakers = [device(f"s{k}", "speaker", tuple(at_m[k].tolist()), model=f"m{k}") for k in range(count)]
    needed_db = 78.0
    of = open_ground(
        speakers, asked("sound", min_value=needed_db, unit="db"), box(0, 0, 20, 20), loudspeaker_models=models
    )
    found = check_sound(ready(of))
    (place,) = found.places
    cells = found.made_of[place.place_id, place.requirement.id].cells_m
    ears = np.column_stack((cells, np.full(len(cells), EAR_M)))
    away = np.linalg.norm(ears[:, None] - at_m, axis=2)
    level = 10 * np.log10((10 ** ((loud_db + 10 * np.log10(power_w) - 20 * np.log10(away)) / 10)).sum(axis=1))
    assert place.values == pytest.approx(level, abs=0.01)
    assert place.share_ratio == pytest.approx(float((level >= needed_db).mean()), abs=1.5 / len(cells))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [1, 4, 9])
def test_light_is_the_sum_of_i_cos_over_d2_everywhere(seed: int, count: int) -> None:
    at_m = places(seed, count, 2.0, 9.0)
    candela = np.random.default_rng(200 + seed).uniform(50, 2000, count)
    models = tuple(
        LuminaireModel(id=f"m{k}", shape="even", flux_lm=float(4 * math.pi * candela[k])) for k in range(count)
    )
    lamps = [device(f"l{k}", "lamp", tuple(at_m[k].tolist()), model=f"m{k}") for k in range(count)]
    of = open_ground(lamps, asked("lighting", min_value=2.0, unit="lx"), box(0, 0, 20, 20), luminaire_models=models)
    found = check_lighting(ready(of))
    (place,) = found.places
    cells = found.made_of[place.place_id, place.requirement.id].cells_m
    ways = at_m - np.column_stack((cells, np.full(len(cells), FLOOR_M)))[:, None]
    light = (KEPT * candela * ways[:, :, 2] / np.linalg.norm(ways, axis=2) ** 3).sum(axis=1)
    assert place.values == pytest.approx(light, rel=1e-3)
    assert place.share_ratio == pytest.approx(float((light >= 2.0).mean()), abs=1.5 / len(cells))


@pytest.mark.parametrize(("x_m", "y_m"), [(2.0, 3.0), (6.0, 5.0), (9.0, 9.0)])
@pytest.mark.parametrize(("side_x_m", "side_y_m"), [(10.0, 7.9), (14.0, 12.0)])
def test_smoke_is_found_within_a_circle(x_m: float, y_m: float, side_x_m: float, side_y_m: float) -> None:
    """Rooms up to 80 m2 have a radius of 6.7 m, larger ones up to 6 m high 5.8 m (GB 50116)."""
    if y_m > side_y_m:
        y_m = side_y_m - 1.0
    radius_m = 6.7 if side_x_m * side_y_m <= 80 else 5.8
    of = hall(
        {"room": box(0, 0, side_x_m, side_y_m)}, [device("d", "smoke", (x_m, y_m, 2.9))],
        asked("detection", space_uses=("other",)), uses={"room": "other"},
    )  # fmt: skip
    found = check_detection(ready(of))
    (place,) = found.places
    cells = found.made_of[place.place_id, place.requirement.id].cells_m
    away = np.hypot(cells[:, 0] - x_m, cells[:, 1] - y_m)
    clear = np.abs(away - radius_m) > 0.02
    assert np.array_equal(place.covered[clear], away[clear] <= radius_m)


L_SHAPE = Polygon(outer=((0, 0), (30, 0), (30, 4), (4, 4), (4, 25), (0, 25)))


@pytest.mark.parametrize("x_m", [10.0, 20.0, 29.0])
@pytest.mark.parametrize("y_m", [1.0, 2.5])
def test_ways_round_an_l_bend_at_its_inner_corner(x_m: float, y_m: float) -> None:
    """Straight in sight, else over the corner, which the wall's half thickness moves into the room."""
    place = walked(house((("hall", "hall", L_SHAPE),)), asked_on_foot(min_value=20.0), thing("e", x_m, y_m))
    result = covered(place)
    (found,) = result.places
    cells = result.of.places[0].made.cells_m
    half = 0.12
    corner = np.array([4.0 - half, 4.0 - half])
    start = np.array([x_m, y_m])
    # in sight while the straight way passes below the corner where it stands
    slope = (corner[1] - y_m) / (corner[0] - x_m)
    hidden = (cells[:, 0] < corner[0]) & (cells[:, 1] > y_m + slope * (cells[:, 0] - x_m))
    straight = np.linalg.norm(cells - start, axis=1)
    bent = np.linalg.norm(corner - start) + np.linalg.norm(cells - corner, axis=1)
    way_m = np.where(hidden, bent, straight)
    assert hidden.any()
    assert found.values == pytest.approx(way_m, abs=0.05)  # people keep their bodies a few centimetres off the corner
    assert found.share_ratio == pytest.approx(float((way_m <= 20).mean()), abs=0.02)
