"""From an alarm to the journal: the desk makes an order of it, the crew goes and finishes, all of it is kept."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.journeys.conftest import SITE, OpenPage
from viewer.bench.live import LiveSite

pytestmark = pytest.mark.browser

LIFT = "lift-t3-1"
MECHANIC = "zhao-gang"


def commands(demo: LiveSite, order_id: str) -> list[tuple[str, str]]:
    """Who did what to an order, as the journal has it, in the order of time."""
    items: list[dict[str, Any]] = demo.get(f"sites/{SITE}/journal?object={order_id}&limit=50")["items"]
    return [(item["actor"], item["type"]) for item in reversed(items)]


def test_an_alarm_becomes_an_order_that_the_crew_finishes(demo: LiveSite, open_page: OpenPage) -> None:
    desk = open_page(demo.url)
    command: dict[str, object] = {"action": "start", "incident": "lift_stuck", "target": LIFT, "actor": "huang-wei"}
    demo.post(f"sites/{SITE}/simulator/commands", command)
    try:
        desk.page.get_by_label("I am").select_option("huang-wei")
        desk.page.get_by_role("tab", name="Alarms").click()
        trapped = desk.until(
            f"window.plumbline.store.activeAlarms.value.find((a) => a.device === {LIFT!r} && a.severity === 'critical')"
        )
        row = desk.page.locator(".panel.right .alarm", has_text=trapped["name"]["en"]).first
        row.get_by_role("button", name="Acknowledge").click()
        desk.until(f"window.plumbline.store.alarms.value.get({trapped['id']!r}).state === 'acknowledged'")
        desk.page.locator(".panel.right .alarms").get_by_role("radio", name="All").click()
        row.get_by_role("button", name="Make work order").click()
        dialog = desk.page.get_by_role("dialog")
        dialog.get_by_label("Assignee").select_option(MECHANIC)
        dialog.locator("button[type=submit]").click()
        dialog.wait_for(state="detached")
        order_id = desk.until(f"window.plumbline.store.alarms.value.get({trapped['id']!r}).work_order")

        crew = open_page(f"{demo.url}crew", width=390, height=844)
        crew.page.get_by_role("button", name="Zhao Gang").click()
        crew.page.locator(".crew-order").first.click()
        crew.page.locator(".way li").first.wait_for()
        assert "Tower 3" in crew.page.locator(".crew-facts").inner_text()
        for step, state in (("Accept", "accepted"), ("Start", "in_progress")):
            crew.page.get_by_role("button", name=step, exact=True).click()
            # the desk sees it without asking
            desk.until(f"window.plumbline.store.orders.value.get({order_id!r})?.state === {state!r}")
        crew.page.get_by_label("Note").fill("Door opened, two people out, both well.")
        crew.page.get_by_role("button", name="Finish", exact=True).click()
        desk.until(f"window.plumbline.store.orders.value.get({order_id!r})?.state === 'done'")
    finally:
        demo.post(f"sites/{SITE}/simulator/commands", {**command, "action": "stop"})
    kept = commands(demo, order_id)
    assert [actor for actor, _ in kept] == ["huang-wei", "huang-wei", MECHANIC, MECHANIC, MECHANIC]
    finished = demo.get(f"sites/{SITE}/work-orders/{order_id}")
    assert finished["state"] == "done"
    assert finished["steps"][-1]["note"] == "Door opened, two people out, both well."


def test_an_order_has_an_address_and_the_back_button_closes_it(demo: LiveSite, open_page: OpenPage) -> None:
    order_id = str(uuid4())
    order: dict[str, object] = {"title": "Look at the lift", "place": {"type": "device", "id": LIFT}, "priority": 3}
    demo.post(f"sites/{SITE}/work-orders", {**order, "actor": "huang-wei", "id": order_id})
    assign: dict[str, object] = {"type": "assign", "actor": "huang-wei", "assignee": MECHANIC}
    demo.post(f"sites/{SITE}/work-orders/{order_id}/commands", assign)
    crew = open_page(f"{demo.url}crew", width=390, height=844)
    crew.page.get_by_role("button", name="Zhao Gang").click()
    crew.page.locator(".crew-order", has_text="Look at the lift").click()
    # the plan of the storey on which the work is, and the stretch outdoors
    crew.page.locator(".crew-map canvas").wait_for()
    crew.page.get_by_role("radio", name="Outdoors").click()
    assert crew.page.url.startswith(f"{demo.url}crew/orders/{order_id}")
    crew.page.go_back()
    crew.page.locator(".crew-order", has_text="Look at the lift").wait_for()
    # the address alone opens it, on a phone that knows who holds it
    crew.page.goto(f"{demo.url}crew/orders/{order_id}", wait_until="commit")
    crew.page.get_by_role("heading", name="Look at the lift").wait_for()
    crew.page.get_by_role("button", name="Back", exact=True).click()
    crew.page.locator(".whoami").wait_for()


def test_the_map_shows_the_way_to_a_flat_and_from_there_to_the_nearest_extinguisher(
    demo: LiveSite, open_page: OpenPage
) -> None:
    desk = open_page(f"{demo.url}map")
    desk.page.evaluate("window.plumbline.store.select({ type: 'space', id: 'tower-3/f12/1202' })")
    desk.page.get_by_role("button", name="Way there").click()
    desk.page.locator(".way li", has_text="Arrive at Flat 1202").wait_for()
    desk.page.get_by_label("Who goes").select_option("wheelchair")
    desk.page.locator(".way li", has_text="Take Lift").wait_for()
    desk.page.get_by_label("What for").select_option("extinguisher")
    desk.page.locator(".near li", has_text="Tower 3 storey 12 extinguisher").first.wait_for()
    # its storey is shown where the way is
    desk.page.locator(".way h4").get_by_role("button", name="Tower 3 · Storey 12").click()
    desk.page.get_by_label("What for").select_option("")
    desk.page.get_by_label("Who goes").select_option("car")
    desk.page.locator(".way-refused", has_text="too narrow for a car").wait_for()
