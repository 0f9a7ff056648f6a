"""Where values are written so that gateways pass them on."""

import pytest
from pydantic import ValidationError

from live_bindings.command_topics import command_topic
from tests.twin.evacuation.burning_house import burning_site, detector
from twin.errors import UnknownIdError
from twin.index import SiteIndex, build
from twin.model.rules import Binding


def index_of(*commands: str | None) -> SiteIndex:
    bindings = tuple(Binding(id=f"b{k}", topic=f"s/{k}/batch", payload="batch", command=c) for k, c in
                     enumerate(commands))  # fmt: skip
    voice = detector("voice", "a", "speaker")
    below = detector("below", "a", "speaker").replace(parent="voice")
    return build(burning_site(voice, below, detector("one", "a")).replace(bindings=bindings))


@pytest.mark.parametrize(
    ("commands", "device", "expected"),
    [
        (("s/{device}/{channel}/set",), "voice", "s/voice/playing/set"),
        (("s/{parent}/{device}/{channel}/set",), "below", "s/voice/below/playing/set"),
        (("s/{parent}/{device}/{channel}/set",), "voice", None),  # it hangs on nothing
        (("s/{parent}/{device}/{channel}/set", "x/{device}/{channel}"), "voice", "x/voice/playing"),
        ((None,), "voice", None),
        ((), "voice", None),
    ],
)
def test_the_first_binding_that_can_be_filled_says_where(
    commands: tuple[str | None, ...], device: str, expected: str | None
) -> None:
    assert command_topic(index_of(*commands), device, "playing") == expected


def test_what_is_not_writable_is_written_nowhere() -> None:
    index = index_of("s/{device}/{channel}/set")
    assert command_topic(index, "one", "state") is None
    assert command_topic(index, "voice", "volume") is None
    with pytest.raises(UnknownIdError, match="voice"):
        command_topic(index, "voicee", "playing")


@pytest.mark.parametrize("command", ["s/set", "s/{device}", "s/{device}/{channel}/{gateway}", "s/+/{device}/{channel}"])
def test_a_topic_that_cannot_be_is_refused(command: str) -> None:
    with pytest.raises(ValidationError, match="command of binding b"):
        Binding(id="b", topic="s/batch", payload="batch", command=command)
