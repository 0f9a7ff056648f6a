"""What is asked of cameras and cannot be: said at once, while everything else is still reckoned."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from geometry.lenses import Lens, reach_m
from twin.coverage.cameras import Camera
from twin.coverage.places import Place
from twin.coverage.prepared import Prepared
from twin.coverage.result import Problem
from twin.index import SiteIndex
from twin.model.grounds import Requirement

UNREACHABLE: Final = "requirement-unreachable"
_NEAREST_M: Final = 0.3
"""Nobody comes nearer to a camera than this."""


def unreachable(prepared: Prepared, needed: Sequence[float | None], found: Sequence[Camera]) -> Iterator[Problem]:
    """Requirements that the cameras of a site cannot meet, however they hang.

    Parameters
    ----------
    needed : pixels on a metre of each place; none where nobody knows
    found : the cameras that can be looked through
    """
    told: dict[str, str | None] = {}
    farthest_m = max((_reach_m(lens) for lens in {eye.lens for camera in found for eye in camera.eyes}), default=0.0)
    for made, density in zip(prepared.places, needed, strict=True):
        requirement = made.place.requirement
        if density is None:
            continue
        if requirement.id not in told:
            told[requirement.id] = _beyond_all(requirement, density, found, farthest_m) or _without_light(
                requirement, found, prepared.index
            )
        elif told[requirement.id] is not None:
            continue
        why = told[requirement.id] or _above_ceiling(made.place, prepared.index)
        if why is not None:
            told[requirement.id] = why
            yield Problem(UNREACHABLE, requirement.id, f"requirement {requirement.id} {why}")


def _beyond_all(requirement: Requirement, needed: float, found: Sequence[Camera], at_one_m: float) -> str | None:
    """Why no camera of the site can meet a requirement anywhere.

    Parameters
    ----------
    at_one_m : where the sharpest has one pixel on a metre
    """
    if len(found) < requirement.min_count:
        have = "none that can be looked through" if not found else f"{len(found)} that can be looked through"
        asks = f"asks for {requirement.min_count} {'camera' if requirement.min_count == 1 else 'cameras'} on each spot"
        return f"{asks}; the site has {have}: add cameras, or ask for fewer"
    farthest_m = at_one_m / needed
    if farthest_m < _NEAREST_M:
        have = f"which the sharpest camera of the site has no farther off than {farthest_m:.2g} m"
        return f"asks for {needed:g} px/m, {have}: ask for less, or give cameras longer lenses"
    return None


def _without_light(requirement: Requirement, found: Sequence[Camera], index: SiteIndex) -> str | None:
    """Why a requirement that holds by night cannot be met, for want of any light."""
    has_light = any(camera.infrared_m > 0 for camera in found) or "light" in {
        index.kinds[device.kind].reaches for device in index.site.devices
    }
    if not requirement.by_night or has_light:
        return None
    have = "no camera of the site has a light of its own, and there are no lamps"
    return f"asks for pictures by night; {have}: give a model with infrared_m, or add lamps"


def _above_ceiling(place: Place, index: SiteIndex) -> str | None:
    """Why a requirement cannot be met in a place of its own."""
    if place.storey is None:
        return None
    ceiling_m = index.storeys[place.storey].template.height_m
    if max(place.heights_m) < ceiling_m:
        return None
    asks = f"asks what is {max(place.heights_m):g} m above the floor, but {place.storey} is {ceiling_m:g} m high"
    return f"{asks}: ask for a lower height there"


@lru_cache(maxsize=256)
def _reach_m(lens: Lens) -> float:
    """Where a lens has one pixel on a metre; where it has more is as many times nearer. [m]"""
    return reach_m(lens, 1.0)
