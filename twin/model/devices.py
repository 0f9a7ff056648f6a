"""Device kinds with their channels, and the devices themselves."""

import datetime as dt
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from geometry.units import UNITS
from twin.model.base import Id, Model, Text

System = Literal[
    "water", "fire", "drainage", "telecom", "security", "access", "energy", "gas", "parking", "charging", "lighting",
    "broadcast", "environment", "waste", "lift", "care", "service", "climate",
]  # fmt: skip
"""What one switches on and off in the views."""

PRESET: Final = r"^\d{1,3}(\.\d+)?/-?\d{1,2}(\.\d+)?/\d{1,3}(\.\d+)?$"
"""Bearing, tilt and zoom of a camera that turns."""

HEAD: Final = r"^-?\d{1,3}(\.\d+)?/-?\d{1,2}(\.\d+)?(/\d{1,3}(\.\d+)?)?$"
"""Bearing from the camera's own, tilt and perhaps zoom of one of a camera's sensors."""

Reach = Literal[
    "camera", "wifi", "sound", "smoke", "heat", "light", "perimeter", "hydrant", "extinguisher", "call", "fire_call",
    "aed", "patrol",
]  # fmt: skip
"""What a device reaches out with: what it sees, hears, lights, detects, or how far one walks to it."""


class Channel(Model):
    """One quantity of a device kind: a Brick point, a Sparkplug metric. Values are SI numbers."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    name: Text = Text()
    unit: Literal[UNITS]  # type: ignore[valid-type]  # one list of units for all
    range: tuple[float, float] | None = None
    """Physically possible values; outside of it a reading is bad."""
    interval_s: Annotated[float, Field(gt=0)]
    """How often it reports; after 3 intervals of silence it is stale (a `reports: change` channel too, by its
    heartbeat)."""
    reports: Literal["interval", "change"] = "interval"
    states: dict[int, Text] = Field(default_factory=dict)
    """Names of the values of a `state` or `bool` channel."""
    alarm_states: tuple[int, ...] = ()
    """Values by which the device itself reports an alarm."""
    down_states: tuple[int, ...] = ()
    """Values by which it says that it does not do its work: a fault, disarmed. What it covers counts as uncovered."""
    writable: bool = False
    decimals: Annotated[int, Field(ge=0, le=6)] = 2

    @model_validator(mode="after")
    def _range_is_ordered(self) -> Self:
        if self.range is not None and not self.range[0] < self.range[1]:
            raise ValueError(f"range {list(self.range)} of channel {self.id}: the first must be below the second")
        return self


class DeviceKind(Model):
    """A kind of device: what it measures, what it is in Brick and IFC, how it is drawn."""

    id: Id
    name: Text
    system: System
    channels: tuple[Channel, ...] = ()
    primary: str | None = None
    """The channel whose value labels and colours the device; none means the first."""
    brick: str | None = None
    ifc: str | None = None
    clauses: tuple[str, ...] = ()
    """Clauses of the property standard that ask for it."""
    reaches: Reach | None = None
    """What it covers of its surroundings, if that is asked for."""
    tells_of: Literal["car", "lorry"] | None = None
    """The vehicle that stands at it while its primary channel is 1, and hides what is behind."""
    mount_height_m: Annotated[float, Field(ge=0)] = 1.5
    """Height above the floor where a device names only its space."""
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")] | None = None

    @model_validator(mode="after")
    def _channels_are_distinct(self) -> Self:
        ids = [c.id for c in self.channels]
        if len(ids) != len(set(ids)):
            raise ValueError(f"kind {self.id} names a channel twice: {', '.join(sorted(ids))}")
        if self.primary is not None and self.primary not in ids:
            raise ValueError(f"kind {self.id}: primary {self.primary!r} is not one of its channels {ids}")
        return self


class Device(Model):
    """A device in its place: a position in the site frame, or a space, or both."""

    id: Id
    kind: Id
    name: Text = Text()
    x_m: float | None = None
    y_m: float | None = None
    z_m: float | None = None
    space: Id | None = None
    bearing_deg: Annotated[float, Field(ge=0, lt=360)] | None = None
    """Heading, clockwise from north."""
    tilt_deg: Annotated[float, Field(ge=-90, le=90)] | None = None
    """Positive downwards."""
    roll_deg: Annotated[float, Field(ge=-180, le=180)] = 0.0
    """Of a picture, clockwise as one looks along it; 90 stands it on end, for corridors."""
    presets: tuple[Annotated[str, Field(pattern=PRESET)], ...] = ()
    """Where a camera that turns looks by turns: bearing/tilt/zoom, such as `60/20/1`; the first is its home."""
    heads: tuple[Annotated[str, Field(pattern=HEAD)], ...] = ()
    """Where each sensor of a camera with several looks, in place of what its model says: bearing from the camera's own,
    tilt and zoom, such as `-60/30` or `90/25/2`."""
    model: str = ""
    installed_on: dt.date | None = None
    parent: Id | None = None
    """The device it hangs on: a flat meter's building meter, a sensor's gateway."""
    serial: str = ""

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        given = [v is not None for v in (self.x_m, self.y_m, self.z_m)]
        if any(given) and not all(given):
            raise ValueError(f"device {self.id}: give x_m, y_m and z_m together")
        if not any(given) and self.space is None:
            raise ValueError(f"device {self.id} is nowhere: give x_m, y_m, z_m or a space")
        return self
