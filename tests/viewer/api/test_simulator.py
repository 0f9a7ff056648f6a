"""Telling the simulator what to do, over the interface and a real broker."""

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from live_bindings.broker import start_broker
from live_bindings.mqtt import Publisher
from live_bindings.runtime import Runtime
from sample_sites.simulator.models import all_models
from sample_sites.simulator.run import Simulation
from tests.twin.riverside_in_small import small_site
from tests.viewer.conftest import client_of, standing
from twin.index import SiteIndex

pytestmark = [pytest.mark.anyio, pytest.mark.broker]
SIMULATOR = "/api/sites/small/simulator"
WAIT_S = 10.0


@contextlib.contextmanager
def simulating(index: SiteIndex, broker_url: str) -> Iterator[None]:
    """The real simulation of a site, obeying commands in a thread of its own."""
    ended = threading.Event()
    commands: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def live() -> None:
        with (
            Simulation(index, all_models, start_s=time.time()) as simulation,
            Publisher(
                broker_url,
                subscribe=("small/simulator/commands",),
                on_message=lambda _, payload: commands.put(payload),
            ) as publisher,
        ):
            while not ended.is_set():
                simulation.tick(time.time())
                status = simulation.status()
                publisher.publish(status.topic, status.payload, retain=True)
                with contextlib.suppress(queue.Empty):
                    simulation.command(commands.get(timeout=0.2))

    thread = threading.Thread(target=live)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(WAIT_S)
        assert not thread.is_alive()


@pytest.fixture
async def played(tmp_path: Path) -> AsyncIterator[Runtime]:
    with start_broker(tmp_path) as broker:
        async with standing(small_site(), tmp_path, broker.url) as running:
            await running.wait_ready()
            with simulating(running.index, broker.url):
                async with asyncio.timeout(WAIT_S):
                    while running.simulator is None:  # noqa: ASYNC110 - its first status comes over the broker
                        await asyncio.sleep(0.01)
                yield running


async def command(client: httpx.AsyncClient, **body: object) -> httpx.Response:
    return await client.post(f"{SIMULATOR}/commands", json={"actor": "wang", **body})


async def test_a_change_of_speed_is_answered_when_it_is_done(played: Runtime) -> None:
    async with client_of(played) as client:
        assert (await client.get(SIMULATOR)).json()["running"] is True
        answer = await command(client, action="speed", speed=30)
        assert (answer.status_code, answer.json()["speed"]) == (200, 30.0)


async def test_a_refusal_of_the_simulator_is_a_conflict_with_its_reason(played: Runtime) -> None:
    async with client_of(played) as client:
        answer = await command(client, action="start", incident="flood")
    assert answer.status_code == 409
    assert "flood" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"action": "start"},
        {"action": "speed"},
        {"action": "speed", "speed": 0},
        {"action": "speed", "speed": 1e9},
        {"action": "explode"},
        {"action": "stop", "actor": ""},
        {"action": "stop", "more": 1},
    ],
)
async def test_a_command_that_makes_no_sense_is_not_sent(client: httpx.AsyncClient, body: dict[str, object]) -> None:
    assert (await command(client, **body)).status_code == 422


async def test_without_a_simulator_nothing_is_playing(tmp_path: Path) -> None:
    async with standing(small_site(), tmp_path) as running, client_of(running) as client:
        assert (await client.get(SIMULATOR)).json()["running"] is False
        answer = await command(client, action="start", incident="fire")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:plumbline:problem:no-simulator")


async def test_a_simulator_that_fell_silent_is_not_running(tmp_path: Path) -> None:
    with start_broker(tmp_path) as broker:
        async with standing(small_site(), tmp_path, broker.url) as running, client_of(running) as client:
            await running.wait_ready()
            old = msgspec.json.encode({"t": time.time() - 60, "speed": 1.0, "incidents": [], "catalog": []})
            with Publisher(broker.url) as publisher:
                publisher.publish("small/simulator/status", old, retain=True)
            async with asyncio.timeout(WAIT_S):
                while running.simulator is None:  # noqa: ASYNC110 - it comes over the broker
                    await asyncio.sleep(0.01)
            status = (await client.get(SIMULATOR)).json()
    assert (status["running"], status["speed"]) == (False, 1.0)
