"""A small live site behind the real application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from live_bindings.runtime import Runtime
from tests.twin.riverside_in_small import small_site
from twin.model.site import Site
from viewer.app import create_app
from viewer.settings import Settings

UNREACHABLE_BROKER = "mqtt://127.0.0.1:1"
"""Nobody listens there: the site stands, and no telemetry comes."""


@asynccontextmanager
async def standing(site: Site, folder: Path, broker_url: str = UNREACHABLE_BROKER) -> AsyncIterator[Runtime]:
    """A site with its history and journal in a folder."""
    runtime = Runtime(site, folder, broker_url)
    await runtime.start()
    try:
        yield runtime
    finally:
        await runtime.stop()


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def static_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page as the build leaves it."""
    folder = tmp_path_factory.mktemp("static")
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    (folder / "assets" / "index-abc123.js").write_text("export {}")
    return folder


@pytest.fixture(scope="module")
async def runtime(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Runtime]:
    """The small site, for tests that only look."""
    async with standing(small_site(), tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture(scope="module")
async def client(runtime: Runtime, static_folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the small site's server."""
    async with client_of(runtime, Settings(static_folder=static_folder)) as made:
        yield made


def client_of(runtime: Runtime, settings: Settings | None = None) -> httpx.AsyncClient:
    """A client that speaks to the application without a socket."""
    transport = httpx.ASGITransport(create_app(runtime, settings), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8750")
