"""The web application: routes, guards and pages around a live site."""

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

import viewer.problems
from live_bindings.runtime import Runtime
from viewer import pages
from viewer.api import (
    coverage,
    evacuation,
    evacuation_simulation,
    feed,
    health,
    ingest,
    leaks,
    maps,
    networks,
    objects,
    operations,
    routes,
    scene,
    series,
    simulator,
    sites,
)
from viewer.api.context import Served
from viewer.guards import Guards
from viewer.settings import Settings

API_VERSION = "1"


def create_app(runtime: Runtime, settings: Settings | None = None) -> FastAPI:
    """The application that serves a live site.

    Parameters
    ----------
    runtime
        The site's runtime; whoever made it starts and stops it.
    """
    settings = settings or Settings()
    app = FastAPI(
        title="Plumbline",
        version=API_VERSION,
        description="A live digital twin of an estate: its model, its telemetry, and what people do about it.",
        openapi_url="/api/openapi.json",
        # their pages load scripts from other hosts
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(Guards, settings=settings),
            Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5),
        ],
    )
    app.state.sites = {runtime.site.id: Served(runtime, settings)}
    viewer.problems.install(app)
    app.include_router(_api())
    app.include_router(pages.router(settings))
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # the way FastAPI documents
    return app


def _api() -> APIRouter:
    api = APIRouter(prefix="/api")
    for module in (
        coverage,
        health,
        sites,
        scene,
        maps,
        objects,
        series,
        ingest,
        operations,
        routes,
        evacuation_simulation,
        leaks,
        networks,
        evacuation,
        simulator,
        feed,
    ):
        api.include_router(module.router)
    return api


def _openapi(app: FastAPI) -> dict[str, object]:
    """The interface's description, with the one shape of errors in place of FastAPI's own."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas.update(leaks.SCHEMAS | networks.SCHEMAS | evacuation.SCHEMAS)
        schemas["Problem"] = viewer.problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schemas["Problem"].pop("$defs", {}))
        for methods in schema["paths"].values():
            for route in methods.values():
                answers = route["responses"]
                failures = viewer.problems.responses(*(int(status) for status in answers if status >= "400"))
                answers.update({str(status): answer for status, answer in failures.items()})
        app.openapi_schema = schema
    return app.openapi_schema
