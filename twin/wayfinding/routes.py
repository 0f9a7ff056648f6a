"""The way from one place of a site to another: through which doors, along which line, how long it takes.

Which doors, stairs and lifts are passed is found on the graph of all ways, in seconds; the line is then pulled taut on
each storey, round corners and jambs, so that its length is that of the way as one walks it.
"""

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from geometry.taut_lines import Gate, taut_line
from geometry.walk_graph import legs_in
from twin.errors import WayfindingError
from twin.wayfinding.ends import End
from twin.wayfinding.network import Costs, Found, Network, Wayfinder
from twin.wayfinding.profiles import Profile

Floats = NDArray[np.float64]
LegKind = Literal["walk", "stair", "lift", "ramp"]
_NONE: Final = -1
_SAME_M: Final = 1e-6


class NoRouteError(WayfindingError):
    """No way leads there for who asks."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A door that is passed.

    Attributes
    ----------
    into : spaces of the room behind it; none in the open
    at_m : how far along its leg
    is_locked : and takes a key, a card, or somebody who opens
    is_private : into a flat, whose people open
    is_after_hours : and stands open at other hours
    """

    id: str
    into: tuple[str, ...]
    at_m: float
    is_locked: bool
    is_private: bool = False
    is_after_hours: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """A part of a way: over one floor, or by one stair, lift or ramp.

    Attributes
    ----------
    kind : ``walk`` on one storey
    id : of the stair, lift or ramp
    storey : where it is, or where a stair, lift or ramp leads to; none in the open
    line_m : (n, 3)
    """

    kind: LegKind
    id: str
    storey: str | None
    line_m: Floats
    length_m: float
    duration_s: float
    rise_m: float = 0.0
    doors: tuple[Passed, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A way, leg by leg."""

    start: End
    end: End
    profile: Profile
    legs: tuple[Leg, ...]

    @property
    def length_m(self) -> float:
        """As one walks; what one rides in a lift is none of it."""
        return sum(leg.length_m for leg in self.legs if leg.kind != "lift")

    @property
    def duration_s(self) -> float:
        """What it takes, with waiting for lifts and unlocking."""
        return sum(leg.duration_s for leg in self.legs)


@dataclass(frozen=True, slots=True)
class Hop:
    """From one spot to the next: through a cell, or by a link.

    Attributes
    ----------
    head : row of the spot it leads to; -1 for the end
    arc : -1 from the start and to the end
    """

    cell: int
    link: int
    head: int
    arc: int = _NONE


@dataclass(frozen=True, slots=True)
class Chain:
    """Which spots a way passes, and what it takes by the graph."""

    start_m: tuple[float, float, float]
    end_m: tuple[float, float, float]
    hops: tuple[Hop, ...]
    seconds: float


def route(
    ways: Wayfinder, start: End, end: End, profile: Profile, *, closed: Collection[str] = (), is_released: bool = False
) -> Route:
    """The quickest way.

    Parameters
    ----------
    start, end : see `twin.wayfinding.ends.end_of`; of the profile's own network
    closed : ids of doors, stairs, lifts, ramps and gates that are out of use, and of spaces nobody goes through
    is_released : nothing is locked or private, as in an evacuation

    Raises
    ------
    NoRouteError
        If there is none. `twin.wayfinding.refusals.explained` says why.
    """
    network = ways.network(profile)
    costs = network.costs(profile, (start, end), closed=closed, is_released=is_released)
    chain = chain_of(network, start, end, costs, profile)
    if chain is None:
        raise NoRouteError(f"no way leads from {start.id} to {end.id} for {profile.name.en}")
    return Route(start, end, profile, tuple(_legs(network, chain, costs.seconds, profile, is_released=is_released)))


def chain_of(network: Network, start: End, end: End, costs: Costs, profile: Profile) -> Chain | None:
    """The spots of the quickest way; none where no way leads."""
    speed = profile["level_m_per_s"]
    found = network.from_end(start, costs, profile)
    best: Chain | None = _straight(network, start, end, speed)
    for cell, point in end.spots:
        rows, legs_s = network.first(replace(end, spots=((cell, point),)), costs, profile)
        if not len(rows):
            continue
        total = found.seconds[rows] + legs_s
        k = int(total.argmin())
        if np.isfinite(total[k]) and (best is None or total[k] < best.seconds):
            best = _traced(network, found, start, int(rows[k]), costs.seconds)
            best = replace(best, end_m=point, seconds=float(total[k]), hops=(*best.hops, Hop(cell, _NONE, _NONE)))
    return best


def _straight(network: Network, start: End, end: End, speed_m_per_s: float) -> Chain | None:
    """Within one room."""
    best: Chain | None = None
    for (a, here), (b, there) in itertools.product(start.spots, end.spots):
        cell = network.graph.cells[a]
        if a != b or cell.floor is None:
            continue
        length_m = float(cell.floor.lengths_m(cell.own(np.array([here])), cell.own(np.array([there])))[0, 0])
        if np.isfinite(length_m) and (best is None or length_m / speed_m_per_s < best.seconds):
            best = Chain(here, there, (Hop(a, _NONE, _NONE),), length_m / speed_m_per_s)
    return best


def _traced(network: Network, found: Found, start: End, last: int, seconds: Floats) -> Chain:
    """Back from a spot to the start."""
    spots = [last]
    while (before := int(found.before[spots[-1]])) >= 0:
        spots.append(before)
    spots.reverse()
    graph = network.graph
    cell, point = min(
        (s for s in start.spots if spots[0] in graph.spots_in[s[0]]),
        key=lambda s: float(legs_in(graph.cells[s[0]], s[1], [graph.spots[spots[0]]])[0]),
    )
    hops = [Hop(cell, _NONE, spots[0])]
    for tail, head in itertools.pairwise(spots):
        arc = network.arc(tail, head, seconds)
        hops.append(Hop(int(graph.cells_of[arc]), int(graph.links_of[arc]), head, arc))
    return Chain(point, point, tuple(hops), 0.0)


def _legs(network: Network, chain: Chain, seconds: Floats, profile: Profile, *, is_released: bool) -> Iterator[Leg]:
    """Walks between links, and the links."""
    at = np.array(chain.start_m)
    for linked, group in itertools.groupby(chain.hops, key=lambda hop: _link_id(network, hop)):
        hops = list(group)
        to = np.array(chain.end_m) if hops[-1].head < 0 else network.graph.points_m[hops[-1].head]
        if linked:
            yield _ridden(network, hops, at, float(seconds[[hop.arc for hop in hops]].sum()))
        else:
            yield from _walked(network, hops, (at, to), profile, is_released=is_released)
        at = to


def _link_id(network: Network, hop: Hop) -> str:
    return network.graph.links[hop.link].id if hop.link >= 0 else ""


def _ridden(network: Network, hops: Sequence[Hop], at: Floats, duration_s: float) -> Leg:
    """A stair, lift or ramp, from where one enters to where one leaves."""
    graph = network.graph
    links = [graph.links[hop.link] for hop in hops]
    kind: LegKind = "lift" if links[0].kind == "lift_door" else links[0].kind  # type: ignore[assignment] # as the graph says
    head = graph.spots[hops[-1].head]
    points = np.array([at, *(graph.points_m[hop.head] for hop in hops)])
    points = points[
        np.concatenate(([True], np.hypot(*np.diff(points[:, :2], axis=0).T) + np.diff(points[:, 2]) ** 2 > 0))
    ]
    storey = network.storeys[head.cells[0]] if head.cells else None
    rise_m = float(points[-1][2] - points[0][2])
    length_m = sum(link.length_m for link in links)
    return Leg(kind, links[0].id, storey, points, length_m, duration_s, rise_m)


def _walked(
    network: Network, hops: Sequence[Hop], ends_m: tuple[Floats, Floats], profile: Profile, *, is_released: bool
) -> Iterator[Leg]:
    """Over the floors of the rooms passed, a leg for each storey."""
    graph = network.graph
    cells = [graph.cells[hop.cell] for hop in hops]
    doors = [graph.spots[hop.head] for hop in hops[:-1]]
    gates: list[Gate] = [network.gates[door.id] for door in doors]
    levels = [network.storeys[hop.cell] or "" for hop in hops]
    lines = taut_line(cells, gates, ends_m, levels=levels, clearance_m=network.of.clearance_m, floors=network.floors)
    if not lines:
        raise NoRouteError(f"the way through {', '.join(cell.id for cell in cells)} cannot be drawn")
    first = 0
    for storey, group in itertools.groupby(_with_rows(lines), key=lambda part: network.storeys[hops[part[0]].cell]):
        parts = list(group)
        last = parts[-1][0] + parts[-1][1]
        line = np.vstack([line for *_, line in parts])
        line = line[np.concatenate(([True], np.abs(np.diff(line, axis=0)).max(axis=1) > _SAME_M))]
        passed = tuple(_passed(network, hops[k], hops[k + 1].cell, line, profile, is_released=is_released)
                       for k in range(first, min(last, len(hops) - 1)))  # fmt: skip
        length_m = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
        locks_s = profile["unlock_s"] * sum(door.is_locked for door in passed)
        yield Leg("walk", "", storey, line, length_m, length_m / profile["level_m_per_s"] + locks_s, 0.0, passed)
        first = last


def _with_rows(lines: Sequence[tuple[int, Floats]]) -> Iterator[tuple[int, int, Floats]]:
    """First row, number of rooms, line."""
    first = 0
    for count, line in lines:
        yield first, count, line
        first += count


def _passed(network: Network, hop: Hop, cell: int, line: Floats, profile: Profile, *, is_released: bool) -> Passed:
    """A door on a line, and what is behind it."""
    opening = network.of.index.openings[network.graph.spots[hop.head].id]
    x, y, _ = network.graph.points_m[hop.head]
    at_m = float(shapely.LineString(line[:, :2]).project(shapely.Point(x, y))) if len(line) > 1 else 0.0
    lock = None if is_released else network.access.lock_of(opening.id, profile)
    return Passed(
        opening.id, _behind(network, opening.connects, cell), at_m, lock is not None, lock == "private",
        is_after_hours=lock is not None and opening.id in profile.after_hours,
    )  # fmt: skip


def _behind(network: Network, sides: tuple[str, str], cell: int) -> tuple[str, ...]:
    """The spaces of the room behind a door, the one at the door first."""
    if cell == len(network.graph.cells) - 1:
        return ()
    rooms = network.rooms.get(cell) or tuple(side for side in sides if side in network.of.index.spaces)
    return tuple(sorted(rooms, key=lambda room: room not in sides))
