"""What leaks already when a record begins: how much is told, where is not.

Pressures are calibrated on the record's first days, so what leaks then has no residual. Inflow tells it all the same:
consumption follows the rhythm of the day, leakage does not.
"""

from dataclasses import dataclass
from typing import Final

from pipe_network.detection.total_leakage import Zone, watch_zones
from pipe_network.model import Network
from pipe_network.record import DAY_S, Record, hourly
from pipe_network.survey.driven import districts

_LEARNING_DAYS: Final = 7
"""A rhythm has a week; a leak that begins later is one to be found."""
_SURE_SPREADS: Final = 3.0
"""The rhythm is the model's; where it is off, a part of consumption passes for leakage."""


@dataclass(frozen=True, slots=True)
class BackgroundLeakage:
    """Leakage of a district at the beginning of a record.

    Attributes
    ----------
    pipe_ids : pipes of the district, on any of which it may be
    leakage_m3_per_s, spread_m3_per_s : at the end of the first week, and its standard deviation [m3/s]
    """

    pipe_ids: tuple[str, ...]
    leakage_m3_per_s: float
    spread_m3_per_s: float

    @property
    def is_sure(self) -> bool:
        """Whether it is more than its own uncertainty may pretend."""
        return self.leakage_m3_per_s > _SURE_SPREADS * self.spread_m3_per_s


def background_leakage(network: Network, record: Record) -> tuple[BackgroundLeakage, ...]:
    """What leaks in each district as a record begins, the largest district first; of its first week.

    Raises
    ------
    SurveyError
        If the record does not close the network's inflows.
    ShortHistoryError
        If it has less than three days.
    """
    first = hourly(record)
    first = first.part(float(first.times_s[0]), float(first.times_s[0]) + _LEARNING_DAYS * DAY_S)
    found = []
    for number, district in enumerate(districts(network, first)):
        zone = Zone(str(number), district.inflow_m3_per_s, district.nominal_m3_per_s)
        watched = watch_zones(first.times_s, [zone])
        found.append(
            BackgroundLeakage(
                tuple(network.pipes[row].id for row in district.pipes),
                float(watched.leakage_m3_per_s[-1, 0]),
                float(watched.spread_m3_per_s[-1, 0]),
            )
        )
    return tuple(found)
