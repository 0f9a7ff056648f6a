"""Drains: what flats let go runs down to the outfall; above a blockage it stands and rises, below it fails.

Between manholes water runs at its normal depth. What a blocked pipe does not let through stands as one pool with a
level surface in all manholes and pipes above it that lie lower than it: the storage is filled from the lowest up.
"""

import math
from typing import Final

from pipe_network.inp import parse
from sample_sites.simulator.incidents import Effects
from sample_sites.simulator.manholes import Manhole, manholes_of
from sample_sites.simulator.rhythms import water_ratio
from sample_sites.simulator.world import World
from twin.model.networks import SiteNetwork

_MANHOLE_M2: Final = 1.0
_LAG_H: Final = 0.5
"""Half an hour from the tap to the manhole."""
_SEEP_RATIO: Final = 2e-4
"""What a blockage still lets through, of the full pipe's flow under a metre of water."""
_NOTICED_RATIO: Final = 1.1
"""A blockage is begun as it stands when the first manhole above it is that much of the bore deep: whoever starts one
wants to see what follows, and a quiet drain takes hours to fill."""
_HALVINGS: Final = 40


class Drains:
    """One network of drains and the levels its manholes show."""

    def __init__(self, world: World, network: SiteNetwork) -> None:
        self._id = network.id
        self._manholes = manholes_of(parse(network.inp))
        self._down = list(reversed(self._manholes.values()))
        self._pipes = {m.pipe.id: m for m in self._down}
        devices = {n: t.device for n, t in network.nodes.items() if t.device and n in self._manholes}
        self._devices = {n: d for n, d in devices.items() if world.row(d, "level") is not None}
        self._pools_m3: dict[str, float] = {}
        self._blocked: frozenset[str] = frozenset()
        self.rhythm_ratio = 1.0
        """What runs now, of the mean of a day."""
        self.levels_m: dict[str, float] = {}
        """Depth of water in each manhole; for tests and those who want to compare."""

    def step(self, world: World, effects: Effects, *, site_s: float, hour: float, dt_s: float) -> None:  # noqa: ARG002 - the models' common signature
        """Let water run down, stand above what is blocked, and write what the level sensors would see."""
        blocked = frozenset(k for n, k in effects.blocked_drains if n == self._id and k in self._pipes)
        for pipe in blocked - self._blocked:
            self._pools_m3.setdefault(pipe, self._noticed_m3(pipe, blocked))
        self._blocked = blocked
        self.rhythm_ratio = float(water_ratio(hour - _LAG_H))
        flows = self._run(self.rhythm_ratio, dt_s)
        self.levels_m = {
            m.id: m.pipe.diameter_m * (flows[m.id] / m.full_m3_per_s) ** (3 / 8) for m in self._down
        }  # fmt: skip
        for pipe, held_m3 in self._pools_m3.items():
            pool = self.above(pipe)
            surface_m = self._surface_m(pool, held_m3)
            for m in pool:
                self.levels_m[m.id] = max(self.levels_m[m.id], surface_m - m.invert_m)
        for node, device in self._devices.items():
            world.put(device, "level", self.levels_m[node])

    def _run(self, rhythm_ratio: float, dt_s: float) -> dict[str, float]:
        """What leaves each manhole, from the highest down; pools take what is held back and give it again."""
        arriving = {m.id: m.inflow_m3_per_s * rhythm_ratio for m in self._down}
        leaving: dict[str, float] = {}
        for m in self._down:
            flow = min(arriving[m.id], m.full_m3_per_s)
            name = m.pipe.id
            if name in self._blocked or name in self._pools_m3:
                held = self._pools_m3.get(name, 0.0) + flow * dt_s
                pool = self.above(name)
                depth_m = max(0.0, self._surface_m(pool, held) - m.invert_m)
                most = m.full_m3_per_s * (_SEEP_RATIO * depth_m**0.5 if name in self._blocked else 1.0)
                flow = min(most, held / dt_s)
                # what comes up to the lowest cover runs off over the ground
                self._pools_m3[name] = min(held - flow * dt_s, self.held_m3(pool, min(p.ground_m for p in pool)))
                if name not in self._blocked and self._pools_m3[name] <= 1e-6:
                    del self._pools_m3[name]
            leaving[m.id] = flow
            if m.below in arriving:
                arriving[m.below] += flow
        return leaving

    def above(self, pipe: str) -> list[Manhole]:
        """The manholes whose water stands where that of a blocked pipe does: up to the next blockage."""
        first = self._pipes[pipe]
        found = [first]
        inside = {first.id}
        for m in self._manholes.values():  # from the outfall upwards, so that what is below comes first
            if m.below in inside and m.pipe.id not in self._blocked:
                inside.add(m.id)
                found.append(m)
        return found

    @staticmethod
    def held_m3(pool: list[Manhole], surface_m: float) -> float:
        """What manholes and the pipes between them hold below a surface."""
        held = 0.0
        for k, m in enumerate(pool):
            held += _MANHOLE_M2 * max(0.0, surface_m - m.invert_m)
            if k:  # the pipe from it down to the pool's next manhole fills with it
                bore_m = m.pipe.diameter_m
                filled_ratio = min(max(0.0, surface_m - m.invert_m) / bore_m, 1.0)
                held += math.pi * bore_m**2 / 4 * m.pipe.length_m * filled_ratio
        return held

    def _surface_m(self, pool: list[Manhole], held_m3: float) -> float:
        """How high a pool stands."""
        low, high = pool[0].invert_m, max(m.ground_m for m in pool)
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if self.held_m3(pool, middle) < held_m3 else (low, middle)
        return high

    def _noticed_m3(self, pipe: str, blocked: frozenset[str]) -> float:
        """What stands above a new blockage when the first level sensor has it."""
        before, self._blocked = self._blocked, blocked
        pool = self.above(pipe)
        self._blocked = before
        seen = next((m for m in pool if m.id in self._devices), pool[0])
        surface_m = seen.invert_m + _NOTICED_RATIO * seen.pipe.diameter_m
        return self.held_m3(pool, min(surface_m, *(m.ground_m for m in pool)))
