"""A picture of the leaks' figures: how near leaks are found, how honest areas are, leakage of a year, scored years.

It is drawn from figures alone, so that those of families measured one after the other make one picture.
"""

from collections.abc import Callable, Sequence
from html import escape
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from viewer.bench.figures import Drawing, Figure

_COLOURS: Final = ("#0b6e99", "#c2571a", "#6b7280", "#7a4fa3", "#2e8540")
_DASHES: Final = ("", "7 3", "2 3", "9 3 2 3", "1 4")
_INK: Final = "#1f2933"
_FAINT: Final = "#66707a"
_GRID: Final = "#e4e7eb"
_GREY: Final = "#c3c9d0"
_WIDTH: Final = 1000
_MARGIN: Final = 24
_GUTTER: Final = 28
_HALF: Final = (_WIDTH - 2 * _MARGIN - _GUTTER) / 2
_WHOLE: Final = _WIDTH - 2 * _MARGIN
_PLOT_HEIGHT: Final = 220
_LEAST_M: Final = 10.0
_MOST_M: Final = 5000.0
_REACH_M: Final = 300.0
_YEAR_DAYS: Final = 365
_MONTH_DAYS: Final = (0, 59, 120, 181, 243, 304, 365)
_MONTHS: Final = ("January", "March", "May", "July", "September", "November", "")
_LEVELS: Final = tuple(k / 10 for k in range(1, 10))


class Panel(NamedTuple):
    """Elements that begin at (0, 0), and the room they take."""

    body: str
    width: float
    height: float


def draw(figures: Sequence[Figure]) -> str:
    """An SVG of what figures are made of.

    Raises
    ------
    ValueError
        If none of them has anything to draw.
    """
    drawings = [f.drawing for f in figures if f.drawing is not None]
    panels = [distances_panel(d) for d in drawings if d.kind == "ways"]
    levels = [d for d in drawings if d.kind == "levels"]
    panels += [levels_panel(levels)] if levels else []
    panels += [courses_panel(d) for d in drawings if d.kind == "courses"]
    panels += [lives_panel(d) for d in drawings if d.kind == "lives"]
    if not panels:
        raise ValueError("nothing to draw: the families location, flows and year have pictures; measure one of them")
    return picture(panels)


def picture(panels: Sequence[Panel]) -> str:
    """Panels from left to right, and from top to bottom, as there is room."""
    parts: list[str] = []
    left, top, tallest = float(_MARGIN), float(_MARGIN), 0.0
    for panel in panels:
        if left > _MARGIN and left + panel.width > _WIDTH - _MARGIN + 1:
            left, top, tallest = float(_MARGIN), top + tallest + _GUTTER, 0.0
        parts.append(f'<g transform="translate({left:g} {top:g})">{panel.body}</g>')
        left, tallest = left + panel.width + _GUTTER, max(tallest, panel.height)
    height = top + tallest + _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:g}" width="{_WIDTH}"'
        f' height="{height:g}" font-family="Helvetica, Arial, sans-serif" font-size="12" fill="{_INK}">'
        f'<rect width="{_WIDTH}" height="{height:g}" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def distances_panel(drawing: Drawing) -> Panel:
    """The share of leaks found within a way, which is drawn by its logarithm.

    Examples
    --------
    >>> panel = distances_panel(Drawing("ways", "trials", {"ours": [20.0, 50.0], "theirs": [200.0, 900.0]}))
    >>> panel.body.count("<polyline"), "median 35 m" in panel.body
    (2, True)
    """
    left, top, right = 44.0, 46.0, _HALF

    def x(way_m: float) -> float:
        clipped = min(max(way_m, _LEAST_M), _MOST_M)
        return left + (right - left) * float(np.log(clipped / _LEAST_M) / np.log(_MOST_M / _LEAST_M))

    def y(share_ratio: float) -> float:
        return top + _PLOT_HEIGHT * (1 - share_ratio)

    parts = _heading("How far from the leak the search begins", drawing.title)
    parts += _shares(left, right, y)
    for way_m in (10, 30, 100, 300, 1000, 3000):
        parts.append(_line(x(way_m), top, x(way_m), y(0), _GREY if way_m == _REACH_M else _GRID))
        parts.append(_text(x(way_m), y(0) + 16, f"{way_m} m", anchor="middle", colour=_FAINT))
    names = list(drawing.lists)
    for k, name in reversed(list(enumerate(names))):
        ordered = np.sort(drawing.numbers(name))
        steps = [(x(_LEAST_M), y(0.0))]
        for n, way in enumerate(ordered):
            steps += [(x(float(way)), y(n / len(ordered))), (x(float(way)), y((n + 1) / len(ordered)))]
        parts.append(_course([*steps, (right, y(1.0))], k))
    keys = [f"{name}: median {np.median(drawing.numbers(name)):.0f} m" for name in names]
    parts += _legend(keys, 0.0, y(0) + 38, _HALF - 20, columns=2)
    return Panel("".join(parts), _HALF, y(0) + 38 + 18 * -(-len(names) // 2))


def levels_panel(drawings: Sequence[Drawing]) -> Panel:
    """How often areas of each stated probability have the leak: honest ones lie on the diagonal.

    Examples
    --------
    >>> panel = levels_panel([Drawing("levels", "A", {"level_ratio": [0.05, 0.35, 0.95]})])
    >>> panel.body.count("<circle")
    9
    """
    left, top, right = 44.0, 46.0, _HALF

    def x(ratio: float) -> float:
        return left + (right - left) * ratio

    def y(ratio: float) -> float:
        return top + _PLOT_HEIGHT * (1 - ratio)

    parts = _heading(
        "Search areas: stated probability, and how often they have the leak",
        "honest on the diagonal; an area of whole pipes is a little more than it says",
    )
    parts += _shares(left, right, y)
    for level in (0.1, 0.3, 0.5, 0.7, 0.9):
        parts.append(_line(x(level), top, x(level), y(0), _GRID))
        parts.append(_text(x(level), y(0) + 16, f"{level:.0%}", anchor="middle", colour=_FAINT))
    parts.append(_line(x(0), y(0), x(1), y(1), _FAINT, width=1))
    for k, drawing in enumerate(drawings):
        levels = np.array(drawing.numbers("level_ratio"))
        # each scenario a little aside, or their intervals hide each other
        aside = 3.0 * (k - (len(drawings) - 1) / 2)
        points = []
        for level in _LEVELS:
            hits, of = int((levels < level).sum()), len(levels)
            low, high = _interval(hits, of)
            at = x(level) + aside
            points.append((at, y(hits / of)))
            parts.append(_line(at, y(low), at, y(high), _COLOURS[k % len(_COLOURS)], width=1))
            parts.append(
                f'<circle cx="{at:.1f}" cy="{y(hits / of):.1f}" r="2.6" fill="{_COLOURS[k % len(_COLOURS)]}"/>'
            )
        parts.append(_course(points, k, width=1.4))
    keys = [d.title for d in drawings]
    parts += _legend(keys, 0.0, y(0) + 38, _HALF - 20, columns=2)
    return Panel("".join(parts), _HALF, y(0) + 38 + 18 * -(-len(keys) // 2))


def _interval(hits: int, of: int) -> tuple[float, float]:
    """The 90 % interval of a share (Wilson, JASA 22 (1927) 209)."""
    z2, share = 1.645**2, hits / of
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = (z2 * (share * (1 - share) / of + z2 / (4 * of * of))) ** 0.5 / (1 + z2 / of)
    return middle - half, middle + half


def courses_panel(drawing: Drawing) -> Panel:
    """Leakage through the year: the truth as an area, what was told as lines."""
    left, top, right = 44.0, 46.0, float(_WHOLE)
    days = drawing.numbers("day")
    names = [name for name in drawing.lists if name != "day"]
    lines = {name: drawing.numbers(name) for name in names}
    most = 10 * np.ceil(max(max(values) for values in lines.values()) / 10)
    least = min(0.0, 10 * np.floor(min(min(values) for values in lines.values()) / 10))

    def x(day: float) -> float:
        return left + (right - left) * day / _YEAR_DAYS

    def y(flow: float) -> float:
        return top + _PLOT_HEIGHT * float((most - flow) / (most - least))

    parts = _heading(drawing.title, "cubic metres an hour")
    for flow in np.arange(least, most + 1, 20 if most - least > 60 else 10):
        parts.append(_line(left, y(flow), right, y(flow), _GRID))
        parts.append(_text(left - 8, y(flow) + 4, f"{flow:.0f}", anchor="end", colour=_FAINT))
    parts += _months(x, y(least) + 16)
    truth = list(zip(days, lines[names[0]], strict=True))
    edge = [(x(days[0]), y(0)), *((x(a), y(b)) for a, b in truth), (x(days[-1]), y(0))]
    parts.append(f'<polygon points="{_points(edge)}" fill="{_GREY}" fill-opacity="0.7"/>')
    for k, name in reversed(list(enumerate(names[1:]))):
        points = [(x(a), y(b)) for a, b in zip(days, lines[name], strict=True)]
        parts.append(_course(points, k, width=2.0 if k == 0 else 1.2))
    base = y(least) + 38
    parts.append(f'<rect x="{left}" y="{base - 10}" width="24" height="10" fill="{_GREY}"/>')
    parts.append(_text(left + 30, base - 1, names[0]))
    parts += _legend(names[1:], left + 130, base, _WHOLE - 130, columns=3)
    return Panel("".join(parts), _WHOLE, base + 8)


def lives_panel(drawing: Drawing) -> Panel:
    """Each leak's life in the scored year, when it was found, what of its worth was won, and false reports."""
    left, right, step, top = 52.0, 590.0, 17, 58.0
    pipes, could = drawing.words("pipe"), drawing.numbers("could_eur")
    begins, ends = drawing.numbers("start_day"), drawing.numbers("end_day")
    names = ("found_row", "found_day", "found_m", "won_eur")
    found = {round(row): told for row, *told in zip(*(drawing.numbers(n) for n in names), strict=True)}
    most = max([*could, 1.0])
    bars, wide = right + 24, 150.0

    def x(day: float) -> float:
        return left + (right - left) * min(max(day / _YEAR_DAYS, 0.0), 1.0)

    total, best = drawing.numbers("total_eur")[0], sum(could)
    false = drawing.numbers("false_day")
    told = f"€{total:,.0f} of €{best:,.0f} won, {len(found)} of {len(pipes)} leaks found, {len(false)} false reports"
    parts = _heading(drawing.title, told)
    parts.append(_text(bars, top - 12, "won of its worth", colour=_FAINT))
    for day in _MONTH_DAYS:
        parts.append(_line(x(day), top - 6, x(day), top + step * (len(pipes) + 1), _GRID))
    for k in sorted(range(len(pipes)), key=lambda k: (begins[k], pipes[k])):
        y = top + step * sorted(range(len(pipes)), key=lambda j: (begins[j], pipes[j])).index(k)
        parts.append(_text(left - 8, y + 9, pipes[k], anchor="end"))
        parts.append(_bar(x(begins[k]), x(ends[k]), y, _GREY))
        parts.append(_bar(bars, bars + wide * could[k] / most, y, _GREY))
        said = f"€{could[k]:,.0f} lost, not found"
        if k in found:
            day, distance_m, won = found[k]
            parts.append(_bar(x(day), x(ends[k]), y, _COLOURS[0]))
            parts.append(_line(x(day), y - 2, x(day), y + 12, _INK, width=1.5))
            parts.append(_bar(bars, bars + wide * max(won, 0.0) / most, y, _COLOURS[0]))
            said = f"€{won:,.0f} of {could[k]:,.0f}, {distance_m:.0f} m off"
        parts.append(_text(bars + wide * could[k] / most + 6, y + 9, said, colour=_INK if k in found else _COLOURS[1]))
    y = top + step * len(pipes)
    parts.append(_text(left - 8, y + 9, "false", anchor="end", colour=_COLOURS[1]))
    parts += [_text(x(day), y + 10, "×", anchor="middle", colour=_COLOURS[1], size=16) for day in false]
    parts += _months(x, y + 28)
    key = y + 50
    parts.append(_bar(left, left + 24, key - 9, _GREY))
    parts.append(_text(left + 30, key, "leaks, nobody knows"))
    parts.append(_bar(left + 170, left + 194, key - 9, _COLOURS[0]))
    parts.append(_line(left + 170, key - 11, left + 170, key + 3, _INK, width=1.5))
    parts.append(_text(left + 200, key, "from the day it was found"))
    return Panel("".join(parts), _WHOLE, key + 8)


# -- pieces
def _heading(title: str, below: str) -> list[str]:
    return [_text(0, 12, title, weight="bold", size=14), _text(0, 30, below, colour=_FAINT)]


def _shares(left: float, right: float, y: Callable[[float], float]) -> list[str]:
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(_line(left, y(share), right, y(share), _GRID))
        parts.append(_text(left - 8, y(share) + 4, f"{share:.0%}", anchor="end", colour=_FAINT))
    return parts


def _months(x: Callable[[float], float], y: float) -> list[str]:
    return [
        _text((x(a) + x(a + 31)) / 2, y, month, anchor="middle", colour=_FAINT)
        for (a, _), month in zip(pairwise(_MONTH_DAYS), _MONTHS, strict=False)
    ]


def _legend(names: Sequence[str], left: float, top: float, width: float, *, columns: int) -> list[str]:
    parts = []
    for k, name in enumerate(names):
        x, y = left + (width - left) / columns * (k % columns), top + 18 * (k // columns)
        parts.append(_course([(x, y - 4), (x + 24, y - 4)], k))
        parts.append(_text(x + 30, y, name))
    return parts


def _course(points: Sequence[tuple[float, float]], k: int, *, width: float = 2.0) -> str:
    colour, dash = _COLOURS[k % len(_COLOURS)], _DASHES[k % len(_DASHES)]
    style = f'fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-dasharray="{dash}"'
    tag = "polyline" if len(points) > 2 else "path"
    where = f'points="{_points(points)}"' if tag == "polyline" else f'd="M{_points(points[:1])}L{_points(points[1:])}"'
    return f'<{tag} {where} {style} stroke-linejoin="round"/>'


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in points)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width:g}"/>'


def _bar(x1: float, x2: float, y: float, colour: str) -> str:
    return f'<rect x="{x1:.1f}" y="{y:.1f}" width="{max(x2 - x1, 0.0):.1f}" height="10" fill="{colour}"/>'


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", colour: str = _INK, size: int = 12, weight: str = "normal"
) -> str:  # fmt: skip
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}"'
        f' font-weight="{weight}">{escape(words)}</text>'
    )
