"""Who is in which building, truly: people come and go by its doors, and leave it in a fire; counters miss some."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sample_sites.simulator.incidents import Effects
from sample_sites.simulator.rhythms import at_home_ratio, awake_ratio, present_at_work_ratio
from sample_sites.simulator.world import World
from twin.evacuation.occupancy import Building, buildings
from twin.index import SiteIndex

MISSED_RATIO = 0.03
DOUBLE_RATIO = 0.01
TRIPS_PER_HOUR = 0.12
"""Each goes out and comes back so often, beside the rhythm of the day."""
SETTLES_S = 1800.0
LEAVES_S = 240.0
"""In a fire: a share of 1/e is still in after so long."""
STAYS_RATIO = 0.02
_BACK_DOOR = 0.03
"""How often a door that stands open to nobody's key is used, against one with a reader."""

Counts = NDArray[np.int64]


@dataclass
class _Doors:
    """The ways out of a building, as people use them by day and in a fire."""

    ids: tuple[str, ...]
    usual: NDArray[np.float64]
    in_fire: NDArray[np.float64]
    counters: list[tuple[int, int, int]] = field(default_factory=list)
    """Door, row of who entered, row of who left."""


class Occupants:
    """The people of every building."""

    def __init__(self, world: World) -> None:
        self.buildings: tuple[Building, ...] = buildings(world.index)
        self._doors = [_doors(world, building) for building in self.buildings]
        self._factor = np.exp(world.rng.normal(0.0, 0.25, len(self.buildings)))
        self.inside: Counts = np.zeros(len(self.buildings), dtype=np.int64)
        self.by_door: dict[str, int] = {}
        """Who went through each door in the last step."""
        self._began = False
        self._stay: dict[str, int] = {}
        for channel in ("entered", "left"):  # one that hangs at no way out stands still
            rows = world.rows("people-counter", channel)
            world.truth[rows] = world.rng.integers(1_000, 90_000, len(rows))

    def truth(self) -> dict[str, int]:
        """Persons in each building now."""
        return {building.id: int(many) for building, many in zip(self.buildings, self.inside, strict=True)}

    def step(self, world: World, effects: Effects, *, site_s: float, hour: float, dt_s: float) -> None:  # noqa: ARG002 - the models' common signature
        """Come and go."""
        wanted = np.array(
            [_wanted(building, hour, factor) for building, factor in zip(self.buildings, self._factor, strict=True)]
        )
        if not self._began:
            self.inside, self._began = np.round(wanted).astype(np.int64), True
        burning = {s.storey.building.id for f in effects.fires.values() if (s := world.index.spaces.get(f)) is not None}
        self._stay = {b: many for b, many in self._stay.items() if b in burning}
        self.by_door = {}
        for k, building in enumerate(self.buildings):
            here = int(self.inside[k])
            if building.id in burning:
                staying = self._stay.setdefault(building.id, int(world.rng.binomial(here, STAYS_RATIO)))
                left = int(world.rng.binomial(max(0, here - staying), 1.0 - np.exp(-dt_s / LEAVES_S)))
                came = 0
            else:
                drawn = (wanted[k] - here) * (1.0 - np.exp(-dt_s / SETTLES_S))
                trips = here * TRIPS_PER_HOUR * float(awake_ratio(hour)) * dt_s / 3600.0
                left = min(here, int(world.rng.poisson(trips + max(0.0, -drawn))))
                came = int(world.rng.poisson(trips + max(0.0, drawn)))
            self.inside[k] = here + came - left
            self._pass(world, k, came, left, in_fire=building.id in burning)

    def _pass(self, world: World, number: int, came: int, left: int, *, in_fire: bool) -> None:
        """Through which doors, and what counters there make of it."""
        doors, rng = self._doors[number], world.rng
        if not doors.ids or came + left == 0:
            return
        share = doors.in_fire if in_fire else doors.usual
        into, out = rng.multinomial(came, share), rng.multinomial(left, share)
        for name, both in zip(doors.ids, (into + out).tolist(), strict=True):
            self.by_door[name] = self.by_door.get(name, 0) + both
        for door, entered, went in doors.counters:
            for row, many in ((entered, into[door]), (went, out[door])):
                world.truth[row] += rng.binomial(many, 1.0 - MISSED_RATIO) + rng.binomial(many, DOUBLE_RATIO)


def _wanted(building: Building, hour: float, factor: float) -> float:
    """Persons: in some buildings more people go out to work than in others, some shops have more customers."""
    out, work = 1.0 - float(at_home_ratio(hour)), float(present_at_work_ratio(hour))
    return building.homes * max(0.0, 1.0 - out * factor) + building.work * work * factor + building.always


def _doors(world: World, building: Building) -> _Doors:
    ids, index = tuple(building.exits), world.index
    widths = np.array([building.exits[name] for name in ids])
    locked = np.array([index.openings[name].template.locked for name in ids], dtype=bool)
    usual = widths * np.where(locked, 1.0, _BACK_DOOR) if locked.any() else widths.copy()
    # people know the doors that lead into the open, and do not run into the garage
    in_fire = np.where([_is_open(index, name) for name in ids], widths, 0.0) if ids else widths
    in_fire = in_fire if in_fire.sum() > 0 else widths
    made = _Doors(ids, usual / max(usual.sum(), 1e-9), in_fire / max(in_fire.sum(), 1e-9))
    made.counters = [(ids.index(c.exit), c.entered, c.left) for c in building.counters]
    return made


def _is_open(index: SiteIndex, opening: str) -> bool:
    return "outside" in index.openings[opening].connects
