"""Shortest ways through several floors."""

import numpy as np
import pytest
import shapely

from geometry.walk_network import Passage, SetFloor, WalkNetwork, walk_network
from geometry.walking import floor

STOREY = floor(shapely.box(0, 0, 20, 4))
HERE = np.zeros(2)


def tower(storeys: int, *, flight_m: float = 8.0, stairs: tuple[float, ...] = (19.0,)) -> WalkNetwork:
    """Storeys alike with stairs at some x."""
    floors = [SetFloor(STOREY, HERE)] * storeys
    passages = [
        Passage((k, k + 1), ((x, 2.0), (x, 2.0)), flight_m, f"stair-{k}") for k in range(storeys - 1) for x in stairs
    ]
    return walk_network(floors, passages)


@pytest.mark.parametrize("up", [0, 1, 5, 17])
def test_each_storey_adds_its_flights(up: int) -> None:
    lengths, source = tower(18).ways_from([(0, (1.0, 2.0))]).lengths_m(up, [(10.0, 2.0)])
    assert lengths[0] == pytest.approx(9.0 if up == 0 else 18.0 + 8.0 * up + 9.0)
    assert source.tolist() == [0]


def test_the_nearer_stair_is_taken() -> None:
    ways = tower(3, stairs=(2.0, 19.0)).ways_from([(0, (8.0, 2.0))])
    # 6 m to the left stair, or 11 m to the right one; back as far
    assert ways.lengths_m(2, [(5.0, 2.0), (18.0, 2.0)])[0] == pytest.approx([6 + 16 + 3, 11 + 16 + 1])


def test_the_nearest_source_may_be_on_another_storey() -> None:
    ways = tower(3).ways_from([(0, (1.0, 2.0)), (2, (18.0, 2.0))])
    lengths, source = ways.lengths_m(0, [(4.0, 2.0), (19.0, 2.0)])
    assert lengths == pytest.approx([3.0, 17.0])
    assert source.tolist() == [0, 1]


def test_no_way_leads_to_a_floor_without_passages() -> None:
    network = walk_network([SetFloor(STOREY, HERE), SetFloor(STOREY, HERE)], [])
    lengths, source = network.ways_from([(0, (1.0, 2.0))]).lengths_m(1, [(1.0, 2.0)])
    assert lengths.tolist() == [np.inf]
    assert source.tolist() == [-1]


def test_a_passage_that_ends_beside_its_floor_joins_nothing() -> None:
    network = walk_network([SetFloor(STOREY, HERE)] * 2, [Passage((0, 1), ((19, 2), (30, 2)), 8.0)])
    assert network.ways_from([(0, (1, 2))]).lengths_m(1, [(1, 2)])[0].tolist() == [np.inf]


def test_a_source_beside_its_floor_leads_nowhere() -> None:
    lengths, source = tower(2).ways_from([(0, (40.0, 2.0)), (1, (19.0, 2.0))]).lengths_m(0, [(39.0, 2.0), (9.0, 2.0)])
    assert lengths.tolist() == pytest.approx([np.inf, 18.0])
    assert source.tolist() == [-1, 1]


def test_the_same_floor_stands_in_several_places() -> None:
    far = np.array([100.0, -50.0])
    network = walk_network(
        [SetFloor(STOREY, HERE), SetFloor(STOREY, far)], [Passage((0, 1), ((20, 2), (100, -48)), 85.0)]
    )
    ways = network.ways_from([(0, (10, 2))])
    assert ways.lengths_m(1, [(103.0, -48.0)])[0] == pytest.approx([10 + 85 + 3], abs=0.01)  # 3 mm at each end


def test_doors_side_by_side_lead_through_the_nearest() -> None:
    # a wall between two halls at y = 4, three spots along one wide door
    south, north = floor(shapely.box(0, 0, 20, 4)), floor(shapely.box(0, 4, 20, 8))
    doors = [Passage((0, 1), ((x, 4.0), (x, 4.0)), 0.0) for x in (9.0, 10.0, 11.0)]
    network = walk_network([SetFloor(south, HERE), SetFloor(north, HERE)], doors)
    lengths = network.ways_from([(0, (11.0, 1.0))]).lengths_m(1, [(11.0, 7.0), (8.0, 5.0)])[0]
    assert lengths == pytest.approx([6.0, np.hypot(2, 3) + np.hypot(1, 1)], abs=0.02)


def test_a_way_may_lead_through_another_floor_and_back() -> None:
    # two halves parted by a wall, joined only by the storey above
    halves = floor(shapely.union_all([shapely.box(0, 0, 9, 4), shapely.box(10, 0, 20, 4)]))
    stairs = [Passage((0, 1), ((x, 2.0), (x, 2.0)), 5.0) for x in (1.0, 19.0)]
    network = walk_network([SetFloor(halves, HERE), SetFloor(STOREY, HERE)], stairs)
    assert network.ways_from([(0, (3.0, 2.0))]).lengths_m(0, [(17.0, 2.0)])[0] == pytest.approx([2 + 5 + 18 + 5 + 2])
