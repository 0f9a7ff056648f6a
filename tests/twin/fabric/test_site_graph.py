"""The graph of a site, derived from its drawing: rooms parted at doors, stairs and lifts, ways out."""

import math

import networkx as nx
import numpy as np
import pytest

from tests.twin.houses import door, house, on
from tests.twin.riverside_in_small import box
from twin.fabric.site_graph import OUTDOORS, SiteGraph, site_graph
from twin.fabric.walkways import walkways
from twin.index import SiteIndex, build
from twin.model.base import Polygon
from twin.model.buildings import SpaceUse

TWO_ROOMS: tuple[tuple[str, SpaceUse, Polygon], ...] = (
    ("a", "hall", box(0, 0, 10, 8)),
    ("b", "hall", box(10, 0, 20, 8)),
)
WALL_M = 0.05
"""What a way round jambs may differ by: walls of 12 to 24 cm, 3 mm kept from each."""


def length_m(of: SiteGraph, start: str, end: str, *, without: frozenset[str] = frozenset()) -> float:
    graph = of.graph.to_networkx()
    ends = {of.place_of[start], of.place_of[end]}
    dropped = [
        row for row, spot in enumerate(of.graph.spots) if spot.id in without or (spot.is_end and row not in ends)
    ]
    graph.remove_nodes_from(dropped)
    try:
        return float(nx.dijkstra_path_length(graph, of.place_of[start], of.place_of[end], weight="length_m"))
    except nx.NetworkXNoPath:
        return math.inf


def test_rooms_are_joined_by_their_door_and_parted_without_it() -> None:
    found = site_graph(build(on(house(TWO_ROOMS, [door("d", ((10, 3.5), (10, 4.5)), "a", "b")]))))
    assert found.cell_of["h/f1/a"] != found.cell_of["h/f1/b"]
    # between the middles of two floors that begin 12 cm inside the outer walls and end 10 cm before the axis
    assert length_m(found, "h/f1/a", "h/f1/b") == pytest.approx(9.88, abs=WALL_M)
    assert length_m(found, "h/f1/a", "h/f1/b", without=frozenset({"h/f1/d"})) == math.inf


def test_spaces_without_a_wall_between_are_one_room() -> None:
    # parking spaces are marked on a floor, not walled
    spaces: list[tuple[str, SpaceUse, Polygon]] = [
        ("lane", "driveway", box(0, 0, 20, 6)), ("p1", "parking_space", box(0, 6, 3, 11)),
        ("p2", "parking_space", box(3, 6, 6, 11)),
    ]  # fmt: skip
    found = site_graph(build(on(house(spaces, []))))
    assert len({found.cell_of[f"h/f1/{name}"] for name in ("lane", "p1", "p2")}) == 1


@pytest.mark.parametrize(("clearance_m", "passes"), [(0.0, True), (0.4, True), (0.44, True), (0.5, False)])
def test_a_door_narrower_than_who_comes_leads_nowhere(clearance_m: float, passes: bool) -> None:  # noqa: FBT001
    index = build(on(house(TWO_ROOMS, [door("d", ((10, 3.5), (10, 4.45)), "a", "b")])))
    found = site_graph(index, clearance_m=clearance_m)
    assert math.isfinite(length_m(found, "h/f1/a", "h/f1/b")) == passes


def test_a_wide_passage_is_passed_at_several_spots() -> None:
    found = site_graph(build(on(house(TWO_ROOMS, [door("d", ((10, 1), (10, 7)), "a", "b", kind="passage")]))))
    rows = found.graph.rows["h/f1/d"]
    assert [found.graph.points_m[row][1] for row in rows] == pytest.approx([1.75, 3.25, 4.75, 6.25])
    assert {found.graph.spots[row].width_m for row in rows} == {6.0}


def test_an_opening_before_an_obstacle_is_told() -> None:
    blind = door("d", ((20, 3), (20, 4)), "b", "c")
    rooms: list[tuple[str, SpaceUse, Polygon]] = [*TWO_ROOMS, ("c", "shaft", box(20, 0, 22, 8))]
    found = site_graph(build(on(house(rooms, [door("e", ((10, 3), (10, 4)), "a", "b"), blind]))))
    assert "h/f1/d" not in found.graph.rows
    assert "h/f1/e" in found.graph.rows


@pytest.fixture(scope="module")
def estate(riverside: SiteIndex) -> SiteGraph:
    return site_graph(riverside)


def test_every_room_of_the_estate_has_a_way_to_an_assembly_point(estate: SiteGraph) -> None:
    graph = estate.graph.to_networkx()
    # people walk: not by lift
    graph.remove_nodes_from([row for row, spot in enumerate(estate.graph.spots) if spot.kind == "lift"])
    meeting = [row for row, spot in enumerate(estate.graph.spots) if spot.kind == "assembly"]
    reached = nx.multi_source_dijkstra_path_length(graph.reverse(copy=False), set(meeting), weight="length_m")
    assert [space for space, row in estate.place_of.items() if row not in reached] == []


def test_every_space_of_the_estate_but_shafts_is_in_a_room(estate: SiteGraph, riverside: SiteIndex) -> None:
    left = {riverside.spaces[space].template.use for space in riverside.spaces if space not in estate.cell_of}
    assert left == {"shaft", "lift_shaft", "ramp"}
    assert estate.faults == ()
    assert estate.graph.cells[-1].id == OUTDOORS


def test_ways_by_doors_are_never_shorter_than_exact_ones_and_hardly_longer(
    estate: SiteGraph, riverside: SiteIndex
) -> None:
    ways = walkways(riverside)
    graph = estate.graph.to_networkx()
    graph.remove_nodes_from([row for row, spot in enumerate(estate.graph.spots) if spot.kind == "lift"])
    rng = np.random.default_rng(3)
    names = list(estate.place_of)
    ratios = []
    for start in rng.choice(names, size=5, replace=False).tolist():
        row = estate.place_of[start]
        x, y, _ = estate.graph.points_m[row]
        exact = ways.network.ways_from([(ways.rows[riverside.spaces[start].storey.id], (x, y))])
        by_doors = nx.single_source_dijkstra_path_length(graph, row, weight="length_m")
        for end in rng.choice(names, size=60, replace=False).tolist():
            to = estate.place_of[end]
            if estate.cell_of[start] == estate.cell_of[end]:
                continue
            floor = ways.rows[riverside.spaces[end].storey.id]
            least = float(exact.lengths_m(floor, [estate.graph.points_m[to][:2]])[0][0])
            ratios.append(by_doors[to] / least)
    assert min(ratios) >= 0.9999
    assert float(np.mean(ratios)) <= 1.02  # through the middles of doors, where a taut string takes their jambs


def test_lifts_stop_at_every_storey_they_serve(estate: SiteGraph, riverside: SiteIndex) -> None:
    lift = riverside.site.buildings[0].lifts[0]
    doors = [row for row in estate.graph.rows[lift.id] if estate.graph.spots[row].kind == "lift_door"]
    assert len(doors) == lift.last - lift.first + (0 if lift.first < 0 < lift.last else 1)
