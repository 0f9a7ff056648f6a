"""Routes of leaks: what leaks, where, how far it is with each, and what people do about it."""

import datetime as dt
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Query, Response
from fastapi.exceptions import RequestValidationError

from twin.errors import UnknownIdError
from twin.leaks.course import evidence_details, evidence_rows
from twin.operations.events import Command, DismissLeak, OrderFromLeak, ReopenLeak, ReportLeakRepaired
from twin.operations.leak_board import LeakAnswer, LeakDetail, LeakOut, answer, detail
from twin.operations.leak_watch import match
from viewer.api.context import Served, ServedSite
from viewer.api.moments import Moment
from viewer.api.operations import Body, Note
from viewer.problems import responses

router = APIRouter(prefix="/sites/{site_id}", tags=["leaks"])

_REFERENCE: Final = "#/components/schemas/{name}"
(_ANSWER, _DETAIL, _LEAK), SCHEMAS = msgspec.json.schema_components(
    (LeakAnswer, LeakDetail, LeakOut), ref_template=_REFERENCE
)
"""Shapes of the answers, for the interface's description."""
_AHEAD_S: Final = 3600.0
"""Clocks of those who ask may be wrong by so much."""


def _shape(schema: dict[str, Any], *failures: int) -> dict[int | str, dict[str, Any]]:
    said = {"description": "Successful Response", "content": {"application/json": {"schema": schema}}}
    return {200: said, **responses(*failures)}


def leak_answer(served: Served, at: dt.datetime | None = None) -> LeakAnswer:
    """What is known of leaks now, or was at a past moment; it says which of its readings were generated."""
    told = _told(served, at)
    past = served.settings.generated_past
    if past is None or told.window.start >= past.until:
        return told
    return msgspec.structs.replace(told, unanswered=(*told.unanswered, past.note()))


def _told(served: Served, at: dt.datetime | None) -> LeakAnswer:
    runtime = served.runtime
    monitor = runtime.leak_monitor
    if at is None:
        look = monitor.last or monitor.look()
        followed = look.followed
        return answer(look.report, runtime.operations.desk.leaks, seen=followed.seen, remaining=followed.remaining)
    report, cases = monitor.report_at(at), runtime.operations.leaks_at(at)
    return answer(report, cases, seen=match(cases, report), remaining={})


@router.get("/leaks", responses=_shape(_ANSWER, 404, 422))
def read_leaks(served: ServedSite, at: Annotated[Moment | None, Query()] = None) -> Response:
    """What leaks, where, how much and since when; `at` a past moment, as its readings tell it."""
    now_s = served.runtime.now_s()
    if at is not None and at.timestamp() > now_s + _AHEAD_S:
        now = dt.datetime.fromtimestamp(now_s, dt.UTC)
        raise RequestValidationError(
            [
                {
                    "loc": ("query", "at"),
                    "msg": f"at has not come yet: here it is {now:%Y-%m-%dT%H:%M:%SZ}; ask of the past",
                }
            ]
        )
    return _json(leak_answer(served, at))


@router.get("/leaks/{leak_id:path}", responses=_shape(_DETAIL, 404))
def read_leak(served: ServedSite, leak_id: str) -> Response:
    """One leak, with the course of what speaks for it."""
    answered = leak_answer(served)
    leak = _leak(answered, leak_id)
    window = served.runtime.leak_monitor.window_at(answered.at, evidence_rows(served.index, leak))
    zone = ZoneInfo(served.index.site.time_zone)
    looked = served.runtime.leak_monitor.last
    # an id is its district's and the onset
    balance = None if looked is None else looked.courses.get(leak.id.rsplit("/", 1)[0])
    return _json(detail(leak, evidence_details(served.index, window, leak, zone), balance))


class LeakCommandIn(Body):
    """A command to a leak."""

    type: Literal["create_work_order", "report_repaired", "dismiss", "reopen"]
    reason: Note = ""


@router.post("/leaks/{leak_id:path}/commands", responses=_shape(_LEAK, 404, 409, 422))
def command_leak(served: ServedSite, leak_id: str, body: LeakCommandIn) -> Response:
    """Make a work order of a leak, say that it is mended, dismiss it with a reason, or open it again."""
    served.runtime.execute(_command(leak_id, body))
    return _json(_leak(leak_answer(served), leak_id))


def _command(leak_id: str, body: LeakCommandIn) -> Command:
    command_id, actor = body.command_id, body.actor
    match body.type:
        case "create_work_order":
            return OrderFromLeak(id=command_id, actor=actor, leak=leak_id, note=body.reason)
        case "report_repaired":
            return ReportLeakRepaired(id=command_id, actor=actor, leak=leak_id, note=body.reason)
        case "dismiss":
            return DismissLeak(id=command_id, actor=actor, leak=leak_id, reason=body.reason)
        case "reopen":
            return ReopenLeak(id=command_id, actor=actor, leak=leak_id, reason=body.reason)


def _leak(answered: LeakAnswer, leak_id: str) -> LeakOut:
    found = {leak.id: leak for leak in (*answered.past, *answered.leaks)}
    if leak_id not in found:
        raise UnknownIdError("leak", leak_id, found)
    return found[leak_id]


def _json(said: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(said), media_type="application/json")
