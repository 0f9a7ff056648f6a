"""Air, noise and rain-free drainage by the hour."""

import numpy as np

from sample_sites.simulator.incidents import Effects
from sample_sites.simulator.rhythms import at_home_ratio, awake_ratio, driving_ratio, outdoor_degc, water_ratio
from sample_sites.simulator.world import World


class Outdoors:
    """Monitors in the open and indoors; manholes follow what the flats let go, half an hour later."""

    def __init__(self, world: World) -> None:
        self._air = {c: world.rows("air-monitor", c) for c in ("pm25", "pm10", "temperature", "humidity", "wind_speed")}
        self._indoor = {c: world.rows("indoor-air", c) for c in ("co2", "pm25", "temperature", "humidity")}
        self._co = world.rows("garage-co", "co")
        self._noise = world.rows("noise-monitor", "level")
        self._manholes = world.rows("manhole-level", "level")
        self._sump = world.rows("sump-pump", "level"), world.rows("sump-pump", "state")
        self._depth = world.rng.uniform(0.04, 0.16, len(self._manholes))
        self._dust = 38.0
        self._wind = 1.8

    def step(self, world: World, effects: Effects, *, site_s: float, hour: float, dt_s: float) -> None:  # noqa: ARG002 - the models' common signature
        """Follow the weather of a calm day and the traffic."""
        rng = world.rng
        keep = np.exp(-dt_s / 3600.0)
        self._dust = 38.0 + (self._dust - 38.0) * keep + rng.normal(0.0, 9.0 * np.sqrt(1 - keep**2))
        keep = np.exp(-dt_s / 120.0)
        self._wind = 1.8 + (self._wind - 1.8) * keep + rng.normal(0.0, 0.9 * np.sqrt(1 - keep**2))
        dust = max(3.0, self._dust + 8.0 * float(driving_ratio(hour)) - 8.0)
        degc = outdoor_degc(hour)
        wet = float(np.clip(0.62 - 0.018 * (degc - 21.0), 0.2, 0.98))
        for channel, value in (("pm25", dust), ("pm10", 1.7 * dust), ("temperature", degc), ("humidity", wet),
                               ("wind_speed", max(0.0, self._wind))):  # fmt: skip
            rows = self._air[channel]
            world.truth[rows] = value * rng.uniform(0.98, 1.02, len(rows))
        crowd = float(at_home_ratio(hour)) * float(awake_ratio(hour))
        inside = (("co2", 460.0 + 500.0 * crowd), ("pm25", 0.5 * dust), ("temperature", 22.0 + 0.2 * (degc - 21.0)),
                  ("humidity", 0.5))  # fmt: skip
        for channel, value in inside:
            rows = self._indoor[channel]
            world.truth[rows] = value * rng.uniform(0.99, 1.01, len(rows))
        world.truth[self._co] = 2.0 + 4.0 * float(driving_ratio(hour)) * rng.uniform(0.7, 1.3, len(self._co))
        loud = 42.0 + 10.0 * float(awake_ratio(hour)) + 3.0 * float(driving_ratio(hour))
        world.truth[self._noise] = loud + rng.normal(0.0, 2.0, len(self._noise))
        flow = float(water_ratio(hour - 0.5))
        world.truth[self._manholes] = self._depth * (0.5 + 0.9 * flow ** (3 / 8))
        level, state = self._sump
        rising = world.truth[level] + dt_s * 2e-5
        pumping = (rising > 0.8) | ((world.truth[state] == 1.0) & (rising > 0.3))
        world.truth[level] = np.where(pumping, np.maximum(0.25, rising - dt_s * 1e-3), rising)
        world.truth[state] = pumping.astype(float)
