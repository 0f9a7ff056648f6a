"""Devices, households and staff: where they are and what they hang on."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely

from geometry.polygons import distance_m, fault
from twin.coverage.places import heights_m
from twin.index import as_drawn
from twin.model.devices import Device
from twin.validation.buildings import FAR_M
from twin.validation.grounds import boundary
from twin.validation.ids import cycles
from twin.validation.report import Report

BESIDE_M: Final = 0.6
"""So far outside its space a device may be: on the other face of a wall, or on a door's frame."""
ABOVE_M: Final = 0.6


def check_devices(report: Report) -> None:
    """Every fault of devices and their kinds."""
    devices = report.site.devices
    known = frozenset(device.id for device in devices)
    count_of = Counter(device.kind for device in devices)
    unknown_kinds = set[str]()
    for device in devices:
        if device.kind not in unknown_kinds and not report.is_known(device.kind, report.kinds, "kinds"):
            unknown_kinds.add(device.kind)
            message, cure = report.unknown("device kind", device.kind, report.kinds)
            count = count_of[device.kind]
            more = f" {count} devices are of it." if count > 1 else ""
            report.add_for("device", "unknown-kind", device.id, message + more, cure, device.kind)
        if device.space is not None and not report.is_space(device.space):
            message, cure = report.unknown("space", device.space, report.index.spaces)
            report.add_for("device", "unknown-space", device.id, message, cure, device.space)
        if device.parent is not None and not report.is_known(device.parent, known, "devices"):
            message, cure = report.unknown("device", device.parent, known)
            report.add_for("device", "unknown-device", device.id, f"Its parent: {message}", cure, device.parent)
    for chain in cycles({device.id: device.parent for device in devices if device.parent is not None}):
        message = f"Its parents go round in a circle: {' on '.join((*chain, chain[0]))}."
        report.add_for("device", "cyclic-parents", chain[0], message, "Remove one of the parents.", *chain[1:])
    _check_positions(report, [device for device in devices if device.x_m is not None])
    _check_kinds(report)


def _check_positions(report: Report, devices: Sequence[Device]) -> None:
    if not devices:
        return
    places = np.array([(device.x_m, device.y_m, device.z_m) for device in devices], dtype=np.float64)
    points = np.asarray(shapely.points(places[:, :2]), dtype=object)
    far = np.abs(places[:, :2]).max(axis=1) > FAR_M
    area = boundary(report)
    outside = np.zeros(len(devices), dtype=bool) if area is None else ~shapely.intersects(area, points)
    outside |= far
    low_m, high_m = heights_m(report.index)
    reaching = [device.kind in report.kinds and report.kinds[device.kind].reaches is not None for device in devices]
    adrift = ~outside & np.array(reaching) & ((places[:, 2] < low_m) | (places[:, 2] > high_m))
    for k in np.flatnonzero(adrift).tolist():
        message = f"At a height of {places[k, 2]:g} m it is off the site, which is from {low_m:g} m to {high_m:g} m."
        at = (float(places[k, 0]), float(places[k, 1]))
        report.add("outside-site", "devices.csv", devices[k].id, message, "Correct z_m: metres.", shape=at)
    outside |= adrift
    for k in np.flatnonzero(outside & ~adrift).tolist():
        x, y = places[k, :2]
        message = f"At {x:g}, {y:g} it is outside of the site's boundary."
        cure = "Correct x_m and y_m: metres in the site frame." if far[k] else "Move it, or the boundary."
        report.add("outside-site", "devices.csv", devices[k].id, message, cure, shape=(float(x), float(y)))
    inside = [k for k in np.flatnonzero(~outside).tolist() if devices[k].space in report.index.spaces]
    _check_in_space(report, [devices[k] for k in inside], places[inside], points[inside])


def _check_in_space(report: Report, devices: Sequence[Device], places: np.ndarray, points: np.ndarray) -> None:
    spaces = [report.index.spaces[device.space or ""] for device in devices]
    shapes: dict[int, shapely.Polygon | None] = {}
    for space in spaces:
        if id(space.template) not in shapes:
            shape = as_drawn(space.template.polygon)
            shapes[id(space.template)] = None if fault(shape) else shape
    around = np.array([shapes[id(space.template)] for space in spaces], dtype=object)
    beside = np.nan_to_num(distance_m(around, points), nan=0.0)
    floors = np.array([space.storey.elevation_m for space in spaces])
    heights = np.array([max(space.height_m, space.storey.template.height_m) for space in spaces])
    above = places[:, 2] - floors
    wrong = (beside > BESIDE_M) | (above < -ABOVE_M) | (above > heights + ABOVE_M)
    for k in np.flatnonzero(wrong).tolist():
        device = devices[k]
        message = (
            f"It lies {beside[k]:.2f} m outside of its space {device.space}."
            if beside[k] > BESIDE_M
            else f"It is {above[k]:.2f} m above the floor of its space {device.space}, which is {heights[k]:g} m high."
        )
        at = (float(places[k, 0]), float(places[k, 1]))
        cure = "Correct its position, or name the space it is in."
        report.add("outside-space", "devices.csv", device.id, message, cure, others=[device.space or ""], shape=at)


def _check_kinds(report: Report) -> None:
    for kind in report.site.kinds:
        for channel in kind.channels:
            unnamed = [state for state in channel.alarm_states if channel.states and state not in channel.states]
            if unnamed:
                message = f"alarm_states {unnamed} of channel {channel.id} are not among its states."
                report.add_for("kind", "unknown-state", kind.id, message, "Name them under states, or remove them.")


def check_registers(report: Report) -> None:
    """Households live in spaces and staff start from one."""
    for household in report.site.households:
        if not report.is_space(household.space):
            message, cure = report.unknown("space", household.space, report.index.spaces)
            report.add_for("household", "unknown-space", household.id, message, cure, household.space)
    for person in report.site.staff:
        if person.base is not None and not report.is_space(person.base):
            message, cure = report.unknown("space", person.base, report.index.spaces)
            report.add_for("staff", "unknown-space", person.id, f"Its base: {message}", cure, person.base)
