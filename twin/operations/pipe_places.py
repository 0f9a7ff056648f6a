"""Where pipes and nodes of a network are on the estate: a point, a storey, and the space from which to reach them."""

from typing import Final

import shapely

from pipe_network.model import Link
from twin.errors import UnknownIdError
from twin.index import SiteIndex, to_shapely
from twin.model.base import Text
from twin.model.networks import SiteNetwork
from twin.operations.events import Phrase, Place

Point = tuple[float, float, float]
_WORDS: Final[dict[str | None, tuple[str, str]]] = {
    None: ("管段", "pipe"),
    "main": ("干管", "main"),
    "ring": ("环管", "ring main"),
    "branch": ("支管", "branch"),
    "riser": ("立管", "riser"),
    "service": ("入户管", "service pipe"),
    "meter": ("水表", "meter"),
    "isolation_valve": ("阀门", "valve"),
    "check_valve": ("止回阀", "check valve"),
    "prv": ("减压阀", "pressure-reducing valve"),
    "pump": ("水泵", "pump"),
}


def phrase(text: Text) -> Phrase:
    """A text of the model as an event keeps it; an absent language falls back to the other."""
    return Phrase(text.zh or text.en, text.en or text.zh)


def split(index: SiteIndex, kind: str, object_id: str) -> tuple[SiteNetwork, str]:
    """The network of a pipe or node, and its id in the EPANET file.

    Raises
    ------
    UnknownIdError
        If no network of the site has it.
    """
    known: list[str] = []
    for site_network in index.site.networks:
        network = index.network(site_network.id)
        names = network.nodes if kind == "node" else network.links
        found = object_id.removeprefix(f"{site_network.id}/")
        if found != object_id and found in names:
            return site_network, found
        known += [f"{site_network.id}/{name}" for name in names]
    raise UnknownIdError(kind, object_id, known)


def pipe_place(index: SiteIndex, pipe_id: str) -> Place:
    """The place of a pipe, pump or valve: the point half way along it.

    Raises
    ------
    UnknownIdError
        If the site has none of that id, or its file states no coordinates for it.
    """
    site_network, name = split(index, "pipe", pipe_id)
    network = index.network(site_network.id)
    link = network.links[name]
    path = network.path(link)
    if not path:
        raise UnknownIdError("pipe with coordinates", pipe_id, ())
    tie = site_network.links.get(name)
    zh, en = _WORDS[None if tie is None else tie.asset]
    middle = shapely.LineString(path).interpolate(0.5, normalized=True) if len(path) > 1 else shapely.Point(path[0])
    # a riser goes straight up: the line in plan has no length, its middle is half way between the ends
    height_m = 0.5 * (network.nodes[link.start].elevation_m + network.nodes[link.end].elevation_m)
    point_m = (middle.x, middle.y, height_m)
    storey = _storey(index, site_network, link, point_m)
    return Place("pipe", pipe_id, Phrase(f"{zh} {name}", f"{en} {name}"), point_m, storey)


def node_place(index: SiteIndex, node_id: str) -> Place:
    """The place of a node.

    Raises
    ------
    UnknownIdError
        If the site has none of that id, or its file states no coordinates for it.
    """
    site_network, name = split(index, "node", node_id)
    network = index.network(site_network.id)
    if name not in network.coordinates:
        raise UnknownIdError("node with coordinates", node_id, ())
    x_m, y_m = network.coordinates[name]
    point_m = (x_m, y_m, network.nodes[name].elevation_m)
    tie = site_network.nodes.get(name)
    space = None if tie is None or tie.space is None else index.spaces.get(tie.space)
    storey = space.storey.id if space is not None else storey_at(index, point_m)
    return Place("node", node_id, Phrase(f"节点 {name}", f"node {name}"), point_m, storey)


def _tied_space(index: SiteIndex, site_network: SiteNetwork, link: Link) -> str | None:
    """A space that an end of the link is tied to; the upper end's, where a riser leaves the lower storey."""
    for node in (link.end, link.start):
        tie = site_network.nodes.get(node)
        if tie is not None and tie.space is not None and tie.space in index.spaces:
            return tie.space
    return None


def _storey(index: SiteIndex, site_network: SiteNetwork, link: Link, point_m: Point) -> str | None:
    tie = site_network.links.get(link.id)
    if tie is not None and tie.depth_m is not None:
        return None  # buried: what stands above it is not where one digs
    space = _tied_space(index, site_network, link)
    return storey_at(index, point_m) if space is None else index.spaces[space].storey.id


def storey_at(index: SiteIndex, point_m: Point) -> str | None:
    """The storey a point is on; none outdoors."""
    x, y, z = point_m
    for storey in index.storeys.values():
        on_level = 0 <= z - storey.elevation_m < storey.template.height_m
        if on_level and shapely.intersects_xy(to_shapely(storey.template.polygon), x, y):
            return storey.id
    return None


def space_to_reach(index: SiteIndex, place: Place) -> str | None:
    """The space to go to for a pipe or node indoors: the one around it that has a door, else the nearest; else none.

    A shaft is often drawn without a door; its hatch is then in the space beside it.
    """
    if place.storey is None:
        return None
    doors = {space for o in index.openings.values() if o.template.kind != "window" for space in o.connects}
    point = shapely.Point(place.point_m[:2])
    reachable = [s for s in index.spaces.values() if s.storey.id == place.storey and s.id in doors]
    if not reachable:
        return None
    # a flat is a space around its rooms: of those that hold the point the smallest is meant
    away = (
        (to_shapely(s.template.polygon).distance(point), to_shapely(s.template.polygon).area, s.id) for s in reachable
    )
    return min(away)[2]
