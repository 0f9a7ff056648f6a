"""What the interface says of a site."""

import httpx
import pytest

from tests.twin.riverside_in_small import small_site
from twin.index import build

pytestmark = pytest.mark.anyio


async def test_sites_are_listed_with_both_names(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/api/sites")).json()
    assert answer == {"items": [{"id": "small", "name": {"zh": "小院", "en": "Small court"}}], "next": None}


async def test_a_site_in_short(client: httpx.AsyncClient) -> None:
    site = (await client.get("/api/sites/small")).json()
    index = build(small_site())
    assert site["index_version"] == index.version
    assert site["counts"]["spaces"] == len(index.spaces)
    x0, y0, x1, y1 = site["bounds_m"]
    assert (x0 <= 0.0, x1 >= 20.125) == (True, True)
    assert (y0 <= 0.0, y1 >= 10.0) == (True, True)
    assert site["networks"] == [
        {"id": "water", "kind": "domestic_water", "name": {"zh": "生活给水", "en": "Domestic water"}}
    ]


async def test_the_index_gives_every_channel_its_row(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/sites/small/index")).json()
    index = build(small_site())
    devices = document["devices"]
    assert document["version"] == index.version
    assert {len(column) for column in devices.values()} == {3}
    for k, device_id in enumerate(devices["id"]):
        kind = document["kinds"][devices["kind"][k]]
        for n, channel in enumerate(kind["channels"]):
            assert index.rows[f"{device_id}:{channel['id']}"] == devices["first_row"][k] + n


async def test_the_index_places_devices_by_space_and_by_position(client: httpx.AsyncClient) -> None:
    devices = (await client.get("/api/sites/small/index")).json()["devices"]
    place = dict(
        zip(devices["id"], zip(devices["building"], devices["storey"], devices["space"], strict=True), strict=True)
    )
    assert place["t1-f03-smoke"] == ("tower-1", "tower-1/f3", "tower-1/f3/corridor")
    assert place["t1-inlet"] == (None, None, None)


async def test_a_device_without_a_name_has_that_of_its_kind(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/sites/small/index")).json()
    kind = next(k for k in document["kinds"] if k["id"] == "smoke-detector")
    at = document["devices"]["id"].index("t1-f01-smoke")
    assert document["devices"]["name_zh"][at] == kind["name"]["zh"]
