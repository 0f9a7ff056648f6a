"""The site: everything that is known about the place before a single message has come."""

from typing import Annotated, Final, Literal

from pydantic import Field

from twin.model.base import Id, Model, Text
from twin.model.buildings import Building
from twin.model.cameras import CameraModel
from twin.model.devices import Device, DeviceKind
from twin.model.grounds import GroundFeature, Requirement, Zone
from twin.model.networks import SiteNetwork
from twin.model.radiators import AccessPointModel, Ceiling, CoverageValue, LoudspeakerModel, LuminaireModel
from twin.model.registers import Household, StaffMember
from twin.model.rules import Binding, Rule

FORMAT_VERSION: Final = 1


class Origin(Model):
    """Where the site frame's zero is on the earth: the centre of its transverse Mercator."""

    lon_deg: Annotated[float, Field(ge=-180, le=180)]
    lat_deg: Annotated[float, Field(ge=-85, le=85)]
    height_m: float = 0.0
    """Height of the site datum above the vertical reference."""
    epsg: int = 4326
    """Reference system of longitude and latitude."""


class Tariffs(Model):
    """What a lost cubic metre costs."""

    water_per_m3: Annotated[float, Field(ge=0)] = 4.0
    """Supply and sewage charge; where a site states none, what Chinese cities charge households, roughly."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"
    """ISO 4217."""


class Site(Model):
    """An estate or campus: buildings, grounds, networks, devices, people and how they are bound."""

    format: Literal[1] = FORMAT_VERSION
    id: Id
    name: Text
    languages: tuple[Literal["zh", "en"], ...] = ("zh", "en")
    time_zone: str = "Asia/Shanghai"
    origin: Origin
    tariffs: Tariffs = Tariffs()
    buildings: tuple[Building, ...] = ()
    grounds: tuple[GroundFeature, ...] = ()
    zones: tuple[Zone, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    kinds: tuple[DeviceKind, ...] = ()
    camera_models: tuple[CameraModel, ...] = ()
    loudspeaker_models: tuple[LoudspeakerModel, ...] = ()
    access_point_models: tuple[AccessPointModel, ...] = ()
    luminaire_models: tuple[LuminaireModel, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    coverage_values: tuple[CoverageValue, ...] = ()
    devices: tuple[Device, ...] = ()
    networks: tuple[SiteNetwork, ...] = ()
    households: tuple[Household, ...] = ()
    staff: tuple[StaffMember, ...] = ()
    bindings: tuple[Binding, ...] = ()
    rules: tuple[Rule, ...] = ()
