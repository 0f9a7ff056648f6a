"""A small live site behind the real application."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from tests.twin.riverside_in_small import small_site
from twin.index import SiteIndex, build
from twin.model.site import Site
from twin.state import State
from viewer.app import create_app


@dataclass(frozen=True)
class StandingSite:
    """A site of which nothing lives yet."""

    site: Site
    index: SiteIndex
    state: State


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    index = build(small_site())
    app = create_app(StandingSite(index.site, index, State(index.intervals_s)))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8750") as made:
        yield made
