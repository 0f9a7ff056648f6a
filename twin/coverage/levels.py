"""What a number of pixels on a metre lets one tell of a person, by both editions of IEC 62676-4."""

from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Final, Literal

import yaml
from pydantic import Field

from twin.errors import UnknownLevelError
from twin.model.base import Model, Text
from twin.model.grounds import Requirement

Certainty = Literal["stated", "recalled", "chosen"]
CUSTOM: Final = "custom"


class Level(Model):
    """A level and the least pixels on a metre that it takes."""

    id: str
    name: Text
    density_px_per_m: Annotated[float, Field(gt=0)]
    certainty: Certainty


class Edition(Model):
    """The levels of one edition, coarse to fine."""

    source: str
    levels: tuple[Level, ...]


@cache
def editions() -> MappingProxyType[str, Edition]:
    """The editions by year."""
    text = files("twin.coverage").joinpath("values/levels.yaml").read_text(encoding="utf-8")
    return MappingProxyType({year: Edition(**made) for year, made in yaml.safe_load(text)["editions"].items()})


def level_of(requirement: Requirement) -> Level:
    """The level a requirement for cameras asks for; a density of its own counts as a level without a standard.

    Raises
    ------
    UnknownLevelError
        If it names none, one that its edition has not, or no edition; or a density that is not above 0.

    Examples
    --------
    >>> level_of(Requirement(id="gate", kind="camera", level="identify", edition="2015")).density_px_per_m
    250.0
    """
    if requirement.level is None:
        if requirement.min_value is None:
            raise UnknownLevelError(requirement.id, None, requirement.edition, ())
        if requirement.min_value <= 0:
            raise UnknownLevelError(requirement.id, None, None, (), density_px_per_m=requirement.min_value)
        name = Text(zh=f"{requirement.min_value:g} 像素/米", en=f"{requirement.min_value:g} px/m")
        return Level(id=CUSTOM, name=name, density_px_per_m=requirement.min_value, certainty="chosen")
    known = editions()[requirement.edition].levels if requirement.edition else ()
    for level in known:
        if level.id == requirement.level:
            return level
    raise UnknownLevelError(requirement.id, requirement.level, requirement.edition, tuple(k.id for k in known))
