"""Lifts with which the fire crew brings down who cannot walk well, trip by trip; all others take the stairs."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from twin.errors import EvacuationError
from twin.evacuation.asking import Asked
from twin.evacuation.escape import Escape
from twin.evacuation.free_ways import arc_seconds, safe_spots, ways_to
from twin.evacuation.lifts import ride_s
from twin.evacuation.people import values
from twin.fabric.site_graph import SiteGraph
from twin.index import PlacedStorey
from twin.model.buildings import Lift


@dataclass(frozen=True, slots=True)
class Trip:
    """A ride down.

    Attributes
    ----------
    storey : where people get in; waits_in : space before the lift there; landing : space where they get out
    persons : as many as are expected; a fraction of one is likely
    leaves_s, arrives_s : from the landing below, and when all have got out there
    """

    lift: str
    storey: str
    waits_in: str
    landing: str
    persons: float
    leaves_s: float
    arrives_s: float


def landings_of(site: SiteGraph, asked: Asked) -> dict[str, str]:
    """Of each lift that is asked for, the space before its door from which one is out soonest.

    Raises
    ------
    EvacuationError
        For a lift before none of whose doors a way leads out.
    """
    if not asked.lifts:
        return {}
    graph = site.graph
    closed = {*asked.closed, *asked.closings}
    seconds = ways_to(graph, arc_seconds(site, closed=closed), safe_spots(site, closed=closed)).seconds
    found = {}
    for lift in asked.lifts:
        doors = [row for row in graph.rows.get(lift, ()) if graph.spots[row].kind == "lift_door"]
        nearest = min(doors, key=lambda row: float(seconds[row]), default=None)
        if nearest is None or not np.isfinite(seconds[nearest]):
            raise EvacuationError(f"lift {lift} brings nobody out: no way leads out before any of its doors")
        found[lift] = graph.cells[graph.spots[nearest].cells[0]].id
    return found


def by_lift() -> tuple[bool, ...]:
    """Of each class of people, whether they are brought down."""
    return tuple(bool(row.get("by_lift", False)) for row in values()["classes"].values())


def lifted_storeys(site: SiteGraph, asked: Asked, landings: Mapping[str, str]) -> dict[str, str]:
    """By storey, the lift that brings people down from there: of several the next in turn."""
    index = site.index
    taken: dict[str, str] = {}
    turn: dict[str, int] = {}
    of = {lift.id: (lift, building.id) for building in index.site.buildings for lift in building.lifts}
    for building in dict.fromkeys(of[name][1] for name in asked.lifts):
        mine = [of[name][0] for name in asked.lifts if of[name][1] == building]
        for storey in _in_order(site, asked, building):
            serving = [lift for lift in mine if lift.first <= storey.number <= lift.last
                       and index.spaces[landings[lift.id]].storey.id != storey.id]  # fmt: skip
            if serving:
                taken[storey.id] = serving[turn.get(building, 0) % len(serving)].id
                turn[building] = turn.get(building, 0) + 1
    return taken


def _in_order(site: SiteGraph, asked: Asked, building: str) -> list[PlacedStorey]:
    """The storey that burns, those above it, then from the top those below; without a fire from the top."""
    index = site.index
    storeys = sorted((s for s in index.storeys.values() if s.building.id == building), key=lambda s: s.number)
    burns = None if asked.fire is None else index.spaces[asked.fire].storey
    if burns is None or burns.building.id != building:
        return storeys[::-1]
    above = [storey for storey in storeys if storey.number >= burns.number]
    return above + [storey for storey in reversed(storeys) if storey.number < burns.number]


def trips(way: Escape, asked: Asked, landings: Mapping[str, str]) -> tuple[Trip, ...]:
    """All rides, in the order of time. [s]"""
    site = way.site
    share = sum(row["share_ratio"] for row in values()["classes"].values() if row.get("by_lift", False))
    many: dict[str, float] = {}
    for space, persons in asked.persons.items():
        storey = site.index.spaces[space].storey.id
        many[storey] = many.get(storey, 0.0) + persons * share
    lifts = {lift.id: lift for building in site.index.site.buildings for lift in building.lifts}
    doors = {(lift, site.index.spaces[cell].storey.id): cell for lift in asked.lifts for cell in _landings(site, lift)}
    free_s = dict.fromkeys(asked.lifts, float(values()["fire_lifts"]["crew_arrives_s"]["value"]))
    found = []
    for storey, lift in lifted_storeys(site, asked, landings).items():
        if (lift, storey) not in doors:
            continue
        spaces = (storey, doors[lift, storey], landings[lift])
        for trip in _rides(site, lifts[lift], spaces, persons=many.get(storey, 0.0), from_s=free_s[lift]):
            free_s[lift] = trip.arrives_s
            found.append(trip)
    return tuple(sorted(found, key=lambda trip: (trip.arrives_s, trip.lift)))


def _landings(site: SiteGraph, lift: str) -> list[str]:
    """Rooms before a lift's doors."""
    graph = site.graph
    spots = [graph.spots[row] for row in graph.rows.get(lift, ())]
    rooms = [graph.cells[spot.cells[0]].id for spot in spots if spot.kind == "lift_door"]
    return [room for room in rooms if room in site.index.spaces]


def _rides(
    site: SiteGraph, lift: Lift, spaces: tuple[str, str, str], *, persons: float, from_s: float
) -> Iterator[Trip]:
    """Rides until a storey's people are down; spaces are the storey, where they wait there, and the landing below."""
    storey, waits_in, landing = spaces
    rows = {name: float(row["value"]) for name, row in values()["fire_lifts"].items()}
    index = site.index
    rise_m = index.storeys[storey].elevation_m - index.spaces[landing].storey.elevation_m
    places = max(1.0, math.floor(lift.capacity_kg / rows["kg_for_each"]))
    while persons > 0:
        aboard = min(persons, places)
        way_s = ride_s(rise_m, speed_m_per_s=lift.speed_m_per_s)
        stops_s = 2 * (rows["door_s"] + max(aboard, 1.0) * rows["person_s"])
        yield Trip(lift.id, storey, waits_in, landing, aboard, from_s, from_s + 2 * way_s + stops_s)
        from_s += 2 * way_s + stops_s
        persons -= aboard
