"""The picture says what was measured, in well-formed SVG, of figures measured in one run or in several."""

from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from typer.testing import CliRunner

from pipe_network.record import DAY_S, Record
from viewer.bench.figures import Drawing, Figure, Goal, as_json, from_json
from viewer.bench.leaks.picture import draw, levels_panel, lives_panel
from viewer.bench.leaks.scoring import Hit, Report, Score
from viewer.bench.leaks.year import Year, lives
from viewer.bench.leaks.year_truth import TrueLeak, Truth
from viewer.cli import build_app


def _lives() -> Drawing:
    times_s = np.arange(3.0) * 3600
    record = Record(times_s, (), np.empty((3, 0)), (), np.empty((3, 0)))
    leaks = (TrueLeak("p1", 0.0, 90 * DAY_S, 0.0, 0.01), TrueLeak("p2", 9.0, 20 * DAY_S, 9.0, 0.01))
    hits = (
        Hit(Report("p1", 40 * DAY_S), 0, 12.0, 1234.0),
        Hit(Report("p7", 50 * DAY_S), None, np.inf, -500.0),
        Hit(Report("p1", 60 * DAY_S), None, 10.0, 0.0, is_repeated=True),
    )
    best = (Hit(Report("p1", 0.0), 0, 0.0, 2000.0), Hit(Report("p2", 9.0), 1, 0.0, 700.0))
    year = Year(Truth(record, leaks, np.zeros((3, 2))), (), Score(hits), Score(best), 1.0)
    return Drawing("lives", "The year", lives(year))


def _figures() -> list[Figure]:
    ways = Drawing("ways", "A & B", {"ours": [5.0, 80.0, 9000.0], "<peer>": [300.0, 400.0, 500.0]})
    course = Drawing("courses", "2019", {"day": [14, 15, 16], "truth": [30.0, 31.0, 40.0], "told": [-2.0, 30.0, 41.0]})
    return [
        Figure("near", "m", 80.0, Goal(">=", 0.85, 0.95), "<peer>", 400.0, ways),
        Figure("honest", "share", 0.9, drawing=Drawing("levels", "A", {"level_ratio": [0.1, 0.2, 0.7, 0.95]})),
        Figure("leakage", "", 0.99, drawing=course),
        Figure("year", "EUR", 734.0, Goal(">=", 350_000), drawing=_lives()),
    ]


def _told(svg: str) -> str:
    return " ".join(ET.fromstring(svg).itertext())  # noqa: S314 - our own


def test_picture_tells_what_each_figure_is_made_of() -> None:
    told = _told(draw(_figures()))
    for words in ("A & B", "ours: median 80 m", "<peer>: median 400 m", "2019", "stated probability"):
        assert words in told
    for words in ("€734 of €2,700 won, 1 of 2 leaks found, 1 false", "€700 lost, not found", "€1,234 of 2,000, 12 m"):
        assert words in told


def test_picture_of_kept_figures_is_that_of_measured_ones() -> None:
    figures = _figures()
    kept = from_json(as_json(figures))
    assert draw(kept) == draw(figures)
    assert [f.goal for f in kept] == [f.goal for f in figures]


def test_areas_that_are_honest_lie_on_the_diagonal_and_too_narrow_ones_below() -> None:
    honest = levels_panel([Drawing("levels", "A", {"level_ratio": [(k + 0.5) / 100 for k in range(100)]})])
    narrow = levels_panel([Drawing("levels", "A", {"level_ratio": [0.99] * 100})])

    def heights(body: str) -> list[float]:
        return [float(e.attrib["cy"]) for e in ET.fromstring(f"<g>{body}</g>").iter("circle")]  # noqa: S314 - our own

    assert np.ptp(np.diff(heights(honest.body))) < 0.2  # equal steps, to the tenth of a pixel they are written with
    assert len(set(heights(narrow.body))) == 1  # never has it, whatever it says


def test_leak_nobody_found_has_no_time_of_being_found() -> None:
    drawing = _lives()
    assert drawing.numbers("found_row") == [0.0]
    assert drawing.numbers("false_day") == [50.0]
    assert lives_panel(drawing).height > 0


def test_figures_without_drawings_are_not_a_picture() -> None:
    with pytest.raises(ValueError, match="location, flows and year"):
        draw([Figure("it", "s", 1.0)])


def test_families_kept_one_by_one_are_shown_and_drawn_together(tmp_path: Path) -> None:
    keep, picture = tmp_path / "leaks.json", tmp_path / "leaks.svg"
    keep.write_text(as_json(_figures()), encoding="utf-8")
    options = ["bench", "leaks", "--kept-only", "--keep", str(keep), "--picture", str(picture), "--json"]
    result = CliRunner().invoke(build_app(), options)
    assert result.exit_code == 1  # the year misses its goal
    assert [f.name for f in from_json(result.stdout)] == ["near", "honest", "leakage", "year"]
    assert "A & B" in _told(picture.read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", ["{", "[]", '{"figures": [{}]}', '{"figures": [3]}'])
def test_document_that_is_none_is_refused_by_name(tmp_path: Path, text: str) -> None:
    keep = tmp_path / "mine.json"
    keep.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(build_app(), ["bench", "leaks", "--kept-only", "--keep", str(keep)])
    assert result.exit_code == 2
    assert "mine.json" in result.output


def test_only_what_is_kept_needs_a_document(tmp_path: Path) -> None:
    absent = CliRunner().invoke(build_app(), ["bench", "leaks", "--kept-only", "--keep", str(tmp_path / "none.json")])
    assert absent.exit_code == 2
