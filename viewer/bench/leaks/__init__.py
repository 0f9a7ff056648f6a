"""`plumbline bench leaks`: leaks found, sized, located and isolated, with the baselines from the same run.

Every module of this package that has `figures(*, quick, tell, seed)` is a family of figures; there is no list to keep.
The truth of each is simulated by EPANET, never by the model that looks for the leaks.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Final

from viewer.bench.figures import Figure
from viewer.errors import UnknownFamilyError

_ORDER: Final = ("sensitivities", "flows", "location", "year", "estate", "isolation")
"""The engine first, what stands on it after it; families not named here come last."""


def families() -> dict[str, Callable[..., Iterator[Figure]]]:
    """The families of figures there are, in the order they are measured.

    Examples
    --------
    >>> all(callable(figures) for figures in families().values())
    True
    """
    found: dict[str, Callable[..., Iterator[Figure]]] = {}
    for module in pkgutil.iter_modules(__path__):
        figures = getattr(importlib.import_module(f"{__name__}.{module.name}"), "figures", None)
        if figures is not None:
            found[module.name] = figures
    rank = {name: k for k, name in enumerate(_ORDER)}
    return dict(sorted(found.items(), key=lambda item: (rank.get(item[0], len(rank)), item[0])))


def measure(
    *, quick: bool, tell: Callable[[str], None], seed: int | None = None, only: str | None = None
) -> Iterator[Figure]:
    """Figures of all families, or of one.

    Parameters
    ----------
    seed : of every trial; without it each family uses the one its documented figures come from
    only : name of the one family to measure

    Raises
    ------
    UnknownFamilyError
        If there is no such family.
    """
    known = families()
    if only is not None and only not in known:
        raise UnknownFamilyError(only, known)
    chosen = {} if seed is None else {"seed": seed}
    for name, figures in known.items():
        if only in (None, name):
            yield from figures(quick=quick, tell=lambda told, name=name: tell(f"{name}: {told}"), **chosen)
