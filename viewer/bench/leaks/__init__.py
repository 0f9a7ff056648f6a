"""`plumbline bench leaks`: leaks found, sized, located and isolated, with the baselines from the same run.

Every module of this package that has `figures(*, quick, tell, seed)` is a family of figures; there is no list to keep.
The truth of each is simulated by EPANET, never by the model that looks for the leaks.
"""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from viewer.bench.families import families
from viewer.bench.families import measure as measure_families
from viewer.bench.figures import Figure

_ORDER: Final = ("sensitivities", "flows", "location", "year", "estate", "isolation")
"""The engine first, what stands on it after it; families not named here come last."""
OF_TRIALS: Final = ("location", "estate")
"""Families whose leaks can be more or fewer."""


def measure(
    *,
    quick: bool,
    tell: Callable[[str], None],
    seed: int | None = None,
    only: str | None = None,
    trials: int | None = None,
) -> Iterator[Figure]:
    """Figures of all families, or of one; see `viewer.bench.families.measure`.

    Parameters
    ----------
    trials : leaks of each kind in the families that draw them at random
    """
    known = families(sys.modules[__name__], _ORDER)
    if trials is not None:
        known |= {name: partial(known[name], trials=trials) for name in OF_TRIALS}
    yield from measure_families(known, quick=quick, tell=tell, seed=seed, only=only)
