"""Public suites of tests for evacuation models, as far as a model of flows can answer them; each says what it checks.

They verify: against hand calculations and stated behaviour. They do not validate against drills.

References
----------
RiMEA guideline 4.1.1 (2022); NIST Technical Note 1822 (2013); IMO MSC.1/Circ.1533 (2016), annex 3; SFPE Handbook, 5th
edition, chapter 59, and the worked examples of EvacuatioNZ's verification.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Suite = Literal["RiMEA", "NIST", "IMO", "SFPE"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case: what was expected and got, in words, and whether it holds."""

    expected: str
    got: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A test of a suite.

    Attributes
    ----------
    number : as the suite has it
    checks : what it is about
    run : none where a model of flows cannot answer; `checks` says why
    """

    suite: Suite
    number: str
    checks: str
    run: Callable[[], Outcome] | None


def near(got: float, expected: float, tolerance: float, *, unit: str = "s") -> Outcome:
    """Whether a number is within a tolerance."""
    told = f"{expected:.4g} ± {tolerance:.3g} {unit}"
    return Outcome(told, f"{got:.4g} {unit}", abs(got - expected) <= tolerance)


def within(got: float, least: float, most: float, *, unit: str = "s") -> Outcome:
    """Whether a number lies between two."""
    return Outcome(f"{least:.4g} to {most:.4g} {unit}", f"{got:.4g} {unit}", least <= got <= most)
