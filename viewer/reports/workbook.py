"""The coverage of a site as a workbook: devices, places, gaps, what is lost when one fails, the values of rules."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geometry.lenses import horizontal_fov_deg
from twin.coverage.check import CameraCoverage
from twin.coverage.kinds import KindAnswer
from twin.coverage.levels import editions, level_of
from twin.coverage.prepared import Prepared
from twin.coverage.result import PlaceResult
from twin.index import SiteIndex
from twin.model.devices import Device
from viewer.errors import MissingPartError
from viewer.reports.alike import devices_of, looks, storey_of
from viewer.reports.key import unit_text
from viewer.reports.plans import Numbers
from viewer.reports.rules import rule_text
from viewer.reports.sources import source_text
from viewer.reports.tables import asked_text, device_text, floor_text, gap_reason, mend_text, numbered
from viewer.reports.words import Language, named, word

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Cell = str | float | int | bool | None
_FORMATS: Final = {"m": "0.00", "deg": "0.0", "m2": "#,##0.00", "share": "0.0%", "value": "General", "whole": "0"}
_DIGITS: Final = 6
"""Numbers are kept to so many: the last ones of a sum of cells mean nothing."""
_WIDEST: Final = 60
_COMMA: Final[Mapping[Language, str]] = {"en": ", ", "zh": "、"}
_ARROW: Final = 3
"""Of a filter, beside the words of a heading."""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet of the workbook.

    Attributes
    ----------
    columns : key of the heading's word, and how its numbers are written (`_FORMATS`), none for text
    fixed : columns that stay while one looks to the right
    shares : rows whose values are shares
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]
    fixed: int = 3
    shares: frozenset[int] = frozenset()

    def is_share(self, row: int, column: int) -> bool:
        """Whether a number is a share though its column holds other values too."""
        return row in self.shares and self.columns[column][1] == "value"


def write_workbook(
    out: Path, prepared: Prepared, answers: Mapping[str, KindAnswer], *, language: Language
) -> None:  # fmt: skip
    """Write the workbook.

    Raises
    ------
    MissingPartError
        If openpyxl is not installed.
    """
    try:
        from openpyxl import Workbook  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingPartError("workbooks need the excel extra: pip install 'plumbline-twin[excel]'") from error
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in tables(prepared.index, answers, language):
        _lay_out(book.create_sheet(word(f"sheet_{table.name}", language)), table, language)
    out.parent.mkdir(parents=True, exist_ok=True)
    book.save(out)


def tables(index: SiteIndex, answers: Mapping[str, KindAnswer], language: Language) -> tuple[Table, ...]:
    """The sheets of the workbook, in their order."""
    return (
        _summary(index, answers, language),
        _devices(index, answers, language),
        _places(index, answers, language),
        _gaps(index, answers, language),
        _failures(index, answers, language),
        _values(answers, language),
    )


def _lay_out(sheet: "Worksheet", table: Table, language: Language) -> None:
    """Fill a sheet: headings that stay, columns as wide as what is in them, a filter over all."""
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415 - an extra
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - an extra

    headings = [word(f"column_{key}", language) for key, _ in table.columns]
    sheet.append(headings)
    for row in table.rows:
        sheet.append([_cell(value, language) for value in row])
    for column, (_, written) in enumerate(table.columns, 1):
        head = sheet.cell(1, column)
        head.font, head.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="1F4E79")
        head.alignment = Alignment(wrap_text=True, vertical="center")
        shown = (_shown(row[column - 1], written, language) for row in table.rows)
        widest = max([_width(headings[column - 1]) + _ARROW, *map(_width, shown)])
        sheet.column_dimensions[get_column_letter(column)].width = min(_WIDEST, max(8, widest + 2))
        for line in range(2, len(table.rows) + 2):
            cell = sheet.cell(line, column)
            cell.alignment = Alignment(vertical="top", wrap_text=not written and widest > _WIDEST)
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a name that starts with = is a name
            elif written:
                cell.number_format = _FORMATS["share" if table.is_share(line - 2, column - 1) else written]
    sheet.freeze_panes = f"{get_column_letter(table.fixed + 1)}2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = sheet.title, "&P / &N"


def _cell(value: Cell, language: Language) -> Cell:
    if isinstance(value, str):  # a workbook cannot hold control characters
        return "".join(letter for letter in value if letter.isprintable() or letter in "\t\n")
    if isinstance(value, bool):
        return word("yes" if value else "no", language)
    if isinstance(value, float):
        return round(value, _DIGITS) if math.isfinite(value) else None  # nor what is no number
    return value


def _shown(value: Cell, written: str, language: Language) -> str:
    """A value about as it is shown, to measure it."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float) or not written:
        return str(_cell(value, language))
    return {"share": "100.0%", "m2": f"{value:,.2f}", "m": f"{value:.2f}"}.get(written, f"{value:.4g}")


def _width(said: str) -> int:
    """How wide a text is, in letters; Chinese ones are twice as wide.

    Examples
    --------
    >>> _width("door"), _width("门")
    (4, 2)
    """
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in said)


def _summary(index: SiteIndex, answers: Mapping[str, KindAnswer], language: Language) -> Table:
    """Each requirement with how its places fare."""
    rows: list[tuple[Cell, ...]] = []
    for kind, answer in answers.items():
        by_requirement: dict[str, list[PlaceResult]] = {}
        for place in answer.places:
            by_requirement.setdefault(place.requirement.id, []).append(place)
        for places in by_requirement.values():
            asked = places[0].requirement
            met = sum(place.is_met for place in places)
            rows.append((
                word(f"kind_{kind}", language), named(asked.name, language, asked.id), ", ".join(asked.clauses),
                asked_text(places[0], language), len(places), met, len(places) - met,
                min(place.share_ratio for place in places), asked.min_share_ratio, met == len(places),
                len(devices_of(index, kind)), len(answer.offline),
            ))  # fmt: skip
    columns = (
        ("kind", ""), ("requirement", ""), ("clauses", ""), ("asked", ""), ("places", "whole"), ("met", "whole"),
        ("lacking", "whole"), ("least_share", "share"), ("asked_share", "share"), ("is_met", ""),
        ("devices", "whole"), ("down", "whole"),
    )  # fmt: skip
    return Table("summary", columns, tuple(rows), fixed=2)


def _devices(index: SiteIndex, answers: Mapping[str, KindAnswer], language: Language) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for kind, answer in answers.items():
        looks: dict[str, tuple[float, float, float, float]] = {}
        if isinstance(answer, CameraCoverage):
            for camera in answer.cameras:
                eye = camera.eyes[0]
                across_deg = horizontal_fov_deg(eye.lens)
                looks[camera.id] = (eye.pose.bearing_deg, eye.pose.tilt_deg, across_deg, camera.infrared_m)
        for device in devices_of(index, kind):
            served = [place for place in answer.places if device.id in place.devices]
            needed_by = [_where(place, index, language) for place in served if device.id in place.depends_on]
            rows.append((
                word(f"kind_{kind}", language), device.id, named(device.name, language, device.id),
                floor_text(storey_of(index, device), index, language), device.model, *_place_of(index, device),
                *looks.get(device.id, (None, None, None, None)), device.id in answer.offline, len(served),
                _COMMA[language].join(needed_by),
            ))  # fmt: skip
    columns = (
        ("kind", ""), ("id", ""), ("name", ""), ("storey", ""), ("model", ""), ("x", "m"), ("y", "m"), ("z", "m"),
        ("bearing", "deg"), ("tilt", "deg"), ("zoom", "deg"), ("infrared", "m"), ("is_down", ""),
        ("places_served", "whole"), ("needed_by", ""),
    )  # fmt: skip
    return Table("cameras", columns, tuple(rows))


def _where(place: PlaceResult, index: SiteIndex, language: Language) -> str:
    """A place with its storey, as people call both."""
    called = named(place.name, language, place.place_id)
    return called if place.storey is None else f"{floor_text(place.storey, index, language)} {called}"


def _place_of(index: SiteIndex, device: Device) -> tuple[float, ...]:
    return tuple(round(v, 3) for v in index.device_point(device))


def _places(index: SiteIndex, answers: Mapping[str, KindAnswer], language: Language) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for kind, answer in answers.items():
        for place in answer.places:
            asked = place.requirement
            level = named(level_of(asked).name, language, "") if kind == "camera" else asked.level
            rows.append((
                word(f"kind_{kind}", language), place.place_id, named(place.name, language, place.place_id),
                floor_text(place.storey, index, language), named(asked.name, language, asked.id),
                ", ".join(asked.clauses), asked.edition, level,
                place.needed, unit_text(place.unit, language), asked.min_count,
                place.area_m2 if place.length_m is None else None, place.length_m, place.share_ratio,
                asked.min_share_ratio, place.shortfall_ratio, place.is_met,
                _COMMA[language].join(device_text(device, index, language) for device in place.depends_on),
            ))  # fmt: skip
    columns = (
        ("kind", ""), ("place", ""), ("name", ""), ("storey", ""), ("requirement", ""), ("clauses", ""),
        ("edition", ""), ("level", ""), ("needed", "value"), ("unit", ""), ("count", "whole"), ("area", "m2"),
        ("length", "m2"), ("share", "share"), ("asked_share", "share"), ("shortfall", "share"), ("is_met", ""),
        ("hangs_on", ""),
    )  # fmt: skip
    return Table("places", columns, tuple(rows))


def _gaps(index: SiteIndex, answers: Mapping[str, KindAnswer], language: Language) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for kind, answer in answers.items():
        numbers = gap_numbers(index, kind, answer)
        for place in answer.places:
            for gap in place.gaps:
                at = gap.area.representative_point()
                hidden_by = (f"{word(f'hides_{what}', language)} {owner}" for what, owner in gap.hidden_by)
                rows.append((
                    word(f"kind_{kind}", language), place.place_id, named(place.name, language, place.place_id),
                    numbers.gaps.get(id(gap)), floor_text(place.storey, index, language),
                    gap.area_m2 if gap.length_m is None else None, gap.length_m, at.x, at.y,
                    word(f"reason_{gap.reason}", language), gap_reason(gap, index, language),
                    _COMMA[language].join(hidden_by),
                    _COMMA[language].join(device_text(device, index, language) for device in gap.nearest),
                    mend_text(gap, kind, language), place.is_met,
                ))  # fmt: skip
    columns = (
        ("kind", ""), ("place", ""), ("name", ""), ("number", "whole"), ("storey", ""), ("area", "m2"),
        ("length", "m2"), ("x", "m"), ("y", "m"), ("reason", ""), ("reasons", ""), ("hidden_by", ""),
        ("nearest", ""), ("mend", ""), ("is_met", ""),
    )  # fmt: skip
    return Table("gaps", columns, tuple(rows))


def gap_numbers(index: SiteIndex, kind: str, answer: KindAnswer) -> Numbers:
    """The numbers that the report gives."""
    cameras: Sequence[str] = [c.id for c in answer.cameras] if isinstance(answer, CameraCoverage) else ()
    return numbered(answer, cameras or [device.id for device in devices_of(index, kind)], looks(kind, answer, index))


def _failures(index: SiteIndex, answers: Mapping[str, KindAnswer], language: Language) -> Table:
    """What is lost of each place without each device, the most first."""
    found: list[tuple[float, tuple[Cell, ...]]] = []
    for kind, answer in answers.items():
        for place in answer.places:
            for device, lost in place.lost_without.items():
                row: tuple[Cell, ...] = (
                    word(f"kind_{kind}", language), device, device_text(device, index, language), place.place_id,
                    named(place.name, language, place.place_id), lost, place.share_ratio - lost,
                    place.requirement.min_share_ratio, device in place.depends_on,
                )  # fmt: skip
                found.append((-lost, row))
    columns = (
        ("kind", ""), ("device", ""), ("device_name", ""), ("place", ""), ("name", ""), ("lost", "share"),
        ("left", "share"), ("asked_share", "share"), ("breaks", ""),
    )  # fmt: skip
    return Table("failures", columns, tuple(row for _, row in sorted(found, key=lambda f: f[0])))


def _values(answers: Mapping[str, KindAnswer], language: Language) -> Table:
    """Levels and rules with what they ask for, what is there, and where they come from."""
    rows: dict[tuple[Cell, ...], bool] = dict.fromkeys(_levels(answers, language), False)
    for kind, answer in answers.items():
        for place in answer.places:
            for rule in place.rules:
                needed, reached = (bool(v) if rule.unit == "bool" else v for v in (rule.needed, rule.reached))
                rows[
                    word(f"kind_{kind}", language), place.place_id, rule_text(rule, language), needed, reached,
                    unit_text(rule.unit, language), rule.is_met, rule.is_binding, source_text(rule.source, language),
                    word(f"certainty_{rule.certainty}", language),
                ] = rule.unit == "ratio"  # fmt: skip
    columns = (
        ("kind", ""), ("place", ""), ("rule", ""), ("needed", "value"), ("reached", "value"), ("unit", ""),
        ("is_met", ""), ("binding", ""), ("source", ""), ("certainty", ""),
    )  # fmt: skip
    shares = frozenset(k for k, is_share in enumerate(rows.values()) if is_share)
    return Table("values", columns, tuple(rows), shares=shares)


def _levels(answers: Mapping[str, KindAnswer], language: Language) -> Iterable[tuple[Cell, ...]]:
    for place in answers["camera"].places if "camera" in answers else ():
        level, edition = level_of(place.requirement), place.requirement.edition
        source = source_text(editions()[edition].source if edition else "requirements.yaml", language)
        certainty = word(f"certainty_{level.certainty}", language)
        name = named(level.name, language, level.id)
        unit = unit_text("px_per_m", language)
        yield (
            word("kind_camera", language), None, name, level.density_px_per_m, None, unit, None, True, source, certainty
        )  # fmt: skip
