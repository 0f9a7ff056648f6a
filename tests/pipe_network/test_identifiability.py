"""What would be found before any leak, and where a sensor helps: shapes of the truth that any noise must respect."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from pipe_network.errors import PipeNetworkError
from pipe_network.hydraulics import States, simulate
from pipe_network.identifiability import BalancedDistrict, Noise, observe, outlook
from pipe_network.inp import parse
from pipe_network.model import Network
from pipe_network.sensor_placement import place

M3_PER_H = 1 / 3600


def town() -> tuple[Network, States]:
    """Six by six crossings, streets of 100 m, fed at one corner."""
    lines = ["[JUNCTIONS]"] + [f"n{r}{c} 0 {2 + (r * c) % 3}" for r in range(6) for c in range(6)]
    lines += ["[RESERVOIRS]", "src 60", "[PIPES]", "feed src n00 50 250 120"]
    lines += [f"h{r}{c} n{r}{c} n{r}{c + 1} 100 100 120" for r in range(6) for c in range(5)]
    lines += [f"v{r}{c} n{r}{c} n{r + 1}{c} 100 100 120" for r in range(5) for c in range(6)]
    lines += ["[PATTERNS]", "day 0.4 0.3 0.6 1.4 1.2 1.1 1.5 0.9", "[TIMES]", "DURATION 7:00", "[OPTIONS]", "UNITS CMH",
              "PATTERN day"]  # fmt: skip
    network = parse("\n".join(lines) + "\n")
    return network, simulate(network)


def test_more_sensors_more_time_and_larger_leaks_never_find_less() -> None:
    network, states = town()
    few, more = (observe(network, states, s) for s in (["n33"], ["n33", "n05", "n50", "n55"]))
    base = outlook(few, 5 * M3_PER_H)
    assert (outlook(more, 5 * M3_PER_H).smallest_m3_per_s <= base.smallest_m3_per_s + 1e-12).all()
    assert (outlook(few, 5 * M3_PER_H, within_s=240 * 3600).smallest_m3_per_s <= base.smallest_m3_per_s + 1e-12).all()
    large = outlook(few, 15 * M3_PER_H)
    np.testing.assert_allclose(large.smallest_m3_per_s, base.smallest_m3_per_s)  # it is not of the size asked for
    sooner = large.found_after_s <= base.found_after_s
    assert (sooner | np.isnan(base.found_after_s)).all()
    assert np.isfinite(large.found_after_s).sum() >= np.isfinite(base.found_after_s).sum()


def test_a_leak_is_found_from_its_smallest_size_on() -> None:
    network, states = town()
    seen = observe(network, states, ["n33", "n05", "n50"])
    smallest = outlook(seen, M3_PER_H).smallest_m3_per_s
    middle = float(np.median(smallest))
    found = np.isfinite(outlook(seen, middle).found_after_s)
    np.testing.assert_array_equal(found, smallest <= middle * (1 + 1e-9))


def test_areas_shrink_with_sensors_and_stay_within_the_network() -> None:
    network, states = town()
    total_m = sum(p.length_m for p in network.pipes)
    areas = []
    for sensors in (["n33"], ["n33", "n05", "n50", "n55"], [j.id for j in network.junctions]):
        area_m = outlook(observe(network, states, sensors), 20 * M3_PER_H).area_90_m
        assert np.nanmax(area_m) <= total_m + 1e-6
        assert np.nanmin(area_m) >= 50.0 - 1e-9  # no less than the shortest pipe
        areas.append(float(np.nanmedian(area_m)))
    assert areas[0] > areas[1] > areas[2]


def test_a_balance_tells_its_district_and_nothing_inside_it() -> None:
    network, states = town()
    west = tuple(p.id for p in network.pipes if p.id[-1] in "012")
    east = tuple(p.id for p in network.pipes if p.id not in west)
    districts = [BalancedDistrict("west", west, 10 * M3_PER_H), BalancedDistrict("east", east, 10 * M3_PER_H)]
    got = outlook(observe(network, states, [], districts=districts), 2 * M3_PER_H)
    length_m = {p.id: p.length_m for p in network.pipes}
    for members in (west, east):
        all_m = sum(length_m[p] for p in members)
        inside = [got.area_90_m[got.pipes.index(p)] for p in members]
        # pipes are whole, so nine tenths end somewhere within the last one
        assert np.ptp(inside) == pytest.approx(0.0)
        assert 0.9 * all_m <= inside[0] <= 0.9 * all_m + 100.0


def test_without_anything_that_observes_nothing_is_found() -> None:
    network, states = town()
    got = outlook(observe(network, states, []), 50 * M3_PER_H)
    assert np.isinf(got.smallest_m3_per_s).all()
    assert np.isnan(got.found_after_s).all()
    assert np.isnan(got.area_90_m).all()


def test_greedy_sensors_come_near_the_best_pair_and_under_their_bound() -> None:
    network, states = town()
    nodes = ["n02", "n20", "n25", "n33", "n44", "n52", "n55"]
    quiet = Noise(pressure_m=0.05, lasting_pressure_m=0.02)

    def worth(chosen: tuple[str, ...]) -> float:
        return place(network, states, chosen, count=0, size_m3_per_s=5 * M3_PER_H, noise=quiet).today_ratio

    best = max(worth(pair) for pair in combinations(nodes, 2))
    got = place(network, states, [], count=2, size_m3_per_s=5 * M3_PER_H, noise=quiet)
    assert got.placed[-1].worth_ratio >= (1 - 1 / np.e) * best
    assert got.bound_ratio >= best - 1e-9
    assert got.placed[-1].worth_ratio == pytest.approx(worth(tuple(p.node for p in got.placed)))
    assert got.placed[0].gain_ratio >= got.placed[1].gain_ratio


def test_asking_few_nodes_again_chooses_as_asking_all_does() -> None:
    network, states = town()
    at_once = place(network, states, ["n33"], count=6, size_m3_per_s=5 * M3_PER_H)
    sensors = ["n33"]
    for chosen in at_once.placed:
        # with the sensors so far given, all nodes are new and each is asked
        again = place(network, states, sensors, count=1, size_m3_per_s=5 * M3_PER_H)
        assert again.placed[0].gain_ratio == pytest.approx(chosen.gain_ratio)
        gains = place(network, states, sensors, count=36, size_m3_per_s=5 * M3_PER_H).placed
        assert max(p.gain_ratio for p in gains) <= chosen.gain_ratio + 1e-12
        sensors.append(chosen.node)
    whole = place(network, states, sensors, count=0, size_m3_per_s=5 * M3_PER_H)
    assert whole.today_ratio == pytest.approx(at_once.placed[-1].worth_ratio)


def test_first_choice_adds_most_of_all_nodes_and_the_bound_is_above_it() -> None:
    network, states = town()
    today = place(network, states, ["n33"], count=0, size_m3_per_s=5 * M3_PER_H).today_ratio
    alone = [
        place(network, states, ["n33", j.id], count=0, size_m3_per_s=5 * M3_PER_H).today_ratio - today
        for j in network.junctions
        if j.id != "n33"
    ]
    got = place(network, states, ["n33"], count=1, size_m3_per_s=5 * M3_PER_H)
    assert got.placed[0].gain_ratio == pytest.approx(max(alone))
    assert got.bound_ratio >= today + max(alone) - 1e-12


def test_what_is_done_is_told_up_to_the_whole() -> None:
    network, states = town()
    told: list[float] = []
    place(network, states, [], count=1, size_m3_per_s=5 * M3_PER_H, tell=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_place_that_has_a_sensor_gets_no_second_one() -> None:
    network, states = town()
    got = place(network, states, ["n55"], count=36, size_m3_per_s=5 * M3_PER_H)
    nodes = [p.node for p in got.placed]
    assert "n55" not in nodes
    assert len(set(nodes)) == len(nodes)


def test_one_pipe_is_told_apart_from_none() -> None:
    network, states = town()
    with pytest.raises(PipeNetworkError, match="fewer than two pipes"):
        place(replace(network, pipes=network.pipes[:1]), states, [], count=1, size_m3_per_s=M3_PER_H)
