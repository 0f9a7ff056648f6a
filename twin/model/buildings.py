"""Buildings: storeys, spaces, openings; a typical storey is described once and repeated.

A `Storey` stands for every storey number from `first` to `last`; ids and names inside it may hold ``{n}`` or
``{nn}`` for that number. `twin.index` expands it into the storeys that stand on the ground.
"""

from typing import Annotated, Literal

from pydantic import Field

from twin.model.base import Id, IdTemplate, Line, Model, Point, Polygon, Text
from twin.model.hours import OpeningHours

SpaceUse = Literal[
    # homes
    "flat", "living_room", "bedroom", "kitchen", "bathroom", "balcony",
    # common parts
    "lobby", "corridor", "stair", "lift_shaft", "lift_lobby", "shaft", "roof", "refuge", "hall",
    # plant and technical rooms
    "lift_machine_room", "substation", "switch_room", "fire_pump_room", "water_pump_room", "smoke_control_room",
    "data_room", "monitoring_centre", "telecom_room", "generator_room", "tank_room",
    # management, services
    "service_centre", "office", "storage", "toilet", "shop", "kindergarten", "classroom", "activity_room",
    "care_station", "parcel_room", "refuse_room", "gatehouse",
    # vehicles
    "garage", "parking_space", "driveway", "ramp", "bicycle_garage", "bicycle_charging",
    "other",
]  # fmt: skip

OpeningKind = Literal["door", "window", "passage", "shutter", "gate"]
OUTSIDE = "outside"
"""What an opening connects to where it leads into the open."""

Positive = Annotated[float, Field(gt=0)]


class Space(Model):
    """A room, corridor, shaft, parking space; or a flat that groups rooms (`IfcSpace`)."""

    id: IdTemplate
    name: Text = Text()
    use: SpaceUse
    polygon: Polygon
    height_m: Positive | None = None
    """Clear height; none means the storey's height less its slab."""
    parent: IdTemplate | None = None
    """The space this one is part of: a room's flat, a parking space's garage."""
    area_m2: Positive | None = None
    """Area as registered, where it differs from the polygon's."""


class Opening(Model):
    """A door, window or passage in a wall (`IfcDoor`, `IfcWindow`)."""

    id: IdTemplate
    name: Text = Text()
    kind: OpeningKind
    line: tuple[Point, Point]
    """Where it is in the wall, end to end, on the wall's axis. [m]"""
    connects: tuple[IdTemplate, IdTemplate]
    """The two spaces, or ``outside`` for one of them. It opens towards the second."""
    width_m: Positive | None = None
    """Clear width; none means the length of `line`."""
    height_m: Positive = 2.1
    sill_m: Annotated[float, Field(ge=0)] = 0.0
    fire_rating_s: Annotated[float, Field(ge=0)] = 0.0
    locked: bool = False
    """Whether it is normally locked (access by card or key)."""
    hours: OpeningHours | None = None
    """When people may pass, by the site's clock; at other hours it takes a technical key. None means always."""


class Obstacle(Model):
    """A column, free-standing wall or fixture that takes up floor and blocks sight."""

    id: IdTemplate
    kind: Literal["column", "wall", "fixture"] = "column"
    polygon: Polygon
    height_m: Positive | None = None


class Storey(Model):
    """One storey, or a typical one that stands for all numbers from `first` to `last` (`IfcBuildingStorey`)."""

    id: IdTemplate
    name: Text = Text()
    first: int
    last: int
    elevation_m: float
    """Finished floor of the `first` number above the site datum; each next one is `height_m` higher."""
    height_m: Positive
    """Floor to floor."""
    polygon: Polygon
    spaces: tuple[Space, ...] = ()
    openings: tuple[Opening, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()

    @property
    def numbers(self) -> range:
        """The storey numbers it stands for."""
        return range(self.first, self.last + 1)


class Stair(Model):
    """A stair through several storeys (`IfcStair`)."""

    id: Id
    name: Text = Text()
    space: IdTemplate
    """Id template of the stair's space on each storey it serves."""
    first: int
    last: int
    kind: Literal["dogleg", "straight", "scissor"] = "dogleg"
    width_m: Positive = 1.2
    tread_m: Positive = 0.26
    riser_m: Positive = 0.165
    pressurised: bool = False


class Lift(Model):
    """A lift through several storeys (`IfcTransportElement`)."""

    id: Id
    name: Text = Text()
    space: IdTemplate
    """Id template of its shaft on each storey it serves."""
    first: int
    last: int
    kind: Literal["passenger", "firefighting", "goods"] = "passenger"
    door_width_m: Positive = 0.9
    capacity_kg: Positive = 1000.0
    speed_m_per_s: Positive = 1.75


class Line3(Model):
    """A polyline with heights: x, y, z in the site frame. [m]"""

    points: Annotated[tuple[tuple[float, float, float], ...], Field(min_length=2)]


class Ramp(Model):
    """A ramp between levels, for people or vehicles."""

    id: Id
    name: Text = Text()
    axis: Line3
    width_m: Positive
    connects: tuple[Id, Id]
    """Space ids, or ``outside``."""
    vehicles: bool = True


class Building(Model):
    """A building with its storeys and what runs through them (`IfcBuilding`)."""

    id: Id
    name: Text = Text()
    use: Literal["residential", "garage", "service", "plant", "commercial", "education", "office", "gatehouse", "other"]
    footprint: Polygon
    base_elevation_m: float = 0.0
    height_m: Positive
    """Above the base."""
    storeys: tuple[Storey, ...] = ()
    stairs: tuple[Stair, ...] = ()
    lifts: tuple[Lift, ...] = ()
    ramps: tuple[Ramp, ...] = ()
    external_ids: dict[str, str] = Field(default_factory=dict)


__all__ = [
    "OUTSIDE", "Building", "Lift", "Line", "Line3", "Obstacle", "Opening", "OpeningKind", "Ramp", "Space", "SpaceUse",
    "Stair", "Storey",
]  # fmt: skip
