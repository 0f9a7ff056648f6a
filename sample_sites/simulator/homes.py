"""Homes: electricity and gas by the hour, movement and calls where elderly residents live alone."""

import numpy as np

from sample_sites.simulator.incidents import Effects
from sample_sites.simulator.rhythms import at_home_ratio, awake_ratio, power_ratio, water_ratio
from sample_sites.simulator.world import World

MEAN_FLAT_W = 330.0
"""About 8 kWh a day, usual for a Chinese city flat."""
MEAN_GAS_M3_PER_S = 0.45 / 86_400
COMMON_W_PER_STOREY = 140.0
GARAGE_W = 9_000.0


class Homes:
    """Every flat's electricity and gas, summed to buildings and inlet by the meters' parents."""

    def __init__(self, world: World) -> None:
        index = world.index
        people = {h.space: (0 if h.tenure == "vacant" else max(1, h.residents)) for h in index.site.households}
        self._power = world.rows("electricity-meter-flat", "power")
        self._energy = world.rows("electricity-meter-flat", "energy")
        self._gas = world.rows("gas-meter-flat", "volume")
        self._people = np.array([people.get(index.channels[r].device.space or "", 2) for r in self._power], dtype=float)
        gas_people = [people.get(index.channels[r].device.space or "", 2) for r in self._gas]
        self._gas_people = np.array(gas_people, dtype=float)
        n = len(self._power)
        self._level = world.rng.lognormal(0.0, 0.35, n)
        self._appliance = np.zeros(n)
        world.truth[self._energy] = world.rng.uniform(800.0, 30_000.0, n).round(2)
        world.truth[self._gas] = world.rng.uniform(100.0, 3_000.0, len(self._gas)).round(3)
        self._parents = self._meter_tree(world, "power", ("electricity-meter-flat",), "electricity-meter-building")
        self._gas_parents = self._meter_tree(world, "volume", ("gas-meter-flat",), "gas-meter-building")
        self._totals = [
            (world.rows(kind, "power"), world.rows(kind, "energy"))
            for kind in ("electricity-meter-building", "electricity-meter-inlet")
        ]
        for _, energy in self._totals:
            world.truth[energy] = world.rng.uniform(2e5, 2e6, len(energy)).round(1)
        self._gas_total = (world.rows("gas-meter-building", "flow"), world.rows("gas-meter-building", "volume"))
        world.truth[self._gas_total[1]] = world.rng.uniform(1e4, 1e5, len(self._gas_total[1])).round(1)
        self._transformers = (world.rows("transformer", "load"), world.rows("transformer", "temperature"))
        self._heat = [(world.rows(k, "power"), world.rows(k, "energy")) for k in ("heat-meter", "cooling-meter")]
        for _, energy in self._heat:
            world.truth[energy] = world.rng.uniform(1e3, 1e5, len(energy)).round(1)
        self._present = world.rows("activity-sensor", "present")
        self._moves = world.rows("activity-sensor", "movements")
        self._sensor_space = [index.channels[r].device.space or "" for r in self._present]

    @staticmethod
    def _meter_tree(world: World, channel: str, kinds: tuple[str, ...], parent_kind: str) -> dict[int, list[int]]:
        """Rows of the flat meters under each parent meter: by the parents the site states, else by the building."""
        index = world.index
        by_device = {index.channels[r].device.id: int(r) for r in world.rows(parent_kind, channel)}
        by_building: dict[str, int] = {}
        for device, row in by_device.items():
            space = index.spaces.get(index.devices[device].space or "")
            if space is not None:
                by_building[space.storey.building.id] = row
        tree: dict[int, list[int]] = {row: [] for row in by_device.values()}
        for kind in kinds:
            for row in world.rows(kind, channel):
                device = index.channels[row].device
                above = by_device.get(device.parent or "")
                if above is None:
                    space = index.spaces.get(device.space or "")
                    above = None if space is None else by_building.get(space.storey.building.id)
                if above is not None:
                    tree[above].append(int(row))
        return tree

    def step(self, world: World, effects: Effects, *, site_s: float, hour: float, dt_s: float) -> None:  # noqa: ARG002 - the models' common signature
        """Draw power and gas, and move about."""
        rng, n = world.rng, len(self._power)
        # kettles, cookers, air conditioners: on for some minutes, more often when the rhythm is high
        keep = np.exp(-dt_s / 600.0)
        starts = rng.random(n) < 1 - np.exp(-dt_s / 5400.0 * float(power_ratio(hour)))
        self._appliance = np.where(starts, rng.uniform(600.0, 2400.0, n), self._appliance * keep)
        base = MEAN_FLAT_W * float(power_ratio(hour)) * self._level * (0.4 + 0.3 * self._people)
        power = np.where(self._people > 0, 0.6 * base + 35.0 + self._appliance, 6.0)
        world.truth[self._power] = power
        world.truth[self._energy] += power * dt_s / 3.6e6
        burn = MEAN_GAS_M3_PER_S * float(water_ratio(hour)) * self._gas_people / 2.4
        gas = np.where(rng.random(len(self._gas)) < 0.4, burn / 0.4, 0.0)
        world.truth[self._gas] += gas * dt_s
        self._sum_up(world, gas, dt_s)
        self._move(world, effects, hour=hour, dt_s=dt_s)

    def _sum_up(self, world: World, gas: np.ndarray, dt_s: float) -> None:
        """Building and inlet meters: what hangs below them plus what the common parts take."""
        index = world.index
        for row, below in self._parents.items():
            space = index.spaces.get(index.channels[row].device.space or "")
            storeys = 2 if space is None else sum(len(s.numbers) for s in space.storey.building.storeys)
            world.truth[row] = world.truth[below].sum() + COMMON_W_PER_STOREY * storeys
        buildings, inlet = self._totals[0][0], self._totals[1][0]
        world.truth[inlet] = (world.truth[buildings].sum() + GARAGE_W) / max(1, len(inlet))
        for power, energy in self._totals:
            world.truth[energy] += world.truth[power] * dt_s / 3.6e6
        position = {int(row): k for k, row in enumerate(self._gas)}
        flows, volumes = self._gas_total
        for flow, volume in zip(flows, volumes, strict=True):
            drawn = sum(gas[position[r]] for r in self._gas_parents.get(int(volume), ()))
            world.truth[flow] = drawn
            world.truth[volume] += drawn * dt_s
        load, temperature = self._transformers
        if len(load):
            total_w = float(world.truth[inlet].sum()) if len(inlet) else 0.0
            world.truth[load] = min(0.98, 0.12 + total_w / len(load) / 800e3)
            world.truth[temperature] = 38.0 + 45.0 * world.truth[load]
        for power, energy in self._heat:
            world.truth[power] = 2_000.0 + 1_500.0 * world.rng.random(len(power))
            world.truth[energy] += world.truth[power] * dt_s / 3.6e6

    def _move(self, world: World, effects: Effects, *, hour: float, dt_s: float) -> None:
        """Someone who lives alone is about when awake, and still where the taps stay shut."""
        still = np.array([any(s == t or s.startswith(f"{t}/") for t in effects.shut_taps) for s in self._sensor_space])
        chance = float(awake_ratio(hour)) * (0.5 + 0.5 * float(at_home_ratio(hour)))
        n = len(self._present)
        flips = world.rng.random(n) < 1 - np.exp(-dt_s / 240.0)
        present = np.where(flips, world.rng.random(n) < chance, world.truth[self._present] > 0.5)
        present = present & ~still if n else present
        world.truth[self._present] = present.astype(float)
        world.truth[self._moves] += np.where(present, world.rng.poisson(dt_s / 45.0, n), 0)
