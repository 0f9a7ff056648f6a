"""Route of the scene: the estate as binary glTF."""

from fastapi import APIRouter, Request, Response

from viewer.api.context import ServedSite
from viewer.problems import responses

MEDIA_TYPE = "model/gltf-binary"

router = APIRouter(tags=["scene"], prefix="/sites/{site_id}")


@router.get(
    "/scene.glb",
    response_class=Response,
    responses={200: {"description": "The estate as GLB", "content": {MEDIA_TYPE: {}}}, **responses(404)},
)
def read_scene(served: ServedSite, request: Request) -> Response:
    """Everything of the 3D view but the devices; made once, then kept by the content of the site."""
    return served.scene.response(request)
