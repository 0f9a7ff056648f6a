"""Which of many is nearest on foot, and in which order to go round many: crew, parking spaces, patrol points, bins."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from geometry.tours import shortest_tour
from twin.errors import UnknownIdError, WayfindingError
from twin.operations.directions import Way, place_end, way_of
from twin.operations.events import Phrase
from twin.wayfinding.access import Access
from twin.wayfinding.ends import End
from twin.wayfinding.nearest import durations_s, nearest, things
from twin.wayfinding.network import Wayfinder
from twin.wayfinding.profiles import Profile
from twin.wayfinding.profiles import profile as profile_of
from twin.wayfinding.refusals import route_or_refuse
from twin.wayfinding.words import named

MOST_STOPS: Final = 200
"""Of a tour: the search over orders of so many takes seconds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is on the way, and what is open to them: of ways, nearest things and tours alike."""

    profile: Profile
    closed: frozenset[str] = frozenset()
    is_released: bool = False


class NearPlace(msgspec.Struct, frozen=True):
    """One of many."""

    id: str
    name: Phrase
    storey: str | None
    duration_s: float


class NearestWay(msgspec.Struct, frozen=True):
    """The soonest of many, with the way there or from there.

    Attributes
    ----------
    way : of the first of the places; none where none can be reached
    places : the soonest first
    unreached : how many there are besides
    """

    kind: str
    places: tuple[NearPlace, ...]
    unreached: int
    way: Way | None


class TourWay(msgspec.Struct, frozen=True):
    """The quickest order of many stops.

    Attributes
    ----------
    ways : from each stop to the next
    is_proven : whether no order is quicker
    unreached : ids of stops that nobody gets to
    """

    stops: tuple[str, ...]
    ways: tuple[Way, ...]
    length_m: float
    duration_s: float
    is_proven: bool
    unreached: tuple[str, ...]


def asked(
    profile: str = "crew", *, own: Path | None = None, closed: Collection[str] = (), is_released: bool = False
) -> Asked:
    """A question's terms.

    Parameters
    ----------
    own : a document of profiles instead of the product's

    Raises
    ------
    UnknownIdError
        If there is no such profile.
    """
    return Asked(profile_of(profile, own), frozenset(closed), is_released)


def nearest_way(
    ways: Wayfinder, start: str, kind: str, terms: Asked, *, taken: Collection[str] = (), is_coming: bool = False,
    most: int = 5,
) -> NearestWay:  # fmt: skip
    """The things of a kind that are soonest reached, and the way to the first.

    Parameters
    ----------
    kind : see `twin.wayfinding.nearest.things`
    taken : ids that are left out, such as parking spaces with a car in them
    is_coming : who is soonest here, instead of who is soonest reached from here
    most : places told

    Raises
    ------
    UnknownIdError
        If the site has no such start, or nothing of that kind.
    """
    network = ways.network(terms.profile)
    here = place_end(network.access, start)
    wanted = [name for name in things(ways.index, kind) if name not in taken]
    ends, _ = _ends(network.access, wanted)
    found = nearest(
        ways, here, ends, terms.profile, closed=terms.closed, is_released=terms.is_released, is_coming=is_coming
    )
    way = None
    if found:
        pair = (found[0].end, here) if is_coming else (here, found[0].end)
        way = _way(ways, *pair, terms)
    places = tuple(
        NearPlace(near.end.id, _phrase(near.end), near.end.storey, round(near.duration_s, 1)) for near in found[:most]
    )
    return NearestWay(kind, places, len(wanted) - len(found), way)


def tour_way(ways: Wayfinder, start: str, stops: Sequence[str], terms: Asked, *, is_round: bool = True) -> TourWay:
    """The quickest order to come to all stops from a start.

    Parameters
    ----------
    stops : ids of places, or kinds of things, of which all are meant; stops that nobody gets to are left out and told
    is_round : whether one comes back to the start

    Raises
    ------
    UnknownIdError
        If the site has no such place or kind.
    WayfindingError
        If there are too many stops, or none that can be reached.
    """
    network, profile = ways.network(terms.profile), terms.profile
    here = place_end(network.access, start)
    wanted = [name for stop in stops for name in _meant(ways, stop) if name != start]
    if len(wanted) > MOST_STOPS:
        raise WayfindingError(f"a tour of {len(wanted)} stops is too long; name at most {MOST_STOPS}")
    ends, lost = _ends(network.access, list(dict.fromkeys(wanted)))
    places = (here, *ends)
    costs = network.costs(profile, places, closed=terms.closed, is_released=terms.is_released)
    took_s = np.array([durations_s(network, place, places, costs, profile) for place in places])
    there_and_back = np.isfinite(took_s[0]) & (np.isfinite(took_s[:, 0]) | (not is_round))
    kept = np.flatnonzero(there_and_back | (np.arange(len(places)) == 0))
    lost += [places[k].id for k in range(1, len(places)) if k not in set(kept.tolist())]
    if len(kept) == 1:
        raise WayfindingError(f"none of the stops can be reached from {here.id}: {', '.join(lost) or 'none was named'}")
    found = shortest_tour(took_s[np.ix_(kept, kept)], is_round=is_round)
    order = [places[kept[k]] for k in found.order] + ([here] if is_round else [])
    legs = tuple(_way(ways, a, b, terms, others=places) for a, b in pairwise(order))
    return TourWay(
        tuple(end.id for end in order), legs, round(sum(leg.length_m for leg in legs), 2),
        round(sum(leg.duration_s for leg in legs), 1), found.is_proven, tuple(lost),
    )  # fmt: skip


def _way(ways: Wayfinder, start: End, end: End, terms: Asked, *, others: Sequence[End] = ()) -> Way:
    flats = start.flats.union(*(other.flats for other in others))
    begin = replace(start, flats=flats)
    found = route_or_refuse(ways, begin, end, terms.profile, closed=terms.closed, is_released=terms.is_released)
    return way_of(ways.index, found)


def _meant(ways: Wayfinder, stop: str) -> tuple[str, ...]:
    """A place, or all things of a kind."""
    try:
        return things(ways.index, stop)
    except UnknownIdError:
        return (stop,)


def _ends(access: Access, names: Sequence[str]) -> tuple[list[End], list[str]]:
    """Places as ends, and ids of those that nobody can walk to."""
    found: list[End] = []
    lost: list[str] = []
    for name in names:
        try:
            found.append(place_end(access, name))
        except WayfindingError:
            lost.append(name)
    return found, lost


def _phrase(end: End) -> Phrase:
    text = named(end.name, end.id)
    return Phrase(text.zh, text.en)
