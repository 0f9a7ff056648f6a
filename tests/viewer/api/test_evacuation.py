"""Ways out over the web interface: as they are, as they would be, and what people say of them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.twin.evacuation.burning_house import burning_site, detector
from tests.viewer.conftest import client_of, standing
from twin.model.base import Text
from twin.model.grounds import GroundFeature

pytestmark = pytest.mark.anyio
BASE = "/api/sites/s/evacuation"


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """Two storeys with a detector in each half of the first's corridor."""
    site = burning_site(detector("one", "west"), detector("two", "east"), detector("voice", "west", "speaker"),
                        storeys=2)  # fmt: skip
    async with standing(site, tmp_path_factory.mktemp("house")) as runtime, client_of(runtime) as client:
        yield client


async def ask(client: httpx.AsyncClient, **body: object) -> dict[str, Any]:
    reply = await client.post(f"{BASE}/what-if", json=body)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


async def say(client: httpx.AsyncClient, kind: str, of: str | None = None, **more: object) -> httpx.Response:
    return await client.post(f"{BASE}/commands", json={"type": kind, "object": of, "actor": "wang", **more})


async def test_every_space_has_its_way_and_nothing_is_to_be_done(house: httpx.AsyncClient) -> None:
    answer = (await house.get(BASE)).json()
    assert (answer["is_alarm"], answer["hazards"], answer["cut_off"], answer["commands"]) == (False, [], [], [])
    ways = {way["space"]: way for way in answer["ways"]}
    assert len(ways) == 14
    assert ways["h/f1/a"] | {"length_m": 0, "time_s": 0} == {
        "space": "h/f1/a", "door": "h/f1/d-a", "exit": "h/f1/out-w", "target": "meet-west", "length_m": 0, "time_s": 0,
        "is_usual": True, "hazards": [],
    }  # fmt: skip
    assert (await house.get(f"{BASE}?changed=true")).json()["ways"] == []


async def test_what_if_changes_the_answer_and_nothing_else(house: httpx.AsyncClient) -> None:
    answer = await ask(house, burning=["h/f1/west"], changed=True)
    assert {refuge["space"] for refuge in answer["cut_off"]} == {"h/f1/a", "h/f1/b"}
    assert {refuge["kind"] for refuge in answer["cut_off"]} == {"stay"}
    (hazard,) = answer["hazards"]
    assert (hazard["id"], hazard["kind"], hazard["space"], hazard["closes"]) == ("h/f1/west", "fire", "h/f1/west", True)
    told = {(c["device"], c["kind"], c["how"], c["value"]) for c in answer["commands"]}
    assert told == {("voice", "announce", "channel", 1.0)}
    assert (await house.get(BASE)).json()["hazards"] == []


async def test_a_fire_that_has_burnt_for_long_has_sent_smoke_next_door(house: httpx.AsyncClient) -> None:
    short, long = [await ask(house, burning=["h/f1/a"], since_s=seconds) for seconds in (0, 300)]
    assert [h["id"] for h in short["hazards"]] == ["h/f1/a"]
    # the corridor's detector is silent since ever, which is no word that the air is clean
    assert {(h["id"], h["standing"]) for h in long["hazards"]} == {
        ("h/f1/a", "confirmed"), ("h/f1/west", "threatened"),
    }  # fmt: skip


async def test_people_say_what_is_shut_and_take_it_back(house: httpx.AsyncClient) -> None:
    answer = (await say(house, "shut", "h/f1/out-w", reason="卷帘落下")).json()
    assert answer["hazards"][0]["text"] == {"zh": "卷帘落下", "en": "卷帘落下"}
    ways = {way["space"]: way for way in (await house.get(BASE)).json()["ways"]}
    assert (ways["h/f1/a"]["exit"], ways["h/f1/a"]["hazards"]) == ("h/f1/out-e", ["h/f1/out-w"])
    assert (await ask(house, from_now=False))["hazards"] == []
    assert (await say(house, "open", "h/f1/out-w")).json()["hazards"] == []
    assert (await say(house, "open", "h/f1/out-w")).status_code == 404


async def test_the_roll_call_calls_points_by_their_names(tmp_path: Path) -> None:
    plaza = GroundFeature(id="meet-west", use="assembly_point", geometry=(-20.0, -10.0),
                          name=Text(zh="西广场", en="West plaza"))  # fmt: skip
    nameless = GroundFeature(id="meet-east", use="assembly_point", geometry=(50.0, -10.0))
    async with standing(burning_site(grounds=(plaza, nameless)), tmp_path) as runtime, client_of(runtime) as client:
        points = (await client.get(BASE)).json()["roll_call"]["points"]
    assert {point["id"]: point["name"] for point in points} == {
        "meet-west": {"zh": "西广场", "en": "West plaza"}, "meet-east": {"zh": "meet-east", "en": "meet-east"},
    }  # fmt: skip


async def test_without_assembly_points_the_roll_call_names_exits(tmp_path: Path) -> None:
    async with standing(burning_site(grounds=()), tmp_path) as runtime, client_of(runtime) as client:
        points = (await client.get(BASE)).json()["roll_call"]["points"]
    assert {point["id"]: point["name"]["en"] for point in points} == {
        "h/f1/out-w": "the exit on h/f1", "h/f1/out-e": "the exit on h/f1",
    }  # fmt: skip


async def test_the_roll_call_holds_counts_against_an_estimate(house: httpx.AsyncClient) -> None:
    before = (await house.get(f"{BASE}?people=day")).json()["roll_call"]
    assert before["missing"] is None
    # offices hold 0.11 persons a square metre: a 48, b 42, c 90 m2 on two storeys
    expected = {point["id"]: point["expected"] for point in before["points"]}
    assert expected == {"meet-west": pytest.approx(0.11 * 180, abs=0.06), "meet-east": pytest.approx(19.8, abs=0.06)}
    assert (await say(house, "count", "meet-west", persons=15)).status_code == 200
    after = (await house.get(f"{BASE}?people=day")).json()["roll_call"]
    assert after["missing"] == pytest.approx(24.6, abs=0.06)
    assert (await say(house, "reset")).status_code == 200
    assert (await house.get(BASE)).json()["roll_call"]["missing"] is None


@pytest.mark.parametrize(
    ("kind", "of", "more", "status"),
    [
        ("shut", "nowhere", {}, 404), ("shut", None, {}, 422), ("burns", "nowhere", {}, 404), ("open", "x", {}, 404),
        ("confirm", "nobody", {}, 404), ("confirm", "one", {}, 422),
        ("reset", "nobody", {}, 404), ("count", "nowhere", {"persons": 1}, 404),
        ("count", "meet-west", {}, 422), ("count", "meet-west", {"persons": -1}, 422), ("flood", "x", {}, 422),
    ],
)  # fmt: skip
async def test_what_is_not_there_is_said(
    house: httpx.AsyncClient, kind: str, of: str | None, more: dict[str, object], status: int
) -> None:
    reply = await say(house, kind, of, **more)
    assert reply.status_code == status
    assert reply.json()["detail"]
    assert (await house.get(BASE)).json()["hazards"] == []


async def test_who_is_not_of_the_staff_says_nothing(house: httpx.AsyncClient) -> None:
    body = {"type": "shut", "object": "h/f1/out-w", "actor": "stranger"}
    assert (await house.post(f"{BASE}/commands", json=body)).status_code == 422
    assert (await house.get(BASE)).json()["hazards"] == []


async def test_a_question_about_what_is_not_there_is_refused(house: httpx.AsyncClient) -> None:
    for body in ({"burning": ["nowhere"]}, {"shut": ["nowhere"]}):
        assert (await house.post(f"{BASE}/what-if", json=body)).status_code == 404
