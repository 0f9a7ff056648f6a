"""Minimum night flow: what flows in while people sleep, less what they use even then."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.noise import DAY_S

Floats = NDArray[np.float64]

USE_PER_CONNECTION_M3_PER_S: Final = 1.7e-3 / 3600
"""Of a household at night: 1.7 l/h (UK Water Industry, Managing Leakage, Report E, 1994); sites differ, so it is an
argument everywhere."""
NIGHT_S: Final = (2 * 3600.0, 4 * 3600.0)


@dataclass(frozen=True, slots=True, eq=False)
class NightFlow:
    """One night after the other.

    Attributes
    ----------
    days_s : (d,) beginning of the clock's day [s]
    flow_m3_per_s : (d,) mean over the night hours, NaN where less than half of them is known
    leakage_m3_per_s : (d,) the same less what people use; not below 0
    """

    days_s: Floats
    flow_m3_per_s: Floats
    leakage_m3_per_s: Floats


def night_flow(
    clock_s: Floats,
    inflow_m3_per_s: Floats,
    *,
    connections_count: int,
    use_per_connection_m3_per_s: float = USE_PER_CONNECTION_M3_PER_S,
    hours_s: tuple[float, float] = NIGHT_S,
) -> NightFlow:
    """The night flow of every day.

    Parameters
    ----------
    clock_s : (t,) local clock; people sleep by it [s]
    inflow_m3_per_s : (t,) NaN where missing, what tanks gain already taken off
    connections_count : flats, or houses, that draw water
    hours_s : the night, from and to [s]

    Examples
    --------
    >>> clock_s = np.arange(48) * 3600.0
    >>> nights = night_flow(clock_s, np.full(48, 1e-3), connections_count=1000)
    >>> (nights.leakage_m3_per_s * 3600).round(2).tolist()  # 3.6 flow in, 1.7 are used
    [1.9, 1.9]
    """
    clock_s, inflow = np.asarray(clock_s, float), np.asarray(inflow_m3_per_s, float)
    days = np.floor(clock_s / DAY_S).astype(int)
    first = int(days[0])
    of_day = np.mod(clock_s, DAY_S)
    at_night = (of_day >= hours_s[0]) & (of_day < hours_s[1])
    known = at_night & np.isfinite(inflow)
    count = int(days[-1]) - first + 1
    wanted = np.bincount(days[at_night] - first, minlength=count)
    present = np.bincount(days[known] - first, minlength=count)
    total = np.bincount(days[known] - first, weights=inflow[known], minlength=count)
    enough = (present > 0) & (present * 2 >= wanted)
    flow = np.where(enough, total / np.maximum(present, 1), np.nan)
    used = connections_count * use_per_connection_m3_per_s
    return NightFlow(np.arange(first, first + count, dtype=float) * DAY_S, flow, np.maximum(flow - used, 0.0))
