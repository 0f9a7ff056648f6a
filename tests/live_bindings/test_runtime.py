"""A live site over a real broker: message in, history, state and subscription out."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from live_bindings.broker import RunningBroker, start_broker
from live_bindings.data_folder import DataFolderError
from live_bindings.mqtt import Publisher
from live_bindings.problems import Reason
from live_bindings.runtime import NotRunningError, Runtime
from tests.live_bindings.small_estate import small_estate
from twin.state import Quality

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module", params=["mosquitto", "amqtt"])
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLUMBLINE_BROKER", request.param)
        with start_broker(tmp_path_factory.mktemp("broker")) as running:
            yield running


class Clock:
    """The real time, and as much more as a test wants."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


@asynccontextmanager
async def live(broker: RunningBroker, folder: Path, clock: Callable[[], float] = time.time) -> AsyncIterator[Runtime]:
    runtime = Runtime(small_estate(), folder, broker.url, clock=clock)
    await runtime.start()
    try:
        await runtime.wait_ready()
        yield runtime
    finally:
        await runtime.stop()


async def until(condition: Callable[[], bool], timeout_s: float = 15.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - the condition is met by another thread
            await asyncio.sleep(0.01)


def publish(broker: RunningBroker, *messages: tuple[str, object]) -> None:
    with Publisher(broker.url) as publisher:
        for topic, body in messages:
            publisher.publish(topic, body if isinstance(body, bytes) else json.dumps(body).encode())


def test_a_message_reaches_history_state_and_subscribers(broker: RunningBroker, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with live(broker, tmp_path) as runtime:
            subscription = runtime.subscribe()
            first = await subscription.wait()
            assert first.snapshot
            at_s = round(time.time(), 3)
            publish(broker, ("estate/g/batch", {"t": at_s, "r": [["p-0", "pressure", 3e5, None, 1]]}))
            row = runtime.index.rows["p-0:pressure"]
            async with asyncio.timeout(15):
                while row not in (await subscription.wait()).rows.tolist():
                    pass
            assert runtime.state.values[row] == 3e5
            assert runtime.history.window("p-0:pressure", at_s - 1, at_s + 1).values.tolist() == [3e5]
            assert (runtime.counters.received, runtime.counters.stored) == (1, 1)
            health = runtime.health()
            assert (health["status"], health["broker"]["connected"], health["history"]["readings"]) == ("ok", True, 1)
            runtime.unsubscribe(subscription)
            assert len(runtime.subscribers) == 0

    asyncio.run(scenario())


def test_what_comes_while_we_are_away_is_not_lost_and_the_state_comes_back(
    broker: RunningBroker, tmp_path: Path
) -> None:
    async def scenario() -> None:
        at_s = time.time() - 600
        async with live(broker, tmp_path) as runtime:
            publish(broker, ("estate/g/p-1/pressure", {"t": at_s, "v": 1e5, "s": 1}))
            await until(lambda: runtime.counters.stored == 1)
        publish(broker, *(("estate/g/p-0/pressure", {"t": at_s + i, "v": 1e5 + i, "s": i}) for i in range(300)))
        async with live(broker, tmp_path) as runtime:
            assert runtime.state.values[runtime.index.rows["p-1:pressure"]] == 1e5
            await until(lambda: runtime.counters.stored == 300)
            assert runtime.history.window("p-0:pressure", at_s - 1, at_s + 301).values.tolist() == [
                1e5 + i for i in range(300)
            ]
            assert runtime.health()["history"]["readings"] == 301

    asyncio.run(scenario())


def test_duplicates_are_stored_once_and_late_readings_do_not_touch_the_latest(
    broker: RunningBroker, tmp_path: Path
) -> None:
    async def scenario() -> None:
        at_s = round(time.time(), 3)
        newer, older = {"t": at_s, "v": 2e5, "s": 7}, {"t": at_s - 30, "v": 1e5, "s": 6}
        async with live(broker, tmp_path) as runtime:
            topic = "estate/g/p-0/pressure"
            publish(broker, (topic, newer), (topic, newer))
            await until(lambda: runtime.counters.stored + runtime.counters.duplicates == 2)
            publish(broker, (topic, older), (topic, newer))
            await until(lambda: runtime.counters.received == 4)
            await until(lambda: runtime.counters.stored + runtime.counters.duplicates == 4)
            await until(lambda: runtime.counters.late == 1)
            assert (runtime.counters.stored, runtime.counters.duplicates) == (2, 2)
            assert runtime.state.values[runtime.index.rows["p-0:pressure"]] == 2e5
            assert runtime.history.window("p-0:pressure", at_s - 60, at_s + 60).values.tolist() == [1e5, 2e5]

    asyncio.run(scenario())


def test_what_cannot_be_used_is_counted_and_listed(broker: RunningBroker, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with live(broker, tmp_path) as runtime:
            publish(
                broker,
                ("estate/unheard/of/by/anyone", b"\xff\x00"),
                ("estate/g/p-9/pressure", {"v": 1}),
                ("estate/g/p-0/pressure", b"{"),
                ("estate/commands/v-1/state", {"v": 1}),
            )
            await until(lambda: runtime.counters.rejected == 2 and runtime.counters.unknown_topic == 1)
            reasons = {p.reason: p for p in runtime.problems}
            assert set(reasons) == {Reason.UNKNOWN_TOPIC, Reason.UNKNOWN_DEVICE, Reason.MALFORMED}
            assert reasons[Reason.UNKNOWN_DEVICE].detail == "no device 'p-9'"
            assert runtime.counters.received == 3  # a command is no telemetry

    asyncio.run(scenario())


def test_a_silent_channel_turns_stale_and_subscribers_hear_of_it(broker: RunningBroker, tmp_path: Path) -> None:
    async def scenario() -> None:
        clock = Clock()
        async with live(broker, tmp_path, clock) as runtime:
            publish(broker, ("estate/g/p-0/pressure", {"v": 1e5}))
            await until(lambda: runtime.counters.stored == 1)
            subscription = runtime.subscribe()
            await subscription.wait()
            clock.ahead_s = 190.0
            row = runtime.index.rows["p-0:pressure"]
            async with asyncio.timeout(10):
                while row not in (await subscription.wait()).rows.tolist():
                    pass
            assert runtime.state.quality_at(clock())[row] == Quality.STALE

    asyncio.run(scenario())


def test_a_threshold_raises_an_alarm_that_subscribers_hear_of(broker: RunningBroker, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with live(broker, tmp_path) as runtime:
            subscription = runtime.subscribe()
            publish(broker, ("estate/g/p-2/pressure", {"v": 1.5e6}))
            async with asyncio.timeout(15):
                while not (changes := await subscription.wait()).alarms:
                    pass
            alarm = runtime.operations.desk.alarm(changes.alarms[0])
            assert (alarm.rule, alarm.device, alarm.value) == ("high-pressure", "p-2", 1.5e6)

    asyncio.run(scenario())


def test_the_simulators_status_is_kept_and_told(broker: RunningBroker, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with live(broker, tmp_path) as runtime:
            subscription = runtime.subscribe()
            await subscription.wait()
            publish(broker, ("estate/simulator/status", b"nonsense"), ("estate/simulator/status", {"speed": 60}))
            async with asyncio.timeout(15):
                while not (await subscription.wait()).simulator:
                    pass
            assert runtime.simulator == {"speed": 60}
            assert runtime.counters.received == 0

    asyncio.run(scenario())


def test_nothing_is_acknowledged_while_the_history_cannot_be_written(broker: RunningBroker, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with live(broker, tmp_path) as runtime:
            history = runtime.history
            history._writer.execute("PRAGMA max_page_count=1")  # a full disk
            pages = history._writer.execute("PRAGMA page_count").fetchone()[0]
            big = [["p-0", "pressure", 1e5, time.time() - i, i] for i in range(2000)]
            publish(broker, ("estate/g/batch", {"r": big}))
            await until(lambda: runtime.health()["status"] == "degraded")
            assert runtime.health()["history"]["writable"] is False
            assert "cannot write the history" in runtime.health()["reasons"][0]
            assert runtime.counters.stored == 0
            history._writer.execute(f"PRAGMA max_page_count={pages + 1_000_000}")
            await until(lambda: runtime.counters.stored == 2000)
            assert runtime.health()["status"] == "ok"

    asyncio.run(scenario())


def test_two_processes_do_not_share_a_data_folder(broker: RunningBroker, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with live(broker, tmp_path):
            with pytest.raises(DataFolderError, match="another process works"):
                await Runtime(small_estate(), tmp_path, broker.url).start()

    asyncio.run(scenario())


def test_without_a_broker_it_runs_degraded(tmp_path: Path) -> None:
    async def scenario() -> None:
        runtime = Runtime(small_estate(), tmp_path, "mqtt://127.0.0.1:1")
        with pytest.raises(NotRunningError):
            _ = runtime.history
        await runtime.start()
        try:
            health = runtime.health()
            assert health["status"] == "degraded"
            assert "mqtt://127.0.0.1:1" in health["reasons"][0]
            assert health["memory_bytes"] > 0
        finally:
            await runtime.stop()

    asyncio.run(scenario())


def test_a_data_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    runtime = Runtime(small_estate(), tmp_path / "file" / "data", "mqtt://127.0.0.1:1")
    with pytest.raises(DataFolderError, match="cannot use the data folder"):
        asyncio.run(runtime.start())
    assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208 - the names are the point
