"""Measured against modelled heads, and how the model responds, step by step and group by group."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.localization import fields, noise, statistic, twin
from pipe_network.localization.districts import Districts
from pipe_network.localization.fields import FLOW_AS_HEAD
from pipe_network.localization.noise import Noise
from pipe_network.localization.refinement import Moments
from pipe_network.localization.statistic import Group
from pipe_network.model import Network
from pipe_network.record import Record

Floats = NDArray[np.float64]
_LOSS_EXPONENT: Final = 1.85
_WITH_FLOWS: Final = 3
"""Groups for which the second order is taken; it changes slowly from one to the next."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A model driven through a record.

    Attributes
    ----------
    residuals_m : (t, sensors) measured less modelled
    twin_heads_m : (t, sensors) modelled pressure heads
    alike : (t,) group of each step
    """

    residuals_m: Floats
    twin_heads_m: Floats
    alike: NDArray[np.intp]
    groups: list[Group]
    moments: Moments

    def means(self, steps: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """(groups, sensors) mean residuals of some steps, and of how many each is."""
        return statistic.group_means(self.residuals_m[steps], self.alike[steps], len(self.groups))


def compare(
    network: Network,
    districts: Districts,
    record: Record,
    driven: twin.Twin,
    alike: NDArray[np.intp],
    *,
    around: NDArray[np.bool_],
    with_flows: bool,
    inlets: tuple[str, ...] = (),
) -> Comparison:
    """A driven twin against a record.

    Parameters
    ----------
    network : the model the twin was made of
    alike : (t,) group of each step
    around : (t,) steps in the middle of which, by what is drawn, each group's responses are taken
    with_flows : whether some groups get the responses of the pipes' flows too
    """
    total = driven.demands_m3_per_s.sum(axis=1)
    members = [np.flatnonzero((alike == k) & around) for k in range(int(alike.max()) + 1)]
    middles = [int(m[np.argsort(total[m])[len(m) // 2]]) for m in members]
    course = twin.solve(driven, record.sensors, len(record.times_s), whole=set(middles), inlets=inlets)
    grounds_m = np.array([network.nodes[s].elevation_m for s in record.sensors])
    count = len(members)
    flowing = {round(k) for k in np.linspace(0, count - 1, min(_WITH_FLOWS, count))} if with_flows else set()
    groups = []
    for k, (steps, middle) in enumerate(zip(members, middles, strict=True)):
        heads_m, flows = course.heads_m[middle], course.flows_m3_per_s[middle]
        responds = fields.field(driven.driven, heads_m, flows, record.sensors, inlets=inlets, with_flows=k in flowing)
        demands = driven.demands_m3_per_s[steps].mean(axis=0)
        draw = statistic.conserving(responds.heads_by_draw, demands, districts.of_junction, districts.is_metered)
        parts = [districts.of_junction == d for d in range(len(districts))]
        by_inflow = np.column_stack([responds.heads_by_draw[:, of] @ demands[of] for of in parts])
        groups.append(Group(field=responds, draw=draw, demands_m3_per_s=demands, by_inflow=by_inflow))
    drawn = np.column_stack(
        [driven.demands_m3_per_s[middles][:, districts.of_junction == d].sum(axis=1) for d in range(len(districts))]
    )
    moments = Moments(driven.driven, tuple(middles), drawn, course.sensor_heads_m[middles], inlets)
    modelled_m = course.sensor_heads_m - np.append(grounds_m, np.zeros(len(inlets)))
    measured_m = np.column_stack([record.pressure_heads_m, *(FLOW_AS_HEAD * record.flow_m3_per_s(k) for k in inlets)])
    return Comparison(measured_m - modelled_m, modelled_m, alike, groups, moments)


def learn_noise(comparison: Comparison, drawn_m3_per_s: Floats, before: NDArray[np.bool_]) -> Noise:
    """The noise of the residuals before the leak.

    Parameters
    ----------
    drawn_m3_per_s : (t,) what the twin draws in all, whose losses the lasting errors follow
    """
    shape = drawn_m3_per_s[before, None] ** _LOSS_EXPONENT
    return noise.learn(
        noise.within(comparison.residuals_m[before], shape / max(float(shape.mean()), 1e-12)),
        comparison.alike[before],
        np.array([g.by_demand @ g.by_demand.T for g in comparison.groups]),
        np.array([g.by_inflow @ g.by_inflow.T for g in comparison.groups]),
    )
