"""A picture of the errors: how near leaks are found, with the peers of the same run, and the scored years."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Final

import numpy as np

from pipe_network.record import DAY_S
from viewer.bench.leaks.location import outcomes
from viewer.bench.leaks.trials import LTOWN_SENSORS, A, B
from viewer.bench.leaks.year import Year, competition
from viewer.bench.leaks.year_truth import YEAR_S, read_network
from viewer.bench.replay import shared_data

_TRIALS: Final = 30
_QUICK_TRIALS: Final = 6
_WIDTH: Final = 900
_PLOT: Final = (70, 240)
"""Left edge and height of a plot."""
_COLOURS: Final = ("#0b6e99", "#b35806", "#7f7f7f", "#6a51a3", "#238b45")
_DASHES: Final = ("", "6 3", "2 3", "8 3 2 3", "1 4")
_LEAST_M: Final = 10.0
_MOST_M: Final = 5000.0


def draw(*, quick: bool, tell: Callable[[str], None], seed: int | None = None) -> str:
    """An SVG of some trials of the first two scenarios, and unless in a hurry of the surveyed years."""
    network = read_network(shared_data())
    panels = []
    for scenario in (A,) if quick else (A, B):
        count = _QUICK_TRIALS if quick else _TRIALS
        found = list(outcomes(network, LTOWN_SENSORS, scenario, count=count, seed=seed or 1, tell=tell))
        ways = {"Plumbline": [o.first_m for o in found]}
        for peer in found[0].peers_m:
            ways[peer] = [o.peers_m[peer] for o in found]
        panels.append(distances_panel(f"Scenario {scenario.name}, {count} leaks: way to the leak", ways))
    if not quick:
        panels.append(year_panel(competition(seed, tell)))
    return picture(panels)


def picture(panels: Sequence[tuple[str, int]]) -> str:
    """An SVG with panels, each its elements and its height, one below the other."""
    parts, top = [], 10
    for body, height in panels:
        parts.append(f'<g transform="translate(0 {top})">{body}</g>')
        top += height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" font-family="sans-serif" font-size="12"'
        f' fill="#222"><rect width="{_WIDTH}" height="{top}" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def distances_panel(title: str, ways_m: Mapping[str, Sequence[float]]) -> tuple[str, int]:
    """The share of leaks found within a way, which is drawn by its logarithm.

    Examples
    --------
    >>> body, height = distances_panel("trials", {"ours": [20.0, 50.0], "theirs": [200.0, 900.0]})
    >>> body.count("<polyline"), height
    (2, 320)
    """
    left, height = _PLOT
    right = _WIDTH - 180

    def x(way_m: float) -> float:
        clipped = min(max(way_m, _LEAST_M), _MOST_M)
        return left + (right - left) * float(np.log(clipped / _LEAST_M) / np.log(_MOST_M / _LEAST_M))

    def y(share_ratio: float) -> float:
        return 30 + height * (1 - share_ratio)

    parts = [f'<text x="{left}" y="16" font-weight="bold">{escape(title)}</text>']
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(_line(left, y(share), right, y(share), "#ddd"))
        parts.append(f'<text x="{left - 8}" y="{y(share) + 4:.0f}" text-anchor="end">{share:.0%}</text>')
    for way_m in (10, 30, 100, 300, 1000, 3000):
        parts.append(_line(x(way_m), 30, x(way_m), 30 + height, "#999" if way_m == 300 else "#eee"))
        parts.append(f'<text x="{x(way_m):.0f}" y="{height + 46}" text-anchor="middle">{way_m} m</text>')
    for k, (name, values) in enumerate(ways_m.items()):
        ordered = np.sort(np.asarray(values, dtype=np.float64))
        points, share_ratio = [(x(_LEAST_M), y(0.0))], 0.0
        for n, way in enumerate(ordered, 1):
            points.append((x(float(way)), y(share_ratio)))
            share_ratio = n / len(ordered)
            points.append((x(float(way)), y(share_ratio)))
        points.append((right, y(share_ratio)))
        colour, dash = _COLOURS[k % len(_COLOURS)], _DASHES[k % len(_DASHES)]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        style = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        parts.append(f'<polyline points="{path}" {style}/>')
        parts.append(f'<line x1="{right + 12}" x2="{right + 36}" y1="{44 + 20 * k}" y2="{44 + 20 * k}" {style}/>')
        parts.append(f'<text x="{right + 42}" y="{48 + 20 * k}">{escape(name)}</text>')
    return "".join(parts), height + 80


def year_panel(year: Year) -> tuple[str, int]:
    """Each leak's life in the scored year, when it was found, and the false reports."""
    left, right, step = _PLOT[0], _WIDTH - 180, 18

    def x(time_s: float) -> float:
        return left + (right - left) * min(max(time_s / YEAR_S, 0.0), 1.0)

    score = year.score
    title = (
        f"The scored year: {score.euros:,.0f} of {year.best.euros:,.0f} euros, {score.found} found, {score.false} false"
    )
    parts = [f'<text x="{left}" y="16" font-weight="bold">{escape(title)}</text>']
    leaks = year.truth.leaks
    for k, leak in enumerate(leaks):
        y = 36 + step * k
        parts.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{escape(leak.pipe_id)}</text>')
        parts.append(_line(x(leak.start_s), y, x(leak.end_s), y, "#bbb", width=6))
        for hit in score.hits:
            if hit.leak == k:
                at = x(hit.report.time_s)
                parts.append(_line(at, y, x(leak.end_s), y, _COLOURS[0], width=6))
                parts.append(
                    f'<text x="{right + 12}" y="{y + 4}">{hit.euros:,.0f} €, {hit.distance_m:.0f} m off</text>'
                )
        if all(hit.leak != k for hit in score.hits):
            parts.append(f'<text x="{right + 12}" y="{y + 4}" fill="{_COLOURS[1]}">not found</text>')
    bottom = 36 + step * len(leaks)
    false_s = [hit.report.time_s for hit in score.hits if hit.leak is None]
    parts += [f'<text x="{x(at_s):.0f}" y="{bottom + 4}" fill="{_COLOURS[1]}">×</text>' for at_s in false_s]
    parts.append(f'<text x="{right + 12}" y="{bottom + 4}">× false report</text>')
    parts += list(_months(x, bottom + 24))
    return "".join(parts), bottom + 50


def _months(x: Callable[[float], float], y: float) -> Iterator[str]:
    for at_s in np.linspace(0, YEAR_S, 5):
        yield f'<text x="{x(at_s):.0f}" y="{y:.0f}" text-anchor="middle">day {at_s / DAY_S:.0f}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width:g}"/>'
