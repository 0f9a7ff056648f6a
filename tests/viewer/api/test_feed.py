"""The live feed over a real server, a real broker and a real WebSocket."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from live_bindings.broker import start_broker
from live_bindings.feed import Frame, FrameKind, decode
from live_bindings.mqtt import Publisher
from live_bindings.runtime import Runtime
from tests.twin.riverside_in_small import small_site
from tests.viewer.conftest import standing
from twin.state import Quality
from viewer import service
from viewer.app import create_app
from viewer.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.broker]
WAIT_S = 10.0


@dataclass(frozen=True)
class Live:
    """A server with its site and its broker."""

    runtime: Runtime
    broker_url: str
    address: str

    @asynccontextmanager
    async def feed(self, **options: object) -> AsyncIterator[ClientConnection]:
        url = self.address.replace("http", "ws") + "api/sites/small/feed"
        async with asyncio.timeout(WAIT_S), connect(url, proxy=None, **options) as page:  # type: ignore[arg-type]
            yield page

    def publish(self, topic: str, body: object) -> None:
        with Publisher(self.broker_url) as publisher:
            publisher.publish(topic, msgspec.json.encode(body))


@contextmanager
def serving(runtime: Runtime) -> Iterator[str]:
    """The application of a runtime on a free port, in a thread of its own: its address."""
    with closing(service.listen("127.0.0.1", 0)) as listener:
        app = create_app(runtime, Settings(feed_rate_hz=50.0))
        config = uvicorn.Config(app, log_level="error", ws="websockets-sansio", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield service.address(listener)
        finally:
            server.should_exit = True
            thread.join(WAIT_S)
            assert not thread.is_alive()


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    with start_broker(tmp_path) as broker:
        async with standing(small_site(), tmp_path, broker.url) as runtime:
            await runtime.wait_ready()
            with serving(runtime) as address:
                yield Live(runtime, broker.url, address)


async def next_frame(page: ClientConnection) -> Frame:
    """The next frame with an update in it."""
    while True:
        message = await page.recv()
        if isinstance(message, bytes):
            frame = decode(message)
            if frame.kind is FrameKind.SNAPSHOT or len(frame.rows):
                return frame


async def next_event(page: ClientConnection, kind: str) -> dict[str, object]:
    while True:
        message = await page.recv()
        if isinstance(message, str) and (event := json.loads(message))["type"] == kind:
            return dict(event)


async def test_a_page_gets_a_snapshot_and_then_what_changes(live: Live) -> None:
    index = live.runtime.index
    async with live.feed() as page:
        first = await next_frame(page)
        assert first.kind is FrameKind.SNAPSHOT
        assert first.index_version == index.version
        assert first.rows.tolist() == list(range(len(index.channels)))
        assert set(first.quality.tolist()) == {Quality.NEVER}
        now_s = time.time()
        await asyncio.to_thread(live.publish, "small/gw/batch", {"t": now_s, "r": [["t1-f01-smoke", "smoke", 0.05]]})
        delta = await next_frame(page)
        assert (delta.kind, delta.number) == (FrameKind.DELTA, first.number + 1)
        assert delta.rows.tolist() == [index.row("t1-f01-smoke:smoke")]
        assert delta.values[0] == pytest.approx(0.05)
        assert delta.quality.tolist() == [Quality.GOOD]


async def test_an_alarm_and_its_order_reach_every_page(live: Live) -> None:
    async with live.feed() as page, live.feed() as other:
        await next_frame(page)
        reading = {"t": time.time(), "r": [["t1-f01-smoke", "smoke", 0.9]]}
        await asyncio.to_thread(live.publish, "small/gw/batch", reading)
        for one in (page, other):
            alarm = (await next_event(one, "alarm"))["alarm"]
            assert isinstance(alarm, dict)
            assert (alarm["device"], alarm["state"], alarm["severity"]) == ("t1-f01-smoke", "raised", "critical")


async def test_every_page_learns_of_the_simulator(live: Live) -> None:
    async with live.feed() as page:
        assert (await next_event(page, "simulator"))["running"] is False
        status = {"t": time.time(), "speed": 2.0, "site_time": "2026-01-01T00:00:00Z", "incidents": [], "catalog": []}
        await asyncio.to_thread(live.publish, "small/simulator/status", status)
        said = await next_event(page, "simulator")
        assert (said["running"], said["speed"]) == (True, 2.0)


async def test_health_says_that_the_broker_is_heard(live: Live) -> None:
    async with live.feed() as page:
        health = await next_event(page, "health")
    assert health["status"] == "ok"
    assert live.runtime.health()["broker"]["connected"]


async def test_a_page_that_left_is_forgotten(live: Live) -> None:
    async with live.feed() as page:
        await next_frame(page)
        assert len(live.runtime.subscribers) == 1
    async with asyncio.timeout(WAIT_S):
        while len(live.runtime.subscribers):  # noqa: ASYNC110 - the server tells nobody when it has forgotten
            await asyncio.sleep(0.01)


async def test_pages_of_other_hosts_get_no_feed(live: Live) -> None:
    for refused in ({"origin": "http://evil.example"}, {"additional_headers": {"Host": "evil.example"}}):
        with pytest.raises((InvalidStatus, ConnectionClosed)):
            async with live.feed(**refused) as page:
                await page.recv()


async def test_a_site_that_is_not_there_has_no_feed(live: Live) -> None:
    url = live.address.replace("http", "ws") + "api/sites/elsewhere/feed"
    with pytest.raises(InvalidStatus):
        async with connect(url, proxy=None):
            pass


async def test_what_a_page_says_changes_nothing(live: Live) -> None:
    async with live.feed() as page:
        await next_frame(page)
        for words in ('{"type": "hello", "index_version": 1}', "", "{", "\x00" * 100):
            await page.send(words)
        await page.send(b"\x00\x01")
        await asyncio.to_thread(
            live.publish, "small/gw/batch", {"t": time.time(), "r": [["t1-f01-smoke", "smoke", 0.01]]}
        )
        assert (await next_frame(page)).kind is FrameKind.DELTA
