"""The history of a channel over the interface, at any zoom."""

import datetime as dt
from collections.abc import AsyncIterator

import httpx
import numpy as np
import pytest

from live_bindings.history.series import Entries, SeriesStore
from tests.twin.riverside_in_small import small_site
from tests.viewer.conftest import client_of, standing
from viewer.api.series import Series

pytestmark = pytest.mark.anyio
CHANNEL = "t1-inlet:flow"
START_S = dt.datetime(2019, 1, 1, tzinfo=dt.UTC).timestamp()
TIMES_S = START_S + 300.0 * np.arange(3000, dtype=np.float64)
VALUES = np.sin(np.arange(3000) / 50.0)


def fill(history: SeriesStore) -> None:
    n = len(TIMES_S)
    numbers = np.full(n, history.numbers([CHANNEL])[0])
    history.append(Entries(numbers, TIMES_S, VALUES, np.zeros(n, np.uint8), np.zeros(n, np.int64)))


@pytest.fixture(scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    async with standing(small_site(), tmp_path_factory.mktemp("data")) as runtime:
        fill(runtime.history)
        async with client_of(runtime) as made:
            yield made


async def series(client: httpx.AsyncClient, **query: object) -> Series:
    answer = await client.get(
        f"/api/sites/small/channels/{CHANNEL}/series", params={k: str(v) for k, v in query.items()}
    )
    assert answer.status_code == 200, answer.text
    return Series.model_validate(answer.json())


def at(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat()


async def test_few_readings_come_as_they_are(client: httpx.AsyncClient) -> None:
    shown = await series(client, start=at(START_S), end=at(START_S + 3600), points=100)
    assert shown.step_s == 0
    assert shown.time_s == tuple(TIMES_S[:12].tolist())
    assert shown.mean == tuple(VALUES[:12].tolist())
    assert shown.unit == "m3_per_s"


@pytest.mark.parametrize("points", [7, 100, 900])
async def test_no_reading_is_lost_at_any_zoom(client: httpx.AsyncClient, points: int) -> None:
    shown = await series(client, start=at(START_S), end=at(TIMES_S[-1] + 1), points=points)
    count, mean, low, high = (np.array(c, np.float64) for c in (shown.count, shown.mean, shown.min, shown.max))
    assert count.sum() == len(TIMES_S)
    # sums in another order differ by rounding only
    assert np.dot(count, mean) == pytest.approx(VALUES.sum(), rel=1e-9)
    assert (low.min(), high.max()) == (VALUES.min(), VALUES.max())
    assert len(count) <= points + 2


async def test_without_a_start_it_begins_with_the_first_reading(client: httpx.AsyncClient) -> None:
    shown = await series(client, end=at(TIMES_S[-1] + 1))
    assert 0 <= START_S - shown.start.timestamp() < 3600
    assert sum(shown.count) == len(TIMES_S)


async def test_a_channel_that_never_spoke_has_an_empty_hour(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/sites/small/channels/t1-f01-smoke:smoke/series")
    assert answer.status_code == 200
    assert answer.json()["time_s"] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("t1-inlet:flw/series", 404),
        (f"{CHANNEL}/series?points=1", 422),
        (f"{CHANNEL}/series?start=yesterday", 422),
        (f"{CHANNEL}/series?start=2019-01-01T00:00:00", 422),  # which zone?
        (f"{CHANNEL}/series?start=2020-01-01T00:00:00Z&end=2019-01-01T00:00:00Z", 422),
        (f"{CHANNEL}/series?start=0001-01-01T00:00:00Z", 200),
        (f"{CHANNEL}/series?end=9999-12-31T23:59:59Z", 200),
    ],
)
async def test_odd_requests(client: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(f"/api/sites/small/channels/{path}")
    assert answer.status_code == status, answer.text
