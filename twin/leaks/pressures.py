"""Where in a town's network a leak is, by its pressures: what a district's balance without end meters cannot say."""

import logging
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipe_network.errors import PipeNetworkError
from pipe_network.posterior import Candidates, Evidence
from pipe_network.record import Record
from pipe_network.registers import Floats
from twin.leaks.measured import HOUR_S, Measured
from twin.leaks.model import NetworkModel
from twin.leaks.result import EvidenceLine, Words
from twin.leaks.window import Window

logger = logging.getLogger(__name__)

LEAST_SENSORS: Final = 3
_PA_PER_M: Final = 9806.65
_BEFORE_H: Final = 5 * 24
_AFTER_H: Final = 5 * 24
_WEEK_S: Final = 7 * 86_400.0
_MONDAY_S: Final = 4 * 86_400.0
"""The epoch began on a Thursday; patterns of a week begin on a Monday."""


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """What the pressures say of a leak's place, over the pipes of the whole network."""

    candidates: Candidates
    evidence: tuple[tuple[Evidence, EvidenceLine], ...]
    localisable: bool
    left_out: tuple[str, ...]


def hourly_means(times_s: Floats, values: Floats, edges_s: Floats) -> Floats:
    """(t,) mean of the readings between edges; NaN where there is none.

    Examples
    --------
    >>> hourly_means(np.array([0.0, 10.0, 70.0]), np.array([1.0, 3.0, 5.0]), np.array([0.0, 60.0, 120.0, 180.0]))
    array([ 2.,  5., nan])
    """
    rows = np.searchsorted(edges_s, times_s, side="right") - 1
    inside = (rows >= 0) & (rows < len(edges_s) - 1)
    count = np.bincount(rows[inside], minlength=len(edges_s) - 1)
    total = np.bincount(rows[inside], weights=values[inside], minlength=len(edges_s) - 1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def record_of(model: NetworkModel, measured: Measured, window: Window, *, local_offset_s: float) -> Record:
    """The hours of a window as the localisation wants them: its zero is a local Monday's midnight."""
    edges_s = measured.edges_s
    local_s = edges_s[:-1] + local_offset_s - _MONDAY_S
    sensors = tuple(model.pressures)
    heads = [hourly_means(*window.reading(model.pressures[n]), edges_s) / _PA_PER_M for n in sensors]
    links: list[str] = []
    flows: list[Floats] = []
    for link, tie in model.site_network.links.items():
        row = measured.row_of.get(tie.device or "")
        tied = sum(t.device == tie.device for t in model.site_network.links.values())
        # a meter that sums several links is the flow of none of them
        if row is not None and tied == 1 and np.isfinite(measured.volumes_m3[row]).any():
            links.append(link)
            flows.append(measured.volumes_m3[row] / HOUR_S)
    tanks = [t for t in model.stores if len(measured.levels_m3[t][0])]
    levels = [
        np.interp(edges_s[:-1], measured.levels_m3[t][0], measured.levels_m3[t][1]) / model.stores[t].area_m2
        for t in tanks
    ]
    t = len(edges_s) - 1
    # hours count on from the week in which the window begins, so that they never run back
    times_s = local_s - np.floor(local_s[0] / _WEEK_S) * _WEEK_S
    return Record(
        times_s, sensors, np.array(heads).T.reshape(t, -1), tuple(links), np.array(flows).T.reshape(t, -1),
        tuple(tanks), np.array(levels).T.reshape(t, -1),
    )  # fmt: skip


def locate_by_pressure(
    model: NetworkModel, measured: Measured, window: Window, *, onset: tuple[int, int], local_offset_s: float
) -> Located | None:
    """What the pressures before and after an onset say; none where they are too few, which is logged.

    Parameters
    ----------
    onset : first and last hour in which the leak may have begun
    """
    if len(model.pressures) < LEAST_SENSORS:
        return None
    from pipe_network.localization.locate import locate  # noqa: PLC0415 - scipy, which --help need not wait for

    record = record_of(model, measured, window, local_offset_s=local_offset_s)
    first, last = max(0, onset[0] - _BEFORE_H), min(len(record.times_s), onset[1] + _AFTER_H)
    times_s = record.times_s
    part = record.part(float(times_s[first]), float(times_s[last - 1]) + 1.0)
    try:
        found = locate(model.network, part, float(times_s[onset[0]]), onset_end_s=float(times_s[onset[1]]))
    except PipeNetworkError as error:
        logger.info("network %s: pressures do not locate the leak: %s", model.id, error)
        return None
    lines = []
    for each, weight in zip(found.evidence, found.posterior.weights_nats, strict=True):
        if each.kind == "pressure":
            text = Words(
                zh=f"{len(found.sensors)} 个压力传感器自发生以来的变化",
                en=f"how {len(found.sensors)} pressures have changed since",
            )  # fmt: skip
            lines.append((each, EvidenceLine(kind="pressure", text=text, channel=None, weight_nats=round(weight, 1))))
    return Located(found.posterior.candidates, tuple(lines), found.localisable, tuple(found.left_out))


def spread_over(candidates: Candidates, inside: Candidates, log_likelihood: Floats) -> Floats:
    """(c, s) a district's evidence over all pipes: a leak elsewhere explains nothing of its balance."""
    own = set(inside.ids)
    mask = np.array([name in own for name in candidates.ids])
    return np.where(mask[:, None], log_likelihood[None, :], 0.0)
