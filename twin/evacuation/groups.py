"""Who sets off when in an evacuation, and how fast they walk: groups of people for `flow`, spread evenly or drawn."""

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from twin.evacuation.asking import Asked
from twin.evacuation.escape import Escape
from twin.evacuation.fire_lifts import Trip, by_lift
from twin.evacuation.flow_network import People
from twin.evacuation.people import setting_off_s, values
from twin.fabric.flats import flat_of
from twin.fabric.site_graph import SiteGraph

Floats = NDArray[np.float64]

_SPREAD: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Shares of people that have set off: each group sets off in so many parts."""


def _classes() -> tuple[Floats, Floats]:
    """Shares of the classes of people, and their speeds against the relations'."""
    rows = values()["classes"].values()
    return np.array([row["share_ratio"] for row in rows]), np.array([row["speed_factor"] for row in rows])


def _delay(site: SiteGraph, asked: Asked, spaces: Collection[str]) -> Floats:
    """(spaces,) median of the time until people set off; who is in the flat, or room, that burns goes at once."""
    rows = values()["setting_off"]
    usual, at_once = float(rows["median_s"]["value"]), float(rows["at_fire_s"]["value"])
    burns = None if asked.fire is None else flat_of(site.index, asked.fire) or asked.fire
    return np.array([at_once if burns in {space, flat_of(site.index, space)} and burns else usual for space in spaces])


def _told(site: SiteGraph, asked: Asked, spaces: Collection[str]) -> Floats:
    """(spaces,) when people are told to leave."""
    storeys = [site.index.spaces[space].storey for space in spaces]
    return np.array([asked.later.get(s.id, asked.later.get(s.building.id, 0.0)) for s in storeys], dtype=np.float64)


def spread_evenly(way: Escape, spaces: list[str], asked: Asked, lifted: Sequence[Trip] = ()) -> People:
    """Everybody, each space in parts that set off one after the other and walk as their class does.

    Parameters
    ----------
    lifted : who is brought down does not walk before; these groups come last
    """
    shares, factors = _classes()
    delays = np.exp(float(values()["setting_off"]["sigma"]["value"]) * ndtri(np.array(_SPREAD)))
    starts = _delay(way.site, asked, spaces)[:, None] * delays + _told(way.site, asked, spaces)[:, None]
    shape = (len(spaces), len(shares), len(delays))
    legs = np.array([way.first_legs[space] for space in spaces], dtype=np.int64)
    lengths = np.array([way.met_m[space] for space in spaces])
    persons = np.array([asked.persons[space] for space in spaces])
    parts = persons[:, None, None] * (shares * _walks(way, spaces, lifted))[:, :, None] / len(delays) * np.ones(shape)
    people = People(
        np.broadcast_to(legs[:, None, None], shape).ravel(),
        np.broadcast_to(lengths[:, None, None], shape).ravel(),
        parts.ravel(),
        np.broadcast_to(starts[:, None, :], shape).ravel(),
        np.broadcast_to(factors[:, None], shape).ravel(),
        np.broadcast_to(_homes(way, spaces)[:, None, None], shape).ravel(),
    )
    return _with_lifted(way, people, lifted)


def drawn(way: Escape, spaces: list[str], asked: Asked, lifted: Sequence[Trip] = ()) -> People:
    """Whole persons of drawn classes in many runs; those of one space set off together.

    Parameters
    ----------
    lifted : as for `spread_evenly`; they come down as expected, not by chance
    """
    shares, factors = _classes()
    rng = np.random.default_rng(asked.seed)
    sigma = float(values()["setting_off"]["sigma"]["value"])
    starts = _delay(way.site, asked, spaces) * np.stack(
        [setting_off_s("lognormal", len(spaces), rng, first=1.0, second=sigma) for _ in range(asked.runs)]
    ) + _told(way.site, asked, spaces)  # fmt: skip
    expected = np.array([asked.persons[space] for space in spaces])
    whole = np.floor(expected)
    there = whole + (rng.random((asked.runs, len(spaces))) < expected - whole)
    persons = rng.multinomial(there.astype(np.int64), shares / shares.sum()).astype(np.float64)
    legs = np.array([way.first_legs[space] for space in spaces], dtype=np.int64)
    lengths = np.array([way.met_m[space] for space in spaces])
    persons *= _walks(way, spaces, lifted)
    many = len(shares)
    people = People(
        np.repeat(legs, many),
        np.repeat(lengths, many),
        persons.reshape(asked.runs, -1),
        np.repeat(starts, many, axis=1),
        np.tile(factors, len(spaces)),
        np.repeat(_homes(way, spaces), many),
    )
    return _with_lifted(way, people, lifted)


def _walks(way: Escape, spaces: Sequence[str], lifted: Sequence[Trip]) -> Floats:
    """(spaces, classes) 0 for those who are brought down by a lift, else 1."""
    storeys = {trip.storey for trip in lifted}
    is_brought = np.array([way.site.index.spaces[space].storey.id in storeys for space in spaces], dtype=bool)
    return np.where(is_brought[:, None] & np.array(by_lift()), 0.0, 1.0)


def _with_lifted(way: Escape, people: People, lifted: Sequence[Trip]) -> People:
    """The groups, and behind them those that lifts bring down: they set off from the landing when they are there."""
    if not lifted:
        return people
    shares, factors = _classes()
    is_slow = np.array(by_lift())
    many = len(lifted)
    landings = [trip.landing for trip in lifted]
    shape = (*np.shape(people.start_s)[:-1], many)
    return People(
        np.append(people.legs, [way.first_legs[space] for space in landings]).astype(np.int64),
        np.append(people.lengths_m, [way.met_m[space] for space in landings]),
        np.concatenate((people.persons, np.broadcast_to([trip.persons for trip in lifted], shape)), axis=-1),
        np.concatenate((people.start_s, np.broadcast_to([trip.arrives_s for trip in lifted], shape)), axis=-1),
        np.append(people.speed_factors, np.full(many, np.average(factors[is_slow], weights=shares[is_slow]))),
        np.append(_cells(people), [way.site.cell_of[trip.waits_in] for trip in lifted]).astype(np.int64),
    )


def _cells(people: People) -> NDArray[np.int64]:
    """Where groups are at first."""
    if people.cells is None:
        raise ValueError("groups that lifts are added to need their rooms")
    return people.cells


def _homes(way: Escape, spaces: Sequence[str]) -> NDArray[np.int64]:
    """Row of the room each space lies in."""
    return np.array([way.site.cell_of[space] for space in spaces], dtype=np.int64)
