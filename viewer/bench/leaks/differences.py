"""What drawing more water does to heads, by EPANET run twice: slow and independent of our derivatives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.epanet import Project
from pipe_network.hydraulics import NO_ROUNDING
from pipe_network.inp import parse
from pipe_network.model import Network
from viewer.estate_service import sample_site

Floats = NDArray[np.float64]

_MOVED_M: Final = 0.002
"""Steps move the sensor most affected by so much: far above its rounding, little against head losses."""
_SMALLER: Final = 0.25
_AGREE_RATIO: Final = 0.004
_MOST_RATIO: Final = 0.01
"""No step draws more than this share of what the network draws."""
_NOTICEABLE_RATIO: Final = 1e-3
"""Pairs of sensor and junction that answer less than this share of the strongest pair are dead to each other."""


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """(s, j) central differences, and for which pairs they are the derivative.

    Where two steps of different size disagree, a pump or valve turned between them or water stood still: EPANET's
    solution has no derivative there.
    """

    values: Floats
    are_smooth: NDArray[np.bool_]


def closely(network: Network) -> Network:
    """The same network, solved by EPANET as closely as it can."""
    mine = {name for name, _ in NO_ROUNDING} | {"FLOWCHANGE", "UNBALANCED"}
    others = tuple((k, v) for k, v in network.options.extra if k.upper() not in mine)
    return replace(network, options=replace(network.options, extra=(*others, *NO_ROUNDING)))


def public_networks(data: Path) -> Iterator[tuple[str, Network]]:
    """Every network at hand: the shared data, the library that comes with the engine, the sample estate."""
    spec = find_spec("wntr")
    library = Path(next(iter(spec.submodule_search_locations or ()))) if spec else Path()
    files = [*sorted((data / "networks").glob("*.inp")), *sorted((library / "library" / "networks").glob("*.inp")),
             *sorted((sample_site() / "networks").glob("d*.inp"))]  # fmt: skip
    for path in files:
        yield path.stem, parse(path.read_text(encoding="utf-8", errors="replace"))


def central_differences(
    network: Network, sensors: Sequence[str], junctions: Sequence[str], expected: Floats
) -> Differences:
    """Change of head at sensors for one more m3/s drawn at junctions, of a network that stands still.

    Parameters
    ----------
    expected : (s, j) rough values, to choose steps that are neither lost in rounding nor far from the tangent
    """
    near, wide = np.zeros(expected.shape), np.zeros(expected.shape)
    drawn = {j.id: sum(d.base_m3_per_s for d in j.demands) for j in network.junctions}
    multiplier = network.options.demand_multiplier_ratio or 1.0
    with Project(network) as project:
        project.start()
        project.solve()
        total = float(np.maximum(project.demands_m3_per_s(), 0.0).sum())
        at = [project.node_row(s) for s in sensors]
        for k, name in enumerate(junctions):
            row, base = project.node_row(name), drawn[name] * multiplier
            strongest = float(np.nanmax(np.abs(expected[:, k]), initial=1e-9))
            step = max(min(_MOVED_M / strongest, _MOST_RATIO * total), 1e-9)
            for result, size in ((wide, step), (near, _SMALLER * step)):
                heads = []
                for sign in (1.0, -1.0):
                    project.set_demands([row], [base + sign * size])
                    project.start()
                    project.solve()
                    heads.append(project.heads_at_m(at))
                result[:, k] = (heads[0] - heads[1]) / (2.0 * size)
            project.set_demands([row], [base])
    answers = np.abs(wide) > _NOTICEABLE_RATIO * np.abs(wide).max(initial=0.0)
    return Differences(wide, answers & (np.abs(wide - near) <= _AGREE_RATIO * np.abs(wide)))
