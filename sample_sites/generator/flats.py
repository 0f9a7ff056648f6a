"""The flats of a storey: their rooms, doors and windows, drawn once and mirrored.

On a typical storey the ids hold ``{n}``: storey ``tower-1/f{n}``, flat number ``{n}01``.
"""

from sample_sites.generator.shapes import Placing
from twin.model.base import Text
from twin.model.buildings import Opening, Space, SpaceUse

_ROOM_NAMES: dict[str, tuple[str, str]] = {
    "living": ("客厅", "Living room"), "bed1": ("主卧", "Main bedroom"), "bed2": ("次卧", "Second bedroom"),
    "bed3": ("书房", "Third bedroom"), "kitchen": ("厨房", "Kitchen"), "bath": ("卫生间", "Bathroom"),
    "hall": ("玄关", "Hall"), "balcony": ("阳台", "Balcony"),
}  # fmt: skip
_ROOM_USES: dict[str, SpaceUse] = {
    "living": "living_room", "bed1": "bedroom", "bed2": "bedroom", "bed3": "bedroom", "kitchen": "kitchen",
    "bath": "bathroom", "hall": "hall", "balcony": "balcony",
}  # fmt: skip

Box = tuple[float, float, float, float]

# the end flat: 9 m wide, through the whole depth, three bedrooms
_END_BOX: Box = (0.0, 0.0, 9.0, 12.0)
_END_ROOMS: dict[str, Box] = {
    "balcony": (0.0, 0.0, 5.0, 1.4), "living": (0.0, 1.4, 5.0, 8.2), "bed1": (5.0, 0.0, 9.0, 5.0),
    "bath": (5.0, 5.0, 9.0, 6.4), "hall": (5.0, 6.4, 9.0, 8.2), "kitchen": (0.0, 8.2, 3.0, 12.0),
    "bed2": (3.0, 8.2, 6.0, 12.0), "bed3": (6.0, 8.2, 9.0, 12.0),
}  # fmt: skip
_END_DOORS: tuple[tuple[str, str, Box], ...] = (
    ("hall", "living", (5.0, 6.8, 5.0, 7.9)), ("living", "balcony", (1.2, 1.4, 3.6, 1.4)),
    ("living", "bed1", (5.0, 3.2, 5.0, 4.1)), ("hall", "bath", (5.4, 6.4, 6.2, 6.4)),
    ("living", "kitchen", (1.0, 8.2, 1.9, 8.2)), ("living", "bed2", (3.7, 8.2, 4.6, 8.2)),
    ("hall", "bed3", (7.0, 8.2, 7.9, 8.2)),
)  # fmt: skip
_END_WINDOWS: tuple[tuple[str, Box], ...] = (
    ("bed1", (6.0, 0.0, 8.0, 0.0)), ("living", (0.0, 3.6, 0.0, 5.4)), ("kitchen", (0.0, 9.4, 0.0, 10.6)),
    ("bed2", (3.8, 12.0, 5.3, 12.0)), ("bed3", (6.8, 12.0, 8.3, 12.0)),
)  # fmt: skip

# the middle flat: 9 m wide, south only, one bedroom
_MIDDLE_BOX: Box = (9.0, 0.0, 18.0, 6.4)
_MIDDLE_ROOMS: dict[str, Box] = {
    "balcony": (9.0, 0.0, 13.2, 1.4), "living": (9.0, 1.4, 13.2, 6.4), "bed1": (13.2, 0.0, 18.0, 4.0),
    "kitchen": (13.2, 4.0, 15.4, 6.4), "bath": (15.4, 4.0, 18.0, 6.4),
}  # fmt: skip
_MIDDLE_DOORS: tuple[tuple[str, str, Box], ...] = (
    ("living", "balcony", (10.0, 1.4, 12.4, 1.4)), ("living", "bed1", (13.2, 2.4, 13.2, 3.3)),
    ("living", "kitchen", (13.2, 4.6, 13.2, 5.5)), ("bed1", "bath", (16.2, 4.0, 17.0, 4.0)),
)  # fmt: skip
_MIDDLE_WINDOWS: tuple[tuple[str, Box], ...] = (("bed1", (14.4, 0.0, 16.8, 0.0)),)

FLATS: tuple[tuple[str, bool, bool], ...] = (
    ("01", True, False), ("02", False, False), ("03", False, True), ("04", True, True),
)  # fmt: skip
"""Number on the storey, whether it is an end flat, whether it is mirrored."""


def flat(place: Placing, storey: str, number: str, *, end: bool) -> tuple[list[Space], list[Opening]]:
    """One flat: the space that groups it, its rooms, its doors and windows.

    Parameters
    ----------
    storey
        Id (template) of its storey.
    number
        Its number (template), such as ``{n}01``.
    """
    home = f"{storey}/{number}"
    box, rooms = (_END_BOX, _END_ROOMS) if end else (_MIDDLE_BOX, _MIDDLE_ROOMS)
    doors, windows = (_END_DOORS, _END_WINDOWS) if end else (_MIDDLE_DOORS, _MIDDLE_WINDOWS)
    spaces = [
        Space(id=home, name=Text(zh=f"{number}室", en=f"Flat {number}"), use="flat",
              polygon=place.rectangle(*box))
    ]  # fmt: skip
    for room, walls in rooms.items():
        zh, en = _ROOM_NAMES[room]
        spaces.append(place.room(f"{home}/{room}", _ROOM_USES[room], walls, zh=zh, en=en, parent=home))
    entrance = (9.0, 6.7, 9.0, 7.7) if end else (11.4, 6.4, 12.4, 6.4)
    inside = f"{home}/hall" if end else f"{home}/living"
    openings = [
        place.opening(f"{home}/door", "door", entrance, (f"{storey}/corridor", inside), fire_rating_s=3600, locked=True)
    ]
    for a, b, line in doors:
        openings.append(place.opening(f"{home}/door-{a}-{b}", "door", line, (f"{home}/{a}", f"{home}/{b}")))
    for room, line in windows:
        openings.append(place.window(f"{home}/window-{room}", line, f"{home}/{room}"))
    south = (0.3, 0.0, 4.7, 0.0) if end else (9.3, 0.0, 12.9, 0.0)
    openings.append(place.window(f"{home}/window-balcony", south, f"{home}/balcony"))
    return spaces, openings
