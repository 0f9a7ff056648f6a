"""Every page in both languages, on a desk and on a phone: nothing from elsewhere, no complaint, nothing cut off."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.journeys.conftest import OpenPage
from tests.journeys.sight import Heard
from viewer.bench.live import LiveSite

pytestmark = pytest.mark.browser

SIZES = ((1440, 900), (390, 844))


@pytest.mark.parametrize("path", ["", "map", "crew"])
@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_keeps_to_its_host_and_width_and_says_no_error(
    path: str, size: tuple[int, int], language: str, demo: LiveSite, open_page: OpenPage, heard: Heard
) -> None:
    sight = open_page(f"{demo.url}{path}", width=size[0], height=size[1], language=language)
    assert sight.page.evaluate("document.documentElement.lang").startswith(language)
    if path == "crew":
        sight.page.locator(".people button").first.click()
        sight.page.locator(".whoami").wait_for()
    elif size[0] < 500:
        # every sheet of the phone, one after the other
        for sheet in sight.page.locator(".sheet-bar button").all():
            sheet.click()
            assert sight.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sight.until("window.plumbline.store.connection.value === 'live'")
    wide, shown = sight.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= shown
    assert any(url.startswith("ws") for url in heard.requests)
    assert heard.hosts() == {urlsplit(demo.url).netloc}
    assert heard.complaints == []
