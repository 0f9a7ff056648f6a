"""Smallest cuts of small graphs, and among equally small ones the one that takes least with it.

A cut parts the vertices into a near side, which holds the target, and a far side with every sink. The cuts of least
size are the near sides that no residual arc leaves (Picard and Queyranne): after one maximum flow the smallest near
side is what the target still reaches, and a further wish is met by a second flow over what is left open.

References
----------
J. Edmonds, R. Karp, Theoretical improvements in algorithmic efficiency for network flow problems, J. ACM 19 (1972).
J.-C. Picard, M. Queyranne, On the structure of all minimum cuts in a network, Math. Programming Study 13 (1980).
"""

import math
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

Arc = tuple[int, int, float]
"""Two vertices and what it costs to part them."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A least cut: the vertices on the target's side, and the rows of the arcs that cross to the other."""

    near: frozenset[int]
    arcs: tuple[int, ...]


class _Flow:
    """A flow from one vertex to several sinks, raised along shortest ways until none is left."""

    def __init__(self, count: int, target: int, sinks: Collection[int]) -> None:
        self.target = target
        self.sinks = frozenset(sinks)
        self.heads: list[int] = []
        self.residual: list[float] = []
        self.out: list[list[int]] = [[] for _ in range(count)]

    def add_inplace(self, start: int, end: int, forward: float, backward: float) -> None:
        for tail, head, capacity in ((start, end, forward), (end, start, backward)):
            self.out[tail].append(len(self.heads))
            self.heads.append(head)
            self.residual.append(capacity)

    def raise_inplace(self) -> None:
        while way := self._way():
            least = min(self.residual[a] for a in way)
            for a in way:
                self.residual[a] -= least
                self.residual[a ^ 1] += least

    def _way(self) -> list[int]:
        came = {self.target: -1}
        todo = deque([self.target])
        while todo:
            at = todo.popleft()
            if at in self.sinks:
                way: list[int] = []
                while came[at] >= 0:
                    way.append(came[at])
                    at = self.heads[came[at] ^ 1]
                return way
            for a in self.out[at]:
                head = self.heads[a]
                if self.residual[a] > 0 and head not in came:
                    came[head] = a
                    todo.append(head)
        return []

    def reach(self, begin: Iterable[int], *, backwards: bool = False) -> set[int]:
        """What is reached from some vertices over what is left, or, backwards, what still reaches them."""
        found = set(begin)
        todo = list(found)
        for at in todo:
            for a in self.out[at]:
                left = self.residual[a ^ 1] if backwards else self.residual[a]
                if left > 0 and self.heads[a] not in found:
                    found.add(self.heads[a])
                    todo.append(self.heads[a])
        return found


def least_cut(
    count: int, arcs: Sequence[Arc], target: int, sinks: Collection[int], *,
    weights: Sequence[float] | None = None, efforts: Sequence[float] | None = None,
) -> Cut | None:  # fmt: skip
    """The cut of least cost between a vertex and all sinks; none if only infinite arcs part them.

    Of equally cheap cuts the one with the least weight on the near side, of these the one with the least effort, of
    these the one with the fewest vertices on the near side.

    Parameters
    ----------
    count : number of vertices
    arcs : undirected; a cost may be infinite
    weights : (count,) of the vertices, not negative; without them vertices count alike
    efforts : (arcs,) not negative

    Examples
    --------
    >>> line = [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0)]
    >>> least_cut(4, line, 0, [3]).arcs, least_cut(4, line, 0, [3], weights=[0] * 4, efforts=[2, 1, 2]).arcs
    ((0,), (1,))
    """
    if _joined(count, arcs, target, sinks):
        return None
    flow = _Flow(count, target, sinks)
    for start, end, cost in arcs:
        flow.add_inplace(start, end, cost, cost)
    flow.raise_inplace()
    near = flow.reach([target])
    if efforts is not None:
        # the smallest near side has the least weight; it may grow by what weighs nothing
        heavy = [] if weights is None else [v for v in range(count) if weights[v] > 0 and v not in near]
        barred = flow.reach([*sinks, *heavy], backwards=True)
        if len(near) + len(barred) < count and weights is not None:
            near = _easiest(flow, arcs, efforts, barred)
    return Cut(frozenset(near), tuple(k for k, (a, b, _) in enumerate(arcs) if (a in near) != (b in near)))


def _easiest(flow: _Flow, arcs: Sequence[Arc], efforts: Sequence[float], barred: Collection[int]) -> set[int]:
    second = _Flow(len(flow.out), flow.target, barred)
    for (start, end, cost), effort in zip(arcs, efforts, strict=True):
        if math.isfinite(cost):
            second.add_inplace(start, end, effort, effort)
    for tail, row in enumerate(flow.out):
        for a in row:
            if flow.residual[a] > 0:  # crossing it would cost more than the least
                second.add_inplace(tail, flow.heads[a], math.inf, 0.0)
    second.raise_inplace()
    return second.reach([flow.target])


def _joined(count: int, arcs: Sequence[Arc], target: int, sinks: Collection[int]) -> bool:
    """Whether arcs that cannot be cut join the target with a sink."""
    firm = _Flow(count, target, sinks)
    for start, end, cost in arcs:
        if math.isinf(cost):
            firm.add_inplace(start, end, cost, cost)
    return not firm.sinks.isdisjoint(firm.reach([target]))
