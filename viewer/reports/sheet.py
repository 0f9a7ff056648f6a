"""A drawing to scale as inline SVG: its unit is the millimetre on paper, its points come in the site frame."""

import base64
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

_SCALES: Final = (50, 75, 100, 150, 200, 250, 300, 400, 500, 600, 750, 1000, 1250, 1500, 2000, 2500, 3000, 4000, 5000)
_MARGIN_MM: Final = 3.0
_FOOT_MM: Final = 8.0
_KEY_MM: Final = 6.0
_LEAST_WIDTH_MM: Final = 80.0
"""Room for a scale bar, a north arrow and a key."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Shade:
    """A colour of a key; `short` is what stands at it on a plan."""

    colour: str
    said: str
    short: str


class Sheet:
    """A sheet that is drawn on from below to above.

    Parameters
    ----------
    bounds_m : what it must show: least x, least y, most x, most y
    width_mm, height_mm : the most it may take
    """

    def __init__(self, bounds_m: Bounds, *, width_mm: float, height_mm: float) -> None:
        x0, y0, x1, y1 = bounds_m
        foot_mm = _FOOT_MM + _KEY_MM
        free_w, free_h = width_mm - 2 * _MARGIN_MM, height_mm - 2 * _MARGIN_MM - foot_mm
        least = max((x1 - x0) * 1000 / free_w, (y1 - y0) * 1000 / free_h, 1.0)
        self.scale = next((n for n in _SCALES if n >= least), 1000 * math.ceil(least / 1000))
        self._mm_per_m = 1000 / self.scale
        self._width = max(_LEAST_WIDTH_MM, (x1 - x0) * self._mm_per_m + 2 * _MARGIN_MM)
        self._height = (y1 - y0) * self._mm_per_m + 2 * _MARGIN_MM + foot_mm
        self._left = x0 - (self._width - (x1 - x0) * self._mm_per_m) / 2 / self._mm_per_m
        self._top = y1 + _MARGIN_MM / self._mm_per_m
        self._parts: list[str] = []

    def at(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Where a point of the site is on the sheet. [mm]"""
        return (x_m - self._left) * self._mm_per_m, (self._top - y_m) * self._mm_per_m

    def shape(self, geometry: BaseGeometry, css: str) -> None:
        """Draw areas and lines."""
        path = "".join(self._path(part) for part in _parts_of(geometry))
        if path:
            self._parts.append(f'<path class="{css}" d="{path}"/>')

    def fan(self, points_m: Sequence[tuple[float, float]], css: str) -> None:
        """Draw a closed ring that need not be simple."""
        if len(points_m) > 2:
            self._parts.append(f'<path class="{css}" d="{self._ring(points_m)}Z"/>')

    def dot(self, x_m: float, y_m: float, *, radius_mm: float, css: str) -> None:
        """Draw a dot."""
        x, y = self.at(x_m, y_m)
        self._parts.append(f'<circle class="{css}" cx="{x:.2f}" cy="{y:.2f}" r="{radius_mm:g}"/>')

    def text(self, x_m: float, y_m: float, said: str, *, css: str, right_mm: float = 0.0, down_mm: float = 0.0) -> None:
        """Write, moved on the paper by a little."""
        x, y = self.at(x_m, y_m)
        self._parts.append(f'<text class="{css}" x="{x + right_mm:.2f}" y="{y + down_mm:.2f}">{escape(said)}</text>')

    def text_within(self, area: BaseGeometry, said: str, *, css: str) -> None:
        """Write in the middle of an area, smaller where it is narrow, nothing where it would lie over others."""
        x0, _, x1, _ = area.bounds
        free_mm = (x1 - x0) * self._mm_per_m
        for size_mm in (2.6, 2.0):
            if sum(1.0 if ord(letter) > 0x2E80 else 0.56 for letter in said) * size_mm <= free_mm * 1.15:
                at, small = area.representative_point(), " small-name" if size_mm < 2.6 else ""
                self.text(at.x, at.y, said, css=css + small)
                return

    def picture(self, png: bytes, bounds_m: Bounds) -> None:
        """Lay a picture over a rectangle."""
        (x, y), (right, bottom) = self.at(bounds_m[0], bounds_m[3]), self.at(bounds_m[2], bounds_m[1])
        data = base64.b64encode(png).decode()
        self._parts.append(
            f'<image class="heat" x="{x:.3f}" y="{y:.3f}" width="{right - x:.3f}" height="{bottom - y:.3f}" '
            f'preserveAspectRatio="none" href="data:image/png;base64,{data}"/>'
        )

    def svg(self, *, title: str, north: str, key: Sequence[Shade] = ()) -> str:
        """The drawing with scale bar, north arrow and what its colours mean."""
        parts = [*self._parts, *self._foot(north), *self._key(key)]
        return (
            f'<svg class="plan" role="img" aria-label="{escape(title, quote=True)}" '
            f'viewBox="0 0 {self._width:.1f} {self._height:.1f}" style="width:{self._width:.1f}mm" '
            f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
        )

    def _foot(self, north: str) -> Iterable[str]:
        """Scale bar to the left, north arrow to the right."""
        wanted_m = 30 / self._mm_per_m
        power = 10 ** math.floor(math.log10(wanted_m))
        bar_m = next(k * power for k in (5, 2, 1) if k * power <= wanted_m)
        bar, y = bar_m * self._mm_per_m, self._height - 3.2 - _KEY_MM
        top = self._height - _FOOT_MM - _KEY_MM + 1
        yield f'<rect class="foot" x="0" y="{top:.2f}" width="{self._width:.1f}" height="{self._height - top:.2f}"/>'
        half = bar / 2
        yield f'<rect class="bar" x="3" y="{y:.2f}" width="{half:.2f}" height="1.1"/>'
        yield f'<rect class="bar hollow" x="{3 + half:.2f}" y="{y:.2f}" width="{half:.2f}" height="1.1"/>'
        for x, said in ((3.0, "0"), (3 + half, f"{bar_m / 2:g}"), (3 + bar, f"{bar_m:g} m")):
            yield f'<text class="tick" x="{x:.2f}" y="{y - 0.9:.2f}">{said}</text>'
        x = self._width - 4.5
        yield f'<path class="north" d="M{x:.2f} {y - 3.4:.2f}l1.5 4.6l-1.5 -1.1l-1.5 1.1Z"/>'
        yield f'<text class="tick" x="{x - 3.4:.2f}" y="{y + 0.9:.2f}">{escape(north)}</text>'

    def _key(self, key: Sequence[Shade]) -> Iterable[str]:
        """The colours in a strip, each with what it begins at."""
        widest = max((_wide_mm(shade.short) for shade in key), default=0.0)
        step = min(max(8.0, widest + 1.5), (self._width - 2 * _MARGIN_MM) / max(1, len(key)))
        y = self._height - 2.2 - 1.6
        for k, shade in enumerate(key):
            x = _MARGIN_MM + k * step
            yield f'<rect x="{x:.2f}" y="{y - 1.6:.2f}" width="{step:.2f}" height="1.5" fill="{shade.colour}"/>'
            yield f'<text class="shade" x="{x + 0.1:.2f}" y="{y + 2.1:.2f}">{escape(shade.short)}</text>'

    def _path(self, part: BaseGeometry) -> str:
        if isinstance(part, shapely.Polygon):
            rings = (part.exterior, *part.interiors)
            return "".join(f"{self._ring(list(ring.coords)[:-1])}Z" for ring in rings)
        if isinstance(part, shapely.LineString):
            return self._ring(list(part.coords))
        return ""

    def _ring(self, points_m: Sequence[tuple[float, ...]]) -> str:
        points = [self.at(point[0], point[1]) for point in points_m]
        return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)


def _wide_mm(said: str) -> float:
    """How wide the words of a key are, about. [mm]"""
    return sum(1.9 if ord(letter) > 0x2E80 else 1.1 for letter in said)


def _parts_of(geometry: BaseGeometry) -> Iterable[BaseGeometry]:
    for part in shapely.get_parts(geometry):
        if isinstance(part, shapely.GeometryCollection):
            yield from _parts_of(part)
        elif not part.is_empty:
            yield part
