"""Rooms and storeys that are no homes, against rules: distances, doors of rooms, exits and their width for the people.

A room counts as what it is used for; a room that serves others (a store) as its building. What
is in neither table is told by `not_checked`. A room at the very end of a dead end is judged as those at its sides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from twin.evacuation.car_parks import CAR_PARK, car_park
from twin.evacuation.checked import Checked, EgressFinding, Exits, Floats
from twin.evacuation.farthest import farthest_m
from twin.evacuation.people import people_by_day
from twin.fabric.flats import flat_of
from twin.index import PlacedOpening, PlacedSpace, PlacedStorey, SiteIndex, to_shapely
from twin.model.buildings import OUTSIDE

_KIND: Final = {
    "kindergarten": "kindergarten", "classroom": "teaching", "care_station": "care", "shop": "public",
    "office": "public", "service_centre": "public", "monitoring_centre": "public", "gatehouse": "public",
    "activity_room": "public", "parcel_room": "public", "hall": "public",
}  # fmt: skip
"""Which row of the table a use of a space falls under."""
_SERVING: Final = frozenset({"storage", "other", "data_room", "kitchen"})
"""Uses that say nothing by themselves: such a room counts as its building."""
_OF_BUILDING: Final = {"commercial": "public", "office": "public", "service": "public", "education": "teaching"}
_PASSED: Final = frozenset({
    "corridor", "lobby", "stair", "lift_lobby", "lift_shaft", "shaft", "roof", "refuge", "toilet", "bathroom",
    "balcony", "ramp",
})  # fmt: skip
"""Uses that are passed or stayed in for minutes: no rule here asks anything of them."""
_LED_TO: Final = frozenset({"corridor", "lobby", "stair", "lift_lobby", "refuge"})
_WITH_HIGH: Final = frozenset({"teaching", "public"})
_NEVER_ONE_EXIT: Final = frozenset({"kindergarten", "care"})
_LARGE: Final = frozenset({"hall", "shop"})
"""Halls and sales floors: with two doors they may be as deep as a hall."""


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A storey of which no rule here tells whether distances, doors and exits are enough.

    Attributes
    ----------
    uses : of its spaces that no rule knows; empty where the storey has no space with a use
    """

    storey: str
    uses: tuple[str, ...]


def not_checked(index: SiteIndex) -> tuple[NotChecked, ...]:
    """Storeys with uses that no rule on distances, doors and exits knows, or without any use."""
    found = []
    parents = {space.parent for space in index.spaces.values()}
    of: dict[str, list[PlacedSpace]] = {}
    for space in index.spaces.values():
        of.setdefault(space.storey.id, []).append(space)
    for storey in index.storeys:
        here = [space for space in of.get(storey, ()) if space.template.use not in _PASSED]
        unknown = {space.template.use for space in here if space.id not in parents and _is_unknown(index, space)}
        if unknown or not here:
            found.append(NotChecked(storey, tuple(sorted(unknown))))
    return tuple(found)


def _is_unknown(index: SiteIndex, space: PlacedSpace) -> bool:
    is_known = space.template.use in CAR_PARK or flat_of(index, space.id) is not None
    return not is_known and _kind(space) is None


def _kind(space: PlacedSpace) -> str | None:
    """The row of the table by use alone; none where no row is known."""
    use = space.template.use
    if use in _SERVING:
        return _OF_BUILDING.get(space.storey.building.use)
    return _KIND.get(use)


def public_rooms(of: Checked) -> Iterator[EgressFinding]:
    """What is asked of rooms and storeys that are no homes."""
    made = _Public(of)
    parked = {}
    for storey in of.index.storeys.values():
        if storey.id in made.rooms:
            yield from made.storey(storey)
        cars = [space for space in of.spaces_on.get(storey.id, ()) if space.template.use in CAR_PARK]
        if cars:
            parked[storey.id] = cars
    for name, cars in parked.items():
        yield from car_park(of, of.index.storeys[name], cars, is_below=made.is_below(of.index.storeys[name]))


class _Public:
    """Rooms of public use, by storey."""

    def __init__(self, of: Checked) -> None:
        self.of, self.index, self.rules = of, of.index, of.rules
        self.persons = people_by_day(self.index)
        self.rooms: dict[str, list[PlacedSpace]] = {}
        parents = {space.parent for space in self.index.spaces.values()}
        for space in self.index.spaces.values():
            is_home = flat_of(self.index, space.id) is not None
            if space.id not in parents and not is_home and _kind(space) is not None:
                self.rooms.setdefault(space.storey.id, []).append(space)
        self.storeys_of: dict[str, list[PlacedStorey]] = {}
        for storey in self.index.storeys.values():
            self.storeys_of.setdefault(storey.building.id, []).append(storey)
        self.kinds = {
            room.id: self._kind_of(room, kind)
            for rooms in self.rooms.values()
            for room in rooms
            if (kind := _kind(room)) is not None
        }

    def is_below(self, storey: PlacedStorey) -> bool:
        """Whether a storey is a basement: by its number, or as its floor lies below the base by over a third of it.

        References
        ----------
        GB 50016-2014 (2018), 2.1.6 and 2.1.7.
        """
        return storey.number < 1 or storey.elevation_m < storey.building.base_elevation_m - storey.template.height_m / 3

    def _kind_of(self, room: PlacedSpace, kind: str) -> str:
        """The row a room falls under: that of the kindergarten in a kindergarten, that of care from 20 people on."""
        here = [one for storey in self.storeys_of[room.storey.building.id] for one in self.rooms.get(storey.id, ())]
        if room.storey.building.use == "education" and any(one.template.use == "kindergarten" for one in here):
            return "kindergarten"
        if kind == "care":
            cared = sum(self.persons.get(one.id, 0.0) for one in here if one.template.use == "care_station")
            return "care" if cared >= self.rules["care-from"].value else "public"
        return kind

    def storey(self, storey: PlacedStorey) -> Iterator[EgressFinding]:
        """What is asked of a storey with rooms of public use."""
        rooms, exits = self.rooms[storey.id], self.of.exits(storey)
        shared = {name: rows for name, rows in exits.items() if self._is_shared(name)}
        doors = {room.id: self._doors(room) for room in rooms}
        of = self.of.graph.rows
        rows = sorted({row for some in doors.values() for door in some for row in of[door.id]}
                      | {row for door in exits.values() for row in door})  # fmt: skip
        lengths = dict(zip(rows, self.of.lengths(rows), strict=True))
        for room in rooms:
            is_inner = not any(self._leads_out(door) for door in doors[room.id])
            yield from self._room(room, doors[room.id], exits if is_inner else shared, lengths)
        yield from self._exits(storey, exits)
        yield from self._width(storey, exits)

    def _is_shared(self, opening: str) -> bool:
        """Whether an exit leads out of a corridor or lobby, not out of somebody's room."""
        return bool(self.of.uses_beside(self.index.openings[opening].connects) & _LED_TO)

    def _doors(self, room: PlacedSpace) -> list[PlacedOpening]:
        """Doors by which one leaves a room: into the open, a stair or a corridor, else through the next room."""
        found = [
            opening for opening in self.of.openings_on.get(room.storey.id, ())
            if room.id in opening.connects and opening.template.kind != "window" and opening.id in self.of.graph.rows
        ]  # fmt: skip
        return [one for one in found if self._leads_out(one)] or found

    def _leads_out(self, door: PlacedOpening) -> bool:
        """Whether a door leads out of a room, not into the next one."""
        return OUTSIDE in door.connects or bool(self.of.uses_beside(door.connects) & _LED_TO)

    def _room(
        self, room: PlacedSpace, doors: Sequence[PlacedOpening], exits: Exits, lengths: Mapping[int, Floats]
    ) -> Iterator[EgressFinding]:
        kind = self.kinds[room.id]
        row = f"{kind}-high" if kind in _WITH_HIGH and self._is_high(room.storey) else kind
        names = [door.id for door in doors]
        is_large = room.template.use in _LARGE and len(doors) > 1
        inside = "hall-travel" if is_large else f"inside-{row}"
        spots = [spot for name in names for spot in self.of.graph.rows[name]]
        far_m = farthest_m(self.of.site, room, spots)
        yield self.of.told(inside, room.id, far_m, *names, needed=self.of.with_sprinklers_m(inside, room.storey))
        for door in doors:
            if OUTSIDE not in door.connects and "stair" not in self.of.uses_beside(door.connects):
                yield self._to_exit(room, door.id, row, exits, lengths=lengths, is_large=is_large)
        if len(doors) == 1:
            yield from self._one_door(room, kind, names[0])

    def _to_exit(
        self, room: PlacedSpace, door: str, row: str, exits: Exits, *, lengths: Mapping[int, Floats], is_large: bool
    ) -> EgressFinding:  # fmt: skip
        """How far a room's door is from the nearest exit that all may use."""
        ways = [self.of.nearest(spot, exits, lengths) for spot in self.of.graph.rows[door]]
        length_m, to, is_between = min(ways, key=lambda way: way[0])
        objects = (door,) if to is None else (door, to)
        if is_large:
            most_m = self.of.with_sprinklers_m("hall-corridor", room.storey)
            return self.of.told("hall-corridor", room.id, length_m, *objects, needed=most_m)
        rule = f"between-{row}" if is_between else f"dead-end-{row}"
        most_m = self.of.allowed_m(rule, room.storey, door, to, is_between=is_between)
        return self.of.told(rule, room.id, length_m, *objects, needed=most_m)

    def _one_door(self, room: PlacedSpace, kind: str, door: str) -> Iterator[EgressFinding]:
        """Whether a room is small enough for one door."""
        area_m2 = float(to_shapely(room.template.polygon).area)
        if self.is_below(room.storey):
            yield self.of.told("one-door-below", room.id, area_m2, door)
            if room.id in self.persons:
                yield self.of.told("one-door-below-persons", room.id, self.persons[room.id], door)
        else:
            yield self.of.told(f"one-door-{kind}", room.id, area_m2, door)

    def _is_high(self, storey: PlacedStorey) -> bool:
        """Whether a building of more than one storey is a high-rise; under homes the part that is none counts alone."""
        building = storey.building
        height_m = building.height_m
        if building.use == "residential":
            tops = [one.elevation_m + one.template.height_m for one in self._of(storey)]
            height_m = max(tops) - building.base_elevation_m
        above = [one for one in self.storeys_of[building.id] if not self.is_below(one)]
        return len(above) > 1 and height_m > self.rules["high-rise-above"].value

    def _of(self, storey: PlacedStorey) -> list[PlacedStorey]:
        """Storeys of a building that have rooms of public use."""
        return [one for one in self.storeys_of[storey.building.id] if one.id in self.rooms]

    def _people(self, storey: PlacedStorey) -> float:
        """People in a storey's rooms of public use, by the densities."""
        return sum(self.persons.get(room.id, 0.0) for room in self.rooms[storey.id])

    def _exits(self, storey: PlacedStorey, exits: Exits) -> Iterator[EgressFinding]:
        """Number of exits; one is enough for few people on small storeys, never for children and the aged."""
        asked = 1.0 if self._may_have_one(storey) else self.rules["storey-exits"].value
        yield self.of.told("storey-exits", storey.id, len(exits), *exits, needed=asked)

    def _may_have_one(self, storey: PlacedStorey) -> bool:
        """Whether one exit is enough.

        References
        ----------
        GB 50016-2014 (2018), 5.5.8.
        """
        public = self._of(storey)
        if any(self.kinds[room.id] in _NEVER_ONE_EXIT for one in public for room in self.rooms[one.id]):
            return False
        above = [one for one in self.storeys_of[storey.building.id] if not self.is_below(one)]
        most_m2, most = self.rules["one-exit-area"].value, self.rules["one-exit-persons"].value
        if self.is_below(storey) or self._area_m2(storey) > most_m2:
            return False
        ground_m = min(one.elevation_m for one in above)
        if storey.elevation_m <= ground_m:
            return self._people(storey) <= most
        people = sum(self._people(one) for one in public if one.elevation_m > ground_m)
        is_small = all(self._area_m2(one) <= most_m2 for one in above)
        return len(above) <= self.rules["one-exit-storeys"].value and is_small and people <= most

    def _area_m2(self, storey: PlacedStorey) -> float:
        return float(to_shapely(storey.template.polygon).area)

    def _width(self, storey: PlacedStorey, exits: Exits) -> Iterator[EgressFinding]:
        """Width of all exits for 100 persons; out of the building for the storey above that has most.

        References
        ----------
        GB 50016-2014 (2018), 5.5.21.
        """
        people = self._people(storey)
        if any(self.of.graph.spots[rows[0]].kind == "exit" for rows in exits.values()):
            above = [one for one in self._of(storey) if one.elevation_m > storey.elevation_m]
            people = max([people, *map(self._people, above)])
        if people > 0:
            width_m = sum(self.of.graph.spots[rows[0]].width_m for rows in exits.values())
            yield self.of.told(self._width_rule(storey), storey.id, width_m * 100 / people, *exits)

    def _width_rule(self, storey: PlacedStorey) -> str:
        # a building that is all below ground has its base there, too: then the site's datum is the ground
        depth_m = max(storey.building.base_elevation_m, 0.0) - storey.elevation_m
        if self.is_below(storey):
            return "width-deep" if depth_m > self.rules["deep-below"].value else "width-below"
        count = len({one.number for one in self.storeys_of[storey.building.id] if not self.is_below(one)})
        return {1: "width-low", 2: "width-low", 3: "width-three"}.get(count, "width-high")
