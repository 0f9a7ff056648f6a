"""The pipes and nodes of all networks of a site, with where they are and what they are tied to.

EPANET ids are unique within a file only: on the site a pipe or node is ``NETWORK/EPANET-ID``.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from pipe_network.inp import parse
from pipe_network.model import Link, Network, Node
from twin.index import SiteIndex
from twin.model.base import Text
from twin.model.networks import LinkTie, NetworkKind, NodeTie, SiteNetwork
from viewer.documents.names import Names

PointM = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A node of a network on the site."""

    id: str
    network: str
    network_name: Text
    node: Node
    tie: NodeTie
    point_m: PointM

    @property
    def name(self) -> Names:
        """Its EPANET id: nodes have no other name."""
        return {"zh": self.node.id, "en": self.node.id}


@dataclass(frozen=True, slots=True)
class PlacedLink:
    """A pipe, pump or valve of a network on the site."""

    id: str
    network: str
    kind: NetworkKind
    network_name: Text
    link: Link
    tie: LinkTie
    path_m: tuple[PointM, ...]

    @property
    def name(self) -> Names:
        """Its EPANET id: links have no other name."""
        return {"zh": self.link.id, "en": self.link.id}

    @property
    def middle_m(self) -> PointM:
        """The point half way along."""
        points_m = np.array(self.path_m)
        along_m = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(points_m, axis=0), axis=1))))
        x_m, y_m, z_m = (float(np.interp(along_m[-1] / 2, along_m, points_m[:, axis])) for axis in range(3))
        return x_m, y_m, z_m


@dataclass(frozen=True)
class Pipes:
    """Pipes and nodes of one site; parsed when first asked for, then kept."""

    index: SiteIndex

    @cached_property
    def networks(self) -> tuple[tuple[SiteNetwork, Network], ...]:
        """Each network of the site with what its EPANET file says."""
        return tuple((network, parse(network.inp)) for network in self.index.site.networks)

    @cached_property
    def nodes(self) -> dict[str, PlacedNode]:
        """Nodes that have coordinates, by ``NETWORK/ID``."""
        return {
            f"{site_network.id}/{node.id}": PlacedNode(
                f"{site_network.id}/{node.id}",
                site_network.id,
                site_network.name,
                node,
                site_network.nodes.get(node.id, NodeTie()),
                _node_point(network, node),
            )
            for site_network, network in self.networks
            for node in network.nodes.values()
            if node.id in network.coordinates
        }

    @cached_property
    def links(self) -> dict[str, PlacedLink]:
        """Links whose ends have coordinates, by ``NETWORK/ID``."""
        placed = {}
        for site_network, network in self.networks:
            for link in network.links.values():
                if link.start not in network.coordinates or link.end not in network.coordinates:
                    continue
                link_id = f"{site_network.id}/{link.id}"
                placed[link_id] = PlacedLink(
                    link_id,
                    site_network.id,
                    site_network.kind,
                    site_network.name,
                    link,
                    site_network.links.get(link.id, LinkTie()),
                    _path(network, link),
                )
        return placed


def _node_point(network: Network, node: Node) -> PointM:
    x_m, y_m = network.coordinates[node.id]
    return x_m, y_m, node.elevation_m


def _path(network: Network, link: Link) -> tuple[PointM, ...]:
    """The link's line with heights: those between its ends by their share of the way."""
    start, end = network.nodes[link.start], network.nodes[link.end]
    plan = shapely.LineString([network.coordinates[start.id], *link.vertices, network.coordinates[end.id]])
    if plan.length == 0:  # a riser goes straight up
        return _node_point(network, start), _node_point(network, end)
    rise_m = end.elevation_m - start.elevation_m
    shares = [plan.project(shapely.Point(p)) / plan.length for p in link.vertices]
    between = [(x, y, start.elevation_m + rise_m * share) for (x, y), share in zip(link.vertices, shares, strict=True)]
    return _node_point(network, start), *between, _node_point(network, end)
