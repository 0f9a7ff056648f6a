"""Routes of the sites: what they are and what the pages need to read them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from twin.model.networks import NetworkKind
from twin.model.site import Origin
from viewer.api.context import ServedSite, all_served
from viewer.documents.card import Found, found
from viewer.documents.names import Bilingual, names
from viewer.problems import responses

router = APIRouter(tags=["site"])


class SiteName(BaseModel):
    """A site in the list."""

    id: str
    name: Bilingual


class SiteList(BaseModel):
    """The sites of this server."""

    items: tuple[SiteName, ...]
    next: str | None = None


class NetworkName(BaseModel):
    """A pipe network of the site."""

    id: str
    kind: NetworkKind
    name: Bilingual


class SiteSummary(SiteName):
    """A site in short."""

    languages: tuple[Literal["zh", "en"], ...]
    time_zone: str
    origin: Origin
    bounds_m: tuple[float, float, float, float]
    """West, south, east, north in the site frame. [m]"""
    counts: dict[str, int]
    index_version: int
    systems: tuple[str, ...]
    networks: tuple[NetworkName, ...]


class FoundList(BaseModel):
    """What a search found, best first."""

    items: tuple[Found, ...]
    next: str | None = None


@router.get("/sites")
def list_sites(request: Request) -> SiteList:
    """The sites of this server."""
    sites = [served.runtime.site for served in all_served(request).values()]
    return SiteList(items=tuple(SiteName(id=s.id, name=Bilingual(**names(s.name, s.id))) for s in sites))


@router.get("/sites/{site_id}", responses=responses(404))
def read_site(served: ServedSite) -> SiteSummary:
    """A site in short: where it is, how large, what it has."""
    site, index = served.runtime.site, served.index
    return SiteSummary(
        id=site.id,
        name=Bilingual(**names(site.name, site.id)),
        languages=site.languages,
        time_zone=site.time_zone,
        origin=site.origin,
        bounds_m=served.things.places.bounds_m,
        counts={
            "buildings": len(index.buildings),
            "storeys": len(index.storeys),
            "spaces": len(index.spaces),
            "openings": len(index.openings),
            "devices": len(index.devices),
            "channels": len(index.channels),
            "households": len(site.households),
        },
        index_version=index.version,
        systems=tuple(dict.fromkeys(kind.system for kind in site.kinds)),
        networks=tuple(NetworkName(id=n.id, kind=n.kind, name=Bilingual(**names(n.name, n.id))) for n in site.networks),
    )


@router.get(
    "/sites/{site_id}/index",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}, "description": "The index"}, **responses(404)},
)
def read_index(served: ServedSite, request: Request) -> Response:
    """What a page needs to read the feed and find things: kinds, devices in columns, buildings with their storeys."""
    return served.site_index.response(request)


@router.get("/sites/{site_id}/search", responses=responses(404, 422))
def search(
    served: ServedSite,
    q: Annotated[str, Query(min_length=1, max_length=200)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> FoundList:
    """Things whose id, name or place holds all words of ``q``, in Chinese or English, best first."""
    hits = served.search_table.search(q, limit)
    return FoundList(items=tuple(Found(**found(served.things.get(kind, thing_id))) for kind, thing_id in hits))
