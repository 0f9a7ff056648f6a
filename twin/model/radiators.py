"""Loudspeakers, access points and luminaires by model; ceilings; values of standards that a site changes.

A site adds its own in ``loudspeaker-models.yaml``, ``access-point-models.yaml``, ``luminaire-models.yaml``,
``ceilings.yaml`` and ``coverage.yaml``.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from twin.model.base import IdTemplate, Model, Point, Text

Positive = Annotated[float, Field(gt=0)]
ModelId = Annotated[str, Field(min_length=1, max_length=80)]
"""As devices name it in `model`."""


class LoudspeakerModel(Model):
    """A loudspeaker as its data sheet describes it."""

    id: ModelId
    name: Text = Text()
    sensitivity_db: Annotated[float, Field(ge=40, le=130)]
    """Level at 1 m with 1 W, on its axis (IEC 60268-5)."""
    power_w: Positive
    """It is driven with."""
    dispersion_deg: Annotated[float, Field(gt=0, le=360)] = 360.0
    """Full angle at whose edge it is 6 dB weaker; 360 radiates alike to all sides."""
    price: Annotated[float, Field(ge=0)] | None = None


class Radio(Model):
    """One band of an access point."""

    frequency_hz: Annotated[float, Field(ge=1e8, le=1e11)]
    eirp_dbm: Annotated[float, Field(ge=-30, le=60)]
    """Transmitted power and antenna gain together."""


class AccessPointModel(Model):
    """A Wi-Fi access point as its data sheet describes it."""

    id: ModelId
    name: Text = Text()
    radios: Annotated[tuple[Radio, ...], Field(min_length=1)]
    price: Annotated[float, Field(ge=0)] | None = None


class LuminaireModel(Model):
    """A luminaire: an IES file, or a generic shape with its flux."""

    id: ModelId
    name: Text = Text()
    shape: Literal["cosine", "even", "road"] | None = None
    """A matt panel, a bare lamp, a street luminaire with two wings."""
    flux_lm: Positive | None = None
    power_w: Positive | None = None
    ies: str | None = None
    """Text of its file in IES LM-63, type C."""
    price: Annotated[float, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _light_is_stated(self) -> Self:
        if self.ies is None and (self.shape is None or self.flux_lm is None):
            raise ValueError(f"luminaire model {self.id}: give ies, or shape and flux_lm")
        return self


class Beam(Model):
    """A beam below a ceiling."""

    line: tuple[Point, Point]
    """Its axis in the plan. [m]"""
    depth_m: Positive
    """How far it hangs below the ceiling."""


class Ceiling(Model):
    """What is particular about the ceiling of a space: detectors stand by it."""

    id: IdTemplate
    """Of the space, as its building has it."""
    slope_deg: Annotated[float, Field(ge=0, le=75)] = 0.0
    beams: tuple[Beam, ...] = ()
    noise_db: Annotated[float, Field(ge=0, le=140)] | None = None
    """What loudspeakers have to be heard over there; none means what is usual for its use."""


class CoverageValue(Model):
    """A value of a standard or model that a site sets otherwise than the product."""

    id: Annotated[str, Field(min_length=1, max_length=120)]
    value: float
    source: str = ""
    """Where it is from."""
