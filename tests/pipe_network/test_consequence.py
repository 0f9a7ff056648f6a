"""What closing does to a network, as EPANET runs it."""

from dataclasses import replace

import numpy as np
import pytest

from pipe_network.consequence import compare, course, with_closed
from pipe_network.errors import UnknownElementError
from pipe_network.inp import parse
from pipe_network.model import Tank

TOWN = """
[JUNCTIONS]
a 0 0
b 0 18 day
c 20 9 day
[RESERVOIRS]
r 50
[TANKS]
t 30 2 0.5 4 4 0
[PIPES]
p1 r a 500 200 130
p2 a b 500 100 130
p3 b c 500 80 130
p4 a c 2000 60 130
p5 c t 50 150 130
[PATTERNS]
day 0.5 2 0.5
[TIMES]
DURATION 24:00
PATTERN TIMESTEP 8:00
[OPTIONS]
UNITS CMH
"""


def _by_node(values: np.ndarray, ids: tuple[str, ...]) -> dict[str, float]:
    return dict(zip(ids, values.tolist(), strict=True))


def test_a_closed_pipe_carries_nothing_and_its_neighbours_more() -> None:
    network = parse(TOWN)
    usual, shut = course(network), course(network, closed=["p2"])
    column = usual.link_ids.index
    assert np.abs(shut.flows_m3_per_s[:, column("p2")]).max() < 1e-9
    assert shut.flows_m3_per_s[:, column("p4")].mean() > usual.flows_m3_per_s[:, column("p4")].mean()


def test_low_pressure_is_told_at_its_worst_moment() -> None:
    town = TOWN.replace("day 0.5 2 0.5", "day 0.5 1.5 0.5")
    network = replace(parse(town), tanks=(Tank("t", 20.0, 3.0, 0.0, 4.0, 40.0),))
    usual, shut = course(network), course(network, closed=["p2"])
    told = compare(usual, shut, {"b": 15.0, "c": 0.5})
    (low,) = told.low
    row = shut.node_ids.index("b")
    assert low.node == "b"
    assert low.pressure_head_m == pytest.approx(shut.pressure_heads_m[:, row].min())
    assert low.pressure_head_m < low.needed_m < low.before_m
    assert 8 * 3600 <= low.at_s < 16 * 3600  # the pattern's peak


def test_what_was_low_before_is_not_laid_to_the_valve() -> None:
    network = parse(TOWN)
    usual = course(network)
    told = compare(usual, course(network, closed=[]), {"b": 60.0})
    assert (told.low, told.low_before) == ((), ("b",))


def test_a_tank_carries_its_nodes_until_it_is_empty() -> None:
    network = parse(TOWN)
    shut = course(network, closed=["p3", "p4"])
    told = compare(course(network), shut, {"c": 0.1})
    area_m2, drawn_m3 = np.pi * 4**2 / 4, 9 / 3600
    # 1.5 m of usable water, drawn at half rate for the first eight hours
    empty_s = (1.5 - 0.01) * area_m2 / (0.5 * drawn_m3)
    assert told.dry_after_s["c"] == pytest.approx(empty_s, rel=0.01)  # EPANET steps in whole seconds
    assert "b" not in told.dry_after_s


def test_what_has_no_source_is_dry_at_once_and_epanet_still_runs() -> None:
    network = parse(TOWN)
    shut = course(network, closed=["p1", "p5"])
    told = compare(course(network), shut, {"b": 10.0, "c": 10.0})
    assert _by_node(shut.fed[0], shut.node_ids) == {"a": False, "b": False, "c": False, "r": True, "t": True}
    assert {n for n, after_s in told.dry_after_s.items() if after_s == 0} == {"a", "b", "c"}
    assert told.low == ()


def test_controls_and_rules_do_not_open_what_was_closed() -> None:
    rules = (
        "[CONTROLS]\nLINK p2 OPEN AT TIME 1\nLINK p3 OPEN AT TIME 1\n"
        "[RULES]\nRULE 1\nIF SYSTEM TIME >= 2\nTHEN PIPE p2 STATUS = OPEN\n\n"
        "RULE 2\nIF SYSTEM TIME >= 2\nAND PIPE p2 STATUS IS CLOSED\nTHEN PIPE p3 STATUS = OPEN\n"
    )
    network = parse(TOWN + rules)
    changed = with_closed(network, ["p2"])
    assert changed.sections["CONTROLS"] == ("LINK p3 OPEN AT TIME 1",)
    assert [line for line in changed.sections["RULES"] if line.startswith("RULE")] == ["RULE 2"]
    shut = course(network, closed=["p2"])
    assert np.abs(shut.flows_m3_per_s[:, shut.link_ids.index("p2")]).max() < 1e-9


def test_an_unknown_link_is_refused() -> None:
    with pytest.raises(UnknownElementError, match="p9"):
        course(parse(TOWN), closed=["p9"])
