"""Exit signs as their installer set them: each points to the nearest stair or door into the open on its storey."""

import numpy as np

from sample_sites.simulator.world import World
from twin.evacuation.arrows import Arrow, arrow_towards
from twin.index import PlacedOpening, SiteIndex
from twin.model.buildings import OUTSIDE
from twin.model.devices import Device

ARROWS: dict[Arrow, float] = {"left": 1.0, "right": 2.0, "ahead": 3.0, "no_entry": 4.0}
"""What the sample's signs call them."""


def point_inplace(world: World) -> None:
    """Let every sign point; one on a storey without a way off it is dark."""
    index = world.index
    leading: dict[str, list[tuple[float, float]]] = {}
    for opening in index.openings.values():
        if _leads_off(index, opening):
            (x0, y0), (x1, y1) = opening.template.line
            leading.setdefault(opening.storey.id, []).append(((x0 + x1) / 2, (y0 + y1) / 2))
    for sign in index.site.devices:
        if world.row(sign.id, "arrow") is not None:
            world.put(sign.id, "arrow", _arrow(index, sign, leading))


def _leads_off(index: SiteIndex, opening: PlacedOpening) -> bool:
    if opening.template.kind == "window":
        return False
    sides = [index.spaces[side].template.use for side in opening.connects if side in index.spaces]
    return sides.count("stair") == 1 if OUTSIDE not in opening.connects else "stair" not in sides


def _arrow(index: SiteIndex, sign: Device, leading: dict[str, list[tuple[float, float]]]) -> float:
    storey = None if sign.space is None else index.spaces[sign.space].storey.id
    doors = leading.get(storey or "", [])
    if not doors or sign.bearing_deg is None:
        return 0.0
    x, y, _ = index.device_point(sign)
    east_m, north_m = min(((dx - x, dy - y) for dx, dy in doors), key=lambda d: float(np.hypot(*d)))
    return ARROWS[arrow_towards(east_m, north_m, sign.bearing_deg)]
