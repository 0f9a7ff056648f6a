"""Leaks of tanks: what their level says that their meters do not, overflow, and float valves that do not shut."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.signatures import FlowEstimate, slope_per_s

Floats = NDArray[np.float64]

_METER_SD_RATIO: Final = 0.02
"""Error of a class 2 meter within its range, ISO 4064-1 (2014)."""
_STEADY_S: Final = 600.0
"""Shorter than this a full tank is filling's end, not an overflow."""


@dataclass(frozen=True, slots=True)
class Spill:
    """A time in which water came in although the tank was full.

    Attributes
    ----------
    volume_m3 : what came in meanwhile and left by the overflow
    """

    start_s: float
    end_s: float
    volume_m3: float


def tank_loss(
    times_s: Floats, levels_m: Floats, *, area_m2: float, inflows_m3_per_s: Floats | float = 0.0,
    outflows_m3_per_s: Floats | float = 0.0, meter_sd_ratio: float = _METER_SD_RATIO, resolution_m: float = 0.0,
) -> FlowEstimate:  # fmt: skip
    """What a tank loses: what comes in, less what goes out, less what its level gains.

    Parameters
    ----------
    times_s, levels_m : best of some still hours at night; NaN is missing
    inflows_m3_per_s, outflows_m3_per_s : as metered, at the same times or as a mean
    resolution_m : step of the level's reading

    Raises
    ------
    ShortHistoryError
        If fewer than four levels are there.
    """
    into, out = float(np.nanmean(inflows_m3_per_s)), float(np.nanmean(outflows_m3_per_s))
    # over a course that is not straight, the level's gain is its ends': the slope is taken of what is unexplained
    net = np.nan_to_num(np.broadcast_to(inflows_m3_per_s, times_s.shape) - outflows_m3_per_s, nan=into - out)
    moved_m3 = np.concatenate(([0.0], np.cumsum(0.5 * (net[1:] + net[:-1]) * np.diff(times_s))))
    gain, sd = slope_per_s(times_s, levels_m * area_m2 - moved_m3, resolution=resolution_m * area_m2)
    meters = meter_sd_ratio * float(np.hypot(into, out))
    return FlowEstimate(-gain, float(np.hypot(sd, meters)), int(np.isfinite(levels_m).sum()))


def spills(
    times_s: Floats, levels_m: Floats, inflows_m3_per_s: Floats, *, overflow_m: float,
    outflows_m3_per_s: Floats | float = 0.0, tolerance_m: float = 0.02, least_flow_m3_per_s: float = 1e-6,
) -> tuple[Spill, ...]:  # fmt: skip
    """When a tank ran over: its level stuck at the overflow while more came in than went out.

    Parameters
    ----------
    overflow_m : level of the overflow's edge
    tolerance_m : how far below it a full tank may read
    least_flow_m3_per_s : what a meter shows of nothing

    Examples
    --------
    >>> t = np.arange(0.0, 7200.0, 600.0)
    >>> level = np.minimum(2.0 + t / 3600, 2.5)
    >>> [(s.start_s, round(s.volume_m3, 2)) for s in spills(t, level, np.full(12, 1e-3), overflow_m=2.5)]
    [(1800.0, 4.8)]
    """
    surplus = inflows_m3_per_s - np.broadcast_to(outflows_m3_per_s, times_s.shape)
    over = (levels_m >= overflow_m - tolerance_m) & (surplus > least_flow_m3_per_s)  # NaN compares as no
    edges = np.flatnonzero(np.diff(np.concatenate(([0], over.astype(int), [0]))))
    found: list[Spill] = []
    for first, last in zip(edges[::2], edges[1::2] - 1, strict=True):
        if times_s[last] - times_s[first] >= _STEADY_S:
            span = slice(first, last + 1)
            volume_m3 = float(np.trapezoid(surplus[span], times_s[span]))
            found.append(Spill(float(times_s[first]), float(times_s[last]), volume_m3))
    return tuple(found)


def float_valve_leak(
    times_s: Floats, levels_m: Floats, *, area_m2: float, shut_m: float, resolution_m: float = 0.0,
    outflows_m3_per_s: Floats | float = 0.0, tolerance_m: float = 0.005,
) -> FlowEstimate | None:  # fmt: skip
    """What a float valve lets by above the level at which it should be shut; none if the level was never there.

    Raises
    ------
    ShortHistoryError
        If fewer than four levels are above it.
    """
    above = levels_m > shut_m + tolerance_m
    if not above.any():
        return None
    edges = np.flatnonzero(np.diff(np.concatenate(([0], above.astype(int), [0]))))
    longest = max(zip(edges[::2], edges[1::2], strict=True), key=lambda span: span[1] - span[0])
    span = slice(*longest)
    out = np.broadcast_to(outflows_m3_per_s, times_s.shape)[span]
    loss = tank_loss(times_s[span], levels_m[span], area_m2=area_m2, outflows_m3_per_s=out, resolution_m=resolution_m)
    return FlowEstimate(-loss.flow_m3_per_s, loss.sd_m3_per_s, loss.count)
