"""Ways out against rules, on a corridor of flats worked out by hand."""

from pathlib import Path

import pytest

from tests.twin.houses import door, house, on
from tests.twin.riverside_in_small import box
from twin.errors import EvacuationError
from twin.evacuation.audit import audit
from twin.evacuation.checked import EgressFinding
from twin.evacuation.rules import egress_rules
from twin.fabric.site_graph import site_graph
from twin.index import build


def found(
    *, west: bool = True, east: bool = True, exit_m: float = 1.2, door_m: float = 1.0, wide_m: float = 2.0,
    shut_in: bool = False, last: int = 1, **building: object,
) -> dict[tuple[str, str], EgressFinding]:  # fmt: skip
    """Six flats of 10 by 6 m along a corridor of 60 m; findings by rule and place."""
    spaces: list[tuple[str, str, object]] = [("way", "corridor", box(0, 0, 60, wide_m))]
    low, high = wide_m / 2 - exit_m / 2, wide_m / 2 + exit_m / 2
    doors = []
    if west:
        doors.append(door("west", ((0, low), (0, high)), "way", "outside"))
    if east:
        doors.append(door("east", ((60, low), (60, high)), "way", "outside"))
    for k in range(6):
        spaces.append((f"{k}", "flat", box(10 * k, wide_m, 10 * k + 10, wide_m + 6)))
        spaces.append((f"{k}/room", "bedroom", box(10 * k, wide_m, 10 * k + 10, wide_m + 6)))
        if not (shut_in and k == 5):
            at = 10 * k + 5
            doors.append(door(f"d{k}", ((at - door_m / 2, wide_m), (at + door_m / 2, wide_m)), f"{k}/room", "way"))
    made = house(spaces, doors, last=last, use="residential", **building)  # type: ignore[arg-type]
    storeys = [
        storey.replace(
            spaces=tuple(
                space.replace(parent=space.id.removesuffix("/room")) if space.id.endswith("/room") else space
                for space in storey.spaces
            )
        )
        for storey in made.storeys
    ]
    index = build(on(made.replace(storeys=tuple(storeys))))
    findings = audit(site_graph(index), egress_rules(), step_free=site_graph(index, clearance_m=0.39))
    return {(one.rule, one.place.removeprefix("h/")): one for one in findings}


def test_between_two_exits_the_nearer_counts() -> None:
    of = found()
    # the door of the third flat is at 25 m, the corridor's middle 1 m off its wall
    one = of["travel-between", "f1/2"]
    assert one.reached == pytest.approx(25.0, abs=0.3)
    assert one.is_met
    assert one.objects == ("h/f1/d2", "h/f1/west")
    assert not any(rule == "travel-dead-end" for rule, _ in of)


@pytest.mark.parametrize(("flat", "away_m", "is_met"), [(0, 5, True), (1, 15, True), (2, 25, False), (5, 55, False)])
def test_with_one_exit_the_corridor_is_a_dead_end(flat: int, away_m: float, *, is_met: bool) -> None:
    one = found(east=False)["travel-dead-end", f"f1/{flat}"]
    assert one.reached == pytest.approx(away_m, abs=0.3)
    assert one.is_met is is_met


@pytest.mark.parametrize(("width_m", "is_met"), [(1.0, False), (1.1, True), (1.4, True)])
def test_exits_are_as_wide_as_asked(width_m: float, *, is_met: bool) -> None:
    one = found(exit_m=width_m)["exit-width", "f1/west"]
    assert (round(one.reached, 3), one.is_met) == (width_m, is_met)


@pytest.mark.parametrize(("width_m", "is_met"), [(0.7, False), (0.8, True)])
def test_flats_doors_are_as_wide_as_asked(width_m: float, *, is_met: bool) -> None:
    one = found(door_m=width_m)["door-width", "f1/d3"]
    assert (round(one.reached, 3), one.is_met) == (width_m, is_met)


@pytest.mark.parametrize(("width_m", "is_met"), [(1.0, False), (1.2, True), (2.4, True)])
def test_corridors_are_as_wide_as_where_they_are_narrowest(width_m: float, *, is_met: bool) -> None:
    one = found(wide_m=width_m, exit_m=0.8)["corridor-width", "f1/way"]
    assert one.reached == pytest.approx(width_m, abs=0.02)
    assert one.is_met is is_met


@pytest.mark.parametrize(("height_m", "is_asked"), [(20.0, False), (30.0, True), (60.0, True)])
def test_tall_houses_need_two_ways_down(height_m: float, *, is_asked: bool) -> None:
    of = found(east=False, height_m=height_m)
    one = of.get(("stairs-enough", "f1"))
    assert (one is not None) is is_asked
    assert one is None or (one.reached, one.is_met) == (1.0, False)


def test_a_flat_without_a_door_has_no_way_out() -> None:
    of = found(shut_in=True)
    assert not of["has-way-out", "f1/5/room"].is_met
    assert of["has-way-out", "f1/4/room"].is_met
    assert not of["step-free", "f1/5"].is_met


def test_a_storey_without_stairs_or_lift_is_left_and_reached_by_nobody() -> None:
    of = found(last=2, west=False, east=False)
    assert not of["has-way-out", "f2/0/room"].is_met
    assert not of["step-free", "f2/0"].is_met
    assert not of["travel-dead-end", "f2/0"].is_met


def test_a_wheelchair_does_not_pass_a_narrow_door() -> None:
    of = found(door_m=0.7)
    assert not of["step-free", "f1/0"].is_met
    assert of["has-way-out", "f1/0/room"].is_met


def test_a_site_states_values_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "evacuation_rules.yaml").write_text("rules: {stair-width: {value: 1.3, source: fire brigade}}\n")
    own = egress_rules(tmp_path)
    assert (own["stair-width"].value, own["stair-width"].where, own["stair-width"].certainty) == (
        1.3, "fire brigade", "chosen",
    )  # fmt: skip
    assert own["stair-tread"] == egress_rules()["stair-tread"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules: {stair-widht: {value: 1}}", "'stair-widht'.*did you mean stair-width"),
        ("rules: {9: {value: 1}}", "rules names 9, which is no rule; rules are .*stair-width"),
        ("rules: {stair-width: 1.3}", "stair-width is to be a mapping"),
        ("rules: {stair-width: {value: wide}}", "stair-width.value: .*number"),
        ("rules: {stair-width: {valeu: 1.3}}", "stair-width.valeu"),
        ("rules: [stair-width]", "rules is to list values by name"),
        ("stair-width: 1.3", "begin with rules"),
        ("rules: [", "cannot be read"),
    ],
)
def test_a_file_of_values_that_cannot_be_used_is_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "evacuation_rules.yaml").write_text(text)
    with pytest.raises(EvacuationError, match=says):
        egress_rules(tmp_path)
