"""What the inflow of each district says of a leak's size: it rises by what is lost."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.localization.districts import Districts
from pipe_network.record import DAY_S, Record

Floats = NDArray[np.float64]
_DRIFT_RATIO: Final = 0.005
"""Consumption of some days differs from that of some days before by about so much, for no cause. Of the real L-Town
inflow it is 0.4 to 0.9 % (means of three days against the three before, where no leak changed)."""
_MOST_AUTOCORRELATION: Final = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Rise:
    """By how much each district draws more after the onset; NaN where that cannot be told.

    Attributes
    ----------
    mean_m3_per_s, deviation_m3_per_s : (districts,)
    """

    mean_m3_per_s: Floats
    deviation_m3_per_s: Floats


def rises(
    districts: Districts, record: Record, nominal_m3_per_s: Floats, before: NDArray[np.bool_], after: NDArray[np.bool_]
) -> Rise:
    """The rise of each district's inflow against the rhythm of its demands.

    Parameters
    ----------
    nominal_m3_per_s : (t, junctions) what the model says is drawn
    before, after : (t,) the steps of each window
    """
    inflows = districts.inflows_m3_per_s(record)
    mean, deviation = np.full(len(districts), np.nan), np.full(len(districts), np.nan)
    for d in range(len(districts)):
        rhythm = nominal_m3_per_s[:, districts.of_junction == d].sum(axis=1)
        known = np.isfinite(inflows[:, d])
        first, second = known & before, known & after
        if min(first.sum(), second.sum()) < 3 or rhythm[first].sum() <= 0.0:
            continue
        left = inflows[:, d] - inflows[first, d].sum() / rhythm[first].sum() * rhythm
        variance = _mean_variance(left[first], record.times_s[first]) + _mean_variance(
            left[second], record.times_s[second]
        )
        mean[d] = left[second].mean() - left[first].mean()
        deviation[d] = np.sqrt(variance + (_DRIFT_RATIO * abs(inflows[first, d].mean())) ** 2)
    return Rise(mean, deviation)


def _mean_variance(values: Floats, times_s: Floats) -> float:
    """Variance of the mean of a series that has a rhythm of a day and remembers from step to step."""
    hours = (times_s % DAY_S // 3600.0).astype(int)
    counts = np.bincount(hours, minlength=24)
    freedom = len(values) - int((counts > 0).sum())
    if freedom >= 12:  # where the days are too few, the rhythm's misfit counts as noise
        values = values - (np.bincount(hours, values, minlength=24) / np.maximum(counts, 1))[hours]
    else:
        values, freedom = values - values.mean(), max(len(values) - 1, 1)
    squares = float((values**2).sum())
    if squares == 0.0:
        return 0.0
    memory = float(np.clip((values[1:] * values[:-1]).sum() / squares, 0.0, _MOST_AUTOCORRELATION))
    return squares / freedom / len(values) * (1.0 + memory) / (1.0 - memory)
