"""An evacuation as it would go: who is clear when, where people queue, which ways they take."""

import threading
import time
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from twin.errors import UnknownIdError
from twin.evacuation.asking import Asked, fire_first
from twin.evacuation.documents import evacuation_document, smoke_document, streams_document
from twin.evacuation.people import crowded, people_at_night, people_by_day
from twin.evacuation.simulation import evacuate
from viewer.api.context import ServedSite
from viewer.problems import responses

router = APIRouter(prefix="/sites/{site_id}/evacuation", tags=["evacuation"])

_BUSY: Final = threading.BoundedSemaphore(2)
"""Runs by chance take a whole processor for seconds."""
_MOST: Final = 20_000

Id = Annotated[str, Field(max_length=160)]


class EvacuationIn(BaseModel):
    """What is asked for; people are where they are by night or by day, or as `persons` says."""

    model_config = ConfigDict(extra="forbid")

    time: Literal["night", "day"] = "night"
    persons: Annotated[dict[Id, Annotated[float, Field(ge=0, le=1e6)]], Field(max_length=_MOST)] | None = None
    buildings: Annotated[tuple[Id, ...], Field(max_length=500)] = ()
    """Only people in these; nothing means in all."""
    fire: Id | None = None
    """The space that burns."""
    closed: Annotated[tuple[Id, ...], Field(max_length=500)] = ()
    """Doors, exits and stairs that nobody passes."""
    closings: Annotated[dict[Id, Annotated[float, Field(ge=0, le=14_400)]], Field(max_length=100)] = {}
    """Doors, exits and stairs that close on the way, and when, in seconds from the alarm."""
    later: Annotated[dict[Id, Annotated[float, Field(ge=0, le=14_400)]], Field(max_length=500)] = {}
    """Storeys or buildings that are told so many seconds later."""
    others_later_s: Annotated[float, Field(ge=0, le=14_400)] = 0.0
    """All storeys of the burning building but the one that burns and its neighbours are told so much later."""
    full: Annotated[dict[Id, Annotated[float, Field(ge=0, le=1e5)] | None], Field(max_length=100)] = {}
    """Storeys that are crowded, with so many people; null is one on each square metre."""
    lifts: Annotated[tuple[Id, ...], Field(max_length=100)] = ()
    """With which the fire crew brings down who cannot walk well."""
    smoke: bool = False
    """Whether the fire's smoke is followed, and what it does to people."""
    fans: bool = True
    """Whether fans keep stairs free of smoke that have them."""
    runs: Annotated[int, Field(ge=0, le=200)] = 0
    """By chance, for how sure the times are."""
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1


@router.post("/simulation", responses=responses(404, 422, 503))
def simulate(served: ServedSite, body: EvacuationIn) -> dict[str, Any]:
    """Let everybody out as things would be, with queues; nothing of the site is changed or commanded."""
    index = served.index
    for name in body.buildings:
        if name not in index.buildings:
            raise UnknownIdError("building", name, index.buildings)
    persons = body.persons
    if persons is None:
        persons = people_at_night(index) if body.time == "night" else people_by_day(index)
    for storey, many in body.full.items():
        persons = {**persons, **crowded(index, storey, many)}
    if body.buildings:
        persons = {
            space: many
            for space, many in persons.items()
            if space not in index.spaces or index.spaces[space].storey.building.id in body.buildings
        }
    if not _BUSY.acquire(timeout=10.0):
        raise HTTPException(503, "other evacuations are being reckoned; ask again in a moment")
    try:
        began_s = time.perf_counter()
        first = {} if body.fire is None else fire_first(index, body.fire, body.others_later_s)
        asked = Asked(
            persons, body.fire, frozenset(body.closed), body.runs, body.seed, closings=body.closings,
            later={**first, **body.later}, lifts=body.lifts, smoke=body.smoke, fans=body.fans,
        )  # fmt: skip
        found = evacuate(served.ways.network_of(0.0).of, asked)
        return {
            **evacuation_document(found),
            **streams_document(found),
            **smoke_document(found),
            "took_ms": round((time.perf_counter() - began_s) * 1e3, 1),
        }
    finally:
        _BUSY.release()
