"""Requirements that hold for no place, are in a unit of another quantity, or ask for less than nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from twin.coverage.ready_made import asked_by_the_standard
from twin.index import SiteIndex
from twin.model.grounds import Requirement

UNIT_OF: Final = MappingProxyType(
    {
        "camera": "px_per_m", "wifi": "dbm", "sound": "db", "lighting": "lx", "hydrant": "m", "extinguisher": "m",
        "call": "m", "fire_call": "m", "aed": "m",
    }
)  # fmt: skip
"""What `min_value` of each kind of requirement is in."""
_ABOVE_ZERO: Final = frozenset({"sound", "lighting"})
"""Kinds that look at their values nowhere else; a level in dBm is below zero."""
_WITHOUT_ZONES: Final = frozenset({"perimeter"})
"""Kinds that hold for what is drawn in the grounds as well."""


@dataclass(frozen=True, slots=True)
class Misasked:
    """What is wrong with a requirement, and how to mend it."""

    code: str
    requirement: str
    fault: str
    cure: str


def misasked(index: SiteIndex) -> Iterator[Misasked]:
    """Requirements of a site that cannot be meant as they stand."""
    zoned = frozenset(zone.requirement for zone in index.site.zones)
    uses = frozenset(space.template.use for space in index.spaces.values())
    ready_made = frozenset(asked.id for asked in asked_by_the_standard())  # of those a site need not have the places
    for requirement in index.site.requirements:
        is_asked = requirement.id in zoned | ready_made or not uses.isdisjoint(requirement.space_uses)
        if not is_asked and requirement.kind not in _WITHOUT_ZONES:
            cure = "Name it in a zone, or give space_uses that the site has."
            yield Misasked("asked-nowhere", requirement.id, "no zone names it and no space is of its uses", cure)
        yield from _value(requirement)


def _value(requirement: Requirement) -> Iterator[Misasked]:
    wanted, unit, value = UNIT_OF.get(requirement.kind), requirement.unit, requirement.min_value
    if value is None:
        return
    if unit is not None and wanted is not None and unit != wanted:
        fault = f"its value is in {unit}; {requirement.kind} is asked for in {wanted}, and {value:g} is taken so"
        yield Misasked("wrong-unit", requirement.id, fault, f"Write the value in {wanted}.")
    if requirement.kind in _ABOVE_ZERO and value <= 0:
        fault = f"it asks for {value:g} {wanted}, which is everywhere"
        yield Misasked("asks-nothing", requirement.id, fault, "Give a value above 0.")
