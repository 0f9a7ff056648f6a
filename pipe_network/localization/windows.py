"""Which of a record's steps and sensors serve, and which steps are alike."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.errors import UnknownElementError
from pipe_network.localization.errors import ObservationsError
from pipe_network.model import Network
from pipe_network.record import Record

Floats = NDArray[np.float64]
_LEAST_STEPS: Final = 6
"""Steps with values a sensor must have before the onset, and after, to be used."""
_SWITCHING: Final = (0.1, 0.9)
"""A pump whose mean flow of a step is such a part of its most was switched within it."""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """(t,) steps before the leak, and with it."""

    before: NDArray[np.bool_]
    after: NDArray[np.bool_]


def check_elements(network: Network, record: Record) -> None:
    """Nothing, if everything measured is of the network.

    Raises
    ------
    UnknownElementError
        If a sensor, meter or tank is at an element the network does not have.
    """
    tanks = {t.id for t in network.tanks}
    for kind, wanted, known in (
        ("node", record.sensors, network.nodes.keys()),
        ("link", record.flow_links, network.links.keys()),
        ("tank", record.tanks, tanks),
    ):
        for each in wanted:
            if each not in known:
                raise UnknownElementError(kind, each)


def find_windows(record: Record, onset_s: float, onset_end_s: float, network: Network) -> Windows:
    """Steps before and after; those in which a metered pump was switched are in neither."""
    steady = np.ones(len(record.times_s), dtype=bool)
    pumps = {p.id for p in network.pumps}
    for k, name in enumerate(record.flow_links):
        flow = record.flows_m3_per_s[:, k]
        if name in pumps and np.isfinite(flow).any() and (most := float(np.nanquantile(flow, 0.95))) > 0.0:
            low, high = _SWITCHING
            steady &= ~((flow > low * most) & (flow < high * most))
    if steady.mean() < 0.6:  # a pump whose speed is controlled is always between
        steady[:] = True
    before = (record.times_s + record.step_s <= onset_s) & steady
    after = (record.times_s >= onset_end_s) & steady
    if min(before.sum(), after.sum()) < _LEAST_STEPS:
        raise ObservationsError(
            f"the record has {before.sum()} usable steps before the onset and {after.sum()} after it; locating a leak"
            f" takes {_LEAST_STEPS} of each, and is good from a day of each"
        )
    return Windows(before, after)


def usable(record: Record, windows: Windows, faulty: Sequence[str]) -> tuple[Record, dict[str, str]]:
    """The record with the sensors that can be used, and why the others cannot.

    Raises
    ------
    ObservationsError
        If none can.
    """
    left_out = {s: "reported as faulty" for s in record.sensors if s in set(faulty)}
    for k, sensor in enumerate(record.sensors):
        known = np.isfinite(record.pressure_heads_m[:, k])
        steps = [int((known & w).sum()) for w in (windows.before, windows.after)]
        if sensor not in left_out and min(steps) < _LEAST_STEPS:
            left_out[sensor] = f"only {steps[0]} values before the onset and {steps[1]} after it"
    kept = [k for k, s in enumerate(record.sensors) if s not in left_out]
    if not kept:
        raise ObservationsError(
            "no pressure sensor has enough values before and after the onset, so no place can be told;"
            " the inflow may still tell how much is lost"
        )
    sensors = tuple(record.sensors[k] for k in kept)
    return replace(record, sensors=sensors, pressure_heads_m=record.pressure_heads_m[:, kept]), left_out


def alike_steps(total: Floats, windows: Windows, most: int) -> NDArray[np.intp]:
    """(t,) group of each step by what is nominally drawn, so that both windows have steps in each group."""
    usable = windows.before | windows.after
    for count in range(most, 0, -1):
        edges = np.unique(np.quantile(total[usable], np.linspace(0.0, 1.0, count + 1)[1:-1]))
        group = np.searchsorted(edges, total)
        if all(len(np.unique(group[w])) == len(edges) + 1 for w in (windows.before, windows.after)):
            return group
    return np.zeros(len(total), dtype=np.intp)
