"""What a client reads first: what is met kind by kind, and what to do first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from twin.coverage.kinds import KindAnswer
from twin.coverage.result import Problem
from twin.index import SiteIndex
from twin.model.base import Text
from viewer.reports.tables import Effort, PlaceRow
from viewer.reports.words import Language, named, word

_MOST: Final = 7
"""Actions on the first page."""
_NAMES: Final = 3
_EFFORTS: Final[tuple[Effort, ...]] = ("repair", "turn", "add")


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do, and what it is good for.

    Attributes
    ----------
    lacks : m2, or m of lines, that are not covered where it would help
    """

    kind: str
    effort: Effort
    what: str
    names: tuple[str, ...]
    places: int
    lacks: float
    is_line: bool

    def named(self, language: Language) -> str:
        """The places it is for."""
        joined = ("、" if language == "zh" else ", ").join(self.names[:_NAMES])
        return joined if len(self.names) <= _NAMES else word("list_and", language, names=joined)

    def helps(self, language: Language) -> str:
        """How much it is for."""
        lacks = f"{self.lacks:,.0f}\u00a0{'m' if self.is_line else 'm²'}" if self.lacks >= 1 else "< 1\u00a0m²"
        if self.is_line and self.lacks < 1:
            lacks = "< 1\u00a0m"
        if self.places == 1:
            return word("action_place", language, lacks=lacks)
        return word("action_places", language, places=self.places, lacks=lacks)


def actions(lacking: Mapping[str, Sequence[PlaceRow]], *, lines: set[str]) -> list[Action]:
    """What would mend what lacks, by kind: repairs first, then what is only turned, then what is bought.

    Parameters
    ----------
    lacking : by the title of a kind, its rows that lack
    lines : titles of kinds that guard lines
    """
    found: dict[tuple[str, str], Action] = {}
    for kind, rows in lacking.items():
        for row in rows:
            known = found.get((kind, row.mend))
            if known is None:
                found[kind, row.mend] = Action(
                    kind, row.effort, row.mend, (row.name,), row.times, row.lacks, is_line=kind in lines
                )
                continue
            names = tuple(dict.fromkeys((*known.names, row.name)))
            found[kind, row.mend] = replace(
                known, names=names, places=known.places + row.times, lacks=known.lacks + row.lacks
            )
    return sorted(found.values(), key=lambda a: (_EFFORTS.index(a.effort), -a.lacks))


def first(all_actions: Sequence[Action]) -> tuple[Sequence[Action], int]:
    """Those for the first page, and how many are left."""
    return all_actions[:_MOST], max(0, len(all_actions) - _MOST)


@dataclass(frozen=True, slots=True)
class KindRow:
    """How a kind fares."""

    id: str
    title: str
    met: int
    places: int
    devices: str
    problems: int

    @property
    def is_met(self) -> bool:
        """Whether all its places have what is required, and all were checked."""
        return self.met == self.places and not self.problems


def kind_row(kind: str, answer: KindAnswer, devices: int, language: Language) -> KindRow:
    """A kind in one row."""
    down = len(answer.offline)
    said = word("of_them_down", language, count=devices, down=down) if down else str(devices)
    met = sum(place.is_met for place in answer.places)
    return KindRow(kind, word(f"kind_{kind}", language), met, len(answer.places), said, len(answer.problems))


def problem_text(problem: Problem, index: SiteIndex, language: Language) -> str:
    """What could not be reckoned and how to mend it, with the name of what it is about."""
    if language == "en":
        return f"{problem.object_id}: {problem.message}"
    called = _called(problem.object_id, index, language)
    return f"{called}：{word(f'problem_{problem.code}', language)}"


def _called(object_id: str, index: SiteIndex, language: Language) -> str:
    """The name of an object with its id, or the id alone."""
    zones = {zone.id: zone.name for zone in index.site.zones}
    asked = {one.id: one.name for one in index.site.requirements}
    name: Text | None = None
    if object_id in index.devices:
        name = index.devices[object_id].name
    elif object_id in index.spaces:
        name = index.spaces[object_id].name
    else:
        name = zones.get(object_id) or asked.get(object_id)
    said = named(name, language, "") if name is not None else ""
    return f"{said}（{object_id}）" if said else object_id
