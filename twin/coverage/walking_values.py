"""How far one may have to walk to hydrants, extinguishers, call points: `values/reach.yaml`."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Final, Self

import yaml
from pydantic import Field, model_validator

from twin.coverage.levels import Certainty
from twin.coverage.places import Place
from twin.errors import UnknownClassError, UnreachableLengthError
from twin.model.base import Model, Text
from twin.model.grounds import Requirement

CUSTOM: Final = "custom"
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(gt=0, le=1)]


class WalkClass(Model):
    """A class of its kind, and how far one may have to walk; attributes as `values/reach.yaml` explains them."""

    id: str
    name: Text
    walk_m: Positive | None = None
    hose_m: Positive | None = None
    laid_ratio: Share = 1.0
    jet_m: Annotated[float, Field(ge=0)] = 0.0
    flat_ratio: Share = 1.0
    least_pressure_pa: float | None = None
    source: str
    certainty: Certainty

    @model_validator(mode="after")
    def _states_one_length(self) -> Self:
        if (self.walk_m is None) == (self.hose_m is None):
            raise ValueError(f"class {self.id}: give walk_m or hose_m")
        return self


class WalkKind(Model):
    """The classes of a kind, and which holds where a requirement names none."""

    open: str
    indoors: str
    classes: tuple[WalkClass, ...]


@dataclass(frozen=True, slots=True)
class WalkNeed:
    """What a place needs: the longest way, and what a jet adds at its end.

    Attributes
    ----------
    least_pressure_pa : under which a device that tells its pressure does not count
    """

    of: WalkClass
    walk_m: float
    throw_m: float
    least_pressure_pa: float | None


@cache
def walk_kinds() -> MappingProxyType[str, WalkKind]:
    """The table by kind of requirement."""
    text = files("twin.coverage").joinpath("values/reach.yaml").read_text(encoding="utf-8")
    return MappingProxyType({kind: WalkKind(**made) for kind, made in yaml.safe_load(text)["kinds"].items()})


def walk_class(requirement: Requirement, *, in_the_open: bool) -> WalkClass:
    """The class that a requirement asks for, or the usual one of its kind.

    Raises
    ------
    UnknownClassError
        If it names one that its kind has not.
    UnreachableLengthError
        If it states a length that is none, or a unit that is no length.

    Examples
    --------
    >>> asked = Requirement(id="r", kind="extinguisher", level="severe")
    >>> walk_class(asked, in_the_open=False).walk_m
    15.0
    """
    kind = walk_kinds()[requirement.kind]
    wanted = requirement.level or (kind.open if in_the_open else kind.indoors)
    found = next((each for each in kind.classes if each.id == wanted), None)
    if found is None:
        raise UnknownClassError(requirement.id, wanted, requirement.kind, tuple(each.id for each in kind.classes))
    if requirement.min_value is None:
        return found
    if requirement.unit not in (None, "m") or requirement.min_value <= 0:
        raise UnreachableLengthError(requirement.id, requirement.min_value, requirement.unit)
    length_m = requirement.min_value
    return WalkClass(
        id=CUSTOM,
        name=Text(zh=f"{length_m:g} 米以内", en=f"within {length_m:g} m"),
        walk_m=length_m,
        least_pressure_pa=found.least_pressure_pa,
        source=f"requirement {requirement.id}",
        certainty="chosen",
    )


def walk_need(place: Place) -> WalkNeed:
    """What a place needs. Raises as `walk_class` does."""
    found = walk_class(place.requirement, in_the_open=place.storey is None)
    if found.hose_m is None:
        return WalkNeed(found, found.walk_m or 0.0, 0.0, found.least_pressure_pa)
    return WalkNeed(found, found.hose_m * found.laid_ratio, found.jet_m * found.flat_ratio, found.least_pressure_pa)
