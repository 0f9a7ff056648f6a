"""Ways out followed live: from a message at the broker to new ways, an alarm, and word to the pages."""

import asyncio
import json
import queue
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from live_bindings.broker import RunningBroker, start_broker
from live_bindings.mqtt import Publisher
from live_bindings.runtime import Runtime
from tests.twin.evacuation.burning_house import burning_site, detector
from tests.viewer.conftest import client_of
from twin.evacuation.moment import Moment
from twin.model.rules import Binding
from twin.model.site import Site
from twin.operations.evacuation_watch import alarm_of
from twin.operations.events import EvacuationStep, NoteEvacuation
from twin.state import Readings

pytestmark = pytest.mark.broker
BINDING = Binding(id="batch", topic="s/{gateway}/batch", payload="batch")


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    with start_broker(tmp_path_factory.mktemp("broker")) as running:
        yield running


def burning() -> Site:
    devices = [detector(f"{kind}-{half}", half, kind) for half in ("west", "east") for kind in ("smoke", "heat")]
    return burning_site(*devices).replace(bindings=(BINDING,))


async def until(condition: Callable[[], bool], timeout_s: float = 15.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - the condition is met by another thread
            await asyncio.sleep(0.005)


def note(runtime: Runtime, step: EvacuationStep, of: str = "") -> None:
    runtime.execute(NoteEvacuation(id=str(uuid.uuid4()), actor="wang", step=step, object=of))


def exit_of_a(found: Moment) -> str | None:
    return next((way.exit for way in found.all if way.space == "h/f1/a"), "none")


def test_a_fire_told_over_the_wire_turns_the_ways_raises_the_alarm_and_tells_the_pages(
    broker: RunningBroker, tmp_path: Path
) -> None:
    async def scenario() -> None:
        runtime = Runtime(burning(), tmp_path, broker.url)
        await runtime.start()
        try:
            await runtime.wait_ready()
            live = runtime.evacuation.live
            assert exit_of_a(live.now) == "h/f1/out-w"
            subscription = runtime.subscribe()
            await subscription.wait()

            def say(**values: float) -> None:
                readings = [[*name.replace("_", "-").split("--"), value] for name, value in values.items()]
                with Publisher(broker.url) as publisher:
                    publisher.publish("s/g/batch", json.dumps({"t": time.time(), "r": readings}).encode())

            say(smoke_west__state=1, heat_west__state=1, heat_west__temperature=90.0)
            async with asyncio.timeout(15):
                while not (await subscription.wait()).evacuation:
                    pass
            await until(lambda: alarm_of("h/f1") in runtime.operations.desk.alarms)
            assert {refuge.space for refuge in live.now.cut_off} == {"h/f1/a", "h/f1/b", "h/f1/stair-w"}
            assert runtime.operations.desk.alarm(alarm_of("h/f1")).severity == "critical"
            # back to normal by themselves, the detectors stay latched, but it is no longer too hot to pass
            say(smoke_west__state=0, heat_west__state=0, heat_west__temperature=20.0)
            await until(lambda: not live.now.cut_off)
            assert {h.standing for h in live.now.hazards.found if h.id.endswith("west")} == {"latched"}
            live.reset(None, say=partial(note, runtime, "reset"))
            assert {h.standing for h in live.now.hazards.found if h.id.endswith("west")} == {"clearing"}
            runtime.unsubscribe(subscription)
        finally:
            await runtime.stop()

    asyncio.run(scenario())


def test_a_proposal_is_written_to_its_device_and_done_when_the_device_says_so(
    broker: RunningBroker, tmp_path: Path
) -> None:
    async def scenario() -> None:
        site = burning()
        command = Binding(id="c", topic="s/{gateway}/{device}/{channel}", command="s/g/{device}/{channel}/set")
        voice = detector("voice", "a", "speaker")
        site = site.replace(devices=(*site.devices, voice), bindings=(BINDING, command))
        heard: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        runtime = Runtime(site, tmp_path, broker.url)
        await runtime.start()
        try:
            await runtime.wait_ready()
            live = runtime.evacuation.live
            with Publisher(
                broker.url, subscribe=("s/+/+/+/set",), on_message=lambda t, p: heard.put((t, p))
            ) as gateway:
                async with client_of(runtime) as client:
                    note(runtime, "burns", "h/f1/c")
                    live.look()
                    path = "/api/sites/s/evacuation/proposals/commands"
                    body = {"type": "send", "actor": "wang"}
                    dry = (await client.post(path, json=body)).json()
                    assert dry["is_dry_run"]
                    assert [(w["device"], w["topic"]) for w in dry["written"]] == [("voice", "s/g/voice/playing/set")]
                    sent = (await client.post(path, json={**body, "dry_run": False})).json()
                    assert sent["written"] == dry["written"]
                    topic, payload = await asyncio.to_thread(heard.get, timeout=10.0)
                    assert (topic, json.loads(payload)["v"]) == ("s/g/voice/playing/set", 1.0)
                    assert heard.empty()  # nothing was written while it was dry
                    written = [e for e in runtime.operations.journal.newest(limit=9) if e.type == "evacuation_send"]
                    assert [(entry.actor, entry.object) for entry in written] == [("wang", "voice")]
                    done = json.dumps({"t": time.time(), "v": 1.0}).encode()
                    gateway.publish("s/g/voice/playing", done)
                    await until(lambda: runtime.state.values[runtime.index.row("voice:playing")] == 1.0)
                    live.look()
                    assert [p.is_done for p in live.propose()] == [True]
                    assert (await client.post(path, json=body)).json()["written"] == []
                    assert (await client.post(path, json={**body, "devices": ["nobody"]})).status_code == 404
        finally:
            await runtime.stop()

    asyncio.run(scenario())


def test_what_people_say_stands_until_it_is_taken_back_or_reset(tmp_path: Path) -> None:
    async def scenario() -> None:
        runtime = Runtime(burning(), tmp_path, "mqtt://127.0.0.1:1")
        await runtime.start()
        try:
            live = runtime.evacuation.live
            note(runtime, "shut", "h/f1/out-w")
            assert exit_of_a(live.now) == "h/f1/out-e"
            note(runtime, "burns", "h/f1/east")
            assert exit_of_a(live.now) == "none"
            note(runtime, "open", "h/f1/east")
            assert exit_of_a(live.now) == "h/f1/out-e"
            note(runtime, "burns", "h/f1/east")
            note(runtime, "reset")  # ends fires, but what is shut is not opened by it
            assert exit_of_a(live.now) == "h/f1/out-e"
            note(runtime, "open", "h/f1/out-w")
            assert exit_of_a(live.now) == "h/f1/out-w"
        finally:
            await runtime.stop()

    asyncio.run(scenario())


def test_commands_that_begin_and_end_are_logged(tmp_path: Path) -> None:
    async def scenario() -> None:
        site = burning()
        voice = detector("voice", "a", "speaker")
        runtime = Runtime(site.replace(devices=(*site.devices, voice)), tmp_path, "mqtt://127.0.0.1:1")
        await runtime.start()
        try:
            live = runtime.evacuation.live
            note(runtime, "burns", "h/f1/c")
            live.look()
            live.propose()
            note(runtime, "open", "h/f1/c")
            live.look()
            assert [(line.proposal.device, line.is_over) for line in live.log] == [("voice", True), ("voice", False)]
            assert live.propose() == ()
        finally:
            await runtime.stop()

    asyncio.run(scenario())


def test_what_people_said_outlives_a_restart_and_is_in_the_journal(tmp_path: Path) -> None:
    async def scenario() -> None:
        for turn in range(2):
            runtime = Runtime(burning(), tmp_path, "mqtt://127.0.0.1:1")
            await runtime.start()
            try:
                if turn == 0:
                    note(runtime, "shut", "h/f1/out-w")
                    note(runtime, "burns", "h/f1/east")
                    note(runtime, "open", "h/f1/east")
                assert {h.id for h in runtime.evacuation.live.now.hazards.found} == {"h/f1/out-w"}
                told = [(e.type, e.actor, e.object) for e in runtime.operations.journal.newest(limit=9)]
                assert ("evacuation_shut", "wang", "h/f1/out-w") in told
            finally:
                await runtime.stop()

    asyncio.run(scenario())


def test_a_detector_that_went_back_by_itself_is_latched_after_a_restart_too(tmp_path: Path) -> None:
    async def scenario() -> None:
        for turn in range(2):
            runtime = Runtime(burning(), tmp_path, "mqtt://127.0.0.1:1")
            await runtime.start()
            try:
                live = runtime.evacuation.live
                if turn == 0:
                    row = runtime.index.row("smoke-west:state")
                    for value in (1.0, 0.0):
                        now_s = time.time()
                        told = np.array([row], np.int32), np.array([now_s]), np.array([value]), np.zeros(1, np.uint8)
                        runtime.state.apply(Readings(*told))
                        runtime.evacuation.look()
                assert [(h.id, h.standing) for h in live.now.hazards.found] == [("smoke-west", "latched")]
                if turn == 1:
                    live.reset("smoke-west", say=partial(note, runtime, "reset", "smoke-west"))
            finally:
                await runtime.stop()
        runtime = Runtime(burning(), tmp_path, "mqtt://127.0.0.1:1")
        await runtime.start()
        try:
            assert runtime.evacuation.live.now.hazards.found == ()
        finally:
            await runtime.stop()

    asyncio.run(scenario())
