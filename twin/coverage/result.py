"""What a coverage check says, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from twin.model.base import Text
from twin.model.grounds import Requirement

Reason = Literal[
    "occluded", "too_far", "outside_field", "dead_zone", "offline", "dark", "too_steep", "too_few", "none_near",
    "switched_off", "no_way", "loose_joint", "open_gate",
]  # fmt: skip
"""Why a spot is not covered: something stands before it; too few pixels on a metre; beside the field of the nearest
device; under it; the device is down; beyond its light at night; seen from too far aside; by fewer than wanted; no
device is near enough with nothing in between; lamps that would light it are off or dimmed; no way on foot leads there;
two detectors' parts of a line hardly overlap; a gate in it that nothing watches."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be reckoned, and how to mend it; everything else was.

    Attributes
    ----------
    code : stable
    object_id : what is wrong
    """

    code: str
    object_id: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """A connected part of a place that is not covered.

    Attributes
    ----------
    area : in the site frame
    reasons : share of it by reason, the most first
    hidden_by : (kind, id) of what stands before it, the most first
    nearest : devices that come nearest to covering it
    """

    area: BaseGeometry
    area_m2: float
    storey: str | None
    elevation_m: float
    reasons: Mapping[Reason, float]
    hidden_by: tuple[tuple[str, str], ...] = ()
    nearest: tuple[str, ...] = ()
    length_m: float | None = None
    """Of a gap in a line, which has no area."""

    @property
    def reason(self) -> Reason:
        """Why most of it is not covered."""
        return next(iter(self.reasons))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a standard, or one model's answer, for a place.

    Attributes
    ----------
    code : stable
    needed, reached : in `unit`; what is asked for and what is there
    source : standard and clause; `certainty` is that of its value
    is_binding : the requirement is met only if this is; others are told beside it
    objects : devices it hangs on
    """

    code: str
    needed: float
    reached: float
    unit: str
    is_met: bool
    source: str
    certainty: str
    is_binding: bool = True
    objects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PlaceResult:
    """A place and whether it has what is required.

    Attributes
    ----------
    share_ratio : of the area that is covered
    by_count : share of the area that so many devices cover; the key is at most the largest asked for plus two
    lost_without : share that is lost if one device fails, by device, where anything is
    covered : (cells,) whether each cell is; `counts` : by how many; `values` : the quantity asked for, in its unit
    rules : what else is asked of it, or told beside
    """

    place_id: str
    name: Text
    requirement: Requirement
    storey: str | None
    area_m2: float
    needed: float
    unit: str
    share_ratio: float
    by_count: Mapping[int, float]
    gaps: tuple[Gap, ...]
    lost_without: Mapping[str, float]
    devices: tuple[str, ...]
    covered: NDArray[np.bool_] = field(repr=False)
    counts: NDArray[np.int32] = field(repr=False)
    values: NDArray[np.float32] = field(repr=False)
    rules: tuple[Rule, ...] = ()
    length_m: float | None = None
    """Of a line, which has no area; its cells are its pieces then."""
    line: BaseGeometry | None = None
    """Where it runs, in the site frame."""

    @property
    def is_met(self) -> bool:
        """Whether the share asked for is reached, and what else a standard asks for."""
        is_whole = self.share_ratio >= self.requirement.min_share_ratio - 1e-9
        return is_whole and all(rule.is_met for rule in self.rules if rule.is_binding)

    @property
    def shortfall_ratio(self) -> float:
        """Share of the area that is missing to what is asked for."""
        return max(0.0, self.requirement.min_share_ratio - self.share_ratio)

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Devices without which a requirement that is met would not be."""
        if not self.is_met:
            return ()
        spare = self.share_ratio - self.requirement.min_share_ratio + 1e-9
        return tuple(device for device, lost in self.lost_without.items() if lost > spare)
