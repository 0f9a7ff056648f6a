"""Where somebody can stand in a place that something is asked of."""

import pytest
from shapely.geometry.base import BaseGeometry

from tests.twin.coverage.rooms import seen, site, zone
from tests.twin.riverside_in_small import box
from twin.coverage.places import required_places
from twin.fabric.occluders import occluders
from twin.index import build
from twin.model.buildings import Building, Storey


def asked_area(open_ground: Building | None, *, elevation_m: float = 0.0) -> BaseGeometry:
    of = site([zone(box(20, 0, 60, 10), storey=None, elevation_m=elevation_m)], [], seen())
    if open_ground is not None:
        of = of.replace(buildings=(*of.buildings, open_ground))
    index = build(of)
    (found,) = required_places(index, {"camera"}, hidden=occluders(index))
    return found.area


def test_open_ground_ends_at_a_building_of_which_only_the_outline_is_known() -> None:
    block = Building(id="block", use="other", footprint=box(40, 0, 50, 10), height_m=12)
    assert asked_area(block).area == pytest.approx(300)
    assert asked_area(None).area == pytest.approx(400)


@pytest.mark.parametrize(
    ("floor_m", "height_m", "left_m2"),
    [
        (0.3, 3.0, 300.0),  # its ground floor, a step up
        (-4.0, 3.5, 400.0),  # a garage under the lawn
        (-4.0, 5.0, 300.0),  # a half-basement that looks out by a metre
        (4.0, 3.0, 400.0),  # a storey over a passage
    ],
)
def test_open_ground_ends_where_a_storey_stands_on_it(floor_m: float, height_m: float, left_m2: float) -> None:
    storey = Storey(id="b/f", first=1, last=1, elevation_m=floor_m, height_m=height_m, polygon=box(40, 0, 50, 10))
    building = Building(
        id="b", use="other", footprint=box(40, 0, 50, 10), height_m=12, base_elevation_m=0.0, storeys=(storey,)
    )
    # outer walls stand half outside the outline, 0.12 m on each of its two sides within the zone
    assert asked_area(building).area == pytest.approx(left_m2, abs=10 * 0.24 + 0.01)


def test_ground_on_a_deck_is_free_of_what_lies_under_it() -> None:
    block = Building(id="block", use="other", footprint=box(40, 0, 50, 10), height_m=4)
    assert asked_area(block, elevation_m=5.0).area == pytest.approx(400)
