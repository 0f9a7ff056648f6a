"""Spacing of detectors against sums done by hand and tables as printed."""

import math

import numpy as np
import pytest
import shapely

from twin.coverage.radiate.spacing import (
    Senses,
    along_m,
    corridor_size_m,
    in_sight,
    lengths_within_m,
    number_needed,
    parted,
    protection,
    spacing_m,
)
from twin.coverage.settings import settings
from twin.model.base import Text
from twin.model.radiators import CoverageValue
from twin.model.site import Origin, Site

SITE = Site(id="s", name=Text(), origin=Origin(lon_deg=0, lat_deg=0))
L = shapely.Polygon([(0, 0), (12, 0), (12, 4), (4, 4), (4, 12), (0, 12)])


@pytest.mark.parametrize(
    ("senses", "area_m2", "height_m", "slope_deg", "expected"),
    [
        ("smoke", 80, 6, 0, (80, 6.7)), ("smoke", 80.1, 6, 0, (60, 5.8)), ("smoke", 500, 6.1, 0, (80, 6.7)),
        ("smoke", 20, 12, 15, (80, 6.7)), ("smoke", 20, 3, 15.1, (80, 7.2)), ("smoke", 20, 3, 31, (80, 8.0)),
        ("smoke", 100, 3, 20, (80, 7.2)), ("smoke", 100, 3, 45, (100, 9.0)), ("smoke", 100, 8, 45, (120, 9.9)),
        ("smoke", 100, 8, 20, (100, 8.0)), ("heat", 30, 8, 0, (30, 4.4)), ("heat", 30.5, 3, 0, (20, 3.6)),
        ("heat", 30, 3, 20, (30, 4.9)), ("heat", 30, 3, 40, (30, 5.5)), ("heat", 90, 3, 20, (30, 4.9)),
        ("heat", 90, 3, 40, (40, 6.3)), ("smoke", 100, 12.1, 0, None), ("heat", 20, 8.1, 0, None),
    ],
)  # fmt: skip
def test_the_table_is_read_as_printed(
    senses: Senses, area_m2: float, height_m: float, slope_deg: float, expected: tuple[float, float] | None
) -> None:
    found = protection(settings(SITE)[0], senses, area_m2=area_m2, height_m=height_m, slope_deg=slope_deg)
    assert (None if found is None else (found.area_m2, found.radius_m)) == expected


def test_a_site_may_set_the_table_otherwise() -> None:
    own = CoverageValue(id="detection.smoke.low.flat.radius_m", value=5.0, source="insurer")
    values, problems = settings(SITE.replace(coverage_values=(own,)))
    assert protection(values, "smoke", area_m2=100, height_m=3).radius_m == 5.0  # type: ignore[union-attr]
    assert values.of(own.id).where == "insurer"
    assert not problems


def test_a_value_nobody_asks_for_is_told_with_the_nearest() -> None:
    _, problems = settings(SITE.replace(coverage_values=(CoverageValue(id="sound.fartest_m", value=20),)))
    assert [p.code for p in problems] == ["unknown-value"]
    assert "sound.farthest_m" in problems[0].message


@pytest.mark.parametrize(
    ("area_m2", "protected_m2", "correction_ratio", "number"),
    [(1, 80, 1, 1), (80, 80, 1, 1), (80.01, 80, 1, 2), (600, 60, 1, 10), (600, 60, 0.8, 13), (100, 20, 1, 5)],
)
def test_number_is_area_over_what_one_protects(
    area_m2: float, protected_m2: float, correction_ratio: float, number: int
) -> None:
    assert number_needed(area_m2, protected_m2, correction_ratio=correction_ratio) == number


@pytest.mark.parametrize("turn_deg", [0, 30, 90, 200])
@pytest.mark.parametrize(("width_m", "length_m"), [(1.5, 6), (2, 30), (2.9, 100), (4, 4)])
def test_a_corridor_has_its_width_and_length_however_it_lies(turn_deg: float, width_m: float, length_m: float) -> None:
    strip = shapely.affinity.rotate(shapely.box(5, 7, 5 + length_m, 7 + width_m), turn_deg)
    assert corridor_size_m(strip) == pytest.approx((width_m, length_m), abs=1e-4)  # square root of a difference


@pytest.mark.parametrize(("point", "seen"), [((11, 2), True), ((2, 11), True), ((11, 3.9), True), ((3.9, 11), True)])
def test_from_the_corner_of_an_l_all_is_seen(point: tuple[float, float], seen: bool) -> None:  # noqa: FBT001
    assert in_sight(L, [point], (2, 2)).tolist() == [seen]


@pytest.mark.parametrize(
    ("point", "length_m"),
    [((2, 2), 8.0), ((4, 4), math.hypot(6, 2)), ((2, 10), 2 * math.hypot(6, 2)), ((4, 12), math.hypot(6, 2) + 8)],
)
def test_ways_in_an_l_go_around_its_inner_corner(point: tuple[float, float], length_m: float) -> None:
    assert lengths_within_m(L, [point], (10, 2)).tolist() == pytest.approx([length_m])


def test_ways_go_around_a_hole_on_its_shorter_side() -> None:
    ring = shapely.Polygon(shapely.box(0, 0, 10, 10).exterior, [[(2, 2), (8, 2), (8, 8), (2, 8)]])
    # by the corner (8, 2) it is sqrt(49 + 1) + 5 to (9, 7); the other way round is longer
    found = lengths_within_m(ring, [(9, 7)], (1, 1))
    assert found.tolist() == pytest.approx([math.hypot(7, 1) + math.hypot(1, 5)])


@pytest.mark.parametrize("partition_at", [2.0, 5.0])
def test_a_partition_takes_the_sight(partition_at: float) -> None:
    room, shelf = shapely.box(0, 0, 10, 6), shapely.box(partition_at, -1, partition_at + 0.3, 7)
    assert in_sight(room, [(1, 3), (9, 3)], (0.5, 3), partitions=shelf).tolist() == [True, False]


@pytest.mark.parametrize(("depth_m", "areas"), [(0.5, [72]), (0.6, [72]), (0.61, [24, 48]), (1.0, [24, 48])])
def test_only_deep_beams_part_a_room(depth_m: float, areas: list[float]) -> None:
    parts = parted(shapely.box(0, 0, 12, 6), [[(4, 0), (4, 6)]], [depth_m], deep_m=0.6)
    assert [round(part.area, 6) for part in parts] == areas


@pytest.mark.parametrize(
    ("detectors", "apart_m", "to_end_m"),
    [([(7.5, 1), (22.5, 1)], 15, 7.5), ([(5, 0.2), (15, 1.9), (25, 1)], 10, 5), ([(15, 1)], 0, 15),
     ([(22, 1), (8, 1), (15, 1)], 7, 8)],
)  # fmt: skip
def test_spacing_along_a_straight_corridor(
    detectors: list[tuple[float, float]], apart_m: float, to_end_m: float
) -> None:
    assert spacing_m(shapely.box(0, 0, 30, 2), detectors) == pytest.approx((apart_m, to_end_m))


def test_in_a_bent_corridor_spacing_goes_around_the_bend() -> None:
    bent = shapely.Polygon([(0, 0), (10, 0), (10, 10), (8, 10), (8, 2), (0, 2)])
    around = along_m(bent, [(9, 9)], (1, 1)).item()
    way = math.hypot(7, 1) + math.hypot(1, 7)  # by the inner corner (8, 2)
    assert around == pytest.approx(math.sqrt(way**2 - 1))
    assert np.isfinite(spacing_m(bent, [(1, 1), (9, 9)])).all()
