"""A site's cameras as eyes: where each is, which way it looks, through which lens."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import numpy as np
import shapely
import yaml
from numpy.typing import NDArray

from geometry.culling import Eye
from geometry.lenses import (
    Lens,
    LensError,
    Pinhole,
    directions,
    fisheye,
    pinhole_from_field_of_view,
    pinhole_from_focal_length,
)
from geometry.poses import Pose, in_site
from twin.coverage.prepared import Prepared
from twin.coverage.result import Problem
from twin.coverage.settings import settings
from twin.errors import CameraError
from twin.fabric.occluders import solid_around
from twin.index import SiteIndex
from twin.model.cameras import CameraModel
from twin.model.devices import Device
from twin.model.site import Site

FARTHEST_M: Final = 200.0
"""Beyond it haze, rain and the height of lamps decide, not pixels."""

CAMERA_BLOCKED: Final = "camera-blocked"
CAMERA_OUTSIDE: Final = "camera-outside"
_BESIDE_M: Final = 20.0
"""A camera may hang on a mast across the street."""
_BLOCKED_M: Final = 0.25
_LINES: Final = 5


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """A camera with what it looks through.

    Attributes
    ----------
    eyes : one for each of its sensors, and for each preset of one that turns
    infrared_m : how far it sees in the dark; 0 for one without a light
    needed_lx : light of lamps that it sees by instead, farther off
    """

    device: Device
    model: CameraModel
    eyes: tuple[Eye, ...]
    infrared_m: float
    needed_lx: float

    @property
    def id(self) -> str:
        """Of the device."""
        return self.device.id


@cache
def generic_models() -> Mapping[str, CameraModel]:
    """The models that come with the product, by name."""
    text = files("twin.coverage.catalogue").joinpath("cameras.yaml").read_text(encoding="utf-8")
    return MappingProxyType({made["id"]: CameraModel(**made) for made in yaml.safe_load(text)["camera_models"]})


def models(site: Site) -> dict[str, CameraModel]:
    """The models a site's cameras can be of: its own before those that come with the product."""
    return {**generic_models(), **{model.id: model for model in site.camera_models}}


def cameras(
    index: SiteIndex, *, least_px_per_m: float, known: Sequence[Camera] = ()
) -> tuple[tuple[Camera, ...], tuple[Problem, ...]]:
    """The cameras of a site, and those that no picture can be reckoned for.

    Parameters
    ----------
    least_px_per_m : what has fewer pixels on a metre is not asked about
    known : cameras of the same site made before; those of the same device are taken as they are
    """
    catalogue = models(index.site)
    made_of = {id(made.device): made for made in known if made.eyes[0].least_px_per_m == least_px_per_m}
    kinds = {kind.id for kind in index.kinds.values() if kind.reaches == "camera"}
    found, problems = [], []
    for device in index.site.devices:
        if device.kind not in kinds:
            continue
        try:
            made = made_of.get(id(device))
            found.append(made or camera(device, index, catalogue, least_px_per_m=least_px_per_m))
        except CameraError as error:
            problems.append(Problem("camera-unusable", device.id, str(error)))
    return tuple(found), tuple(problems)


def camera(
    device: Device, index: SiteIndex, known: Mapping[str, CameraModel], *, least_px_per_m: float
) -> Camera:  # fmt: skip
    """One camera as eyes.

    A camera without a tilt looks level, a dome straight down; one that looks aside needs a bearing. One that turns has
    an eye for each preset: what it can see, not all at the same time.

    Raises
    ------
    CameraError
        If its model is not known, its lens cannot be, or it does not say which way it looks.
    """
    model = known.get(device.model)
    if model is None:
        fault = f"Its model {device.model!r} is not in the catalogue" if device.model else "It has no model"
        cure = f"Add it to camera-models.yaml, or name one of {', '.join(sorted(known))}."
        raise CameraError(device.id, fault, cure)
    eyes = eyes_of(device, model, index.device_point(device), least_px_per_m=least_px_per_m)
    return Camera(device, model, eyes, model.infrared_m or 0.0, needed_lx(model, index.site))


def needed_lx(model: CameraModel, site: Site) -> float:
    """The light that a camera of a model needs on what it sees; of a model that does not say, what is usual. [lx]"""
    if model.min_illumination_lx is not None:
        return model.min_illumination_lx
    return settings(site)[0]["camera.min_illumination_lx"]


def eyes_of(
    device: Device, model: CameraModel, position_m: tuple[float, float, float], *, least_px_per_m: float
) -> tuple[Eye, ...]:
    """What a camera of a model looks through, for each of its sensors and presets.

    Raises
    ------
    CameraError
        If its lens cannot be, or it does not say which way it looks.
    """
    eyes = []
    for bearing_deg, tilt_deg, zoom_ratio in aims(device, model):
        if zoom_ratio > model.zoom_ratio:
            fault = f"It cannot zoom {zoom_ratio:g} times, its model {model.id} zooms {model.zoom_ratio:g} times"
            raise CameraError(device.id, fault, f"Correct its {'heads' if device.heads else 'preset'}, or its model.")
        try:
            lens = lens_of(model, zoom_ratio=zoom_ratio)
        except LensError as error:
            raise CameraError(device.id, f"Its model {model.id}: {error}", "Correct the model.") from error
        pose = Pose(position_m, bearing_deg, tilt_deg, device.roll_deg)
        eyes.append(Eye(pose, lens, FARTHEST_M, least_px_per_m=least_px_per_m))
    return tuple(eyes)


def blocked(found: Sequence[Camera], prepared: Prepared) -> Iterator[Problem]:
    """Cameras off the site, within a wall or under the ground, and those whose picture lies nearer than a hand."""
    rays = [_sight_lines(eye) for camera in found for eye in camera.eyes]
    if not rays:
        return
    places = np.vstack([np.repeat([eye.pose.position_m], _LINES**2, axis=0) for c in found for eye in c.eyes])
    away, _, owners = prepared.scene.first_hits(places, np.vstack(rays))
    row = 0
    for camera in found:
        mine = slice(row, row := row + len(camera.eyes) * _LINES**2)
        off = _off_the_site(camera, prepared)
        if off is not None:
            yield Problem(CAMERA_OUTSIDE, camera.id, f"camera {camera.id} {off}; correct its position")
            continue
        within = solid_around(prepared.occluders, prepared.index, camera.eyes[0].pose.position_m)
        if within is not None:
            where = "under the ground of" if within.kind == "ground" else f"inside {within.kind}"
            said = f"camera {camera.id} is {where} {within.id}; move it out"
            yield Problem(CAMERA_BLOCKED, camera.id, said)
        elif (away[mine] < _BLOCKED_M).all():
            by = prepared.owner(int(owners[mine][0]))
            said = f"camera {camera.id} has {by.kind} {by.id} less than {_BLOCKED_M} m before it; move it out"
            yield Problem(CAMERA_BLOCKED, camera.id, said)


def _off_the_site(camera: Camera, prepared: Prepared) -> str | None:
    x, y, z = camera.eyes[0].pose.position_m
    low_m, high_m = prepared.between_m
    if not shapely.dwithin(prepared.extent, shapely.Point(x, y), _BESIDE_M):
        return f"is at {x:g}, {y:g}, outside of the site"
    return None if low_m <= z <= high_m else f"is at a height of {z:g} m; the site is from {low_m:g} m to {high_m:g} m"


def _sight_lines(eye: Eye) -> NDArray[np.float64]:
    """(lines, 3) ways of unit length spread over an eye's picture; a fisheye's stay within its round field."""
    inset = 0.05 if isinstance(eye.lens, Pinhole) else 0.25
    across, down = (size * np.linspace(inset, 1 - inset, _LINES) for size in (eye.lens.width_px, eye.lens.height_px))
    pixels = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    ways = in_site(eye.pose, directions(eye.lens, pixels))
    lines: NDArray[np.float64] = ways / np.linalg.norm(ways, axis=1, keepdims=True)
    return lines


def aims(device: Device, model: CameraModel) -> tuple[tuple[float, float, float], ...]:
    """Bearing, tilt and zoom of each eye of a camera: of all its sensors, for each of its presets.

    Raises
    ------
    CameraError
        If it does not say which way it looks, or aims sensors that its model has not.
    """
    ways = looks(device, model)
    if not device.heads:
        leans = model.heads_tilt_deg or (0.0,) * len(model.heads_deg)
        heads = tuple(zip(model.heads_deg, leans, strict=True))
        return tuple(
            ((bearing_deg + turn_deg) % 360, max(-90.0, min(90.0, tilt_deg + lean_deg)), zoom_ratio)
            for bearing_deg, tilt_deg, zoom_ratio in ways
            for turn_deg, lean_deg in heads
        )
    if device.presets:
        raise CameraError(device.id, "It has presets and heads", "Give presets to one that turns, heads to others.")
    if len(device.heads) != len(model.heads_deg):
        has = f"It aims {len(device.heads)} sensors, its model {model.id} has {len(model.heads_deg)}"
        raise CameraError(device.id, has, "Give heads a bearing/tilt for each, separated by a semicolon.")
    ((bearing_deg, _, _),) = ways
    return tuple(_head(device, text, bearing_deg) for text in device.heads)


def _head(device: Device, text: str, bearing_deg: float) -> tuple[float, float, float]:
    turn_deg, tilt_deg, zoom_ratio = (float(part) for part in [*text.split("/"), "1"][:3])
    if abs(turn_deg) > 360 or abs(tilt_deg) > 90 or zoom_ratio < 1:
        raise CameraError(device.id, f"Its head {text} cannot be", "Give bearing/tilt, such as -60/30.")
    return (bearing_deg + turn_deg) % 360, tilt_deg, zoom_ratio


def looks(device: Device, model: CameraModel) -> tuple[tuple[float, float, float], ...]:
    """Bearing, tilt and zoom of each way a camera looks: its presets, or the one way of a camera that has none.

    Raises
    ------
    CameraError
        If it has neither presets nor a bearing, or a preset that cannot be.
    """
    if device.presets:
        return tuple(_preset(device, text) for text in device.presets)
    tilt_deg = device.tilt_deg if device.tilt_deg is not None else (90.0 if model.is_dome else 0.0)
    if device.bearing_deg is None and tilt_deg < _ANY_BEARING_DEG and not _sees_all_around(model):
        raise CameraError(device.id, "It does not say which way it looks", "Give bearing_deg, clockwise from north.")
    return ((device.bearing_deg or 0.0, tilt_deg, 1.0),)


def _preset(device: Device, text: str) -> tuple[float, float, float]:
    bearing_deg, tilt_deg, zoom_ratio = (float(part) for part in text.split("/"))
    if bearing_deg >= 360 or abs(tilt_deg) > 90 or zoom_ratio < 1:
        raise CameraError(device.id, f"Its preset {text} cannot be", "Give bearing/tilt/zoom, such as 60/20/1.")
    return bearing_deg, tilt_deg, zoom_ratio


def _sees_all_around(model: CameraModel) -> bool:
    return model.optics == "fisheye" and model.is_dome


_ANY_BEARING_DEG: Final = 80.0
"""A camera tilted so far looks down, whatever its bearing."""


def lens_of(model: CameraModel, *, zoom_ratio: float = 1.0) -> Lens:
    """The lens of a model, at its widest or zoomed in.

    Raises
    ------
    LensError
        If no picture can come from it.
    """
    if model.optics == "fisheye":
        return fisheye(
            fov_deg=model.fov_deg or 0.0,
            projection=model.projection,
            width_px=model.width_px,
            height_px=model.height_px,
        )
    if model.horizontal_fov_deg is not None:
        wide = pinhole_from_field_of_view(
            horizontal_fov_deg=model.horizontal_fov_deg,
            width_px=model.width_px,
            height_px=model.height_px,
            k1=model.k1,
            k2=model.k2,
        )
        return replace(wide, focal_px=wide.focal_px * zoom_ratio)
    return pinhole_from_focal_length(
        focal_mm=(model.focal_mm or 0.0) * zoom_ratio,
        sensor_width_mm=model.sensor_width_mm or 0.0,
        width_px=model.width_px,
        height_px=model.height_px,
        k1=model.k1,
        k2=model.k2,
    )
