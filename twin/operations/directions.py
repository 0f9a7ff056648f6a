"""The way to read, for a crew or whoever asks: from a gate or any place of the site to any other, step by step."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final, Literal

import msgspec

from twin.index import SiteIndex
from twin.model.base import Text
from twin.operations.errors import CommandError
from twin.operations.events import Phrase
from twin.operations.pipe_places import space_to_reach
from twin.operations.places import phrase, place_of
from twin.wayfinding.access import Access
from twin.wayfinding.ends import End, UnreachedError, at_point, end_of
from twin.wayfinding.network import Wayfinder
from twin.wayfinding.profiles import Profile
from twin.wayfinding.profiles import profile as profile_of
from twin.wayfinding.refusals import Refusal, RefusedError, route_or_refuse
from twin.wayfinding.routes import Leg, Route
from twin.wayfinding.words import named, steps_of

_GATES: Final = {True: ("vehicle_gate",), False: ("gate", "vehicle_gate")}
_COORDINATES: Final = (2, 3)
_FAR_M: Final = 1e6
"""Numbers beyond are no point of a site, nor are those that are none."""

Point = tuple[float, float, float]


class WayStep(msgspec.Struct, frozen=True):
    """One thing to do, where, and on which storey.

    Attributes
    ----------
    length_m, duration_s : since the step before
    opening : the door passed with it
    is_locked : whether that takes a key, a card, or somebody who opens
    """

    text: Phrase
    storey: str | None
    point_m: Point
    length_m: float
    duration_s: float
    opening: str | None
    is_locked: bool


class WayLeg(msgspec.Struct, frozen=True):
    """The line of a way on one storey, or by one stair, lift or ramp.

    Attributes
    ----------
    kind : ``walk``, ``stair``, ``lift`` or ``ramp``
    id : of the stair, lift or ramp
    storey : where it is, or where a stair, lift or ramp leads to; none in the open
    """

    kind: Literal["walk", "stair", "lift", "ramp"]
    id: str
    storey: str | None
    line_m: tuple[Point, ...]
    length_m: float
    duration_s: float
    rise_m: float


class Way(msgspec.Struct, frozen=True):
    """A way step by step, its lines, how long it is and what it takes."""

    start: str
    end: str
    profile: str
    steps: tuple[WayStep, ...]
    legs: tuple[WayLeg, ...]
    length_m: float
    duration_s: float


def directions(
    ways: Wayfinder, target: str, *, start: str | None = None, profile: str | Profile = "crew",
    closed: Collection[str] = (), is_released: bool = False,
) -> Way:  # fmt: skip
    """The way to a device, space, building, ground feature, pipe, node, or point.

    Parameters
    ----------
    start : where to begin, the same; also somebody of the staff, whose base is meant. None or empty means the gate
        from which one is there soonest
    profile : who is on the way; an id is one of the product's
    closed : ids of doors, stairs, lifts, ramps and gates that are out of use, and of spaces nobody goes through
    is_released : nothing is locked or private, as in an evacuation

    Raises
    ------
    UnknownIdError
        If the site has no such place, or there is no such profile.
    RefusedError
        If no way leads there; it says why.
    """
    found = found_route(ways, target, start=start, profile=profile, closed=closed, is_released=is_released)
    return way_of(ways.index, found)


def found_route(
    ways: Wayfinder, target: str, *, start: str | None = None, profile: str | Profile = "crew",
    closed: Collection[str] = (), is_released: bool = False,
) -> Route:  # fmt: skip
    """The same as lines and numbers."""
    who = profile if isinstance(profile, Profile) else profile_of(profile)
    access = ways.network(who).access
    refused: RefusedError | None = None
    try:
        end = place_end(access, target)
        begins = (place_end(access, start),) if start else _begins(access, who, closed, is_released=is_released)
    except UnreachedError as error:
        raise RefusedError(Refusal(error.text, (), None, 0.0)) from error
    best: Route | None = None
    for begin in begins:
        try:
            found = route_or_refuse(ways, begin, end, who, closed=closed, is_released=is_released)
        except RefusedError as error:
            refused = refused or error
            continue
        if best is None or found.duration_s < best.duration_s:
            best = found
    if best is None:
        raise refused or CommandError("from", "every gate is closed at that time; say where to begin")
    return best


def way_of(index: SiteIndex, found: Route) -> Way:
    """A route with its words."""
    steps = tuple(
        WayStep(
            phrase(s.text), s.storey, s.point_m, round(s.length_m, 2), round(s.duration_s, 1), s.opening, s.is_locked
        )
        for s in steps_of(index, found)
    )
    return Way(
        found.start.id, found.end.id, found.profile.id, steps, tuple(_leg(leg) for leg in found.legs),
        round(found.length_m, 2), round(found.duration_s, 1),
    )  # fmt: skip


def _leg(leg: Leg) -> WayLeg:
    line = tuple((x, y, z) for x, y, z in leg.line_m.round(3).tolist())
    return WayLeg(
        leg.kind, leg.id, leg.storey, line, round(leg.length_m, 2), round(leg.duration_s, 1), round(leg.rise_m, 3)
    )


def place_end(access: Access, object_id: str) -> End:
    """Any place of the site as an end of ways; also a point ``x,y`` or ``x,y,z``, and the base of one of the staff.

    Raises
    ------
    UnknownIdError
        If the site has no such place.
    """
    index = access.of.index
    if (point := _coordinates(object_id)) is not None:
        return at_point(access, object_id, Text(zh=object_id, en=object_id), point)
    for kind in ("pipe", "node"):
        if _is_of_network(index, kind, object_id):
            place = place_of(index, kind, object_id)
            name = Text(zh=place.name.zh, en=place.name.en)
            if place.storey is None:
                return at_point(access, object_id, name, place.point_m, is_buried=True)
            return at_point(access, object_id, name, place.point_m, space=space_to_reach(index, place))
    for member in index.site.staff:
        if member.id == object_id and member.base is not None:
            base = end_of(access, member.base)
            name, room = named(member.name, member.id), named(base.name, base.id)
            told = Text(zh=f"{name.zh}（{room.zh}）", en=f"{name.en} ({room.en})")
            return replace(base, id=object_id, name=told)
    return end_of(access, object_id)


def _coordinates(text: str) -> Point | None:
    """A point; none where the text is none."""
    parts = text.split(",")
    try:
        found = [float(part) for part in parts]
    except ValueError:
        return None
    if len(found) not in _COORDINATES or not all(abs(value) <= _FAR_M for value in found):
        return None
    return found[0], found[1], found[2] if len(found) > 2 else 0.0


def _begins(access: Access, who: Profile, closed: Collection[str], *, is_released: bool) -> tuple[End, ...]:
    """The gates that are open to who comes."""
    gates = [f.id for f in access.of.index.site.grounds if f.use in _GATES[who.is_vehicle]]
    if not gates:
        raise CommandError("from", "the site has no gate; say where to begin")
    shut = set(closed)
    if not is_released and "technical" not in who.opens:
        shut |= who.after_hours
    return tuple(end_of(access, gate) for gate in gates if gate not in shut)


def _is_of_network(index: SiteIndex, kind: str, object_id: str) -> bool:
    for network in index.site.networks:
        if object_id.startswith(f"{network.id}/"):
            parsed = index.network(network.id)
            names = parsed.nodes if kind == "node" else parsed.links
            if object_id.removeprefix(f"{network.id}/") in names:
                return True
    return False
