"""The coverage report as a client reads it: what it says, what it draws and where."""

import datetime as dt
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import get_args

import numpy as np
import pytest
import shapely

from geometry.samples import grid_over
from tests.twin.coverage.rooms import camera, covered, site, zone
from tests.twin.riverside_in_small import box
from twin.coverage.check import CameraCoverage
from twin.coverage.result import Reason
from twin.model.base import Text
from viewer.reports.coverage_report import coverage_report
from viewer.reports.heat import COLOURS, heat, steps_of
from viewer.reports.plans import field_m
from viewer.reports.sheet import Sheet
from viewer.reports.tables import alike_rows, numbered, place_rows
from viewer.reports.words import LANGUAGES, Language, word

NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
WALL = box(4, 4, 6, 4.2)


def report(answer: CameraCoverage, language: Language = "en") -> str:
    return coverage_report(answer.of, {"camera": answer}, now=NOW, language=language)


class _Outside(HTMLParser):
    """Gathers what a page would fetch, and the tags that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.fetched += [v for k, v in attrs if k in {"src", "href"} and v and not v.startswith(("data:", "#"))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_needs_nothing_else_and_says_what_lacks(language: Language) -> None:
    answer = covered(site([zone(box(4.5, 5, 5.5, 7))], [camera(z_m=1.6)], pillars=[WALL]))
    page = report(answer, language)
    read = _Outside()
    read.feed(page)
    assert (read.fetched, read.scripts) == ([], 0)
    assert word("some_lack", language, lacking=1, places=1) in page
    assert word("reason_occluded", language) in page
    assert "2026-11-23 12:30" in page  # Shanghai's clock


def test_a_site_that_has_all_it_needs_says_so() -> None:
    page = report(covered(site([zone(box(4.5, 5, 5.5, 7))], [camera(z_m=1.6)])))
    assert word("all_met", "en") in page
    assert word("nothing_lacks", "en") in page
    assert "Without it no longer met: zone" in page


def test_names_are_escaped_in_tables_and_drawings() -> None:
    evil = '<b>"x"&</b>'
    made = site([zone(box(4.5, 5, 5.5, 7), name=Text(en=evil))], [camera(z_m=1.6).replace(name=Text(en=evil))])
    hall = made.buildings[0].replace(name=Text(en=evil))
    page = report(covered(made.replace(name=Text(en=evil), buildings=(hall,))))
    assert "<b>" not in page
    assert "&lt;b&gt;" in page


def test_every_gap_in_the_table_is_numbered_on_a_plan() -> None:
    page = report(covered(site([zone(box(0, 0.5, 10, 8))], [camera(z_m=1.6)], pillars=[WALL])))
    drawn = re.findall(r'class="gap-number"[^>]*>(\d+)<', page)
    assert drawn
    assert sorted(map(int, drawn)) == list(range(1, len(drawn) + 1))
    table = page[page.index(word("gaps", "en")) :]
    assert all(f'<tr><td class="num">{number}</td>' in table for number in drawn)


def test_cameras_that_are_down_are_named_as_such() -> None:
    page = report(covered(site([zone(box(4.5, 5, 5.5, 7))], [camera(z_m=1.6)]), {"cam": 0.0}))
    assert word("reason_offline", "en") in page
    assert 'class="device off"' in page


def test_all_that_can_be_said_is_there_in_both_languages() -> None:
    reasons = get_args(Reason)
    for language in LANGUAGES:
        assert all(word(f"{said}_{reason}", language) for reason in reasons for said in ("reason", "mend"))


def test_a_point_lies_where_the_scale_says() -> None:
    sheet = Sheet((0.0, 0.0, 10.0, 8.0), width_mm=87, height_mm=95)
    assert sheet.scale == 150  # 10 m in 81 mm of free breadth: 1:123 at least
    (west, south), (east, north) = sheet.at(0, 0), sheet.at(10, 8)
    assert east - west == pytest.approx(10_000 / 150)
    assert south - north == pytest.approx(8_000 / 150)


@pytest.mark.parametrize(("size_m", "scale"), [(1.0, 50), (100.0, 600), (5000.0, 30000)])
def test_a_sheet_takes_the_largest_round_scale_that_fits(size_m: float, scale: int) -> None:
    assert Sheet((0.0, 0.0, size_m, 1.0), width_mm=178, height_mm=200).scale == scale


def test_cells_are_coloured_by_the_levels_they_reach_north_up() -> None:
    # 1000 px/m at a metre: from 62.5 px/m to 125 px/m between 16 m and 8 m off, above 125 px/m nearer
    answer = covered(site([zone(box(4.5, 1.5, 5.5, 7.5))], [camera(z_m=1.6)]))
    place, grid = answer.places[0], answer.of.places[0].grids[0]
    steps = steps_of(place.requirement)
    assert steps is not None
    picture = heat(grid, place, steps)
    assert picture.shape == (*grid.inside.shape, 4)
    assert bytes(picture[-1, 0, :3]).hex() == COLOURS[5][1:]  # 1.125 m off: identify, 250 px/m
    assert bytes(picture[0, 0, :3]).hex() == COLOURS[4][1:]  # 6.875 m off: 145 px/m


def test_cells_outside_of_a_place_are_clear() -> None:
    answer = covered(site([zone(box(4.5, 5, 5.5, 7))], [camera(z_m=1.6)]))
    place, grid = answer.places[0], grid_over(shapely.Polygon([(0, 0), (2, 0), (0, 2)]), step_m=0.5)
    steps = steps_of(place.requirement)
    assert steps is not None
    shown = int(np.count_nonzero(grid.inside))
    part = type(place)(**{f: getattr(place, f) for f in place.__slots__} | {"values": place.values[:shown]})
    assert np.array_equal(heat(grid, part, steps)[::-1, :, 3] > 0, grid.inside)


def test_a_field_ends_at_the_wall_before_it() -> None:
    # a wall at y = 4 over x 4..6, the camera at (5, 0.5) looking north: straight ahead 3.5 m are free
    answer = covered(site([zone(box(4.5, 5, 5.5, 7))], [camera(z_m=1.6)], pillars=[WALL]))
    ring = field_m(answer.of, answer.cameras[0].eyes[0])
    assert ring[0] == (5.0, 0.5)
    ahead = min(ring[1:], key=lambda point: abs(point[0] - 5.0) if point[1] > 0.5 else 9.0)
    assert ahead[1] == pytest.approx(4.0, abs=0.01)  # rays are cast in 32 bits
    assert max(y for _, y in ring) < 8.0


def test_places_that_lack_alike_are_told_once() -> None:
    halves = [zone(box(x, 5, x + 0.5, 7), id=f"z{x:g}", name=Text(en="Half")) for x in (4.0, 5.5)]
    answer = covered(site(halves, [camera(z_m=1.6)]), {"cam": 0.0})
    rows = place_rows(answer.places, answer, answer.of.index, "en")
    (told,) = alike_rows(rows, "en")
    assert told.where.endswith("and 1 more alike")
    assert len(alike_rows([rows[0], replace(rows[1], share="1 %")], "en")) == 2


def test_a_gap_that_floors_alike_share_has_one_number() -> None:
    halves = [zone(box(x, 5, x + 0.5, 7), id=f"z{x:g}") for x in (4.0, 5.5)]
    answer = covered(site(halves, [camera(z_m=1.6)]), {"cam": 0.0})
    upper = replace(answer.places[1], storey="hall/f2")
    stacked = replace(answer, places=(answer.places[0], upper))
    told = numbered(stacked, ["cam"], {"hall/f1": "same", "hall/f2": "same"})
    apart = numbered(stacked, ["cam"], {"hall/f1": "one", "hall/f2": "other"})
    assert sorted(told.gaps.values()) == [1, 1]
    assert sorted(apart.gaps.values()) == [1, 2]
