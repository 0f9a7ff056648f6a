"""Routes of single things: what they are, their latest values, and what is up with them."""

from fastapi import APIRouter

from twin.operations.desk import Desk
from twin.operations.work_orders import CLOSED
from viewer.api.context import ServedSite
from viewer.api.operations import AlarmOut, WorkOrderOut, alarm_out, work_order_out
from viewer.documents.card import Card, card
from viewer.documents.things import ThingType
from viewer.problems import responses

router = APIRouter(tags=["objects"], prefix="/sites/{site_id}")


class StandingCard(Card):
    """A card with what is up: alarms not yet cleared and orders not yet closed, of the thing and of devices in it."""

    alarms: tuple[AlarmOut, ...]
    work_orders: tuple[WorkOrderOut, ...]


@router.get("/objects/{kind}/{thing_id:path}", responses=responses(404, 422))
def read_object(served: ServedSite, kind: ThingType, thing_id: str) -> StandingCard:
    """The card of a thing: names, place, facts, channels with their latest values, devices in it, what is up."""
    bare = card(served.things, kind, thing_id, served.latest())
    alarms, orders = standing(served.runtime.operations.desk, bare)
    # the parts are valid already: only the two lists are new
    return StandingCard.model_construct(**dict(bare), alarms=alarms, work_orders=orders)


def standing(desk: Desk, of: Card) -> tuple[tuple[AlarmOut, ...], tuple[WorkOrderOut, ...]]:
    """Alarms and orders of a thing and of the devices in it, the latest first."""
    ids = {of.id, *of.devices}
    alarms = [
        alarm for alarm in desk.alarms.values()
        if alarm.state != "cleared" and (alarm.device in ids or (alarm.place is not None and alarm.place.id in ids))
    ]  # fmt: skip
    alarm_ids = {alarm.id for alarm in alarms}
    orders = [
        order for order in desk.work_orders.values()
        if order.state not in CLOSED and (order.place.id in ids or order.alarm in alarm_ids)
    ]  # fmt: skip
    return (
        tuple(alarm_out(a) for a in sorted(alarms, key=lambda a: a.raised_at, reverse=True)),
        tuple(work_order_out(o) for o in sorted(orders, key=lambda o: o.created_at, reverse=True)),
    )
