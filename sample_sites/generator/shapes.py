"""Storeys drawn room by room: a builder that keeps ids, shifts to the site frame and rounds to millimetres."""

from collections.abc import Iterable, Sequence

from twin.model.base import Point, Polygon, Text
from twin.model.buildings import Obstacle, Opening, OpeningKind, Space, SpaceUse, Storey

Box = tuple[float, float, float, float]
"""West, south, east, north. [m]"""


def ring(points: Iterable[Point], at: Point = (0.0, 0.0)) -> Polygon:
    """The polygon through points, shifted, counter-clockwise and rounded to millimetres."""
    outer = tuple((round(x + at[0], 3), round(y + at[1], 3)) for x, y in points)
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(outer, (*outer[1:], outer[0]), strict=True))
    return Polygon(outer=outer if area > 0 else outer[::-1])


def box(west_m: float, south_m: float, east_m: float, north_m: float) -> Polygon:
    """The rectangle in the site frame."""
    return ring(corners((west_m, south_m, east_m, north_m)))


def corners(area: Box) -> tuple[Point, ...]:
    """The four corners, counter-clockwise from the south-west."""
    west, south, east, north = area
    return (west, south), (east, south), (east, north), (west, north)


class StoreyDrawing:
    """A storey in the making; coordinates are local to `at`, ids are relative to the storey's."""

    def __init__(self, storey_id: str, *, at: Point) -> None:
        self.id = storey_id
        self.at = at
        self.spaces: list[Space] = []
        self.openings: list[Opening] = []
        self.obstacles: list[Obstacle] = []

    def space(
        self, key: str, use: SpaceUse, shape: Box | Sequence[Point], *, zh: str, en: str, parent: str | None = None,
        height_m: float | None = None,
    ) -> str:  # fmt: skip
        """Add a space; gives its id."""
        points = shape if isinstance(shape[0], tuple) else corners(shape)  # type: ignore[arg-type]
        space_id = f"{self.id}/{key}"
        self.spaces.append(
            Space(
                id=space_id,
                name=Text(zh=zh, en=en),
                use=use,
                polygon=ring(points, self.at),  # type: ignore[arg-type]
                parent=None if parent is None else f"{self.id}/{parent}",
                height_m=height_m,
            )
        )
        return space_id

    def opening(
        self, kind: OpeningKind, connects: tuple[str, str], start: Point, end: Point, *,
        height_m: float = 2.1, sill_m: float = 0.0, fire_rating_s: float = 0.0, locked: bool = False,
        hours: str | None = None,
    ) -> None:  # fmt: skip
        """Add an opening between two spaces of this storey, ``outside``, or a space of another (``//`` before it)."""
        ids = [c[2:] if c.startswith("//") else c if c == "outside" else f"{self.id}/{c}" for c in connects]
        number = 1 + sum(o.kind == kind for o in self.openings)
        line = tuple((round(p[0] + self.at[0], 3), round(p[1] + self.at[1], 3)) for p in (start, end))
        self.openings.append(
            Opening(
                id=f"{self.id}/{kind}-{number}",
                kind=kind,
                line=(line[0], line[1]),
                connects=(ids[0], ids[1]),
                height_m=height_m,
                sill_m=sill_m,
                fire_rating_s=fire_rating_s,
                locked=locked,
                hours=hours,
            )
        )

    def window(self, space: str, start: Point, end: Point, *, sill_m: float = 0.9) -> None:
        """Add a window to the open."""
        self.opening("window", (space, "outside"), start, end, height_m=1.5, sill_m=sill_m)

    def column(self, x_m: float, y_m: float, *, width_m: float = 0.5) -> None:
        """Add a square column about a point."""
        half = width_m / 2
        area = corners((x_m - half, y_m - half, x_m + half, y_m + half))
        number = len(self.obstacles) + 1
        self.obstacles.append(Obstacle(id=f"{self.id}/column-{number}", kind="column", polygon=ring(area, self.at)))

    def storey(
        self, numbers: tuple[int, int], shape: Box | Sequence[Point], *, elevation_m: float, height_m: float, zh: str,
        en: str,
    ) -> Storey:  # fmt: skip
        """The finished storey for the numbers from first to last."""
        points = shape if isinstance(shape[0], tuple) else corners(shape)  # type: ignore[arg-type]
        return Storey(
            id=self.id,
            name=Text(zh=zh, en=en),
            first=numbers[0],
            last=numbers[1],
            elevation_m=round(elevation_m, 3),
            height_m=height_m,
            polygon=ring(points, self.at),  # type: ignore[arg-type]
            spaces=tuple(self.spaces),
            openings=tuple(self.openings),
            obstacles=tuple(self.obstacles),
        )
