"""The flats of a tower's storey, room by room.

Local coordinates: u east from the tower's south-west corner, v north. The corridor runs from u 9 to 31 at v 8 to
9.8; end flats lie west and east of it over the whole depth, middle flats south of it. Eastern flats mirror western.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sample_sites.generator.shapes import StoreyDrawing, corners
from twin.model.base import Point
from twin.model.buildings import SpaceUse

AXIS_M: Final = 20.0
"""The tower's axis of symmetry."""


@dataclass(frozen=True)
class Room:
    """A room of a flat: key, use, names, outline."""

    key: str
    use: SpaceUse
    zh: str
    en: str
    outline: tuple[Point, ...]


@dataclass(frozen=True)
class FlatType:
    """A flat as drawn on the west side."""

    outline: tuple[Point, ...]
    rooms: tuple[Room, ...]
    doors: tuple[tuple[str, str, Point, Point], ...]
    """Room, room (or ``corridor``), ends."""
    windows: tuple[tuple[str, Point, Point], ...]
    balcony_rail: tuple[Point, Point]


END_FLAT: Final = FlatType(
    outline=corners((0, 0, 9, 15)),
    rooms=(
        Room("living", "living_room", "客厅", "living room",
             ((0, 1.5), (5, 1.5), (5, 8), (9, 8), (9, 9.8), (0, 9.8))),
        Room("balcony", "balcony", "阳台", "balcony", corners((0, 0, 5, 1.5))),
        Room("bedroom-1", "bedroom", "主卧", "main bedroom", corners((5, 0, 9, 5.2))),
        Room("bathroom", "bathroom", "卫生间", "bathroom", corners((5, 5.2, 9, 8))),
        Room("bedroom-2", "bedroom", "次卧", "second bedroom", corners((0, 9.8, 3.3, 15))),
        Room("kitchen", "kitchen", "厨房", "kitchen", corners((3.3, 9.8, 5.7, 15))),
        Room("bedroom-3", "bedroom", "书房", "study", corners((5.7, 9.8, 9, 15))),
    ),
    doors=(
        ("corridor", "living", (9, 8.4), (9, 9.4)),
        ("living", "balcony", (1.3, 1.5), (3.7, 1.5)),
        ("living", "bedroom-1", (5, 3.9), (5, 4.8)),
        ("living", "bathroom", (5, 6.2), (5, 7.0)),
        ("living", "bedroom-2", (1.8, 9.8), (2.7, 9.8)),
        ("living", "kitchen", (4.0, 9.8), (4.8, 9.8)),
        ("living", "bedroom-3", (6.6, 9.8), (7.5, 9.8)),
    ),
    windows=(
        ("bedroom-1", (6.1, 0), (7.9, 0)), ("bedroom-2", (0.9, 15), (2.4, 15)), ("kitchen", (3.9, 15), (5.1, 15)),
        ("bedroom-3", (6.6, 15), (8.1, 15)), ("living", (0, 5), (0, 6.5)),
    ),
    balcony_rail=((0.2, 0), (4.8, 0)),
)  # fmt: skip

MIDDLE_FLAT: Final = FlatType(
    outline=corners((9, 0, 20, 8)),
    rooms=(
        Room("living", "living_room", "客厅", "living room",
             ((9, 3.4), (11, 3.4), (11, 1.4), (14.8, 1.4), (14.8, 4.6), (20, 4.6), (20, 5.8), (14.8, 5.8), (14.8, 8),
              (9, 8))),
        Room("balcony", "balcony", "阳台", "balcony", corners((11, 0, 14.8, 1.4))),
        Room("kitchen", "kitchen", "厨房", "kitchen", corners((9, 0, 11, 3.4))),
        Room("bedroom-1", "bedroom", "主卧", "main bedroom", corners((14.8, 0, 17.6, 4.6))),
        Room("bedroom-2", "bedroom", "次卧", "second bedroom", corners((17.6, 0, 20, 4.6))),
        Room("bathroom", "bathroom", "卫生间", "bathroom", corners((14.8, 5.8, 17.2, 8))),
        Room("storage", "storage", "储藏间", "storage", corners((17.2, 5.8, 20, 8))),
    ),
    doors=(
        ("corridor", "living", (12, 8), (13, 8)),
        ("living", "balcony", (11.7, 1.4), (14.1, 1.4)),
        ("living", "kitchen", (9.6, 3.4), (10.4, 3.4)),
        ("living", "bedroom-1", (15.6, 4.6), (16.5, 4.6)),
        ("living", "bedroom-2", (18.4, 4.6), (19.3, 4.6)),
        ("living", "bathroom", (15.6, 5.8), (16.4, 5.8)),
        ("living", "storage", (18.2, 5.8), (19.0, 5.8)),
    ),
    windows=(
        ("kitchen", (9.5, 0), (10.5, 0)), ("bedroom-1", (15.3, 0), (17.1, 0)), ("bedroom-2", (18.1, 0), (19.5, 0)),
    ),
    balcony_rail=((11.2, 0), (14.6, 0)),
)  # fmt: skip


def _as_is(point: Point) -> Point:
    return point


def _mirrored(point: Point) -> Point:
    return 2 * AXIS_M - point[0], point[1]


def flats_of_storey(flats: int) -> tuple[tuple[FlatType, Callable[[Point], Point]], ...]:
    """The flats of a storey from west to east, each with the side it is drawn on."""
    middle = ((MIDDLE_FLAT, _as_is), (MIDDLE_FLAT, _mirrored))
    return middle if flats == 2 else ((END_FLAT, _as_is), *middle, (END_FLAT, _mirrored))


def draw_flats(drawing: StoreyDrawing, number: str, flats: int) -> None:
    """Add the flats of a storey; `number` is the storey's, or ``{n}`` on a typical one."""
    for k, (flat, side) in enumerate(flats_of_storey(flats), 1):
        key = f"{number}{k:02d}"
        drawing.space(key, "flat", [side(p) for p in flat.outline], zh=f"{key}室", en=f"Flat {key}")
        for room in flat.rooms:
            outline = [side(p) for p in room.outline]
            drawing.space(f"{key}/{room.key}", room.use, outline, zh=room.zh, en=room.en, parent=key)
        for a, b, start, end in flat.doors:
            first = "corridor" if a == "corridor" else f"{key}/{a}"
            fire_rating_s = 3600.0 if a == "corridor" else 0.0
            drawing.opening(
                "door", (first, f"{key}/{b}"), side(start), side(end), fire_rating_s=fire_rating_s,
                locked=a == "corridor",
            )  # fmt: skip
        for name, start, end in flat.windows:
            drawing.window(f"{key}/{name}", side(start), side(end))
        drawing.window(f"{key}/balcony", *(side(p) for p in flat.balcony_rail), sill_m=1.1)


def kitchen_point(flat_number: int, flats: int) -> Point:
    """A point in the kitchen of the flat of that place on its storey (from 1), local."""
    flat, side = flats_of_storey(flats)[flat_number - 1]
    outline = next(r.outline for r in flat.rooms if r.key == "kitchen")
    return side((sum(p[0] for p in outline) / 4, sum(p[1] for p in outline) / 4))
