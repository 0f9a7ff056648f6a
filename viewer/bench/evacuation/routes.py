"""How long ways are against the exact shortest ones, and how long finding one takes."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

import sample_sites
from twin.errors import WayfindingError
from twin.index import SiteIndex, build
from twin.model.base import Text
from twin.site_folder import read
from twin.wayfinding.ends import at_point, end_of
from twin.wayfinding.network import Wayfinder
from twin.wayfinding.profiles import profile
from twin.wayfinding.routes import NoRouteError, route
from twin.wayfinding.words import steps_of
from viewer.bench.evacuation.drawn import drawn_storey
from viewer.bench.evacuation.plans import exact_lengths_m, free_floor, halls, rooms, spots_on
from viewer.bench.figures import Figure, Goal
from viewer.bench.replay import shared_data
from viewer.errors import MissingPartError

Floats = NDArray[np.float64]
_POINTS: Final = 12
_LEAST_M: Final = 0.5
"""Ways that are shorter say little about ratios."""
_WHO: Final = "resident"
_QUICK, _WHOLE = 4, 20
OFFICE: Final = "Office_A_20110811.ifc"
OFFICE_STOREYS_M: Final = (0.0, 4.27)


def figures(*, quick: bool, tell: Callable[[str], None], seed: int = 1) -> Iterator[Figure]:
    """Lengths against exact ones over rooms and halls, and the time of a way on the sample estate."""
    plans = _QUICK if quick else _WHOLE
    kinds: tuple[tuple[str, Callable[[np.random.Generator], SiteIndex]], ...] = (
        ("24 rooms", rooms),
        ("a hall of 40 obstacles", halls),
        ("3 halls of 40 obstacles, 2 doors between", lambda rng: halls(rng, across=3)),
    )
    for kind, made in kinds:
        found = []
        for k in range(plans):
            tell(f"{kind} {k + 1} of {plans}")
            found.append(ratios(made(np.random.default_rng((seed, k))), seed=seed + k))
        yield from _against(kind, np.concatenate(found))
    yield from _drawn(seed, plans, tell)
    tell("ways on the sample estate")
    yield from _timed(seed, 100 if quick else 400)


def _against(kind: str, every: Floats) -> Iterator[Figure]:
    yield Figure(f"way over exact way, {kind}: mean", "ratio", float(every.mean()), Goal("<=", 1.01))
    yield Figure(f"way over exact way, {kind}: max of {len(every)}", "ratio", float(every.max()), Goal("<=", 1.10))
    yield Figure(f"way over exact way, {kind}: min", "ratio", float(every.min()), Goal(">=", 0.9999))


def _drawn(seed: int, count: int, tell: Callable[[str], None]) -> Iterator[Figure]:
    """The same on the storeys of an office that architects drew, where the public data sets are there."""
    try:
        path = shared_data() / "buildings" / OFFICE
    except MissingPartError as error:
        tell(str(error))
        return
    if not path.is_file():
        tell(f"no {path}: no drawn office is measured")
        return
    found = []
    for k, elevation_m in enumerate(OFFICE_STOREYS_M):
        tell(f"a drawn office, storey {k + 1}")
        index = drawn_storey(path, elevation_m)
        found += [ratios(index, seed=seed + n) for n in range(count // 2)]
    yield from _against("2 storeys of a drawn office, 98 rooms", np.concatenate(found))


def ratios(index: SiteIndex, *, seed: int) -> Floats:
    """Lengths of ways between points on a storey over those of the exact shortest ways."""
    ways, who = Wayfinder(index), profile(_WHO)
    access = ways.network(who).access
    floor = free_floor(index, who.clearance_m)
    # a centimetre inside, so that nothing is moved off the bands along walls
    points = spots_on(floor.buffer(-0.01), _POINTS, np.random.default_rng(seed))
    exact = exact_lengths_m(floor, points)
    ends = [at_point(access, f"p{k}", Text(), (float(x), float(y), 0.1)) for k, (x, y) in enumerate(points)]
    found = []
    for i, j in zip(*np.triu_indices(_POINTS, k=1), strict=True):
        try:
            length_m = route(ways, ends[i], ends[j], who).length_m
        except NoRouteError:
            length_m = np.inf
        if exact[i, j] < _LEAST_M or (np.isinf(exact[i, j]) and np.isinf(length_m)):
            continue
        found.append(length_m / exact[i, j])
    return np.array(found)


def _timed(seed: int, count: int) -> Iterator[Figure]:
    """Milliseconds of ways from and to anywhere on the estate, when its graph is there."""
    index = build(read(Path(sample_sites.__file__).parent / "riverside"))
    ways, who = Wayfinder(index), profile(_WHO)
    started = time.perf_counter()
    access = ways.network(who).access
    yield Figure("graph of the sample estate for ways", "s", time.perf_counter() - started)
    rng = np.random.default_rng(seed)
    places = [*index.spaces, *index.devices]
    took_ms: list[float] = []
    while len(took_ms) < count:
        one, other = (places[k] for k in rng.integers(len(places), size=2))
        try:
            ends = end_of(access, one), end_of(access, other)
            route(ways, *ends, who)  # floors that are joined on the way are kept
            started = time.perf_counter()
            steps_of(index, route(ways, *ends, who))
        except WayfindingError:
            continue
        took_ms.append(1e3 * (time.perf_counter() - started))
    yield Figure("one way with its line and words, half of them within", "ms", float(np.median(took_ms)))
    yield Figure(
        "one way with its line and words, 99 of 100 within", "ms", float(np.quantile(took_ms, 0.99)), Goal("<=", 50)
    )
