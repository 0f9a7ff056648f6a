"""Cameras and what is asked of them: models, directions, levels."""

from typing import Final

import numpy as np

from twin.coverage.cameras import eyes_of, models
from twin.coverage.levels import level_of
from twin.errors import CameraError, UnknownLevelError
from twin.fabric.occluders import occluders, solid_around
from twin.index import build
from twin.model.buildings import Building
from twin.model.devices import Device
from twin.validation.report import Report

_NEAR_M: Final = 1.0
_MOST_STOREYS: Final = 2_000


def check_cameras(report: Report) -> None:
    """Cameras that no picture can be reckoned for, and requirements that none can meet."""
    devices = [d for d in report.site.devices if d.kind in report.kinds and report.kinds[d.kind].reaches == "camera"]
    _check_devices(report, devices)
    _check_walls(report, devices)
    _check_requirements(report, len(devices))


def _check_devices(report: Report, devices: list[Device]) -> None:
    known = models(report.site)
    for device in devices:
        if device.model not in known:
            if not report.is_known(device.model, known, "camera_models"):
                message, cure = report.unknown("camera model", device.model, known)
                report.add_for("device", "unknown-model", device.id, message, f"{cure} They are in camera-models.yaml.")
            continue
        try:
            eyes_of(device, known[device.model], (0.0, 0.0, 0.0), least_px_per_m=1.0)
        except CameraError as error:
            report.add_for("device", "no-view", device.id, f"{error.fault}.", error.cure)


def _check_walls(report: Report, devices: list[Device]) -> None:
    """Cameras that are drawn within a wall, a column, a slab or the ground."""
    placed = [device for device in devices if device.x_m is not None or device.space in report.index.spaces]
    points = {device.id: report.index.device_point(device) for device in placed}
    near = tuple(b for b in report.site.buildings if any(_is_near(b, point) for point in points.values()))
    if not near or sum(len(storey.numbers) for building in near for storey in building.storeys) > _MOST_STOREYS:
        return  # that many take longer than all else that is checked; coverage tells it too
    some = build(report.site.model_copy(update={"buildings": near, "grounds": (), "devices": ()}))
    hidden = occluders(some)
    for device in placed:
        within = solid_around(hidden, some, points[device.id])
        if within is not None and within.kind != "ground":  # buildings left out have basements too
            message = f"It is inside {within.kind} {within.id}."
            report.add_for("device", "inside-wall", device.id, message, "Move it out, to where it hangs.", within.id)


def _is_near(building: Building, point_m: tuple[float, float, float]) -> bool:
    x, y = np.array(building.footprint.outer).T
    is_over = bool(x.min() - _NEAR_M <= point_m[0] <= x.max() + _NEAR_M)
    return is_over and bool(y.min() - _NEAR_M <= point_m[1] <= y.max() + _NEAR_M)


def _check_requirements(report: Report, cameras: int) -> None:
    asked = frozenset(zone.requirement for zone in report.site.zones)
    uses = frozenset(space.template.use for space in report.index.spaces.values())
    for requirement in report.site.requirements:
        if requirement.kind != "camera":
            continue
        if (requirement.level is None) == (requirement.edition is None):
            try:
                level_of(requirement)
            except UnknownLevelError as error:
                cure = "Name a level of that edition, or give min_value in px/m."
                report.add_for("requirement", "unknown-level", requirement.id, f"{error}.", cure)
        is_asked = requirement.id in asked or not uses.isdisjoint(requirement.space_uses)
        if is_asked and 0 < cameras < requirement.min_count:
            message = f"It asks for {requirement.min_count} cameras on every spot; the site has {cameras}."
            report.add_for("requirement", "never-met", requirement.id, message, "Lower min_count, or add cameras.")
