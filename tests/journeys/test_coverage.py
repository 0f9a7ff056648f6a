"""A planner sees what cameras cover, turns one, and the floors follow."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.journeys.conftest import SITE, OpenPage
from tests.journeys.sight import Image, Sight, differing
from viewer.bench.live import LiveSite

pytestmark = pytest.mark.browser

CAMERA = "cam-lane-1-w"
FLOORS = ".scene-labels, .counters, .storey-slider, .view-bottom, .banner, .toasts, .overlay-key"


def opened(sight: Sight) -> None:
    """Go to the planner's tab and wait for its answer."""
    sight.page.get_by_role("tab", name="Coverage").click()
    sight.page.locator(".cover-row").first.wait_for(timeout=60_000)


def scene(sight: Sight) -> Image:
    """The 3D view without what lies over it."""
    sight.show_scene_alone(hidden=FLOORS)
    frame = sight.page.locator(".viewport").bounding_box()
    assert frame is not None
    return sight.picture((frame["x"], frame["y"], frame["x"] + frame["width"], frame["y"] + frame["height"]))


def bearing(sight: Sight) -> float:
    return float(sight.page.get_by_role("slider", name="Bearing").get_attribute("aria-valuenow") or "nan")


def test_places_are_told_as_the_server_reckons_them(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    opened(sight)
    places = demo.get(f"sites/{SITE}/coverage")["places"]
    assert sight.page.locator(".cover-row").count() == len(places) > 20
    assert sight.page.locator(".cover-row.lacks").count() == sum(not place["is_met"] for place in places)
    sight.page.get_by_role("switch", name="Only what lacks").click()
    assert sight.page.locator(".cover-row").count() == sum(not place["is_met"] for place in places)


def test_floors_are_coloured_as_long_as_coverage_is_open(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    sight.page.evaluate("window.plumbline.store.moveCamera('top')")
    sight.until_still()
    bare = scene(sight)
    opened(sight)
    sight.until_still()
    covered = scene(sight)
    assert differing(bare, covered).mean() > 0.01
    sight.page.keyboard.press("Escape")
    sight.until_still()
    assert differing(bare, scene(sight)).mean() < 0.005


def test_a_gap_is_flown_to_from_the_list(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    opened(sight)
    sight.page.locator(".cover-row.lacks").first.click()
    gap = sight.page.locator(".gaps button").first
    before = sight.page.evaluate("window.plumbline.scene.camera_m.target")
    gap.click()
    assert gap.get_attribute("aria-pressed") == "true"
    sight.until_still()
    place = sight.page.locator(".cover-place h2").inner_text().lower()
    told = next(p for p in demo.get(f"sites/{SITE}/coverage")["places"] if p["name"]["en"].lower() == place)
    ring = np.array(told["gaps"][0]["area"]["coordinates"][0] if told["gaps"][0]["area"]["type"] == "Polygon" else
                    told["gaps"][0]["area"]["coordinates"][0][0])  # fmt: skip
    target = sight.page.evaluate("window.plumbline.scene.camera_m.target")
    assert target != before
    middle = (ring.min(axis=0) + ring.max(axis=0)) / 2
    assert np.hypot(*(np.array(target[:2]) - middle)) < 1.0


def test_turning_a_camera_by_keys_tells_what_it_costs_and_can_be_undone(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    opened(sight)
    sight.page.evaluate(f"window.plumbline.store.select({{ type: 'device', id: '{CAMERA}' }})")
    dial = sight.page.get_by_role("slider", name="Bearing")
    dial.focus()
    start = bearing(sight)
    for _ in range(6):
        dial.press("PageDown")
    assert bearing(sight) == (start - 90) % 360
    lost = sight.page.locator(".effect li", has=sight.page.locator("em.fall")).first
    lost.wait_for()
    sight.page.locator(".camera-picture img").wait_for()
    sight.page.get_by_role("button", name="Discard").click()
    # what was discarded can be had again
    sight.page.locator(".variant .actions").wait_for(state="detached")
    assert sight.page.get_by_role("button", name="Undo").is_enabled()
    assert bearing(sight) == start


def test_a_camera_is_aimed_by_its_dot_on_the_floor(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    opened(sight)
    sight.page.evaluate(f"window.plumbline.store.select({{ type: 'device', id: '{CAMERA}' }})")
    start = bearing(sight)
    x, y, z = next(c for c in demo.get(f"sites/{SITE}/coverage")["cameras"] if c["id"] == CAMERA)["position_m"]
    # straight from above one sees the floor it is aimed at: tan 8 degrees over its height
    away = z / np.tan(np.radians(8))
    aim = [x + away * np.sin(np.radians(start)), y + away * np.cos(np.radians(start)), 0.0]
    sight.page.evaluate(f"window.plumbline.store.flyTo({[float(v) for v in (x + away / 2, y, 0)]}, {away * 0.8})")
    sight.page.evaluate("window.plumbline.store.moveCamera('top')")
    sight.until_still()
    from_x, from_y, _ = sight.project([float(v) for v in aim])
    to_x, to_y, _ = sight.project([float(x + away / 2), float(y - away / 2), 0.0])
    sight.page.mouse.move(from_x, from_y)
    sight.page.mouse.down()
    sight.page.mouse.move(to_x, to_y, steps=8)
    sight.page.mouse.up()
    # as far to the east as to the south: 135 degrees
    assert abs(bearing(sight) - 135) <= 2
    sight.page.locator(".effect li, .variant .caption").first.wait_for()


def test_a_camera_is_moved_by_its_diamond(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    opened(sight)
    sight.page.evaluate(f"window.plumbline.store.select({{ type: 'device', id: '{CAMERA}' }})")
    x, y, z = next(c for c in demo.get(f"sites/{SITE}/coverage")["cameras"] if c["id"] == CAMERA)["position_m"]
    sight.page.evaluate(f"window.plumbline.store.flyTo({[float(x), float(y), float(z)]}, 15)")
    sight.page.evaluate("window.plumbline.store.moveCamera('top')")
    sight.until_still()
    from_x, from_y, _ = sight.project([float(x), float(y), float(z)])
    to_x, to_y, _ = sight.project([float(x) + 3.0, float(y) - 2.0, float(z)])
    sight.page.mouse.move(from_x, from_y)
    sight.page.mouse.down()
    sight.page.mouse.move(to_x, to_y, steps=8)
    sight.page.mouse.up()
    sight.page.locator(".variant").first.wait_for()
    with sight.page.expect_request(lambda request: "what-if" in request.url) as sent:
        sight.page.get_by_role("slider", name="Bearing").press("ArrowRight")
    body = json.loads(sent.value.post_data or "{}")
    asked = next(d for d in body["devices"] if d["id"] == CAMERA)
    assert (asked["x_m"], asked["y_m"]) == pytest.approx((x + 3.0, y - 2.0), abs=0.3)


def test_each_preset_is_turned_by_itself(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    opened(sight)
    camera = next(c for c in demo.get(f"sites/{SITE}/coverage")["cameras"] if len(c["presets"]) > 2)
    sight.page.evaluate(f"window.plumbline.store.select({{ type: 'device', id: '{camera['id']}' }})")
    sight.page.locator(".camera-editor").get_by_role("radio", name="3").click()
    with sight.page.expect_request(lambda request: "what-if" in request.url) as sent:
        sight.page.get_by_role("slider", name="Bearing").press("PageUp")
    body = json.loads(sent.value.post_data or "{}")
    asked = next(d for d in body["devices"] if d["id"] == camera["id"])["presets"]
    was = [[float(part) for part in preset.split("/")] for preset in camera["presets"]]
    now = [[float(part) for part in preset.split("/")] for preset in asked]
    assert [k for k in range(len(was)) if was[k] != now[k]] == [2]
    assert now[2][0] == (was[2][0] + 15) % 360


def test_variants_are_kept_and_compared(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    opened(sight)
    sight.page.evaluate(f"window.plumbline.store.select({{ type: 'device', id: '{CAMERA}' }})")
    sight.page.get_by_role("switch", name="What if it is down?").click()
    sight.page.locator(".effect em.fall").first.wait_for()
    sight.page.get_by_role("button", name="Keep").click()
    sight.page.get_by_role("dialog").get_by_role("textbox").fill("Without the west")
    sight.page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    sight.page.locator(".kept summary").click()
    sight.page.get_by_role("button", name="Compare variants").click()
    table = sight.page.get_by_role("dialog").get_by_role("table")
    table.wait_for()
    assert table.get_by_role("columnheader").all_inner_texts() == ["Place", "Today", "Without the west"]
    assert table.locator("tbody tr").count() >= 2


def test_a_step_of_a_variant_is_undone_and_done_again_by_keys(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    opened(sight)
    sight.page.evaluate(f"window.plumbline.store.select({{ type: 'device', id: '{CAMERA}' }})")
    dial = sight.page.get_by_role("slider", name="Bearing")
    start = bearing(sight)
    # presses of one key in quick order are one step; pressed in the page, where no picture is waited for in between
    dial.evaluate(
        """async (dial) => {
          for (let k = 0; k < 3; k++) {
            dial.dispatchEvent(new KeyboardEvent("keydown", { key: "PageDown", bubbles: true, cancelable: true }));
            for (let n = 0; n < 20; n++) await null;  // the dial is turned, no picture is drawn
          }
        }"""
    )
    sight.page.get_by_role("switch", name="What if it is down?").click()
    sight.page.get_by_role("button", name="Undo").click()
    assert sight.page.get_by_role("switch", name="What if it is down?").get_attribute("aria-checked") == "false"
    assert bearing(sight) == (start - 45) % 360
    dial.press("Control+z")
    assert bearing(sight) == start
    dial.press("Control+y")
    assert bearing(sight) == (start - 45) % 360


def test_a_click_on_the_ground_tells_who_sees_somebody_there(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    opened(sight)
    x, y, _ = next(c for c in demo.get(f"sites/{SITE}/coverage")["cameras"] if c["id"] == CAMERA)["position_m"]
    sight.page.get_by_role("switch", name="Click a point").click()
    sight.page.evaluate(f"window.plumbline.store.flyTo({[float(x) + 20, float(y) - 2, 0.0]}, 15)")
    sight.page.evaluate("window.plumbline.store.moveCamera('top')")
    sight.until_still()
    frame = sight.page.locator(".viewport canvas").first.bounding_box()
    assert frame is not None
    sight.page.mouse.click(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    listed = sight.page.locator(".sightings .says > li")
    listed.first.wait_for()
    point = sight.page.evaluate("window.plumbline.scene.camera_m.target")
    face = {"x_m": point[0], "y_m": point[1], "z_m": point[2] + 1.6}
    told = demo.post(f"sites/{SITE}/coverage/point", face)["cameras"]
    assert listed.count() == len(told) > 0
    assert f"{told[0]['density_px_per_m']:.0f}"[:2] in listed.first.inner_text()


def test_a_suggestion_is_looked_at_as_a_variant(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    opened(sight)
    sight.page.locator("details.suggest summary").click()
    sight.page.get_by_role("button", name="Search", exact=True).click()
    sight.page.locator(".suggested").wait_for(timeout=120_000)
    today = sight.page.locator(".coverage .tiles dd").first.inner_text()
    sight.page.get_by_role("button", name="Show as a variant").click()
    sight.page.locator(".variant .effect .tag.good").first.wait_for()
    # more places are met by the variant than today
    assert int(sight.page.locator(".coverage .tiles dd").first.inner_text().split()[0]) > int(today.split()[0])
    assert sight.page.locator(".overlay-key").get_by_text("gained").is_visible()


def test_a_way_clicked_on_the_ground_tells_where_nobody_sees_it(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    opened(sight)
    sight.page.get_by_role("switch", name="Follow a way").click()
    sight.page.evaluate("window.plumbline.store.flyTo([0, 5, 0], 60)")
    sight.page.evaluate("window.plumbline.store.moveCamera('top')")
    sight.until_still()
    frame = sight.page.locator(".viewport canvas").first.bounding_box()
    assert frame is not None
    for across, down in ((0.35, 0.4), (0.5, 0.55), (0.62, 0.4)):
        sight.page.mouse.click(frame["x"] + frame["width"] * across, frame["y"] + frame["height"] * down)
    parts = sight.page.locator(".way-parts > li")
    parts.first.wait_for()
    assert sight.page.locator(".sightings [role=status]").inner_text().split()[0].endswith("%")
    # with a camera down that follows a part, another does, or nobody
    names = {camera["name"]["en"]: camera["id"] for camera in demo.get(f"sites/{SITE}/coverage")["cameras"]}
    told = parts.locator("b").all_inner_texts()
    by = next(k for k, name in enumerate(told) if name in names)
    sight.page.evaluate(f"window.plumbline.store.select({{ type: 'device', id: '{names[told[by]]}' }})")
    sight.page.get_by_role("switch", name="What if it is down?").click()
    sight.page.wait_for_function(
        "([k, before]) => document.querySelectorAll('.way-parts b')[k]?.innerText !== before", arg=[by, told[by]]
    )
    # the last point goes, and with the second the answer
    sight.page.get_by_role("button", name="Take back the last point").click()
    sight.page.get_by_role("button", name="Take back the last point").click()
    parts.first.wait_for(state="detached")
