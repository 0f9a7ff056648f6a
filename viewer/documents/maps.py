"""The estate as maps: GeoJSON in longitude and latitude of the grounds and pipes, and of one storey."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np

from geometry.frames import SiteFrame
from twin.index import PlacedStorey
from twin.model.base import Line, Polygon
from twin.model.site import Site
from viewer.documents.names import names
from viewer.documents.things import Things

DECIMALS: Final = 8
"""Of a degree: a millimetre."""

Feature = dict[str, Any]
Points = Sequence[tuple[float, float]]


def site_frame(site: Site) -> SiteFrame:
    """The frame of a site on the earth."""
    origin = site.origin
    return SiteFrame(origin.lon_deg, origin.lat_deg, origin.height_m, origin.epsg)


class _Collection:
    """Features whose points are projected all at once when the document is made."""

    def __init__(self) -> None:
        self._features: list[Feature] = []
        self._points_m: list[tuple[float, float]] = []
        self._rings: list[tuple[Feature, str, list[int]]] = []

    def polygon(self, polygon: Polygon, **properties: object) -> None:
        rings = [[*ring, ring[0]] for ring in (polygon.outer, *polygon.holes)]
        self._add("Polygon", rings, properties)

    def line(self, points_m: Points, **properties: object) -> None:
        self._add("LineString", [points_m], properties)

    def point(self, point_m: tuple[float, float], **properties: object) -> None:
        self._add("Point", [[point_m]], properties)

    def geometry(self, geometry: Polygon | Line | tuple[float, float], **properties: object) -> None:
        if isinstance(geometry, Polygon):
            self.polygon(geometry, **properties)
        elif isinstance(geometry, Line):
            self.line(geometry.points, **properties)
        else:
            self.point(geometry, **properties)

    def _add(self, kind: str, rings: Sequence[Points], properties: dict[str, object]) -> None:
        feature: Feature = {
            "type": "Feature",
            "properties": {key: value for key, value in properties.items() if value is not None},
            "geometry": {"type": kind, "coordinates": None},
        }
        self._features.append(feature)
        self._rings.append((feature, kind, [len(ring) for ring in rings]))
        for ring in rings:
            self._points_m.extend(ring)

    def document(self, frame: SiteFrame) -> bytes:
        lonlat = np.round(frame.to_lonlat(self._points_m), DECIMALS).tolist() if self._points_m else []
        at = 0
        for feature, kind, lengths in self._rings:
            rings = []
            for length in lengths:
                rings.append(lonlat[at : at + length])
                at += length
            feature["geometry"]["coordinates"] = {"Polygon": rings, "LineString": rings[0], "Point": rings[0][0]}[kind]
        return msgspec.json.encode({"type": "FeatureCollection", "features": self._features})


def site_map(things: Things) -> bytes:
    """The outdoor map: buildings, grounds, pipes and nodes."""
    index, features = things.places.index, _Collection()
    for ground in index.site.grounds:
        features.geometry(
            ground.geometry,
            layer="ground",
            id=ground.id,
            use=ground.use,
            width_m=ground.width_m,
            height_m=ground.height_m,
            **_columns(names(ground.name)),
        )
    for building in index.site.buildings:
        features.polygon(
            building.footprint,
            layer="building",
            id=building.id,
            use=building.use,
            height_m=building.height_m,
            base_elevation_m=building.base_elevation_m,
            **_columns(names(building.name, building.id)),
        )
    for link in things.pipes.links.values():
        features.line(
            [p[:2] for p in link.path_m],
            layer="pipe",
            id=link.id,
            network=link.network,
            kind=type(link.link).__name__.lower(),
            diameter_m=getattr(link.link, "diameter_m", None),
            use=link.tie.asset,
            **_columns(link.name),
        )
    for node in things.pipes.nodes.values():
        features.point(
            node.point_m[:2],
            layer="node",
            id=node.id,
            network=node.network,
            kind=type(node.node).__name__.lower(),
            use=node.tie.asset,
            **_columns(node.name),
        )
    return features.document(site_frame(index.site))


def storey_plan(things: Things, storey: PlacedStorey) -> bytes:
    """The plan of one storey: its outline, spaces, openings and obstacles."""
    index, features = things.places.index, _Collection()
    features.polygon(storey.template.polygon, layer="storey", id=storey.id, **_columns(names(storey.name, storey.id)))
    for space in things.places.spaces_of.get(storey.id, ()):
        features.polygon(
            space.template.polygon,
            layer="space",
            id=space.id,
            use=space.template.use,
            parent=space.parent,
            **_columns(names(space.name)),
        )
    for opening in index.openings.values():
        if opening.storey is storey:
            template = opening.template
            features.line(template.line, layer="opening", id=opening.id, kind=template.kind, locked=template.locked)
    for obstacle in index.obstacles.values():
        if obstacle.storey is storey:
            features.polygon(obstacle.template.polygon, layer="obstacle", id=obstacle.id, kind=obstacle.template.kind)
    return features.document(site_frame(index.site))


def _columns(called: dict[str, str]) -> dict[str, str]:
    return {"name_zh": called["zh"], "name_en": called["en"]}
