"""Finding things by id and name in both languages."""

import pytest

from tests.twin.riverside_in_small import small_site
from twin.index import build
from twin.model.base import Text
from viewer.documents.pipes import Pipes
from viewer.documents.places import Places
from viewer.documents.search import SearchTable, search_table, words
from viewer.documents.things import Things


@pytest.fixture(scope="module")
def table() -> SearchTable:
    site = small_site()
    tower = site.buildings[0]
    towers = []
    for k in (1, 3, 13):
        changed = tower.replace(id=f"tower-{k}", name=Text(zh=f"{k}号楼", en=f"Tower {k}"))
        storeys = [
            storey.model_validate_json(storey.model_dump_json().replace("tower-1/", f"tower-{k}/"))
            for storey in changed.storeys
        ]
        towers.append(changed.replace(storeys=tuple(storeys), stairs=(), lifts=(), ramps=()))
    index = build(site.replace(buildings=tuple(towers)))
    return search_table(Things(Places(index), Pipes(index)))


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("t1-inlet", ("device", "t1-inlet")),
        ("T1-INLET", ("device", "t1-inlet")),
        ("进水", ("device", "t1-inlet")),
        ("tower 3", ("building", "tower-3")),
        ("3号楼", ("building", "tower-3")),
        ("13号楼", ("building", "tower-13")),
        ("3号楼 301", ("space", "tower-3/f3/01")),
        ("3号楼301", ("space", "tower-3/f3/01")),
        ("tower 13 201", ("space", "tower-13/f2/01")),
        ("tower-1/f2/01", ("space", "tower-1/f2/01")),
        ("water/P1", ("pipe", "water/P1")),
        ("j1", ("node", "water/J1")),
    ],
)
def test_the_best_hit_is_what_was_meant(table: SearchTable, query: str, best: tuple[str, str]) -> None:
    assert table.search(query, 5)[0] == best


@pytest.mark.parametrize("query", ["", "   ", "nothing-like-it", "(", "\\", "\n"])
def test_nothing_is_found_where_nothing_fits(table: SearchTable, query: str) -> None:
    assert table.search(query) == ()


def test_a_search_gives_no_more_than_its_limit(table: SearchTable) -> None:
    assert len(table.search("tower", 7)) == 7


def test_numbers_written_to_chinese_words_are_words_of_their_own() -> None:
    assert words("3号楼1203室") == ("3号楼", "1203室")
    assert words("消防泵2") == ("消防泵", "2")
