"""Ten thousand people out of thirty towers, and a tower a thousand times, beside jupedsim-network in the same run.

The peer is no dependency: where it is not installed its columns are left out.
"""

import importlib
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from twin.evacuation.flow import emptied
from twin.evacuation.flow_network import SAFE, FlowNetwork, People
from twin.evacuation.people import setting_off_s
from twin.evacuation.sfpe import stair_k
from viewer.bench.evacuation.rooms import Rooms
from viewer.bench.figures import Figure, Goal

_STOREYS: Final = 18
_FLATS: Final = (2, 2, 2, 2, 2, 3, 3, 3)
_TOWERS: Final = 30
_TREAD_M, _RISER_M = 0.28, 0.17
_FLAT_M, _CORRIDOR_M, _FLIGHT_M = 6.0, 7.5, 9.0
_RUNS: Final = 1000


def figures(*, quick: bool, tell: Callable[[str], None], seed: int = 1) -> Iterator[Figure]:
    """Times of the simulation and of a thousand runs of a tower."""
    towers = 5 if quick else _TOWERS
    rooms = _tower()
    one, people = rooms.network(), rooms.people()
    many, crowd = _alike(one, people, towers)
    tell(f"{people.persons.sum() * towers:.0f} people, {towers} towers")
    spent_s, clear_s = _timed(lambda: float(emptied(many, crowd, record_every_s=np.inf).clear_s[0]), 3)
    peer = _peer(towers, tell)
    name = f"{people.persons.sum() * towers:,.0f} people out of {towers} towers"
    goal = Goal("<=", 0.2) if towers == _TOWERS else None
    if peer is None:
        yield Figure(name, "s", spent_s, goal)
        yield Figure("time until the last is out", "s", clear_s)
    else:
        yield Figure(name, "s", spent_s, goal, peer="jupedsim-network", peer_value=peer[0])
        yield Figure("times as fast as jupedsim-network", "x", peer[0] / spent_s, Goal(">=", 20.0))
        yield Figure("time until the last is out", "s", clear_s, peer="jupedsim-network", peer_value=peer[1])
        yield Figure("and against its", "ratio", clear_s / peer[1], Goal(">=", 0.98, 1.02))
    runs = _RUNS // (10 if quick else 1)
    tell(f"{runs} runs of a tower")
    rng = np.random.default_rng(seed)
    starts = np.stack(
        [setting_off_s("lognormal", len(people.persons), rng, first=60.0, second=0.6) for _ in range(runs)]
    )
    began = time.perf_counter()
    drawn = emptied(one, replace(people, start_s=starts), step_s=1.0, record_every_s=np.inf).clear_s
    goal = Goal("<=", 3.0) if runs == _RUNS else None
    yield Figure(f"{runs} runs of a tower, {people.persons.sum():.0f} people", "s", time.perf_counter() - began, goal)
    yield Figure("of them half are clear by", "s", float(np.median(drawn)))
    yield Figure("and 95 of 100 by", "s", float(np.quantile(drawn, 0.95)))


def _timed(work: Callable[[], float], times: int) -> tuple[float, float]:
    spent, value = [], 0.0
    for _ in range(times):
        began = time.perf_counter()
        value = work()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent), value


def _tower() -> Rooms:
    """18 storeys of eight flats, two stairs: 342 people in 217 rooms and flights."""
    k = stair_k(_TREAD_M, _RISER_M)
    of = Rooms()
    for side in "ab":
        of.door(f"exit {side}", 1.1, specific_flow=1.3)
        for storey in range(_STOREYS, 0, -1):
            here = f"{side}{storey}"
            of.room(f"corridor {here}", 20.0)
            of.room(f"flight {here}", 1.1 * _FLIGHT_M, k=k)
            of.door(f"stair door {here}", 0.9, to=f"down {here}", specific_flow=1.3)
            of.door(f"stair {here}", 1.1, k=k, to=f"down {side}{storey - 1}" if storey > 1 else None)
            of.way(f"corridor {here}", f"corridor {here}", f"stair door {here}", _CORRIDOR_M)
            end = f"stair {here}" if storey > 1 else f"exit {side}"
            of.way(f"down {here}", f"flight {here}", end, _FLIGHT_M)
            for flat, persons in enumerate(_FLATS):
                if ("a" if flat % 2 else "b") == side:
                    name = f"flat {storey} {flat}"
                    of.room(name, 60.0)
                    of.door(name, 0.9, to=f"corridor {here}", specific_flow=1.3)
                    of.way(name, name, name, _FLAT_M)
                    of.group(name, persons)
    return of


def _alike(one: FlowNetwork, people: People, times: int) -> tuple[FlowNetwork, People]:
    """The same tower several times."""
    cells, legs, spots = len(one.areas_m2), len(one.leg_cells), len(one.capacity_per_s)

    def again(rows: Any, step: int) -> Any:  # noqa: ANN401 - arrays of whole numbers
        return np.concatenate([np.where(rows == SAFE, SAFE, rows + k * step) for k in range(times)])

    def same(values: Any) -> Any:  # noqa: ANN401 - arrays of numbers
        return np.tile(values, times)

    network = FlowNetwork(
        same(one.areas_m2), same(one.k_m_per_s), same(one.factors), again(one.leg_cells, cells),
        again(one.leg_ends, spots), same(one.lengths_m), same(one.weights), same(one.capacity_per_s),
        again(one.next_legs, legs),
    )  # fmt: skip
    crowd = People(again(people.legs, legs), same(people.lengths_m), same(people.persons), same(people.start_s),
                   same(people.speed_factors))  # fmt: skip
    return network, crowd


def _peer(towers: int, tell: Callable[[str], None]) -> tuple[float, float] | None:
    """Seconds that jupedsim-network takes for the same, and its answer; none where it is not installed."""
    try:
        other = importlib.import_module("jupedsim_network")
    except ImportError:
        return None
    tell(f"jupedsim-network, {towers} towers")
    network = other.Network()
    populations = []
    for tower in range(towers):
        for side in "ab":
            network.add_safe(f"{tower} out {side}")
            for storey in range(_STOREYS, 0, -1):
                here = f"{tower} {side}{storey}"
                network.add_room(f"corridor {here}", area=20.0)
                network.add_stair(f"flight {here}", riser=_RISER_M, tread=_TREAD_M, length=_FLIGHT_M, width=1.1)
                network.connect(f"corridor {here}", f"flight {here}", width=0.9, length=_CORRIDOR_M,
                                bidirectional=False)  # fmt: skip
                for flat, persons in enumerate(_FLATS):
                    if ("a" if flat % 2 else "b") == side:
                        name = f"flat {tower} {storey} {flat}"
                        network.add_room(name, area=60.0)
                        network.connect(name, f"corridor {here}", width=0.9, length=_FLAT_M, bidirectional=False)
                        populations.append(other.Population(name, persons))
            for storey in range(_STOREYS, 1, -1):
                network.connect(f"flight {tower} {side}{storey}", f"flight {tower} {side}{storey - 1}", width=1.1,
                                kind="stair", length=_FLIGHT_M, bidirectional=False)  # fmt: skip
            network.connect(f"flight {tower} {side}1", f"{tower} out {side}", width=1.1, length=_FLIGHT_M,
                            bidirectional=False)  # fmt: skip
    simulation = other.NetworkSimulation(network, populations, dt=0.5)
    return _timed(lambda: float(simulation.run(seed=1, record=False).evacuation_time), 1)
