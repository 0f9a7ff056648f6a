"""The public suites as figures: how many of each hold."""

from collections.abc import Callable, Iterator
from typing import Final

from viewer.bench.evacuation.suites import Case, Suite, imo, nist, rimea, sfpe
from viewer.bench.figures import Figure, Goal

CASES: Final[tuple[Case, ...]] = (*rimea.CASES, *nist.CASES, *imo.CASES, *sfpe.CASES)
_GOALS: Final[dict[Suite, float]] = {"RiMEA": 13, "NIST": 15, "IMO": 11, "SFPE": 17}


def figures(*, quick: bool, tell: Callable[[str], None], seed: int = 1) -> Iterator[Figure]:
    """How many tests of each suite hold; `--suites` shows each with what it expects and got."""
    del quick, seed  # nothing is drawn by lot but where a test asks for it, and that has its own
    for suite, goal in _GOALS.items():
        cases = [case for case in CASES if case.suite == suite]
        held = 0
        for case in cases:
            tell(f"{suite} {case.number}")
            held += case.run is not None and case.run().holds
        yield Figure(f"{suite}: tests that hold, of {len(cases)}", "count", float(held), Goal(">=", goal))
