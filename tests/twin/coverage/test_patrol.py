"""Places that a patrol must pass have their points."""

import pytest

from tests.twin.houses import door, house, on
from tests.twin.riverside_in_small import box
from twin.coverage.patrol import patrol_coverage, prepare_patrol
from twin.coverage.reach import WalkCoverage
from twin.index import build
from twin.model.base import Text
from twin.model.devices import Device, DeviceKind
from twin.model.grounds import Requirement
from twin.model.site import Site

POINT = DeviceKind(id="tag", name=Text(en="Point"), system="security", reaches="patrol", mount_height_m=1.4)
ROOMS = house(
    [("a", "hall", box(0, 0, 10, 8)), ("b", "office", box(10, 0, 20, 8))],
    [door("d", ((10, 6), (10, 7)), "a", "b")],
    last=2,
)


def point(name: str, x_m: float, y_m: float, space: str | None = None, *, z_m: float = 1.4) -> Device:
    return Device(id=name, kind="tag", x_m=x_m, y_m=y_m, z_m=z_m, space=space)


def site(*points: Device, **changes: object) -> Site:
    asked = Requirement.model_validate({"id": "r", "kind": "patrol", "space_uses": ("hall",), **changes})
    return on(ROOMS, devices=points, kinds=(POINT,), requirements=(asked,))


def checked(of: Site, without: tuple[str, ...] = ()) -> WalkCoverage:
    return patrol_coverage(prepare_patrol(build(of)), without=without)


@pytest.mark.parametrize(
    ("x_m", "space", "z_m", "is_met"),
    [(5.0, "h/f1/a", 1.4, True), (5.0, None, 1.4, True), (0.05, None, 1.4, True), (15.0, None, 1.4, False),
     (5.0, None, 4.4, False), (-3.0, None, 1.4, False)],
    ids=["in-its-space", "by-its-place", "in-its-wall", "next-door", "upstairs", "outdoors"],
)  # fmt: skip
def test_a_point_must_be_in_the_place(x_m: float, space: str | None, z_m: float, is_met: bool) -> None:  # noqa: FBT001
    places = {place.place_id: place for place in checked(site(point("p", x_m, 4.0, space, z_m=z_m))).places}
    assert places["h/f1/a"].is_met == is_met


def test_a_place_without_a_point_names_the_nearest() -> None:
    (ground, above) = checked(site(point("p", 5.0, 4.0))).places
    assert (ground.is_met, above.is_met) == (True, False)
    assert dict(above.gaps[0].reasons) == {"none_near": 1.0}
    assert above.gaps[0].nearest == ("p",)
    assert above.gaps[0].area_m2 == pytest.approx(10 * 8, rel=0.1)


def test_a_point_that_is_down_is_the_reason() -> None:
    ground = checked(site(point("p", 5.0, 4.0)), without=("p",)).places[0]
    assert (ground.is_met, dict(ground.gaps[0].reasons), ground.gaps[0].nearest) == (False, {"offline": 1.0}, ("p",))


def test_two_points_may_be_asked_for() -> None:
    of = site(point("p", 5.0, 4.0), min_count=2)
    assert dict(checked(of).places[0].gaps[0].reasons) == {"too_few": 1.0}
    both = checked(of.replace(devices=(*of.devices, point("q", 2.0, 2.0)))).places[0]
    assert both.is_met
    assert both.depends_on == ("p", "q")


@pytest.mark.parametrize(("length_m", "is_met"), [(5.0, False), (30.0, True)])
def test_a_length_asks_for_a_point_within_a_walk(length_m: float, is_met: bool) -> None:  # noqa: FBT001
    # the point is next door, 6 m behind the door
    ground = checked(site(point("p", 16.0, 6.5), min_value=length_m, unit="m")).places[0]
    assert ground.is_met == is_met
    assert ground.unit == "m"
