"""The strongest candidates solved by EPANET itself, leak and all.

The second order serves where a leak changes flows a little. Near the leak it often turns them round, and there only the
whole solution will do. What EPANET finds for a node replaces the second order; nodes that are not solved keep it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.epanet import Project
from pipe_network.localization.districts import UNFED, Districts
from pipe_network.localization.fields import FLOW_AS_HEAD
from pipe_network.model import Demand, Network, Pattern

Floats = NDArray[np.float64]
_LEAK: Final = "leak"
_TINY_M3_PER_S: Final = 1e-12
"""A demand of nothing that is each junction's first, because that is the one EPANET lets one change."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Some steps of a driven twin, to be solved again with leaks.

    Attributes
    ----------
    steps : (k,) rows of the record
    inflows_m3_per_s : (k, districts) what is drawn in each district
    sensor_heads_m : (k, sensors) heads without a leak
    """

    driven: Network
    steps: tuple[int, ...]
    inflows_m3_per_s: Floats
    sensor_heads_m: Floats
    inlets: tuple[str, ...] = ()

    def taken(self, rows: Sequence[int]) -> "Moments":
        """Some of the moments."""
        rows = list(rows)
        return replace(
            self,
            steps=tuple(self.steps[k] for k in rows),
            inflows_m3_per_s=self.inflows_m3_per_s[rows],
            sensor_heads_m=self.sensor_heads_m[rows],
        )


def changes_m(
    moments: Moments, districts: Districts, nodes: Sequence[int], sensors: Sequence[str], size_m3_per_s: float
) -> Mapping[int, Floats]:
    """By node, (k, sensors) how heads change if a leak of a size is there and the inflow stays as measured. [m]

    Parameters
    ----------
    nodes : rows of junctions

    Raises
    ------
    HydraulicsError
        If EPANET cannot solve the network with the leak.
    """
    found = {node: np.empty(moments.sensor_heads_m.shape) for node in nodes}
    for d in sorted({int(districts.of_junction[n]) for n in nodes}):
        members = [n for n in nodes if districts.of_junction[n] == d]
        with Project(_leaking(moments, districts, d, size_m3_per_s)) as project:
            at = [project.node_row(s) for s in sensors]
            links = [project.link_row(k) for k in moments.inlets]
            for k, _ in zip(range(len(moments.steps)), project.run(), strict=False):
                for node in members:
                    project.set_demands([node], [size_m3_per_s])
                    project.solve()
                    flowing = FLOW_AS_HEAD * project.flows_at_m3_per_s(links)
                    found[node][k] = np.append(project.heads_at_m(at), flowing) - moments.sensor_heads_m[k]
                    project.set_demands([node], [0.0])
    return found


def _leaking(moments: Moments, districts: Districts, district: int, size_m3_per_s: float) -> Network:
    """The driven network at the moments only, where a district draws less by the leak."""
    driven, steps = moments.driven, list(moments.steps)
    less = np.ones(len(steps))
    if district != UNFED and districts.is_metered[district]:
        less = np.maximum(1.0 - size_m3_per_s / np.maximum(moments.inflows_m3_per_s[:, district], 1e-9), 0.0)
    patterns = []
    for pattern in driven.patterns:
        course = np.array(pattern.multipliers)[steps]
        if pattern.id.startswith(f"{district}-"):
            course = course * less
        patterns.append(Pattern(pattern.id, tuple(course)))
    patterns.append(Pattern(_LEAK, (1.0,) * len(steps)))
    own = Demand(_TINY_M3_PER_S, _LEAK)
    return replace(
        driven,
        junctions=tuple(replace(j, demands=(own, *j.demands)) for j in driven.junctions),
        patterns=tuple(patterns),
        times=replace(driven.times, duration_s=driven.times.hydraulic_step_s * (len(steps) - 1)),
    )
