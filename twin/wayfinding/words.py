"""A way in words, both languages: through which doors, up which stairs, where to turn, how far."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from geometry.walk_graph import Point3
from twin.index import PlacedOpening, SiteIndex
from twin.model.base import Text
from twin.model.buildings import OUTSIDE, Lift, Ramp, Stair
from twin.wayfinding.access import flat_of
from twin.wayfinding.routes import Leg, Passed, Route

Floats = NDArray[np.float64]
Side = Literal["", "left", "right"]

_TURN_DEG: Final = 45.0
"""Smaller bends are not told: nobody takes them for a turn."""
_LOOK_M: Final = 1.5
"""Directions before and behind a door or bend are taken over this far, so that a jamb's little bend counts for none."""
_TOLD_M: Final = 5.0
"""Shorter distances are not told, and turns so near to a door are the door's."""
_LEVEL_M: Final = 0.05
_AWAY_M: Final = 20.0
"""In the open: longer first stretches are told by the wind's name."""
_SIDES: Final = {"left": Text(zh="左", en="left"), "right": Text(zh="右", en="right")}
_WINDS: Final = (
    Text(zh="东", en="east"), Text(zh="东北", en="north-east"), Text(zh="北", en="north"),
    Text(zh="西北", en="north-west"), Text(zh="西", en="west"), Text(zh="西南", en="south-west"),
    Text(zh="南", en="south"), Text(zh="东南", en="south-east"),
)  # fmt: skip
_OPEN: Final = Text(zh="室外", en="the open")
_KEY: Final = Text(zh="（需门禁卡或钥匙）", en=" (card or key)")
_AFTER_HOURS: Final = Text(zh="（开放时间外，需钥匙）", en=" (after hours: key)")
_LET_IN: Final = Text(zh="（需钥匙或住户开门）", en=" (key, or somebody opens)")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, where, and on which storey.

    Attributes
    ----------
    storey : none in the open
    length_m, duration_s : since the step before
    opening : the door that is passed with it
    is_locked : and takes a key, a card, or somebody who opens
    """

    text: Text
    storey: str | None
    point_m: Point3
    length_m: float = 0.0
    duration_s: float = 0.0
    opening: str | None = None
    is_locked: bool = False


def steps_of(index: SiteIndex, route: Route) -> tuple[Step, ...]:
    """The steps of a way."""
    first = route.legs[0]
    start = named(route.start.name, route.start.id)
    away = _wind(first) if first.storey is None and first.kind == "walk" else None
    text = Text(zh=f"从{start.zh}出发", en=f"Start at {start.en}")
    if away is not None:
        text = Text(zh=f"{text.zh}，向{away.zh}走", en=f"{text.en} towards the {away.en}")
    steps = [Step(text, route.start.storey, _point(first.line_m[0]))]
    left_m = left_s = 0.0  # of what was walked since the last step
    for leg in route.legs:
        if leg.kind == "walk":
            told = list(_walked(index, route, leg))
            at_m = sum(step.length_m for step in told)
            for k, step in enumerate(told):
                more_m, more_s = (left_m, left_s) if k == 0 else (0.0, 0.0)
                steps.append(_longer(step, more_m, more_s))
            rest_m = max(leg.length_m - at_m, 0.0)
            rest_s = max(leg.duration_s - sum(step.duration_s for step in told), 0.0)
            left_m, left_s = (rest_m, rest_s) if told else (left_m + leg.length_m, left_s + leg.duration_s)
        else:
            text = _with_distance(_ridden(index, leg), left_m)
            ridden_m = 0.0 if leg.kind == "lift" else leg.length_m
            steps.append(Step(text, leg.storey, _point(leg.line_m[-1]), left_m + ridden_m, left_s + leg.duration_s))
            left_m = left_s = 0.0
    goal = named(route.end.name, route.end.id)
    text = _with_distance(Text(zh=f"到达{goal.zh}", en=f"Arrive at {goal.en}"), left_m)
    if route.end.hatch is not None:
        text = Text(zh=f"{text.zh}（在检修门后）", en=f"{text.en} (behind its hatch)")
    last = route.legs[-1]
    return (*steps, Step(text, route.end.storey, _point(last.line_m[-1]), left_m, left_s))


def named(text: Text, fallback: str) -> Text:
    """A name in both languages, the id where it has none.

    Examples
    --------
    >>> named(Text(en="Hall"), "h/f1/hall").zh, named(Text(), "h/f1/hall").en
    ('Hall', 'h/f1/hall')
    """
    return Text(zh=text.zh or text.en or fallback, en=text.en or text.zh or fallback)


def link_name(index: SiteIndex, link_id: str) -> Text:
    """What people call a stair, lift or ramp."""
    for building in index.site.buildings:
        things: tuple[Stair | Lift | Ramp, ...] = (*building.stairs, *building.lifts, *building.ramps)
        for thing in things:
            if thing.id == link_id:
                return named(thing.name, link_id)
    return named(Text(), link_id)


def _longer(step: Step, by_m: float, by_s: float) -> Step:
    return Step(
        step.text, step.storey, step.point_m, step.length_m + by_m, step.duration_s + by_s, step.opening, step.is_locked
    )


def _walked(index: SiteIndex, route: Route, leg: Leg) -> Iterator[Step]:
    """Doors and turns of a walk, in their order."""
    line = leg.line_m
    walked = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line[:, :2], axis=0).T))))
    turns = list(_turns(line, walked, [door.at_m for door in leg.doors]))
    events: list[tuple[float, Passed | Side]] = [*((d.at_m, d) for d in leg.doors), *turns]
    last_m = 0.0
    speed = route.profile["level_m_per_s"]
    for at_m, event in sorted(events, key=lambda told: told[0]):
        walked_m = at_m - last_m
        point = _point(_at(line, walked, at_m))
        if isinstance(event, Passed):
            turn = _turn_deg(line, walked, at_m) if at_m < walked[-1] - _TOLD_M else 0.0
            text = _with_distance(_pass_door(index, event, _side(turn)), walked_m)
            locks_s = route.profile["unlock_s"] if event.is_locked else 0.0
            yield Step(text, leg.storey, point, walked_m, walked_m / speed + locks_s, event.id, event.is_locked)
        else:
            text = _with_distance(_turned(event), walked_m)
            yield Step(text, leg.storey, point, walked_m, walked_m / speed)
        last_m = at_m


def _turns(line: Floats, walked: Floats, doors_m: Sequence[float]) -> Iterator[tuple[float, Side]]:
    """Bends that somebody takes for a turn; several that lie close together are one."""
    bends = [float(at) for at in walked[1:-1]]
    taken = -math.inf
    for at_m in bends:
        near_door = any(abs(at_m - door) < _TOLD_M for door in doors_m)
        near_end = min(at_m, float(walked[-1]) - at_m) < _LOOK_M
        if near_door or near_end or at_m - taken < _TOLD_M:
            continue
        if side := _side(_turn_deg(line, walked, at_m)):
            taken = at_m
            yield at_m, side


def _turn_deg(line: Floats, walked: Floats, at_m: float) -> float:
    """How far the way turns about a point on it, to the left; behind it over the next metres."""
    before = _at(line, walked, at_m) - _at(line, walked, at_m - _LOOK_M)
    behind = _at(line, walked, at_m + 2 * _LOOK_M) - _at(line, walked, at_m)
    if np.hypot(*before[:2]) < 1e-6 or np.hypot(*behind[:2]) < 1e-6:
        return 0.0
    turned = math.degrees(math.atan2(behind[1], behind[0]) - math.atan2(before[1], before[0]))
    return (turned + 180.0) % 360.0 - 180.0


def _side(turn_deg: float) -> Side:
    if abs(turn_deg) < _TURN_DEG:
        return ""
    return "left" if turn_deg > 0 else "right"


def _at(line: Floats, walked: Floats, at_m: float) -> Floats:
    """A point on the line, so far from its start."""
    return np.array([np.interp(at_m, walked, column) for column in line.T])


def _point(point: Floats) -> Point3:
    x, y, z = np.round(point, 3).tolist()
    return x, y, z


def _wind(leg: Leg) -> Text | None:
    """The direction of a first stretch in the open."""
    walked = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(leg.line_m[:, :2], axis=0).T))))
    if walked[-1] < _AWAY_M:
        return None
    ahead = _at(leg.line_m, walked, _AWAY_M) - leg.line_m[0]
    return _WINDS[round(math.degrees(math.atan2(ahead[1], ahead[0])) / 45.0) % 8]


def _with_distance(text: Text, walked_m: float) -> Text:
    """A sentence with how far one walks before."""
    if walked_m < _TOLD_M:
        return text
    told = round(walked_m)
    en = text.en[0].lower() + text.en[1:]
    return Text(zh=f"走{told}米后{text.zh}", en=f"After {told} m {en}")


def _turned(side: Side) -> Text:
    word = _SIDES[side]
    return Text(zh=f"向{word.zh}转", en=f"Turn {word.en}")


def _ridden(index: SiteIndex, leg: Leg) -> Text:
    """A stair, lift or ramp."""
    name = link_name(index, leg.id)
    zh_up, en_up = ("上", " up") if leg.rise_m > 0 else ("下", " down")
    if abs(leg.rise_m) < _LEVEL_M:
        zh_up = en_up = ""
    where = _OPEN if leg.storey is None else named(index.storeys[leg.storey].name, leg.storey)
    verb = "乘" if leg.kind == "lift" else "走"
    return Text(zh=f"{verb}{name.zh}{zh_up}到{where.zh}", en=f"Take {name.en}{en_up} to {where.en}")


def _pass_door(index: SiteIndex, door: Passed, then: Side) -> Text:
    """Through a door, into the space behind it, and where to turn there."""
    opening = index.openings[door.id]
    text = _into(index, opening, door)
    key = Text()
    if door.is_locked:
        key = _LET_IN if door.is_private else _AFTER_HOURS if door.is_after_hours else _KEY
    turn = Text()
    if then:
        turn = Text(zh=f"，然后向{_SIDES[then].zh}走", en=f", then go {_SIDES[then].en}")
    return Text(zh=f"{text.zh}{key.zh}{turn.zh}", en=f"{text.en}{key.en}{turn.en}")


def _into(index: SiteIndex, opening: PlacedOpening, door: Passed) -> Text:
    building = named(opening.storey.building.name, opening.storey.building.id)
    if not door.into:
        return Text(zh=f"走出{building.zh}", en=f"Leave {building.en}")
    if OUTSIDE in opening.connects:
        return Text(zh=f"由入口进入{building.zh}", en=f"Enter {building.en}")
    space_id = door.into[0]
    if (flat := flat_of(index, space_id)) is not None and any(
        flat_of(index, side) != flat for side in opening.connects if side in index.spaces
    ):
        space_id = flat
    space = named(index.spaces[space_id].name, space_id)
    return Text(zh=f"进入{space.zh}", en=f"Go into {space.en}")
