"""Every sort of bad input has the outcome that docs/bindings.md tells, and no message crashes anything."""

import json
import random
from collections.abc import Callable

import numpy as np
import pytest

from live_bindings.bindings import Bindings, Decoded
from live_bindings.problems import Reason
from tests.live_bindings.small_estate import small_index
from twin.state import Quality, Readings, State

NOW_S = 1_800_000_000.0
INDEX = small_index()
SINGLE, BATCH = "estate/g1/p-0/pressure", "estate/g1/batch"
MESSAGES = 100_000
SEEDS: tuple[tuple[str, bytes], ...] = (
    (SINGLE, b'{"t": 1800000000, "v": 200000.0, "s": 4, "q": 0}'),
    (SINGLE, b'{"t": "2027-01-15T08:00:00+00:00", "v": "2e5"}'),
    (BATCH, b'{"t": 1799999999, "r": [["p-0", "pressure", 3e5], ["p-1", "pressure", 4e5, 1799999940, 812, "good"]]}'),
    (
        "lora/app/up",
        b'{"end_device": {"id": "air-1"}, "at": 1800000000000, "counter": 9, "data": [{"temp": 50, "rh": 5}]}',
    ),
    ("valves/v-1", b"open"),
)


def outcome(topic: str, payload: bytes) -> tuple[list[int], list[Reason]]:
    """Qualities of what is stored, and what was counted."""
    decoded = Decoded()
    Bindings(INDEX).decode(topic, payload, arrived_s=NOW_S, into=decoded)
    return decoded.quality, [rejection.reason for rejection in decoded.rejections]


def single(**fields: object) -> bytes:
    return json.dumps({"v": 2e5} | fields).encode()


@pytest.mark.parametrize(("payload", "stored", "counted"), [
    pytest.param(single(t=NOW_S - 7200), [Quality.GOOD], [], id="two-hours-late"),
    pytest.param(single(t=NOW_S + 3600), [Quality.UNCERTAIN], [Reason.FUTURE_TIME], id="an-hour-ahead"),
    pytest.param(single(t=12), [Quality.UNCERTAIN], [Reason.CLOCK_UNSET], id="clock-never-set"),
    pytest.param(single(v=3e9), [Quality.BAD], [Reason.OUT_OF_RANGE], id="out-of-range"),
    pytest.param(b'{"v": NaN}', [], [Reason.MALFORMED], id="nan-is-no-json"),
    pytest.param(single(v="nan"), [], [Reason.NON_FINITE], id="nan-as-a-word"),
    pytest.param(single(v="-inf"), [], [Reason.NON_FINITE], id="infinite"),
    pytest.param(b'{"v": 1e999}', [], [Reason.MALFORMED, Reason.NON_FINITE], id="beyond-floats"),
    pytest.param(single(v="two bar"), [], [Reason.NOT_A_NUMBER], id="wrong-word"),
    pytest.param(single(v=[2]), [], [Reason.MALFORMED], id="wrong-type"),
    pytest.param(single(v=None), [], [Reason.MISSING_VALUE], id="no-value"),
    pytest.param(single(t="yesterday"), [], [Reason.BAD_TIME], id="no-time"),
    pytest.param(b'{"v": "\xff\xfe"}', [], [Reason.MALFORMED], id="invalid-utf-8"),
    pytest.param(b"[" * 1000 + b"]" * 1000, [], [Reason.MALFORMED], id="a-thousand-levels"),
    pytest.param(b'{"v": 1}' + b" " * (1 << 20), [], [Reason.TOO_LARGE], id="more-than-a-megabyte"),
    pytest.param(b"", [], [Reason.MALFORMED], id="empty"),
])  # fmt: skip
def test_bad_input_has_the_outcome_that_is_documented(
    payload: bytes, stored: list[Quality], counted: list[Reason]
) -> None:
    qualities, reasons = outcome(SINGLE, payload)
    assert qualities == stored
    # where decoders may tell either, it is counted once
    assert len(reasons) == min(len(counted), 1)
    assert set(reasons) <= set(counted)


@pytest.mark.parametrize(
    "topic", ["estate/g1/p-0/pres\x00sure", "estate/\x1b[31m/p-0", "estate/g1/p-0/压力", "a" * 5000]
)
def test_topics_nobody_bound_are_counted_whatever_is_in_them(topic: str) -> None:
    qualities, reasons = outcome(topic, single())
    assert qualities == []
    assert set(reasons) <= {Reason.UNKNOWN_TOPIC, Reason.UNKNOWN_CHANNEL, Reason.UNKNOWN_DEVICE}
    assert len(reasons) == 1


def test_late_and_doubled_readings_never_replace_a_newer_value() -> None:
    state, row = State(INDEX.intervals_s), INDEX.rows["p-0:pressure"]
    for time_s, value in ((NOW_S, 5.0), (NOW_S - 7200, 1.0), (NOW_S, 5.0), (NOW_S - 1, 2.0)):
        one = np.array([row], np.int32), np.array([time_s]), np.array([value]), np.zeros(1, np.uint8)
        state.apply(Readings(*one))
    now = state.snapshot(NOW_S)
    assert (now.values[row], now.times_s[row]) == (5.0, NOW_S)


Mutation = Callable[[random.Random, bytes], bytes]


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _flip(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) or 1)
    return data[:at] + bytes([(data[at] ^ (1 << rng.randrange(8))) if data else 0]) + data[at + 1 :]


def _insert(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    odd = rng.choice([b"null", b"-", b"1e400", b"[[[[", b'"', b"\xff", b"\x00", b"{}", b",", b"99999999999999999999"])
    return data[:at] + odd + data[at:]


def _repeat(rng: random.Random, data: bytes) -> bytes:
    a, b = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    return data[:b] + data[a:b] * rng.randrange(4) + data[b:]


MUTATIONS: tuple[Mutation, ...] = (_cut, _flip, _insert, _repeat)


def test_a_hundred_thousand_mutated_messages_end_in_readings_or_reasons() -> None:
    rng, bindings, decoded = random.Random(20), Bindings(INDEX), Decoded()
    unheard = 0
    for _ in range(MESSAGES):
        topic, payload = rng.choice(SEEDS)
        for _ in range(rng.randrange(1, 5)):
            payload = rng.choice(MUTATIONS)(rng, payload)
        if rng.random() < 0.05:
            topic = _flip(rng, topic.encode()).decode("utf-8", "replace")
        before = len(decoded), len(decoded.rejections)
        bindings.decode(topic, payload, arrived_s=NOW_S, into=decoded)
        if (len(decoded), len(decoded.rejections)) == before:
            unheard += 1  # an empty batch says nothing, and is nothing
            assert b"r" in payload
    readings = decoded.readings()
    assert np.isfinite(readings.values).all()
    assert np.isfinite(readings.times_s).all()
    assert ((readings.rows >= 0) & (readings.rows < len(INDEX.channels))).all()
    assert set(np.unique(readings.quality).tolist()) <= {int(q) for q in Quality}
    assert (readings.times_s <= NOW_S + 300).all()
    # some of everything came by, else nothing was tried
    assert len(readings.rows) > MESSAGES / 20
    assert len({rejection.reason for rejection in decoded.rejections}) >= 8
    assert unheard < MESSAGES / 100
