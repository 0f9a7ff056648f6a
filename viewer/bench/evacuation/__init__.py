"""`plumbline bench evacuation`: how fast ways out and times are known, and whether they are right."""

import sys
from collections.abc import Callable, Iterator
from typing import Final

from viewer.bench.families import families
from viewer.bench.families import measure as measure_families
from viewer.bench.figures import Figure

_ORDER: Final = ("routes", "fields", "live", "people", "inside", "guidance", "checked")


def measure(
    *, quick: bool, tell: Callable[[str], None], seed: int | None = None, only: str | None = None
) -> Iterator[Figure]:
    """Figures of all families, or of one; see `viewer.bench.families.measure`."""
    known = families(sys.modules[__name__], _ORDER)
    yield from measure_families(known, quick=quick, tell=tell, seed=seed, only=only)
