"""The cells of a place as a picture, coloured by the steps they reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from geometry.samples import Grid
from twin.coverage.kinds import scales
from twin.coverage.levels import editions
from twin.coverage.result import PlaceResult
from twin.model.base import Text
from twin.model.grounds import Requirement

COLOURS: Final = ("#d46a5f", "#f3e3a1", "#b9dca0", "#6fc2a4", "#3a9aae", "#33689f", "#3a2f77")
"""From none on; the same as on the page."""
_OPAQUE: Final = 205
_LEAST_RATIO: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Steps:
    """What the colours of a kind mean.

    Attributes
    ----------
    values : from the first that counts to the last, in `unit`
    names : of the levels, where they have names
    """

    values: tuple[float, ...]
    better: Literal["more", "less"]
    unit: str
    names: tuple[Text, ...] = ()


def steps_of(requirement: Requirement) -> Steps | None:
    """The steps a place is coloured by; none for lines, which are guarded or not.

    Examples
    --------
    >>> steps_of(Requirement(id="gate", kind="camera", level="identify", edition="2015")).values[:3]
    (12.5, 25.0, 62.5)
    """
    if requirement.kind == "camera":
        levels = editions()[requirement.edition or "2015"].levels
        values = tuple(level.density_px_per_m for level in levels)
        return Steps(values, "more", "px_per_m", tuple(level.name for level in levels))
    scale = scales().get(requirement.kind)
    return None if scale is None else Steps(scale.steps, scale.better, scale.unit)


def heat(grid: Grid, place: PlaceResult, steps: Steps) -> NDArray[np.uint8]:
    """(rows, columns, 4) the cells of a place seen from above, north up; clear outside of it.

    Where a place is not asked for a quantity but for a number of devices, a cell is covered or not.
    """
    colours = np.array([_rgba(colour) for colour in COLOURS], dtype=np.uint8)
    picture = np.zeros((*grid.inside.shape, 4), dtype=np.uint8)
    if place.unit == "count":
        reached = np.where(place.covered, 4, 0)
    else:
        reached = _reached(place.values, steps.values, better=steps.better)
    picture[grid.inside] = colours[np.minimum(reached, len(colours) - 1)]
    return picture[::-1]


def _reached(
    values: NDArray[np.float32], steps: Sequence[float], *, better: Literal["more", "less"]
) -> NDArray[np.int64]:
    """How many steps each value reaches; one that is not known reaches none."""
    held = values.astype(np.float64)[:, None]
    wanted = np.asarray(steps, dtype=np.float64)
    slack = np.abs(wanted) * _LEAST_RATIO
    reaches = held >= wanted - slack if better == "more" else held <= wanted + slack
    counted: NDArray[np.int64] = np.count_nonzero(reaches, axis=1)
    return counted


def _rgba(colour: str) -> tuple[int, int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue, _OPAQUE
