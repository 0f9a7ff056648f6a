"""Small pieces the generator draws with: rectangles, doors in their edges, moved and mirrored."""

from dataclasses import dataclass

from twin.model.base import Point, Polygon, Text
from twin.model.buildings import Opening, OpeningKind, Space, SpaceUse


def millimetres(value: float) -> float:
    """Rounded to millimetres, without a negative zero."""
    return round(value, 3) + 0.0


def polygon(*points: Point) -> Polygon:
    """A polygon of corner points, turned counter-clockwise."""
    area = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(points, (*points[1:], points[0]), strict=True))
    ring = points if area > 0 else tuple(reversed(points))
    return Polygon(outer=tuple((millimetres(x), millimetres(y)) for x, y in ring))


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    """The rectangle between two corners."""
    return polygon((x0, y0), (x1, y0), (x1, y1), (x0, y1))


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a drawing made at the origin goes: moved, and mirrored east to west within a width if need be."""

    x_m: float = 0.0
    y_m: float = 0.0
    mirror_width_m: float | None = None

    def point(self, x: float, y: float) -> Point:
        """A point of the drawing in the site frame."""
        east = x if self.mirror_width_m is None else self.mirror_width_m - x
        return millimetres(self.x_m + east), millimetres(self.y_m + y)

    def rectangle(self, x0: float, y0: float, x1: float, y1: float) -> Polygon:
        """A rectangle of the drawing in the site frame."""
        return polygon(*(self.point(x, y) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))))

    def room(  # a room is named by its four walls
        self, space_id: str, use: SpaceUse, box: tuple[float, float, float, float], *, zh: str = "", en: str = "",
        parent: str | None = None,
    ) -> Space:  # fmt: skip
        """A rectangular space."""
        return Space(id=space_id, name=Text(zh=zh, en=en), use=use, polygon=self.rectangle(*box), parent=parent)

    def opening(
        self, opening_id: str, kind: OpeningKind, line: tuple[float, float, float, float], connects: tuple[str, str], *,
        height_m: float = 2.1, sill_m: float = 0.0, fire_rating_s: float = 0.0, locked: bool = False,
    ) -> Opening:  # fmt: skip
        """An opening along a line of the drawing."""
        x0, y0, x1, y1 = line
        return Opening(
            id=opening_id,
            kind=kind,
            line=(self.point(x0, y0), self.point(x1, y1)),
            connects=connects,
            height_m=height_m,
            sill_m=sill_m,
            fire_rating_s=fire_rating_s,
            locked=locked,
        )

    def window(self, opening_id: str, line: tuple[float, float, float, float], space: str) -> Opening:
        """A window of 1.5 m height on a sill of 0.9 m."""
        return self.opening(opening_id, "window", line, (space, "outside"), height_m=1.5, sill_m=0.9)
