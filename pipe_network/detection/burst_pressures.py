"""Where a burst is, by how far it pulled down each pressure: minutes of readings against EPANET's own answer.

`pipe_network.localization` learns a model's errors from days; of a burst there are minutes, but it is large. So the
drop is compared with what EPANET says each place would do, and the noise is what pressures did by themselves before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.epanet import Project
from pipe_network.model import Network
from pipe_network.posterior import SIZES_M3_PER_S, Candidates, Evidence

Floats = NDArray[np.float64]

MODEL_ERROR_RATIO: Final = 0.2
"""How far off all drops may be that the network's file foretells: resistances age, draws are those of a usual hour."""
_APART_RATIO: Final = 0.06
"""How far off one drop may be against the others: one pipe ages faster than another."""
_DOUBT_RATIO: Final = 0.05
"""How often the pressures fit no place at all: a valve that nobody knows is closed, a sensor at another node."""
_FREE_M: Final = 3.0
"""How far heads move then, by whatever it is."""
_RESOLUTION_M: Final = 0.02
_EXPONENTS: Final = (1.0, 2.0)
"""Losses grow with the square of the flow at most; a small burst beside a large flow adds to them in proportion."""
_SHRINK_RATIO: Final = 0.2
_LEAST_SAMPLES: Final = 12


@dataclass(frozen=True, slots=True, eq=False)
class Drops:
    """What a burst does to sensors, by the node at which it is.

    Attributes
    ----------
    sensors : nodes with a pressure sensor, in the order of the columns
    size_m3_per_s : of the burst
    fall_m : by node, (sensors,) by how much heads fall
    exponents : by node, (sensors,) with which power of the size they do
    """

    sensors: tuple[str, ...]
    size_m3_per_s: float
    fall_m: Mapping[str, Floats]
    exponents: Mapping[str, Floats]


def burst_drops(network: Network, sensors: Sequence[str], nodes: Sequence[str], size_m3_per_s: float) -> Drops:
    """What a burst of a size does at each of some nodes, by EPANET at the file's first hour.

    Raises
    ------
    HydraulicsError
        If EPANET cannot solve the network.
    """
    falls: dict[str, Floats] = {}
    exponents: dict[str, Floats] = {}
    with Project(network) as project:
        project.drop_patterns()
        project.start()
        project.solve()
        rows = [project.node_row(s) for s in sensors]
        usual_m = project.heads_at_m(rows)
        drawn = project.demands_m3_per_s()
        junctions = {j.id for j in network.junctions}
        for node in dict.fromkeys(n for n in nodes if n in junctions):
            row = project.node_row(node)
            both = []
            for share in (0.5, 1.0):
                project.set_demands([row], [float(drawn[row]) + share * size_m3_per_s])
                project.solve()
                both.append(np.maximum(usual_m - project.heads_at_m(rows), 0.0))
            project.set_demands([row], [float(drawn[row])])
            falls[node] = both[1]
            with np.errstate(divide="ignore", invalid="ignore"):
                powers = np.log2(both[1] / both[0])
            exponents[node] = np.where(np.isfinite(powers), np.clip(powers, *_EXPONENTS), _EXPONENTS[1])
    return Drops(tuple(sensors), size_m3_per_s, falls, exponents)


def changes_m(
    times_s: Sequence[Floats], heads_m: Sequence[Floats], at_s: Floats, *, gap_s: float, before_s: float, after_s: float
) -> Floats:
    """(n, sensors) by how much heads after each instant are higher than before it; NaN where either is not known.

    Parameters
    ----------
    times_s, heads_m : by sensor
    at_s : (n,) instants
    gap_s : time after the instant that is left out, in which nobody knows whether it had begun
    before_s, after_s : how long the means are

    Examples
    --------
    >>> t = np.arange(0.0, 600.0, 10.0)
    >>> dropped = np.where(t < 300.0, 30.0, 28.0)
    >>> changes_m([t], [dropped], np.array([300.0]), gap_s=60.0, before_s=200.0, after_s=100.0).tolist()
    [[-2.0]]
    """
    out = np.full((len(at_s), len(times_s)), np.nan)
    for k, (t, h) in enumerate(zip(times_s, heads_m, strict=True)):
        for n, now_s in enumerate(at_s.tolist()):
            a, b, c, d = np.searchsorted(t, [now_s - before_s, now_s, now_s + gap_s, now_s + gap_s + after_s])
            if b > a and d > c:
                out[n, k] = float(np.median(h[c:d]) - np.median(h[a:b]))
    return out


def learnt_covariance(history_m: Floats) -> Floats:
    """(sensors, sensors) of changes in which nothing happened but the usual.

    Parameters
    ----------
    history_m : (n, sensors) such changes; NaN is missing

    Notes
    -----
    Clipped at four deviations, so that a fire drill does not blind the sensors for a day; shrunk towards its diagonal,
    as a day has few changes that are independent.
    """
    n = history_m.shape[1]
    floor = np.eye(n) * _RESOLUTION_M**2
    known = history_m[np.isfinite(history_m).all(axis=1)]
    if len(known) < _LEAST_SAMPLES:
        # too little to learn from: half a metre is what pumps and tanks of an estate do to each other
        return floor + 0.25 * np.eye(n)
    middle = np.median(known, axis=0)
    spread = np.maximum(1.4826 * np.median(np.abs(known - middle), axis=0), _RESOLUTION_M)
    clipped = np.clip(known - middle, -4.0 * spread, 4.0 * spread)
    found = clipped.T @ clipped / len(known)
    result: Floats = (1.0 - _SHRINK_RATIO) * found + _SHRINK_RATIO * np.diag(np.diag(found)) + floor
    return result


def burst_evidence(
    candidates: Candidates, ends: Mapping[str, tuple[str, str]], drops: Drops, change_m: Floats, covariance: Floats, *,
    source: str, sizes_m3_per_s: Floats = SIZES_M3_PER_S,
) -> Evidence:  # fmt: skip
    """What the drop of the pressures says of every candidate at every size.

    Where no place explains the pressures, it says the same of all: doubt widens, it does not move the answer to
    whichever place is least wrong.

    Parameters
    ----------
    ends : nodes at the ends of each candidate; a burst within it does what is between
    change_m : (sensors,) by how much heads are higher than before; NaN of a sensor that is silent
    covariance : (sensors, sensors) of such changes without a burst
    source : the channel that shows it best
    """
    used = np.isfinite(change_m)
    fallen = -change_m[used]
    noise = covariance[np.ix_(used, used)]
    told = np.zeros((len(candidates), len(sizes_m3_per_s)))
    without = _log_density(fallen, np.zeros((1, len(fallen))), noise)[0]
    free = float(_log_density(fallen, np.zeros((1, len(fallen))), noise + _FREE_M**2 * np.eye(len(fallen)))[0])
    for k, name in enumerate(candidates.ids):
        there = [n for n in ends.get(name, ()) if n in drops.fall_m]
        if not there:
            continue
        fall = np.mean([drops.fall_m[n][used] for n in there], axis=0)
        power = np.mean([drops.exponents[n][used] for n in there], axis=0)
        # the two ends of a long pipe differ, and nobody knows where between them the hole is
        apart = np.ptp([drops.fall_m[n][used] for n in there], axis=0) / np.sqrt(12.0)
        doubt = noise + MODEL_ERROR_RATIO**2 * np.outer(fall, fall) + np.diag((_APART_RATIO * fall) ** 2 + apart**2)
        foretold = fall * (sizes_m3_per_s[:, None] / drops.size_m3_per_s) ** power
        told[k] = np.logaddexp(
            np.log1p(-_DOUBT_RATIO) + _log_density(fallen, foretold, doubt), np.log(_DOUBT_RATIO) + free
        )
        told[k] -= without
    return Evidence("pressure", source, told)


def _log_density(value: Floats, means: Floats, covariance: Floats) -> Floats:
    """(s,) Gaussian log-density but for its constant, of one value under several means."""
    factor = np.linalg.cholesky(covariance)
    white = np.linalg.solve(factor, (value - means).T)
    result: Floats = -0.5 * (white**2).sum(axis=0) - float(np.log(np.diag(factor)).sum())
    return result
