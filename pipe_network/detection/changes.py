"""What is known of a change, and what may be told of how to seek it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.noise import DAY_S

Floats = NDArray[np.float64]
ChangeKind = Literal["step", "ramp", "recovery", "settled", "shift"]


@dataclass(frozen=True, slots=True)
class Search:
    """How changes are sought.

    Attributes
    ----------
    rate_per_day_ratio : probability that something changes on a day
    certainty_nats : log-odds at which a change is told
    confirm_s : how long a change must have lasted: shorter than this, it may be a hydrant or a holiday [s]
    window_s : how far back a change is sought [s]
    check_s : how often it is asked whether anything has changed [s]
    """

    rate_per_day_ratio: float = 1 / 20
    certainty_nats: float = 5.0
    confirm_s: float = 6 * 3600.0
    window_s: float = 45 * DAY_S
    check_s: float = 3 * 3600.0


@dataclass(frozen=True, slots=True, eq=False)
class Signs:
    """How leaks, and what is none, show in the channels.

    Attributes
    ----------
    size : spread of the leaks expected, in the unit of the channels
    leaks : (j, k) what a leak of size 1 does to each channel, one row for each place it may be at
    others : (i, k) what a change that is no leak does, such as a valve that shares the flow out anew
    uses : (k,) spread of changes in the factor of the first course, such as a new consumer; 0 where there are none
    """

    size: float
    leaks: Floats
    others: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    uses: Floats = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One change, as it was known when it was found.

    Attributes
    ----------
    kind : a leak that begins is a `step` or a `ramp`; a repair is a `recovery`; a ramp that grows no more has
        `settled`; a `shift` is no leak
    onset_s, onset_low_s, onset_high_s : best, and the ends of the 90 % interval [s]
    found_s : the time at which it was told [s]
    size, size_low, size_high : (k,) by how much the values have changed from onset until it was found
    kinds_ratio : probability of each kind, given that something has changed
    weight_nats : log-odds of a change against none
    """

    kind: ChangeKind
    onset_s: float
    onset_low_s: float
    onset_high_s: float
    found_s: float
    size: Floats
    size_low: Floats
    size_high: Floats
    kinds_ratio: Mapping[ChangeKind, float]
    weight_nats: float

    @property
    def is_leak(self) -> bool:
        """Whether more water is lost from now on than before."""
        return self.kind in {"step", "ramp"}


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What was found, and what the filter made of the values; causal but for what is called hindsight.

    Attributes
    ----------
    levels, level_spreads : (t, k) level as known at each time, and its standard deviation
    evening_levels : (t, k) level through each day as known at the day's end
    hindsight_levels, hindsight_spreads : (t, k) the same with all the values known
    factors : (t, k, p) of the known courses
    surprises : (t, k) in standard deviations; NaN where a value is missing
    """

    changes: tuple[Change, ...]
    levels: Floats
    level_spreads: Floats
    evening_levels: Floats
    hindsight_levels: Floats
    hindsight_spreads: Floats
    factors: Floats
    surprises: Floats
