"""The grounds between the buildings, and zones with a requirement."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from twin.model.base import Id, Line, Model, Point, Polygon, Text
from twin.model.hours import OpeningHours

GroundUse = Literal[
    "site_boundary", "perimeter", "road", "path", "fire_lane", "fire_operation_area", "gate", "vehicle_gate",
    "parking_space", "green", "tree", "plaza", "playground", "fitness", "sports", "assembly_point", "water",
    "bin_point", "bicycle_parking", "charging_area", "ramp_mouth", "pipe_trench", "manhole", "other",
]  # fmt: skip


class GroundFeature(Model):
    """A road, path, gate, green, parking space, fence or assembly point outdoors."""

    id: Id
    name: Text = Text()
    use: GroundUse
    geometry: Polygon | Line | Point
    """An area, a centre line (with `width_m`) or a point."""
    width_m: Annotated[float, Field(gt=0)] | None = None
    height_m: Annotated[float, Field(ge=0)] | None = None
    """Height of a fence, tree or wall; clearance of a gate."""
    elevation_m: float = 0.0
    capacity: Annotated[int, Field(ge=0)] | None = None
    """People for an assembly point, vehicles for a parking area."""
    hours: OpeningHours | None = None
    """When a gate is open, by the site's clock; at other hours it takes a technical key. None means always."""

    @model_validator(mode="after")
    def _hours_are_of_gates(self) -> Self:
        if self.hours is not None and self.use not in {"gate", "vehicle_gate"}:
            raise ValueError(f"hours are of gates, and this is a {self.use}: write them at the gate that leads there")
        return self


class Zone(Model):
    """An area with a requirement: what must be seen, heard, lit or detected there."""

    id: Id
    name: Text = Text()
    requirement: Id
    polygon: Polygon
    storey: Id | None = None
    """Storey it lies on; none means outdoors on the ground."""
    elevation_m: float = 0.0
    facing_deg: Annotated[float, Field(ge=0, lt=360)] | None = None
    """The way people or vehicles face as they come through, clockwise from north."""


class Requirement(Model):
    """What a zone, or every space of some uses, must have (``requirements.yaml``)."""

    id: Id
    name: Text = Text()
    kind: Literal[
        "camera", "wifi", "sound", "detection", "lighting", "perimeter", "hydrant", "extinguisher", "call", "fire_call",
        "aed", "patrol",
    ]  # fmt: skip
    clauses: tuple[str, ...] = ()
    space_uses: tuple[str, ...] = ()
    """Applies to every space of these uses as well as to the zones that name it."""
    level: str | None = None
    """For cameras a level name of IEC 62676-4, with its edition in `edition`; for what is walked to the class in the
    table of its kind, such as `severe` for extinguishers."""
    edition: Literal["2015", "2025"] | None = None
    min_value: float | None = None
    unit: str | None = None
    min_share_ratio: Annotated[float, Field(gt=0, le=1)] = 1.0
    min_count: Annotated[int, Field(ge=1)] = 1
    target_heights_m: tuple[Annotated[float, Field(ge=0, le=50)], ...] = ()
    """Heights above the floor that must be seen, heard or lit; none means what is usual for the kind."""
    by_night: bool = False
    """Holds in the dark too: a camera must see by its own light or a lamp's."""
    max_face_angle_deg: Annotated[float, Field(gt=0, le=90)] | None = None
    """How far from a face's or plate's front a camera may be, in zones that say which way these face."""
