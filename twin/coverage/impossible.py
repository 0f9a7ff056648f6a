"""What is asked of cameras and cannot be: said at once, while everything else is still reckoned."""

from collections.abc import Iterator, Sequence
from typing import Final

from geometry.lenses import reach_m
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
    told: set[str] = set()
    for made, density in zip(prepared.places, needed, strict=True):
        requirement = made.place.requirement
        if density is None or requirement.id in told:
            continue
        why = _why(made.place, density, found, prepared.index)
        if why is not None:
            told.add(requirement.id)
            yield Problem(UNREACHABLE, requirement.id, f"requirement {requirement.id} {why}")


def _why(place: Place, needed: float, found: Sequence[Camera], index: SiteIndex) -> str | None:
    requirement: Requirement = place.requirement
    if len(found) < requirement.min_count:
        have = "none that can be looked through" if not found else f"{len(found)} that can be looked through"
        asks = f"asks for {requirement.min_count} {'camera' if requirement.min_count == 1 else 'cameras'} on each spot"
        return f"{asks}; the site has {have}: add cameras, or ask for fewer"
    farthest_m = max(reach_m(eye.lens, needed) for camera in found for eye in camera.eyes)
    if farthest_m < _NEAREST_M:
        have = f"which the sharpest camera of the site has no farther off than {farthest_m:.2g} m"
        return f"asks for {needed:g} px/m, {have}: ask for less, or give cameras longer lenses"
    if requirement.by_night and not any(camera.infrared_m > 0 for camera in found):
        return "asks for pictures by night; no camera of the site has a light of its own: give a model with infrared_m"
    if place.storey is not None:
        ceiling_m = index.storeys[place.storey].template.height_m
        if max(place.heights_m) >= ceiling_m:
            return (
                f"asks what is {max(place.heights_m):g} m above the floor, but {place.storey} is {ceiling_m:g} m high: "
                "ask for a lower height there"
            )
    return None
