"""Where one more pressure sensor helps most, and how far the choice can be from the best one.

A sensor helps by telling pipes apart in which a leak might be. Two pipes count as told apart in proportion to the
squared difference of what a leak in either does to the sensors, in units of their noise, until it is enough. What a set
of sensors is worth, summed over pairs of pipes, has falling returns (it is monotone and submodular), so that taking the
best sensor again and again comes within 1 - 1/e of the best set of that number, and the gains that are left bound it
from what was found.

References
----------
G. Nemhauser, L. Wolsey, M. Fisher, An analysis of approximations for maximizing submodular set functions, Mathematical
Programming 14 (1978): the greedy bound. J. Leskovec et al., KDD 2007: the bound from the gains that are left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.errors import PipeNetworkError
from pipe_network.hydraulics import States
from pipe_network.identifiability import Noise
from pipe_network.model import Network
from pipe_network.sensitivity import prepare, sensitivities

Floats = NDArray[np.float64]

_PAIRS: Final = 8_000
"""Pairs of metres of pipe that stand for all; another draw changes what is worth how much by one in a hundred."""
_MOMENTS: Final = 6
"""As many of a day's moments give the mean response to a few percent; every node is a sensor here, which costs."""
_BLOCK: Final = 10_000_000
"""Numbers worked on at once, 80 MB: a town of 3,000 nodes would otherwise take many times the memory of a server."""
_ENOUGH: Final = 9.0
"""Squared distance, in standard deviations, at which two pipes are told apart: three."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One sensor of the choice.

    Attributes
    ----------
    worth_ratio : share of the pairs of pipes told apart with it and all before it
    gain_ratio : what it adds
    """

    node: str
    worth_ratio: float
    gain_ratio: float


@dataclass(frozen=True, slots=True)
class Placement:
    """A choice of new sensors, the best first.

    Attributes
    ----------
    today_ratio : share of the pairs of pipes that the sensors there are tell apart
    bound_ratio : no choice of as many new sensors tells more than this apart
    """

    today_ratio: float
    placed: tuple[Placed, ...]
    bound_ratio: float


def place(
    network: Network,
    states: States,
    sensors: Sequence[str],
    *,
    count: int,
    size_m3_per_s: float,
    hours: float = 72.0,
    noise: Noise | None = None,
    seed: int = 1,
) -> Placement:
    """New sensors, chosen one after the other.

    Parameters
    ----------
    sensors : nodes that have one
    size_m3_per_s : of the leaks to be told apart
    hours : over which readings are averaged [h]

    Raises
    ------
    PipeNetworkError
        If the network has fewer than two pipes.
    """
    noise = noise or Noise()
    if len(network.pipes) < 2:
        raise PipeNetworkError("a network of fewer than two pipes has nothing to tell apart; no sensor can help")
    everywhere = [j.id for j in network.junctions]
    worth = _worth_by_node(
        network, states, everywhere, size_m3_per_s=size_m3_per_s, hours=hours, noise=noise, seed=seed
    )
    position = {n: k for k, n in enumerate(everywhere)}
    reached = np.zeros(worth.shape[0])
    for name in sensors:
        if name in position:
            reached += worth[:, position[name]]
            worth[:, position[name]] = 0.0  # a second one at the same place is no new sensor
    today = float(np.minimum(reached, 1.0).mean())
    placed: list[Placed] = []
    for _ in range(min(count, len(everywhere))):
        gains = _gains(reached, worth)
        best = int(np.argmax(gains))
        if gains[best] <= 0.0:
            break
        reached = reached + worth[:, best]
        worth[:, best] = 0.0
        placed.append(Placed(everywhere[best], float(np.minimum(reached, 1.0).mean()), float(gains[best])))
    left = np.sort(_gains(reached, worth))[::-1][: max(count, 0)]
    bound = min(1.0, float(np.minimum(reached, 1.0).mean() + left.sum()))
    return Placement(today, tuple(placed), bound)


def _gains(reached: Floats, worth: Floats) -> Floats:
    """(n,) what each node's sensor would add."""
    left = 1.0 - np.minimum(reached, 1.0)
    result: Floats = np.minimum(worth, left[:, None]).mean(axis=0)
    return result


def _worth_by_node(
    network: Network,
    states: States,
    nodes: Sequence[str],
    *,
    size_m3_per_s: float,
    hours: float,
    noise: Noise,
    seed: int,
) -> Floats:
    """(pairs, n) how far a sensor at each node tells each pair of pipes apart; 1 is enough."""
    some = np.linspace(0, len(states.times_s) - 1, min(_MOMENTS, len(states.times_s))).round().astype(np.intp)
    states = states.at(some)
    row = {j.id: k for k, j in enumerate(network.junctions)}
    nowhere = len(row)
    start = [row.get(p.start, nowhere) for p in network.pipes]
    end = [row.get(p.end, nowhere) for p in network.pipes]
    lengths = np.array([p.length_m for p in network.pipes])
    rng = np.random.default_rng(seed)
    first, second = rng.choice(len(lengths), size=(2, _PAIRS), p=lengths / lengths.sum())
    apart = first != second
    first, second = first[apart], second[apart]
    spread_m2 = noise.pressure_m**2 / hours + noise.lasting_pressure_m**2
    structure = prepare(network)
    result = np.empty((len(first), len(nodes)))
    most = max(len(states.times_s) * (nowhere + 1), len(first))
    for begin in range(0, len(nodes), max(_BLOCK // most, 1)):
        block = slice(begin, begin + max(_BLOCK // most, 1))
        by_draw = np.nan_to_num(sensitivities(structure, states, nodes[block])).mean(axis=0)  # (block, junctions)
        padded = np.concatenate([by_draw, np.zeros((len(by_draw), 1))], axis=1)
        signature = size_m3_per_s * 0.5 * (padded[:, start] + padded[:, end])  # (block, pipes)
        one, other = signature[:, first], signature[:, second]
        unsure = noise.response_ratio**2 * 0.5 * (one**2 + other**2)
        result[:, block] = np.minimum((one - other) ** 2 / (spread_m2 + unsure) / _ENOUGH, 1.0).T
    return result
