"""Leaks by the pump that makes up for them: how long it rests, how often it starts, how long it runs at night.

Between a stop and the next start nothing comes in, so what the vessel gives between the two pressures is what was drawn
or lost. On a closed main that is the leak; on one that is used it is so in the still hours of the night.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.noise import ShortHistoryError
from pipe_network.detection.signatures import FlowEstimate
from pipe_network.errors import SignatureError

Floats = NDArray[np.float64]

ATMOSPHERE_PA: Final = 101_325.0
VESSEL_SD_RATIO: Final = 0.1
"""How well a vessel's volume and precharge are known: the membrane ages and the gas leaks; an estimate."""
_LEAST: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class PumpCycles:
    """Complete cycles of a pump: each is a rest and the run after it.

    Attributes
    ----------
    stops_s, starts_s, ends_s : (n,) when it stopped, started and stopped again
    known_s : for how long its state was known altogether
    running_s : of that, how long it ran
    """

    stops_s: Floats
    starts_s: Floats
    ends_s: Floats
    known_s: float
    running_s: float

    @property
    def rests_s(self) -> Floats:
        """(n,) how long it rested."""
        rests: Floats = self.starts_s - self.stops_s
        return rests

    @property
    def runs_s(self) -> Floats:
        """(n,) how long it ran."""
        runs: Floats = self.ends_s - self.starts_s
        return runs

    @property
    def starts_per_h(self) -> float:
        """Starts in an hour of known state."""
        return 3600.0 * len(self.starts_s) / self.known_s if self.known_s > 0 else 0.0

    @property
    def duty_ratio(self) -> float:
        """Share of the known time in which it ran."""
        return self.running_s / self.known_s if self.known_s > 0 else 0.0


def pump_cycles(times_s: Floats, running: Floats, *, longest_gap_s: float = np.inf) -> PumpCycles:
    """The cycles of a pump.

    Parameters
    ----------
    running : (n,) above 0.5 while it runs; NaN where nobody knows, and then the cycle around it is not counted
    longest_gap_s : longest time between two readings over which the earlier one is taken to hold

    Examples
    --------
    >>> cycles = pump_cycles(np.arange(8.0), np.array([1, 0, 0, 0, 1, 0, 0, 1]))
    >>> cycles.rests_s.tolist(), cycles.runs_s.tolist(), round(cycles.duty_ratio, 3)
    ([3.0], [1.0], 0.286)
    """
    steps_s = np.diff(times_s)
    known = np.isfinite(running[:-1]) & np.isfinite(running[1:]) & (steps_s <= longest_gap_s)
    on = np.nan_to_num(running) > 0.5
    stops: list[float] = []
    starts: list[float] = []
    ends: list[float] = []
    stop = start = np.nan
    for k in range(len(steps_s)):
        if not known[k]:
            stop = start = np.nan
        elif on[k] and not on[k + 1]:
            if np.isfinite(start):
                stops.append(stop)
                starts.append(start)
                ends.append(times_s[k + 1])
            stop, start = times_s[k + 1], np.nan
        elif not on[k] and on[k + 1] and np.isfinite(stop):
            start = times_s[k + 1]
    return PumpCycles(np.array(stops), np.array(starts), np.array(ends), float(steps_s[known].sum()),
                      float(steps_s[known & on[:-1]].sum()))  # fmt: skip


def drawdown_m3(volume_m3: float, *, precharge_pa: float, start_pa: float, stop_pa: float) -> float:
    """What a membrane vessel gives between the pressures at which its pump stops and starts. [m3]

    Boyle's law: the gas that fills the whole vessel at its precharge. For a small difference it is V p0 dp / p2.

    Parameters
    ----------
    volume_m3 : of the vessel
    precharge_pa, start_pa, stop_pa : gauge pressures

    Raises
    ------
    SignatureError
        If the pump would start above the pressure it stops at, or below the precharge, where the vessel is empty.

    Examples
    --------
    >>> round(drawdown_m3(0.3, precharge_pa=2.0e5, start_pa=2.2e5, stop_pa=3.2e5), 4)
    0.0668
    """
    if not precharge_pa <= start_pa < stop_pa:
        raise SignatureError(
            f"a vessel with precharge {precharge_pa:g} Pa gives nothing between {stop_pa:g} and {start_pa:g} Pa; "
            "the pump must start above the precharge and stop above that"
        )
    gas = volume_m3 * (precharge_pa + ATMOSPHERE_PA)
    return gas * (1 / (start_pa + ATMOSPHERE_PA) - 1 / (stop_pa + ATMOSPHERE_PA))


def flow_from_rests(
    cycles: PumpCycles, given_m3: float, *, sd_ratio: float = VESSEL_SD_RATIO, timing_s: float = 0.0
) -> FlowEstimate:
    """What flows off while the pump rests: the vessel's gift over the middle rest.

    Parameters
    ----------
    given_m3 : between stop and start, by `drawdown_m3` or by `main_storage_m3_per_pa` times the difference
    sd_ratio : how well that is known
    timing_s : how far apart the state's readings are, since a rest is known no better

    Raises
    ------
    ShortHistoryError
        If fewer than two cycles are complete.

    Notes
    -----
    The median leaves out rests in which somebody drew water, as long as these are the fewer.
    """
    rests_s = cycles.rests_s
    if len(rests_s) < _LEAST:
        raise ShortHistoryError(len(rests_s), _LEAST)
    middle_s = float(np.median(rests_s))
    flow = given_m3 / middle_s
    scatter = 1.4826 * float(np.median(np.abs(rests_s - middle_s))) * 1.2533 / np.sqrt(len(rests_s))
    timing = timing_s / np.sqrt(6.0) / np.sqrt(len(rests_s))  # both ends of a rest are off by up to one reading
    return FlowEstimate(flow, flow * float(np.hypot(sd_ratio, np.hypot(scatter, timing) / middle_s)), len(rests_s))


def flow_from_duty(cycles: PumpCycles, pump_flow_m3_per_s: float, *, sd_ratio: float) -> FlowEstimate:
    """What a pump makes up for in the long run: its flow times the share of time it runs.

    Parameters
    ----------
    pump_flow_m3_per_s : while it runs, by its curve at the pressure it holds
    sd_ratio : how well that is known

    Raises
    ------
    ShortHistoryError
        If the pump's state was never known.
    """
    if cycles.known_s <= 0:
        raise ShortHistoryError(0, _LEAST)
    flow = pump_flow_m3_per_s * cycles.duty_ratio
    # the first and last cycle are cut: the duty is off by up to one run in the whole time
    run_s = float(np.median(cycles.runs_s)) if len(cycles.runs_s) else cycles.running_s
    cut = pump_flow_m3_per_s * run_s / cycles.known_s / np.sqrt(6.0)
    return FlowEstimate(flow, float(np.hypot(sd_ratio * flow, cut)), len(cycles.starts_s))
