"""Finding things by id or name, in Chinese and English: devices, spaces, storeys, buildings, grounds, pipes.

Every thing has its own words (id and names) and the words of the place it is in, lower-case, prepared once. All words
of a query must be found in the two together, so that ``3号楼 1203`` finds the flat of that building.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from viewer.documents.things import Things, ThingType

QUERY_LIMIT: Final = 200
"""Longest query that is looked at. [characters]"""

_WEIGHTS: Final[dict[ThingType, int]] = {
    "building": 6, "storey": 4, "ground": 3, "device": 2, "space": 2, "pipe": 0, "node": 0,
}  # fmt: skip
"""What is meant when several things match equally well: the larger and the more often looked for."""

# Chinese is written without blanks: a number with its measure word, and what is around it, are words of their own
_WORD: Final = re.compile(r"\d+[号栋幢座层楼室单元]+|[0-9a-z][0-9a-z._/:-]*|[^\s0-9a-z]+", re.IGNORECASE)


def words(query: str) -> tuple[str, ...]:
    """The words of a query.

    Examples
    --------
    >>> words("3号楼1203"), words("Tower 3 smoke"), words("cam-gate-n-1")
    (('3号楼', '1203'), ('tower', '3', 'smoke'), ('cam-gate-n-1',))
    """
    return tuple(dict.fromkeys(w.lower() for w in _WORD.findall(query[:QUERY_LIMIT])))


@dataclass(frozen=True)
class SearchTable:
    """All that can be found on a site, with its words prepared. Make one with `search_table`."""

    types: tuple[ThingType, ...]
    ids: tuple[str, ...]
    own: tuple[str, ...]
    """Words of each thing's own: id and names between line breaks."""
    places: tuple[str, ...]
    """Words of each distinct place."""
    place_of: tuple[int, ...]
    """Number of each thing's place."""

    def search(self, query: str, limit: int = 20) -> tuple[tuple[ThingType, str], ...]:
        """Type and id of the things that hold all words of the query, best first."""
        wanted = words(query)
        if not wanted:
            return ()
        candidates: Sequence[int] = range(len(self.ids))
        for word in wanted:
            in_place = [word in text for text in self.places]
            candidates = [i for i in candidates if word in self.own[i] or in_place[self.place_of[i]]]
        whole = query.strip().lower()
        best = sorted(candidates, key=lambda i: (-self._score(i, wanted, whole), len(self.own[i]), i))
        return tuple((self.types[i], self.ids[i]) for i in best[:limit])

    def _score(self, i: int, wanted: tuple[str, ...], whole: str) -> int:
        own, place = self.own[i], self.places[self.place_of[i]]
        score = _WEIGHTS[self.types[i]]
        if f"\n{whole}\n" in own:
            score += 200
        for word in wanted:
            if f"\n{word}\n" in own:
                score += 60
            elif f"\n{word}" in own:
                score += 30
            elif word in own:
                score += 15 if _stands_alone(word, own) else 6
            else:
                score += 10 if _stands_alone(word, place) else 0
        return score


def _stands_alone(word: str, text: str) -> bool:
    """Whether the word is in the text without going on before or after it: 3号楼 is not in 13号楼."""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        goes_on_before = at > 0 and _same_kind(text[at - 1], word[0])
        goes_on_after = end < len(text) and _same_kind(text[end], word[-1])
        if not goes_on_before and not goes_on_after:
            return True
        at = text.find(word, at + 1)
    return False


def _same_kind(a: str, b: str) -> bool:
    return (a.isdecimal() and b.isdecimal()) or (a.isascii() and b.isascii() and a.isalpha() and b.isalpha())


def search_table(things: Things) -> SearchTable:
    """The words of everything on a site, prepared."""
    types: list[ThingType] = []
    ids: list[str] = []
    own: list[str] = []
    place_of: list[int] = []
    number: dict[str, int] = {}
    for kind, thing_id, called, place in things.all_names():
        types.append(kind)
        ids.append(thing_id)
        own.append("\n".join(("", *dict.fromkeys((thing_id, called["zh"], called["en"])), "")).lower())
        text = "\n".join(("", *(f"{step.id}\n{step.name.zh}\n{step.name.en}" for step in place), "")).lower()
        place_of.append(number.setdefault(text, len(number)))
    return SearchTable(tuple(types), tuple(ids), tuple(own), tuple(number), tuple(place_of))
