"""Acting on the estate over the web interface."""

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from live_bindings.runtime import Runtime
from tests.twin.operations.conftest import HIGH, LOW, make_site
from tests.viewer.conftest import standing
from twin.operations.alarms import alarm_id
from twin.state import Quality
from viewer.app import create_app

pytestmark = pytest.mark.anyio
ALARM = alarm_id("high", "g1")
SITE = "/api/sites/yard"


@pytest.fixture
async def yard(tmp_path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Runtime]]:
    async with standing(make_site(LOW, HIGH), tmp_path) as runtime:
        transport = httpx.ASGITransport(create_app(runtime), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8750") as client:
            yield client, runtime


def burst(runtime: Runtime) -> None:
    """A pressure over its limit reaches the rules."""
    now = dt.datetime.now(dt.UTC)
    row = runtime.index.row("g1:pressure")
    runtime.state.values[row], runtime.state.quality[row] = 900.0, Quality.GOOD
    runtime.state.times_s[row] = now.timestamp()
    runtime.operations.evaluate(runtime.state, now)


async def post(client: httpx.AsyncClient, path: str, **body: object) -> httpx.Response:
    return await client.post(f"{SITE}/{path}", json=body)


async def test_alarm_is_acknowledged_ordered_and_finished(yard: tuple[httpx.AsyncClient, Runtime]) -> None:
    client, runtime = yard
    assert (await client.get(f"{SITE}/alarms?state=active")).json() == {"items": [], "next": None}
    burst(runtime)
    (alarm,) = (await client.get(f"{SITE}/alarms?state=active")).json()["items"]
    assert (alarm["id"], alarm["state"], alarm["value"], alarm["unit"]) == (ALARM, "raised", 900.0, "pa")
    assert alarm["raised_at"].endswith("Z")
    assert alarm["place"]["storey"] == "t1/f2"
    seen = (await post(client, f"alarms/{ALARM}/commands", type="acknowledge", actor="wang")).json()
    assert (seen["state"], seen["acknowledged_by"]) == ("acknowledged", "wang")
    order = (await post(client, f"alarms/{ALARM}/commands", type="create_work_order", actor="wang")).json()
    assert (order["state"], order["priority"], order["alarm"]) == ("requested", 1, ALARM)
    await post(client, f"work-orders/{order['id']}/commands", type="assign", actor="wang", assignee="li")
    for verb in ("accept", "start", "finish"):
        done = await post(client, f"work-orders/{order['id']}/commands", type=verb, actor="li", note=verb)
    assert (done.json()["state"], done.json()["possible"]) == ("done", ["verify", "reopen"])
    mine = (await client.get(f"{SITE}/work-orders?assignee=li&state=done")).json()["items"]
    assert [o["id"] for o in mine] == [order["id"]]
    assert (await client.get(f"{SITE}/work-orders?assignee=wang")).json()["items"] == []
    lines = (await client.get(f"{SITE}/journal?object={order['id']}")).json()["items"]
    assert [e["type"] for e in lines][::-1] == [
        f"work_order_{step}" for step in ("requested", "assigned", "accepted", "started", "finished")
    ]
    assert runtime.operations.journal.verify().entries == 7


async def test_cards_show_what_is_up_until_it_is_over(yard: tuple[httpx.AsyncClient, Runtime]) -> None:
    client, runtime = yard
    burst(runtime)
    order = (await post(client, f"alarms/{ALARM}/commands", type="create_work_order", actor="wang")).json()
    for path in ("device/g1", "storey/t1/f2", "building/t1"):
        card = (await client.get(f"{SITE}/objects/{path}")).json()
        assert [a["id"] for a in card["alarms"]] == [ALARM], path
        assert [o["id"] for o in card["work_orders"]] == [order["id"]], path
    await post(client, f"work-orders/{order['id']}/commands", type="cancel", actor="wang", note="a mistake")
    assert (await client.get(f"{SITE}/objects/device/g1")).json()["work_orders"] == []


async def test_journal_is_read_in_pages(yard: tuple[httpx.AsyncClient, Runtime]) -> None:
    client, runtime = yard
    burst(runtime)
    await post(client, f"alarms/{ALARM}/commands", type="acknowledge", actor="wang")
    first = (await client.get(f"{SITE}/journal?limit=1")).json()
    assert [e["type"] for e in first["items"]] == ["alarm_acknowledged"]
    second = (await client.get(f"{SITE}/journal?limit=1&before={first['next']}")).json()
    assert ([e["type"] for e in second["items"]], second["next"]) == (["alarm_raised"], None)


async def test_order_sent_twice_is_one(yard: tuple[httpx.AsyncClient, Runtime]) -> None:
    client, _ = yard
    body = {
        "id": str(uuid.uuid4()), "actor": "li", "title": "Lamp broken", "priority": 2,
        "place": {"type": "space", "id": "t1/f3/corridor"},
    }  # fmt: skip
    answers = await asyncio.gather(*(client.post(f"{SITE}/work-orders", json=body) for _ in range(8)))
    assert {a.status_code for a in answers} == {200}
    assert {a.json()["id"] for a in answers} == {body["id"]}
    (order,) = (await client.get(f"{SITE}/work-orders")).json()["items"]
    assert order == (await client.get(f"{SITE}/work-orders/{body['id']}")).json()
    assert (order["title"], order["place"]["storey"]) == ({"zh": "Lamp broken", "en": "Lamp broken"}, "t1/f3")


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("alarms/alarm-1/commands", {"type": "acknowledge", "actor": "li"}, 404, "no alarm"),
        ("work-orders/x/commands", {"type": "accept", "actor": "li"}, 404, "no work order"),
        (f"alarms/{ALARM}/commands", {"type": "acknowledge", "actor": "wan"}, 422, "Did you mean wang"),
        (f"alarms/{ALARM}/commands", {"type": "shelve", "actor": "li"}, 422, "until"),
        (f"alarms/{ALARM}/commands", {"type": "shelve", "actor": "li", "until": "2020-01-01T00:00:00Z"}, 422, "until"),
        (f"alarms/{ALARM}/commands", {"type": "party", "actor": "li"}, 422, "body.type"),
        ("work-orders", {"actor": "li", "title": " ", "place": {"type": "building", "id": "t1"}}, 422, "title"),
        ("work-orders", {"actor": "li", "title": "x", "place": {"type": "building", "id": "t9"}}, 422, "t9"),
        ("work-orders", {"actor": "li", "title": "x", "place": {"type": "moon", "id": "t1"}}, 422, "moon"),
    ],
)  # fmt: skip
async def test_refusals_say_what_is_wrong(
    yard: tuple[httpx.AsyncClient, Runtime], path: str, body: dict[str, object], status: int, says: str
) -> None:
    client, runtime = yard
    burst(runtime)
    answer = await client.post(f"{SITE}/{path}", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]


async def test_forbidden_transition_is_a_conflict(yard: tuple[httpx.AsyncClient, Runtime]) -> None:
    client, runtime = yard
    burst(runtime)
    order = (await post(client, f"alarms/{ALARM}/commands", type="create_work_order", actor="wang")).json()
    answer = await post(client, f"work-orders/{order['id']}/commands", type="finish", actor="li")
    assert answer.status_code == 409
    assert "possible now: assign, cancel" in answer.json()["detail"]
    assert (await post(client, f"alarms/{ALARM}/commands", type="create_work_order", actor="li")).status_code == 409


async def test_staff_and_way_are_told_in_both_languages(yard: tuple[httpx.AsyncClient, Runtime]) -> None:
    client, _ = yard
    staff = (await client.get(f"{SITE}/staff")).json()["items"]
    assert staff[0]["name"] == {"zh": "李师傅", "en": "Li"}
    assert "phone" not in staff[0]
    way = (await client.get(f"{SITE}/route", params={"to": "smoke-1"})).json()
    assert way["steps"][1]["text"] == {"zh": "走20米后由入口进入1号楼", "en": "After 20 m enter Tower 1"}
    assert (await client.get(f"{SITE}/route", params={"to": "smoke-9"})).status_code == 404


async def test_ways_follow_opening_hours_at_the_time_asked_for(tmp_path: Path) -> None:
    site = make_site(LOW, HIGH)
    grounds = tuple(f.replace(hours="06:00-22:00") if f.id == "gate-south" else f for f in site.grounds)
    async with standing(site.replace(grounds=grounds), tmp_path) as runtime:
        transport = httpx.ASGITransport(create_app(runtime), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8750") as client:
            asked = {"to": "smoke-1", "profile": "resident"}
            opened = await client.get(f"{SITE}/route", params=asked | {"at": "2026-11-23T21:59"})
            assert opened.json()["refusal"] is None
            shut = await client.get(f"{SITE}/route", params=asked | {"at": "2026-11-23T14:00Z"})
            assert (shut.status_code, "every gate is closed at that time" in shut.json()["detail"]) == (422, True)
            assert (await client.get(f"{SITE}/route", params=asked | {"at": "tonight"})).status_code == 422


async def test_ways_are_told_for_who_asks_and_refusals_with_their_reason(
    yard: tuple[httpx.AsyncClient, Runtime],
) -> None:
    client, _ = yard
    asked = {"from": "gate-south", "to": "smoke-1", "profile": "wheelchair"}
    way = (await client.get(f"{SITE}/route", params=asked)).json()
    assert [leg["kind"] for leg in way["legs"]] == ["walk", "walk", "lift", "walk"]
    assert way["refusal"] is None
    shut = (await client.get(f"{SITE}/route", params=asked | {"without": "t1-lift"})).json()
    assert (shut["steps"], shut["refusal"]["obstacles"][0]["cause"]) == ([], "steps")
    assert shut["refusal"]["text"]["zh"].startswith("轮椅无法从南门到")
    near = (await client.get(f"{SITE}/route/nearest", params={"from": "gate-south", "kind": "gauge"})).json()
    assert (near["places"][0]["id"], near["way"]["length_m"]) == ("lone", pytest.approx(32, abs=0.1))
    tour = (await client.get(f"{SITE}/route/tour", params={"from": "gate-south", "stop": ["lone", "t1"]})).json()
    assert (tour["is_proven"], len(tour["ways"]), tour["stops"][0]) == (True, 3, "gate-south")
    assert (await client.get(f"{SITE}/route", params=asked | {"profile": "robot"})).status_code == 404
    off = (await client.get(f"{SITE}/route", params={"from": "900,900", "to": "t1"})).json()
    assert "m from the open ground" in off["refusal"]["text"]["en"]


async def test_ways_avoid_what_is_shut_and_what_burns_now(yard: tuple[httpx.AsyncClient, Runtime]) -> None:
    client, _ = yard

    async def way(**asked: str) -> dict[str, Any]:
        told = await client.get(f"{SITE}/route", params={"from": "gate-south", "to": "t1/f5/501/bed", **asked})
        answer: dict[str, Any] = told.json()
        return answer

    async def say(kind: str, of: str) -> None:
        said = await client.post(f"{SITE}/evacuation/commands", json={"type": kind, "object": of, "actor": "wang"})
        assert said.status_code == 200, said.text

    assert "lift" in [leg["kind"] for leg in (await way())["legs"]]
    await say("shut", "t1-lift")
    assert [leg["kind"] for leg in (await way())["legs"]] == ["walk", "walk", "stair", "walk"]
    assert (await way(profile="wheelchair"))["refusal"]["obstacles"][0]["cause"] in {"steps", "closed"}
    await say("burns", "t1/f5/corridor")
    assert (await way())["refusal"]["obstacles"][0] | {"text": "", "point_m": []} == {
        "cause": "closed", "id": "t1/f5/corridor", "point_m": [], "text": "",
    }  # fmt: skip
    assert (await way(profile="fire_crew"))["refusal"] is None
    await say("open", "t1/f5/corridor")
    assert (await way())["refusal"] is None


async def test_restart_brings_the_desk_back(tmp_path: Path) -> None:
    site = make_site(HIGH)
    async with standing(site, tmp_path) as runtime:
        burst(runtime)
        before = runtime.operations.desk
    async with standing(site, tmp_path) as runtime:
        assert runtime.operations.desk == before
        burst(runtime)
        assert runtime.operations.desk == before
    async with standing(make_site(), tmp_path) as runtime:  # the rule was taken out
        runtime.operations.evaluate(runtime.state, dt.datetime.now(dt.UTC))
        assert runtime.operations.desk.alarm(ALARM).state == "cleared"
