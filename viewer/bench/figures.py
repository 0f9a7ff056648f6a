"""A measured figure, what it is held to, and how a set of them is shown."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

import psutil

MB: Final = 1e6
"""Megabytes are decimal, for files and for memory."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure is held to.

    Examples
    --------
    >>> str(Goal("<=", 5.0)), Goal("<=", 5.0).reached(4.2), Goal(">=", 50).reached(4.2)
    ('<= 5', True, False)
    """

    relation: Literal["<=", ">=", "<"]
    value: float

    def reached(self, value: float) -> bool:
        """Whether a value is what was wanted."""
        if self.relation == "<=":
            return value <= self.value
        return value >= self.value if self.relation == ">=" else value < self.value

    def __str__(self) -> str:
        return f"{self.relation} {self.value:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes
    ----------
    peer, peer_value : the same measured of something else in the same run, where there is such a thing
    goal : what it is held to; none is told for information
    """

    name: str
    unit: str
    value: float
    goal: Goal | None = None
    peer: str | None = None
    peer_value: float | None = None

    @property
    def ratio(self) -> float | None:
        """Our value over the peer's."""
        return None if not self.peer_value else self.value / self.peer_value

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; none without one."""
        return None if self.goal is None else self.goal.reached(self.value)


def as_json(figures: Sequence[Figure]) -> str:
    """The document for machines.

    Examples
    --------
    >>> as_json([Figure("read", "s", 1.5, Goal("<=", 5))])[:72]
    '{"figures": [{"name": "read", "unit": "s", "value": 1.5, "goal": "<= 5",'
    """
    items = []
    for figure in figures:
        item = asdict(figure)
        item["goal"] = None if figure.goal is None else str(figure.goal)
        items.append(item | {"ratio": figure.ratio, "reached": figure.reached})
    return json.dumps({"figures": items})


def peak_memory_bytes() -> int:
    """Most memory this process has held at once. [byte]"""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource  # noqa: PLC0415 - not there on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
