"""From messages to readings."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_bindings.bindings import Bindings, Decoded
from live_bindings.payloads import MAX_PAYLOAD_BYTES
from live_bindings.problems import MAX_PROBLEMS, Problems, Reason
from tests.live_bindings.small_estate import small_index
from twin.state import Quality

NOW_S = 1_800_000_000.0
INDEX = small_index()
PRESSURE = INDEX.rows["p-0:pressure"]


def decode(topic: str, payload: object) -> Decoded:
    decoded = Decoded()
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    Bindings(INDEX).decode(topic, data, arrived_s=NOW_S, into=decoded)
    return decoded


def reasons(decoded: Decoded) -> list[Reason]:
    return [r.reason for r in decoded.rejections]


def test_a_batch_gives_its_readings_with_their_own_time_and_sequence() -> None:
    sent = {"t": NOW_S - 1, "r": [["p-0", "pressure", 3e5], ["p-1", "pressure", 4e5, NOW_S - 60, 812]]}
    decoded = decode("estate/g1/batch", sent)
    assert decoded.rows == [PRESSURE, INDEX.rows["p-1:pressure"]]
    assert decoded.times_s == [NOW_S - 1, NOW_S - 60]
    assert decoded.sequences == [0, 812]
    assert decoded.quality == [Quality.GOOD, Quality.GOOD]
    assert decoded.rejections == []


def test_one_bad_reading_does_not_cost_the_others_of_its_batch() -> None:
    sent = {
        "r": [
            ["p-0", "pressure", 3e5],
            ["p-1"],
            7,
            ["no", "pressure", 1],
            ["p-1", "flow", 1],
            ["p-2", "pressure", None],
        ]
    }
    decoded = decode("estate/g1/batch", sent)
    assert decoded.rows == [PRESSURE]
    assert reasons(decoded) == [
        Reason.MALFORMED, Reason.MALFORMED, Reason.UNKNOWN_DEVICE, Reason.UNKNOWN_CHANNEL, Reason.MISSING_VALUE,
    ]  # fmt: skip


def test_a_single_reading_takes_device_and_channel_from_its_topic() -> None:
    decoded = decode("estate/g1/p-0/pressure", {"t": "2027-01-15T08:00:00Z", "v": 2e5, "s": 4, "q": "bad"})
    assert (decoded.rows, decoded.times_s, decoded.values) == ([PRESSURE], [NOW_S], [2e5])
    assert (decoded.sequences, decoded.quality) == ([4], [Quality.BAD])


def test_one_foreign_payload_can_be_bound_several_times() -> None:
    sent = {"end_device": {"id": "air-1"}, "at": NOW_S * 1000, "counter": 9, "data": [{"temp": 50.0, "rh": 55}]}
    decoded = decode("lora/app/up", sent)
    assert decoded.rows == [INDEX.rows["air-1:temperature"], INDEX.rows["air-1:humidity"]]
    assert decoded.values == pytest.approx([10.0, 0.55])
    assert decoded.times_s == [NOW_S, NOW_S]
    assert decoded.sequences == [9, 0]


def test_a_value_absent_from_one_message_is_no_fault_if_another_is_there() -> None:
    sent = {"end_device": {"id": "air-1"}, "at": NOW_S, "counter": 1, "data": [{"rh": 55}]}
    decoded = decode("lora/app/up", sent)
    assert decoded.rows == [INDEX.rows["air-1:humidity"]]
    assert decoded.rejections == []
    sent["data"] = []
    assert reasons(decode("lora/app/up", sent)) == [Reason.MISSING_VALUE, Reason.MISSING_VALUE]


@pytest.mark.parametrize(("payload", "value"), [(b"open", 1.0), (b" shut\n", 0.0), (b"1", 1.0)])
def test_a_plain_payload_is_a_number_or_a_word(payload: bytes, value: float) -> None:
    decoded = decode("valves/v-1", payload)
    assert (decoded.values, decoded.times_s) == ([value], [NOW_S])


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"ajar", Reason.NOT_A_NUMBER),
        (b"", Reason.NOT_A_NUMBER),
        (b"nan", Reason.NON_FINITE),
        (b"-inf", Reason.NON_FINITE),
        (b"1e999", Reason.NON_FINITE),
        (b"1_000", Reason.NOT_A_NUMBER),
        (b"\xff\xfe", Reason.MALFORMED),
    ],
)
def test_a_plain_payload_that_is_neither_is_rejected(payload: bytes, reason: Reason) -> None:
    decoded = decode("valves/v-1", payload)
    assert (reasons(decoded), len(decoded)) == ([reason], 0)


def test_a_value_out_of_range_is_kept_as_bad_and_counted() -> None:
    decoded = decode("estate/g/p-0/pressure", {"v": -5.0})
    assert (decoded.values, decoded.quality, reasons(decoded)) == ([-5.0], [Quality.BAD], [Reason.OUT_OF_RANGE])


@pytest.mark.parametrize(
    ("sent", "reason"), [(NOW_S + 301, Reason.FUTURE_TIME), (12.0, Reason.CLOCK_UNSET), (-1e16, Reason.CLOCK_UNSET)]
)
def test_a_clock_that_is_wrong_makes_the_reading_uncertain_at_its_arrival(sent: float, reason: Reason) -> None:
    decoded = decode("estate/g/p-0/pressure", {"v": 1e5, "t": sent})
    assert (decoded.times_s, decoded.quality, reasons(decoded)) == ([NOW_S], [Quality.UNCERTAIN], [reason])


def test_a_clock_five_minutes_ahead_is_believed() -> None:
    decoded = decode("estate/g/p-0/pressure", {"v": 1e5, "t": NOW_S + 300})
    assert (decoded.times_s, decoded.quality, reasons(decoded)) == ([NOW_S + 300], [Quality.GOOD], [])


@pytest.mark.parametrize("sent", ["yesterday", 1e300, "9" * 400, "2026-13-01"])
def test_a_time_nobody_can_read_is_rejected(sent: object) -> None:
    assert reasons(decode("estate/g/p-0/pressure", {"v": 1e5, "t": sent})) == [Reason.BAD_TIME]


def test_a_time_without_offset_is_the_sites() -> None:
    decoded = decode("estate/g/p-0/pressure", {"v": 1e5, "t": "2027-01-15 16:00:00"})  # Asia/Shanghai
    assert decoded.times_s == [NOW_S]


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("estate/g1/p-9/pressure", Reason.UNKNOWN_DEVICE),
        ("estate/g1/p-0/flow", Reason.UNKNOWN_CHANNEL),
        ("estate/g1", Reason.UNKNOWN_TOPIC),
        ("elsewhere/x", Reason.UNKNOWN_TOPIC),
    ],
)
def test_what_the_site_does_not_know_is_listed_with_its_reason(topic: str, reason: Reason) -> None:
    assert reasons(decode(topic, {"v": 1})) == [reason]


def test_a_payload_beyond_all_measure_is_not_looked_at() -> None:
    assert reasons(decode("estate/g/batch", b"[" * (MAX_PAYLOAD_BYTES + 1))) == [Reason.TOO_LARGE]


def test_deep_json_is_malformed_and_no_crash() -> None:
    assert reasons(decode("lora/app/up", b"[" * 200_000)) == [Reason.MALFORMED, Reason.MALFORMED]


def test_commands_and_the_simulators_talk_are_no_telemetry() -> None:
    bindings = Bindings(INDEX)
    assert not bindings.is_telemetry("estate/commands/v-1/state")
    assert not bindings.is_telemetry("estate/simulator/status")
    assert bindings.is_telemetry("estate/g1/v-1/state")
    assert bindings.filters == ("estate/#", "lora/+/up", "valves/+")


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(
    scalars, lambda c: st.lists(c, max_size=4) | st.dictionaries(st.text(max_size=5), c, max_size=4)
)
samples = st.lists(st.one_of(st.sampled_from(["p-0", "air-1", "pressure", "temperature"]), anything), max_size=7)
messages = st.one_of(
    st.binary(max_size=200),
    anything.map(lambda d: json.dumps(d).encode()),
    st.fixed_dictionaries({"t": anything, "r": st.lists(samples, max_size=5)}).map(lambda d: json.dumps(d).encode()),
    st.fixed_dictionaries({"t": anything, "v": anything, "s": anything, "q": anything}).map(
        lambda d: json.dumps(d).encode()
    ),
)
topics = st.sampled_from(
    ["estate/g/batch", "estate/g/p-0/pressure", "lora/a/up", "valves/v-1", "estate/x", "estate/g/air-1/temperature"]
) | st.text(max_size=30)


@settings(max_examples=400)
@given(topics, messages)
def test_any_message_gives_readings_or_reasons_and_never_raises(topic: str, payload: bytes) -> None:
    decoded = decode(topic, payload)
    readings = decoded.readings()
    assert len(readings) == len(decoded.sequences) == len(decoded.quality)
    assert (abs(readings.values) < float("inf")).all()
    assert (readings.times_s <= NOW_S + 300).all()
    if topic == "estate/g/p-0/pressure":
        assert len(decoded) + len(decoded.rejections) >= 1


def test_problems_are_bounded_and_their_counts_are_not() -> None:
    problems = Problems()
    for i in range(MAX_PROBLEMS + 100):
        problems.add(Reason.UNKNOWN_TOPIC, f"x/{i}", b"\xff" * 500, now_s=float(i))
    problems.add(Reason.UNKNOWN_TOPIC, "x/599", b"", now_s=1000.0)
    items = problems.items()
    assert len(items) == MAX_PROBLEMS
    assert (items[0].topic, items[0].count, items[0].last_s) == ("x/599", 2, 1000.0)
    assert len(items[0].example) == 200
    assert problems.unknown_topic == MAX_PROBLEMS + 101
    assert problems.rejected == 0
