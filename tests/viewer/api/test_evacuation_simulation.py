"""`POST evacuation/simulation`: an evacuation of a small house, and questions that cannot be answered."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.twin.houses import Rooms, door, house, on
from tests.twin.riverside_in_small import box
from tests.viewer.conftest import client_of, standing

pytestmark = pytest.mark.anyio
BASE = "/api/sites/s/evacuation"
TWO: Rooms = (("a", "office", box(0, 0, 10, 10)), ("b", "office", box(10, 0, 20, 10)))


@pytest.fixture(scope="module")
async def small(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    doors = (
        door("between", ((10, 4.5), (10, 5.5)), "a", "b"),
        door("east", ((20, 4.5), (20, 5.5)), "b", "outside"),
    )
    async with standing(on(house(TWO, doors)), tmp_path_factory.mktemp("h")) as runtime, client_of(runtime) as made:
        yield made


async def test_people_as_told_get_out_and_the_way_is_drawn(small: httpx.AsyncClient) -> None:
    said = (await small.post(f"{BASE}/simulation", json={"persons": {"h/f1/a": 20, "h/f1/b": 5}})).json()
    assert said["persons"] == 25
    assert [(one["id"], one["persons"]) for one in said["exits"]] == [("h/f1/east", 25.0)]
    assert len(said["waiting"]) == len(said["queues"])
    assert all(len(row) == len(said["timeline"]["times_s"]) for row in said["waiting"])
    assert [(one["persons"], one["line_m"][-1]) for one in said["streams"]] == [
        (20.0, [10.0, 5.0, 0.0]), (20.0, [20.0, 5.0, 0.0]), (5.0, [20.0, 5.0, 0.0]),
    ]  # fmt: skip


async def test_who_is_in_other_buildings_is_left_out(small: httpx.AsyncClient) -> None:
    body = {"persons": {"h/f1/a": 2}, "buildings": ["h"], "runs": 20}
    said = (await small.post(f"{BASE}/simulation", json=body)).json()
    assert said["persons"] == 2
    assert said["quantiles_s"]["0.05"] <= said["quantiles_s"]["0.95"]


async def test_trapped_people_have_no_time(small: httpx.AsyncClient) -> None:
    body = {"persons": {"h/f1/a": 2, "h/f1/b": 1}, "closed": ["h/f1/between"]}
    said = (await small.post(f"{BASE}/simulation", json=body)).json()
    assert said["clear_s"] is None
    assert said["trapped"] == [{"space": "h/f1/a", "persons": 2.0}]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"persons": {"nowhere": 1}}, 422, "nowhere"),
        ({"persons": {"h/f1/a": -1}}, 422, "persons"),
        ({"fire": "moon"}, 422, "moon"),
        ({"closed": ["moon"]}, 422, "moon"),
        ({"buildings": ["moon"]}, 404, "moon"),
        ({"runs": 100_000}, 422, "runs"),
        ({"tiem": "night"}, 422, "tiem"),
    ],
)
async def test_what_cannot_be_answered_is_said(
    small: httpx.AsyncClient, body: dict[str, object], status: int, says: str
) -> None:
    reply = await small.post(f"{BASE}/simulation", json=body)
    assert reply.status_code == status
    assert says in reply.text


async def test_a_fire_tells_what_its_smoke_does_and_where_it_is_drawn(small: httpx.AsyncClient) -> None:
    body = {"persons": {"h/f1/a": 5, "h/f1/b": 30}, "fire": "h/f1/a", "smoke": True, "closings": {"h/f1/between": 100}}
    said = (await small.post(f"{BASE}/simulation", json=body)).json()
    assert {one["place"] for one in said["smoke"]["margins"]} == {"h/f1/a", "h/f1/b"}
    rooms = {room["space"]: room for room in said["smoke_rooms"]}
    assert set(rooms) == {"h/f1/a", "h/f1/b"}
    assert all(len(room["extinction_per_m"]) == len(said["smoke_times_s"]) for room in rooms.values())
    assert rooms["h/f1/a"]["outline_m"][0] == rooms["h/f1/a"]["outline_m"][-1]
    assert said["fire"]["lifts"] == []


async def test_who_is_left_behind_a_door_that_closes_is_told(small: httpx.AsyncClient) -> None:
    body = {"persons": {"h/f1/b": 50}, "closings": {"h/f1/east": 90.0}, "later": {"h": 30.0}}
    said = (await small.post(f"{BASE}/simulation", json=body)).json()
    assert said["clear_s"] is None
    (caught,) = said["caught"]
    assert caught["place"] == "h/f1/b"
    assert caught["persons"] + said["exits"][0]["persons"] == pytest.approx(50.0, abs=0.2)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"closings": {"h/f1/east": -1}}, "closings"),
        ({"closings": {"moon": 1}}, "moon"),
        ({"later": {"moon": 1}}, "moon"),
        ({"lifts": ["moon"]}, "moon"),
        ({"full": {"h/f1": -3}}, "full"),
    ],
)
async def test_changes_on_the_way_that_cannot_be_are_said(
    small: httpx.AsyncClient, body: dict[str, object], says: str
) -> None:
    reply = await small.post(f"{BASE}/simulation", json=body)
    assert reply.status_code == 422
    assert says in reply.text
