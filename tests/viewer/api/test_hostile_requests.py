"""Whatever is asked, the server answers: with what was asked for or with a problem, never with a failure of its own."""

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.anyio

READS = (
    "/api/sites/{}",
    "/api/sites/{}/index",
    "/api/sites/small/objects/device/{}",
    "/api/sites/small/objects/space/{}",
    "/api/sites/small/objects/pipe/{}",
    "/api/sites/small/objects/{}/x",
    "/api/sites/small/storeys/{}/plan.geojson",
    "/{}",
)

anything = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


def quoted(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))


@anything
@given(path=st.sampled_from(READS), part=st.text(max_size=60))
async def test_any_id_in_a_path(client: httpx.AsyncClient, path: str, part: str) -> None:
    answer = await client.get(path.format(quoted(part)))
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"


@anything
@given(query=st.text(max_size=300), limit=st.one_of(st.integers(), st.text(max_size=5)))
async def test_any_search(client: httpx.AsyncClient, query: str, limit: object) -> None:
    answer = await client.get(f"/api/sites/small/search?q={quoted(query)}&limit={quoted(str(limit))}")
    assert answer.status_code in {200, 422}


@anything
@given(
    name=st.sampled_from(["host", "origin", "if-none-match", "accept-encoding", "content-length", "range"]),
    value=st.binary(max_size=80).filter(lambda v: not set(v) & set(b"\r\n\x00")),
)
async def test_any_header(client: httpx.AsyncClient, name: str, value: bytes) -> None:
    request = client.build_request("GET", "/api/sites/small/index")
    if name in request.headers:
        del request.headers[name]
    request.headers.raw.append((name.encode(), value))
    assert (await client.send(request)).status_code < 500
