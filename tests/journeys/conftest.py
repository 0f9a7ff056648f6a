"""A live demo for all journeys, and a browser for each file of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journeys.sight import WAIT_MS, Heard, Sight
from viewer.bench.live import LiveSite, running
from viewer.errors import MissingPartError
from viewer.settings import Settings
from viewer.stills import ARGUMENTS, browser_path

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OFFLINE = ("--disable-component-update", "--disable-sync", "--no-first-run")
SITE = "riverside"

OpenPage = Callable[..., Sight]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """`plumbline demo` on an empty data folder, with its simulator heard."""
    with running(tmp_path_factory.mktemp("demo"), "demo", "--no-browser") as live:
        live.wait_for(lambda: bool(live.get(f"sites/{SITE}/simulator")["running"]), 30.0, "hearing of the simulator")
        yield live


@pytest.fixture(scope="session")
def built_pages() -> None:
    """Skip where the pages are not built."""
    if not (Settings().static_folder / "index.html").is_file():
        pytest.skip("the pages are not built: python viewer/build_hook.py run build")


# a file at a time: Playwright's event loop would stand in the way of tests that have their own
@pytest.fixture(scope="module")
def browser(built_pages: None) -> Iterator[Browser]:
    """This machine's Chromium, drawing without a graphics card."""
    del built_pages
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs the browser extra")
    try:
        program = browser_path()
    except MissingPartError as error:
        pytest.skip(str(error))
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *OFFLINE])
        yield launched
        launched.close()


@pytest.fixture
def heard() -> Heard:
    """Requests and complaints of all pages of this test."""
    return Heard()


@pytest.fixture
def open_page(browser: Browser, heard: Heard) -> Iterator[OpenPage]:
    """Opens an address in a fresh context; closed, and checked for complaints, at the end."""
    contexts = []
    darkroom = browser.new_page()

    def opened(url: str, *, width: int = 1440, height: int = 900, language: str = "en") -> Sight:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN" if language == "zh" else "en-GB",
            has_touch=width < 500,
        )
        contexts.append(context)
        heard.listen(context)
        context.set_default_timeout(WAIT_MS)
        sight = Sight(context.new_page(), darkroom)
        sight.open(url + ("&" if "?" in url else "?") + "quality=low")
        return sight

    yield opened
    for context in contexts:
        context.close()
    darkroom.close()
    assert heard.complaints == []


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """An empty folder for a server of one's own."""
    return tmp_path / "data"
