"""Before any leak: how large one in each pipe would have to be to be noticed, how soon it would, and how near.

What observes a network are its pressure sensors and its balances. A leak moves all of them by known amounts, as much as
it is large; what they do without a leak is noise, part of which averages out with time and part of which lasts. From
both follow the smallest leak that stands out, the time a given leak takes to stand out, and, by drawing the noise, how
much pipe would have to be searched for it.

References
----------
L. Perelman et al., Sensor placement for fault location identification in water networks (2016), for telling pairs
apart; the noise is our own model, its sizes are stated in `Noise`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.hydraulics import States
from pipe_network.learnt_noise import LearntNoise
from pipe_network.model import Network
from pipe_network.sensitivity import sensitivities

Floats = NDArray[np.float64]

HOUR_S: Final = 3600.0
_HOURS: Final = np.array([1, 2, 3, 6, 12, 24, 48, 72, 120, 168, 336], dtype=np.float64)
_STANDS_OUT: Final = 5.0
"""Standard deviations at which a leak is said to stand out: some hundred pipes and hours are looked at every day, and
an estate puts up with one false alarm a month."""
_DRAWS: Final = 8
_SOURCE_M: Final = 1e-9
_LEAST_M: Final = 1e-3
_LEAST_M3_PER_S: Final = 1e-3 / 3600
"""No sensor and no balance is taken for better than that, as little as it may have moved."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What observations do without a leak; standard deviations.

    Attributes
    ----------
    pressure_m, lasting_pressure_m : of an hour's mean pressure head, and of what calibration leaves
    demand_ratio : of each junction's demand in an hour, about what is known of it
    balance_ratio, lasting_balance_ratio : of an hour's balance, as a part of the inflow, and of the meters' bias
    balance_m3_per_s : of an hour's balance besides, by the meters' steps
    response_ratio : of what a leak does to a pressure, since the pipes are not as the model says
    """

    pressure_m: float = 0.05
    lasting_pressure_m: float = 0.01
    demand_ratio: float = 0.2
    balance_ratio: float = 0.04
    lasting_balance_ratio: float = 0.01
    balance_m3_per_s: float = 0.02 / 3600
    response_ratio: float = 0.1


@dataclass(frozen=True, slots=True)
class BalancedDistrict:
    """Pipes whose losses one balance sums.

    Attributes
    ----------
    is_consumption_metered : then what is lost is no part of what is drawn; else only the inflow is known
    """

    id: str
    pipes: tuple[str, ...]
    inflow_m3_per_s: float
    is_consumption_metered: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """What observes a network.

    Attributes
    ----------
    names : (m,) sensors' nodes and districts
    pipes, lengths_m : (c,)
    signatures : (c, m) change for one more m3/s lost in the middle of each pipe
    step_covariance, lasting_covariance : (m, m) of an hour, and of what no averaging takes away
    response_ratio : (m,) relative error of the signatures
    """

    names: tuple[str, ...]
    pipes: tuple[str, ...]
    lengths_m: Floats
    signatures: Floats
    step_covariance: Floats
    lasting_covariance: Floats
    response_ratio: Floats

    def covariance(self, time_s: float) -> Floats:
        """(m, m) of the mean over a time."""
        result: Floats = self.lasting_covariance + self.step_covariance * (HOUR_S / time_s)
        return result


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What would be found, pipe by pipe.

    Attributes
    ----------
    size_m3_per_s, within_s : of the leak asked for, and the longest time that is waited
    smallest_m3_per_s : (c,) that stands out within that time; infinite where nothing observes the pipe
    found_after_s : (c,) time until the leak asked for stands out; NaN if it does not in time
    area_90_m : (c,) pipe that would then hold it with 90 % probability, on average; NaN if it is not found
    """

    pipes: tuple[str, ...]
    size_m3_per_s: float
    within_s: float
    smallest_m3_per_s: Floats
    found_after_s: Floats
    area_90_m: Floats


def observe(
    network: Network,
    states: States,
    sensors: Sequence[str],
    *,
    districts: Sequence[BalancedDistrict] = (),
    noise: Noise | None = None,
    learnt: LearntNoise | None = None,
) -> Observed:
    """What observes a network in a typical course of it.

    Parameters
    ----------
    states : a day or so, hour by hour
    sensors : nodes with a pressure sensor
    districts : parts of the network with a balance; without any, pressures alone speak
    noise : what is taken for those that `learnt` does not have

    Raises
    ------
    UnknownElementError
        If a sensor's node is not there.
    """
    noise, learnt = noise or Noise(), learnt or LearntNoise()
    row = {n: k for k, n in enumerate(j.id for j in network.junctions)}
    solved = {n: k for k, n in enumerate(states.node_ids)}
    drawn = np.maximum(states.demands_m3_per_s[:, [solved[j.id] for j in network.junctions]], 0.0)
    by_draw = np.nan_to_num(sensitivities(network, states, sensors))  # what nothing feeds moves nothing
    at_pipes = _at_pipes(network, by_draw, row)
    for district in districts:
        if not district.is_consumption_metered:
            at_pipes = _conserving(network, district, by_draw, at_pipes, drawn=drawn, row=row)
    moved = noise.demand_ratio * by_draw * drawn[:, None, :]
    hours = len(states.times_s)
    m, d = len(sensors), len(districts)
    step, lasting = np.zeros((m + d, m + d)), np.zeros((m + d, m + d))
    step[:m, :m] = np.einsum("tsj,tuj->su", moved, moved) / hours + noise.pressure_m**2 * np.eye(m)
    lasting[:m, :m] = noise.lasting_pressure_m**2 * np.eye(m)
    scale = np.ones(m)
    for k, name in enumerate(sensors):
        if name in learnt.pressures_m:
            hour_m, lasting_m = learnt.pressures_m[name]
            # what demands do to several sensors at once stays as alike as it was
            scale[k] = max(hour_m, _LEAST_M) / step[k, k] ** 0.5
            lasting[k, k] = max(lasting_m, noise.lasting_pressure_m) ** 2
    step[:m, :m] *= scale[:, None] * scale
    pipe_row = {p.id: k for k, p in enumerate(network.pipes)}
    signatures = np.zeros((len(network.pipes), m + d))
    signatures[:, :m] = at_pipes.mean(axis=0).T
    for k, district in enumerate(districts):
        signatures[[pipe_row[p] for p in district.pipes if p in pipe_row], m + k] = 1.0
        step[m + k, m + k] = (noise.balance_ratio * district.inflow_m3_per_s) ** 2 + noise.balance_m3_per_s**2
        lasting[m + k, m + k] = (noise.lasting_balance_ratio * district.inflow_m3_per_s) ** 2
        if district.id in learnt.balances_m3_per_s:
            hour, stays = learnt.balances_m3_per_s[district.id]
            step[m + k, m + k], lasting[m + k, m + k] = max(hour, _LEAST_M3_PER_S) ** 2, stays**2
    return Observed(
        names=(*sensors, *(each.id for each in districts)),
        pipes=tuple(p.id for p in network.pipes),
        lengths_m=np.array([p.length_m for p in network.pipes]),
        signatures=signatures,
        step_covariance=step,
        lasting_covariance=lasting,
        response_ratio=np.r_[np.full(m, noise.response_ratio), np.zeros(d)],
    )


def outlook(
    observed: Observed,
    size_m3_per_s: float,
    *,
    within_s: float = 72 * HOUR_S,
    seed: int = 1,
    tell: Callable[[float], None] | None = None,
) -> Outlook:
    """What would be found of leaks of a size.

    Parameters
    ----------
    within_s : longest time that is waited [s]
    seed : of the noise that is drawn to see how far the search would spread
    tell : is told the share that is done
    """
    pipes = len(observed.pipes)
    if not observed.names:
        nothing = np.full(pipes, np.nan)
        return Outlook(observed.pipes, size_m3_per_s, within_s, np.full(pipes, np.inf), nothing, nothing)
    after_s = np.full(pipes, np.nan)
    for time_s in (*(_HOURS[within_s > HOUR_S * _HOURS] * HOUR_S), within_s):
        clear = size_m3_per_s * np.sqrt(_information(observed, time_s)) >= _STANDS_OUT
        after_s[clear & np.isnan(after_s)] = time_s
    clarity = np.sqrt(_information(observed, within_s))
    smallest = np.divide(_STANDS_OUT, clarity, out=np.full(pipes, np.inf), where=clarity > 0)
    area_m = np.full(pipes, np.nan)
    noise = np.random.default_rng(seed).normal(size=(_DRAWS, len(observed.names)))
    found = np.flatnonzero(np.isfinite(after_s))
    most = np.abs(observed.signatures).max(axis=0)
    rounded = np.round(observed.signatures / np.where(most > 0, most, 1.0), 3) + 0.0
    alike: dict[bytes, float] = {}  # pipes of a riser answer alike to the last digit that matters
    for done, k in enumerate(found):
        key = rounded[k].tobytes()
        if key not in alike:
            alike[key] = _area_m(observed, int(k), size_m3_per_s, noise, within_s=within_s)
        area_m[k] = alike[key]
        if tell is not None and done % 50 == 0:
            tell(done / len(found))
    return Outlook(observed.pipes, size_m3_per_s, within_s, smallest, after_s, area_m)


def _information(observed: Observed, time_s: float) -> Floats:
    """(c,) squared signal by noise of a leak of 1 m3/s. [s2/m6]"""
    covariance = observed.covariance(time_s)
    result: Floats = np.einsum("cm,mc->c", observed.signatures, np.linalg.solve(covariance, observed.signatures.T))
    return np.maximum(result, 0.0)


def _area_m(observed: Observed, true: int, size: float, noise: Floats, *, within_s: float) -> float:
    """Pipe that holds a leak in one pipe with 90 %, on average over the noise. [m]"""
    own = observed.signatures[true]
    covariance = observed.covariance(within_s) + np.diag((size * observed.response_ratio * own) ** 2)
    lower = np.linalg.cholesky(covariance)
    white = np.linalg.solve(lower, observed.signatures.T)  # (m, c)
    seen = size * white[:, true] + noise  # (draws, m)
    slope = np.maximum(seen @ white, 0.0)  # a leak does not bring water
    curvature = np.maximum((white**2).sum(axis=0), _SOURCE_M)
    likelihood = 0.5 * slope**2 / curvature
    weight = observed.lengths_m * np.exp(likelihood - likelihood.max(axis=1, keepdims=True))
    order = np.argsort(-likelihood, axis=1, kind="stable")
    share = np.cumsum(np.take_along_axis(weight, order, axis=1), axis=1)
    inside = share - np.take_along_axis(weight, order, axis=1) < 0.9 * share[:, -1:]
    return float((observed.lengths_m[order] * inside).sum(axis=1).mean())


def _at_pipes(network: Network, by_draw: Floats, row: dict[str, int]) -> Floats:
    """(t, s, pipes) what a leak in the middle of each pipe does: half of it at each end."""
    padded = np.concatenate([by_draw, np.zeros((*by_draw.shape[:2], 1))], axis=2)  # a source's head stands
    nowhere = int(by_draw.shape[2])
    start = [row.get(p.start, nowhere) for p in network.pipes]
    end = [row.get(p.end, nowhere) for p in network.pipes]
    result: Floats = 0.5 * (padded[:, :, start] + padded[:, :, end])
    return result


def _conserving(
    network: Network,
    district: BalancedDistrict,
    by_draw: Floats,
    at_pipes: Floats,
    *,
    drawn: Floats,
    row: dict[str, int],
) -> Floats:
    """The same where only the inflow is known: what is lost was taken for drawn, all over the district."""
    inside = set(district.pipes)
    members = [k for k, p in enumerate(network.pipes) if p.id in inside]
    nodes = sorted({row[n] for p in network.pipes if p.id in inside for n in (p.start, p.end) if n in row})
    share = drawn[:, nodes] / np.maximum(drawn[:, nodes].sum(axis=1, keepdims=True), 1e-12)
    mean = np.einsum("tsj,tj->ts", by_draw[:, :, nodes], share)
    result = at_pipes.copy()
    result[:, :, members] -= mean[:, :, None]
    return result
