"""Buildings as a whole: where they stand, how their storeys stack, what runs through them."""

import itertools
from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely

from geometry.polygons import distance_m, fault
from twin.index import as_drawn
from twin.model.base import fill_template
from twin.model.buildings import Building, Lift, Stair, Storey
from twin.site_folder.issues import MOST_PER_CODE
from twin.validation.report import Report, building_file
from twin.validation.storeys import OVERLAP_M2, check_polygon, check_storey

FAR_M: Final = 20_000.0
"""Farther from the origin no site reaches; what lies there is in other coordinates."""
STACK_M: Final = 0.05


def check_buildings(report: Report) -> None:
    """Every fault of every building."""
    for building in report.site.buildings:
        file = building_file(building.id)
        points = np.array(building.footprint.outer)
        if is_far(report, file, building.id, points):
            continue  # each of its outlines would tell the same
        footprint = check_polygon(report, file, building.id, building.footprint, "The footprint")
        for storey in building.storeys:
            check_storey(report, file, storey)
            outline = as_drawn(storey.polygon)
            if footprint is not None and fault(outline) is None and distance_m(footprint, outline) > 1.0:
                message = "The storey lies beside its building's footprint."
                cure = "Move it, or correct the footprint."
                report.add("outside-building", file, storey.id, message, cure, shape=storey.polygon)
        _check_stack(report, file, building)
        shafts: tuple[Stair | Lift, ...] = (*building.stairs, *building.lifts)
        for shaft in shafts:
            _check_shaft(report, file, building, shaft)
        _check_ramps(report, file, building)


def is_far(report: Report, file: str, object_id: str, points: np.ndarray) -> bool:
    """Whether points cannot be in the site frame, which is noted with the system they look like."""
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max())
    origin = report.site.origin
    x, y = float(points[0][0]), float(points[0][1])
    near_origin = abs(x - origin.lon_deg) < 1 and abs(y - origin.lat_deg) < 1
    if len(points) > 2 and extent < 0.5 and near_origin:
        system = "longitude and latitude"
    elif abs(points).max() <= FAR_M:
        return False
    elif 100_000 < x < 900_000 and 0 < y < 10_000_000:
        system = "UTM or Gauss-Krueger coordinates"
    elif abs(y) < 20_037_509 and abs(x) < 20_037_509 and min(abs(x), abs(y)) > 1_000_000:
        system = "Web Mercator coordinates"
    else:
        system = "coordinates of another system"
    message = f"At {x:g}, {y:g} it is far from the origin; these look like {system}."
    cure = "Write metres in the site frame, a transverse Mercator centred on the origin of site.yaml."
    report.add("other-coordinates", file, object_id, message, cure)
    return True


def _top(storey: Storey) -> float:
    return storey.elevation_m + storey.height_m * len(storey.numbers)


def _check_stack(report: Report, file: str, building: Building) -> None:
    listed = 0
    for a, b in _overlapping(building):
        shared_m = min(_top(a), _top(b)) - max(a.elevation_m, b.elevation_m)
        first, second = as_drawn(a.polygon), as_drawn(b.polygon)
        if fault(first) or fault(second) or shapely.intersection(first, second).area <= OVERLAP_M2:
            continue
        message = f"It reaches from {b.elevation_m:.2f} m, {a.id} to {_top(a):.2f} m: they overlap by {shared_m:.2f} m."
        cure = "Correct elevation_m, height_m or the numbers first and last."
        report.add("storeys-overlap", file, b.id, message, cure, others=[a.id], shape=b.polygon)
        listed += 1
        if listed > MOST_PER_CODE:
            return  # more of them would not be listed


def _overlapping(building: Building) -> Iterator[tuple[Storey, Storey]]:
    """Pairs of storeys at the same height."""
    rising = sorted(building.storeys, key=lambda s: s.elevation_m)
    for k, a in enumerate(rising):
        for b in itertools.islice(rising, k + 1, None):
            if b.elevation_m >= _top(a) - STACK_M:
                break
            if min(_top(a), _top(b)) - b.elevation_m > STACK_M:
                yield a, b


def _check_shaft(report: Report, file: str, building: Building, shaft: Stair | Lift) -> None:
    what = type(shaft).__name__.lower()
    if shaft.last < shaft.first:
        message = f"The {what} goes from {shaft.first} to {shaft.last}."
        report.add("numbers-reversed", file, shaft.id, message, "Let first be the lower one.")
        return
    served = {n for s in building.storeys for n in s.numbers if shaft.first <= n <= shaft.last}
    missing = [n for n in sorted(served) if not report.is_space(fill_template(shaft.space, n))]
    if missing or not served:
        where = f"on storeys {_numbers(missing)}" if missing else f"for none of {shaft.first} to {shaft.last}"
        message = f"The {what}'s space {shaft.space} does not exist {where}."
        report.add("no-shaft-space", file, shaft.id, message, "Add that space, or correct space, first and last.")


def _numbers(numbers: list[int]) -> str:
    shown = ", ".join(str(n) for n in numbers[:8])
    return shown if len(numbers) <= 8 else f"{shown} and {len(numbers) - 8} more"


def _check_ramps(report: Report, file: str, building: Building) -> None:
    for ramp in building.ramps:
        for ref in ramp.connects:
            if not report.is_space(ref, or_outside=True):
                message, cure = report.unknown("space", ref, report.index.spaces)
                report.add("leads-nowhere", file, ramp.id, f"The ramp leads nowhere. {message}", cure, others=[ref])
        if ramp.connects[0] == ramp.connects[1]:
            message = f"The ramp leads from {ramp.connects[0]} to itself."
            report.add("leads-nowhere", file, ramp.id, message, "Name the spaces at both of its ends.")
        is_far(report, file, ramp.id, np.array([point[:2] for point in ramp.axis.points]))
