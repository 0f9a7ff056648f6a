"""How near leaks are found, how honest the search areas are, and how long it takes, on L-Town and on Modena.

The scenarios are those of `viewer.bench.leaks.trials`. The peers are made of the same residuals: the sensor whose head
fell most; the cosine of the change with each pipe's response; and EPANET run once for each junction, which takes the
junction whose change fits best.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.distances import pipe_distances_m
from pipe_network.inp import parse
from pipe_network.localization.locate import Location, locate
from pipe_network.localization.refinement import changes_m
from pipe_network.localization.search import REACH_M, first_place
from pipe_network.model import Network
from pipe_network.posterior import Posterior, search_area, size_interval_m3_per_s
from viewer.bench.figures import Drawing, Figure, Goal
from viewer.bench.leaks.trials import LTOWN_SENSORS, A, B, C, Scenario, Trial, random_sensors, trials
from viewer.bench.replay import shared_data

Floats = NDArray[np.float64]
Tell = Callable[[str], None]

_TRIALS: Final = 100
_QUICK_TRIALS: Final = 3
_RESAMPLES: Final = 400
_RANKING: Final = ("cosine", "EPANET brute force")
"""Peers that put pipes in an order; the nearest sensor knows only its own."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One trial: how well the leak was found.

    Attributes
    ----------
    first_m : way from where the search begins to the leak
    likeliest_m : way from the likeliest pipe
    rank : of the leaking pipe, from 0
    walk_m : pipe that is denser in probability than the leaking one
    covered : whether the 90 % area has it
    level_ratio : areas of more than this probability have it
    size_ratio : median size over the true one
    took_s : of the processor, so that neighbours do not count
    peers_m : way from where each peer would begin
    peers_ranks : of the leaking pipe, from 0, of the peers that rank pipes
    """

    first_m: float
    likeliest_m: float
    rank: int
    walk_m: float
    area_m: float
    covered: bool
    level_ratio: float
    size_ratio: float
    size_covered: bool
    localisable: bool
    took_s: float
    peers_m: dict[str, float]
    peers_ranks: dict[str, int]


def outcomes(
    network: Network,
    sensors: Sequence[str],
    scenario: Scenario,
    *,
    count: int,
    seed: int,
    tell: Tell,
    with_peers: bool = True,
) -> Iterator[Outcome]:
    """Trials located, one after the other."""
    distances_m = pipe_distances_m(network)
    for k, trial in enumerate(trials(network, sensors, scenario, count=count, seed=seed)):
        tell(f"scenario {scenario.name}, leak {k + 1} of {count}")
        yield outcome(network, trial, distances_m, with_peers=with_peers)


def outcome(network: Network, trial: Trial, distances_m: Floats, *, with_peers: bool = True) -> Outcome:
    """One trial located."""
    began_s = time.process_time()
    location = locate(network, trial.observations, trial.onset_s)
    took_s = time.process_time() - began_s
    posterior = location.posterior
    at = posterior.candidates.ids.index(trial.pipe)
    probable = posterior.probability_ratio
    density = probable / np.maximum(posterior.candidates.lengths_m, 1.0)
    area = search_area(posterior, 0.9)
    low, median, high = size_interval_m3_per_s(posterior)
    first = first_place(posterior, distances_m)
    peers = _peers(network, location, median) if with_peers else {}
    return Outcome(
        first_m=float(distances_m[first, at]),
        likeliest_m=float(distances_m[int(np.argmax(probable)), at]),
        rank=int((probable > probable[at]).sum()),
        walk_m=float(posterior.candidates.lengths_m[density > density[at]].sum()),
        area_m=area.length_m,
        covered=bool(at in area.rows),
        level_ratio=_level_ratio(posterior, at),
        size_ratio=median / trial.size_m3_per_s,
        size_covered=low <= trial.size_m3_per_s <= high,
        localisable=location.localisable,
        took_s=took_s,
        peers_m={name: float(distances_m[int(np.argmax(fits)), at]) for name, fits in peers.items()},
        peers_ranks={name: int((fits > fits[at]).sum()) for name, fits in peers.items() if name in _RANKING},
    )


def _level_ratio(posterior: Posterior, at: int) -> float:
    """The probability of all that an area takes before it takes this candidate."""
    rows = search_area(posterior, 1.0).rows
    before = rows[: int(np.flatnonzero(rows == at)[0])] if at in rows else rows
    return float(posterior.probability_ratio[before].sum())


def _peers(network: Network, location: Location, size_m3_per_s: float) -> dict[str, Floats]:
    """How well each pipe fits to each peer, by the same residuals of the same twin; the best is where it begins."""
    scene = location.scene
    # heads only: how sources share the inflow is an instrument of ours
    heads = slice(len(location.sensors))
    change_m = location.change_m[heads]
    rows = {n: k for k, n in enumerate(network.nodes)}
    ends = np.array([(rows[p.start], rows[p.end]) for p in network.pipes])
    fell = rows[location.sensors[int(np.argmin(change_m))]]
    beside = (ends == fell).any(axis=1).astype(np.float64)
    middle = len(scene.groups) // 2
    junctions = len(network.junctions)
    by_draw = np.zeros((len(rows), len(change_m)))
    by_draw[:junctions] = scene.groups[middle].draw.T[:, heads]
    fits = _cosines(by_draw[ends].mean(axis=1), change_m)
    moments = scene.moments.taken([middle])
    solved = changes_m(moments, scene.districts, range(junctions), location.sensors, size_m3_per_s)
    misfit = np.full(len(rows), np.inf)
    for node, heads_m in solved.items():
        misfit[node] = float(((heads_m[0][heads] - change_m) ** 2).sum())
    return {
        "nearest sensor": beside,
        "cosine": fits,
        "EPANET brute force": -misfit[ends].mean(axis=1),
    }


def _cosines(responses: Floats, change_m: Floats) -> Floats:
    length = np.maximum(np.linalg.norm(responses, axis=1), 1e-12)
    result: Floats = responses @ change_m / length
    return result


def figures(*, quick: bool, tell: Tell, seed: int = 1, trials: int | None = None) -> Iterator[Figure]:
    """The figures of all scenarios; in a hurry, of a few leaks of the first."""
    count = trials or (_QUICK_TRIALS if quick else _TRIALS)
    town = parse((shared_data() / "networks" / "L-TOWN.inp").read_text(encoding="utf-8"))
    for scenario in (A,) if quick else (A, B, C):
        found = list(outcomes(town, LTOWN_SENSORS, scenario, count=count, seed=seed, tell=tell))
        # three leaks say that it works, not how well
        yield from _figures(f"L-Town {scenario.name}", found, {} if quick else _GOALS[scenario.name])
        if scenario is A:
            yield Figure(
                "L-Town, event to posterior",
                "s of a core",
                float(np.median([o.took_s for o in found])),
                Goal("<=", 1.0),
            )
    if not quick:
        other = parse((shared_data() / "networks" / "modena.inp").read_text(encoding="utf-8"))
        sensors = random_sensors(other, 20, seed=seed)
        found = list(outcomes(other, sensors, A, count=count // 2, seed=seed, tell=tell))
        yield from _figures("Modena A", found, {})


_GOALS: Final[dict[str, dict[str, Goal]]] = {
    "A": {
        "median": Goal("<=", 50.0),
        "near": Goal(">=", 0.97),
        "top5": Goal(">=", 0.8),
        "cover": Goal(">=", 0.85, 0.95),
    },
    "B": {"median": Goal("<=", 100.0), "near": Goal(">=", 0.85), "cover": Goal(">=", 0.85, 0.95)},
    "C": {"cover": Goal(">=", 0.85)},
}


def _figures(name: str, found: Sequence[Outcome], goals: dict[str, Goal]) -> Iterator[Figure]:
    first, likeliest = np.array([o.first_m for o in found]), np.array([o.likeliest_m for o in found])
    ranks = np.array([o.rank for o in found])
    label = f"{name}, {len(found)} leaks"
    ways = {"Plumbline": first.tolist()} | {p: [o.peers_m[p] for o in found] for p in found[0].peers_m}
    for peer in found[0].peers_m:
        theirs = float(np.median([o.peers_m[peer] for o in found]))
        median = float(np.median(first))
        drawing = Drawing("ways", label, ways) if peer == next(iter(found[0].peers_m)) else None
        unit = _unit("m", first, np.median)
        yield Figure(f"{label}: distance, median", unit, median, goals.get("median"), peer, theirs, drawing)
    near = [float(np.mean([o.peers_m.get("cosine", np.inf) < REACH_M for o in found])), float(np.mean(first < REACH_M))]
    yield Figure(
        f"{label}: within 300 m",
        _unit("share", first < REACH_M, np.mean),
        near[1],
        goals.get("near"),
        "cosine",
        near[0],
    )
    yield Figure(f"{label}: distance, 9 of 10", "m", float(np.quantile(first, 0.9)))
    yield Figure(f"{label}: distance of the likeliest pipe, median", "m", float(np.median(likeliest)))
    yield Figure(f"{label}: likeliest pipe within 300 m", "share", float(np.mean(likeliest < REACH_M)))
    for top in (1, 5, 10):
        goal = goals.get(f"top{top}")
        unit, share = _unit("share", ranks < top, np.mean), float(np.mean(ranks < top))
        for ranker in _RANKING:
            others = float(np.mean([o.peers_ranks[ranker] < top for o in found]))
            yield Figure(f"{label}: among the first {top}", unit, share, goal, ranker, others)
    covered = np.array([o.covered for o in found])
    levels = Drawing("levels", label, {"level_ratio": [o.level_ratio for o in found]})
    unit = _unit("share", covered, np.mean)
    yield Figure(f"{label}: 90 % area has it", unit, float(covered.mean()), goals.get("cover"), drawing=levels)
    yield Figure(f"{label}: 90 % area, median", "m", float(np.median([o.area_m for o in found])))
    yield Figure(f"{label}: walk, median", "m", float(np.median([o.walk_m for o in found])))
    yield Figure(f"{label}: walk, 9 of 10", "m", float(np.quantile([o.walk_m for o in found], 0.9)))
    yield Figure(f"{label}: called localisable", "share", float(np.mean([o.localisable for o in found])))
    sizes = np.array([abs(o.size_ratio - 1.0) for o in found])
    yield Figure(f"{label}: error of the size, median", "share", float(np.median(sizes)))
    yield Figure(f"{label}: 90 % interval has the size", "share", float(np.mean([o.size_covered for o in found])))


def _unit(unit: str, values: Floats | NDArray[np.bool_], of: Callable[..., object]) -> str:
    """The unit with a 90 % interval of the figure, by drawing the trials anew."""
    rng = np.random.default_rng(0)
    drawn = [float(of(rng.choice(values, len(values)))) for _ in range(_RESAMPLES)]  # type: ignore[arg-type]
    low, high = np.quantile(drawn, [0.05, 0.95])
    return f"{unit} ({low:.3g} to {high:.3g})"
