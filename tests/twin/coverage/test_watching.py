"""Who sees a point, who follows a way, who takes over."""

import pytest

from tests.twin.coverage.rooms import camera, covered, seen, site, zone
from tests.twin.riverside_in_small import box
from twin.coverage.check import camera_coverage
from twin.coverage.prepared import prepare
from twin.coverage.watching import followed, successors, while_looking, who_sees
from twin.errors import UnknownIdError
from twin.index import build

MIDDLE = box(4, 5, 6, 7)
PILLAR = box(4.5, 3, 5.5, 4)


def test_who_sees_a_point_says_how_well_and_from_whom_it_is_hidden() -> None:
    # the picture's depth counts: a is 5 m before the point, b as well but behind the pillar, c 2.5 m
    cameras = [camera("b"), camera("a", x_m=2.0, z_m=1.6), camera("c", y_m=8.0 - 0.5, bearing_deg=180.0)]
    result = covered(site([zone(MIDDLE)], cameras, pillars=[PILLAR]), {"c": 1.0, "a": 0.0, "b": 1.0})
    found = who_sees(result, (5.0, 5.5, 1.6))
    assert [(s.device, s.is_hidden, s.is_offline) for s in found] == [
        ("c", False, False), ("a", False, True), ("b", True, False),
    ]  # fmt: skip
    assert [s.hidden_by and s.hidden_by[0] for s in found] == [None, None, "obstacle"]
    assert [s.density_px_per_m for s in found] == pytest.approx([500.0, 200.0, 200.0], rel=1e-5)
    assert who_sees(result, (5.0, 5.5, 9.0)) == ()


def test_a_way_is_followed_piece_by_piece() -> None:
    # level cameras see 45 degrees aside: walking along y = 3.5, 3 m before the camera, x from 2 to 8 is seen
    result = covered(site([zone(MIDDLE)], [camera(z_m=1.6)]))
    way = followed(result, [(0.5, 3.5, 0.0), (9.5, 3.5, 0.0)], step_m=0.5, least_px_per_m=62.5)
    assert way.lengths_m.sum() == pytest.approx(9.0)
    assert way.seen_ratio == pytest.approx(6 / 9, abs=0.5 / 9)
    (first, second) = way.unseen
    assert first == pytest.approx((0.0, 1.5), abs=0.5)
    assert second == pytest.approx((7.5, 9.0), abs=0.5)
    assert way.cameras[9] == ("cam",)


def test_too_few_pixels_do_not_follow() -> None:
    result = covered(site([zone(MIDDLE)], [camera(z_m=1.6)], seen(level="identify")))
    way = followed(result, [(5, 3.5, 0), (5, 7.5, 0)], step_m=0.25, least_px_per_m=250)  # as far as y = 4.5
    (beyond,) = way.unseen
    assert beyond == pytest.approx((1.0, 4.0))


def test_the_camera_that_turns_takes_over_before_one_turned_by_hand() -> None:
    cameras = [
        camera("lost"),
        camera("aside", x_m=1.0, bearing_deg=270.0),
        camera("turns", x_m=9.0, bearing_deg=90.0, presets=("90/0/1",)),
    ]
    index = build(site([zone(MIDDLE)], cameras))
    result = camera_coverage(prepare(index), without=["lost"])
    assert result.places[0].share_ratio == 0.0
    first, second = successors(result, "zone")
    assert (first.device, first.turns, second.device, second.turns) == ("turns", True, "aside", False)
    assert first.share_ratio == second.share_ratio == 1.0
    assert first.bearing_deg == pytest.approx(324.0, abs=3.0)  # from (9, 0.5) to the middle (5, 6)
    aimed = cameras[2].replace(presets=(f"{first.bearing_deg}/{first.tilt_deg}/{first.zoom_ratio}",))
    (place,) = camera_coverage(prepare(index).with_devices(aimed), without=["lost"]).places
    assert place.is_met


def test_each_requirement_at_one_place_has_its_own_successors() -> None:
    # 6 m off: 1000 / 6 = 167 px/m are enough to observe (62.5), not to identify (250), whatever way a camera is turned
    both = [camera("lost"), camera("aside", bearing_deg=270.0)]
    one = zone(box(4.5, 6.5, 5.5, 7.5), requirement="seen")
    made = site([one, one.replace(requirement="close")], both)
    made = made.replace(requirements=(seen(), seen(id="close", level="identify")))
    result = camera_coverage(prepare(build(made)), without=["lost"])
    assert [place.requirement.id for place in result.places] == ["seen", "close"]
    assert [s.device for s in successors(result, "zone", "seen")] == ["aside"]
    assert successors(result, "zone", "close") == ()
    with pytest.raises(UnknownIdError, match=r"no requirement at zone 'sen' .* Did you mean seen"):
        successors(result, "zone", "sen")
    with pytest.raises(UnknownIdError, match="no place with a requirement for cameras 'zones'"):
        successors(result, "zones")


def test_none_takes_over_through_a_wall_or_what_lacks_nothing() -> None:
    behind = [camera("lost"), camera("outside", y_m=-3.0, x_m=20.0)]
    result = camera_coverage(prepare(build(site([zone(MIDDLE)], behind))), without=["lost"])
    assert successors(result, "zone") == ()
    assert successors(covered(site([zone(MIDDLE)], behind)), "zone") == ()


def test_a_camera_that_turns_lacks_what_it_looks_away_from() -> None:
    zones = [zone(MIDDLE, id="north"), zone(box(7, 0.6, 9, 1.6), id="east")]
    result = covered(site(zones, [camera("turns", y_m=1.0, presets=("0/0/1", "90/0/1"))], seen(level="detect")))
    north, east = while_looking(result, "turns")
    assert (north.preset, north.lost, north.broken) == ("0/0/1", {"east": 1.0}, ("east",))
    assert (east.preset, east.lost, east.broken) == ("90/0/1", {"north": 1.0}, ("north",))
