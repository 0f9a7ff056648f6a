"""Cameras in a table: how they hang, and what is lost without them."""

from collections.abc import Mapping
from dataclasses import dataclass

from twin.coverage.cameras import Camera
from twin.coverage.check import CameraCoverage
from viewer.reports.plans import Numbers
from viewer.reports.tables import floor_text
from viewer.reports.words import Language, named, word


@dataclass(frozen=True, slots=True)
class CameraRow:
    """A camera with what hangs on it."""

    number: int
    id: str
    name: str
    where: str
    model: str
    height_m: str
    looks: tuple[tuple[str, str], ...]
    is_down: bool
    fails: str


def camera_rows(
    answer: CameraCoverage, numbers: Numbers, floors: Mapping[str, str | None], language: Language
) -> list[CameraRow]:
    """The cameras with how they hang and what is lost without them."""
    index = answer.of.index
    rows = []
    for camera in answer.cameras:
        floor = floors.get(camera.id)
        z_m = camera.eyes[0].pose.position_m[2]
        base_m = index.storeys[floor].elevation_m if floor in index.storeys else 0.0
        rows.append(
            CameraRow(
                number=numbers.devices[camera.id],
                id=camera.id,
                name=named(camera.device.name, language, camera.id),
                where=floor_text(floor, index, language),
                model=camera.model.id,
                height_m=f"{z_m - base_m:.1f}",
                looks=tuple((f"{e.pose.bearing_deg:.0f}", f"{e.pose.tilt_deg:.0f}") for e in camera.eyes),
                is_down=camera.id in answer.offline,
                fails=_fails(camera, answer, language),
            )
        )
    return rows


def _fails(camera: Camera, answer: CameraCoverage, language: Language) -> str:
    needed = [named(p.name, language, p.place_id) for p in answer.places if camera.id in p.depends_on]
    if needed:
        return word("loses", language, places=("、" if language == "zh" else ", ").join(needed))
    lost = [(p.lost_without[camera.id], p) for p in answer.places if camera.id in p.lost_without]
    if not lost:
        serves = any(camera.id in place.devices for place in answer.places)
        return word("loses_none" if serves else "serves_none", language)
    share, place = max(lost, key=lambda found: found[0])
    name = named(place.name, language, place.place_id)
    return word("loses_some", language, share=f"{share:.1%}", place=name)
