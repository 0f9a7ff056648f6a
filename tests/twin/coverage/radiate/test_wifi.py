"""Access points whose levels can be reckoned by hand: power less free space less walls and slabs."""

import math

import numpy as np
import pytest

from tests.twin.coverage.radiate.halls import asked, device, hall, open_ground, ready, state
from tests.twin.riverside_in_small import box
from twin.coverage.radiate.answers import KindCoverage
from twin.coverage.radiate.wifi import check_wifi
from twin.coverage.result import PlaceResult, Rule
from twin.coverage.settings import settings
from twin.model.devices import Device
from twin.model.grounds import Requirement
from twin.model.radiators import AccessPointModel, Radio
from twin.model.site import Site

LOW = AccessPointModel(id="low", radios=(Radio(frequency_hz=2.4e9, eirp_dbm=20.0),))
BOTH = AccessPointModel(
    id="both", radios=(Radio(frequency_hz=2.4e9, eirp_dbm=20.0), Radio(frequency_hz=5.8e9, eirp_dbm=23.0))
)
HAND_M = 1.2


def points(*at_m: tuple[float, float, float], model: str = "low") -> list[Device]:
    return [device(f"ap{k}", "ap", at, model=model) for k, at in enumerate(at_m)]


def wanted(level_dbm: float, **changes: object) -> Requirement:
    return asked("wifi", min_value=level_dbm, unit="dbm", **changes)


def field(devices: list[Device], level_dbm: float = -60.0) -> Site:
    return open_ground(devices, wanted(level_dbm), box(0, 0, 30, 30), access_point_models=(LOW, BOTH))


def rooms(count: int, devices: list[Device], level_dbm: float = -70.0, **more: object) -> Site:
    """Rooms of 6 m by 6 m in a row; what is asked for is asked in the last."""
    names = [f"r{k}" for k in range(count)]
    shapes = {name: box(6 * k, 0, 6 * k + 6, 6) for k, name in enumerate(names)}
    return hall(shapes, devices, wanted(level_dbm, space_uses=("office",)), uses={names[-1]: "office"},
                access_point_models=(LOW, BOTH), **more)  # type: ignore[arg-type] # fmt: skip


def only(coverage: KindCoverage) -> PlaceResult:
    assert len(coverage.places) == 1
    return coverage.places[0]


def level_at(coverage: KindCoverage, place: PlaceResult, x: float, y: float) -> tuple[float, tuple[float, float]]:
    cells = coverage.made_of[place.place_id, place.requirement.id].cells_m
    k = int(np.hypot(cells[:, 0] - x, cells[:, 1] - y).argmin())
    return float(place.values[k]), (float(cells[k, 0]), float(cells[k, 1]))


def free_dbm(at: tuple[float, float, float], cell: tuple[float, float], hz: float = 2.4e9, eirp: float = 20.0) -> float:
    """ITU-R P.525: 20 lg(4 pi d f / c)."""
    away_m = math.dist(at, (*cell, HAND_M))
    return eirp - 20 * math.log10(4 * math.pi * away_m * hz / 299_792_458.0)


def rule(place: PlaceResult, code: str) -> Rule:
    return next(r for r in place.rules if r.code == code)


@pytest.mark.parametrize("spot", [(15.0, 15.0), (1.0, 2.0), (29.0, 15.0)])
def test_in_the_open_free_space_alone_counts(spot: tuple[float, float]) -> None:
    at = (15.0, 15.0, 5.0)
    found = check_wifi(ready(field(points(at), -90.0)))
    level, cell = level_at(found, only(found), *spot)
    assert level == pytest.approx(free_dbm(at, cell), abs=0.05)


@pytest.mark.parametrize("walls", [1, 2, 3])
def test_each_wall_takes_its_loss(walls: int) -> None:
    at = (3.0, 3.0, 2.5)
    site = rooms(walls + 1, points(at))
    loss_db = settings(site)[0].row("wifi.band.low")["heavy_wall_db"] * walls
    found = check_wifi(ready(site))
    level, cell = level_at(found, only(found), 6 * walls + 3, 3)
    assert level == pytest.approx(free_dbm(at, cell) - loss_db, abs=0.05)


@pytest.mark.parametrize("slabs", [1, 2])
def test_a_second_slab_takes_less_than_the_first(slabs: int) -> None:
    at = (3.0, 3.0, 2.5)
    site = rooms(1, points(at), level_dbm=-80.0, storeys=slabs + 1)
    values, _ = settings(site)
    found = check_wifi(ready(site))
    top = found.places[-1]
    assert top.place_id == f"hall/f{slabs + 1}/r0"
    level, cell = level_at(found, top, 3, 3)
    away_m = math.dist(at, (*cell, HAND_M + 3.0 * slabs))
    free = 20.0 - 20 * math.log10(4 * math.pi * away_m * 2.4e9 / 299_792_458.0)
    # COST 231: L k^((k + 2) / (k + 1) - b)
    lost_db = values.row("wifi.band.low")["floor_db"] * slabs ** ((slabs + 2) / (slabs + 1) - 0.46)
    assert level == pytest.approx(max(free - lost_db, values["wifi.least_dbm"]), abs=0.05)


def test_the_better_of_two_bands_counts_and_each_is_told() -> None:
    at = (15.0, 15.0, 5.0)
    found = check_wifi(ready(field(points(at, model="both"), -40.0)))
    place = only(found)
    level, cell = level_at(found, place, 15, 15)
    assert level == pytest.approx(max(free_dbm(at, cell), free_dbm(at, cell, 5.8e9, 23.0)), abs=0.05)
    low, high = (rule(place, f"covered-by-{band}-band").reached for band in ("low", "high"))
    # -40 dBm is 60.0 dB under 20 dBm, which is 9.94 m at 2.4 GHz, and 63.0 dB under 23 dBm, 5.82 m at 5.8 GHz
    assert low == pytest.approx(math.pi * (9.94**2 - 3.8**2) / 900, abs=0.02)
    assert high == pytest.approx(math.pi * (5.82**2 - 3.8**2) / 900, abs=0.02)


def test_distance_alone_is_told_beside_and_may_disagree() -> None:
    through_four_walls = only(check_wifi(ready(rooms(5, points((3, 3, 2.5)), level_dbm=-70.0))))
    told = rule(through_four_walls, "covered-by-p1238")
    assert not told.is_binding
    assert told.reached != through_four_walls.share_ratio


def test_one_in_sight_counts_however_many_are_nearer_behind_slabs() -> None:
    """Twenty access points lie nearer, all behind slabs and walls; the one outdoors is seen through nothing."""
    site = open_ground([*points(*((k * 0.5 - 5.0, -3.0, -3.0) for k in range(20))), device("seen", "ap", (40, 15, 5),
                       model="low")], wanted(-65.0), box(0, 0, 30, 30), access_point_models=(LOW, BOTH))  # fmt: skip
    found = check_wifi(ready(site))
    level, cell = level_at(found, only(found), 29, 15)
    assert level >= free_dbm((40, 15, 5), cell) - 0.05


def test_one_that_is_down_is_a_gap_with_that_reason() -> None:
    prepared = ready(rooms(1, points((3, 3, 2.5))))
    found = check_wifi(prepared, state(prepared.index, {"ap0:status": 0}))
    assert {gap.reason for gap in only(found).gaps} == {"offline"}
    assert only(check_wifi(prepared, state(prepared.index, {"ap0:status": 1}))).is_met


def test_what_no_access_point_sends_is_said_to_be_never_met() -> None:
    found = check_wifi(ready(rooms(1, points((3, 3, 2.5)), level_dbm=30.0)))
    assert [p.code for p in found.problems] == ["never-met"]
    assert not only(found).is_met


def test_what_hangs_on_which() -> None:
    both = points((3.0, 3.0, 2.5), (3.5, 3.0, 2.5))
    assert only(check_wifi(ready(rooms(1, both)))).depends_on == ()
    assert only(check_wifi(ready(rooms(1, both[:1])))).depends_on == ("ap0",)
