"""Ways from place to place: step by step in words, with their lines, or why there is none."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
import numpy as np
from fastapi import APIRouter, Query
from pydantic import BaseModel

from twin.operations.directions import directions
from twin.operations.rounds import Asked, nearest_way, tour_way
from twin.wayfinding.opening_times import at_time
from twin.wayfinding.parking import taken_spaces
from twin.wayfinding.profiles import Profile
from twin.wayfinding.profiles import profile as profile_of
from twin.wayfinding.refusals import Refusal, RefusedError
from viewer.api.context import Served, ServedSite
from viewer.documents.names import Bilingual
from viewer.problems import responses

router = APIRouter(prefix="/sites/{site_id}", tags=["ways"])

Point = tuple[float, float, float]
Without = Annotated[list[str] | None, Query(description="Door, stair, lift, ramp, gate or space out of use.")]
At = Annotated[
    dt.datetime | None,
    Query(description="When one goes, for opening hours; now if not said, by the site's clock if without a zone."),
]


class RouteStep(BaseModel):
    """One step of a way."""

    text: Bilingual
    storey: str | None
    point_m: Point
    length_m: float
    """Since the step before."""
    duration_s: float
    opening: str | None
    """The door that is passed with it."""
    is_locked: bool
    """Whether that takes a key, a card, or somebody who opens."""


class RouteLeg(BaseModel):
    """The line of a way on one storey, or by one stair, lift or ramp."""

    kind: Literal["walk", "stair", "lift", "ramp"]
    id: str
    """Of the stair, lift or ramp."""
    storey: str | None
    """Where it is, or where a stair, lift or ramp leads to; null in the open."""
    line_m: tuple[Point, ...]
    length_m: float
    duration_s: float
    rise_m: float


class RouteObstacle(BaseModel):
    """Something that is in the way."""

    cause: str
    id: str
    point_m: Point
    text: Bilingual


class RouteRefusal(BaseModel):
    """Why no way leads there."""

    text: Bilingual
    obstacles: tuple[RouteObstacle, ...]
    reached: str | None
    """The last door, stair or lift before what is in the way."""
    reached_s: float


class Route(BaseModel):
    """A way, step by step; or why there is none."""

    steps: tuple[RouteStep, ...] = ()
    legs: tuple[RouteLeg, ...] = ()
    length_m: float = 0.0
    duration_s: float = 0.0
    refusal: RouteRefusal | None = None


@router.get("/route", responses=responses(404, 422))
def read_route(
    served: ServedSite,
    to: str,
    start: Annotated[str | None, Query(alias="from")] = None,
    *,
    profile: str = "crew",
    without: Without = None,
    at: At = None,
    released: Annotated[bool, Query(description="Nothing is locked or private, as in an evacuation.")] = False,
) -> Route:
    """The way to read to a place or point; without `from`, from the gate that is soonest there."""
    try:
        closed = _closed(served, profile, without)
        who = _going(served, profile, at)
        way = directions(served.ways, to, start=start, profile=who, closed=closed, is_released=released)
    except RefusedError as error:
        return Route(refusal=_refusal(error.refusal))
    return Route.model_validate(msgspec.to_builtins(way))


def _going(served: Served, profile: str, at: dt.datetime | None) -> Profile:
    """Who goes, at what time."""
    return at_time(served.index, profile_of(profile), dt.datetime.now(dt.UTC) if at is None else at)


def _closed(served: Served, profile: str, without: list[str] | None) -> frozenset[str]:
    """What is out of use: what was said, doors and lifts that are shut now, and rooms on fire but to fire crews."""
    live = served.runtime.evacuation.live
    hazards, graph = live.now.hazards, live.prepared.graph.site.graph
    found = {*(without or ()), *(graph.spots[row].id for row in np.flatnonzero(hazards.is_shut).tolist())}
    if profile != "fire_crew":
        found.update(graph.cells[row].id for row in np.flatnonzero(hazards.is_closed).tolist())
    return frozenset(found)


def _refusal(of: Refusal) -> RouteRefusal:
    return RouteRefusal(
        text=_said(of.text.zh, of.text.en),
        obstacles=tuple(
            RouteObstacle(cause=o.cause, id=o.id, point_m=o.point_m, text=_said(o.text.zh, o.text.en))
            for o in of.obstacles
        ),
        reached=of.reached,
        reached_s=round(of.reached_s, 1),
    )


def _said(zh: str, en: str) -> Bilingual:
    return Bilingual(zh=zh, en=en)


class NearPlace(BaseModel):
    """One of many."""

    id: str
    name: Bilingual
    storey: str | None
    duration_s: float


class NearestRoute(BaseModel):
    """The soonest of many, with the way there or from there."""

    kind: str
    places: tuple[NearPlace, ...]
    unreached: int
    """How many there are besides that nobody gets to."""
    way: Route | None


class TourRoute(BaseModel):
    """The quickest order of many stops."""

    stops: tuple[str, ...]
    ways: tuple[Route, ...]
    length_m: float
    duration_s: float
    is_proven: bool
    """Whether no order is quicker."""
    unreached: tuple[str, ...]


@router.get("/route/nearest", responses=responses(404, 422))
def read_nearest(
    served: ServedSite,
    start: Annotated[str, Query(alias="from")],
    kind: str,
    *,
    profile: str = "crew",
    without: Without = None,
    at: At = None,
    coming: Annotated[bool, Query(description="Who is here soonest, not who is reached soonest.")] = False,
    most: Annotated[int, Query(ge=1, le=200, description="Places told.")] = 5,
) -> NearestRoute:
    """The soonest of a kind of thing on foot; parking spaces that are taken now do not count."""
    taken = taken_spaces(served.index, served.latest())
    terms = Asked(_going(served, profile, at), closed=_closed(served, profile, without))
    found = nearest_way(served.ways, start, kind, terms, taken=taken, is_coming=coming, most=most)
    return NearestRoute.model_validate(msgspec.to_builtins(found))


@router.get("/route/tour", responses=responses(404, 422))
def read_tour(
    served: ServedSite,
    start: Annotated[str, Query(alias="from")],
    stop: Annotated[list[str], Query(description="A place, or a kind of things of which all are meant.")],
    *,
    profile: str = "crew",
    without: Without = None,
    at: At = None,
    one_way: bool = False,
) -> TourRoute:
    """The quickest order to come to many stops, and the way from each to the next."""
    terms = Asked(_going(served, profile, at), closed=_closed(served, profile, without))
    found = tour_way(served.ways, start, stop, terms, is_round=not one_way)
    return TourRoute.model_validate(msgspec.to_builtins(found))
