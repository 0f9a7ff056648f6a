"""Cars: who comes and goes, where they stand, what they charge."""

import numpy as np

from sample_sites.simulator.incidents import Effects
from sample_sites.simulator.rhythms import at_home_ratio, driving_ratio
from sample_sites.simulator.world import World

_CHARGE_W = {"charger-ac": 7_000.0, "charger-dc": 60_000.0, "charger-bicycle": 180.0}
_SESSION_S = {"charger-ac": 4 * 3600.0, "charger-dc": 2400.0, "charger-bicycle": 5 * 3600.0}


class Cars:
    """Parking spaces fill and empty with the day; barriers lift for each movement; chargers run sessions."""

    def __init__(self, world: World) -> None:
        self._occupied = world.rows("parking-sensor", "occupied")
        n = len(self._occupied)
        world.truth[self._occupied] = (world.rng.random(n) < 0.7).astype(float)
        self._barrier = world.rows("barrier", "state")
        self._vehicles = world.rows("barrier", "vehicles")
        self._open_s = np.zeros(len(self._barrier))
        world.truth[self._vehicles] = world.rng.integers(1_000, 500_000, len(self._vehicles))
        self._chargers = []
        for kind in _CHARGE_W:
            rows = [world.rows(kind, c) for c in ("state", "power", "energy")]
            left_s = np.where(world.rng.random(len(rows[0])) < 0.35, _SESSION_S[kind] * 0.5, 0.0)
            world.truth[rows[2]] = world.rng.uniform(10.0, 9e4, len(rows[0])).round(2)
            self._chargers.append((kind, rows, left_s))

    def step(self, world: World, effects: Effects, *, site_s: float, hour: float, dt_s: float) -> None:  # noqa: ARG002 - the models' common signature
        """Drive, park, charge."""
        rng, n = world.rng, len(self._occupied)
        wanted = 0.45 + 0.45 * float(at_home_ratio(hour))
        taken = world.truth[self._occupied] > 0.5
        turn = 1 - np.exp(-dt_s / 7200.0 * float(driving_ratio(hour)))
        moves = rng.random(n) < turn
        stands = np.where(moves, rng.random(n) < wanted, taken)
        world.truth[self._occupied] = stands
        movements = int((stands != taken).sum())
        m = len(self._barrier)
        if m:
            passed = rng.multinomial(movements, np.full(m, 1 / m))
            world.truth[self._vehicles] += passed
            self._open_s = np.where(passed > 0, 8.0, np.maximum(0.0, self._open_s - dt_s))
            world.truth[self._barrier] = (self._open_s > 0).astype(float)
        for k, (kind, rows, left_s) in enumerate(self._chargers):
            state, power, energy = rows
            starts = (left_s <= 0) & (rng.random(len(state)) < 1 - np.exp(-dt_s / 9000.0))
            left = np.where(starts, rng.exponential(_SESSION_S[kind], len(state)), np.maximum(0.0, left_s - dt_s))
            self._chargers[k] = (kind, rows, left)
            # constant power, then tapering over the last sixth of the session
            watts = _CHARGE_W[kind] * np.clip(left / (_SESSION_S[kind] / 6), 0.1, 1.0) * (left > 0)
            world.truth[power] = watts * rng.uniform(0.99, 1.01, len(state))
            world.truth[energy] += world.truth[power] * dt_s / 3.6e6
            world.truth[state] = np.where(left > 0, 2.0, 0.0)
