"""Lenses against numbers worked out by hand."""

import math
from typing import cast

import numpy as np
import pytest

from geometry.lenses import (
    Lens,
    LensError,
    Projection,
    directions,
    fisheye,
    horizontal_fov_deg,
    pinhole_from_field_of_view,
    pinhole_from_focal_length,
    pixel_density_px_per_m,
    project,
    reach_m,
    sees,
    vertical_fov_deg,
)


@pytest.mark.parametrize(
    ("focal_mm", "sensor_mm", "width_px", "distance_m", "density"),
    [(4.0, 4.8, 1920, 10.0, 160.0), (2.8, 5.6, 2560, 20.0, 64.0), (12.0, 6.0, 3840, 100.0, 76.8)],
)
def test_density_is_focal_length_in_pixels_over_distance(
    focal_mm: float, sensor_mm: float, width_px: int, distance_m: float, density: float
) -> None:
    lens = pinhole_from_focal_length(
        focal_mm=focal_mm, sensor_width_mm=sensor_mm, width_px=width_px, height_px=width_px // 2
    )
    assert pixel_density_px_per_m(lens, [(0, 0, distance_m)])[0] == pytest.approx(density)


@pytest.mark.parametrize("fov_deg", [1.0, 45.0, 90.0, 130.0, 179.0])
def test_a_lens_made_by_its_field_of_view_has_it(fov_deg: float) -> None:
    lens = pinhole_from_field_of_view(horizontal_fov_deg=fov_deg, width_px=2000, height_px=1000)
    assert horizontal_fov_deg(lens) == pytest.approx(fov_deg)
    assert vertical_fov_deg(lens) == pytest.approx(2 * math.degrees(math.atan(math.tan(math.radians(fov_deg) / 2) / 2)))


@pytest.mark.parametrize("fov_deg", [0.0, -10.0, 180.0, 360.0, math.nan])
def test_a_straight_picture_of_half_the_world_is_refused(fov_deg: float) -> None:
    with pytest.raises(LensError, match="fisheye"):
        pinhole_from_field_of_view(horizontal_fov_deg=fov_deg, width_px=2000, height_px=1000)


@pytest.mark.parametrize("fov_deg", [0.0, 361.0, math.inf])
def test_a_fisheye_beyond_its_projection_is_refused(fov_deg: float) -> None:
    with pytest.raises(LensError, match=r"up to 360°"):
        fisheye(fov_deg=fov_deg, width_px=2000, height_px=2000)


@pytest.mark.parametrize("sensor_mm", [0.0, -1.0, math.nan])
def test_a_lens_without_a_sensor_is_refused(sensor_mm: float) -> None:
    with pytest.raises(LensError, match="sensor_width_mm"):
        pinhole_from_focal_length(focal_mm=4, sensor_width_mm=sensor_mm, width_px=100, height_px=100)


def test_distortion_that_folds_the_picture_is_refused() -> None:
    with pytest.raises(LensError, match="folds"):
        pinhole_from_focal_length(focal_mm=2, sensor_width_mm=6, width_px=2000, height_px=1500, k1=-0.3)


@pytest.mark.parametrize(
    ("projection", "radial", "across"),
    # at 60° off the axis, in focal lengths at a distance of 1 m: how the radius grows, and radius over sine
    [
        ("equidistant", 1.0, (math.pi / 3) / math.sin(math.pi / 3)),
        ("equisolid", math.cos(math.pi / 6), 1.0 / math.sin(math.pi / 3)),
        ("stereographic", 4 / 3, 2 * math.tan(math.pi / 6) / math.sin(math.pi / 3)),
        ("orthographic", 0.5, 1.0),
    ],
)
def test_density_of_a_fisheye_off_its_axis(projection: str, radial: float, across: float) -> None:
    lens = fisheye(fov_deg=170, width_px=2000, height_px=2000, projection=cast(Projection, projection))
    point = (math.sin(math.pi / 3), 0.0, math.cos(math.pi / 3))
    assert pixel_density_px_per_m(lens, [point])[0] == pytest.approx(lens.focal_px * min(radial, across))


@pytest.mark.parametrize("projection", ["equidistant", "equisolid", "stereographic", "orthographic"])
@pytest.mark.parametrize("fov_deg", [60.0, 175.0])
def test_a_direction_falls_on_the_pixel_it_came_from(projection: str, fov_deg: float) -> None:
    lens = fisheye(fov_deg=fov_deg, width_px=1600, height_px=1600, projection=cast(Projection, projection))
    pixels = np.random.default_rng(1).uniform(300, 1300, (200, 2))
    np.testing.assert_allclose(project(lens, directions(lens, pixels) * 7.0), pixels, atol=1e-6)


@pytest.mark.parametrize(("k1", "k2"), [(0.0, 0.0), (-0.15, 0.02), (0.1, 0.0)])
def test_distortion_is_undone(k1: float, k2: float) -> None:
    lens = pinhole_from_focal_length(focal_mm=4, sensor_width_mm=5, width_px=1000, height_px=800, k1=k1, k2=k2)
    pixels = np.random.default_rng(2).uniform((0, 0), (1000, 800), (300, 2))
    np.testing.assert_allclose(project(lens, directions(lens, pixels) * 3.0), pixels, atol=1e-6)


def test_density_of_a_bent_picture_is_that_of_its_pixels() -> None:
    lens = pinhole_from_focal_length(focal_mm=4, sensor_width_mm=5, width_px=1000, height_px=800, k1=-0.15, k2=0.02)
    for at in ([620.0, 380.0], [900.0, 700.0]):
        ray = directions(lens, [at])[0]
        across = np.cross(ray, [0.3, -0.5, 0.8])
        shifts = [d / np.linalg.norm(d) for d in (across, np.cross(ray, across))]
        # the derivative's singular values, by differences of a tenth of a millimetre at 10 m
        h_m = 1e-4
        slope = np.column_stack([
            (project(lens, [10 * ray + h_m * s])[0] - project(lens, [10 * ray - h_m * s])[0]) / (2 * h_m)
            for s in shifts
        ])  # fmt: skip
        least = np.linalg.svd(slope, compute_uv=False).min()
        assert pixel_density_px_per_m(lens, [10 * ray])[0] == pytest.approx(least, rel=1e-4)


def test_what_is_behind_is_not_seen_but_by_a_lens_for_it() -> None:
    behind = [(0.5, 0.0, -1.0)]
    assert not sees(pinhole_from_field_of_view(horizontal_fov_deg=170, width_px=100, height_px=100), behind)[0]
    assert not sees(fisheye(fov_deg=180, width_px=100, height_px=100), behind)[0]
    assert sees(fisheye(fov_deg=360, width_px=100, height_px=100), behind)[0]


@pytest.mark.parametrize("density", [12.5, 125.0])
def test_beyond_its_reach_a_lens_has_too_few_pixels(density: float) -> None:
    projections: tuple[Projection, ...] = ("equidistant", "equisolid", "stereographic", "orthographic")
    lenses: list[Lens] = [
        pinhole_from_field_of_view(horizontal_fov_deg=100, width_px=2560, height_px=1440),
        pinhole_from_field_of_view(horizontal_fov_deg=60, width_px=2560, height_px=1440, k1=-0.1),
        *(fisheye(fov_deg=170, width_px=2000, height_px=2000, projection=p) for p in projections),
    ]
    for lens in lenses:
        pixels = np.random.default_rng(3).uniform((0, 0), (lens.width_px, lens.height_px), (4000, 2))
        rays = directions(lens, pixels)
        rays = rays[np.isfinite(rays).all(axis=1)]
        beyond = rays * reach_m(lens, density) * 1.0001
        assert pixel_density_px_per_m(lens, beyond).max() < density
