"""The coverage workbook as a spreadsheet program opens it."""

from pathlib import Path

import pytest

from tests.twin.coverage.rooms import camera, covered, seen, site, zone
from tests.twin.riverside_in_small import box
from twin.coverage.check import CameraCoverage
from twin.model.base import Text
from viewer.reports.words import LANGUAGES, Language, word
from viewer.reports.workbook import tables, write_workbook

openpyxl = pytest.importorskip("openpyxl", reason="needs the excel extra")

TWO = [camera("a", z_m=1.6), camera("b", z_m=1.6, x_m=4.0)]


def written(answer: CameraCoverage, out: Path, language: Language = "en") -> dict[str, list[dict[str, object]]]:
    """The sheets as rows by heading."""
    write_workbook(out, answer.of, {"camera": answer}, language=language)
    book = openpyxl.load_workbook(out)
    sheets = {}
    for sheet in book.worksheets:
        head, *rows = sheet.iter_rows(values_only=True)
        sheets[sheet.title] = [dict(zip(head, row, strict=True)) for row in rows]
    return sheets


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sheet_has_headings_that_stay_and_a_filter(tmp_path: Path, language: Language) -> None:
    answer = covered(site([zone(box(4.5, 5, 5.5, 7))], TWO))
    write_workbook(tmp_path / "out.xlsx", answer.of, {"camera": answer}, language=language)
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    names = ("summary", "cameras", "places", "gaps", "failures", "values")
    assert book.sheetnames == [word(f"sheet_{name}", language) for name in names]
    for sheet in book.worksheets:
        assert sheet.freeze_panes == ("C2" if sheet is book.worksheets[0] else "D2")
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.auto_filter.ref is not None
        assert all(isinstance(cell.value, str) and cell.value for cell in sheet[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_are_never_cut_and_numbers_are_written_by_their_unit(tmp_path: Path, language: Language) -> None:
    answer = covered(site([zone(box(4.5, 5, 5.5, 7))], TWO))
    write_workbook(tmp_path / "out.xlsx", answer.of, {"camera": answer}, language=language)
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    for sheet in book.worksheets:
        for cell in sheet[1]:
            wide = sum(2 if ord(letter) > 0x2E80 else 1 for letter in cell.value)
            assert sheet.column_dimensions[cell.column_letter].width > wide
    sheet = book[word("sheet_places", language)]
    formats = {head.value: cell.number_format for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert formats[word("column_share", language)] == "0.0%"
    assert formats[word("column_area", language)] == "#,##0.00"
    # 0.#### would be shown as "62." where the number is whole
    assert formats[word("column_needed", language)] == "General"


def test_the_first_sheet_tells_how_each_requirement_fares(tmp_path: Path) -> None:
    zones = [zone(box(4.5, 5, 5.5, 7)), zone(box(4, 0, 6, 0.5), id="behind")]
    (row,) = written(covered(site(zones, [camera(z_m=1.6)])), tmp_path / "out.xlsx")["Summary"]
    assert (row["Kind"], row["Places"], row["Places met"], row["Places lacking"]) == ("Cameras", 2, 1, 1)
    assert (row["Least covered"], row["Met"], row["Devices"]) == (0.0, "no", 1)


def test_what_a_camera_that_fails_costs_stands_in_numbers(tmp_path: Path) -> None:
    answer = covered(site([zone(box(4.5, 5, 5.5, 7))], [camera(z_m=1.6)]))
    sheets = written(answer, tmp_path / "out.xlsx")
    (lost,) = sheets["Failures"]
    assert (lost["Device"], lost["Lost without it"], lost["Left without it"]) == ("cam", 1.0, 0.0)
    assert lost["No longer met"] == "yes"
    (device,) = sheets["Devices"]
    assert (device["x east, m"], device["z up, m"], device["Field across, °"]) == (5.0, 1.6, pytest.approx(90.0))


def test_two_cameras_that_stand_in_for_each_other_lose_nothing(tmp_path: Path) -> None:
    assert written(covered(site([zone(box(4.5, 5, 5.5, 7))], TWO)), tmp_path / "out.xlsx")["Failures"] == []


def test_a_gap_has_its_size_place_and_reason(tmp_path: Path) -> None:
    # the camera looks north from y = 0.5: a strip 0.5 m deep behind it, 2 m wide, is beside its picture
    strip = zone(box(4, 0, 6, 0.5))
    (gap,) = written(covered(site([strip], [camera(z_m=1.6)], seen())), tmp_path / "out.xlsx")["Gaps"]
    assert gap["Area, m²"] == pytest.approx(1.0)
    assert (gap["No. on plan"], gap["Main reason"]) == (1, word("reason_outside_field", "en"))
    assert 4 < gap["x east, m"] < 6  # type: ignore[operator]


def test_a_name_that_looks_like_a_formula_stays_a_name(tmp_path: Path) -> None:
    answer = covered(site([zone(box(4.5, 5, 5.5, 7), name=Text(en="=1+1"))], [camera(z_m=1.6)]))
    write_workbook(tmp_path / "out.xlsx", answer.of, {"camera": answer}, language="en")
    cell = openpyxl.load_workbook(tmp_path / "out.xlsx")["Places"]["C2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_has_a_value_for_every_column(language: Language) -> None:
    answer = covered(site([zone(box(0, 0, 10, 8))], TWO))
    for table in tables(answer.of.index, {"camera": answer}, language):
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert len({word(f"column_{key}", language) for key, _ in table.columns}) == len(table.columns)
