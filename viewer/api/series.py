"""Route of the history of a channel, at any zoom."""

import datetime as dt
import time
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, BaseModel

from live_bindings.history.series import SeriesStore
from viewer.api.context import ServedSite
from viewer.problems import responses

POINTS_LIMIT: Final = 5000
"""More than any screen has pixels."""

_COARSE_POINTS: Final = 500

router = APIRouter(tags=["history"], prefix="/sites/{site_id}")


class Series(BaseModel):
    """A channel over time in columns: a bucket an entry, or a reading an entry where `step_s` is 0."""

    channel: str
    unit: str
    start: dt.datetime
    end: dt.datetime
    step_s: float
    time_s: tuple[float, ...]
    """Start of the bucket or time of the reading, epoch. [s]"""
    mean: tuple[float | None, ...]
    min: tuple[float | None, ...]
    max: tuple[float | None, ...]
    count: tuple[int, ...]


@router.get("/channels/{channel_id:path}/series", response_model=Series, responses=responses(404, 422))
def read_series(
    served: ServedSite,
    channel_id: str,
    start: AwareDatetime | None = None,
    end: AwareDatetime | None = None,
    points: Annotated[int, Query(ge=2, le=POINTS_LIMIT)] = 600,
) -> Response:
    """Readings of a channel from ``start`` (else its first) to ``end`` (else now) at a zoom of about ``points``.

    Bad readings are left out.
    """
    channel = served.index.channels[served.index.row(channel_id)].channel
    history = served.runtime.history
    end_s = time.time() if end is None else end.timestamp()
    start_s = first_time_s(history, channel_id, end_s) if start is None else start.timestamp()
    if not start_s < end_s:
        raise RequestValidationError([{"loc": ("query", "start"), "msg": "start is before end"}])
    buckets = history.downsample(channel_id, start_s, end_s, points)
    body = msgspec.json.encode(
        {
            "channel": channel_id,
            "unit": channel.unit,
            "start": dt.datetime.fromtimestamp(start_s, dt.UTC),
            "end": dt.datetime.fromtimestamp(end_s, dt.UTC),
            "step_s": buckets.step_s,
            "time_s": buckets.times_s.tolist(),
            "mean": buckets.mean.tolist(),  # NaN becomes null
            "min": buckets.min.tolist(),
            "max": buckets.max.tolist(),
            "count": buckets.count.tolist(),
        }
    )
    return Response(body, media_type="application/json")


def first_time_s(history: SeriesStore, channel_id: str, end_s: float) -> float:
    """Epoch of about the first reading of a channel before `end_s`, an hour before that if there is none. [s]

    It looks at ever finer buckets, so that a history of years is never read whole.
    """
    start_s, first_s = 0.0, None
    while True:
        buckets = history.downsample(channel_id, start_s, end_s, _COARSE_POINTS)
        if len(buckets) == 0:
            return end_s - 3600.0 if first_s is None else first_s
        first_s = float(buckets.times_s[0])
        if buckets.step_s <= 3600.0 or first_s <= start_s:
            return first_s
        start_s = first_s
