"""Where in its district a burst is, by the pressures of the last minutes."""

import logging
from typing import Final

import numpy as np

from pipe_network.detection.burst_pressures import burst_drops, burst_evidence, changes_m, learnt_covariance
from pipe_network.errors import PipeNetworkError
from pipe_network.posterior import Candidates
from twin.index import SiteIndex
from twin.leaks.model import NetworkModel
from twin.leaks.pressures import LEAST_SENSORS, Located
from twin.leaks.result import EvidenceLine, Words
from twin.leaks.window import Window

logger = logging.getLogger(__name__)

_PA_PER_M: Final = 9806.65
_BEFORE_S: Final = 2400.0
_AFTER_S: Final = 900.0
_HISTORY_S: Final = 2 * 86_400.0
_EVERY_S: Final = 600.0
_FRESH_S: Final = 1800.0


def burst_place(
    index: SiteIndex, model: NetworkModel, window: Window, inside: Candidates, *, began_s: tuple[float, float],
    size_m3_per_s: float,
) -> Located | None:  # fmt: skip
    """What pressures say of a burst's place among some pipes; none with fewer than three that report.

    Parameters
    ----------
    began_s : between which instants it began, epoch [s]
    """
    gap_s = began_s[1] - began_s[0]
    read = {n: window.reading(row) for n, row in model.pressures.items()}
    heads = {n: (t, v / _PA_PER_M) for n, (t, v) in read.items() if len(t) and window.end_s - t[-1] < _FRESH_S}
    if len(heads) < LEAST_SENSORS:
        return None
    sensors = tuple(heads)
    times_s, heads_m = [heads[n][0] for n in sensors], [heads[n][1] for n in sensors]
    past_s = np.arange(began_s[0] - _HISTORY_S, began_s[0] - gap_s - _AFTER_S, _EVERY_S)
    past_s = past_s[past_s - _BEFORE_S >= window.start_s]
    instants_s = np.append(past_s, began_s[0])
    moved_m = changes_m(times_s, heads_m, instants_s, gap_s=gap_s, before_s=_BEFORE_S, after_s=_AFTER_S)
    change_m = moved_m[-1]
    if int(np.isfinite(change_m).sum()) < LEAST_SENSORS:
        return None
    ends = {k: (model.network.links[k].start, model.network.links[k].end) for k in inside.ids}
    nodes = [n for pair in ends.values() for n in pair]
    try:
        drops = burst_drops(model.network, sensors, nodes, size_m3_per_s)
    except PipeNetworkError as error:
        logger.info("network %s: pressures do not place the burst: %s", model.id, error)
        return None
    shown = int(np.nanargmin(change_m))
    channel = index.channels[model.pressures[sensors[shown]]].id
    evidence = burst_evidence(inside, ends, drops, change_m, learnt_covariance(moved_m[:-1]), source=channel)
    count, most_m = int(np.isfinite(change_m).sum()), max(0.0, -float(change_m[shown]))
    text = Words(
        zh=f"{count} 个压力传感器的突降，最大 {most_m:.2f} m",
        en=f"how {count} pressures fell at once, {most_m:.2f} m at most",
    )
    line = EvidenceLine(kind="pressure", text=text, channel=channel, weight_nats=0.0)
    return Located(inside, ((evidence, line),), localisable=True, left_out=())
