"""Lines through rooms, pulled taut: joined to one floor, or by points along their doors."""

import math

import numpy as np
import pytest
import shapely

from geometry import taut_lines
from geometry.taut_lines import JoinedFloors, taut_line
from geometry.walk_graph import Cell
from geometry.walking import floor

GAP_M = 0.02
HERE = np.zeros(2)


def row_of_rooms(count: int, *, clearance_m: float = 0.0) -> tuple[list[Cell], list[taut_lines.Gate]]:
    """Rooms of 10 by 8 m in a row, doors of 1 m at their corners in turn, above and below."""
    cells, gates = [], []
    for k in range(count):
        parts = [shapely.box(10 * k + 0.1, 0, 10 * k + 9.9, 8)]
        for x, n in ((10 * k, k - 1), (10 * k + 10, k)):
            if 0 <= n < count - 1:
                y = 0.0 if n % 2 else 7.0
                reach_m = 0.1 + clearance_m + GAP_M
                parts.append(shapely.box(x - reach_m, y, x + reach_m, y + 1))
        cells.append(Cell(f"r{k}", floor(shapely.union_all(parts), clearance_m=clearance_m), HERE, 3.0))
        if k < count - 1:
            y = 0.0 if k % 2 else 7.0
            gates.append(((10.0 * k + 10, y), (10.0 * k + 10, y + 1)))
    return cells, gates


def length_m(lines: tuple[tuple[int, taut_lines.Floats], ...]) -> float:
    return sum(float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum()) for _, line in lines)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.parametrize("clearance_m", [0.0, 0.25])
def test_rooms_joined_and_rooms_apart_give_the_same_line(
    count: int, clearance_m: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells, gates = row_of_rooms(count, clearance_m=clearance_m)
    ends = np.array([1.0, 4.0]), np.array([10.0 * count - 1, 4.0])
    asked = {"levels": ["1"] * count, "clearance_m": clearance_m}
    joined = taut_line(cells, gates, ends, floors=JoinedFloors(), **asked)  # type: ignore[arg-type]
    monkeypatch.setattr(taut_lines, "_SMALL", 0)
    apart = taut_line(cells, gates, ends, floors=JoinedFloors(), **asked)  # type: ignore[arg-type]
    assert (len(joined), len(apart)) == (1, count)
    assert sum(rooms for rooms, _ in joined) == sum(rooms for rooms, _ in apart) == count
    # points along a door are 10 cm apart, and 12 mm are kept from its jambs
    assert length_m(apart) == pytest.approx(length_m(joined), abs=0.03 * count)
    assert joined[0][1][0].tolist() == [1.0, 4.0, 3.0]
    assert joined[-1][1][-1, :2].tolist() == [10.0 * count - 1, 4.0]


def test_the_line_bends_at_jambs_as_a_string_does() -> None:
    cells, gates = row_of_rooms(2)
    ends = np.array([9.0, 1.0]), np.array([11.0, 1.0])
    lines = taut_line(cells, gates, ends, levels=["1", "1"], clearance_m=0.0, floors=JoinedFloors())
    # round the jamb at (10, 7) of a wall of 20 cm; bands of some millimetres at two corners
    assert length_m(lines) == pytest.approx(2 * math.hypot(0.9, 6) + 0.2, abs=0.03)


def test_rooms_on_two_levels_have_a_line_each() -> None:
    cells, gates = row_of_rooms(3)
    ends = np.array([1.0, 4.0]), np.array([29.0, 4.0])
    lines = taut_line(cells, gates, ends, levels=["in", "in", "out"], clearance_m=0.0, floors=JoinedFloors())
    assert [rooms for rooms, _ in lines] == [2, 1]
    assert lines[0][1][-1] == pytest.approx(lines[1][1][0])


def test_rooms_that_are_not_joined_by_their_door_give_no_line() -> None:
    cells, gates = row_of_rooms(2)
    far = Cell("far", cells[1].floor, np.array([50.0, 0.0]), 3.0)
    nobody = Cell("solid", None, HERE, 3.0)
    asked = {"levels": ["1", "1"], "clearance_m": 0.0}
    for other in (far, nobody):
        ends = np.array([1.0, 4.0]), np.array([69.0, 4.0])
        assert taut_line([cells[0], other], gates, ends, floors=JoinedFloors(), **asked) == ()  # type: ignore[arg-type]


def test_storeys_alike_share_their_joined_floor_each_at_its_place() -> None:
    cells, gates = row_of_rooms(2)
    kept = JoinedFloors()
    moved = [Cell(c.id, c.floor, np.array([100.0, 5.0]), 6.0) for c in cells]
    here = taut_line(cells, gates, (np.array([1.0, 4.0]), np.array([19.0, 4.0])), levels=["1"] * 2, clearance_m=0.0,
                     floors=kept)  # fmt: skip
    gate = tuple((x + 100, y + 5) for x, y in gates[0])
    there = taut_line(moved, [gate], (np.array([101.0, 9.0]), np.array([119.0, 9.0])), levels=["2"] * 2,  # type: ignore[list-item] # two points
                      clearance_m=0.0, floors=kept)  # fmt: skip
    assert there[0][1] - here[0][1] == pytest.approx(np.broadcast_to([100, 5, 3], here[0][1].shape))
    assert kept.joined(cells).floor is kept.joined(moved).floor
