"""Rooms, doors and stairs typed by hand, as the public suites of tests describe them."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from twin.evacuation.flow import emptied
from twin.evacuation.flow_network import SAFE, Change, Emptied, FlowNetwork, People
from twin.evacuation.sfpe import DOOR_LAYER_M, LEVEL_K, effective_width_m, most_flow_per_m_s, speed_m_per_s

FREE_M_PER_S: Final = float(speed_m_per_s(0.0))
"""Walking speed of the relations with nobody about."""


class Rooms:
    """A few rooms, made piece by piece: rooms, the doors at the ends of ways, who starts where.

    Everything is named; a way leads through one room to one door, and a door leads to the next way or out.
    """

    def __init__(self) -> None:
        self.rooms: dict[str, tuple[float, float]] = {}
        self.doors: dict[str, tuple[float, str | None]] = {}
        self.ways: dict[str, tuple[str, str, float, float]] = {}
        self.groups: list[tuple[str, float, float, float, float]] = []

    def room(self, name: str, area_m2: float = np.inf, *, k: float = LEVEL_K) -> None:
        """A room, corridor or flight; with no area it is never crowded."""
        self.rooms[name] = (area_m2, k)

    def door(
        self, name: str, width_m: float = np.inf, *, to: str | None = None, layer_m: float = DOOR_LAYER_M,
        k: float = LEVEL_K, specific_flow: float | None = None,
    ) -> None:  # fmt: skip
        """A door that leads to a way, or out; of infinite width it holds nobody up."""
        most = float(most_flow_per_m_s(k)) if specific_flow is None else specific_flow
        self.doors[name] = (float(effective_width_m(width_m, layer_m)) * most, to)

    def way(self, name: str, room: str, door: str, length_m: float, *, weight: float = 1.0) -> None:
        """A way through a room to a door."""
        self.ways[name] = (room, door, length_m, weight)

    def group(
        self, way: str, persons: float, *, start_s: float = 0.0, speed: float | None = None,
        length_m: float | None = None,
    ) -> None:  # fmt: skip
        """People at the start of a way, or so far from its end.

        Parameters
        ----------
        speed : with nobody about; none means as the relations have it. [m/s]
        """
        factor = 1.0 if speed is None else speed / float(speed_m_per_s(0.0, self.rooms[self.ways[way][0]][1]))
        self.groups.append((way, persons, start_s, factor, self.ways[way][2] if length_m is None else length_m))

    def network(self) -> FlowNetwork:
        """The rooms as flows go through them."""
        rooms, doors, ways = ({name: k for k, name in enumerate(d)} for d in (self.rooms, self.doors, self.ways))
        areas, ks = np.array(list(self.rooms.values()), dtype=np.float64).T
        return FlowNetwork(
            areas,
            ks,
            np.ones(len(areas)),
            np.array([rooms[room] for room, *_ in self.ways.values()]),
            np.array([doors[door] for _, door, *_ in self.ways.values()]),
            np.array([length for _, _, length, _ in self.ways.values()]),
            np.array([weight for *_, weight in self.ways.values()]),
            np.array([capacity for capacity, _ in self.doors.values()]),
            np.array([SAFE if to is None else ways[to] for _, to in self.doors.values()]),
        )

    def people(self) -> People:
        """Who is where at first."""
        rows = {name: k for k, name in enumerate(self.ways)}
        way, persons, start, factor, length = zip(*self.groups, strict=True)
        return People(
            np.array([rows[name] for name in way]), np.array(length), np.array(persons), np.array(start),
            np.array(factor),
        )  # fmt: skip

    def run(self, *, changes: Sequence[Change] = (), step_s: float = 0.5, record_every_s: float = 1.0) -> Emptied:
        """Everybody out."""
        return emptied(
            self.network(), self.people(), changes=changes, step_s=step_s, record_every_s=record_every_s
        )  # fmt: skip

    def clear_s(self, **options: float) -> float:
        """When the last one is out."""
        return float(self.run(**options).clear_s[0])  # type: ignore[arg-type] # steps and records are numbers

    def door_row(self, name: str) -> int:
        """Row of a door among spots."""
        return list(self.doors).index(name)

    def room_row(self, name: str) -> int:
        """Row of a room among cells."""
        return list(self.rooms).index(name)
