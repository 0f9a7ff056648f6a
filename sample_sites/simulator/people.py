"""People about: doors, lifts, lobby lights, Wi-Fi, terminals, parcels, bins, patrols."""

import numpy as np
from numpy.typing import NDArray

from sample_sites.simulator.incidents import Effects
from sample_sites.simulator.occupants import Occupants
from sample_sites.simulator.rhythms import at_home_ratio, awake_ratio, daylight_lx
from sample_sites.simulator.world import World

Rows = NDArray[np.int32]
_OPEN_S = 6.0
_TRIP_S = 25.0
_AT_DOOR_M = 3.0
CLIENTS_PER_PERSON = 1.25
"""Telephones and computers joined to the estate's own radios."""
BIN_DAY_RATIO = 0.55
"""How much of a bin a day fills."""


class Lifts:
    """Lifts go where they are called; one with someone stuck in it stands still; all come down in a fire."""

    def __init__(self, world: World) -> None:
        index = world.index
        self._state = world.rows("lift", "state")
        self._storey = world.rows("lift", "storey")
        self._door = world.rows("lift", "door")
        self._people = world.rows("lift", "people")
        self._trips = world.rows("lift", "trips")
        self._devices = [index.channels[r].device for r in self._state]
        n = len(self._state)
        tops, buildings = [], []
        for device in self._devices:
            space = index.spaces.get(device.space or "")
            building = None if space is None else space.storey.building
            numbers = [1] if building is None else [m for s in building.storeys for m in s.numbers]
            tops.append(max(numbers))
            buildings.append("" if building is None else building.id)
        self._top = np.array(tops, dtype=float)
        self._buildings = buildings
        self._target = np.ones(n)
        self._wait_s = world.rng.uniform(0.0, 60.0, n)
        world.truth[self._trips] = world.rng.integers(5_000, 400_000, n)

    def step(self, world: World, effects: Effects, *, hour: float, dt_s: float, fire_buildings: set[str]) -> None:
        """Move every car; about 1.6 s a storey."""
        rng, n = world.rng, len(self._state)
        if n == 0:
            return
        stuck = np.array([d.id in effects.stuck_lifts for d in self._devices])
        recalled = np.array([b in fire_buildings for b in self._buildings])
        here = world.truth[self._storey]
        self._wait_s -= dt_s
        called = (self._wait_s <= 0) & ~stuck & ~recalled
        busy = 0.1 + float(awake_ratio(hour)) * (1.2 - float(at_home_ratio(hour)) + 0.3)
        self._target = np.where(
            called, np.where(rng.random(n) < 0.5, 1.0, rng.integers(1, self._top + 1)), self._target
        )
        self._wait_s = np.where(called, _TRIP_S + rng.exponential(90.0 / busy, n), self._wait_s)
        self._target = np.where(recalled, 1.0, self._target)
        reach = dt_s / 1.6
        moved = np.where(stuck, here, here + np.clip(self._target - here, -reach, reach))
        standing = np.abs(moved - self._target) < 1e-6
        world.truth[self._storey] = np.where(standing, self._target, np.round(moved))
        arrived = standing & (self._wait_s > _TRIP_S - 4)
        world.truth[self._door] = np.where(stuck, 0.0, np.where(recalled & standing | arrived, 1.0, 0.0))
        riding = np.where(standing, 0, rng.integers(1, 5, n))
        world.truth[self._people] = np.where(stuck, np.maximum(1, world.truth[self._people]), riding)
        world.truth[self._trips] += called
        world.truth[self._state] = np.where(stuck, 1.0, np.where(recalled, 4.0, 0.0))


def _nearest_doors(world: World, occupants: Occupants) -> dict[int, str]:
    """The way out that each card reader hangs at, by its number; those at gates and rooms hang at none."""
    found: dict[int, str] = {}
    exits = {b.id: b.exits for b in occupants.buildings}
    for k, row in enumerate(world.rows("door-access", "passages")):
        device = world.index.channels[row].device
        space = world.index.spaces.get(device.space or "")
        if space is None:
            continue
        x, y, _ = world.index.device_point(device)
        near = [
            (float(np.hypot((x0 + x1) / 2 - x, (y0 + y1) / 2 - y)), name)
            for name in exits.get(space.storey.building.id, ())
            if (door := world.index.openings[name]).storey is space.storey
            for (x0, y0), (x1, y1) in (door.template.line,)
        ]
        away_m, name = min(near, default=(np.inf, ""))
        if away_m < _AT_DOOR_M:
            found[k] = name
    return found


class People:
    """What residents set off on their way, and what staff do on theirs."""

    def __init__(self, world: World, occupants: Occupants) -> None:
        self._occupants = occupants
        self._at_door = _nearest_doors(world, occupants)
        self._lifts = Lifts(world)
        self._doors = world.rows("door-access", "state")
        self._passages = world.rows("door-access", "passages")
        self._open_s = np.zeros(len(self._doors))
        self._lights = [
            (world.rows(k, "state"), world.rows(k, "power"), world.rows(k, "motion")) for k in ("light", "smart-pole")
        ]
        self._lux = [world.rows("daylight-sensor", "illuminance"), world.rows("smart-pole", "illuminance")]
        self._clients = world.rows("wifi-ap", "clients")
        self._aps_in: dict[str, list[int]] = {}
        for k, row in enumerate(self._clients):
            space = world.index.spaces.get(world.index.channels[row].device.space or "")
            if space is not None:
                self._aps_in.setdefault(space.storey.building.id, []).append(k)
        self._terminals = (world.rows("terminal", "state"), world.rows("terminal", "sessions"))
        self._parcels = (world.rows("parcel-locker", "occupied"), world.rows("parcel-locker", "parcels"))
        self._bins, self._bin_heat = world.rows("bin", "fill"), world.rows("bin", "temperature")
        self._bin_ids = [world.index.channels[r].device.id for r in self._bins]
        self._cabinets = [world.rows("recycling-cabinet", c) for c in ("fill", "mass", "state")]
        self._visits = world.rows("patrol-point", "visits")
        self._fans = [world.rows("parking-display", "free_spaces")]
        self._occupied = world.rows("parking-sensor", "occupied")
        for rows, low, high in ((self._bins, 0.05, 0.7), (self._cabinets[0], 0.05, 0.6), (self._parcels[0], 0.2, 0.8)):
            world.truth[rows] = world.rng.uniform(low, high, len(rows))
        for rows in (self._passages, self._parcels[1], self._terminals[1]):
            world.truth[rows] = world.rng.integers(100, 90_000, len(rows))
        self._next_patrol_s = 0.0
        self._patrol = 0

    def step(self, world: World, effects: Effects, *, site_s: float, hour: float, dt_s: float) -> None:
        """Walk, ride, throw away, switch on."""
        fires = {s.storey.building.id for f in effects.fires.values() if (s := world.index.spaces.get(f)) is not None}
        self._lifts.step(world, effects, hour=hour, dt_s=dt_s, fire_buildings=fires)
        self._pass_doors(world, hour=hour, dt_s=dt_s)
        self._light(world, hour=hour)
        self._throw_away(world, effects, dt_s=dt_s, hour=hour)
        self._use_services(world, hour=hour, dt_s=dt_s)
        if len(self._visits) and site_s >= self._next_patrol_s:
            world.truth[self._visits[self._patrol % len(self._visits)]] += 1
            self._patrol += 1
            self._next_patrol_s = site_s + 120.0

    def _pass_doors(self, world: World, *, hour: float, dt_s: float) -> None:
        n = len(self._doors)
        rate = float(awake_ratio(hour)) / 150.0
        passed = world.rng.poisson(rate * dt_s, n)
        for k, door in self._at_door.items():
            passed[k] = self._occupants.by_door.get(door, 0)
        world.truth[self._passages] += passed
        self._open_s = np.where(passed > 0, _OPEN_S, np.maximum(0.0, self._open_s - dt_s))
        world.truth[self._doors] = (self._open_s > 0).astype(float)

    def _light(self, world: World, *, hour: float) -> None:
        lux = daylight_lx(hour)
        for rows in self._lux:
            world.truth[rows] = lux * world.rng.uniform(0.97, 1.03, len(rows))
        for k, (lamps, power, motion) in enumerate(self._lights):  # the second are the poles along the roads
            n = len(lamps)
            somebody = world.rng.random(len(motion)) < 0.25 * float(awake_ratio(hour))
            flips = world.rng.random(len(motion)) < 0.08
            world.truth[motion] = np.where(flips, somebody, world.truth[motion])
            dark = lux < (300.0 if k == 0 else 60.0)
            moving = world.truth[motion] > 0.5 if len(motion) == n else np.ones(n, dtype=np.bool_)
            lit = np.full(n, dark) if k == 1 else dark & moving
            world.truth[lamps] = lit.astype(float)
            world.truth[power] = np.where(lit, 90.0 if k == 1 else 45.0, 1.2) * world.rng.uniform(0.98, 1.02, n)

    def _throw_away(self, world: World, effects: Effects, *, dt_s: float, hour: float) -> None:
        rate = BIN_DAY_RATIO / 86_400 * 1.6 * float(awake_ratio(hour)) * dt_s
        for rows in (self._bins, self._cabinets[0]):
            level = world.truth[rows] + world.rng.exponential(1.0, len(rows)) * rate
            world.truth[rows] = np.where(level > 0.97, 0.03, level)  # the morning round empties it
        full = np.array([b in effects.full_bins for b in self._bin_ids], dtype=np.bool_)
        world.truth[self._bins] = np.where(full, 1.0, world.truth[self._bins])
        world.truth[self._bin_heat] = 23.0 + 4.0 * world.truth[self._bins]
        fill, mass, state = self._cabinets
        world.truth[mass] = 60.0 * world.truth[fill]
        world.truth[state] = (world.truth[fill] > 0.92).astype(float)

    def _use_services(self, world: World, *, hour: float, dt_s: float) -> None:
        n = len(self._clients)
        wanted = np.full(n, 3.0 + 8.0 * float(at_home_ratio(hour)) * float(awake_ratio(hour)))
        inside = self._occupants.truth()
        for building, those in self._aps_in.items():
            wanted[those] = inside.get(building, 0) * CLIENTS_PER_PERSON / len(those)
        few = np.round(
            world.truth[self._clients] + world.rng.normal(0.0, 1.0, n) + 0.05 * (wanted - world.truth[self._clients])
        )
        world.truth[self._clients] = np.maximum(0.0, few)
        screens, sessions = self._terminals
        starts = world.rng.random(len(screens)) < 1 - np.exp(-dt_s / 900.0 * float(awake_ratio(hour)))
        world.truth[sessions] += starts
        busy = np.where(
            starts, 2.0, np.where(world.rng.random(len(screens)) < 1 - np.exp(-dt_s / 90.0), 1.0, world.truth[screens])
        )
        world.truth[screens] = busy
        occupied, parcels = self._parcels
        change = world.rng.normal(0.0, 0.02, len(occupied)) * np.sqrt(dt_s / 60.0)
        world.truth[occupied] = np.clip(world.truth[occupied] + change, 0.02, 0.98)
        world.truth[parcels] += world.rng.poisson(dt_s / 400.0, len(parcels))
        taken = float((world.truth[self._occupied] > 0.5).sum()) if len(self._occupied) else 0.0
        for rows in self._fans:
            world.truth[rows] = max(0.0, len(self._occupied) - taken)
