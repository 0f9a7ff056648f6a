"""Routes of coverage: what is seen of what must be, why not, and what would be if something were otherwise."""

import threading
import time
from collections import Counter
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from twin.coverage.cameras import cameras, models
from twin.coverage.check import CameraCoverage, camera_coverage
from twin.coverage.documents import document, problems_document
from twin.coverage.grids import packed
from twin.coverage.kinds import CHECKS, REACHED_BY, KindAnswer, asked_kinds, scales
from twin.coverage.levels import editions
from twin.coverage.picture import camera_picture
from twin.coverage.placement.documents import suggestion_document
from twin.coverage.placement.suggest import suggest
from twin.coverage.placement.wish import Wish
from twin.coverage.prepared import Prepared
from twin.coverage.result import PlaceResult
from twin.coverage.standing import standing_at
from twin.coverage.watching import followed, successors, while_looking, who_sees
from twin.errors import CoverageError, UnknownIdError
from twin.model.base import ID_PATTERN
from twin.model.devices import Device
from twin.site_folder.faults import faults
from twin.site_folder.tables import table_text
from viewer.api.context import Served, ServedSite
from viewer.documents.coverage import (
    camera_document,
    cameras_document,
    changed_places,
    levels_document,
    sources_document,
)
from viewer.documents.png import png
from viewer.problems import responses

router = APIRouter(prefix="/sites/{site_id}/coverage", tags=["coverage"])

CELLS_TYPE: Final = "application/vnd.plumbline.coverage"
_MOST_CHANGES: Final = 200
_SEARCHING: Final = threading.Lock()
"""A search takes a whole processor for seconds."""
_FAR_M: Final = 10_000.0

Metre = Annotated[float, Field(ge=-_FAR_M, le=_FAR_M)]
ObjectId = Annotated[str, Path(max_length=160)]


def _now(served: Served) -> CameraCoverage:
    return served.runtime.coverage.at(served.latest())


def _of_kind(served: Served, kind: str) -> KindAnswer:
    if kind not in CHECKS:
        raise UnknownIdError("kind of coverage", kind, CHECKS)
    return served.runtime.coverage.kind_at(kind, served.latest())


Kind = Annotated[str, Query(max_length=40, description="Kind of requirement, such as camera, wifi or detection")]


@router.get("", responses=responses(404, 422))
def read_coverage(served: ServedSite, kind: Kind = "camera") -> dict[str, Any]:
    """What is covered now, place by place: met or not, by how much, each gap with its reasons."""
    if kind != "camera":
        return {"kind": kind, **document(_of_kind(served, kind))}
    answer = _now(served)
    return {"kind": kind, **document(answer), "cameras": cameras_document(answer)}


@router.get("/cells", responses={200: {"content": {CELLS_TYPE: {}}}, **responses(404)}, response_class=Response)
def read_cells(served: ServedSite, kind: Kind = "camera") -> Response:
    """The same cell by cell, packed for drawing (docs/api.md tells the layout)."""
    asked = {"kind": kind, "kinds": list(asked_kinds(served.index))}
    if kind != "camera":
        found = _of_kind(served, kind)
        scale = scales()[kind].model_dump() if kind in scales() else None
        devices = [
            device.id
            for device in served.index.site.devices
            if served.index.kinds[device.kind].reaches in REACHED_BY.get(kind, (kind,))
        ]
        more = {
            **asked, "scale": scale, "devices": devices, "offline": sorted(found.offline), "cameras": [], "models": [],
            "levels": {}, "problems": problems_document(found), "sources": sources_document(found),
        }  # fmt: skip
        return Response(packed(found.made_of, found.places, more), media_type=CELLS_TYPE)
    answer = _now(served)
    more = {
        **asked,
        "scale": None,
        "devices": [camera.id for camera in answer.cameras],
        "offline": sorted(answer.offline),
        "cameras": cameras_document(answer),
        "problems": problems_document(answer),
        "models": _models(served),
        "levels": levels_document(),
    }
    return _cells(answer, answer.places, more)


class Question(BaseModel):
    """The body of a question: nothing that is not documented."""

    model_config = ConfigDict(extra="forbid")


class DeviceIn(Question):
    """A camera that is there, or would be; what is not given stays as it is."""

    id: Annotated[str, Field(pattern=ID_PATTERN, max_length=120)]
    kind: str | None = None
    model: Annotated[str, Field(max_length=80)] | None = None
    x_m: Metre | None = None
    y_m: Metre | None = None
    z_m: Metre | None = None
    bearing_deg: Annotated[float, Field(ge=0, lt=360)] | None = None
    tilt_deg: Annotated[float, Field(ge=-90, le=90)] | None = None
    roll_deg: Annotated[float, Field(ge=-180, le=180)] | None = None
    presets: Annotated[tuple[str, ...], Field(max_length=64)] | None = None
    heads: Annotated[tuple[str, ...], Field(max_length=64)] | None = None
    space: Annotated[str, Field(max_length=160)] | None = None


class VehicleIn(Question):
    """A vehicle of usual size that would stand there."""

    x_m: Metre
    y_m: Metre
    elevation_m: Metre = 0.0
    bearing_deg: Annotated[float, Field(ge=0, lt=360)] = 0.0
    kind: Literal["car", "lorry"] = "lorry"


class WhatIfIn(Question):
    """What would be otherwise."""

    devices: Annotated[tuple[DeviceIn, ...], Field(max_length=_MOST_CHANGES)] = ()
    without: Annotated[tuple[str, ...], Field(max_length=_MOST_CHANGES)] = ()
    open_doors: Annotated[tuple[str, ...], Field(max_length=_MOST_CHANGES)] = ()
    vehicles: Annotated[tuple[VehicleIn, ...], Field(max_length=_MOST_CHANGES)] = ()
    explain: bool = True
    """Whether gaps and their reasons are wanted too; they take longer than all the rest."""


@router.post("/what-if", responses={200: {"content": {CELLS_TYPE: {}}}, **responses(404, 422)}, response_class=Response)
def ask_what_if(served: ServedSite, body: WhatIfIn) -> Response:
    """What would be covered if cameras hung otherwise, were down, doors stood open, vehicles stood in the way.

    Only places that this changes are in the answer, cell by cell.
    """
    began_s = time.perf_counter()
    base = _now(served)
    answer = _what_if(served, base, body)
    changed = changed_places(base, answer)
    touched = {device.id for device in body.devices}
    was = {(place.place_id, place.requirement.id): place for place in base.places}
    more = {
        "was": [_was(was[place.place_id, place.requirement.id]) for place in changed],
        "cameras": [camera_document(camera, answer) for camera in answer.cameras if camera.id in touched],
        "problems": problems_document(answer),
        "took_ms": round((time.perf_counter() - began_s) * 1e3, 2),
    }
    return _cells(answer, changed, more)


@router.post(
    "/what-if/devices.csv", responses={200: {"content": {"text/csv": {}}}, **responses(404, 422)},
    response_class=Response,
)  # fmt: skip
def read_changed_devices(served: ServedSite, body: WhatIfIn) -> Response:
    """The rows of ``devices.csv`` that a variant changes or adds, to put into the site folder."""
    rows = [_changed(served, device) for device in body.devices]
    headers = {"Content-Disposition": 'attachment; filename="devices-changed.csv"'}
    return Response(table_text(rows, Device), media_type="text/csv; charset=utf-8", headers=headers)


class PointIn(Question):
    """A point, height included, and what would be otherwise."""

    x_m: Metre
    y_m: Metre
    z_m: Metre
    variant: WhatIfIn = WhatIfIn()


@router.post("/point", responses=responses(404, 422))
def ask_point(served: ServedSite, body: PointIn) -> dict[str, Any]:
    """The cameras that have a point in their pictures, the best first; last those it is hidden from, and by what."""
    seen = who_sees(_varied(served, body.variant), (body.x_m, body.y_m, body.z_m))
    return {
        "cameras": [
            {
                "id": one.device,
                "density_px_per_m": round(one.density_px_per_m, 1),
                "is_hidden": one.is_hidden,
                "is_offline": one.is_offline,
                "hidden_by": None if one.hidden_by is None else {"kind": one.hidden_by[0], "id": one.hidden_by[1]},
            }
            for one in seen
        ]
    }


class WishIn(Question):
    """What a suggestion is to bring, on top of a variant."""

    way: Literal["turn", "add", "both"] = "turn"
    cameras: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """The best use of so many, in place of the fewest that meet everything."""
    budget: Annotated[float, Field(gt=0, le=1e9)] | None = None
    """The best use of so much money; needs prices of models."""
    places: Annotated[tuple[str, ...], Field(max_length=_MOST_CHANGES)] = ()
    requirements: Annotated[tuple[str, ...], Field(max_length=_MOST_CHANGES)] = ()
    keep: Annotated[tuple[str, ...], Field(max_length=_MOST_CHANGES)] = ()
    """Cameras that are not aimed otherwise."""
    seconds: Annotated[float, Field(ge=0.5, le=60)] = 10.0
    """For the search; reckoning what it is made of comes on top."""
    variant: WhatIfIn = WhatIfIn()


@router.post("/suggestions", responses=responses(404, 409, 422))
def read_suggestion(served: ServedSite, body: WishIn) -> dict[str, Any]:
    """Where cameras should be for what lacks: devices as a variant takes them, with gain, cost and proof.

    This takes seconds; one search runs at a time.
    """
    if body.cameras is not None and body.budget is not None:
        raise CoverageError("give cameras or budget, not both")
    if not _SEARCHING.acquire(blocking=False):
        raise HTTPException(409, "another search is under way; ask again when it has ended")
    try:
        began_s = time.perf_counter()
        now = _what_if(served, _now(served), body.variant)
        wish = Wish(
            ways=(body.way,),
            requirements=frozenset(body.requirements) or None,
            places=frozenset(body.places) or None,
            kept=frozenset(body.keep),
            cameras=body.cameras,
            budget=body.budget,
            time_limit_s=body.seconds,
        )
        found = suggest(now.of, wish, served.latest(), before=now)
        return {
            "suggestions": [suggestion_document(one) for one in found],
            "took_s": round(time.perf_counter() - began_s, 2),
        }
    finally:
        _SEARCHING.release()


class WayIn(Question):
    """A way somebody goes."""

    points_m: Annotated[tuple[tuple[Metre, Metre, Metre], ...], Field(min_length=2, max_length=500)]
    height_m: Annotated[float, Field(ge=0, le=10)] = 1.6
    least_px_per_m: Annotated[float, Field(gt=0, le=100_000)] = 25.0
    variant: WhatIfIn = WhatIfIn()


@router.post("/way", responses=responses(404, 422))
def follow_way(served: ServedSite, body: WayIn) -> dict[str, Any]:
    """Which cameras follow somebody along a way, metre by metre, and where nobody sees them."""
    answer = _varied(served, body.variant)
    found = followed(answer, body.points_m, height_m=body.height_m, least_px_per_m=body.least_px_per_m)
    return {
        "seen_ratio": round(found.seen_ratio, 4),
        "length_m": round(float(found.lengths_m.sum()), 2),
        "unseen_m": [[round(a, 2), round(b, 2)] for a, b in found.unseen],
        "pieces": [
            {"point_m": [round(c, 2) for c in point], "length_m": round(length_m, 3), "cameras": list(by)}
            for point, length_m, by in zip(
                found.points_m.tolist(), found.lengths_m.tolist(), found.cameras, strict=True
            )
        ],
    }


@router.get("/places/{place_id:path}/successors", responses=responses(404))
def read_successors(
    served: ServedSite, place_id: ObjectId, requirement: Annotated[str | None, Query(max_length=160)] = None
) -> dict[str, Any]:
    """Cameras that could be turned to what a place lacks, those that turn by themselves first.

    Where several requirements hold at a place and none is named, the one that lacks the most is meant.
    """
    answer = _now(served)
    _known(place_id, [place.place_id for place in answer.places], "place with a requirement for cameras")
    return {
        "cameras": [
            {
                "id": one.device,
                "share_ratio": round(one.share_ratio, 4),
                "turns": one.turns,
                "bearing_deg": one.bearing_deg,
                "tilt_deg": one.tilt_deg,
                "zoom_ratio": one.zoom_ratio,
            }
            for one in successors(answer, place_id, requirement)
        ]
    }


@router.get("/cameras/{device_id:path}/looking", responses=responses(404))
def read_looking(served: ServedSite, device_id: ObjectId) -> dict[str, Any]:
    """What is left uncovered while a camera that turns looks at each of its presets."""
    answer = _now(served)
    _known(device_id, [camera.id for camera in answer.cameras], "camera")
    return {
        "presets": [
            {"preset": one.preset, "lost": dict(one.lost), "broken": list(one.broken)}
            for one in while_looking(answer, device_id)
        ]
    }


@router.post(
    "/cameras/{device_id:path}/picture.png",
    responses={200: {"content": {"image/png": {}}}, **responses(404, 422)},
    response_class=Response,
)
def draw_picture(
    served: ServedSite, device_id: ObjectId, body: WhatIfIn, width_px: Annotated[int, Query(ge=64, le=1920)] = 640,
    edition: Literal["2015", "2025"] = "2015", eye: Annotated[int, Query(ge=0, le=64)] = 0,
) -> Response:  # fmt: skip
    """What a camera has in its picture, through its own lens; `eye` which of its sensors or presets."""
    base = _now(served)
    prepared = _otherwise(served, base.of, body)
    found, problems = cameras(prepared.index, least_px_per_m=1.0)
    mine = {camera.id: camera for camera in found}.get(device_id)
    if mine is None:
        said = next((problem.message for problem in problems if problem.object_id == device_id), None)
        if said is not None:
            raise CoverageError(said)
        raise UnknownIdError("camera", device_id, [camera.id for camera in found])
    looking = mine.eyes[min(eye, len(mine.eyes) - 1)]
    picture = camera_picture(prepared, looking, width_px=width_px, levels=editions()[edition].levels)
    return Response(png(picture), media_type="image/png", headers={"Cache-Control": "no-store"})


def _known(wanted: str, known: list[str], what: str) -> None:
    if wanted not in known:
        raise UnknownIdError(what, wanted, known)


def _models(served: Served) -> list[dict[str, Any]]:
    return [
        {"id": model.id, "name": model.name.model_dump(), "turns": model.turns, "price": model.price}
        for model in models(served.index.site).values()
    ]


def _was(place: PlaceResult) -> dict[str, Any]:
    return {
        "id": place.place_id,
        "requirement": place.requirement.id,
        "share_ratio": round(place.share_ratio, 4),
        "is_met": place.is_met,
    }


def _varied(served: Served, variant: WhatIfIn) -> CameraCoverage:
    """The answer now, or with what a variant has otherwise; without gaps."""
    base = _now(served)
    is_changed = variant.devices or variant.without or variant.open_doors or variant.vehicles
    return _what_if(served, base, variant.model_copy(update={"explain": False})) if is_changed else base


def _what_if(served: Served, base: CameraCoverage, body: WhatIfIn) -> CameraCoverage:
    for device_id in body.without:
        served.index.device(device_id)
    without = base.offline | frozenset(body.without)
    return camera_coverage(_otherwise(served, base.of, body), without=without, before=base, explain=body.explain)


def _otherwise(served: Served, prepared: Prepared, body: WhatIfIn) -> Prepared:
    """What a question stands on."""
    if body.open_doors:
        for opening in body.open_doors:
            _known(opening, list(served.index.openings), "opening")
        prepared = prepared.with_doors(body.open_doors)
    if body.vehicles:
        standing = [
            standing_at(v.x_m, v.y_m, elevation_m=v.elevation_m, bearing_deg=v.bearing_deg, is_lorry=v.kind == "lorry")
            for v in body.vehicles
        ]
        prepared = prepared.with_standing(*standing, ids=[f"vehicle {k}" for k in range(1, len(standing) + 1)])
    if body.devices:
        twice = [name for name, often in Counter(device.id for device in body.devices).items() if often > 1]
        if twice:
            raise CoverageError(f"device {twice[0]} is there twice: say once what would be otherwise")
        prepared = prepared.with_devices(*(_changed(served, device) for device in body.devices))
    return prepared


def _changed(served: Served, wanted: DeviceIn) -> Device:
    """A device with what is wanted otherwise, or a new one."""
    changes = {key: value for key, value in wanted.model_dump(exclude_none=True).items() if key in Device.model_fields}
    known = served.index.devices.get(wanted.id)
    kind = wanted.kind or ("camera-fixed" if known is None else known.kind)
    if kind not in served.index.kinds:
        raise UnknownIdError("device kind", kind, served.index.kinds)
    if wanted.space is not None and wanted.space not in served.index.spaces:
        raise UnknownIdError("space", wanted.space, served.index.spaces)
    before = {} if known is None else dict(known)
    try:
        return Device.model_validate({**before, **changes, "kind": kind})
    except ValidationError as error:
        said = " ".join(f"{fault.message} {fault.cure}" for fault in faults(error, Device))
        raise CoverageError(f"camera {wanted.id} cannot be so: {said}") from error


def _cells(answer: CameraCoverage, places: Any, more: dict[str, Any]) -> Response:  # noqa: ANN401
    return Response(packed(answer.made_of, places, more), media_type=CELLS_TYPE)
