"""The shortest round through places, given what it takes from each to each; there and back may differ.

Few places are tried in all orders, by dynamic programming; of more, a good order is mended until no reversal and no
move of a few places mends it further.

References
----------
Held & Karp, A dynamic programming approach to sequencing problems, J. SIAM 10 (1962): the exact recursion.
Or, Traveling salesman-type combinatorial problems (1976): moving segments of up to three places.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

EXACT: Final = 12
"""Most places beside the start for which all orders are tried: 0.1 s."""
_LONGEST: Final = 3
_LEAST: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Tour:
    """An order of places.

    Attributes
    ----------
    order : rows, from the start on; a round trip does not repeat it at the end
    cost : of the whole
    is_proven : whether no other order is cheaper
    """

    order: tuple[int, ...]
    cost: float
    is_proven: bool


def shortest_tour(costs: ArrayLike, *, is_round: bool = True, exact: int = EXACT) -> Tour:
    """The cheapest order that begins at the first place and comes to every other.

    Parameters
    ----------
    costs : (n, n) from row to column, infinite where no way is
    is_round : whether it comes back to the first
    exact : most places beside the first for which all orders are tried

    Examples
    --------
    >>> square = np.array([(0, 0), (3, 3), (3, 0), (0, 3)])
    >>> costs = np.abs(square[:, None] - square[None]).sum(axis=2)
    >>> shortest_tour(costs)
    Tour(order=(0, 3, 1, 2), cost=12.0, is_proven=True)
    >>> shortest_tour(costs, is_round=False).cost
    9.0
    """
    given = np.array(costs, dtype=np.float64)
    np.fill_diagonal(given, 0.0)
    if len(given) < 2:
        return Tour(tuple(range(len(given))), 0.0, is_proven=True)
    if not is_round:
        given[:, 0] = 0.0  # coming back costs nothing: the end is free
    if len(given) - 1 <= exact:
        order = _exact(given)
        return Tour(tuple(order), _cost(given, order), is_proven=True)
    order = _mended(given, _inserted(given))
    return Tour(tuple(order), _cost(given, order), is_proven=False)


def _cost(costs: Floats, order: list[int]) -> float:
    return float(costs[order, np.roll(order, -1)].sum())


def _exact(costs: Floats) -> list[int]:
    """Of all orders the cheapest; sets of places are numbers whose bits are the places but the first."""
    count = len(costs) - 1
    inner = costs[1:, 1:]
    best = np.full((1 << count, count), np.inf)
    came = np.full((1 << count, count), -1, dtype=np.int8)
    best[1 << np.arange(count), np.arange(count)] = costs[0, 1:]
    for been in range(1, 1 << count):
        into = best[been][:, None] + inner
        least = into.min(axis=0)
        source = into.argmin(axis=0)
        for place in range(count):
            after = been | 1 << place
            if after != been and least[place] < best[after, place]:
                best[after, place], came[after, place] = least[place], source[place]
    been = (1 << count) - 1
    at = int((best[been] + costs[1:, 0]).argmin())
    if not np.isfinite(best[been, at]):
        return list(range(len(costs)))
    order: list[int] = []
    while at >= 0:
        order.append(at + 1)
        been, at = been ^ 1 << at, int(came[been, at])
    return [0, *reversed(order)]


def _inserted(costs: Floats) -> list[int]:
    """Places put in one after the other, the farthest first, each where it costs least."""
    order = [0]
    left = set(range(1, len(costs)))
    while left:
        away = costs[np.ix_(order, sorted(left))].min(axis=0)
        place = sorted(left)[int(np.where(np.isfinite(away), away, -1).argmax())]
        ahead = np.roll(order, -1)
        more = costs[order, place] + costs[place, ahead] - costs[order, ahead]
        order.insert(int(np.nan_to_num(more, nan=np.inf).argmin()) + 1, place)
        left.remove(place)
    return order


def _mended(costs: Floats, order: list[int]) -> list[int]:
    """Reversals and moves of segments as long as they help."""
    cost = _cost(costs, order)
    while True:
        for changed in (*_reversed(costs, order), *_moved(costs, order)):
            if (found := _cost(costs, changed)) < cost - _LEAST:
                order, cost = changed, found
                break
        else:
            return order


def _reversed(costs: Floats, order: list[int]) -> list[list[int]]:
    """The best reversal of a segment, if any mends the order by itself."""
    n = len(order)
    ahead = costs[order, np.roll(order, -1)]
    back = costs[np.roll(order, -1), order]
    on, reverse = np.concatenate(([0.0], np.cumsum(ahead))), np.concatenate(([0.0], np.cumsum(back)))
    i, j = np.triu_indices(n, k=1)
    inside = i > 0
    i, j = i[inside], j[inside]
    rows = np.array(order)
    before, first, last, after = rows[i - 1], rows[i], rows[j], rows[(j + 1) % n]
    with np.errstate(invalid="ignore"):
        gain = costs[before, last] + costs[first, after] + reverse[j] - reverse[i] - (on[j + 1] - on[i - 1])
    return _if_better(gain, lambda k: [*order[: i[k]], *reversed(order[i[k] : j[k] + 1]), *order[j[k] + 1 :]])


def _moved(costs: Floats, order: list[int]) -> list[list[int]]:
    """The best move of one to three places to elsewhere, for each length."""
    n, found = len(order), []
    rows = np.array(order)
    for length in range(1, min(_LONGEST, n - 2) + 1):
        starts = np.arange(1, n - length + 1)
        first, last = rows[starts], rows[starts + length - 1]
        before, after = rows[starts - 1], rows[(starts + length) % n]
        freed = costs[before, first] + costs[last, after] - costs[before, after]
        # between every two neighbours that are not in the segment
        gaps = np.arange(n)
        one, other = rows[gaps], rows[(gaps + 1) % n]
        with np.errstate(invalid="ignore"):
            more = costs[one][:, first].T + costs[last][:, other] - costs[one, other]
            gain = more - freed[:, None]
        within = (gaps[None] >= starts[:, None] - 1) & (gaps[None] < starts[:, None] + length)
        gain[within] = np.inf
        flat = gain.ravel()
        found += _if_better(flat, partial(_with_moved, order, length))
    return found


def _with_moved(order: list[int], length: int, move: int) -> list[int]:
    start, gap = move // len(order) + 1, move % len(order)
    segment = order[start : start + length]
    rest = [*order[:start], *order[start + length :]]
    at = gap + 1 if gap < start else gap + 1 - length
    return [*rest[:at], *segment, *rest[at:]]


def _if_better(gain: Floats, changed: Callable[[int], list[int]]) -> list[list[int]]:
    if not len(gain):
        return []
    k = int(np.nan_to_num(gain, nan=np.inf).argmin())
    return [changed(k)] if gain[k] < -_LEAST else []
