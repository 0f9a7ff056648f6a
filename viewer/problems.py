"""Every error of the web interface in one shape: `application/problem+json` (RFC 9457)."""

import logging
import uuid
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from twin.errors import ForbiddenTransitionError, TwinError, UnknownIdError
from viewer.errors import MissingPartError, NotFoundError

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
_TITLES: Final = {413: "Content Too Large", 422: "Unprocessable Content"}
"""Words of RFC 9110 that Python changed between the versions we run on."""


class BodyTooLargeError(HTTPException):
    """A request body over the limit."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(413, f"a request body holds at most {limit_bytes} bytes")


class Fault(BaseModel):
    """One thing that is wrong with a request: where, and what."""

    place: str
    """Path into the request, such as ``body.actor`` or ``query.limit``."""
    message: str


class Problem(BaseModel):
    """What went wrong and what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[Fault, ...] = ()


def title_of(status: int) -> str:
    """The words of a status code.

    Examples
    --------
    >>> title_of(404), title_of(422)
    ('Not Found', 'Unprocessable Content')
    """
    return _TITLES.get(status) or HTTPStatus(status).phrase


def problem(
    status: int,
    detail: str,
    *,
    kind: str | None = None,
    errors: Sequence[Fault] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """The response for a problem.

    Parameters
    ----------
    kind
        Stable word for programs, the last part of ``type``; none means the status in words.
    """
    title = title_of(status)
    body = Problem(
        type=f"urn:plumbline:problem:{kind or title.lower().replace(' ', '-')}",
        title=title,
        status=status,
        detail=detail,
        errors=tuple(errors),
    ).model_dump(mode="json")
    if not errors:
        del body["errors"]
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI of the problems a route may answer with."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": title_of(status), "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses
    }


def install(app: FastAPI) -> None:
    """Make the application answer every error as a problem."""

    @app.exception_handler(RequestValidationError)
    def _bad_input(_request: Request, error: RequestValidationError) -> JSONResponse:
        faults = [Fault(place=".".join(str(p) for p in e["loc"]), message=e["msg"]) for e in error.errors()]
        where = ", ".join(fault.place for fault in faults)
        return problem(422, f"the request is not as documented: {where}", kind="bad-input", errors=faults)

    @app.exception_handler(UnknownIdError)
    @app.exception_handler(NotFoundError)
    def _unknown(_request: Request, error: UnknownIdError | NotFoundError) -> JSONResponse:
        return problem(404, str(error), kind="unknown-id")

    @app.exception_handler(ForbiddenTransitionError)
    def _forbidden(_request: Request, error: ForbiddenTransitionError) -> JSONResponse:
        return problem(409, str(error), kind="forbidden-transition")

    @app.exception_handler(MissingPartError)
    def _missing(_request: Request, error: MissingPartError) -> JSONResponse:
        return problem(503, str(error), kind="missing-part")

    @app.exception_handler(TwinError)
    def _refused(_request: Request, error: TwinError) -> JSONResponse:
        return problem(422, str(error), kind="refused")

    @app.exception_handler(HTTPException)
    def _http(_request: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail), headers=dict(error.headers or {}))

    @app.exception_handler(Exception)
    def _ours(request: Request, error: Exception) -> JSONResponse:
        number = uuid.uuid4().hex[:12]
        log.error("request %s failed: %s %s", number, request.method, request.url.path, exc_info=error)
        return problem(500, f"the server failed; its log tells why under {number}", kind="server-failure")
