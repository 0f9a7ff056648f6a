"""The built pages as files."""

from pathlib import Path

import httpx
import pytest

from live_bindings.runtime import Runtime
from tests.viewer.conftest import client_of
from viewer.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/", "/map", "/crew", "/crew/orders/7"])
async def test_every_page_starts_from_the_one_bundle(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert "<title>page</title>" in answer.text
    assert answer.headers["cache-control"] == "no-cache"


async def test_files_named_by_their_content_are_kept_for_ever(client: httpx.AsyncClient) -> None:
    answer = await client.get("/assets/index-abc123.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/assets/gone.js", "/map/gone.png", "/other"])
async def test_what_is_not_there_is_not_the_page(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_pages_that_were_not_built_say_how_to_build_them(runtime: Runtime, tmp_path: Path) -> None:
    async with client_of(runtime, Settings(static_folder=tmp_path)) as client:
        answer = await client.get("/")
    assert answer.status_code == 503
    assert "build_hook.py" in answer.text
