"""Trials: random leaks and things that only look like leaks, and what a right answer would be."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipe_network.model import Network
from sample_sites.leak_trials.course import Course, Draw, TrueLeak, course
from sample_sites.leak_trials.meters import Broken, Imperfections, draw_meters, joined, readings
from twin.index import SiteIndex
from twin.leaks.findings import group_keys
from twin.leaks.model import LeakModel, NetworkModel
from twin.leaks.window import Window

DAY_S: Final = 86_400.0
BEGIN_S: Final = 1_770_048_000.0
"""A midnight on the sample estate; the trials need some date and not the clock's."""
LEAST_M3_PER_S: Final = 0.3 / 3600
MOST_M3_PER_S: Final = 3.0 / 3600
_FLAT_LEAST_M3_PER_S: Final = 2e-3 / 3600
_FLAT_MOST_M3_PER_S: Final = 0.4 / 3600


@dataclass(frozen=True, slots=True, eq=False)
class LeakTrial:
    """A leak, the readings until a day after it began, and where it is.

    Attributes
    ----------
    building, riser : the groups a right answer puts first: outdoors the zone stands for both
    """

    leak: TrueLeak
    window: Window
    now_s: float
    building: str
    riser: str


def pipe_classes(model: NetworkModel) -> dict[str, tuple[str, ...]]:
    """The pipes that may leak by what they are; those before the first meter, which nobody can see, are left out."""
    tree = model.tree
    if tree is None:
        return {}
    flats = {p for m in model.end_spaces for p in tree.end_pipes[m]}
    unseen = {p for d in tree.districts if d.has_source for p in d.pipes}
    found: dict[str, list[str]] = {}
    for pipe in model.network.pipes:
        tie = model.site_network.links.get(pipe.id)
        if pipe.id in flats or pipe.id in unseen or tie is None or pipe.status == "CV":
            continue
        name = {"meter": "service", None: "main"}.get(tie.asset, tie.asset or "main")
        if name == "isolation_valve":
            name = "service" if model.places[pipe.id].building else "branch"
        found.setdefault(name, []).append(pipe.id)
    return {name: tuple(ids) for name, ids in found.items()}


def random_leak(model: NetworkModel, rng: np.random.Generator, onset_s: float) -> TrueLeak:
    """A leak on a random pipe: every class of pipe as often, within it by length; a step, or a ramp of some hours."""
    classes = pipe_classes(model)
    ids = classes[str(rng.choice(sorted(classes)))]
    lengths = {p.id: p.length_m for p in model.network.pipes}
    weights = np.array([lengths[k] for k in ids])
    place = str(rng.choice(ids, p=weights / weights.sum()))
    size = float(np.exp(rng.uniform(np.log(LEAST_M3_PER_S), np.log(MOST_M3_PER_S))))
    ramp_s = float(rng.choice([0.0, 0.0, 6 * 3600.0]))
    return TrueLeak(place, size, onset_s, along_ratio=float(rng.uniform(0.05, 0.95)), ramp_s=ramp_s)


def right_groups(model: NetworkModel, pipe: str) -> tuple[str, str]:
    """Building and riser group of a pipe; of a metered one, of the part before its meter, where trials let it leak."""
    tree = model.tree
    if tree is None:
        raise ValueError(f"network {model.id} has no meters, so no pipe of it has a district")
    meter = tree.own_pipes.get(pipe) or next((m for m, pipes in tree.end_pipes.items() if pipe in pipes), None)
    if meter is not None:
        column = tree.meters.index(meter)
        row = int(np.flatnonzero(tree.signs[:, column] < 0)[0])
        district = tree.districts[row].id
    else:
        district = next(d.id for d in tree.districts if pipe in d.pipes)
    keys = dict(group_keys(model, district, model.places[pipe]))
    zone = keys.get("zone", "")
    return keys.get("building", zone), keys.get("riser", zone)


def leak_trials(
    index: SiteIndex, model: LeakModel, *, count: int, seed: int, before_days: int = 10, each_before: int = 25,
    after_s: float = DAY_S, how: Imperfections | None = None,
) -> Iterator[LeakTrial]:  # fmt: skip
    """Random leaks, each after leak-free days; the days before are shared by some trials, the meters are not."""
    network = next(n for n in model.networks if n.kind == "domestic_water")
    how = how or Imperfections()
    rng = np.random.default_rng(seed)
    before: Course | None = None
    for k in range(count):
        if before is None or k % each_before == 0:
            before = course(index, network.id, start_s=BEGIN_S, duration_s=before_days * DAY_S, seed=seed + 1000 * k)
        onset_s = float(before.times_s[-1])
        leak = random_leak(network, rng, onset_s)
        after = course(index, network.id, start_s=onset_s, duration_s=after_s, seed=seed + 7919 * (k + 1), leaks=[leak],
                       before=before)  # fmt: skip
        true = joined((before, after))
        meters = draw_meters(index, true.volumes_m3, how, seed + 31 * (k + 1))
        window = readings(index, true, meters, how=how, seed=seed + 17 * (k + 1))
        building, riser = right_groups(network, leak.place)
        yield LeakTrial(leak, window, window.end_s, building, riser)


@dataclass(frozen=True, slots=True, eq=False)
class FlatTrial:
    """Some weeks of an estate in which some flats leak behind their meters from an instant on."""

    window: Window
    now_s: float
    leaking: frozenset[str]


def flat_trial(
    index: SiteIndex, model: LeakModel, *, seed: int, share_ratio: float = 0.1, days: int = 6, leaking_days: int = 3,
    how: Imperfections | None = None,
) -> FlatTrial:  # fmt: skip
    """Leaks of 2 to 400 L/h in a share of the flats."""
    network = next(n for n in model.networks if n.kind == "domestic_water")
    how = how or Imperfections()
    rng = np.random.default_rng(seed)
    flats = sorted(network.end_spaces.values())
    chosen = rng.choice(flats, max(1, round(share_ratio * len(flats))), replace=False)
    onset_s = BEGIN_S + (days - leaking_days) * DAY_S
    sizes = np.exp(rng.uniform(np.log(_FLAT_LEAST_M3_PER_S), np.log(_FLAT_MOST_M3_PER_S), len(chosen)))
    leaks = [TrueLeak(str(f), float(q), onset_s - rng.uniform(0, 3600)) for f, q in zip(chosen, sizes, strict=True)]
    true = course(index, network.id, start_s=BEGIN_S, duration_s=days * DAY_S, seed=seed + 1, leaks=leaks)
    meters = draw_meters(index, true.volumes_m3, how, seed + 2)
    window = readings(index, true, meters, how=how, seed=seed + 3)
    return FlatTrial(window, window.end_s, frozenset(map(str, chosen)))


def quiet_weeks(
    index: SiteIndex, model: LeakModel, *, seed: int, days: int = 28, how: Imperfections | None = None
) -> Window:
    """Weeks without any leak but with what is taken for one.

    A garden is watered every evening from the ring without a meter, a hydrant is flushed, a building site draws by day,
    flats fall vacant, a roof's and a flat's meter stand still for the last week, another flat's meter runs backwards.
    """
    network = next(n for n in model.networks if n.kind == "domestic_water")
    how = how or Imperfections()
    rng = np.random.default_rng(seed)
    net: Network = network.network
    ring = [j.id for j in net.junctions if j.id.startswith("M-") and not j.demands and not j.id.endswith(".n")]
    mains = [j.id for j in net.junctions if j.id.startswith("L-") and not j.id.endswith(".n")]
    half_s = BEGIN_S + days / 2 * DAY_S
    draws = (
        Draw(str(rng.choice(ring)), 1.5 / 3600, 18.0, 20.0, since_s=BEGIN_S + 5 * DAY_S),
        Draw(str(rng.choice(ring)), 0.8 / 3600, 8.0, 17.0, since_s=half_s),
        Draw(str(rng.choice(mains)), 6.0 / 3600, 10.0, 10.5, since_s=half_s),
    )
    flats = sorted(network.end_spaces.values())
    vacant = {str(f): half_s for f in rng.choice(flats, max(1, len(flats) // 20), replace=False)}
    true = course(
        index, network.id, start_s=BEGIN_S, duration_s=days * DAY_S, seed=seed + 1, draws=draws, vacant=vacant
    )
    meters = draw_meters(index, true.volumes_m3, how, seed + 2)
    ends = sorted(network.end_spaces)
    chosen = [str(d) for d in rng.choice(ends, 2, replace=False)]
    late_s = BEGIN_S + days * 0.75 * DAY_S
    roofs = [d for d in true.volumes_m3 if d.startswith("wm-high-t")]
    broken = [Broken(chosen[0], "stuck", late_s), Broken(chosen[1], "backwards", late_s)]
    broken += [Broken(str(rng.choice(roofs)), "stuck", late_s)] if roofs else []
    return readings(index, true, meters, how=how, seed=seed + 3, broken=tuple(broken))
