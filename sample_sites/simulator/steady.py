"""What mostly stays as it is: things online, supplies present, rooms cool, batteries slowly falling."""

import numpy as np

from sample_sites.simulator import signs
from sample_sites.simulator.incidents import Effects
from sample_sites.simulator.rhythms import outdoor_degc
from sample_sites.simulator.world import World

# state channels and the value of an undisturbed day; a kind's own default differs only where it is named
_RESTING: dict[str, float] = {
    "status": 1.0, "supply": 0.0, "state": 0.0, "run": 0.0, "armed": 1.0, "release": 0.0, "link": 1.0, "enabled": 1.0,
    "playing": 0.0, "open": 0.0, "blocked": 0.0, "open_calls": 0.0, "position": 1.0, "present": 0.0, "motion": 0.0,
    "occupied": 0.0, "door": 0.0, "visits": 0.0, "passages": 0.0, "vehicles": 0.0, "trips": 0.0, "sessions": 0.0,
    "parcels": 0.0, "movements": 0.0, "people": 0.0, "clients": 0.0, "power": 0.0, "speed": 0.0, "mass": 0.0,
}  # fmt: skip
_RESTING_OF: dict[tuple[str, str], float] = {
    ("isolation-valve", "state"): 1.0, ("motor-valve", "state"): 1.0, ("terminal", "state"): 1.0,
    ("lift", "storey"): 1.0, ("camera-fixed", "frame_rate"): 25.0, ("camera-dome", "frame_rate"): 25.0,
    ("camera-ptz", "frame_rate"): 25.0, ("camera-lift", "frame_rate"): 15.0, ("display", "brightness"): 0.7,
    ("fire-power-box", "voltage"): 229.0, ("emergency-lighting-box", "voltage"): 228.0,
    ("electricity-meter-inlet", "voltage"): 231.0, ("gas-detector", "concentration"): 1.0,
    ("network-switch", "free_ports"): 0.29, ("storage-server", "disk_used"): 0.46, ("duct-fill", "fill"): 0.58,
    ("ups", "charge"): 1.0, ("ups", "load"): 3400.0, ("smoke-detector", "smoke"): 0.02,
    ("electrical-fire-monitor", "residual_current"): 0.085, ("electrical-fire-monitor", "temperature"): 34.0,
    ("heat-detector", "temperature"): 24.0, ("room-climate", "temperature"): 22.5, ("room-climate", "humidity"): 0.47,
    ("soil-monitor", "moisture"): 0.31, ("soil-monitor", "conductivity"): 0.42, ("water-quality", "ph"): 7.4,
    ("water-quality", "chlorine"): 0.38, ("water-quality", "turbidity"): 0.22, ("call-button", "battery"): 0.94,
    ("wifi-ap", "noise"): -92.0, ("sump-pump", "level"): 0.35,
}  # fmt: skip
_MEAN_REVERTING: dict[tuple[str, str], tuple[float, float]] = {
    # (kind, channel): (standard deviation, correlation time in seconds)
    ("electricity-meter-inlet", "voltage"): (1.5, 120.0), ("fire-power-box", "voltage"): (1.5, 120.0),
    ("emergency-lighting-box", "voltage"): (1.5, 120.0), ("ups", "load"): (160.0, 300.0),
    ("room-climate", "temperature"): (0.6, 1800.0), ("room-climate", "humidity"): (0.02, 3600.0),
    ("smoke-detector", "smoke"): (0.008, 600.0), ("electrical-fire-monitor", "residual_current"): (0.012, 300.0),
    ("electrical-fire-monitor", "temperature"): (1.5, 1800.0), ("heat-detector", "temperature"): (0.8, 3600.0),
    ("water-quality", "ph"): (0.05, 3600.0), ("water-quality", "chlorine"): (0.03, 1800.0),
    ("water-quality", "turbidity"): (0.03, 900.0), ("gas-detector", "concentration"): (0.5, 300.0),
    ("camera-fixed", "frame_rate"): (0.4, 60.0), ("camera-dome", "frame_rate"): (0.4, 60.0),
    ("soil-monitor", "moisture"): (0.01, 20_000.0), ("wifi-ap", "noise"): (2.0, 600.0),
}  # fmt: skip


class Steady:
    """Resting values of every channel, and small drifts about them."""

    def __init__(self, world: World) -> None:
        for row in world.index.channels:
            resting = _RESTING_OF.get((row.kind.id, row.channel.id), _RESTING.get(row.channel.id))
            if resting is not None:
                world.truth[row.row] = resting
        signs.point_inplace(world)
        self._drifts = []
        for (kind, channel), (sigma, tau_s) in _MEAN_REVERTING.items():
            rows = world.rows(kind, channel)
            if len(rows):
                middle = world.truth[rows].copy() * world.rng.normal(1.0, 0.03, len(rows))
                self._drifts.append((rows, middle, sigma, tau_s))
        self._uptime = world.rows("gateway", "uptime")
        world.truth[self._uptime] = world.rng.uniform(1e5, 6e6, len(self._uptime)).round()
        self._battery = world.rows("call-button", "battery")
        self._water_temperature = world.rows("water-quality", "temperature")
        self._soil_temperature = world.rows("soil-monitor", "temperature")

    def step(self, world: World, effects: Effects, *, site_s: float, hour: float, dt_s: float) -> None:  # noqa: ARG002 - the models' common signature
        """Let them drift (Ornstein-Uhlenbeck) and the clocks run."""
        for rows, middle, sigma, tau_s in self._drifts:
            keep = np.exp(-dt_s / tau_s)
            noise = world.rng.normal(0.0, sigma * np.sqrt(1 - keep * keep), len(rows))
            world.truth[rows] = middle + (world.truth[rows] - middle) * keep + noise
        world.truth[self._uptime] += dt_s
        world.truth[self._battery] = np.maximum(0.05, world.truth[self._battery] - dt_s * 1.5e-8)
        world.truth[self._water_temperature] = 17.0 + 0.1 * (outdoor_degc(hour) - 21.0)
        world.truth[self._soil_temperature] = 16.0 + 0.15 * (outdoor_degc(hour) - 21.0)
