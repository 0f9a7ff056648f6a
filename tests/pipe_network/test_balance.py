import pytest

from pipe_network.balance import MeterTree, NoMeterError, meter_tree
from pipe_network.errors import UnknownElementError
from pipe_network.inp import parse

# r = in => a, a ring a-b-c-a, a tower behind t: d with flats e and f, a house h without a meter of its own
TEXT = """
[JUNCTIONS]
a 1
b 1
c 1
d 1
e 1 5
f 1 5
h 1 5
[RESERVOIRS]
r 50
[PIPES]
in r a 10 100 130
ab a b 10 100 130
bc b c 10 100 130
ca c a 10 100 130
t b d 10 100 130
de d e 10 25 130
df d f 10 25 130
ch c h 10 25 130
"""
METERS = {"m-in": ["in"], "m-tower": ["t"], "m-e": ["de"], "m-f": ["df"]}


def tree(**changes: list[str]) -> MeterTree:
    return meter_tree(parse(TEXT), METERS | changes)


def signs(made: MeterTree, district: str) -> dict[str, float]:
    row = [d.id for d in made.districts].index(district)
    return {made.meters[column]: sign for column, sign in made.boundary(row)}


def test_what_comes_in_and_goes_out_of_a_ring() -> None:
    made = tree()
    assert signs(made, "m-in") == {"m-in": 1.0, "m-tower": -1.0}
    assert signs(made, "m-tower") == {"m-tower": 1.0, "m-e": -1.0, "m-f": -1.0}


def test_a_flat_is_an_end_and_its_pipe_is_behind_its_meter() -> None:
    made = tree()
    assert made.outlets["m-e"] == ("e",)
    assert made.end_pipes["m-e"] == ("de",)
    assert made.own_pipes == {"in": "m-in", "t": "m-tower"}


def test_who_has_no_meter_is_known_to_draw() -> None:
    ring = next(d for d in tree().districts if d.id == "m-in")
    assert ring.unmetered == ("h",)
    assert set(ring.pipes) == {"ab", "bc", "ca", "ch"}


def test_what_lies_before_the_first_meter_has_a_source() -> None:
    assert [d.has_source for d in tree().districts if d.id not in {"m-in", "m-tower"}] == [True]


def test_a_meter_inside_a_ring_says_nothing() -> None:
    made = tree(**{"m-ring": ["bc"]})
    assert "m-ring" not in signs(made, "m-in")


def test_two_meters_on_a_ring_part_it() -> None:
    made = tree(**{"m-1": ["ab"], "m-2": ["ca"]})
    assert signs(made, "m-1") == {"m-1": 1.0, "m-2": -1.0, "m-tower": -1.0}


def test_without_a_meter_its_districts_are_one() -> None:
    made = tree().without(["m-tower"])
    assert signs(made, "m-in") == {"m-in": 1.0, "m-e": -1.0, "m-f": -1.0}
    joined = next(d for d in made.districts if d.id == "m-in")
    assert {"ab", "t"} <= set(joined.pipes)


def test_an_end_without_its_meter_draws_unmetered() -> None:
    made = tree().without(["m-e", "unknown"])
    tower = next(d for d in made.districts if d.id == "m-tower")
    assert tower.unmetered == ("e",)
    assert "de" in tower.pipes


def test_a_shut_valve_parts_districts_too() -> None:
    made = meter_tree(parse(TEXT), METERS, closed=["bc", "ca"])
    alone = [d for d in made.districts if set(d.nodes) == {"c", "h"}]
    assert len(alone) == 1
    assert signs(made, "m-in") == {"m-in": 1.0, "m-tower": -1.0}


def test_a_network_without_meters_is_refused() -> None:
    with pytest.raises(NoMeterError, match="no link"):
        meter_tree(parse(TEXT), {})


def test_a_meter_on_a_link_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownElementError):
        meter_tree(parse(TEXT), {"m": ["nowhere"]})
