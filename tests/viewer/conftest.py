"""A small live site behind the real application."""

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from live_bindings.history.sqlite import SqliteSeries
from live_bindings.operations import Operations
from tests.twin.riverside_in_small import small_site
from twin.index import SiteIndex, build
from twin.journal import Journal
from twin.model.site import Site
from twin.operations.events import Command, Event
from twin.state import State
from viewer.app import create_app
from viewer.settings import Settings


@dataclass(frozen=True)
class StandingSite:
    """A site of which no telemetry has come yet; people can work on it."""

    site: Site
    index: SiteIndex
    state: State
    operations: Operations
    history: SqliteSeries

    def execute(self, command: Command) -> tuple[Event, ...]:
        return self.operations.execute(command, dt.datetime.now(dt.UTC))


@contextmanager
def standing(site: Site, folder: Path) -> Iterator[StandingSite]:
    """A site with an empty state and a journal in a folder."""
    index = build(site)
    with Journal.in_folder(folder) as journal, closing(SqliteSeries(folder / "history.db")) as history:
        operations = Operations(index, journal, now=dt.datetime.now(dt.UTC))
        yield StandingSite(site, index, State(index.intervals_s), operations, history)


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
async def client(static_folder: Path, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    with standing(small_site(), tmp_path / "data") as runtime:
        app = create_app(runtime, Settings(static_folder=static_folder))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8750") as made:
            yield made
