"""Pages hold what the accessibility guidelines can be checked for by a program: names, roles, contrast, order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.conftest import OpenPage
from tests.journeys.sight import Sight
from viewer.bench.live import LiveSite

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "viewer" / "web" / "node_modules" / "axe-core" / "axe.min.js"
FILLED = {"coverage": ".cover-row", "evacuation": ".clear-row"}
"""What is there when a panel has its answer."""
PIPE = "domestic-water/M-P12"


def violations(sight: Sight) -> list[str]:
    """What axe finds amiss on the page as it is now, each with the first thing it concerns."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: python viewer/build_hook.py run build")
    sight.page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    found: list[str] = sight.page.evaluate(
        """async () => {
          const { violations } = await axe.run(document, { resultTypes: ["violations"] });
          return violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 160)}`);
        }"""
    )
    return found


@pytest.mark.parametrize(("path", "language", "theme"), [("", "en", "light"), ("map", "zh", "dark")])
def test_every_panel_keeps_the_accessibility_rules(
    path: str, language: str, theme: str, demo: LiveSite, open_page: OpenPage
) -> None:
    sight = open_page(f"{demo.url}{path}?theme={theme}", language=language)
    found = {}
    for tab in ("selection", "alarms", "leaks", "coverage", "evacuation", "orders", "site"):
        sight.page.evaluate(f"window.plumbline.store.detailTab.value = {tab!r}")
        if tab in FILLED:
            sight.page.locator(FILLED[tab]).first.wait_for()
        found[tab] = violations(sight)
    sight.page.evaluate(f"window.plumbline.store.select({{ type: 'pipe', id: {PIPE!r} }})")
    sight.page.locator(".panel.right .card code.id").wait_for()
    found["pipe"] = violations(sight)
    assert {tab: faults for tab, faults in found.items() if faults} == {}
