"""What is locked and what is private: what keeps somebody from passing in daily use, and not in an evacuation."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.errors import UnknownIdError
from twin.fabric.site_graph import SiteGraph
from twin.index import PlacedOpening, SiteIndex, to_shapely
from twin.wayfinding.profiles import KeyKind, Profile

Flags = NDArray[np.bool_]

TECHNICAL: Final = frozenset({
    "shaft", "roof", "lift_machine_room", "substation", "switch_room", "fire_pump_room", "water_pump_room",
    "smoke_control_room", "data_room", "monitoring_centre", "telecom_room", "generator_room", "tank_room",
})  # fmt: skip
_GROUND_M: Final = 2.0
"""A door higher above or deeper below the building's base does not lead onto the ground."""


def flat_of(index: SiteIndex, space_id: str) -> str | None:
    """The flat a space is, or is part of; none where it is of no flat."""
    seen: set[str] = set()
    at: str | None = space_id
    while at is not None and at in index.spaces and at not in seen:
        if index.spaces[at].template.use == "flat":
            return at
        seen.add(at)
        at = index.spaces[at].parent
    return None


def key_kind(index: SiteIndex, opening: PlacedOpening) -> KeyKind:
    """What kind of key a locked door takes, by the spaces it parts."""
    sides = [side for side in opening.connects if side in index.spaces]
    flats = {flat_of(index, side) for side in sides}
    if any(flats) and not (len(sides) == 2 and len(flats) == 1):
        return "private"
    return "technical" if any(index.spaces[side].template.use in TECHNICAL for side in sides) else "common"


@dataclass(frozen=True, eq=False)
class Access:
    """What of a site is locked or private. One serves all profiles of a graph.

    Attributes
    ----------
    of : the graph whose rows are meant
    """

    of: SiteGraph

    @cached_property
    def locks(self) -> dict[str, KeyKind]:
        """Kind of key by id of each locked opening."""
        index = self.of.index
        return {o.id: key_kind(index, o) for o in index.openings.values() if o.template.locked}

    def lock_of(self, name: str, profile: Profile) -> KeyKind | None:
        """The kind of key a door or gate takes when a profile goes; none where it stands open."""
        # whoever has the key of a flat or of a common door still finds a shop shut after its hours
        return "technical" if name in profile.after_hours else self.locks.get(name)

    @cached_property
    def passed(self) -> frozenset[str]:
        """Ids of all that can be closed to who passes."""
        found = {*self.of.graph.rows, *self.of.index.openings, *self.of.index.spaces}
        for building in self.of.index.site.buildings:
            found.update(stair.id for stair in building.stairs)
            found.update(lift.id for lift in building.lifts)
            found.update(ramp.id for ramp in building.ramps)
        return frozenset(found)

    @cached_property
    def rooms_of(self) -> Mapping[str, tuple[str, ...]]:
        """The rooms on the same storey that each space is parted in."""
        found: dict[str, list[str]] = {}
        spaces = self.of.index.spaces
        for space in spaces.values():
            if space.parent in spaces and spaces[space.parent].storey.id == space.storey.id:
                found.setdefault(space.parent, []).append(space.id)
        return {parent: tuple(rooms) for parent, rooms in found.items()}

    @cached_property
    def spaces_on(self) -> Mapping[str, tuple[tuple[str, shapely.Polygon], ...]]:
        """The spaces of each storey with their shapes."""
        shapes: dict[int, shapely.Polygon] = {}
        found: dict[str, list[tuple[str, shapely.Polygon]]] = {}
        for space in self.of.index.spaces.values():
            key = id(space.template)
            if key not in shapes:
                shapes[key] = to_shapely(space.template.polygon)
            found.setdefault(space.storey.id, []).append((space.id, shapes[key]))
        return {storey: tuple(spaces) for storey, spaces in found.items()}

    @cached_property
    def doors_at(self) -> Mapping[str, tuple[PlacedOpening, ...]]:
        """Openings one may pass that lead into each space."""
        found: dict[str, list[PlacedOpening]] = {}
        for opening in self.of.index.openings.values():
            if opening.template.kind != "window":
                for side in opening.connects:
                    found.setdefault(side, []).append(opening)
        return {space: tuple(doors) for space, doors in found.items()}

    @cached_property
    def flats(self) -> tuple[str | None, ...]:
        """The flat that each cell is of."""
        found: list[str | None] = [None] * len(self.of.graph.cells)
        for space, row in self.of.cell_of.items():
            found[row] = found[row] or flat_of(self.of.index, space)
        return tuple(found)

    @cached_property
    def is_private(self) -> Flags:
        """(cells,) whether each is part of a flat."""
        return np.array([flat is not None for flat in self.flats], dtype=bool)

    @cached_property
    def is_aloft(self) -> Flags:
        """(spots,) doors to the outside that are not on the ground: nobody goes that way."""
        index, graph = self.of.index, self.of.graph
        found = np.zeros(len(graph.spots), dtype=bool)
        for row, spot in enumerate(graph.spots):
            if spot.kind == "exit" and spot.id in index.openings:
                storey = index.openings[spot.id].storey
                found[row] = abs(spot.point_m[2] - storey.building.base_elevation_m) > _GROUND_M
        return found

    def shut(self, profile: Profile, *, closed: Collection[str] = (), is_released: bool = False) -> Flags:
        """(spots,) where a profile does not pass.

        Parameters
        ----------
        closed : ids of doors, stairs, lifts, ramps, gates that are out of use, and of spaces
        is_released : nothing is locked, as in an evacuation

        Raises
        ------
        UnknownIdError
            If something is said to be closed that the site has not.
        """
        graph, out = self.of.graph, frozenset(closed)
        for name in sorted(out - self.passed):
            raise UnknownIdError("door, stair, lift, ramp, gate or space", name, self.passed)
        doors = {o.id for o in self.of.index.openings.values() if o.template.kind == "door"}
        widths = np.array([spot.width_m for spot in graph.spots])
        # doors are judged by the floors that were made with this clearance; what has no floor is judged here
        found = self.is_aloft | (widths < 2 * profile.clearance_m - 1e-9)
        for row, spot in enumerate(graph.spots):
            if (spot.id in out and spot.kind != "place") or (profile.is_vehicle and spot.id in doors):
                found[row] = True
            elif not is_released and (kind := self.lock_of(spot.id, profile)) is not None:
                # whoever may enter a flat is let in: the flat itself is closed to all others
                found[row] = found[row] or (kind != "private" and kind not in profile.opens)
        return found
