"""The sample estate as a planner works on it: the whole check, a camera turned, a lorry parked, all places answered."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import shapely

import sample_sites
from twin.coverage.check import CameraCoverage, camera_coverage
from twin.coverage.kinds import asked_kinds, kind_coverage
from twin.coverage.prepared import Prepared, prepare
from twin.fabric.occluders import vehicle
from twin.index import build
from twin.site_folder import read
from viewer.bench.figures import Figure, Goal

Tell = Callable[[str], None]
_TURNS: Final = 200
_LORRIES: Final = 60
_LORRY_M: Final = (8.0, 2.6)


def figures(*, quick: bool, tell: Tell, seed: int = 1) -> Iterator[Figure]:
    """Times of the check of all cameras of the sample estate, and of its answer after something changed."""
    tell("the estate")
    index = build(read(Path(sample_sites.__file__).parent / "riverside"))
    began = time.perf_counter()
    prepared = prepare(index)
    ready_s = time.perf_counter() - began
    coverage = camera_coverage(prepared)
    yield Figure("estate: made ready, once", "s", ready_s)
    yield Figure("estate: made ready and checked for cameras", "s", time.perf_counter() - began)
    tell("all kinds")
    began = time.perf_counter()
    anew = prepare(index)
    for kind in asked_kinds(index):
        kind_coverage(anew, kind)
    yield Figure("estate: made ready and checked for all kinds", "s", time.perf_counter() - began, Goal("<=", 3.0))
    rng = np.random.default_rng(seed)
    share = 4 if quick else 1
    tell("cameras turned")
    yield from _quantiles("estate: camera turned", _turned(prepared, coverage, _TURNS // share, rng), at_most_ms=10.0)
    tell("lorries parked")
    yield from _quantiles("estate: lorry parked", _parked(prepared, coverage, _LORRIES // share, rng), at_most_ms=50.0)


def _quantiles(name: str, spent_s: list[float], *, at_most_ms: float) -> Iterator[Figure]:
    yield Figure(f"{name}, half of the times", "ms", 1e3 * float(np.quantile(spent_s, 0.5)))
    yield Figure(f"{name}, 95 of 100 times", "ms", 1e3 * float(np.quantile(spent_s, 0.95)), Goal("<=", at_most_ms))


def _turned(prepared: Prepared, coverage: CameraCoverage, times: int, rng: np.random.Generator) -> list[float]:
    """Times until all places are answered for a camera turned by up to 5°, as it is while it is dragged. [s]"""
    spent_s = []
    fixed = [camera.device for camera in coverage.cameras if not camera.device.presets]
    for k in rng.integers(len(fixed), size=times):
        bearing_deg = ((fixed[k].bearing_deg or 0.0) + float(rng.uniform(-5, 5))) % 360
        turned = fixed[k].replace(bearing_deg=bearing_deg)
        began = time.perf_counter()
        camera_coverage(prepared.with_devices(turned), before=coverage, explain=False)
        spent_s.append(time.perf_counter() - began)
    return spent_s


def _parked(prepared: Prepared, coverage: CameraCoverage, times: int, rng: np.random.Generator) -> list[float]:
    """Times until all places are answered with a lorry in one of those in the open. [s]"""
    spent_s = []
    outdoors = [made.cells_m for made in prepared.places if made.place.storey is None]
    for k in rng.integers(len(outdoors), size=times):
        x, y = outdoors[k][rng.integers(len(outdoors[k]))]
        lorry = vehicle(shapely.box(x, y, x + _LORRY_M[0], y + _LORRY_M[1]), is_lorry=True)
        began = time.perf_counter()
        camera_coverage(prepared.with_standing(lorry), before=coverage, explain=False)
        spent_s.append(time.perf_counter() - began)
    return spent_s
