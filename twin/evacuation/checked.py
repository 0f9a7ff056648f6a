"""A site that is being checked: its spaces and doors by storey, exits, distances, and findings."""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twin.evacuation.rules import EgressFacts, EgressRule
from twin.fabric.flats import flat_of
from twin.fabric.site_graph import SiteGraph
from twin.index import PlacedOpening, PlacedSpace, PlacedStorey

Floats = NDArray[np.float64]
Exits = Mapping[str, tuple[int, ...]]

_DEAD_END_M: Final = 1.0
_FAR_M: Final = 500.0


@dataclass(frozen=True, slots=True)
class EgressFinding:
    """One rule at one place.

    Attributes
    ----------
    rule : its id; place : of a building, storey, space, stair or door
    reached : what is there, infinite where there is no way
    objects : doors and stairs it hangs on
    """

    rule: str
    place: str
    needed: float
    reached: float
    unit: str
    is_met: bool
    objects: tuple[str, ...] = ()


class Checked:
    """A site that is being checked."""

    def __init__(self, site: SiteGraph, rules: Mapping[str, EgressRule], facts: EgressFacts) -> None:
        self.site, self.rules, self.graph = site, rules, site.graph
        self.index = site.index
        corridors = (name for name, space in self.index.spaces.items() if space.template.use == "corridor")
        self.facts = facts.known((*self.index.buildings, *self.index.storeys), corridors)
        self.spaces_on: dict[str, list[PlacedSpace]] = {}
        self.openings_on: dict[str, list[PlacedOpening]] = {}
        self.door_of: dict[str, int] = {}
        self.rooms_of: dict[str, list[int]] = {}
        for space in self.index.spaces.values():
            self.spaces_on.setdefault(space.storey.id, []).append(space)
            flat = flat_of(self.index, space.id)
            if flat is not None and space.id in site.place_of:
                self.rooms_of.setdefault(flat, []).append(site.place_of[space.id])
        for opening in self.index.openings.values():
            self._sort(opening)

    def _sort(self, opening: PlacedOpening) -> None:
        """An opening by the storeys it is on, and as the door of a flat."""
        spaces = self.index.spaces
        sides = [side for side in opening.connects if side in spaces]
        for storey in dict.fromkeys(spaces[side].storey.id for side in sides):
            self.openings_on.setdefault(storey, []).append(opening)
        rows = self.graph.rows.get(opening.id, ())
        flats = [flat_of(self.index, side) for side in opening.connects]
        if rows and flats[0] != flats[1] and opening.template.kind != "window":
            for flat in flats:
                if flat is not None:
                    self.door_of.setdefault(flat, rows[0])

    def told(
        self, rule: str, place: str, reached: float, *objects: str, needed: float | None = None
    ) -> EgressFinding:  # fmt: skip
        """A finding; needed is what the rule's value becomes there, where it does not hold as it stands."""
        asked = self.rules[rule] if needed is None else self.rules[rule].replace(value=needed)
        return EgressFinding(rule, place, asked.value, float(reached), asked.unit, asked.holds(reached), objects)

    def lengths(self, rows: Sequence[int]) -> Floats:
        """(rows, spots) how far it is from doors to everything on the same storey. [m]"""
        from scipy.sparse import csr_array  # noqa: PLC0415 - a quarter of a second, only for who walks
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

        count = len(self.graph.spots)
        if not len(rows):
            return np.empty((0, count))
        is_end = np.array([spot.is_end for spot in self.graph.spots], dtype=bool)
        used = (self.graph.links_of < 0) & ~is_end[self.graph.tails]
        ends = self.graph.tails[used], self.graph.heads[used]
        ways = csr_array((self.graph.lengths_m[used], ends), shape=(count, count))
        found: Floats = dijkstra(ways, indices=rows, limit=_FAR_M)
        return found

    def exits(self, storey: PlacedStorey) -> dict[str, tuple[int, ...]]:
        """Doors of a storey that lead to stairs or into the open."""
        spaces = self.index.spaces
        found: dict[str, tuple[int, ...]] = {}
        for opening in self.openings_on.get(storey.id, ()):
            rows = self.graph.rows.get(opening.id, ())
            kinds = {spaces[side].template.use for side in opening.connects if side in spaces}
            if rows and (self.graph.spots[rows[0]].kind == "exit" or ("stair" in kinds and kinds != {"stair"})):
                found[opening.id] = rows
        return found

    def nearest(self, row: int, exits: Exits, lengths: Mapping[int, Floats]) -> tuple[float, str | None, bool]:
        """How far a door is from the nearest exit, which that is, and whether the door lies between two."""
        away = sorted((min(float(lengths[row][end]) for end in ends), name) for name, ends in exits.items())
        near = [(length_m, name) for length_m, name in away if math.isfinite(length_m)]
        is_between = any(
            (a_m + b_m - float(lengths[exits[a][0]][exits[b][0]])) / 2 <= _DEAD_END_M
            for (a_m, a), (b_m, b) in itertools.combinations(near, 2)
        )
        return (*near[0], is_between) if near else (math.inf, None, is_between)

    def is_sprinklered(self, storey: PlacedStorey) -> bool:
        """Whether a storey has sprinklers everywhere, as the site states."""
        return not self.facts.sprinklered.isdisjoint({storey.id, storey.building.id})

    def allowed_m(
        self, rule: str, storey: PlacedStorey, door: str, to: str | None, *, is_between: bool
    ) -> float:  # fmt: skip
        """What a distance may be there: a quarter more with sprinklers, more on galleries, less to open stairs. [m]

        The share is of the table's value, the metres are added to that.

        References
        ----------
        GB 50016-2014 (2018), 5.5.17 and 5.5.29, notes.
        """
        value_m = self.with_sprinklers_m(rule, storey)
        if not self.facts.open_galleries.isdisjoint(self.index.openings[door].connects):
            value_m += self.rules["gallery-adds"].value
        if to is not None and self._is_open_stair(to):
            value_m -= self.rules["open-stair-takes" if is_between else "open-stair-takes-dead-end"].value
        return value_m

    def with_sprinklers_m(self, rule: str, storey: PlacedStorey) -> float:
        """A distance that a rule asks, with the share that sprinklers add to it. [m]"""
        more = self.rules["sprinklers-add"].value if self.is_sprinklered(storey) else 0.0
        return self.rules[rule].value * (1 + more)

    def _is_open_stair(self, opening: str) -> bool:
        """Whether an exit leads to a stair without a door."""
        found = self.index.openings[opening]
        return found.template.kind == "passage" and "stair" in self.uses_beside(found.connects)

    def uses_beside(self, connects: Iterable[str]) -> frozenset[str]:
        """Uses of the spaces an opening connects."""
        spaces = self.index.spaces
        return frozenset(spaces[side].template.use for side in connects if side in spaces)
