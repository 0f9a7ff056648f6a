"""Rooms as cells that share doors: lengths between doors, and what a room that nobody can walk in does."""

import math

import numpy as np
import pytest
import shapely

from geometry.walk_graph import Cell, Link, Spot, walk_graph
from geometry.walking import floor

HERE = np.zeros(2)
BAND_M = 0.02
"""What a way round corners may differ by: 3 mm are kept from each."""


def place(name: str, cell: int, x: float, y: float, z: float = 0.0) -> Spot:
    return Spot(name, "place", (cell, cell), (x, y, z), is_end=True)


def test_doors_of_a_bent_corridor_are_as_far_as_one_walks_round_its_corner() -> None:
    bent = Cell("corridor", floor(shapely.Polygon([(0, 0), (6, 0), (6, 2), (2, 2), (2, 6), (0, 6)])), HERE, 0.0)
    doors = [Spot("d", "door", (0, 0), (6, 1, 0)), Spot("e", "door", (0, 0), (1, 6, 0))]
    graph = walk_graph([bent], doors)
    assert graph.lengths_m == pytest.approx([2 * math.hypot(4, 1)] * 2, abs=BAND_M)


def test_nobody_passes_a_place_on_the_way_to_another() -> None:
    room = Cell("room", floor(shapely.box(0, 0, 10, 2)), HERE, 0.0)
    graph = walk_graph([room], [place("a", 0, 1, 1), place("b", 0, 5, 1), Spot("d", "door", (0, 0), (9, 1, 0))])
    arcs = {(graph.spots[a].id, graph.spots[b].id) for a, b in zip(graph.tails, graph.heads, strict=True)}
    assert arcs == {("a", "d"), ("d", "a"), ("b", "d"), ("d", "b")}


def test_rooms_alike_have_the_same_lengths_wherever_they_stand() -> None:
    room = floor(shapely.box(0, 0, 5, 4))
    cells = [Cell(f"room-{k}", room, np.array([100.0 * k, 0.0]), 3.0 * k) for k in range(3)]
    spots = [
        Spot(f"d{k}{side}", "door", (k, k), (100.0 * k + 5 * side, 2, 3.0 * k)) for k in range(3) for side in (0, 1)
    ]
    assert walk_graph(cells, spots).lengths_m == pytest.approx([5.0] * 6, abs=BAND_M)


def test_a_link_leads_up_and_down_and_one_way_only_up() -> None:
    cells = [Cell("low", None, HERE, 0.0), Cell("high", None, HERE, 3.0)]
    spots = [Spot("s", "stair", (0, 0), (0, 0, 0)), Spot("s", "stair", (1, 1), (0, 0, 3))]
    both = walk_graph(cells, spots, [Link((0, 1), "s", "stair", 7.0, 3.0)])
    assert list(zip(both.tails, both.heads, both.rises_m, strict=True)) == [(0, 1, 3.0), (1, 0, -3.0)]
    up = walk_graph(cells, spots, [Link((0, 1), "s", "stair", 7.0, 3.0, is_both_ways=False)])
    assert list(zip(up.tails, up.heads, strict=True)) == [(0, 1)]


def test_a_room_that_nobody_can_walk_in_joins_nothing() -> None:
    graph = walk_graph([Cell("full", None, HERE, 0.0)], [Spot("d", "door", (0, 0), (0, 0, 0)), place("p", 0, 1, 1)])
    assert len(graph.tails) == 0


def test_people_get_the_graph_with_names_and_metres() -> None:
    room = Cell("room", floor(shapely.box(0, 0, 10, 2)), HERE, 0.0)
    graph = walk_graph([room], [Spot("d", "door", (0, 0), (1, 1, 0), 0.9), place("a", 0, 4, 1)]).to_networkx()
    assert graph.nodes[0]["id"] == "d"
    assert graph.nodes[0]["width_m"] == 0.9
    assert graph.edges[0, 1]["length_m"] == pytest.approx(3.0)
    assert graph.edges[0, 1]["cell"] == "room"
