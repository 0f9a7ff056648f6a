"""What taps and hydrants need, and which places are critical: data with their source, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

_WATCHED = ("fire_main", "drainage", "telecom_duct", "heating", "gas")


@dataclass(frozen=True, slots=True)
class NeededHead:
    """A needed pressure head and how sure it is."""

    needed_m: float
    source: str
    certainty: Literal["quoted", "recalled", "chosen"]


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that is watched, in the unit its name ends in, and how sure it is."""

    value: float
    source: str
    certainty: Literal["quoted", "recalled", "chosen"]


@dataclass(frozen=True, slots=True)
class Requirements:
    """What the estate's pipes must be like: needed heads of taps by use, of hydrants by kind; limits by network."""

    taps: Mapping[str, NeededHead]
    hydrants: Mapping[str, NeededHead]
    critical: frozenset[str]
    limits: Mapping[str, Mapping[str, Limit]]

    def tap(self, use: str | None) -> NeededHead:
        """What a tap in a space of that use needs."""
        return self.taps.get(use or "", self.taps["default"])


@cache
def requirements() -> Requirements:
    """The requirements that come with the product.

    Examples
    --------
    >>> requirements().tap("flat").needed_m, "kindergarten" in requirements().critical
    (10.0, True)
    """
    read = yaml.safe_load(files(__package__).joinpath("pressures.yaml").read_text(encoding="utf-8"))
    return Requirements(
        {use: NeededHead(**needed) for use, needed in read["taps"].items()},
        {kind: NeededHead(**needed) for kind, needed in read["hydrants"].items()},
        frozenset(read["critical"]),
        {kind: {name: Limit(**limit) for name, limit in read[kind].items()} for kind in _WATCHED},
    )
