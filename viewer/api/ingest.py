"""Route of what came in and what could not be used."""

import dataclasses
import datetime as dt

from fastapi import APIRouter
from pydantic import BaseModel

from viewer.api.context import ServedSite
from viewer.problems import responses

router = APIRouter(tags=["service"], prefix="/sites/{site_id}")


class IngestProblem(BaseModel):
    """One reason on one topic, counted."""

    reason: str
    topic: str
    detail: str
    count: int
    first_at: dt.datetime
    last_at: dt.datetime
    example: str


class IngestProblems(BaseModel):
    """What could not be used, or only with doubt; the latest first."""

    items: tuple[IngestProblem, ...]
    next: str | None = None


class Ingest(BaseModel):
    """What came in since the start: messages `received` and `unknown_topic`, readings the others."""

    received: int
    stored: int
    duplicates: int
    late: int
    rejected: int
    unknown_topic: int
    problems: IngestProblems


@router.get("/ingest", responses=responses(404))
def read_ingest(served: ServedSite) -> Ingest:
    """Counters of the ingest, and the topics and payloads that no binding understood."""
    problems = tuple(
        IngestProblem(
            reason=problem.reason,
            topic=problem.topic,
            detail=problem.detail,
            count=problem.count,
            first_at=dt.datetime.fromtimestamp(problem.first_s, dt.UTC),
            last_at=dt.datetime.fromtimestamp(problem.last_s, dt.UTC),
            example=problem.example,
        )
        for problem in served.runtime.problems
    )
    return Ingest(**dataclasses.asdict(served.runtime.counters), problems=IngestProblems(items=problems))
