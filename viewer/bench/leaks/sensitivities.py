"""What every leak candidate does to every sensor: as exact as EPANET's differences, and how much faster."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.epanet import Project
from pipe_network.hydraulics import States, simulate, snapshot
from pipe_network.model import Network
from pipe_network.sensitivity import prepare, sensitivities
from viewer.bench.figures import Figure, Goal
from viewer.bench.leaks.differences import central_differences, closely, public_networks
from viewer.bench.leaks.trials import LTOWN_SENSORS
from viewer.bench.replay import shared_data

Floats = NDArray[np.float64]

SEED: Final = 20
_HOUR_S: Final = 3600
_DAY_H: Final = 24
_STILL_RATIO: Final = 1e-3
"""Junctions whose every pipe passes less than this share of the median pipe are at a dead end."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one network: compared pairs of sensor and junction, and the share that agrees to a hundredth."""

    name: str
    pairs: int
    ratio: float


def figures(*, quick: bool, tell: Callable[[str], None], seed: int = SEED) -> Iterator[Figure]:
    """Exactness on every network at hand, and speed on L-Town: its day of 24 hours, 33 sensors, 782 candidates.

    Timed is what an event asks for: EPANET's run of the day, reading it, and all sensitivities; the network's
    structure is prepared before. The peer draws a little more at one junction after the other, hour by hour, in a
    network that is open and warm, and reads the sensors. Times are of the processor, so that neighbours do not count.
    """
    data = shared_data()
    for found in agreements(data, quick=quick, tell=tell, seed=seed):
        yield Figure(f"{found.name}: sensitivities within 1 % of EPANET", "%", 100 * found.ratio, Goal(">=", 99.0))
    network = dict(public_networks(data))["L-TOWN"]
    tell("L-Town, a day, every candidate")
    structure = prepare(network)
    day = _day(network)
    sensitivities(structure, day, LTOWN_SENSORS)
    runs = 3 if quick else 9
    ours, whole = [], []
    for _ in range(runs):
        begun = time.process_time()
        day = _day(network)
        solved = time.process_time()
        sensitivities(structure, day, LTOWN_SENSORS)
        ended = time.process_time()
        ours.append(ended - solved)
        whole.append(ended - begun)
    hours = 1 if quick else 4
    peer_s = brute_force_s(network, day, LTOWN_SENSORS, hours=hours) * _DAY_H / hours
    yield Figure("782 candidates x 33 sensors x 24 h: sensitivities", "ms", 1e3 * min(ours), Goal("<=", 50.0),
                 "EPANET in process", 1e3 * peer_s)  # fmt: skip
    yield Figure("the same with EPANET's run of the day", "ms", 1e3 * min(whole))
    yield Figure("times as fast as brute force", "x", peer_s / min(ours), Goal(">=", 100.0))


def _day(network: Network) -> States:
    course = simulate(network, duration_s=_DAY_H * _HOUR_S, step_s=_HOUR_S)
    return course.at(list(np.flatnonzero(course.times_s % _HOUR_S == 0)[:_DAY_H]))


def agreements(data: Path, *, quick: bool, tell: Callable[[str], None], seed: int) -> Iterator[Agreement]:
    """Each network at some moments, some sensors, some junctions, away from dead ends."""
    rng = np.random.default_rng(seed)
    for name, found in public_networks(data):
        tell(f"{name}: against EPANET's differences")
        if quick and len(found.junctions) > 500:
            continue
        network = closely(found)
        course = simulate(network, duration_s=min(network.times.duration_s, _DAY_H * _HOUR_S))
        ids = [j.id for j in network.junctions]
        right = pairs = 0
        moments = min(1 if quick else 3, len(course.times_s))
        for row in rng.choice(len(course.times_s), size=moments, replace=False):
            still = snapshot(network, course, int(row))
            states = simulate(still)
            lively = _lively(still, states)
            sensors = [ids[k] for k in rng.choice(len(ids), size=min(10 if quick else 30, len(ids)), replace=False)]
            draws = [
                k for k in rng.choice(len(ids), size=min(10 if quick else 40, len(ids)), replace=False) if lively[k]
            ]
            ours = sensitivities(still, states, sensors)[0][:, draws]
            peer = central_differences(still, sensors, [ids[k] for k in draws], ours)
            error = np.abs(ours - peer.values)[peer.are_smooth] / np.abs(peer.values[peer.are_smooth])
            right += int((error < 0.01).sum())
            pairs += error.size
        if pairs:
            yield Agreement(name, pairs, right / pairs)


def _lively(network: Network, states: States) -> NDArray[np.bool_]:
    """(junctions,) whether water moves there."""
    column = {name: k for k, name in enumerate(states.link_ids)}
    rows = {j.id: k for k, j in enumerate(network.junctions)}
    flows = np.abs(states.flows_m3_per_s[0])
    still = _STILL_RATIO * np.median(flows[flows > 0]) if (flows > 0).any() else 0.0
    most = np.zeros(len(rows))
    for link in network.links.values():
        for node in (link.start, link.end):
            if node in rows:
                most[rows[node]] = max(most[rows[node]], flows[column[link.id]])
    return most > still


def brute_force_s(network: Network, day: States, sensors: tuple[str, ...], *, hours: int) -> float:
    """Time EPANET takes to try a leak at every junction in some hours of the day. [s]"""
    taken = 0.0
    for row in np.linspace(0, len(day.times_s) - 1, hours).astype(int):
        still = snapshot(network, day, int(row))
        drawn = [sum(d.base_m3_per_s for d in j.demands) for j in still.junctions]
        with Project(still) as project:
            project.start()
            project.solve()
            rows = [project.node_row(j.id) for j in still.junctions]
            at = [project.node_row(s) for s in sensors]
            begun = time.process_time()
            for node, flow in zip(rows, drawn, strict=True):
                project.set_demands([node], [flow + 1e-3])
                project.solve()
                project.heads_at_m(at)
                project.set_demands([node], [flow])
            taken += time.process_time() - begun
    return taken
