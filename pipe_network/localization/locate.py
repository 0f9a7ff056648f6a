"""Where a leak is: from what a network's instruments said before and after it began."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.localization import inflow, responses, statistic, twin
from pipe_network.localization.calibration import corrected, correction, likeliest_prior
from pipe_network.localization.comparison import compare, learn_noise
from pipe_network.localization.districts import Districts, find_districts, shared_inlets
from pipe_network.localization.noise import Noise
from pipe_network.localization.statistic import Prior
from pipe_network.localization.weighing import Scene, weigh
from pipe_network.localization.windows import Windows, alike_steps, check_elements, find_windows, usable
from pipe_network.model import Network
from pipe_network.posterior import Evidence, Posterior, pipe_candidates, search_area
from pipe_network.record import Record

Floats = NDArray[np.float64]
_STUCK_M: Final = 0.05
_STUCK_RATIO: Final = 0.1
_ODD_DEVIATIONS: Final = 5.0
_MOST_ODD: Final = 3
"""Sensors left out one after the other for disagreeing; when more do, it is the model that does not fit."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a leak is looked for; the defaults serve unless there is a reason.

    Attributes
    ----------
    prior : how far the model's lasting errors go
    error_ratio : spread of each pipe's relative error in passing on the leak
    most_groups : of alike steps
    most_refined : nodes at which EPANET solves the network with the leak
    fewest_sensors : with no more than these, none is left out for disagreeing with the others
    widest_area_ratio : a leak is not localisable if it takes a larger part of the network to hold it with 90 %
    """

    prior: Prior = field(default_factory=Prior)
    error_ratio: float = 0.3
    most_groups: int = 10
    is_learning_prior: bool = True
    most_refined: int = 250
    fewest_sensors: int = 4
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
    noise, prior : what was learnt of sensors, demands and model
    change_m : (sensors,) by how much heads are higher with the leak than the twin says they would be without
    scene : what the evidence was made of
    """

    evidence: tuple[Evidence, ...]
    posterior: Posterior
    localisable: bool
    sensors: tuple[str, ...]
    left_out: Mapping[str, str]
    unanswered: tuple[str, ...]
    noise: Noise
    prior: Prior
    change_m: Floats
    scene: Scene


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
    check_elements(network, record)
    windows = find_windows(record, onset_s, onset_s if onset_end_s is None else onset_end_s, network)
    record, left_out = usable(record, windows, faulty_sensors)
    districts = find_districts(network, record)
    inlets = shared_inlets(network, record, districts)
    nominal = twin.nominal_demands_m3_per_s(network, record.times_s, record.step_s)
    alike = alike_steps(nominal.sum(axis=1), windows, options.most_groups)

    lost = known_m3_per_s or {}
    early = record.part(float(record.times_s[0]), onset_s)
    driven = twin.prepare(network, districts, early, known_m3_per_s=lost)
    steps = slice(0, len(early.times_s))
    first = compare(
        network, districts, early, driven, alike[steps], around=windows.before[steps], with_flows=False, inlets=inlets
    )
    learnt = learn_noise(first, driven.demands_m3_per_s.sum(axis=1), windows.before[steps])
    before = first.means(windows.before[steps])
    prior = likeliest_prior(first.groups, before, learnt, options.prior) if options.is_learning_prior else options.prior
    taught = correction(first.groups, before, learnt, prior)
    model = corrected(network, taught)
    driven = twin.prepare(model, districts, record, known_m3_per_s=lost)
    comparison = compare(model, districts, record, driven, alike, around=windows.after, with_flows=True, inlets=inlets)
    # errors are counted from the first model still, of which the second has taken out this much
    before, after = (
        (mean + taught.heads_m, count)
        for mean, count in (comparison.means(windows.before), comparison.means(windows.after))
    )
    found = statistic.statistic(comparison.groups, before, after, noise=learnt, prior=prior)
    rise = inflow.rises(districts, record, nominal, windows.before, windows.after)
    candidates = pipe_candidates(network)
    scene = Scene(
        model, districts, record.sensors, comparison.groups, found, rise, comparison.moments, responses.points(network)
    )
    weighed = weigh(scene, candidates, prior=prior, error_ratio=options.error_ratio, most_refined=options.most_refined)
    odd = _oddest(record, comparison.twin_heads_m, windows, weighed.disagreements)
    if odd is not None and len(record.sensors) > options.fewest_sensors:
        name, why = odd
        again = locate(
            network,
            record,
            onset_s,
            onset_end_s=onset_end_s,
            known_m3_per_s=known_m3_per_s,
            faulty_sensors=(name,),
            options=replace(options, fewest_sensors=max(options.fewest_sensors, len(record.sensors) - _MOST_ODD)),
        )
        return replace(again, left_out={**again.left_out, **left_out, name: why})
    posterior = weighed.posterior
    area_m = search_area(posterior, 0.9).length_m
    return Location(
        evidence=weighed.evidence,
        posterior=posterior,
        localisable=area_m <= options.widest_area_ratio * float(candidates.lengths_m.sum()),
        sensors=record.sensors,
        left_out=left_out,
        unanswered=_unanswered(network, districts, rise),
        noise=learnt,
        prior=prior,
        change_m=_mean_change_m(before, after),
        scene=scene,
    )


def _oddest(record: Record, modelled_m: Floats, windows: Windows, apart: Floats) -> tuple[str, str] | None:
    """The pressure sensor that is least to be believed, if one is not, and why."""
    for steps in (windows.after, windows.before):
        seen_m, wanted_m = record.pressure_heads_m[steps], modelled_m[steps]
        for k, sensor in enumerate(record.sensors):
            known = np.isfinite(seen_m[:, k])
            moves_m = float(wanted_m[known, k].std())
            if moves_m > _STUCK_M and float(seen_m[known, k].std()) < _STUCK_RATIO * moves_m:
                return sensor, f"it stands still where the head should move by {moves_m:.2f} m"
    worst = int(np.argmax(np.abs(apart[: len(record.sensors)])))
    if abs(apart[worst]) <= _ODD_DEVIATIONS:
        return None
    return record.sensors[worst], f"it is {abs(apart[worst]):.0f} standard deviations from what the others make likely"


def _mean_change_m(before: tuple[Floats, Floats], after: tuple[Floats, Floats]) -> Floats:
    """(sensors,) mean residual after the onset less that before."""
    means = [(mean * count).sum(axis=0) / np.maximum(count.sum(axis=0), 1) for mean, count in (before, after)]
    change: Floats = means[1] - means[0]
    return change


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
