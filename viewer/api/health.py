"""Route of the service's health."""

import datetime as dt
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from viewer.api.context import all_served

router = APIRouter(tags=["service"])


class BrokerHealth(BaseModel):
    """Whether messages can come."""

    connected: bool
    since: dt.datetime | None


class HistoryHealth(BaseModel):
    """Whether readings can be kept."""

    writable: bool
    readings: int


class LeaksHealth(BaseModel):
    """When the leak monitor looked last, and how long that took."""

    at: dt.datetime | None
    took_s: float | None


class Health(BaseModel):
    """Whether all is well, and if not, why."""

    status: Literal["ok", "degraded"]
    broker: BrokerHealth
    history: HistoryHealth
    leaks: LeaksHealth
    uptime_s: float
    memory_bytes: int
    reasons: tuple[str, ...]


@router.get("/health")
def read_health(request: Request) -> Health:
    """Whether this server hears its broker and keeps its history; `degraded` says why in `reasons`."""
    (served,) = all_served(request).values()
    return Health.model_validate(served.runtime.health())
