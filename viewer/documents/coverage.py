"""What pages and machines are told of coverage: cameras as eyes with their reach, and what a question changes."""

import math
from typing import Any, Final

from geometry.culling import Eye
from geometry.lenses import Fisheye, reach_m
from twin.coverage.cameras import FARTHEST_M, Camera
from twin.coverage.check import CameraCoverage
from twin.coverage.kinds import KindAnswer
from twin.coverage.levels import editions
from twin.coverage.result import PlaceResult
from viewer.reports.sources import source_text
from viewer.reports.words import LANGUAGES

_DRAWN_PX_PER_M: Final = 25.0
"""How far a camera's field is drawn: to where it still detects a person (IEC 62676-4:2015)."""


def cameras_document(coverage: CameraCoverage) -> list[dict[str, Any]]:
    """The cameras of an answer, as they look."""
    return [camera_document(camera, coverage) for camera in coverage.cameras]


def camera_document(camera: Camera, coverage: CameraCoverage) -> dict[str, Any]:
    """One camera: where it is, how each of its eyes looks, what hangs on it."""
    device = camera.device
    return {
        "id": camera.id,
        "name": device.name.model_dump(),
        "model": camera.model.id,
        "is_offline": camera.id in coverage.offline,
        "turns": camera.model.turns,
        "position_m": list(camera.eyes[0].pose.position_m),
        "bearing_deg": device.bearing_deg,
        "tilt_deg": device.tilt_deg,
        "presets": list(device.presets),
        "heads": list(device.heads) or _heads(camera),
        "infrared_m": camera.infrared_m,
        "eyes": [_eye(eye) for eye in camera.eyes],
        "places": [place.place_id for place in coverage.places if camera.id in place.devices],
        "needed_by": [place.place_id for place in coverage.places if camera.id in place.depends_on],
    }


def _heads(camera: Camera) -> list[str]:
    """The sensors of a camera with several, as `heads` aims them; none of one that has a single one, or presets."""
    if len(camera.model.heads_deg) == 1 or camera.device.presets:
        return []
    turns = zip(camera.model.heads_deg, camera.eyes, strict=True)
    return [f"{turn_deg:g}/{eye.pose.tilt_deg:g}" for turn_deg, eye in turns]


def _eye(eye: Eye) -> dict[str, Any]:
    lens = eye.lens
    across_deg, down_deg = (
        (lens.fov_deg, lens.fov_deg)
        if isinstance(lens, Fisheye)
        else tuple(math.degrees(2 * math.atan(size / 2 / lens.focal_px)) for size in (lens.width_px, lens.height_px))
    )
    return {
        "bearing_deg": round(eye.pose.bearing_deg, 2),
        "tilt_deg": round(eye.pose.tilt_deg, 2),
        "roll_deg": round(eye.pose.roll_deg, 2),
        "optics": "fisheye" if isinstance(lens, Fisheye) else "pinhole",
        "horizontal_fov_deg": round(across_deg, 2),
        "vertical_fov_deg": round(down_deg, 2),
        "reach_m": round(min(reach_m(lens, _DRAWN_PX_PER_M), FARTHEST_M), 2),
    }


def changed_places(before: CameraCoverage, after: CameraCoverage) -> list[PlaceResult]:
    """The places that an answer tells otherwise than the one before."""
    was = {(place.place_id, place.requirement.id): place for place in before.places}
    return [place for place in after.places if was.get((place.place_id, place.requirement.id)) is not place]


def levels_document() -> dict[str, list[dict[str, Any]]]:
    """The levels of each edition of IEC 62676-4, coarse to fine."""
    return {
        year: [
            {"id": level.id, "name": level.name.model_dump(), "density_px_per_m": level.density_px_per_m}
            for level in edition.levels
        ]
        for year, edition in editions().items()
    }


def sources_document(answer: KindAnswer) -> dict[str, dict[str, str]]:
    """The sources of rules as each language cites them."""
    sources = {rule.source for place in answer.places for rule in place.rules if rule.source}
    return {source: {language: source_text(source, language) for language in LANGUAGES} for source in sorted(sources)}
