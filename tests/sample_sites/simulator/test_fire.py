"""Smoke goes where the openings let it, in the order of the way it has to go."""

import numpy as np
import pytest

from sample_sites.simulator import fire
from tests.sample_sites.simulator.small_site import small_index
from twin.index import SiteIndex


@pytest.fixture(scope="module")
def index() -> SiteIndex:
    return small_index()


def _times_to_alarm(
    index: SiteIndex, places: list[str], *, step_s: float = 5.0, limit_s: float = 1800.0
) -> list[float]:
    burning = fire.ignite(index, "tower-1/f2/201/kitchen")
    times = dict.fromkeys(places, np.inf)
    age = 0.0
    while age < limit_s:
        age += step_s
        fire.step_inplace(burning, step_s)
        for place in places:
            if times[place] == np.inf and burning.at(place)[0] >= 0.5:
                times[place] = age
    return [times[p] for p in places]


def test_smoke_reaches_neighbours_in_order(index: SiteIndex) -> None:
    way = ["tower-1/f2/201/kitchen", "tower-1/f2/201/living", "tower-1/f2/corridor", "tower-1/f2/stair-1"]
    times = _times_to_alarm(index, way)
    assert times == sorted(times)
    assert times[0] < 240
    assert times[2] < 900


def test_smoke_rises_in_the_stair(index: SiteIndex) -> None:
    burning = fire.ignite(index, "tower-1/f2/201/kitchen")
    for _ in range(240):
        fire.step_inplace(burning, 5.0)
    above, below = burning.at("tower-1/f3/stair-1")[0], burning.at("tower-1/f1/stair-1")[0]
    assert above > 2 * below


def test_step_length_hardly_matters(index: SiteIndex) -> None:
    fine, coarse = fire.ignite(index, "tower-1/f2/201/kitchen"), fire.ignite(index, "tower-1/f2/201/kitchen")
    for _ in range(300):
        fire.step_inplace(fine, 1.0)
    for _ in range(10):
        fire.step_inplace(coarse, 30.0)
    assert coarse.at("tower-1/f2/201/living")[0] == pytest.approx(fine.at("tower-1/f2/201/living")[0], abs=0.25)


def test_nothing_is_negative_and_it_clears_when_put_out(index: SiteIndex) -> None:
    burning = fire.ignite(index, "tower-1/f4/402/living")
    for _ in range(60):
        fire.step_inplace(burning, 10.0)
    worst = float(burning.smoke.max())
    burning.burning = False
    for _ in range(2000):
        fire.step_inplace(burning, 10.0)
        assert float(burning.smoke.min()) >= 0.0
    assert float(burning.smoke.max()) < 0.05 * worst
    assert float(burning.temperature_degc.max()) < fire.AMBIENT_DEGC + 1.0


def test_unknown_space_is_refused(index: SiteIndex) -> None:
    with pytest.raises(ValueError, match="no such space"):
        fire.ignite(index, "tower-9/f1/101")


def test_a_flat_burns_in_one_of_its_rooms(index: SiteIndex) -> None:
    assert fire.ignite(index, "tower-1/f2/201").origin.startswith("tower-1/f2/201/")
