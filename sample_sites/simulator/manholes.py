"""Drains as manholes, each with its way down."""

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

from pipe_network.inp import parse
from pipe_network.model import Junction, Network, Pipe
from twin.model.networks import SiteNetwork

_MANNING: Final = 0.011
"""Of plastic drains; V. T. Chow, Open-Channel Hydraulics (1959), table 5-6, smooth pipes 0.009 to 0.013."""
_LEAST_SLOPE_RATIO: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Manhole:
    """A node of the drains, with the pipe that leads away from it."""

    id: str
    invert_m: float
    ground_m: float
    inflow_m3_per_s: float
    pipe: Pipe
    below: str
    full_m3_per_s: float


def manholes_of(network: Network) -> dict[str, Manhole]:
    """The nodes that drain to an outfall, from there upwards, each with its way down.

    Where drains are meshed, the way with the fewest pipes counts.
    """
    junctions = {j.id: j for j in network.junctions}
    beside: dict[str, list[Pipe]] = {}
    for pipe in network.pipes:
        beside.setdefault(pipe.start, []).append(pipe)
        beside.setdefault(pipe.end, []).append(pipe)
    found: dict[str, Manhole] = {}
    todo = deque(r.id for r in network.reservoirs)
    while todo:
        below = todo.popleft()
        for pipe in beside.get(below, ()):
            above = pipe.start if pipe.end == below else pipe.end
            if above in found or above not in junctions:
                continue
            low_m = junctions[below].elevation_m if below in junctions else -math.inf
            found[above] = _manhole(junctions[above], pipe, below, low_m)
            todo.append(above)
    return found


def _manhole(junction: Junction, pipe: Pipe, below: str, low_m: float) -> Manhole:
    fall_m = junction.elevation_m - low_m if math.isfinite(low_m) else 0.0
    slope = max(fall_m / max(pipe.length_m, 0.1), _LEAST_SLOPE_RATIO)
    area_m2 = math.pi * pipe.diameter_m**2 / 4
    full = area_m2 * (pipe.diameter_m / 4) ** (2 / 3) * slope**0.5 / _MANNING
    inflow = -sum(d.base_m3_per_s for d in junction.demands)
    ground_m = max(0.0, junction.elevation_m + 1.0)
    return Manhole(junction.id, junction.elevation_m, ground_m, max(0.0, inflow), pipe, below, full)


def blockable(network: SiteNetwork) -> list[str]:
    """The drains whose blockage shows: something runs to them, and a manhole above has a level sensor."""
    found = manholes_of(parse(network.inp))
    measured = {n for n, t in network.nodes.items() if t.device and n in found}
    fed = {n for n, m in found.items() if m.inflow_m3_per_s > 0}
    return [m.pipe.id for m in found.values() if all(_above(found, m.id) & kind for kind in (measured, fed))]


def _above(found: dict[str, Manhole], node: str) -> set[str]:
    """A manhole and all that drain through it."""
    inside = {node}
    for name, manhole in found.items():  # from the outfall upwards
        if manhole.below in inside:
            inside.add(name)
    return inside
