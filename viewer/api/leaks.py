"""Routes of leaks: what leaks, where, how far it is with each, and what people do about it."""

import datetime as dt
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from twin.errors import UnknownIdError
from twin.leaks.course import evidence_details
from twin.leaks.result import LeakReport
from twin.operations.leak_board import LeakAnswer, LeakDetail, LeakOut, as_found
from viewer.api.context import Served, ServedSite
from viewer.problems import responses

router = APIRouter(prefix="/sites/{site_id}", tags=["leaks"])

_REFERENCE: Final = "#/components/schemas/{name}"
(_ANSWER, _DETAIL, _LEAK), SCHEMAS = msgspec.json.schema_components(
    (LeakAnswer, LeakDetail, LeakOut), ref_template=_REFERENCE
)
"""Shapes of the answers, for the interface's description."""


def _shape(schema: dict[str, Any], *failures: int) -> dict[int | str, dict[str, Any]]:
    said = {"description": "Successful Response", "content": {"application/json": {"schema": schema}}}
    return {200: said, **responses(*failures)}


def leak_answer(served: Served, at: dt.datetime | None = None) -> LeakAnswer:
    """What is known of leaks now, or was at a past moment."""
    monitor = served.runtime.leak_monitor
    report = monitor.report_at(at) if at is not None else monitor.report or monitor.look()
    return answer_of(report)


def answer_of(report: LeakReport) -> LeakAnswer:
    """A report with the state of each leak."""
    parts = {name: getattr(report, name) for name in LeakReport.__struct_fields__}
    parts["leaks"] = tuple(
        LeakOut(**as_found(leak), state="located" if leak.localisable else "suspected")  # type: ignore[arg-type]
        for leak in report.leaks
    )
    return LeakAnswer(**parts)


@router.get("/leaks", responses=_shape(_ANSWER, 404, 422))
def read_leaks(served: ServedSite, at: Annotated[AwareDatetime | None, Query()] = None) -> Response:
    """What leaks, where, how much and since when; `at` a past moment, as its readings tell it."""
    return _json(leak_answer(served, at))


@router.get("/leaks/{leak_id:path}", responses=_shape(_DETAIL, 404))
def read_leak(served: ServedSite, leak_id: str) -> Response:
    """One leak, with the course of what speaks for it."""
    answer = leak_answer(served)
    found = {leak.id: leak for leak in (*answer.past, *answer.leaks)}
    if leak_id not in found:
        raise UnknownIdError("leak", leak_id, found)
    leak = found[leak_id]
    rows = [served.index.rows[e.channel] for e in leak.evidence if e.channel in served.index.rows]
    window = served.runtime.leak_monitor.window_at(answer.at, rows)
    parts = {name: getattr(leak, name) for name in LeakOut.__struct_fields__}
    zone = ZoneInfo(served.index.site.time_zone)
    return _json(LeakDetail(**{**parts, "evidence": evidence_details(served.index, window, leak, zone)}))


def _json(answer: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
