"""Who is answered, how much is read, what the browser is told to forbid; and the one shape of errors."""

import httpx
import pytest

from viewer.guards import answers_to, host_name
from viewer.settings import Settings

pytestmark = pytest.mark.anyio


def assert_problem(response: httpx.Response, status: int) -> dict[str, object]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = response.json()
    assert {"type", "title", "status", "detail"} <= body.keys()
    assert body["status"] == status
    return body


async def test_foreign_host_names_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/sites", headers={"Host": "evil.example:8750"})
    assert "evil.example" in str(assert_problem(answer, 421)["detail"])


@pytest.mark.parametrize("host", ["localhost:8750", "127.0.0.1", "[::1]:8750", "LOCALHOST"])
async def test_loopback_names_are_answered(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/api/sites", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("authority", ["", "a b", "[::1", "\x00", "localhost@evil.example", "127.0.0.1.evil.example"])
def test_odd_hosts_are_not_ours(authority: str) -> None:
    assert not answers_to(host_name(authority), Settings())


async def test_commands_from_a_foreign_page_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/sites", headers={"Origin": "http://evil.example"})
    assert_problem(answer, 403)


async def test_commands_from_our_own_page_pass_the_guard(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/sites", headers={"Origin": "http://127.0.0.1:8750"})
    assert_problem(answer, 405)  # the route has no POST; the guard let it through


async def test_a_body_over_the_limit_is_refused_before_it_is_read(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/sites", content=b"x" * 1_000_001)
    assert_problem(answer, 413)


async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient) -> None:
    for path in ("/api/sites", "/api/nothing", "/"):
        headers = (await client.get(path)).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "http" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


async def test_unknown_paths_and_sites_are_problems(client: httpx.AsyncClient) -> None:
    assert_problem(await client.get("/api/nothing"), 404)
    assert "Did you mean small?" in str(assert_problem(await client.get("/api/sites/smal"), 404)["detail"])
    assert_problem(await client.get("/api/sites/UPPER"), 422)


@pytest.mark.parametrize("path", ["/../pyproject.toml", "/%2e%2e/app.py", "/..%2f..%2fpyproject.toml", "/%00", "/x.js"])
async def test_pages_never_leave_their_folder(client: httpx.AsyncClient, path: str) -> None:
    assert_problem(await client.get(path), 404)


async def test_documents_the_client_has_are_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/api/sites/small/index")
    assert first.headers["content-encoding"] == "gzip"
    again = await client.get("/api/sites/small/index", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    plain = await client.get("/api/sites/small/index", headers={"Accept-Encoding": "identity"})
    assert plain.content == first.content
