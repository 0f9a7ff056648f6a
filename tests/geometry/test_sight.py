"""What is seen, against shadows worked out by hand and against the slow reference."""

import math

import numpy as np
import pytest
import shapely

from geometry import reference_rays
from geometry.culling import Eye, in_field, in_field_by_testing_all
from geometry.lenses import Lens, fisheye, pinhole_from_field_of_view, pinhole_from_focal_length
from geometry.meshes import Mesh, WallOpening, crown, curtain, merged, no_mesh, prism, sheet, wall
from geometry.poses import Pose, looking_at
from geometry.rays import RayScene, ray_scene
from geometry.samples import Grid, gather, grid_over
from geometry.sight import all_seen, best_density_px_per_m, counts, place, seen

WIDE = pinhole_from_field_of_view(horizontal_fov_deg=120, width_px=4000, height_px=3000)


def _seen_mask(eye: Eye, scene: RayScene, grid: Grid) -> np.ndarray:
    found = np.zeros(grid.count, dtype=bool)
    found[seen(eye, place(scene, gather([grid]))).numbers] = True
    return found


@pytest.mark.parametrize("target_m", [0.0, 1.0, 1.9])
@pytest.mark.parametrize("eye_m", [2.5, 4.0])
def test_shadow_of_a_wall_at_two_heights(eye_m: float, target_m: float) -> None:
    """Behind a wall 2 m high at 5 m, an eye at h sees a target at t from 5 (h - t) / (h - 2) metres on."""
    grid = grid_over(shapely.box(-1, 5.1, 1, 40), step_m=0.1, height_m=target_m)
    fence = ray_scene(
        merged([curtain([(-50, 5), (50, 5)], bottom_m=0, top_m=2), sheet(shapely.box(-60, -60, 60, 60), z_m=0)])
    )
    mask = _seen_mask(Eye(looking_at((0, 0, eye_m), (0, 20, 0)), WIDE), fence, grid)
    edge_m = 5 * (eye_m - max(target_m, 0.02)) / (eye_m - 2)
    y = grid.points_m()[:, 1]
    assert not mask[y < edge_m - 0.01].any()
    assert mask[y > edge_m + 0.01].all()


@pytest.mark.parametrize("half_m", [0.2, 0.5])
@pytest.mark.parametrize("bearing_deg", [0.0, 37.0, 200.0])
def test_shadow_of_a_pillar_is_a_wedge(half_m: float, bearing_deg: float) -> None:
    """A square pillar 6 m ahead hides what is behind it within atan(half / (6 - half)) of the axis."""
    turn = math.radians(bearing_deg)
    square = shapely.affinity.rotate(shapely.box(-half_m, 6 - half_m, half_m, 6 + half_m), -bearing_deg, origin=(0, 0))
    pillar = ray_scene(prism(square, bottom_m=-1, top_m=50))
    grid = grid_over(shapely.Point(0, 0).buffer(20), step_m=0.25, height_m=1.0)
    eye = Eye(Pose((0, 0, 3), bearing_deg, 5.0), WIDE)
    mask = _seen_mask(eye, pillar, grid)
    in_the_field = np.zeros(grid.count, dtype=bool)
    in_the_field[in_field(eye, gather([grid]))] = True
    points = grid.points_m()
    ahead = points[:, 0] * math.sin(turn) + points[:, 1] * math.cos(turn)
    aside = points[:, 0] * math.cos(turn) - points[:, 1] * math.sin(turn)
    angle = np.abs(np.arctan2(aside, ahead))
    wedge = math.atan(half_m / (6 - half_m))
    behind = in_the_field & (ahead > 6 + half_m)
    assert not mask[behind & (angle < wedge - 1e-4)].any()
    assert mask[in_the_field & (angle > wedge + 1e-4)].all()


def test_in_an_l_shaped_room_the_far_leg_is_hidden() -> None:
    room = shapely.Polygon([(0, 0), (10, 0), (10, 4), (4, 4), (4, 10), (0, 10)])
    walls = ray_scene(prism(room, bottom_m=0, top_m=3))
    grid = grid_over(room, step_m=0.1, height_m=1.0)
    eye = Eye(Pose((9.5, 0.5, 2.5), 290.0, 10.0), fisheye(fov_deg=200, width_px=2000, height_px=2000))
    mask = _seen_mask(eye, walls, grid)
    x, y = grid.points_m()[:, :2].T
    # the line from the eye over the inner corner (4, 4)
    limit = 0.5 + (4 - 0.5) / (9.5 - 4) * (9.5 - x)
    hidden = (y > 4) & (y > limit + 0.01)
    assert hidden.any()
    assert not mask[hidden].any()
    assert mask[(y > 4) & (y < limit - 0.01)].all()


@pytest.mark.parametrize(("tilt_deg", "vertical_deg"), [(30.0, 20.0), (45.0, 40.0), (60.0, 50.0)])
def test_field_of_a_tilted_camera_is_a_trapezium(tilt_deg: float, vertical_deg: float) -> None:
    """From height h the field meets the ground between h / tan(tilt + v/2) and h / tan(tilt - v/2)."""
    height_m, ratio = 4.0, 1.5
    half = math.tan(math.radians(vertical_deg) / 2)
    lens = pinhole_from_field_of_view(
        horizontal_fov_deg=2 * math.degrees(math.atan(ratio * half)), width_px=3000, height_px=2000
    )
    grid = grid_over(shapely.box(-30, -2, 30, 60), step_m=0.1, z_m=-0.02)
    found = gather([grid]).points_m[in_field(Eye(Pose((0, 0, height_m), 0.0, tilt_deg), lens), gather([grid]))]
    near_m = height_m / math.tan(math.radians(tilt_deg + vertical_deg / 2))
    far_m = height_m / math.tan(math.radians(tilt_deg - vertical_deg / 2))
    assert found[:, 1].min() == pytest.approx(near_m, abs=0.1)  # a grid's step
    assert found[:, 1].max() == pytest.approx(far_m, abs=0.1)
    for y in (found[:, 1].min(), found[:, 1].max()):
        depth = y * math.cos(math.radians(tilt_deg)) + height_m * math.sin(math.radians(tilt_deg))
        assert found[found[:, 1] == y, 0].max() == pytest.approx(depth * ratio * half, abs=0.11)


def test_sight_goes_through_a_doorway_and_not_through_the_wall() -> None:
    partition = ray_scene(wall([(-5, 5), (5, 5)], bottom_m=0, top_m=3, openings=[WallOpening(4.5, 5.5, 0.0, 2.1)]))
    grid = grid_over(shapely.box(-5, 5.1, 5, 10), step_m=0.1, height_m=1.5)
    mask = _seen_mask(Eye(looking_at((0, 0, 1.5), (0, 10, 1.5)), WIDE), partition, grid)
    x, y = grid.points_m()[:, :2].T
    inside = np.abs(x) < 0.5 * y / 5
    edge = np.abs(np.abs(x) - 0.5 * y / 5) < 1e-3
    np.testing.assert_array_equal(mask[~edge], inside[~edge])


def _random_scene(seed: int) -> Mesh:
    rng = np.random.default_rng(seed)
    parts = [sheet(shapely.box(-40, -40, 40, 40), z_m=0.0)]
    for k in range(25):
        x, y = rng.uniform(-30, 30, 2)
        parts.append(
            prism(
                shapely.box(x, y, x + rng.uniform(0.2, 6), y + rng.uniform(0.2, 6)),
                bottom_m=0,
                top_m=rng.uniform(0.5, 9),
                owner=k,
            )
        )
        parts.append(crown(rng.uniform(-30, 30, 2), radius_m=2, bottom_m=2, top_m=6, owner=100 + k))
    return merged(parts)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shift_m", [(0.0, 0.0, 0.0), (4.0e6, -3.5e6, 900.0)])
def test_rays_agree_with_the_reference_wherever_the_site_is(seed: int, shift_m: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(seed + 1000)
    scene = _random_scene(seed)
    origins = rng.uniform((-30, -30, 2), (30, 30, 12), (4000, 3))
    targets = rng.uniform((-38, -38, 0.02), (38, 38, 3), (4000, 3))
    there = ray_scene(scene.moved(shift_m)).blocked(origins + shift_m, targets + shift_m)
    expected = reference_rays.blocked(scene, origins, targets)
    assert 0.2 < expected.mean() < 0.9
    assert (there == expected).mean() >= 0.9999  # an edge may be grazed


@pytest.mark.parametrize("x_m", [-0.4, -0.01, 0.0, 0.01, 0.3, 1.0])
def test_a_line_of_sight_knows_how_far_it_stays_from_edges(x_m: float) -> None:
    triangle = Mesh(
        np.array([(0.0, 0, 0), (4, 0, 0), (0, 4, 0)]), np.array([(0, 1, 2)], np.int32), np.zeros(1, np.int32)
    )
    (clear_m,) = reference_rays.clear_of_edges_m(triangle, [(x_m, 1.0, 3.0)], [(x_m, 1.0, -3.0)])
    # from the edge at x = 0, from the one at y = 0, from the slanting one
    assert clear_m == pytest.approx(min(abs(x_m), 1.0, (3 - x_m) / 2**0.5))
    assert reference_rays.clear_of_edges_m(triangle, [(x_m, 1.0, 3.0)], [(x_m, 1.0, 1.0)]).tolist() == [np.inf]


def test_first_hits_agree_with_the_reference() -> None:
    rng = np.random.default_rng(1005)
    mesh = _random_scene(5)
    half = len(mesh.triangles) // 2
    fixed = Mesh(mesh.vertices_m, mesh.triangles[:half], mesh.owners[:half])
    moving = Mesh(mesh.vertices_m, mesh.triangles[half:], mesh.owners[half:])
    origins, ways = rng.uniform((-30, -30, 2), (30, 30, 12), (3000, 3)), rng.normal(size=(3000, 3))
    distance, triangle, owner = ray_scene(fixed, movers=moving).first_hits(origins, ways)
    expected_distance, expected_triangle = reference_rays.first_hits(mesh, origins, ways)
    met = expected_triangle >= 0
    np.testing.assert_allclose(distance[met], expected_distance[met], rtol=1e-3, atol=1e-3)  # single precision
    assert (owner[met] == mesh.owners[expected_triangle[met]]).mean() > 0.998  # corners are shared
    assert np.isinf(distance[~met]).all()
    assert (triangle[~met] == -1).all()


def test_every_wall_on_the_way_is_counted() -> None:
    rooms = merged(prism(shapely.box(k, -5, k + 0.2, 5), bottom_m=0, top_m=3, owner=k) for k in range(1, 7))
    found = ray_scene(rooms).crossings([(0, 0, 1), (0, 0, 1), (0, 0, 5)], [(10, 0, 1), (3.1, 0, 1), (10, 0, 5)])
    assert found.rays.tolist() == [0] * 12 + [1] * 5
    assert found.owners.tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 1, 1, 2, 2, 3]
    np.testing.assert_allclose(found.distances_m[:3], [1.0, 1.2, 2.0], atol=1e-4)


def test_a_lorry_that_comes_hides_what_is_behind_and_the_estate_stays() -> None:
    empty = ray_scene(sheet(shapely.box(-50, -50, 50, 50), z_m=0))
    lorry = prism(shapely.box(-2, 8, 2, 10), bottom_m=0.4, top_m=3.5, owner=7)
    grid = grid_over(shapely.box(-1, 12, 1, 20), step_m=0.5, height_m=1.0)
    eye = Eye(looking_at((0, 0, 3), (0, 15, 1)), WIDE)
    parked = empty.with_movers(lorry)
    assert _seen_mask(eye, empty, grid).all()
    assert not _seen_mask(eye, parked, grid).any()
    assert _seen_mask(eye, parked.with_movers(no_mesh()), grid).all()
    assert parked.static_engine is empty.static_engine


@pytest.mark.parametrize("on", [(0.0, 5.0, 2.0), (3.0, 5.0, 2.5)])
def test_a_camera_on_its_wall_sees_the_room(on: tuple[float, float, float]) -> None:
    room = ray_scene(prism(shapely.box(-5, -5, 5, 5), bottom_m=0, top_m=3))
    grid = grid_over(shapely.box(-4, -4, 4, 3), step_m=0.5, height_m=1.0)
    eye = Eye(Pose(on, 180.0, 10.0), fisheye(fov_deg=180, width_px=2000, height_px=2000))
    assert _seen_mask(eye, room, grid).mean() > 0.95


def _lenses() -> list[Lens]:
    return [
        pinhole_from_field_of_view(horizontal_fov_deg=35, width_px=2560, height_px=1440),
        pinhole_from_field_of_view(horizontal_fov_deg=110, width_px=1440, height_px=2560),
        pinhole_from_focal_length(focal_mm=4, sensor_width_mm=5, width_px=2000, height_px=1500, k1=-0.15, k2=0.02),
        fisheye(fov_deg=100, width_px=2000, height_px=2000),
        fisheye(fov_deg=185, width_px=2000, height_px=1500, projection="equisolid"),
        fisheye(fov_deg=300, width_px=2000, height_px=2000, projection="stereographic"),
    ]


@pytest.mark.parametrize("lens", _lenses(), ids=["long", "wide", "bent", "dome", "half", "round"])
def test_slicing_a_grid_finds_the_same_samples_as_testing_all(lens: Lens) -> None:
    rng = np.random.default_rng(11)
    ring = shapely.Point(3, -2).buffer(25) - shapely.box(-4, -4, 6, 9)
    samples = gather(
        [
            grid_over(ring, step_m=0.7, z_m=0.0, height_m=1.6),
            grid_over(shapely.box(-20, -20, 20, 20), step_m=0.9, z_m=3.0, slope=(0.12, -0.2)),
        ],
        loose_m=rng.uniform(-25, 25, (500, 3)),
    )
    found = 0
    for _ in range(60):
        pose = Pose(
            tuple(rng.uniform((-25, -25, -3), (25, 25, 9))),
            rng.uniform(0, 360),
            rng.uniform(-90, 90),
            rng.uniform(-180, 180),
        )
        eye = Eye(
            pose, lens, far_m=rng.uniform(5, 60), near_m=rng.choice([0.0, 3.0]), least_px_per_m=rng.choice([5.0, 60.0])
        )
        expected = in_field_by_testing_all(eye, samples)
        np.testing.assert_array_equal(np.sort(in_field(eye, samples)), expected)
        found += len(expected)
    assert found > 2000


def test_straight_down_and_level_fields_are_cut_exactly() -> None:
    grid = gather([grid_over(shapely.box(-20, -20, 20, 20), step_m=0.5, z_m=-0.02)])
    for tilt_deg, roll_deg, bearing_deg in ((90, 0, 0), (90, 45, 30), (0, 0, 90), (0, 90, 180), (-90, 0, 0)):
        eye = Eye(Pose((0.1, 0.2, 5.0), bearing_deg, tilt_deg, roll_deg), WIDE, least_px_per_m=20)
        np.testing.assert_array_equal(np.sort(in_field(eye, grid)), in_field_by_testing_all(eye, grid))


def test_many_eyes_give_what_each_gives_alone() -> None:
    at = place(
        ray_scene(_random_scene(2)), gather([grid_over(shapely.box(-30, -30, 30, 30), step_m=1.0, height_m=1.6)])
    )
    rng = np.random.default_rng(4)
    eyes = [
        Eye(Pose((*rng.uniform(-30, 30, 2), 5.0), rng.uniform(0, 360), 20.0), WIDE, least_px_per_m=50) for _ in range(6)
    ]
    views = all_seen(eyes, at, threads=2)
    k = counts(views, samples=len(at.samples.points_m))
    best = best_density_px_per_m(views, samples=len(k))
    alone = [seen(eye, at) for eye in eyes]
    for together, one in zip(views, alone, strict=True):
        np.testing.assert_array_equal(together.numbers, one.numbers)
    assert k.sum() == sum(len(v.numbers) for v in alone)
    assert ((best > 0) == (k > 0)).all()
    assert best[best > 0].min() >= 50 * (1 - 1e-6)  # single precision


def test_an_estate_without_anything_hides_nothing() -> None:
    grid = grid_over(shapely.box(-5, 5, 5, 15), step_m=1.0)
    assert _seen_mask(Eye(looking_at((0, 0, 3), (0, 10, 0)), WIDE), ray_scene(no_mesh()), grid).all()
