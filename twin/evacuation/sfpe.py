"""Relations of the hydraulic model of people in motion, in SI units.

References
----------
Gwynne and Rosenbaum, SFPE Handbook of Fire Protection Engineering, 5th edition (2016), chapter 59: equations for speed,
specific flow and stairs, table of boundary layers; Lund's reduction of speed in smoke: Frantzich and Nilsson (2003).
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LEVEL_K: Final = 1.40
"""Speed on the level with nobody about, were it not limited. [m/s]"""
SLOPE_M2: Final = 0.266
"""How much of the speed each person on a square metre takes."""
FREE_BELOW_PER_M2: Final = 0.54
"""Fewer people on a square metre do not slow each other."""
DENSEST_PER_M2: Final = 1.88
"""Density of the greatest flow, k / (4 · 0.266) at 1 / (2 · 0.266)."""
JAM_PER_M2: Final = 3.76
"""Density at which nobody moves, 1 / 0.266."""
DOOR_LAYER_M: Final = 0.15
STAIR_LAYER_M: Final = 0.15
CORRIDOR_LAYER_M: Final = 0.20
"""What people keep from each side."""
_TWO_WAY_RATIO: Final = 0.9
_LEAST_WAY: Final = 0.17


def stair_k(tread_m: float, riser_m: float) -> float:
    """Speed factor of a stair, along its slope. [m/s]

    Examples
    --------
    >>> [round(stair_k(t, r), 2) for t, r in ((0.254, 0.190), (0.279, 0.178), (0.305, 0.165), (0.330, 0.165))]
    [1.0, 1.08, 1.17, 1.22]
    """
    return 51.8 / 60 * float(np.sqrt(tread_m / riser_m))


def speed_m_per_s(density_per_m2: ArrayLike, k: ArrayLike = LEVEL_K) -> Floats:
    """Walking speed among so many people on a square metre.

    Examples
    --------
    >>> speed_m_per_s([0.0, 0.54, 1.88, 4.0]).round(2).tolist()
    [1.2, 1.2, 0.7, 0.0]
    """
    density = np.asarray(density_per_m2, dtype=np.float64)
    slowed: Floats = np.asarray(k) * np.maximum(1 - SLOPE_M2 * np.maximum(density, FREE_BELOW_PER_M2), 0.0)
    return slowed


def specific_flow_per_m_s(density_per_m2: ArrayLike, k: ArrayLike = LEVEL_K) -> Floats:
    """People through each metre of effective width in a second, at a density.

    Examples
    --------
    >>> specific_flow_per_m_s([0.0, 1.0, 1.88, 3.76]).round(2).tolist()
    [0.0, 1.03, 1.32, 0.0]
    """
    density = np.asarray(density_per_m2, dtype=np.float64)
    flow: Floats = density * np.asarray(k) * np.maximum(1 - SLOPE_M2 * density, 0.0)
    return flow


def most_flow_per_m_s(k: ArrayLike = LEVEL_K) -> Floats:
    """The greatest specific flow.

    Examples
    --------
    >>> [round(float(most_flow_per_m_s(k)), 2) for k in (1.40, 1.00, 1.08, 1.16, 1.23)]
    [1.32, 0.94, 1.02, 1.09, 1.16]
    """
    return np.asarray(k, dtype=np.float64) / (4 * SLOPE_M2)


def effective_width_m(width_m: ArrayLike, layer_m: float) -> Floats:
    """What is left of a width between what people keep from both sides; never negative."""
    return np.maximum(np.asarray(width_m, dtype=np.float64) - 2 * layer_m, 0.0)


def smoke_factor(extinction_per_m: ArrayLike) -> Floats:
    """What smoke leaves of the walking speed: 1 − 0.057 K / 0.706, at least a tenth.

    Examples
    --------
    >>> (1 / smoke_factor([0.5, 1.0, 3.0, 7.5, 10.0])).round(3).tolist()
    [1.042, 1.088, 1.32, 2.535, 5.191]
    """
    smoky = np.asarray(extinction_per_m, dtype=np.float64)
    left: Floats = np.maximum(0.1, 1 - 0.057 * smoky / 0.706)
    return left


def dose_per_s(*, co_ppm: ArrayLike, co2_ratio: ArrayLike, o2_ratio: ArrayLike) -> Floats:
    """Share of an incapacitating dose breathed in a second: carbon monoxide hastened by dioxide, and lack of oxygen.

    References
    ----------
    Purser and McAllister, SFPE Handbook, 5th edition (2016), chapter 63.

    Examples
    --------
    >>> round(float(1 / dose_per_s(co_ppm=5000, co2_ratio=0.02, o2_ratio=0.18)), 1)
    207.6
    """
    co = 4.607e-7 * np.asarray(co_ppm, dtype=np.float64) ** 1.036
    faster = np.exp(0.193 * np.asarray(co2_ratio, dtype=np.float64) * 100 + 2.0004) / 7.1
    oxygen = np.asarray(o2_ratio, dtype=np.float64) * 100
    lack = np.where(oxygen < 19.5, 1 / (60 * np.exp(8.13 - 0.54 * (20.9 - oxygen))), 0.0)
    total: Floats = co * faster + lack
    return total


def two_way_capacity_per_s(one_way_per_s: ArrayLike, share_ratio: ArrayLike) -> Floats:
    """What is left of a passage's capacity for one way when others come against it.

    Both ways together have nine tenths of what one way alone has, and nobody is crowded out: the weaker way keeps at
    least 17 %.

    Parameters
    ----------
    share_ratio : of all who pass, those who go this way; 1 where nobody comes against them

    References
    ----------
    Both figures lie in the band 0.84 to 0.94 and at the 17 % of published two-way flows, as the verification of
    jupedsim-network 0.5 gathers them.

    Examples
    --------
    >>> two_way_capacity_per_s(1.0, [1.0, 0.9, 0.5, 0.05]).round(3).tolist()
    [1.0, 0.747, 0.45, 0.153]
    """
    one_way, share = np.asarray(one_way_per_s, dtype=np.float64), np.asarray(share_ratio, dtype=np.float64)
    kept: Floats = one_way * np.where(share >= 1, 1.0, _TWO_WAY_RATIO * np.clip(share, _LEAST_WAY, 1 - _LEAST_WAY))
    return kept
