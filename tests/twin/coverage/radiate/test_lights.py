"""Lamps whose light can be reckoned by hand: E = I cos(theta) / d2, sums, shadows, dimming."""

import math

import numpy as np
import pytest

from tests.twin.coverage.radiate.halls import asked, device, hall, open_ground, ready, state
from tests.twin.riverside_in_small import box
from twin.coverage.radiate.answers import KindCoverage
from twin.coverage.radiate.lights import check_lighting
from twin.coverage.result import PlaceResult, Rule
from twin.model.buildings import Obstacle
from twin.model.devices import Device
from twin.model.grounds import Requirement
from twin.model.radiators import LuminaireModel
from twin.model.site import Site

BARE = LuminaireModel(id="bare", shape="even", flux_lm=400 * math.pi)
"""100 cd to all sides."""
LEVEL_M = 0.02
"""Samples lie so high over the floor they are on."""
KEPT = 0.7
"""The maintenance factor of `values/lighting.yaml`."""


def lamps(*at_m: tuple[float, float, float], model: str = "bare", **more: object) -> list[Device]:
    return [device(f"l{k}", "lamp", at, model=model, **more) for k, at in enumerate(at_m)]


def wanted(least_lx: float | None, **changes: object) -> Requirement:
    return asked("lighting", min_value=least_lx, unit="lx", **changes)


def field(devices: list[Device], least_lx: float | None = 1.0, **more: object) -> Site:
    return open_ground(devices, wanted(least_lx, **more), box(0, 0, 10, 10), luminaire_models=(BARE,))


def only(coverage: KindCoverage) -> PlaceResult:
    assert len(coverage.places) == 1
    return coverage.places[0]


def light_at(coverage: KindCoverage, x: float, y: float) -> tuple[float, tuple[float, float]]:
    place = only(coverage)
    cells = coverage.made_of[place.place_id, place.requirement.id].cells_m
    k = int(np.hypot(cells[:, 0] - x, cells[:, 1] - y).argmin())
    return float(place.values[k]), (float(cells[k, 0]), float(cells[k, 1]))


def alone_lx(at: tuple[float, float, float], cell: tuple[float, float]) -> float:
    away = math.dist(at, (*cell, LEVEL_M))
    return KEPT * 100 * (at[2] - LEVEL_M) / away**3


def rule(place: PlaceResult, code: str) -> Rule:
    return next(r for r in place.rules if r.code == code)


@pytest.mark.parametrize("spot", [(5, 5), (1, 2), (9.5, 9.5)])
def test_light_falls_with_the_square_of_the_distance_and_aslant(spot: tuple[float, float]) -> None:
    at = (5.0, 5.0, 3.0)
    found, cell = light_at(check_lighting(ready(field(lamps(at)))), *spot)
    assert found == pytest.approx(alone_lx(at, cell), rel=1e-4)


def test_light_of_two_lamps_adds_up() -> None:
    one, other = (2.0, 5.0, 3.0), (8.0, 5.0, 4.0)
    found, cell = light_at(check_lighting(ready(field(lamps(one, other)))), 5, 5)
    assert found == pytest.approx(alone_lx(one, cell) + alone_lx(other, cell), rel=1e-4)


def test_a_column_throws_its_shadow() -> None:
    """A column of 1 m by 1 m up to the ceiling; behind it, as far as the wall, there is no light."""
    column = Obstacle.model_validate({"id": "hall/f{n}/c", "kind": "column", "polygon": box(4.5, 4.5, 5.5, 5.5)})
    site = hall({"room": box(0, 0, 10, 10)}, lamps((5.0, 1.0, 2.5)), wanted(1.0), obstacles=(column,),
                luminaire_models=(BARE,))  # fmt: skip
    found = check_lighting(ready(site))
    behind, _ = light_at(found, 5, 8)
    beside, cell = light_at(found, 8.5, 5)
    assert behind == 0.0
    assert beside == pytest.approx(alone_lx((5.0, 1.0, 2.5), cell), rel=1e-4)
    # the shadow spreads from 3.5 m to 4 times as wide a way off
    (gap,) = (g for g in only(found).gaps if "occluded" in g.reasons)
    assert gap.hidden_by[0][0] == "obstacle"


@pytest.mark.parametrize(
    ("told", "share", "reason"),
    [
        ({"l0:state": 1, "l0:level": 0.5}, 0.5, "switched_off"),
        ({"l0:state": 0}, 0.0, "switched_off"),
        ({"l0:state": 2}, 0.0, "offline"),
    ],
    ids=["dimmed", "off", "fault"],
)
def test_a_lamp_gives_what_it_says(told: dict[str, float], share: float, reason: str) -> None:
    at = (5.0, 5.0, 3.0)
    prepared = ready(field(lamps(at), least_lx=7.0))  # 7.8 lx under it
    lit, cell = light_at(check_lighting(prepared), 5, 5)
    found = check_lighting(prepared, state(prepared.index, told))
    now, _ = light_at(found, 5, 5)
    assert now == pytest.approx(share * lit, rel=1e-4)
    at_middle = [g for g in only(found).gaps if g.area.covers(g.area.representative_point())]
    assert reason in {r for g in at_middle for r in g.reasons}
    assert cell != (0, 0)


def test_a_class_asks_for_mean_least_and_uniformity() -> None:
    dark = only(check_lighting(ready(field(lamps((5, 5, 3)), None, level="path"))))
    assert {r.code: r.is_met for r in dark.rules if r.is_binding} == {"light-mean": False, "light-least": False}
    assert rule(dark, "light-mean").needed == 7.5
    bright = LuminaireModel(id="bare", shape="even", flux_lm=40_000)
    site = field(lamps((5, 5, 6)), None, level="road-quiet").replace(luminaire_models=(bright,))
    place = only(check_lighting(ready(site)))
    assert rule(place, "light-uniformity").reached == pytest.approx(place.values.min() / place.values.mean(), rel=1e-6)
    assert place.is_met


def test_a_class_that_is_not_there_is_said_and_the_rest_reckoned() -> None:
    found = check_lighting(ready(field(lamps((5, 5, 3)), 1.0, level="dazzling")))
    assert [(p.code, p.object_id) for p in found.problems] == [("unknown-class", "asked")]
    assert only(found).share_ratio > 0


def test_a_file_that_cannot_be_read_is_said() -> None:
    broken = LuminaireModel(id="bare", ies="IESNA:LM-63-2002\nTILT=NONE\n1 100 1 3")
    found = check_lighting(ready(field(lamps((5, 5, 3))).replace(luminaire_models=(broken,))))
    assert [p.code for p in found.problems] == ["broken-luminaire"]
    assert only(found).share_ratio == 0.0


def test_a_street_lamp_lights_what_it_faces() -> None:
    road = LuminaireModel(id="bare", shape="road", flux_lm=8000)
    of = field(lamps((5, 5, 6), bearing_deg=0.0)).replace(luminaire_models=(road,))
    found = check_lighting(ready(of))
    ahead, _ = light_at(found, 5.5, 8.5)
    behind, _ = light_at(found, 5.5, 1.5)
    assert ahead > behind
    either = check_lighting(ready(field(lamps((5, 5, 6))).replace(luminaire_models=(road,))))
    assert light_at(either, 5.5, 8.5)[0] == pytest.approx(light_at(either, 5.5, 1.5)[0], rel=1e-6)
