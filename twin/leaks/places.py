"""Where a pipe is on the estate: in which building and storey, or outdoors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import shapely

from pipe_network.model import Network
from twin.index import PlacedStorey, SiteIndex, to_shapely
from twin.model.networks import SiteNetwork

_STOREY_M: Final = 4.5


@dataclass(frozen=True, slots=True)
class PipePlace:
    """A pipe's place; what is outdoors has no building.

    Attributes
    ----------
    is_riser : it goes up or down a building
    """

    building: str | None = None
    storey: str | None = None
    is_riser: bool = False


def node_buildings(index: SiteIndex, network: Network) -> dict[str, str]:
    """The building in whose footprint each node lies; nodes outdoors are left out."""
    footprints = [(b.id, to_shapely(b.footprint)) for b in index.site.buildings if b.use != "garage"]
    names = list(network.coordinates)
    if not names or not footprints:
        return {}
    tree = shapely.STRtree([shape for _, shape in footprints])
    points = shapely.points([network.coordinates[n] for n in names])
    inside: dict[str, str] = {}
    for point, shape in zip(*tree.query(points, predicate="intersects"), strict=True):
        inside.setdefault(names[point], footprints[shape][0])
    return inside


def pipe_places(index: SiteIndex, site_network: SiteNetwork, network: Network) -> Mapping[str, PipePlace]:
    """The place of every pipe: by the spaces its ends are tied to, else by the footprint it lies in."""
    inside = node_buildings(index, network)
    storeys: dict[str, list[PlacedStorey]] = {}
    for storey in index.storeys.values():
        storeys.setdefault(storey.building.id, []).append(storey)
    for each in storeys.values():
        each.sort(key=lambda s: s.elevation_m)
    spaces = {n: index.spaces[t.space] for n, t in site_network.nodes.items() if t.space in index.spaces}
    found: dict[str, PipePlace] = {}
    for pipe in network.pipes:
        tie = site_network.links.get(pipe.id)
        tied = [spaces[n].storey.building.id for n in (pipe.start, pipe.end) if n in spaces]
        buried = tie is not None and tie.depth_m is not None
        homes = tied or [inside[n] for n in (pipe.start, pipe.end) if n in inside]
        if buried or not homes or (not tied and len(homes) < 2):
            found[pipe.id] = PipePlace()
            continue
        heights_m = [n.elevation_m for n in (network.nodes[pipe.start], network.nodes[pipe.end])]
        goes_up = abs(heights_m[0] - heights_m[1]) > 1.0
        is_riser = goes_up if tie is None or tie.asset is None else tie.asset in {"riser", "prv"}
        # a pipe through many storeys is on none of them
        through = abs(heights_m[0] - heights_m[1]) > _STOREY_M
        storey_id = None if through else _storey(storeys.get(homes[0], []), 0.5 * sum(heights_m))
        found[pipe.id] = PipePlace(homes[0], storey_id, is_riser)
    return found


def _storey(storeys: list[PlacedStorey], height_m: float) -> str | None:
    below = [s for s in storeys if s.elevation_m <= height_m]
    return below[-1].id if below else (storeys[0].id if storeys else None)
