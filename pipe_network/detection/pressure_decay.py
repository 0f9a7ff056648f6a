"""Leaks of a closed main by the fall of its pressure, or by how soon its jockey pump starts again.

A main that nobody draws from keeps its pressure. What it loses is what its water and walls give back as they relax:
Q = C dP/dt with C = V / K, 1/K = 1/Kw + D / (e E), more where air is trapped.

References
----------
E. Wylie, V. Streeter, Fluid Transients in Systems (1993), 1.2: elasticity of water and pipe.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.pumps import ATMOSPHERE_PA
from pipe_network.detection.signatures import FlowEstimate, slope_per_s
from pipe_network.errors import SignatureError
from pipe_network.model import Network, Pipe

Floats = NDArray[np.float64]

WATER_PA: Final = 2.15e9
"""Bulk modulus of water at 15 degC."""
GRAVITY_PA_PER_M: Final = 9806.65
STORAGE_SD_RATIO: Final = 0.3
"""How well a main's storage is known: walls by their class, trapped air by guess; an estimate."""


@dataclass(frozen=True, slots=True)
class Wall:
    """A pipe's wall.

    Attributes
    ----------
    thickness_ratio : thickness over inner diameter
    elasticity_pa : Young's modulus, for plastics that of hours
    """

    thickness_ratio: float
    elasticity_pa: float


WALLS: Final[Mapping[str, Wall]] = {
    "ductile iron": Wall(0.04, 1.65e11),
    "steel": Wall(0.03, 2.06e11),
    "PE100": Wall(0.1, 4.0e8),
    "PPR": Wall(0.14, 4.0e8),
    "UPVC": Wall(0.05, 2.0e9),
}
"""Usual walls by material, of the pressure classes on estates; a measured one replaces it."""


def storage_m3_per_pa(length_m: float, diameter_m: float, wall: Wall) -> float:
    """What a length of pipe gives back for each pascal its pressure falls.

    Examples
    --------
    >>> f"{storage_m3_per_pa(1000.0, 0.15, WALLS['ductile iron']):.2e}"
    '1.09e-08'
    """
    volume_m3 = np.pi * diameter_m**2 / 4 * length_m
    return float(volume_m3 * (1 / WATER_PA + 1 / (wall.thickness_ratio * wall.elasticity_pa)))


def air_storage_m3_per_pa(air_m3: float, pressure_pa: float) -> float:
    """What trapped air, as large as it is at `pressure_pa` (gauge), gives for each pascal of fall.

    Examples
    --------
    >>> f"{air_storage_m3_per_pa(0.02, 6e5):.2e}"  # twenty litres outweigh two kilometres of iron main
    '2.85e-08'
    """
    return air_m3 / (pressure_pa + ATMOSPHERE_PA)


def main_storage_m3_per_pa(network: Network, materials: Mapping[str, str], pipes: Iterable[str] | None = None) -> float:
    """What a closed main gives for each pascal its pressure falls, without air.

    Parameters
    ----------
    materials : of pipes; one that is not named, or of a material not in `WALLS`, counts as ductile iron
    pipes : those that are closed off together; without them all
    """
    chosen = network.links.keys() if pipes is None else pipes
    found = (network.links[name] for name in chosen)
    return sum(
        storage_m3_per_pa(p.length_m, p.diameter_m, WALLS.get(materials.get(p.id, ""), WALLS["ductile iron"]))
        for p in found if isinstance(p, Pipe)
    )  # fmt: skip


def flow_from_decay(
    times_s: Floats, pressures_pa: Floats, storage_m3_per_pa: float, *, exponent: float = 0.5,
    sd_ratio: float = STORAGE_SD_RATIO, resolution_pa: float = 0.0,
) -> FlowEstimate:  # fmt: skip
    """The leak of a closed main at the pressure it had first, by the course of its fall.

    The leak follows Q = Q0 (P/P0)^n, so that P^(1-n) falls along a line; its slope gives Q0 however far it has fallen.

    Parameters
    ----------
    times_s, pressures_pa : of one fall: no pump ran and nobody drew; NaN is missing
    exponent : n of the leak, 0.5 for a hole in a rigid pipe, 1 or more for a slit in plastic
    sd_ratio : how well the storage is known

    Raises
    ------
    ShortHistoryError
        If fewer than four readings are there.
    SignatureError
        If the pressure is not positive at the beginning.
    """
    there = np.isfinite(pressures_pa)
    begin_pa = float(np.median(pressures_pa[there][:5])) if there.any() else np.nan
    if np.isfinite(begin_pa) and begin_pa <= 0:
        raise SignatureError(
            f"the main begins at {begin_pa:g} Pa, an empty one; its level tells a leak, not its pressure"
        )
    share = np.maximum(pressures_pa / begin_pa, 1e-6)
    straight = np.log(share) if exponent == 1 else share ** (1 - exponent) / (1 - exponent)
    slope, sd = slope_per_s(times_s, straight, resolution=resolution_pa / begin_pa)
    first = float(np.nanmedian(straight - slope * (times_s - times_s[0])))
    begin_share = np.exp(first) if exponent == 1 else max(first * (1 - exponent), 1e-6) ** (1 / (1 - exponent))
    scale = storage_m3_per_pa * begin_pa * float(begin_share) ** exponent
    flow = -slope * scale
    return FlowEstimate(flow, float(np.hypot(sd * scale, sd_ratio * abs(flow))), int(there.sum()))
