"""What a client reads first, and what is told once because it is alike."""

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.twin.coverage.rooms import camera, covered, site, zone
from tests.twin.riverside_in_small import box
from tests.viewer.reports.test_coverage_report import report
from twin.coverage.check import CameraCoverage
from twin.coverage.radiate.answers import KindCoverage
from twin.coverage.result import PlaceResult, Problem
from twin.index import SiteIndex, build
from twin.model.base import Text
from viewer.reports.alike import LISTED_PLACES, is_same, looks, storeys_text, weakest
from viewer.reports.summary import actions, first, problem_text
from viewer.reports.tables import Effort, PlaceRow, room_rows
from viewer.reports.words import Language, word


def row(name: str, mend: str, effort: Effort, *, lacks: float = 1.0, times: int = 1) -> PlaceRow:
    return PlaceRow(
        id=name, name=name, where="", clauses="", asked="", extent="", share="", is_met=False, hangs_on="", why="",
        mend=mend, effort=effort, lacks=lacks, times=times,
    )  # fmt: skip


def test_what_costs_least_is_done_first_and_of_that_what_helps_most() -> None:
    lacking = {
        "Wi-Fi": [row("kitchen", "add one", "add", lacks=500.0, times=9)],
        "Cameras": [
            row("road", "turn a", "turn", lacks=10.0),
            row("gate", "turn b", "turn", lacks=40.0),
            row("hall", "repair it", "repair", lacks=0.5),
        ],
    }
    found = actions(lacking, lines=set())
    assert [(a.effort, a.what) for a in found] == [
        ("repair", "repair it"), ("turn", "turn b"), ("turn", "turn a"), ("add", "add one"),
    ]  # fmt: skip
    assert found[0].helps("en") == word("action_place", "en", lacks="< 1\u00a0m²")
    assert found[3].helps("en") == word("action_places", "en", places=9, lacks="500\u00a0m²")


def test_places_that_one_deed_mends_are_one_action() -> None:
    rows = [row(name, "add one", "add", lacks=2.0, times=3) for name in ("kitchen", "bath", "hall", "study")]
    (found,) = actions({"Wi-Fi": rows, "Cameras": []}, lines={"Wi-Fi"})
    assert (found.places, found.lacks) == (12, 8.0)
    assert found.named("en") == "kitchen, bath, hall and others"
    assert found.helps("zh") == "12 处场所，缺 8\u00a0m"


def test_the_first_page_tells_how_many_actions_are_left() -> None:
    many = actions({"Cameras": [row(f"r{k}", f"turn {k}", "turn") for k in range(10)]}, lines=set())
    shown, left = first(many)
    assert len(shown) + left == 10
    assert first(many[:2]) == (many[:2], 0)


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh", "角落（zone）：区域所在楼层不存在；请更正。"), ("en", "zone: zone zone is on storey x")],
)
def test_problems_are_said_in_the_language_of_the_report(language: Language, said: str) -> None:
    index = build(site([zone(box(4, 5, 6, 7), name=Text(zh="角落", en="Corner"))], [camera()]))
    problem = Problem("unknown-storey", "zone", "zone zone is on storey x")
    assert problem_text(problem, index, language) == said


def test_the_report_begins_with_the_kinds_and_what_to_do() -> None:
    lacks = covered(site([zone(box(4.5, 5, 5.5, 7))], [camera(z_m=1.6)]), {"cam": 0.0})
    page = report(lacks)
    table, todo, clauses = (page.index(word(key, "en")) for key in ("by_kind", "first", "by_clause"))
    assert table < todo < clauses
    assert re.search(rf'class="tag">{word("effort_repair", "en")}<', page)
    assert page.index(word("repair", "en", devices="cam")) < clauses


def hall_of(count: int) -> tuple[CameraCoverage, SiteIndex]:
    answer = covered(site([zone(box(4.5, 5, 5.5, 7), name=Text(en="Cell"))], [camera(z_m=1.6)]))
    (place,) = answer.places
    lacking = covered(answer.of.index.site, {"cam": 0.0}).places[0]
    storeys = ["hall/f1"] * count
    places = tuple(replace(lacking if k == 0 else place, storey=s) for k, s in enumerate(storeys))
    return replace(answer, places=places), answer.of.index


def test_rooms_of_one_name_are_drawn_together_with_the_storeys_that_lack() -> None:
    answer, index = hall_of(5)
    (told,) = room_rows(answer, index, "en")
    assert (told.name, told.places, told.met, told.is_met) == ("Cell", 5, 4, False)
    assert told.lacking_on == "hall: 1"


@pytest.mark.parametrize(("count", "is_long"), [(LISTED_PLACES, False), (LISTED_PLACES + 1, True)])
def test_only_many_places_are_drawn_together(count: int, is_long: bool) -> None:  # noqa: FBT001 - a case
    answer, _ = hall_of(count)
    page = report(answer)
    assert (word("rooms", "en") in page) is is_long
    assert (f"<h3>{word('places', 'en')}</h3>" in page) is not is_long


def test_of_storeys_alike_the_weakest_is_drawn() -> None:
    answer, _ = hall_of(2)
    lacking, met = answer.places
    assert weakest(["a", "b"], {"a": [met], "b": [lacking]}) == "b"
    farther = replace(met, values=(met.values * 0.5).astype(np.float32))
    assert weakest(["a", "b"], {"a": [met], "b": [farther]}) == "b"
    assert not is_same([met], [farther])
    assert is_same([met], [replace(met, values=met.values + 0.001)])


def test_a_storey_that_lacks_elsewhere_is_not_alike() -> None:
    answer, index = hall_of(2)
    lacking, met = answer.places

    def look(*places: PlaceResult) -> object:
        asked = KindCoverage("wifi", places, {}, (), frozenset(), ())
        return looks("wifi", asked, index)["hall/f1"]

    assert look(met, met) == look(met, replace(met, values=met.values * 2))
    assert look(lacking, met) != look(met, lacking)
    assert look(lacking, met) != look(met, met)


def test_storeys_are_told_in_runs_and_buildings_of_the_same_ones_together() -> None:
    _, index = hall_of(1)
    storey = index.storeys["hall/f1"]
    names = {"one": "Tower 1", "two": "Tower 2"}
    towers = {key: storey.building.replace(name=Text(en=name)) for key, name in names.items()}
    index.storeys.update({
        f"{key}/f{n}": replace(storey, building=tower, number=n) for key, tower in towers.items() for n in (1, 2, 3, 7)
    })  # fmt: skip
    floors = [f"{key}/f{n}" for key in towers for n in (7, 1, 2, 3)]
    assert storeys_text(floors, index, "en") == "Tower 1, Tower 2: 1–3, 7"
    assert storeys_text([*floors[:4], "two/f1", None], index, "zh") == "Tower 1：1–3, 7 层；Tower 2：1 层"
