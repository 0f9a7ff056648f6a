"""Leaks over the web interface."""

import httpx
import pytest

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
