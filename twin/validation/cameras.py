"""Cameras and what is asked of them: models, directions, levels."""

from twin.coverage.cameras import eyes_of, models
from twin.coverage.levels import level_of
from twin.errors import CameraError, UnknownLevelError
from twin.model.devices import Device
from twin.validation.report import Report


def check_cameras(report: Report) -> None:
    """Cameras that no picture can be reckoned for, and requirements that none can meet."""
    devices = [d for d in report.site.devices if d.kind in report.kinds and report.kinds[d.kind].reaches == "camera"]
    _check_devices(report, devices)
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
