"""Routes of operations: alarms, work orders, the journal, the staff and the crew's way."""

import datetime as dt
import uuid
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from twin.errors import UnknownIdError
from twin.operations.alarms import Alarm, AlarmState
from twin.operations.errors import CommandError
from twin.operations.events import (
    AcknowledgeAlarm,
    MoveWorkOrder,
    OrderCommand,
    OrderFromAlarm,
    Phrase,
    Place,
    RequestWorkOrder,
    Severity,
    ShelveAlarm,
)
from twin.operations.places import place_of
from twin.operations.work_orders import OrderState, WorkOrder, possible
from viewer.api.context import Served, ServedSite
from viewer.api.moments import Moment
from viewer.documents.names import Bilingual, names
from viewer.problems import responses

router = APIRouter(prefix="/sites/{site_id}", tags=["operations"])

Note = Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True)]
Words = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
Person = Annotated[str, StringConstraints(min_length=1, max_length=120)]
MOST_ITEMS = 1000


class PlaceOut(BaseModel):
    """Where something is."""

    type: str
    id: str
    name: Bilingual
    point_m: tuple[float, float, float]
    storey: str | None


class AlarmOut(BaseModel):
    """An alarm as it stands."""

    id: str
    rule: str
    name: Bilingual
    severity: Severity
    state: AlarmState
    device: str | None
    channel: str | None
    place: PlaceOut | None
    point_m: tuple[float, float, float] | None
    value: float | None
    unit: str | None
    raised_at: dt.datetime
    acknowledged_at: dt.datetime | None
    acknowledged_by: str | None
    shelved_until: dt.datetime | None
    cleared_at: dt.datetime | None
    count: int
    advice: Bilingual
    skill: str
    devices: tuple[str, ...]
    work_order: str | None


class StepOut(BaseModel):
    """One thing that happened to a work order."""

    at: dt.datetime
    actor: str
    type: str
    note: str


class WorkOrderOut(BaseModel):
    """A work order as it stands."""

    id: str
    title: Bilingual
    state: OrderState
    priority: int
    place: PlaceOut
    alarm: str | None
    assignee: str | None
    created_at: dt.datetime
    created_by: str
    advice: Bilingual
    skill: str
    steps: tuple[StepOut, ...]
    possible: tuple[OrderCommand, ...]
    """Commands that its state allows."""


class AlarmList(BaseModel):
    """Alarms, the latest first."""

    items: tuple[AlarmOut, ...]
    next: str | None = None


class WorkOrderList(BaseModel):
    """Work orders, the most urgent first."""

    items: tuple[WorkOrderOut, ...]
    next: str | None = None


class JournalEntry(BaseModel):
    """One line of the journal."""

    seq: int
    at: dt.datetime
    actor: str
    type: str
    object: str
    data: dict[str, JsonValue]
    hash: str


class JournalList(BaseModel):
    """Lines of the journal, newest first."""

    items: tuple[JournalEntry, ...]
    next: str | None = None


class StaffOut(BaseModel):
    """A member of staff; no telephone number, which is nobody's business here."""

    id: str
    name: Bilingual
    role: str
    skills: tuple[str, ...]
    base: str | None


class StaffList(BaseModel):
    """The staff of the site."""

    items: tuple[StaffOut, ...]
    next: str | None = None


class Body(BaseModel):
    """A request body: nothing that is not documented."""

    model_config = ConfigDict(extra="forbid")

    actor: Person
    id: uuid.UUID | None = None
    """The client's own id of this command; sent twice, it acts once."""

    @property
    def command_id(self) -> str:
        """The client's id, or a new one."""
        return str(self.id or uuid.uuid4())


class AlarmCommandIn(Body):
    """A command to an alarm."""

    type: Literal["acknowledge", "shelve", "create_work_order"]
    reason: Note = ""
    until: Moment | None = None


class WordsIn(BaseModel):
    """A text in one or both languages."""

    model_config = ConfigDict(extra="forbid")

    zh: Words = ""
    en: Words = ""


class PlaceIn(BaseModel):
    """A place by type and id."""

    model_config = ConfigDict(extra="forbid")

    type: str
    id: str


class WorkOrderIn(Body):
    """A request for work."""

    title: WordsIn | Words
    place: PlaceIn
    priority: Annotated[int, Field(ge=1, le=4)] = 3
    note: Note = ""


class WorkOrderCommandIn(Body):
    """A command to a work order."""

    type: OrderCommand
    assignee: Person | None = None
    note: Note = ""


def alarm_out(alarm: Alarm) -> AlarmOut:
    """An alarm as the pages get it."""
    point_m = None if alarm.place is None else alarm.place.point_m
    return AlarmOut.model_validate({**_kept(alarm, AlarmOut), "point_m": point_m})


def work_order_out(order: WorkOrder) -> WorkOrderOut:
    """A work order as the pages get it."""
    return WorkOrderOut.model_validate({**_kept(order, WorkOrderOut), "possible": possible(order)})


def _kept(thing: msgspec.Struct, shown: type[BaseModel]) -> dict[str, object]:
    found = msgspec.to_builtins(thing, builtin_types=(dt.datetime,))
    return {name: found[name] for name in shown.model_fields if name in found}


@router.get("/alarms", responses=responses(404, 422))
def list_alarms(served: ServedSite, state: AlarmState | Literal["active"] | None = None) -> AlarmList:
    """Alarms, the latest first; `active` are all but the cleared."""
    alarms = served.runtime.operations.desk.alarms.values()
    chosen = [a for a in alarms if state in (None, a.state) or (state == "active" and a.state != "cleared")]
    chosen.sort(key=lambda a: a.raised_at, reverse=True)
    return AlarmList(items=tuple(alarm_out(a) for a in chosen))


@router.post("/alarms/{alarm_id}/commands", responses=responses(404, 409, 422))
def command_alarm(served: ServedSite, alarm_id: str, body: AlarmCommandIn) -> AlarmOut | WorkOrderOut:
    """Acknowledge or shelve an alarm, or make a work order of it."""
    runtime, command_id = served.runtime, body.command_id
    if body.type == "create_work_order":
        runtime.execute(OrderFromAlarm(id=command_id, actor=body.actor, alarm=alarm_id, note=body.reason))
        return work_order_out(runtime.operations.desk.work_order(command_id))
    if body.type == "shelve":
        if body.until is None:
            raise CommandError("until", "is missing; say until when the alarm is put aside")
        runtime.execute(
            ShelveAlarm(id=command_id, actor=body.actor, alarm=alarm_id, until=body.until, reason=body.reason)
        )
    else:
        runtime.execute(AcknowledgeAlarm(id=command_id, actor=body.actor, alarm=alarm_id, reason=body.reason))
    return alarm_out(runtime.operations.desk.alarm(alarm_id))


@router.get("/work-orders", responses=responses(404, 422))
def list_work_orders(served: ServedSite, assignee: str | None = None, state: OrderState | None = None) -> WorkOrderList:
    """Work orders, the most urgent first, of those the latest."""
    orders = served.runtime.operations.desk.work_orders.values()
    chosen = [o for o in orders if assignee in (None, o.assignee) and state in (None, o.state)]
    chosen.sort(key=lambda o: (o.priority, -o.created_at.timestamp()))
    return WorkOrderList(items=tuple(work_order_out(o) for o in chosen))


@router.get("/work-orders/{order_id}", responses=responses(404))
def read_work_order(served: ServedSite, order_id: str) -> WorkOrderOut:
    """One work order."""
    return work_order_out(served.runtime.operations.desk.work_order(order_id))


@router.post("/work-orders", responses=responses(404, 422))
def request_work_order(served: ServedSite, body: WorkOrderIn) -> WorkOrderOut:
    """Ask for work at a place; sent again with the same id it is the same order."""
    title = Phrase(body.title, body.title) if isinstance(body.title, str) else Phrase(body.title.zh, body.title.en)
    title = Phrase(title.zh or title.en, title.en or title.zh)
    runtime, command_id = served.runtime, body.command_id
    runtime.execute(
        RequestWorkOrder(
            id=command_id, actor=body.actor, title=title, place=_place(served, body.place), priority=body.priority,
            note=body.note,
        )
    )  # fmt: skip
    return work_order_out(runtime.operations.desk.work_order(command_id))


def _place(served: Served, place: PlaceIn) -> Place:
    try:
        return place_of(served.index, place.type, place.id)
    except UnknownIdError as error:
        raise CommandError("place.id", str(error)) from None


@router.post("/work-orders/{order_id}/commands", responses=responses(404, 409, 422))
def command_work_order(served: ServedSite, order_id: str, body: WorkOrderCommandIn) -> WorkOrderOut:
    """Move a work order along its life."""
    runtime = served.runtime
    runtime.execute(
        MoveWorkOrder(
            id=body.command_id, actor=body.actor, work_order=order_id, move=body.type, assignee=body.assignee,
            note=body.note,
        )
    )  # fmt: skip
    return work_order_out(runtime.operations.desk.work_order(order_id))


@router.get("/journal", responses=responses(404, 422))
def read_journal(
    served: ServedSite,
    of: Annotated[str | None, Query(alias="object")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS)] = 100,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
) -> JournalList:
    """Who did what and when, newest first; `next` is the `before` of the following page."""
    entries = served.runtime.operations.journal.newest(limit=limit, of=of, before=before)
    items = tuple(
        JournalEntry(
            seq=e.seq, at=dt.datetime.fromisoformat(e.at), actor=e.actor, type=e.type, object=e.object,
            data=msgspec.json.decode(e.data), hash=e.hash,
        )
        for e in entries
    )  # fmt: skip
    return JournalList(items=items, next=str(items[-1].seq) if len(items) == limit and items[-1].seq > 1 else None)


@router.get("/staff", responses=responses(404))
def list_staff(served: ServedSite) -> StaffList:
    """The staff of the site."""
    return StaffList(
        items=tuple(
            StaffOut(id=m.id, name=Bilingual(**names(m.name, m.id)), role=m.role, skills=m.skills, base=m.base)
            for m in served.index.site.staff
        )
    )
