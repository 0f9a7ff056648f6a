"""Routes of ways out: what is in the way now, where everybody goes, what is to be done, and what would be if."""

import time
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from live_bindings.command_topics import command_topic
from twin.errors import EvacuationError, UnknownIdError
from twin.evacuation.commands import proposals
from twin.evacuation.hazards import Report
from twin.evacuation.moment import Said, moment
from twin.evacuation.people import people_at_night, people_by_day
from twin.operations.events import NoteEvacuation
from twin.state import State
from viewer.api.context import Served, ServedSite
from viewer.api.operations import Body, Note
from viewer.documents.evacuation import (
    EvacuationAnswer,
    EvacuationSent,
    EvacuationWritten,
    command_out,
    evacuation_document,
)
from viewer.problems import responses

router = APIRouter(prefix="/sites/{site_id}/evacuation", tags=["evacuation"])

_REFERENCE: Final = "#/components/schemas/{name}"
(_ANSWER, _SENT), SCHEMAS = msgspec.json.schema_components((EvacuationAnswer, EvacuationSent), ref_template=_REFERENCE)
"""Shapes of the answers, for the interface's description."""
_MOST: Final = 200
_LOGGED: Final = 100

ObjectId = Annotated[str, Field(min_length=1, max_length=160)]
When = Literal["night", "day"]


def _shape(*failures: int, of: dict[str, Any] = _ANSWER) -> dict[int | str, dict[str, Any]]:
    said = {"description": "Successful Response", "content": {"application/json": {"schema": of}}}
    return {200: said, **responses(*failures)}


def _persons(served: Served, when: When) -> Mapping[str, float]:
    """As many as are estimated to be in each space."""
    return people_at_night(served.index) if when == "night" else people_by_day(served.index)


def _answer(served: Served, *, when: When, only_changed: bool, began_s: float) -> Response:
    live = served.runtime.evacuation.live
    found = live.now
    document = evacuation_document(
        live.prepared, found, proposed=live.propose(), log=live.log[:_LOGGED], persons=_persons(served, when),
        counts=live.counts, inside=served.runtime.evacuation.inside, only_changed=only_changed,
        took_ms=(time.perf_counter() - began_s) * 1e3,
    )  # fmt: skip
    return _json(document)


def _json(document: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(document), media_type="application/json")


@router.get("", responses=_shape(404, 422))
def read_evacuation(
    served: ServedSite,
    changed: Annotated[bool, Query(description="Only ways that are not as always.")] = False,  # noqa: FBT002 - a query
    people: Annotated[When, Query(description="Whom to estimate: at home at night, or all places in use.")] = "night",
) -> Response:
    """The ways out now: what is in the way, every space's way and why, who is cut off, what is to be done."""
    return _answer(served, when=people, only_changed=changed, began_s=time.perf_counter())


class WhatIfEvacuationIn(BaseModel):
    """What would be otherwise."""

    model_config = ConfigDict(extra="forbid")

    burning: Annotated[tuple[ObjectId, ...], Field(max_length=_MOST)] = ()
    """Spaces on fire."""
    shut: Annotated[tuple[ObjectId, ...], Field(max_length=_MOST)] = ()
    """Doors, stairs, lifts and gates that cannot be used."""
    since_s: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    """How long it has burnt, for how far smoke has come."""
    from_now: bool = True
    """Beside what is in the way now; else as if nothing were."""
    people: When = "night"
    changed: bool = False


@router.post("/what-if", responses=_shape(404, 422))
def ask_what_if(served: ServedSite, body: WhatIfEvacuationIn) -> Response:
    """The ways out if something burnt or were shut: a drill, a plan. Nothing is kept, nobody is told."""
    began_s = time.perf_counter()
    live = served.runtime.evacuation.live
    of, state = live.prepared, served.latest()
    now = live.now
    base = now.said if body.from_now else Said()
    report = Report(state.now_s - body.since_s)
    said = Said(
        {**base.shut, **dict.fromkeys(body.shut, report)}, {**base.burning, **dict.fromkeys(body.burning, report)},
        base.confirmed,
    )  # fmt: skip
    if not body.from_now:
        # a state in which nothing was ever told
        state = State(served.index.intervals_s).snapshot(state.now_s)
    found = moment(of, state, now if body.from_now else None, said=said)
    document = evacuation_document(
        of, found, proposed=proposals(of, found, state), persons=_persons(served, body.people), counts={},
        only_changed=body.changed, took_ms=(time.perf_counter() - began_s) * 1e3,
    )  # fmt: skip
    return _json(document)


class EvacuationCommandIn(Body):
    """What somebody says, for all to reckon with.

    `shut` and `open` a door, stair, lift or gate, `burns` a space (`open` ends that too), `confirm` an alarm as true,
    `reset` a detector or, without an object, all of them and the counts, `count` persons at an assembly point.
    """

    type: Literal["shut", "open", "burns", "confirm", "reset", "count"]
    object: ObjectId | None = None
    persons: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    reason: Note = ""


@router.post("/commands", responses=_shape(404, 422))
def command_evacuation(served: ServedSite, body: EvacuationCommandIn) -> Response:
    """Say that something is shut, open, on fire, true, over, or how many have come; the answer is what holds then."""
    began_s = time.perf_counter()
    live = served.runtime.evacuation.live
    if body.object is None and body.type != "reset":
        raise EvacuationError(f"{body.type} needs an object: say which")
    if body.type == "count" and body.persons is None:
        raise EvacuationError("count needs persons: say how many have come")
    if body.object is not None:
        live.check(body.type, body.object)
    note = NoteEvacuation(
        id=body.command_id, actor=body.actor, step=body.type, object=body.object or "", persons=body.persons,
        note=body.reason,
    )  # fmt: skip
    if body.type == "reset":
        live.reset(body.object, say=lambda: served.runtime.execute(note))
    else:
        served.runtime.execute(note)
    served.runtime.evacuation.wake()
    return _answer(served, when="night", only_changed=True, began_s=began_s)


class SendIn(Body):
    """Which proposals are to be written to their devices; all that are not done if none is named."""

    type: Literal["send"]
    devices: Annotated[tuple[ObjectId, ...], Field(max_length=5000)] = ()
    dry_run: bool = True
    """Only tell what would be written."""


@router.post("/proposals/commands", responses=_shape(404, 422, of=_SENT))
def send_proposals(served: ServedSite, body: SendIn) -> Response:
    """Write what is proposed to devices, or only tell what would be; that it was done is what the device says then."""
    runtime, live = served.runtime, served.runtime.evacuation.live
    proposed = live.propose()
    known = [proposal.device for proposal in proposed]
    for device in body.devices:
        if device not in known:
            raise UnknownIdError("device that something is proposed for", device, known)
    written, by_hand = [], []
    for proposal in proposed:
        if proposal.is_done or (body.devices and proposal.device not in body.devices):
            continue
        channel, value = proposal.channel, proposal.value
        topic = None if channel is None else command_topic(served.index, proposal.device, channel)
        if channel is None or value is None or topic is None:
            by_hand.append(command_out(proposal))
            continue
        if not body.dry_run:
            runtime.execute(NoteEvacuation(
                id=f"{body.command_id}/{proposal.device}", actor=body.actor, step="send", object=proposal.device,
                channel=channel, value=value,
            ))  # fmt: skip
            runtime.write(proposal.device, channel, value)
        written.append(EvacuationWritten(proposal.device, channel, value, topic))
    return _json(EvacuationSent(body.dry_run, tuple(written), tuple(by_hand)))
