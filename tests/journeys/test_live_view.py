"""An engineer opens the estate: it lives, and what is clicked is what one gets."""

from __future__ import annotations

import re

import pytest

from tests.journeys.conftest import OpenPage
from tests.journeys.sight import Sight, differing, within
from twin.site_folder import read
from viewer.bench.live import LiveSite
from viewer.estate_service import sample_site

pytestmark = pytest.mark.browser

ALONE = ".scene-labels, .counters, .storey-slider, .view-bottom, .banner, .toasts"


def find(sight: Sight, text: str) -> None:
    """Type into the search, press Enter, and be there."""
    box = sight.page.get_by_role("combobox", name="Search")
    box.fill(text)
    sight.page.get_by_role("listbox", name="Search results").get_by_role("option").first.wait_for()
    sight.until(f"document.querySelector('.found [role=option] ') && document.activeElement.value === {text!r}")
    box.press("Enter")
    box.press("Escape")
    box.press("Escape")


def shown_id(sight: Sight) -> str | None:
    card = sight.page.locator(".panel.right .card code.id")
    return card.text_content() if card.count() else None


def test_page_shows_all_devices_bound_and_many_changing(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    good = sight.until("(() => { const n = window.plumbline.store.qualityCounts.value[0]; return n >= 1500 && n; })()")
    assert good >= 1500
    words = sight.page.locator(".counters").inner_text()
    devices, shown_good = (int(n.replace(",", "")) for n in re.findall(r"([\d,]+)\s+(?:devices|Good|good)", words))
    # those that say nothing, such as extinguishers, are not counted
    assert devices == sight.page.evaluate("window.plumbline.store.index.value.primaryRow.filter((r) => r >= 0).length")
    assert shown_good >= 1500
    # at four in the morning hardly any water runs: fifty have said something new within some tens of seconds
    sight.page.evaluate(
        """() => {
          const { store } = window.plumbline;
          const before = store.live.values.slice();
          window.changed = new Set();
          store.onRows((rows) => {
            for (const row of rows ?? []) {
              if (store.live.values[row] !== before[row]) window.changed.add(store.index.value.deviceOfRow[row]);
            }
          });
        }"""
    )
    sight.page.wait_for_function("() => window.changed.size >= 50", timeout=60_000)


@pytest.mark.parametrize("device", ["cam-gate-north", "hyd-1", "pole-4", "bin-1-a", "per-5"])
def test_clicking_where_a_device_is_opens_its_card(device: str, demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    find(sight, device)
    sight.until(f"window.plumbline.store.selection.value?.id === {device!r}")
    sight.until_still()
    sight.page.get_by_role("button", name="Deselect").click()
    assert shown_id(sight) is None
    x, y, visible = sight.project(sight.device_point_m(device))
    assert visible
    sight.page.mouse.click(x, y)
    sight.page.locator(".panel.right .card code.id").wait_for()
    assert shown_id(sight) == device


def test_a_device_indoors_is_clicked_on_its_isolated_storey(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    find(sight, "light-t4-f08")
    sight.page.get_by_role("button", name="Only storey").click()
    sight.page.get_by_role("button", name="Fly to").click()
    sight.until_still()
    sight.page.get_by_role("button", name="Deselect").click()
    x, y, visible = sight.project(sight.device_point_m("light-t4-f08"))
    assert visible
    sight.page.mouse.click(x, y)
    sight.page.locator(".panel.right .card code.id").wait_for()
    assert shown_id(sight) == "light-t4-f08"


def test_isolating_a_storey_hides_all_others(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    sight.until_still()
    buildings = {b.id: b for b in read(sample_site()).buildings}

    def corners(tower: str, low_m: float, high_m: float) -> list[list[float]]:
        return [[x, y, z] for x, y in buildings[tower].footprint.outer for z in (low_m, high_m)]

    storey = next(s for s in sight.page.evaluate("window.plumbline.store.index.value.building.get('tower-5').storeys")
                  if s["id"] == "tower-5/f9")  # fmt: skip
    low_m, height_m = storey["elevation_m"], storey["height_m"]
    sight.show_scene_alone(hidden=ALONE)
    whole = sight.picture()
    towers = ("tower-1", "tower-3", "tower-4")
    elsewhere = {tower: sight.box_of(corners(tower, 3.0, 50.0)) for tower in towers}
    above = sight.box_of(corners("tower-5", low_m + 4 * height_m, low_m + 8 * height_m))
    sight.page.get_by_role("button", name="Open Tower 5").click()
    sight.page.get_by_role("button", name=re.compile(r"^Show only 9\b|^Show only .*\b9\b")).first.click()
    sight.until("window.plumbline.store.isolation.value?.storey === 'tower-5/f9'")
    sight.until_still()
    sight.show_scene_alone(hidden=ALONE)
    alone = sight.picture()
    # what stands alone is brought near
    itself = sight.box_of(corners("tower-5", low_m, low_m + height_m), 6)
    sight.page.evaluate("window.plumbline.store.moveCamera('reset')")
    sight.until_still()
    far = sight.picture()
    sight.show_scene_alone(hidden="canvas.scene-canvas")
    nothing = sight.picture()
    drawn_before, drawn, drawn_far = (differing(picture, nothing) for picture in (whole, alone, far))
    # of the storeys around it only their fine outlines stay
    assert within(drawn_far, above).mean() < 0.2 < within(drawn_before, above).mean()
    # seen aslant it fills about two fifths of the box around it, and that a good part of the view
    assert within(drawn, itself).mean() > 0.3
    assert (itself[2] - itself[0]) * (itself[3] - itself[1]) > 0.2 * 1440 * 900
    own = sight.box_of(corners("tower-5", 0.0, 60.0), 4)
    for mask in (drawn_far, drawn_before):  # its outline stands before or behind others
        within(mask, own)[:] = False
    for tower in towers:
        assert within(drawn_before, elsewhere[tower]).mean() > 0.3, tower
        assert within(drawn_far, elsewhere[tower]).mean() < 0.002, tower


def test_language_changes_without_loading_again(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    find(sight, "hyd-1")
    sight.page.evaluate("window.still_here = true")
    sight.page.get_by_role("tab", name="Alarms").wait_for()
    sight.page.get_by_role("button", name="Switch language").click()
    sight.page.get_by_role("tab", name="报警").wait_for()
    assert sight.page.evaluate("document.documentElement.lang") == "zh-CN"
    assert sight.page.evaluate("window.still_here") is True
    assert shown_id(sight) == "hyd-1"
    assert not re.search(r"\b(Devices|Buildings|Alarms|Orders)\b", sight.page.locator("body").inner_text())


def test_search_and_enter_fly_there(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    sight.until_still()
    before = sight.page.evaluate("window.plumbline.scene.camera_m")
    find(sight, "hyd-3")
    sight.until("window.plumbline.store.selection.value?.id === 'hyd-3'")
    sight.until_still()
    after = sight.page.evaluate("window.plumbline.scene.camera_m")
    there = sight.device_point_m("hyd-3")
    assert after != before
    assert sum((a - b) ** 2 for a, b in zip(after["target"], there, strict=True)) < 1.0
    assert shown_id(sight) == "hyd-3"


def test_keyboard_alone_reaches_a_device(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    keyboard = sight.page.keyboard

    def tab_to(condition: str) -> None:
        for _ in range(40):
            if sight.page.evaluate(f"document.activeElement.matches({condition!r})"):
                return
            keyboard.press("Tab")
        pytest.fail(f"no Tab leads to {condition}")

    tab_to("[role=tab]")
    keyboard.press("ArrowRight")
    keyboard.press("ArrowRight")
    tab_to("[role=listbox]")
    for row in (1, 2, 3):
        keyboard.press("ArrowDown")
        sight.until(f"document.activeElement.getAttribute('aria-activedescendant') === 'device-{row}'")
    keyboard.press("Enter")
    sight.page.locator(".panel.right .card code.id").wait_for()
    assert shown_id(sight) == sight.page.evaluate("window.plumbline.store.index.value.devices.id[3]")
