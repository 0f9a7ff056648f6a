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

import heapq
from collections.abc import Callable, Sequence
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
_BLOCK: Final = 2_000_000
"""Numbers worked on at once, 16 MB: a town of 3,000 nodes would otherwise take many times the memory of a server."""
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
    tell: Callable[[float], None] | None = None,
) -> Placement:
    """New sensors, chosen one after the other.

    Parameters
    ----------
    sensors : nodes that have one
    size_m3_per_s : of the leaks to be told apart
    hours : over which readings are averaged [h]
    tell : is told the share that is done; choosing itself takes next to nothing

    Raises
    ------
    PipeNetworkError
        If the network has fewer than two pipes.
    """
    if len(network.pipes) < 2:
        raise PipeNetworkError("a network of fewer than two pipes has nothing to tell apart; no sensor can help")
    pairs = _pairs(network, states, size_m3_per_s=size_m3_per_s, hours=hours, noise=noise or Noise(), seed=seed,
                   tell=tell or _nobody)  # fmt: skip
    row = {n: k for k, n in enumerate(pairs.nodes)}
    has_one = [row[name] for name in dict.fromkeys(sensors) if name in row]
    reached = np.zeros(pairs.count)
    for k in has_one:
        reached += pairs.worth(k)
    today = float(np.minimum(reached, 1.0).mean())
    choice = _Choice(pairs, reached, set(has_one))
    placed: list[Placed] = []
    for _ in range(min(count, len(pairs.nodes))):
        best, gain = choice.best_inplace()
        if gain <= 0.0:
            break
        choice.take_inplace(best)
        placed.append(Placed(pairs.nodes[best], choice.reached_ratio, gain))
    bound = min(1.0, choice.reached_ratio + sum(choice.largest_inplace(max(count, 0))))
    return Placement(today, tuple(placed), bound)


def _nobody(_done_ratio: float) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Pairs of pipes, and what tells them apart.

    Attributes
    ----------
    signatures_m : (n, pipes) what a leak in each pipe does to the head at each node
    first, second : (pairs,) rows of pipes
    gains_ratio : (n,) what one sensor alone tells apart at each node
    """

    nodes: tuple[str, ...]
    signatures_m: NDArray[np.float32]
    first: NDArray[np.intp]
    second: NDArray[np.intp]
    spread_m2: float
    response_ratio: float
    gains_ratio: Floats

    @property
    def count(self) -> int:
        """How many pairs."""
        return len(self.first)

    def worth(self, node: int) -> Floats:
        """(pairs,) how far a sensor at a node tells each pair apart; 1 is enough."""
        return _worth(self.signatures_m[node], self.first, self.second, self.spread_m2, self.response_ratio)


def _worth(
    signature_m: NDArray[np.float32],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    spread_m2: float,
    response_ratio: float,
) -> Floats:
    one, other = signature_m[first].astype(np.float64), signature_m[second].astype(np.float64)
    unsure = response_ratio**2 * 0.5 * (one * one + other * other)
    result: Floats = np.minimum((one - other) ** 2 / (spread_m2 + unsure) / _ENOUGH, 1.0)
    return result


class _Choice:
    """Sensors taken one after the other, asking again only those that may be the best.

    What a sensor adds only falls as others are taken; so what it added when it was last asked bounds what it adds now,
    and most need not be asked again. The answer is that of asking all.

    References
    ----------
    M. Minoux, Accelerated greedy algorithms for maximizing submodular set functions, Optimization Techniques (1978).
    """

    def __init__(self, pairs: _Pairs, reached: Floats, taken: set[int]) -> None:
        self._pairs = pairs
        self._reached = reached
        self._round = 0
        # the largest bound first, of equal ones the first node; a bound is true of the round it was asked in
        asked = 0 if not taken else -1
        self._bounds = [(-float(g), k, asked) for k, g in enumerate(pairs.gains_ratio) if k not in taken]
        heapq.heapify(self._bounds)

    @property
    def reached_ratio(self) -> float:
        """Share of the pairs told apart by all sensors so far."""
        return float(np.minimum(self._reached, 1.0).mean())

    def best_inplace(self) -> tuple[int, float]:
        """The node that adds most, and how much; nothing where no node is left."""
        while self._bounds:
            bound, node, asked = self._bounds[0]
            if asked == self._round:
                return node, -bound
            heapq.heapreplace(self._bounds, (-self._gain(node), node, self._round))
        return -1, 0.0

    def take_inplace(self, node: int) -> None:
        """Put a sensor at the best node."""
        heapq.heappop(self._bounds)
        self._reached = self._reached + self._pairs.worth(node)
        self._round += 1

    def largest_inplace(self, count: int) -> list[float]:
        """What each of the nodes that add most would add by itself."""
        found: list[float] = []
        while len(found) < count and self._bounds:
            found.append(self.best_inplace()[1])
            heapq.heappop(self._bounds)
        return found

    def _gain(self, node: int) -> float:
        left = 1.0 - np.minimum(self._reached, 1.0)
        return float(np.minimum(self._pairs.worth(node), left).mean())


def _pairs(
    network: Network,
    states: States,
    *,
    size_m3_per_s: float,
    hours: float,
    noise: Noise,
    seed: int,
    tell: Callable[[float], None],
) -> _Pairs:
    some = np.linspace(0, len(states.times_s) - 1, min(_MOMENTS, len(states.times_s))).round().astype(np.intp)
    states = states.at(some)
    nodes = tuple(j.id for j in network.junctions)
    row = {name: k for k, name in enumerate(nodes)}
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
    signatures_m = np.empty((len(nodes), len(lengths)), dtype=np.float32)
    gains = np.empty(len(nodes))
    size = max(_BLOCK // (len(states.times_s) * (nowhere + 1)), 1)
    for begin in range(0, len(nodes), size):
        block = slice(begin, begin + size)
        by_draw = np.nan_to_num(sensitivities(structure, states, nodes[block])).mean(axis=0)  # (block, junctions)
        padded = np.concatenate([by_draw, np.zeros((len(by_draw), 1))], axis=1)
        signatures_m[block] = size_m3_per_s * 0.5 * (padded[:, start] + padded[:, end])
        for k in range(begin, begin + len(by_draw)):
            gains[k] = _worth(signatures_m[k], first, second, spread_m2, noise.response_ratio).mean()
        tell(min(begin + size, len(nodes)) / len(nodes))
    return _Pairs(nodes, signatures_m, first, second, spread_m2, noise.response_ratio, gains)
