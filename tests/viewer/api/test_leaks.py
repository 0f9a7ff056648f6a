"""Leaks over the web interface."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest

from live_bindings.runtime import Runtime
from tests.twin.operations.conftest import make_site
from tests.twin.operations.leak_reports import leak, report, with_water
from tests.viewer.conftest import client_of, standing
from twin.leaks.repair import UNKNOWN
from twin.operations.leak_watch import Memory

pytestmark = pytest.mark.anyio


async def test_estate_without_meters_says_what_it_cannot_answer(client: httpx.AsyncClient) -> None:
    (site,) = (await client.get("/api/sites")).json()["items"]
    answer = await client.get(f"/api/sites/{site['id']}/leaks")
    assert answer.status_code == 200
    report = answer.json()
    assert (report["status"], report["leaks"], report["past"]) == ("blind", [], [])
    assert report["at"].endswith("Z")
    assert all(u["why"]["zh"] and u["why"]["en"] and u["mend"]["en"] for u in report["unanswered"])
    assert report["unanswered"]


async def test_past_moment_is_told_as_it_was_known(client: httpx.AsyncClient) -> None:
    (site,) = (await client.get("/api/sites")).json()["items"]
    report = (await client.get(f"/api/sites/{site['id']}/leaks?at=2026-03-01T08:00:00Z")).json()
    assert report["at"] == "2026-03-01T08:00:00Z"
    assert report["window"]["end"] <= "2026-03-01T08:00:00Z"


@pytest.mark.parametrize(
    ("path", "status"), [("leaks/nothing", 404), ("leaks?at=yesterday", 422), ("leaks?at=2026-03-01T08:00:00", 422)]
)
async def test_refusals_are_problems(client: httpx.AsyncClient, path: str, status: int) -> None:
    (site,) = (await client.get("/api/sites")).json()["items"]
    answer = await client.get(f"/api/sites/{site['id']}/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.fixture
async def leaking(tmp_path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Runtime]]:
    """An estate whose monitor has just found a leak."""
    async with standing(with_water(make_site()), tmp_path) as runtime:
        runtime.leak_monitor.look()
        runtime.operations.follow_leaks(report(leak()), Memory(), lambda _leak, _since: UNKNOWN)
        async with client_of(runtime) as client:
            yield client, runtime


async def test_leak_becomes_alarm_order_and_confirmation(leaking: tuple[httpx.AsyncClient, Runtime]) -> None:
    client, _ = leaking
    site = "/api/sites/yard"
    (found,) = (await client.get(f"{site}/leaks")).json()["leaks"]
    (alarm,) = (await client.get(f"{site}/alarms?state=active")).json()["items"]
    assert (found["state"], found["alarm"], alarm["place"]["type"]) == ("located", alarm["id"], "pipe")
    path = f"{site}/leaks/{found['id']}"
    ordered = (await client.post(f"{path}/commands", json={"type": "create_work_order", "actor": "wang"})).json()
    assert ordered["state"] == "repairing"
    order = (await client.get(f"{site}/work-orders/{ordered['work_order']}")).json()
    assert (order["skill"], order["place"]["id"]) == ("plumbing", "water/P1")
    way = (await client.get(f"{site}/route", params={"to": order["place"]["id"], "from": ""})).json()
    assert way["steps"][-1]["text"]["en"] == "After 11 m arrive at main P1"
    said = (await client.post(f"{path}/commands", json={"type": "report_repaired", "actor": "li"})).json()
    assert (said["state"], said["confirmation"]["state"]) == ("confirming", "waiting")
    shown = (await client.get(path)).json()
    assert (shown["id"], shown["state"], shown["balance"]) == (found["id"], "confirming", None)
    refused = await client.post(f"{path}/commands", json={"type": "report_repaired", "actor": "li"})
    assert (refused.status_code, "possible now" in refused.json()["detail"]) == (409, True)
    wrong = await client.post(f"{path}/commands", json={"type": "dismiss", "actor": "li"})
    assert (wrong.status_code, "reason" in wrong.json()["detail"]) == (422, True)
    lines = (await client.get(f"{site}/journal", params={"object": found["id"]})).json()["items"]
    assert [e["type"] for e in lines][::-1] == ["leak_suspected", "leak_located", "leak_repair_reported"]


async def test_order_for_a_pipe_can_be_asked_for(leaking: tuple[httpx.AsyncClient, Runtime]) -> None:
    client, _ = leaking
    body = {"title": "Shut P2", "place": {"type": "pipe", "id": "water/P2"}, "actor": "wang"}
    order = (await client.post("/api/sites/yard/work-orders", json=body)).json()
    assert (order["place"]["type"], order["place"]["name"]["en"]) == ("pipe", "branch P2")


async def test_journal_with_leaks_is_read_back_after_a_restart(tmp_path: Path) -> None:
    site = with_water(make_site())
    async with standing(site, tmp_path) as runtime:
        runtime.operations.follow_leaks(report(leak()), Memory(), lambda _leak, _since: UNKNOWN)
        before = runtime.operations.desk.leaks
    async with standing(site, tmp_path) as runtime:
        assert msgspec.json.encode(runtime.operations.desk.leaks) == msgspec.json.encode(before)
        assert runtime.operations.journal.verify().broken_seq is None


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ("0001-01-01T00:00:00Z", "between 1970 and 3000"),
        ("0001-01-01T00:00:00+14:00", "between 1970 and 3000"),
        ("9999-12-31T23:59:59-12:00", "between 1970 and 3000"),
        ("99999999999999", "between 1970 and 3000"),  # milliseconds, and a digit too many
        ("1e400", ""),
        ("2026-02-30T00:00:00Z", ""),
        ("2199-01-01T00:00:00Z", "has not come yet"),
    ],
)
async def test_moment_that_cannot_be_is_refused_with_its_place(client: httpx.AsyncClient, at: str, says: str) -> None:
    answer = await client.get("/api/sites/small/leaks", params={"at": at})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    (fault,) = answer.json()["errors"]
    assert fault["place"] == "query.at"
    assert says in fault["message"]


async def test_moment_is_answered_in_utc_whatever_its_zone(client: httpx.AsyncClient) -> None:
    here, there = [
        (await client.get("/api/sites/small/leaks", params={"at": at})).json()
        for at in ("2026-03-01T08:00:00+08:00", "2026-03-01T00:00:00Z")
    ]
    assert here["at"] == there["at"] == "2026-03-01T00:00:00Z"
    assert here == there


@pytest.mark.parametrize(
    "body",
    [
        {"actor": "wang"},
        {"type": "mend", "actor": "wang"},
        {"type": "dismiss", "actor": 3, "reason": []},
        {"type": "dismiss", "actor": "wang", "reason": "x" * 100_000},
        {"type": "dismiss", "actor": "nobody", "reason": "a pump test"},
        {"type": "dismiss", "actor": "wang", "reason": "a pump test", "size_m3_per_s": 1e308},
        [],
    ],
)
async def test_command_that_cannot_be_is_a_problem_and_changes_nothing(
    leaking: tuple[httpx.AsyncClient, Runtime], body: object
) -> None:
    client, _ = leaking
    (found,) = (await client.get("/api/sites/yard/leaks")).json()["leaks"]
    answer = await client.post(f"/api/sites/yard/leaks/{found['id']}/commands", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["detail"]
    (after,) = (await client.get("/api/sites/yard/leaks")).json()["leaks"]
    assert after["state"] == found["state"]


async def test_commands_out_of_order_are_refused_with_what_is_possible(
    leaking: tuple[httpx.AsyncClient, Runtime],
) -> None:
    client, _ = leaking
    (found,) = (await client.get("/api/sites/yard/leaks")).json()["leaks"]
    path = f"/api/sites/yard/leaks/{found['id']}/commands"
    reopened = await client.post(path, json={"type": "reopen", "actor": "wang", "reason": "it was there"})
    assert (reopened.status_code, "possible now" in reopened.json()["detail"]) == (409, True)
    unknown = await client.post(f"{path[:-9]}x/commands", json={"type": "report_repaired", "actor": "wang"})
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:plumbline:problem:unknown-id")
