"""A large estate from its folder to its scene: time, size, memory."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from twin.index import build
from twin.site_folder import read
from twin.validation import check_folder
from viewer.bench.figures import MB, Figure, Goal, peak_memory_bytes
from viewer.documents.places import Places
from viewer.documents.site_index import site_index_document
from viewer.scene import scene_glb

TOWERS: Final = 30
LOAD_GOAL_S: Final = 5.0
SCENE_GOAL_MB: Final = 15.0


def measure(*, quick: bool, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Figures of an estate of 30 towers; `quick` leaves out the check.

    Parameters
    ----------
    tell
        Called with what is being done.
    """
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-") as folder:
        site_folder = Path(folder) / "site"
        tell(f"generating {TOWERS} towers")
        started_s = time.perf_counter()
        # a process of its own: neither its memory nor its caches count for what follows
        arguments = ["generate", str(site_folder), "--towers", str(TOWERS)]
        subprocess.run([sys.executable, "-m", "viewer", *arguments], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        yield Figure("generate", "s", time.perf_counter() - started_s)
        yield Figure("folder", "MB", sum(p.stat().st_size for p in site_folder.rglob("*") if p.is_file()) / MB)
        yield from _opened(site_folder, quick=quick, tell=tell)


def _opened(site_folder: Path, *, quick: bool, tell: Callable[[str], None]) -> Iterator[Figure]:
    tell("reading and indexing")
    started_s = time.perf_counter()
    index = build(read(site_folder))
    yield Figure("read and index", "s", time.perf_counter() - started_s, Goal("<=", LOAD_GOAL_S))
    yield Figure("devices", "", len(index.devices))
    yield Figure("channels", "", len(index.channels))
    yield Figure("placed spaces and openings", "", len(index.spaces) + len(index.openings))
    started_s = time.perf_counter()
    document = site_index_document(Places(index))
    yield Figure("index for the pages", "MB", len(document) / MB)
    yield Figure("index for the pages made", "s", time.perf_counter() - started_s)
    tell("making the scene")
    started_s = time.perf_counter()
    scene = scene_glb(index)
    yield Figure("scene made", "s", time.perf_counter() - started_s)
    yield Figure("scene", "MB", len(scene) / MB, Goal("<=", SCENE_GOAL_MB))
    yield Figure("peak memory", "MB", peak_memory_bytes() / MB)
    if not quick:
        tell("checking")
        started_s = time.perf_counter()
        _, issues = check_folder(site_folder)
        yield Figure("check", "s", time.perf_counter() - started_s)
        yield Figure("faults found", "", len(issues), Goal("<=", 0))
