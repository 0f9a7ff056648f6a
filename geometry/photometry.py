"""How lamps throw their light: intensity by direction, and what it makes on a level floor.

Directions are those of type C photometry: gamma from straight down (0) over level (90) to straight up (180), C around
the vertical. C = 0 points where the luminaire's bearing does.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geometry.errors import GeometryError

Floats = NDArray[np.float64]

_TYPE_C: Final = 1


class PhotometryError(GeometryError):
    """A file of intensities that cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True, eq=False)
class Intensities:
    """Luminous intensity by direction.

    Attributes
    ----------
    gammas_deg : (g,) rising
    planes_deg : (c,) rising from 0; the last is 0, 90, 180 or 360 by the symmetry
    candela : (c, g)
    power_w : electrical, 0 where not known
    """

    gammas_deg: Floats
    planes_deg: Floats
    candela: Floats
    power_w: float = 0.0

    def flux_lm(self) -> float:
        """All light together, by summing intensities over the sphere. [lm]"""
        gamma = np.radians(np.linspace(0, 180, 361))
        middle = (gamma[1:] + gamma[:-1]) / 2
        around = np.arange(0.5, 360.0)
        grid = np.meshgrid(around, np.degrees(middle), indexing="ij")
        cd = intensity_cd(self, grid[0].ravel(), grid[1].ravel()).reshape(len(around), len(middle))
        bands = 2 * np.pi * (np.cos(gamma[:-1]) - np.cos(gamma[1:]))
        return float((cd.mean(axis=0) * bands).sum())


def intensity_cd(of: Intensities, planes_deg: ArrayLike, gammas_deg: ArrayLike) -> Floats:
    """(n,) intensity in given directions; beyond the measured gammas there is none.

    Parameters
    ----------
    planes_deg, gammas_deg : (n,)

    Examples
    --------
    >>> lamp = cosine_lamp(flux_lm=np.pi * 100)
    >>> intensity_cd(lamp, [0.0, 90.0], [0.0, 60.0]).round(1).tolist()
    [100.0, 50.0]
    """
    plane = _folded(np.asarray(planes_deg, dtype=np.float64) % 360, float(of.planes_deg[-1]))
    gamma = np.asarray(gammas_deg, dtype=np.float64)
    row, across = _between(of.planes_deg, plane)
    column, along = _between(of.gammas_deg, gamma)
    next_row, next_column = (
        np.minimum(k + 1, n - 1) for k, n in zip((row, column), of.candela.shape, strict=True)
    )  # fmt: skip
    near = of.candela[row, column] * (1 - along) + of.candela[row, next_column] * along
    far = of.candela[next_row, column] * (1 - along) + of.candela[next_row, next_column] * along
    measured = (gamma >= of.gammas_deg[0] - 1e-6) & (gamma <= of.gammas_deg[-1] + 1e-6)
    found: Floats = np.where(measured, near * (1 - across) + far * across, 0.0)
    return found


def _folded(plane: Floats, last: float) -> Floats:
    """Directions around, folded into the part that is measured."""
    if last <= 0:
        return np.zeros_like(plane)
    if last > 180:
        return plane
    half = np.minimum(plane, 360 - plane)  # alike on both sides of the plane 0 - 180
    return half if last > 90 else np.minimum(half, 180 - half)


def _between(ticks: Floats, values: Floats) -> tuple[NDArray[np.int64], Floats]:
    """The tick below each value, and how far it is to the next, 0 to 1."""
    if len(ticks) == 1:
        return np.zeros(len(values), np.int64), np.zeros(len(values))
    row = np.clip(np.searchsorted(ticks, values, side="right") - 1, 0, len(ticks) - 2)
    share = np.clip((values - ticks[row]) / (ticks[row + 1] - ticks[row]), 0.0, 1.0)
    return row, share


def cosine_lamp(*, flux_lm: float, power_w: float = 0.0) -> Intensities:
    """A matt panel that looks down: intensity falls with the cosine (Lambert), I0 = flux / pi."""
    gammas = np.arange(0.0, 91.0, 2.5)
    return Intensities(gammas, np.zeros(1), (flux_lm / math.pi * np.cos(np.radians(gammas)))[None], power_w)


def even_lamp(*, flux_lm: float, power_w: float = 0.0) -> Intensities:
    """A bare lamp: the same in all directions, I = flux / 4 pi."""
    return Intensities(np.array([0.0, 180.0]), np.zeros(1), np.full((1, 2), flux_lm / (4 * math.pi)), power_w)


def road_lamp(*, flux_lm: float, power_w: float = 0.0, reach_deg: float = 62.0) -> Intensities:
    """A street luminaire: two wings along the road, more light to its front than to its back.

    It is a shape common to such luminaires, not any maker's: wings at `reach_deg` from straight down, square to the
    bearing, a third of their strength straight down, and a tenth behind the pole. Scaled to the flux.
    """
    gammas, planes = np.arange(0.0, 91.0, 2.5), np.arange(0.0, 361.0, 5.0)
    c, g = np.meshgrid(np.radians(planes), gammas, indexing="ij")
    wing = np.exp(-(((g - reach_deg) / 14.0) ** 2)) * (0.35 + 0.65 * np.abs(np.sin(c)) ** 4)
    forward = np.where(np.cos(c) >= 0, 1.0, 1.0 - 0.9 * np.abs(np.cos(c)) ** 2)
    shape = (wing * forward + 0.33 * np.exp(-((g / 45.0) ** 2))) * np.clip((88.0 - g) / 10.0, 0.0, 1.0)
    made = Intensities(gammas, planes, shape, power_w)
    return Intensities(gammas, planes, shape * flux_lm / made.flux_lm(), power_w)


def directions_deg(ways: ArrayLike, *, bearing_deg: float = 0.0, tilt_deg: float = 90.0) -> tuple[Floats, Floats]:
    """C and gamma, in a luminaire's own frame, of ways that leave it.

    Parameters
    ----------
    ways : (n, 3) from the luminaire, site frame
    bearing_deg : where its C = 0 points, clockwise from north
    tilt_deg : of the luminaire's axis, 90 looks straight down, 0 level along the bearing

    Examples
    --------
    >>> plane, gamma = directions_deg([[0, 3, 0], [1, 0, -1]])
    >>> plane.round(6).tolist(), gamma.round(6).tolist()
    ([0.0, 90.0], [90.0, 45.0])
    """
    turn, tip = math.radians(bearing_deg), math.radians(tilt_deg)
    ahead = np.array([math.sin(turn), math.cos(turn), 0.0])
    side = np.array([math.cos(turn), -math.sin(turn), 0.0])
    axis = math.cos(tip) * ahead + math.sin(tip) * np.array([0.0, 0.0, -1.0])
    front = math.sin(tip) * ahead + math.cos(tip) * np.array([0.0, 0.0, 1.0])
    way = np.asarray(ways, dtype=np.float64).reshape(-1, 3)
    length = np.maximum(np.linalg.norm(way, axis=1), 1e-12)
    gamma = np.degrees(np.arccos(np.clip(way @ axis / length, -1.0, 1.0)))
    plane = np.degrees(np.arctan2(way @ side, way @ front)) % 360
    return plane, gamma


def illuminance_lx(
    lamp: Intensities, position_m: ArrayLike, points_m: ArrayLike, *, bearing_deg: float = 0.0, tilt_deg: float = 90.0
) -> Floats:
    """(n,) light that falls on a level surface at points, with nothing in between: E = I cos(theta) / d2.

    Parameters
    ----------
    position_m : (3,) of the lamp
    points_m : (n, 3); those at or above the lamp get nothing from below

    References
    ----------
    CIE 140-2019, section 4: the inverse-square law with the cosine of incidence on the horizontal plane.

    Examples
    --------
    >>> illuminance_lx(cosine_lamp(flux_lm=np.pi * 90), (0, 0, 3), [[0, 0, 0]]).round(6).tolist()
    [10.0]
    """
    ways = np.asarray(points_m, dtype=np.float64).reshape(-1, 3) - np.asarray(position_m, dtype=np.float64)
    square = np.maximum(np.einsum("ij,ij->i", ways, ways), 1e-4)
    cosine = np.maximum(-ways[:, 2], 0.0) / np.sqrt(square)
    plane, gamma = directions_deg(ways, bearing_deg=bearing_deg, tilt_deg=tilt_deg)
    light: Floats = intensity_cd(lamp, plane, gamma) * cosine / square
    return light


def read_ies(text: str) -> Intensities:
    """The intensities of a file of IES LM-63 (editions 1986 to 2002, LM-63-19), type C.

    Raises
    ------
    PhotometryError
        If it is of another type, cut short, or not such a file.

    References
    ----------
    ANSI/IES LM-63-02, section 5: candela values times the multiplier and the ballast factors; symmetry by the last
    horizontal angle, 0 all around, 90 in quarters, 180 in halves, 360 none.
    """
    lines = text.replace("\r", "\n").split("\n")
    tilts = [k for k, line in enumerate(lines) if line.strip().upper().startswith("TILT=")]
    if not tilts:
        raise PhotometryError("this is no IES file: it has no line TILT=. Export it anew as LM-63.")
    tilt = lines[tilts[0]].strip()[5:].strip().upper()
    if tilt not in {"NONE", "INCLUDE"}:
        raise PhotometryError(f"TILT={tilt} names another file: include its lines (TILT=INCLUDE), or use TILT=NONE")
    numbers = _numbers(" ".join(lines[tilts[0] + 1 :]))
    at = 0
    if tilt == "INCLUDE":  # lamp geometry, number of pairs, angles, factors: for lamps that burn aslant
        at = 2 + 2 * int(_some(numbers, 1, 1)[0])
    head = _some(numbers, at, 13)
    kind, rows, columns = int(head[5]), int(head[3]), int(head[4])
    if kind != _TYPE_C:
        raise PhotometryError(f"the file is of photometric type {'?CBA'[kind] if kind in {2, 3} else kind}; use type C")
    if rows < 1 or columns < 1:
        raise PhotometryError(f"the file states {rows} vertical and {columns} horizontal angles: both must be above 0")
    at += 13
    gammas, planes = _some(numbers, at, rows), _some(numbers, at + rows, columns)
    candela = _some(numbers, at + rows + columns, rows * columns).reshape(columns, rows)
    if (np.diff(gammas) <= 0).any() or (np.diff(planes) <= 0).any():
        raise PhotometryError("the angles of the file do not rise: it is damaged")
    factor = float(head[2] * head[10] * head[11])
    return Intensities(gammas, *_whole(planes, candela * factor), power_w=float(head[12]))


def _whole(planes: Floats, candela: Floats) -> tuple[Floats, Floats]:
    """Planes and intensities that begin at C = 0; a file may state 90 to 270 where the halves are left and right."""
    if len(planes) == 1:
        return np.zeros(1), candela
    first, last = float(planes[0]), float(planes[-1])
    if (first, last) == (90.0, 270.0):
        other = (540.0 - planes) % 360  # the mirror image about the plane 90 - 270
        all_planes = np.concatenate((planes, other[1:-1]))
        order = np.argsort(all_planes)
        both = np.concatenate((candela, candela[1:-1]))[order]
        ticks = all_planes[order]
        if ticks[0] > 0:  # nothing at 0 exactly: the mean of its neighbours would be a guess
            raise PhotometryError("planes from 90 to 270 need one at 180")
        return np.append(ticks, 360.0), np.vstack((both, both[:1]))
    if first != 0 or last not in {90.0, 180.0, 360.0}:
        if first == 0 and last > 180 and last < 360:  # all around, with the last plane left out
            return np.append(planes, 360.0), np.vstack((candela, candela[:1]))
        raise PhotometryError(f"horizontal angles from {first:g} to {last:g} are none of 0-90, 0-180, 0-360, 90-270")
    return planes, candela


def _numbers(text: str) -> Floats:
    found = []
    for word in text.replace(",", " ").split():
        try:
            found.append(float(word))
        except ValueError:
            break  # trailing remarks of the maker
    return np.array(found)


def _some(numbers: Floats, first: int, count: int) -> Floats:
    if first + count > len(numbers):
        raise PhotometryError(f"the file ends early: {first + count} numbers are needed, {len(numbers)} are there")
    return numbers[first : first + count]
