"""Every space's way out at a moment, by hand on a small house: where to, how far, why, and what when there is none."""

import itertools
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import sample_sites
from tests.twin.evacuation.burning_house import ASSEMBLY, Burning, burning_site, detector
from twin.evacuation.hazards import Hazards, Report
from twin.evacuation.refuges import Refuge, refuges
from twin.evacuation.ways_out import NOWHERE, EscapeGraph, Solver, WaysOut, escape_graph, ways_out
from twin.fabric.site_graph import site_graph
from twin.index import build
from twin.site_folder import read

EXITS = "h/f1/out-w", "h/f1/out-e"


def shut(house: Burning, *names: str) -> None:
    house.reported = {name: Report(house.now_s) for name in names}


def left(house: Burning) -> dict[str, Refuge]:
    ways = house.ways()
    return {refuge.space: refuge for refuge in refuges(ways, house.hazards)}


def test_everybody_leaves_by_the_nearest_exit() -> None:
    house = Burning(burning_site(storeys=2))
    found = {way.space: way for way in house.ways().all(house.hazards)}
    assert found["h/f1/a"].exit == "h/f1/out-w"
    assert (found["h/f1/a"].door, found["h/f1/a"].target) == ("h/f1/d-a", "meet-west")
    assert found["h/f1/c"].exit == "h/f1/out-e"
    assert found["h/f2/c"].target == "meet-east"
    assert all(way.is_usual and way.hazards == () for way in found.values())
    assert set(found) == set(house.graph.site.place_of)


def test_length_and_time_are_those_of_the_way_by_hand() -> None:
    house = Burning(burning_site())
    way = house.way("a")
    # from the middle of a to its door, past its jambs to the exit, then over open ground to the assembly point
    spots = house.graph.site.graph.points_m
    rows = [house.graph.site.place_of["h/f1/a"], *(house.graph.site.graph.rows[name][0]
            for name in ("h/f1/d-a", "h/f1/out-w", "meet-west"))]  # fmt: skip
    straight_m = sum(float(np.hypot(*(spots[a] - spots[b])[:2])) for a, b in itertools.pairwise(rows))
    assert way.length_m == pytest.approx(straight_m, rel=0.02)  # round the corner of the house
    assert way.time_s == pytest.approx(way.length_m / (1.4 * (1 - 0.266 * 0.54)))


def test_a_closed_exit_sends_people_to_the_other_and_says_why() -> None:
    house = Burning(burning_site())
    usual = house.way("a")
    shut(house, EXITS[0])
    way = house.way("a")
    assert (way.exit, way.is_usual) == (EXITS[1], False)
    assert [house.hazards.found[row].id for row in way.hazards] == [EXITS[0]]
    assert way.length_m > usual.length_m
    assert house.way("c").is_usual
    shut(house)
    assert house.way("a") == usual


def test_every_exit_closed_leaves_nobody_a_way_and_all_stay_where_it_is_clean() -> None:
    house = Burning(burning_site(storeys=2))
    shut(house, *EXITS)
    found = left(house)
    assert set(found) == set(house.graph.site.place_of)
    assert {refuge.kind for refuge in found.values()} == {"stay"}
    assert not any(refuge.is_usual for refuge in found.values())


def test_a_lost_stair_leaves_the_other_and_both_lost_the_first_storey_alone() -> None:
    house = Burning(burning_site(storeys=3))
    shut(house, "stair-w")
    spots, graph = house.graph.site.graph.spots, house.graph
    ways = house.ways()
    on_way = {spots[row].id for row in ways.spots_from(graph.starting["h/f3/a"])}
    assert "stair-e" in on_way
    assert "stair-w" not in on_way
    shut(house, "stair-w", "stair-e")
    assert set(left(house)) == {space for space in graph.starting if not space.startswith("h/f1/")}


def test_a_refuge_is_gone_to_where_nothing_is_in_the_way_else_people_stay() -> None:
    house = Burning(burning_site(detector("one", "east", storey=2), detector("two", "stair-e", "heat", 2),
                                 storeys=2, refuge=True))  # fmt: skip
    shut(house, "stair-w", "stair-e")
    found = left(house)
    assert (found["h/f2/a"].kind, found["h/f2/a"].to) == ("refuge", "h/f2/c")
    assert found["h/f2/a"].time_s > 0
    assert (found["h/f2/c"].kind, found["h/f2/c"].time_s) == ("refuge", 0.0)
    house.after(10).say(one=1, two=1)
    found = left(house)
    assert (found["h/f2/a"].kind, found["h/f2/a"].to) == ("stay", "h/f2/a")
    # out of smoke into the nearest clean room, through the room one is in
    assert (found["h/f2/east"].kind, found["h/f2/east"].to) == ("refuge", "h/f2/c")


def test_who_is_in_the_burning_room_leaves_it_and_nobody_goes_through() -> None:
    house = Burning(burning_site(detector("one", "west"), detector("two", "west", "heat")))
    house.after(5).say(one=1, two=1)
    house.say(two__temperature=90.0)
    assert house.way("west").exit == EXITS[0]
    found = left(house)
    assert {space: refuge.kind for space, refuge in found.items()} == {
        "h/f1/a": "stay", "h/f1/b": "stay", "h/f1/stair-w": "stay",
    }  # fmt: skip


def test_two_fires_at_once_close_both_halves() -> None:
    devices = [detector(f"{kind}-{half}", half, kind) for half in ("west", "east") for kind in ("smoke", "heat")]
    house = Burning(burning_site(*devices))
    house.after(5).say(smoke_west=1, heat_west=1)
    house.say(heat_west__temperature=80.0)
    assert house.way("c").exit == EXITS[1]
    house.after(5).say(smoke_east=1, heat_east=1)
    house.say(heat_east__temperature=80.0)
    assert {"h/f1/a", "h/f1/b", "h/f1/c"} <= set(left(house))
    house.say(smoke_east=0, heat_east=0, heat_east__temperature=25.0)
    assert house.way("c").exit == EXITS[1]  # latched, but no longer unbearable


def test_a_way_that_ends_in_the_open_is_told_where_no_assembly_point_can_be_reached() -> None:
    house = Burning(burning_site(grounds=(ASSEMBLY,)))
    shut(house, "meet-west")
    found = left(house)
    assert (found["h/f1/a"].kind, found["h/f1/a"].to) == ("outside", EXITS[0])


def test_without_assembly_points_the_door_is_the_end() -> None:
    house = Burning(burning_site(grounds=()))
    way = house.way("a")
    assert (way.exit, way.target) == (EXITS[0], EXITS[0])


def test_a_graph_in_pieces_answers_for_the_rest() -> None:
    site = burning_site(storeys=1)
    (building,) = site.buildings
    cut = tuple(o for o in building.storeys[0].openings if o.id != "h/f{n}/d-b")
    building = building.replace(storeys=(building.storeys[0].replace(openings=cut),))
    house = Burning(site.replace(buildings=(building,)))
    assert house.ways().without == ("h/f1/b",)
    (found,) = left(house).values()
    assert (found.kind, found.is_usual) == ("stay", True)
    assert house.way("a").exit == EXITS[0]


@pytest.mark.parametrize(("margin_ratio", "turns"), [(0.0, True), (0.1, True), (0.5, False), (2.0, False)])
def test_a_way_is_kept_unless_another_is_better_by_the_margin(margin_ratio: float, turns: bool) -> None:  # noqa: FBT001
    house = Burning(burning_site(), margin_ratio=margin_ratio)
    shut(house, EXITS[0])
    long = house.way("b")
    assert long.exit == EXITS[1]
    shut(house)  # 43.6 m against 36.7 m: nearly a fifth longer
    assert (house.way("b").exit == EXITS[0]) == turns


def test_a_kept_way_that_is_closed_is_left_at_once() -> None:
    house = Burning(burning_site(), margin_ratio=9.0)
    shut(house, EXITS[0])
    assert house.way("b").exit == EXITS[1]
    shut(house, EXITS[1])
    assert house.way("b").exit == EXITS[0]


def drawn(graph: EscapeGraph, rng: np.random.Generator) -> Hazards:
    """Hazards of any kind drawn by lot."""
    cells, spots = len(graph.site.graph.cells), len(graph.site.graph.spots)
    return Hazards(
        (), rng.choice([1.0, 0.5, 0.1], cells, p=[0.9, 0.06, 0.04]), rng.random(cells) < 0.02, rng.random(spots) < 0.02,
        rng.choice([0.0, 10.0], spots, p=[0.95, 0.05]), {}, {},
    )  # fmt: skip


@pytest.fixture(scope="module")
def estate() -> EscapeGraph:
    return escape_graph(site_graph(build(read(Path(sample_sites.__file__).parent / "riverside"))))


def test_ways_are_the_best_and_kept_ones_end_safely_within_the_margin(estate: EscapeGraph) -> None:
    rng = np.random.default_rng(11)
    before: WaysOut | None = None
    graph = estate.site.graph
    for _ in range(12):
        hazards = drawn(estate, rng)
        found = ways_out(estate, hazards, before, margin_ratio=0.1)
        known = np.isfinite(found.best_s)
        assert (np.isfinite(found.seconds) == known).all()
        assert (found.seconds[known] <= 1.1 * found.best_s[known] + 1e-6).all()
        assert (found.seconds[known] >= found.best_s[known] - 1e-6).all()
        assert np.isin(found.ends[known], estate.targets).all()
        # arc by arc what it says, and never through what is shut
        rows = np.flatnonzero(known & (found.arcs != NOWHERE))
        arcs = found.arcs[rows]
        assert (graph.tails[arcs] == rows).all()
        assert not hazards.is_shut[graph.heads[arcs]].any()
        assert found.seconds[rows] == pytest.approx(found.weights[arcs] + found.seconds[graph.heads[arcs]], abs=1e-6)
        before = found


def test_ways_kept_up_to_date_are_those_asked_anew(estate: EscapeGraph) -> None:
    rng = np.random.default_rng(5)
    solver, graph = Solver(estate), estate.site.graph
    for _ in range(10):
        hazards = drawn(estate, rng)
        kept, anew = ways_out(estate, hazards, solver=solver), ways_out(estate, hazards)
        assert (np.isfinite(kept.best_s) == np.isfinite(anew.best_s)).all()
        known = np.isfinite(anew.best_s)
        assert kept.best_s[known] == pytest.approx(anew.best_s[known], rel=1e-9, abs=1e-9)
        # of ways that are equally good either may be taken
        rows = np.flatnonzero(kept.arcs != NOWHERE)
        arcs = kept.arcs[rows]
        assert kept.weights[arcs] + kept.best_s[graph.heads[arcs]] == pytest.approx(kept.best_s[rows], abs=1e-9)


def test_the_best_is_what_networkx_finds(estate: EscapeGraph) -> None:
    hazards = drawn(estate, np.random.default_rng(4))
    found = ways_out(estate, hazards)
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(estate.site.graph.spots)))
    order = np.argsort(-found.weights, kind="stable")  # of parallel arcs the quickest is added last
    for arc in order[np.isfinite(found.weights[order])].tolist():
        tail, head = int(estate.site.graph.tails[arc]), int(estate.site.graph.heads[arc])
        graph.add_edge(head, tail, weight=float(found.weights[arc]))
    expected = nx.multi_source_dijkstra_path_length(graph, set(estate.targets.tolist()))
    assert {row for row in range(len(found.best_s)) if np.isfinite(found.best_s[row])} == set(expected)
    for row, seconds in expected.items():
        assert found.best_s[row] == pytest.approx(seconds, rel=1e-9, abs=1e-9)


def test_every_space_of_the_estate_has_a_way_out_and_none_over_a_roof(estate: EscapeGraph) -> None:
    usual = estate.usual
    assert usual.without == ()
    for way in usual.all(ways_none(estate)):
        assert way.exit is None or "/f1/" in way.exit or "/b1/" in way.exit or "/f0/" in way.exit


def ways_none(estate: EscapeGraph) -> Hazards:
    cells, spots = len(estate.site.graph.cells), len(estate.site.graph.spots)
    no = np.zeros(spots, dtype=bool)
    return Hazards((), np.ones(cells), np.zeros(cells, dtype=bool), no, np.zeros(spots), {}, {})
