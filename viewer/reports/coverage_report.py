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
from viewer.reports.heat import COLOURS, steps_of
from viewer.reports.plans import Numbers, Plan, devices_of, looks, plans, storey_of
from viewer.reports.tables import (
    CameraRow,
    GapRow,
    PlaceRow,
    alike_rows,
    asked_rows,
    camera_rows,
    gap_rows,
    is_listed,
    numbered,
    place_rows,
    source_rows,
    unit_text,
)
from viewer.reports.words import Language, named, word

_PICTURE_PX: Final = 240
_ALL_LISTED: Final = 80
"""Places of a kind that are all listed; of more only those that lack are, the workbook has the rest."""


@dataclass(frozen=True, slots=True)
class Shade:
    """A colour of a key."""

    colour: str
    said: str


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
    lists_places: bool
    places_left_out: int
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
    site = prepared.index.site
    chapters = [_chapter(kind, answer, prepared, language) for kind, answer in answers.items()]
    local = now.astimezone(ZoneInfo(site.time_zone))
    places = [place for answer in answers.values() for place in answer.places]
    return _template().render(
        language=language,
        w=lambda key, **filled: word(key, language, **filled),
        svg=Markup,
        site=named(site.name, language, site.id),
        at=f"{local:%Y-%m-%d %H:%M}",
        zone=site.time_zone,
        buildings=len(site.buildings),
        devices=sum(chapter.devices for chapter in chapters),
        places=len(places),
        lacking=sum(not place.is_met for place in places),
        asked=asked_rows(answers, language),
        chapters=chapters,
        methods=[word(f"method_{key}", language) for key in _methods(answers)],
        sources=source_rows(answers, language),
        problems=[problem for answer in answers.values() for problem in answer.problems],
    )


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
    shown: Sequence[PlaceResult] = answer.places
    if len(shown) > _ALL_LISTED:
        shown = [place for place in shown if not place.is_met]
    small = [gap for p in answer.places if p.is_met for gap in p.gaps if not is_listed(gap)]
    return Chapter(
        kind=kind,
        language=language,
        title=word(f"kind_{kind}", language),
        answer=answer,
        keys=_keys(answer, language),
        plans=plans(kind, answer, prepared, numbers, language=language),
        places=tuple(place_rows(shown, answer, index, language)),
        lists_places=len(shown) == len(answer.places),
        places_left_out=len(answer.places) - len(shown),
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


def _keys(answer: KindAnswer, language: Language) -> tuple[tuple[Shade, ...], ...]:
    """What the colours mean, for each set of steps that places of the answer are coloured by."""
    found: dict[object, tuple[Shade, ...]] = {}
    for place in answer.places:
        steps = None if place.line is not None else steps_of(place.requirement)
        if place.unit == "count" or steps is None:
            said = (word("broken", language), word("unbroken", language))
            shades = tuple(Shade(colour, text) for colour, text in zip((COLOURS[0], COLOURS[4]), said, strict=True))
            found.setdefault("counted", shades)
            continue
        sign = "≥" if steps.better == "more" else "≤"
        names = [f"{named(name, language, '')} " for name in steps.names] or [""] * len(steps.values)
        unit = unit_text(steps.unit, language)
        said_steps = [f"{name}{sign} {value:g} {unit}" for name, value in zip(names, steps.values, strict=True)]
        texts = [word("level_none", language), *said_steps][: len(COLOURS)]  # the last colour stands for all above
        found.setdefault((steps.values, steps.unit), tuple(Shade(*pair) for pair in zip(COLOURS, texts, strict=False)))
    return tuple(found.values())
