"""The interface's description is a promise: it changes on purpose only.

To change it: ``PLUMBLINE_WRITE_GOLDEN=1 python -m pytest tests/viewer/test_openapi.py`` and read the difference.
"""

import json
import os
import re
from pathlib import Path

import httpx
import pytest

GOLDEN = Path(__file__).parents[1] / "golden" / "openapi.json"
API_DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def openapi(client: httpx.AsyncClient) -> dict[str, object]:
    body: dict[str, object] = (await client.get("/api/openapi.json")).json()
    return body


async def test_the_interface_is_the_golden_one(openapi: dict[str, object]) -> None:
    # schemas are pydantic's, whose words for the same thing may change between its versions
    text = json.dumps(openapi, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if os.environ.get("PLUMBLINE_WRITE_GOLDEN") == "1":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


async def test_every_route_says_what_it_does_and_how_it_fails(openapi: dict[str, object]) -> None:
    paths = openapi["paths"]
    assert isinstance(paths, dict)
    for path, methods in paths.items():
        for method, route in methods.items():
            assert route.get("description"), f"{method} {path} has no docstring"
            assert route.get("tags"), f"{method} {path} has no tag"
            if "{" in path:
                assert "404" in route["responses"], f"{method} {path} does not say that it may find nothing"
            for status, answer in route["responses"].items():
                if status >= "400":
                    assert list(answer["content"]) == ["application/problem+json"], f"{method} {path} {status}"


async def test_every_route_is_in_the_document(openapi: dict[str, object]) -> None:
    written = set(re.findall(r"(?:GET|POST) (/api/[^?` ]+)", API_DOCUMENT.read_text(encoding="utf-8")))
    shapes = {re.sub(r"\{[^}]+\}", "{}", path) for path in written}
    paths = openapi["paths"]
    assert isinstance(paths, dict)
    served = {re.sub(r"\{[^}]+\}", "{}", path) for path in paths}
    assert served <= shapes
