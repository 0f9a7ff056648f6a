"""By which rules people in buildings are estimated: what counts them, how well, and what is usual."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field

from twin.evacuation.hazard_rules import HazardValue, KindRule
from twin.model.base import Model

Share = Annotated[float, Field(ge=0, lt=1)]


class Usual(Model):
    """Share of those who belong somewhere, at each full hour, and how sure that is.

    Attributes
    ----------
    sd_ratio : standard deviation of those who are out of homes, or in at work, as a share of them
    least_ratio : and of the register itself
    """

    by_hour: Annotated[tuple[Annotated[float, Field(ge=0, le=1)], ...], Field(min_length=24, max_length=24)]
    sd_ratio: Annotated[float, Field(gt=0)]
    least_ratio: Annotated[float, Field(ge=0)]
    source: str
    certainty: Literal["stated", "recalled", "chosen"]


class CounterRule(KindRule):
    """Kinds that count who comes and goes; both channels only ever grow."""

    entered: str
    left: str
    miss_ratio: Share
    double_ratio: Share
    source: str
    certainty: Literal["stated", "recalled", "chosen"]

    @property
    def persons_each(self) -> float:
        """How many persons one that was counted stands for."""
        return 1.0 / ((1.0 - self.miss_ratio) * (1.0 + self.double_ratio))

    @property
    def variance_each(self) -> float:
        """Of the persons, for each that was counted."""
        return self.persons_each**2 * (self.miss_ratio + self.double_ratio)


class HintRule(KindRule):
    """Kinds with a channel that grows with the people who are there."""

    channel: str
    per_person: Annotated[float, Field(gt=0)]
    sd_ratio: Annotated[float, Field(gt=0)]
    lasts_s: Annotated[float, Field(gt=0)]
    source: str
    certainty: Literal["stated", "recalled", "chosen"]


class PresentRules(Model):
    """All of them. Get them with `present_rules`."""

    usual: Mapping[Literal["homes", "work"], Usual]
    values: Mapping[str, HazardValue]
    counters: tuple[CounterRule, ...]
    hints: tuple[HintRule, ...]

    def __getitem__(self, name: str) -> float:
        return self.values[name].value


@cache
def present_rules() -> PresentRules:
    """The rules that come with the product."""
    text = files("twin.evacuation").joinpath("values/present.yaml").read_text(encoding="utf-8")
    made: dict[str, Any] = yaml.safe_load(text)
    return PresentRules.model_validate(made)
