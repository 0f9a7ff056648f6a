"""Buildings of which little is known still hide."""

import pytest

from geometry.rays import ray_scene
from tests.twin.coverage.rooms import site
from tests.twin.riverside_in_small import box
from twin.fabric.occluders import occluders, solid_around
from twin.index import build
from twin.model.buildings import Building, Storey

WAYS = pytest.mark.parametrize(
    ("from_m", "to_m", "is_hidden"),
    [
        ((50, -5, 1.6), (50, 15, 1.6), True),  # through it
        ((50, -5, 11.9), (50, 15, 11.9), True),  # just under its top, which is at 12 m
        ((50, -5, 12.1), (50, 15, 12.1), False),
        ((38, -5, 1.6), (38, 15, 1.6), False),  # beside it
        ((50, -5, 20), (50, -1, 0), False),  # down to the ground before it
    ],
)


def hides(of: Building, from_m: tuple[float, float, float], to_m: tuple[float, float, float]) -> bool:
    bare = site([], [])
    index = build(bare.replace(buildings=(*bare.buildings, of)))
    return bool(ray_scene(occluders(index).mesh).blocked([from_m], [to_m])[0])


@WAYS
def test_a_building_without_storeys_hides_as_a_block(
    from_m: tuple[float, float, float],
    to_m: tuple[float, float, float],
    is_hidden: bool,  # noqa: FBT001
) -> None:
    block = Building(id="block", use="other", footprint=box(40, 0, 60, 10), height_m=12)
    assert hides(block, from_m, to_m) == is_hidden


@WAYS
def test_storeys_without_spaces_hide_by_their_outer_walls(
    from_m: tuple[float, float, float],
    to_m: tuple[float, float, float],
    is_hidden: bool,  # noqa: FBT001
) -> None:
    outline = box(40, 0, 60, 10)
    storey = Storey(id="block/f{n}", first=1, last=4, elevation_m=0.0, height_m=3.0, polygon=outline)
    block = Building(id="block", use="other", footprint=outline, height_m=12, storeys=(storey,))
    assert hides(block, from_m, to_m) == is_hidden


def test_within_a_block_one_is_inside_it() -> None:
    bare = site([], [])
    block = Building(id="block", use="other", footprint=box(40, 0, 60, 10), height_m=12, base_elevation_m=1.0)
    index = build(bare.replace(buildings=(*bare.buildings, block)))
    of = occluders(index)
    assert [solid_around(of, index, (50.0, 5.0, z)) is not None for z in (0.9, 1.1, 12.9, 13.1)] == [
        False,
        True,
        True,
        False,
    ]
