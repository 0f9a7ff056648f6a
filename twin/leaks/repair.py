"""Whether a leak is gone: what is still lost since a moment, from the flow alone.

It does not ask whether a search would find the leak again, but measures: the district's balance, or the meter's rest,
after the moment against before the leak.
"""

import dataclasses
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from pipe_network.balance import MeterTree
from pipe_network.balance_changes import weigh
from pipe_network.registers import Floats, passed, register_step_m3
from twin.leaks.districts import balance_of
from twin.leaks.lived_time import as_lived
from twin.leaks.measured import HOUR_S, Measured, estates_time, measure
from twin.leaks.model import LeakModel, NetworkModel
from twin.leaks.result import Leak
from twin.leaks.window import Window

_STEP_S: Final = 300.0
_LEAST_STEPS: Final = 3
_LEAST_HOURS: Final = 3
_REST_S: Final = HOUR_S
"""A meter that stands still for so long has nothing behind it that runs all the time."""
_RESTLESS_S: Final = 12 * HOUR_S
"""People rest at night: a meter that did not in so long still has its leak."""
_MAD_TO_SD: Final = 1.4826
_DRAW_RATIO: Final = 0.1
_BURST_DAY_S: Final = 86_400.0
_LATELY_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Remaining:
    """What still leaks since a moment.

    Attributes
    ----------
    size_m3_per_s, sd_m3_per_s : estimate, and its standard deviation
    known_s : estate's time of readings it rests on
    pace : how many times faster than its clock the estate lives; a simulator's, else 1
    """

    size_m3_per_s: float
    sd_m3_per_s: float
    known_s: float
    pace: float = 1.0


UNKNOWN: Final = Remaining(0.0, float("inf"), 0.0)
"""Too little was read since the moment."""


def watched_by(leak: Leak) -> str:
    """The district or meter that told of a leak: what stays of its id without network and onset.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> watched_by(SimpleNamespace(id="water/wm-t1/20260301T02", network="water"))
    'wm-t1'
    """
    return leak.id.removeprefix(f"{leak.network}/").rpartition("/")[0]


def remaining(model: LeakModel, window: Window, leak: Leak, since_s: float) -> Remaining | None:
    """What a leak still loses since a moment; `UNKNOWN` while too little was read, none if nothing measures it.

    Parameters
    ----------
    window : readings of ``model.rows``
    since_s : the moment, epoch [s]
    """
    network = next((n for n in model.networks if n.id == leak.network), None)
    if network is None:
        return None
    time = estates_time(network, window)
    moments_s = (float(time.of(leak.onset_at.timestamp())), float(time.of(since_s)))
    found = _left(network, as_lived(window, time), leak, moments_s, ZoneInfo(model.index.site.time_zone))
    pace = time.pace(window.end_s - _LATELY_S, window.end_s)
    return found if found is None else dataclasses.replace(found, pace=pace)


def _left(
    network: NetworkModel, window: Window, leak: Leak, moments_s: tuple[float, float], zone: ZoneInfo
) -> Remaining | None:
    tree = network.tree
    if tree is None:
        return None
    onset_s, since_s = moments_s
    measured = measure(network, window)
    watched = watched_by(leak)
    if watched in tree.outlets:
        return _of_meter(measured, watched, since_s)
    row = next((k for k, d in enumerate(tree.districts) if d.id == watched), None)
    if row is None:
        return None
    if leak.shape == "burst":
        return _of_burst(tree, measured, row, onset_s=onset_s, since_s=since_s)
    return _of_district(tree, measured, row, zone, onset_s=onset_s, since_s=since_s)


def _of_meter(measured: Measured, device: str, since_s: float) -> Remaining:
    times_s, register = measured.registers[device]
    after = times_s >= since_s
    if after.sum() < 2:
        return UNKNOWN
    known_s = float(times_s[-1] - times_s[after][0])
    edges_s = np.arange(times_s[after][0], times_s[-1] + 1.0, _REST_S / 4)
    if len(edges_s) < 5:
        return UNKNOWN
    read = np.interp(edges_s, times_s, register)
    least_m3 = float((read[4:] - read[:-4]).min())
    step_m3 = register_step_m3(register)
    if least_m3 > 0.5 * step_m3 and known_s < _RESTLESS_S:
        return UNKNOWN  # someone may be drawing water all the while
    return Remaining(max(0.0, least_m3) / _REST_S, step_m3 / _REST_S / 2.0, known_s)


def _of_burst(tree: MeterTree, measured: Measured, row: int, *, onset_s: float, since_s: float) -> Remaining:
    mains = [(tree.meters[c], s) for c, s in tree.boundary(row) if tree.meters[c] not in tree.outlets]
    reads = [measured.registers[name] for name, _ in mains]
    if not mains or any(len(times_s) < 2 for times_s, _ in reads):
        return UNKNOWN
    end_s = min(float(times_s[-1]) for times_s, _ in reads)
    start_s = max(*(float(times_s[0]) for times_s, _ in reads), onset_s - _BURST_DAY_S)
    before = _net_flow(measured, mains, np.arange(onset_s - 2 * _STEP_S, start_s, -_STEP_S)[::-1])
    after = _net_flow(measured, mains, np.arange(since_s + _STEP_S, end_s + 1.0, _STEP_S))
    if len(before) < _LEAST_STEPS or len(after) < _LEAST_STEPS:
        return UNKNOWN
    spread = max(_MAD_TO_SD * float(np.median(np.abs(before - np.median(before)))), 0.02 * abs(float(before.mean())))
    # neighbouring steps are alike: an hour of them is worth one
    worth = max(1.0, len(after) * _STEP_S / HOUR_S) ** 0.5
    size = float(np.median(after) - np.median(before))
    # what people draw differs from hour to hour by more than from step to step
    return Remaining(size, float(np.hypot(spread / worth, _DRAW_RATIO * size)), len(after) * _STEP_S)


def _net_flow(measured: Measured, mains: list[tuple[str, float]], edges_s: Floats) -> Floats:
    if len(edges_s) < 2:
        return np.empty(0)
    total = np.zeros(len(edges_s) - 1)
    for name, sign in mains:
        total += sign * passed(*measured.registers[name], edges_s).volumes_m3
    flows: Floats = total[np.isfinite(total)] / _STEP_S
    return flows


def _of_district(
    tree: MeterTree, measured: Measured, row: int, zone: ZoneInfo, *, onset_s: float, since_s: float
) -> Remaining:
    """Two courses at once: the leak until the moment, and what is left of it from then on."""
    edges_s = measured.edges_s
    if len(edges_s) < 2:
        return UNKNOWN
    balance, inflow, _ = balance_of(tree, row, measured, zone)
    known = np.isfinite(balance.balance_m3)
    before = np.clip((edges_s[1:] - onset_s) / HOUR_S, 0.0, 1.0) * np.clip((since_s - edges_s[:-1]) / HOUR_S, 0.0, 1.0)
    after = (edges_s[:-1] >= since_s).astype(np.float64)
    hours = int((after.astype(np.bool_) & known).sum())
    if hours < _LEAST_HOURS:
        return UNKNOWN
    floor_m3 = 0.004 + 0.002 * float(np.nanmean(np.append(inflow, 0.0)))
    courses = np.stack([before, after]) * HOUR_S
    courses = courses[np.abs(courses).sum(axis=1) > 0]
    # the noise is learnt without the leak: first with a rough guess of it taken off
    weighed = weigh(balance, floor_m3=floor_m3)
    for _ in range(2):
        values = np.where(weighed.known, balance.balance_m3, 0.0)
        curvature = courses @ weighed.precision @ courses.T
        sizes = np.linalg.solve(curvature, courses @ weighed.precision @ values)
        weighed = weigh(balance, floor_m3=floor_m3, without_m3=sizes @ courses)
    covariance = np.linalg.inv(courses @ weighed.precision @ courses.T)
    return Remaining(float(sizes[-1]), float(covariance[-1, -1] ** 0.5), hours * HOUR_S)
