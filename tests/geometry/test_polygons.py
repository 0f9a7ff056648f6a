"""Rings and polygons."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geometry.polygons import fault, is_counter_clockwise, oriented, shared_area_m2, signed_area_m2

SQUARE = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]


@given(dx=st.floats(-1e6, 1e6), dy=st.floats(-1e6, 1e6))
def test_area_does_not_depend_on_the_place(dx: float, dy: float) -> None:
    moved = [(x + dx, y + dy) for x, y in SQUARE]
    assert signed_area_m2(moved) == pytest.approx(4.0, abs=1e-8)


def test_a_reversed_ring_has_negative_area_and_is_turned_round() -> None:
    backwards = list(reversed(SQUARE))
    assert signed_area_m2(backwards) == -4.0
    assert is_counter_clockwise(oriented(backwards))
    assert not is_counter_clockwise(oriented(SQUARE, counter_clockwise=False))


@pytest.mark.parametrize(
    ("rings", "words"),
    [
        ([[(0, 0), (2, 2), (2, 0), (0, 2)]], "crosses itself"),
        ([SQUARE, [(5, 5), (6, 5), (6, 6)]], "hole lies outside"),
        ([[(0, 0), (1, 0), (2, 0)]], "no area|crosses itself|touches itself|fewer than three"),
        ([[(1, 1), (1, 1), (1, 1)]], "no area|fewer than three"),
    ],
)
def test_a_broken_polygon_says_why(rings: list[list[tuple[float, float]]], words: str) -> None:
    found = fault(shapely.Polygon(rings[0], rings[1:]))
    assert found is not None
    assert any(word in found[0] for word in words.split("|"))


def test_a_good_polygon_has_no_fault() -> None:
    assert fault(shapely.Polygon(SQUARE)) is None


def test_shared_area_is_that_of_the_overlap() -> None:
    a = np.array([shapely.box(0, 0, 2, 2), shapely.box(0, 0, 1, 1)])
    b = np.array([shapely.box(1, 1, 3, 3), shapely.box(1, 0, 2, 1)])
    assert shared_area_m2(a, b).tolist() == [1.0, 0.0]
