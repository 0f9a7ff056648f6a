"""Ways out on the page: who is out when, a fire, a closed exit, the moment that is shown."""

import pytest

from tests.journeys.conftest import SITE, OpenPage
from viewer.bench.live import LiveSite

pytestmark = pytest.mark.browser


def test_a_fire_and_a_closed_exit_change_when_people_are_safe(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    page = sight.page
    page.get_by_role("tab", name="Exits").click()
    page.locator(".clear-row").first.wait_for()
    told = demo.post(f"sites/{SITE}/evacuation/simulation", {})
    assert page.locator(".evacuation .tiles dd").first.inner_text().replace(",", "") == str(round(told["persons"]))
    # the exit most people take is closed: they take others, and it is on the list of what is closed
    exits = page.locator(".doors").first
    before = exits.inner_text()
    exits.locator("li").first.locator("button").last.click()
    page.wait_for_function("was => document.querySelector('.doors').innerText !== was", arg=before)
    assert told["exits"][0]["id"] in page.locator(".chips li").inner_text()
    page.locator(".chips li button").click()
    page.wait_for_function("was => document.querySelector('.doors').innerText === was", arg=before)
    # a corridor burns: flats on it have no other way
    page.evaluate("window.plumbline.store.select({ type: 'space', id: 'tower-3/f5/corridor' })")
    page.get_by_role("tab", name="Exits").click()
    page.get_by_role("button", name="Fire in").click()
    page.get_by_text("the only way leads through the fire").wait_for()
    assert "Storey 5" in page.locator(".chips .fire").inner_text()
    # how long the corridor can be used stands beside how long it is needed
    page.locator(".margins li").first.wait_for()
    assert "Storey 5" in page.locator(".margins").inner_text()


def test_without_fans_smoke_comes_into_the_stairs_and_a_stair_is_lost_on_the_way(
    demo: LiveSite, open_page: OpenPage
) -> None:
    sight = open_page(demo.url)
    page = sight.page
    page.evaluate("window.plumbline.store.select({ type: 'space', id: 'tower-3/f5/501/living' })")
    page.get_by_role("tab", name="Exits").click()
    page.get_by_role("button", name="Fire in").click()
    page.locator(".margins li").first.wait_for()
    with_fans = page.locator(".margins").inner_text()
    assert "Stair" not in with_fans
    page.get_by_role("switch", name="Fans keep the stairs free").click()
    page.wait_for_function("() => document.querySelector('.margins').innerText.includes('Stair')")
    # an exit is closed from two minutes on only
    exits = page.locator(".doors").first
    exits.locator("li").first.locator("button").last.click()
    page.locator(".chips .closes select").select_option("120")
    page.locator(".tiles:not(.pending)").first.wait_for()
    assert page.locator(".chips .closes select").input_value() == "120"


def test_the_moment_is_chosen_and_played(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    page = sight.page
    page.keyboard.press("e")
    page.locator(".clear-row").first.wait_for()
    left = page.locator(".moment [role=status]")
    everybody = left.inner_text()
    page.get_by_role("slider", name="Moment").fill("300")
    page.wait_for_function("was => document.querySelector('.moment [role=status]').innerText !== was", arg=everybody)
    at_300 = left.inner_text()
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("was => document.querySelector('.moment [role=status]').innerText !== was", arg=at_300)
    page.get_by_role("button", name="Pause").click()


def test_what_somebody_reports_is_in_the_way_until_it_is_over(demo: LiveSite, open_page: OpenPage) -> None:
    sight = open_page(demo.url)
    page = sight.page
    page.keyboard.press("e")
    page.get_by_text("Nothing is in anybody").wait_for()
    staff = demo.get(f"sites/{SITE}/staff")
    who = next(person["id"] for person in staff["items"])
    burns = {"type": "burns", "object": "tower-3/f5/corridor", "actor": who}
    demo.post(f"sites/{SITE}/evacuation/commands", burns)
    # the page hears of it by itself
    page.locator(".now-ways .says li").first.wait_for()
    page.locator(".proposals").wait_for()
    page.get_by_role("button", name="All over").click()
    page.get_by_text("Nothing is in anybody").wait_for()
