"""The simulated estate as a whole: everything speaks, in words the bindings understand, and obeys commands."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import numpy as np
import pytest

from live_bindings.bindings import Bindings, Decoded
from sample_sites.simulator.models import all_models
from sample_sites.simulator.run import Simulation
from tests.sample_sites.simulator.small_site import small_index
from twin.index import SiteIndex
from twin.state import Quality

START_S = 1_763_800_000.0


@pytest.fixture(scope="module")
def index() -> SiteIndex:
    return small_index()


Make = Callable[..., Simulation]


@pytest.fixture
def simulation(index: SiteIndex) -> Iterator[Make]:
    with ExitStack() as stack:

        def make(*, speed: float = 1.0, seed: int = 1) -> Simulation:
            return stack.enter_context(Simulation(index, all_models, start_s=START_S, seed=seed, speed=speed))

        yield make


def test_every_channel_has_a_true_value_after_a_minute(index: SiteIndex, simulation: Make) -> None:
    sim = simulation()
    for second in range(1, 61):
        sim.tick(START_S + second)
    network = index.site.networks[0]
    tied = {t.device for t in network.nodes.values()} | {t.device for t in network.links.values()}
    hydraulic = {"water", "fire"}
    silent = [
        c.id
        for c in index.channels
        if np.isnan(sim.world.truth[c.row]) and (c.kind.system not in hydraulic or c.device.id in tied)
    ]
    assert silent == []


def test_every_message_is_understood_by_the_bindings(index: SiteIndex, simulation: Make) -> None:
    sim, bindings, decoded = simulation(), Bindings(index), Decoded()
    for second in range(1, 31):
        for message in sim.tick(START_S + second):
            bindings.decode(message.topic, message.payload, arrived_s=START_S + second, into=decoded)
    assert decoded.rejections == []
    readings = decoded.readings()
    spoken = set(readings.rows.tolist())
    expected = {c.row for c in index.channels if not np.isnan(sim.world.truth[c.row])}
    assert spoken == expected
    assert set(readings.quality.tolist()) == {int(Quality.GOOD)}


def test_foreign_devices_are_read_back_in_si(index: SiteIndex, simulation: Make) -> None:
    sim, bindings = simulation(), Bindings(index)
    sent = [m for second in range(1, 20) for m in sim.tick(START_S + second)]
    power = [m for m in sent if m.topic == "meters/flat-1/power"]
    assert power
    decoded = Decoded()
    bindings.decode(power[-1].topic, power[-1].payload, arrived_s=START_S + 20, into=decoded)
    row = index.row("electricity-meter-flat-1:power")
    assert decoded.readings().rows.tolist() == [row]
    told_w = json.loads(power[-1].payload)["data"]["kw"] * 1000
    assert decoded.readings().values[0] == pytest.approx(told_w)
    assert any(m.topic == "wifi/ap-1/clients" for m in sent)


def test_same_seed_tells_the_same_story(simulation: Make) -> None:
    first, second = simulation(seed=7), simulation(seed=7)
    for k in range(1, 20):
        assert first.tick(START_S + k) == second.tick(START_S + k)


def test_a_faster_clock_advances_meters_faster(simulation: Make) -> None:
    slow, fast = simulation(), simulation(speed=60.0)
    used = []
    for sim in (slow, fast):
        sim.tick(START_S + 1)
        before = sim.world.get("electricity-meter-building-1", "energy")
        sim.tick(START_S + 61)
        used.append(sim.world.get("electricity-meter-building-1", "energy") - before)
    assert used[1] > 30 * used[0] > 0


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"not json", "JSON"),
        (b'{"action": "explode"}', "no action"),
        (b'{"action": "start", "incident": "meteor"}', "no incident 'meteor'"),
        (b'{"action": "start", "incident": "lift_stuck", "target": "lift-99"}', "no target"),
        (b'{"action": "stop", "incident": "fire"}', "no fire is running"),
        (b'{"action": "speed", "speed": 0}', "not between"),
        (b"\xff\xfe", "malformed"),
    ],
)
def test_bad_command_is_refused_with_a_reason(simulation: Make, payload: bytes, reason: str) -> None:
    sim = simulation()
    assert not sim.command(payload)
    told = json.loads(sim.status().payload)["last_command"]
    assert told["done"] is False
    assert reason.lower() in told["reason"].lower()


def test_a_channel_that_can_be_written_does_as_it_is_told_and_says_so(index: SiteIndex, simulation: Make) -> None:
    sim, bindings, decoded = simulation(), Bindings(index), Decoded()
    row = next(c for c in index.channels if c.channel.writable)
    sim.tick(START_S + 1)
    other = 1.0 - float(sim.world.truth[row.row])
    topic = f"{index.site.id}/gateway/{row.device.id}/{row.channel.id}/set"
    assert sim.write(topic, json.dumps({"t": START_S, "v": other}).encode())
    assert sim.world.truth[row.row] == other
    for second in range(2, 6):
        for message in sim.tick(START_S + second):
            bindings.decode(message.topic, message.payload, arrived_s=START_S + second, into=decoded)
    assert other in [value for at, value in zip(decoded.rows, decoded.values, strict=True) if at == row.row]


@pytest.mark.parametrize("payload", [b"on", b'{"v": "on"}', b"{}", b"\xff"])
def test_what_is_no_value_is_written_nowhere(index: SiteIndex, simulation: Make, payload: bytes) -> None:
    row = next(c for c in index.channels if c.channel.writable)
    assert not simulation().write(f"s/g/{row.device.id}/{row.channel.id}/set", payload)


def test_what_cannot_be_written_stays_as_it_is(index: SiteIndex, simulation: Make) -> None:
    fixed = next(c for c in index.channels if not c.channel.writable)
    for topic in (f"s/g/{fixed.device.id}/{fixed.channel.id}/set", "s/g/nobody/state/set"):
        assert not simulation().write(topic, b'{"v": 1}')


def test_lift_with_someone_in_it_stands_still_and_says_so(simulation: Make) -> None:
    sim = simulation()
    sim.tick(START_S + 1)
    assert sim.command(b'{"action": "start", "incident": "lift_stuck", "target": "lift-1"}')
    sim.tick(START_S + 2)
    storey = sim.world.get("lift-1", "storey")
    for k in range(3, 120):
        sim.tick(START_S + k)
    assert sim.world.get("lift-1", "state") == 1.0
    assert sim.world.get("lift-1", "storey") == storey
    assert sim.world.get("lift-1", "people") >= 1
    assert sim.command(b'{"action": "stop", "incident": "lift_stuck", "target": "lift-1"}')
    sim.tick(START_S + 121)
    assert sim.world.get("lift-1", "state") == 0.0


def test_incident_is_sent_at_once_not_at_the_next_interval(simulation: Make) -> None:
    sim = simulation()
    for k in range(1, 20):
        sim.tick(START_S + k)
    assert sim.command(b'{"action": "start", "incident": "camera_dies", "target": "camera-dome-1"}')
    (batch,) = [m for m in sim.tick(START_S + 20) if m.topic == "small/gw-1/batch"]
    told = {(r[0], r[1]): r[2] for r in json.loads(batch.payload)["r"]}
    assert told["camera-dome-1", "status"] == 0


def test_fire_is_noticed_at_once_by_the_first_detector_and_by_no_other_yet(index: SiteIndex, simulation: Make) -> None:
    sim = simulation()
    for k in range(1, 20):
        sim.tick(START_S + k)
    detectors = [d.id for d in index.site.devices if d.kind in {"smoke-detector", "heat-detector"}]
    assert sim.command(b'{"action": "start", "incident": "fire", "target": "tower-1/f2"}')
    sim.tick(START_S + 20)
    first = [d for d in detectors if sim.world.get(d, "state") == 1.0]
    assert 1 <= len(first) < len(detectors)
    for k in range(21, 400):
        sim.tick(START_S + k)
    later = [d for d in detectors if sim.world.get(d, "state") == 1.0]
    assert set(first) <= set(later)


def test_status_names_what_can_be_started_and_what_is_going_on(simulation: Make) -> None:
    sim = simulation()
    sim.command(b'{"action": "start", "incident": "bin_full"}')
    status = json.loads(sim.status().payload)
    assert status["incidents"][0]["kind"] == "bin_full"
    kinds = {entry["kind"]: entry for entry in status["catalog"]}
    assert {"fire", "burst", "riser_leak", "flat_leak", "camera_dies", "lift_stuck", "taps_shut", "pump_fails"} <= set(
        kinds
    )
    assert all(entry["examples"] for entry in kinds.values())
