"""Upstream, downstream and connected."""

import numpy as np
import pytest

from pipe_network.errors import UnknownElementError
from pipe_network.inp import parse
from pipe_network.tracing import TraceError, trace, ways_by_flow, ways_by_gravity, ways_from

LOOP = parse("""
[JUNCTIONS]
a 5
b 4
c 4
d 3
e 2
[RESERVOIRS]
r 50
[PIPES]
p1 r a 10 100 130
p2 a b 10 100 130
p3 c a 10 100 130
p4 b d 10 100 130
p5 c d 10 100 130
p6 d e 10 100 130 0 CV
[OPTIONS]
UNITS CMH
""")
LINKS = ("p1", "p2", "p3", "p4", "p5", "p6")


def test_downstream_goes_both_sides_of_a_loop_and_no_further_than_the_flow() -> None:
    ways = ways_by_flow(LOOP, LINKS, np.array([4.0, 2.0, -2.0, 1.0, 1.0, 1.0]))
    down = trace(LOOP, "a", "downstream", ways=ways)
    assert set(down.links) == {"p2", "p3", "p4", "p5", "p6"}
    assert (down.ends, down.length_m) == (("e",), 50.0)
    assert set(trace(LOOP, "p4", "downstream", ways=ways).nodes) == {"d", "e"}
    up = trace(LOOP, "p4", "upstream", ways=ways)
    assert (up.nodes, up.ends) == (("b", "a", "r"), ("r",))


def test_a_pipe_that_turns_over_the_day_leads_both_ways() -> None:
    flows = np.array([[4.0, 2.0, -2.0, 1.0, 1.0, 1.0], [4.0, 2.0, -2.0, 1.0, -1.0, 1.0]])
    assert ways_by_flow(LOOP, LINKS, flows)["p5"] == (True, True)


def test_standing_water_leads_away_from_its_source() -> None:
    ways = ways_by_flow(LOOP, LINKS, np.zeros(6))
    assert ways == ways_from(LOOP, ["r"])
    assert (ways["p3"], ways["p4"]) == ((False, True), (True, False))


def test_a_closed_link_is_not_passed() -> None:
    assert trace(LOOP, "e", "connected", closed=["p4", "p5"]).nodes == ("e", "d")
    with pytest.raises(TraceError, match="p4"):
        trace(LOOP, "p4", "upstream", closed=["p4"])


def test_nothing_goes_back_through_a_check_valve() -> None:
    assert trace(LOOP, "e", "downstream").links == ()
    assert "d" in trace(LOOP, "e", "upstream").nodes


def test_drains_fall_to_the_outfall_although_the_receiving_water_stands_higher() -> None:
    drains = parse(
        "[JUNCTIONS]\na 3\nb 2\nc 2\n[RESERVOIRS]\nr 9\n[PIPES]\np a b 9 90 130\nq c b 9 90 130\ns r c 9 90 130\n"
    )
    ways = ways_by_gravity(drains, ["r"])
    assert ways == {"p": (True, False), "q": (False, True), "s": (False, True)}
    assert trace(drains, "a", "downstream", ways=ways).ends == ("r",)


def test_unknown_places_are_refused() -> None:
    with pytest.raises(UnknownElementError, match="nowhere"):
        trace(LOOP, "nowhere", "upstream")
    with pytest.raises(UnknownElementError, match="p9"):
        trace(LOOP, "a", "upstream", closed=["p9"])
