"""What is alike and therefore told once: storeys of the same plan and answer, gaps of many rooms that are met."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import shapely

from twin.coverage.kinds import REACHED_BY, KindAnswer
from twin.coverage.result import Gap, PlaceResult
from twin.fabric.plans import corner_of, storey_plan
from twin.index import SiteIndex, to_shapely
from twin.model.devices import Device
from viewer.reports.heat import steps_of
from viewer.reports.words import Language, named

LISTED_PLACES: Final = 80
"""Places of a kind that are all listed; more are told by rooms of one name, the workbook has them all."""
_LEAST_GAP_M2: Final = 0.5
"""Smaller gaps of places that meet their requirement are drawn and summed, not listed."""


def devices_of(index: SiteIndex, kind: str) -> tuple[Device, ...]:
    """The devices that serve a kind of requirement."""
    served = REACHED_BY.get(kind, (kind,))
    return tuple(device for device in index.site.devices if index.kinds[device.kind].reaches in served)


def storey_of(index: SiteIndex, device: Device) -> str | None:
    """The storey a device is on; none in the open."""
    space = index.spaces.get(device.space) if device.space else None
    if space is not None:
        return space.storey.id
    x, y, z = index.device_point(device)
    for storey in index.storeys.values():
        if storey.elevation_m <= z < storey.elevation_m + storey.template.height_m and shapely.contains_xy(
            to_shapely(storey.template.polygon), x, y
        ):
            return storey.id
    return None


def is_long(answer: KindAnswer) -> bool:
    """Whether a kind has too many places to list each."""
    return len(answer.places) > LISTED_PLACES


def is_listed(gap: Gap, place: PlaceResult, *, among_many: bool) -> bool:
    """Whether a gap is worth a number and a row.

    Parameters
    ----------
    among_many : its place is one of too many to list each
    """
    if not place.is_met:
        return True
    return not among_many and (gap.length_m is not None or gap.area_m2 >= _LEAST_GAP_M2)


def by_floor(answer: KindAnswer) -> dict[str | None, list[PlaceResult]]:
    """The places of each floor, in their order."""
    found: dict[str | None, list[PlaceResult]] = defaultdict(list)
    for place in answer.places:
        found[place.storey].append(place)
    return found


def looks(kind: str, answer: KindAnswer, index: SiteIndex) -> dict[str | None, object]:
    """How each floor looks: those of one look have the same plan and devices, and meet or lack the same, as often.

    Floors with cameras are each their own: what is written there differs.
    """
    places = by_floor(answer)
    if kind == "camera":
        return {floor: floor for floor in places}
    devices: dict[str | None, list[Device]] = defaultdict(list)
    for device in devices_of(index, kind):
        devices[storey_of(index, device)].append(device)
    many = is_long(answer)
    return {floor: _look(floor, found, devices[floor], index, many=many) for floor, found in places.items()}


def _look(
    floor: str | None, places: Sequence[PlaceResult], devices: Sequence[Device], index: SiteIndex, *, many: bool
) -> object:  # fmt: skip
    storey = index.storeys.get(floor) if floor else None
    if storey is None:
        return floor
    x0, y0 = corner_of(storey.building)
    points = [index.device_point(device) for device in devices]
    there = tuple(sorted((round(x - x0, 2), round(y - y0, 2)) for x, y, _ in points))
    answers = tuple(
        (p.requirement.id, p.is_met, sum(is_listed(gap, p, among_many=many) for gap in p.gaps)) for p in places
    )
    return storey_plan(storey.building, storey.template).key, answers, there


def is_same(one: Sequence[PlaceResult], other: Sequence[PlaceResult]) -> bool:
    """Whether floors of one look are coloured the same; to whole units, as towers built alike differ in last digits."""
    return all(
        a.covered.shape == b.covered.shape and np.array_equal(np.round(a.values), np.round(b.values))
        for a, b in zip(one, other, strict=True)
    )


def weakest(floors: Sequence[str | None], places: Mapping[str | None, Sequence[PlaceResult]]) -> str | None:
    """Of floors that look alike the one with the least covered, and of those the one that reaches the least."""
    return min(floors, key=lambda floor: _reach(places[floor]))


def _reach(places: Sequence[PlaceResult]) -> tuple[float, float]:
    covered = sum(place.share_ratio for place in places)
    reached = 0.0
    for place in places:
        steps = steps_of(place.requirement)
        known = place.values[np.isfinite(place.values)]
        if steps is not None and len(known):
            reached += float(known.mean()) * (1 if steps.better == "more" else -1)
    return round(covered, 6), round(reached, 3)


def storeys_text(floors: Sequence[str | None], index: SiteIndex, language: Language) -> str:
    """Storeys by building, runs of numbers drawn together."""
    by_building: dict[str, list[int]] = {}
    for floor in floors:
        storey = index.storeys.get(floor) if floor else None
        if storey is not None:
            called = named(storey.building.name, language, storey.building.id)
            by_building.setdefault(called, []).append(storey.number)
    by_numbers: dict[str, list[str]] = {}
    for building, found in by_building.items():
        by_numbers.setdefault(_runs(sorted(set(found))), []).append(building)
    comma = "、" if language == "zh" else ", "
    said = (f"{comma.join(buildings)}: {runs}" for runs, buildings in by_numbers.items())
    if language == "zh":
        return "；".join(one.replace(": ", "：") + " 层" for one in said)
    return "; ".join(said)


def _runs(numbers: Sequence[int]) -> str:
    """Whole numbers as runs.

    Examples
    --------
    >>> _runs([2, 3, 4, 7])
    '2–4, 7'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
