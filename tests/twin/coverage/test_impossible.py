"""What cannot be: said clearly, and the rest still reckoned."""

import pytest

from tests.twin.coverage.rooms import SQUARE, camera, covered, seen, site, zone
from tests.twin.riverside_in_small import box
from twin.model.grounds import GroundFeature

GOOD = zone(box(4, 5, 6, 7), id="good")


def told(result: object) -> list[tuple[str, str]]:
    return [(problem.code, problem.object_id) for problem in result.problems]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"min_count": 3}, "asks for 3 cameras on each spot; the site has 2 that can be looked through"),
        ({"level": None, "edition": None, "min_value": 1e5, "unit": "px_per_m"}, "no farther off than 0.016 m"),
        ({"target_heights_m": (0.2, 3.5)}, "asks what is 3.5 m above the floor, but hall/f1 is 3 m high"),
    ],
    ids=["too many cameras", "too many pixels", "above the ceiling"],
)
def test_a_requirement_that_nobody_can_meet_is_told_with_its_cure(asked: dict[str, object], words: str) -> None:
    result = covered(site([GOOD], [camera(), camera("b", x_m=2.0)], seen(**asked)))
    assert told(result) == [("requirement-unreachable", "seen")]
    assert words in result.problems[0].message
    assert [(place.place_id, place.is_met) for place in result.places] == [("good", False)]
    assert result.places[0].gaps[0].area_m2 == pytest.approx(4.0)


def test_by_night_without_any_light_is_told() -> None:
    dark = SQUARE.replace(infrared_m=None)
    result = covered(site([GOOD], [camera()], seen(by_night=True)).replace(camera_models=(dark,)))
    assert told(result) == [("requirement-unreachable", "seen")]
    assert "no camera of the site has a light of its own" in result.problems[0].message
    assert result.places[0].gaps[0].reason == "dark"


def test_a_site_without_any_camera_is_told_once() -> None:
    result = covered(site([GOOD, zone(box(1, 1, 2, 2), id="b")], []))
    assert told(result) == [("requirement-unreachable", "seen")]
    assert "asks for 1 camera on each spot; the site has none" in result.problems[0].message


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (zone(box(500, 500, 502, 502), id="bad", storey=None), "zone-outside"),
        (zone(box(20, 5, 22, 7), id="bad"), "zone-outside"),
        (zone(box(0, 2, 0.1, 4), id="bad"), "place-without-samples"),
        (zone(box(4, 5, 6, 7), id="bad", storey="hall/f9"), "unknown-storey"),
        (zone(box(4, 5, 6, 7), id="bad", requirement="nothing"), "unknown-requirement"),
    ],
    ids=["off the site", "off its storey", "within a wall", "on no storey", "of no requirement"],
)
def test_a_zone_that_cannot_be_does_not_keep_the_rest_back(bad: object, code: str) -> None:
    result = covered(site([bad, GOOD], [camera()]))  # type: ignore[list-item]
    assert told(result) == [(code, "bad")]
    assert {place.place_id: place.is_met for place in result.places}["good"]


@pytest.mark.parametrize(("side_m", "cells"), [(0.01, 4), (0.1, 4), (0.24, 4), (2.0, 64)])
def test_a_zone_smaller_than_the_grid_gets_a_finer_one(side_m: float, cells: int) -> None:
    result = covered(site([zone(box(5, 6, 5 + side_m, 6 + side_m))], [camera()]))
    assert result.problems == ()
    assert result.places[0].is_met
    assert len(result.places[0].covered) >= cells


def test_a_boundary_says_what_is_outside() -> None:
    grounds = (GroundFeature(id="boundary", use="site_boundary", geometry=box(-30, -30, 30, 30)),)
    zones = [zone(box(25, 25, 35, 35), id="across", storey=None), zone(box(40, 0, 45, 5), id="beyond", storey=None)]
    result = covered(site([*zones, GOOD], [camera()]).replace(grounds=grounds))
    assert told(result) == [("zone-outside", "beyond")]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"model": "nonsense"}, "is not in the catalogue"),
        ({"model": ""}, "has no model"),
        ({"bearing_deg": None}, "does not say which way it looks"),
        ({"presets": ("370/0/1",)}, "preset 370/0/1 cannot be"),
        ({"presets": ("0/0/9",)}, "cannot zoom 9 times"),
    ],
)
def test_a_camera_that_cannot_be_does_not_keep_the_others_back(fault: dict[str, object], words: str) -> None:
    result = covered(site([GOOD], [camera("bad", **fault), camera()]))
    assert told(result) == [("camera-unusable", "bad")]
    assert words in result.problems[0].message
    assert result.places[0].is_met


@pytest.mark.parametrize("fov_deg", [0.0, 180.0, 360.0, -10.0])
def test_a_straight_lens_of_an_impossible_field_is_told(fov_deg: float) -> None:
    broken = SQUARE.replace(id="broken", horizontal_fov_deg=fov_deg)
    made = site([GOOD], [camera("bad", model="broken"), camera()])
    result = covered(made.replace(camera_models=(*made.camera_models, broken)))
    assert told(result) == [("camera-unusable", "bad")]
    assert "more than 0° and less than 180°" in result.problems[0].message
    assert result.places[0].is_met
