"""Cameras' coverage, in rooms reckoned by hand."""

import math

import pytest

from tests.twin.coverage.rooms import HOME, SQUARE, camera, covered, seen, site, state, zone
from tests.twin.riverside_in_small import box
from twin.coverage.check import CameraCoverage, camera_coverage
from twin.coverage.prepared import prepare
from twin.index import build
from twin.model.cameras import CameraModel

MIDDLE = box(4, 5, 6, 7)
PILLAR = box(4.5, 3, 5.5, 4)
CELL_M = 0.25


def test_a_pillar_hides_its_shadow_and_is_named() -> None:
    result = covered(site([zone(box(3, 3.5, 7, 7.5))], [camera()], pillars=[PILLAR]))
    (place,) = result.places
    (gap,) = place.gaps
    # from the camera at (5, 0.5) the shadow of the pillar's face at y = 3 is (y - 0.5) / 2.5 m wide: at y = 4 it is
    # 1.4 m, at 7.5 m 2.8 m, and 1.2 m where the zone begins
    shadow_m2 = 0.5 * (1.2 + 1.4) / 2 + 3.5 * (1.4 + 2.8) / 2
    edge_m = 2 * math.hypot(4.0, 0.8)
    assert gap.area_m2 == pytest.approx(shadow_m2, abs=edge_m * CELL_M / 2)  # half a cell along the shadow's edges
    assert place.share_ratio == pytest.approx(1 - shadow_m2 / 16, abs=edge_m * CELL_M / 2 / 16)
    assert gap.reasons == {"occluded": 1.0}
    assert gap.hidden_by[0] == ("obstacle", "hall/f1")
    assert gap.nearest == ("cam",)
    assert gap.area.contains(gap.area.representative_point())
    assert gap.area.centroid.x == pytest.approx(5.0, abs=CELL_M)
    assert not place.is_met
    assert place.shortfall_ratio == pytest.approx(1 - place.share_ratio)


@pytest.mark.parametrize(
    ("level", "edition", "reach_m"),
    [("detect", "2015", 40.0), ("observe", "2015", 16.0), ("identify", "2015", 4.0), ("discern", "2025", 12.5),
     ("characterise", "2025", 4.0), ("validate", "2025", 2.0)],
)  # fmt: skip
def test_a_level_reaches_as_far_as_its_edition_says(level: str, edition: str, reach_m: float) -> None:
    # 1000 px / distance; the zone goes from 1 m before the camera's face to 7 m
    strip = zone(box(4.9, 2.0, 5.1, 7.5))
    (place,) = covered(site([strip], [camera(z_m=1.6)], seen(level=level, edition=edition))).places
    share = min(1.0, max(0.0, (0.5 + reach_m - 2.0) / 5.5))
    assert place.share_ratio == pytest.approx(share, abs=CELL_M / 5.5)
    if share < 1:
        assert place.gaps[0].reason == "too_far"


def test_feet_under_the_picture_are_a_dead_zone_though_the_face_is_seen() -> None:
    requirement = seen(target_heights_m=(0.2, 1.6))
    (place,) = covered(site([zone(box(4.75, 1, 5.25, 5))], [camera()], requirement)).places
    feet_from_y = 0.5 + (2.5 - 0.2) / 0.75  # the picture's lower edge falls 0.75 m a metre
    assert place.share_ratio == pytest.approx((5 - feet_from_y) / 4, abs=CELL_M / 4)
    assert place.gaps[0].reasons == {"dead_zone": 1.0}
    assert place.gaps[0].nearest == ("cam",)
    (faces,) = covered(site([zone(box(4.75, 1, 5.25, 5))], [camera()])).places
    assert faces.share_ratio == pytest.approx((5 - 0.5 - 0.9 / 0.75) / 4, abs=CELL_M / 4)


def test_what_lies_beside_the_picture_is_told_so() -> None:
    (place,) = covered(site([zone(box(0.5, 1, 2, 2))], [camera()])).places  # 45 degrees aside reach x = 5 - 1.5 there
    assert place.share_ratio == 0
    assert place.gaps[0].reasons == {"outside_field": 1.0}
    assert place.gaps[0].nearest == ("cam",)


def test_without_any_camera_none_is_near() -> None:
    (place,) = covered(site([zone(MIDDLE)], [])).places
    assert (place.share_ratio, place.gaps[0].reasons, place.gaps[0].nearest) == (0.0, {"none_near": 1.0}, ())
    assert place.gaps[0].area_m2 == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("statuses", "now_s", "share", "reason"),
    [({"cam": 1.0}, 10.0, 1.0, None), ({"cam": 0.0}, 10.0, 0.0, "offline"), ({"cam": 1.0}, 1e5, 0.0, "offline"),
     ({}, 10.0, 1.0, None)],
    ids=["up", "down", "silent", "never heard of"],
)  # fmt: skip
def test_a_camera_that_is_down_covers_nothing(
    statuses: dict[str, float], now_s: float, share: float, reason: str | None
) -> None:
    result = covered(site([zone(MIDDLE)], [camera()]), statuses, now_s=now_s)
    (place,) = result.places
    assert place.share_ratio == share
    assert [gap.reason for gap in place.gaps] == ([reason] if reason else [])
    assert (result.offline == {"cam"}) == (share == 0)


def test_two_cameras_are_asked_for_and_one_is_too_few() -> None:
    twice = seen(min_count=2)
    both = [camera("a", x_m=4.5), camera("b", x_m=5.5)]
    index = build(site([zone(MIDDLE)], both, twice))
    prepared = prepare(index)
    (place,) = camera_coverage(prepared).places
    assert (place.share_ratio, place.by_count[2], place.devices) == (1.0, 1.0, ("a", "b"))
    assert place.lost_without == {"a": 1.0, "b": 1.0}
    assert place.depends_on == ("a", "b")
    (one,) = camera_coverage(prepared, state(index, {"a": 1.0, "b": 0.0})).places
    assert (one.share_ratio, one.by_count[1]) == (0.0, 1.0)
    assert one.gaps[0].reasons == {"too_few": 1.0}


def test_nothing_is_lost_by_one_failure_where_two_see_all() -> None:
    (place,) = covered(site([zone(MIDDLE)], [camera("a", x_m=4.5), camera("b", x_m=5.5)])).places
    assert place.lost_without == {}
    assert place.depends_on == ()
    assert place.by_count == {0: 0.0, 1: 0.0, 2: 1.0, 3: 0.0}


def test_a_requirement_with_a_spare_share_does_not_depend_on_its_lesser_camera() -> None:
    # b sees only what lies within 45 degrees of its way east; the share asked for is met by a alone
    zones = [zone(box(3, 5, 7, 7))]
    both = [camera("a"), camera("b", x_m=0.5, y_m=7.0, bearing_deg=90.0)]
    (place,) = covered(site(zones, both, seen(min_share_ratio=0.9))).places
    assert place.share_ratio == 1.0
    assert place.lost_without.keys() <= {"a"}


def test_at_night_a_camera_sees_as_far_as_its_own_light() -> None:
    strip = zone(box(4.75, 3, 5.25, 7))
    (day,) = covered(site([strip], [camera()])).places
    (night,) = covered(site([strip], [camera()], seen(by_night=True))).places
    lit_to_y = 0.5 + math.sqrt(5.0**2 - 2.5**2)
    assert day.share_ratio == 1.0
    assert night.share_ratio == pytest.approx((lit_to_y - 3) / 4, abs=CELL_M / 4)
    assert night.gaps[0].reasons == {"dark": 1.0}


@pytest.mark.parametrize(
    ("facing_deg", "most_deg", "is_met"),
    [(180.0, 30.0, True), (0.0, 90.0, False), (90.0, 60.0, False), (150.0, 50.0, True), (150.0, 25.0, False),
     (None, 10.0, True)],
    ids=["towards", "away", "aside", "half aside", "too far aside", "any way"],
)  # fmt: skip
def test_a_face_must_be_turned_to_the_camera(facing_deg: float | None, most_deg: float, is_met: bool) -> None:  # noqa: FBT001
    spot = zone(box(4.9, 6, 5.1, 6.2), facing_deg=facing_deg)
    (place,) = covered(site([spot], [camera()], seen(max_face_angle_deg=most_deg))).places
    assert place.is_met == is_met
    assert [gap.reason for gap in place.gaps] == ([] if is_met else ["too_steep"])


def test_a_door_hides_until_it_opens() -> None:
    behind = site([zone(box(4.75, 6, 5.25, 7))], [camera(z_m=1.6)], seen(target_heights_m=(1.0,)), door=True)
    prepared = prepare(build(behind))
    (shut,) = camera_coverage(prepared).places
    assert shut.share_ratio == 0.0
    assert shut.gaps[0].hidden_by == (("door", "hall/f1/d"),)
    (open_,) = camera_coverage(prepared.with_doors(["hall/f1/d"])).places
    assert open_.share_ratio == 1.0


def test_walls_hide_what_is_outside() -> None:
    (place,) = covered(site([zone(box(4, 10, 6, 12), storey=None)], [camera()])).places
    assert place.share_ratio == 0.0
    assert place.gaps[0].hidden_by[0] == ("wall", "hall/f1")


def test_a_fisheye_at_the_ceiling_sees_all_around() -> None:
    around = camera(model="around", x_m=5, y_m=4, z_m=2.8, bearing_deg=None, tilt_deg=None)
    (place,) = covered(site([zone(box(1, 1, 9, 7))], [around], seen(level="detect"))).places
    assert place.share_ratio == 1.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"model": "unheard-of"}, "unheard-of"), ({"model": ""}, "no model"), ({"bearing_deg": None}, "bearing_deg"),
     ({"presets": ("10/20/8",)}, "zoom"), ({"presets": ("400/20/1",)}, "400/20/1")],
)  # fmt: skip
def test_a_camera_that_cannot_be_reckoned_is_told_of(changes: dict[str, object], words: str) -> None:
    result = covered(site([zone(MIDDLE)], [camera("bad", **changes), camera("good")]))
    assert [(p.code, p.object_id) for p in result.problems] == [("camera-unusable", "bad")]
    assert words in result.problems[0].message
    assert result.places[0].devices == ("good",)


def test_a_level_of_the_other_edition_is_told_of_and_the_rest_is_checked() -> None:
    faulty = site([zone(MIDDLE)], [camera()], seen(level="identify", edition="2025"))
    result = covered(faulty)
    assert [p.code for p in result.problems] == ["unknown-level"]
    assert "characterise" in result.problems[0].message
    assert result.places == ()


def test_zones_that_hang_nowhere_are_told_of() -> None:
    loose = [zone(MIDDLE, id="a", requirement="none"), zone(MIDDLE, id="b", storey="hall/f9"), zone(MIDDLE, id="c")]
    result = covered(site(loose, [camera()]))
    assert [(p.code, p.object_id) for p in result.problems] == [("unknown-requirement", "a"), ("unknown-storey", "b")]
    assert [place.place_id for place in result.places] == ["c"]


def test_every_space_of_a_use_is_a_place() -> None:
    result = covered(site([], [camera()], seen(space_uses=("other",), level="detect")))
    assert [place.place_id for place in result.places] == [HOME]
    assert result.places[0].area_m2 == pytest.approx((10 - 0.24) * (8 - 0.24))  # between its walls


def test_presets_of_a_camera_that_turns_add_up() -> None:
    zones = [zone(box(4, 5, 6, 7), id="north"), zone(box(7, 0.6, 9, 1.6), id="east")]
    turning = camera(y_m=1.0, presets=("0/0/1", "90/0/1"))
    result = covered(site(zones, [turning], seen(level="detect")))
    assert [place.share_ratio for place in result.places] == [1.0, 1.0]
    home = covered(site(zones, [camera(y_m=1.0)], seen(level="detect")))
    assert [place.share_ratio for place in home.places] == [1.0, 0.0]


def test_zoom_lengthens_the_lens() -> None:
    strip = [zone(box(4.9, 4.5, 5.1, 7.5))]
    near = covered(site(strip, [camera(z_m=1.6)], seen(level="identify"))).places[0]
    zoomed = covered(site(strip, [camera(z_m=1.6, presets=("0/0/2",))], seen(level="identify"))).places[0]
    assert near.share_ratio == 0.0
    assert zoomed.share_ratio == 1.0  # 2000 / 7 px on a metre at the far end


def test_a_picture_stood_on_end_sees_less_to_the_sides() -> None:
    # on end it reaches 750 / 1000 to the side instead of 1000 / 1000
    row = [zone(box(5, 4.4, 9, 4.6))]
    lying, standing = (covered(site(row, [camera(roll_deg=roll)])).places[0] for roll in (0.0, 90.0))
    assert lying.share_ratio == pytest.approx(1.0, abs=CELL_M / 4)
    assert standing.share_ratio == pytest.approx(3.0 / 4, abs=CELL_M / 4)


@pytest.mark.parametrize(("y_m", "bearing_deg", "is_told"), [(0.13, 180, True), (0.2, 180, True), (0.5, 0, False)])
def test_a_camera_that_looks_into_a_wall_is_told_of(y_m: float, bearing_deg: float, is_told: bool) -> None:  # noqa: FBT001
    result = covered(site([zone(MIDDLE)], [camera(y_m=y_m, bearing_deg=bearing_deg)]))
    assert [p.code for p in result.problems] == (["camera-blocked"] if is_told else [])
    assert all("wall hall/f1" in p.message for p in result.problems)


@pytest.mark.parametrize("to_y_m", [7.5, 7.88, 7.95, 8.0])
def test_nobody_is_looked_for_inside_walls(to_y_m: float) -> None:
    around = camera(model="around", tilt_deg=90.0, y_m=5.5, z_m=2.8)
    result = covered(site([zone(box(3, 5, 7, to_y_m))], [around], seen(level="detect")))
    assert result.places[0].share_ratio == 1.0
    assert result.places[0].area_m2 == pytest.approx(4.0 * (min(to_y_m, 8 - 0.12) - 5))  # half of an outer wall


def test_a_pillar_takes_its_foot_of_the_floor() -> None:
    (place,) = covered(site([zone(MIDDLE)], [camera()], pillars=[box(5, 6, 5.5, 6.5)])).places
    assert place.area_m2 == pytest.approx(4 - 0.25)


@pytest.mark.parametrize(
    ("where", "within"),
    [
        ({"y_m": 0.0}, "wall hall/f1"),
        ({"y_m": 0.11}, "wall hall/f1"),
        ({"y_m": 0.13}, None),
        ({"x_m": 5.25, "y_m": 6.25}, "obstacle hall/f1"),
        ({"z_m": 2.9}, "roof hall"),
        ({"z_m": 2.85}, None),
        ({"z_m": -0.1}, "slab hall/f1"),
    ],
)
@pytest.mark.parametrize("bearing_deg", [0.0, 90.0])
def test_a_camera_drawn_into_a_wall_is_told_whichever_way_it_looks(
    where: dict[str, object], within: str | None, bearing_deg: float
) -> None:
    result = covered(
        site([zone(MIDDLE)], [camera("cam", **where, bearing_deg=bearing_deg)], pillars=[box(5, 6, 5.5, 6.5)])
    )
    told = [problem.message for problem in result.problems]
    assert told == ([] if within is None else [f"camera cam is inside {within}; move it out"])


FOUR = SQUARE.replace(id="four", heads_deg=(0, 90, 180, 270))


def headed(model: CameraModel = FOUR, **changes: object) -> CameraCoverage:
    """A camera with several sensors at the middle of the hall, and a spot 2 m from it to each side."""
    spots = {"north": (5, 6.5), "east": (7.5, 4), "south": (5, 1.5), "west": (2.5, 4)}
    zones = [zone(box(x - 0.1, y - 0.1, x + 0.1, y + 0.1), id=side) for side, (x, y) in spots.items()]
    made = camera("cam", **({"model": model.id, "y_m": 4.0, "z_m": 1.6} | changes))
    return covered(site(zones, [made], seen(level="detect")).replace(camera_models=(model,)))


def sides_of(result: CameraCoverage) -> set[str]:
    return {place.place_id for place in result.places if place.is_met}


@pytest.mark.parametrize(
    ("heads", "bearing_deg", "sides"),
    [
        ((), 0.0, {"north", "east", "south", "west"}),
        (("0/0", "0/0", "0/0", "0/0"), 0.0, {"north"}),
        (("0/0", "90/0", "0/60", "0/0"), 0.0, {"north", "east"}),
        (("0/0", "90/0", "0/0", "0/0"), 90.0, {"east", "south"}),
        (("-90/0", "-90/0", "180/0", "180/0"), 0.0, {"west", "south"}),
        (("-90/0", "-90/0", "180/0", "180/0"), 270.0, {"south", "east"}),
        (("0/89", "90/89", "180/89", "270/-89"), 0.0, set()),
    ],
)
def test_each_sensor_of_a_camera_with_several_is_aimed_by_itself(
    heads: tuple[str, ...], bearing_deg: float, sides: set[str]
) -> None:
    result = headed(heads=heads, bearing_deg=bearing_deg)
    assert not result.problems
    assert sides_of(result) == sides


def test_a_head_that_is_zoomed_in_reaches_farther() -> None:
    """1000 px in focal length have 250 px on a metre up to 4 m; at 5 m a zoom of 2 has 400."""
    spot = zone(box(4.9, 7.4, 5.1, 7.6))
    model = SQUARE.replace(id="two", heads_deg=(0, 180))
    shares = []
    for zoom in ("1", "2"):
        made = camera("cam", model="two", y_m=2.5, z_m=1.6, heads=("180/0", f"0/0/{zoom}"))
        (place,) = covered(site([spot], [made], seen(level="identify")).replace(camera_models=(model,))).places
        shares.append(place.share_ratio)
    assert shares == [0.0, 1.0]


def test_a_model_says_how_its_heads_hang_and_a_device_turns_all_of_them() -> None:
    down = FOUR.replace(heads_tilt_deg=(0, 0, 89, 89))
    assert sides_of(headed(down)) == {"north", "east"}
    assert sides_of(headed(down, bearing_deg=180.0)) == {"south", "west"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"heads": ("0/0", "90/0")}, "aims 2 sensors, its model four has 4"),
        ({"heads": ("0/0",) * 4, "presets": ("0/0/1",)}, "presets and heads"),
        ({"heads": ("0/95", "0/0", "0/0", "0/0")}, "0/95"),
        ({"heads": ("400/0", "0/0", "0/0", "0/0")}, "400/0"),
        ({"heads": ("0/0/9", "0/0", "0/0", "0/0")}, "zoom"),
        ({"heads": ("0/0",) * 4, "bearing_deg": None}, "bearing_deg"),
    ],
)
def test_heads_that_cannot_be_are_told_of(changes: dict[str, object], words: str) -> None:
    result = headed(FOUR, **changes)
    assert [p.code for p in result.problems if p.object_id == "cam"] == ["camera-unusable"]
    assert any(words in p.message for p in result.problems)


def test_tilts_of_heads_are_as_many_as_their_bearings() -> None:
    with pytest.raises(ValueError, match="give as many"):
        FOUR.replace(heads_tilt_deg=(0, 0))
