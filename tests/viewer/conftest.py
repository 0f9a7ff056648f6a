"""A small live site behind the real application."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.twin.riverside_in_small import small_site
from twin.index import SiteIndex, build
from twin.model.site import Site
from twin.state import State
from viewer.app import create_app
from viewer.settings import Settings


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
def static_folder(tmp_path: Path) -> Path:
    """A page as the build leaves it."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    (folder / "assets" / "index-abc123.js").write_text("export {}")
    return folder


@pytest.fixture
async def client(static_folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    index = build(small_site())
    app = create_app(StandingSite(index.site, index, State(index.intervals_s)), Settings(static_folder=static_folder))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8750") as made:
        yield made
