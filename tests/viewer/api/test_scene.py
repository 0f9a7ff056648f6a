"""The scene as the page gets it."""

import httpx
import pytest

from tests.twin.riverside_in_small import small_site
from twin.index import build
from viewer.scene import scene_glb

pytestmark = pytest.mark.anyio


async def test_the_scene_is_the_sites_glb(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/sites/small/scene.glb")
    assert answer.headers["content-type"] == "model/gltf-binary"
    assert answer.content == scene_glb(build(small_site()))


async def test_a_page_that_has_the_scene_is_told_so(client: httpx.AsyncClient) -> None:
    tag = (await client.get("/api/sites/small/scene.glb")).headers["etag"]
    again = await client.get("/api/sites/small/scene.glb", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_site_that_is_not_there_has_no_scene(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/sites/elsewhere/scene.glb")).status_code == 404
