"""The coverage of a site as one page to print: summary by clause, plans, cameras with their pictures, gaps, sources."""

import base64
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from twin.coverage.check import CameraCoverage
from twin.coverage.kinds import KindAnswer
from twin.coverage.levels import editions
from twin.coverage.picture import camera_picture
from twin.coverage.prepared import Prepared
from twin.coverage.reach import REACH_KINDS
from twin.coverage.result import PlaceResult
from viewer.documents.png import png
from viewer.reports.alike import devices_of, is_listed, is_long, looks, storey_of
from viewer.reports.cameras import CameraRow, camera_rows
from viewer.reports.key import keys
from viewer.reports.plans import Numbers, Plan, plans
from viewer.reports.rules import source_rows
from viewer.reports.sheet import Shade
from viewer.reports.summary import actions, first, kind_row, problem_text
from viewer.reports.tables import (
    GapRow,
    PlaceRow,
    RoomRow,
    alike_rows,
    asked_rows,
    gap_rows,
    numbered,
    place_rows,
    room_rows,
)
from viewer.reports.words import Language, named, word

_PICTURE_PX: Final = 240
_FEW: Final = 9
_SHORT: Final = 40


@dataclass(frozen=True, slots=True)
class Chapter:
    """One kind of coverage."""

    kind: str
    language: Language
    title: str
    answer: KindAnswer
    keys: tuple[tuple[Shade, ...], ...]
    plans: tuple[Plan, ...]
    places: tuple[PlaceRow, ...]
    rooms: tuple[RoomRow, ...]
    gaps: tuple[GapRow, ...]
    small_gaps: int
    small_gaps_m2: str
    cameras: tuple[CameraRow, ...]
    pictures: Mapping[str, tuple[str, ...]]
    devices: int

    @property
    def measure(self) -> str:
        """What the cells' colours measure, where it is no level."""
        if self.kind == "detection":
            return word("measure_detection", self.language)
        return word("measure_walk", self.language) if self.kind in REACH_KINDS else ""

    @property
    def plan_rows(self) -> tuple[tuple[Plan, ...], ...]:
        """The plans as they stand beside each other: two small ones, or one."""
        rows: list[tuple[Plan, ...]] = []
        for plan in self.plans:
            if plan.is_small and rows and len(rows[-1]) == 1 and rows[-1][0].is_small:
                rows[-1] = (*rows[-1], plan)
            else:
                rows.append((plan,))
        return tuple(rows)

    @property
    def is_apart(self) -> bool:
        """Whether it begins a page of its own; short ones follow each other."""
        return len(self.places) + 6 * len(self.plans) + len(self.cameras) > _SHORT

    @property
    def leads_with_places(self) -> bool:
        """Whether its places stand before its plans: a few rows never fill a page of their own."""
        return not self.rooms and len(self.places) <= _FEW

    @property
    def met(self) -> int:
        """Places that have what is required."""
        return sum(place.is_met for place in self.answer.places)

    @property
    def lacking(self) -> tuple[PlaceRow, ...]:
        """Places that have not, those alike drawn together."""
        return tuple(alike_rows([row for row in self.places if not row.is_met], self.language))


@cache
def _template() -> Template:
    loader = PackageLoader("viewer", "reports/templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("coverage.html")


def coverage_report(
    prepared: Prepared, answers: Mapping[str, KindAnswer], *, now: dt.datetime, language: Language
) -> str:  # fmt: skip
    """The report as an HTML page that needs nothing else; whatever it quotes is escaped.

    Parameters
    ----------
    answers : by kind of requirement
    now : it is dated by, in the site's time zone
    """
    index, site = prepared.index, prepared.index.site
    chapters = [_chapter(kind, answer, prepared, language) for kind, answer in answers.items()]
    local = now.astimezone(ZoneInfo(site.time_zone))
    places = [place for answer in answers.values() for place in answer.places]
    lines = {c.title for c in chapters if any(place.line is not None for place in c.answer.places)}
    to_do, more_to_do = first(actions({c.title: c.lacking for c in chapters}, lines=lines))
    return _template().render(
        language=language,
        w=lambda key, **filled: word(key, language, **filled),
        svg=Markup,
        site=named(site.name, language, site.id),
        page_foot=_css_text(f"{named(site.name, language, site.id)} · {word('title', language)} · {local:%Y-%m-%d}"),
        at=f"{local:%Y-%m-%d %H:%M}",
        zone=site.time_zone,
        buildings=len(site.buildings),
        devices=sum(chapter.devices for chapter in chapters),
        places=len(places),
        lacking=sum(not place.is_met for place in places),
        kinds=[kind_row(c.kind, c.answer, c.devices, language) for c in chapters],
        actions=to_do,
        more_actions=more_to_do,
        asked=asked_rows(answers, language),
        chapters=chapters,
        methods=[word(f"method_{key}", language) for key in _methods(answers)],
        sources=source_rows(answers, language),
        problems=[problem_text(each, index, language) for answer in answers.values() for each in answer.problems],
    )


def _css_text(said: str) -> str:
    """A text within quotes of a style sheet, where HTML's escapes mean nothing."""
    return "".join(c if c.isalnum() or c in " ·-" else f"\\{ord(c):x} " for c in said)


def _methods(answers: Mapping[str, KindAnswer]) -> tuple[str, ...]:
    told = ["samples"]
    if "camera" in answers:
        told += ["sight", "density", "presets", "limits"]
    if "detection" in answers:
        told.append("detection")
    if "perimeter" in answers:
        told.append("perimeter")
    if answers.keys() - {"camera", "detection", "perimeter", "wifi", "sound", "lighting"}:
        told.append("walk")
    return tuple(told)


def _chapter(kind: str, answer: KindAnswer, prepared: Prepared, language: Language) -> Chapter:
    index = prepared.index
    serving = devices_of(index, kind)
    cameras = answer.cameras if isinstance(answer, CameraCoverage) else ()
    numbers = numbered(
        answer, [camera.id for camera in cameras] or [device.id for device in serving], looks(kind, answer, index)
    )
    many = is_long(answer)
    shown: Sequence[PlaceResult] = [p for p in answer.places if not (many and p.is_met)]
    small = [gap for p in answer.places for gap in p.gaps if not is_listed(gap, p, among_many=many)]
    return Chapter(
        kind=kind,
        language=language,
        title=word(f"kind_{kind}", language),
        answer=answer,
        keys=keys(answer.places, language),
        plans=plans(kind, answer, prepared, numbers, language=language),
        places=tuple(place_rows(shown, answer, index, language)),
        rooms=tuple(room_rows(answer, index, language)) if many else (),
        gaps=tuple(gap_rows(answer, numbers, index, language)),
        small_gaps=len(small),
        small_gaps_m2=f"{sum(gap.area_m2 for gap in small):.1f}",
        cameras=_camera_rows(answer, numbers, language),
        pictures=camera_pictures(answer) if isinstance(answer, CameraCoverage) else {},
        devices=len(serving),
    )


def _camera_rows(answer: KindAnswer, numbers: Numbers, language: Language) -> tuple[CameraRow, ...]:
    if not isinstance(answer, CameraCoverage):
        return ()
    index = answer.of.index
    floors = {camera.id: storey_of(index, camera.device) for camera in answer.cameras}
    return tuple(camera_rows(answer, numbers, floors, language))


def camera_pictures(answer: CameraCoverage, *, width_px: int = _PICTURE_PX) -> dict[str, tuple[str, ...]]:
    """The pictures of each camera's eyes as data, floors tinted by the edition most places ask for."""
    asked = [place.requirement.edition for place in answer.places if place.requirement.edition]
    edition = max(sorted(set(asked)), key=asked.count, default="2015")
    levels = editions()[edition].levels
    made = {}
    for camera in answer.cameras:
        drawn = (png(camera_picture(answer.of, eye, width_px=width_px, levels=levels)) for eye in camera.eyes)
        made[camera.id] = tuple(base64.b64encode(each).decode() for each in drawn)
    return made
