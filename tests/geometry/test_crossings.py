"""What ways pass through, where it can be counted by hand."""

import numpy as np
import pytest
import shapely
from numpy.typing import ArrayLike

from geometry.crossings import Material, matter, passed
from geometry.meshes import Mesh, curtain, merged, prism
from geometry.rays import RayScene, ray_scene

THICK, THIN, LEAF = 0, 1, 2
MATERIALS = (Material(is_solid=True, thin_below_m=0.15, thin=THIN), Material(is_solid=True), Material(is_solid=False))


def walls(count: int, thick_m: float, *, owner: int = 0) -> list[Mesh]:
    """Walls square to the x axis, the first at x = 1, each a metre behind the other."""
    return [
        prism(shapely.box(1 + k, -50, 1 + k + thick_m, 50), bottom_m=0.0, top_m=3.0, owner=owner) for k in range(count)
    ]


def counted(scene: RayScene, a: ArrayLike, b: ArrayLike) -> list[int]:
    found = passed(scene, np.atleast_2d(a), np.atleast_2d(b), matter(scene, MATERIALS, [THICK, LEAF, -1]))
    return [int(n) for n in found[0]]


@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 8])
@pytest.mark.parametrize(
    ("thick_m", "as_thin"), [(0.24, False), (0.2, False), (0.16, False), (0.12, True), (0.05, True)]
)
def test_each_wall_counts_once_by_its_thickness(number: int, thick_m: float, as_thin: bool) -> None:  # noqa: FBT001
    scene = ray_scene(merged([*walls(number, thick_m), prism(shapely.box(50, 50, 51, 51), bottom_m=0, top_m=1)]))
    expected = [0, number, 0] if as_thin else [number, 0, 0]
    assert counted(scene, (0, 0, 1.5), (20, 0.3, 1.2)) == expected


@pytest.mark.parametrize("slant_deg", [0, 20, 45, 60, 75, 80])
def test_a_slanting_way_does_not_make_a_wall_thicker(slant_deg: float) -> None:
    scene = ray_scene(merged(walls(1, 0.12)))
    reach = 3 * np.tan(np.radians(slant_deg))
    assert counted(scene, (0, 0, 1.5), (3, reach, 1.5)) == [0, 1, 0]


def test_a_leaf_is_met_once_and_glass_not_at_all() -> None:
    leaf = curtain([(2, -1), (2, 1)], bottom_m=0.0, top_m=2.1, owner=1)
    glass = curtain([(3, -1), (3, 1)], bottom_m=0.0, top_m=2.1, owner=2)
    scene = ray_scene(merged([*walls(1, 0.24), leaf, glass]))
    assert counted(scene, (0, 0, 1.5), (4, 0, 1.5)) == [1, 0, 1]


def test_closed_doors_are_met_as_movers() -> None:
    scene = ray_scene(merged(walls(1, 0.24))).with_movers(curtain([(2, -1), (2, 1)], bottom_m=0.0, top_m=2.1, owner=1))
    assert counted(scene, (0, 0, 1.5), (4, 0, 1.5)) == [1, 0, 1]
    assert counted(scene, (0, 0, 2.5), (4, 0, 2.5)) == [1, 0, 0]


def test_a_way_that_ends_or_begins_in_a_wall_counts_it() -> None:
    scene = ray_scene(merged(walls(2, 0.24)))
    assert counted(scene, (0, 0, 1.5), (1.1, 0, 1.5)) == [1, 0, 0]
    assert counted(scene, (1.1, 0, 1.5), (1.5, 0, 1.5)) == [1, 0, 0]


def test_far_from_the_origin_it_counts_the_same() -> None:
    near = merged(walls(3, 0.24))
    shift = np.array([4_000_000.0, 3_000_000.0, 0.0])
    far = ray_scene(near.moved(shift))
    assert counted(far, shift + np.array([0, 0, 1.5]), shift + np.array([9, 0.2, 1.5])) == [3, 0, 0]


def test_a_way_that_is_lost_is_not_followed_further() -> None:
    scene = ray_scene(merged(walls(8, 0.24)))
    made = matter(scene, MATERIALS, [THICK, LEAF, -1])
    found = passed(scene, [(0, 0, 1.5)], [(20, 0, 1.5)], made, is_lost=lambda _, counts: counts[:, THICK] >= 3)
    assert found[0, THICK] == 3


@pytest.mark.parametrize("seed", range(4))
def test_both_ways_pass_the_same(seed: int) -> None:
    scene = ray_scene(merged([*walls(6, 0.24), curtain([(2.5, -9), (2.5, 9)], bottom_m=0.0, top_m=2.1, owner=1)]))
    rng = np.random.default_rng(seed)
    # ends are in the gaps between walls, 0.24 to 1 m behind each
    x = np.floor(rng.uniform(0, 7, (40, 2))) + rng.uniform(0.3, 0.9, (40, 2))
    a, b = (np.column_stack((x[:, k], rng.uniform(-4, 4, 40), rng.uniform(0.1, 2.9, 40))) for k in (0, 1))
    made = matter(scene, MATERIALS, [THICK, LEAF, -1])
    there, back = passed(scene, a, b, made), passed(scene, b, a, made)
    assert np.array_equal(there, back)
    between = np.abs(np.floor(x[:, 0]) - np.floor(x[:, 1]))
    assert np.array_equal(there[:, THICK], np.minimum(between, 6))
