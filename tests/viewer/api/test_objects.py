"""Cards, search and maps over the interface."""

import httpx
import pytest

from geometry.frames import SiteFrame

pytestmark = pytest.mark.anyio


async def card(client: httpx.AsyncClient, kind: str, thing_id: str) -> dict[str, object]:
    answer = await client.get(f"/api/sites/small/objects/{kind}/{thing_id}")
    assert answer.status_code == 200, answer.text
    body: dict[str, object] = answer.json()
    return body


async def test_a_device_that_never_reported_says_so(client: httpx.AsyncClient) -> None:
    device = await card(client, "device", "t1-f03-smoke")
    channels = device["channels"]
    assert isinstance(channels, list)
    assert [(c["value"], c["quality"], c["at"]) for c in channels] == [(None, "never", None)] * 2
    place = device["place"]
    assert isinstance(place, list)
    assert [step["id"] for step in place] == ["tower-1", "tower-1/f3", "tower-1/f3/corridor"]


async def test_a_room_knows_its_flat_and_a_flat_its_size(client: httpx.AsyncClient) -> None:
    room = await card(client, "space", "tower-1/f2/01/bed")
    assert isinstance(room["place"], list)
    assert [step["id"] for step in room["place"]] == ["tower-1", "tower-1/f2", "tower-1/f2/01"]
    flat = await card(client, "space", "tower-1/f2/01")
    assert flat["name"] == {"zh": "201", "en": "201"}
    assert flat["use"] == "flat"
    assert {"name": {"zh": "面积", "en": "Area"}, "value": 71.5, "unit": "m2", "read_in": None} in flat["facts"]  # type: ignore[operator]


async def test_a_storey_and_a_building_list_their_devices(client: httpx.AsyncClient) -> None:
    assert (await card(client, "storey", "tower-1/f3"))["devices"] == ["t1-f03-smoke"]
    assert (await card(client, "building", "tower-1"))["devices"] == ["t1-f01-smoke", "t1-f03-smoke"]


async def test_a_pipe_tells_its_measures_and_its_device(client: httpx.AsyncClient) -> None:
    pipe = await card(client, "pipe", "water/P1")
    assert pipe["devices"] == ["t1-inlet"]
    facts = pipe["facts"]
    assert isinstance(facts, list)
    assert {"name": {"zh": "管径", "en": "Diameter"}, "value": 0.1, "unit": "m", "read_in": "mm"} in facts
    assert pipe["point_m"] == [5.0, 10.0, 15.0]  # half way from the reservoir's head to the ground


async def test_an_unknown_thing_names_the_nearest(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/sites/small/objects/device/t1-inlett")
    assert answer.status_code == 404
    assert "Did you mean t1-inlet?" in answer.json()["detail"]
    assert (await client.get("/api/sites/small/objects/planet/x")).status_code == 422


async def test_search_answers_with_names_and_a_point(client: httpx.AsyncClient) -> None:
    items = (await client.get("/api/sites/small/search", params={"q": "进水", "limit": 3})).json()["items"]
    assert items == [
        {
            "type": "device",
            "id": "t1-inlet",
            "name": {"zh": "进水, 总表", "en": 'Inlet "main"'},
            "place": [],
            "point_m": [20.125, 10.0, -1.2],
        }
    ]


@pytest.mark.parametrize("query", ["?q=", "", "?q=a&limit=0", "?q=a&limit=1000"])
async def test_bad_searches_are_refused(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/api/sites/small/search{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["place"].startswith("query.")


async def test_the_map_is_in_longitude_and_latitude(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/sites/small/map.geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    features = answer.json()["features"]
    by_id = {(f["properties"]["layer"], f["properties"]["id"]): f for f in features}
    pipe = by_id["pipe", "water/P1"]
    back_m = SiteFrame(121.4737021, 31.2303904, 4.2).from_lonlat(pipe["geometry"]["coordinates"])
    assert back_m.round(2).tolist() == [[0.0, 10.0], [10.0, 10.0]]
    assert by_id["building", "tower-1"]["geometry"]["type"] == "Polygon"
    assert {layer for layer, _ in by_id} == {"building", "ground", "pipe", "node"}


async def test_a_plan_shows_one_storey(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/sites/small/storeys/tower-1/f2/plan.geojson")
    properties = [f["properties"] for f in answer.json()["features"]]
    assert {p["layer"] for p in properties} == {"storey", "space", "opening", "obstacle"}
    assert all(p["id"].startswith("tower-1/f2") for p in properties)
    assert (await client.get("/api/sites/small/storeys/tower-1/f99/plan.geojson")).status_code == 404
