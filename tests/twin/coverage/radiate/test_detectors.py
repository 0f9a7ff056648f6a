"""Detectors in rooms that can be reckoned by hand."""

import math

import pytest
import shapely

from tests.twin.coverage.radiate.halls import asked, device, hall, l_shape, ready, state
from tests.twin.riverside_in_small import box
from twin.coverage.documents import place_document
from twin.coverage.radiate.answers import KindCoverage
from twin.coverage.radiate.detectors import check_detection
from twin.coverage.result import PlaceResult, Rule
from twin.fabric.walls import EXTERIOR_M
from twin.model.base import Polygon
from twin.model.buildings import Obstacle
from twin.model.devices import Device
from twin.model.grounds import Zone
from twin.model.radiators import Beam, Ceiling
from twin.model.site import Site


def smoke(*places: tuple[float, float], of: str = "smoke", z_m: float = 2.9) -> list[Device]:
    return [device(f"d{k}", of, (x, y, z_m)) for k, (x, y) in enumerate(places)]


def room(polygon: Polygon, devices: list[Device], **more: object) -> Site:
    """One room of a clear outline between its walls, which reach out from it."""
    around = shapely.Polygon(polygon.outer).buffer(EXTERIOR_M / 2, join_style="mitre")
    ring = tuple((float(x), float(y)) for x, y in shapely.orient_polygons(around).exterior.coords[:-1])
    return hall({"room": Polygon(outer=ring)}, devices, asked("detection"), **more)  # type: ignore[arg-type]


def only(coverage: KindCoverage) -> PlaceResult:
    assert len(coverage.places) == 1
    return coverage.places[0]


def rule(place: PlaceResult, code: str) -> Rule:
    return next(r for r in place.rules if r.code == code)


@pytest.mark.parametrize(
    ("size", "place", "share_is_whole"),
    [((10, 8), (5, 4), True), ((10, 8), (2, 2), False), ((13.2, 2.2), (6.6, 1.1), True), ((4, 4), (3.5, 3.5), True)],
)
def test_a_small_room_needs_one_that_reaches_its_corners(
    size: tuple[float, float], place: tuple[float, float], share_is_whole: bool  # noqa: FBT001
) -> None:  # fmt: skip
    found = only(check_detection(ready(room(box(0, 0, *size), smoke(place)))))
    far = max(math.dist(place, corner) for corner in ((0, 0), (size[0], 0), (0, size[1]), size))
    assert rule(found, "detectors-by-area").is_met
    assert rule(found, "detectors-by-radius").reached == pytest.approx(far)
    assert found.is_met == (far <= 6.7)
    assert (found.share_ratio == 1.0) == share_is_whole


def test_the_share_out_of_reach_is_that_of_the_circle() -> None:
    # a detector in the corner of a room of 8 m by 8 m reaches a quarter of a circle of 6.7 m
    found = only(check_detection(ready(room(box(0, 0, 8, 8), smoke((0.001, 0.001))))))
    assert found.share_ratio == pytest.approx(math.pi * 6.7**2 / 4 / 64, abs=0.01)  # cells of 0.25 m
    assert sum(gap.area_m2 for gap in found.gaps) == pytest.approx((1 - found.share_ratio) * found.area_m2)
    assert found.gaps[0].reason == "too_far"


def test_in_an_l_area_and_radius_disagree() -> None:
    # arms 12 m long and 3 m wide: 63 m2 need one detector by area; from the end of one arm the other is out of sight
    found = only(check_detection(ready(room(l_shape(12, 3), smoke((9, 1.5))))))
    assert rule(found, "detectors-by-area").is_met
    assert not rule(found, "detectors-by-radius").is_met
    assert not rule(found, "area-and-radius-agree").is_met
    assert not found.is_met


def test_what_lies_around_the_corner_of_an_l_is_hidden_by_its_wall() -> None:
    found = only(check_detection(ready(room(l_shape(8, 3), smoke((7, 1.5))))))
    around = [gap for gap in found.gaps if "occluded" in gap.reasons]
    assert around
    assert around[0].hidden_by[0] == ("wall", "hall/f1")


def test_two_in_an_l_are_enough() -> None:
    found = only(check_detection(ready(room(l_shape(12, 3), smoke((6.5, 1.5), (1.5, 6.5))))))
    assert found.share_ratio == 1.0
    assert found.is_met
    assert found.depends_on


@pytest.mark.parametrize(("area_side_m", "number"), [(10, 2), (12, 3), (15, 4), (20, 7)])
def test_large_low_rooms_need_one_for_every_60_square_metres(area_side_m: float, number: int) -> None:
    found = only(check_detection(ready(room(box(0, 0, area_side_m, area_side_m), smoke((5, 5))))))
    assert rule(found, "detectors-by-area").needed == number
    assert not found.is_met


@pytest.mark.parametrize(("clear_m", "radius_m", "is_possible"), [(3, 5.8, True), (7, 6.7, True), (13, 0, False)])
def test_height_decides_on_the_radius(clear_m: float, radius_m: float, is_possible: bool) -> None:  # noqa: FBT001
    site = room(box(0, 0, 10, 10), smoke((5, 5), z_m=clear_m - 0.1), height_m=clear_m)
    found = only(check_detection(ready(site)))
    assert rule(found, "detectors-by-radius").needed == pytest.approx(radius_m)
    assert any(r.code == "ceiling-height" for r in found.rules) == (not is_possible)
    if not is_possible:
        assert found.share_ratio == 0.0


@pytest.mark.parametrize(("slope_deg", "radius_m"), [(0, 6.7), (15, 6.7), (20, 7.2), (40, 8.0)])
def test_a_sloping_ceiling_widens_the_radius(slope_deg: float, radius_m: float) -> None:
    ceiling = Ceiling(id="hall/f{n}/room", slope_deg=slope_deg)
    found = only(check_detection(ready(room(box(0, 0, 8, 8), smoke((4, 4)), ceilings=(ceiling,)))))
    assert rule(found, "detectors-by-radius").needed == radius_m


def test_each_bay_between_deep_beams_needs_its_own() -> None:
    beam = Beam(line=((5, 0), (5, 6)), depth_m=0.8)
    ceiling = Ceiling(id="hall/f{n}/room", beams=(beam,))
    one = only(check_detection(ready(room(box(0, 0, 10, 6), smoke((2.5, 3)), ceilings=(ceiling,)))))
    two = only(check_detection(ready(room(box(0, 0, 10, 6), smoke((2.5, 3), (7.5, 3)), ceilings=(ceiling,)))))
    without = only(check_detection(ready(room(box(0, 0, 10, 6), smoke((5.6, 3))))))
    assert one.share_ratio == pytest.approx(0.5)
    assert rule(one, "detectors-by-area").needed == 2
    assert two.is_met
    assert without.is_met


def test_a_shelf_up_to_the_ceiling_parts_a_room_and_a_low_one_does_not() -> None:
    def shelf(tall_m: float) -> Obstacle:
        return Obstacle(id="hall/f{n}/shelf", kind="wall", polygon=box(5, 0, 5.2, 6), height_m=tall_m)

    high = only(check_detection(ready(room(box(0, 0, 10, 6), smoke((2.5, 3)), obstacles=(shelf(2.95),)))))
    low = only(check_detection(ready(room(box(0, 0, 10, 6), smoke((4.4, 3)), obstacles=(shelf(2.0),)))))
    assert high.share_ratio < 0.55
    assert low.share_ratio == 1.0


@pytest.mark.parametrize(
    ("of", "length_m", "places", "is_met"),
    [("smoke", 15, [7.5], True), ("smoke", 16, [8], False), ("smoke", 30, [7.5, 22.5], True),
     ("smoke", 30, [6, 22.5], False), ("smoke", 30, [4, 24], False), ("heat", 10, [5], True),
     ("heat", 15, [7.5], False)],
)  # fmt: skip
def test_narrow_corridors_go_by_spacing(of: str, length_m: float, places: list[float], is_met: bool) -> None:  # noqa: FBT001
    site = room(box(0, 0, length_m, 2), smoke(*((x, 1) for x in places), of=of), uses={"room": "corridor"})
    found = only(check_detection(ready(site)))
    assert found.is_met == is_met


@pytest.mark.parametrize(("x", "is_met"), [(0.3, False), (0.5, True), (2, True)])
def test_a_detector_keeps_off_the_wall(x: float, is_met: bool) -> None:  # noqa: FBT001
    found = only(check_detection(ready(room(box(0, 0, 4, 4), smoke((x, 2))))))
    told = rule(found, "detector-wall-distance")
    assert told.reached == pytest.approx(x)
    assert told.is_met == is_met
    assert told.objects == (() if is_met else ("d0",))


def test_a_detector_next_door_protects_nothing_here() -> None:
    site = hall({"a": box(0, 0, 5, 5), "b": box(5, 0, 10, 5)}, smoke((2.5, 2.5)), asked("detection"))
    here, there = check_detection(ready(site)).places
    assert (here.share_ratio, there.share_ratio) == (1.0, 0.0)
    assert there.gaps[0].reason == "occluded"
    assert rule(there, "detectors-by-area").reached == 0


def test_a_detector_on_another_storey_protects_nothing_here() -> None:
    found = check_detection(ready(room(box(0, 0, 5, 5), smoke((2.5, 2.5)), storeys=2)))
    assert [place.share_ratio for place in found.places] == [1.0, 0.0]


@pytest.mark.parametrize("told", [{"d0:state": 2.0}, {"d0:state": 0.0}])
def test_a_detector_in_fault_or_silent_is_a_gap_with_that_reason(told: dict[str, float]) -> None:
    ready_hall = ready(room(box(0, 0, 5, 5), smoke((2.5, 2.5))))
    now_s = 10.0 if told["d0:state"] == 2 else 10_000.0
    found = check_detection(ready_hall, state(ready_hall.index, told, now_s=now_s))
    assert found.offline == {"d0"}
    assert only(found).share_ratio == 0.0
    assert only(found).gaps[0].reason == "offline"


def test_a_detector_that_gives_alarm_still_serves() -> None:
    ready_hall = ready(room(box(0, 0, 5, 5), smoke((2.5, 2.5))))
    assert only(check_detection(ready_hall, state(ready_hall.index, {"d0:state": 1.0}))).is_met


def test_a_zone_in_a_room_goes_by_the_whole_room() -> None:
    # 12 m by 12 m: 144 m2, so that one reaches 5.8 m; the zone is its south-west quarter
    zone = Zone(id="z", requirement="asked", polygon=box(0, 0, 6, 6), storey="hall/f1")
    site = hall(
        {"room": box(0, 0, 12, 12)}, smoke((3, 3)), asked("detection", space_uses=()), zones=(zone,)
    )  # fmt: skip
    found = only(check_detection(ready(site)))
    assert found.share_ratio == 1.0
    assert rule(found, "detectors-by-radius").needed == 5.8
    assert rule(found, "detectors-by-area").needed == 3


def test_the_answer_is_told_as_plain_values() -> None:
    made = place_document(only(check_detection(ready(room(box(0, 0, 10, 8), smoke((5, 4)))))))
    assert made["kind"] == "detection"
    assert {r["code"] for r in made["rules"]} >= {"detectors-by-area", "detectors-by-radius"}
    assert made["rules"][0]["source"].startswith("GB 50116-2013")


@pytest.mark.parametrize("shift", [(0, 0), (350_000, 3_450_000), (-4_000_000, 17)])
def test_moving_the_site_changes_nothing(shift: tuple[float, float]) -> None:
    x, y = shift
    shape = Polygon(outer=tuple((a + x, b + y) for a, b in l_shape(12, 3).outer))
    found = only(check_detection(ready(room(shape, smoke((9 + x, 1.5 + y))))))
    plain = only(check_detection(ready(room(l_shape(12, 3), smoke((9, 1.5))))))
    assert found.share_ratio == pytest.approx(plain.share_ratio, abs=1e-9)
