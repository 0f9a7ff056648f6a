"""Before any leak: what would be found of one in each pipe of a network, and where one more sensor would help."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipe_network.balance import MeterTree
from pipe_network.errors import HydraulicsError, PipeNetworkError
from pipe_network.hydraulics import States, simulate
from pipe_network.identifiability import BalancedDistrict, Noise, Observed, observe, outlook
from pipe_network.learnt_noise import LearntNoise
from pipe_network.model import Network
from pipe_network.sensor_placement import Placement, place
from twin.errors import PipeQuestionError, UnknownIdError
from twin.index import SiteIndex
from twin.leaks.model import PRESSURE_KINDS, NetworkModel, prepare_network
from twin.leaks.own_noise import learn_noise, noise_rows
from twin.leaks.window import Window

WITHIN_S: Final = 72 * 3600.0
"""A leak that does not stand out in three days is called not found: by then crews are asked for other reasons."""
RESTING_M3_PER_S: Final = 5e-3 / 3600
"""What a home's own meter shows in a night in which nobody draws: 5 L/h are 30 L by morning."""
_NIGHT_S: Final = 24 * 3600.0
_DAY_S: Final = 86_400
_HOUR_S: Final = 3600


class PipeReach(msgspec.Struct, frozen=True):
    """What would be found of a leak in one pipe.

    Attributes
    ----------
    found_after_s : none where it would not stand out in three days
    area_90_m : pipe to search then; none where it is not found
    smallest_m3_per_s : that stands out in three days; none where nothing observes the pipe
    """

    id: str
    found_after_s: float | None
    area_90_m: float | None
    smallest_m3_per_s: float | None


class NextSensor(msgspec.Struct, frozen=True):
    """A node where one more pressure sensor would help; `gain_ratio` of all pairs of pipes are told apart by it."""

    node: str
    gain_ratio: float


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """What the sensors there are would find of leaks of a size.

    Attributes
    ----------
    apart_ratio : share of the pairs of pipes that today's pressure sensors tell apart
    bound_ratio : that no choice of as many further sensors could exceed
    observations, learnt : pressures and balances that observe the network, and of how many of them the noise was learnt
        from the site's own past; of the others it is a stated one
    """

    size_m3_per_s: float
    within_s: float
    length_m: float
    pipes: tuple[PipeReach, ...]
    apart_ratio: float
    next_sensors: tuple[NextSensor, ...]
    bound_ratio: float
    observations: int
    learnt: int


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """A network with all that observes it, ready for leaks of any size. Make one with `watch`."""

    id: str
    network: Network
    states: States
    sensors: tuple[str, ...]
    observed: Observed
    ends: Mapping[str, float]
    """Pipes behind a meter of one consumer, who rests at night, to the length of all of them there. [m]"""
    learnt: LearntNoise


PastOf = Callable[[Sequence[int]], Window]


def watch(index: SiteIndex, network_id: str, past_of: PastOf | None = None) -> Watched:
    """What observes a network of the site, in the day its own patterns make.

    Parameters
    ----------
    past_of : the readings of some rows in the last weeks, from which noise is learnt; without it, it is a stated one

    Raises
    ------
    UnknownIdError
        If the site has no such network.
    PipeQuestionError
        If it is no network under pressure, or EPANET cannot run it.
    """
    networks = {n.id: n for n in index.site.networks}
    if network_id not in networks:
        raise UnknownIdError("network", network_id, networks)
    found = networks[network_id]
    if found.kind not in PRESSURE_KINDS:
        raise PipeQuestionError(
            f"network {network_id} is a {found.kind.replace('_', ' ')}: it is not under pressure, so no pressure sensor"
            " or meter tells where it leaks; ask this of the water, fire or heating networks"
        )
    try:
        model = prepare_network(index, found)
        course = simulate(model.network, duration_s=_DAY_S, step_s=_HOUR_S)
    except PipeNetworkError as error:
        cure = "mend it with `plumbline check --deep`" if isinstance(error, HydraulicsError) else "mend its file"
        raise PipeQuestionError(f"network {network_id} cannot be run: {error}; {cure}") from error
    whole = np.flatnonzero(course.times_s % _HOUR_S == 0)[:24]
    states = course.at(list(whole))
    sensors = tuple(model.pressures)
    learnt = LearntNoise()
    if past_of is not None:
        learnt = learn_noise(model, past_of(noise_rows(model)), index.site.time_zone)
    seen = observe(model.network, states, sensors, districts=_districts(model, states), learnt=learnt)
    return Watched(network_id, model.network, states, sensors, seen, _ends(model), learnt)


def reach(watched: Watched, size_m3_per_s: float, *, next_sensors: int = 3) -> Reach:
    """What would be found of leaks of a size, and where the next pressure sensors should go."""
    found = outlook(watched.observed, size_m3_per_s, within_s=WITHIN_S)
    placed = _place(watched, size_m3_per_s, next_sensors)
    columns = zip(found.pipes, found.found_after_s, found.area_90_m, found.smallest_m3_per_s, strict=True)
    pipes = tuple(
        _behind_a_meter(watched, p, size_m3_per_s)
        if p in watched.ends
        else PipeReach(f"{watched.id}/{p}", _known(after), _known(area), _known(least))
        for p, after, area, least in columns
    )
    return Reach(
        size_m3_per_s=size_m3_per_s,
        within_s=WITHIN_S,
        length_m=float(watched.observed.lengths_m.sum()),
        pipes=pipes,
        apart_ratio=placed.today_ratio,
        next_sensors=tuple(NextSensor(f"{watched.id}/{p.node}", p.gain_ratio) for p in placed.placed),
        bound_ratio=placed.bound_ratio,
        observations=len(watched.observed.names),
        learnt=sum(name in watched.learnt for name in watched.observed.names),
    )


def _behind_a_meter(watched: Watched, pipe: str, size_m3_per_s: float) -> PipeReach:
    """What the consumer's own meter tells: it stands still at night unless something leaks behind it."""
    if size_m3_per_s < RESTING_M3_PER_S:
        return PipeReach(f"{watched.id}/{pipe}", None, None, RESTING_M3_PER_S)
    return PipeReach(f"{watched.id}/{pipe}", _NIGHT_S, watched.ends[pipe], RESTING_M3_PER_S)


def _ends(model: NetworkModel) -> dict[str, float]:
    """The pipes behind each consumer's meter."""
    if model.tree is None:
        return {}
    length_m = {p.id: p.length_m for p in model.network.pipes}
    return {pipe: sum(length_m.get(each, 0.0) for each in behind)
            for behind in model.tree.end_pipes.values() for pipe in behind}  # fmt: skip


def _place(watched: Watched, size_m3_per_s: float, count: int) -> Placement:
    return place(watched.network, watched.states, watched.sensors, count=count, size_m3_per_s=size_m3_per_s,
                 hours=WITHIN_S / _HOUR_S, noise=_of_a_new_sensor(watched.learnt))  # fmt: skip


def _of_a_new_sensor(learnt: LearntNoise) -> Noise | None:
    """The noise of a further sensor: as of those there are, in the middle; none where nothing was learnt."""
    if not learnt.pressures_m:
        return None
    hour_m, lasting_m = np.median(np.array(list(learnt.pressures_m.values())), axis=0)
    stated = Noise()
    return replace(
        stated, pressure_m=float(hour_m), lasting_pressure_m=max(float(lasting_m), stated.lasting_pressure_m)
    )


def _districts(model: NetworkModel, states: States) -> list[BalancedDistrict]:
    """The districts of the meter tree, with what flows into each on a usual day."""
    if model.tree is None:
        return []
    flows = dict(zip(states.link_ids, np.abs(states.flows_m3_per_s).mean(axis=0), strict=True))
    through = _through(model.tree, model, flows)
    found = []
    for row, district in enumerate(model.tree.districts):
        if district.has_source or not district.pipes:
            continue
        inflow = sum(through[column] for column, sign in model.tree.boundary(row) if sign > 0)
        found.append(BalancedDistrict(district.id, district.pipes, float(inflow), not district.unmetered))
    return found


def _through(tree: MeterTree, model: NetworkModel, flows: Mapping[str, float]) -> NDArray[np.float64]:
    """(meters,) what each meter counts on a usual day. [m3/s]"""
    links: dict[str, Sequence[str]] = {}
    for link, tie in model.site_network.links.items():
        if tie.device is not None and link in flows:
            links[tie.device] = (*links.get(tie.device, ()), link)
    return np.array([sum(flows[k] for k in links.get(meter, ())) for meter in tree.meters])


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
