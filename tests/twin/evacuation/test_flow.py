"""People as streams: nobody is lost, doors hold up, streams share, and times hang on neither steps nor number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.evacuation.flow import emptied
from twin.evacuation.flow_network import SAFE, Change, FlowNetwork, People
from viewer.bench.evacuation.rooms import FREE_M_PER_S, Rooms

DOOR_PER_S = 0.7 * 1.4 / (4 * 0.266)
"""A door of 1 m: 0.7 m between the layers."""


def tree(doors: int, persons: list[float], seed: int) -> tuple[FlowNetwork, People]:
    """Rooms that lead into each other in a tree drawn by lot, people in all of them."""
    rng = np.random.default_rng(seed)
    goal = [int(rng.integers(-1, k)) if k else -1 for k in range(doors)]
    network = FlowNetwork(
        areas_m2=rng.uniform(5, 60, doors),
        k_m_per_s=np.full(doors, 1.4),
        factors=np.ones(doors),
        leg_cells=np.arange(doors),
        leg_ends=np.arange(doors),
        lengths_m=rng.uniform(0.1, 30, doors),
        weights=rng.uniform(0.5, 2, doors),
        capacity_per_s=rng.uniform(0.3, 2, doors),
        next_legs=np.array(goal),
    )
    many = len(persons)
    return network, People(
        rng.integers(doors, size=many), rng.uniform(0, 20, many), np.array(persons), rng.uniform(0, 60, many),
        rng.choice([0.4, 0.7, 1.0], many),
    )  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(
    doors=st.integers(1, 12),
    persons=st.lists(st.floats(0.1, 30), min_size=1, max_size=10),
    seed=st.integers(0, 10_000),
)
def test_nobody_is_lost_and_everybody_is_out(doors: int, persons: list[float], seed: int) -> None:
    network, people = tree(doors, persons, seed)
    done = emptied(network, people, record_every_s=1.0)
    total = sum(persons)
    assert float(done.left[0]) == 0.0
    assert float(done.passed[0, network.next_legs == SAFE].sum()) == pytest.approx(total, rel=1e-9)
    # at every moment inside and out are all there are
    assert done.inside.sum(axis=1) + done.out == pytest.approx(np.full(len(done.times_s), total), rel=1e-9)
    assert np.isfinite(done.clear_s[0])


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_several_runs_at_the_same_time_are_as_each_alone(seed: int) -> None:
    network, people = tree(6, [3.0, 8.0, 20.0], seed)
    starts = np.random.default_rng(seed).uniform(0, 90, (3, 3))
    together = emptied(network, People(people.legs, people.lengths_m, people.persons, starts, people.speed_factors))
    for run in range(3):
        alone = emptied(
            network, People(people.legs, people.lengths_m, people.persons, starts[run], people.speed_factors)
        )
        assert together.clear_s[run] == pytest.approx(float(alone.clear_s[0]), abs=1e-9)
        assert together.waited_person_s[run] == pytest.approx(alone.waited_person_s[0], abs=1e-6)


@pytest.mark.parametrize("step_s", [0.1, 0.25, 0.5, 1.0])
@pytest.mark.parametrize("persons", [1.0, 10.0, 250.0])
def test_times_follow_from_walk_and_width_whatever_the_step(step_s: float, persons: float) -> None:
    of = Rooms()
    of.room("hall")
    of.door("door", 1.0)
    of.way("way", "hall", "door", 12.0)
    of.group("way", persons)
    assert of.clear_s(step_s=step_s) == pytest.approx(12 / FREE_M_PER_S + persons / DOOR_PER_S, abs=step_s)


@pytest.mark.parametrize(("weights", "first_share"), [((1.0, 1.0), 0.5), ((3.0, 1.0), 0.75), ((1.0, 4.0), 0.2)])
def test_streams_that_meet_share_by_weight(weights: tuple[float, float], first_share: float) -> None:
    of = Rooms()
    of.room("hall")
    of.door("door", 1.0)
    for name, weight in zip("ab", weights, strict=True):
        of.room(name)
        of.way(name, name, "door", 1.0, weight=weight)
        of.group(name, 100)
    inside = of.run(record_every_s=20.0).inside[1]  # after 20 s
    gone = 100 - inside[[of.room_row("a"), of.room_row("b")]]
    assert gone[0] / gone.sum() == pytest.approx(first_share, abs=0.01)


def test_a_full_room_takes_nobody_in() -> None:
    of = Rooms()
    of.room("hall")
    of.room("closet", 4.0)
    of.door("in", 2.0, to="closet")
    of.door("out", 0.6)
    of.way("hall", "hall", "in", 1.0)
    of.way("closet", "closet", "out", 2.0)
    of.group("hall", 60)
    done = of.run()
    assert done.densest_per_m2[0, of.room_row("closet")] <= 2.75
    assert done.longest[0, of.door_row("in")] > 40


def test_who_comes_to_a_door_that_closes_turns_to_the_other() -> None:
    of = Rooms()
    of.room("hall")
    of.door("west", 1.0)
    of.door("east", 1.0)
    of.way("to west", "hall", "west", 5.0)
    of.way("turned", "hall", "east", 30.0)
    of.group("to west", 10)
    turned = Change(0.0, capacity_per_s=np.array([np.inf, DOOR_PER_S]), next_legs=np.array([1, SAFE]))
    done = of.run(changes=[turned])
    assert done.passed[0].tolist() == pytest.approx([10.0, 10.0])
    assert float(done.clear_s[0]) == pytest.approx(35 / FREE_M_PER_S + 10 / DOOR_PER_S, abs=1.0)


def test_behind_closed_doors_people_are_left_and_it_ends() -> None:
    of = Rooms()
    of.room("hall")
    of.door("shut", 0.2)  # narrower than what people keep from its sides
    of.way("way", "hall", "shut", 5.0)
    of.group("way", 10)
    done = of.run()
    assert float(done.left[0]) == pytest.approx(10.0)
    assert np.isinf(done.clear_s[0])


def test_slow_people_arrive_late_and_hold_nobody_up_in_the_open() -> None:
    of = Rooms()
    of.room("road")
    of.door("end")
    of.way("way", "road", "end", 60.0)
    of.group("way", 5)
    of.group("way", 5, speed=0.5)
    done = of.run(record_every_s=10.0)
    assert done.out[6] == pytest.approx(5.0)  # after a minute
    assert float(done.clear_s[0]) == pytest.approx(120.0, abs=1.0)
