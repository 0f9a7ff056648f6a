"""What the site's own pressures and balances did in the last weeks: the noise that leaks have to stand out of there."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from pipe_network.learnt_noise import LearntNoise, Spread, spread_of_balance, spread_of_hours
from twin.leaks.districts import judge
from twin.leaks.measured import HOUR_S, estates_time, measure
from twin.leaks.model import NetworkModel
from twin.leaks.pressures import hourly_means
from twin.leaks.window import Floats, Window

_PA_PER_M: Final = 9806.65
_LEAST_TOLD_M3_PER_S: Final = 0.05 / 3600
_LEAST_TOLD_RATIO: Final = 0.02
"""No leak smaller than this, nor than that of the inflow, is told, however quiet the balance (`twin.leaks.report`)."""
_STANDS_OUT: Final = 5.0


def noise_rows(model: NetworkModel) -> tuple[int, ...]:
    """Rows of the site index that the noise of a network is learnt from."""
    meters = [row for meter in model.meters.values() for row in (meter.volume, meter.flow)]
    rows = {*meters, *(store.row for store in model.stores.values()), *model.pressures.values()}
    return tuple(sorted(row for row in rows if row is not None))


def learn_noise(model: NetworkModel, window: Window, time_zone: str) -> LearntNoise:
    """The noise of what observes a network, as far as there is a past of five days to learn it from.

    Readings of a simulator that runs faster than its stamps tell nothing of hours: then nothing is learnt.
    """
    if model.tree is None and not model.pressures:
        return LearntNoise()
    if not estates_time(model, window).is_as_stamped:
        return LearntNoise()
    measured, zone = measure(model, window), ZoneInfo(time_zone)
    if len(measured.edges_s) < 2:
        return LearntNoise()
    balances: dict[str, Spread] = {}
    for row, district in enumerate(() if model.tree is None else model.tree.districts):
        if model.tree is None or district.has_source or not district.pipes:
            continue
        judged = judge(model.tree, row, measured, zone)
        spread = None if judged.weighed is None else spread_of_balance(judged.weighed)
        if spread is not None:
            balances[district.id] = (spread[0], max(spread[1], _floor_m3_per_s(judged.inflow_m3)))
    first = dt.datetime.fromtimestamp(float(measured.edges_s[0]), dt.UTC).astimezone(zone).hour
    pressures: dict[str, Spread] = {}
    for node, row in model.pressures.items():
        heads_m = hourly_means(*window.reading(row), measured.edges_s) / _PA_PER_M
        spread = spread_of_hours(heads_m, first)
        if spread is not None:
            pressures[node] = spread
    return LearntNoise(pressures, balances)


def _floor_m3_per_s(inflow_m3: Floats) -> float:
    known = inflow_m3[np.isfinite(inflow_m3)]
    inflow_m3_per_s = float(np.abs(known).mean()) / HOUR_S if len(known) else 0.0
    return max(_LEAST_TOLD_M3_PER_S, _LEAST_TOLD_RATIO * inflow_m3_per_s) / _STANDS_OUT
