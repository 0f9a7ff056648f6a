"""An engineer asks the pipes: which valves cut this one off, and where does its water go."""

from __future__ import annotations

import numpy as np
import pytest

from tests.journeys.conftest import SITE, OpenPage
from tests.journeys.sight import Box, Sight
from viewer.bench.live import LiveSite

pytestmark = pytest.mark.browser

PIPE = "domestic-water/M-P12"
AROUND_PX = 14
THROUGH_GROUND = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)
"""How much of a buried pipe's colour the ground and the buildings leave through which it is seen."""


def selected(demo: LiveSite, open_page: OpenPage, pipe: str, path: str = "") -> Sight:
    """A page with the card of a pipe open."""
    sight = open_page(f"{demo.url}{path}")
    sight.page.evaluate("(id) => window.plumbline.store.select({ type: 'pipe', id })", pipe)
    sight.page.get_by_role("button", name="Downstream").wait_for()
    return sight


def coloured(sight: Sight, token: str, around: Box) -> int:
    """Pixels of about a colour of the page, as it is or seen through the ground around it."""
    colour = np.array(
        sight.page.evaluate(
            """(name) => {
              const context = new OffscreenCanvas(1, 1).getContext("2d");
              context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name);
              context.fillRect(0, 0, 1, 1);
              return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
            }""",
            token,
        ),
        np.float64,
    )
    picture = sight.picture(around)
    ground = np.median(picture.reshape(-1, 3), axis=0)
    mixes = [ratio * colour + (1 - ratio) * ground for ratio in THROUGH_GROUND]
    # 34: what the light does to a colour on the sides of a tube
    return int(np.any([np.abs(picture - mix).max(axis=2) < 34 for mix in mixes], axis=0).sum())


def around(sight: Sight, point_m: list[float]) -> Box:
    x, y, _ = sight.project(point_m)
    return x - AROUND_PX, y - AROUND_PX, x + AROUND_PX, y + AROUND_PX


def valves(sight: Sight) -> list[str]:
    return sight.page.locator(".plan ol.valves .valve-main b").all_text_contents()


def test_a_pipe_is_cut_off_by_the_valves_of_its_plan_in_their_order(demo: LiveSite, open_page: OpenPage) -> None:
    sight = selected(demo, open_page, PIPE)
    page = sight.page
    page.get_by_role("button", name="Cut it off").click()
    page.locator(".plan ol.valves").wait_for()
    plan = demo.get(f"sites/{SITE}/networks/domestic-water/isolation?pipe=M-P12")
    wanted = [v["name"]["en"] for v in sorted(plan["close"], key=lambda v: v["order"])]
    assert valves(sight) == wanted
    sight.until_still()
    signs = page.locator(".scene-label.mark-valve:not([hidden])").all_inner_texts()
    assert sorted(signs) == [str(v["order"]) for v in sorted(plan["close"], key=lambda v: v["order"])]
    point = demo.get(f"sites/{SITE}/objects/pipe/{PIPE}")["point_m"]
    sight.show_scene_alone(hidden=".scene-labels, .toasts")
    assert coloured(sight, "--plan-4", around(sight, point)) > 60
    page.keyboard.press("Escape")
    sight.until("window.plumbline.store.lens.value === null")
    sight.until_still()
    assert page.locator(".overlay-key").count() == 0
    assert coloured(sight, "--plan-4", around(sight, point)) < 20


def test_a_valve_that_is_stuck_is_planned_around_and_back(demo: LiveSite, open_page: OpenPage) -> None:
    sight = selected(demo, open_page, PIPE, "map")
    page = sight.page
    page.get_by_role("button", name="Cut it off").click()
    page.locator(".plan ol.valves").wait_for()
    before = valves(sight)
    first = demo.get(f"sites/{SITE}/networks/domestic-water/isolation?pipe=M-P12")["close"][0]["valve"]
    assert page.locator(".map-mark.valve").count() == len(before)
    page.get_by_role("button", name="Stuck", exact=True).first.click()
    page.get_by_role("button", name="It works").wait_for()
    around_it = demo.get(f"sites/{SITE}/networks/domestic-water/isolation?pipe=M-P12&stuck={first.split('/')[1]}")
    assert valves(sight) == [v["name"]["en"] for v in sorted(around_it["close"], key=lambda v: v["order"])]
    assert valves(sight) != before
    assert page.locator(".map-mark.stuck").count() == 1
    page.get_by_role("button", name="It works").click()
    page.get_by_role("button", name="It works").wait_for(state="detached")
    assert valves(sight) == before
    page.get_by_role("button", name="Make work order").click()
    sight.until("[...window.plumbline.store.orders.value.values()].some((o) => o.place.id === 'domestic-water/M-P12')")
    order = next(o for o in demo.get(f"sites/{SITE}/work-orders")["items"] if o["place"]["id"] == PIPE)
    assert [line.split(". ", 1)[1] for line in order["steps"][0]["note"].splitlines()] == before
    demo.post(f"sites/{SITE}/work-orders/{order['id']}/commands", {"type": "cancel", "actor": "huang-wei"})


def test_any_network_is_traced_in_one_click(demo: LiveSite, open_page: OpenPage) -> None:
    sight = selected(demo, open_page, PIPE)
    page = sight.page
    for pipe, direction in (("drainage/D-P9", "downstream"), ("telecom-ducts/C-P4", "upstream")):
        page.evaluate("(id) => window.plumbline.store.select({ type: 'pipe', id })", pipe)
        page.locator(".card code.id", has_text=pipe).wait_for()
        page.get_by_role("button", name=direction.capitalize()).click()
        page.locator(".pipe-tools .tiles").wait_for()
        network, link = pipe.split("/")
        trace = demo.get(f"sites/{SITE}/networks/{network}/trace?from={link}&direction={direction}")
        assert len(trace["pipes"]) > 1
        shown = page.locator(".pipe-tools .tiles dd").all_text_contents()
        assert shown[1:] == [str(len(trace["pipes"])), str(trace["flats"])]
        shaded = page.evaluate("[...window.plumbline.store.overlay.value.shades.keys()]")
        assert {key for key in shaded if key.startswith("pipe:")} == {f"pipe:{p}" for p in {*trace["pipes"], pipe}}
        sight.until_still()
        sight.show_scene_alone(hidden=".scene-labels, .toasts")
        cards = {p: demo.get(f"sites/{SITE}/objects/pipe/{p}") for p in trace["pipes"] if p != pipe}
        length = {p: next(f["value"] for f in c["facts"] if f["name"]["en"] == "Length") for p, c in cards.items()}
        longest = cards[max(length, key=lambda p: length[p])]["point_m"]
        itself = demo.get(f"sites/{SITE}/objects/pipe/{pipe}")["point_m"]
        assert coloured(sight, "--trace-2", around(sight, itself)) > 15, pipe
        assert coloured(sight, "--trace-1", around(sight, longest)) > 15, pipe


def test_cones_show_which_way_water_runs_until_they_are_switched_off(demo: LiveSite, open_page: OpenPage) -> None:
    sight = selected(demo, open_page, "domestic-water/M-P3")
    sight.until("window.plumbline.scene.stats().arrows > 100")
    sight.page.locator(".flow-now").wait_for()
    sight.page.keyboard.press("g")
    sight.until("window.plumbline.scene.stats().arrows === 0")
