"""Camera models: sensor, lens, night sight. A site adds its own in ``camera-models.yaml``."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from twin.model.base import Model, Text

Positive = Annotated[float, Field(gt=0)]
Pixels = Annotated[int, Field(gt=0, le=100_000)]


class CameraModel(Model):
    """A camera as its data sheet describes it.

    A straight lens is given by focal length and width of the sensor's picture, or by the angle its picture is wide; a
    fisheye by its field and projection.
    """

    id: Annotated[str, Field(min_length=1, max_length=80)]
    """As devices name it in `model`."""
    name: Text = Text()
    width_px: Pixels
    height_px: Pixels
    optics: Literal["pinhole", "fisheye"] = "pinhole"
    focal_mm: Positive | None = None
    """At the widest."""
    sensor_width_mm: Positive | None = None
    """Of the picture, at its middle."""
    horizontal_fov_deg: float | None = None
    fov_deg: float | None = None
    """Of a fisheye, over its diameter."""
    projection: Literal["equidistant", "equisolid", "stereographic", "orthographic"] = "equidistant"
    k1: float = 0.0
    k2: float = 0.0
    """Radial distortion: r' = r (1 + k1 r² + k2 r⁴), r in focal lengths."""
    zoom_ratio: Annotated[float, Field(ge=1)] = 1.0
    """How much longer than `focal_mm` the lens gets."""
    turns: bool = False
    """Pans and tilts by itself, to the presets of its devices."""
    infrared_m: Annotated[float, Field(ge=0)] | None = None
    """How far it sees by its own light at night; none means it has none."""
    min_illumination_lx: Annotated[float, Field(ge=0)] | None = None
    """Light on what it sees that it needs without a light of its own; none takes what is usual."""
    heads_deg: Annotated[tuple[float, ...], Field(min_length=1)] = (0.0,)
    """Bearings of its sensors from its own, for a camera with several."""
    heads_tilt_deg: tuple[float, ...] = ()
    """How much farther down than itself each of them looks; none means as it does."""
    is_dome: bool = False
    """Hangs from a ceiling: without a tilt it looks straight down."""
    price: Annotated[float, Field(ge=0)] | None = None
    """In the site's currency."""

    @model_validator(mode="after")
    def _heads_agree(self) -> Self:
        if self.heads_tilt_deg and len(self.heads_tilt_deg) != len(self.heads_deg):
            counts = f"{len(self.heads_tilt_deg)} tilts for {len(self.heads_deg)} bearings"
            raise ValueError(f"camera model {self.id}: heads_tilt_deg has {counts} in heads_deg; give as many")
        return self

    @model_validator(mode="after")
    def _lens_is_stated(self) -> Self:
        by_length = (self.focal_mm is not None, self.sensor_width_mm is not None)
        if self.optics == "fisheye":
            if self.fov_deg is None:
                raise ValueError(f"camera model {self.id}: give fov_deg of the fisheye")
        elif self.horizontal_fov_deg is None and not all(by_length):
            what = "focal_mm has no sensor_width_mm" if by_length[0] else "it has no lens"
            raise ValueError(
                f"camera model {self.id}: {what}; give focal_mm and sensor_width_mm, or horizontal_fov_deg"
            )
        return self
