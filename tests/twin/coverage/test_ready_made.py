"""What the standard asks cameras for, on the spaces and grounds of a small site."""

import pytest

from tests.twin.coverage.rooms import HOME, camera, seen, site, zone
from tests.twin.riverside_in_small import box
from twin.coverage.check import camera_coverage
from twin.coverage.levels import level_of
from twin.coverage.prepared import prepare
from twin.coverage.ready_made import asked_by_the_standard, by_the_standard
from twin.index import build, to_shapely
from twin.model.base import Line, Point, Polygon
from twin.model.buildings import Lift, Opening, Space
from twin.model.grounds import GroundFeature, GroundUse
from twin.model.site import Site

BOUNDARY = GroundFeature(id="boundary", use="site_boundary", geometry=box(-20, -20, 30, 30))


def asked_of(made: Site) -> dict[str, float]:
    """Area of each zone that the standard makes, by its id. [m2]"""
    return {z.id: to_shapely(z.polygon).area for z in by_the_standard(build(made)).zones if z.id.startswith("std-")}


@pytest.mark.parametrize("clause", ["7.1.5.2", "7.1.5.3", "7.1.5.4", "7.1.6.1"])
def test_each_clause_that_asks_for_cameras_is_there_with_a_level_there_is(clause: str) -> None:
    asked = [each for each in asked_by_the_standard() if each.clause == clause]
    made = {r.id: r for r in by_the_standard(build(site([], []))).requirements}
    assert asked
    assert all(level_of(made[each.id]).density_px_per_m > 0 for each in asked)
    assert all(made[each.id].clauses == (clause,) for each in asked)


@pytest.mark.parametrize(
    ("use", "geometry", "width_m", "name", "area_m2"),
    [
        ("gate", Line(points=((0, -20), (4, -20))), 4.0, "std-gates/it", 4 * 3.0),  # its inner side
        ("vehicle_gate", Line(points=((-20, 0), (-20, 5))), 5.0, "std-gates/it", 5 * 3.0),
        ("ramp_mouth", (20.0, 20.0), 6.0, "std-car-parks/it", 6.0**2),
        ("ramp_mouth", (20.0, 20.0), None, "std-car-parks/it", 6.0**2),
        ("road", Line(points=((-20, -10), (30, -10))), 7.0, "std-roads/it", 50 * 7.0),
        ("road", Line(points=((-20, -10), (30, -10))), None, "std-roads/it", 50 * 4.0),
        ("plaza", box(12, 0, 20, 5), None, "std-public/it", 40.0),
        ("fire_lane", Line(points=((0, 20), (10, 20))), 4.0, "std-fire-lanes/it", 40.0),
        ("fire_operation_area", box(12, 0, 20, 5), None, "std-fire-lanes/it", 40.0),
    ],
)
def test_what_lies_in_the_open_is_asked_about_as_broad_as_it_is(
    use: GroundUse, geometry: Polygon | Line | Point, width_m: float | None, name: str, area_m2: float
) -> None:
    feature = GroundFeature(id="it", use=use, geometry=geometry, width_m=width_m)
    assert asked_of(site([], []).replace(grounds=(BOUNDARY, feature))) == {name: pytest.approx(area_m2)}


@pytest.mark.parametrize("use", ["green", "tree", "assembly_point", "path"])
def test_what_no_clause_names_is_not_asked_about(use: GroundUse) -> None:
    feature = GroundFeature(id="it", use=use, geometry=(20.0, 20.0))
    assert asked_of(site([], []).replace(grounds=(BOUNDARY, feature))) == {}


def test_the_doors_of_a_bicycle_park_and_the_cars_of_lifts_are_asked_about() -> None:
    bare = site([], [])
    (house,) = bare.buildings
    (storey,) = house.storeys
    spaces = (
        Space(id=HOME, use="bicycle_garage", polygon=box(0, 0, 8, 8)),
        Space(id="hall/f1/shaft", use="lift_shaft", polygon=box(8, 0, 10, 2.4)),
    )
    openings = (
        Opening(id="hall/f1/out", kind="door", line=((3, 0), (5, 0)), connects=(HOME, "outside")),
        Opening(id="hall/f1/in", kind="door", line=((8, 1), (8, 2)), connects=(HOME, "hall/f1/shaft")),
        Opening(id="hall/f1/w", kind="window", line=((0, 3), (0, 5)), connects=(HOME, "outside")),
    )
    lift = Lift(id="hall/lift", space="hall/f{n}/shaft", first=-1, last=1)
    made = house.replace(storeys=(storey.replace(spaces=spaces, openings=openings),), lifts=(lift,))
    assert asked_of(bare.replace(buildings=(made,))) == {
        "std-bicycle-parks/hall/f1/out": pytest.approx(2 * 3.0),  # before the house, not in it
        "std-lift-cars/hall/lift": pytest.approx((2 - 0.6) * (2.4 - 0.6)),
    }


def test_it_takes_the_place_of_what_the_site_asks_of_cameras_and_of_nothing_else() -> None:
    own = site([zone(box(4, 5, 6, 7))], [camera()])
    wifi = seen().replace(id="wifi", kind="wifi")
    both = own.replace(
        requirements=(*own.requirements, wifi), zones=(*own.zones, zone(box(1, 1, 2, 2), id="w", requirement="wifi"))
    )
    made = by_the_standard(build(both))
    assert [z.id for z in made.zones] == ["w"]
    assert [r.id for r in made.requirements if r.kind != "camera"] == ["wifi"]


def test_a_lobby_is_checked_by_the_standard_without_any_requirement_of_the_site() -> None:
    bare = site([], [camera(model="around", tilt_deg=90.0, y_m=4.0, z_m=2.8)])
    (house,) = bare.buildings
    (storey,) = house.storeys
    lobby = storey.replace(spaces=(Space(id=HOME, use="lobby", polygon=box(0, 0, 10, 8)),))
    index = build(bare.replace(buildings=(house.replace(storeys=(lobby,)),), requirements=()))
    result = camera_coverage(prepare(build(by_the_standard(index))))
    assert [(p.place_id, p.requirement.clauses) for p in result.places] == [(HOME, ("7.1.5.4",))]


def test_what_the_standard_asks_of_places_that_a_site_has_not_is_no_fault() -> None:
    assert prepare(build(by_the_standard(build(site([], []))))).problems == ()
