"""Benchmarks made of families of figures: every module of a package that has `figures` is one; there is no list."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType

from viewer.bench.figures import Figure
from viewer.errors import UnknownFamilyError

Families = dict[str, Callable[..., Iterator[Figure]]]


def families(package: ModuleType, order: Sequence[str]) -> Families:
    """The families of figures of a package, in the order they are measured.

    Parameters
    ----------
    order : names that come first; those not named come last
    """
    found: Families = {}
    for module in pkgutil.iter_modules(package.__path__):
        figures = getattr(importlib.import_module(f"{package.__name__}.{module.name}"), "figures", None)
        if figures is not None:
            found[module.name] = figures
    rank = {name: k for k, name in enumerate(order)}
    return dict(sorted(found.items(), key=lambda item: (rank.get(item[0], len(rank)), item[0])))


def measure(
    known: Families, *, quick: bool, tell: Callable[[str], None], seed: int | None = None, only: str | None = None
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
    if only is not None and only not in known:
        raise UnknownFamilyError(only, known)
    chosen = {} if seed is None else {"seed": seed}
    for name, figures in known.items():
        if only in (None, name):
            yield from figures(quick=quick, tell=lambda told, name=name: tell(f"{name}: {told}"), **chosen)
