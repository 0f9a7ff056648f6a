"""What a planner wishes for, and what a suggestion says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from shapely.geometry.base import BaseGeometry

from twin.coverage.check import CameraCoverage
from twin.model.devices import Device

Way = Literal["add", "turn", "both"]
"""New cameras; those that are there aimed otherwise; the one where the other does not do."""
UnmetReason = Literal["none_near", "occluded", "too_steep", "dark", "outside_field", "too_few", "elsewhere", "budget"]
"""Why no suggestion serves a spot: no mount is near enough for any lens; something stands before it from all that are;
all are too far beside the front; beyond every light; in no picture whole, feet and face; of use to fewer cameras than
wanted; the cameras that could are needed for other spots; there was not enough to spend."""

_NO_PRICES: Final[Mapping[str, float]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a suggestion is to bring.

    Attributes
    ----------
    ways : each gives a suggestion of its own
    requirements, places : ids of those that are to be met; none means all that are not
    kept : ids of cameras that are not aimed otherwise: what they are there for may be no requirement
    models : ids of camera models to choose from; none means those the site has most of
    cameras : the best use of so many new or turned ones, in place of the fewest that meet everything
    budget : the best use of so much money
    by_price : the cheapest in place of the fewest; needs prices
    prices : by model, before those of the catalogue
    pole_price, turn_price : of a new pole, and of aiming a camera otherwise
    turn_ratio : what aiming a camera counts where no prices do, of a new one
    time_limit_s : of the search for each way
    """

    ways: tuple[Way, ...] = ("turn", "add")
    requirements: frozenset[str] | None = None
    places: frozenset[str] | None = None
    kept: frozenset[str] = frozenset()
    models: tuple[str, ...] = ()
    cameras: int | None = None
    budget: float | None = None
    by_price: bool = False
    prices: Mapping[str, float] = field(default_factory=lambda: _NO_PRICES)
    pole_price: float = 0.0
    turn_price: float = 0.0
    turn_ratio: float = 0.1
    time_limit_s: float = 20.0

    @property
    def is_free(self) -> bool:
        """Whether as much may be spent as is needed."""
        return self.cameras is None and self.budget is None

    @property
    def in_money(self) -> bool:
        """Whether costs are sums of money, not numbers of cameras."""
        return self.by_price or self.budget is not None


@dataclass(frozen=True, slots=True)
class Proof:
    """How good a suggestion is among all that were considered.

    Attributes
    ----------
    goal : the least cost of what serves all that can be, or the most that a budget serves
    reached, bound : cost or worth of the suggestion, and what none can better
    candidates, considered : cameras and aims that were found, and among which was chosen
    spots, asked : cells that lack, and those asked about; the answer was checked on all
    """

    goal: Literal["fewest", "most"]
    reached: float
    bound: float
    candidates: int
    considered: int
    spots: int
    asked: int

    @property
    def gap_ratio(self) -> float:
        """By how much of the better of the two the suggestion may be off the best."""
        best = max(self.reached, self.bound)
        return abs(self.reached - self.bound) / best if best > 0 else 0.0

    @property
    def is_optimal(self) -> bool:
        """Whether none is better."""
        return self.gap_ratio <= 1e-6


@dataclass(frozen=True, slots=True)
class Gain:
    """What a suggestion changes of a place."""

    place_id: str
    requirement: str
    min_share_ratio: float
    before_ratio: float
    after_ratio: float

    @property
    def is_met(self) -> bool:
        """Whether it is as asked with the suggestion."""
        return self.after_ratio >= self.min_share_ratio - 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Unmet:
    """A part of a place that stays without what is asked, and why.

    Attributes
    ----------
    area : in the site frame, of cells alike in reason
    """

    place_id: str
    requirement: str
    reason: UnmetReason
    area: BaseGeometry
    area_m2: float


@dataclass(frozen=True, slots=True, eq=False)
class Suggestion:
    """Cameras new or aimed otherwise, and what that brings: a what-if to look at before it is accepted.

    Attributes
    ----------
    devices : as they would be; `changed` are ids of those that are there already
    cost : in money if the wish was, else a number of cameras, one that is turned counting its ratio
    gains : of the places that were to be met, and of others that change
    unmet : what places that are still lacking lack; parts that their share allows to lack are not told
    after : the answer with it
    """

    way: Way
    devices: tuple[Device, ...]
    changed: tuple[str, ...]
    cost: float
    proof: Proof
    gains: tuple[Gain, ...]
    unmet: tuple[Unmet, ...]
    after: CameraCoverage

    @property
    def is_met(self) -> bool:
        """Whether all that was to be met is."""
        return all(gain.is_met for gain in self.gains)
