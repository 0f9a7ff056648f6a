"""An incident is seen at once: in the colours of the scene and in the list of alarms.

How soon is written into the report (`seconds_until_coloured`), not asserted: a slow machine is no fault of the page's.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from tests.journeys.conftest import SITE, OpenPage
from tests.journeys.sight import Box, Sight, differing
from viewer.bench.live import LiveSite

pytestmark = pytest.mark.browser

PATIENCE_S = 20.0
AROUND_PX = 24


def standing_before(sight: Sight, device: str) -> Box:
    """Bring a device into sight, alone; the part of the page around it."""
    point = sight.device_point_m(device)
    sight.page.evaluate("(p) => window.plumbline.store.flyTo(p, 10)", point)
    sight.until_still()
    sight.show_scene_alone(hidden=".scene-labels, .toasts")
    x, y, visible = sight.project(point)
    assert visible
    return x - AROUND_PX, y - AROUND_PX, x + AROUND_PX, y + AROUND_PX


def seconds_until_coloured(sight: Sight, around: Box, colour: str, start: Callable[[], object]) -> float:
    """Time from a start until pixels around the device have changed into about a colour of the page."""
    before = sight.picture(around)
    wanted = np.array(
        sight.page.evaluate(
            """(name) => {
              const context = new OffscreenCanvas(1, 1).getContext("2d");
              context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name);
              context.fillRect(0, 0, 1, 1);
              return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
            }""",
            colour,
        ),
        np.int16,
    )
    started_s = time.monotonic()
    start()
    while time.monotonic() - started_s < PATIENCE_S:
        now = sight.picture(around)
        seen_s = time.monotonic() - started_s
        new = differing(before, now)
        if (new & (np.abs(now - wanted).max(axis=2) < 60)).sum() >= 20:
            return seen_s
    pytest.fail(f"the colours around the device never turned {colour}")


def alarm_of(sight: Sight, device: str) -> str:
    """State of the alarm of a device as the page holds it; empty if there is none."""
    state: str = sight.page.evaluate(
        "(id) => window.plumbline.store.activeAlarms.value.find((a) => a.device === id)?.state ?? ''", device
    )
    return state


def stopped(demo: LiveSite, incident: str, target: str) -> None:
    command: dict[str, object] = {"action": "stop", "incident": incident, "target": target, "actor": "huang-wei"}
    demo.post(f"sites/{SITE}/simulator/commands", command)


def test_an_incident_started_on_the_page_colours_its_device(
    demo: LiveSite, open_page: OpenPage, record_property: Callable[[str, object], None]
) -> None:
    sight = open_page(demo.url)
    around = standing_before(sight, "lane-t2")
    assert alarm_of(sight, "lane-t2") == ""
    page = sight.page
    page.get_by_role("tab", name="Site").click()
    page.get_by_role("radio", name="Car on the fire lane").click()
    page.get_by_label("Target").fill("lane-t2")
    button = page.get_by_role("button", name="Start", exact=True)
    try:
        seen_s = seconds_until_coloured(sight, around, "--major", button.click)
        record_property("seconds_until_coloured", round(seen_s, 2))
        assert alarm_of(sight, "lane-t2") == "raised"
        page.get_by_role("tab", name="Alarms").click()
        page.locator(".panel.right .alarm", has_text="Fire lane").first.wait_for()
    finally:
        stopped(demo, "lane_blocked", "lane-t2")


def test_an_incident_started_through_the_interface_colours_its_device(
    demo: LiveSite, open_page: OpenPage, record_property: Callable[[str, object], None]
) -> None:
    sight = open_page(demo.url)
    around = standing_before(sight, "per-5")
    command: dict[str, object] = {"action": "start", "incident": "intruder", "target": "per-5", "actor": "huang-wei"}
    try:
        seen_s = seconds_until_coloured(
            sight, around, "--critical", lambda: demo.post(f"sites/{SITE}/simulator/commands", command)
        )
        record_property("seconds_until_coloured", round(seen_s, 2))
        assert alarm_of(sight, "per-5") == "raised"
    finally:
        stopped(demo, "intruder", "per-5")
