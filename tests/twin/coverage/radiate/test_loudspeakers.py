"""Loudspeakers whose levels can be reckoned by hand: S + 10 lg P - 20 lg d, sums of energies, walls of known loss."""

import math

import numpy as np
import pytest

from tests.twin.coverage.radiate.halls import asked, device, hall, open_ground, ready, state
from tests.twin.riverside_in_small import box
from twin.coverage.radiate.answers import KindCoverage
from twin.coverage.radiate.loudspeakers import check_sound
from twin.coverage.result import PlaceResult, Rule
from twin.coverage.settings import settings
from twin.model.devices import Device
from twin.model.grounds import Requirement
from twin.model.radiators import Ceiling, LoudspeakerModel
from twin.model.site import Site

ROUND = LoudspeakerModel(id="round", sensitivity_db=90, power_w=10)
"""100 dB at 1 m, alike to all sides."""
EAR_M = 1.5


def speakers(*at_m: tuple[float, float, float], model: str = "round") -> list[Device]:
    return [device(f"s{k}", "speaker", at, model=model) for k, at in enumerate(at_m)]


def wanted(level_db: float, **changes: object) -> Requirement:
    return asked("sound", min_value=level_db, unit="db", **changes)


def field(devices: list[Device], level_db: float = 65.0) -> Site:
    """Open ground of 20 m by 20 m."""
    return open_ground(devices, wanted(level_db), box(0, 0, 20, 20), loudspeaker_models=(ROUND,))


def only(coverage: KindCoverage) -> PlaceResult:
    assert len(coverage.places) == 1
    return coverage.places[0]


def level_at(coverage: KindCoverage, x: float, y: float) -> tuple[float, tuple[float, float]]:
    """The level at the cell nearest to a spot, and where that is."""
    place = only(coverage)
    cells = coverage.made_of[place.place_id, place.requirement.id].cells_m
    k = int(np.hypot(cells[:, 0] - x, cells[:, 1] - y).argmin())
    return float(place.values[k]), (float(cells[k, 0]), float(cells[k, 1]))


def rule(place: PlaceResult, code: str) -> Rule:
    return next(r for r in place.rules if r.code == code)


def alone_db(at: tuple[float, float, float], cell: tuple[float, float]) -> float:
    return 100.0 - 20 * math.log10(math.dist(at, (*cell, EAR_M)))


@pytest.mark.parametrize("spot", [(10.0, 10.0), (2.0, 3.0), (19.0, 19.0)])
def test_sound_falls_by_6_db_for_each_doubling(spot: tuple[float, float]) -> None:
    at = (10.0, 10.0, 4.0)
    found = check_sound(ready(field(speakers(at))))
    level, cell = level_at(found, *spot)
    assert level == pytest.approx(alone_db(at, cell), abs=0.01)


def test_two_alike_are_3_db_louder_than_one() -> None:
    at = (10.0, 10.0, 4.0)
    one, cell = level_at(check_sound(ready(field(speakers(at)))), 5, 5)
    two, _ = level_at(check_sound(ready(field(speakers(at, at)))), 5, 5)
    assert two - one == pytest.approx(10 * math.log10(2), abs=0.01)
    assert one == pytest.approx(alone_db(at, cell), abs=0.01)


def test_several_reach_together_what_none_does_alone() -> None:
    at = (10.0, 10.0, 4.0)
    alone, cell = level_at(check_sound(ready(field(speakers(at)))), 0, 0)  # the farthest corner
    found = check_sound(ready(field(speakers(at, at), level_db=alone + 2.0)))
    assert only(found).is_met
    assert not only(check_sound(ready(field(speakers(at), level_db=alone + 2.0)))).is_met
    assert set(only(found).depends_on) == {"s0", "s1"}
    assert cell != (0, 0)


@pytest.mark.parametrize("is_far_away", [False, True])
def test_a_wall_takes_its_loss(is_far_away: bool) -> None:  # noqa: FBT001
    """The next room hears through the wall between; a room two walls away twice as little."""
    rooms = {"a": box(0, 0, 6, 6), "b": box(6, 0, 12, 6), "c": box(12, 0, 18, 6)}
    at = (3.0, 3.0, 2.5)
    heard = "c" if is_far_away else "b"
    site = hall(rooms, speakers(at), wanted(50.0, space_uses=("office",)), uses={heard: "office"},
                loudspeaker_models=(ROUND,))  # fmt: skip
    values, _ = settings(site)
    found = check_sound(ready(site))
    level, cell = level_at(found, 9 if heard == "b" else 15, 3)
    loss_db = values["sound.heavy_wall_db"] * (2 if is_far_away else 1)
    assert level == pytest.approx(max(alone_db(at, cell) - loss_db, values["sound.least_db"]), abs=0.05)
    assert not only(found).is_met
    assert only(found).gaps[0].reason == "occluded"


def test_a_loudspeaker_off_its_axis_is_weaker() -> None:
    narrow = LoudspeakerModel(id="round", sensitivity_db=90, power_w=10, dispersion_deg=90)
    straight = (10.0, 10.0, 5.5)
    of = field(speakers(straight)).replace(loudspeaker_models=(narrow,))
    found = check_sound(ready(of))
    below, cell = level_at(found, 10, 10)
    off_deg = math.degrees(math.atan2(math.dist(cell, (10, 10)), straight[2] - EAR_M))
    assert below == pytest.approx(alone_db(straight, cell) - 6 * (off_deg / 45) ** 2, abs=0.05)
    edge, cell = level_at(found, 14, 10)  # at 45 degrees, half its full angle: 6 dB
    off_deg = math.degrees(math.atan2(math.dist(cell, (10, 10)), straight[2] - EAR_M))
    assert edge == pytest.approx(alone_db(straight, cell) - 6 * (off_deg / 45) ** 2, abs=0.05)


@pytest.mark.parametrize(("noise_db", "needed_db"), [(50.0, 65.0), (60.0, 65.0), (70.0, 85.0)])
def test_loud_places_need_15_db_over_their_noise(noise_db: float, needed_db: float) -> None:
    site = hall({"room": box(0, 0, 6, 6)}, speakers((3, 3, 2.5)), wanted(65.0), loudspeaker_models=(ROUND,),
                ceilings=(Ceiling(id="hall/f{n}/room", noise_db=noise_db),))  # fmt: skip
    assert only(check_sound(ready(site))).needed == pytest.approx(needed_db)


@pytest.mark.parametrize(("length_m", "is_met"), [(24.0, True), (26.0, False)])
def test_a_corridor_ends_12_5_m_from_the_last(length_m: float, is_met: bool) -> None:  # noqa: FBT001
    site = hall({"room": box(0, 0, length_m, 2)}, speakers((length_m / 2, 1, 2.5)), wanted(60.0),
                uses={"room": "corridor"}, loudspeaker_models=(ROUND,))  # fmt: skip
    assert rule(only(check_sound(ready(site))), "speaker-corridor-end").is_met == is_met


def test_one_that_is_down_is_a_gap_with_that_reason() -> None:
    prepared = ready(field(speakers((10, 10, 4))))
    found = check_sound(prepared, state(prepared.index, {"s0:status": 0}))
    assert found.offline == {"s0"}
    assert {gap.reason for gap in only(found).gaps} == {"offline"}
    assert check_sound(prepared, state(prepared.index, {"s0:status": 1})).is_met


def test_a_model_that_is_not_there_is_said_and_the_rest_reckoned() -> None:
    found = check_sound(ready(field([*speakers((10, 10, 4)), device("x", "speaker", (3, 3, 3), model="loudest")])))
    assert [(p.code, p.object_id) for p in found.problems] == [("unknown-model", "x")]
    assert only(found).is_met


def test_no_loudspeaker_leaves_all_of_it_a_gap() -> None:
    found = only(check_sound(ready(field([]))))
    assert (found.share_ratio, found.gaps[0].reason) == (0.0, "none_near")


def test_a_loudspeaker_of_the_storey_above_is_none_of_this_one() -> None:
    """Through the slab it is near enough, as the crow flies."""
    upstairs = (5.0, 1.0, 5.5)
    site = hall({"room": box(0, 0, 10, 2)}, speakers(upstairs), wanted(60.0), storeys=2, uses={"room": "corridor"},
                loudspeaker_models=(ROUND,))  # fmt: skip
    below, above = check_sound(ready(site)).places
    assert not rule(below, "speaker-distance").is_met
    assert not rule(below, "speaker-corridor-end").is_met
    assert not any(r.code in {"speaker-power", "speaker-height"} for r in below.rules)
    assert rule(above, "speaker-distance").is_met
