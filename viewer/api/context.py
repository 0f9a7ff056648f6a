"""How a route gets the site it speaks of: an argument ``served: ServedSite``; its runtime is ``served.runtime``."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Protocol

from fastapi import Depends, Path
from starlette.requests import HTTPConnection

from twin.errors import UnknownIdError
from twin.index import SiteIndex
from twin.model.base import ID_PATTERN
from twin.model.site import Site
from viewer.documents.places import Places
from viewer.documents.site_index import site_index_document
from viewer.payload import Payload
from viewer.settings import Settings


class LiveSite(Protocol):
    """What the pages need of the runtime, which owns clock, state and stores."""

    @property
    def site(self) -> Site:
        """The model."""

    @property
    def index(self) -> SiteIndex:
        """Its ids and rows."""


@dataclass
class Served:
    """A live site with what is prepared of it for the pages: each made when first asked for, then kept."""

    runtime: LiveSite
    settings: Settings

    @property
    def index(self) -> SiteIndex:
        """Ids and rows of the site."""
        return self.runtime.index

    @cached_property
    def places(self) -> Places:
        """Where things are."""
        return Places(self.index)

    @cached_property
    def site_index(self) -> Payload:
        """The index document."""
        return Payload.of(site_index_document(self.places), "application/json")


def all_served(connection: HTTPConnection) -> dict[str, Served]:
    """Every site of this server by its id."""
    sites: dict[str, Served] = connection.app.state.sites
    return sites


def served(site_id: Annotated[str, Path(pattern=ID_PATTERN)], connection: HTTPConnection) -> Served:
    """The site a request names.

    Raises
    ------
    UnknownIdError
        If this server has no such site.
    """
    sites = all_served(connection)
    try:
        return sites[site_id]
    except KeyError:
        raise UnknownIdError("site", site_id, sites) from None


ServedSite = Annotated[Served, Depends(served)]
