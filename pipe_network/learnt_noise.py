"""What sensors and balances of a network do without a leak, learnt from what they did.

An observation's mean over h hours errs by step2 / h + lasting2: part of it averages out, part of it stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from pipe_network.balance_changes import Weighed, step_scores
from pipe_network.registers import Floats

Spread = tuple[float, float]
"""Standard deviations: of an hour's mean, and of what stays however long it is averaged."""

LEAST_HOURS: Final = 120
"""Hours that must be known: spreads are then known to a tenth, and every hour of the day was there five times."""
_SHORT_H: Final = 6
_LONG_H: Final = 72
_DAY_H: Final = 24
_WHOLE_DAY_H: Final = 12
_LEAST_DAYS: Final = 5
_MAD_TO_SD: Final = 1.4826


@dataclass(frozen=True, slots=True)
class LearntNoise:
    """Spreads of those observations whose past is known.

    Attributes
    ----------
    pressures_m, balances_m3_per_s : by node and by district
    """

    pressures_m: Mapping[str, Spread] = field(default_factory=dict)
    balances_m3_per_s: Mapping[str, Spread] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.pressures_m or name in self.balances_m3_per_s


def spread_of_hours(values: Floats, first_hour: int = 0) -> Spread | None:
    """The spread of an observation with a rhythm of the day, by differences, so that a leak in its past hardly counts.

    Parameters
    ----------
    values : (t,) hour by hour; NaN where it is not known
    first_hour : of the day, of the first value

    Returns
    -------
    Spread | None
        None where fewer than `LEAST_HOURS` are known.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rhythm = np.tile(np.sin(np.arange(24)), 20)
    >>> hour, lasting = spread_of_hours(rhythm + rng.normal(0, 0.1, 480) + np.repeat(rng.normal(0, 0.05, 20), 24))
    >>> 0.08 < hour < 0.12, 0.02 < lasting < 0.08
    (True, True)
    """
    if np.isfinite(values).sum() < LEAST_HOURS:
        return None
    clock = (np.arange(len(values)) + first_hour) % _DAY_H
    day = (np.arange(len(values)) + first_hour) // _DAY_H
    known = np.isfinite(values)
    # the rhythm about each day's own level: a leak that begins changes levels, not the rhythm
    level = {d: float(np.median(values[known & (day == d)])) for d in np.unique(day[known])}
    apart = values - np.array([level.get(d, np.nan) for d in day])
    rhythm = [
        float(np.median(apart[known & (clock == h)])) if (known & (clock == h)).any() else 0.0 for h in range(_DAY_H)
    ]
    calm = values - np.array(rhythm)[clock]
    step = _spread_of_differences(np.diff(calm))
    whole = [calm[known & (day == d)] for d in range(int(day[-1]) + 1)]
    days = np.array([each.mean() if len(each) >= _WHOLE_DAY_H else np.nan for each in whole])
    between = np.diff(days)
    if np.isfinite(between).sum() < _LEAST_DAYS - 1:
        return None
    lasting = max(_spread_of_differences(between) ** 2 - step**2 / _DAY_H, 0.0) ** 0.5
    return step, lasting


def _spread_of_differences(differences: Floats) -> float:
    known = differences[np.isfinite(differences)]
    return _MAD_TO_SD * float(np.median(np.abs(known))) / 2**0.5 if len(known) else 0.0


def spread_of_balance(weighed: Weighed) -> Spread | None:
    """The spread of a balance, as its own estimates of a leak's size have it: of one that began lately, and long ago.

    Meters' classes and clocks are in it as far as the past has not told them. [m3/s]

    Returns
    -------
    Spread | None
        None where fewer than `LEAST_HOURS` are known.
    """
    if weighed.known.sum() < LEAST_HOURS:
        return None
    _, curvatures = step_scores(weighed)
    short, long = (1.0 / float(curvatures[-h]) for h in (_SHORT_H, _LONG_H))  # variances
    step = max(short - long, 0.0) / (1 / _SHORT_H - 1 / _LONG_H)
    return step**0.5, max(long - step / _LONG_H, 0.0) ** 0.5
