"""Lenses: which directions they see, and how many pixels fall on a metre there.

The pixel density of a lens at a point is that of a small target square to the line of sight, in the direction in which
it is smaller: along the picture's radius or across it. For a lens without distortion that is the focal length in pixels
over the distance along the axis, the number of IEC 62676-4; a fisheye's falls to its edge.

References
----------
IEC 62676-4 (pixel density). Kannala and Brandt, A generic camera model and calibration method for conventional,
wide-angle and fish-eye lenses, IEEE TPAMI 28 (2006): the four projections. Brown, Close-range camera calibration,
Photogrammetric Engineering 37 (1971): radial distortion.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geometry.errors import GeometryError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Projection = Literal["equidistant", "equisolid", "stereographic", "orthographic"]

_NEWTON_STEPS: Final = 12
_NARROWEST_DEG: Final = 0.05
_WIDEST_DEG: Final = 179.0
"""Beyond these it is no straight lens but a mistake of units: long telescopes have a tenth of a degree."""
_LARGEST_DEG: Final = {"equidistant": 360.0, "equisolid": 360.0, "stereographic": 359.0, "orthographic": 180.0}


class LensError(GeometryError):
    """A lens that no picture can come from; the message says which number and what is allowed."""


@dataclass(frozen=True, slots=True)
class Pinhole:
    """A lens that keeps straight lines straight, or bends them by radial distortion.

    Attributes
    ----------
    width_px, height_px : of the picture
    focal_px : focal length in pixels; pixels are square
    k1, k2 : r' = r (1 + k1 r² + k2 r⁴), r in focal lengths; negative bulges outwards
    """

    width_px: int
    height_px: int
    focal_px: float
    k1: float = 0.0
    k2: float = 0.0

    @property
    def is_straight(self) -> bool:
        """Whether it has no distortion, so that its field is a pyramid."""
        return self.k1 == 0.0 and self.k2 == 0.0


@dataclass(frozen=True, slots=True)
class Fisheye:
    """A lens with a round field, up to everything around.

    Attributes
    ----------
    width_px, height_px : of the picture
    focal_px : pixels per radian at the centre
    fov_deg : of the round field, over its diameter
    """

    width_px: int
    height_px: int
    focal_px: float
    fov_deg: float
    projection: Projection = "equidistant"


Lens = Pinhole | Fisheye


def pinhole_from_focal_length(
    *, focal_mm: float, sensor_width_mm: float, width_px: int, height_px: int, k1: float = 0.0, k2: float = 0.0
) -> Pinhole:
    """A lens by its focal length and the width of the sensor's picture.

    Raises
    ------
    LensError
        If a length or a number of pixels is not positive, or the distortion folds the picture.

    Examples
    --------
    >>> round(horizontal_fov_deg(pinhole_from_focal_length(focal_mm=4, sensor_width_mm=8, width_px=100, height_px=50)))
    90
    """
    _positive(focal_mm=focal_mm, sensor_width_mm=sensor_width_mm, width_px=width_px, height_px=height_px)
    return _checked(Pinhole(width_px, height_px, focal_mm / sensor_width_mm * width_px, k1, k2))


def pinhole_from_field_of_view(
    *, horizontal_fov_deg: float, width_px: int, height_px: int, k1: float = 0.0, k2: float = 0.0
) -> Pinhole:
    """A lens by the angle its picture is wide. With distortion the angle still is the one seen.

    Raises
    ------
    LensError
        If the angle is not between 0° and 180°, or the distortion folds the picture.
    """
    _positive(width_px=width_px, height_px=height_px)
    if not 0.0 < horizontal_fov_deg < 180.0:
        raise LensError(
            f"a straight picture cannot be {horizontal_fov_deg}° wide: give more than 0° and less than 180°, "
            "or a fisheye for more"
        )
    edge = math.tan(math.radians(horizontal_fov_deg) / 2)
    bent = edge * (1 + k1 * edge**2 + k2 * edge**4)
    _positive(edge_of_the_picture=bent)
    made = _checked(Pinhole(width_px, height_px, width_px / 2 / bent, k1, k2))
    if not math.isclose(float(_unbent(made, np.array([bent]))[0]), edge, rel_tol=1e-6):
        raise LensError(
            f"distortion k1={k1}, k2={k2} folds the picture before it is {horizontal_fov_deg}° wide: "
            "give coefficients under which the radius grows up to the corner"
        )
    return made


def fisheye(*, fov_deg: float, width_px: int, height_px: int, projection: Projection = "equidistant") -> Fisheye:
    """A fisheye whose round field just fits the picture's shorter side.

    Raises
    ------
    LensError
        If the field is not above 0° and within what the projection can show.

    Examples
    --------
    >>> round(fisheye(fov_deg=180, width_px=2000, height_px=2000).focal_px, 1)  # 1000 px are π/2
    636.6
    """
    _positive(width_px=width_px, height_px=height_px)
    largest = _LARGEST_DEG[projection]
    if not 0.0 < fov_deg <= largest:
        raise LensError(
            f"a field of {fov_deg}° is not possible: a fisheye of the {projection} projection shows up to {largest:g}°"
        )
    edge = float(_radius(np.array([math.radians(fov_deg) / 2]), projection)[0])
    return Fisheye(width_px, height_px, min(width_px, height_px) / 2 / edge, fov_deg, projection)


def sees(lens: Lens, points_m: ArrayLike) -> Flags:
    """(n,) whether points lie within the field, at any distance.

    Parameters
    ----------
    points_m : (n, 3), camera frame
    """
    points = np.asarray(points_m, dtype=np.float64).reshape(-1, 3)
    if isinstance(lens, Fisheye):
        angle = _angle(points)
        inside: Flags = angle <= math.radians(lens.fov_deg) / 2
        x, y = _picture(lens, points)
        return inside & (np.abs(x) <= lens.width_px / 2) & (np.abs(y) <= lens.height_px / 2)
    ahead = points[:, 2] > 0
    x, y = _picture(lens, points)
    result: Flags = ahead & (np.abs(x) <= lens.width_px / 2) & (np.abs(y) <= lens.height_px / 2)
    return result


def pixel_density_px_per_m(lens: Lens, points_m: ArrayLike) -> Floats:
    """(n,) pixels on a metre of a target square to the line of sight, in the direction that has fewer.

    Parameters
    ----------
    points_m : (n, 3), camera frame, within the field

    Examples
    --------
    >>> wide = pinhole_from_field_of_view(horizontal_fov_deg=90, width_px=2000, height_px=1000)
    >>> pixel_density_px_per_m(wide, [(0, 0, 10), (10, 0, 10)]).round(6).tolist()
    [100.0, 100.0]
    """
    points = np.asarray(points_m, dtype=np.float64).reshape(-1, 3)
    if isinstance(lens, Pinhole) and lens.is_straight:
        return lens.focal_px / np.maximum(points[:, 2], 1e-9)
    distance_m = np.maximum(np.linalg.norm(points, axis=1), 1e-9)
    if isinstance(lens, Fisheye):
        angle = _angle(points)
        radial, across = (
            _slope(angle, lens.projection),
            _radius(angle, lens.projection) / np.maximum(np.sin(angle), 1e-12),
        )
        across = np.where(angle < 1e-6, 1.0, across)
        density: Floats = lens.focal_px * np.minimum(radial, across) / distance_m
        return density
    cosine = np.maximum(points[:, 2] / distance_m, 1e-9)
    r2 = 1 / cosine**2 - 1
    bend = 1 + lens.k1 * r2 + lens.k2 * r2**2
    stretch = 1 + 3 * lens.k1 * r2 + 5 * lens.k2 * r2**2
    bent: Floats = lens.focal_px * np.minimum(bend / cosine, stretch / cosine**2) / distance_m
    return bent


def project(lens: Lens, points_m: ArrayLike) -> Floats:
    """(n, 2) where points fall in the picture, from its upper left corner; nan where they are not seen. [px]

    Parameters
    ----------
    points_m : (n, 3), camera frame
    """
    points = np.asarray(points_m, dtype=np.float64).reshape(-1, 3)
    x, y = _picture(lens, points)
    at = np.column_stack((x + lens.width_px / 2, y + lens.height_px / 2))
    at[~sees(lens, points)] = np.nan
    return at


def directions(lens: Lens, pixels: ArrayLike) -> Floats:
    """(n, 3) unit vectors of the camera frame through places of the picture; nan outside of a round field.

    Parameters
    ----------
    pixels : (n, 2), from the upper left corner
    """
    at = np.asarray(pixels, dtype=np.float64).reshape(-1, 2) - (lens.width_px / 2, lens.height_px / 2)
    radius = np.hypot(at[:, 0], at[:, 1]) / lens.focal_px
    turn = np.arctan2(at[:, 1], at[:, 0])
    if isinstance(lens, Fisheye):
        angle = _angle_of(radius, lens.projection)
        angle = np.where(angle <= math.radians(lens.fov_deg) / 2 + 1e-9, angle, np.nan)
    else:
        angle = np.arctan(_unbent(lens, radius))
    return np.column_stack((np.sin(angle) * np.cos(turn), np.sin(angle) * np.sin(turn), np.cos(angle)))


def horizontal_fov_deg(lens: Lens) -> float:
    """The angle the picture is wide, at its middle."""
    if isinstance(lens, Fisheye):
        half = float(_angle_of(np.array([lens.width_px / 2 / lens.focal_px]), lens.projection)[0])
        return min(lens.fov_deg, 2 * math.degrees(half)) if math.isfinite(half) else lens.fov_deg
    return 2 * math.degrees(math.atan(float(_unbent(lens, np.array([lens.width_px / 2 / lens.focal_px]))[0])))


def vertical_fov_deg(lens: Lens) -> float:
    """The angle the picture is high, at its middle."""
    if isinstance(lens, Fisheye):
        half = float(_angle_of(np.array([lens.height_px / 2 / lens.focal_px]), lens.projection)[0])
        return min(lens.fov_deg, 2 * math.degrees(half)) if math.isfinite(half) else lens.fov_deg
    return 2 * math.degrees(math.atan(float(_unbent(lens, np.array([lens.height_px / 2 / lens.focal_px]))[0])))


def reach_m(lens: Lens, density_px_per_m: float) -> float:
    """The distance beyond which the lens nowhere has so many pixels on a metre. [m]"""
    if isinstance(lens, Pinhole) and lens.is_straight:
        # seen along the picture's corner the same depth is farther away
        corner = math.hypot(lens.width_px, lens.height_px) / 2 / lens.focal_px
        return lens.focal_px / density_px_per_m * math.hypot(1.0, corner)
    rim = directions(lens, _rim(lens))
    sampled = rim[np.isfinite(rim).all(axis=1)]
    best = float(pixel_density_px_per_m(lens, np.vstack((sampled, [[0.0, 0.0, 1.0]]))).max())
    inner = directions(lens, _rim(lens) * 0.5 + np.array([lens.width_px, lens.height_px]) * 0.25)
    best = max(best, float(pixel_density_px_per_m(lens, inner[np.isfinite(inner).all(axis=1)]).max()))
    return 1.02 * best / density_px_per_m


def half_spaces(lens: Lens) -> Floats:
    """(k, 3) normals n of the camera frame such that n·p >= 0 for all that is seen: a cover of the field.

    Exactly the field of a lens without distortion; empty where a field is too wide to be within a half-space.
    """
    if isinstance(lens, Pinhole):
        if lens.is_straight:
            right, down = (side / 2 / lens.focal_px for side in (lens.width_px, lens.height_px))
        else:  # the widest angles the bent rim reaches
            rim = directions(lens, _rim(lens))
            right, down = (float(np.abs(rim[:, k] / rim[:, 2]).max()) * 1.01 for k in (0, 1))
        return np.array([[-1, 0, right], [1, 0, right], [0, -1, down], [0, 1, down]], dtype=np.float64)
    half = math.radians(lens.fov_deg) / 2
    if half >= math.pi / 2:
        return np.empty((0, 3))
    spread = math.tan(min(half, math.radians(89.9)))
    return np.array([[-1, 0, spread], [1, 0, spread], [0, -1, spread], [0, 1, spread]], dtype=np.float64)


def _checked(lens: Pinhole) -> Pinhole:
    wide_deg = 2 * math.degrees(math.atan(lens.width_px / 2 / lens.focal_px))
    if not _NARROWEST_DEG <= wide_deg <= _WIDEST_DEG:
        raise LensError(
            f"its picture would be {wide_deg:.3g}° wide: give focal length and sensor both in millimetres, for a "
            f"picture of {_NARROWEST_DEG}° to {_WIDEST_DEG:g}°"
        )
    corner = math.hypot(lens.width_px, lens.height_px) / 2 / lens.focal_px
    edge = float(_unbent(lens, np.array([corner]))[0])
    if not math.isfinite(edge):
        raise LensError(
            f"distortion k1={lens.k1}, k2={lens.k2} folds the picture before its corner: "
            "give coefficients under which the radius grows up to the corner"
        )
    return lens


def _unbent(lens: Pinhole, radius: Floats) -> Floats:
    """Tangents of the angles at bent radii (in focal lengths), by Newton; nan where the picture folds."""
    if lens.is_straight:
        return radius
    tangent = radius.copy()
    with np.errstate(over="ignore", invalid="ignore"):  # coefficients out of all reason end as nan
        for _ in range(_NEWTON_STEPS):
            t2 = tangent**2
            slope = 1 + 3 * lens.k1 * t2 + 5 * lens.k2 * t2**2
            wrong = tangent * (1 + lens.k1 * t2 + lens.k2 * t2**2) - radius
            tangent = tangent - wrong / np.where(np.abs(slope) < 1e-6, 1e-6, slope)
            tangent = np.clip(tangent, 0.0, 1e3)
        t2 = tangent**2
        back = tangent * (1 + lens.k1 * t2 + lens.k2 * t2**2)
        rises = (1 + 3 * lens.k1 * t2 + 5 * lens.k2 * t2**2 > 0) & (np.abs(back - radius) < 1e-6 * (1 + radius))
    result: Floats = np.where(rises, tangent, np.nan)
    return result


def _picture(lens: Lens, points: Floats) -> tuple[Floats, Floats]:
    """Pixels from the picture's middle."""
    flat = np.hypot(points[:, 0], points[:, 1])
    if isinstance(lens, Fisheye):
        scale = lens.focal_px * _radius(_angle(points), lens.projection) / np.maximum(flat, 1e-12)
        return points[:, 0] * scale, points[:, 1] * scale
    depth = np.where(points[:, 2] > 1e-9, points[:, 2], np.nan)
    x, y = points[:, 0] / depth, points[:, 1] / depth
    if not lens.is_straight:
        r2 = x**2 + y**2
        bend = 1 + lens.k1 * r2 + lens.k2 * r2**2
        # far outside of the field the polynomial turns back into the picture
        bend = np.where(1 + 3 * lens.k1 * r2 + 5 * lens.k2 * r2**2 > 0, bend, 1e9)
        x, y = x * bend, y * bend
    return lens.focal_px * x, lens.focal_px * y


def _angle(points: Floats) -> Floats:
    angle: Floats = np.arctan2(np.hypot(points[:, 0], points[:, 1]), points[:, 2])
    return angle


def _radius(angle: Floats, projection: Projection) -> Floats:
    """Radius in the picture, in focal lengths."""
    match projection:
        case "equidistant":
            return angle
        case "equisolid":
            return np.asarray(2 * np.sin(angle / 2))
        case "stereographic":
            return np.asarray(2 * np.tan(np.minimum(angle, 3.13) / 2))
        case "orthographic":
            return np.asarray(np.where(angle <= np.pi / 2, np.sin(angle), 1e9))


def _slope(angle: Floats, projection: Projection) -> Floats:
    """How fast the radius grows with the angle."""
    match projection:
        case "equidistant":
            return np.ones_like(angle)
        case "equisolid":
            return np.asarray(np.cos(angle / 2))
        case "stereographic":
            return np.asarray(1 / np.cos(np.minimum(angle, 3.13) / 2) ** 2)
        case "orthographic":
            return np.asarray(np.maximum(np.cos(angle), 0.0))


def _angle_of(radius: Floats, projection: Projection) -> Floats:
    with np.errstate(invalid="ignore"):
        match projection:
            case "equidistant":
                return np.asarray(np.where(radius <= np.pi, radius, np.nan))
            case "equisolid":
                return np.asarray(2 * np.arcsin(radius / 2))
            case "stereographic":
                return np.asarray(2 * np.arctan(radius / 2))
            case "orthographic":
                return np.asarray(np.arcsin(radius))


def _rim(lens: Lens, each: int = 33) -> Floats:
    across, along = np.linspace(0, lens.width_px, each), np.linspace(0, lens.height_px, each)
    top = [np.column_stack((across, np.full(each, y))) for y in (0.0, float(lens.height_px))]
    sides = [np.column_stack((np.full(each, x), along)) for x in (0.0, float(lens.width_px))]
    return np.vstack((*top, *sides))


def _positive(**numbers: float) -> None:
    for name, value in numbers.items():
        if not (math.isfinite(value) and value > 0):
            raise LensError(f"{name} is {value}: a lens needs a number above 0 here")
