"""Routes of the maps: GeoJSON in longitude and latitude."""

from fastapi import APIRouter, Request, Response

from twin.errors import UnknownIdError
from viewer.api.context import ServedSite
from viewer.documents.maps import storey_plan
from viewer.payload import Payload
from viewer.problems import responses

MEDIA_TYPE = "application/geo+json"

router = APIRouter(tags=["map"], prefix="/sites/{site_id}")

_GEOJSON = {
    200: {"description": "A GeoJSON FeatureCollection", "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}},
    **responses(404),
}


@router.get("/map.geojson", response_class=Response, responses=_GEOJSON)
def read_map(served: ServedSite, request: Request) -> Response:
    """The outdoor map: features of the layers ``building``, ``ground``, ``pipe`` and ``node``."""
    return served.site_map.response(request)


@router.get("/storeys/{storey_id:path}/plan.geojson", response_class=Response, responses=_GEOJSON)
def read_plan(served: ServedSite, storey_id: str, request: Request) -> Response:
    """One storey: features of the layers ``storey``, ``space``, ``opening`` and ``obstacle``."""
    storey = served.index.storeys.get(storey_id)
    if storey is None:
        raise UnknownIdError("storey", storey_id, served.index.storeys)
    return Payload.of(storey_plan(served.things, storey), MEDIA_TYPE).response(request)
