"""The CSV files: devices, households, staff."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar, get_origin

from pydantic import ValidationError

from twin.errors import SiteFolderError
from twin.model.base import Model, Text
from twin.site_folder.faults import faults
from twin.site_folder.flat import columns_of, fold_texts
from twin.site_folder.issues import IssueList

M = TypeVar("M", bound=Model)

ROWS_LIMIT: Final = 500_000
COLUMNS_LIMIT: Final = 200
TUPLE_SEPARATOR: Final = ";"


def columns(model: type[Model]) -> tuple[str, ...]:
    """The columns of a model's table.

    Examples
    --------
    >>> from twin.model.registers import StaffMember
    >>> columns(StaffMember)
    ('id', 'name_zh', 'name_en', 'role', 'skills', 'phone', 'base')
    """
    names: list[str] = []
    for name, info in model.model_fields.items():
        names += [f"{name}_zh", f"{name}_en"] if info.annotation is Text else [name]
    return tuple(names)


def tuple_fields(model: type[Model]) -> frozenset[str]:
    """Fields written as one cell with semicolons."""
    return frozenset(n for n, info in model.model_fields.items() if get_origin(info.annotation) is tuple)


def table_text(objects: Iterable[Model], model: type[Model]) -> str:
    """The CSV text of some objects.

    Raises
    ------
    SiteFolderError
        If an element of a list holds a semicolon, which separates them.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    header = columns(model)
    writer.writerow(header)
    for thing in objects:
        cells = columns_of(thing)
        for name in tuple_fields(model) & cells.keys():
            parts = [str(part) for part in getattr(thing, name)]
            if any(TUPLE_SEPARATOR in part or not part for part in parts):
                raise SiteFolderError(f"{name} of {cells['id']} holds a blank or a semicolon; reword it: {parts}")
            cells[name] = TUPLE_SEPARATOR.join(parts)
        writer.writerow([_cell(cells.get(name, "")) for name in header])
    return stream.getvalue()


def _cell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def rows_of(text: str, file: str, model: type[M], issues: IssueList) -> Iterator[tuple[int, str, M | None]]:
    """Line, id and object of each row; the object is none where the row is faulty, which is noted."""
    records = _records(text, file, issues)
    _, header = next(records, (1, []))
    if not _header_is_usable(header, file, model, issues):
        return
    tuples = tuple_fields(model)
    for count, (line, cells) in enumerate(records):
        if count >= ROWS_LIMIT:
            issues.add("too-many-rows", file, f"It has more than {ROWS_LIMIT:,} rows.", "Split the site.")
            return
        if not cells:
            continue
        if len(cells) != len(header):
            message = f"The row has {len(cells)} cells, the first row {len(header)}."
            issues.add("ragged-row", file, message, "Put texts with commas in quotes.", place=f"line {line}")
            yield line, cells[0], None
            continue
        row: dict[str, object] = {name: cell for name, cell in zip(header, cells, strict=True) if cell != ""}
        object_id = str(row.get("id", ""))
        for name in tuples & row.keys():
            row[name] = tuple(part for part in str(row[name]).split(TUPLE_SEPARATOR) if part)
        try:
            yield line, object_id, model.model_validate(fold_texts(row, model))
        except ValidationError as error:
            for fault in faults(error, model):
                issues.add(
                    fault.code,
                    file,
                    fault.message,
                    fault.cure,
                    place=f"line {line}",
                    object_ids=filter(None, [object_id]),
                )
            yield line, object_id, None


def _records(text: str, file: str, issues: IssueList) -> Iterator[tuple[int, list[str]]]:
    """Line on which each record begins, and its cells."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            issues.add(
                "not-csv", file, f"It is not CSV: {error}.", "Mend the quotes there.", place=f"line {reader.line_num}"
            )
            return
        yield line, cells


def _header_is_usable(header: list[str], file: str, model: type[Model], issues: IssueList) -> bool:
    known = columns(model)
    place = "line 1"
    before = len(issues)
    if len(header) > COLUMNS_LIMIT:
        cure = f"Keep the columns {', '.join(known)}."
        issues.add("too-many-columns", file, f"It has {len(header):,} columns.", cure, place=place)
        return False
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        issues.add("not-csv", file, "Its cells are not separated by commas.", "Save it with commas.", place=place)
        return False
    for name in dict.fromkeys(header):
        if header.count(name) > 1:
            issues.add("duplicate-column", file, f"Column {name[:60]!r} is there twice.", "Remove one.", place=place)
        if name not in known:
            cure = f"Rename or remove it; known are {', '.join(known)}."
            issues.add("unknown-field", file, f"Column {name[:60]!r} is not known.", cure, place=place)
    for name, info in model.model_fields.items():
        if info.is_required() and info.annotation is not Text and name not in header:
            issues.add(
                "missing-field", file, f"Column {name} is missing.", f"Add {name} to the first row.", place=place
            )
    return len(issues) == before
