"""Routes of single things and their latest values."""

from fastapi import APIRouter

from viewer.api.context import ServedSite
from viewer.documents.card import Card, card
from viewer.documents.things import ThingType
from viewer.problems import responses

router = APIRouter(tags=["objects"], prefix="/sites/{site_id}")


@router.get("/objects/{kind}/{thing_id:path}", responses=responses(404, 422))
def read_object(served: ServedSite, kind: ThingType, thing_id: str) -> Card:
    """The card of a thing: names, place, facts, channels with their latest values, devices in it."""
    return card(served.things, kind, thing_id, served.latest())
