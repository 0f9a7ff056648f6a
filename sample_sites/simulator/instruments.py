"""Devices as they are: noise, resolution, drop-outs, late and double messages, heartbeats.

The rates are typical for wireless meters and wired building gateways, chosen so that the twin's handling of each fault
is exercised in a minute of the demo.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sample_sites.simulator.wire import Sent
from sample_sites.simulator.world import World

_NOISE_SHARE = 0.4  # of the resolution: the last digit flickers, the one before it does not
_RESOLUTION = {"pa": 1000.0, "m": 0.01, "m3_per_s": 1e-6, "w": 1.0, "degc": 0.1, "ratio": 0.01, "kwh": 0.01,
               "m3": 0.001, "v": 0.1, "a": 0.01, "lx": 1.0, "db": 0.1, "dbm": 1.0, "ug_per_m3": 1.0, "ppm": 1.0,
               "m_per_s": 0.1, "ph": 0.01, "ntu": 0.01}  # fmt: skip
_DEADBAND = {"pa": 20e3, "m3_per_s": 3e-3, "ratio": 0.25, "degc": 8.0}
"""A wired transmitter reports at once what jumps by more than this; smaller changes wait for its interval."""
_FLOW_ERROR_RATIO = 0.005
_TOLD_EVERY_S = 600.0
"""What is told of water at least so often in the estate's own time tells the hours, and a flat's rests at night."""
_SOONEST_S = 5.0
"""No device speaks more often than this because the estate is in a hurry."""
_NOISELESS = {"kwh", "m3", "bool", "state", "count", "s"}


@dataclass(frozen=True, slots=True)
class Faults:
    """How often devices fail to speak as they should; shares of all readings."""

    lost_ratio: float = 0.002
    late_ratio: float = 0.002
    late_s: float = 45.0
    double_ratio: float = 0.002


class Instruments:
    """Every device's clock, resolution and sequence number."""

    def __init__(self, world: World, *, faults: Faults | None = None) -> None:
        channels = world.index.channels
        n = len(channels)
        self._world = world
        self._faults = faults or Faults()
        self._resolution = np.array([_RESOLUTION.get(c.channel.unit, 0.0) for c in channels], dtype=np.float64)
        noisy = np.array([c.channel.unit not in _NOISELESS for c in channels], dtype=np.float64)
        self._sigma = self._resolution * noisy * _NOISE_SHARE
        self._is_flow = np.array([c.channel.unit == "m3_per_s" for c in channels], dtype=np.bool_)
        self._interval_s = world.index.intervals_s
        self._on_change = np.array([c.channel.reports == "change" for c in channels], dtype=np.bool_)
        self._deadband = np.array([_DEADBAND.get(c.channel.unit, np.inf) for c in channels], dtype=np.float64)
        ranges = world.index.ranges
        self._low, self._high = ranges[:, 0], ranges[:, 1]
        self._is_water = np.array([c.kind.system == "water" for c in channels], dtype=np.bool_)
        self._hurried_s = self._interval_s
        # devices do not speak in unison: each starts at a random point of its interval, but within ten seconds of
        # switching on every device says hello once, as devices do
        self._due_s = world.rng.uniform(0.0, 10.0, n)
        self._last_sent = np.full(n, np.nan)
        self._sequence = np.zeros(n, dtype=np.int64)
        self._late: list[Sent] = []

    def _report(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Values as the devices show them: true value, noise, resolution, range."""
        truth = self._world.truth[rows]
        # a meter at rest shows rest: its error is a share of what flows
        sigma = np.where(self._is_flow[rows], _FLOW_ERROR_RATIO * np.abs(truth), self._sigma[rows])
        noise = self._world.rng.normal(0.0, 1.0, len(rows)) * sigma
        step = self._resolution[rows]
        value = truth + noise
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(step > 0, np.round(value / step) * step, value)
        return np.clip(value, self._low[rows], self._high[rows])

    def hurry(self, speed: float, elapsed_s: float) -> None:
        """Let water meters and levels tell the course of an estate that lives `speed` times as fast as its clock."""
        hurried_s = np.maximum(_SOONEST_S, _TOLD_EVERY_S / speed)
        before_s = self._hurried_s
        self._hurried_s = np.where(self._is_water, np.minimum(self._interval_s, hurried_s), self._interval_s)
        due_s = elapsed_s + self._hurried_s * self._world.rng.uniform(0.0, 1.0, len(before_s))
        self._due_s = np.where(self._hurried_s < before_s, np.minimum(self._due_s, due_s), self._due_s)

    def read(self, elapsed_s: float, now_s: float) -> list[Sent]:
        """The readings sent in this tick, faults included.

        Parameters
        ----------
        elapsed_s
            Since the simulation began, in the devices' time. [s]
        now_s
            Time stamped on the readings, epoch. [s]
        """
        world, faults = self._world, self._faults
        alive = ~np.isnan(world.truth)
        due = alive & (self._due_s <= elapsed_s)
        with np.errstate(invalid="ignore"):
            moved = np.abs(world.truth - self._last_sent)
            changed = alive & ((self._on_change & (moved > 0)) | (moved > self._deadband))
        rows = np.flatnonzero(due | changed)
        if len(rows) == 0 and not self._late:
            return []
        values = self._report(rows)
        self._last_sent[rows] = world.truth[rows]
        self._due_s[rows] = elapsed_s + self._hurried_s[rows] * world.rng.uniform(0.97, 1.03, len(rows))
        self._sequence[rows] += 1
        chance = world.rng.random((3, len(rows)))
        # what has changed of itself is never lost here: alarm contacts are sent until they are acknowledged
        lost = (chance[0] < faults.lost_ratio) & ~changed[rows]
        late = (chance[1] < faults.late_ratio) & ~changed[rows] & ~lost
        double = chance[2] < faults.double_ratio
        out: list[Sent] = []
        stamp = round(now_s, 3)
        for k, row in enumerate(rows.tolist()):
            if lost[k]:
                continue
            sent = Sent(row, stamp, round(float(values[k]), 7), int(self._sequence[row]))
            if late[k]:
                self._late.append(sent)
                continue
            out.append(sent)
            if double[k]:
                out.append(sent)
        out.extend(s for s in self._late if now_s - s.time_s >= faults.late_s)
        self._late = [s for s in self._late if now_s - s.time_s < faults.late_s]
        return out
