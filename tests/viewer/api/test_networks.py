"""Shut-downs, notices and traces over the web interface."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.twin.riverside_in_small import INP, small_site
from tests.viewer.conftest import client_of, standing
from twin.model.base import Text
from twin.model.networks import LinkTie, NodeTie, SiteNetwork

pytestmark = pytest.mark.anyio

URL = "/api/sites/{site}/networks/water"


@pytest.fixture(scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """A site whose first pipe is a valve before the second, and whose name wants escaping."""
    network = SiteNetwork(
        id="water", kind="domestic_water", inp=INP.replace("J1  0  0.1", "J1  0"),
        nodes={"1": NodeTie(space="tower-1/f2/01", asset="tap")}, links={"P1": LinkTie(asset="isolation_valve")},
    )  # fmt: skip
    site = small_site().replace(networks=(network,), name=Text(zh="<b>河滨</b>", en="Riverside <script>"))
    async with standing(site, tmp_path_factory.mktemp("data")) as runtime, client_of(runtime) as made:
        made.base_url = made.base_url.copy_with(path=URL.format(site=site.id) + "/")
        yield made


async def test_a_plan_names_valves_and_flats(client: httpx.AsyncClient) -> None:
    plan = (await client.get("isolation?pipe=P2")).json()
    assert [(v["valve"], v["order"], v["state"]) for v in plan["close"]] == [("water/P1", 1, "unknown")]
    assert plan["without_water"]["flats"] == ["tower-1/f2/01"]
    assert plan["checked"]
    assert plan["isolated"] == ["water/P2"]
    assert (await client.get("isolation?pipe=water/P2")).json() == plan


async def test_a_trace_follows_the_water(client: httpx.AsyncClient) -> None:
    down = (await client.get("trace?from=J1&direction=downstream")).json()
    assert (down["pipes"], down["ends"], down["flats"], down["by"]) == (["water/P2"], ["water/1"], 1, "flow")
    up = (await client.get("trace?from=water/P2&direction=upstream")).json()
    assert up["nodes"] == ["water/J1", "water/R1"]


async def test_flows_tell_the_way_of_every_pipe(client: httpx.AsyncClient) -> None:
    told = (await client.get("flows")).json()
    assert (told["by"], told["at"][-1]) == ("flow", "Z")
    assert {f["pipe"] for f in told["items"]} >= {"water/P1", "water/P2"}
    assert all(f["way"] in {-1, 0, 1} and f["flow_m3_per_s"] >= 0 for f in told["items"])
    assert (await client.get("../nothing/flows")).status_code == 404


async def test_findings_of_a_network_without_devices_are_none(client: httpx.AsyncClient) -> None:
    answer = await client.get("findings")
    assert (answer.status_code, answer.json()) == (200, {"items": [], "hydrants": []})


async def test_a_notice_is_one_page_in_both_languages_and_quotes_nothing_raw(client: httpx.AsyncClient) -> None:
    answer = await client.get("isolation/notice?pipe=P2&start=2026-11-24T01:00:00Z&hours=3.5")
    assert answer.headers["content-type"].startswith("text/html")
    page = answer.text
    assert "2026年11月24日（周二）09:00" in page
    assert "Tuesday 24 November 2026, 12:30" in page
    assert "停水通知" in page
    assert "201" in page
    assert "<script>" not in page
    assert "&lt;b&gt;" in page
    assert "http" not in page
    assert "src=" not in page


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("isolation?pipe=P9", 404, "P9"),
        ("isolation?pipe=P2&stuck=P1", 422, "free or replace"),
        ("isolation?pipe=P2&stuck=P2", 422, "not one of the network's isolation valves"),
        ("isolation?pipe=P1", 422, "R1"),
        ("isolation", 422, "query.pipe"),
        ("../gas/findings", 404, "gas"),
        ("isolation?pipe=P2&hours=0", 422, "query.hours"),
        ("trace?from=nowhere", 404, "nowhere"),
        ("trace?from=J1&direction=sideways", 422, "query.direction"),
        ("isolation/notice?pipe=P2&start=tomorrow", 422, "query.start"),
        ("isolation/notice?pipe=P2&start=9999-12-31T23:00:00Z", 422, "query.start"),
        ("../gas/trace?from=J1", 404, "gas"),
    ],
)
async def test_refusals_say_what_is_wrong(client: httpx.AsyncClient, path: str, status: int, says: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert says in answer.json()["detail"]


async def test_what_would_be_found_is_told_for_every_pipe(client: httpx.AsyncClient) -> None:
    answer = (await client.get("identifiability?size_m3_per_s=0.001&sensors=1")).json()
    assert [p["id"] for p in answer["pipes"]] == ["water/P1", "water/P2"]
    assert all(p["found_after_s"] is None and p["smallest_m3_per_s"] is None for p in answer["pipes"])  # no sensor
    assert answer["apart_ratio"] == 0.0
    assert answer["bound_ratio"] >= sum(s["gain_ratio"] for s in answer["next_sensors"])
    for bad in ("identifiability", "identifiability?size_m3_per_s=0", "identifiability?size_m3_per_s=nan"):
        assert (await client.get(bad)).status_code == 422
