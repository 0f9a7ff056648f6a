"""A week of a small estate in which a riser leaks for a day: truth by EPANET, meters with the faults of real ones."""

import datetime as dt
from dataclasses import dataclass
from functools import cache

from sample_sites.generator.estate import generate
from sample_sites.generator.plan import EstatePlan
from sample_sites.leak_trials.course import TrueLeak, course
from sample_sites.leak_trials.meters import Imperfections, draw_meters, readings
from twin.index import SiteIndex, build
from twin.leaks.model import LeakModel, prepare
from twin.leaks.window import Window

DAY_S = 86_400.0
BEGIN_S = 1_770_048_000.0
ONSET_S = BEGIN_S + 4 * DAY_S + 2 * 3600.0
MENDED_S = ONSET_S + DAY_S
END_S = BEGIN_S + 6 * DAY_S
SIZE_M3_PER_S = 0.8 / 3600
NETWORK = "domestic-water"


@dataclass(frozen=True)
class LeakyWeek:
    """The estate, what is prepared of it, and all its readings."""

    index: SiteIndex
    model: LeakModel
    window: Window

    def until(self, time_s: float) -> Window:
        """What was known at an instant."""
        return self.window.until(time_s)


@cache
def leaky_week() -> LeakyWeek:
    """Made once for all tests."""
    index = build(generate(EstatePlan(towers=2, storeys=3)))
    leak = TrueLeak("T2-LR2", SIZE_M3_PER_S, ONSET_S, until_s=MENDED_S)
    true = course(index, NETWORK, start_s=BEGIN_S, duration_s=END_S - BEGIN_S, seed=5, leaks=[leak])
    how = Imperfections()
    window = readings(index, true, draw_meters(index, true.volumes_m3, how, 3), how=how, seed=4)
    return LeakyWeek(index, prepare(index), window)


def at(time_s: float) -> dt.datetime:
    """An instant as aware UTC."""
    return dt.datetime.fromtimestamp(time_s, dt.UTC)
