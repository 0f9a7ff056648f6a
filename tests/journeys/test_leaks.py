"""A main bursts: the page shows the leak where it is, the valves, the order, and that its repair is to be confirmed.

The estate lives 120 times as fast here, on a server of its own: the other journeys count alarms and orders.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.journeys.conftest import SITE, OpenPage
from tests.journeys.sight import Sight
from viewer.bench.live import LiveSite, running

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PIPE = "domestic-water/M-P12"
SPEED = 120
PATIENCE_S = 240.0
"""Two readings of the slowest meter around the ring, and two looks, at this speed on a busy machine."""


@pytest.fixture(scope="module")
def bursting(tmp_path_factory: pytest.TempPathFactory, built_pages: None) -> Iterator[LiveSite]:
    """A demo whose ring main has burst, and whose monitor has said so."""
    del built_pages
    with running(tmp_path_factory.mktemp("bursting"), "demo", "--no-browser", "--speed", str(SPEED)) as live:
        live.wait_for(lambda: bool(live.get(f"sites/{SITE}/simulator")["running"]), 30.0, "hearing of the simulator")
        # what is usual must have been seen before what is not
        live.wait_for(lambda: live.get(f"sites/{SITE}/leaks")["status"] == "learning", PATIENCE_S, "the first look")
        command(live, {"action": "start", "incident": "burst", "target": PIPE})
        live.wait_for(lambda: bool(live.get(f"sites/{SITE}/leaks")["leaks"]), PATIENCE_S, "finding the burst")
        yield live


def command(live: LiveSite, what: dict[str, object]) -> None:
    live.post(f"sites/{SITE}/simulator/commands", {**what, "actor": "huang-wei"})


def state_of(sight: Sight) -> str:
    state: str = sight.page.evaluate("window.plumbline.store.leak(window.plumbline.store.openLeak.value)?.state ?? ''")
    return state


def assert_prints_with_its_picture(page: Page) -> None:
    printed = page.evaluate(
        """async () => {
          const button = document.querySelector(".leak-detail button[aria-label=Print]");
          const pictured = new Promise((done) => {
            window.print = () => done(document.querySelector(".leak-detail .paper-only img")?.src.length ?? 0);
          });
          button.click();
          return await pictured;
        }"""
    )
    assert printed > 20_000  # a picture of the view, not an empty sheet
    page.emulate_media(media="print")
    assert page.locator(".letterhead").is_visible()
    assert not page.locator(".header").is_visible()
    assert not page.locator(".leak-detail .card-actions").is_visible()
    page.emulate_media(media="screen")


def test_a_burst_is_shown_located_shut_off_ordered_and_confirmed_later(bursting: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(bursting.url)
    page = sight.page
    page.get_by_role("tab", name="Leaks").click()
    page.get_by_role("button", name="As a picture").click()
    districts = [d for d in bursting.get(f"sites/{SITE}/leaks")["districts"] if d["network"] == "domestic-water"]
    page.get_by_role("dialog").locator(".balance-box").nth(len(districts) - 1).wait_for()
    page.keyboard.press("Escape")
    page.locator("button.leak").first.click()
    page.get_by_role("heading", name="Where").wait_for()
    found = next(leak for leak in bursting.get(f"sites/{SITE}/leaks")["leaks"] if leak["network"] == "domestic-water")
    assert found["size_m3_per_s"] * 3600 > 8
    assert PIPE in {c["id"] for c in found["candidates"]}
    shades = page.evaluate(
        "Object.fromEntries([...window.plumbline.store.overlay.value.shades].map(([k, s]) => [k, s.level]))"
    )
    assert max(shades, key=lambda key: shades[key]) == f"pipe:{found['candidates'][0]['id']}"
    sight.until_still()
    assert page.locator(".scene-label.mark-heat:not([hidden])").count() >= 1
    assert page.locator(".overlay-key .ticks").is_visible()
    assert_prints_with_its_picture(page)
    page.get_by_role("button", name="Show valves").click()
    page.locator(".plan ol.valves li").first.wait_for()
    page.get_by_role("tab", name="Leaks").click()
    page.get_by_role("button", name="Open work order").click()
    page.get_by_role("dialog").get_by_role("button", name="Open work order").click()
    sight.until("window.plumbline.store.leak(window.plumbline.store.openLeak.value)?.state === 'repairing'")
    order = page.evaluate("window.plumbline.store.leak(window.plumbline.store.openLeak.value).work_order")
    assert bursting.get(f"sites/{SITE}/work-orders/{order}")["state"] == "requested"
    command(bursting, {"action": "stop", "incident": "burst", "target": PIPE})
    page.get_by_role("button", name="Repaired", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="It is repaired").click()
    sight.until("window.plumbline.store.leak(window.plumbline.store.openLeak.value)?.state === 'confirming'")
    page.locator(".callout.wait").wait_for()
    assert state_of(sight) == "confirming"
    page.get_by_role("button", name="Take back the repair").click()
    page.get_by_role("dialog").get_by_role("button", name="Take back the repair").click()
    sight.until("window.plumbline.store.leak(window.plumbline.store.openLeak.value)?.state === 'repairing'")
