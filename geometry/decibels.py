"""Levels in decibels: sums of energies, and what distance takes."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SPEED_OF_LIGHT_M_PER_S = 299_792_458.0


def energy_sum_db(levels_db: ArrayLike, *, axis: int = 0) -> Floats:
    """The level of several incoherent sources together: two alike are 3 dB louder than one.

    Parameters
    ----------
    levels_db : levels; minus infinity is silence

    Examples
    --------
    >>> energy_sum_db([60.0, 60.0]).round(2).item()
    63.01
    """
    levels = np.asarray(levels_db, dtype=np.float64)
    with np.errstate(divide="ignore"):
        total: Floats = 10 * np.log10(np.sum(10 ** (levels / 10), axis=axis))
    return total


def sound_level_db(
    distance_m: ArrayLike, *, sensitivity_db: ArrayLike, power_w: ArrayLike, near_m: float = 0.1
) -> Floats:
    """Sound pressure level in the free field of a small loudspeaker: 6 dB less for each doubling of the distance.

    Parameters
    ----------
    distance_m : nearer than `near_m` counts as that
    sensitivity_db : at 1 m with 1 W

    References
    ----------
    IEC 60268-5, characteristic sensitivity level; L = S + 10 lg P - 20 lg d.

    Examples
    --------
    >>> sound_level_db([1.0, 10.0], sensitivity_db=90, power_w=10).tolist()
    [100.0, 80.0]
    """
    away = np.maximum(np.asarray(distance_m, dtype=np.float64), near_m)
    level: Floats = np.asarray(sensitivity_db) + 10 * np.log10(np.asarray(power_w)) - 20 * np.log10(away)
    return level


def free_space_loss_db(distance_m: ArrayLike, *, frequency_hz: ArrayLike, near_m: float = 0.1) -> Floats:
    """Loss between isotropic antennas with nothing around them.

    References
    ----------
    ITU-R P.525-4, equation 4: 20 lg(4 pi d / wavelength).

    Examples
    --------
    >>> free_space_loss_db([1.0, 10.0], frequency_hz=2.4e9).round(2).tolist()
    [40.05, 60.05]
    """
    away = np.maximum(np.asarray(distance_m, dtype=np.float64), near_m)
    loss: Floats = 20 * np.log10(4 * np.pi * away * np.asarray(frequency_hz) / SPEED_OF_LIGHT_M_PER_S)
    return loss


def multi_wall_loss_db(walls: ArrayLike, wall_loss_db: ArrayLike, floors: ArrayLike, *, floor_loss_db: float,
                       floor_exponent: float) -> Floats:  # fmt: skip
    """What walls and slabs on the way take, beside free space; a second slab takes less than the first.

    Parameters
    ----------
    walls : (n, kinds) how many of each kind are passed
    wall_loss_db : (kinds,)
    floors : (n,) slabs passed
    floor_exponent : b of the model

    References
    ----------
    COST 231 final report (1999), section 4.7.2, equation 4.7.2: sum of k L over kinds of walls, and
    kf^((kf+2)/(kf+1) - b) Lf. The constant loss Lc, which comes of fitting wall losses, is taken as 0.

    Examples
    --------
    >>> multi_wall_loss_db([[2]], [3.4], [0], floor_loss_db=18.3, floor_exponent=0.46).tolist()
    [6.8]
    >>> multi_wall_loss_db([[0]], [3.4], [2], floor_loss_db=18.3, floor_exponent=0.46).round(1).tolist()
    [33.5]
    """
    slabs = np.asarray(floors, dtype=np.float64)
    power = (slabs + 2) / (slabs + 1) - floor_exponent
    through = np.where(slabs > 0, np.maximum(slabs, 1e-9) ** power, 0.0) * floor_loss_db
    loss: Floats = np.asarray(walls, dtype=np.float64) @ np.asarray(wall_loss_db, dtype=np.float64) + through
    return loss


def site_general_loss_db(distance_m: ArrayLike, *, frequency_hz: float, alpha: float, beta_db: float, gamma: float,
                         near_m: float = 0.1) -> Floats:  # fmt: skip
    """Loss indoors by distance and frequency alone, as buildings of a kind have it on average.

    References
    ----------
    ITU-R P.1238-11, section 3.1, equation 1: 10 alpha lg d + beta + 10 gamma lg f, with d in m and f in GHz. Code in
    circulation puts MHz there, which is wrong by 30 gamma dB.

    Examples
    --------
    >>> office = {"alpha": 2.46, "beta_db": 29.53, "gamma": 2.38}
    >>> site_general_loss_db([10.0], frequency_hz=2.4e9, **office).round(2).tolist()
    [63.18]
    """
    away = np.maximum(np.asarray(distance_m, dtype=np.float64), near_m)
    loss: Floats = 10 * alpha * np.log10(away) + beta_db + 10 * gamma * np.log10(frequency_hz / 1e9)
    return loss
