"""Measured against modelled heads, and how the model responds, step by step and group by group."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.localization import fields, noise, statistic, twin
from pipe_network.localization.districts import Districts
from pipe_network.localization.noise import Noise
from pipe_network.localization.refinement import Moments
from pipe_network.localization.statistic import Group
from pipe_network.localization.windows import Windows
from pipe_network.model import Network
from pipe_network.record import Record

Floats = NDArray[np.float64]
_LOSS_EXPONENT: Final = 1.85


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A model driven through a record.

    Attributes
    ----------
    residuals_m : (t, sensors) measured less modelled
    alike : (t,) group of each step
    """

    residuals_m: Floats
    alike: NDArray[np.intp]
    groups: list[Group]
    moments: Moments
    noise: Noise

    def means(self, steps: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """(groups, sensors) mean residuals of some steps, and of how many each is."""
        return statistic.group_means(self.residuals_m[steps], self.alike[steps], len(self.groups))


def compare(
    network: Network, districts: Districts, record: Record, driven: twin.Twin, alike: NDArray[np.intp], windows: Windows
) -> Comparison:
    """A driven twin against a record.

    Parameters
    ----------
    network : the model the twin was made of
    alike : (t,) group of each step
    """
    residuals_m, groups, moments = _groups(network, districts, record, driven, alike, windows.after)
    before = windows.before
    shape = driven.demands_m3_per_s.sum(axis=1)[before, None] ** _LOSS_EXPONENT
    learnt = noise.learn(
        noise.within(residuals_m[before], shape / max(float(shape.mean()), 1e-12)),
        alike[before],
        np.array([g.by_demand @ g.by_demand.T for g in groups]),
        np.array([g.by_inflow @ g.by_inflow.T for g in groups]),
    )
    return Comparison(residuals_m, alike, groups, moments, learnt)


def _groups(
    network: Network,
    districts: Districts,
    record: Record,
    driven: twin.Twin,
    alike: NDArray[np.intp],
    after: NDArray[np.bool_],
) -> tuple[Floats, list[Group], Moments]:
    """(t, sensors) residuals, and each group's responses in the middle of its steps after the onset."""
    total = driven.demands_m3_per_s.sum(axis=1)
    members = [np.flatnonzero((alike == k) & after) for k in range(int(alike.max()) + 1)]
    middles = [int(m[np.argsort(total[m])[len(m) // 2]]) for m in members]
    course = twin.solve(driven, record.sensors, len(record.times_s), whole=set(middles))
    grounds_m = np.array([network.nodes[s].elevation_m for s in record.sensors])
    groups = []
    for steps, middle in zip(members, middles, strict=True):
        responds = fields.field(driven.driven, course.heads_m[middle], course.flows_m3_per_s[middle], record.sensors)
        demands = driven.demands_m3_per_s[steps].mean(axis=0)
        by_inflow = [
            responds.heads_by_draw[:, of] @ demands[of]
            for of in (districts.of_junction == d for d in range(len(districts)))
        ]
        groups.append(
            Group(
                field=responds,
                draw=statistic.conserving(responds.heads_by_draw, demands, districts.of_junction, districts.is_metered),
                demands_m3_per_s=demands,
                by_inflow=np.column_stack(by_inflow),
            )
        )
    drawn = np.column_stack(
        [driven.demands_m3_per_s[middles][:, districts.of_junction == d].sum(axis=1) for d in range(len(districts))]
    )
    moments = Moments(driven.driven, tuple(middles), drawn, course.sensor_heads_m[middles])
    return record.pressure_heads_m - (course.sensor_heads_m - grounds_m), groups, moments
