"""Work orders: what is to be done where, by whom, and how far it is (EN 13306).

`decide` turns a command into events or refuses it; `evolve` applies an event. Both are pure, so the same two serve
live use, replay, and what a phone did without signal. A longer life cycle is more rows in `MOVES`.
"""

import datetime as dt
from typing import Final, Literal, NamedTuple

import msgspec

from twin.errors import ForbiddenTransitionError
from twin.operations.errors import CommandError, forbidden
from twin.operations.events import (
    MoveWorkOrder,
    OrderCommand,
    OrderStep,
    Phrase,
    Place,
    RequestWorkOrder,
    WorkOrderEvent,
    WorkOrderMoved,
    WorkOrderRequested,
)

OrderState = Literal["requested", "assigned", "accepted", "in_progress", "paused", "done", "verified", "cancelled"]
PRIORITIES: Final = range(1, 5)
"""1 is the most urgent, 4 can wait."""
CLOSED: Final = frozenset({"done", "verified", "cancelled"})
"""States in which nobody has anything to do on site."""


class Move(NamedTuple):
    """From which states a command leads to which, and what the step is called afterwards."""

    sources: frozenset[OrderState]
    target: OrderState
    step: OrderStep


def _move(target: OrderState, step: OrderStep, *sources: OrderState) -> Move:
    return Move(frozenset(sources), target, step)


MOVES: Final[dict[OrderCommand, Move]] = {
    "assign": _move("assigned", "assigned", "requested", "assigned", "accepted", "paused"),
    "accept": _move("accepted", "accepted", "assigned"),
    "start": _move("in_progress", "started", "accepted"),
    "pause": _move("paused", "paused", "in_progress"),
    "resume": _move("in_progress", "resumed", "paused"),
    # a small thing is mended before anyone presses start
    "finish": _move("done", "finished", "accepted", "in_progress"),
    "verify": _move("verified", "verified", "done"),
    "reject": _move("requested", "rejected", "assigned", "accepted"),
    "reopen": _move("requested", "reopened", "done", "verified", "cancelled"),
    "cancel": _move("cancelled", "cancelled", "requested", "assigned", "accepted", "in_progress", "paused"),
}
_BY_STEP: Final = {move.step: move for move in MOVES.values()}


class Step(msgspec.Struct, frozen=True):
    """One thing that happened to a work order."""

    at: dt.datetime
    actor: str
    type: str
    note: str = ""
    command: str = ""


class WorkOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A work order as it stands."""

    id: str
    title: Phrase
    state: OrderState
    priority: int
    place: Place
    created_at: dt.datetime
    created_by: str
    alarm: str | None = None
    assignee: str | None = None
    advice: Phrase = Phrase()
    skill: str = ""
    steps: tuple[Step, ...] = ()


def possible(order: WorkOrder) -> tuple[OrderCommand, ...]:
    """The commands the order's state allows."""
    return tuple(command for command, move in MOVES.items() if order.state in move.sources)


def decide(
    order: WorkOrder | None, command: RequestWorkOrder | MoveWorkOrder, now: dt.datetime
) -> tuple[WorkOrderEvent, ...]:
    """What a command leads to: one event, or none if it was carried out before.

    Parameters
    ----------
    order : the order the command names; none if there is none yet

    Raises
    ------
    ForbiddenTransitionError
        If the order's state does not allow it, or who finished it is to verify it; it says what is possible.
    CommandError
        If a part of the command is missing or impossible.
    """
    if order is not None and any(step.command == command.id for step in order.steps):
        return ()
    if isinstance(command, RequestWorkOrder):
        return (_request(command, now),)
    if order is None:
        raise CommandError("work_order", f"{command.work_order!r} does not exist; request it first")
    move = MOVES[command.move]
    if order.state not in move.sources:
        raise forbidden(f"work order {order.id}", order.state, command.move, possible(order))
    if (command.move == "assign") != (command.assignee is not None):
        raise CommandError("assignee", "assign names a member of staff, and no other command does")
    if command.move == "verify" and command.actor == _finished_by(order):
        raise ForbiddenTransitionError(
            f"work order {order.id} was finished by {command.actor}, who cannot verify it; another person has to"
        )
    return (
        WorkOrderMoved(
            at=now, actor=command.actor, work_order=order.id, command=command.id, step=move.step,
            assignee=command.assignee, note=command.note,
        ),
    )  # fmt: skip


def _finished_by(order: WorkOrder) -> str | None:
    """Who said last that it is done."""
    return next((step.actor for step in reversed(order.steps) if step.type == "finished"), None)


def _request(command: RequestWorkOrder, now: dt.datetime) -> WorkOrderRequested:
    if command.priority not in PRIORITIES:
        raise CommandError("priority", f"{command.priority} is none of 1 (most urgent) to 4")
    if not (command.title.zh.strip() or command.title.en.strip()):
        raise CommandError("title", "is empty; say what is to be done")
    return WorkOrderRequested(
        at=now, actor=command.actor, work_order=command.id, command=command.id, title=command.title,
        place=command.place, priority=command.priority, note=command.note,
    )  # fmt: skip


def evolve(order: WorkOrder | None, event: WorkOrderEvent) -> WorkOrder:
    """The order after an event."""
    if isinstance(event, WorkOrderRequested):
        first = Step(event.at, event.actor, "requested", event.note, event.command)
        return WorkOrder(
            id=event.work_order, title=event.title, state="requested", priority=event.priority, place=event.place,
            created_at=event.at, created_by=event.actor, alarm=event.alarm, advice=event.advice, skill=event.skill,
            steps=(first,),
        )  # fmt: skip
    if order is None:
        raise CommandError("work_order", f"{event.work_order!r} took a step before it was requested")
    target = _BY_STEP[event.step].target
    assignee = event.assignee if event.step == "assigned" else None if target == "requested" else order.assignee
    step = Step(event.at, event.actor, event.step, event.note, event.command)
    return msgspec.structs.replace(order, state=target, assignee=assignee, steps=(*order.steps, step))
