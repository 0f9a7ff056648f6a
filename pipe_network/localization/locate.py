"""Where a leak is: from what a network's instruments said before and after it began."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.errors import UnknownElementError
from pipe_network.localization import fields, inflow, noise, responses, statistic, twin
from pipe_network.localization.districts import Districts, find_districts
from pipe_network.localization.errors import ObservationsError
from pipe_network.localization.likelihood import log_likelihoods
from pipe_network.localization.noise import Noise
from pipe_network.localization.statistic import Group, Prior, Statistic
from pipe_network.model import Network
from pipe_network.posterior import (
    SIZES_M3_PER_S,
    Evidence,
    Posterior,
    combine,
    pipe_candidates,
    quadratic_evidence,
    search_area,
    size_interval_m3_per_s,
)
from pipe_network.record import Record

Floats = NDArray[np.float64]
_LEAST_STEPS: Final = 6
"""Steps with values a sensor must have before the onset, and after, to be used."""
_LOSS_EXPONENT: Final = 1.85
_SWITCHING: Final = (0.1, 0.9)


@dataclass(frozen=True, slots=True)
class Options:
    """How a leak is looked for; the defaults serve unless there is a reason.

    Attributes
    ----------
    prior : how far the model's lasting errors go
    error_ratio : spread of each pipe's relative error in passing on the leak
    most_groups : of alike steps
    widest_area_ratio : a leak is not localisable if it takes a larger part of the network to hold it with 90 %
    """

    prior: Prior = field(default_factory=Prior)
    error_ratio: float = 0.3
    most_groups: int = 8
    widest_area_ratio: float = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Location:
    """What is known of a leak's place.

    Attributes
    ----------
    evidence : of the pressures, and of the inflow, over all pipes and sizes
    posterior : of both
    localisable : whether the 90 % area is a part of the network worth searching
    sensors : those used
    left_out : the others, and why
    unanswered : what cannot be told with these observations, and why
    """

    evidence: tuple[Evidence, ...]
    posterior: Posterior
    localisable: bool
    sensors: tuple[str, ...]
    left_out: Mapping[str, str]
    unanswered: tuple[str, ...]
    noise: Noise
    statistic: Statistic


def locate(
    network: Network,
    record: Record,
    onset_s: float,
    *,
    onset_end_s: float | None = None,
    known_m3_per_s: Mapping[str, float] | None = None,
    faulty_sensors: Sequence[str] = (),
    options: Options | None = None,
) -> Location:
    """Where a leak is that began during a record.

    Parameters
    ----------
    network : the model, by which a twin is driven with the measured inflow
    record : the time before the leak, from which the model's and sensors' errors are learnt, and some time with it
    onset_s, onset_end_s : when it began, or between which times; the steps between are not used [s]
    known_m3_per_s : other leaks that run through all of the record, by pipe
    faulty_sensors : sensors not to believe

    Raises
    ------
    UnknownElementError
        If a sensor, meter, tank or pipe is at an element the network does not have.
    ObservationsError
        If there is no time before or after the onset, or no pressure sensor that can be used.
    HydraulicsError
        If EPANET cannot solve the network.
    """
    options = options or Options()
    _check_elements(network, record)
    windows = _windows(record, onset_s, onset_s if onset_end_s is None else onset_end_s, network)
    record, left_out = _usable(record, windows, faulty_sensors)
    districts = find_districts(network, record)
    nominal = twin.nominal_demands_m3_per_s(network, record.times_s, record.step_s)
    alike = _alike(nominal.sum(axis=1), windows, options.most_groups)
    driven = twin.prepare(network, districts, record, known_m3_per_s=known_m3_per_s or {})
    residuals_m, groups = _groups(network, districts, record, driven, alike, windows.after)

    before, after = windows.before, windows.after
    shape = (driven.demands_m3_per_s.sum(axis=1)[before, None]) ** _LOSS_EXPONENT
    left_m = noise.within(residuals_m[before], shape / max(float(shape.mean()), 1e-12))
    learnt = noise.learn(
        left_m,
        alike[before],
        np.array([g.by_demand @ g.by_demand.T for g in groups]),
        np.array([g.by_inflow @ g.by_inflow.T for g in groups]),
    )
    found = statistic.statistic(
        groups,
        statistic.group_means(residuals_m[before], alike[before], len(groups)),
        statistic.group_means(residuals_m[after], alike[after], len(groups)),
        noise=learnt,
        prior=options.prior,
    )
    rise = inflow.rises(districts, record, nominal, before, after)
    candidates = pipe_candidates(network)
    evidence = _evidence(network, districts, groups, found, rise, options)
    posterior = combine(candidates, evidence)
    area_m = search_area(posterior, 0.9).length_m
    return Location(
        evidence=evidence,
        posterior=posterior,
        localisable=area_m <= options.widest_area_ratio * float(candidates.lengths_m.sum()),
        sensors=record.sensors,
        left_out=left_out,
        unanswered=_unanswered(network, districts, rise),
        noise=learnt,
        statistic=found,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Windows:
    before: NDArray[np.bool_]
    after: NDArray[np.bool_]


def _check_elements(network: Network, record: Record) -> None:
    tanks = {t.id for t in network.tanks}
    for kind, wanted, known in (
        ("node", record.sensors, network.nodes.keys()),
        ("link", record.flow_links, network.links.keys()),
        ("tank", record.tanks, tanks),
    ):
        for each in wanted:
            if each not in known:
                raise UnknownElementError(kind, each)


def _windows(record: Record, onset_s: float, onset_end_s: float, network: Network) -> _Windows:
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
    return _Windows(before, after)


def _usable(record: Record, windows: _Windows, faulty: Sequence[str]) -> tuple[Record, dict[str, str]]:
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


def _alike(total: Floats, windows: _Windows, most: int) -> NDArray[np.intp]:
    """(t,) group of each step by what is nominally drawn, so that both windows have steps in each group."""
    usable = windows.before | windows.after
    for count in range(most, 0, -1):
        edges = np.unique(np.quantile(total[usable], np.linspace(0.0, 1.0, count + 1)[1:-1]))
        group = np.searchsorted(edges, total)
        if all(len(np.unique(group[w])) == len(edges) + 1 for w in (windows.before, windows.after)):
            return group
    return np.zeros(len(total), dtype=np.intp)


def _groups(
    network: Network,
    districts: Districts,
    record: Record,
    driven: twin.Twin,
    alike: NDArray[np.intp],
    after: NDArray[np.bool_],
) -> tuple[Floats, list[Group]]:
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
    return record.pressure_heads_m - (course.sensor_heads_m - grounds_m), groups


def _evidence(
    network: Network,
    districts: Districts,
    groups: Sequence[Group],
    found: Statistic,
    rise: inflow.Rise,
    options: Options,
) -> tuple[Evidence, ...]:
    candidates = pipe_candidates(network)
    where = responses.points(network)
    of_pipe = _district_of_pipe(network, districts)
    balance = np.zeros((len(candidates), len(SIZES_M3_PER_S)))
    for d in np.flatnonzero(np.isfinite(rise.mean_m3_per_s)):
        variance = max(float(rise.deviation_m3_per_s[d]) ** 2, 1e-16)
        balance[of_pipe == d] = quadratic_evidence([rise.mean_m3_per_s[d] / variance], [1.0 / variance])
    by_inflow = Evidence("balance", "inflow", balance)
    nodes = responses.node_responses(network, groups, found, districts)
    size = _first_size(network, nodes, found, by_inflow)
    pressure = np.zeros_like(balance)
    for _ in range(2):  # the bend is taken at about the size that comes out
        bent_m = responses.bends_m(groups, found, nodes, size)
        at = responses.point_responses(where, nodes, bent_m, size_m3_per_s=size, error_ratio=options.error_ratio)
        each = log_likelihoods(found.value_m, found.covariance, at, SIZES_M3_PER_S)
        pressure = _over_points(each, where.pipe, len(candidates))
        by_pressure = Evidence("pressure", "pressures", pressure)
        _, median, _ = size_interval_m3_per_s(combine(candidates, [by_pressure, by_inflow]))
        if abs(np.log(median / size)) < 0.1:
            break
        size = median
    return by_pressure, by_inflow


def _district_of_pipe(network: Network, districts: Districts) -> NDArray[np.intp]:
    of_node = {j.id: int(d) for j, d in zip(network.junctions, districts.of_junction, strict=True)}
    return np.array([of_node.get(p.start, of_node.get(p.end, -1)) for p in network.pipes])


def _first_size(network: Network, nodes: responses.NodeResponses, found: Statistic, by_inflow: Evidence) -> float:
    """A size to begin with: the best of the first order, with what the inflow says of it."""
    inverse = np.linalg.inv(found.covariance)
    slope = nodes.heads.T @ (inverse @ found.value_m)
    curvature = np.einsum("sn,st,tn->n", nodes.heads, inverse, nodes.heads)
    rows = {n: k for k, n in enumerate(network.nodes)}
    ends = np.array([(rows[p.start], rows[p.end]) for p in network.pipes])
    linear = quadratic_evidence(slope[ends].mean(axis=1), np.maximum(curvature[ends].mean(axis=1), 1e-12))
    posterior = combine(pipe_candidates(network), [Evidence("pressure", "first", linear), by_inflow])
    return size_interval_m3_per_s(posterior)[1]


def _over_points(each: Floats, pipe: NDArray[np.intp], count: int) -> Floats:
    """(pipes, sizes) log of the mean likelihood over each pipe's points."""
    first = np.flatnonzero(np.r_[True, np.diff(pipe) != 0])
    top = np.maximum.reduceat(each, first, axis=0)
    total = np.add.reduceat(np.exp(each - top[pipe]), first, axis=0)
    result: Floats = top + np.log(total / np.bincount(pipe, minlength=count)[:, None])
    return result


def _unanswered(network: Network, districts: Districts, rise: inflow.Rise) -> tuple[str, ...]:
    told = []
    for d in np.flatnonzero(~districts.is_metered):
        members = [j.id for j, of in zip(network.junctions, districts.of_junction, strict=True) if of == d]
        if len(members) > 1:
            told.append(
                f"how much is lost around {members[0]} ({len(members)} junctions): not every inflow there is measured"
            )
    for d in np.flatnonzero(districts.is_metered & ~np.isfinite(rise.mean_m3_per_s)):
        members = [j.id for j, of in zip(network.junctions, districts.of_junction, strict=True) if of == d]
        if any(j.demands for j in network.junctions if j.id in set(members)):
            told.append(f"by how much the inflow rose around {members[0]}: its meters have too few values")
    return tuple(told)
