"""The grounds between the buildings, and zones with a requirement."""

from typing import Annotated, Literal

from pydantic import Field

from twin.model.base import Id, Line, Model, Point, Polygon, Text

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


class Zone(Model):
    """An area with a requirement: what must be seen, heard, lit or detected there."""

    id: Id
    name: Text = Text()
    requirement: Id
    polygon: Polygon
    storey: Id | None = None
    """Storey it lies on; none means outdoors on the ground."""
    elevation_m: float = 0.0


class Requirement(Model):
    """What a zone, or every space of some uses, must have (``requirements.yaml``)."""

    id: Id
    name: Text = Text()
    kind: Literal["camera", "wifi", "sound", "detection", "lighting", "perimeter", "hydrant", "patrol"]
    clauses: tuple[str, ...] = ()
    space_uses: tuple[str, ...] = ()
    """Applies to every space of these uses as well as to the zones that name it."""
    level: str | None = None
    """For cameras a level name of IEC 62676-4, with its edition in `edition`."""
    edition: Literal["2015", "2025"] | None = None
    min_value: float | None = None
    unit: str | None = None
    min_share_ratio: Annotated[float, Field(gt=0, le=1)] = 1.0
    min_count: Annotated[int, Field(ge=1)] = 1
