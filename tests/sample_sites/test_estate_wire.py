"""The sample's bindings: what its gateways send is read back, channel by channel."""

from functools import cache

import pytest

from live_bindings.bindings import Bindings, Decoded
from sample_sites.generator import EstatePlan, generate
from sample_sites.simulator.wire import Message, Sent, Wire
from twin.index import SiteIndex, build

NOW_S = 1_763_800_000.0


@cache
def index() -> SiteIndex:
    return build(generate(EstatePlan(towers=2, storeys=11)))


def readings() -> list[Sent]:
    out = []
    for channel in index().channels:
        low, high = channel.channel.range or (0.0, 1.0)
        value = 1.0 if channel.channel.states else round(low + 0.3 * (high - low), 6)
        out.append(Sent(channel.row, NOW_S, value, 5))
    return out


def messages() -> list[Message]:
    return Wire(index()).messages(readings(), NOW_S)


def test_every_channel_can_be_sent_and_is_read_back() -> None:
    bindings, decoded = Bindings(index()), Decoded()
    for message in messages():
        bindings.decode(message.topic, message.payload, arrived_s=NOW_S, into=decoded)
    assert decoded.rejections == []
    assert dict(zip(decoded.rows, decoded.values, strict=True)) == {
        s.row: pytest.approx(s.value, rel=1e-5, abs=1e-9) for s in readings()
    }
    assert set(decoded.quality) == {0}


@pytest.mark.parametrize("system", ["ems/", "lorawan/", "wlan/"])
def test_foreign_systems_speak_in_their_own_topics(system: str) -> None:
    assert [m.topic for m in messages() if m.topic.startswith(system)]


def test_a_gateway_would_send_fewer_than_300_messages_a_second() -> None:
    per_s = sum(1.0 / i for i in build(generate(EstatePlan())).intervals_s.tolist())
    assert 5.0 < per_s < 300.0  # 50 readings in 10 s at least
