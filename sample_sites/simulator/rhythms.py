"""Daily rhythms: how many are at home, draw water, burn light and drive, by the hour of the day.

The curves are typical shapes for a residential estate (two peaks, at breakfast and after work), not measurements of
one place; a site's own history replaces them where it matters.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

# value at each full hour, 0 to 23; interpolated between, periodic
_AT_HOME: Final = np.array(
    [0.95, 0.96, 0.96, 0.96, 0.96, 0.95, 0.92, 0.80, 0.58, 0.45, 0.42, 0.44,
     0.48, 0.46, 0.42, 0.42, 0.46, 0.55, 0.68, 0.80, 0.87, 0.91, 0.93, 0.95]
)  # fmt: skip
_AWAKE: Final = np.array(
    [0.12, 0.06, 0.04, 0.03, 0.05, 0.18, 0.60, 0.92, 0.97, 0.98, 0.98, 0.98,
     0.94, 0.88, 0.93, 0.97, 0.98, 0.99, 0.99, 0.98, 0.95, 0.85, 0.60, 0.30]
)  # fmt: skip
_WATER: Final = np.array(
    [0.25, 0.12, 0.08, 0.07, 0.12, 0.45, 1.35, 2.00, 1.50, 1.05, 0.95, 1.15,
     1.30, 0.90, 0.75, 0.75, 0.95, 1.45, 1.85, 1.75, 1.60, 1.35, 0.95, 0.55]
)  # fmt: skip
_POWER: Final = np.array(
    [0.55, 0.45, 0.40, 0.38, 0.40, 0.50, 0.85, 1.05, 0.90, 0.80, 0.80, 0.95,
     1.05, 0.90, 0.85, 0.85, 0.95, 1.25, 1.70, 1.85, 1.75, 1.50, 1.10, 0.75]
)  # fmt: skip
_DRIVING: Final = np.array(
    [0.05, 0.03, 0.02, 0.02, 0.05, 0.25, 1.00, 2.60, 2.00, 0.90, 0.70, 0.80,
     0.90, 0.80, 0.70, 0.80, 1.10, 1.90, 2.50, 1.80, 1.20, 0.80, 0.45, 0.15]
)  # fmt: skip

_AT_WORK: Final = np.array(
    [0.01, 0.01, 0.01, 0.01, 0.01, 0.02, 0.06, 0.25, 0.55, 0.62, 0.66, 0.62,
     0.52, 0.56, 0.62, 0.64, 0.58, 0.46, 0.32, 0.24, 0.18, 0.10, 0.04, 0.02]
)  # fmt: skip


def _at(curve: NDArray[np.float64], hour: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(np.interp(np.mod(hour, 24.0), np.arange(25.0), np.append(curve, curve[0])), dtype=np.float64)


def at_home_ratio(hour: ArrayLike) -> NDArray[np.float64]:
    """Share of residents at home at an hour of the day, 0 to 24.

    Examples
    --------
    >>> bool(at_home_ratio(3) > at_home_ratio(10))
    True
    """
    return _at(_AT_HOME, hour)


def present_at_work_ratio(hour: ArrayLike) -> NDArray[np.float64]:
    """Share of the places of shops, offices and classes that are in use."""
    return _at(_AT_WORK, hour)


def awake_ratio(hour: ArrayLike) -> NDArray[np.float64]:
    """Share of people awake at an hour of the day."""
    return _at(_AWAKE, hour)


def water_ratio(hour: ArrayLike) -> NDArray[np.float64]:
    """Domestic water demand over its daily mean."""
    return _at(_WATER / _WATER.mean(), hour)


def power_ratio(hour: ArrayLike) -> NDArray[np.float64]:
    """Household electricity demand over its daily mean."""
    return _at(_POWER / _POWER.mean(), hour)


def driving_ratio(hour: ArrayLike) -> NDArray[np.float64]:
    """Car movements over their daily mean."""
    return _at(_DRIVING / _DRIVING.mean(), hour)


def daylight_lx(hour: float, *, sunrise_h: float = 6.2, sunset_h: float = 18.4) -> float:
    """Illuminance outdoors under a lightly clouded sky, zero at night. [lx]"""
    if not sunrise_h < hour < sunset_h:
        return 0.0
    return 60_000.0 * math.pow(math.sin(math.pi * (hour - sunrise_h) / (sunset_h - sunrise_h)), 1.2)


def outdoor_degc(hour: float, *, mean_degc: float = 21.0, swing_k: float = 5.0) -> float:
    """Outdoor temperature: coolest before sunrise, warmest in mid-afternoon. [degC]"""
    return mean_degc - swing_k * math.cos(2 * math.pi * (hour - 4.5) / 24.0)
