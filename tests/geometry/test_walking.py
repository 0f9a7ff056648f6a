"""Shortest ways over floors: exact lengths, never through a wall."""

import itertools

import networkx as nx
import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geometry.walking import Floor, WalkingError, floor

Floats = NDArray[np.float64]

BAND_M = 0.02
"""What a way over a few corners may be longer by: each keeps 3 mm from the walls."""


def hall(seed: int, *, size_m: tuple[float, float] = (20.0, 12.0), blocks: int = 12) -> shapely.Polygon:
    """A hall full of turned blocks; the largest part that hangs together."""
    random = np.random.default_rng(seed)
    area: BaseGeometry = shapely.box(0, 0, *size_m)
    for _ in range(blocks):
        x, y = random.uniform((0.5, 0.5), np.array(size_m) - 0.5)
        block = shapely.box(x, y, x + random.uniform(0.3, 3), y + random.uniform(0.3, 2))
        area = area - shapely.affinity.rotate(block, random.uniform(0, 90))
    return max((p for p in shapely.get_parts(area) if isinstance(p, shapely.Polygon)), key=shapely.area)


def rooms(columns: int, rows: int, seed: int) -> shapely.Polygon:
    """Rooms of 4 m by 3 m, parted by walls of 12 cm, with a door of 0.9 m somewhere in each."""
    random = np.random.default_rng(seed)
    walls, doors = [], []
    for i, j in itertools.product(range(columns), range(rows)):
        x, y = 4.0 * i, 3.0 * j
        if i:
            walls.append(shapely.box(x - 0.06, y, x + 0.06, y + 3))
            at = y + random.uniform(0.1, 2.0)
            doors.append(shapely.box(x - 0.1, at, x + 0.1, at + 0.9))
        if j:
            walls.append(shapely.box(x, y - 0.06, x + 4, y + 0.06))
            at = x + random.uniform(0.1, 3.0)
            doors.append(shapely.box(at, y - 0.1, at + 0.9, y + 0.1))
    inside = shapely.box(0, 0, 4 * columns, 3 * rows)
    found = inside - (shapely.union_all(walls) - shapely.union_all(doors))
    assert isinstance(found, shapely.Polygon)
    return found


def points_in(area: BaseGeometry, count: int, seed: int) -> Floats:
    random = np.random.default_rng(seed)
    x0, y0, x1, y1 = area.bounds
    points = random.uniform((x0, y0), (x1, y1), (20 * count, 2))
    return np.asarray(points[shapely.contains_xy(area.buffer(-0.05), *points.T)][:count], dtype=np.float64)


def exact_m(area: BaseGeometry, points: Floats) -> Floats:
    """(n, n) lengths over the complete graph of all corners that see each other, in double precision."""
    nodes = np.vstack((points, shapely.get_coordinates(area)))
    pairs = np.array(list(itertools.combinations(range(len(nodes)), 2)))
    lines = shapely.linestrings(nodes[pairs])
    roomy = area.buffer(1e-9)
    shapely.prepare(roomy)
    seen = shapely.covers(roomy, lines)
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(nodes)))
    graph.add_weighted_edges_from(
        (int(a), int(b), float(m)) for (a, b), m in zip(pairs[seen], shapely.length(lines[seen]), strict=True)
    )
    found = [nx.single_source_dijkstra_path_length(graph, k) for k in range(len(points))]
    return np.array([[row.get(k, np.inf) for k in range(len(points))] for row in found])


@pytest.mark.parametrize(
    "area",
    [*(hall(seed) for seed in range(6)), rooms(3, 2, 1), rooms(2, 3, 2), hall(7, blocks=24)],
    ids=[*(f"hall-{k}" for k in range(6)), "rooms-3x2", "rooms-2x3", "packed"],
)
def test_lengths_are_those_of_the_shortest_ways(area: shapely.Polygon) -> None:
    points = points_in(area, 14, 5)
    apart = ~np.eye(len(points), dtype=bool)
    ratio = floor(area).lengths_m(points, points)[apart] / exact_m(area, points)[apart]
    assert ratio.min() >= 0.9999
    assert ratio.mean() <= 1.001
    # the worst are ways of a few decimetres round a corner, 3 mm away from it
    assert ratio.max() <= 1.01


@pytest.mark.parametrize("seed", range(4))
def test_no_way_crosses_a_wall_and_each_is_as_long_as_told(seed: int) -> None:
    area = hall(seed)
    made, points = floor(area), points_in(area, 12, seed)
    field = made.field(points[:1])
    lengths, _ = field.walk(made.ends(points[1:]))
    for target, length_m in zip(points[1:], lengths, strict=True):
        way = field.way_m(target)
        assert area.covers(shapely.LineString(way))
        assert np.hypot(*np.diff(way, axis=0).T).sum() == pytest.approx(length_m, abs=1e-9)


@pytest.mark.parametrize("d", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("wall_m", [0.12, 0.5])
def test_round_the_end_of_a_wall(d: float, wall_m: float) -> None:
    # a wall from the south up to y = 4; both points at its foot, d from its faces
    area = shapely.box(-10, 0, 10, 8) - shapely.box(-wall_m / 2, 0, wall_m / 2, 4)
    (length_m,) = floor(area).lengths_m([(-wall_m / 2 - d, 1.0)], [(wall_m / 2 + d, 1.0)])[0]
    assert length_m == pytest.approx(2 * np.hypot(d, 3.0) + wall_m, abs=BAND_M)


@pytest.mark.parametrize("side_m", [0.4, 2.0])
def test_round_a_column(side_m: float) -> None:
    # from the middle of one side to that of the other, a metre away: round two corners
    half = side_m / 2
    area = shapely.box(-9, -9, 9, 9) - shapely.box(-half, -half, half, half)
    (length_m,) = floor(area).lengths_m([(-half - 1, 0)], [(half + 1, 0)])[0]
    assert length_m == pytest.approx(2 * np.hypot(1.0, half) + side_m, abs=BAND_M)


def test_a_part_that_nothing_leads_to_is_infinitely_far() -> None:
    parts = shapely.union_all([shapely.box(0, 0, 4, 4), shapely.box(5, 0, 9, 4)])
    assert floor(parts).lengths_m([(1, 1)], [(2, 1), (6, 1)])[0].tolist() == [1.0, np.inf]


def test_a_point_in_a_wall_stands_before_it_and_one_far_off_nowhere() -> None:
    made = floor(shapely.box(0, 0, 4, 4))
    assert made.lengths_m([(2, 4.2)], [(2, 1)])[0, 0] == pytest.approx(3.2, abs=BAND_M)
    assert made.lengths_m([(2, 4.8)], [(2, 1)])[0, 0] == np.inf


def test_a_wheelchair_goes_round_where_a_gap_is_too_narrow() -> None:
    # a wall with a gap of 0.7 m before the points and one of 1.2 m 3 m further
    wall = shapely.box(0, 3.9, 10, 4.1) - shapely.box(1.65, 3, 2.35, 5) - shapely.box(5, 3, 6.2, 5)
    area = shapely.box(0, 0, 10, 8) - wall
    straight, round_m = (floor(area, clearance_m=c).lengths_m([(2, 2)], [(2, 6)])[0, 0] for c in (0.2, 0.4))
    assert straight == pytest.approx(4.0, abs=1e-6)
    # the jamb at x = 5 plus 0.4 m: the shrunk wall is passed between y = 3.5 and 4.5
    assert round_m == pytest.approx(2 * np.hypot(3.4, 1.5) + 1.0, abs=BAND_M)


@pytest.mark.parametrize(
    ("throw_m", "needed_m"), [(0.0, 2 * np.hypot(1, 3)), (2.0, 2 * np.hypot(1, 3) - 2), (9.0, np.hypot(1, 3))]
)
def test_a_jet_reaches_on_in_a_straight_line_but_not_round_a_corner(throw_m: float, needed_m: float) -> None:
    area = shapely.box(-10, 0, 10, 4.1) - shapely.box(-0.001, 0, 0.001, 4)
    made = floor(area)
    to = made.ends([(1.0, 1.0)], any_way=True)
    assert made.field([(-1.0, 1.0)]).walk(to, throw_m=throw_m)[0][0] == pytest.approx(needed_m, abs=BAND_M)


def test_of_several_sources_the_nearest_on_foot_counts() -> None:
    # one right behind the wall, one farther off on this side
    area = shapely.box(-10, 0, 10, 8) - shapely.box(-0.1, 0, 0.1, 7)
    made = floor(area)
    field = made.field([(-0.5, 1.0), (6.0, 1.0)])
    lengths, via = field.walk(made.ends([(1.0, 1.0), (-3.0, 1.0)]))
    assert lengths == pytest.approx([5.0, 2.5])
    assert field.sources()[via].tolist() == [1, 0]


def test_what_was_walked_before_a_source_counts() -> None:
    made = floor(shapely.box(0, 0, 10, 4))
    field = made.field([(1, 1), (9, 1), (5, 3)], ahead_m=[0.0, 5.0, np.inf])
    lengths, via = field.walk(made.ends([(6.0, 1.0), (8.0, 1.0), (5.0, 3.0)]))
    assert lengths == pytest.approx([5.0, 6.0, np.hypot(4, 2)])
    assert field.sources()[via].tolist() == [0, 1, 0]


@pytest.mark.parametrize("area", [shapely.Polygon(), shapely.box(0, 0, 5, 0.004)], ids=["nothing", "a-slit"])
def test_a_floor_without_room_is_refused(area: BaseGeometry) -> None:
    with pytest.raises(WalkingError, match="leaves no way"):
        floor(area)


@pytest.mark.parametrize(("within_m", "is_near"), [(3.9, False), (4.1, True)])
def test_longer_ways_may_count_as_none(within_m: float, is_near: bool) -> None:  # noqa: FBT001
    made = floor(shapely.box(0, 0, 10, 4))
    length_m, via = made.field([(1, 1)]).walk(made.ends([(5, 1)]), within_m=within_m)
    assert (np.isfinite(length_m[0]), via[0] >= 0) == (is_near, is_near)


def lengths(made: Floor, points: Floats) -> Floats:
    return made.lengths_m(points, points)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), turn_deg=st.floats(0, 360), far_m=st.sampled_from([0.0, 3e3, 4e6]))
def test_lengths_do_not_depend_on_where_the_floor_lies(seed: int, turn_deg: float, far_m: float) -> None:
    area = hall(seed, blocks=6)
    points = points_in(area, 6, seed)
    origin = np.array([far_m, -far_m])
    turned = shapely.affinity.rotate(area, turn_deg, origin=(0, 0))
    moved = shapely.affinity.translate(turned, *origin)
    at = shapely.get_coordinates(shapely.affinity.rotate(shapely.MultiPoint(points), turn_deg, origin=(0, 0))) + origin
    # 4,000 km away a double tells nanometres; the rays' single precision is taken from the floor's middle
    assert lengths(floor(moved), at) == pytest.approx(lengths(floor(area), points), abs=1e-5)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000))
def test_lengths_are_those_of_a_metric(seed: int) -> None:
    area = hall(seed)
    points = points_in(area, 8, seed)
    found = lengths(floor(area), points)
    straight = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    assert found == pytest.approx(found.T, abs=1e-6)
    assert (found >= straight - 1e-9).all()
    assert (found[:, None, :] <= found[:, :, None] + found[None, :, :].transpose(0, 2, 1) + 1e-6).all()


@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000))
def test_an_obstacle_more_never_shortens_a_way(seed: int) -> None:
    area = hall(seed, blocks=5)
    points = points_in(area, 7, seed)
    block = shapely.box(8, 4, 12, 7) - shapely.MultiPoint(points).buffer(0.3)
    assert (lengths(floor(area - block), points) >= lengths(floor(area), points) - 1e-6).all()
