"""Why no way leads somewhere for who asks: what is in the way, and how far one gets."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from geometry.walk_graph import Point3
from twin.fabric.site_graph import OUTDOORS
from twin.index import SiteIndex
from twin.model.base import Text
from twin.wayfinding.ends import End
from twin.wayfinding.network import Costs, Network, Wayfinder
from twin.wayfinding.opening_times import hours_of
from twin.wayfinding.profiles import Profile
from twin.wayfinding.routes import Chain, Hop, NoRouteError, Route, chain_of, route
from twin.wayfinding.seconds import arc_seconds
from twin.wayfinding.words import link_name, named

Cause = Literal[
    "closed",
    "after_hours",
    "locked",
    "private",
    "narrow",
    "steps",
    "no_lift",
    "steep",
    "aloft",
    "not_for_cars",
    "apart",
]

_NONE: Final = -1
_BARRED_S: Final = 1e6
"""What passing something that is closed costs: the way that is told is the one with the fewest of these."""
_WORDS: Final[dict[Cause, Text]] = {
    "closed": Text(zh="{name}已关闭", en="{name} is closed"),
    "after_hours": Text(
        zh="{name}此时不开放（开放时间：{hours}）", en="{name} is not open at that time (its hours: {hours})"
    ),
    "locked": Text(zh="{name}上锁，{who}没有钥匙", en="{name} is locked and takes a key that {who} has not"),
    "private": Text(zh="要穿过他人的住宅（{name}）", en="it leads through somebody else's flat ({name})"),
    "narrow": Text(zh="{name}对{who}太窄", en="{name} is too narrow for {who}"),
    "steps": Text(
        zh="只有楼梯（{name}），{who}走不了楼梯", en="there are only steps ({name}), which {who} cannot take"
    ),
    "no_lift": Text(zh="{who}不能用{name}", en="{who} cannot use {name}"),
    "steep": Text(zh="{name}对{who}太陡", en="{name} is too steep for {who}"),
    "aloft": Text(zh="{name}不通地面", en="{name} does not lead onto the ground"),
    "not_for_cars": Text(zh="{name}不通车", en="cars cannot pass {name}"),
    "apart": Text(zh="没有门、楼梯或电梯通到{name}", en="no door, stair or lift leads to {name}"),
}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that is in the way.

    Attributes
    ----------
    id : of the door, stair, lift, ramp, or room
    """

    cause: Cause
    id: str
    point_m: Point3
    text: Text


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no way.

    Attributes
    ----------
    obstacles : on the way with the fewest of them
    reached : the last thing on it that can be reached; none where one does not even get out of the start
    reached_s : how long it takes to get there
    """

    text: Text
    obstacles: tuple[Obstacle, ...]
    reached: str | None
    reached_s: float


class RefusedError(NoRouteError):
    """No way leads there for who asks; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.text.en)


def route_or_refuse(
    ways: Wayfinder, start: End, end: End, profile: Profile, *, closed: Collection[str] = (), is_released: bool = False
) -> Route:
    """The quickest way, as `twin.wayfinding.routes.route` finds it.

    Raises
    ------
    RefusedError
        If there is none; it says why.
    """
    try:
        return route(ways, start, end, profile, closed=closed, is_released=is_released)
    except NoRouteError:
        why = refusal(ways, start, end, profile, closed=closed, is_released=is_released)
        raise RefusedError(why) from None


def refusal(
    ways: Wayfinder, start: End, end: End, profile: Profile, *, closed: Collection[str] = (), is_released: bool = False
) -> Refusal:
    """Why no way leads from one end to another.

    Asked is the way that passes the fewest things which are closed to this profile, on the graph of somebody slim.

    Parameters
    ----------
    start, end : of the profile's own network
    closed, is_released : as `twin.wayfinding.routes.route` was asked
    """
    own, slim = ways.network(profile), ways.network_of(0.0)
    free = _able(profile)
    mine = slim.costs(profile, (start, end), closed=closed, is_released=is_released)
    lacking = ~np.isin(_codes(slim), _codes(own))
    passed = np.where(np.isfinite(mine.seconds) & ~lacking, 0.0, _BARRED_S)
    seconds = arc_seconds(slim.of, free, locks_s=mine.locks_s) + passed
    chain = chain_of(slim, start, end, Costs(seconds, np.zeros_like(mine.is_shut), mine.locks_s), free)
    if chain is None:
        return _told(start, end, profile, (_apart(end),))
    found: dict[str, tuple[int, Obstacle]] = {}
    asked = _Asked(slim, own, profile, mine, frozenset(closed), is_released)
    tail = _NONE
    for k, hop in enumerate(chain.hops):
        points = _ends_of(slim, chain, tail, hop)
        if (cause := asked.cause(hop, points)) is not None and cause[1] not in found:
            found[cause[1]] = k, _obstacle(slim, cause, points[1], profile)
        tail = hop.head
    if not found:  # a way there is
        raise ValueError(f"a way leads from {start.id} to {end.id}: nothing is in the way")
    first = min(k for k, _ in found.values())
    walked = [hop for hop in chain.hops[:first] if hop.arc >= 0]
    reached = slim.graph.spots[chain.hops[first - 1].head].id if first else None
    seconds_there = float(sum(seconds[hop.arc] for hop in walked))
    told = None if reached is None else _name(slim.of.index, reached)
    refused = _told(start, end, profile, tuple(o for _, o in found.values()))
    if told is None:
        return refused
    zh, en = f"{refused.text.zh}。可到达{told.zh}", f"{refused.text.en}. One gets as far as {told.en}"
    return Refusal(Text(zh=zh, en=en), refused.obstacles, reached, seconds_there)


def _ends_of(slim: Network, chain: Chain, tail: int, hop: Hop) -> tuple[Point3, Point3]:
    points = slim.graph.points_m
    one = chain.start_m if tail < 0 else tuple(points[tail].tolist())
    other = chain.end_m if hop.head < 0 else tuple(points[hop.head].tolist())
    return one, other


def _codes(network: Network) -> NDArray[np.int64]:
    """(arcs,) a number for each way between two spots through one room: graphs of all clearances number alike."""
    graph = network.graph
    count = max(len(graph.spots), len(graph.cells) + 1, len(graph.links) + 1)
    code: NDArray[np.int64] = graph.tails.astype(np.int64) * count + graph.heads
    # rooms and links follow each other, so that one number tells both; 2^63 is far
    return code * 4 + np.where(graph.cells_of >= 0, graph.cells_of % 2, 2 + graph.links_of % 2)


def _able(profile: Profile) -> Profile:
    """The same, able to go anywhere."""
    able = {"clearance_m": 0.0, "takes_steps": 1.0, "takes_lifts": 1.0, "steepest_ramp_ratio": np.finfo(float).max}
    values = {
        name: given.replace(value=able[name]) if name in able else given for name, given in profile.values.items()
    }
    return profile.replace(opens=frozenset({"common", "technical", "private"}), is_vehicle=False, values=values)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that had no answer."""

    slim: Network
    own: Network
    profile: Profile
    mine: Costs
    closed: frozenset[str]
    is_released: bool

    def cause(self, hop: Hop, points_m: tuple[Point3, Point3]) -> tuple[Cause, str] | None:
        """Why the profile cannot take a hop, and what is in the way; none where it can."""
        if hop.head >= 0 and self.mine.is_shut[hop.head]:
            return self._shut(hop)
        if hop.link >= 0:
            return None if np.isfinite(self.mine.seconds[hop.arc]) else self._link(hop)
        cell = self.own.graph.cells[hop.cell]
        if hop.arc >= 0 and not np.isfinite(self.mine.seconds[hop.arc]):
            closed = [name for name in sorted(self.closed) if self.own.of.cell_of.get(name) == hop.cell]
            return ("closed", closed[0]) if closed else ("private", cell.id)
        if cell.floor is not None:
            one, other = (cell.own(np.array([point])) for point in points_m)
            if np.isfinite(cell.floor.lengths_m(one, other)[0, 0]):
                return None
        is_ground = hop.cell == len(self.own.graph.cells) - 1
        return ("not_for_cars" if self.profile.is_vehicle and is_ground else "narrow"), cell.id

    def _shut(self, hop: Hop) -> tuple[Cause, str]:
        access, spot = self.slim.access, self.slim.graph.spots[hop.head]
        if spot.id in self.closed:
            return "closed", spot.id
        kind = access.lock_of(spot.id, self.profile)
        if kind not in {None, "private", *self.profile.opens} and not self.is_released:
            return ("after_hours" if spot.id in self.profile.after_hours else "locked"), spot.id
        if access.is_aloft[hop.head]:
            return "aloft", spot.id
        if spot.width_m < 2 * self.profile.clearance_m:
            return "narrow", spot.id
        return "not_for_cars", spot.id

    def _link(self, hop: Hop) -> tuple[Cause, str]:
        link = self.slim.graph.links[hop.link]
        if link.kind == "stair":
            return "steps", link.id
        if link.kind in {"lift", "lift_door"}:
            return "no_lift", link.id
        steep_ratio = abs(link.rise_m) / max(link.length_m, 1e-9)
        return ("steep" if steep_ratio > self.profile["steepest_ramp_ratio"] else "not_for_cars"), link.id


def _obstacle(slim: Network, found: tuple[Cause, str], point_m: Point3, profile: Profile) -> Obstacle:
    cause, name = found
    index = slim.of.index
    return Obstacle(cause, name, point_m, _filled(cause, _name(index, name), profile, hours_of(index).get(name, "")))


def _name(index: SiteIndex, name: str) -> Text:
    """What people call a door, room, stair, lift or ramp."""
    if name in index.openings:
        sides = [named(index.spaces[s].name, s) for s in index.openings[name].connects if s in index.spaces]
        zh, en = "与".join(side.zh for side in sides), " and ".join(side.en for side in sides)
        return Text(zh=f"{zh}的门 {name}", en=f"door {name} of {en}")
    if name in index.spaces:
        return named(index.spaces[name].name, name)
    if name == OUTDOORS:
        return Text(zh="室外地面", en="the open ground")
    return link_name(index, name)


def _filled(cause: Cause, name: Text, profile: Profile, hours: str) -> Text:
    words, who = _WORDS[cause], named(profile.name, profile.id)
    return Text(
        zh=words.zh.format(name=name.zh, who=who.zh, hours=hours),
        en=words.en.format(name=name.en, who=f"a {who.en}", hours=hours),
    )


def _apart(end: End) -> Obstacle:
    words, name = _WORDS["apart"], named(end.name, end.id)
    return Obstacle(
        "apart", end.id, end.point_m, Text(zh=words.zh.format(name=name.zh), en=words.en.format(name=name.en))
    )


def _told(start: End, end: End, profile: Profile, obstacles: tuple[Obstacle, ...]) -> Refusal:
    here, there, who = named(start.name, start.id), named(end.name, end.id), named(profile.name, profile.id)
    zh = "；".join(obstacle.text.zh for obstacle in obstacles)
    en = "; ".join(obstacle.text.en for obstacle in obstacles)
    return Refusal(
        Text(
            zh=f"{who.zh}无法从{here.zh}到{there.zh}：{zh}",
            en=f"no way leads from {here.en} to {there.en} for a {who.en}: {en}",
        ),
        obstacles, None, 0.0,
    )  # fmt: skip
