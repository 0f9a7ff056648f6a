"""The picture says what was measured, in well-formed SVG."""

from xml.etree import ElementTree as ET

import numpy as np

from pipe_network.record import DAY_S, Record
from viewer.bench.leaks.picture import distances_panel, picture, year_panel
from viewer.bench.leaks.scoring import Hit, Report, Score
from viewer.bench.leaks.year import Year
from viewer.bench.leaks.year_truth import TrueLeak, Truth


def _year() -> Year:
    times_s = np.arange(3.0) * 3600
    record = Record(times_s, (), np.empty((3, 0)), (), np.empty((3, 0)))
    leaks = (TrueLeak("p1", 0.0, 90 * DAY_S, 0.0, 0.01), TrueLeak("p2", 9.0, 20 * DAY_S, 9.0, 0.01))
    hits = (
        Hit(Report("p1", 40 * DAY_S), 0, 12.0, 1234.0),
        Hit(Report("p7", 50 * DAY_S), None, np.inf, -500.0),
    )
    return Year(Truth(record, leaks, np.zeros((3, 2))), (), Score(hits), Score(hits[:1]), 1.0)


def test_picture_is_an_svg_of_its_panels() -> None:
    panels = [
        distances_panel("A & B", {"ours": [5.0, 80.0, 9000.0], "<peer>": [300.0, 400.0, 500.0]}),
        year_panel(_year()),
    ]
    root = ET.fromstring(picture(panels))  # noqa: S314 - our own
    told = " ".join(text for text in root.itertext())
    for words in ("A & B", "<peer>", "734 of 1,234 euros", "1 found, 1 false", "not found", "1,234 €, 12 m off"):
        assert words in told
    height = float(root.attrib["viewBox"].split()[3])
    assert height == 10 + sum(panel_height for _, panel_height in panels)
