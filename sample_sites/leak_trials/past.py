"""Days of readings before a demonstration begins, so that it need not be watched for days before it knows an estate.

They are simulated, not measured: whoever shows them says so.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from pipe_network.inp import parse
from sample_sites.leak_trials.course import TrueLeak, course
from sample_sites.leak_trials.meters import Imperfections, draw_meters, readings
from sample_sites.simulator.incidents import SMALL_LEAK_M3_PER_S
from twin.index import SiteIndex
from twin.leaks.window import Window
from twin.model.networks import SiteNetwork

DAY_S: Final = 86_400.0
_STEP_S: Final = 300.0
_FAULTS: Final = Imperfections(class_ratio=0.0, skew_s=0.0, missing_ratio=0.01, late_s=0.0, flat_steps_m3=(0.001,))
"""Those of the simulator that goes on from here: other meters' errors would look like a change at the seam."""


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Readings until now, and the riser that has leaked since the night before, if the site has risers."""

    window: Window
    leaking: str | None


def generated_past(index: SiteIndex, *, end_s: float, days: float, seed: int) -> Past | None:
    """Some days of the site's drinking water, by EPANET; none where the site has no such network.

    Parameters
    ----------
    end_s : when the simulator goes on, epoch [s]
    """
    network = next((n for n in index.site.networks if n.kind == "domestic_water"), None)
    if network is None:
        return None
    end_s = end_s // _STEP_S * _STEP_S
    risers = _risers(network)
    leaks: list[TrueLeak] = []
    if risers and days >= 2:
        zone = ZoneInfo(index.site.time_zone)
        night = dt.datetime.fromtimestamp(end_s, zone).replace(hour=2, minute=10, second=0, microsecond=0)
        onset_s = (night - dt.timedelta(days=1)).timestamp()
        leaks.append(TrueLeak(risers[len(risers) // 2], SMALL_LEAK_M3_PER_S, onset_s))
    true = course(index, network.id, start_s=end_s - days * DAY_S, duration_s=days * DAY_S, seed=seed, leaks=leaks)
    meters = draw_meters(index, true.volumes_m3, _FAULTS, seed)
    window = readings(index, true, meters, how=_FAULTS, seed=seed)
    return Past(window, f"{network.id}/{leaks[0].place}" if leaks else None)


def _risers(network: SiteNetwork) -> list[str]:
    """Risers between two junctions in the lowest quarter of the estate, by name.

    One that ends in a tank is its filling pipe, and a leak under a tank on the roof empties it within a day: the story
    would be flats without water then.
    """
    solved = parse(network.inp)
    heights_m = {j.id: j.elevation_m for j in solved.junctions}
    found = {
        p.id: max(heights_m[p.start], heights_m[p.end])
        for p in solved.pipes
        if p.id in network.links and network.links[p.id].asset == "riser" and {p.start, p.end} <= heights_m.keys()
    }
    low_m = float(np.quantile(list(found.values()), 0.25)) if found else 0.0
    return sorted(name for name, height_m in found.items() if height_m <= low_m)
