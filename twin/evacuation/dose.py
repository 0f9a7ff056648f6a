"""What people breathe and see on their way out: each group followed through the queues and the smoke it meets.

Streams have no persons in them, so groups are followed afterwards: who comes to a queue leaves it when as many have
gone through as were there or before it, first come first served. What has been recorded every few seconds is taken as
even in between.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twin.evacuation.escape import Escape
from twin.evacuation.flow_network import SAFE, STAYS, Emptied, FlowNetwork, People
from twin.evacuation.sfpe import FREE_BELOW_PER_M2, SLOPE_M2, smoke_factor
from twin.evacuation.smoke import EVERY_S, Smoke
from twin.fabric.site_graph import SiteGraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LEAST_SHARE: Final = 0.1
_MOST_HOPS: Final = 2000
_CLEAR: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """What each group met.

    Attributes
    ----------
    out_s : (groups,) when it was out; infinite where it never was
    dose : (groups,) of an incapacitating dose
    thickest_per_m : (groups,) extinction of the thickest smoke it walked or waited in
    warmest_k : (groups,) rise of the warmest air
    """

    out_s: Floats
    dose: Floats
    thickest_per_m: Floats
    warmest_k: Floats


def zones_of(way: Escape, smoke: Smoke) -> Ints:
    """(cells of the network,) the smoke's zone each lies in, -1 in clear air; a flight's is that of its lower end."""
    graph = way.site.graph
    zone = np.full(len(graph.cells), _CLEAR, dtype=np.int64)
    zone[smoke.zones] = np.arange(len(smoke.zones))
    flights = [zone[graph.spots[graph.links[row].spots[0]].cells[0]] if graph.spots[graph.links[row].spots[0]].cells
               else _CLEAR for row in way.flights]  # fmt: skip
    return np.concatenate((zone, np.array(flights, dtype=np.int64)))


def smoke_factors(way: Escape, smoke: Smoke, moment: int) -> Floats:
    """(cells of the network,) what smoke leaves of the speed at one of its moments."""
    zones = zones_of(way, smoke)
    return np.where(zones < 0, 1.0, smoke_factor(smoke.extinction_per_m[moment][np.maximum(zones, 0)]))


def met(way: Escape, people: People, found: Emptied, smoke: Smoke) -> Met:
    """What each group met on its way.

    Parameters
    ----------
    people : as `found` was reckoned for; one run
    """
    return _Walk(way, people, found, smoke).done()


def stayed(site: SiteGraph, smoke: Smoke, space: str) -> tuple[float, float]:
    """Dose and thickest smoke of who stays in a space to the end."""
    rows = np.flatnonzero(smoke.zones == site.cell_of.get(space, _CLEAR))
    if not len(rows):
        return 0.0, 0.0
    dose = float(smoke.dose_per_s()[:, rows[0]].sum() * EVERY_S)
    return dose, float(smoke.extinction_per_m[:, rows[0]].max())


class _Walk:
    """All groups on their way at the same time, hop by hop."""

    def __init__(self, way: Escape, people: People, found: Emptied, smoke: Smoke) -> None:
        self.network: FlowNetwork = way.network
        self.people, self.found, self.smoke = people, found, smoke
        # what was recorded, and the end
        end_s = max(float(found.times_s[-1]), float(found.spot_clear_s[0].max(initial=0.0))) + EVERY_S
        self.times_s = np.append(found.times_s, end_s)
        self.gone = np.vstack((found.gone, found.passed[:1]))
        still = found.waiting[-1:] if found.left[0] > 0 else np.zeros((1, found.waiting.shape[1]))
        self.waiting = np.vstack((found.waiting, still))
        self.zones = zones_of(way, smoke)
        self.stages = [(change.at_s, change.turns) for change in way.changes if change.turns is not None]
        rate = smoke.dose_per_s()
        # trapezoids, so that a dose between two moments is the difference of two sums
        self.doses = np.vstack((np.zeros(rate.shape[1]), np.cumsum((rate[1:] + rate[:-1]) / 2 * EVERY_S, axis=0)))
        self.last_rate = rate[-1]
        many = len(people.legs)
        self.dose, self.thickest, self.warmest = np.zeros((3, many))
        self.out_s = np.full(many, np.inf)
        self.every_s = float(found.times_s[1] - found.times_s[0]) if len(found.times_s) > 1 else 1.0

    def done(self) -> Met:
        """Everybody walked to the end."""
        people, network = self.people, self.network
        homes = network.leg_cells[people.legs] if people.cells is None else people.cells
        groups = np.arange(len(people.legs))
        starts, legs = np.asarray(people.start_s, dtype=np.float64), people.legs.copy()
        self._breathe(groups, homes, np.zeros(len(groups)), starts)
        # to their first queue streams walk through those who were there at first
        at = self._walked(groups, homes, starts, people.lengths_m, seen_s=np.zeros(len(groups)))
        for _ in range(_MOST_HOPS):
            if not len(groups):
                break
            left = self._queued(network.leg_ends[legs], at)
            self._breathe(groups, network.leg_cells[legs], at, left)
            behind = self._behind(legs, left)
            self.out_s[groups[behind == SAFE]] = left[behind == SAFE]
            on = (behind >= 0) & np.isfinite(left)
            groups, legs, left = groups[on], behind[on], left[on]
            at = self._walked(groups, network.leg_cells[legs], left, network.lengths_m[legs], seen_s=left)
        return Met(self.out_s, self.dose, self.thickest, self.warmest)

    def _walked(
        self, groups: Ints, cells: Ints, from_s: Floats, lengths_m: Floats, *, seen_s: Floats
    ) -> Floats:  # fmt: skip
        """When groups have walked so far among those who were there at some moment; what they breathed meanwhile."""
        moment = np.minimum((seen_s / self.every_s).astype(np.int64), len(self.found.times_s) - 1)
        density = np.maximum(self.found.inside[moment, cells], 0.0) / self.network.areas_m2[cells]
        slowed = np.maximum(1 - SLOPE_M2 * np.maximum(density, FREE_BELOW_PER_M2), _LEAST_SHARE)
        speed = self.network.k_m_per_s[cells] * slowed * self.people.speed_factors[groups]
        speed *= smoke_factor(self._seen(self.smoke.extinction_per_m, cells, from_s))
        to_s = from_s + lengths_m / speed
        self._breathe(groups, cells, from_s, to_s)
        return to_s

    def _queued(self, spots: Ints, at_s: Floats) -> Floats:
        """When who comes to a spot at some time is through; infinite where that is never."""
        left = np.empty(len(spots))
        times = self.times_s
        for spot in np.unique(spots).tolist():
            mine = spots == spot
            gone, waiting = self.gone[:, spot], self.waiting[:, spot]
            before = np.interp(at_s[mine], times, gone + waiting)
            # the last moment in which no more had gone than were before
            row = np.searchsorted(gone, before - 1e-6, side="left")
            inside = np.clip(row, 1, len(gone) - 1)
            step = np.maximum(gone[inside] - gone[inside - 1], 1e-12)
            share = np.clip((before - gone[inside - 1]) / step, 0.0, 1.0)
            through = times[inside - 1] + share * (times[inside] - times[inside - 1])
            none_waits = np.interp(at_s[mine], times, waiting) < 1e-3
            left[mine] = np.where(none_waits, at_s[mine], np.maximum(through, at_s[mine]))
            never = (row >= len(gone)) & (before - gone[-1] > 0.05) & ~none_waits
            left[np.flatnonzero(mine)[never]] = np.inf
        return left

    def _behind(self, legs: Ints, at_s: Floats) -> Ints:
        """Where each goes on, by the ways as they are at that time."""
        behind = self.network.next_legs[self.network.leg_ends[legs]]
        for from_s, turns in self.stages:
            behind = np.where(at_s >= from_s, turns[legs], behind)
        return np.where(np.isfinite(at_s), behind, STAYS)

    def _seen(self, field: Floats, cells: Ints, at_s: Floats) -> Floats:
        zones = self.zones[cells]
        moment = np.minimum((np.minimum(at_s, 1e6) / EVERY_S).astype(np.int64), len(field) - 1)
        seen: Floats = np.where(zones < 0, 0.0, field[moment, np.maximum(zones, 0)])
        return seen

    def _breathe(self, groups: Ints, cells: Ints, from_s: Floats, to_s: Floats) -> None:
        zones = np.maximum(self.zones[cells], 0)
        smoky = self.zones[cells] >= 0
        # who never leaves breathes it until the end of what has been reckoned
        end_s = float(self.smoke.times_s[-1])
        until = np.where(np.isfinite(to_s), to_s, np.maximum(end_s, from_s))
        taken = self._sum(zones, until) - self._sum(zones, from_s)
        self.dose[groups] += np.where(smoky, taken, 0.0)
        for field, most in ((self.smoke.extinction_per_m, self.thickest), (self.smoke.rise_k, self.warmest)):
            met_ = np.maximum(self._seen(field, cells, from_s), self._seen(field, cells, until))
            most[groups] = np.maximum(most[groups], met_)

    def _sum(self, zones: Ints, at_s: Floats) -> Floats:
        """Dose in some zones from the alarm until some time."""
        place = np.minimum(at_s / EVERY_S, len(self.doses) - 1)
        row = np.minimum(place.astype(np.int64), len(self.doses) - 2)
        low, high = self.doses[row, zones], self.doses[row + 1, zones]
        beyond = np.maximum(at_s - self.smoke.times_s[-1], 0.0) * self.last_rate[zones]
        taken: Floats = low + (place - row) * (high - low) + beyond
        return taken
